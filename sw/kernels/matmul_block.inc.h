// The multiplication of one block of 16 x 32 outputs by the matrix unit, for kernels whose A and B are padded with
// zeros to whole groups of K (4 or 8 steps), so that no load is limited. Included with
//   NAME  name of the function to define
//   BITS  16 or 8: size of the operands' elements
//
// A step of the loop multiplies one group, 8 dm.mma, and loads the next, 6 loads; registers 0..5 and 6..11 take turns.

#if BITS == 16
#define GROUP_K 4
#define B_ROWS S16
#else
#define GROUP_K 8
#define B_ROWS S8
#endif

#define LOAD_GROUP(s)                            \
  dv_lds((s) + 0, a0, lda, S8, NEXT_COLUMNS, 0); \
  dv_lds((s) + 3, b, ldb, B_ROWS, AT1, 0);       \
  dv_lds((s) + 4, b, ldb, B_ROWS, AT2, 0);       \
  dv_lds((s) + 5, b, ldb, B_ROWS, AT3, 0);       \
  dv_lds((s) + 2, b, ldb, B_ROWS, NEXT_ROWS, 0); \
  dv_lds((s) + 1, a1, lda, S8, NEXT_COLUMNS, 0)
#define MMA(p, q, s, z) dm_mma(4 * (p) + (q), (s) + (p), (s) + 2 + (q), FMT_A, FMT_B, z)
#define STEP(s, n, z)                            \
  MMA(0, 1, s, z);                               \
  dv_lds((n) + 0, a0, lda, S8, NEXT_COLUMNS, 0); \
  MMA(0, 2, s, z);                               \
  dv_lds((n) + 3, b, ldb, B_ROWS, AT1, 0);       \
  MMA(0, 3, s, z);                               \
  dv_lds((n) + 4, b, ldb, B_ROWS, AT2, 0);       \
  MMA(0, 0, s, z);                               \
  dv_lds((n) + 5, b, ldb, B_ROWS, AT3, 0);       \
  MMA(1, 1, s, z);                               \
  dv_lds((n) + 2, b, ldb, B_ROWS, NEXT_ROWS, 0); \
  MMA(1, 2, s, z);                               \
  dv_lds((n) + 1, a1, lda, S8, NEXT_COLUMNS, 0); \
  MMA(1, 3, s, z);                               \
  MMA(1, 0, s, z)
#define MULTIPLY(s, z) \
  MMA(0, 1, s, z);     \
  MMA(0, 2, s, z);     \
  MMA(0, 3, s, z);     \
  MMA(0, 0, s, z);     \
  MMA(1, 1, s, z);     \
  MMA(1, 2, s, z);     \
  MMA(1, 3, s, z);     \
  MMA(1, 0, s, z)

/// Tiles += 16 rows of A from a0 times 32 columns of B from b over k (at least 1) steps of K; the tiles count as zero
/// if `from_zero`. Inside a vector region; uses v0..v11.
ALWAYS_INLINE void NAME(const uint8_t* a0, uint64_t lda, const uint8_t* b, uint64_t ldb, uint64_t k, int from_zero) {
  const uint8_t* a1 = a0 + 8 * lda;
  uint64_t groups = (k + GROUP_K - 1) / GROUP_K - 1;
  LOAD_GROUP(0);
  if (groups == 0) {
    if (from_zero) {
      MULTIPLY(0, 1);
    } else {
      MULTIPLY(0, 0);
    }
    return;
  }
  if (from_zero) {
    STEP(0, 6, 1);
  } else {
    STEP(0, 6, 0);
  }
  for (--groups; groups >= 4; groups -= 4) {
    STEP(6, 0, 0);
    STEP(0, 6, 0);
    STEP(6, 0, 0);
    STEP(0, 6, 0);
  }
  if (groups >= 2) {
    STEP(6, 0, 0);
    STEP(0, 6, 0);
    groups -= 2;
  }
  if (groups != 0) {
    STEP(6, 0, 0);
    MULTIPLY(0, 0);
  } else {
    MULTIPLY(6, 0);
  }
}

#undef GROUP_K
#undef B_ROWS
#undef LOAD_GROUP
#undef MMA
#undef STEP
#undef MULTIPLY
#undef NAME
#undef BITS
