// C = epilogue(A * B) on one node: arguments and contract in tatami/matmul_args.h.
//
// The outputs are cut into blocks, which the threads take one after the other from a counter, so that a thread that
// drains its tiles leaves the matrix unit to the others. 8- and 16-bit operands are multiplied by the matrix unit
// (matmul_mma.inc.h), fp32 ones by the FP32 lanes (matmul_fp32.inc.h).
#include "matmul.h"

uint8_t matmul_scratch[4][BLOCK_M * BLOCK_N * 4] __attribute__((aligned(64)));

#define BITS 16
#define TRANS_A 0
#define TRANS_B 0
#define NAME matmul_16
#include "matmul_mma.inc.h"
#define BITS 16
#define TRANS_A 0
#define TRANS_B 1
#define NAME matmul_16_tb
#include "matmul_mma.inc.h"
#define BITS 16
#define TRANS_A 1
#define TRANS_B 0
#define NAME matmul_16_ta
#include "matmul_mma.inc.h"
#define BITS 16
#define TRANS_A 1
#define TRANS_B 1
#define NAME matmul_16_ta_tb
#include "matmul_mma.inc.h"
#define BITS 8
#define TRANS_A 0
#define TRANS_B 0
#define NAME matmul_8
#include "matmul_mma.inc.h"
#define BITS 8
#define TRANS_A 0
#define TRANS_B 1
#define NAME matmul_8_tb
#include "matmul_mma.inc.h"
#define BITS 8
#define TRANS_A 1
#define TRANS_B 0
#define NAME matmul_8_ta
#include "matmul_mma.inc.h"
#define BITS 8
#define TRANS_A 1
#define TRANS_B 1
#define NAME matmul_8_ta_tb
#include "matmul_mma.inc.h"

#define TRANS_A 0
#define TRANS_B 0
#define NAME matmul_fp32
#include "matmul_fp32.inc.h"
#define TRANS_A 0
#define TRANS_B 1
#define NAME matmul_fp32_tb
#include "matmul_fp32.inc.h"
#define TRANS_A 1
#define TRANS_B 0
#define NAME matmul_fp32_ta
#include "matmul_fp32.inc.h"
#define TRANS_A 1
#define TRANS_B 1
#define NAME matmul_fp32_ta_tb
#include "matmul_fp32.inc.h"

static int prepare_and_run(Args* args, int thread, int nthreads);

static __attribute__((noinline)) int run(Args* args, int thread, int nthreads) {
  switch (args->plan.variant) {
    case 0: return prepare_and_run(args, thread, nthreads);
    case 1 << 2: return matmul_8(args, (uint64_t)thread, (uint64_t)nthreads);
    case 2 << 2: return matmul_16(args, (uint64_t)thread, (uint64_t)nthreads);
    case 2 << 2 | TATAMI_MATMUL_TRANS_A: return matmul_16_ta(args, (uint64_t)thread, (uint64_t)nthreads);
    case 2 << 2 | TATAMI_MATMUL_TRANS_B: return matmul_16_tb(args, (uint64_t)thread, (uint64_t)nthreads);
    case 2 << 2 | TATAMI_MATMUL_TRANS_A | TATAMI_MATMUL_TRANS_B:
      return matmul_16_ta_tb(args, (uint64_t)thread, (uint64_t)nthreads);
    case 1 << 2 | TATAMI_MATMUL_TRANS_A: return matmul_8_ta(args, (uint64_t)thread, (uint64_t)nthreads);
    case 1 << 2 | TATAMI_MATMUL_TRANS_B: return matmul_8_tb(args, (uint64_t)thread, (uint64_t)nthreads);
    case 1 << 2 | TATAMI_MATMUL_TRANS_A | TATAMI_MATMUL_TRANS_B:
      return matmul_8_ta_tb(args, (uint64_t)thread, (uint64_t)nthreads);
    case 4 << 2: return matmul_fp32(args, (uint64_t)thread, (uint64_t)nthreads);
    case 4 << 2 | TATAMI_MATMUL_TRANS_A: return matmul_fp32_ta(args, (uint64_t)thread, (uint64_t)nthreads);
    case 4 << 2 | TATAMI_MATMUL_TRANS_B: return matmul_fp32_tb(args, (uint64_t)thread, (uint64_t)nthreads);
    case 4 << 2 | TATAMI_MATMUL_TRANS_A | TATAMI_MATMUL_TRANS_B:
      return matmul_fp32_ta_tb(args, (uint64_t)thread, (uint64_t)nthreads);
    default: return (int)args->plan.status;
  }
}

/// Without a plan from the host. All threads write the same, so they need not wait for each other.
static __attribute__((noinline, cold)) int prepare_and_run(Args* args, int thread, int nthreads) {
  tatami_matmul_prepare(args);
  return run(args, thread, nthreads);
}

int main(int thread, int nthreads) {
  Args* const args = TATAMI_ARGS(Args);
  // The most frequent variants first: small products are timed from the first instruction.
  const uint32_t variant = args->plan.variant;
  if (__builtin_expect(variant == 2 << 2, 1)) return matmul_16(args, (uint64_t)thread, (uint64_t)nthreads);
  if (__builtin_expect(variant == 1 << 2, 1)) return matmul_8(args, (uint64_t)thread, (uint64_t)nthreads);
  return run(args, thread, nthreads);
}
