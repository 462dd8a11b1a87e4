// sources: rtl/pkg/d1_pkg.sv rtl/noc/d1_sync.sv
//
// Counters, waits, takes and barriers against a model of docs/isa.md, section 8. TATAMI_SEED=n replays one seed.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "Vd1_sync.h"
#include "verilated.h"

namespace sync_test {
namespace {

enum Kind { ADD = 0, WAIT = 1, TAKE = 2, BAR = 3 };

struct Sleep {
  int kind, ctr, mask;
  uint32_t value;
};

class Bench {
 public:
  explicit Bench(uint64_t seed) : random(seed), seed_(seed) {
    top.rst_ni = 0;
    for (int i = 0; i < 3; ++i) edge();
    top.rst_ni = 1;
  }

  void request(int thread, int kind, int ctr, uint32_t value, int mask) {
    top.req_valid_i = 1;
    top.req_thread_i = uint8_t(thread);
    top.req_op_i = uint8_t(kind);
    top.req_ctr_i = uint8_t(ctr);
    top.req_value_i = value;
    top.req_mask_i = uint8_t(mask);
  }
  /// A trigger takes, as d1_trigger does: what is there, and not in two cycles in a row. False if it must not now.
  bool trigger_takes(int ctr, uint32_t value) {
    if (trigger_took || counters[size_t(ctr)] - value >= 0x8000'0000u) return false;
    top.take_valid_i = 1;
    top.take_ctr_i = uint8_t(ctr);
    top.take_value_i = value;
    return true;
  }
  void increment(int ctr, uint32_t value) {
    top.inc_valid_i = 1;
    top.inc_ctr_i = uint8_t(ctr);
    top.inc_value_i = value;
  }

  void step() {
    top.clk_i = 0;
    top.eval();
    // Who is satisfied by the counters of this cycle; takes one a cycle, a trigger's first, then the lowest thread's.
    int done = 0, sleepers = 0;
    bool changed = false;
    auto next = counters;
    bool taken = top.take_valid_i;
    if (taken) next[top.take_ctr_i] -= top.take_value_i, changed = true;
    trigger_took = taken;
    for (int t = 0; t < 4; ++t) {
      const auto& sleep = sleeping[size_t(t)];
      if (!sleep) continue;
      sleepers |= 1 << t;
      if (sleep->kind == BAR) {
        bool together = true;
        for (int u = 0; u < 4; ++u) {
          const auto& other = sleeping[size_t(u)];
          if (sleep->mask >> u & 1 && !(other && other->kind == BAR && other->mask == sleep->mask)) together = false;
        }
        if (together) done |= 1 << t;
      } else if (counters[size_t(sleep->ctr)] - sleep->value < 0x8000'0000u) {
        if (sleep->kind == WAIT)
          done |= 1 << t;
        else if (!taken) {
          taken = changed = true;
          done |= 1 << t;
          next[size_t(sleep->ctr)] -= sleep->value;
        }
      }
    }
    if (top.inc_valid_i) next[top.inc_ctr_i] += top.inc_value_i, changed = true;
    if (top.req_valid_i && top.req_op_i == ADD) next[top.req_ctr_i] += top.req_value_i, changed = true;
    EXPECT_EQ(top.done_o, done) << where();
    EXPECT_EQ(top.waiting_o, sleepers) << where();
    EXPECT_EQ(bool(top.changed_o), changed) << where();
    for (size_t c = 0; c < 32; ++c) EXPECT_EQ(top.counters_o[c], counters[c]) << where() << "counter " << c;
    // Who is not done may give up, in the same cycle.
    const int given_up = give_up & sleepers & ~done;
    give_up = 0;
    top.cancel_i = uint8_t(given_up);
    top.eval();
    EXPECT_EQ(top.done_o, done) << where();
    last_done = done;
    ended += uint64_t(__builtin_popcount(unsigned(done)));
    counters = next;
    for (int t = 0; t < 4; ++t)
      if ((done | given_up) >> t & 1) sleeping[size_t(t)].reset();
    if (top.req_valid_i && top.req_op_i != ADD)
      sleeping[top.req_thread_i] = Sleep{top.req_op_i, top.req_ctr_i, top.req_mask_i, top.req_value_i};
    edge();
    top.req_valid_i = 0;
    top.inc_valid_i = 0;
    top.take_valid_i = 0;
    top.cancel_i = 0;
    ++cycle;
  }
  std::string where() const { return "seed " + std::to_string(seed_) + " cycle " + std::to_string(cycle) + ": "; }

  VerilatedContext context;
  Vd1_sync top{&context, "top"};
  std::mt19937_64 random;
  std::array<uint32_t, 32> counters{};
  std::array<std::optional<Sleep>, 4> sleeping;
  int last_done = 0;
  bool trigger_took = false;  // in the last step
  int give_up = 0;            // threads that want to give up in the next step, if they sleep and are not done
  uint64_t cycle = 0, ended = 0;

 private:
  void edge() {
    top.clk_i = 0;
    top.eval();
    top.clk_i = 1;
    top.eval();
  }
  uint64_t seed_;
};

TEST(Sync, WaitComparesWrapSafely) {
  Bench bench(1);
  bench.increment(3, 0xffff'fff0);
  bench.step();
  bench.request(2, WAIT, 3, 5, 0);  // 5 lies ahead of -16
  bench.step();
  for (int i = 0; i < 5; ++i) {
    bench.step();
    EXPECT_EQ(bench.last_done, 0);
  }
  bench.increment(3, 0x15);  // wraps to 5
  bench.step();
  bench.step();
  EXPECT_EQ(bench.last_done, 4);
}

TEST(Sync, TakesAreServedLowestThreadFirstAndOnlyOnce) {
  Bench bench(2);
  for (int t = 3; t >= 0; --t) {
    bench.request(t, TAKE, 9, 1, 0);
    bench.step();
  }
  bench.increment(9, 2);
  bench.step();
  bench.step();
  EXPECT_EQ(bench.last_done, 1);
  bench.step();
  EXPECT_EQ(bench.last_done, 2);
  bench.step();
  EXPECT_EQ(bench.last_done, 0);
  EXPECT_EQ(bench.counters[9], 0u);
}

TEST(Sync, ATriggerTakesBeforeThreads) {
  Bench bench(5);
  bench.request(0, TAKE, 9, 2, 0);
  bench.step();
  bench.request(1, TAKE, 9, 2, 0);
  bench.step();
  bench.increment(9, 5);
  bench.step();
  ASSERT_TRUE(bench.trigger_takes(9, 3));
  bench.step();
  EXPECT_EQ(bench.last_done, 0);
  EXPECT_EQ(bench.counters[9], 2u);
  bench.step();
  EXPECT_EQ(bench.last_done, 1) << "what is left is enough for one";
  bench.step();
  EXPECT_EQ(bench.last_done, 0);
  EXPECT_EQ(bench.counters[9], 0u);
}

TEST(Sync, BarriersNeedTheSameMask) {
  Bench bench(3);
  bench.request(0, BAR, 0, 0, 3);
  bench.step();
  bench.request(1, BAR, 0, 0, 2);  // alone: passes at once
  bench.step();
  bench.step();
  EXPECT_EQ(bench.last_done, 2);
  bench.request(1, BAR, 0, 0, 3);
  bench.step();
  bench.step();
  EXPECT_EQ(bench.last_done, 3);
}

TEST(Sync, WhoGivesUpIsAwakeAndTakesNothing) {
  Bench bench(4);
  bench.request(0, TAKE, 9, 1, 0);
  bench.step();
  bench.request(1, BAR, 0, 0, 6);
  bench.step();
  bench.give_up = 3;
  bench.step();
  bench.request(2, BAR, 0, 0, 6);  // thread 1 is not there any more
  bench.increment(9, 1);
  bench.step();
  bench.step();
  EXPECT_EQ(bench.last_done, 0);
  EXPECT_EQ(bench.counters[9], 1u);
  bench.request(1, BAR, 0, 0, 6);
  bench.step();
  bench.step();
  EXPECT_EQ(bench.last_done, 6);
}

TEST(Sync, Random) {
  uint64_t first = 100, count = 20;
  if (const char* text = std::getenv("TATAMI_SEED")) first = std::strtoull(text, nullptr, 0), count = 1;
  for (uint64_t seed = first; seed < first + count && !::testing::Test::HasFailure(); ++seed) {
    Bench bench(seed);
    auto below = [&](uint64_t n) { return bench.random() % n; };
    const uint64_t spread = seed % 3 ? 3 : 32;
    uint64_t triggers = 0;
    for (int i = 0; i < 5000 && !::testing::Test::HasFailure(); ++i) {
      const int thread = int(below(4));
      if (!bench.sleeping[size_t(thread)] && below(3)) {
        const int ctr = int(below(spread));
        const uint32_t near = bench.counters[size_t(ctr)] + uint32_t(below(7)) - 2;
        const int kind = int(below(4));
        const uint32_t value = kind == ADD || kind == TAKE ? uint32_t(below(50) ? below(4) : bench.random()) : near;
        // A barrier that somebody waits for, or a new one without those who wait already: others would never end.
        int mask = int(below(16)) | 1 << thread, waiting = 0;
        for (size_t t = 0; t < 4; ++t)
          if (bench.sleeping[t] && bench.sleeping[t]->kind == BAR) waiting |= 1 << t | bench.sleeping[t]->mask;
        mask &= ~waiting;
        for (size_t t = 0; t < 4; ++t)
          if (bench.sleeping[t] && bench.sleeping[t]->kind == BAR && bench.sleeping[t]->mask >> thread & 1)
            mask = bench.sleeping[t]->mask;
        bench.request(thread, kind, ctr, value, mask);
      }
      if (below(2)) bench.increment(int(below(spread)), uint32_t(below(50) ? below(3) : bench.random()));
      if (below(30) == 0) bench.give_up = int(below(16));
      if (below(4) == 0) triggers += bench.trigger_takes(int(below(spread)), uint32_t(1 + below(3)));
      bench.step();
      // Nobody sleeps for ever: now and then set what a sleeper waits for.
      if (below(20) == 0)
        for (size_t t = 0; t < 4; ++t)
          if (bench.sleeping[t] && bench.sleeping[t]->kind != BAR && below(2)) {
            const Sleep sleep = *bench.sleeping[t];
            bench.increment(sleep.ctr, sleep.value - bench.counters[size_t(sleep.ctr)]);
            bench.step();
            break;
          }
      // Barriers: the threads of a mask come, one after another.
      if (below(10) == 0)
        for (size_t t = 0; t < 4; ++t)
          if (bench.sleeping[t] && bench.sleeping[t]->kind == BAR)
            for (int u = 0; u < 4; ++u)
              if (bench.sleeping[t] && bench.sleeping[t]->mask >> u & 1 && !bench.sleeping[size_t(u)]) {
                bench.request(u, BAR, 0, 0, bench.sleeping[t]->mask);
                bench.step();
              }
    }
    EXPECT_GT(bench.ended, 500u) << "seed " << seed;
    EXPECT_GT(triggers, 200u) << "seed " << seed;
  }
}

}  // namespace
}  // namespace sync_test
