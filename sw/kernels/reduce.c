// Sum, maximum, minimum, dot product, argmax of arrays: arguments in tatami/vector_args.h. Every thread reduces a
// contiguous share into one vector, thread 0 reduces the vectors of all. Four accumulators hide the adder's latency.
#include "vector.h"

typedef struct tatami_reduce_args Args;

// Of each thread: 16 values, 16 indices.
static uint32_t partial[4][2][LANES] __attribute__((aligned(64)));

#define F_MINUS_INF 0xFF800000u
#define F_PLUS_INF 0x7F800000u

// Accumulators v4..v7; STEP(accumulator) takes x in v0 and y in v1.
#define REDUCE(BINARY, STEP)                 \
  do {                                       \
    for (; group + 4 <= whole; group += 4) { \
      REDUCE_GROUP(BINARY, STEP, 4);         \
      REDUCE_GROUP(BINARY, STEP, 5);         \
      REDUCE_GROUP(BINARY, STEP, 6);         \
      REDUCE_GROUP(BINARY, STEP, 7);         \
    }                                        \
    for (; group < whole; ++group) {         \
      REDUCE_GROUP(BINARY, STEP, 4);         \
    }                                        \
  } while (0)

#define REDUCE_GROUP(BINARY, STEP, acc) \
  LOAD16(0, x, FMT_X);                  \
  x += LANES * x_bytes;                 \
  if (BINARY) {                         \
    LOAD16(1, y, FMT_Y);                \
    y += LANES * y_bytes;               \
  }                                     \
  STEP(acc)

#define STEP_SUM(acc) dv_fadd(acc, acc, 0)
#define STEP_MAX(acc) dv_fmax(acc, acc, 0)
#define STEP_MIN(acc) dv_fmin(acc, acc, 0)
#define STEP_DOT(acc) dv_fmacc(acc, 0, 1)
#define STEP_SQUARES(acc) dv_fmacc(acc, 0, 0)

// The best values so far in v4, their indices in v8, this group's indices in v9: replaced where strictly larger.
#define STEP_ARGMAX() \
  dv_flt(10, 4, 0);   \
  dv_mv_v_v(11, 10);  \
  dv_sel(10, 9, 8);   \
  dv_mv_v_v(8, 10);   \
  dv_sel(11, 0, 4);   \
  dv_mv_v_v(4, 11);   \
  dv_add(9, 9, 24)

