// A kernel to copy: y = alpha*x + y for FP32 arrays, on all threads of a node.
//
//   tatami cc saxpy.c -o saxpy.elf          compiles, links with the runtime, checks
//   tatami run saxpy.elf                    runs it on the RTL; exit code 0 is success
//
// What every program looks like:
//  - main is called by every thread with its number and the number of threads. The run ends when all have returned; the
//    largest result is the exit code. Data is shared, stacks are not (4 KB each).
//  - The instructions of the vector and matrix units are the macros dv_*, dm_*, dn_* (docs/isa.md; one for each line of
//    sw/isa/opcodes.tbl). Registers are numbers 0..31 that you hand out yourself; pointers that an instruction moves on
//    must be variables.
//  - The compiler knows nothing of the vector registers. Between dv_begin() and dv_end() call no function: it might use
//    the same registers. The check after linking refuses programs that do.
//  - A host program passes arguments in the structure at `tatami_args` (see sw/kernels); this example brings its own
//  data,
//    so that it runs by itself, and checks its own result.
#include "tatami.h"

#define N 1000

static float x[N] __attribute__((aligned(64)));
static float y[N] __attribute__((aligned(64)));

// There is no scalar floating point: FP32 numbers are written as bits, or made on the lanes.
#define ALPHA 0x3F000000u  // 0.5

/// Elements [begin, end) of y = alpha*x + y, 16 at a time.
static void saxpy(uint64_t begin, uint64_t end) {
  const float* px = x + begin;
  float* py = y + begin;
  dv_begin();
  dv_mv_v_x(0, ALPHA);  // v0: alpha in every lane
  uint64_t i = begin;
  for (; i + 16 <= end; i += 16) {
    dv_ldp(1, px, 64, 0);  // v1 = 16 elements of x, px += 64 bytes
    dv_ld(2, py, 0, 0);    // v2 = 16 elements of y
    dv_fmacc(2, 0, 1);     // v2 = v0*v1 + v2, rounded once
    dv_stp(2, py, 64, 0);  // store, py += 64 bytes
  }
  if (i < end) {  // the last, partial vector: accesses with pad = 1 keep to the limits
    tatami_set_limits(16, (end - i) * 4);
    dv_ld(1, px, 0, 1);
    dv_ld(2, py, 0, 1);
    dv_fmacc(2, 0, 1);
    dv_st(2, py, 0, 1);
  }
  dv_end();
}

int main(int thread, int nthreads) {
  // Each thread owns a contiguous share, in multiples of 16 elements.
  const uint64_t each = (N / 16 + nthreads) / nthreads * 16;
  const uint64_t begin = (uint64_t)thread * each < N ? (uint64_t)thread * each : N;
  const uint64_t end = begin + each < N ? begin + each : N;

  // x[i] = i, y[i] = 1: FP32 bits of small integers, converted on the lanes one at a time.
  for (uint64_t i = begin; i < end; ++i) {
    uint64_t bits;
    dv_begin();
    dv_mv_v_x(0, i);
    dv_fcvt_s_w(0, 0);
    dv_mv_x_w(bits, 0, 0);
    dv_end();
    ((uint32_t*)x)[i] = (uint32_t)bits;
    ((uint32_t*)y)[i] = 0x3F800000u;
  }
  saxpy(begin, end);
  tatami_barrier(nthreads);

  // Thread 0 checks: y[i] must be i/2 + 1, that is 2*y[i] = i + 2.
  if (thread != 0) return 0;
  for (uint64_t i = 0; i < N; ++i) {
    uint64_t twice;
    dv_begin();
    dv_mv_v_x(0, ((uint32_t*)y)[i]);
    dv_fadd(0, 0, 0);
    dv_fcvt_w_s(0, 0);
    dv_mv_x_w(twice, 0, 0);
    dv_end();
    if (twice != i + 2) return 1;
  }
  return 0;
}
