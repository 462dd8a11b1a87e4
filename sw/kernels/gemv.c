// y = alpha*A*x + beta*y: arguments in tatami/vector_args.h. A block is 16 rows, row i in accumulator v<i>, whose lanes
// sum every sixteenth product; x is read once a block. The lanes of a row are added at the end, pairwise.
#include "vector.h"

typedef struct tatami_gemv_args Args;

#define ROWS 16

#define REPEAT_4(OP, first) \
  OP((first) + 0);          \
  OP((first) + 1);          \
  OP((first) + 2);          \
  OP((first) + 3)
#define FOR_ROWS(OP) \
  REPEAT_4(OP, 0);   \
  REPEAT_4(OP, 4);   \
  REPEAT_4(OP, 8);   \
  REPEAT_4(OP, 12)

#define CLEAR(i) dv_mv_v_x(i, 0)
// Rows below the edge repeat the last row; their results are not stored.
#define LOAD_ROW(i, pad)            \
  dv_ld(24 + (i) % 4, row, 0, pad); \
  row += (i) < last ? lda : 0
#define MULTIPLY_FP32(i) \
  LOAD_ROW(i, 0);        \
  dv_fmacc(i, 24 + (i) % 4, 16)
#define MULTIPLY_CONVERTED(i)                         \
  LOAD_ROW(i, 0);                                     \
  dv_cvt(28 + (i) % 4, 24 + (i) % 4, FMT_X, FP32, 0); \
  dv_fmacc(i, 28 + (i) % 4, 16)
#define MULTIPLY_LAST(i)                              \
  LOAD_ROW(i, 1);                                     \
  dv_cvt(28 + (i) % 4, 24 + (i) % 4, FMT_X, FP32, 0); \
  dv_fmacc(i, 28 + (i) % 4, 16)
#define SUM(i) dv_fredsum(i, i)
#define COLLECT(i)      \
  dv_mv_x_w(sum, i, 0); \
  dv_ins_w(16, sum, i)

int main(int thread, int nthreads) {
  Args* const args = TATAMI_ARGS(Args);
  const uint64_t a_bytes = tatami_format_bytes(args->a_format);
  const uint64_t x_bytes = tatami_format_bytes(args->x_format), y_bytes = tatami_format_bytes(args->y_format);
  if (a_bytes == 0 || x_bytes == 0 || y_bytes == 0) return TATAMI_KERNEL_BAD_FORMAT;
  tatami_set_format(FMT_X, args->a_format);
  tatami_set_format(FMT_Y, args->x_format);
  tatami_set_format(FMT_Z, args->y_format);
  csr_write(TATAMI_CSR_DSEED, args->seed);
  const uint64_t m = args->m, n = args->n, lda = args->lda;
  const uint64_t blocks = (m + ROWS - 1) / ROWS;
  for (uint64_t block = (uint64_t)thread; block < blocks;
       block = (uint64_t)nthreads + atomic_add_u32(&args->next_block, 1)) {
    const uint64_t first = block * ROWS, rows = min_u64(m - first, ROWS);
    const int last = (int)rows - 1;
    const uint8_t* const a = (const uint8_t*)args->a + first * lda;
    const uint8_t* x = (const uint8_t*)args->x;
    dv_begin();
    FOR_ROWS(CLEAR);
    uint64_t j = 0;
    for (; j + LANES <= n; j += LANES) {
      const uint8_t* row = a + j * a_bytes;
      LOAD16(16, x, FMT_Y);
      x += LANES * x_bytes;
      if (args->a_format == TATAMI_FP32) {
        FOR_ROWS(MULTIPLY_FP32);
      } else {
        FOR_ROWS(MULTIPLY_CONVERTED);
      }
    }
    if (j < n) {
      const uint8_t* row = a + j * a_bytes;
      LOAD_SOME(16, x, FMT_Y, n - j, x_bytes);
      tatami_set_limits(16, (n - j) * a_bytes);
      FOR_ROWS(MULTIPLY_LAST);
    }
    FOR_ROWS(SUM);
    uint64_t sum;
    FOR_ROWS(COLLECT);
    uint8_t* const y = (uint8_t*)args->y + first * y_bytes;
    SPLAT(18, args->alpha);
    dv_fmul(16, 18, 16);
    if (args->beta << 1 != 0) {
      SPLAT(18, args->beta);
      LOAD_SOME(17, y, FMT_Z, rows, y_bytes);
      dv_fmacc(16, 18, 17);
    }
    tatami_set_limits(16, rows * y_bytes);
    csr_write(TATAMI_CSR_DCOUNT, first);
    STORE16(16, y, FMT_Z);
    dv_end();
  }
  return TATAMI_KERNEL_OK;
}
