// A flipped bit on a link of the fabric: who is told, and that nothing else suffers. With handlers in all threads and
// without, in requests and in responses, in lockstep.
// labels: mesh
// libs: tatami_rtl_device_assert
// needs: tatami_kernels
// cost: 60
#include <gmock/gmock.h>

#include <cstdlib>

#include "kernels/kernel_device.h"

namespace tatami {
namespace {

using testing::HasSubstr;

constexpr unsigned kEast = 1, kWest = 3, kLines = 8;
constexpr std::uint64_t kInterrupt = std::uint64_t{1} << 63 | 16;

struct Seen {
  std::uint64_t count, cause, value, pc, save, resume;
};

class LinkErrors : public testing::Test {
 protected:
  LinkErrors() {
    RtlConfig config;
    config.shape = parse_shape("2x1", {});
    config.lockstep = true;
    device = make_rtl_device(config);
  }

  RunResult run(bool handle, const std::vector<LinkFault>& faults) {
    RunOptions options;
    options.max_cycles = 200'000;
    options.watchdog_cycles = 4'000;
    options.link_faults = faults;
    return run(handle, 1, options);
  }
  RunResult run(unsigned handle, unsigned rounds, const RunOptions& options) {
    device->load_elf(test::kernel_path("test_link_errors"));
    const std::array<std::uint32_t, 2> arguments = {handle, rounds};
    device->write_arguments(std::as_bytes(std::span(arguments)));
    return device->run(options);
  }
  std::uint64_t at(unsigned node, const char* symbol, std::uint64_t offset = 0) {
    return global_address(node, 0, device->program().address_of(symbol) + offset);
  }
  std::uint64_t value(unsigned node, const char* symbol, unsigned index = 0) {
    return device->read_value<std::uint64_t>(at(node, symbol, 8 * index));
  }
  Seen seen(unsigned node, unsigned thread) {
    return device->read_value<Seen>(at(node, "seen", sizeof(Seen) * thread));
  }
  std::uint64_t counter(const std::string& name, int node) {
    for (const Counter& c : device->counters()) {
      if (c.name == name && c.node == node) return c.value;
    }
    ADD_FAILURE() << name;
    return 0;
  }
  /// All lines of node 1 as node 0 sent them, but `lost` untouched.
  void expect_lines(unsigned lost) {
    for (unsigned i = 0; i < kLines; ++i) {
      for (unsigned k = 0; k < 8; ++k) {
        const std::uint64_t sent = (i + 1) * 0x9E3779B97F4A7C15u ^ k;
        EXPECT_EQ(value(1, "lines", 8 * i + k), i == lost ? 0 : sent) << "line " << i << " word " << k;
        EXPECT_EQ(value(0, "lines", 8 * i + k), 0U);
      }
    }
  }

