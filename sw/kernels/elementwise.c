// z[i] = f(x[i], y[i]): arguments in tatami/vector_args.h. Every thread takes a contiguous share of the groups of 16
// elements.
#include "vector.h"

typedef struct tatami_elementwise_args Args;

// One loop for every operation: x in v0, y in v1, result in v0. Whole groups read 64 bytes and write what dvlim allows,
// 16 elements; the last, partial group limits every access.
#define MAP(BINARY, OPERATION)                      \
  do {                                              \
    tatami_set_limits(16, LANES* z_bytes);          \
    for (; group < whole; ++group) {                \
      csr_write(TATAMI_CSR_DCOUNT, index);          \
      LOAD16(0, x, FMT_X);                          \
      if (BINARY) {                                 \
        LOAD16(1, y, FMT_Y);                        \
      }                                             \
      OPERATION;                                    \
      STORE16(0, z, FMT_Z);                         \
      x += LANES * x_bytes;                         \
      y += LANES * y_bytes;                         \
      z += LANES * z_bytes;                         \
      index += LANES;                               \
    }                                               \
    if (group < mine.end) {                         \
      csr_write(TATAMI_CSR_DCOUNT, index);          \
      LOAD_SOME(0, x, FMT_X, n % LANES, x_bytes);   \
      if (BINARY) {                                 \
        LOAD_SOME(1, y, FMT_Y, n % LANES, y_bytes); \
      }                                             \
      OPERATION;                                    \
      tatami_set_limits(16, n % LANES * z_bytes);   \
      STORE16(0, z, FMT_Z);                         \
    }                                               \
  } while (0)

/// n bytes in groups of 64.
static void copy(const Args* args, int thread, int nthreads) {
  const uint64_t n = args->n;
  const struct share mine = share_of((n + 63) / 64, thread, nthreads);
  const uint64_t whole = min_u64(mine.end, n / 64);
  const uint8_t* x = (const uint8_t*)args->x + mine.begin * 64;
  uint8_t* z = (uint8_t*)args->z + mine.begin * 64;
  uint64_t group = mine.begin;
  dv_begin();
  for (; group + 4 <= whole; group += 4) {
    dv_ldp(0, x, 64, 0);
    dv_ldp(1, x, 64, 0);
    dv_ldp(2, x, 64, 0);
    dv_ldp(3, x, 64, 0);
    dv_stp(0, z, 64, 0);
    dv_stp(1, z, 64, 0);
    dv_stp(2, z, 64, 0);
    dv_stp(3, z, 64, 0);
  }
  for (; group < whole; ++group) {
    dv_ldp(0, x, 64, 0);
    dv_stp(0, z, 64, 0);
  }
  if (group < mine.end) {
    tatami_set_limits(16, n % 64);
    dv_ld(0, x, 0, 1);
    dv_st(0, z, 0, 1);
  }
  dv_end();
}

/// MurmurHash3's 32-bit finalizer: h ^= h >> 16; h *= 0x85ebca6b; h ^= h >> 13; h *= 0xc2b2ae35; h ^= h >> 16.
static void hash(const Args* args, int thread, int nthreads) {
  const uint64_t n = args->n;
  const struct share mine = share_of((n + LANES - 1) / LANES, thread, nthreads);
  const uint8_t* x = (const uint8_t*)args->x + mine.begin * 64;
  uint8_t* z = (uint8_t*)args->z + mine.begin * 64;
  dv_begin();
  SPLAT(24, 0x85EBCA6B);
  SPLAT(25, 0xC2B2AE35);
  for (uint64_t group = mine.begin; group < mine.end; ++group) {
    tatami_set_limits(16, min_u64(n - group * LANES, LANES) * 4);
    dv_ldp(0, x, 64, 1);
    dv_srli(1, 0, 16);
    dv_xor(0, 0, 1);
    dv_mul(0, 0, 24);
    dv_srli(1, 0, 13);
    dv_xor(0, 0, 1);
    dv_mul(0, 0, 25);
    dv_srli(1, 0, 16);
    dv_xor(0, 0, 1);
    dv_stp(0, z, 64, 1);
  }
  dv_end();
}

