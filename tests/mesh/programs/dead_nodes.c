// A fabric with dead nodes: requests for them, and for what does not exist, fault before anything is sent; multicasts
// reach the live nodes of their rectangles and nobody else; a thread's single packets and multicasts keep their order.
#include "tatami.h"

#define MOST_NODES 12
#define MOST_RECTANGLES 12

struct args {
  uint32_t nodes, dead, rectangles, pad;
  uint64_t node[MOST_NODES];  // global addresses of the live nodes, and of the dead ones
  uint64_t gone[4];
  uint8_t rectangle[MOST_RECTANGLES][4];  // first column, first row, last column, last row; the last one is all dead
};

enum { CAST = 0, READY = 1, ORDER = 2 };

static uint64_t trapped[3];  // count, cause, mtval: thread 0's
static uint64_t cast[MOST_NODES][MOST_RECTANGLES][8] __attribute__((aligned(64)));
static uint64_t order[MOST_NODES][MOST_NODES][2][8] __attribute__((aligned(64)));  // from each node, in each round
static uint64_t mine[8] __attribute__((aligned(64)));

__asm__(
    "  .balign 4\n"
    "handler:\n"
    "  csrrw t6, mscratch, t6\n"
    "  sd    t0, 24(t6)\n"
    "  csrr  t0, mcause\n"
    "  sd    t0, 8(t6)\n"
    "  csrr  t0, mtval\n"
    "  sd    t0, 16(t6)\n"
    "  ld    t0, 0(t6)\n"
    "  addi  t0, t0, 1\n"
    "  sd    t0, 0(t6)\n"
    "  csrr  t0, mepc\n"
    "  addi  t0, t0, 4\n"
    "  csrw  mepc, t0\n"
    "  ld    t0, 24(t6)\n"
    "  csrrw t6, mscratch, t6\n"
    "  mret\n");
extern char handler[];
static uint64_t area[4];

/// The last request trapped so, and once.
static int faulted(uint64_t cause, uint64_t address) {
  const int right = area[0] == 1 && area[1] == cause && area[2] == address;
  area[0] = 0;
  return right;
}

static int try_all(uint64_t node) {
  const uint64_t address = node + (uint64_t)mine;
  uint64_t old = 0;
  dn_push(1, address, 8UL);
  if (!faulted(7, address)) return 10;
  dn_put_d(address, 1UL, 0, 0);
  if (!faulted(7, address)) return 11;
  dn_put_w(address, 1UL, 0, 1);
  if (!faulted(7, address)) return 12;
  dn_pull(address, (uint64_t)mine, 0, 1);
  if (!faulted(5, address)) return 13;
  dn_amoadd_d(old, address, 1UL);
  if (!faulted(7, address)) return 14;
  dn_cas_d(old, address, 1UL);
  if (!faulted(7, address)) return 15;
  return 0;
}

static int faults(const struct args* args, uint64_t first) {
  int code;
  const uint64_t width = csr_read(TATAMI_CSR_DFABW), height = csr_read(TATAMI_CSR_DFABH);
  for (uint64_t i = 0; i < args->dead; ++i) {
    if ((code = try_all(args->gone[i])) != 0) return code;
    dn_sig(args->gone[i] | 5, 1UL);
    if (!faulted(7, args->gone[i] | 5)) return 16;
  }
  for (int i = 0; i < 3; ++i) {
    const uint64_t outside = i == 0 ? width << 32 : i == 1 ? height << 40 : 1UL << 51;
    if ((code = try_all(outside | first)) != 0) return code + 10;
    if (i == 2) continue;
    dn_sig(outside | 5, 1UL);
    if (!faulted(7, outside | 5)) return 26;
  }
  // Nothing is mapped behind the SRAM, and before it.
  if ((code = try_all(first + 1310720 - ((uint64_t)mine & 0x1FFFFF))) != 0) return code + 20;
  if ((code = try_all(first - 0x80000000)) != 0) return code + 20;
  const uint8_t* r = args->rectangle[args->rectangles];
  const uint64_t address = (uint64_t)r[1] << 40 | (uint64_t)r[0] << 32 | (uint64_t)mine;
  const uint64_t corner = (uint64_t)r[3] << 32 | (uint64_t)r[2] << 24;
  dn_push(1, address, 8 | 1UL << 16 | corner);
  if (!faulted(7, address)) return 40;
  // The last corner before the first, and outside.
  dn_push(1, first | 1UL << 32 | (uint64_t)mine, 8 | 1UL << 16);
  if (!faulted(7, first | 1UL << 32 | (uint64_t)mine)) return 41;
  dn_push(1, first | (uint64_t)mine, 8 | 1UL << 16 | width << 24);
  if (!faulted(7, first | (uint64_t)mine)) return 42;
  return 0;
}