  std::unique_ptr<Device> device;
};

TEST_F(LinkErrors, WithoutFaultsNobodyIsInterrupted) {
  for (const bool handle : {false, true}) {
    const RunResult result = run(handle, {});
    ASSERT_TRUE(result.passed()) << test::describe(result);
    expect_lines(kLines);
    for (unsigned node = 0; node < 2; ++node) {
      for (unsigned t = 0; t < 4; ++t) EXPECT_EQ(seen(node, t).count, 0U);
      EXPECT_EQ(value(node, "first"), 0U);
      EXPECT_EQ(counter("damaged flits", static_cast<int>(node)), 0U);
    }
  }
}

// Without a handler the run ends and says where and when; every bit of the header, and some of the payload.
TEST_F(LinkErrors, WithoutAHandlerTheRunEndsAndNamesTheLink) {
  for (unsigned bit = 0; bit < 640; bit += bit < 128 ? 1 : 3) {
    SCOPED_TRACE("bit " + std::to_string(bit));
    const bool response = bit % 3 == 2;
    const RunResult result =
        run(false, {{{response ? 0U : 1U, 0}, response ? kEast : kWest, response, bit % kLines, bit}});
    ASSERT_EQ(result.status, RunStatus::link_error) << test::describe(result);
    EXPECT_EQ(result.node, (Coordinate{response ? 0U : 1U, 0}));
    EXPECT_THAT(result.message, HasSubstr(response ? "arrived at node 0,0 in cycle" : "arrived at node 1,0 in cycle"));
    EXPECT_THAT(result.message, HasSubstr(response ? "port east, responses" : "port west, requests"));
    EXPECT_THAT(result.message, HasSubstr(std::to_string(result.cycles - 2)));
    ASSERT_EQ(result.damaged.size(), 1U);
    EXPECT_EQ(result.damaged.front().node, result.node);
    EXPECT_EQ(result.damaged.front().port, response ? kEast : kWest);
    EXPECT_EQ(result.damaged.front().response, response);
    EXPECT_EQ(result.damaged.front().cycle, result.cycles - 2);
    for (unsigned i = bit % kLines; i < kLines && !response; ++i) EXPECT_EQ(value(1, "lines", 8 * i), 0U);
  }
}

TEST_F(LinkErrors, DamagedRequestsInterruptEveryKindOfWait) {
  for (unsigned bit = 0; bit < 640; bit += bit < 128 ? 1 : 13) {
    SCOPED_TRACE("bit " + std::to_string(bit));
    const unsigned flit = bit % kLines;
    const RunResult result = run(true, {{{1, 0}, kWest, false, flit, bit}});
    // Node 0 has no news of it: its fence waits, and the run hangs there, but node 1 is through.
    ASSERT_EQ(result.status, RunStatus::hung) << test::describe(result);
    EXPECT_THAT(result.message, HasSubstr("node 0,0"));
    EXPECT_THAT(result.message, testing::Not(HasSubstr("node 1,0")));
    expect_lines(flit);
    const std::uint64_t first = value(1, "first");
    EXPECT_EQ(first >> 48, 0x8000U | 2 * kWest) << "valid, link";
    EXPECT_LT(first & 0xFFFF'FFFF'FFFF, result.cycles);
    EXPECT_EQ(value(1, "errors"), std::uint64_t{1} << 8 * (2 * kWest));
    for (unsigned t = 0; t < 4; ++t) {
      const Seen s = seen(1, t);
      EXPECT_EQ(s.count, 1U) << t;
      EXPECT_EQ(s.cause, kInterrupt) << t;
      EXPECT_EQ(s.value, first) << t;
      EXPECT_EQ(value(1, "lost", t), 1U) << t;
      EXPECT_EQ(seen(0, t).count, 0U) << t;
    }
    EXPECT_EQ(counter("damaged flits", 1), 1U);
    EXPECT_EQ(counter("damaged flits", 0), 0U);
  }
}

TEST_F(LinkErrors, DamagedResponsesInterruptTheFence) {
  for (const unsigned bit : {0U, 33U, 90U, 127U, 128U, 639U}) {
    SCOPED_TRACE("bit " + std::to_string(bit));
    const RunResult result = run(true, {{{0, 0}, kEast, true, bit % kLines, bit}});
    ASSERT_TRUE(result.passed()) << test::describe(result);
    expect_lines(kLines);
    EXPECT_EQ(value(0, "first") >> 48, 0x8000U | (2 * kEast + 1));
    EXPECT_EQ(value(0, "lost", 0), 1U);
    EXPECT_EQ(seen(0, 0).count, 1U);
    EXPECT_EQ(seen(0, 0).cause, kInterrupt);
    EXPECT_EQ(seen(1, 0).count, 0U);
  }
}

// A request that the network interface cannot accept, as all places on its way are taken, is given up too.
TEST_F(LinkErrors, ARequestThatWaitsForPlacesIsInterrupted) {
  RunOptions options;
  options.max_cycles = 200'000;
  options.link_holds = {{{1, 0}, kWest, false, 0, 100'000}};
  options.link_faults = {{{0, 0}, kEast, false, 0, 200}};
  const RunResult result = run(2, 1, options);
  ASSERT_TRUE(result.passed()) << test::describe(result);
  EXPECT_GT(result.cycles, 2'000U);
  EXPECT_LT(result.cycles, 50'000U);
  EXPECT_EQ(value(0, "lines", 8), 0U);
  EXPECT_EQ(value(0, "lost", 0), 1U);
  EXPECT_EQ(seen(0, 0).count, 1U);
  EXPECT_EQ(seen(0, 0).cause, kInterrupt);
}

TEST_F(LinkErrors, SeveralAreCountedByLinkAndTheFirstIsKept) {
  const RunResult result =
      run(true, {{{1, 0}, kWest, false, 2, 200}, {{1, 0}, kWest, false, 5, 3}, {{0, 0}, kEast, true, 0, 1}});
  ASSERT_TRUE(result.passed()) << test::describe(result);
  EXPECT_EQ(value(1, "lines", 8 * 2), 0U);
  EXPECT_EQ(value(1, "lines", 8 * 5), 0U);
  EXPECT_EQ(counter("damaged flits", 1), 2U);
  EXPECT_EQ(counter("damaged flits", 0), 1U);
  EXPECT_EQ(seen(1, 0).value, value(1, "first"));
}

// Node 1's queue for requests gives no place back for long: it is full, node 0 waits, the run says so and goes on. A
// million cycles with TATAMI_HELD_CYCLES=1000000.
TEST_F(LinkErrors, AQueueThatIsHeldIsReportedAndLosesNothing) {
  const char* const wanted = std::getenv("TATAMI_HELD_CYCLES");
  RunOptions options;
  options.held_cycles = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 20'000;
  options.watchdog_cycles = 0;  // nobody makes progress meanwhile
  options.link_holds = {{{1, 0}, kWest, false, 0, options.held_cycles + options.held_cycles / 5}};
  RunResult result = run(false, 4, options);
  ASSERT_TRUE(result.passed()) << test::describe(result);
  expect_lines(kLines);
  EXPECT_GT(result.cycles, options.held_cycles);
  ASSERT_EQ(result.held.size(), 1U);
  EXPECT_EQ(result.held.front().node, (Coordinate{1, 0}));
  EXPECT_EQ(result.held.front().port, kWest);
  EXPECT_FALSE(result.held.front().response);
  EXPECT_LE(result.held.front().since + options.held_cycles, result.cycles);
  EXPECT_GT(counter("back-pressure east", 0), options.held_cycles);
  EXPECT_EQ(counter("flits out east", 0), 4U * kLines);
  options.link_holds.front().cycles = options.held_cycles / 2;
  result = run(false, 4, options);
  ASSERT_TRUE(result.passed()) << test::describe(result);
  EXPECT_TRUE(result.held.empty());
}

TEST_F(LinkErrors, FaultsMustNameALinkOfTheFabric) {
  EXPECT_THROW(run(true, {{{2, 0}, kWest, false, 0, 0}}), InputError);
  EXPECT_THROW(run(true, {{{1, 0}, 4, false, 0, 0}}), InputError);
  EXPECT_THROW(run(true, {{{1, 0}, kWest, false, 0, 640}}), InputError);
}

}  // namespace
}  // namespace tatami
