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
#define BLOCK_M TATAMI_MATMUL_BLOCK_M
#define BLOCK_N TATAMI_MATMUL_BLOCK_N

#define UNLIKELY(x) __builtin_expect((x) != 0, 0)

/// FP32 accumulators of one block per thread, on their way through the general epilogue.
extern uint8_t matmul_scratch[4][BLOCK_M * BLOCK_N * 4];

ALWAYS_INLINE uint64_t min_u64(uint64_t a, uint64_t b) { return a < b ? a : b; }

/// min(max(total - from, 0), limit)
ALWAYS_INLINE uint64_t remaining(uint64_t total, uint64_t from, uint64_t limit) {
  return total > from ? min_u64(total - from, limit) : 0;
}

/// A limits value for csr_write(TATAMI_CSR_DVLIM).
ALWAYS_INLINE uint64_t limits(uint64_t rows, uint64_t bytes) { return rows | bytes << 8; }

/// The output's format and the seed of its rounding.
ALWAYS_INLINE void set_output_format(const Args *args) {
  tatami_set_format(FMT_C, args->c_format);
  csr_write(TATAMI_CSR_DSEED, args->seed);
}

/// The end of a thread's work: reports its flags.
ALWAYS_INLINE int finish(Args *args) {
  const uint32_t flags = (uint32_t)csr_read(TATAMI_CSR_DFLAGS);
  if (UNLIKELY(flags)) atomic_or_u32(&args->dflags, flags);
  return TATAMI_MATMUL_OK;
}

// Moves `block`, `i`, `j` and `half` on to a later item.
#define LOCATE(item)                                           \
  do {                                                         \
    uint64_t to = (item);                                      \
    if (to >= whole) {                                         \
      half = (to - whole) & 1;                                 \
      to = whole + (to - whole) / 2;                           \
    }                                                          \
    for (j += to - block; j >= fast_n; j -= fast_n) ++i;       \
    block = to;                                                \
  } while (0)

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

// The left half alone.
#define DRAIN_HALF_MOVE_FP32(r) dm_mv_v_t(12 + (r) % 8, TROW(r, 0), FP32, 0)
#define DRAIN_HALF_STORE(r, pad)    \
  dv_st(12 + (r) % 8, c, 0, pad);   \
  c += ldc

ALWAYS_INLINE void drain_half_fp32(uint8_t *c, uint64_t ldc) {
  OPAQUE(c);
  DRAIN_HALF_MOVE_FP32(0); DRAIN_HALF_MOVE_FP32(1); DRAIN_HALF_MOVE_FP32(2); DRAIN_HALF_MOVE_FP32(3);
  DRAIN_HALF_MOVE_FP32(4); DRAIN_HALF_STORE(0, 0);
  DRAIN_HALF_MOVE_FP32(5); DRAIN_HALF_STORE(1, 0);
  DRAIN_HALF_MOVE_FP32(6); DRAIN_HALF_STORE(2, 0);
  DRAIN_HALF_MOVE_FP32(7); DRAIN_HALF_STORE(3, 0);
  DRAIN_HALF_MOVE_FP32(8); DRAIN_HALF_STORE(4, 0);
  DRAIN_HALF_MOVE_FP32(9); DRAIN_HALF_STORE(5, 0);
  DRAIN_HALF_MOVE_FP32(10); DRAIN_HALF_STORE(6, 0);
  DRAIN_HALF_MOVE_FP32(11); DRAIN_HALF_STORE(7, 0);
  DRAIN_HALF_MOVE_FP32(12); DRAIN_HALF_STORE(8, 0);
  DRAIN_HALF_MOVE_FP32(13); DRAIN_HALF_STORE(9, 0);
  DRAIN_HALF_MOVE_FP32(14); DRAIN_HALF_STORE(10, 0);
  DRAIN_HALF_MOVE_FP32(15); DRAIN_HALF_STORE(11, 0);
  DRAIN_HALF_STORE(12, 0); DRAIN_HALF_STORE(13, 0); DRAIN_HALF_STORE(14, 0); DRAIN_HALF_STORE(15, 0);
}

// 16-bit formats: part 0 and part 1 of one register make a row of 64 bytes. A part depends on the one before it, so that eight rows
// go together.
#define DRAIN_MOVE_16(r, half) dm_mv_v_t(12 + (r), TROW(r, half), FMT_C, half)
#define DRAIN_STORE_16(r, pad)     \
  dv_st(12 + (r), c, 0, pad);      \
  c += ldc
#define DRAIN_MOVES_16(first, half)                                                                                 \
  DRAIN_MOVE_16((first) + 0, half); DRAIN_MOVE_16((first) + 1, half); DRAIN_MOVE_16((first) + 2, half);             \
  DRAIN_MOVE_16((first) + 3, half); DRAIN_MOVE_16((first) + 4, half); DRAIN_MOVE_16((first) + 5, half);             \
  DRAIN_MOVE_16((first) + 6, half); DRAIN_MOVE_16((first) + 7, half)
