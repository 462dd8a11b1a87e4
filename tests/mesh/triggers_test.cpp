// Triggers of many nodes, golden and RTL in lockstep, with dead nodes and without: tests/mesh/programs/triggers.c.
// labels: mesh
// libs: tatami_rtl_device_assert
// needs: tatami_kernels
// cost: 40
#include "kernels/kernel_device.h"

namespace tatami {
namespace {

struct Arguments {
  std::uint32_t nodes = 0, dead = 0, rectangles = 0, pad = 0;
  std::array<std::uint64_t, 16> node{};
  std::array<std::uint64_t, 4> gone{};
  std::array<std::array<std::uint8_t, 4>, 12> rectangle{};
};
static_assert(sizeof(Arguments) <= 512);

struct Case {
  std::string nodes;
  std::vector<std::string> dead;
};

void run(Device& device) {
  const FabricShape& shape = device.info().shape;
  SCOPED_TRACE(device.info().name + " " + shape.text());
  Arguments arguments;
  for (const Coordinate at : shape.places()) arguments.node.at(arguments.nodes++) = global_address(at.x, at.y, 0);
  for (const Coordinate at : shape.dead) arguments.gone.at(arguments.dead++) = global_address(at.x, at.y, 0);
  // All, each row, and random ones that have a live node; behind them one that has none.
  std::minstd_rand random(shape.nodes());
  const auto add = [&](unsigned x0, unsigned y0, unsigned x1, unsigned y1) {
    bool any = false;
    for (unsigned y = y0; y <= y1; ++y) {
      for (unsigned x = x0; x <= x1; ++x) any = any || shape.live(x, y);
    }
    if (!any || arguments.rectangles + 1 >= arguments.rectangle.size()) return;
    const auto byte = [](unsigned value) { return static_cast<std::uint8_t>(value); };
    arguments.rectangle[arguments.rectangles++] = {byte(x0), byte(y0), byte(x1), byte(y1)};
  };
  add(0, 0, shape.width - 1, shape.height - 1);
  for (unsigned y = 0; y < shape.height; ++y) add(0, y, shape.width - 1, y);
  for (int i = 0; i < 40; ++i) {
    const unsigned x0 = random() % shape.width, y0 = random() % shape.height;
    add(x0, y0, x0 + random() % (shape.width - x0), y0 + random() % (shape.height - y0));
  }
  if (!shape.dead.empty()) {
    const Coordinate gone = shape.dead.front();
    const auto x = static_cast<std::uint8_t>(gone.x), y = static_cast<std::uint8_t>(gone.y);
    arguments.rectangle[arguments.rectangles] = {x, y, x, y};
  }

  device.load_elf(test::kernel_path("test_triggers"));
  device.write_arguments(std::as_bytes(std::span(&arguments, 1)));
  const RunResult result = device.run({.max_cycles = 1'000'000, .watchdog_cycles = 50'000});
  ASSERT_TRUE(result.passed()) << test::describe(result);
}

const std::vector<Case> kCases = {{"1x1", {}},
                                  {"2x1", {}},
                                  {"3x3", {}},
                                  {"4x4", {}},
                                  {"3x2", {"1,0"}},
                                  {"4x3", {"0,0", "2,1"}},
                                  {"2x5", {"0,1", "1,3"}},
                                  {"4x4", {"1,1", "2,1", "1,2", "2,2"}}};

TEST(Triggers, Golden) {
  for (const Case& c : kCases) run(*make_golden_device({parse_shape(c.nodes, c.dead)}));
}

TEST(Triggers, RtlInLockstep) {
  for (const Case& c : kCases) {
    RtlConfig config;
    config.shape = parse_shape(c.nodes, c.dead);
    config.lockstep = true;
    run(*make_rtl_device(config));
  }
}

}  // namespace
}  // namespace tatami
