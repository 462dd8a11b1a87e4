// One matrix product on a device, checked: what `tatami matmul`, the benchmarks and the kernel tests share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/device.h"
#include "host/operands.h"

namespace tatami {

/// C = alpha * A * B + beta * C + bias, converted to `output`.
struct MatmulProblem {
  Matrix a;  ///< m x k
  Matrix b;  ///< k x n
  /// One node: the operand lies in memory as its transpose, k x m or n x k, and the kernel reads it with transposing
  /// loads. On many nodes the host puts operands into the order in which it deals them out, transposed or not.
  bool transpose_a = false, transpose_b = false;
  golden::Descriptor output;
  float alpha = 1.0F;
  float beta = 0.0F;
  std::optional<Matrix> c_in;  ///< m x n in `output`'s format, needed if beta is not 0
  std::vector<float> bias;     ///< n values, or none
  std::uint64_t seed = 0;      ///< of stochastic rounding

  std::size_t m() const { return a.rows; }
  std::size_t n() const { return b.columns; }
  std::size_t k() const { return a.columns; }
  std::uint64_t macs() const { return std::uint64_t{m()} * n() * k(); }
};

/// The unit that multiplies the problem's formats: 256 multiply-accumulates a cycle, 16 for fp32.
unsigned peak_macs_per_cycle(const MatmulProblem& problem);

/// Throws InputError if shapes, formats or the epilogue's operands do not fit together.
void validate(const MatmulProblem& problem);

/// What golden says the result is.
struct MatmulExpectation {
  Matrix c;
  golden::Flags flags = 0;
  double seconds = 0;  ///< host time of the product
};
MatmulExpectation expected_matmul(const MatmulProblem& problem);

/// Largest errors against FP64 arithmetic on the same operands.
struct ErrorFp64 {
  double relative = 0;  ///< max |c - ref| / |ref| over elements with ref != 0
  double scaled = 0;  ///< max |c - ref| / (sum |a*b| and the magnitudes of the epilogue's terms): free of cancellation
};
ErrorFp64 error_fp64(const MatmulProblem& problem, const Matrix& c);

struct MatmulOutcome {
  RunResult run;
  Matrix c;  ///< what the device computed; meaningful if run.passed()
  golden::Flags flags = 0;
};

/// Loads the kernel into the device, places the operands, runs with `threads` threads and fetches the result.
MatmulOutcome run_matmul(Device& device, const Program& kernel, const MatmulProblem& problem, int threads,
                         const RunOptions& options);

/// The same with RunResult::matrix_use, for measurements: watching takes host time.
MatmulOutcome run_matmul_watched(Device& device, const Program& kernel, const MatmulProblem& problem, int threads,
                                 const RunOptions& options);

/// Do the operands fit in the node's SRAM beside the program that the device has loaded?
bool fits_matmul(const Device& device, const MatmulProblem& problem);

/// Comparison bit for bit.
struct Comparison {
  std::uint64_t compared = 0;
  std::uint64_t mismatches = 0;
  std::string first;  ///< the first mismatch, for people
};
Comparison compare(const Matrix& expected, const Matrix& got);

}  // namespace tatami
