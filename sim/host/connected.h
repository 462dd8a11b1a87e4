// Which node dead ones cut off from a fabric.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace tatami {

/// The first live node, row by row, that is not in the fabric's largest connected part; none if all are connected. Of
/// parts of the same size the one with the first node counts. `live` has a flag for each node, [y * width + x].
inline std::optional<unsigned> cut_off_node(unsigned width, const std::vector<bool>& live) {
  const auto nodes = static_cast<unsigned>(live.size());
  std::vector<unsigned> part(nodes, nodes);  // the first node of the part
  unsigned largest = nodes;
  std::size_t most = 0;
  for (unsigned start = 0; start < nodes; ++start) {
    if (!live[start] || part[start] != nodes) continue;
    std::vector<unsigned> reached{start};
    part[start] = start;
    const auto visit = [&](bool inside, unsigned node) {
      if (!inside || !live[node] || part[node] != nodes) return;
      part[node] = start;
      reached.push_back(node);
    };
    for (std::size_t i = 0; i < reached.size(); ++i) {
      const unsigned at = reached[i];
      visit(at % width != 0, at - 1);
      visit(at % width != width - 1, at + 1);
      visit(at >= width, at - width);
      visit(at + width < nodes, at + width);
    }
    if (reached.size() <= most) continue;
    most = reached.size();
    largest = start;
  }
  for (unsigned node = 0; node < nodes; ++node) {
    if (live[node] && part[node] != largest) return node;
  }
  return std::nullopt;
}

}  // namespace tatami
