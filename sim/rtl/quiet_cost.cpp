#include "rtl/quiet_cost.h"

#include <chrono>
#include <stdexcept>

#include "rtl/rtl_node.h"

namespace tatami::rtl {
namespace {

constexpr std::uint64_t kSramBase = 0x8000'0000;
// wfi; j .-4: all threads sleep for ever.
constexpr std::uint64_t kSleep = 0xFFDF'F06F'1050'0073;

double cycles_per_second(RtlNode& node, std::uint64_t& now, std::uint64_t cycles) {
  const auto start = std::chrono::steady_clock::now();
  for (const std::uint64_t end = now + cycles; now < end; ++now) {
    node.begin_cycle(now);
    node.finish_cycle();
  }
  return static_cast<double>(cycles) / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

QuietSpeed measure_quiet(std::uint64_t cycles) {
  RtlNode node;
  node.memory()[0] = kSleep;
  NodeConfig config;
  config.boot_pc = kSramBase;
  node.reset(config);
  std::uint64_t now = 0;
  cycles_per_second(node, now, 1000);
  if (!node.quiet()) throw std::logic_error("a node whose threads all sleep is not quiet");
  QuietSpeed speed;
  speed.skipped = cycles_per_second(node, now, cycles);
  node.skip_quiet(false);
  speed.evaluated = cycles_per_second(node, now, cycles);
  return speed;
}

}  // namespace tatami::rtl
