// Every node talks to every other: pushes of all lengths with counters, puts, remote atomics, pulls; then one node may
// fail on purpose.
#include "tatami.h"

struct args {
  // 0: all nodes end well; 1: node (failing_x, failing_y) returns 7; 2: it waits for ever; 3: it traps; 4, 5: a thread
  // of it traps when all others have been asleep for long, by a store and for a list of transfers that is wrong
  uint32_t mode;
  uint32_t failing_x, failing_y;
  uint32_t nodes;     // live ones
  uint64_t node[60];  // global addresses: as many as the arguments have room for
};

enum { ARRIVED = 0, ROUND = 1 };

#define MOST 64
static uint64_t pushed[MOST][8] __attribute__((aligned(64)));  // from each node
static uint64_t put[MOST];
static uint64_t pulled[MOST][8] __attribute__((aligned(64)));
static uint64_t mine[8] __attribute__((aligned(64)));
static uint64_t sum, first;

static uint64_t value_of(uint64_t from, uint64_t to, uint64_t i) {
  return (from + 1) * 0x9E3779B97F4A7C15u ^ (to + 1) * 0xC2B2AE3D27D4EB4Fu ^ i;
}
static uint64_t bytes_of(uint64_t from, uint64_t to) { return 1 + (from * 29 + to * 13) % 64; }

static int fail_on_purpose(uint32_t mode) {
  if (mode == 1) return 7;
  if (mode == 2) {
    dn_arm((uint64_t)0, (uint64_t)7, 30, 2);
    dn_ctr_wait((uint64_t)1000, 31);
  }
  if (mode == 3) __asm__ volatile(".word 0xFFFFFFFF");
  if (mode >= 4) {
    for (volatile int i = 0; i < 500; ++i) {
    }
  }
  if (mode == 4) *(volatile uint64_t*)0x1000 = 1;
  if (mode == 5) {
    static const uint64_t bad[4] __attribute__((aligned(32))) = {3};  // there is no kind 3
    dn_list(bad, 1);
    dn_ctr_wait((uint64_t)1000, 31);
  }
  return 99;
}

int main(int thread, int nthreads) {
  const struct args* const args = TATAMI_ARGS(struct args);
  const uint64_t here = csr_read(TATAMI_CSR_DNODEY) << 40 | csr_read(TATAMI_CSR_DNODEX) << 32;
  const uint64_t nodes = args->nodes;
  uint64_t me = 0;
  while (args->node[me] != here) ++me;

  if (thread == 0) {
    // Pushes and puts to all, each with one increment there, and one addition to a word of the first node.
    for (uint64_t to = 0; to < nodes; ++to) {
      uint64_t data[8] __attribute__((aligned(64)));
      for (uint64_t i = 0; i < 8; ++i) data[i] = value_of(me, to, i);
      const uint64_t control = bytes_of(me, to) | ARRIVED << 8 | 1 << 15;
      dv_begin();
      dv_ld(1, data, 0, 0);
      dn_push(1, args->node[to] | (uint64_t)pushed[me], control);
      dv_end();
      dn_put_d(args->node[to] | (uint64_t)&put[me], value_of(to, me, 9), ARRIVED, 1);
    }
    uint64_t old;
    dn_amoadd_d(old, args->node[0] | (uint64_t)&sum, (uint64_t)1 << (me % 60));
    (void)old;
    // Compare and swap: exactly one node finds 0.
    uint64_t expected = 0;
    dn_cas_d(expected, args->node[0] | (uint64_t)&first, me + 1);
    if (expected == 0) dn_put_d(args->node[0] | (uint64_t)&put[MOST - 1], me + 1, ARRIVED, 0);
    dn_ctr_wait(2 * nodes, ARRIVED);
    for (uint64_t from = 0; from < nodes; ++from) {
      if (put[from] != value_of(me, from, 9)) return 2;
      const uint8_t* got = (const uint8_t*)pushed[from];
      for (uint64_t i = 0; i < 64; ++i) {
        const uint8_t want = i < bytes_of(from, me) ? (uint8_t)(value_of(from, me, i / 8) >> i % 8 * 8) : 0;
        if (got[i] != want) return 3;
      }
    }
  }
  if (thread == 1 || nthreads == 1) {
    for (uint64_t i = 0; i < 8; ++i) mine[i] = value_of(me, me, i + 20);
    tatami_fence();
    // A barrier of all nodes: each tells all others.
    for (uint64_t to = 0; to < nodes; ++to) dn_sig(args->node[to] | ROUND, (uint64_t)1);
    dn_ctr_wait(nodes, ROUND);
    for (uint64_t i = 0; i < nodes; ++i) {
      const uint64_t from = (me + i) % nodes;
      dn_pull(args->node[from] | (uint64_t)mine, pulled[from], 2, 1);
    }
    dn_ctr_wait(nodes, 2);
    for (uint64_t from = 0; from < nodes; ++from) {
      for (uint64_t i = 0; i < 8; ++i) {
        if (pulled[from][i] != value_of(from, from, i + 20)) return 4;
      }
    }
  }
  tatami_barrier(nthreads);
  if (thread == (args->mode >= 4 ? 2 : 0) && args->mode != 0 &&
      here == ((uint64_t)args->failing_y << 40 | (uint64_t)args->failing_x << 32))
    return fail_on_purpose(args->mode);
  return 0;
}
