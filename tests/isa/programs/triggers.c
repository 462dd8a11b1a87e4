// Triggers of one node, to itself (docs/isa.md, section 8.3): what fires when, what is taken, what is refused.
#include "isa_test.h"

enum { GO = 0, THERE = 1, SHARED = 2, CHAIN = 4, WAKE = 10, TAKEN = 11, TURN = 12 };

#define COUNTER(number)       \
  ({                          \
    uint64_t value;           \
    dn_ctr_rd(value, number); \
    value;                    \
  })

static uint64_t node;
static volatile uint64_t takes[4];

static void pause(int rounds) {
  for (int i = 0; i < rounds; ++i) __asm__ volatile("" : : : "memory");
}

/// Fires once, when the count is reached, and takes no more than that.
static void once(void) {
  dn_arm(node | THERE, 3UL, GO, 2);
  dn_ctr_add(2UL, GO);
  pause(20);
  CHECK(COUNTER(GO) == 2 && COUNTER(THERE) == 0);
  dn_ctr_add(5UL, GO);
  dn_ctr_take(1UL, THERE);
  CHECK(COUNTER(GO) == 4);
  dn_ctr_add(5UL, GO);
  pause(20);
  CHECK(COUNTER(GO) == 9 && COUNTER(THERE) == 0);
  // The count is there when it is armed; the largest count; bits that do not matter.
  dn_arm(0xFFFF0000FFFFFFE0UL | node | THERE, 0xFFFFFF0000FE0009UL, GO, 3);
  dn_ctr_take(1UL, THERE);
  CHECK(COUNTER(GO) == 0);
  dn_arm(node | THERE, 0xFFFFUL, GO, 0);
  dn_ctr_add(0xFFFEUL, GO);
  pause(20);
  CHECK(COUNTER(THERE) == 0);
  dn_sig(node | GO, 1UL);
  dn_ctr_take(1UL, THERE);
  CHECK(COUNTER(GO) == 0);
  // Wrap-safe: 2^31 - 1 more than the count is enough, 2^31 more is not.
  dn_ctr_add(0x80000001UL, GO);
  dn_arm(node | THERE, 1UL, GO, 0);
  pause(20);
  CHECK(COUNTER(THERE) == 0);
  dn_ctr_add(-1L, GO);
  dn_ctr_take(1UL, THERE);
  CHECK(COUNTER(GO) == 0x7FFFFFFF);
  dn_ctr_add(-0x7FFFFFFFL, GO);
}

/// The last arming counts.
static void replaced(void) {
  dn_arm(node | THERE, 1UL, GO, 1);
  dn_arm(node | THERE, 2UL, SHARED, 1);
  dn_ctr_add(1UL, GO);
  pause(20);
  CHECK(COUNTER(GO) == 1);
  dn_arm(~0UL, 0xFFFFFFFFFFFF0000UL, GO, 1);  // disarms: nothing else of it matters
  dn_ctr_add(2UL, SHARED);
  pause(20);
  CHECK(COUNTER(GO) == 1 && COUNTER(SHARED) == 2 && COUNTER(THERE) == 0);
  dn_arm(node | THERE, 0UL, GO, 0);  // and one that is not armed
  dn_ctr_take(1UL, GO);
  dn_ctr_take(2UL, SHARED);
}

/// Four triggers on one counter: each has its turn. Then one after the other in a chain.
static void several(void) {
  for (int i = 0; i < 10; ++i) {
    dn_arm(node | (CHAIN + 0), 1UL, SHARED, 0);
    dn_arm(node | (CHAIN + 1), 1UL, SHARED, 1);
    dn_arm(node | (CHAIN + 2), 1UL, SHARED, 2);
    dn_arm(node | (CHAIN + 3), 1UL, SHARED, 3);
    dn_ctr_add(4UL, SHARED);
    dn_ctr_take(1UL, CHAIN + 0);
    dn_ctr_take(1UL, CHAIN + 1);
    dn_ctr_take(1UL, CHAIN + 2);
    dn_ctr_take(1UL, CHAIN + 3);
    CHECK(COUNTER(SHARED) == 0);
  }
  dn_arm(node | THERE, 1UL, CHAIN + 3, 0);
  dn_arm(node | (CHAIN + 2), 1UL, CHAIN + 1, 1);
  dn_arm(node | (CHAIN + 1), 1UL, CHAIN + 0, 2);
  dn_arm(node | (CHAIN + 3), 1UL, CHAIN + 2, 3);
  dn_ctr_add(1UL, CHAIN + 0);
  dn_ctr_take(1UL, THERE);
  CHECK(COUNTER(CHAIN + 0) == 0 && COUNTER(CHAIN + 1) == 0 && COUNTER(CHAIN + 2) == 0 && COUNTER(CHAIN + 3) == 0);
}

