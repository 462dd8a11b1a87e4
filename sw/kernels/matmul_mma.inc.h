// One variant of the matrix-unit matmul. Included several times by matmul.c, each time with
//   NAME      name of the function to define, which never returns
//   INLINE    noinline or always_inline
//   BITS      16 or 8: size of the operands' elements
//   TRANS_A   1: A is stored as K x M
//   TRANS_B   1: B is stored as N x K
//
// A group is GROUP_K steps of K: the panels that one dm.mma takes. A step of the main loop loads the next group's two A
// and four B panels while it multiplies this group's: 8 dm.mma and 6 loads, no other instruction, as every pointer is
// advanced inside a load. Registers 0..5 and 6..11 take turns. A step of a half item is 4 dm.mma and 4 loads.

#if BITS == 16
#define GROUP_K 4
#define BYTES 2
#define B_ROWS S16  // 4 rows of k x 16 bytes (8 columns)
#define A_COLUMNS T16H
#define B_COLUMNS T8H
#else
#define GROUP_K 8
#define BYTES 1
#define B_ROWS S8  // 8 rows of k x 8 bytes (8 columns)
#define A_COLUMNS T8B
#define B_COLUMNS T8B
#endif

// Where one load serves as the pointer's step, it comes last: A panel LAST, B panel 0.
#if TRANS_A
#define FIRST 1
#define LAST 0
#define LOAD_A_FIRST(v, pad) dv_lds(v, a1, lda, A_COLUMNS, AT1, pad)
#define LOAD_A_LAST(v, pad) dv_lds(v, a1, lda, A_COLUMNS, NEXT_ROWS, pad)
#else
#define FIRST 0
#define LAST 1
#define LOAD_A_FIRST(v, pad) dv_lds(v, a0, lda, S8, NEXT_COLUMNS, pad)
#define LOAD_A_LAST(v, pad) dv_lds(v, a1, lda, S8, NEXT_COLUMNS, pad)
#endif

#if TRANS_B
#define LOAD_B0(v, pad) dv_lds(v, b0, ldb, B_COLUMNS, NEXT_COLUMNS, pad)
#define LOAD_B1(v, pad) dv_lds(v, b1, ldb, B_COLUMNS, NEXT_COLUMNS, pad)
#define LOAD_B2(v, pad) dv_lds(v, b2, ldb, B_COLUMNS, NEXT_COLUMNS, pad)
#define LOAD_B3(v, pad) dv_lds(v, b3, ldb, B_COLUMNS, NEXT_COLUMNS, pad)
#else
#define LOAD_B0(v, pad) dv_lds(v, b0, ldb, B_ROWS, NEXT_ROWS, pad)
#define LOAD_B1(v, pad) dv_lds(v, b0, ldb, B_ROWS, AT1, pad)
#define LOAD_B2(v, pad) dv_lds(v, b0, ldb, B_ROWS, AT2, pad)
#define LOAD_B3(v, pad) dv_lds(v, b0, ldb, B_ROWS, AT3, pad)
#endif

// Registers of set s: A panels s, s+1; B panels s+2..s+5.
#define LOAD_GROUP(s)           \
  LOAD_A_FIRST((s) + FIRST, 0); \
  LOAD_B1((s) + 3, 0);          \
  LOAD_B2((s) + 4, 0);          \
  LOAD_B3((s) + 5, 0);          \
  LOAD_B0((s) + 2, 0);          \
  LOAD_A_LAST((s) + LAST, 0)

#define MMA(p, q, s, z) dm_mma(4 * (p) + (q), (s) + (p), (s) + 2 + (q), FMT_A, FMT_B, z)

