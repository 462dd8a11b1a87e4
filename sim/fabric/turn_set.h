// Turns that packets may take, none of which lets channels wait for each other in a circle.
#pragma once

#include <cstdint>
#include <vector>

#include "fabric/links.h"

namespace tatami::fabric {

/// Grows turn by turn and refuses what would close a circle. Keeps the channels (Links::end) in an order in which every
/// allowed turn leads to a later one: Pearce and Kelly, "A dynamic topological sort algorithm for directed acyclic
/// graphs", ACM JEA 11, 2006.
class TurnSet {
 public:
  /// `order` holds every channel between live nodes once. Turns that agree with it are cheap to add.
  TurnSet(const Links& links, const std::vector<unsigned>& order);

  /// May packets that came by `channel` go on through port `then` of the node it leads to?
  bool allows(unsigned channel, unsigned then) const { return (turns_[channel] >> then & 1) != 0; }
  /// Allows it, unless there is no such link, it leads back, or it would close a circle. Says whether it is allowed
  /// now.
  bool add(unsigned channel, unsigned then);

 private:
  bool collect_later(unsigned from, unsigned last);
  void collect_earlier(unsigned from, unsigned first);

  const Links& links_;
  std::vector<std::uint8_t> turns_;  // [channel]: bit = port
  std::vector<unsigned> place_;      // [channel] in the order
  std::vector<bool> seen_;
  std::vector<unsigned> later_, earlier_, places_;
};

}  // namespace tatami::fabric
