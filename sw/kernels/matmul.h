// Parts of the matmul kernel that its variants share.
#pragma once

#include "tatami.h"
#include "tatami/matmul_args.h"

typedef struct tatami_matmul_args Args;

#define ALWAYS_INLINE static inline __attribute__((always_inline))

// Descriptors: dfmt0 is fp32.
#define FP32 0
#define FMT_A 8
#define FMT_B 9
#define FMT_C 10

// Shapes and address modes of strided accesses (docs/isa.md, section 5).
enum { S4 = 0, S8 = 1, S16 = 2, T8B = 3, T8H = 4, T16H = 5 };
enum { AT0 = 0, AT1 = 1, AT2 = 2, AT3 = 3, NEXT_COLUMNS = 4, NEXT_ROWS = 5 };

// A thread computes blocks of 16 x 32 outputs: 2 x 4 tiles of 8 x 8, tile 4p + q at rows 8p, columns 8q.
#define BLOCK_M 16
#define BLOCK_N 32

/// How finished tiles leave.
enum Drain {
  DRAIN_FP32,     // plain fp32
  DRAIN_16,       // a 16-bit format, rounded to nearest
  DRAIN_8,        // an 8-bit format, rounded to nearest
  DRAIN_GENERAL,  // alpha, beta, bias or stochastic rounding: through a buffer in memory
};

/// FP32 accumulators of one block per thread, on their way through the general epilogue.
extern uint8_t matmul_scratch[4][BLOCK_M * BLOCK_N * 4];

ALWAYS_INLINE uint64_t min_u64(uint64_t a, uint64_t b) { return a < b ? a : b; }

/// min(max(total - from, 0), limit)
ALWAYS_INLINE uint64_t remaining(uint64_t total, uint64_t from, uint64_t limit) {
  return total > from ? min_u64(total - from, limit) : 0;
}

/// A limits value for csr_write(TATAMI_CSR_DVLIM).
ALWAYS_INLINE uint64_t limits(uint64_t rows, uint64_t bytes) { return rows | bytes << 8; }

ALWAYS_INLINE enum Drain drain_kind(const Args *args) {
  unsigned kind = args->c_format & 15;
  if (args->alpha != 0x3F800000 || (args->beta << 1) != 0 || args->bias != 0) return DRAIN_GENERAL;
  if (kind == TATAMI_FP32) return DRAIN_FP32;
  if (args->c_format & TATAMI_ROUND_STOCHASTIC) return DRAIN_GENERAL;
  return tatami_format_bytes(kind) == 2 ? DRAIN_16 : DRAIN_8;
}

// --- Draining tiles ------------------------------------------------------------------------------------------------
// Straight-line code, moves six registers ahead of the stores that use them. OPAQUE keeps the compiler from computing the rows'
// addresses in advance, which would need more registers than there are.
#define OPAQUE(x) __asm__("" : "+r"(x))
// Row r of the block is row r mod 8 of the tile
// pairs 2*(r/8) (columns 0..15) and 2*(r/8) + 1 (columns 16..31).
#define TROW(r, half) ((2 * ((r) / 8) + (half)) * 8 + (r) % 8)

#define DRAIN_MOVE_FP32(r)                                        \
  dm_mv_v_t(12 + 2 * ((r) % 4), TROW(r, 0), FP32, 0);             \
  dm_mv_v_t(13 + 2 * ((r) % 4), TROW(r, 1), FP32, 0)
#define DRAIN_STORE_FP32(r)                                       \
  dv_st(12 + 2 * ((r) % 4), c, 0, 0);                             \
  dv_st(13 + 2 * ((r) % 4), c, 64, 0);                            \
  c += ldc

ALWAYS_INLINE void drain_fp32(uint8_t *c, uint64_t ldc) {
  OPAQUE(c);
  DRAIN_MOVE_FP32(0); DRAIN_MOVE_FP32(1); DRAIN_MOVE_FP32(2);
  DRAIN_STORE_FP32(0); DRAIN_MOVE_FP32(3);
  DRAIN_STORE_FP32(1); DRAIN_MOVE_FP32(4);
  DRAIN_STORE_FP32(2); DRAIN_MOVE_FP32(5);
  DRAIN_STORE_FP32(3); DRAIN_MOVE_FP32(6);
  DRAIN_STORE_FP32(4); DRAIN_MOVE_FP32(7);
  DRAIN_STORE_FP32(5); DRAIN_MOVE_FP32(8);
  DRAIN_STORE_FP32(6); DRAIN_MOVE_FP32(9);
  DRAIN_STORE_FP32(7); DRAIN_MOVE_FP32(10);
  DRAIN_STORE_FP32(8); DRAIN_MOVE_FP32(11);
  DRAIN_STORE_FP32(9); DRAIN_MOVE_FP32(12);
  DRAIN_STORE_FP32(10); DRAIN_MOVE_FP32(13);
  DRAIN_STORE_FP32(11); DRAIN_MOVE_FP32(14);
  DRAIN_STORE_FP32(12); DRAIN_MOVE_FP32(15);
  DRAIN_STORE_FP32(13); DRAIN_STORE_FP32(14); DRAIN_STORE_FP32(15);
}

