// Arguments of the kernel `matmul.elf`: C = epilogue(A * B) on one node. Plain C, shared by the kernel and the host.
//
// The host writes one tatami_matmul_args at the ELF symbol `tatami_args` (64-byte aligned) before the launch. All matrices
// are row-major in local SRAM; a leading dimension is the distance of two stored rows in bytes, at least the row's length.
// Results are those of sim/golden/matmul.h: accumulation in K order, then t = alpha*acc if alpha is not 1, t = fma(beta, Cin, t)
// if beta is not 0 (Cin is what C held before, in C's format), t = t + bias[j] if there is a bias, then conversion
// to C's format; element (i, j) has the index first_index + i*n + j for stochastic rounding.
#ifndef TATAMI_MATMUL_ARGS_H
#define TATAMI_MATMUL_ARGS_H

#include <stdint.h>

// flags
#define TATAMI_MATMUL_TRANS_A 1u  // A is stored as K x M
#define TATAMI_MATMUL_TRANS_B 2u  // B is stored as N x K

// Exit codes of matmul.elf.
#define TATAMI_MATMUL_OK 0
#define TATAMI_MATMUL_BAD_FORMATS 2  // not two 8-bit, two 16-bit or two fp32 operands
#define TATAMI_MATMUL_BAD_SHAPE 3    // m, n or k is 0

struct tatami_matmul_args {
  uint64_t a;            // address of A (m x k)
  uint64_t b;            // address of B (k x n)
  uint64_t c;            // address of C (m x n)
  uint64_t lda;          // bytes
  uint64_t ldb;          // bytes
  uint64_t ldc;          // bytes
  uint32_t m, n;
  uint32_t k;
  uint32_t flags;        // TATAMI_MATMUL_*
  uint16_t a_format;     // descriptors, docs/numerics.md section 1
  uint16_t b_format;
  uint16_t c_format;
  uint16_t reserved;
  uint32_t alpha;        // FP32 bits; 0x3F800000 for 1
  uint32_t beta;         // FP32 bits; 0 for none
  uint64_t bias;         // address of n FP32 values, 0 for none
  uint64_t seed;         // of stochastic rounding (CSR dseed)
  uint64_t first_index;  // element index of C(0, 0), normally 0
  // Written by the kernel.
  uint32_t next_block;   // must be 0 at launch: work counter
  uint32_t dflags;       // must be 0 at launch: sticky flags of all threads, or-ed
};

#endif
