// Gather and scatter of 4-byte elements by an array of element numbers: arguments in tatami/vector_args.h.
#include "vector.h"

typedef struct tatami_gather_args Args;

enum { S4 = 0 };

int main(int thread, int nthreads) {
  const Args* const args = TATAMI_ARGS(Args);
  if (args->operation > TATAMI_SCATTER) return TATAMI_KERNEL_BAD_OPERATION;
  const uint64_t n = args->n;
  const struct share mine = share_of((n + LANES - 1) / LANES, thread, nthreads);
  const int scatter = args->operation == TATAMI_SCATTER;
  const uint8_t* x = (const uint8_t*)args->x + (scatter ? mine.begin * 64 : 0);
  uint8_t* z = (uint8_t*)args->z + (scatter ? 0 : mine.begin * 64);
  const uint8_t* index = (const uint8_t*)args->index + mine.begin * 64;
  dv_begin();
  for (uint64_t group = mine.begin; group < mine.end; ++group) {
    const uint64_t count = min_u64(n - group * LANES, LANES);
    tatami_set_limits(count, count * 4);
    dv_ldp(1, index, 64, 1);
    dv_slli(1, 1, 2);
    if (scatter) {
      dv_ldp(0, x, 64, 1);
      dv_stx(0, z, 1, S4, 0, 1);
    } else {
      dv_ldx(0, x, 1, S4, 0, 1);
      dv_stp(0, z, 64, 1);
    }
  }
  dv_end();
  return TATAMI_KERNEL_OK;
}