// 16-bit formats: part 0 and part 1 of one register make a row of 64 bytes.
#define DRAIN_MOVE_16(r)                                          \
  dm_mv_v_t(12 + (r) % 8, TROW(r, 0), FMT_C, 0);                  \
  dm_mv_v_t(12 + (r) % 8, TROW(r, 1), FMT_C, 1)
#define DRAIN_STORE_16(r)                                         \
  dv_st(12 + (r) % 8, c, 0, 0);                                   \
  c += ldc

ALWAYS_INLINE void drain_16(uint8_t *c, uint64_t ldc) {
  OPAQUE(c);
  DRAIN_MOVE_16(0); DRAIN_MOVE_16(1); DRAIN_MOVE_16(2); DRAIN_MOVE_16(3);
  DRAIN_STORE_16(0); DRAIN_MOVE_16(4);
  DRAIN_STORE_16(1); DRAIN_MOVE_16(5);
  DRAIN_STORE_16(2); DRAIN_MOVE_16(6);
  DRAIN_STORE_16(3); DRAIN_MOVE_16(7);
  DRAIN_STORE_16(4); DRAIN_MOVE_16(8);
  DRAIN_STORE_16(5); DRAIN_MOVE_16(9);
  DRAIN_STORE_16(6); DRAIN_MOVE_16(10);
  DRAIN_STORE_16(7); DRAIN_MOVE_16(11);
  DRAIN_STORE_16(8); DRAIN_MOVE_16(12);
  DRAIN_STORE_16(9); DRAIN_MOVE_16(13);
  DRAIN_STORE_16(10); DRAIN_MOVE_16(14);
  DRAIN_STORE_16(11); DRAIN_MOVE_16(15);
  DRAIN_STORE_16(12); DRAIN_STORE_16(13); DRAIN_STORE_16(14); DRAIN_STORE_16(15);
}

// 8-bit formats: four rows of 16 columns fill a register, stored as 4 rows of 16 bytes.
#define DRAIN_MOVE_8(r, half)                                     \
  dm_mv_v_t(12 + (r) / 4 * 2 + half, TROW(r, half), FMT_C, 0);    \
  dm_mv_v_t(12 + (r) / 4 * 2 + half, TROW(r + 1, half), FMT_C, 1);\
  dm_mv_v_t(12 + (r) / 4 * 2 + half, TROW(r + 2, half), FMT_C, 2);\
  dm_mv_v_t(12 + (r) / 4 * 2 + half, TROW(r + 3, half), FMT_C, 3)

ALWAYS_INLINE void drain_8(uint8_t *c, uint64_t ldc) {
  OPAQUE(c);
  DRAIN_MOVE_8(0, 0); DRAIN_MOVE_8(0, 1);
  DRAIN_MOVE_8(4, 0); DRAIN_MOVE_8(4, 1);
  dv_sts(13, c, ldc, S16, AT1, 0);
  dv_sts(12, c, ldc, S16, NEXT_ROWS, 0);
  DRAIN_MOVE_8(8, 0); DRAIN_MOVE_8(8, 1);
  dv_sts(15, c, ldc, S16, AT1, 0);
  dv_sts(14, c, ldc, S16, NEXT_ROWS, 0);
  DRAIN_MOVE_8(12, 0); DRAIN_MOVE_8(12, 1);
  dv_sts(17, c, ldc, S16, AT1, 0);
  dv_sts(16, c, ldc, S16, NEXT_ROWS, 0);
  dv_sts(19, c, ldc, S16, AT1, 0);
  dv_sts(18, c, ldc, S16, NEXT_ROWS, 0);
}

/// The general epilogue of a block whose FP32 accumulators stand at `from`, rows `from_stride` bytes apart: outputs (row, column)
/// and up, `rows` x `columns`. Uses v24..v31 and dvlim.
ALWAYS_INLINE void epilogue(const Args *args, const uint8_t *from, uint64_t from_stride, uint64_t row, uint64_t column, uint64_t rows,
                            uint64_t columns) {
  const uint64_t bytes = tatami_format_bytes(args->c_format);
  const uint32_t scale = args->alpha != 0x3F800000;
  const uint32_t accumulate = (args->beta << 1) != 0;
  dv_mv_v_x(30, args->alpha);
  dv_mv_v_x(31, args->beta);
  for (uint64_t part = 0; part < columns; part += 16) {
    const uint64_t width = min_u64(columns - part, 16);
    const uint64_t j = column + part;
    const uint8_t *acc = from + part * 4;
    uint8_t *c = (uint8_t *)args->c + row * args->ldc + j * bytes;
    uint64_t index = args->first_index + row * args->n + j;
    if (args->bias != 0) {
      tatami_set_limits(16, width * 4);
      dv_ld(29, args->bias + j * 4, 0, 1);
    }
    tatami_set_limits(16, width * bytes);
    for (uint64_t i = 0; i < rows; ++i) {
      dv_ld(24, acc, 0, 0);
      if (scale) dv_fmul(24, 30, 24);
      if (accumulate) {
        dv_ld(25, c, 0, 1);
        dv_cvt(26, 25, FMT_C, FP32, 0);
        dv_fmacc(24, 31, 26);
      }
      if (args->bias != 0) dv_fadd(24, 24, 29);
      csr_write(TATAMI_CSR_DCOUNT, index);
      dv_cvt(27, 24, FP32, FMT_C, 0);
      dv_st(27, c, 0, 1);
      acc += from_stride;
      c += args->ldc;
      index += args->n;
    }
  }
}
