// Push and counter: the nodes of each row pass blocks round, and every node ends with the row's sum.
//
//   scripts/tatami cc sw/apps/example/ring.c -o ring.elf && scripts/tatami run ring.elf --nodes 4x2
//
// Each node begins with one block of 16 numbers. In every step it pushes the block that it holds to its eastern
// neighbour (the last to the first), sleeps until one has come from the west, and adds that to its sum. After one step
// less than the row has nodes, every block has been everywhere.
#include "tatami.h"

enum { ARRIVED = 0 };  // the arrival counter of this program

#define MOST_NODES 256
static float own[16] __attribute__((aligned(64)));  // pushes move at most one 64-byte block
static float sum[16] __attribute__((aligned(64)));
static float came[MOST_NODES][16] __attribute__((aligned(64)));  // a place for each step: nothing is overwritten

int main(int thread, int nthreads) {
  if (thread != 0) return 0;  // one thread is enough here; the others end at once
  const uint64_t x = csr_read(TATAMI_CSR_DNODEX), y = csr_read(TATAMI_CSR_DNODEY);
  const uint64_t width = csr_read(TATAMI_CSR_DFABW);
  const uint64_t east = x + 1 < width ? x + 1 : 0;

  // Small integers, so that the sum is exact in any order.
  for (int i = 0; i < 16; ++i) own[i] = sum[i] = (float)(int)(16 * x + (uint64_t)i + y);

  // A global address is {y, x, local address}: the same variable in another node.
  const uint64_t neighbour = y << 40 | east << 32;
  // What to send: 64 bytes, then add 1 to counter ARRIVED of the destination.
  const uint64_t control = 64 | ARRIVED << 8 | 1 << 15;
  const uint64_t one = 1;

  const float* held = own;
  for (uint64_t step = 1; step < width; ++step) {
    dv_begin();
    dv_ld(0, held, 0, 0);  // sees what this thread has stored before
    dn_push(0, neighbour | (uint64_t)came[step], control);
    // The data of a push are in memory when its counter moves, and pushes of one node to another arrive in order: when
    // `one` can be taken, came[step] is there. The thread sleeps, it does not look again and again.
    dn_ctr_take(one, ARRIVED);
    held = came[step];
    dv_ld(1, held, 0, 0);
    dv_ld(2, sum, 0, 0);
    dv_fadd(2, 2, 1);
    dv_st(2, sum, 0, 0);
    dv_end();
  }

  for (int i = 0; i < 16; ++i) {
    float expected = 0;
    for (uint64_t node = 0; node < width; ++node) expected += (float)(int)(16 * node + (uint64_t)i + y);
    if (sum[i] != expected) return 1;
  }
  return 0;
}