int main(int thread, int nthreads) {
  Args* const args = TATAMI_ARGS(Args);
  const uint32_t operation = args->operation;
  if (operation > TATAMI_RED_SUM_OF_SQUARES) return TATAMI_KERNEL_BAD_OPERATION;
  const uint64_t x_bytes = tatami_format_bytes(args->x_format);
  const uint64_t y_bytes = operation == TATAMI_RED_DOT ? tatami_format_bytes(args->y_format) : 4;
  if (x_bytes == 0 || y_bytes == 0) return TATAMI_KERNEL_BAD_FORMAT;
  tatami_set_format(FMT_X, args->x_format);
  tatami_set_format(FMT_Y, args->y_format);

  const uint64_t n = args->n;
  const struct share mine = share_of((n + LANES - 1) / LANES, thread, nthreads);
  const uint64_t whole = min_u64(mine.end, n / LANES);
  uint64_t group = mine.begin;
  const uint8_t* x = (const uint8_t*)args->x + group * LANES * x_bytes;
  const uint8_t* y = (const uint8_t*)args->y + group * LANES * y_bytes;

  dv_begin();
  const uint32_t empty = operation == TATAMI_RED_MIN                                     ? F_PLUS_INF
                         : operation == TATAMI_RED_MAX || operation == TATAMI_RED_ARGMAX ? F_MINUS_INF
                                                                                         : 0;
  SPLAT(31, empty);
  dv_mv_v_v(4, 31);
  dv_mv_v_v(5, 31);
  dv_mv_v_v(6, 31);
  dv_mv_v_v(7, 31);
  // Lane numbers: 16 elements of 4 bytes each, by their own offsets.
  static const uint32_t lanes[LANES] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  dv_ld(30, lanes, 0, 0);
  SPLAT(24, LANES);
  SPLAT(8, 0x7FFFFFFF);
  dv_mv_v_x(9, group * LANES);
  dv_add(9, 9, 30);
  switch (operation) {
    case TATAMI_RED_SUM: REDUCE(0, STEP_SUM); break;
    case TATAMI_RED_MAX: REDUCE(0, STEP_MAX); break;
    case TATAMI_RED_MIN: REDUCE(0, STEP_MIN); break;
    case TATAMI_RED_DOT: REDUCE(1, STEP_DOT); break;
    case TATAMI_RED_SUM_OF_SQUARES: REDUCE(0, STEP_SQUARES); break;
    default:
      for (; group < whole; ++group) {
        LOAD16(0, x, FMT_X);
        x += LANES * x_bytes;
        STEP_ARGMAX();
      }
      break;
  }
  if (group < mine.end) {  // the array's last, partial group: lanes beyond it get a value that changes nothing
    const uint64_t count = n % LANES;
    LOAD_SOME(0, x, FMT_X, count, x_bytes);
    if (operation == TATAMI_RED_DOT) {
      LOAD_SOME(1, y, FMT_Y, count, y_bytes);
    } else {
      dv_mv_v_x(2, count);
      dv_slt(2, 30, 2);
      dv_sel(2, 0, 31);
      dv_mv_v_v(0, 2);
    }
    switch (operation) {
      case TATAMI_RED_SUM: STEP_SUM(5); break;
      case TATAMI_RED_MAX: STEP_MAX(5); break;
      case TATAMI_RED_MIN: STEP_MIN(5); break;
      case TATAMI_RED_DOT: STEP_DOT(5); break;
      case TATAMI_RED_SUM_OF_SQUARES: STEP_SQUARES(5); break;
      default: STEP_ARGMAX(); break;
    }
  }
  if (operation == TATAMI_RED_MAX) {
    dv_fmax(4, 4, 5);
    dv_fmax(6, 6, 7);
    dv_fmax(4, 4, 6);
  } else if (operation == TATAMI_RED_MIN) {
    dv_fmin(4, 4, 5);
    dv_fmin(6, 6, 7);
    dv_fmin(4, 4, 6);
  } else if (operation != TATAMI_RED_ARGMAX) {
    dv_fadd(4, 4, 5);
    dv_fadd(6, 6, 7);
    dv_fadd(4, 4, 6);
  }
  dv_st(4, partial[thread], 0, 0);
  dv_st(8, partial[thread], 64, 0);
  dv_end();
  tatami_barrier(nthreads);
  if (thread != 0) return TATAMI_KERNEL_OK;

  dv_begin();
  dv_ld(4, partial[0], 0, 0);
  dv_ld(8, partial[0], 64, 0);
  for (int t = 1; t < nthreads; ++t) {
    dv_ld(0, partial[t], 0, 0);
    dv_ld(9, partial[t], 64, 0);
    switch (operation) {
      case TATAMI_RED_MAX: dv_fmax(4, 4, 0); break;
      case TATAMI_RED_MIN: dv_fmin(4, 4, 0); break;
      case TATAMI_RED_ARGMAX: STEP_ARGMAX(); break;
      default: dv_fadd(4, 4, 0); break;
    }
  }
  uint64_t value, index = 0;
  if (operation == TATAMI_RED_MIN) {
    dv_fredmin(0, 4);
  } else if (operation == TATAMI_RED_MAX || operation == TATAMI_RED_ARGMAX) {
    dv_fredmax(0, 4);
  } else {
    dv_fredsum(0, 4);
  }
  dv_mv_x_w(value, 0, 0);
  if (operation == TATAMI_RED_ARGMAX) {
    dv_bcast_w(0, 0, 0);
    dv_feq(0, 0, 4);
    SPLAT(1, 0x7FFFFFFF);
    dv_sel(0, 8, 1);
    dv_redmin(0, 0);
    dv_mv_x_w(index, 0, 0);
  }
  dv_end();
  args->value = (uint32_t)value;
  args->index = (uint32_t)index;
  return TATAMI_KERNEL_OK;
}
