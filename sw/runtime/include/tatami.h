// Programming a Tatami node in C: threads, CSRs, formats, barriers, counters. The vector and matrix instructions are
// the macros of tatami_intrinsics_gen.h, one for each line of sw/isa/opcodes.tbl, with register numbers as constants:
//
//   dv_begin();                         // from here to dv_end() no function may be called
//   dv_ld(0, x, 0, 0);                  // v0 <- 64 bytes at x
//   dv_fmacc_l(1, 2, 0, 3);             // v1 <- v2[3]*v0 + v1
//   dv_stp(1, y, 64, 0);                // store v1 at y, y += 64
//   dv_end();
//
// The compiler does not know the vector registers and tiles: every function may overwrite all of them. `tatami cc`
// rejects a program that calls, or returns from, a function between dv_begin() and dv_end().
//
// A program defines int main(int thread, int nthreads). Every thread calls it; the run ends when all have returned,
// or one has returned something else than 0, its exit code. Threads share all memory, each has a stack of 4 KB.
#ifndef TATAMI_H
#define TATAMI_H

#include <stddef.h>
#include <stdint.h>

#include "tatami_csr.h"
#include "tatami_intrinsics_gen.h"

// --- Start and end -------------------------------------------------------------------------------------------------

int main(int thread, int nthreads);

/// Threads that run main, 1..4. The host may overwrite it before the launch.
extern uint32_t tatami_nthreads;

/// Arguments: the host writes a structure here before the launch.
extern uint8_t tatami_args[512] __attribute__((aligned(64)));
#define TATAMI_ARGS(type) ((type*)(void*)tatami_args)

/// Ends the run at once with an exit code (0..2^30), whatever the other threads do.
void exit(int code) __attribute__((noreturn));

/// The words through which program and host talk. An odd value in tohost ends the run: 1 is success.
extern volatile uint64_t tohost, fromhost;

/// The free memory between the image and the stacks. The host places operands from its beginning.
extern uint8_t __heap_start[], __heap_end[];

// --- CSRs ----------------------------------------------------------------------------------------------------------

#define TATAMI_STR1(x) #x
#define TATAMI_STR(x) TATAMI_STR1(x)

// The number must be a constant. Kept in order with each other and with the vector and matrix instructions, not with
// plain loads and stores of C.
#define csr_read(csr)                                                 \
  ({                                                                  \
    uint64_t csr_value_;                                              \
    __asm__ volatile("csrr %0, " TATAMI_STR(csr) : "=r"(csr_value_)); \
    csr_value_;                                                       \
  })
#define csr_write(csr, value) __asm__ volatile("csrw " TATAMI_STR(csr) ", %0" : : "rK"((uint64_t)(value)))

/// Cycles of the node and instructions of this thread since reset. Memory accesses of C stay on their side of the call.
static inline __attribute__((always_inline)) uint64_t tatami_cycles(void) {
  uint64_t value;
  __asm__ volatile("csrr %0, mcycle" : "=r"(value) : : "memory");
  return value;
}
static inline __attribute__((always_inline)) uint64_t tatami_instructions(void) {
  uint64_t value;
  __asm__ volatile("csrr %0, minstret" : "=r"(value) : : "memory");
  return value;
}
static inline __attribute__((always_inline)) int tatami_thread(void) { return (int)csr_read(TATAMI_CSR_DTHREAD); }

// --- Formats (docs/numerics.md, section 1) ---------------------------------------------------------------------------

#define TATAMI_FP32 0
#define TATAMI_BF16 1
#define TATAMI_CF8_143 2
#define TATAMI_CF8_152 3
#define TATAMI_SHP 4
#define TATAMI_UHP 5

#define TATAMI_ROUND_STOCHASTIC (1 << 10)
#define TATAMI_SUB_GRADUAL (1 << 11)
/// A descriptor; options are added with |.
#define TATAMI_FORMAT(kind, bias) ((uint16_t)((kind) | (bias) << 4))

/// Bytes of an element of the format that a descriptor names; 0 if there is no such format. One digit a kind.
static inline __attribute__((always_inline)) unsigned tatami_format_bytes(unsigned descriptor) {
  return (unsigned)(UINT64_C(0x221124) >> 4 * (descriptor & 15)) & 7;
}

