// Edge memory (docs/isa.md, section 8.1): every node writes, adds, swaps and reads back at every port of the rim; or
// one node measures how long blocks take; or reads where there is no memory.
#include "tatami.h"

enum { EXCHANGE = 0, MEASURE = 1, TRAP = 2 };

struct args {
  uint32_t mode;
  uint32_t ports;
  uint32_t measuring_x, measuring_y;
  uint64_t blocks;    // MEASURE: how many are pulled
  uint64_t address;   // MEASURE, TRAP: from where
  uint64_t port[56];  // EXCHANGE: 128 bytes a node and, before them, 64 for all
};

static uint64_t buffer[4][16] __attribute__((aligned(64)));
static uint64_t pulled[1024][8] __attribute__((aligned(64)));
uint64_t cycles;

static uint64_t value_of(uint64_t node, uint64_t port, uint64_t i) {
  return (node + 1) * 0x9E3779B97F4A7C15u ^ (port + 1) * 0xC2B2AE3D27D4EB4Fu ^ i * 0x165667B19E3779F9u;
}

static int exchange(const struct args* args, uint64_t me, uint64_t port, uint64_t* mine) {
  const uint64_t shared = args->port[port], own = shared + 64 + 128 * me;
  const uint64_t bytes = 1 + (me * 29 + port * 13) % 64;
  for (uint64_t i = 0; i < 16; ++i) mine[i] = value_of(me, port, i);
  dv_begin();
  dv_ld(1, mine, 0, 0);
  dn_push(1, own, bytes);
  dv_end();
  dn_put_d(own + 64, value_of(me, port, 8), 0, 0);
  dn_put_w(own + 64 + 12, value_of(me, port, 9), 0, 0);
  uint64_t old;
  dn_amoadd_d(old, shared, me + 1);
  uint64_t sum;
  dn_amoadd_d(sum, own + 64 + 16, (uint64_t)7);
  dn_amoadd_d(sum, own + 64 + 16, (uint64_t)8);
  if (sum != 7) return 2;
  uint64_t seen = 15;
  dn_cas_d(seen, own + 64 + 16, value_of(me, port, 10));
  if (seen != 15) return 3;
  dn_cas_d(seen, own + 64 + 16, (uint64_t)1);  // 15 is no more
  if (seen != value_of(me, port, 10)) return 4;
  // The first of all swaps 0 for its number.
  uint64_t first = 0;
  dn_cas_d(first, shared + 8, me + 1);
  for (int i = 0; i < 16; ++i) mine[i] = ~0ull;
  tatami_fence();
  dn_pull(own, mine, 4, 1);
  dn_pull(own + 64, mine + 8, 4, 1);
  tatami_fence();
  const uint8_t* got = (const uint8_t*)mine;
  for (uint64_t i = 0; i < 64; ++i) {
    const uint8_t want = i < bytes ? (uint8_t)(value_of(me, port, i / 8) >> i % 8 * 8) : 0;
    if (got[i] != want) return 5;
  }
  const uint64_t want[8] = {value_of(me, port, 8), value_of(me, port, 9) << 32, value_of(me, port, 10)};
  for (int i = 0; i < 8; ++i) {
    if (mine[8 + i] != want[i]) return 6;
  }
  return 0;
}

// Sixteen at a time, so that four threads ask for nearly one a cycle.
static void pull_blocks(uint64_t from, uint64_t first, uint64_t end) {
#define PULL(j) dn_pull(from + 64 * (i + (j)), pulled[i + (j)], 0, 0)
  for (uint64_t i = first; i < end; i += 16) {
    PULL(0);
    PULL(1);
    PULL(2);
    PULL(3);
    PULL(4);
    PULL(5);
    PULL(6);
    PULL(7);
    PULL(8);
    PULL(9);
    PULL(10);
    PULL(11);
    PULL(12);
    PULL(13);
    PULL(14);
    PULL(15);
  }
}

int main(int thread, int nthreads) {
  const struct args* const args = TATAMI_ARGS(struct args);
  const uint64_t x = csr_read(TATAMI_CSR_DNODEX), y = csr_read(TATAMI_CSR_DNODEY), width = csr_read(TATAMI_CSR_DFABW);
  if (args->mode == EXCHANGE) {
    for (uint64_t port = (uint64_t)thread; port < args->ports; port += (uint64_t)nthreads) {
      const int error = exchange(args, y * width + x, port, buffer[thread]);
      if (error != 0) return error;
    }
    tatami_barrier(nthreads);
    // Two pulls a port raised the node's own counter.
    if (thread == 0) dn_ctr_wait((uint64_t)2 * args->ports, 4);
    return 0;
  }
  if (x != args->measuring_x || y != args->measuring_y) return 0;
  if (args->mode == TRAP) {
    if (thread == 0) dn_pull(args->address, pulled[0], 0, 0);
    return 0;
  }
  // Once to fill the instruction buffers, from the end of the same memory; then for the clock.
  const uint64_t share = args->blocks / (uint64_t)nthreads, begin = share * (uint64_t)thread;
  pull_blocks(args->address + (1 << 20), begin, begin + 16);
  tatami_barrier(nthreads);
  const uint64_t start = tatami_cycles();
  pull_blocks(args->address, begin, begin + share);
  tatami_barrier(nthreads);
  if (thread == 0) cycles = tatami_cycles() - start;
  for (uint64_t i = begin; i < begin + share; ++i) {
    if (pulled[i][0] != i || pulled[i][7] != ~i) return 7;
  }
  return 0;
}