// Multiply the panels of set s (z: from zero) and load set n.
#define STEP(s, n, z)           \
  MMA(FIRST, 1, s, z);          \
  LOAD_A_FIRST((n) + FIRST, 0); \
  MMA(FIRST, 2, s, z);          \
  LOAD_B1((n) + 3, 0);          \
  MMA(FIRST, 3, s, z);          \
  LOAD_B2((n) + 4, 0);          \
  MMA(FIRST, 0, s, z);          \
  LOAD_B3((n) + 5, 0);          \
  MMA(LAST, 1, s, z);           \
  LOAD_B0((n) + 2, 0);          \
  MMA(LAST, 2, s, z);           \
  LOAD_A_LAST((n) + LAST, 0);   \
  MMA(LAST, 3, s, z);           \
  MMA(LAST, 0, s, z)

// The same for a half block: column panels 0 and 1.
#define LOAD_HALF_GROUP(s)      \
  LOAD_A_FIRST((s) + FIRST, 0); \
  LOAD_B1((s) + 3, 0);          \
  LOAD_B0((s) + 2, 0);          \
  LOAD_A_LAST((s) + LAST, 0)

#define HALF_STEP(s, n, z)      \
  MMA(FIRST, 1, s, z);          \
  LOAD_A_FIRST((n) + FIRST, 0); \
  MMA(FIRST, 0, s, z);          \
  LOAD_B1((n) + 3, 0);          \
  MMA(LAST, 1, s, z);           \
  LOAD_B0((n) + 2, 0);          \
  MMA(LAST, 0, s, z);           \
  LOAD_A_LAST((n) + LAST, 0)

#define MULTIPLY(s)    \
  MMA(FIRST, 1, s, 0); \
  MMA(FIRST, 2, s, 0); \
  MMA(FIRST, 3, s, 0); \
  MMA(FIRST, 0, s, 0); \
  MMA(LAST, 1, s, 0);  \
  MMA(LAST, 2, s, 0);  \
  MMA(LAST, 3, s, 0);  \
  MMA(LAST, 0, s, 0)
#define HALF_MULTIPLY(s) \
  MMA(FIRST, 1, s, 0);   \
  MMA(FIRST, 0, s, 0);   \
  MMA(LAST, 1, s, 0);    \
  MMA(LAST, 0, s, 0)

// Limits of padded loads: `count` rows of A or columns of B, `steps` of K.
#if TRANS_A
#define LIMIT_A(count, steps) csr_write(TATAMI_CSR_DVLIM, limits(steps, (count)*BYTES))
#else
#define LIMIT_A(count, steps) csr_write(TATAMI_CSR_DVLIM, limits(count, (steps)*BYTES))
#endif
#if TRANS_B
#define LIMIT_B(count, steps) csr_write(TATAMI_CSR_DVLIM, limits(count, (steps)*BYTES))
#else
#define LIMIT_B(count, steps) csr_write(TATAMI_CSR_DVLIM, limits(steps, (count)*BYTES))
#endif

#define LOAD_LAST_GROUP(steps) \
  LIMIT_A(8, steps);           \
  LOAD_A_FIRST(FIRST, 1);      \
  LOAD_A_LAST(LAST, 1);        \
  LIMIT_B(8, steps);           \
  LOAD_B1(3, 1);               \
  LOAD_B2(4, 1);               \
  LOAD_B3(5, 1);               \
  LOAD_B0(2, 1)
#define LOAD_LAST_HALF_GROUP(steps) \
  LIMIT_A(8, steps);                \
  LOAD_A_FIRST(FIRST, 1);           \
  LOAD_A_LAST(LAST, 1);             \
  LIMIT_B(8, steps);                \
  LOAD_B1(3, 1);                    \
  LOAD_B0(2, 1)

// K for one item after its first step, which loaded set 6: pairs of groups. The last one loaded stays in set 6.
#define ALL_PAIRS(STEP)         \
  for (; pairs != 0; --pairs) { \
    STEP(6, 0, 0);              \
    STEP(0, 6, 0);              \
  }

// The steps of K that are left after an even number of groups.
#define LAST_STEPS(MULTIPLY, LOAD_GROUP, LOAD_LAST_GROUP) \
  if (UNLIKELY(all_k_rest)) {                             \
    uint64_t k_rest = all_k_rest;                         \
    if (k_rest >= GROUP_K) {                              \
      LOAD_GROUP(0);                                      \
      MULTIPLY(0);                                        \
      k_rest -= GROUP_K;                                  \
    }                                                     \
    if (k_rest) {                                         \
      LOAD_LAST_GROUP(k_rest);                            \
      MULTIPLY(0);                                        \
    }                                                     \
  }

