// sources: rtl/core/d1_patience.sv
//
// Groups of threads that have waited too long, against a list; and that nobody starves, however long a service takes.
// TATAMI_SEED=n replays one seed.
#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

#include "Vd1_patience.h"
#include "verilated.h"

namespace {

class PatienceTest : public testing::Test {
 protected:
  void SetUp() override {
    model_.rst_ni = 0;
    cycle(0, 0);
    model_.rst_ni = 1;
  }
  /// The urgent ones of this cycle; then the clock edge. `late`: have waited 63 cycles, besides those that waited 255.
  unsigned cycle(unsigned waited, unsigned served, unsigned late = 0) {
    model_.late_i = static_cast<std::uint8_t>(waited | late);
    model_.waited_i = static_cast<std::uint8_t>(waited);
    model_.served_i = static_cast<std::uint8_t>(served);
    model_.clk_i = 0;
    model_.eval();
    const unsigned urgent = model_.urgent_o;
    model_.clk_i = 1;
    model_.eval();
    return urgent;
  }
  Vd1_patience model_;
};

TEST_F(PatienceTest, NobodyJoinsAGroup) {
  EXPECT_EQ(cycle(0b0110, 0), 0b0110U) << "no group yet";
  EXPECT_EQ(cycle(0b1111, 0), 0b0110U);
  EXPECT_EQ(cycle(0b1111, 0b0010), 0b0110U);
  EXPECT_EQ(cycle(0b1101, 0), 0b0100U);
  EXPECT_EQ(cycle(0b1111, 0b0100), 0b0100U);
  EXPECT_EQ(cycle(0b1011, 0), 0b1011U) << "those that have waited too long meanwhile are the next group";
}

TEST_F(PatienceTest, WhoGivesUpLeavesItsGroup) {
  cycle(0b0011, 0);
  EXPECT_EQ(cycle(0b0011, 0, 0b0100), 0b0011U);
  EXPECT_EQ(cycle(0b1000, 0, 0b0100), 0b1100U) << "nobody is left of the group";
  EXPECT_EQ(cycle(0b1000, 0, 0b0100), 0b1000U);
}

TEST_F(PatienceTest, WithoutAGroupThoseThatAreLateComeFirst) {
  EXPECT_EQ(cycle(0, 0, 0b1010), 0b1010U);
  EXPECT_EQ(cycle(0, 0, 0b1010), 0b1010U);
}

// Four threads at a unit that takes 70 cycles each time; each asks again at once. Fixed order among equals.
TEST_F(PatienceTest, LongServicesStarveNobody) {
  constexpr unsigned kService = 70;
  std::array<unsigned, 4> waiting{}, served{};
  unsigned busy = 0;
  for (unsigned c = 0; c < 100 * kService; ++c) {
    unsigned late = 0, waited = 0;
    for (unsigned t = 0; t < 4; ++t)
      late |= unsigned{waiting[t] >= 63} << t, waited |= unsigned{waiting[t] >= 255} << t;
    // Who is served depends on the outputs of this cycle.
    model_.late_i = static_cast<std::uint8_t>(late);
    model_.waited_i = static_cast<std::uint8_t>(waited);
    model_.clk_i = 0;
    model_.eval();
    const unsigned urgent = model_.urgent_o;
    unsigned grant = 0;
    if (busy == 0) {
      const unsigned candidates = urgent != 0 ? urgent : 15;
      grant = candidates & -candidates;
      busy = kService;
    }
    --busy;
    cycle(waited, grant, late);
    for (unsigned t = 0; t < 4; ++t) {
      const bool got = (grant >> t & 1) != 0;
      served[t] += got;
      waiting[t] = got ? 0 : waiting[t] + 1;
      ASSERT_LT(waiting[t], 255 + 8 * kService) << "thread " << t;
    }
  }
  for (const unsigned count : served) EXPECT_GT(count, 15U);
}

TEST_F(PatienceTest, RandomGroups) {
  const char* const replay = std::getenv("TATAMI_SEED");
  std::mt19937_64 random(replay != nullptr ? std::strtoull(replay, nullptr, 0) : 1);
  unsigned group = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto waited =
        static_cast<unsigned>(random() & random() & 15) | (group & static_cast<unsigned>(random() | random()));
    const auto served = static_cast<unsigned>(random() & random() & 15) & waited;
    const auto late = static_cast<unsigned>(random() & 15);
    ASSERT_EQ(cycle(waited, served, late), (group & waited) != 0 ? group & waited : waited | late) << "cycle " << i;
    const unsigned left = group & waited & ~served;
    group = left != 0 ? left : waited & ~served;
  }
}

}  // namespace