static uint64_t value_of(uint64_t from, uint64_t rectangle, uint64_t i) {
  return (from + 1) * 0x9E3779B97F4A7C15u ^ (rectangle + 1) * 0xC2B2AE3D27D4EB4Fu ^ i;
}

static int inside(const uint8_t* r, uint64_t x, uint64_t y) { return r[0] <= x && x <= r[2] && r[1] <= y && y <= r[3]; }

static void line(uint64_t value, uint64_t* data) {
  for (uint64_t k = 0; k < 8; ++k) data[k] = value + k;
}

int main(int thread, int nthreads) {
  const struct args* const args = TATAMI_ARGS(struct args);
  const uint64_t x = csr_read(TATAMI_CSR_DNODEX), y = csr_read(TATAMI_CSR_DNODEY);
  uint64_t me = 0;
  while (args->node[me] != (y << 40 | x << 32)) ++me;
  (void)nthreads;
  if (thread != 0) return 0;
  __asm__ volatile("csrw mscratch, %0\n csrw mtvec, %1" : : "r"(area), "r"(handler));
  const int code = faults(args, args->node[0]);
  if (code != 0) return code;

  uint64_t expected = 0;
  uint64_t data[8] __attribute__((aligned(64)));
  for (uint64_t i = 0; i < args->rectangles; ++i) {
    const uint8_t* r = args->rectangle[i];
    if (inside(r, x, y)) expected += args->nodes;
    for (uint64_t k = 0; k < 8; ++k) data[k] = value_of(me, i, k);
    const uint64_t to = (uint64_t)r[1] << 40 | (uint64_t)r[0] << 32 | (uint64_t)cast[me][i];
    const uint64_t control = 64 | CAST << 8 | 1 << 15 | 1 << 16 | (uint64_t)r[3] << 32 | (uint64_t)r[2] << 24;
    dv_begin();
    dv_ld(1, data, 0, 0);
    dn_push(1, to, control);
    dv_end();
  }
  dn_ctr_wait(expected, CAST);
  for (uint64_t from = 0; from < args->nodes; ++from) {
    for (uint64_t i = 0; i < args->rectangles; ++i) {
      for (uint64_t k = 0; k < 8; ++k) {
        if (cast[from][i][k] != (inside(args->rectangle[i], x, y) ? value_of(from, i, k) : 0)) return 50;
      }
    }
  }

  // Order: line 0 gets a multicast and then a put, line 1 a put and then a multicast, in each round. The put that comes
  // right after the multicast, and might be faster on its shorter way, goes to another node each time.
  const uint64_t all = (csr_read(TATAMI_CSR_DFABH) - 1) << 32 | (csr_read(TATAMI_CSR_DFABW) - 1) << 24;
  for (uint64_t round = 0; round < args->nodes; ++round) {
    line(1000 * (round + 1), data);
    const uint64_t at = (uint64_t)order[me][round][0], first = args->node[round] | (at + 24),
                   control = 64 | 1UL << 16 | all;
    dv_begin();
    dv_ld(1, data, 0, 0);
    dn_push(1, at, control);
    dn_put_d(first, round, ORDER, 1);
    dv_end();
    for (uint64_t i = 0, to = round; i < args->nodes; ++i) {
      if (i != 0) dn_put_d(args->node[to] | (uint64_t)&order[me][round][0][3], round, ORDER, 1);
      dn_put_d(args->node[to] | (uint64_t)&order[me][round][1][3], round, ORDER, 1);
      if (++to == args->nodes) to = 0;
    }
    dv_begin();
    dv_ld(1, data, 0, 0);
    dn_push(1, (uint64_t)order[me][round][1], 64 | ORDER << 8 | 1UL << 15 | 1UL << 16 | all);
    dv_end();
  }
  dn_ctr_wait(3 * args->nodes * args->nodes, ORDER);
  for (uint64_t from = 0; from < args->nodes; ++from) {
    for (uint64_t round = 0; round < args->nodes; ++round) {
      for (uint64_t k = 0; k < 8; ++k) {
        const uint64_t value = 1000 * (round + 1) + k;
        if (order[from][round][0][k] != (k == 3 ? round : value)) return 60;
        if (order[from][round][1][k] != value) return 61;
      }
    }
  }
  tatami_fence();
  // Nobody leaves before all have looked.
  for (uint64_t to = 0; to < args->nodes; ++to) dn_sig(args->node[to] | READY, 1UL);
  dn_ctr_wait(args->nodes, READY);
  trapped[0] = area[0];
  return area[0] == 0 ? 0 : 70;
}
