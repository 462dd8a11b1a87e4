// Node (0,0) pushes eight lines to node (1,0), each with an increment. A damaged flit is lost; who waits for it would
// wait for ever. The threads of both nodes wait in all the ways there are, with handlers that end the wait if a flit is
// damaged.
#include "tatami.h"

struct args {
  uint32_t handle;  // 1: handlers; 0: none, and a damaged flit ends the run; 2: handlers, and node 0 sends until a flit
                    // of node 1 is damaged
  uint32_t rounds;  // how often all lines are sent
};

enum { LINES = 8, ARRIVED = 0, DONE = 2, NEVER = 3 };

struct seen {
  uint64_t count, cause, value, pc, save, resume;  // of interrupts; the handler knows the order
};
static struct seen seen[4];
static uint64_t lines[LINES][8] __attribute__((aligned(64)));
static volatile uint64_t lost[4], errors, first;
static volatile uint64_t over;

extern volatile uint64_t tohost;

__asm__(
    "  .balign 4\n"
    "handler:\n"
    "  csrrw t6, mscratch, t6\n"
    "  sd    t0, 32(t6)\n"
    "  csrr  t0, mcause\n"
    "  sd    t0, 8(t6)\n"
    "  csrr  t0, mtval\n"
    "  sd    t0, 16(t6)\n"
    "  csrr  t0, mepc\n"
    "  sd    t0, 24(t6)\n"
    "  ld    t0, 40(t6)\n"
    "  csrw  mepc, t0\n"
    "  ld    t0, 0(t6)\n"
    "  addi  t0, t0, 1\n"
    "  sd    t0, 0(t6)\n"
    "  ld    t0, 32(t6)\n"
    "  csrrw t6, mscratch, t6\n"
    "  mret\n");
extern char handler[];

// int NAME(uint64_t a0, struct seen*): waits with interrupts on; 1 if an interrupt ended the wait.
#define CODE_OR_LOST(name, insn)                                        \
  __asm__(#name ": la t0, 9f\n sd t0, 40(a1)\n csrsi mstatus, 8\n" insn \
                "\n csrci mstatus, 8\n li a0, 0\n ret\n9: csrci mstatus, 8\n li a0, 1\n ret\n")
#define WAIT_OR_LOST(name, insn) \
  CODE_OR_LOST(name, insn);      \
  int name(uint64_t value, struct seen* area)
WAIT_OR_LOST(wait_arrived, ".4byte 0x8000507b | 10 << 15 | 0 << 25");  // dn.ctr.wait a0, ARRIVED
WAIT_OR_LOST(take_done, ".4byte 0xc000507b | 10 << 15 | 2 << 25");     // dn.ctr.take a0, DONE
WAIT_OR_LOST(barrier_0_2, ".4byte 0x0000607b | 5 << 20");              // dn.bar 5
WAIT_OR_LOST(sleep_once, "wfi");
WAIT_OR_LOST(fence_all, "fence");

static void send(uint64_t to) {
  for (uint64_t i = 0; i < LINES; ++i) {
    uint64_t data[8] __attribute__((aligned(64)));
    for (uint64_t k = 0; k < 8; ++k) data[k] = (i + 1) * 0x9E3779B97F4A7C15u ^ k;
    dv_begin();
    dv_ld(1, data, 0, 0);
    dn_push(1, to | (uint64_t)lines[i], (uint64_t)(64 | ARRIVED << 8 | 1 << 15));
    dv_end();
  }
}

CODE_OR_LOST(push_once, ".4byte 0x0000007b | 1 << 7 | 12 << 15 | 13 << 20");  // dn.push v1, a2, a3
int push_once(uint64_t value, struct seen* area, uint64_t to, uint64_t control);

static int push_until_lost(uint64_t to, struct seen* area) {
  for (int i = 0; i < 100; ++i) {
    if (push_once(0, area, to | (uint64_t)lines[0], 64)) return 1;
  }
  return 0;
}

int main(int thread, int nthreads) {
  (void)nthreads;
  struct seen* const area = &seen[thread];
  if (TATAMI_ARGS(struct args)->handle) {
    __asm__ volatile("csrw mscratch, %0\n csrw mtvec, %1\n csrs mie, %2"
                     :
                     : "r"(area), "r"(handler), "r"(1UL << TATAMI_LINK_INTERRUPT));
  }
  if (TATAMI_ARGS(struct args)->handle == 2) {
    if (thread == 0 && csr_read(TATAMI_CSR_DNODEX) == 0) lost[0] = (uint64_t)push_until_lost(1UL << 32, area);
    if (thread == 0 && csr_read(TATAMI_CSR_DNODEX) == 1) {
      for (int i = 0; i < 2000; ++i) __asm__ volatile("");
      dn_put_d((uint64_t)&lines[1], 1UL, 0, 0);  // is damaged when node 0 has long been stuck
    }
  } else if (csr_read(TATAMI_CSR_DNODEX) == 0) {
    if (thread == 0) {
      for (uint32_t i = 0; i < TATAMI_ARGS(struct args)->rounds; ++i) send(1UL << 32);
      lost[0] = (uint64_t)fence_all(0, area);
    } else {
      // Until thread 0 is through, or a flit is damaged.
      while (!over && !lost[thread]) lost[thread] = (uint64_t)sleep_once(0, area);
    }
  } else {
    switch (thread) {
      case 0:
        lost[0] = (uint64_t)wait_arrived(LINES * (uint64_t)TATAMI_ARGS(struct args)->rounds, area);
        if (!lost[0]) {
          over = 1;
          dn_ctr_add(1UL, DONE);
          dn_bar(5);
        }
        break;
      case 1: lost[1] = (uint64_t)take_done(1, area); break;
      case 2: lost[2] = (uint64_t)barrier_0_2(0, area); break;
      default:
        while (!over && !lost[3]) lost[3] = (uint64_t)sleep_once(0, area);
    }
  }
  if (thread == 0) {
    over = 1;
    dn_ctr_add(1UL, NEVER);  // wakes who sleeps in wfi
  }
  // The own threads meet; a fence would wait for what is lost.
  dn_bar(15);
  if (thread == 0) {
    errors = csr_read(TATAMI_CSR_DLINKERR);
    first = csr_read(TATAMI_CSR_DLINKFIRST);
    tohost = 1;
  }
  for (;;) dn_ctr_wait(1000UL, NEVER);
}
