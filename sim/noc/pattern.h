// Who sends to whom, and how much a dimension-ordered or table-routed fabric can carry of it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fabric/routes.h"

namespace tatami::noc {

enum class PatternKind { uniform, transpose, tornado, complement, hotspot, neighbour };

/// "uniform", "transpose", ...
const std::vector<std::string>& pattern_names();
PatternKind pattern_kind(const std::string& name);

/// Share of a hotspot's packets that go to the node in the middle; the others are uniform.
inline constexpr double kHotspotShare = 0.2;

class Pattern {
 public:
  /// Throws InputError if the fabric has not the shape that the pattern needs, or nobody would send anything.
  Pattern(PatternKind kind, fabric::Shape shape, const fabric::Routes* routes);

  PatternKind kind() const { return kind_; }
  /// Does the node send? Dead nodes, those whose partner is dead, and fixed points of a permutation do not.
  bool sends(unsigned node) const { return senders_[node]; }
  unsigned senders() const { return count_; }
  /// A destination for the next packet of `node`; `random` gives 32 bits.
  unsigned destination(unsigned node, const std::function<std::uint32_t()>& random) const;

  /// What the fabric's busiest channel allows, and who uses it.
  struct Analysis {
    double limit = 1;  ///< flits/node/cycle of each sender at which a channel is full (injection and ejection included)
    unsigned node = 0;  ///< where that channel starts
    unsigned port = 0;
    double mean_hops = 0;  ///< over the packets
  };
  Analysis analyse() const;

 private:
  /// The probability with which `node` sends to each other node.
  void demand(unsigned node, std::vector<double>& share) const;

  PatternKind kind_;
  fabric::Shape shape_;
  const fabric::Routes* routes_;
  std::vector<unsigned> live_;
  std::vector<unsigned> partner_;  // of permutations
  std::vector<bool> senders_;
  unsigned count_ = 0;
  unsigned hot_ = 0;
};

}  // namespace tatami::noc
