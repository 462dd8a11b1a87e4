// Triggers between nodes: what is not there is refused when they are armed; signals reach the live nodes of rectangles,
// once each; barriers gathered by a trigger of one node and released by another, which nobody leaves too early.
#include "tatami.h"

#define MOST_NODES 16
#define MOST_RECTANGLES 12
#define ROUNDS 10

struct args {
  uint32_t nodes, dead, rectangles, pad;
  uint64_t node[MOST_NODES];  // global addresses of the live nodes, and of the dead ones
  uint64_t gone[4];
  // First column, first row, last column, last row; if there are dead nodes, one more that is all dead.
  uint8_t rectangle[MOST_RECTANGLES][4];
};

enum { GO = 0, CAST = 4, GATHERED = 5, ALL = 6, RELEASED = 7, STORM = 8 };

static volatile uint64_t stage[8] __attribute__((aligned(64)));  // barriers that this node has entered
static uint64_t seen[8] __attribute__((aligned(64)));

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

static uint64_t corner(const uint8_t* r) { return (uint64_t)r[3] << 32 | (uint64_t)r[2] << 24 | 1UL << 16; }

static int inside(const uint8_t* r, uint64_t x, uint64_t y) { return r[0] <= x && x <= r[2] && r[1] <= y && y <= r[3]; }

#define COUNTER(number)       \
  ({                          \
    uint64_t value;           \
    dn_ctr_rd(value, number); \
    value;                    \
  })

static int faults(const struct args* args) {
  const uint64_t width = csr_read(TATAMI_CSR_DFABW), height = csr_read(TATAMI_CSR_DFABH), first = args->node[0];
  for (uint64_t i = 0; i < args->dead; ++i) {
    dn_arm(args->gone[i] | CAST, 1UL, GO, 0);
    if (!faulted(7, args->gone[i] | CAST)) return 10;
    dn_arm(args->gone[i] | CAST, 0UL, GO, 0);  // disarming names nobody
    if (area[0] != 0) return 11;
  }
  dn_arm(width << 32 | CAST, 1UL, GO, 0);
  if (!faulted(7, width << 32 | CAST)) return 12;
  dn_arm(height << 40 | CAST, 1UL, GO, 0);
  if (!faulted(7, height << 40 | CAST)) return 13;
  if (args->dead != 0) {
    const uint8_t* r = args->rectangle[args->rectangles];
    const uint64_t address = (uint64_t)r[1] << 40 | (uint64_t)r[0] << 32 | CAST;
    dn_arm(address, 1 | corner(r), GO, 0);
    if (!faulted(7, address)) return 14;
  }
  dn_arm(first + (1UL << 32) + CAST, 1 | 1UL << 16 | (first >> 40) << 32 | (first >> 32 & 255) << 24, GO, 0);
  if (!faulted(7, first + (1UL << 32) + CAST)) return 15;
  dn_arm(first | CAST, 1 | 1UL << 16 | width << 24 | (height - 1) << 32, GO, 0);
  if (!faulted(7, first | CAST)) return 16;
  dn_arm(first | CAST, 1 | 1UL << 16 | (width - 1) << 24 | height << 32, GO, 0);
  if (!faulted(7, first | CAST)) return 17;
  // Nothing of that has armed it.
  dn_ctr_add(1UL, GO);
  for (int i = 0; i < 50; ++i) __asm__ volatile("nop");
  if (COUNTER(GO) != 1) return 18;
  dn_ctr_take(1UL, GO);
  return 0;
}

/// Trigger `number` (0..3), with own counter GO + number.
static void arm(uint64_t number, uint64_t where, uint64_t control) {
  switch (number) {
    case 0: dn_arm(where, control, GO, 0); break;
    case 1: dn_arm(where, control, GO + 1, 1); break;
    case 2: dn_arm(where, control, GO + 2, 2); break;
    default: dn_arm(where, control, GO + 3, 3); break;
  }
}
static void fire(uint64_t here, uint64_t number) { dn_sig(here | (GO + number), 1UL); }
static uint64_t left(uint64_t number) {
  return number == 0 ? COUNTER(GO) : number == 1 ? COUNTER(GO + 1) : number == 2 ? COUNTER(GO + 2) : COUNTER(GO + 3);
}

