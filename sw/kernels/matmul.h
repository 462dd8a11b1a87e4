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
#define LIKELY(x) __builtin_expect((x) != 0, 1)

/// FP32 accumulators of one block per thread, on their way through the general epilogue.
extern uint8_t matmul_scratch[4][BLOCK_M * BLOCK_N * 4];

/// Volatile, so that it is computed where it is used and not before the first multiplication.
ALWAYS_INLINE uint8_t* scratch_of_thread(void) {
  uint64_t base;
  __asm__ volatile("lla %0, matmul_scratch" : "=r"(base));
  return (uint8_t*)base + tatami_thread() * sizeof matmul_scratch[0];
}

ALWAYS_INLINE uint64_t min_u64(uint64_t a, uint64_t b) { return a < b ? a : b; }

/// The smaller one, which `at` mostly is.
ALWAYS_INLINE int64_t inside(int64_t at, int64_t limit) {
  if (UNLIKELY(at > limit)) {
    at = limit;
    __asm__("" : "+r"(at));  // a branch, not taken: cheaper than computing the minimum
  }
  return at;
}

/// min(max(total - from, 0), limit)
ALWAYS_INLINE uint64_t remaining(uint64_t total, uint64_t from, uint64_t limit) {
  return total > from ? min_u64(total - from, limit) : 0;
}

/// A limits value for csr_write(TATAMI_CSR_DVLIM).
ALWAYS_INLINE uint64_t limits(uint64_t rows, uint64_t bytes) { return rows | bytes << 8; }

/// The output's format and the seed of its rounding.
ALWAYS_INLINE void set_output_format(const Args* args) {
  tatami_set_format(FMT_C, args->c_format);
  csr_write(TATAMI_CSR_DSEED, args->seed);
}

/// The number of the item that follows `next`, as the counter gave it: the first ones are the threads' own. tp holds
/// the number of threads (crt0.S), which saves a register.
ALWAYS_INLINE uint64_t item_of(int64_t next) {
  uint64_t item;
  __asm__("add %0, tp, %1" : "=r"(item) : "r"(next));
  return item;
}

/// The end of a thread's work: reports its flags and ends the thread, whose number and company crt0.S has left in gp,
/// tp.
ALWAYS_INLINE __attribute__((noreturn)) void finish(Args* args) {
  register uint64_t thread __asm__("gp");
  register int64_t nthreads __asm__("tp");
  __asm__ volatile("" : "=r"(thread), "=r"(nthreads));
  args->dflags[thread] = (uint8_t)csr_read(TATAMI_CSR_DFLAGS);
  tatami_end(thread, nthreads);
}

/// The place of an item that is a half: row and column before it is moved inside.
struct place {
  int64_t row, column;
};
ALWAYS_INLINE struct place place_of_block(const Args* args, uint64_t block) {
  const uint64_t i = block * args->plan.inverse >> 32;
  return (struct place){(int64_t)i * BLOCK_M, (int64_t)(block - i * args->plan.blocks_n) * BLOCK_N};
}
ALWAYS_INLINE struct place place_of_half(const Args* args, uint64_t item) {
  if (item >= args->plan.strip)
    return (struct place){(int64_t)(item - args->plan.strip) * BLOCK_M, (int64_t)args->plan.blocks_n * BLOCK_N};
  const uint64_t number = item - args->plan.whole;
  struct place place = place_of_block(args, args->plan.whole + number / 2);
  place.column += (int64_t)(number & 1) * (BLOCK_N / 2);
  return place;
}

// --- Draining tiles ------------------------------------------------------------------------------------------------
// Straight-line code, moves well ahead of the stores that use them: a move takes five cycles. Row r of the block is row
// r mod 8 of the tile pairs 2*(r/8) (columns 0..15) and 2*(r/8) + 1 (columns 16..31).
#define TROW(r, half) ((2 * ((r) / 8) + (half)) * 8 + (r) % 8)

// Keeps the compiler from computing the rows' addresses in advance, which would need more registers than there are.
#define OPAQUE(x) __asm__("" : "+r"(x))

#define REPEAT_4(OP, first) \
  OP((first) + 0);          \
  OP((first) + 1);          \
  OP((first) + 2);          \
  OP((first) + 3)
#define REPEAT_8(OP, first) \
  REPEAT_4(OP, first);      \
  REPEAT_4(OP, (first) + 4)

#define MOVE_FP32(r)                                  \
  dm_mv_v_t(12 + 2 * ((r) % 4), TROW(r, 0), FP32, 0); \
  dm_mv_v_t(13 + 2 * ((r) % 4), TROW(r, 1), FP32, 0)
