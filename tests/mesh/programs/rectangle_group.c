// A kernel that describes a rectangle of nodes by itself: barriers that nobody leaves too early, and an all-reduce
// whose sums are exact. Exit codes: 2 refused, 3 accepted what it should not, 4 a node left a barrier early, 5 a wrong
// sum.
#include "tatami/collectives.h"

#define ROUNDS 6
static struct tatami_group group;
static uint64_t nodes[64];
static uint32_t order[64];
static volatile uint64_t stage[8] __attribute__((aligned(64)));  // barriers that this node has entered
static uint64_t seen[8] __attribute__((aligned(64)));
static float data[16 * 40] __attribute__((aligned(64)));
static struct tatami_phase phases[64];
static uint8_t work[8 * 40 * 64] __attribute__((aligned(64)));

int main(int thread_, int nthreads) {
  const uint64_t thread = (uint64_t)thread_;
  const uint64_t width = csr_read(TATAMI_CSR_DFABW) - 1, height = csr_read(TATAMI_CSR_DFABH) - 1;
  // All nodes but the first column and the last row.
  if (csr_read(TATAMI_CSR_DNODEX) < 1 || csr_read(TATAMI_CSR_DNODEY) >= height) {
    if (thread == 0 && tatami_group_rectangle(&group, nodes, order, 1, 0, width, height) == 0) return 3;
    return 0;
  }
  if (thread == 0) {
    if (tatami_group_rectangle(&group, nodes, order, 1, 0, width + 1, height) == 0) return 3;
    if (tatami_group_rectangle(&group, nodes, order, 1, 0, width, height) != 0) return 2;
    tatami_group_phases(&group, phases);
  }
  tatami_barrier(4);

  for (uint64_t round = 1; round <= ROUNDS; ++round) {
    // Some are late.
    if (thread == 0) {
      for (uint64_t i = (group.rank * 37 + round * 11) % 64 * 4; i != 0; --i) __asm__ volatile("nop");
      stage[0] = round;
    }
    tatami_group_barrier(&group, thread);
    if (thread == 0) {
      for (uint32_t i = 0; i < group.count; ++i) {
        dn_pull(nodes[i] | (uint64_t)stage, (uint64_t)seen, 0, 0);
        tatami_fence();
        if (*(volatile uint64_t*)seen < round) return 4;
      }
    }
  }

  // Small integers: sums are exact, in any order.
  for (uint64_t i = thread; i < 16 * 40; i += 4) data[i] = (float)(int)(group.rank * 3 + i);
  for (int algorithm = TATAMI_ALL_REDUCE_DIRECT; algorithm <= TATAMI_ALL_REDUCE_MOVER; ++algorithm) {
    if (tatami_all_reduce(&group, thread, data, 40, work, sizeof work, (enum tatami_all_reduce_algorithm)algorithm) !=
        0)
      return 2;
  }
  const int n = (int)group.count;
  for (uint64_t i = thread; i < 16 * 40; i += 4) {
    if (data[i] != (float)(n * n * (3 * n * (n - 1) / 2 + n * (int)i))) return 5;
  }
  if (tatami_all_reduce(&group, thread, data, 40, work, 64 * (group.count - 2), TATAMI_ALL_REDUCE_DIRECT) == 0)
    return 3;
  return 0;
}
