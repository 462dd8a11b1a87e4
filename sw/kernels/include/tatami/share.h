// How things are divided among nodes. Plain C, shared by kernels and the host.
#ifndef TATAMI_SHARE_H
#define TATAMI_SHARE_H

#include <stdint.h>

/// Share `part` of `parts` of `count` things begins here; share `part` + 1 where it ends.
static inline uint64_t tatami_share(uint64_t count, uint64_t part, uint64_t parts) { return count * part / parts; }

#endif
