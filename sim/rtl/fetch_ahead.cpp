// Brings the state of the node that a thread evaluates next into the cache, between the parts of a clock edge of the
// one that it evaluates now (cmake/between_parts.py).
#include <cstddef>

#include "rtl/rtl_node.h"

namespace tatami::rtl {
namespace {

/// Memory that this thread will need soon and has not asked for yet.
struct Ahead {
  const std::byte* next = nullptr;
  const std::byte* end = nullptr;
};
thread_local Ahead ahead;

}  // namespace

// As many lines at a time as a core can wait for, so that it need not wait: there are 17 parts.
extern "C" void tatami_between_parts() {
  constexpr std::ptrdiff_t kLine = 64, kLines = 24;
  const std::byte* line = ahead.next;
  if (line == ahead.end) return;
  const std::byte* const stop = ahead.end - line > kLine * kLines ? line + kLine * kLines : ahead.end;
  for (; line < stop; line += kLine) __builtin_prefetch(line, 1);
  ahead.next = stop;
}

void RtlNode::fetch_ahead(const Footprint& footprint) {
  for (const void* const line : footprint.lines) __builtin_prefetch(line, 1);
  ahead = {footprint.registers.data(), footprint.registers.data() + footprint.registers.size()};
}

}  // namespace tatami::rtl
