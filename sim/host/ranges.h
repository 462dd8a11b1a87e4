// Ranges of rows and columns, and how they are divided.
#pragma once

#include <tatami/share.h>

#include <algorithm>
#include <cstdint>

namespace tatami {

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) { return (value + unit - 1) / unit * unit; }

/// A range of rows or columns.
struct Range {
  std::uint64_t begin = 0, end = 0;
  std::uint64_t size() const { return end - begin; }
};

/// Part `part` of `parts` of `total`, in whole units but for the end.
inline Range units(std::uint64_t total, std::uint64_t unit, std::uint64_t part, std::uint64_t parts) {
  const std::uint64_t count = (total + unit - 1) / unit;
  return {std::min(total, tatami_share(count, part, parts) * unit),
          std::min(total, tatami_share(count, part + 1, parts) * unit)};
}

}  // namespace tatami
