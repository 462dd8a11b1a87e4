// sources: rtl/noc/d1_trigger.sv
//
// Triggers against the rules of docs/isa.md, section 8.3, with counters that the test keeps: what fires is armed and
// has come to its count, once; what has come to its count fires, soon and in turns; the unit is quiet only when nothing
// can fire. TATAMI_SEED=n replays one seed.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "Vd1_trigger.h"
#include "verilated.h"

namespace trigger_test {
namespace {

struct Armed {
  uint32_t ctr, count, where, rectangle;
};

class Bench {
 public:
  explicit Bench(uint64_t seed) : random(seed), seed_(seed) {
    top.rst_ni = 0;
    top.changed_i = 0;
    for (int i = 0; i < 3; ++i) edge();
    top.rst_ni = 1;
  }

  void arm(unsigned trigger, const Armed& with) {
    arming = {trigger, with};
    top.arm_valid_i = 1;
    top.arm_trigger_i = uint8_t(trigger);
    top.arm_ctr_i = uint8_t(with.ctr);
    top.arm_count_i = uint16_t(with.count);
    top.arm_where_i = with.where;
    top.arm_rectangle_i = with.rectangle;
  }
  void add(uint32_t ctr, uint32_t value) {
    next[ctr] += value;
    top.changed_i = 1;
  }
  bool reached(unsigned trigger) const {
    const auto& a = armed[trigger];
    return a && counters[a->ctr] - a->count < 0x8000'0000u;
  }

  void step(bool ready = true) {
    top.out_ready_i = ready;
    for (size_t c = 0; c < 32; ++c) top.counters_i[c] = counters[c];
    top.clk_i = 0;
    top.eval();
    EXPECT_EQ(bool(top.out_valid_o), waiting.has_value()) << where();
    if (waiting) {
      EXPECT_EQ(top.out_where_o, waiting->where) << where();
      EXPECT_EQ(top.out_rectangle_o, waiting->rectangle) << where();
    }
    bool any = waiting.has_value();
    for (unsigned t = 0; t < 4; ++t) {
      any |= reached(t);
      // One look a cycle, in turns, while no signal waits.
      if (!reached(t)) since[t] = 0;
      if (reached(t) && !waiting) ++since[t];
      EXPECT_LE(since[t], 4) << where() << "trigger " << t << " is forgotten";
    }
    if (any) {
      EXPECT_FALSE(top.quiet_o) << where();
    }
    std::optional<Armed> fired;
    if (top.take_valid_o) {
      const unsigned t = top.take_value_o & 3;  // see count_of
      EXPECT_TRUE(reached(t)) << where() << "trigger " << t;
      EXPECT_FALSE(waiting) << where();
      if (!reached(t)) return;
      EXPECT_EQ(top.take_ctr_o, armed[t]->ctr) << where();
      EXPECT_EQ(top.take_value_o, armed[t]->count) << where();
      fired.swap(armed[t]);
      since[t] = 0;
      next[top.take_ctr_o] -= top.take_value_o;
      top.changed_i = 1;  // as d1_sync says
      top.eval();
      ++fires;
    }
    if (waiting && ready) waiting.reset();
    if (fired) waiting = fired;
    if (top.arm_valid_i) {
      armed[arming.trigger] = arming.with.count == 0 ? std::nullopt : std::optional(arming.with);
      since[arming.trigger] = 0;
    }
    edge();
    counters = next;
    top.changed_i = 0;
    top.arm_valid_i = 0;
    ++cycle;
  }
  std::string where() const { return "seed " + std::to_string(seed_) + " cycle " + std::to_string(cycle) + ": "; }

  VerilatedContext context;
  Vd1_trigger top{&context, "top"};
  std::mt19937_64 random;
  std::array<uint32_t, 32> counters{}, next{};
  std::array<std::optional<Armed>, 4> armed{};
  std::optional<Armed> waiting;
  struct {
    unsigned trigger = 0;
    Armed with{};
  } arming;
  std::array<int, 4> since{};  // cycles in which it could have fired and no signal waited
  uint64_t cycle = 0, fires = 0;

 private:
  void edge() {
    top.clk_i = 0;
    top.eval();
    top.clk_i = 1;
    top.eval();
  }
  uint64_t seed_;
};

// Counts of different triggers are different modulo 4, so that what a trigger takes names it.
uint32_t count_of(unsigned trigger, uint64_t n) { return uint32_t(4 * n + 4 + trigger); }

TEST(Trigger, FiresOnceAndSignalsWhatItWasArmedWith) {
  Bench bench(1);
  bench.arm(2, {5, count_of(2, 0), 0x1abcde, 0x1fedc});
  bench.step();
  for (int i = 0; i < 5; ++i) bench.step();
  EXPECT_TRUE(bench.top.quiet_o) << "an armed trigger is nothing to do";
  bench.add(5, 5);
  bench.step();
  bench.step();
  EXPECT_EQ(bench.fires, 0u);
  bench.add(5, 9);
  bench.step();
  bench.step(false);
  EXPECT_EQ(bench.fires, 1u) << "in the cycle after the change";
  EXPECT_EQ(bench.counters[5], 8u);
  for (int i = 0; i < 5; ++i) bench.step(false);
  bench.step();
  bench.step();
  EXPECT_EQ(bench.fires, 1u);
  EXPECT_TRUE(bench.top.quiet_o);
}

TEST(Trigger, ReplacedAndDisarmed) {
  Bench bench(2);
  bench.arm(1, {5, count_of(1, 0), 1, 0});
  bench.step();
  bench.arm(1, {6, count_of(1, 1), 2, 0});
  bench.add(5, 100);
  bench.step();
  for (int i = 0; i < 4; ++i) bench.step();
  EXPECT_EQ(bench.fires, 0u);
  bench.arm(1, {5, 0, 3, 0});
  bench.step();
  bench.add(6, 100);
  bench.step();
  for (int i = 0; i < 4; ++i) bench.step();
  EXPECT_EQ(bench.fires, 0u);
  bench.arm(1, {6, count_of(1, 1), 4, 0});
  bench.step();
  bench.step();
  EXPECT_EQ(bench.fires, 1u) << "what it waits for is there";
}

TEST(Trigger, Random) {
  uint64_t first = 100, seeds = 20;
  if (const char* text = std::getenv("TATAMI_SEED")) first = std::strtoull(text, nullptr, 0), seeds = 1;
  for (uint64_t seed = first; seed < first + seeds && !::testing::Test::HasFailure(); ++seed) {
    Bench bench(seed);
    auto below = [&](uint64_t n) { return bench.random() % n; };
    const uint64_t spread = seed % 3 ? 2 : 32, busy = 1 + seed % 4;
    for (int i = 0; i < 5000 && !::testing::Test::HasFailure(); ++i) {
      if (below(3 * busy) == 0) {
        const auto t = unsigned(below(4));
        const uint32_t count = below(6) == 0 ? 0 : count_of(t, below(50) ? below(3) : 0x3ffe);
        bench.arm(t, {uint32_t(below(spread)), count, uint32_t(below(1 << 21)), uint32_t(below(1 << 17))});
      }
      if (below(busy) == 0) bench.add(uint32_t(below(spread)), uint32_t(below(50) ? below(8) : bench.random()));
      bench.step(seed % 2 || below(3) == 0);
    }
    EXPECT_GT(bench.fires, 50u) << "seed " << seed;
  }
}

}  // namespace
}  // namespace trigger_test
