// Programs that use the whole network, on the golden model and on fabrics of the RTL, each node in lockstep with its
// golden one: what arrives, cycle counts that do not depend on the host's threads, how a run ends, and what is said of
// nodes that hang.
// labels: mesh
// libs: tatami_rtl_device_assert
// needs: tatami_kernels
#include <gmock/gmock.h>

#include <cstdlib>

#include "kernels/kernel_device.h"

namespace tatami {
namespace {

using testing::HasSubstr;

struct Arguments {
  std::uint32_t mode = 0;
  std::uint32_t x = 0, y = 0;
  std::uint32_t nodes = 0;
  std::array<std::uint64_t, 60> node{};
};
static_assert(sizeof(Arguments) <= 512);

enum Mode { kWell = 0, kFails = 1, kHangs = 2, kTraps = 3, kStoresAlone = 4, kListAlone = 5 };

std::unique_ptr<Device> rtl(const FabricShape& shape, unsigned host_threads, bool lockstep) {
  RtlConfig config;
  config.shape = shape;
  config.host_threads = host_threads;
  config.lockstep = lockstep;
  return make_rtl_device(config);
}

RunResult run(Device& device, Mode mode = kWell, Coordinate failing = {}, RunOptions options = {}) {
  device.load_elf(test::kernel_path("test_exchange"));
  Arguments arguments;
  arguments.mode = mode;
  arguments.x = failing.x;
  arguments.y = failing.y;
  for (const Coordinate at : device.info().shape.places())
    arguments.node.at(arguments.nodes++) = global_address(at.x, at.y, 0);
  device.write_arguments(std::as_bytes(std::span(&arguments, 1)));
  options.max_cycles = 50'000'000;
  return device.run(options);
}

void expect_passed(Device& device, const RunResult& result) {
  ASSERT_TRUE(result.passed()) << test::describe(result);
  // What the program cannot check by itself: the remote additions all took effect, the swap exactly once.
  const std::uint64_t nodes = device.info().shape.nodes();
  const Coordinate first = device.info().shape.places().front();
  const auto at = [&](const char* symbol) {
    return global_address(first.x, first.y, device.program().address_of(symbol));
  };
  EXPECT_EQ(device.read_value<std::uint64_t>(at("sum")), (std::uint64_t{1} << nodes) - 1);
  const auto winner = device.read_value<std::uint64_t>(at("first"));
  EXPECT_GE(winner, 1U);
  EXPECT_LE(winner, nodes);
  EXPECT_EQ(device.read_value<std::uint64_t>(at("put") + 63 * 8), winner);
}

TEST(Exchange, Golden) {
  for (const char* nodes : {"1x1", "2x1", "1x3", "4x4", "7x8"}) {
    SCOPED_TRACE(nodes);
    const auto device = make_golden_device({parse_shape(nodes, {})});
    expect_passed(*device, run(*device));
  }
}

TEST(Exchange, GoldenWithDeadNodes) {
  const auto device = make_golden_device({parse_shape("4x3", {"0,0", "2,1"})});
  expect_passed(*device, run(*device));
}

TEST(Exchange, RtlInLockstep) {
  for (const char* nodes : {"1x1", "3x1", "1x2", "3x3", "5x2"}) {
    SCOPED_TRACE(nodes);
    const auto device = rtl(parse_shape(nodes, {}), 1, true);
    const RunResult result = run(*device);
    expect_passed(*device, result);
    EXPECT_GT(result.compared, 1000U);
  }
}

TEST(Exchange, RtlWithDeadNodesInLockstep) {
  const auto device = rtl(parse_shape("4x3", {"1,1", "3,0"}), 1, true);
  expect_passed(*device, run(*device));
}

// The queues of one link give no place back for long, while everybody talks to everybody: the full ones are reported,
// also those that fill behind them, and in the end every byte has arrived where it should, once. A million cycles with
// TATAMI_HELD_CYCLES=1000000.
TEST(Exchange, AQueueThatIsHeldHarmsNothing) {
  const char* const wanted = std::getenv("TATAMI_HELD_CYCLES");
  RunOptions options;
  options.held_cycles = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 20'000;
  options.watchdog_cycles = 0;
  constexpr unsigned kWest = 3;
  for (const auto& [nodes, dead] : {std::pair<const char*, std::vector<std::string>>{"5x2", {}}, {"5x2", {"2,1"}}}) {
    SCOPED_TRACE(nodes + std::to_string(dead.size()));
    options.link_holds = {{{4, 0}, kWest, false, 0, options.held_cycles + options.held_cycles / 5}};
    const auto device = rtl(parse_shape(nodes, dead), 1, true);
    const RunResult result = run(*device, kWell, {}, options);
    expect_passed(*device, result);
    EXPECT_GT(result.cycles, options.held_cycles);
    EXPECT_TRUE(std::ranges::any_of(result.held, [](const HeldQueue& queue) {
      return queue.node == Coordinate{4, 0} && queue.port == kWest && !queue.response;
    }));
    for (const HeldQueue& queue : result.held) {
      EXPECT_TRUE(device->info().shape.live(queue.node.x, queue.node.y));
      EXPECT_LE(queue.since + options.held_cycles, result.cycles);
    }
  }
}

TEST(Exchange, CyclesDoNotDependOnHostThreads) {
  std::vector<RunResult> results;
  std::vector<std::vector<Counter>> counters;
  for (const unsigned threads : {1U, 2U, 3U}) {
    const auto device = rtl(parse_shape("3x2", {}), threads, false);
    results.push_back(run(*device));
    counters.push_back(device->counters());
    expect_passed(*device, results.back());
  }
  for (std::size_t i = 1; i < results.size(); ++i) {
    EXPECT_EQ(results[i].cycles, results[0].cycles);
    EXPECT_EQ(results[i].instructions, results[0].instructions);
    ASSERT_EQ(counters[i].size(), counters[0].size());
    for (std::size_t c = 0; c < counters[0].size(); ++c) {
      EXPECT_EQ(counters[i][c].value, counters[0][c].value) << counters[0][c].name << ", node " << counters[0][c].node;
    }
  }
}

TEST(Exchange, FailureOfAnyNodeEndsTheRun) {
  const FabricShape shape = parse_shape("2x2", {});
  for (const auto& device : {make_golden_device({shape}), rtl(shape, 1, true)}) {
    SCOPED_TRACE(device->info().name);
    const RunResult result = run(*device, kFails, {1, 1});
    EXPECT_EQ(result.status, RunStatus::exited) << test::describe(result);
    EXPECT_EQ(result.exit_code, 7U);
    EXPECT_EQ(result.node, (Coordinate{1, 1}));
  }
}

TEST(Exchange, TrapOfAnyNodeEndsTheRun) {
  const FabricShape shape = parse_shape("2x2", {});
  for (const auto& device : {make_golden_device({shape}), rtl(shape, 2, true)}) {
    SCOPED_TRACE(device->info().name);
    const RunResult result = run(*device, kTraps, {0, 1});
    ASSERT_EQ(result.status, RunStatus::trapped) << test::describe(result);
    ASSERT_TRUE(result.trap);
    EXPECT_EQ(result.trap->cause, 2U);
    EXPECT_EQ(result.trap->hart, 8U);
    EXPECT_EQ(result.trap->node, (Coordinate{0, 1}));
    EXPECT_EQ(result.trap->thread, 0U);
    EXPECT_THAT(result.message, HasSubstr("thread 0 of node 0,1 (hart 8) trapped without a handler"));
    EXPECT_EQ(result.trap->cycle.has_value(), device->info().has_cycles);
  }
}

// The trap of the last thread that was awake makes its node quiet. Stores, and lists of transfers; in one node and in
// several, whose cycle does not depend on the host's threads nor on lockstep.
TEST(Exchange, TrapWhileAllOthersSleepEndsTheRun) {
  for (const auto& [nodes, at] : {std::pair<const char*, Coordinate>{"1x1", {0, 0}}, {"3x2", {2, 1}}}) {
    const FabricShape shape = parse_shape(nodes, {});
    for (const Mode mode : {kStoresAlone, kListAlone}) {
      SCOPED_TRACE(testing::Message() << nodes << ", mode " << mode);
      std::vector<std::unique_ptr<Device>> devices;
      devices.push_back(make_golden_device({shape}));
      for (const unsigned threads : {1U, 2U}) {
        for (const bool lockstep : {true, false}) devices.push_back(rtl(shape, threads, lockstep));
      }
      std::vector<Trap> traps;
      for (const auto& device : devices) {
        const RunResult result = run(*device, mode, at);
        ASSERT_EQ(result.status, RunStatus::trapped) << device->info().name << ": " << test::describe(result);
        ASSERT_TRUE(result.trap);
        traps.push_back(*result.trap);
        if (device->info().has_cycles) {
          EXPECT_EQ(result.cycles, *result.trap->cycle + 2) << "seen in the next cycle";
        }
      }
      EXPECT_EQ(traps[0].node, at);
      EXPECT_EQ(traps[0].thread, 2U);
      EXPECT_EQ(traps[0].cause, mode == kStoresAlone ? 7U : 25U);
      for (std::size_t i = 1; i < traps.size(); ++i) {
        EXPECT_EQ(traps[i].node, at);
        EXPECT_EQ(traps[i].hart, traps[0].hart);
        EXPECT_EQ(traps[i].cause, traps[0].cause);
        EXPECT_EQ(traps[i].pc, traps[0].pc);
        EXPECT_EQ(traps[i].value, traps[0].value);
        EXPECT_EQ(traps[i].cycle, traps[1].cycle);
      }
    }
  }
}

TEST(Exchange, HangIsReportedWithWhoWaitsForWhat) {
  const auto device = rtl(parse_shape("2x2", {}), 1, true);
  const RunResult result = run(*device, kHangs, {1, 0});
  ASSERT_EQ(result.status, RunStatus::hung) << test::describe(result);
  EXPECT_THAT(result.message, HasSubstr("node 1,0"));
  EXPECT_THAT(result.message, HasSubstr("waits until counter 31 is 1000, it is 0"));
  EXPECT_THAT(result.message, HasSubstr("trigger 2 waits until counter 30 is 7, it is 0"));
  EXPECT_THAT(result.message, testing::Not(HasSubstr("node 0,1")));

  const auto golden = make_golden_device({parse_shape("2x2", {})});
  EXPECT_EQ(run(*golden, kHangs, {1, 0}).status, RunStatus::hung);
}

TEST(Exchange, HostAccessNamesMissingNodes) {
  const auto device = rtl(parse_shape("2x2", {"1,1"}), 1, false);
  EXPECT_THROW(device->write_value(global_address(1, 1, kSramBase), 0), InputError);
  EXPECT_THROW(device->write_value(global_address(2, 0, kSramBase), 0), InputError);
  EXPECT_NO_THROW(device->write_value(global_address(1, 0, kSramBase), 0));
}

}  // namespace
}  // namespace tatami