/// dfmt<n> = descriptor; n a constant. dfmt0 is fp32 by convention, kernels use 8..15.
#define tatami_set_format(n, descriptor) \
  __asm__ volatile("csrw %0, %1" : : "i"(TATAMI_CSR_DFMT0 + (n)), "rK"((uint64_t)(descriptor)))

/// Limits of the following accesses with pad = 1: rows (0..16) and bytes of each row (0..64).
#define tatami_set_limits(rows, bytes) csr_write(TATAMI_CSR_DVLIM, (uint64_t)(rows) | (uint64_t)(bytes) << 8)

// --- Vector regions --------------------------------------------------------------------------------------------------

// No-operations that the check after linking recognises: `addi x0, x0, 0x7D1` and `0x7D2`.
#define dv_begin() __asm__ volatile("addi x0, x0, 0x7D1" ::: "memory")
#define dv_end() __asm__ volatile("addi x0, x0, 0x7D2" ::: "memory")

// --- Threads of one node
// -----------------------------------------------------------------------------------------------

/// Waits for all earlier memory operations of this thread and the acknowledgements of its network requests.
static inline __attribute__((always_inline)) void tatami_fence(void) { __asm__ volatile("fence" ::: "memory"); }

/// Threads 0..nthreads-1 wait for each other; what each has stored is visible to all afterwards.
static inline __attribute__((always_inline)) void tatami_barrier(int64_t nthreads) {
  tatami_fence();
  if (__builtin_expect(nthreads >= 4, 1)) {
    dn_bar(15);
  } else if (nthreads == 3) {
    dn_bar(7);
  } else if (nthreads == 2) {
    dn_bar(3);
  }
}

/// The old value, sign-extended as the machine does it: no instruction more.
static inline __attribute__((always_inline)) int64_t atomic_add_s32(volatile uint32_t* address, uint32_t value) {
  int64_t old;
  __asm__ volatile("amoadd.w %0, %2, %1" : "=r"(old), "+A"(*address) : "r"(value) : "memory");
  return old;
}
static inline __attribute__((always_inline)) uint32_t atomic_add_u32(volatile uint32_t* address, uint32_t value) {
  uint32_t old;
  __asm__ volatile("amoadd.w %0, %2, %1" : "=r"(old), "+A"(*address) : "r"(value) : "memory");
  return old;
}
static inline __attribute__((always_inline)) void atomic_or_u32(volatile uint32_t* address, uint32_t value) {
  __asm__ volatile("amoor.w x0, %1, %0" : "+A"(*address) : "r"(value) : "memory");
}
static inline __attribute__((always_inline)) uint32_t atomic_max_u32(volatile uint32_t* address, uint32_t value) {
  uint32_t old;
  __asm__ volatile("amomaxu.w %0, %2, %1" : "=r"(old), "+A"(*address) : "r"(value) : "memory");
  return old;
}

// Arrival counters 0..31 of the node, numbers constant. As semaphores: post adds, wait takes one.
#define tatami_semaphore_post(ctr) dn_ctr_add((uint64_t)1, ctr)
#define tatami_semaphore_wait(ctr) dn_ctr_take((uint64_t)1, ctr)

/// The end of a thread that has succeeded, inline for programs that count cycles; others return 0 from main. The fence
/// in the barrier makes "the run has ended" mean that every thread's last store has been performed.
static inline __attribute__((always_inline, noreturn)) void tatami_end(uint64_t thread, int64_t nthreads) {
  tatami_barrier(nthreads);
  if (thread == 0) tohost = 1;
  for (;;) __asm__ volatile("wfi");
}

// --- C library subset
// ----------------------------------------------------------------------------------------------------

void* memcpy(void* restrict to, const void* restrict from, size_t bytes);
void* memmove(void* to, const void* from, size_t bytes);
void* memset(void* to, int value, size_t bytes);
int memcmp(const void* a, const void* b, size_t bytes);
size_t strlen(const char* s);
int strcmp(const char* a, const char* b);
char* strcpy(char* restrict to, const char* restrict from);

#endif
