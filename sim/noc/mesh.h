// W x H routers of one class, seen from their nodes. No Verilator type: sim/rtl/router_mesh.cpp joins the verilated
// routers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "fabric/routes.h"
#include "noc/flit.h"

namespace tatami::noc {

/// The node's side of its router in one cycle.
struct NodeSide {
  // Set before step(), for this cycle.
  bool offer = false;   ///< `in` is offered; it stays until it is accepted
  bool credit = false;  ///< a place of the sink has become free
  Flit in;
  // Set by step().
  bool accepted = false;   ///< the offer of the cycle that step() ended was taken
  bool delivered = false;  ///< `out` leaves the router in the cycle that begins now; the sink must have a place
  Flit out;
};

/// A queue of a router that holds flits.
struct Stuck {
  unsigned node = 0;
  unsigned port = 0;        ///< the input at which the flits wait; local: injected by the node
  unsigned out = 0;         ///< the output for which they wait; local: the node
  unsigned flits = 0;       ///< queued there
  std::uint64_t since = 0;  ///< cycle of the last movement
};

struct LinkError {
  unsigned node = 0;
  unsigned port = 0;
  std::uint64_t cycle = 0;
};

class Mesh {
 public:
  static constexpr unsigned kSinkPlaces = 8;  ///< LINK_DEPTH: flits the sink must be able to hold

  explicit Mesh(fabric::Shape shape) : shape(shape), sides(shape.nodes()), link_flits(shape.nodes() * fabric::kPorts) {}
  virtual ~Mesh() = default;
  Mesh(const Mesh&) = delete;
  Mesh& operator=(const Mesh&) = delete;

  /// Ends the cycle: routers see what the sides offer and what their neighbours send, and the clock rises.
  virtual void step() = 0;
  /// All queues in which flits wait.
  virtual std::vector<Stuck> waiting() const = 0;
  /// The one that has waited longest.
  std::optional<Stuck> longest_wait() const {
    const std::vector<Stuck> all = waiting();
    const auto longest = std::ranges::min_element(all, {}, &Stuck::since);
    return longest == all.end() ? std::nullopt : std::optional(*longest);
  }
  /// The first flit whose parity was wrong.
  virtual std::optional<LinkError> link_error() const = 0;
  /// Routers evaluated so far; quiet ones are skipped.
  virtual std::uint64_t evaluations() const = 0;

  const fabric::Shape shape;
  std::vector<NodeSide> sides;
  std::vector<std::uint64_t> link_flits;  ///< flits that left node by port: [node*kPorts + port]
  std::uint64_t cycle = 0;                ///< steps done
};

/// Verilated routers, dimension-ordered, or by `routes` if there are any.
std::unique_ptr<Mesh> make_router_mesh(fabric::Shape shape, const fabric::Routes* routes);

}  // namespace tatami::noc
