// Sleeping and waking: wfi, arrival counters, barriers (docs/isa.md, sections 4 and 8).
#include "isa_test.h"

static volatile uint64_t log_[64], entries, go, turns[4];
static uint64_t block[8] __attribute__((aligned(64))), copy[8] __attribute__((aligned(64)));

static uint64_t counter(int number) {
  uint64_t value;
  switch (number) {
    case 0: dn_ctr_rd(value, 0); break;
    case 1: dn_ctr_rd(value, 1); break;
    case 2: dn_ctr_rd(value, 2); break;
    default: dn_ctr_rd(value, 3); break;
  }
  return value;
}

static void note(uint64_t what) {
  uint64_t at;
  __asm__ volatile("amoadd.d %0, %1, (%2)" : "=r"(at) : "r"(1UL), "r"(&entries) : "memory");
  log_[at] = what;
}

static void pause(int rounds) {
  for (int i = 0; i < rounds; ++i) __asm__ volatile("" : : : "memory");
}

/// Barriers of all and of pairs: nobody passes before the last has come.
static void barriers(int thread) {
  for (uint64_t round = 1; round <= 20; ++round) {
    pause((thread * 7 + (int)round * 5) % 23 * 4);
    turns[thread] = round;
    dn_bar(15);
    for (int i = 0; i < 4; ++i) CHECK(turns[i] == round);
    dn_bar(15);
  }
  for (uint64_t round = 1; round <= 20; ++round) {
    pause((thread * 11 + (int)round * 3) % 19 * 4);
    turns[thread] = 100 + round;
    if (thread < 2) {
      dn_bar(3);
    } else {
      dn_bar(12);
    }
    CHECK(turns[thread ^ 1] >= 100 + round);
    if (thread < 2) {
      dn_bar(3);
    } else {
      dn_bar(12);
    }
  }
  // A barrier of one is no barrier.
  switch (thread) {
    case 0: dn_bar(1); break;
    case 1: dn_bar(2); break;
    case 2: dn_bar(4); break;
    default: dn_bar(8); break;
  }
  dn_bar(15);
}

/// Counters: 32 bits, wrap-safe comparison, waiting and taking.
static void counters_(int thread) {
  uint64_t value;
  if (thread == 0) {
    CHECK(counter(0) == 0 && counter(3) == 0);
    dn_ctr_add(5UL, 0);
    CHECK(counter(0) == 5);
    dn_ctr_add(-6L, 0);
    CHECK(counter(0) == 0xFFFFFFFF);
    dn_ctr_wait(0x7FFFFFFFL + 0x80000000L, 0);  // equal
    dn_ctr_wait(0x80000000UL, 0);               // 2^31 - 1 above
    dn_ctr_add(0x1FFFFFFFFUL, 0);               // bits 31:0 only
    CHECK(counter(0) == 0xFFFFFFFE);
    dn_ctr_add(3UL, 0);
    CHECK(counter(0) == 1);
    dn_ctr_wait(0xFFFFFFF0UL, 0);  // passed long ago
    dn_ctr_take(1UL, 0);
    CHECK(counter(0) == 0);
    dn_ctr_rd(value, 31);
    CHECK(value == 0);
  }
  dn_bar(15);
  // Thread 0 wakes the others one after the other.
  if (thread == 0) {
    for (uint64_t i = 1; i <= 3; ++i) {
      pause(200);
      CHECK(entries == i - 1);
      dn_ctr_add(1UL, 1);
      while (entries != i) {
      }
    }
  } else {
    if (thread == 1) dn_ctr_wait(1UL, 1);
    if (thread == 2) dn_ctr_wait(2UL, 1);
    if (thread == 3) dn_ctr_wait(3UL, 1);
    note((uint64_t)thread);
  }
  dn_bar(15);
  CHECK(log_[0] == 1 && log_[1] == 2 && log_[2] == 3);
  dn_bar(15);
  if (thread == 0) entries = 0;
  dn_bar(15);
  // A semaphore: lowest thread first.
  if (thread == 0) {
    pause(300);
    CHECK(entries == 0);
    dn_ctr_add(6UL, 2);
    while (entries != 3) {
    }
    CHECK(counter(2) == 0);
  } else {
    dn_ctr_take(2UL, 2);
    note((uint64_t)thread);
  }
  dn_bar(15);
}

/// Packets to the own node: data, then the counter.
static void arrivals(int thread) {
  const uint64_t node = CSR_READ(TATAMI_CSR_DNODEY) << 40 | CSR_READ(TATAMI_CSR_DNODEX) << 32;
  volatile uint64_t* words = block;
  if (thread == 1) {
    pause(100);
    dn_put_d(node | (uint64_t)&block[0], 0x1122334455667788UL, 3, 1);
    dn_put_w(node | (uint64_t)&block[1], 0xFFFFFFFFAABBCCDDUL, 3, 1);
    for (int i = 2; i < 8; ++i) words[i] = (uint64_t)i;
    dv_ld(1, block, 0, 0);
    dn_push(1, node | (uint64_t)&copy[4], 16UL | 3UL << 8 | 1UL << 15);
    dn_sig(node | 3, 10UL);
  } else if (thread == 0) {
    dn_ctr_wait(2UL, 3);
    CHECK(words[0] == 0x1122334455667788 && (uint32_t)words[1] == 0xAABBCCDD);
    dn_ctr_wait(13UL, 3);
    volatile uint64_t* to = copy;
    CHECK(to[4] == words[0] && to[5] == words[1] && to[6] == 0 && to[3] == 0);
    dn_ctr_take(13UL, 3);
    // Pull, with a counter; atomics.
    dn_pull(node | (uint64_t)block, copy, 3, 1);
    dn_ctr_wait(1UL, 3);
    for (int i = 0; i < 8; ++i) CHECK(to[i] == words[i]);
    uint64_t old;
    dn_amoadd_d(old, node | (uint64_t)&block[7], 100UL);
    CHECK(old == 7 && words[7] == 107);
    old = 107;
    dn_cas_d(old, node | (uint64_t)&block[7], 1UL);
    CHECK(old == 107 && words[7] == 1);
    old = 107;
    dn_cas_d(old, node | (uint64_t)&block[7], 5UL);
    CHECK(old == 1 && words[7] == 1);
    // fence waits for the acknowledgement.
    dn_put_d(node | (uint64_t)&block[2], 77UL, 0, 0);
    FENCE();
    CHECK(words[2] == 77);
  }
  dn_bar(15);
}

/// Four threads add atomically over the network.
static void together(int thread) {
  const uint64_t node = CSR_READ(TATAMI_CSR_DNODEY) << 40 | CSR_READ(TATAMI_CSR_DNODEX) << 32;
  (void)thread;
  for (int i = 0; i < 50; ++i) {
    uint64_t old;
    dn_amoadd_d(old, node | (uint64_t)&block[6], 1UL);
    dn_ctr_add(1UL, 5);
  }
  dn_bar(15);
  uint64_t value;
  dn_ctr_rd(value, 5);
  CHECK(value == 200 && *(volatile uint64_t*)&block[6] == 206);
}

/// wfi in a loop, woken by counters.
static void wait_for_interrupt(int thread) {
  dn_bar(15);
  if (thread == 0) {
    pause(400);
    go = 1;
    dn_ctr_add(1UL, 4);
  } else {
    while (go == 0) __asm__ volatile("wfi" : : : "memory");
  }
  dn_bar(15);
}

int test_main(int thread) {
  barriers(thread);
  counters_(thread);
  arrivals(thread);
  together(thread);
  wait_for_interrupt(thread);
  return 0;
}