int main(int thread, int nthreads) {
  const Args* const args = TATAMI_ARGS(Args);
  const uint32_t operation = args->operation;
  if (operation > TATAMI_EW_COPY) return TATAMI_KERNEL_BAD_OPERATION;
  if (operation == TATAMI_EW_COPY) {
    copy(args, thread, nthreads);
    return TATAMI_KERNEL_OK;
  }
  if (operation == TATAMI_EW_HASH) {
    hash(args, thread, nthreads);
    return TATAMI_KERNEL_OK;
  }

  const uint64_t x_bytes = tatami_format_bytes(args->x_format), z_bytes = tatami_format_bytes(args->z_format);
  const int binary = operation >= TATAMI_EW_ADD && operation <= TATAMI_EW_AXPY;
  const uint64_t y_bytes = binary ? tatami_format_bytes(args->y_format) : 0;
  if (x_bytes == 0 || z_bytes == 0 || (binary && y_bytes == 0)) return TATAMI_KERNEL_BAD_FORMAT;
  tatami_set_format(FMT_X, args->x_format);
  tatami_set_format(FMT_Y, args->y_format);
  tatami_set_format(FMT_Z, args->z_format);
  csr_write(TATAMI_CSR_DSEED, args->seed);

  const uint64_t n = args->n;
  const struct share mine = share_of((n + LANES - 1) / LANES, thread, nthreads);
  const uint64_t whole = min_u64(mine.end, n / LANES);
  uint64_t group = mine.begin, index = mine.begin * LANES;
  const uint8_t* x = (const uint8_t*)args->x + index * x_bytes;
  const uint8_t* y = (const uint8_t*)args->y + index * y_bytes;
  uint8_t* z = (uint8_t*)args->z + index * z_bytes;

  dv_begin();
  SPLAT(30, args->alpha);
  EXP_CONSTANTS();
  switch (operation) {
    case TATAMI_EW_CONVERT: MAP(0, (void)0); break;
    case TATAMI_EW_ADD: MAP(1, dv_fadd(0, 0, 1)); break;
    case TATAMI_EW_SUB: MAP(1, dv_fsub(0, 0, 1)); break;
    case TATAMI_EW_MUL: MAP(1, dv_fmul(0, 0, 1)); break;
    case TATAMI_EW_AXPY: MAP(1, dv_fmacc(1, 30, 0); dv_mv_v_v(0, 1)); break;
    case TATAMI_EW_SCALE: MAP(0, dv_fmul(0, 30, 0)); break;
    case TATAMI_EW_RELU:
      SPLAT(31, 0);
      MAP(0, dv_fmax(0, 0, 31));
      break;
    case TATAMI_EW_EXP: MAP(0, EXP(0)); break;
    case TATAMI_EW_SIGMOID: MAP(0, dv_fsgnjn(0, 0, 0); EXP(0); dv_fadd(0, 0, 27); RECIPROCAL(0, 27)); break;
    case TATAMI_EW_GELU:
      SPLAT(30, 0xBFCC422Au);  // -2*sqrt(2/pi)
      SPLAT(31, 0xBD922279u);  // that times 0.044715
      MAP(0, dv_mv_v_v(4, 0); dv_fmul(2, 0, 0); dv_mv_v_v(3, 30); dv_fmacc(3, 2, 31); dv_fmul(0, 0, 3); EXP(0);
          dv_fadd(0, 0, 27); RECIPROCAL(0, 27); dv_fmul(0, 0, 4));
      break;
    case TATAMI_EW_RECIPROCAL: MAP(0, RECIPROCAL(0, 27)); break;
    case TATAMI_EW_RSQRT:
      SPLAT(31, 0x3F000000u);
      MAP(0, RSQRT(0, 27, 31));
      break;
    case TATAMI_EW_CLAMP:
      dv_fsgnjx(30, 30, 30);
      dv_fsgnjn(31, 30, 30);
      MAP(0, dv_fmax(0, 0, 31); dv_fmin(0, 0, 30));
      break;
  }
  dv_end();
  return TATAMI_KERNEL_OK;
}
