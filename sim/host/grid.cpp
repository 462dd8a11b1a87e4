#include "host/grid.h"

#include <algorithm>
#include <tuple>

namespace tatami {
namespace {

constexpr std::size_t kLongest = 8;  // times the width

std::size_t distance(std::size_t a, std::size_t b) { return a > b ? a - b : b - a; }

}  // namespace

LogicalGrid::LogicalGrid(const FabricShape& shape)
    : rows_(shape.height), columns_(shape.width), nodes_(shape.places()) {
  if (shape.dead.empty()) return;
  const std::size_t nodes = nodes_.size();
  const std::size_t fabric_width = columns_;
  // Most nodes, then nearest to a square, then rows of the fabric's length: the larger key is better.
  const auto key = [&](std::size_t rows, std::size_t columns) {
    return std::tuple(rows * columns, std::min(rows, columns), nodes - distance(columns, fabric_width));
  };
  rows_ = columns_ = 1;
  for (std::size_t rows = 1; rows <= nodes; ++rows) {
    const std::size_t columns = std::min(nodes / rows, kLongest * rows);
    if (rows > kLongest * columns) break;
    if (key(rows, columns) > key(rows_, columns_)) std::tie(rows_, columns_) = std::pair(rows, columns);
  }
  const auto used = nodes_.begin() + static_cast<std::ptrdiff_t>(rows_ * columns_);
  idle_.assign(used, nodes_.end());
  nodes_.erase(used, nodes_.end());
}

}  // namespace tatami
