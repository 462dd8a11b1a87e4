// Tables whose packets turn as freely as freedom from deadlock allows, balanced for uniform traffic.
#pragma once

#include <cstdint>
#include <vector>

#include "fabric/links.h"
#include "fabric/turn_set.h"

namespace tatami::fabric {

/// Packets move in direction `first` before they turn, in all other directions afterwards (the turn model "west first",
/// by Glass and Ni, ISCA 1992, in one of its four orientations), except where dead nodes and the multicast tree need
/// other turns: those come first, and what would then close a circle of waiting channels is left out.
class TurnRoutes {
 public:
  TurnRoutes(const Links& links, Port first);

  /// Computes every destination's paths again, dearer where many packets go. False if the turns leave some node without
  /// a way: then there are no tables.
  bool improve();
  /// Packets on the busiest link if every live node sends one to every live node; after improve().
  std::uint64_t worst() const { return best_worst_; }
  /// The best tables so far, and the tree.
  Routes routes() const;

 private:
  std::vector<unsigned> channel_order() const;
  void grow_tree();
  void allow_turns();
  bool reroute(unsigned destination);
  void reach(unsigned node, unsigned destination);
  void drain(unsigned destination);
  bool settle_rest(unsigned destination);
  bool redirect(unsigned node, unsigned port, unsigned destination);
  void note_load(unsigned destination, bool add);
  bool leads_on(unsigned channel, unsigned destination) const;

  const Links& links_;
  const unsigned first_, back_, left_, right_;  // ports: the direction, its opposite, the sides
  TurnSet turns_;
  unsigned root_ = 0;
  std::vector<std::uint8_t> parent_;  // [node]
  std::vector<unsigned> tree_order_;  // parents before children
  std::vector<std::uint8_t> next_;    // [destination][node]
  std::vector<std::uint8_t> best_;
  std::vector<std::uint32_t> load_;  // [channel]
  std::uint32_t best_worst_ = ~std::uint32_t{0};
  bool routed_ = false;  // load_ counts all of next_

  std::vector<int> charge_;  // [channel]: what a hop by it costs
  // Of the destination at hand.
  std::uint8_t* way_ = nullptr;  // next_ of it
  std::vector<unsigned> cost_;   // [node], of those that have a way
  std::vector<unsigned> flow_, open_;
  std::vector<std::uint8_t> joins_;
  unsigned settled_ = 0;  // nodes that have a way
  // Channels that lead on, waiting to become the way of their node: lists by cost, and the least cost.
  std::vector<unsigned> first_of_cost_, behind_;
  unsigned waiting_ = 0, nearest_ = 0;
};

}  // namespace tatami::fabric
