// Building blocks of the kernels on the vector lanes. Registers are arguments, so that every use is one instruction:
// the caller decides what lives where. By convention v0..v15 hold data, v16..v23 are temporaries of the functions
// below, v24..v31 constants.
#pragma once

#include "tatami.h"
#include "tatami/vector_args.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

#define LANES 16

// Descriptors in use; dfmt0 is fp32.
#define FP32 0
#define FMT_X 8
#define FMT_Y 9
#define FMT_Z 10

ALWAYS_INLINE uint64_t min_u64(uint64_t a, uint64_t b) { return a < b ? a : b; }

/// A share of n things for each thread, contiguous: [begin, end).
struct share {
  uint64_t begin, end;
};
ALWAYS_INLINE struct share share_of(uint64_t n, int thread, int nthreads) {
  const uint64_t each = (n + (uint64_t)nthreads - 1) / (uint64_t)nthreads;
  const struct share s = {min_u64(each * (uint64_t)thread, n), min_u64(each * (uint64_t)(thread + 1), n)};
  return s;
}

/// All lanes of a constant register.
#define SPLAT(v, bits) dv_mv_v_x(v, (uint64_t)(bits))

/// v = 16 elements of the format dfmt<desc> at `address`, as FP32. Reads 64 bytes; those beyond 16 elements are not
/// used.
#define LOAD16(v, address, desc) \
  dv_ld(v, address, 0, 0);       \
  dv_cvt(v, v, desc, FP32, 0)

/// The first `count` elements only, others are 0. `bytes` is the element's size.
#define LOAD_SOME(v, address, desc, count, bytes) \
  tatami_set_limits(16, (count) * (bytes));       \
  dv_ld(v, address, 0, 1);                        \
  dv_cvt(v, v, desc, FP32, 0)

/// Stores FP32 lanes in the format dfmt<desc>, as many bytes as dvlim says; `v` is overwritten.
#define STORE16(v, address, desc) \
  dv_cvt(v, v, FP32, desc, 0);    \
  dv_st(v, address, 0, 1)

// --- Functions of a whole register
// -------------------------------------------------------------------------------------------

#define F_ONE 0x3F800000u
#define F_TWO 0x40000000u
#define F_LOG2E 0x3FB8AA3Bu
#define F_LN2_HI 0x3F317200u  // ln 2 to 15 bits, so that n*LN2_HI is exact
#define F_LN2_LO 0x35BFBE8Eu
#define F_EXP_MAX 0x42B17217u  // ln of the largest power of two times almost 2
#define F_EXP_MIN 0xC2AEAC4Fu  // -87.336544: smallest normal result

// Constants of EXP: v24..v31.
#define EXP_CONSTANTS() \
  SPLAT(24, F_LOG2E);   \
  SPLAT(25, F_LN2_HI);  \
  SPLAT(26, F_LN2_LO);  \
  SPLAT(27, F_ONE);     \
  SPLAT(28, F_EXP_MAX); \
  SPLAT(29, F_EXP_MIN)

// v = e^v. x = n ln 2 + r, |r| <= ln 2 / 2; e^r by its series to r^7; times 2^n in two steps, as n may be 128.
// Temporaries v16..v19.
#define EXP(v)                         \
  dv_fmin(v, v, 28);                   \
  dv_fmax(v, v, 29);                   \
  dv_fmul(16, v, 24);                  \
  dv_fcvt_w_s(17, 16);                 \
  dv_fcvt_s_w(16, 17);                 \
  dv_fnmsac(v, 16, 25);                \
  dv_fnmsac(v, 16, 26);                \
  SPLAT(16, 0x39500D01u); /* 1/5040 */ \
  SPLAT(18, 0x3AB60B61u); /* 1/720 */  \
  dv_fmacc(18, 16, v);                 \
  SPLAT(16, 0x3C088889u); /* 1/120 */  \
  dv_fmacc(16, 18, v);                 \
  SPLAT(18, 0x3D2AAAABu); /* 1/24 */   \
  dv_fmacc(18, 16, v);                 \
  SPLAT(16, 0x3E2AAAABu); /* 1/6 */    \
  dv_fmacc(16, 18, v);                 \
  SPLAT(18, 0x3F000000u); /* 1/2 */    \
  dv_fmacc(18, 16, v);                 \
  dv_mv_v_v(16, 27);                   \
  dv_fmacc(16, 18, v);                 \
  dv_mv_v_v(18, 27);                   \
  dv_fmacc(18, 16, v);                 \
  dv_srai(16, 17, 1);                  \
  dv_sub(17, 17, 16);                  \
  dv_slli(16, 16, 23);                 \
  dv_slli(17, 17, 23);                 \
  dv_add(16, 16, 27);                  \
  dv_add(17, 17, 27);                  \
  dv_fmul(v, 18, 16);                  \
  dv_fmul(v, v, 17)

// v = 1/v by two Newton steps from the 7-bit seed, y += y*(1 - v*y). one: a register of 1.0. For finite v whose
// reciprocal is normal. Temporaries v16, v17.
#define RECIPROCAL(v, one) \
  dv_frec7(16, v);         \
  dv_mv_v_v(17, one);      \
  dv_fnmsac(17, v, 16);    \
  dv_fmacc(16, 16, 17);    \
  dv_mv_v_v(17, one);      \
  dv_fnmsac(17, v, 16);    \
  dv_fmacc(16, 16, 17);    \
  dv_mv_v_v(v, 16)

// v = 1/sqrt(v): y += y/2 * (1 - v*y*y), twice. half: a register of 0.5. Temporaries v16..v19.
#define RSQRT(v, one, half) \
  dv_frsqrt7(16, v);        \
  dv_fmul(18, v, 16);       \
  dv_mv_v_v(17, one);       \
  dv_fnmsac(17, 18, 16);    \
  dv_fmul(19, 16, half);    \
  dv_fmacc(16, 19, 17);     \
  dv_fmul(18, v, 16);       \
  dv_mv_v_v(17, one);       \
  dv_fnmsac(17, 18, 16);    \
  dv_fmul(19, 16, half);    \
  dv_fmacc(16, 19, 17);     \
  dv_mv_v_v(v, 16)
