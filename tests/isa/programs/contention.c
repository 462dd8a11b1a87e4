// Four threads on the same words: increments by LR/SC and by AMOs lose nothing, a lock built from swaps excludes, and
// threads that spin do not keep the others from working.
#include "isa_test.h"

static uint32_t counters[24] __attribute__((aligned(64)));

enum { ROUNDS = 200 };

static void contend(void) {
  volatile uint32_t* c = counters;
  for (int i = 0; i < ROUNDS; ++i) {
    uint64_t old, failed;
    do {  // LR/SC increment
      __asm__ volatile("lr.w %0, (%2)\n addi %0, %0, 1\n sc.w %1, %0, (%2)"
                       : "=&r"(old), "=&r"(failed)
                       : "r"(c)
                       : "memory");
    } while (failed);
    __asm__ volatile("amoadd.w x0, %0, (%1)" : : "r"(1UL), "r"(c + 1) : "memory");
    __asm__ volatile("amoadd.d x0, %0, (%1)" : : "r"(1UL << 32 | 1), "r"(c + 2) : "memory");
    // A lock by swap around plain increments.
    do {
      __asm__ volatile("amoswap.w.aq %0, %1, (%2)" : "=&r"(old) : "r"(1UL), "r"(c + 16) : "memory");
    } while (old);
    ++c[17];
    __asm__ volatile("amoswap.w.rl x0, x0, (%0)" : : "r"(c + 16) : "memory");
  }
}

static uint64_t arrived;

static void meet(uint64_t number) {
  __asm__ volatile("amoadd.d x0, %0, (%1)" : : "r"(1UL), "r"(&arrived) : "memory");
  while (*(volatile uint64_t*)&arrived < 4 * number) {
  }
}

int test_main(int thread) {
  (void)thread;
  meet(1);
  contend();
  meet(2);
  const volatile uint32_t* c = counters;
  CHECK(c[0] == 4 * ROUNDS);
  CHECK(c[1] == 4 * ROUNDS);
  CHECK(c[2] == 4 * ROUNDS && c[3] == 4 * ROUNDS);
  CHECK(c[17] == 4 * ROUNDS);
  return 0;
}
