// One variant of the FP32 matmul on the lanes. Included several times by matmul.c, each time with
//   NAME      name of the function to define, which never returns
//   INLINE    noinline or always_inline
//   TRANS_A   1: A is stored as K x M
//   TRANS_B   1: B is stored as N x K
//
// A block is 16 x 16 outputs, row i in v<i>. One step of K takes one vector of 16 columns of B and 16 values of A,
// which the lanes of a register hold: 16 dv.fmacc.l, one a row. A group is four steps.

#define ROWS 16
#define COLUMNS 16

// A of one group: v16..v19. Row-major: register r holds rows 4r..4r+3, four steps each. Transposed: register s holds
// step s. B of one group: v20..v23, a register a step.
#if TRANS_A
#define DECLARE_A const uint8_t* a0
#define POINT_A(row) a0 = (const uint8_t*)args->a + (uint64_t)(row)*4
#define LOAD_A(r)            \
  dv_ld(16 + (r), a0, 0, 0); \
  a0 += lda
#define LOAD_A_STEP()            \
  dv_lds(16, a0, 4, S4, AT0, 1); \
  a0 += lda
#define MULTIPLY_ROW(i, s) dv_fmacc_l(i, 16 + (s), 20 + (s), i)
#else
#define DECLARE_A const uint8_t *a0, *a1, *a2, *a3
#define POINT_A(row) \
  a0 = (const uint8_t*)args->a + (uint64_t)(row)*lda, a1 = a0 + 4 * lda, a2 = a1 + 4 * lda, a3 = a2 + 4 * lda
#define LOAD_A(r) dv_lds(16 + (r), a##r, lda, S16, NEXT_COLUMNS, 0)
#define LOAD_A_STEP() dv_lds(16, a0, lda, S4, NEXT_COLUMNS, 1)
#define MULTIPLY_ROW(i, s) dv_fmacc_l(i, 16 + (i) / 4, 20 + (s), 4 * ((i) % 4) + (s))
#endif
#if TRANS_B
#define POINT_B(column) b = (const uint8_t*)args->b + (uint64_t)(column)*ldb
#define LOAD_B(s) dv_lds(20 + (s), b, ldb, S4, NEXT_COLUMNS, 0)
#define LOAD_B_STEP() dv_lds(20, b, ldb, S4, NEXT_COLUMNS, 1)
#else
#define POINT_B(column) b = (const uint8_t*)args->b + (uint64_t)(column)*4
#define LOAD_B(s)           \
  dv_ld(20 + (s), b, 0, 0); \
  b += ldb
#define LOAD_B_STEP() \
  dv_ld(20, b, 0, 1); \
  b += ldb
#endif

#define FOR_ROWS(OP) \
  REPEAT_8(OP, 0);   \
  REPEAT_8(OP, 8)

#define MULTIPLY_ROW_0(i) MULTIPLY_ROW(i, 0)
#define MULTIPLY_ROW_1(i) MULTIPLY_ROW(i, 1)
#define MULTIPLY_ROW_2(i) MULTIPLY_ROW(i, 2)
#define MULTIPLY_ROW_3(i) MULTIPLY_ROW(i, 3)
#define CLEAR_ROW(i) dv_mv_v_x(i, 0)
#define MULTIPLY_STEP_ROW(i) dv_fmacc_l(i, 16, 20, i)
#define CONVERT_ROW(i) dv_cvt(i, i, FP32, FP32, 0)
#define STORE_ROW(i) \
  dv_st(i, c, 0, 0); \
  c += stride

static INLINE __attribute__((noreturn)) void NAME(Args* args, uint64_t thread) {
  set_output_format(args);
  const uint64_t lda = args->lda, ldb = args->ldb, ldc = args->ldc;
  const uint32_t m = args->m, n = args->n, k = args->k;
  const uint32_t blocks_m = (m + ROWS - 1) / ROWS, blocks_n = (n + COLUMNS - 1) / COLUMNS;
  const uint32_t blocks = blocks_m * blocks_n;
  uint8_t* const scratch = matmul_scratch[thread];

  for (uint64_t block = thread; block < blocks; block = item_of(atomic_add_s32(&args->next_item, 1))) {
    const uint64_t row = (uint64_t)(block / blocks_n) * ROWS, column = (uint64_t)(block % blocks_n) * COLUMNS;
    const uint64_t rows = min_u64(m - row, ROWS), columns = min_u64(n - column, COLUMNS);
    const int whole = rows == ROWS && columns == COLUMNS;
    DECLARE_A;
    const uint8_t* b;
    POINT_A(row);
    POINT_B(column);
    dv_begin();
    FOR_ROWS(CLEAR_ROW);
    uint32_t step = 0;
    if (whole) {
      for (; step + 4 <= k; step += 4) {
        LOAD_A(0);
        LOAD_B(0);
        LOAD_A(1);
        LOAD_A(2);
        LOAD_A(3);
        LOAD_B(1);
        LOAD_B(2);
        LOAD_B(3);
        FOR_ROWS(MULTIPLY_ROW_0);
        FOR_ROWS(MULTIPLY_ROW_1);
        FOR_ROWS(MULTIPLY_ROW_2);
        FOR_ROWS(MULTIPLY_ROW_3);
      }
    }
    // The last steps of K, and all of a block at the edge: columns of A by the 16 x 4 B shape. Lanes outside repeat the
    // last one inside: their zeros times an infinity would raise Invalid.
    dv_ld(24, repeat_last_lane[rows - 1], 0, 0);
    dv_ld(25, repeat_last_lane[columns - 1], 0, 0);
    for (; step < k; ++step) {
      tatami_set_limits(rows, 64);
      LOAD_A_STEP();
      tatami_set_limits(TRANS_B ? columns : 16, TRANS_B ? 64 : columns * 4);
      LOAD_B_STEP();
      dv_perm_w(16, 16, 24);
      dv_perm_w(20, 20, 25);
      FOR_ROWS(MULTIPLY_STEP_ROW);
    }
    // The conversion to fp32 changes nothing here but raises Denormal as that of the tiles does.
    FOR_ROWS(CONVERT_ROW);
    const int direct = whole && args->plan.drain == TATAMI_MATMUL_DRAIN_FP32;
    uint8_t* c = direct ? (uint8_t*)args->c + row * ldc + column * 4 : scratch;
    const uint64_t stride = direct ? ldc : COLUMNS * 4;
    OPAQUE(c);
    FOR_ROWS(STORE_ROW);
    dv_end();
    if (!direct) epilogue(args, scratch, COLUMNS * 4, row, column, rows, columns);
  }
  finish(args);
}

#undef ROWS
#undef COLUMNS
#undef DECLARE_A
#undef POINT_A
#undef POINT_B
#undef LOAD_A
#undef LOAD_B
#undef LOAD_A_STEP
#undef LOAD_B_STEP
#undef MULTIPLY_ROW
#undef MULTIPLY_STEP_ROW
#undef FOR_ROWS
#undef MULTIPLY_ROW_0
#undef MULTIPLY_ROW_1
#undef MULTIPLY_ROW_2
#undef MULTIPLY_ROW_3
#undef CLEAR_ROW
#undef CONVERT_ROW
#undef STORE_ROW
#undef NAME
#undef INLINE
#undef TRANS_A
#undef TRANS_B
