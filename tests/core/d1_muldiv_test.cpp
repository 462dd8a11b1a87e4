// sources: rtl/pkg/d1_pkg.sv rtl/core/d1_mul.sv rtl/core/d1_div.sv rtl/core/d1_muldiv.sv
//
// Multiplier and divider against 128-bit arithmetic of C++: corner operands exhaustively, then random operands, random
// gaps and random back-pressure of the result port. TATAMI_SEED=n replays one seed.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "Vd1_muldiv.h"
#include "verilated.h"

namespace {

struct Operation {
  unsigned funct3;
  bool word;
  uint64_t a, b;
};

uint64_t word_result(uint32_t x) { return static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(x))); }

/// The M extension, from the specification.
uint64_t expected(const Operation& op) {
  using Wide = __int128;
  const auto sa = static_cast<int64_t>(op.a), sb = static_cast<int64_t>(op.b);
  if (op.word) {
    const auto wa = static_cast<int32_t>(op.a), wb = static_cast<int32_t>(op.b);
    const auto ua = static_cast<uint32_t>(op.a), ub = static_cast<uint32_t>(op.b);
    switch (op.funct3) {
      case 0: return word_result(ua * ub);
      case 4: return wb == 0 ? ~0ULL : word_result(static_cast<uint32_t>(int64_t{wa} / wb));
      case 5: return ub == 0 ? ~0ULL : word_result(ua / ub);
      case 6: return wb == 0 ? word_result(ua) : word_result(static_cast<uint32_t>(int64_t{wa} % wb));
      default: return ub == 0 ? word_result(ua) : word_result(ua % ub);
    }
  }
  switch (op.funct3) {
    case 0: return op.a * op.b;
    case 1: return static_cast<uint64_t>((Wide{sa} * Wide{sb}) >> 64);
    case 2: return static_cast<uint64_t>((Wide{sa} * static_cast<Wide>(op.b)) >> 64);
    case 3: return static_cast<uint64_t>((static_cast<unsigned __int128>(op.a) * op.b) >> 64);
    case 4: return op.b == 0 ? ~0ULL : static_cast<uint64_t>(Wide{sa} / Wide{sb});
    case 5: return op.b == 0 ? ~0ULL : op.a / op.b;
    case 6: return op.b == 0 ? op.a : static_cast<uint64_t>(Wide{sa} % Wide{sb});
    default: return op.b == 0 ? op.a : op.a % op.b;
  }
}

/// Issues operations and compares results, which may come in another order than they were issued.
class Bench {
 public:
  explicit Bench(uint64_t seed) : random_(seed), seed_(seed) {
    top_.rst_ni = 0;
    top_.res_ready_i = 1;
    step();
    step();
    top_.rst_ni = 1;
  }

  /// Chance in 256 that the result port is not ready in a cycle.
  void stalls(unsigned chance) { chance_ = chance; }

  void issue(const Operation& op) {
    const unsigned tag = next_tag();
    for (;;) {
      prepare();
      top_.valid_i = 1;
      top_.thread_i = static_cast<uint8_t>(tag >> 5);
      top_.rd_i = static_cast<uint8_t>(tag & 31);
      top_.funct3_i = static_cast<uint8_t>(op.funct3);
      top_.word_i = op.word;
      top_.a_i = op.a;
      top_.b_i = op.b;
      top_.clk_i = 0;
      top_.eval();
      const bool taken = (op.funct3 & 4) != 0 ? top_.div_ready_o : top_.mul_ready_o;
      if (!taken) top_.valid_i = 0;  // valid is given only with ready: the arbiter works that way
      step();
      top_.valid_i = 0;
      if (taken) break;
    }
    waiting_.emplace(tag, op);
    issued_.emplace(tag, cycle_);
  }

  void idle() {
    prepare();
    top_.valid_i = 0;
    step();
  }

  void drain() {
    for (int i = 0; i < 400 && !waiting_.empty(); ++i) idle();
    EXPECT_TRUE(waiting_.empty()) << "results missing, seed " << seed_;
    EXPECT_EQ(top_.busy_o, 0);
  }

  uint64_t compared() const { return compared_; }
  /// Cycles from the request to the cycle in which the last compared result was presented.
  uint64_t latency() const { return latency_; }

