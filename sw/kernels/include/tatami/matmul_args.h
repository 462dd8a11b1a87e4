// Arguments of the kernel `matmul.elf`: C = epilogue(A * B) on one node. Plain C, shared by the kernel and the host.
//
// The host writes one tatami_matmul_args at the ELF symbol `tatami_args` (64-byte aligned) before the launch. All
// matrices are row-major in local SRAM; a leading dimension is the distance of two stored rows in bytes, at least the
// row's length. Results are those of sim/golden/matmul.h: accumulation in K order, then t = alpha*acc if alpha is not
// 1, t = fma(beta, Cin, t) if beta is not 0 (Cin is what C held before, in C's format), t = t + bias[j] if there is a
// bias, then conversion to C's format; element (i, j) has the index first_index + i*n + j for stochastic rounding.
#ifndef TATAMI_MATMUL_ARGS_H
#define TATAMI_MATMUL_ARGS_H

#include <stdint.h>

// flags
#define TATAMI_MATMUL_TRANS_A 1u  // A is stored as K x M
#define TATAMI_MATMUL_TRANS_B 2u  // B is stored as N x K

// Exit codes of matmul.elf.
#define TATAMI_MATMUL_OK 0
#define TATAMI_MATMUL_BAD_FORMATS 2  // not two 8-bit, two 16-bit or two fp32 operands
#define TATAMI_MATMUL_BAD_SHAPE 3    // m, n or k is 0

/// How the kernel goes about it, derived from the other arguments by tatami_matmul_prepare(). The outputs are cut into
/// blocks of 16 x 32. A block that would stick out is moved back inside: its first rows or columns repeat what the
/// block before computes. Items of work: whole blocks, row by row; then the halves, 16 x 16, of the last ones; then,
/// if 1..16 columns are left over, a strip of halves at the right edge. Products with m or n below 16 or very small k
/// are "slow": their items are blocks with limited accesses.
struct tatami_matmul_start {
  uint64_t a, b;         // addresses of the first panels
  uint32_t row, column;  // of the first output
  uint64_t reserved;
};
struct tatami_matmul_plan {
  uint32_t variant;   // 4*bytes of an operand element + transposed operands; 1 if status is not 0; 0: not prepared, the
                      // kernel does it itself
  uint32_t status;    // TATAMI_MATMUL_OK, or the exit code
  uint32_t drain;     // enum tatami_matmul_drain
  uint32_t blocks_n;  // blocks in a row of blocks, without the strip
  uint32_t whole;     // items below are whole blocks
  uint32_t strip;     // items below are halves of blocks, then those of the strip
  uint32_t items;
  uint32_t pairs;   // pairs of groups in the loop over K: K/(2*group) - 1
  uint32_t k_rest;  // steps of K after those: K mod (2*group)
  uint32_t slow;
  uint32_t last_row, last_column, last_half;  // the largest first row, first column of a block and of a half
  uint32_t reserved;
  uint64_t inverse;                     // 2^32 / blocks_n, rounded up: b / blocks_n is b * inverse >> 32
  struct tatami_matmul_start start[4];  // the first whole block of each thread
};

/// How results leave the tiles.
enum tatami_matmul_drain {
  TATAMI_MATMUL_DRAIN_FP32 = 0,     // fp32 as it is
  TATAMI_MATMUL_DRAIN_16 = 1,       // a 16-bit format, rounded to nearest
  TATAMI_MATMUL_DRAIN_8 = 2,        // an 8-bit format, rounded to nearest
  TATAMI_MATMUL_DRAIN_GENERAL = 3,  // alpha, beta, bias or stochastic rounding: through memory
};

struct tatami_matmul_args {
  uint64_t a;    // address of A (m x k)
  uint64_t b;    // address of B (k x n)
  uint64_t c;    // address of C (m x n)
  uint64_t lda;  // bytes
  uint64_t ldb;  // bytes
  uint64_t ldc;  // bytes
  uint32_t m, n;
  uint32_t k;
  uint32_t flags;     // TATAMI_MATMUL_*
  uint16_t a_format;  // descriptors, docs/numerics.md section 1
  uint16_t b_format;
  uint16_t c_format;
  uint16_t reserved;
  uint32_t alpha;        // FP32 bits; 0x3F800000 for 1
  uint32_t beta;         // FP32 bits; 0 for none
  uint64_t bias;         // address of n FP32 values, 0 for none
  uint64_t seed;         // of stochastic rounding (CSR dseed)
  uint64_t first_index;  // element index of C(0, 0), normally 0
  // Written by the kernel.
  uint32_t next_item;              // must be 0 at launch: work counter
  uint8_t dflags[4];               // must be 0 at launch: sticky flags of each thread
  struct tatami_matmul_plan plan;  // zero, or set by tatami_matmul_prepare()
};

