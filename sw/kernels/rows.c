// Softmax, layer norm and RMS norm of every row of a matrix: arguments in tatami/vector_args.h. A row is one thread's
// work, the threads take rows from a counter. The row is read two or three times instead of being kept, so its length
// is not limited.
#include "vector.h"

typedef struct tatami_rows_args Args;

#define F_MINUS_INF 0xFF800000u

// The loops below: STEP sees 16 elements in v0. In the last, partial group v23 is the mask of valid lanes (all lanes
// otherwise) and v0 is 0 in the others. v22 holds the lane numbers.
#define FOR_ROW(STEP)                          \
  do {                                         \
    const uint8_t* at = x;                     \
    uint64_t j = 0;                            \
    dv_seq(23, 22, 22);                        \
    for (; j + LANES <= n; j += LANES) {       \
      LOAD16(0, at, FMT_X);                    \
      at += LANES * x_bytes;                   \
      STEP;                                    \
    }                                          \
    if (j < n) {                               \
      dv_mv_v_x(23, n - j);                    \
      dv_slt(23, 22, 23);                      \
      LOAD_SOME(0, at, FMT_X, n - j, x_bytes); \
      STEP;                                    \
    }                                          \
  } while (0)

// The same with a result in v0, which is stored.
#define MAP_ROW(STEP)                                                                                              \
  do {                                                                                                             \
    uint8_t* to = z;                                                                                               \
    uint64_t index = (uint64_t)row * n;                                                                            \
    FOR_ROW(STEP; tatami_set_limits(16, min_u64(n - j, LANES) * z_bytes); csr_write(TATAMI_CSR_DCOUNT, index + j); \
            STORE16(0, to, FMT_Z); to += LANES * z_bytes);                                                         \
  } while (0)

#define KEEP_VALID(v, other) \
  dv_mv_v_v(21, 23);         \
  dv_sel(21, v, other);      \
  dv_mv_v_v(v, 21)

static const uint32_t lanes[LANES] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/// FP32 bits of 1/n. The reciprocal runs on the lanes; scalar code has no floating point.
ALWAYS_INLINE void reciprocal_of_count(uint64_t n) {
  dv_mv_v_x(7, n);
  dv_fcvt_s_wu(7, 7);
  RECIPROCAL(7, 27);
}

int main(int thread, int nthreads) {
  Args* const args = TATAMI_ARGS(Args);
  const uint32_t operation = args->operation;
  if (operation > TATAMI_ROWS_RMSNORM) return TATAMI_KERNEL_BAD_OPERATION;
  const uint64_t x_bytes = tatami_format_bytes(args->x_format), z_bytes = tatami_format_bytes(args->z_format);
  if (x_bytes == 0 || z_bytes == 0) return TATAMI_KERNEL_BAD_FORMAT;
  tatami_set_format(FMT_X, args->x_format);
  tatami_set_format(FMT_Z, args->z_format);
  csr_write(TATAMI_CSR_DSEED, args->seed);
  const uint64_t n = args->n;
  const uint32_t m = args->m;
  const uint8_t *const gamma = (const uint8_t*)args->gamma, *const beta = (const uint8_t*)args->beta;

  dv_begin();
  EXP_CONSTANTS();
  SPLAT(30, 0);
  SPLAT(31, 0x3F000000u);
  dv_ld(22, lanes, 0, 0);
  reciprocal_of_count(n);  // v7 = 1/n
  for (uint32_t row = (uint32_t)thread; row < m; row = (uint32_t)nthreads + atomic_add_u32(&args->next_row, 1)) {
    const uint8_t* const x = (const uint8_t*)args->x + row * args->ldx;
    uint8_t* const z = (uint8_t*)args->z + row * args->ldz;
    if (operation == TATAMI_ROWS_SOFTMAX) {
      SPLAT(6, F_MINUS_INF);
      dv_mv_v_v(4, 6);
      FOR_ROW(KEEP_VALID(0, 6); dv_fmax(4, 4, 0));
      dv_fredmax(4, 4);
      dv_bcast_w(4, 4, 0);
      dv_mv_v_v(5, 30);
      FOR_ROW(dv_fsub(0, 0, 4); EXP(0); KEEP_VALID(0, 30); dv_fadd(5, 5, 0));
      dv_fredsum(5, 5);
      dv_bcast_w(5, 5, 0);
      RECIPROCAL(5, 27);
      MAP_ROW(dv_fsub(0, 0, 4); EXP(0); dv_fmul(0, 0, 5));
      continue;
    }
    dv_mv_v_v(4, 30);  // mean
    if (operation == TATAMI_ROWS_LAYERNORM) {
      FOR_ROW(dv_fadd(4, 4, 0));
      dv_fredsum(4, 4);
      dv_bcast_w(4, 4, 0);
      dv_fmul(4, 4, 7);
    }
    dv_mv_v_v(5, 30);
    FOR_ROW(dv_fsub(0, 0, 4); KEEP_VALID(0, 30); dv_fmacc(5, 0, 0));
    dv_fredsum(5, 5);
    dv_bcast_w(5, 5, 0);
    SPLAT(6, args->epsilon);
    dv_fmacc(6, 5, 7);
    RSQRT(6, 27, 31);
    if (gamma == 0) {
      MAP_ROW(dv_fsub(0, 0, 4); dv_fmul(0, 0, 6));
    } else if (beta == 0 || operation == TATAMI_ROWS_RMSNORM) {
      MAP_ROW(dv_fsub(0, 0, 4); dv_fmul(0, 0, 6); tatami_set_limits(16, min_u64(n - j, LANES) * 4);
              dv_ld(1, gamma + 4 * j, 0, 1); dv_fmul(0, 0, 1));
    } else {
      MAP_ROW(dv_fsub(0, 0, 4); dv_fmul(0, 0, 6); tatami_set_limits(16, min_u64(n - j, LANES) * 4);
              dv_ld(1, gamma + 4 * j, 0, 1); dv_ld(2, beta + 4 * j, 0, 1); dv_fmacc(2, 0, 1); dv_mv_v_v(0, 2));
    }
  }
  dv_end();
  return TATAMI_KERNEL_OK;
}
