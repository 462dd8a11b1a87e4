#include "host/matmul.h"

#include <fmt/format.h>
#include <tatami/matmul_args.h>

#include <bit>
#include <chrono>
#include <cmath>

#include "golden/convert.h"
#include "golden/fused_sum.h"
#include "host/error.h"
#include "host/ranges.h"

namespace tatami {
namespace {

using golden::Descriptor;
using golden::Kind;

std::string text(Descriptor format) {
  return golden::info(format.kind()).clamping ? fmt::format("{} bias {}", golden::name(format.kind()), format.bias())
                                              : std::string(golden::name(format.kind()));
}

std::string text(const Matrix& matrix) { return fmt::format("{}x{}", matrix.rows, matrix.columns); }

bool lanes(const MatmulProblem& problem) {
  return problem.a.format.kind() == Kind::fp32 && problem.b.format.kind() == Kind::fp32;
}

std::uint64_t place(Device& device, std::span<const std::uint8_t> bytes) {
  const std::uint64_t address = device.allocate(bytes.size());
  device.write(address, std::as_bytes(bytes));
  return address;
}

}  // namespace

unsigned peak_macs_per_cycle(const MatmulProblem& problem) { return lanes(problem) ? 16 : 256; }

void validate(const MatmulProblem& problem) {
  for (const Descriptor format : {problem.a.format, problem.b.format, problem.output}) {
    if (!format.valid()) throw InputError(fmt::format("bad format descriptor {:#06x}", format.packed()));
  }
  if (problem.a.size() == 0 || problem.b.size() == 0)
    throw InputError("a matrix without elements; m, n and k are at least 1");
  if (problem.a.columns != problem.b.rows) {
    throw InputError(
        fmt::format("A is {}, B is {}: A's columns ({}) must equal B's rows ({}); is one of them transposed?",
                    text(problem.a), text(problem.b), problem.a.columns, problem.b.rows));
  }
  if (!lanes(problem) && !golden::mma_operands_valid(problem.a.format, problem.b.format)) {
    throw InputError(
        fmt::format("the operand formats {} and {} do not go together: expected two 8-bit formats, two 16-bit formats, "
                    "or fp32 with fp32",
                    text(problem.a.format), text(problem.b.format)));
  }
  if (problem.beta != 0 &&
      (!problem.c_in || problem.c_in->rows != problem.m() || problem.c_in->columns != problem.n())) {
    throw InputError(fmt::format("beta is {}, so an initial C of {}x{} is needed{}", problem.beta, problem.m(),
                                 problem.n(), problem.c_in ? ", but it is " + text(*problem.c_in) : ""));
  }
  if (!problem.bias.empty() && problem.bias.size() != problem.n()) {
    throw InputError(
        fmt::format("the bias vector has {} elements, C has {} columns", problem.bias.size(), problem.n()));
  }
}

MatmulExpectation expected_matmul(const MatmulProblem& problem) {
  const auto start = std::chrono::steady_clock::now();
  const golden::Product product = golden::matmul(problem.a.view(), problem.b.view());
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;

  golden::Epilogue epilogue;
  epilogue.alpha = std::bit_cast<std::uint32_t>(problem.alpha);
  epilogue.beta = std::bit_cast<std::uint32_t>(problem.beta);
  epilogue.output = problem.output;
  epilogue.seed = problem.seed;
  std::vector<std::uint32_t> c_in;
  golden::Flags flags = product.flags;
  if (problem.beta != 0) {
    for (std::size_t i = 0; i < problem.c_in->size(); ++i) {
      const golden::Coded value = golden::convert(problem.c_in->code(i), problem.output, Descriptor(Kind::fp32));
      c_in.push_back(value.code);
      flags |= value.flags;
    }
    epilogue.c_in = c_in;
  }
  std::vector<std::uint32_t> bias;
  for (const float value : problem.bias) bias.push_back(std::bit_cast<std::uint32_t>(value));
  epilogue.bias = bias;
  const golden::Product result = golden::apply_epilogue(product.values, problem.n(), epilogue);

  MatmulExpectation expectation{zero_matrix(problem.m(), problem.n(), problem.output),
                                static_cast<golden::Flags>(flags | result.flags), time.count()};
  for (std::size_t i = 0; i < result.values.size(); ++i) expectation.c.set_code(i, result.values[i]);
  return expectation;
}

ErrorFp64 error_fp64(const MatmulProblem& problem, const Matrix& c) {
  std::vector<double> a(problem.a.size());
  std::vector<double> b(problem.b.size());
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = problem.a.value(i);
  for (std::size_t i = 0; i < b.size(); ++i) b[i] = problem.b.value(i);
  ErrorFp64 worst;
  const std::size_t n = problem.n();
  std::vector<double> sum(n);
  std::vector<double> magnitude(n);
  for (std::size_t i = 0; i < problem.m(); ++i) {
    std::fill(sum.begin(), sum.end(), 0.0);
    std::fill(magnitude.begin(), magnitude.end(), 0.0);
    for (std::size_t k = 0; k < problem.k(); ++k) {
      const double left = a[i * problem.k() + k];
      for (std::size_t j = 0; j < n; ++j) {
        const double product = left * b[k * n + j];
        sum[j] += product;
        magnitude[j] += std::fabs(product);
      }
    }
    for (std::size_t j = 0; j < n; ++j) {
      double reference = problem.alpha * sum[j];
      double scale = std::fabs(static_cast<double>(problem.alpha)) * magnitude[j];
      if (problem.beta != 0) {
        const double term = problem.beta * problem.c_in->value(i * n + j);
        reference += term;
        scale += std::fabs(term);
      }
      if (!problem.bias.empty()) {
        reference += problem.bias[j];
        scale += std::fabs(static_cast<double>(problem.bias[j]));
      }
      const double error = std::fabs(c.value(i * n + j) - reference);
      if (reference != 0) worst.relative = std::fmax(worst.relative, error / std::fabs(reference));
      if (scale != 0) worst.scaled = std::fmax(worst.scaled, error / scale);
    }
  }
  return worst;
}

namespace {

MatmulOutcome run_one(Device& device, const Program& kernel, const MatmulProblem& problem, int threads,
                      RunOptions options, bool watched) {
  validate(problem);
  device.load(kernel);
  const auto element = [](Descriptor format) { return static_cast<std::uint64_t>(format.bytes()); };

  tatami_matmul_args arguments{};
  arguments.a = place(device, problem.transpose_a ? transposed(problem.a).bytes : problem.a.bytes);
  arguments.b = place(device, problem.transpose_b ? transposed(problem.b).bytes : problem.b.bytes);
  arguments.flags =
      (problem.transpose_a ? TATAMI_MATMUL_TRANS_A : 0) | (problem.transpose_b ? TATAMI_MATMUL_TRANS_B : 0);
  MatmulOutcome outcome;
  outcome.c = problem.beta != 0 ? *problem.c_in : zero_matrix(problem.m(), problem.n(), problem.output);
  arguments.c = place(device, outcome.c.bytes);
  if (!problem.bias.empty()) {
    arguments.bias = device.allocate(problem.bias.size() * sizeof(float));
    device.write(arguments.bias, std::as_bytes(std::span(problem.bias)));
  }
  arguments.lda = (problem.transpose_a ? problem.m() : problem.k()) * element(problem.a.format);
  arguments.ldb = (problem.transpose_b ? problem.k() : problem.n()) * element(problem.b.format);
  arguments.ldc = problem.n() * element(problem.output);
  arguments.m = static_cast<std::uint32_t>(problem.m());
  arguments.n = static_cast<std::uint32_t>(problem.n());
  arguments.k = static_cast<std::uint32_t>(problem.k());
  arguments.a_format = problem.a.format.packed();
  arguments.b_format = problem.b.format.packed();
  arguments.c_format = problem.output.packed();
  arguments.alpha = std::bit_cast<std::uint32_t>(problem.alpha);
  arguments.beta = std::bit_cast<std::uint32_t>(problem.beta);
  arguments.seed = problem.seed;
  tatami_matmul_prepare(&arguments);
  device.set_threads(threads);
  device.write_arguments(std::as_bytes(std::span(&arguments, 1)));

  if (watched) options.results = ResultRange{arguments.c, outcome.c.bytes.size()};
  outcome.run = device.run(options);
  device.read(arguments.c, std::as_writable_bytes(std::span(outcome.c.bytes)));
  device.read(kernel.address_of("tatami_args"), std::as_writable_bytes(std::span(&arguments, 1)));
  outcome.flags = static_cast<golden::Flags>(tatami_matmul_flags(&arguments));
  return outcome;
}

}  // namespace

MatmulOutcome run_matmul(Device& device, const Program& kernel, const MatmulProblem& problem, int threads,
                         const RunOptions& options) {
  return run_one(device, kernel, problem, threads, options, false);
}

MatmulOutcome run_matmul_watched(Device& device, const Program& kernel, const MatmulProblem& problem, int threads,
                                 const RunOptions& options) {
  return run_one(device, kernel, problem, threads, options, true);
}

bool fits_matmul(const Device& device, const MatmulProblem& problem) {
  constexpr std::uint64_t kAlignment = 64;  // Device::allocate
  std::uint64_t bytes = kAlignment;
  for (const std::uint64_t matrix : {problem.a.bytes.size(), problem.b.bytes.size(),
                                     problem.m() * problem.n() * static_cast<std::size_t>(problem.output.bytes()),
                                     problem.bias.size() * sizeof(float)}) {
    bytes += round_up(matrix, kAlignment);
  }
  return bytes <= device.available();
}

Comparison compare(const Matrix& expected, const Matrix& got) {
  Comparison result;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ++result.compared;
    if (expected.code(i) == got.code(i)) continue;
    if (result.mismatches++ == 0) {
      result.first = fmt::format("C[{}][{}]: expected {:#x} ({:.9g}), got {:#x} ({:.9g})", i / expected.columns,
                                 i % expected.columns, expected.code(i), expected.value(i), got.code(i), got.value(i));
    }
  }
  return result;
}

}  // namespace tatami
