// What the host writes into a node of a fabric with dead nodes before the first packet (docs/network.md, section 6.6).
#pragma once

#include <cstdint>
#include <vector>

#include "fabric/routes.h"

namespace tatami::fabric {

/// A write to the node's configuration port.
struct ConfigWord {
  unsigned address = 0;  ///< 12 bits
  unsigned data = 0;     ///< 21 bits
};

/// Sides of a fabric with tables are at most this.
inline constexpr unsigned kMostWithTables = 32;

/// A rectangle of nodes, both corners included.
struct Box {
  Place first, last;
  bool operator==(const Box&) const = default;
};

/// For each link of each node, [node*kLinks + port], a box around the live nodes that the multicast tree reaches
/// through it; an empty one (last before first) where the link is not of the tree.
std::vector<Box> tree_boxes(const Routes& routes);

/// The tables of live node `node`; the last word switches them on. `boxes` are those of tree_boxes(). Throws InputError
/// if the fabric is larger than tables can describe.
std::vector<ConfigWord> router_config(const Routes& routes, const std::vector<Box>& boxes, unsigned node);

}  // namespace tatami::fabric
