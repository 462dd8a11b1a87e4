// Exponential, reciprocal and reciprocal square root of sw/kernels/vector.h as elementwise.elf computes them, on the
// golden model (the kernels' other tests run the same instructions on the RTL), against MPFR: the error in ulp of the
// correctly rounded result, over dense sweeps. docs/numerics.md, section 4.1, states the bounds.
// labels: kernel
// needs: tatami_kernels
#include <mpfr.h>

#include <bit>
#include <cmath>
#include <functional>
#include <iostream>
#include <numeric>

#include "kernels/kernel_device.h"
#include "tatami/vector_args.h"

namespace tatami {
namespace {

using Operation = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);

/// |got - f(x)| in units of the last place of f(x) (a normal FP32 number).
double ulps(float got, float x, Operation f) {
  mpfr_t exact, difference;
  mpfr_inits2(160, exact, difference, nullptr);
  mpfr_set_flt(exact, x, MPFR_RNDN);
  f(exact, exact, MPFR_RNDN);
  const long exponent = mpfr_get_exp(exact) - 24;  // of the last place
  mpfr_set_flt(difference, got, MPFR_RNDN);
  mpfr_sub(difference, difference, exact, MPFR_RNDN);
  mpfr_mul_2si(difference, difference, -exponent, MPFR_RNDN);
  const double result = std::fabs(mpfr_get_d(difference, MPFR_RNDN));
  mpfr_clears(exact, difference, nullptr);
  return result;
}

int reciprocal(mpfr_ptr r, mpfr_srcptr x, mpfr_rnd_t round) { return mpfr_ui_div(r, 1, x, round); }

struct Measured {
  double largest = 0;
  float at = 0;
  double exact_share = 0;  ///< correctly rounded, i.e. at most half an ulp off
};

class Functions : public testing::Test {
 protected:
  static constexpr std::size_t kPiece = 60'000;  // elements that fit into the SRAM beside their results

  std::vector<float> apply(std::uint32_t operation, const std::vector<float>& x) {
    const auto device = test::make_device("golden");
    device->load_elf(test::kernel_path("elementwise"));
    tatami_elementwise_args args{};
    args.x = test::place(*device, x);
    args.y = args.x;
    args.z = test::place(*device, std::vector<float>(x.size()));
    args.n = x.size();
    args.operation = operation;
    device->set_threads(4);
    device->write_arguments(std::as_bytes(std::span(&args, 1)));
    const RunResult result = device->run({.max_cycles = 50'000'000});
    EXPECT_TRUE(result.passed()) << test::describe(result);
    return test::fetch<float>(*device, args.z, x.size());
  }

  Measured measure(const char* name, std::uint32_t operation, const std::vector<float>& x, Operation f,
                   bool times_x = false) {
    Measured m;
    std::size_t exact = 0;
    for (std::size_t first = 0; first < x.size(); first += kPiece) {
      const std::vector<float> piece(x.begin() + static_cast<std::ptrdiff_t>(first),
                                     x.begin() + static_cast<std::ptrdiff_t>(std::min(x.size(), first + kPiece)));
      const std::vector<float> z = apply(operation, piece);
      for (std::size_t i = 0; i < z.size(); ++i) {
        const double error = ulps(times_x ? z[i] * piece[i] : z[i], piece[i], f);
        exact += error <= 0.5 ? 1 : 0;
        if (error > m.largest || std::isnan(error)) {
          m.largest = error;
          m.at = piece[i];
        }
      }
    }
    m.exact_share = static_cast<double>(exact) / static_cast<double>(x.size());
    std::cout << name << ": largest error " << m.largest << " ulp at " << m.at << ", " << 100 * m.exact_share
              << " % correctly rounded, " << x.size() << " arguments\n";
    return m;
  }
};

/// Every `step`th float of [first, last].
std::vector<float> every(float first, float last, std::uint32_t step) {
  std::vector<float> x;
  for (auto b = std::bit_cast<std::uint32_t>(first); b <= std::bit_cast<std::uint32_t>(last); b += step)
    x.push_back(std::bit_cast<float>(b));
  return x;
}

TEST_F(Functions, Reciprocal) {
  // One binade holds all significands; a coarse sweep of the others shows that the exponent does not matter.
  EXPECT_LE(measure("reciprocal, [1, 2)", TATAMI_EW_RECIPROCAL, every(1, 1.9999999F, 61), reciprocal).largest, 0.6);
  EXPECT_LE(measure("reciprocal, wide", TATAMI_EW_RECIPROCAL, every(0x1p-125F, 0x1p125F, 29'989), reciprocal).largest,
            0.6);
}

TEST_F(Functions, ReciprocalSquareRoot) {
  EXPECT_LE(measure("rsqrt, [1, 4)", TATAMI_EW_RSQRT, every(1, 3.9999998F, 127), mpfr_rec_sqrt).largest, 1.1);
  EXPECT_LE(measure("rsqrt, wide", TATAMI_EW_RSQRT, every(0x1p-126F, 0x1p127F, 29'989), mpfr_rec_sqrt).largest, 1.1);
}

// sqrt(x) = x * rsqrt(x), one multiplication more.
TEST_F(Functions, SquareRoot) {
  EXPECT_LE(measure("sqrt, [1, 4)", TATAMI_EW_RSQRT, every(1, 3.9999998F, 211), mpfr_sqrt, true).largest, 1.9);
}

TEST_F(Functions, Exponential) {
  std::vector<float> x;
  for (int n = -87'000; n <= 88'000; n += 2) x.push_back(static_cast<float>(n) / 1000.0F);
  EXPECT_LE(measure("exp, [-87, 88]", TATAMI_EW_EXP, x, mpfr_exp).largest, 0.9);
  EXPECT_LE(measure("exp, [2^-10, 1]", TATAMI_EW_EXP, every(0x1p-10F, 1, 997), mpfr_exp).largest, 0.9);
}

}  // namespace
}  // namespace tatami
