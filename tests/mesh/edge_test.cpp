// Edge memory: what every node writes and reads at every port of the rim, on golden and on the RTL in lockstep; the
// time it takes, against the settings; ports that do not exist; host access.
// labels: mesh
// libs: tatami_rtl_device_assert
// needs: tatami_kernels
#include <gmock/gmock.h>

#include <array>

#include "kernels/kernel_device.h"

namespace tatami {
namespace {

using u64 = std::uint64_t;
using testing::HasSubstr;

struct Arguments {
  std::uint32_t mode = 0;
  std::uint32_t ports = 0;
  std::uint32_t x = 0, y = 0;
  u64 blocks = 0;
  u64 address = 0;
  std::array<u64, 56> port{};
};
static_assert(sizeof(Arguments) <= 512);
enum Mode { kExchange = 0, kMeasure = 1, kTrap = 2 };

std::unique_ptr<Device> rtl(const FabricShape& shape, const EdgeConfig& edge, unsigned host_threads = 1,
                            bool lockstep = true) {
  RtlConfig config;
  config.shape = shape;
  config.host_threads = host_threads;
  config.lockstep = lockstep;
  config.edge = edge;
  auto device = make_rtl_device(config);
  device->load_elf(test::kernel_path("test_edge"));
  return device;
}

RunResult run(Device& device, const Arguments& arguments) {
  device.write_arguments(std::as_bytes(std::span(&arguments, 1)));
  return device.run({.max_cycles = 5'000'000});
}

u64 value_of(u64 node, u64 port, u64 i) {
  return (node + 1) * 0x9E3779B97F4A7C15U ^ (port + 1) * 0xC2B2AE3D27D4EB4FU ^ i * 0x165667B19E3779F9U;
}

/// Each node at each port; then what lies in the memories.
RunResult expect_exchange(Device& device) {
  const FabricShape& shape = device.info().shape;
  Arguments arguments;
  for (const RimPort& port : shape.rim_ports()) {
    // Each memory elsewhere, so that a request in the wrong one is seen; one at the very end.
    device.allocate_edge(port, u64{64} * (1 + 977 * arguments.ports));
    const u64 bytes = 64 + 128 * u64{shape.width} * shape.height;
    arguments.port.at(arguments.ports) = arguments.ports % 3 == 2
                                             ? edge_address(port.at.x, port.at.y, port.side, kEdgeBytes - bytes)
                                             : device.allocate_edge(port, bytes);
    ++arguments.ports;
  }
  const RunResult result = run(device, arguments);
  EXPECT_TRUE(result.passed()) << test::describe(result);
  for (unsigned port = 0; port < arguments.ports; ++port) {
    u64 sum = 0;
    for (const Coordinate at : shape.places()) {
      const u64 me = at.y * shape.width + at.x;
      sum += me + 1;
      const auto got = test::fetch<u64>(device, arguments.port.at(port) + 64 + 128 * me, 16);
      const u64 bytes = 1 + (me * 29 + port * 13) % 64;
      for (u64 i = 0; i < 8; ++i) {
        const u64 there = bytes <= 8 * i ? 0 : bytes >= 8 * i + 8 ? ~u64{0} : (u64{1} << 8 * (bytes - 8 * i)) - 1;
        EXPECT_EQ(got[i], value_of(me, port, i) & there) << "port " << port << " node " << me << " word " << i;
      }
      EXPECT_THAT((std::vector<u64>(got.begin() + 8, got.end())),
                  testing::ElementsAre(value_of(me, port, 8), value_of(me, port, 9) << 32, value_of(me, port, 10), 0, 0,
                                       0, 0, 0));
    }
    EXPECT_EQ(device.read_value<u64>(arguments.port.at(port)), sum) << port;
    const auto first = device.read_value<u64>(arguments.port.at(port) + 8);
    EXPECT_TRUE(first >= 1 && first <= u64{shape.width} * shape.height) << first;
  }
  return result;
}

TEST(Edge, Golden) {
  for (const char* nodes : {"1x1", "3x2", "1x5"}) {
    const auto device = make_golden_device({parse_shape(nodes, {})});
    device->load_elf(test::kernel_path("test_edge"));
    expect_exchange(*device);
  }
}

TEST(Edge, EveryNodeReachesEveryPortInLockstep) {
  unsigned latency = 1;
  for (const char* nodes : {"1x1", "3x2", "1x3"}) {
    SCOPED_TRACE(nodes);
    const auto device = rtl(parse_shape(nodes, {}), {latency, 64});
    const RunResult result = expect_exchange(*device);
    EXPECT_GT(result.compared, 1000U);
    ASSERT_TRUE(result.edge);
    // A push of 1 to 64 bytes, puts of 8 and 4, six atomics, two pulls.
    const FabricShape& shape = device->info().shape;
    const u64 pairs = shape.nodes() * shape.rim_ports().size();
    EXPECT_EQ(result.edge->requests, 11 * pairs);
    EXPECT_EQ(result.edge->bytes_read, (6 * 8 + 2 * 64) * pairs);
    latency += 70;
  }
}

TEST(Edge, AroundDeadNodesInLockstep) {
  // The corner, a node of the rim between others and the one behind it are gone.
  const auto device = rtl(parse_shape("4x3", {"0,0", "2,2", "2,1"}), {30, 24});
  expect_exchange(*device);
  EXPECT_THROW(device->write_value(edge_address(0, 0, 3, 0), 0), InputError);
  EXPECT_THROW(device->write_value(edge_address(2, 1, 2, 0), 0), InputError);
}

TEST(Edge, NothingDependsOnHostThreads) {
  std::vector<RunResult> results;
  for (const unsigned threads : {1U, 2U, 3U}) {
    const auto device = rtl(parse_shape("3x2", {}), {50, 10}, threads, false);
    results.push_back(expect_exchange(*device));
    EXPECT_EQ(results.back().cycles, results.front().cycles);
    ASSERT_TRUE(results.back().edge);
    EXPECT_EQ(results.back().edge->bytes_written, results.front().edge->bytes_written);
  }
}

/// Cycles in which a node pulls blocks of the port's memory, `hops` links away from the port's node.
u64 measure(const FabricShape& shape, const EdgeConfig& edge, Coordinate node, RimPort port, u64 blocks, int threads) {
  const auto device = rtl(shape, edge, 1, true);
  device->set_threads(threads);
  Arguments arguments;
  arguments.mode = kMeasure;
  arguments.x = node.x;
  arguments.y = node.y;
  arguments.blocks = blocks;
  arguments.address = device->allocate_edge(port, 64 * blocks);
  std::vector<u64> values(8 * blocks);
  for (u64 i = 0; i < blocks; ++i) {
    values[8 * i] = i;
    values[8 * i + 7] = ~i;
  }
  device->write(arguments.address, std::as_bytes(std::span(values)));
  const RunResult result = run(*device, arguments);
  EXPECT_TRUE(result.passed()) << test::describe(result);
  return device->read_value<u64>(global_address(node.x, node.y, device->program().address_of("cycles")));
}

TEST(Edge, LatencyIsWhatIsSet) {
  // The thread asks for sixteen blocks, slower than the memory answers, and waits for the last.
  const FabricShape one = parse_shape("1x1", {});
  const RimPort port{{0, 0}, 2};
  const u64 least = measure(one, {20, 64}, {0, 0}, port, 16, 1);
  for (const unsigned latency : {21U, 77U, 400U}) {
    EXPECT_EQ(measure(one, {latency, 64}, {0, 0}, port, 16, 1) - least, latency - 20) << latency;
  }
  std::printf("sixteen blocks of the own port, latency 20: %llu cycles\n", static_cast<unsigned long long>(least));
}

TEST(Edge, BandwidthIsWhatIsSet) {
  const FabricShape shape = parse_shape("2x2", {});
  for (const unsigned bandwidth : {1U, 5U, 8U, 16U}) {
    const u64 few = measure(shape, {100, bandwidth}, {0, 1}, {{1, 0}, 1}, 64, 1);
    const u64 many = measure(shape, {100, bandwidth}, {0, 1}, {{1, 0}, 1}, 64 + 80, 1);
    EXPECT_EQ(many - few, u64{80} * 64 / bandwidth) << bandwidth;
  }
  // The rate of a link, whatever the latency: three threads ask for a block every third cycle each.
  for (const unsigned latency : {1U, 200U}) {
    const u64 few = measure(shape, {latency, 64}, {0, 0}, {{0, 0}, 0}, 480, 3);
    const u64 many = measure(shape, {latency, 64}, {0, 0}, {{0, 0}, 0}, 960, 3);
    std::printf("480 blocks more, latency %u: %llu cycles\n", latency, static_cast<unsigned long long>(many - few));
    EXPECT_LE(many - few, 480U * 108 / 100);
    EXPECT_GE(many - few, 480U);
  }
}

TEST(Edge, AddressesWithoutMemoryTrap) {
  const FabricShape shape = parse_shape("3x3", {});
  const auto device = rtl(shape, {});
  for (const u64 address : {edge_address(1, 1, 0, 0), edge_address(0, 1, 1, 0), edge_address(2, 1, 3, 64),
                            edge_address(3, 0, 0, 0), edge_address(0, 0, 0, 0) | u64{1} << 51}) {
    Arguments arguments;
    arguments.mode = kTrap;
    arguments.x = arguments.y = 1;
    arguments.address = address;
    const RunResult result = run(*device, arguments);
    ASSERT_EQ(result.status, RunStatus::trapped) << test::describe(result);
    EXPECT_EQ(result.trap->cause, 5U);
    EXPECT_EQ(result.trap->value, address);
    EXPECT_THROW(device->write_value(address, 0), InputError);
  }
}

TEST(Edge, TheHostsMemory) {
  const auto device = rtl(parse_shape("2x1", {}), {});
  const RimPort port{{1, 0}, 1};
  const u64 first = device->allocate_edge(port, 100);
  EXPECT_EQ(first, edge_address(1, 0, 1, 0));
  EXPECT_EQ(device->allocate_edge(port, 64), first + 128);
  EXPECT_EQ(device->allocate_edge({{0, 0}, 0}, 64), edge_address(0, 0, 0, 0));
  EXPECT_THROW(device->allocate_edge(port, kEdgeBytes), InputError);
  EXPECT_THROW(device->allocate_edge({{1, 0}, 3}, 64), InputError);
  EXPECT_THROW(device->allocate_edge({{2, 0}, 0}, 64), InputError);
  EXPECT_THROW(device->write_value(edge_address(1, 0, 1, kEdgeBytes - 4), u64{1}), InputError);
  // Across pages, then cleared by the next program.
  std::vector<std::uint32_t> values(50'000);
  for (std::uint32_t i = 0; i < values.size(); ++i) values[i] = i * 2'654'435'761U;
  device->write(first + 65'000, std::as_bytes(std::span(values)));
  EXPECT_EQ(test::fetch<std::uint32_t>(*device, first + 65'000, values.size()), values);
  EXPECT_EQ(device->read_value<u64>(first + 64'992), 0U);
  device->load_elf(test::kernel_path("test_edge"));
  EXPECT_EQ(device->read_value<u64>(first + 65'004), 0U);
  EXPECT_EQ(device->allocate_edge(port, 64), first);
}

}  // namespace
}  // namespace tatami
