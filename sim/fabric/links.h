// The links between a fabric's live nodes.
#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include "fabric/routes.h"

namespace tatami::fabric {

/// No node, and a distance that nothing has.
inline constexpr unsigned kFar = std::numeric_limits<unsigned>::max();

class Links {
 public:
  Links(Shape shape, const std::vector<bool>& alive) : shape_(shape), to_(std::size_t{shape.nodes()} * kLinks, kFar) {
    for (unsigned node = 0; node < shape.nodes(); ++node) {
      if (!alive[node]) continue;
      live_.push_back(node);
      for (unsigned port = 0; port < kLinks; ++port) {
        const unsigned other = shape.neighbour(node, port);
        if (other != shape.nodes() && alive[other]) to_[node * kLinks + port] = other;
      }
    }
  }
  Shape shape() const { return shape_; }
  /// Live nodes, by number.
  const std::vector<unsigned>& live() const { return live_; }
  /// The live node behind the port of a live node, or kFar.
  unsigned operator()(unsigned node, unsigned port) const { return to_[node * kLinks + port]; }
  /// Where a channel leads: channel node*kLinks + port is the link by which packets leave the node through the port.
  unsigned end(unsigned channel) const { return to_[channel]; }

  /// Nodes in breadth-first order from `root`; ports in the order N, E, S, W.
  std::vector<unsigned> order(unsigned root) const {
    std::vector<unsigned> queue{root};
    std::vector<bool> seen(shape_.nodes());
    seen[root] = true;
    for (std::size_t head = 0; head < queue.size(); ++head) {
      for (unsigned port = 0; port < kLinks; ++port) {
        const unsigned other = (*this)(queue[head], port);
        if (other == kFar || seen[other]) continue;
        seen[other] = true;
        queue.push_back(other);
      }
    }
    return queue;
  }
  std::vector<unsigned> distances(unsigned from) const {
    std::vector<unsigned> distance(shape_.nodes(), kFar);
    distance[from] = 0;
    for (const unsigned node : order(from)) {
      for (unsigned port = 0; port < kLinks; ++port) {
        const unsigned other = (*this)(node, port);
        if (other != kFar && distance[other] == kFar) distance[other] = distance[node] + 1;
      }
    }
    return distance;
  }

 private:
  Shape shape_;
  std::vector<unsigned> to_, live_;
};

}  // namespace tatami::fabric