#define STORE_FP32(r)                  \
  dv_st(12 + 2 * ((r) % 4), c, 0, 0);  \
  dv_st(13 + 2 * ((r) % 4), c, 64, 0); \
  c += ldc
#define STORE_MOVE_FP32(r) \
  STORE_FP32(r);           \
  MOVE_FP32((r) + 3)

ALWAYS_INLINE void drain_fp32(uint8_t* c, uint64_t ldc) {
  OPAQUE(c);
  MOVE_FP32(0);
  MOVE_FP32(1);
  MOVE_FP32(2);
  REPEAT_8(STORE_MOVE_FP32, 0);
  REPEAT_4(STORE_MOVE_FP32, 8);
  STORE_MOVE_FP32(12);
  STORE_FP32(13);
  STORE_FP32(14);
  STORE_FP32(15);
}

// The left half alone.
#define MOVE_HALF_FP32(r) dm_mv_v_t(12 + (r) % 8, TROW(r, 0), FP32, 0)
#define STORE_HALF_FP32(r)      \
  dv_st(12 + (r) % 8, c, 0, 0); \
  c += ldc
#define STORE_MOVE_HALF_FP32(r) \
  STORE_HALF_FP32(r);           \
  MOVE_HALF_FP32((r) + 8)

ALWAYS_INLINE void drain_half_fp32(uint8_t* c, uint64_t ldc) {
  OPAQUE(c);
  REPEAT_8(MOVE_HALF_FP32, 0);
  REPEAT_8(STORE_MOVE_HALF_FP32, 0);
  REPEAT_8(STORE_HALF_FP32, 8);
}

// 16 columns of the left or right half, of which dvlim limits the bytes; the first `rows` rows, 1..16.
#define MOVE_EDGE_LEFT(r) dm_mv_v_t(12 + (r) % 8, TROW(r, 0), FP32, 0)
#define MOVE_EDGE_RIGHT(r) dm_mv_v_t(12 + (r) % 8, TROW(r, 1), FP32, 0)
#define STORE_EDGE(r)           \
  dv_st(12 + (r) % 8, c, 0, 1); \
  c += ldc;                     \
  if (rows == (r) + 1) break
#define DRAIN_EDGE(MOVE)     \
  do {                       \
    REPEAT_8(MOVE, 0);       \
    REPEAT_8(STORE_EDGE, 0); \
    REPEAT_8(MOVE, 8);       \
    REPEAT_8(STORE_EDGE, 8); \
  } while (0)

ALWAYS_INLINE void drain_edge_fp32(uint8_t* c, uint64_t ldc, uint64_t rows, uint64_t columns) {
  uint8_t* const right = c + 64;
  tatami_set_limits(16, min_u64(columns, 16) * 4);
  DRAIN_EDGE(MOVE_EDGE_LEFT);
  if (columns <= 16) return;
  c = right;
  tatami_set_limits(16, (columns - 16) * 4);
  DRAIN_EDGE(MOVE_EDGE_RIGHT);
}

// 16-bit formats: part 0 and part 1 of one register make a row of 64 bytes. A part waits for the one before it, so that
// eight rows go together.
#define MOVE_16_LEFT(r) dm_mv_v_t(12 + (r), TROW(r, 0), FMT_C, 0)
#define MOVE_16_RIGHT(r) dm_mv_v_t(12 + (r), TROW(r, 1), FMT_C, 1)
#define STORE_16(r)         \
  dv_st(12 + (r), c, 0, 0); \
  c += ldc

ALWAYS_INLINE void drain_16(uint8_t* c, uint64_t ldc) {
  OPAQUE(c);
  REPEAT_8(MOVE_16_LEFT, 0);
  REPEAT_8(MOVE_16_RIGHT, 0);
  REPEAT_8(STORE_16, 0);
  REPEAT_8(MOVE_16_LEFT, 8);
  REPEAT_8(MOVE_16_RIGHT, 8);
  REPEAT_8(STORE_16, 8);
}

// Rows of 32 bytes.
#define STORE_HALF_16(r)    \
  dv_st(12 + (r), c, 0, 1); \
  c += ldc

ALWAYS_INLINE void drain_half_16(uint8_t* c, uint64_t ldc) {
  OPAQUE(c);
  tatami_set_limits(16, 32);
  REPEAT_8(MOVE_16_LEFT, 0);
  REPEAT_8(STORE_HALF_16, 0);
  REPEAT_8(MOVE_16_LEFT, 8);
  REPEAT_8(STORE_HALF_16, 8);
}

