// For instruction-set tests in C. All four threads call test_main; the run passes when all have returned 0, and ends
// with the line of the first CHECK that does not hold.
#pragma once

#include <stdint.h>

#include "tatami_csr.h"
#include "tatami_intrinsics_gen.h"

int test_main(int thread);
void test_fail(int number) __attribute__((noreturn));

#define CHECK(condition)                   \
  do {                                     \
    if (!(condition)) test_fail(__LINE__); \
  } while (0)

#define SRAM_BASE 0x80000000UL
#define SRAM_BYTES 1310720UL
#define SRAM_END (SRAM_BASE + SRAM_BYTES)

// --- Traps: the handler in start.S records them and goes on at `resume`, or after the instruction if that is 0.

struct trap_area {
  uint64_t saved;
  volatile uint64_t count;
  volatile uint64_t cause;
  volatile uint64_t epc;
  volatile uint64_t value;
  volatile uint64_t status;
  volatile uint64_t resume;
  uint64_t fill[9];
};
extern struct trap_area trap_area[4];

enum {
  TARGET_MISALIGNED = 0,
  FETCH_FAULT = 1,
  ILLEGAL = 2,
  BREAKPOINT = 3,
  LOAD_MISALIGNED = 4,
  LOAD_FAULT = 5,
  STORE_MISALIGNED = 6,
  STORE_FAULT = 7,
  ECALL = 11,
  BAD_DESCRIPTOR = 24,
  NO_TRAP = -1,
};

// --- One instruction made at run time, with a0..a5 (x10..x15) as operands.

void execute(uint64_t registers[6], uint32_t word);
extern uint32_t execute_slots[4][16];

enum { A0 = 10, A1, A2, A3, A4, A5 };

/// Executes `word` with the given a0..a2; a3..a5 hold patterns. Returns the cause of its trap or NO_TRAP; the trap must
/// be precise and leave all registers alone. `out` (may be 0) takes a0..a5.
static inline int run_word(int thread, uint32_t word, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t* out) {
  struct trap_area* trap = &trap_area[thread];
  uint64_t x[6] = {a0, a1, a2, 0x3333333333333333, 0x4444444444444444, 0x5555555555555555};
  const uint64_t before = trap->count;
  execute(x, word);
  if (out) {
    for (int i = 0; i < 6; ++i) out[i] = x[i];
  }
  if (trap->count == before) return NO_TRAP;
  CHECK(trap->count == before + 1);
  CHECK(trap->epc == (uint64_t)&execute_slots[thread][0]);
  CHECK(x[0] == a0 && x[1] == a1 && x[2] == a2);
  CHECK(x[3] == 0x3333333333333333 && x[4] == 0x4444444444444444 && x[5] == 0x5555555555555555);
  return (int)trap->cause;
}

// --- Encodings (sw/isa/opcodes.tbl) that the tests compute at run time.

static inline uint32_t r_type(uint32_t opcode, uint32_t funct3, uint32_t funct7, uint32_t rd, uint32_t rs1,
                              uint32_t rs2) {
  return opcode | rd << 7 | funct3 << 12 | rs1 << 15 | rs2 << 20 | funct7 << 25;
}
static inline uint32_t i_type(uint32_t opcode, uint32_t funct3, uint32_t rd, uint32_t rs1, int32_t imm) {
  return opcode | rd << 7 | funct3 << 12 | rs1 << 15 | (uint32_t)imm << 20;
}
static inline uint32_t csr_word(uint32_t funct3, uint32_t rd, uint32_t rs1, uint32_t csr) {
  return 0x73 | rd << 7 | funct3 << 12 | rs1 << 15 | csr << 20;
}

enum { CUSTOM0 = 0x0B, CUSTOM1 = 0x2B, CUSTOM2 = 0x5B, CUSTOM3 = 0x7B, AMO = 0x2F, SYSTEM = 0x73 };

// --- Small things

static inline uint64_t random64(uint64_t* state) {
  uint64_t x = *state;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  *state = x;
  return x * 0x2545F4914F6CDD1DUL;
}

#define CSR_READ(number)                                                     \
  ({                                                                         \
    uint64_t value_;                                                         \
    __asm__ volatile("csrr %0, %1" : "=r"(value_) : "i"(number) : "memory"); \
    value_;                                                                  \
  })
#define CSR_WRITE(number, value) __asm__ volatile("csrw %0, %1" : : "i"(number), "r"((uint64_t)(value)) : "memory")
#define FENCE() __asm__ volatile("fence" : : : "memory")
#define FENCE_I() __asm__ volatile("fence.i" : : : "memory")

void* memcpy(void* to, const void* from, unsigned long bytes);
void* memset(void* to, int value, unsigned long bytes);
