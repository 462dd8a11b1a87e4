// Event counters 23 to 30 of every node against what the fabric saw on its links.
// labels: mesh
// libs: tatami_rtl_device_assert
// needs: tatami_kernels
#include "fabric/fabric.h"

#include <gtest/gtest.h>

#include <cstring>

#include "kernels/kernel_device.h"

namespace tatami {
namespace {

using fabric::Fabric;

constexpr unsigned kFlitsNorth = 23, kBlockedNorth = 27;

/// Runs tests/mesh/programs/exchange.c on all nodes.
void exchange(Fabric& fabric) {
  const Program program = load_program(test::kernel_path("test_exchange"));
  struct {
    std::uint32_t mode = 0, x = 0, y = 0, nodes = 0;
    std::array<std::uint64_t, 60> node{};
  } arguments;
  for (unsigned i = 0; i < fabric.nodes(); ++i)
    arguments.node.at(arguments.nodes++) = global_address(fabric.place(i).x, fabric.place(i).y, 0);
  for (unsigned i = 0; i < fabric.nodes(); ++i) {
    const auto memory = std::as_writable_bytes(fabric.node(i).memory());
    const auto write = [&](std::uint64_t address, std::span<const std::byte> bytes) {
      std::memcpy(memory.subspan(address - kSramBase, bytes.size()).data(), bytes.data(), bytes.size());
    };
    for (const Segment& segment : program.segments) write(segment.address, segment.bytes);
    write(program.address_of("tatami_args"), std::as_bytes(std::span(&arguments, 1)));
  }
  fabric.reset(program.entry, program.address_of("tohost"));
  ASSERT_EQ(fabric.run(1'000'000).stop, fabric::Stop::ended);
}

void expect_flits(Fabric& fabric) {
  std::uint64_t all = 0;
  for (unsigned i = 0; i < fabric.nodes(); ++i) {
    for (unsigned port = 0; port < fabric::kLinks; ++port) {
      const std::uint64_t seen = fabric.link_flits(i, 2 * port) + fabric.link_flits(i, 2 * port + 1);
      EXPECT_EQ(fabric.node(i).event(0, kFlitsNorth + port), seen) << "node " << i << " port " << port;
      all += seen;
    }
  }
  EXPECT_GT(all, 100U * fabric.nodes() / 4);
}

TEST(LinkCounters, FlitsByPort) {
  for (const char* dead : {"", "1,1"}) {
    Fabric fabric(parse_shape("3x3", *dead == 0 ? std::vector<std::string>{} : std::vector<std::string>{dead}), 2);
    exchange(fabric);
    expect_flits(fabric);
  }
}

TEST(LinkCounters, BackPressureOfAHeldLink) {
  constexpr std::uint64_t kHold = 5000;
  Fabric fabric(parse_shape("7x1", {}), 1);
  exchange(fabric);
  const unsigned east = kBlockedNorth + 1;
  const std::uint64_t before = fabric.node(0).event(0, east);
  EXPECT_LT(before, kHold / 2);
  // Node 0 finds no places behind its link to the east for a while: link 2 is port E, requests.
  fabric.disturb({0, 2, 0, kHold});
  exchange(fabric);
  expect_flits(fabric);
  EXPECT_GT(fabric.node(0).event(0, east), kHold / 2);
  EXPECT_LE(fabric.node(0).event(0, east), fabric.cycle());
  EXPECT_GT(fabric.cycle(), kHold);
}

}  // namespace
}  // namespace tatami