// What the ends of items need, read once, while the first multiplications are under way: a load at the end of an item
// would wait behind other threads' stores.
#define READ_PLAN()                                                                                        \
  do {                                                                                                     \
    all_k_rest = args->plan.k_rest, inverse = args->plan.inverse, blocks_n = (int32_t)args->plan.blocks_n; \
    drain = (int32_t)args->plan.drain, last_row = (int32_t)args->plan.last_row;                            \
    last_column = (int32_t)args->plan.last_column, items = (int32_t)args->plan.items, ldc = args->ldc;     \
    a_base = (const uint8_t*)args->a, b_base = (const uint8_t*)args->b, c_base = (uint8_t*)args->c;        \
  } while (0)

// The next item is asked for before the last multiplications of this one, which hide the time that it takes, and not
// earlier, because a thread of low priority would long hold work that others could have done.
#define ASK_FOR_ITEM() const int64_t next = atomic_add_s32(&args->next_item, 1)

// Pointers to the first group of the block whose first output is (row, column).
#if TRANS_A
#define START_A(address) a1 = (const uint8_t*)(address)
#define POINT_A(row) a1 = a_base + (row)*BYTES
#define DECLARE_A const uint8_t* a1
#else
#define START_A(address) a0 = (const uint8_t*)(address), a1 = a0 + 8 * lda
#define POINT_A(row) START_A(a_base + (row)*lda)
#define DECLARE_A const uint8_t *a0, *a1
#endif
#if TRANS_B
#define START_B(address) b0 = (const uint8_t*)(address), b1 = b0 + 8 * ldb, b2 = b1 + 8 * ldb, b3 = b2 + 8 * ldb
#define POINT_B(column) START_B(b_base + (column)*ldb)
#define DECLARE_B const uint8_t *b0, *b1, *b2, *b3
#else
#define START_B(address) b0 = (const uint8_t*)(address)
#define POINT_B(column) START_B(b_base + (column)*BYTES)
#define DECLARE_B const uint8_t* b0
#endif

#define CAT1(a, b) a##b
#define CAT(a, b) CAT1(a, b)
#define SLOW CAT(NAME, _slow)

// Panels that lie outside the product are neither loaded nor multiplied. Of one that lies partly outside, what a padded
// load fills with zeros repeats the last row of A or column of B instead: zero times infinity would raise Invalid.
// Operands of 8 bits have no infinities.
#if BITS == 16
#define REPEAT_LAST_ROW(panel) \
  if (rows % 8 != 0) dv_perm_b(panel, panel, 6)
#define REPEAT_LAST_COLUMN(panel) \
  if (columns % 8 != 0 && b_panels == (panel)-1) dv_perm_b(panel, panel, 7)
#else
#define REPEAT_LAST_ROW(panel) (void)0
#define REPEAT_LAST_COLUMN(panel) (void)0
#endif
#define SLOW_MULTIPLY(p)             \
  MMA(p, 0, 0, 0);                   \
  if (b_panels > 1) MMA(p, 1, 0, 0); \
  if (b_panels > 2) MMA(p, 2, 0, 0); \
  if (b_panels > 3) MMA(p, 3, 0, 0)