#define TATAMI_MATMUL_BLOCK_M 16u
#define TATAMI_MATMUL_BLOCK_N 32u

/// Bytes of an element of the format that a descriptor names; 0 if there is no such format. One hexadecimal digit a
/// kind.
static inline uint32_t tatami_matmul_bytes(uint16_t descriptor) {
  return (uint32_t)(UINT64_C(0x221124) >> 4 * (descriptor & 15u)) & 7u;
}

/// Fills in args->plan from the other arguments. A host that calls it before the launch saves the kernel that time.
static inline void tatami_matmul_prepare(struct tatami_matmul_args* args) {
  struct tatami_matmul_plan* const plan = &args->plan;
  const uint32_t bytes = tatami_matmul_bytes(args->a_format), c_bytes = tatami_matmul_bytes(args->c_format);
  const uint32_t m = args->m, n = args->n, k = args->k;
  const int plain = args->alpha == 0x3F800000u && args->beta << 1 == 0 && args->bias == 0;
  const uint32_t group = bytes == 1 ? 8 : 4;
  const uint32_t blocks_m = (m + 15) / 16, left = n % 32;
  uint32_t halved = 0, strip = 0, blocks_n = (n + 31) / 32;
  plan->slow = m < 16 || n < 16 || k < 2 * group;
  if (!plan->slow) {
    strip = left != 0 && left <= 16;
    blocks_n -= strip;
    // Halves cost more loads and are worth it where they are the only work for a third thread, and at the end of a
    // longer run, where the last block is shared, so that less is left to do for one thread alone.
    if (n < 32 || (blocks_m * blocks_n <= 2 && !strip)) {
      halved = blocks_m * blocks_n;
    } else if (blocks_m * blocks_n >= 8 && !strip) {
      halved = 1;
    }
  }
  plan->status = bytes == 0 || bytes != tatami_matmul_bytes(args->b_format) || c_bytes == 0 ? TATAMI_MATMUL_BAD_FORMATS
                 : m == 0 || n == 0 || k == 0                                               ? TATAMI_MATMUL_BAD_SHAPE
                                                                                            : TATAMI_MATMUL_OK;
  plan->drain = !plain                             ? TATAMI_MATMUL_DRAIN_GENERAL
                : c_bytes == 4                     ? TATAMI_MATMUL_DRAIN_FP32
                : (args->c_format & 1u << 10) != 0 ? TATAMI_MATMUL_DRAIN_GENERAL
                : c_bytes == 2                     ? TATAMI_MATMUL_DRAIN_16
                                                   : TATAMI_MATMUL_DRAIN_8;
  plan->blocks_n = blocks_n;
  plan->whole = plan->slow ? 0 : blocks_m * blocks_n - halved;
  plan->strip = plan->whole + 2 * halved;
  plan->items = plan->slow ? blocks_m * blocks_n : plan->strip + strip * blocks_m;
  plan->pairs = k / (2 * group) - 1;
  plan->k_rest = k % (2 * group);
  plan->last_row = m - 16;
  plan->last_column = n - 32;
  plan->last_half = n - 16;
  plan->inverse = blocks_n == 0 ? 0 : ((UINT64_C(1) << 32) + blocks_n - 1) / blocks_n;
  for (uint32_t t = 0; t < 4 && t < plan->whole && !plan->slow; ++t) {
    const uint32_t i = t / blocks_n, j = t % blocks_n;
    const uint32_t row = 16 * i < plan->last_row ? 16 * i : plan->last_row;
    const uint32_t column = 32 * j < plan->last_column ? 32 * j : plan->last_column;
    plan->start[t].row = row;
    plan->start[t].column = column;
    plan->start[t].a = args->a + row * ((args->flags & TATAMI_MATMUL_TRANS_A) != 0 ? bytes : args->lda);
    plan->start[t].b = args->b + column * ((args->flags & TATAMI_MATMUL_TRANS_B) != 0 ? args->ldb : bytes);
  }
  plan->variant = plan->status != TATAMI_MATMUL_OK
                      ? 1
                      : 4 * bytes + (args->flags & (TATAMI_MATMUL_TRANS_A | TATAMI_MATMUL_TRANS_B));
}

/// Sticky flags of all threads after a run.
static inline uint32_t tatami_matmul_flags(const struct tatami_matmul_args* args) {
  return (uint32_t)(args->dflags[0] | args->dflags[1] | args->dflags[2] | args->dflags[3]);
}

#endif
