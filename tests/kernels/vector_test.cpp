// The kernels on the vector lanes: exact where the specification fixes every bit (conversions, single operations,
// maxima), within a stated error otherwise.
// labels: kernel
// libs: tatami_rtl_device_assert
// needs: tatami_kernels
#include <array>
#include <bit>
#include <cmath>
#include <functional>

#include "golden/convert.h"
#include "golden/fp32.h"
#include "host/operands.h"
#include "kernels/kernel_device.h"
#include "tatami/vector_args.h"

namespace tatami {
namespace {

using golden::Descriptor;
using golden::Kind;
using golden::Rounding;

const Descriptor fp32{Kind::fp32};
const Descriptor bf16{Kind::bf16};
const Descriptor shp{Kind::shp, 15};
const Descriptor uhp{Kind::uhp};
const Descriptor c143{Kind::cfloat8_1_4_3, 7};
const Descriptor c152{Kind::cfloat8_1_5_2, 15};

std::uint32_t bits(float value) { return std::bit_cast<std::uint32_t>(value); }
float as_float(const Matrix& x, std::size_t i) {
  return std::bit_cast<float>(golden::convert(x.code(i), x.format, fp32).code);
}

/// n values a + b*x, x uniform in (-1, 1); around |a| + |b| in UHP, which has no negative numbers.
Matrix values(std::size_t rows, std::size_t columns, Descriptor format, double a, double b, std::uint64_t seed) {
  Matrix x = random_matrix(rows, columns, fp32, seed, 7);
  Matrix y = zero_matrix(rows, columns, format);
  if (format.kind() == Kind::uhp) a = std::fabs(a) + std::fabs(b);
  for (std::size_t i = 0; i < x.size(); ++i) y.set_code(i, golden::encode_double(a + b * x.value(i), format).code);
  return y;
}

class Kernels : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { device_ = test::make_device(GetParam()); }

  void load(const std::string& name) { device_->load_elf(test::kernel_path(name)); }

  template <typename Args>
  void run(const Args& args, int threads = 4) {
    device_->set_threads(threads);
    device_->write_arguments(std::as_bytes(std::span(&args, 1)));
    const RunResult result = device_->run({.max_cycles = 20'000'000});
    ASSERT_TRUE(result.passed()) << test::describe(result);
  }
  template <typename Args>
  Args arguments() {
    return device_->read_value<Args>(device_->program().address_of("tatami_args"));
  }

  Matrix fetch(std::uint64_t address, std::size_t rows, std::size_t columns, Descriptor format) {
    Matrix matrix = zero_matrix(rows, columns, format);
    matrix.bytes = test::fetch<std::uint8_t>(*device_, address, matrix.bytes.size());
    return matrix;
  }

  /// Runs elementwise.elf and returns z.
  Matrix elementwise(std::uint32_t operation, const Matrix& x, const Matrix& y, Descriptor z_format, float alpha = 0,
                     int threads = 4, std::uint64_t seed = 0) {
    load("elementwise");
    tatami_elementwise_args args{};
    args.x = test::place(*device_, x.bytes);
    args.y = test::place(*device_, y.bytes);
    Matrix z = zero_matrix(1, x.size(), z_format);
    args.z = test::place(*device_, z.bytes);
    args.n = x.size();
    args.operation = operation;
    args.alpha = bits(alpha);
    args.x_format = x.format.packed();
    args.y_format = y.format.packed();
    args.z_format = z_format.packed();
    args.seed = seed;
    run(args, threads);
    test::expect_surroundings(*device_, args.z, z.bytes.size());
    return fetch(args.z, 1, x.size(), z_format);
  }

  /// Expects z = f(x, y) exactly, f computed in FP32.
  void expect_exact(std::uint32_t operation, const Matrix& x, const Matrix& y, Descriptor z_format, float alpha,
                    const std::function<float(float, float)>& f) {
    SCOPED_TRACE(testing::Message() << "operation " << operation << ", n " << x.size() << ", "
                                    << golden::name(x.format.kind()) << ", " << golden::name(y.format.kind()) << " -> "
                                    << golden::name(z_format.kind()));
    const Matrix z = elementwise(operation, x, y, z_format, alpha);
    for (std::size_t i = 0; i < z.size(); ++i) {
      const std::uint32_t want = golden::convert(bits(f(as_float(x, i), as_float(y, i))), fp32, z_format).code;
      ASSERT_EQ(z.code(i), want) << "element " << i;
    }
  }

