// Next-hop tables for a fabric with dead nodes: what the host loads into the routers at boot. docs/network.md explains
// the rules and why they cannot deadlock; verify() checks every table that is loaded all the same.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tatami::fabric {

struct Place {
  unsigned x = 0;
  unsigned y = 0;
  bool operator==(const Place&) const = default;
};

/// The router's ports, numbered as the RTL numbers them. North is y - 1.
enum Port : std::uint8_t { kNorth = 0, kEast = 1, kSouth = 2, kWest = 3, kLocal = 4, kNoPort = 7 };
inline constexpr unsigned kPorts = 5;
inline constexpr unsigned kLinks = 4;  ///< the ports below this are links
const char* port_name(unsigned port);
constexpr const char* class_name(bool response) { return response ? "responses" : "requests"; }
/// The port on which the neighbour receives what leaves through `port`.
constexpr unsigned opposite(unsigned port) { return port == kLocal ? port : (port + 2) % 4; }

/// Nodes are numbered y*width + x, dead ones included.
struct Shape {
  unsigned width = 1;
  unsigned height = 1;
  unsigned nodes() const { return width * height; }
  unsigned index(Place at) const { return at.y * width + at.x; }
  Place place(unsigned node) const { return {node % width, node / width}; }
  /// The node at the other end of the link, or nodes() if the port leads out of the fabric.
  unsigned neighbour(unsigned node, unsigned port) const;
};

class Routes {
 public:
  Shape shape;
  unsigned root = 0;                   ///< of the multicast tree
  std::vector<std::uint32_t> rank;     ///< an order of the live nodes in which parents come first; kDead for dead ones
  std::vector<std::uint8_t> parent;    ///< the multicast tree: port towards the root; kLocal at the root
  std::vector<std::uint8_t> children;  ///< ports of the tree away from the root, bit = port

  static constexpr std::uint32_t kDead = ~std::uint32_t{0};

  bool alive(unsigned node) const { return rank[node] != kDead; }
  /// The port by which a packet for `destination` leaves `node`: kLocal if it has arrived, kNoPort if either is dead.
  Port next(unsigned node, unsigned destination) const {
    return static_cast<Port>(next_[std::size_t{destination} * shape.nodes() + node]);
  }
  void set_next(unsigned node, unsigned destination, Port port) {
    next_[std::size_t{destination} * shape.nodes() + node] = port;
  }

  explicit Routes(Shape fabric);

 private:
  std::vector<std::uint8_t> next_;  // [destination][node]
};

/// The port by which a packet for `destination` leaves `node`: along the row, then along the column, or by `routes` if
/// there are any.
Port next_port(Shape shape, const Routes* routes, unsigned node, unsigned destination);

/// Tables for the fabric without `dead`: of all candidates the one with the least traffic on the busiest link if every
/// node sends to every node. Candidates are turn tables in their four orientations and up*/down* tables from several
/// roots. Throws InputError if a dead node lies outside, all are dead, or what is left is not connected; the message
/// names the node that cannot be reached.
Routes compute_routes(Shape shape, std::span<const Place> dead);
/// The up*/down* candidate: shortest paths by the rule, over the roots nearest to the corners and the middle.
Routes compute_up_down_routes(Shape shape, std::span<const Place> dead);
/// A candidate of packets that move in direction `first` before they turn, where dead nodes let them; nothing if no
/// such tables were found. compute_routes improves the best of the four further.
std::optional<Routes> compute_turn_routes(Shape shape, std::span<const Place> dead, Port first);

/// What verify() found besides faults.
struct RouteReport {
  std::uint64_t pairs = 0;  ///< source and destination, both alive, a node to itself included
  double mean_hops = 0;
  unsigned max_hops = 0;
  double worst_channel = 0;  ///< flits that uniform traffic of one flit a node puts on the busiest link
  double uniform_limit = 0;  ///< flits/node/cycle at which that link is full, at most 1
  unsigned detours = 0;      ///< pairs whose path is longer than the shortest between live nodes
};

/// A cycle in a graph of channels as text, or "": turns[node*kPorts + port] are the ports by which packets go on that
/// left `node` through `port`.
std::string dependency_cycle(Shape shape, const std::vector<std::uint8_t>& turns);

/// Walks every pair and checks: it arrives; the channel-dependency graph of all paths and of the multicast tree has no
/// cycle (searched for in the graph itself, whatever rule the tables were made by); the tree spans all nodes. Throws
/// std::logic_error naming the fault.
RouteReport verify(const Routes& routes);

}  // namespace tatami::fabric
