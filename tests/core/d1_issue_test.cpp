// sources: rtl/pkg/d1_pkg.sv rtl/core/d1_arbiter.sv rtl/core/d1_issue.sv
//
// Who is served: of the threads that want a unit, those that have waited too long, else all; of these the first in the
// order given. One unit at a time, random wishes, orders and readiness. TATAMI_SEED=n replays one seed.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

#include "Vd1_issue.h"
#include "verilated.h"

namespace {

using Order = std::array<unsigned, 4>;

enum Unit { kLsu, kMul, kSimd, kMatrix, kNetwork, kZero, kSync, kUnits };

class IssueTest : public testing::Test {
 protected:
  void want(Unit unit, unsigned threads) {
    auto& m = model_;
    m.want_lsu_i = m.want_muldiv_i = m.want_simd_i = m.want_mma_i = m.want_zero_i = m.want_net_i = m.want_sync_i = 0;
    const auto wish = static_cast<std::uint8_t>(threads);
    switch (unit) {
      case kLsu: m.want_lsu_i = wish; break;
      case kMul: m.want_muldiv_i = wish; break;
      case kSimd: m.want_simd_i = wish; break;
      case kMatrix: m.want_mma_i = wish; break;
      case kNetwork: m.want_net_i = wish; break;
      case kZero: m.want_zero_i = wish; break;
      default: m.want_sync_i = wish; break;
    }
  }
  void ready(bool on) {
    auto& m = model_;
    m.lsu_ready0_i = m.mul_ready_i = m.simd_ready_i = m.mma_ready_i = m.net_ready_i = on;
  }
  void order(const Order& threads) {
    unsigned before = 0;
    for (unsigned i = 0; i < 4; ++i) {
      for (unsigned j = 0; j < i; ++j) before |= 1U << (4 * threads[i] + threads[j]);
    }
    model_.before_i = static_cast<std::uint16_t>(before);
  }
  static unsigned chosen(unsigned wish, unsigned urgent, const Order& threads) {
    if ((wish & urgent) != 0) wish &= urgent;
    for (const unsigned t : threads) {
      if ((wish >> t & 1) != 0) return 1U << t;
    }
    return 0;
  }

  Vd1_issue model_;
};

TEST_F(IssueTest, FirstInOrderUnlessAnotherHasWaitedTooLong) {
  const char* const replay = std::getenv("TATAMI_SEED");
  const std::uint64_t first = replay != nullptr ? std::strtoull(replay, nullptr, 0) : 1;
  for (std::uint64_t seed = first; seed < first + (replay != nullptr ? 1 : 10); ++seed) {
    std::mt19937_64 random(seed);
    Order threads{0, 1, 2, 3};
    for (int i = 0; i < 10'000; ++i) {
      const auto unit = static_cast<Unit>(random() % kUnits);
      const auto wish = static_cast<unsigned>(random() % 16);
      const auto urgent = static_cast<unsigned>(random() % 16);
      const bool is_ready = random() % 8 != 0;
      std::shuffle(threads.begin(), threads.end(), random);
      const bool by_number = unit == kZero || unit == kSync;
      unsigned expected = chosen(wish, urgent, by_number ? Order{0, 1, 2, 3} : threads);
      if (!is_ready && !by_number) expected = 0;
      want(unit, wish);
      ready(is_ready);
      order(threads);
      model_.urgent_i = static_cast<std::uint8_t>(urgent);
      model_.eval();
      ASSERT_EQ(model_.done_o, expected) << "unit " << unit << ", wish " << wish << ", urgent " << urgent << ", order "
                                         << threads[0] << threads[1] << threads[2] << threads[3] << ", ready "
                                         << is_ready << "; replay with TATAMI_SEED=" << seed;
    }
  }
}

}  // namespace
