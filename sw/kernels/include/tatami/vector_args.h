// Arguments of the kernels on the vector lanes: gemv, elementwise, reduce, rows, transpose and gather. Plain C, shared
// by the kernels and the host, which writes one of the structures at the ELF symbol `tatami_args`. Arrays lie in local
// SRAM and must not overlap, except that an output may be the same array as an input of the same format. All arithmetic
// is FP32 on the lanes; formats are descriptors (docs/numerics.md, section 1) and may be any floating format.
#ifndef TATAMI_VECTOR_ARGS_H
#define TATAMI_VECTOR_ARGS_H

#include <stdint.h>

// Exit codes of these kernels.
#define TATAMI_KERNEL_OK 0
#define TATAMI_KERNEL_BAD_OPERATION 2
#define TATAMI_KERNEL_BAD_FORMAT 3

// --- elementwise.elf: z[i] = f(x[i], y[i]), i < n
// ----------------------------------------------------------------------
enum tatami_elementwise {
  TATAMI_EW_CONVERT = 0,  // x
  TATAMI_EW_ADD = 1,      // x + y
  TATAMI_EW_SUB = 2,      // x - y
  TATAMI_EW_MUL = 3,      // x * y
  TATAMI_EW_AXPY = 4,     // alpha*x + y, fused
  TATAMI_EW_SCALE = 5,    // alpha*x
  TATAMI_EW_RELU = 6,     // max(x, 0)
  TATAMI_EW_EXP = 7,      // e^x, relative error below 3e-7 where the result is normal
  TATAMI_EW_SIGMOID = 8,  // 1/(1 + e^-x)
  TATAMI_EW_GELU = 9,     // x*sigmoid(1.5957691*(x + 0.044715*x^3)), the tanh form
  TATAMI_EW_RECIPROCAL = 10,
  TATAMI_EW_RSQRT = 11,
  TATAMI_EW_CLAMP = 12,  // min(max(x, -|alpha|), |alpha|)
  TATAMI_EW_HASH = 13,   // 32-bit integers: the finalizer of MurmurHash3; formats are ignored, elements have 4 bytes
  TATAMI_EW_COPY = 14,   // n bytes of x, formats are ignored
};

struct tatami_elementwise_args {
  uint64_t x, y, z;  // y is read only by operations that have it
  uint64_t n;
  uint32_t operation;
  uint32_t alpha;  // FP32 bits
  uint16_t x_format, y_format, z_format, reserved;
  uint64_t seed;  // of stochastic rounding; element index i
};

// --- reduce.elf
// ----------------------------------------------------------------------------------------------------------
enum tatami_reduce {
  TATAMI_RED_SUM = 0,
  TATAMI_RED_MAX = 1,
  TATAMI_RED_MIN = 2,
  TATAMI_RED_DOT = 3,     // sum of x[i]*y[i]
  TATAMI_RED_ARGMAX = 4,  // the least index of the largest element
  TATAMI_RED_SUM_OF_SQUARES = 5,
};

struct tatami_reduce_args {
  uint64_t x, y;
  uint64_t n;  // at least 1, below 2^31
  uint32_t operation;
  uint16_t x_format, y_format;
  // Written by the kernel.
  uint32_t value;  // FP32 bits
  uint32_t index;  // of TATAMI_RED_ARGMAX
};

// --- rows.elf: each row of a matrix is normalised
// ---------------------------------------------------------------------------
enum tatami_rows {
  TATAMI_ROWS_SOFTMAX = 0,
  TATAMI_ROWS_LAYERNORM = 1,  // (x - mean)/sqrt(variance + epsilon) * gamma + beta
  TATAMI_ROWS_RMSNORM = 2,    // x/sqrt(mean of x^2 + epsilon) * gamma
};

struct tatami_rows_args {
  uint64_t x, z;      // m x n
  uint64_t ldx, ldz;  // bytes
  uint32_t m, n;
  uint32_t operation;
  uint32_t epsilon;      // FP32 bits
  uint64_t gamma, beta;  // addresses of n FP32 values; 0: ones, zeros
  uint16_t x_format, z_format;
  uint32_t next_row;  // must be 0 at launch: work counter
  uint64_t seed;      // of stochastic rounding; element index i*n + j
};

// --- gemv.elf: y = alpha*A*x + beta*y
// ---------------------------------------------------------------------------------------
struct tatami_gemv_args {
  uint64_t a, x, y;  // A is m x n
  uint64_t lda;      // bytes
  uint32_t m, n;
  uint32_t alpha, beta;  // FP32 bits; y is read only if beta is not 0
  uint16_t a_format, x_format, y_format, reserved;
  uint32_t next_block;  // must be 0 at launch: work counter
  uint64_t seed;        // of stochastic rounding; element index i
};

// --- transpose.elf: z[j][i] = x[i][j], i < m, j < n
// ------------------------------------------------------------------------------
struct tatami_transpose_args {
  uint64_t x, z;
  uint64_t ldx, ldz;  // bytes
  uint32_t m, n;
  uint32_t element_bytes;  // 1, 2 or 4
  uint32_t next_block;     // must be 0 at launch: work counter
};

// --- gather.elf: 4-byte elements
// ---------------------------------------------------------------------------------------------
enum tatami_gather {
  TATAMI_GATHER = 0,   // z[i] = x[index[i]]
  TATAMI_SCATTER = 1,  // z[index[i]] = x[i]; of equal indices in one group of 16 the last wins, otherwise any
};

struct tatami_gather_args {
  uint64_t x, z;
  uint64_t index;  // n signed 32-bit element numbers, |index| < 2^29
  uint64_t n;
  uint32_t operation;
};

#endif
