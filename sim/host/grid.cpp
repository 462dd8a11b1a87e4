#include "host/grid.h"

#include <algorithm>
#include <tuple>
#include <utility>

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

LogicalGrid LogicalGrid::of_lines(const std::vector<std::vector<Coordinate>>& lines, bool are_columns) {
  std::size_t longest = 0, length = 0, count = 0;
  for (const auto& line : lines) longest = std::max(longest, line.size());
  for (std::size_t l = 1; l <= longest; ++l) {
    const auto as_long =
        static_cast<std::size_t>(std::ranges::count_if(lines, [&](const auto& line) { return line.size() >= l; }));
    if (as_long * l > count * length) std::tie(length, count) = std::pair(l, as_long);
  }
  LogicalGrid grid;
  grid.rows_ = are_columns ? length : count;
  grid.columns_ = are_columns ? count : length;
  grid.nodes_.resize(length * count);
  std::size_t taken = 0;
  for (const auto& line : lines) {
    const bool part = line.size() >= length;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (part && i < length) {
        grid.nodes_[are_columns ? i * count + taken : taken * length + i] = line[i];
      } else {
        grid.idle_.push_back(line[i]);
      }
    }
    if (part) ++taken;
  }
  return grid;
}

LogicalGrid LogicalGrid::along_fabric(const FabricShape& shape) {
  LogicalGrid most(shape);
  if (shape.dead.empty()) return most;
  std::vector<std::vector<Coordinate>> rows(shape.height), columns(shape.width);
  for (const Coordinate at : shape.places()) {
    rows[at.y].push_back(at);
    columns[at.x].push_back(at);
  }
  LogicalGrid by_rows = of_lines(rows, false), by_columns = of_lines(columns, true);
  LogicalGrid& best = by_columns.nodes_.size() > by_rows.nodes_.size() ? by_columns : by_rows;
  return best.nodes_.size() * 20 >= most.nodes_.size() * 19 ? std::move(best) : std::move(most);
}

}  // namespace tatami
