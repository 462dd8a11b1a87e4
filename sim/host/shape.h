// The shape of a fabric: its rectangle, and which of its nodes are dead.
#pragma once

#include <compare>
#include <string>
#include <vector>

namespace tatami {

struct Coordinate {
  unsigned x = 0, y = 0;
  auto operator<=>(const Coordinate&) const = default;
};

/// A port through which one leaves the fabric: behind it is edge memory (docs/isa.md, section 8.1).
struct RimPort {
  Coordinate at;
  unsigned side = 0;  ///< 0 N, 1 E, 2 S, 3 W
  auto operator<=>(const RimPort&) const = default;
};

struct FabricShape {
  unsigned width = 1;   ///< 1..255
  unsigned height = 1;  ///< 1..255
  std::vector<Coordinate> dead;

  bool live(unsigned x, unsigned y) const;
  /// Nodes that are not dead.
  unsigned nodes() const;
  /// Those, row by row from (0, 0).
  std::vector<Coordinate> places() const;
  /// Is (x, y) a live node at the rim of this side?
  bool has_rim_port(unsigned x, unsigned y, unsigned side) const;
  /// All of them: node by node in the order of places(), N E S W.
  std::vector<RimPort> rim_ports() const;
  /// "4x4"
  std::string text() const;
};

/// x,y from the command line; throws InputError, which names `option`, if it is anything else.
Coordinate parse_coordinate(const std::string& text, const std::string& option);

/// A shape from the command line: `nodes` is WxH, or `d1` for the die (docs/fabric.md), and each of `dead` is x,y.
/// Throws InputError if it is not understood, has no node left, or its nodes are not all connected.
FabricShape parse_shape(const std::string& nodes, const std::vector<std::string>& dead);

}  // namespace tatami