 private:
  unsigned next_tag() {
    for (int i = 0; waiting_.count(tag_ & 127) != 0; ++i) {
      if (i == 20'000) throw std::runtime_error("a result never came, seed " + std::to_string(seed_));
      idle();
    }
    return tag_++ & 127;
  }

  void prepare() { top_.res_ready_i = (random_() & 255) >= chance_; }

  void step() {
    top_.clk_i = 0;
    top_.eval();
    if (top_.rst_ni && top_.res_valid_o && top_.res_ready_i) check();
    top_.clk_i = 1;
    top_.eval();
    ++cycle_;
  }

  void check() {
    const unsigned tag = top_.res_thread_o * 32U + top_.res_reg_o;
    const auto found = waiting_.find(tag);
    ASSERT_NE(found, waiting_.end()) << "nobody waits for tag " << tag << ", seed " << seed_;
    const Operation op = found->second;
    ASSERT_EQ(top_.res_data_o, expected(op)) << "funct3 " << op.funct3 << (op.word ? " word" : "") << std::hex << " a "
                                             << op.a << " b " << op.b << std::dec << " seed " << seed_;
    latency_ = cycle_ - issued_[tag] + 1;
    waiting_.erase(found);
    issued_.erase(tag);
    ++compared_;
  }

  Vd1_muldiv top_;
  std::mt19937_64 random_;
  uint64_t seed_, cycle_ = 0, compared_ = 0, latency_ = 0;
  unsigned chance_ = 0, tag_ = 0;
  std::map<unsigned, Operation> waiting_;
  std::map<unsigned, uint64_t> issued_;
};

std::vector<Operation> all_operations(uint64_t a, uint64_t b) {
  std::vector<Operation> ops;
  for (unsigned funct3 = 0; funct3 < 8; ++funct3) ops.push_back({funct3, false, a, b});
  for (unsigned funct3 : {0U, 4U, 5U, 6U, 7U}) ops.push_back({funct3, true, a, b});
  return ops;
}

TEST(Muldiv, Corners) {
  std::vector<uint64_t> values;
  for (uint64_t x : {0x0ULL, 0x1ULL, 0x2ULL, 0x3ULL, 0x7ULL, 0x7FFFFFFFULL, 0x80000000ULL, 0xFFFFFFFFULL,
                     0x100000000ULL, 0x7FFFFFFFFFFFFFFFULL, 0x8000000000000000ULL, 0x123456789ABCDEFULL}) {
    values.push_back(x);
    values.push_back(~x);
    values.push_back(0 - x);
  }
  Bench bench(1);
  for (uint64_t a : values) {
    for (uint64_t b : values) {
      for (const Operation& op : all_operations(a, b)) bench.issue(op);
      if (HasFatalFailure()) return;
    }
  }
  bench.drain();
  EXPECT_EQ(bench.compared(), values.size() * values.size() * 13);
}

TEST(Muldiv, Random) {
  const char* fixed = std::getenv("TATAMI_SEED");
  const uint64_t first = fixed ? std::strtoull(fixed, nullptr, 0) : 1, count = fixed ? 1 : 20;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    std::mt19937_64 random(seed);
    Bench bench(seed);
    bench.stalls(seed % 4 == 0 ? 0 : static_cast<unsigned>(random() % 200));
    const auto value = [&] {
      const unsigned kind = random() % 4, bits = 1 + random() % 64;
      const uint64_t x = random() >> (64 - bits);
      return kind == 0 ? 0 - x : kind == 1 ? x << (random() % 64) : x;
    };
    for (int i = 0; i < 3000; ++i) {
      const auto ops = all_operations(value(), value());
      bench.issue(ops[random() % ops.size()]);
      if (random() % 8 == 0) bench.idle();
      if (HasFatalFailure()) return;
    }
    bench.drain();
    EXPECT_EQ(bench.compared(), 3000U);
  }
}

TEST(Muldiv, MultiplicationsTakeTwoCyclesAndFollowEachOther) {
  Bench bench(3);
  bench.issue({0, false, 3, 5});
  bench.drain();
  EXPECT_EQ(bench.latency(), 2U);
  Bench stream(4);
  for (uint64_t i = 0; i < 100; ++i) stream.issue({0, false, i, i});
  stream.drain();
  EXPECT_EQ(stream.latency(), 2U);
}

TEST(Muldiv, DivisionSkipsLeadingZeros) {
  Bench bench(5);
  bench.issue({5, false, 100, 7});  // 7 bits by 3 bits: 5 quotient bits
  bench.drain();
  EXPECT_LE(bench.latency(), 8U);
  bench.issue({5, false, 3, 7});
  bench.drain();
  EXPECT_LE(bench.latency(), 3U);
  bench.issue({5, false, ~0ULL, 1});
  bench.drain();
  EXPECT_LE(bench.latency(), 67U);
}

}  // namespace
