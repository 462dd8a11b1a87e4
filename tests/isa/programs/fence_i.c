// Code that is written while the program runs (docs/isa.md, section 4): by scalar stores, vector stores, packets, and
// by another thread; visible after fence.i.
#include "isa_test.h"

enum { WORDS = 32 };  // two fetch lines and more
static uint32_t code[4][WORDS] __attribute__((aligned(64)));
static uint32_t image[4][WORDS] __attribute__((aligned(64)));
static uint64_t ready, done;

/// WORDS - 1 additions to a0 and a return.
static void program(uint32_t* words, int value) {
  for (int i = 0; i < WORDS - 1; ++i) ((volatile uint32_t*)words)[i] = i_type(0x13, 0, A0, A0, value + i);
  words[WORDS - 1] = 0x00008067;
}

static uint64_t expected(int value) { return (uint64_t)((WORDS - 1) * value + (WORDS - 1) * (WORDS - 2) / 2); }

static uint64_t call(const uint32_t* words) {
  register uint64_t a0 __asm__("a0") = 0;
  __asm__ volatile("jalr ra, %1" : "+r"(a0) : "r"(words) : "ra", "memory");
  return a0;
}

static void alone(int thread) {
  uint32_t *mine = code[thread], *from = image[thread];
  const uint64_t node = CSR_READ(TATAMI_CSR_DNODEY) << 40 | CSR_READ(TATAMI_CSR_DNODEX) << 32;
  for (int round = 0; round < 8; ++round) {
    const int value = 3 * round - 10 + thread;
    switch (round % 4) {
      case 0: program(mine, value); break;
      case 1:
        program(from, value);
        for (int i = 0; i < WORDS; i += 16) {
          dv_ld(1, from + i, 0, 0);
          dv_st(1, mine + i, 0, 0);
        }
        break;
      case 2: {  // rows of 8 bytes, out of order
        program(from, value);
        for (int i = WORDS - 16; i >= 0; i -= 16) {
          uint32_t* last = mine + i + 14;
          uint32_t* first = from + i + 14;
          dv_lds(1, first, -8L, 1, 0, 0);
          dv_sts(1, last, -8L, 1, 0, 0);
        }
        break;
      }
      default:
        program(from, value);
        for (int i = 0; i < WORDS; i += 16) {
          dv_ld(1, from + i, 0, 0);
          dn_push(1, node | (uint64_t)(mine + i), 64UL);
        }
    }
    FENCE_I();
    CHECK(call(mine) == expected(value));
  }
  // The very next instruction, in the same fetch line.
  uint64_t result;
  __asm__ volatile(
      "lla t0, 1f\n"
      "lw t1, 2f\n"
      "li %0, 0\n"
      "sw t1, 0(t0)\n"
      "fence.i\n"
      "1: addi %0, %0, 1\n"
      "j 3f\n"
      "2: addi %0, %0, 2\n"
      "3:\n"
      : "=&r"(result)
      :
      : "t0", "t1", "memory");
  CHECK(result == 2);
}

/// Thread 0 writes code for the others, again and again; they see it after their own fence.i.
static void together(int thread) {
  for (int round = 1; round <= 6; ++round) {
    if (thread == 0) {
      program(code[0], round);
      FENCE();
      *(volatile uint64_t*)&ready = (uint64_t)round;
    } else {
      while (*(volatile uint64_t*)&ready < (uint64_t)round) {
      }
    }
    FENCE_I();
    CHECK(call(code[0]) == expected(round));
    __asm__ volatile("amoadd.d x0, %0, (%1)" : : "r"(1UL), "r"(&done) : "memory");
    while (*(volatile uint64_t*)&done < 4 * (uint64_t)round) {
    }
  }
}

int test_main(int thread) {
  alone(thread);
  __asm__ volatile("amoadd.d x0, %0, (%1)" : : "r"(1UL), "r"(&ready) : "memory");
  while (*(volatile uint64_t*)&ready < 4) {
  }
  dn_bar(15);
  if (thread == 0) *(volatile uint64_t*)&ready = 0;
  dn_bar(15);
  together(thread);
  return 0;
}