/// The node of one as a rectangle, and what does not exist.
static void nodes(struct trap_area* trap) {
  const uint64_t width = CSR_READ(TATAMI_CSR_DFABW), height = CSR_READ(TATAMI_CSR_DFABH);
  const uint64_t x = node >> 32 & 255, y = node >> 40;
  const uint64_t here = x << 24 | y << 32, all = 1UL << 16;
  dn_arm(node | THERE, 1 | all | here, GO, 0);
  dn_ctr_add(1UL, GO);
  dn_ctr_take(1UL, THERE);
  // Refused, and the trigger stays as it was.
  dn_arm(node | THERE, 1 | all | here, GO, 0);
  const uint64_t count = trap->count;
  const struct {
    uint64_t address, control;
  } bad[] = {{width << 32 | 3, 1},
             {height << 40 | 3, 1},
             {0xFFFFUL << 32 | 3, 0xFFFF},
             {node | 1UL << 48 | THERE, 1 | all | width << 24 | y << 32},
             {node | THERE, 1 | all | x << 24 | height << 32},
             {(node + (1UL << 32)) | THERE, 1 | all | here},
             {(node + (1UL << 40)) | THERE, 1 | all | here}};
  for (uint64_t i = 0; i < sizeof bad / sizeof bad[0]; ++i) {
    dn_arm(bad[i].address, bad[i].control, SHARED, 0);
    CHECK(trap->count == count + i + 1 && trap->cause == STORE_FAULT && trap->value == bad[i].address);
  }
  dn_ctr_add(1UL, GO);
  dn_ctr_take(1UL, THERE);
  CHECK(COUNTER(GO) == 0 && trap->count == count + 7);
}

/// A trigger and three threads take from one counter: all get theirs. Firing wakes a thread in wfi.
static void beside_threads(int thread) {
  for (int round = 0; round < 20; ++round) {
    if (thread == 0) {
      dn_arm(node | WAKE, 2UL, TAKEN, 1);
      pause(round * 3);
      for (int i = 0; i < 4; ++i) {
        if (round % 2 != 0) {
          dn_sig(node | TAKEN, 2UL);
        } else {
          dn_ctr_add(2UL, TAKEN);
        }
      }
      dn_ctr_take(1UL, WAKE);
    } else {
      dn_ctr_take(2UL, TAKEN);
      takes[thread] += 1;
    }
    dn_bar(15);
    CHECK(COUNTER(TAKEN) == 0 && takes[1] + takes[2] + takes[3] == 3 * (uint64_t)(round + 1));
    dn_bar(15);
  }
  if (thread == 3) {
    uint64_t value = 0;
    while (value != 1) {
      __asm__ volatile("wfi");
      dn_ctr_rd(value, TURN);
    }
  } else if (thread == 0) {
    pause(200);
    dn_arm(node | TURN, 1UL, GO, 3);
    pause(200);
    dn_ctr_add(1UL, GO);
  }
  dn_bar(15);
}

int test_main(int thread) {
  if (thread == 0) {
    node = CSR_READ(TATAMI_CSR_DNODEY) << 40 | CSR_READ(TATAMI_CSR_DNODEX) << 32;
    once();
    replaced();
    several();
    nodes(&trap_area[0]);
  }
  dn_bar(15);
  beside_threads(thread);
  return 0;
}
