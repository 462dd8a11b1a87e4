#include "fabric/router_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/error.h"

namespace tatami::fabric {
namespace {

// Addresses of the configuration port.
constexpr unsigned kControl = 1024, kBoxes = 1056, kLive = 2048;
constexpr unsigned kBoxValid = 1U << 20;
constexpr Box kNothing{{1, 1}, {0, 0}};

bool empty(const Box& box) { return box.last.x < box.first.x; }

void include(Box& box, const Box& other) {
  if (empty(other)) return;
  if (empty(box)) {
    box = other;
    return;
  }
  box.first = {std::min(box.first.x, other.first.x), std::min(box.first.y, other.first.y)};
  box.last = {std::max(box.last.x, other.last.x), std::max(box.last.y, other.last.y)};
}

unsigned packed(const Box& box) {
  if (empty(box)) return 0;
  return box.first.x | box.first.y << 5 | box.last.x << 10 | box.last.y << 15 | kBoxValid;
}

bool in_tree(const Routes& routes, unsigned node, unsigned port) {
  return routes.parent[node] == port || (routes.children[node] >> port & 1) != 0;
}

}  // namespace

std::vector<Box> tree_boxes(const Routes& routes) {
  const Shape shape = routes.shape;
  std::vector<unsigned> order;
  for (unsigned node = 0; node < shape.nodes(); ++node) {
    if (routes.alive(node)) order.push_back(node);
  }
  std::ranges::sort(order, {}, [&](unsigned node) { return routes.rank[node]; });
  // Children have higher ranks than their parents: from the leaves inwards what hangs below, then from the root
  // outwards what lies above.
  std::vector<Box> below(shape.nodes(), kNothing);
  std::vector<Box> boxes(std::size_t{shape.nodes()} * kLinks, kNothing);
  for (auto at = order.rbegin(); at != order.rend(); ++at) {
    include(below[*at], {shape.place(*at), shape.place(*at)});
    for (unsigned port = 0; port < kLinks; ++port) {
      if ((routes.children[*at] >> port & 1) == 0) continue;
      const Box& child = below[shape.neighbour(*at, port)];
      boxes[std::size_t{*at} * kLinks + port] = child;
      include(below[*at], child);
    }
  }
  for (const unsigned node : order) {
    const unsigned port = routes.parent[node];
    if (port == kLocal) continue;
    const unsigned parent = shape.neighbour(node, port);
    Box& above = boxes[std::size_t{node} * kLinks + port];
    include(above, {shape.place(parent), shape.place(parent)});
    for (unsigned other = 0; other < kLinks; ++other) {
      if (other != opposite(port) && in_tree(routes, parent, other))
        include(above, boxes[std::size_t{parent} * kLinks + other]);
    }
  }
  return boxes;
}

std::vector<ConfigWord> router_config(const Routes& routes, const std::vector<Box>& boxes, unsigned node) {
  const Shape shape = routes.shape;
  if (shape.width > kMostWithTables || shape.height > kMostWithTables) {
    throw InputError(fmt::format("with dead nodes a fabric has at most {0}x{0} nodes, this one has {1}x{2}",
                                 kMostWithTables, shape.width, shape.height));
  }
  std::vector<ConfigWord> words;
  for (unsigned to = 0; to < shape.nodes(); ++to) {
    if (!routes.alive(to)) continue;
    const Place at = shape.place(to);
    const unsigned here = routes.next(node, to);
    const unsigned ahead = here == kLocal ? here : unsigned{routes.next(shape.neighbour(node, here), to)};
    words.push_back({32 * at.y + at.x, here | ahead << 3});
  }
  // The tree as the routers behind the links see it, then as this one does.
  for (unsigned view = 0; view <= kLinks; ++view) {
    const unsigned seen = view == kLinks ? node : shape.neighbour(node, view);
    for (unsigned port = 0; port < kLinks; ++port) {
      const bool known = seen < shape.nodes() && routes.alive(seen);
      words.push_back({kBoxes + 4 * view + port, known ? packed(boxes[std::size_t{seen} * kLinks + port]) : 0});
    }
  }
  // Live nodes with a column up to x and a row up to y.
  std::vector<unsigned> sums(kMostWithTables);
  for (unsigned y = 0; y < shape.height; ++y) {
    unsigned row = 0;
    for (unsigned x = 0; x < shape.width; ++x) {
      row += routes.alive(shape.index({x, y})) ? 1 : 0;
      sums[x] += row;
      words.push_back({kLive + 32 * y + x, sums[x]});
    }
  }
  words.push_back({kControl, 1});
  return words;
}

}  // namespace tatami::fabric
