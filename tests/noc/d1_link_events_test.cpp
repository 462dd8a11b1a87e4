// verilate: d1_link_events
// sources: rtl/pkg/d1_pkg.sv rtl/noc/d1_noc_pkg.sv rtl/noc/d1_link_events.sv
//
// Counters of a node's links and the record of damaged flits, against docs/isa.md, sections 2 and 2.1.
#include <array>
#include <cstdint>
#include <optional>
#include <random>

#include <gtest/gtest.h>

#include "Vd1_link_events.h"
#include "verilated.h"

namespace link_events_test {
namespace {

struct Model {
  std::array<uint64_t, 9> events{};  // 23..31
  std::array<unsigned, 8> errors{};  // by link 2*port + class
  uint64_t first = 0;

  void step(uint64_t cycle, unsigned sent, unsigned blocked, unsigned broken) {
    std::optional<unsigned> lowest;
    for (unsigned link = 0; link < 8; ++link) {
      const unsigned bit = link / 2 + 4 * (link % 2);  // requests 3:0, responses 7:4
      events[link / 2] += sent >> bit & 1;
      events[4 + link / 2] += blocked >> bit & 1;
      if ((broken >> bit & 1) == 0) continue;
      ++events[8];
      if (errors[link] < 255) ++errors[link];
      if (!lowest) lowest = link;
    }
    if (lowest && first == 0) first = uint64_t{1} << 63 | uint64_t{*lowest} << 48 | ((cycle - 1) & 0xFFFF'FFFF'FFFF);
  }
};

class Unit {
 public:
  Unit() {
    top.rst_ni = 0;
    clock();
    top.rst_ni = 1;
  }
  void step(uint64_t cycle, unsigned sent, unsigned blocked, unsigned broken) {
    top.cycle_i = cycle & 0xFFFF'FFFF'FFFF;
    top.sent_i = uint8_t(sent);
    top.blocked_i = uint8_t(blocked);
    top.broken_i = uint8_t(broken);
    clock();
    model.step(cycle, sent, blocked, broken);
    for (unsigned i = 0; i < 9; ++i)
      ASSERT_EQ(top.events_o[2 * i] | uint64_t{top.events_o[2 * i + 1]} << 32, model.events[i]) << "counter " << 23 + i;
    for (unsigned i = 0; i < 8; ++i) ASSERT_EQ(top.errors_o >> 8 * i & 255, model.errors[i]) << "link " << i;
    ASSERT_EQ(top.first_o, model.first);
  }
  Model model;
  Vd1_link_events top;

 private:
  void clock() {
    top.clk_i = 0;
    top.eval();
    top.clk_i = 1;
    top.eval();
  }
};

TEST(LinkEvents, EveryFirstErrorIsKept) {
  for (unsigned broken = 1; broken < 256; ++broken) {
    Unit unit;
    unit.step(1000, 0, 0, 0);
    EXPECT_EQ(unit.top.first_o, 0u);
    unit.step(0x8000'0000'0001, 0, 0, broken);
    unit.step(2000, 0, 0, 255);
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(LinkEvents, RandomEvents) {
  std::mt19937 random(3);
  Unit unit;
  for (unsigned i = 0; i < 20000; ++i) {
    const unsigned noise = random();
    unit.step(i, noise & 255, noise >> 8 & 255, i % 64 == 0 && i > 10000 ? noise >> 16 & 255 : 0);
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(LinkEvents, CountsOfLinksEndAt255) {
  Unit unit;
  for (unsigned i = 0; i < 300; ++i) {
    unit.step(i + 1, 0, 0, i % 2 == 0 ? 0x81 : 0x01);
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_EQ(unit.top.errors_o & 255, 255u);
  EXPECT_EQ(unit.top.errors_o >> 56, 150u);
}

}  // namespace
}  // namespace link_events_test
