// The stochastic generator: bits against the golden model, and chi-square tests over its lanes and over time.
// clang-format off
// sources: rtl/pkg/d1_pkg.sv rtl/fp/d1_threefry.sv
// clang-format on
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iostream>
#include <random>
#include <vector>

#include "Vd1_threefry.h"
#include "golden/threefry.h"
#include "verilated.h"

namespace tatami::fp {
namespace {

using Halves = std::array<std::uint16_t, 32>;

class Generator {
 public:
  Generator() {
    top_.rst_ni = 0;
    tick();
    top_.rst_ni = 1;
  }
  ~Generator() { top_.final(); }

  Halves draw(std::uint64_t seed, std::uint64_t count, bool wide = true) {
    top_.en_i = 1;
    top_.wide_i = wide;
    top_.seed_i = seed;
    top_.count_i = count;
    tick();
    top_.en_i = 0;
    tick();
    Halves r;
    std::memcpy(r.data(), &top_.random_o, sizeof r);
    return r;
  }

 private:
  void tick() {
    top_.clk_i = 1;
    top_.eval();
    top_.clk_i = 0;
    top_.eval();
  }

  VerilatedContext context_;
  Vd1_threefry top_{&context_};
};

TEST(Threefry, IsTheGoldenGenerator) {
  Generator generator;
  std::mt19937_64 random(1);
  for (int n = 0; n < 20'000; ++n) {
    const std::uint64_t seed = n % 5 == 0 ? n : random();
    std::uint64_t count = random() >> random() % 64;
    if (n % 7 == 0) count = ~std::uint64_t{0} - static_cast<std::uint64_t>(n) % 40;  // the index wraps
    if (n % 7 == 1) count = (random() << 35) - static_cast<std::uint64_t>(n) % 40;   // carry into the second word
    const bool wide = n % 2 == 0;
    const Halves got = generator.draw(seed, count, wide);
    for (std::size_t i = 0; i < (wide ? 32 : 16); ++i)
      ASSERT_EQ(got[i], golden::random_bits(seed, count + i)) << "seed " << seed << " count " << count << " lane " << i;
  }
}

/// Pearson's statistic of counts that should be equal, as standard deviations from its mean (normal for many bins).
double deviation(const std::vector<std::uint32_t>& bins) {
  double total = 0;
  for (const std::uint32_t n : bins) total += n;
  const double expected = total / static_cast<double>(bins.size()), freedom = static_cast<double>(bins.size()) - 1;
  double chi2 = 0;
  for (const std::uint32_t n : bins) chi2 += (n - expected) * (n - expected) / expected;
  return (chi2 - freedom) / std::sqrt(2 * freedom);
}

// Seeds are fixed, so this either always passes or never does. Of a few hundred statistics one at 4.5 deviations or
// more would be suspicious; a fault of one round or of the order of lanes gives hundreds.
class Uniform : public testing::Test {
 protected:
  static constexpr int kTimes = 20'000;
  static constexpr double kLimit = 4.5;

  void SetUp() override {
    for (int t = 0; t < kTimes; ++t) draws_.push_back(generator_.draw(2026, static_cast<std::uint64_t>(t) * 32));
  }
  void expect_uniform(const char* what, int bins, const std::function<void(std::vector<std::uint32_t>&)>& fill) {
    std::vector<std::uint32_t> count(static_cast<std::size_t>(bins));
    fill(count);
    const double d = deviation(count);
    worst_ = std::max(worst_, std::fabs(d));
    EXPECT_LT(std::fabs(d), kLimit) << what;
  }

  Generator generator_;
  std::vector<Halves> draws_;
  double worst_ = 0;
};

TEST_F(Uniform, EveryLaneOverTime) {
  for (std::size_t lane = 0; lane < 32; ++lane) {
    for (const int shift : {0, 4, 8})
      expect_uniform("a byte of a lane", 256, [&](auto& bins) {
        for (const Halves& h : draws_) ++bins[h[lane] >> shift & 255];
      });
    expect_uniform("a lane and its successor in time", 256, [&](auto& bins) {
      for (std::size_t t = 0; t + 1 < draws_.size(); ++t)
        ++bins[static_cast<std::size_t>(draws_[t][lane] >> 12 << 4 | draws_[t + 1][lane] >> 12)];
    });
  }
  std::cout << "largest deviation " << worst_ << "\n";
}

TEST_F(Uniform, NeighbouringLanes) {
  for (std::size_t lane = 0; lane < 32; ++lane) {
    for (const std::size_t step : {1, 7, 8, 16}) {
      for (const int shift : {0, 12})
        expect_uniform("two lanes of one instruction", 256, [&](auto& bins) {
          for (const Halves& h : draws_)
            ++bins[static_cast<std::size_t>((h[lane] >> shift & 15) << 4 | (h[(lane + step) % 32] >> shift & 15))];
        });
    }
  }
  std::cout << "largest deviation " << worst_ << "\n";
}

TEST_F(Uniform, AllLanesOfStretchesOfTime) {
  constexpr std::size_t kStretch = 2'000;
  for (std::size_t first = 0; first + kStretch <= draws_.size(); first += kStretch)
    expect_uniform("all lanes for a while", 1024, [&](auto& bins) {
      for (std::size_t t = first; t < first + kStretch; ++t)
        for (const std::uint16_t h : draws_[t]) ++bins[h >> 6];
    });
  std::cout << "largest deviation " << worst_ << "\n";
}

// Seeds that differ by one bit give unrelated bits: the exclusive or of their draws is uniform.
TEST_F(Uniform, SeedsOneBitApart) {
  for (int bit = 0; bit < 64; bit += 3)
    expect_uniform("seeds one bit apart", 256, [&](auto& bins) {
      for (std::uint64_t t = 0; t < 500; ++t) {
        const Halves other = generator_.draw(2026 ^ std::uint64_t{1} << bit, t * 32);
        for (std::size_t lane = 0; lane < 32; ++lane) ++bins[(draws_[t][lane] ^ other[lane]) & 255];
      }
    });
  std::cout << "largest deviation " << worst_ << "\n";
}

}  // namespace
}  // namespace tatami::fp