#define DRAIN_STORES_16(first, pad)                                                                                 \
  DRAIN_STORE_16((first) + 0, pad); DRAIN_STORE_16((first) + 1, pad); DRAIN_STORE_16((first) + 2, pad);             \
  DRAIN_STORE_16((first) + 3, pad); DRAIN_STORE_16((first) + 4, pad); DRAIN_STORE_16((first) + 5, pad);             \
  DRAIN_STORE_16((first) + 6, pad); DRAIN_STORE_16((first) + 7, pad)

ALWAYS_INLINE void drain_16(uint8_t *c, uint64_t ldc) {
  OPAQUE(c);
  DRAIN_MOVES_16(0, 0);
  DRAIN_MOVES_16(0, 1);
  DRAIN_STORES_16(0, 0);
  DRAIN_MOVES_16(8, 0);
  DRAIN_MOVES_16(8, 1);
  DRAIN_STORES_16(8, 0);
}

// Rows of 32 bytes.
ALWAYS_INLINE void drain_half_16(uint8_t *c, uint64_t ldc) {
  OPAQUE(c);
  tatami_set_limits(16, 32);
  DRAIN_MOVES_16(0, 0);
  DRAIN_STORES_16(0, 1);
  DRAIN_MOVES_16(8, 0);
  DRAIN_STORES_16(8, 1);
}

// 8-bit formats: four rows of 16 columns fill a register, stored as 4 rows of 16 bytes. Register 12 + 4*half + r/4.
#define DRAIN_MOVE_8(r, half) dm_mv_v_t(12 + 4 * (half) + (r) / 4, TROW(r, half), FMT_C, (r) % 4)
#define DRAIN_MOVES_8(part, half)                                                                     \
  DRAIN_MOVE_8(part, half); DRAIN_MOVE_8(4 + (part), half); DRAIN_MOVE_8(8 + (part), half); DRAIN_MOVE_8(12 + (part), half)

ALWAYS_INLINE void drain_8(uint8_t *c, uint64_t ldc) {
  DRAIN_MOVES_8(0, 0); DRAIN_MOVES_8(0, 1);
  DRAIN_MOVES_8(1, 0); DRAIN_MOVES_8(1, 1);
  DRAIN_MOVES_8(2, 0); DRAIN_MOVES_8(2, 1);
  DRAIN_MOVES_8(3, 0); DRAIN_MOVES_8(3, 1);
  dv_sts(16, c, ldc, S16, AT1, 0);
  dv_sts(12, c, ldc, S16, NEXT_ROWS, 0);
  dv_sts(17, c, ldc, S16, AT1, 0);
  dv_sts(13, c, ldc, S16, NEXT_ROWS, 0);
  dv_sts(18, c, ldc, S16, AT1, 0);
  dv_sts(14, c, ldc, S16, NEXT_ROWS, 0);
  dv_sts(19, c, ldc, S16, AT1, 0);
  dv_sts(15, c, ldc, S16, NEXT_ROWS, 0);
}

ALWAYS_INLINE void drain_half_8(uint8_t *c, uint64_t ldc) {
  DRAIN_MOVES_8(0, 0);
  DRAIN_MOVES_8(1, 0);
  DRAIN_MOVES_8(2, 0);
  DRAIN_MOVES_8(3, 0);
  dv_sts(12, c, ldc, S16, NEXT_ROWS, 0);
  dv_sts(13, c, ldc, S16, NEXT_ROWS, 0);
  dv_sts(14, c, ldc, S16, NEXT_ROWS, 0);
  dv_sts(15, c, ldc, S16, NEXT_ROWS, 0);
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

// The tiles of a fast block of `columns` columns at (row, column) leave by the plan's way.
#define DRAIN(columns, to_fp32, to_16, to_8)                                                                        \
  do {                                                                                                              \
    if (args->plan.drain == TATAMI_MATMUL_DRAIN_FP32) {                                                             \
      to_fp32((uint8_t *)args->c + row * args->ldc + column * 4, args->ldc);                                        \
    } else {                                                                                                        \
      set_output_format(args);                                                                                      \
      if (args->plan.drain == TATAMI_MATMUL_DRAIN_16) {                                                             \
        to_16((uint8_t *)args->c + row * args->ldc + column * 2, args->ldc);                                        \
      } else if (args->plan.drain == TATAMI_MATMUL_DRAIN_8) {                                                       \
        to_8((uint8_t *)args->c + row * args->ldc + column, args->ldc);                                             \
      } else {                                                                                                      \
        uint8_t *const scratch = matmul_scratch[tatami_thread()];                                                   \
        to_fp32(scratch, BLOCK_N * 4);                                                                              \
        epilogue(args, scratch, BLOCK_N * 4, row, column, BLOCK_M, columns);                                        \
      }                                                                                                             \
    }                                                                                                               \
  } while (0)
