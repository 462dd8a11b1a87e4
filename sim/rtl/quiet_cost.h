// What a node costs to simulate while all its threads sleep.
#pragma once

#include <cstdint>

namespace tatami::rtl {

/// Cycles a second of a node that is quiet.
struct QuietSpeed {
  double skipped = 0;    ///< as runs step it
  double evaluated = 0;  ///< if it were evaluated all the same
};

/// Times `cycles` cycles of either kind on the model linked into this program.
QuietSpeed measure_quiet(std::uint64_t cycles);

}  // namespace tatami::rtl
