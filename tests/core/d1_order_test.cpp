// sources: rtl/core/d1_order.sv
//
// The order in which threads are served, against a list: blocks that begin move their thread to the end. Random
// sequences of dm.mma with and without the z bit. TATAMI_SEED=n replays one seed.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "Vd1_order.h"
#include "verilated.h"

namespace {

class OrderTest : public testing::Test {
 protected:
  void clock() {
    for (const bool level : {false, true}) {
      model_.clk_i = level;
      model_.eval();
    }
    model_.clk_i = 0;
    model_.eval();
  }
  void reset() {
    model_.rst_ni = 0;
    clock();
    model_.rst_ni = 1;
    order_ = {0, 1, 2, 3};
    zero_ = {};
  }
  void step(bool mma, unsigned thread, bool zero_first) {
    model_.mma_i = mma;
    model_.thread_i = static_cast<std::uint8_t>(thread);
    model_.zero_first_i = zero_first;
    clock();
    if (!mma) return;
    if (zero_first && !zero_[thread]) {
      std::erase(order_, thread);
      order_.push_back(thread);
    }
    zero_[thread] = zero_first;
  }
  unsigned expected() const {
    unsigned before = 0;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) before |= 1U << (4 * order_[i] + order_[j]);
    }
    return before;
  }

  Vd1_order model_;
  std::vector<unsigned> order_;
  std::array<bool, 4> zero_{};
};

TEST_F(OrderTest, LowestThreadFirstAfterReset) {
  reset();
  EXPECT_EQ(model_.before_o, 0x7310U);
}

TEST_F(OrderTest, ABlockBeginsOnceHoweverManyTilesStartFromZero) {
  reset();
  for (int tile = 0; tile < 8; ++tile) step(true, 0, true);
  step(true, 1, true);
  step(true, 0, true);  // still the same block
  EXPECT_EQ(model_.before_o, expected());
  EXPECT_EQ(order_, (std::vector<unsigned>{2, 3, 0, 1}));
  step(true, 0, false);
  step(true, 0, true);  // the next one
  EXPECT_EQ(model_.before_o, expected());
  EXPECT_EQ(order_, (std::vector<unsigned>{2, 3, 1, 0}));
}

TEST_F(OrderTest, RandomSequences) {
  const char* const replay = std::getenv("TATAMI_SEED");
  const std::uint64_t first = replay != nullptr ? std::strtoull(replay, nullptr, 0) : 1;
  for (std::uint64_t seed = first; seed < first + (replay != nullptr ? 1 : 20); ++seed) {
    std::mt19937_64 random(seed);
    reset();
    for (int cycle = 0; cycle < 5'000; ++cycle) {
      step(random() % 4 != 0, static_cast<unsigned>(random() % 4), random() % 3 == 0);
      ASSERT_EQ(model_.before_o, expected()) << "cycle " << cycle << "; replay with TATAMI_SEED=" << seed;
    }
  }
}

}  // namespace
