// Functional matrix multiplication with the node's numerics, to check results of kernels on any number of nodes.
//
// The contract that kernels follow, for C (M x N) = A (M x K) * B (K x N):
//  - matrix unit (8- and 16-bit formats): every element starts from accumulator +0 and takes K in groups of four in
//    ascending order, one `fused` step a group (docs/numerics.md, section 5). K is padded with +0 operands on both
//    sides to a multiple of 4 (16-bit formats) or 8 (8-bit formats).
//  - lanes (fp32 x fp32): every element is acc = fma(a[i][k], b[k][j], acc) for k ascending, from acc = +0.
//  - epilogue, each step only if asked for: t = fmul(alpha, acc); t = fma(beta, c_in, t); t = fadd(t, bias[j]); then
//    conversion of t to the output format, element index i*N + j for stochastic rounding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/formats.h"

namespace tatami::golden {

/// A matrix of raw codes, little-endian elements of `format.bytes()` bytes, row r at data + r*row_bytes.
struct MatrixView {
  const std::uint8_t* data = nullptr;
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::size_t row_bytes = 0;
  Descriptor format;
};

/// The FP32 accumulators of a product, row-major without gaps, and the flags raised on the way.
struct Product {
  std::vector<std::uint32_t> values;
  Flags flags = 0;
};

/// C = A * B before any epilogue. Formats: a pair that mma_operands_valid() accepts, or fp32 with fp32.
/// Throws std::invalid_argument for other pairs or shapes that do not fit (a.columns != b.rows).
Product matmul(const MatrixView& a, const MatrixView& b);

/// What happens to a product on its way out. Defaults do nothing but convert.
struct Epilogue {
  std::uint32_t alpha = 0x3F80'0000U;   ///< FP32 bits; skipped if exactly 1.0
  std::uint32_t beta = 0;               ///< FP32 bits; skipped if +0 or -0 (then c_in is not read)
  std::span<const std::uint32_t> c_in;  ///< M*N FP32 values, row-major; read only if beta is not 0
  std::span<const std::uint32_t> bias;  ///< N FP32 values, or empty for none
  Descriptor output;                    ///< default fp32
  std::uint64_t seed = 0;               ///< of stochastic rounding
  std::uint64_t first_index = 0;        ///< element index of (0, 0), normally 0
};

/// Codes of the output format (low bits of each word), row-major, and the flags raised by the epilogue alone.
/// fp32 output still passes through the conversion, which canonicalises NaN. `columns` is N.
/// Throws std::invalid_argument if c_in or bias is needed and has another size.
Product apply_epilogue(std::span<const std::uint32_t> accumulators, std::size_t columns, const Epilogue& epilogue);

}  // namespace tatami::golden