  void expect_close(std::uint32_t operation, const Matrix& x, double relative, const std::function<double(double)>& f) {
    SCOPED_TRACE(testing::Message() << "operation " << operation << ", n " << x.size());
    const Matrix z = elementwise(operation, x, x, fp32);
    for (std::size_t i = 0; i < z.size(); ++i) {
      const double want = f(x.value(i));
      ASSERT_NEAR(z.value(i), want, relative * std::fabs(want)) << "element " << i << ", x " << x.value(i);
    }
  }

  std::unique_ptr<Device> device_;
};

INSTANTIATE_TEST_SUITE_P(Device, Kernels, testing::Values("golden", "rtl"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(Kernels, ConversionOfArrays) {
  const std::vector<Descriptor> formats = {fp32, bf16, shp, uhp, c143, c152};
  for (const Descriptor from : formats) {
    for (const Descriptor to : formats) {
      const Matrix x = values(1, 100, from, 0.5, 0.75, 3);
      expect_exact(TATAMI_EW_CONVERT, x, x, to, 0, [](float a, float) { return a; });
    }
  }
}

TEST_P(Kernels, StochasticConversionDependsOnTheElementOnly) {
  const Descriptor to(Kind::cfloat8_1_4_3, 7, Rounding::stochastic);
  const Matrix x = values(1, 333, fp32, 0, 1, 5);
  for (const int threads : {1, 2, 3, 4}) {
    const Matrix z = elementwise(TATAMI_EW_CONVERT, x, x, to, 0, threads, 42);
    for (std::size_t i = 0; i < z.size(); ++i)
      ASSERT_EQ(z.code(i), golden::convert_indexed(x.code(i), fp32, to, 42, i).code) << i;
  }
}

TEST_P(Kernels, SingleOperationsAreExact) {
  for (const std::size_t n : {1, 15, 16, 17, 64, 130, 1000}) {
    for (const auto& [fx, fy, fz] : {std::tuple{fp32, fp32, fp32}, {bf16, fp32, bf16}, {c143, c152, shp}}) {
      const Matrix x = values(1, n, fx, 0, 3, n), y = values(1, n, fy, 0, 2, n + 1);
      expect_exact(TATAMI_EW_ADD, x, y, fz, 0, [](float a, float b) { return a + b; });
      expect_exact(TATAMI_EW_SUB, x, y, fz, 0, [](float a, float b) { return a - b; });
      expect_exact(TATAMI_EW_MUL, x, y, fz, 0, [](float a, float b) { return a * b; });
      expect_exact(TATAMI_EW_AXPY, x, y, fz, -0.3F, [](float a, float b) { return std::fma(-0.3F, a, b); });
      expect_exact(TATAMI_EW_SCALE, x, y, fz, 1.7F, [](float a, float) { return 1.7F * a; });
      expect_exact(TATAMI_EW_RELU, x, y, fz, 0, [](float a, float) { return a > 0 ? a : 0.0F; });
      expect_exact(TATAMI_EW_CLAMP, x, y, fz, 0.8F,
                   [](float a, float) { return std::fmin(std::fmax(a, -0.8F), 0.8F); });
    }
  }
}

TEST_P(Kernels, FunctionsAreAccurate) {
  const Matrix small = values(1, 1000, fp32, 0, 8, 1), wide = values(1, 1000, fp32, 0, 87, 2),
               positive = values(1, 777, fp32, 50, 49.9, 3);
  expect_close(TATAMI_EW_EXP, small, 3e-7, [](double x) { return std::exp(x); });
  expect_close(TATAMI_EW_EXP, wide, 3e-7, [](double x) { return std::exp(x); });
  expect_close(TATAMI_EW_SIGMOID, small, 6e-7, [](double x) { return 1 / (1 + std::exp(-x)); });
  expect_close(TATAMI_EW_RECIPROCAL, positive, 3e-7, [](double x) { return 1 / x; });
  expect_close(TATAMI_EW_RECIPROCAL, wide, 3e-7, [](double x) { return 1 / x; });
  expect_close(TATAMI_EW_RSQRT, positive, 3e-7, [](double x) { return 1 / std::sqrt(x); });
  const Matrix z = elementwise(TATAMI_EW_GELU, small, small, fp32);
  for (std::size_t i = 0; i < z.size(); ++i) {
    const double x = small.value(i);
    const double want = 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    ASSERT_NEAR(z.value(i), want, 2e-6 * std::fabs(x)) << x;
  }
}

TEST_P(Kernels, HashAndCopy) {
  for (const std::size_t n : {1, 16, 31, 400}) {
    const Matrix x = random_matrix(1, n, fp32, n, 0);
    Matrix z = elementwise(TATAMI_EW_HASH, x, x, fp32);
    for (std::size_t i = 0; i < n; ++i) {
      std::uint32_t h = x.code(i);
      h = (h ^ h >> 16) * 0x85EBCA6BU;
      h = (h ^ h >> 13) * 0xC2B2AE35U;
      ASSERT_EQ(z.code(i), h ^ h >> 16) << i;
    }
  }
  for (const std::size_t n : {1, 63, 64, 65, 257, 5000}) {
    const Matrix x = random_matrix(1, n, c143, n, 0);
    EXPECT_EQ(elementwise(TATAMI_EW_COPY, x, x, c143).bytes, x.bytes) << n;
  }
}

TEST_P(Kernels, Reductions) {
  for (const std::size_t n : {1, 5, 16, 63, 64, 100, 1000, 4096}) {
    for (const Descriptor format : {fp32, bf16, shp, uhp, c143, c152}) {
      for (const int threads : {1, 4}) {
        SCOPED_TRACE(testing::Message() << "n " << n << " format " << golden::name(format.kind()) << " threads "
                                        << threads);
        const Matrix x = values(1, n, format, -2.5, 2, n), y = values(1, n, bf16, 0, 1, n + 9);
        double sum = 0, dot = 0, squares = 0, magnitude = 0, largest = -1e30, least = 1e30;
        std::size_t at = 0;
        for (std::size_t i = 0; i < n; ++i) {
          sum += x.value(i);
          magnitude += std::fabs(x.value(i));
          dot += x.value(i) * y.value(i);
          squares += x.value(i) * x.value(i);
          if (x.value(i) > largest) largest = x.value(i), at = i;
          least = std::fmin(least, x.value(i));
        }
        const std::pair<std::uint32_t, double> all[] = {
            {TATAMI_RED_SUM, sum}, {TATAMI_RED_MAX, largest},    {TATAMI_RED_MIN, least},
            {TATAMI_RED_DOT, dot}, {TATAMI_RED_ARGMAX, largest}, {TATAMI_RED_SUM_OF_SQUARES, squares}};
        for (const auto& [operation, want] : all) {
          load("reduce");
          tatami_reduce_args args{};
          args.x = test::place(*device_, x.bytes);
          args.y = test::place(*device_, y.bytes);
          args.n = n;
          args.operation = operation;
          args.x_format = format.packed();
          args.y_format = bf16.packed();
          run(args, threads);
          args = arguments<tatami_reduce_args>();
          const bool exact =
              operation == TATAMI_RED_MAX || operation == TATAMI_RED_MIN || operation == TATAMI_RED_ARGMAX;
          EXPECT_NEAR(std::bit_cast<float>(args.value), want, exact ? 0 : 1e-5 * (magnitude + squares))
              << "operation " << operation;
          if (operation == TATAMI_RED_ARGMAX) {
            EXPECT_EQ(args.index, at);
          }
        }
      }
    }
  }
}

TEST_P(Kernels, NormalisationOfRows) {
  for (const std::size_t n : {1, 7, 16, 40, 128}) {
    for (const Descriptor format : {fp32, bf16, shp, uhp, c143, c152}) {
      const std::size_t m = 9;
      const Matrix x = values(m, n, format, 1, 4, n);
      std::vector<float> gamma, beta;
      for (std::size_t j = 0; j < n; ++j)
        gamma.push_back(1 + 0.01F * static_cast<float>(j)), beta.push_back(0.5F - 0.02F * static_cast<float>(j));
      for (const std::uint32_t operation : {TATAMI_ROWS_SOFTMAX, TATAMI_ROWS_LAYERNORM, TATAMI_ROWS_RMSNORM}) {
        for (const bool scaled : {false, true}) {
          SCOPED_TRACE(testing::Message() << "n " << n << " format " << golden::name(format.kind()) << " operation "
                                          << operation << " scaled " << scaled);
          load("rows");
          tatami_rows_args args{};
          args.x = test::place(*device_, x.bytes);
          args.z = test::place(*device_, std::vector<float>(m * n));
          args.ldx = n * static_cast<std::size_t>(format.bytes());
          args.ldz = n * 4;
          args.m = m;
          args.n = static_cast<std::uint32_t>(n);
          args.operation = operation;
          args.epsilon = bits(1e-3F);
          if (scaled) args.gamma = test::place(*device_, gamma), args.beta = test::place(*device_, beta);
          args.x_format = format.packed();
          args.z_format = fp32.packed();
          run(args);
          test::expect_surroundings(*device_, args.z, m * n * 4);
          const Matrix z = fetch(args.z, m, n, fp32);
          for (std::size_t i = 0; i < m; ++i) {
            double largest = -1e30, total = 0, mean = 0, variance = 0;
            for (std::size_t j = 0; j < n; ++j) largest = std::fmax(largest, x.value(i * n + j));
            for (std::size_t j = 0; j < n; ++j)
              total += std::exp(x.value(i * n + j) - largest), mean += x.value(i * n + j);
            mean = operation == TATAMI_ROWS_RMSNORM ? 0 : mean / static_cast<double>(n);
            for (std::size_t j = 0; j < n; ++j) variance += std::pow(x.value(i * n + j) - mean, 2);
            const double scale = 1 / std::sqrt(variance / static_cast<double>(n) + 1e-3F);
            for (std::size_t j = 0; j < n; ++j) {
              double want = operation == TATAMI_ROWS_SOFTMAX ? std::exp(x.value(i * n + j) - largest) / total
                                                             : (x.value(i * n + j) - mean) * scale;
              if (operation != TATAMI_ROWS_SOFTMAX && scaled)
                want = want * gamma[j] + (operation == TATAMI_ROWS_LAYERNORM ? beta[j] : 0);
              ASSERT_NEAR(z.value(i * n + j), want, 1e-5 * (1 + std::fabs(want))) << i << ", " << j;
            }
          }
        }
      }
    }
  }
}

/// What gemv.c computes, step by step: lane l of a row sums products l, l + 16, ... in order, the lanes are added
/// pairwise. An edge is filled with codes 0.
std::vector<std::uint32_t> expected_gemv(const Matrix& a, const Matrix& x, const Matrix& y, float alpha, float beta) {
  const std::size_t m = y.size(), n = x.size(), padded = (n + 15) / 16 * 16;
  const auto lane_value = [](const Matrix& matrix, std::size_t i, bool inside) {
    return golden::convert(inside ? matrix.code(i) : 0, matrix.format, fp32).code;
  };
  std::vector<std::uint32_t> result;
  for (std::size_t i = 0; i < m; ++i) {
    std::array<std::uint32_t, 16> sum{};
    for (std::size_t j = 0; j < padded; ++j) {
      const bool inside = j < n;
      sum[j % 16] = golden::fmacc(sum[j % 16], lane_value(a, i * n + j, inside), lane_value(x, j, inside)).bits;
    }
    for (std::size_t width = 8; width != 0; width /= 2) {
      for (std::size_t l = 0; l < width; ++l) sum[l] = golden::fadd(sum[2 * l], sum[2 * l + 1]).bits;
    }
    std::uint32_t value = golden::fmul(bits(alpha), sum[0]).bits;
    if (beta != 0) value = golden::fmacc(value, bits(beta), lane_value(y, i, true)).bits;
    result.push_back(golden::convert(value, fp32, y.format).code);
  }
  return result;
}

// Every format in every place, bit for bit.
TEST_P(Kernels, Gemv) {
  std::vector<std::array<Descriptor, 3>> formats = {{c143, c152, bf16}};
  for (const Descriptor format : {fp32, bf16, shp, uhp, c143, c152}) {
    formats.push_back({format, format, fp32});
    formats.push_back({bf16, format, format});
    formats.push_back({format, fp32, format});
  }
  for (const auto& [fa, fx, fy] : formats) {
    // UHP has no negative numbers: results that go there are sums of positive products.
    const double from = fy.kind() == Kind::uhp ? 2 : 0;
    for (const auto& [m, n] : {std::pair<std::size_t, std::size_t>{1, 1}, {16, 16}, {17, 33}, {100, 64}, {5, 200}}) {
      for (const float beta : {0.0F, 0.5F}) {
        SCOPED_TRACE(testing::Message() << golden::name(fa.kind()) << " x " << golden::name(fx.kind()) << " -> "
                                        << golden::name(fy.kind()) << ", m " << m << " n " << n << " beta " << beta);
        const Matrix a = values(m, n, fa, from, 1, m + n), x = values(1, n, fx, from, 1, 3),
                     y = values(1, m, fy, from, 1, 4);
        load("gemv");
        tatami_gemv_args args{};
        args.a = test::place(*device_, a.bytes);
        args.x = test::place(*device_, x.bytes);
        args.y = test::place(*device_, y.bytes);
        args.lda = n * static_cast<std::size_t>(fa.bytes());
        args.m = static_cast<std::uint32_t>(m);
        args.n = static_cast<std::uint32_t>(n);
        args.alpha = bits(1.25F);
        args.beta = bits(beta);
        args.a_format = fa.packed();
        args.x_format = fx.packed();
        args.y_format = fy.packed();
        run(args);
        test::expect_surroundings(*device_, args.y, y.bytes.size());
        const Matrix got = fetch(args.y, 1, m, fy);
        const std::vector<std::uint32_t> want = expected_gemv(a, x, y, 1.25F, beta);
        // Rounding, not saturation, is what is compared: most results are numbers other than 0.
        std::size_t plain = 0;
        for (std::size_t i = 0; i < m; ++i) {
          ASSERT_EQ(got.code(i), want[i]) << i;
          plain += std::isfinite(got.value(i)) && got.value(i) != 0;
        }
        EXPECT_GE(2 * plain, m);
      }
    }
  }
}

TEST_P(Kernels, Transpose) {
  for (const Descriptor format : {fp32, bf16, shp, uhp, c143, c152}) {
    for (const auto& [m, n] :
         {std::pair<std::size_t, std::size_t>{1, 1}, {8, 8}, {3, 50}, {64, 32}, {17, 23}, {40, 9}}) {
      const Matrix x = random_matrix(m, n, format, m * n, 0);
      const std::size_t size = static_cast<std::size_t>(format.bytes());
      load("transpose");
      tatami_transpose_args args{};
      args.x = test::place(*device_, x.bytes);
      args.z = test::place(*device_, x.bytes);
      args.ldx = n * size;
      args.ldz = m * size;
      args.m = static_cast<std::uint32_t>(m);
      args.n = static_cast<std::uint32_t>(n);
      args.element_bytes = static_cast<std::uint32_t>(size);
      run(args);
      test::expect_surroundings(*device_, args.z, x.bytes.size());
      const Matrix z = fetch(args.z, n, m, format);
      for (std::size_t i = 0; i < m; ++i) {
        for (std::size_t j = 0; j < n; ++j)
          ASSERT_EQ(z.code(j * m + i), x.code(i * n + j))
              << size << " bytes, " << m << " x " << n << ": " << i << ", " << j;
      }
    }
  }
}

TEST_P(Kernels, GatherAndScatter) {
  for (const std::size_t n : {1, 16, 50, 333}) {
    std::vector<std::int32_t> index(n);
    for (std::size_t i = 0; i < n; ++i) index[i] = static_cast<std::int32_t>((i * 7 + 3) % n);
    if (n % 7 == 0) continue;  // index must be a permutation for the scatter to have one result
    std::vector<std::uint32_t> x(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<std::uint32_t>(i * i + 1);
    for (const std::uint32_t operation : {TATAMI_GATHER, TATAMI_SCATTER}) {
      load("gather");
      tatami_gather_args args{};
      args.x = test::place(*device_, x);
      args.z = test::place(*device_, std::vector<std::uint32_t>(n));
      args.index = test::place(*device_, index);
      args.n = n;
      args.operation = operation;
      run(args);
      test::expect_surroundings(*device_, args.z, n * 4);
      const auto z = test::fetch<std::uint32_t>(*device_, args.z, n);
      for (std::size_t i = 0; i < n; ++i) {
        const auto at = static_cast<std::size_t>(index[i]);
        ASSERT_EQ(operation == TATAMI_GATHER ? z[i] : z[at], operation == TATAMI_GATHER ? x[at] : x[i])
            << n << ": " << i;
      }
    }
  }
}

}  // namespace
}  // namespace tatami
