#include "host/group.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "host/device.h"
#include "host/error.h"

namespace tatami {
namespace {

enum Side { kNorth, kEast, kSouth, kWest };

constexpr Side opposite(Side side) { return static_cast<Side>((side + 2) % 4); }

std::optional<Coordinate> neighbour(Coordinate at, Side side) {
  switch (side) {
    case kNorth: return at.y == 0 ? std::nullopt : std::optional(Coordinate{at.x, at.y - 1});
    case kEast: return Coordinate{at.x + 1, at.y};
    case kSouth: return Coordinate{at.x, at.y + 1};
    case kWest: return at.x == 0 ? std::nullopt : std::optional(Coordinate{at.x - 1, at.y});
  }
  return std::nullopt;
}

/// Fills in tree `number` of a group whose nodes are connected. `parents`: the sides where a parent is looked for, in
/// this order; children are numbered in the order of the opposite sides. Updates most_children and depth.
void plant(NodeGroup& group, unsigned number, unsigned root, const std::array<Side, 4>& parents) {
  std::map<Coordinate, unsigned> rank_of;
  for (unsigned r = 0; r < group.count(); ++r) rank_of[group.nodes[r]] = r;
  const auto rank_at = [&](Coordinate at, Side side) -> std::optional<unsigned> {
    const auto place = neighbour(at, side);
    if (!place) return std::nullopt;
    const auto found = rank_of.find(*place);
    return found == rank_of.end() ? std::nullopt : std::optional(found->second);
  };

  constexpr unsigned kFar = ~0U;
  std::vector<unsigned> depth(group.count(), kFar), open{root};
  depth[root] = 0;
  for (std::size_t next = 0; next < open.size(); ++next) {
    for (const Side side : parents) {
      const auto rank = rank_at(group.nodes[open[next]], side);
      if (!rank || depth[*rank] != kFar) continue;
      depth[*rank] = depth[open[next]] + 1;
      open.push_back(*rank);
    }
  }

  const auto global = [&](unsigned rank) { return global_address(group.nodes[rank].x, group.nodes[rank].y, 0); };
  std::vector<unsigned> parent(group.count(), root);
  for (unsigned rank = 0; rank < group.count(); ++rank) {
    if (rank == root) continue;
    for (const Side side : parents) {
      const auto up = rank_at(group.nodes[rank], side);
      if (!up || depth[*up] + 1 != depth[rank]) continue;
      parent[rank] = *up;
      break;
    }
  }
  std::uint32_t most = group.records.front().most_children;
  for (unsigned rank = 0; rank < group.count(); ++rank) {
    tatami_tree& tree = group.records[rank].tree[number];
    tree.parent = global(parent[rank]);
    for (const Side side : parents) {
      const auto below = rank_at(group.nodes[rank], opposite(side));
      if (!below || *below == root || parent[*below] != rank) continue;
      group.records[*below].tree[number].slot = tree.children;
      tree.child[tree.children++] = global(*below);
    }
    most = std::max(most, tree.children);
  }
  const unsigned farthest = std::max(group.records.front().depth, *std::ranges::max_element(depth));
  for (tatami_group& record : group.records) {
    record.most_children = most;
    record.depth = farthest;
  }
}

}  // namespace

std::vector<std::vector<unsigned>> NodeGroup::senders() const {
  std::vector<std::vector<unsigned>> by_phase(count(), std::vector<unsigned>(count() - 1));
  for (unsigned rank = 0; rank < count(); ++rank) {
    for (const tatami_phase& to : phases.at(rank)) {
      if (to.rank != rank) by_phase[to.rank].at(count() - 2 - to.slot) = rank;
    }
  }
  return by_phase;
}

std::string Rectangle::text() const { return fmt::format("{},{},{}x{}", x, y, width, height); }

Rectangle parse_rectangle(const std::string& text, const std::string& option) {
  Rectangle r;
  const char* at = text.data();
  const char* const end = at + text.size();
  bool good = true;
  for (const auto& [value, separator] : {std::pair{&r.x, ','}, {&r.y, ','}, {&r.width, 'x'}, {&r.height, '\0'}}) {
    const auto [next, error] = std::from_chars(at, end, *value);
    good = good && error == std::errc{} && (separator == '\0' ? next == end : next != end && *next == separator);
    if (!good) break;
    at = next + (separator == '\0' ? 0 : 1);
  }
  if (!good || r.width == 0 || r.height == 0) {
    throw InputError(fmt::format("{} {}: expected X,Y,WxH, the first node and the size, as 1,0,4x2", option, text));
  }
  return r;
}

NodeGroup make_group(const FabricShape& shape, const std::optional<Rectangle>& wanted) {
  NodeGroup group;
  const Rectangle area = wanted.value_or(Rectangle{0, 0, shape.width, shape.height});
  if (area.width == 0 || area.height == 0 || area.x >= shape.width || area.y >= shape.height ||
      area.width > shape.width - area.x || area.height > shape.height - area.y) {
    throw InputError(
        fmt::format("the rectangle {} does not lie inside the fabric of {} nodes", area.text(), shape.text()));
  }
  group.rectangle = true;
  for (unsigned y = area.y; y < area.y + area.height; ++y) {
    for (unsigned x = area.x; x < area.x + area.width; ++x) {
      if (shape.live(x, y)) {
        group.nodes.push_back({x, y});
      } else if (wanted) {
        throw InputError(
            fmt::format("node {},{} of the rectangle {} is dead; choose a rectangle without dead nodes, or "
                        "none: then all live nodes take part",
                        x, y, area.text()));
      } else {
        group.rectangle = false;
      }
    }
  }
  std::vector<std::uint64_t> addresses;
  for (const auto [x, y] : group.nodes) addresses.push_back(global_address(x, y, 0));
  group.records.resize(group.nodes.size());
  for (unsigned rank = 0; rank < group.count(); ++rank) {
    tatami_group& record = group.records[rank];
    const auto [x, y] = group.nodes[rank];
    record.here = global_address(x, y, 0);
    record.first = global_address(area.x, area.y, 0);
    record.multicast = std::uint64_t{1} << 16 | std::uint64_t{area.x + area.width - 1} << 24 |
                       std::uint64_t{area.y + area.height - 1} << 32;
    record.count = group.count();
    record.rank = rank;
    record.width = group.rectangle ? area.width : 0;
    record.height = group.rectangle ? area.height : 0;
    tatami_group_set_barrier(&record, addresses.data());
  }
  for (unsigned rank = 0; rank < group.count(); ++rank) {
    std::vector<std::uint32_t> order(group.count() - 1);
    if (group.rectangle) {
      tatami_group_order(order.data(), area.width, area.height, group.nodes[rank].x - area.x,
                         group.nodes[rank].y - area.y);
    } else {
      tatami_group_order(order.data(), group.count(), 1, rank, 0);
    }
    group.orders.push_back(std::move(order));
  }
  if (group.count() <= TATAMI_MOVER_MOST_NODES) {
    std::vector<std::uint64_t> addresses;
    for (const tatami_group& record : group.records) addresses.push_back(record.here);
    for (tatami_group& record : group.records) {
      tatami_group_set_phases(&record, addresses.data(), group.phases.emplace_back(group.count()).data());
    }
  }
  plant(group, 0, 0, {kWest, kNorth, kEast, kSouth});
  plant(group, 1, group.count() - 1, {kEast, kSouth, kWest, kNorth});
  return group;
}

}  // namespace tatami
