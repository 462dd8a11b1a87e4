// Event counters (docs/isa.md, section 2.1): those of instructions exactly, those of cycles plausibly. The golden model
// has no time; there cycles count instructions and the other counters of cycles may stand still.
#include "isa_test.h"

static uint8_t memory[4][256] __attribute__((aligned(64)));

#define EVENT(n) CSR_READ(0xB00 + (n))

/// How much a counter of instructions advances over some code; the reading itself adds nothing to events.
#define COUNTS(event, expected, code)                            \
  do {                                                           \
    uint64_t before_, after_;                                    \
    __asm__ volatile("csrr %0, %3\n" code "csrr %1, %3\n"        \
                     : "=&r"(before_), "=&r"(after_)             \
                     : "r"(memory[thread]), "i"(0xB00 + (event)) \
                     : "memory", "t0", "t1");                    \
    CHECK(after_ - before_ == (expected));                       \
  } while (0)

#define WORD(w) ".4byte " #w "\n"

int test_main(int thread) {
  dv_ld(1, memory[thread], 0, 0);
  COUNTS(7, 5, "lw t0, 0(%2)\n sd t0, 8(%2)\n lb t0, 3(%2)\n amoadd.w t0, x0, (%2)\n lr.d t0, (%2)\n");
  COUNTS(7, 1, "sc.d t0, x0, (%2)\n addi t0, t0, 1\n");
  COUNTS(8, 4, "beqz x0, 1f\n 1: bnez x0, 1f\n j 1f\n 1: jal t0, 1f\n 1: nop\n");
  COUNTS(9, 3, "beqz x0, 1f\n 1: bnez x0, 1f\n j 1f\n 1: jal t0, 1f\n 1: nop\n");
  COUNTS(22, 3, "mul t0, t0, t0\n div t0, t0, t1\n remw t0, t1, t1\n add t0, t0, t0\n");
  COUNTS(5, 2, WORD(0x0020802B) WORD(0x0020A02B));  // dv.fadd v0, v1, v2; dv.add v0, v1, v2
  COUNTS(7, 0, "nop\n");
  // dv.ld and dv.st have no register that this macro could name.
  uint64_t before = EVENT(3);
  dv_ld(1, memory[thread], 0, 0);
  dv_ld(2, memory[thread], 64, 0);
  CHECK(EVENT(3) - before == 2);
  before = EVENT(4);
  dv_st(1, memory[thread], 0, 0);
  dv_ld(2, memory[thread], 64, 0);
  dv_st(1, memory[thread], 128, 0);
  dv_st(1, memory[thread], 64, 0);
  CHECK(EVENT(4) - before == 3);
  before = EVENT(6);
  dm_zero(1);
  dm_mma(0, 1, 1, 1, 1, 1);
  dm_mma(0, 1, 1, 2, 2, 0);
  dm_mma(1, 1, 1, 1, 1, 1);
  CHECK(EVENT(6) - before == 3);
  // An instruction that traps is not counted.
  before = EVENT(7);
  const uint64_t traps = trap_area[thread].count;
  uint64_t lost;
  __asm__ volatile("csrr %0, 0xB07\n lw x0, 0(x0)\n csrr %1, 0xB07\n" : "=&r"(before), "=&r"(lost) : : "memory");
  CHECK(trap_area[thread].count == traps + 1);
  CHECK(lost - before < 20);  // the handler's own

  // Cycles.
  const uint64_t start = EVENT(0), instructions = EVENT(2);
  uint64_t x = 1;
  for (int i = 0; i < 20; ++i) __asm__ volatile("div %0, %0, %0\n mul %0, %0, %0" : "+r"(x));
  const uint64_t cycles = EVENT(0) - start, retired = EVENT(2) - instructions;
  CHECK(retired >= 40 && retired < 200);
  CHECK(cycles >= 40);
  // Stalls and sleep never exceed the time there was.
  uint64_t stalls = 0;
  for (int i = 0; i < 1; ++i) stalls += EVENT(10) + EVENT(11) + EVENT(12) + EVENT(13) + EVENT(14) + EVENT(15);
  CHECK(stalls <= EVENT(0));
  CHECK(EVENT(17) <= EVENT(0));
  // A wait that lasts shows as sleep, where there is time.
  const uint64_t asleep = EVENT(15), at = EVENT(0);
  if (thread == 0) {
    for (int i = 0; i < 400; ++i) __asm__ volatile("" : : : "memory");
    dn_ctr_add(1UL, 7);
  } else {
    dn_ctr_wait(1UL, 7);
    CHECK(EVENT(15) - asleep <= EVENT(0) - at);
  }
  // Packets to the own node leave and arrive.
  dn_bar(15);
  const uint64_t sent = EVENT(19);
  const uint64_t node = CSR_READ(TATAMI_CSR_DNODEY) << 40 | CSR_READ(TATAMI_CSR_DNODEX) << 32;
  dn_put_d(node | (uint64_t)memory[thread], 1UL, 0, 0);
  FENCE();
  CHECK(EVENT(19) >= sent);
  CHECK(EVENT(23) == 0 && EVENT(31) == 0);
  // Only ever upward.
  for (int i = 0; i < 3; ++i) {
    const uint64_t once = EVENT(18), again = EVENT(18);
    CHECK(again >= once);
  }
  return 0;
}
