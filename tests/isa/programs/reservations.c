// LR/SC (docs/isa.md, section 4): what ends a reservation and what does not.
#include "isa_test.h"

static uint64_t blocks[4][32] __attribute__((aligned(256)));  // four 64-byte blocks for each thread
static uint64_t shared[32] __attribute__((aligned(256)));
static volatile uint64_t step, reply;

#define LR(address)                                                             \
  ({                                                                            \
    uint64_t value_;                                                            \
    __asm__ volatile("lr.d %0, (%1)" : "=r"(value_) : "r"(address) : "memory"); \
    value_;                                                                     \
  })
#define SC(address, value)                                                                                    \
  ({                                                                                                          \
    uint64_t failed_;                                                                                         \
    __asm__ volatile("sc.d %0, %2, (%1)" : "=&r"(failed_) : "r"(address), "r"((uint64_t)(value)) : "memory"); \
    failed_;                                                                                                  \
  })
#define LR_W(address)                                                           \
  ({                                                                            \
    int64_t value_;                                                             \
    __asm__ volatile("lr.w %0, (%1)" : "=r"(value_) : "r"(address) : "memory"); \
    value_;                                                                     \
  })
#define SC_W(address, value)                                                                                  \
  ({                                                                                                          \
    uint64_t failed_;                                                                                         \
    __asm__ volatile("sc.w %0, %2, (%1)" : "=&r"(failed_) : "r"(address), "r"((uint64_t)(value)) : "memory"); \
    failed_;                                                                                                  \
  })

/// The thread alone, on its own blocks. `between` must or must not end the reservation on block[0].
#define CASE(fails, between)              \
  do {                                    \
    block[0] = 7;                         \
    CHECK(LR(block) == 7);                \
    between;                              \
    const uint64_t failed = SC(block, 9); \
    CHECK(failed == (fails));             \
    if (fails) CHECK(block[0] != 9);      \
    if (!(fails)) CHECK(block[0] == 9);   \
  } while (0)

static void alone(int thread) {
  volatile uint64_t* block = blocks[thread];
  volatile uint8_t* bytes = (volatile uint8_t*)block;
  uint64_t scrap;
  (void)scrap;
  CHECK(SC(block, 1) == 1);  // none yet
  CASE(0, );
  CHECK(SC(block, 5) == 1 && block[0] == 9);  // used up
  CASE(0, scrap = block[0]);                  // loads do not matter
  CASE(0, dv_ld(1, block, 0, 0));
  CASE(0, bytes[64] = 1);  // the next block
  CASE(1, block[0] = 7);   // own stores do, even of the same value
  CASE(1, bytes[63] = 1);  // anywhere in the block
  CASE(1, bytes[1] = 1);
  CASE(1, __asm__ volatile("amoor.w x0, x0, (%0)" : : "r"(block + 4) : "memory"));
  CASE(0, __asm__ volatile("amoor.w x0, x0, (%0)" : : "r"(block + 8) : "memory"));
  CASE(1, dv_st(2, block, 0, 0));
  CASE(1, dv_st(2, bytes + 63, 0, 0));  // one byte is in it
  CASE(0, dv_st(2, bytes + 64, 0, 0));
  CASE(1, {
    volatile uint64_t* from = block + 8;
    dv_sts(2, from, -16L, 2, 0, 0);
  });  // row 1
  CASE(0, __asm__ volatile("sd x0, 60(%0)\n" : : "r"(bytes + 4) : "memory"));
  CASE(1, __asm__ volatile("sd x0, 57(%0)\n" : : "r"(bytes) : "memory"));  // across the end of the block
  CASE(1, CHECK(SC(block + 8, 3) == 1));                                   // any sc
  CASE(1, __asm__ volatile("ecall" : : : "memory"));                       // a trap
  CASE(1, __asm__ volatile("ld x0, 0(x0)" : : : "memory"));
  CASE(1, (void)LR(block + 8));  // a new reservation replaces the old one
  CASE(0, FENCE());
  CASE(0, FENCE_I());
  // Any address and width in the block will do.
  block[3] = 1;
  LR(block);
  CHECK(SC(block + 3, 4) == 0 && block[3] == 4);
  LR_W(block);
  CHECK(SC(block + 1, 5) == 0 && block[1] == 5);
  LR(block);
  CHECK(SC(block + 8, 5) == 1);
  // Words: sign, and only four bytes.
  block[2] = 0x11223344FEDCBA98;
  CHECK(LR_W(block + 2) == (int32_t)0xFEDCBA98);
  CHECK(SC_W(block + 2, 0xAAAAAAAA55555555) == 0 && block[2] == 0x1122334455555555);
  CHECK(LR_W((uint8_t*)(block + 2) + 4) == 0x11223344);
  CHECK(SC_W((uint8_t*)(block + 2) + 4, 0x80000000) == 0 && block[2] == 0x8000000055555555);
  // Packets from the network.
  const uint64_t node = CSR_READ(TATAMI_CSR_DNODEY) << 40 | CSR_READ(TATAMI_CSR_DNODEX) << 32;
  CASE(1, {
    dn_put_w(node | (uint64_t)(block + 4), 3UL, 0, 0);
    FENCE();
  });
  CASE(0, {
    dn_put_w(node | (uint64_t)(block + 8), 3UL, 0, 0);
    FENCE();
  });
  CASE(1, {
    dn_push(2, node | (uint64_t)(bytes + 60), 4UL);
    FENCE();
  });
  CASE(1, {
    uint64_t old;
    dn_amoadd_d(old, node | (uint64_t)(block + 5), 0UL);
    FENCE();
  });
}

/// Thread 0 reserves, thread 1 does something, thread 0 tries to store.
static void together(int thread) {
  static const int kFails[] = {1, 1, 1, 1, 0, 0, 0};
  const int kCases = sizeof kFails / sizeof *kFails;
  volatile uint8_t* bytes = (volatile uint8_t*)shared;
  for (int i = 0; i < kCases; ++i) {
    if (thread == 0) {
      LR(shared);
      step = (uint64_t)i + 1;
      while (reply != (uint64_t)i + 1) {
      }
      CHECK(SC(shared, 1) == (uint64_t)kFails[i]);
    } else {
      while (step != (uint64_t)i + 1) {
      }
      switch (i) {
        case 0: bytes[63] = 1; break;
        case 1: dv_st(1, bytes + 32, 0, 0); break;
        case 2: __asm__ volatile("amoadd.w x0, x0, (%0)" : : "r"(shared + 7) : "memory"); break;
        case 3: do { (void)LR(shared + 2);
          } while (SC(shared + 2, 4));
          break;
        case 4: bytes[64] = 1; break;
        case 5: (void)LR(shared); break;  // reservations of others stand beside it
        default: (void)SC(shared, 5);     // after case 5 it has one of its own, unless thread 0's sc ended it
      }
      reply = (uint64_t)i + 1;
    }
  }
}

static uint64_t arrived;

static void meet(uint64_t number) {
  __asm__ volatile("amoadd.d x0, %0, (%1)" : : "r"(1UL), "r"(&arrived) : "memory");
  while (*(volatile uint64_t*)&arrived < 4 * number) {
  }
}

int test_main(int thread) {
  alone(thread);
  meet(1);
  if (thread < 2) together(thread);
  return 0;
}
