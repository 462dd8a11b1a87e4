// Groups of nodes that work together: which nodes, in which order, along which tree. The kernels' side of it, with the
// rule for the tree, is tatami/collective_args.h.
#pragma once

#include <tatami/collective_args.h>

#include <optional>
#include <string>
#include <vector>

#include "host/shape.h"

namespace tatami {

/// width x height nodes from (x, y).
struct Rectangle {
  unsigned x = 0, y = 0;
  unsigned width = 1, height = 1;
  std::string text() const;  ///< "1,0,4x2"
};

/// X,Y,WxH from the command line; throws InputError, which names `option`, if it is anything else.
Rectangle parse_rectangle(const std::string& text, const std::string& option);

/// A group, rank by rank.
struct NodeGroup {
  std::vector<Coordinate> nodes;
  std::vector<tatami_group> records;  ///< what each node's kernel needs; `nodes` and `order` (addresses) are left 0
  std::vector<std::vector<std::uint32_t>> orders;
  /// Of a group of up to TATAMI_MOVER_MOST_NODES nodes.
  std::vector<std::vector<tatami_phase>> phases;
  bool rectangle = false;

  /// Which others send to a rank in all-reduce by block mover, in the order of phases.
  std::vector<std::vector<unsigned>> senders() const;

  unsigned count() const { return static_cast<unsigned>(nodes.size()); }
  unsigned depth() const { return records.front().depth; }
  unsigned most_children() const { return records.front().most_children; }
};

/// The nodes of `rectangle`, or without it all live nodes of the fabric. Throws InputError if the rectangle is empty,
/// not inside the fabric, or holds a dead node.
NodeGroup make_group(const FabricShape& shape, const std::optional<Rectangle>& rectangle = {});

}  // namespace tatami
