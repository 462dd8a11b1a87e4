#include "fabric/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "fabric/links.h"
#include "fabric/turn_routes.h"
#include "host/connected.h"
#include "host/error.h"

namespace tatami::fabric {
namespace {

std::string name(Shape shape, unsigned node) {
  const Place at = shape.place(node);
  return fmt::format("node ({},{})", at.x, at.y);
}

std::vector<bool> live_nodes(Shape shape, std::span<const Place> dead) {
  std::vector<bool> alive(shape.nodes(), true);
  for (const Place at : dead) {
    if (at.x >= shape.width || at.y >= shape.height) {
      throw InputError(
          fmt::format("dead node ({},{}) lies outside the fabric of {}x{} nodes; x is below {}, y below {}", at.x, at.y,
                      shape.width, shape.height, shape.width, shape.height));
    }
    alive[shape.index(at)] = false;
  }
  if (std::ranges::find(alive, true) == alive.end()) {
    throw InputError(fmt::format("all {} nodes of the fabric are dead; leave at least one alive", shape.nodes()));
  }
  return alive;
}

/// The links of the fabric without `dead`; refuses one that is not connected.
Links connected_links(Shape shape, std::span<const Place> dead) {
  const std::vector<bool> alive = live_nodes(shape, dead);
  if (const auto node = cut_off_node(shape.width, alive)) {
    throw InputError(fmt::format(
        "the dead nodes disconnect the fabric of {}x{}: {} cannot be reached from the rest; declare it dead "
        "too, or fewer of its neighbours",
        shape.width, shape.height, name(shape, *node)));
  }
  return Links(shape, alive);
}

/// Shortest distances to `destination` by the up*/down* rule: by hops down only, and with hops up before them.
struct Legal {
  std::vector<unsigned> down;
  std::vector<unsigned> any;
};

Legal legal_distances(const Links& links, const std::vector<std::uint32_t>& rank, const std::vector<unsigned>& order,
                      unsigned destination) {
  Legal legal{std::vector<unsigned>(rank.size(), kFar), {}};
  legal.down[destination] = 0;
  // A hop down leads to a higher rank, so the ranks from high to low see every successor first.
  for (auto at = order.rbegin(); at != order.rend(); ++at) {
    for (unsigned port = 0; port < kLinks; ++port) {
      const unsigned other = links(*at, port);
      if (other != kFar && rank[other] > rank[*at] && legal.down[other] != kFar)
        legal.down[*at] = std::min(legal.down[*at], legal.down[other] + 1);
    }
  }
  legal.any = legal.down;
  // A hop up leads to a lower rank: from low to high.
  for (const unsigned node : order) {
    for (unsigned port = 0; port < kLinks; ++port) {
      const unsigned other = links(node, port);
      if (other != kFar && rank[other] < rank[node] && legal.any[other] != kFar)
        legal.any[node] = std::min(legal.any[node], legal.any[other] + 1);
    }
  }
  return legal;
}

/// `nodes` from the farthest to the nearest, those of one distance in their order: a counting sort, as this is done for
/// every destination and root.
void by_distance(const std::vector<unsigned>& nodes, const std::vector<unsigned>& distance,
                 std::vector<unsigned>& sorted) {
  unsigned most = 0;
  for (const unsigned node : nodes) most = std::max(most, distance[node]);
  std::vector<unsigned> place(most + 2);
  for (const unsigned node : nodes) ++place[most - distance[node] + 1];
  std::partial_sum(place.begin(), place.end(), place.begin());
  sorted.resize(nodes.size());
  for (const unsigned node : nodes) sorted[place[most - distance[node]]++] = node;
}

/// Up*/down* tables by the ranks from `root`, and the traffic on the busiest link.
struct Candidate {
  Routes routes;
  std::uint64_t worst = 0;
};

Candidate build(const Links& links, unsigned root) {
  const Shape shape = links.shape();
  Candidate result{Routes(shape)};
  Routes& routes = result.routes;
  const std::vector<unsigned> order = links.order(root);
  routes.root = root;
  for (unsigned i = 0; i < order.size(); ++i) routes.rank[order[i]] = i;
  for (const unsigned node : order) {
    if (node == root) {
      routes.parent[node] = kLocal;
      continue;
    }
    unsigned best = kNoPort;
    for (unsigned port = 0; port < kLinks; ++port) {
      const unsigned other = links(node, port);
      if (other == kFar) continue;
      if (best == kNoPort || routes.rank[other] < routes.rank[links(node, best)]) best = port;
    }
    routes.parent[node] = static_cast<std::uint8_t>(best);
    routes.children[links(node, best)] |= static_cast<std::uint8_t>(1u << opposite(best));
  }

  std::vector<std::uint64_t> load(std::size_t{shape.nodes()} * kPorts);
  std::vector<std::uint64_t> flow(shape.nodes());
  std::vector<unsigned> farthest = order;
  for (const unsigned destination : order) {
    const Legal legal = legal_distances(links, routes.rank, order, destination);
    std::ranges::fill(flow, 1);
    by_distance(order, legal.any, farthest);
    for (const unsigned node : farthest) {
      if (node == destination) {
        routes.set_next(node, destination, kLocal);
        continue;
      }
      // A packet may have come here by a hop down, after which it must not go up: so whoever can go down does.
      const bool descend = legal.down[node] != kFar;
      unsigned best = kNoPort;
      for (unsigned port = 0; port < kLinks; ++port) {
        const unsigned other = links(node, port);
        if (other == kFar || (routes.rank[other] > routes.rank[node]) != descend) continue;
        const unsigned rest = descend ? legal.down[other] : legal.any[other];
        if (rest == kFar || rest + 1 != (descend ? legal.down[node] : legal.any[node])) continue;
        // Among equals, the link that carries least so far.
        if (best == kNoPort || load[std::size_t{node} * kPorts + port] < load[std::size_t{node} * kPorts + best])
          best = port;
      }
      routes.set_next(node, destination, static_cast<Port>(best));
      load[std::size_t{node} * kPorts + best] += flow[node];
      flow[links(node, best)] += flow[node];
    }
  }
  result.worst = *std::ranges::max_element(load);
  return result;
}

/// The best of the roots nearest to the corners and to the middle.
Candidate up_down(const Links& links) {
  const Shape shape = links.shape();
  std::vector<unsigned> roots;
  for (const auto& [x, y] : {std::pair{0u, 0u},
                             {shape.width - 1, 0u},
                             {0u, shape.height - 1},
                             {shape.width - 1, shape.height - 1},
                             {shape.width / 2, shape.height / 2}}) {
    const auto away = [&](unsigned node) {
      const Place at = shape.place(node);
      return (at.x > x ? at.x - x : x - at.x) + (at.y > y ? at.y - y : y - at.y);
    };
    const unsigned root = *std::ranges::min_element(links.live(), {}, [&](unsigned node) {
      return std::pair{away(node), node};
    });
    if (std::ranges::find(roots, root) == roots.end()) roots.push_back(root);
  }
  Candidate best = build(links, roots.front());
  for (const unsigned root : std::span(roots).subspan(1)) {
    Candidate other = build(links, root);
    if (other.worst < best.worst) best = std::move(other);
  }
  return best;
}

/// The best of the four orientations, if any has tables: the one that does best at first, improved twice.
std::optional<TurnRoutes> balanced(const Links& links) {
  constexpr unsigned kMore = 2;
  std::optional<TurnRoutes> best;
  for (const Port first : {kWest, kEast, kNorth, kSouth}) {
    TurnRoutes candidate(links, first);
    if (candidate.improve() && (!best || candidate.worst() < best->worst())) best.emplace(std::move(candidate));
  }
  for (unsigned pass = 0; best && pass < kMore && best->improve(); ++pass) continue;
  return best;
}

}  // namespace

const char* port_name(unsigned port) {
  static constexpr std::array<const char*, kPorts> kNames = {"north", "east", "south", "west", "local"};
  return port < kPorts ? kNames[port] : "none";
}

unsigned Shape::neighbour(unsigned node, unsigned port) const {
  const Place at = place(node);
  switch (port) {
    case kNorth: return at.y == 0 ? nodes() : node - width;
    case kEast: return at.x + 1 == width ? nodes() : node + 1;
    case kSouth: return at.y + 1 == height ? nodes() : node + width;
    case kWest: return at.x == 0 ? nodes() : node - 1;
    default: return nodes();
  }
}

Routes::Routes(Shape fabric)
    : shape(fabric),
      rank(fabric.nodes(), kDead),
      parent(fabric.nodes(), kNoPort),
      children(fabric.nodes(), 0),
      next_(std::size_t{fabric.nodes()} * fabric.nodes(), kNoPort) {}

Port next_port(Shape shape, const Routes* routes, unsigned node, unsigned destination) {
  if (routes != nullptr) return routes->next(node, destination);
  const Place at = shape.place(node), to = shape.place(destination);
  if (to.x != at.x) return to.x > at.x ? kEast : kWest;
  if (to.y != at.y) return to.y > at.y ? kSouth : kNorth;
  return kLocal;
}

Routes compute_routes(Shape shape, std::span<const Place> dead) {
  const Links links = connected_links(shape, dead);
  Candidate best = up_down(links);
  if (const auto turning = balanced(links); turning && turning->worst() < best.worst) return turning->routes();
  return std::move(best.routes);
}

Routes compute_up_down_routes(Shape shape, std::span<const Place> dead) {
  return up_down(connected_links(shape, dead)).routes;
}

std::optional<Routes> compute_turn_routes(Shape shape, std::span<const Place> dead, Port first) {
  const Links links = connected_links(shape, dead);
  TurnRoutes turning(links, first);
  return turning.improve() ? std::optional(turning.routes()) : std::nullopt;
}

std::string dependency_cycle(Shape shape, const std::vector<std::uint8_t>& turns) {
  enum : std::uint8_t { kNew, kOpen, kDone };
  std::vector<std::uint8_t> state(std::size_t{shape.nodes()} * kPorts, kNew);
  struct Frame {
    std::size_t channel;
    unsigned next;
  };
  std::vector<Frame> stack;
  for (std::size_t start = 0; start < state.size(); ++start) {
    if (state[start] != kNew || turns[start] == 0) continue;
    stack.push_back({start, 0});
    state[start] = kOpen;
    while (!stack.empty()) {
      Frame& top = stack.back();
      if (top.next == kLinks) {
        state[top.channel] = kDone;
        stack.pop_back();
        continue;
      }
      const unsigned turn = top.next++;
      if ((turns[top.channel] >> turn & 1) == 0) continue;
      const unsigned to = shape.neighbour(static_cast<unsigned>(top.channel / kPorts), top.channel % kPorts);
      const std::size_t channel = std::size_t{to} * kPorts + turn;
      if (state[channel] == kOpen) {
        std::string text;
        for (auto at = std::ranges::find(stack, channel, &Frame::channel); at != stack.end(); ++at) {
          text += fmt::format("{} {} -> ", name(shape, static_cast<unsigned>(at->channel / kPorts)),
                              port_name(at->channel % kPorts));
        }
        return text + "again";
      }
      if (state[channel] == kNew) {
        state[channel] = kOpen;
        stack.push_back({channel, 0});
      }
    }
  }
  return "";
}

RouteReport verify(const Routes& routes) {
  const Shape shape = routes.shape;
  std::vector<bool> alive(shape.nodes());
  std::vector<unsigned> order;
  for (unsigned node = 0; node < shape.nodes(); ++node) {
    alive[node] = routes.alive(node);
    if (alive[node]) order.push_back(node);
  }
  std::ranges::sort(order, {}, [&](unsigned node) { return routes.rank[node]; });
  const Links links(shape, alive);
  const auto follow = [&](unsigned node, unsigned port) {
    const unsigned to = port < kLinks ? links(node, port) : kFar;
    if (to == kFar)
      throw std::logic_error(fmt::format("{}: port {} leads to no live node", name(shape, node), port_name(port)));
    return to;
  };

  RouteReport report;
  std::vector<std::uint8_t> turns(std::size_t{shape.nodes()} * kPorts);  // channel -> ports of the node it leads to
  std::vector<std::uint64_t> load(turns.size());
  std::vector<std::uint64_t> flow(shape.nodes());
  std::vector<unsigned> hops(shape.nodes()), chain, farthest;
  std::uint64_t hops_total = 0;
  for (const unsigned destination : order) {
    const std::vector<unsigned> free = links.distances(destination);
    if (routes.next(destination, destination) != kLocal)
      throw std::logic_error(fmt::format("{}: a packet that has arrived is not delivered", name(shape, destination)));
    // Every path to this destination is a chain of entries, and every live node starts one. So what holds of each entry
    // and the next one holds of all paths, and lengths add up from the destination outwards.
    std::ranges::fill(hops, kFar);
    hops[destination] = 0;
    for (const unsigned source : order) {
      chain.clear();
      for (unsigned node = source; hops[node] == kFar; node = follow(node, routes.next(node, destination))) {
        chain.push_back(node);
        if (chain.size() > order.size()) {
          throw std::logic_error(fmt::format("{} to {}: the entries lead round in a circle", name(shape, source),
                                             name(shape, destination)));
        }
      }
      for (auto at = chain.rbegin(); at != chain.rend(); ++at) {
        const unsigned node = *at, port = routes.next(node, destination), to = links(node, port);
        hops[node] = hops[to] + 1;
        if (to == destination) continue;
        const unsigned then = routes.next(to, destination);
        turns[std::size_t{node} * kPorts + port] |= static_cast<std::uint8_t>(1u << then);
      }
      ++report.pairs;
      hops_total += hops[source];
      report.max_hops = std::max(report.max_hops, hops[source]);
      report.detours += hops[source] > free[source] ? 1 : 0;
    }
    by_distance(order, hops, farthest);
    std::ranges::fill(flow, 1);
    for (const unsigned node : farthest) {
      if (node == destination) continue;
      const unsigned port = routes.next(node, destination);
      load[std::size_t{node} * kPorts + port] += flow[node];
      flow[links(node, port)] += flow[node];
    }
  }
  // The tree: from every node up to the root, and down by every branch.
  std::size_t members = 0;
  for (const unsigned node : order) {
    if (node == routes.root) {
      ++members;
      continue;
    }
    const unsigned to = follow(node, routes.parent[node]);
    if (routes.rank[to] >= routes.rank[node] || (routes.children[to] >> opposite(routes.parent[node]) & 1) == 0)
      throw std::logic_error(
          fmt::format("{}: the multicast tree does not lead up to its parent and back", name(shape, node)));
    ++members;
    std::uint8_t& rising = turns[std::size_t{node} * kPorts + routes.parent[node]];
    if (to != routes.root) rising |= static_cast<std::uint8_t>(1u << routes.parent[to]);
    // Branches may leave at any node on the way up, back to where it came from excepted.
    rising |= routes.children[to] & static_cast<std::uint8_t>(~(1u << opposite(routes.parent[node])));
    turns[std::size_t{to} * kPorts + opposite(routes.parent[node])] |= routes.children[node];
  }
  std::size_t branches = 0;
  for (const std::uint8_t ports : routes.children) branches += static_cast<std::size_t>(std::popcount(ports));
  if (members != order.size() || branches + 1 != members)
    throw std::logic_error(fmt::format("the multicast tree has {} branches for {} nodes", branches, order.size()));

  if (const std::string cycle = dependency_cycle(shape, turns); !cycle.empty())
    throw std::logic_error("the channels wait for each other in a cycle: " + cycle);

  report.mean_hops = static_cast<double>(hops_total) / static_cast<double>(report.pairs);
  // Uniform traffic: each node sends one flit, to each live node, itself included, with equal chance.
  report.worst_channel = static_cast<double>(*std::ranges::max_element(load)) / static_cast<double>(order.size());
  report.uniform_limit = report.worst_channel > 1 ? 1 / report.worst_channel : 1;
  return report;
}

}  // namespace tatami::fabric
