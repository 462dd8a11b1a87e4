// verilate: d1_live_count
// sources: rtl/noc/d1_live_count.sv
//
// Live nodes of rectangles, counted one by one here: every rectangle of small fabrics, random ones of the largest.
#include <array>
#include <cstdint>
#include <random>

#include <gtest/gtest.h>

#include "Vd1_live_count.h"
#include "verilated.h"

namespace live_count_test {
namespace {

class Unit {
 public:
  Unit(unsigned width, unsigned height, unsigned dead_percent, unsigned seed) : w_(width), h_(height) {
    std::mt19937 random(seed);
    for (unsigned y = 0; y < h_; ++y)
      for (unsigned x = 0; x < w_; ++x) {
        live_[y][x] = random() % 100 >= dead_percent;
        unsigned sum = 0;
        for (unsigned v = 0; v <= y; ++v)
          for (unsigned u = 0; u <= x; ++u) sum += live_[v][u];
        top_.we_i = 1;
        top_.addr_i = uint16_t(32 * y + x);
        top_.data_i = uint16_t(sum);
        top_.clk_i = 0;
        top_.eval();
        top_.clk_i = 1;
        top_.eval();
      }
    top_.we_i = 0;
  }
  void check(unsigned x0, unsigned y0, unsigned x1, unsigned y1) {
    unsigned count = 0;
    for (unsigned y = y0; y <= y1; ++y)
      for (unsigned x = x0; x <= x1; ++x) count += live_[y][x];
    top_.en_i = 1;
    top_.x0_i = uint8_t(x0);
    top_.y0_i = uint8_t(y0);
    top_.x1_i = uint8_t(x1);
    top_.y1_i = uint8_t(y1);
    top_.eval();
    ASSERT_EQ(top_.count_o, count) << x0 << "," << y0 << " .. " << x1 << "," << y1;
    top_.en_i = 0;
    top_.eval();
    ASSERT_EQ(top_.count_o, 0);
  }

 private:
  unsigned w_, h_;
  std::array<std::array<bool, 32>, 32> live_{};
  Vd1_live_count top_;
};

TEST(LiveCount, EveryRectangle) {
  for (unsigned seed = 1; seed < 6; ++seed) {
    Unit unit(7, 5, 10 * seed, seed);
    for (unsigned x0 = 0; x0 < 7; ++x0)
      for (unsigned x1 = x0; x1 < 7; ++x1)
        for (unsigned y0 = 0; y0 < 5; ++y0)
          for (unsigned y1 = y0; y1 < 5; ++y1) {
            unit.check(x0, y0, x1, y1);
            if (testing::Test::HasFatalFailure()) return;
          }
  }
}

TEST(LiveCount, TheLargestFabric) {
  std::mt19937 random(9);
  for (const unsigned dead : {0u, 3u, 100u}) {
    Unit unit(32, 32, dead, dead);
    for (int i = 0; i < 1000; ++i) {
      const unsigned x0 = random() % 32, y0 = random() % 32;
      unit.check(x0, y0, x0 + unsigned(random() % (32 - x0)), y0 + unsigned(random() % (32 - y0)));
      if (testing::Test::HasFatalFailure()) return;
    }
    unit.check(0, 0, 31, 31);
  }
}

}  // namespace
}  // namespace live_count_test