/// Products that are too small for the fast way: all loads are limited to what there is; tiles leave row by row,
/// through memory if they need an epilogue or a conversion.
static __attribute__((noinline)) void SLOW(Args* args, uint64_t item) {
  const uint8_t* const a_base = (const uint8_t*)args->a;
  const uint8_t* const b_base = (const uint8_t*)args->b;
  const uint64_t lda = args->lda, ldb = args->ldb;
  const uint64_t m = args->m, n = args->n, k = args->k;
  uint8_t* const scratch = matmul_scratch[tatami_thread()];
  set_output_format(args);
  for (; item < args->plan.items; item = item_of(atomic_add_s32(&args->next_item, 1))) {
    const struct place place = place_of_block(args, item);
    const uint64_t row = place.row, column = place.column;
    const uint64_t rows = min_u64(m - row, BLOCK_M), columns = min_u64(n - column, BLOCK_N);
    const uint64_t rows_of[2] = {min_u64(rows, 8), remaining(rows, 8, 8)};
    const uint64_t a_panels = (rows + 7) / 8, b_panels = (columns + 7) / 8;
    DECLARE_A;
    DECLARE_B;
    POINT_A(row);
    POINT_B(column);
    dv_begin();
#if BITS == 16
    if (rows % 8 != 0) dv_ld(6, repeat_last_row[rows % 8 - 1], 0, 0);
    if (columns % 8 != 0) dv_ld(7, repeat_last_column[columns % 8 - 1], 0, 0);
#endif
    dm_zero(0xFF);
    for (uint64_t done = 0; done < k; done += GROUP_K) {
      const uint64_t steps = min_u64(k - done, GROUP_K);
      if (a_panels > FIRST) {
        LIMIT_A(rows_of[FIRST], steps);
        LOAD_A_FIRST(FIRST, 1);
      }
      if (a_panels > LAST) {
        LIMIT_A(rows_of[LAST], steps);
        LOAD_A_LAST(LAST, 1);
      }
      if (b_panels > 1) {
        LIMIT_B(min_u64(columns - 8, 8), steps);
        LOAD_B1(3, 1);
      }
      if (b_panels > 2) {
        LIMIT_B(min_u64(columns - 16, 8), steps);
        LOAD_B2(4, 1);
      }
      if (b_panels > 3) {
        LIMIT_B(min_u64(columns - 24, 8), steps);
        LOAD_B3(5, 1);
      }
      LIMIT_B(min_u64(columns, 8), steps);
      LOAD_B0(2, 1);
      if (a_panels > 1) {
        REPEAT_LAST_ROW(1);
      } else {
        REPEAT_LAST_ROW(0);
      }
      REPEAT_LAST_COLUMN(5);
      REPEAT_LAST_COLUMN(4);
      REPEAT_LAST_COLUMN(3);
      REPEAT_LAST_COLUMN(2);
      SLOW_MULTIPLY(0);
      if (a_panels > 1) {
        SLOW_MULTIPLY(1);
      }
    }
    if (args->plan.drain == TATAMI_MATMUL_DRAIN_FP32) {
      drain_edge_fp32((uint8_t*)args->c + row * args->ldc + column * 4, args->ldc, rows, columns);
      dv_end();
      continue;
    }
    drain_fp32(scratch, BLOCK_N * 4);
    dv_end();
    epilogue(args, scratch, BLOCK_N * 4, row, column, rows, columns);
  }
}

