#include "host/host_memory.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>

#include "host/error.h"

namespace tatami {
namespace {

/// The number after `key` in a file of lines "key: number kB", in bytes; with an empty key, the file's first word.
std::optional<std::uint64_t> read(const std::string& path, const std::string& key = "") {
  std::ifstream file(path);
  std::string word;
  std::uint64_t value = 0;
  if (key.empty()) return file >> value ? std::optional(value) : std::nullopt;
  while (file >> word) {
    if (word == key + ":" && file >> value) return value * 1024;
  }
  return std::nullopt;
}

}  // namespace

std::uint64_t memory_left() {
  std::uint64_t left = std::numeric_limits<std::uint64_t>::max();
  const auto at_most = [&left](std::uint64_t limit, std::uint64_t used) {
    left = std::min(left, limit > used ? limit - used : 0);
  };
  if (const auto available = read("/proc/meminfo", "MemAvailable"))
    at_most(*available + read("/proc/meminfo", "SwapFree").value_or(0), 0);
  const auto group = read("/sys/fs/cgroup/memory.max"), group_used = read("/sys/fs/cgroup/memory.current");
  if (group && group_used) at_most(*group, *group_used);
  rlimit space{};
  const auto used = read("/proc/self/status", "VmSize");
  if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY && used) at_most(space.rlim_cur, *used);
  return left;
}

void require_memory(const FabricShape& shape, std::uint64_t node_bytes, const std::string& advice) {
  const std::uint64_t needed = shape.nodes() * node_bytes, left = memory_left();
  if (needed <= left) return;
  constexpr double kMega = 1e6;
  throw InputError(fmt::format(
      "--nodes {}: {} nodes need about {:.0f} MB of this computer's memory ({:.1f} MB each), {:.0f} MB are "
      "left, enough for {}; use fewer nodes{}",
      shape.text(), shape.nodes(), static_cast<double>(needed) / kMega, static_cast<double>(node_bytes) / kMega,
      static_cast<double>(left) / kMega, left / node_bytes, advice));
}

}  // namespace tatami
