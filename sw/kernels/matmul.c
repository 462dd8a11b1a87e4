// C = epilogue(A * B) on one node: arguments and contract in tatami/matmul_args.h.
//
// The outputs are cut into blocks, which the threads take one after the other from a counter, so that a thread that
// drains its tiles leaves the matrix unit to the others. 8- and 16-bit operands are multiplied by the matrix unit
// (matmul_mma.inc.h), fp32 ones by the FP32 lanes (matmul_fp32.inc.h).
#include "matmul.h"
#include "matmul_padding.h"

uint8_t matmul_scratch[4][BLOCK_M * BLOCK_N * 4] __attribute__((aligned(64)));

#define BITS 16
#define TRANS_A 0
#define TRANS_B 0
#define INLINE inline __attribute__((always_inline))
#define NAME matmul_16
#include "matmul_mma.inc.h"
#define BITS 16
#define TRANS_A 0
#define TRANS_B 1
#define INLINE __attribute__((noinline))
#define NAME matmul_16_tb
#include "matmul_mma.inc.h"
#define BITS 16
#define TRANS_A 1
#define TRANS_B 0
#define INLINE __attribute__((noinline))
#define NAME matmul_16_ta
#include "matmul_mma.inc.h"
#define BITS 16
#define TRANS_A 1
#define TRANS_B 1
#define INLINE __attribute__((noinline))
#define NAME matmul_16_ta_tb
#include "matmul_mma.inc.h"
#define BITS 8
#define TRANS_A 0
#define TRANS_B 0
#define INLINE inline __attribute__((always_inline))
#define NAME matmul_8
#include "matmul_mma.inc.h"
#define BITS 8
#define TRANS_A 0
#define TRANS_B 1
#define INLINE __attribute__((noinline))
#define NAME matmul_8_tb
#include "matmul_mma.inc.h"
#define BITS 8
#define TRANS_A 1
#define TRANS_B 0
#define INLINE __attribute__((noinline))
#define NAME matmul_8_ta
#include "matmul_mma.inc.h"
#define BITS 8
#define TRANS_A 1
#define TRANS_B 1
#define INLINE __attribute__((noinline))
#define NAME matmul_8_ta_tb
#include "matmul_mma.inc.h"

#define TRANS_A 0
#define TRANS_B 0
#define INLINE __attribute__((noinline))
#define NAME matmul_fp32
#include "matmul_fp32.inc.h"
#define TRANS_A 0
#define TRANS_B 1
#define INLINE __attribute__((noinline))
#define NAME matmul_fp32_tb
#include "matmul_fp32.inc.h"
#define TRANS_A 1
#define TRANS_B 0
#define INLINE __attribute__((noinline))
#define NAME matmul_fp32_ta
#include "matmul_fp32.inc.h"
#define TRANS_A 1
#define TRANS_B 1
#define INLINE __attribute__((noinline))
#define NAME matmul_fp32_ta_tb
#include "matmul_fp32.inc.h"

/// The variants that main does not begin with.
static __attribute__((noinline)) int run_other(Args* args, uint64_t thread) {
  switch (args->plan.variant) {
    case 2 << 2 | TATAMI_MATMUL_TRANS_A: matmul_16_ta(args, thread);
    case 2 << 2 | TATAMI_MATMUL_TRANS_B: matmul_16_tb(args, thread);
    case 2 << 2 | TATAMI_MATMUL_TRANS_A | TATAMI_MATMUL_TRANS_B: matmul_16_ta_tb(args, thread);
    case 1 << 2 | TATAMI_MATMUL_TRANS_A: matmul_8_ta(args, thread);
    case 1 << 2 | TATAMI_MATMUL_TRANS_B: matmul_8_tb(args, thread);
    case 1 << 2 | TATAMI_MATMUL_TRANS_A | TATAMI_MATMUL_TRANS_B: matmul_8_ta_tb(args, thread);
    case 4 << 2: matmul_fp32(args, thread);
    case 4 << 2 | TATAMI_MATMUL_TRANS_A: matmul_fp32_ta(args, thread);
    case 4 << 2 | TATAMI_MATMUL_TRANS_B: matmul_fp32_tb(args, thread);
    case 4 << 2 | TATAMI_MATMUL_TRANS_A | TATAMI_MATMUL_TRANS_B: matmul_fp32_ta_tb(args, thread);
    default: return (int)args->plan.status;
  }
}

static __attribute__((noinline, cold)) void prepare(Args* args) { tatami_matmul_prepare(args); }

int main(int thread_, int nthreads) {
  Args* const args = TATAMI_ARGS(Args);
  const uint64_t thread = (uint64_t)thread_;
  // The most frequent variants inline and first: small products are timed from the first instruction.
  for (;;) {
    const uint32_t variant = args->plan.variant;
    if (__builtin_expect(variant == 2 << 2, 1)) matmul_16(args, thread);
    if (__builtin_expect(variant == 1 << 2, 1)) matmul_8(args, thread);
    if (variant != 0) return run_other(args, thread);
    prepare(args);  // no plan from the host; all threads write the same, so they need not wait for each other
  }
}