static INLINE __attribute__((noreturn)) void NAME(Args* args, uint64_t thread) {
  // Loads first, all at once: each takes a few cycles.
  uint64_t whole = args->plan.whole, lda = args->lda, ldb = args->ldb;
  uint64_t a_format = args->a_format, b_format = args->b_format;
  int64_t all_pairs = (int32_t)args->plan.pairs;
  OPAQUE(whole);
  OPAQUE(lda);
  OPAQUE(ldb);
  OPAQUE(a_format);
  OPAQUE(b_format);
  OPAQUE(all_pairs);
  uint64_t all_k_rest, inverse, ldc;
  int64_t blocks_n, drain, last_row, last_column, items;
  const uint8_t *a_base, *b_base;
  uint8_t* c_base;
  uint64_t item = thread;
  DECLARE_A;
  DECLARE_B;

  dv_begin();
  tatami_set_format(FMT_A, a_format);
  tatami_set_format(FMT_B, b_format);
  if (LIKELY(item < whole)) {
    const struct tatami_matmul_start* start = &args->plan.start[thread];
    OPAQUE(start);
    START_A(start->a);
    START_B(start->b);
    LOAD_GROUP(0);
    STEP(0, 6, 1);
    // A pair first, so that the other threads' first loads need not wait for what follows.
    int64_t pairs = all_pairs;
    if (LIKELY(pairs != 0)) {
      STEP(6, 0, 0);
      STEP(0, 6, 0);
      --pairs;
    }
    int64_t row = (int32_t)start->row, column = (int32_t)start->column;
    READ_PLAN();
    for (;;) {
      ALL_PAIRS(STEP);
      ASK_FOR_ITEM();
      MULTIPLY(6);
      LAST_STEPS(MULTIPLY, LOAD_GROUP, LOAD_LAST_GROUP);
      const uint64_t old_item = item;
      uint8_t* const c = c_base + row * ldc;
      const int64_t old_row = row, old_column = column;
      item = item_of(next);
      if (item < whole) {
        const uint64_t i = item * inverse >> 32;
        row = inside((int64_t)i * BLOCK_M, last_row);
        column = inside((int64_t)(item - i * (uint64_t)blocks_n) * BLOCK_N, last_column);
        POINT_A(row);
        POINT_B(column);
        LOAD_GROUP(0);
      }
      DRAIN(
          BLOCK_N, drain_fp32, drain_16, drain_8, old_row, old_column, place_of_block(args, old_item),
          if (item < whole) {
            POINT_A(row);
            POINT_B(column);
            LOAD_GROUP(0);
          });
      if (item >= whole) break;
      STEP(0, 6, 1);
      pairs = all_pairs;
    }
    if (LIKELY((int64_t)item >= items)) goto end;
  } else if (args->plan.slow) {
    dv_end();
    SLOW(args, item);
    goto end;
  } else {
    READ_PLAN();
  }
  const int64_t last_half = (int32_t)args->plan.last_half;
  while ((int64_t)item < items) {
    const struct place place = place_of_half(args, item);
    const int64_t row = inside(place.row, last_row), column = inside(place.column, last_half);
    POINT_A(row);
    POINT_B(column);
    LOAD_HALF_GROUP(0);
    HALF_STEP(0, 6, 1);
    int64_t pairs = all_pairs;
    ALL_PAIRS(HALF_STEP);
    ASK_FOR_ITEM();
    HALF_MULTIPLY(6);
    LAST_STEPS(HALF_MULTIPLY, LOAD_HALF_GROUP, LOAD_LAST_HALF_GROUP);
    item = item_of(next);
    uint8_t* const c = c_base + row * ldc;
    DRAIN(BLOCK_N / 2, drain_half_fp32, drain_half_16, drain_half_8, row, column, place, );
  }
end:
  dv_end();
  finish(args);
}

#undef CAT1
#undef CAT
#undef SLOW
#undef SLOW_MULTIPLY
#undef REPEAT_LAST_ROW
#undef REPEAT_LAST_COLUMN
#undef GROUP_K
#undef BYTES
#undef B_ROWS
#undef A_COLUMNS
#undef B_COLUMNS
#undef FIRST
#undef LAST
#undef LOAD_A_FIRST
#undef LOAD_A_LAST
#undef LOAD_B0
#undef LOAD_B1
#undef LOAD_B2
#undef LOAD_B3
#undef LOAD_GROUP
#undef MMA
#undef STEP
#undef MULTIPLY
#undef LOAD_HALF_GROUP
#undef HALF_STEP
#undef HALF_MULTIPLY
#undef LOAD_LAST_GROUP
#undef LOAD_LAST_HALF_GROUP
#undef ALL_PAIRS
#undef START_A
#undef START_B
#undef LAST_STEPS
#undef READ_PLAN
#undef ASK_FOR_ITEM
#undef POINT_A
#undef POINT_B
#undef DECLARE_A
#undef DECLARE_B
#undef LIMIT_A
#undef LIMIT_B
#undef NAME
#undef INLINE
#undef BITS
#undef TRANS_A
#undef TRANS_B