// 8-bit formats: four rows of 16 columns fill a register, stored as 4 rows of 16 bytes. Registers 12 + r/4 hold the
// left, 16 + r/4 the right half; one part of all four registers at a time.
#define MOVE_8(r, half) dm_mv_v_t(12 + 4 * (half) + (r) / 4, TROW(r, half), FMT_C, (r) % 4)
#define MOVES_8(part, half) \
  MOVE_8(part, half);       \
  MOVE_8(4 + (part), half); \
  MOVE_8(8 + (part), half); \
  MOVE_8(12 + (part), half)
#define MOVES_8_LEFT(part) MOVES_8(part, 0)
#define MOVES_8_BOTH(part) \
  MOVES_8(part, 0);        \
  MOVES_8(part, 1)
#define STORE_8_LEFT(quarter) dv_sts(12 + (quarter), c, ldc, S16, NEXT_ROWS, 0)
#define STORE_8_BOTH(quarter)                  \
  dv_sts(16 + (quarter), c, ldc, S16, AT1, 0); \
  STORE_8_LEFT(quarter)

ALWAYS_INLINE void drain_8(uint8_t* c, uint64_t ldc) {
  REPEAT_4(MOVES_8_BOTH, 0);
  REPEAT_4(STORE_8_BOTH, 0);
}

ALWAYS_INLINE void drain_half_8(uint8_t* c, uint64_t ldc) {
  REPEAT_4(MOVES_8_LEFT, 0);
  REPEAT_4(STORE_8_LEFT, 0);
}

/// The general epilogue of a block whose FP32 accumulators stand at `from`, rows `from_stride` bytes apart: outputs
/// (row, column) and up, `rows` x `columns`. Out of line, as it would take registers from the frequent ways.
static __attribute__((noinline)) void epilogue(const Args* args, const uint8_t* from, uint64_t from_stride,
                                               uint64_t row, uint64_t column, uint64_t rows, uint64_t columns) {
  const uint64_t bytes = tatami_format_bytes(args->c_format);
  const uint32_t scale = args->alpha != 0x3F800000;
  const uint32_t accumulate = (args->beta << 1) != 0;
  set_output_format(args);
  dv_begin();
  dv_mv_v_x(30, args->alpha);
  dv_mv_v_x(31, args->beta);
  for (uint64_t part = 0; part < columns; part += 16) {
    const uint64_t width = min_u64(columns - part, 16);
    const uint64_t j = column + part;
    const uint8_t* acc = from + part * 4;
    uint8_t* c = (uint8_t*)args->c + row * args->ldc + j * bytes;
    uint64_t index = args->first_index + row * args->n + j;
    if (args->bias != 0) {
      tatami_set_limits(16, width * 4);
      dv_ld(29, args->bias + j * 4, 0, 1);
    }
    tatami_set_limits(16, width * bytes);
    for (uint64_t i = 0; i < rows; ++i) {
      if (width < 16) {  // what stands behind must not raise flags
        tatami_set_limits(16, width * 4);
        dv_ld(24, acc, 0, 1);
        tatami_set_limits(16, width * bytes);
      } else {
        dv_ld(24, acc, 0, 0);
      }
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
  dv_end();
}

// The tiles of an item of `width` columns at (row_, column_) leave by the plan's way `drain`. Outputs before `place_`
// belong to other items as well: plain ones are stored twice, those of the general epilogue once. That one overwrites
// the panels of the next item: `reload` fetches them again.
#define DRAIN(width, to_fp32, to_16, to_8, row_, column_, place_, reload)                                          \
  do {                                                                                                             \
    if (LIKELY(drain == TATAMI_MATMUL_DRAIN_FP32)) {                                                               \
      to_fp32(c + (column_)*4, ldc);                                                                               \
    } else if (drain == TATAMI_MATMUL_DRAIN_16) {                                                                  \
      set_output_format(args);                                                                                     \
      to_16(c + (column_)*2, ldc);                                                                                 \
    } else if (drain == TATAMI_MATMUL_DRAIN_8) {                                                                   \
      set_output_format(args);                                                                                     \
      to_8(c + (column_), ldc);                                                                                    \
    } else {                                                                                                       \
      uint8_t* const scratch = scratch_of_thread();                                                                \
      const struct place at = place_;                                                                              \
      to_fp32(scratch, BLOCK_N * 4);                                                                               \
      dv_end();                                                                                                    \
      epilogue(args, scratch + (at.row - (row_)) * BLOCK_N * 4 + (at.column - (column_)) * 4, BLOCK_N * 4, at.row, \
               at.column, (row_) + BLOCK_M - at.row, (column_) + (width)-at.column);                               \
      dv_begin();                                                                                                  \
      reload;                                                                                                      \
    }                                                                                                              \
  } while (0)
