// Every thread of every node starts the lists of transfers that the host has placed, waits for them, and writes down
// the traps that it got. When all nodes are done, the arrival counters are written down too. Or one node measures.
#include "tatami_list.h"

enum { WORK = 0, MEASURE = 1, UNTOLD = 2 };

struct start {
  uint64_t address, control;
  uint64_t finished;  // wait until this many lists of the thread are finished; 0: go on
};

struct results {
  struct {
    uint64_t count;
    uint64_t mtval[15];
  } traps[4];
  uint32_t counter[32];
  uint64_t cycles[4];
};

struct args {
  uint32_t mode, nodes;
  uint32_t starts;       // of each thread
  uint32_t interfering;  // MEASURE: threads 1.. push meanwhile
  uint64_t table;        // struct start [4][starts]
  uint64_t results;
  uint64_t node[48];
};

enum { ARRIVED = 4, GO = 5 };  // counters; 0..3 count the lists of each thread

// Writes mtval down where mscratch points to, behind the count; three words before it are the handler's. A failed list:
// the instruction is executed again. Else it is left out, and the cause stands in bits 63:56.
__asm__(
    ".balign 4\nlists_trap:\n"
    "csrrw t6, mscratch, t6\n"
    "sd t5, -8(t6)\nsd t4, -16(t6)\nsd t3, -24(t6)\n"
    "ld t5, 0(t6)\naddi t5, t5, 1\nsd t5, 0(t6)\n"
    "slli t5, t5, 3\nadd t5, t5, t6\n"
    "csrr t3, mtval\n"
    "csrr t4, mcause\naddi t4, t4, -25\nbeqz t4, 1f\n"
    "csrr t4, mepc\naddi t4, t4, 4\ncsrw mepc, t4\n"
    "csrr t4, mcause\nslli t4, t4, 56\nxor t3, t3, t4\n"
    "1:\nsd t3, 0(t5)\n"
    "ld t5, -8(t6)\nld t4, -16(t6)\nld t3, -24(t6)\n"
    "csrrw t6, mscratch, t6\nmret\n");
extern char lists_trap[];

static uint64_t landing[4][24] __attribute__((aligned(64)));  // three words of the handler, then as in results

static void wait_for(int thread, uint64_t value) {
  switch (thread) {
    case 0: dn_ctr_wait(value, 0); break;
    case 1: dn_ctr_wait(value, 1); break;
    case 2: dn_ctr_wait(value, 2); break;
    default: dn_ctr_wait(value, 3); break;
  }
}

static int work(const struct args* args, int thread, uint64_t here) {
  const struct start* const start = (const struct start*)args->table + (uint64_t)thread * args->starts;
  struct results* const results = (struct results*)args->results;
  csr_write(mtvec, (uint64_t)lists_trap);
  csr_write(mscratch, (uint64_t)&landing[thread][3]);
  for (uint32_t i = 0; i < args->starts; ++i) {
    dn_list(start[i].address, start[i].control);
    if (start[i].finished != 0) wait_for(thread, start[i].finished);
  }
  tatami_fence();
  for (int i = 0; i < 16; ++i) ((uint64_t*)&results->traps[thread])[i] = landing[thread][3 + i];
  tatami_fence();
  dn_sig(args->node[0] | ARRIVED, (uint64_t)1);
  if (thread != 0) return 0;
  if (here == args->node[0]) {
    dn_ctr_wait(4 * (uint64_t)args->nodes, ARRIVED);
    for (uint32_t i = 0; i < args->nodes; ++i) dn_sig(args->node[i] | GO, (uint64_t)1);
  }
  dn_ctr_wait((uint64_t)1, GO);
#define KEEP(c)                             \
  do {                                      \
    uint64_t value_;                        \
    dn_ctr_rd(value_, c);                   \
    results->counter[c] = (uint32_t)value_; \
  } while (0)
  KEEP(0);
  KEEP(1);
  KEEP(2);
  KEEP(3);
  KEEP(8);
  KEEP(9);
  KEEP(10);
  KEEP(11);
  KEEP(12);
  KEEP(13);
  KEEP(14);
  KEEP(15);
  KEEP(16);
  KEEP(17);
  KEEP(18);
  KEEP(19);
  KEEP(20);
  KEEP(21);
  KEEP(22);
  KEEP(23);
  KEEP(24);
  KEEP(25);
  KEEP(26);
  KEEP(27);
  KEEP(28);
  KEEP(29);
  KEEP(30);
  KEEP(31);
  return 0;
}

static void measure(const struct args* args, int thread, int nthreads) {
  const struct start* const start = (const struct start*)args->table;
  struct results* const results = (struct results*)args->results;
  for (int round = 0; round < 2; ++round) {  // the first one fills the instruction buffers
    tatami_barrier(nthreads);
    const uint64_t before = tatami_cycles();
    if (thread == 0) {
      dn_list(start->address, start->control);
      dn_ctr_wait((uint64_t)round + 1, 0);
    } else {
      // 256 pushes of the same bytes to the own node, while the list runs.
      const uint64_t to = args->node[0] | (uint64_t)landing[thread];  // 192 bytes, a multiple of 64
      for (int i = 0; i < 64; ++i) {
        dn_push(1, to, (uint64_t)64);
        dn_push(1, to, (uint64_t)64);
        dn_push(1, to, (uint64_t)64);
        dn_push(1, to, (uint64_t)64);
      }
    }
    results->cycles[thread] = tatami_cycles() - before;
  }
}

int main(int thread, int nthreads) {
  const struct args* const args = TATAMI_ARGS(struct args);
  const uint64_t here = csr_read(TATAMI_CSR_DNODEY) << 40 | csr_read(TATAMI_CSR_DNODEX) << 32;
  if (args->mode == WORK) return work(args, thread, here);
  if (here != args->node[0]) return 0;
  if (args->mode == MEASURE) {
    measure(args, thread, nthreads);
    return 0;
  }
  // UNTOLD: the program ends before it is told that its list has failed.
  if (thread == 0) {
    const struct start* const start = (const struct start*)args->table;
    dn_list(start->address, start->control);
    for (int i = 0; i < 200; ++i) __asm__ volatile("nop");
    tohost = 1;
  }
  for (;;) {
  }
}