int main(int thread, int nthreads) {
  const struct args* const args = TATAMI_ARGS(struct args);
  const uint64_t x = csr_read(TATAMI_CSR_DNODEX), y = csr_read(TATAMI_CSR_DNODEY);
  const uint64_t here = y << 40 | x << 32;
  const uint64_t all = (csr_read(TATAMI_CSR_DFABH) - 1) << 32 | (csr_read(TATAMI_CSR_DFABW) - 1) << 24 | 1UL << 16;
  uint64_t me = 0;
  while (args->node[me] != here) ++me;
  (void)nthreads;
  if (thread != 0) return 0;
  __asm__ volatile("csrw mscratch, %0\n csrw mtvec, %1" : : "r"(area), "r"(handler));
  const int code = faults(args);
  if (code != 0) return code;

  // Every node signals every rectangle. A trigger is armed again when what it waited for has been taken.
  uint64_t expected = 0;
  for (uint64_t i = 0; i < args->rectangles; ++i) {
    const uint8_t* r = args->rectangle[i];
    if (inside(r, x, y)) expected += args->nodes;
    const uint64_t first = (uint64_t)r[1] << 40 | (uint64_t)r[0] << 32;
    while (left(i % 4) != 0) {
    }
    arm(i % 4, first | CAST, 1 | corner(r));
    fire(here, i % 4);
    tatami_fence();  // until the own signal to the trigger is performed
  }
  for (uint64_t i = 0; i < 4; ++i) {
    while (left(i) != 0) {
    }
  }
  dn_ctr_take(expected, CAST);

  // Barriers: the nodes tell one of them, another one each time, whose trigger tells another one's, which releases all.
  for (uint64_t round = 1; round <= ROUNDS; ++round) {
    const uint64_t gatherer = round * 5 % args->nodes, releaser = round * 7 % args->nodes;
    for (uint64_t i = (me * 37 + round * 11) % 64; i != 0; --i) __asm__ volatile("nop");  // some are late
    stage[0] = round;
    if (me == releaser) dn_arm(RELEASED, 1 | all, ALL, 1);
    if (me == gatherer) dn_arm(args->node[releaser] | ALL, (uint64_t)args->nodes, GATHERED, 0);
    dn_sig(args->node[gatherer] | GATHERED, 1UL);
    dn_ctr_take(1UL, RELEASED);
    const uint64_t other = args->node[(me + round) % args->nodes];
    dn_pull(other | (uint64_t)stage, (uint64_t)seen, 0, 0);
    tatami_fence();
    if (*(volatile uint64_t*)seen < round) return 30;
  }
  if (COUNTER(CAST) != 0 || COUNTER(GATHERED) != 0 || COUNTER(ALL) != 0 || COUNTER(RELEASED) != 0) return 31;

  // All triggers of all nodes at once, three times, each to all nodes.
  for (uint64_t round = 0; round < 3; ++round) {
    for (uint64_t i = 0; i < 4; ++i) arm(i, STORM, 1 | all);
    for (uint64_t i = 0; i < 4; ++i) fire(here, i);
    tatami_fence();  // until the own signals to the triggers are performed
    for (uint64_t i = 0; i < 4; ++i) {
      while (left(i) != 0) {
      }
    }
  }
  dn_ctr_take(12 * (uint64_t)args->nodes, STORM);
  // Nobody ends before all have come here.
  for (uint64_t i = 0; i < args->nodes; ++i) dn_sig(args->node[i] | GATHERED, 1UL);
  dn_ctr_take((uint64_t)args->nodes, GATHERED);
  return COUNTER(STORM) == 0 ? 0 : 40;
}
