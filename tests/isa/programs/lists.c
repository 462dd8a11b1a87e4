// Lists of transfers (docs/isa.md, section 8.2): how a thread is told that one has failed, at each of the instructions
// at which it is, awake and asleep, and at no other; and that a list comes after what its thread has stored. All four
// threads do the same at the same time, each with lists of its own.
#include "isa_test.h"

enum { LIST_FAILED = 25 };

static uint64_t descriptors[4][3][4] __attribute__((aligned(64)));
static uint64_t from[4][64] __attribute__((aligned(64))), to[4][64] __attribute__((aligned(64)));

/// Long enough for a list to fail, without an instruction that would tell.
static void wait_a_little(void) {
  for (volatile int i = 0; i < 300; ++i) {
  }
}

/// One trap, by an instruction of which these bits are known; it names the descriptor.
static void check_told(int thread, uint64_t before, uint32_t mask, uint32_t match, uint64_t value) {
  const struct trap_area* trap = &trap_area[thread];
  CHECK(trap->count == before + 1);
  CHECK(trap->cause == LIST_FAILED);
  CHECK(trap->value == value);
  CHECK((*(const uint32_t*)trap->epc & mask) == match);
}

#define TOLD(mask, match, instruction)                                              \
  do {                                                                              \
    uint64_t before_ = trap_area[thread].count;                                     \
    dn_list((uint64_t)bad, (uint64_t)1);                                            \
    wait_a_little();                                                                \
    CHECK(trap_area[thread].count == before_);                                      \
    instruction;                                                                    \
    check_told(thread, before_, mask, match, (uint64_t)bad + 2);                    \
    /* Again while it sleeps: the list moves 32 blocks before it fails. */          \
    before_ = trap_area[thread].count;                                              \
    dn_list((uint64_t)long_one, (uint64_t)3);                                       \
    instruction;                                                                    \
    if (trap_area[thread].count == before_) { /* it did not have to wait so long */ \
      wait_a_little();                                                              \
      FENCE();                                                                      \
      check_told(thread, before_, 0x707F, 0x000F, (uint64_t)long_one + 64 + 5);     \
    } else {                                                                        \
      check_told(thread, before_, mask, match, (uint64_t)long_one + 64 + 5);        \
    }                                                                               \
    FENCE();                                                                        \
    CHECK(trap_area[thread].count == before_ + 1);                                  \
  } while (0)

int test_main(int thread) {
  const uint64_t here = CSR_READ(TATAMI_CSR_DNODEY) << 40 | CSR_READ(TATAMI_CSR_DNODEX) << 32;
  uint64_t(*const bad)[4] = descriptors[thread];
  // Eight times the same four blocks, twice; a pull from nowhere comes last.
  static uint64_t long_ones[4][3][4] __attribute__((aligned(64)));
  uint64_t(*const long_one)[4] = long_ones[thread];
  bad[0][0] = 3;
  long_one[0][0] = 4UL << 32 | 8UL << 48;
  long_one[0][1] = here | (uint64_t)to[thread];
  long_one[0][2] = (uint64_t)from[thread];
  long_one[0][3] = 0;
  for (int i = 0; i < 4; ++i) long_one[1][i] = long_one[0][i];
  long_one[2][0] = 1 | 1UL << 32 | 1UL << 48;
  long_one[2][1] = here | 64;
  long_one[2][2] = (uint64_t)to[thread];
  for (int i = 0; i < 32; ++i) from[thread][i] = (uint64_t)i * 0x0101010101010101UL + (uint64_t)thread;

  uint64_t value = 0;
  (void)value;
  TOLD(0x707F, 0x000F, FENCE());
  TOLD(0x707F, 0x100F, FENCE_I());
  TOLD(0xFFFFFFFF, 0x10500073, __asm__ volatile("wfi" ::: "memory"));
  TOLD(0xC000707F, 0x0000507B, dn_ctr_rd(value, 20));
  TOLD(0xC000707F, 0x8000507B, dn_ctr_wait((uint64_t)1000, 20));
  TOLD(0xC000707F, 0xC000507B, dn_ctr_take((uint64_t)1000, 20));
  switch (thread) {
    case 0: TOLD(0x707F, 0x607B, dn_bar(1)); break;
    case 1: TOLD(0x707F, 0x607B, dn_bar(2)); break;
    case 2: TOLD(0x707F, 0x607B, dn_bar(4)); break;
    default: TOLD(0x707F, 0x607B, dn_bar(8)); break;
  }
  TOLD(0x707F, 0x707B, dn_list((uint64_t)bad, (uint64_t)0));

  // A barrier that a thread is taken out of holds for the others, and meets when it comes again: the trap's handler
  // leaves the instruction out, so thread 0 does it once more.
  const uint64_t before = trap_area[thread].count;
  if (thread == 0) {
    dn_list((uint64_t)bad, (uint64_t)1);
    dn_bar(15);
    check_told(thread, before, 0x707F, 0x607B, (uint64_t)bad + 2);
  } else {
    wait_a_little();
  }
  dn_bar(15);

  // What does not wait goes on, and the error stays.
  dn_list((uint64_t)bad, (uint64_t)1);
  wait_a_little();
  const uint64_t count = trap_area[thread].count;
  dn_ctr_add((uint64_t)1, 21);
  dn_sig(here | 22, (uint64_t)1);
  dn_put_d(here | (uint64_t)&to[thread][40], (uint64_t)5, 0, 0);
  dn_pull(here | (uint64_t)from[thread], to[thread], 0, 0);
  CHECK(CSR_READ(TATAMI_CSR_DTHREAD) == (uint64_t)thread);
  CHECK(trap_area[thread].count == count);
  FENCE();
  check_told(thread, count, 0x707F, 0x000F, (uint64_t)bad + 2);
  FENCE();
  for (int i = 0; i < 32; ++i) CHECK(((volatile uint64_t*)to[thread])[i] == from[thread][i]);

  // A list finds what its thread stored before it. Eight rows at one place take eight cycles; only the last says where
  // the block is that shall be moved.
  uint64_t* const one = descriptors[thread][1];
  static uint64_t places[4][8] __attribute__((aligned(64)));
  uint64_t* const place = places[thread];
  uint64_t* where = &one[2];
  for (int i = 0; i < 8; ++i) place[i] = (uint64_t)&from[thread][32];
  one[0] = 1UL << 32 | 1UL << 48;
  one[1] = here | (uint64_t)to[thread];
  one[2] = (uint64_t)&from[thread][32];
  one[3] = 0;
  FENCE();
  dv_ld(1, place, 0, 0);
  place[7] = (uint64_t)&from[thread][8];
  dv_ld(2, place, 0, 0);
  dv_sts(1, where, 0L, 1, 0, 0);
  dv_sts(1, where, 0L, 1, 0, 0);
  dv_sts(2, where, 0L, 1, 0, 0);
  dn_list((uint64_t)one, (uint64_t)1);
  wait_a_little();
  FENCE();
  for (int i = 0; i < 8; ++i) CHECK(((volatile uint64_t*)to[thread])[i] == from[thread][8 + i]);
  return 0;
}
