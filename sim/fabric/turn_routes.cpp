#include "fabric/turn_routes.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <utility>

namespace tatami::fabric {
namespace {

// Cost of a path: a hop, what the busiest link costs more, and a way that turns into the direction `first` runs in
// last.
constexpr int kHop = 16, kBusiest = 4 * kHop, kTurn = 5;
// Costs of one hop are below this: so many buckets hold all paths that are open at a time.
constexpr int kBuckets = 128;
static_assert(kHop + kBusiest + kTurn < kBuckets);

}  // namespace

TurnRoutes::TurnRoutes(const Links& links, Port first)
    : links_(links),
      first_(first),
      back_(opposite(first)),
      left_((first + 1) % kLinks),
      right_((first + 3) % kLinks),
      turns_(links, channel_order()),
      parent_(links.shape().nodes(), kNoPort),
      next_(std::size_t{links.shape().nodes()} * links.shape().nodes(), kNoPort),
      load_(links.shape().nodes() * kLinks),
      charge_(load_.size(), kHop),
      cost_(links.shape().nodes()),
      flow_(links.shape().nodes()),
      joins_(links.shape().nodes()),
      first_of_cost_(kBuckets, kFar),
      behind_(load_.size()) {
  grow_tree();
  allow_turns();
}

/// An order that all turns of the turn model follow: `first` from the far end, then line by line across it the two
/// sides and the channels to the next line.
std::vector<unsigned> TurnRoutes::channel_order() const {
  const Shape shape = links_.shape();
  const bool rows = first_ == kEast || first_ == kWest;
  std::vector<unsigned> order;
  const unsigned lines = rows ? shape.width : shape.height, length = rows ? shape.height : shape.width;
  const bool rising = back_ == kEast || back_ == kSouth;  // the lines' numbers, in direction back_
  const auto node = [&](unsigned line, unsigned at) {
    line = rising ? line : lines - 1 - line;
    return rows ? shape.index({line, at}) : shape.index({at, line});
  };
  const auto put = [&](unsigned line, unsigned at, unsigned port) {
    if (links_(node(line, at), port) != kFar) order.push_back(node(line, at) * kLinks + port);
  };
  const unsigned low = rows ? kNorth : kWest, high = opposite(low);
  for (unsigned line = lines; line-- > 0;) {
    for (unsigned at = 0; at < length; ++at) put(line, at, first_);
  }
  for (unsigned line = 0; line < lines; ++line) {
    for (unsigned at = length; at-- > 0;) put(line, at, low);
    for (unsigned at = 0; at < length; ++at) put(line, at, high);
    for (unsigned at = 0; at < length; ++at) put(line, at, back_);
  }
  return order;
}

/// Lines in direction back_ from a spine at the fabric's edge, whose middle is the root; round dead nodes from the next
/// line that is alive.
void TurnRoutes::grow_tree() {
  const Shape shape = links_.shape();
  const bool rows = first_ == kEast || first_ == kWest;
  const auto depth = [&](unsigned node) {  // lines from the edge that `first` leads to
    const Place at = shape.place(node);
    const unsigned along = rows ? at.x : at.y, size = rows ? shape.width : shape.height;
    return first_ == kWest || first_ == kNorth ? along : size - 1 - along;
  };
  const auto off_middle = [&](unsigned node) {
    const unsigned across = rows ? shape.place(node).y : shape.place(node).x,
                   middle = (rows ? shape.height : shape.width) / 2;
    return across > middle ? across - middle : middle - across;
  };
  root_ = *std::ranges::min_element(links_.live(), {}, [&](unsigned node) {
    return std::pair{depth(node), off_middle(node)};
  });
  // Shortest paths from the root. The other ways cost what keeps the tree off them if there is any choice.
  constexpr unsigned kLine = 1, kSpine = 100, kAside = 1000, kToTheEdge = 5000;
  using Open = std::pair<unsigned, unsigned>;  // length, node
  std::priority_queue<Open, std::vector<Open>, std::greater<>> open;
  std::vector<unsigned> length(shape.nodes(), kFar);
  length[root_] = 0;
  parent_[root_] = kLocal;
  open.emplace(0, root_);
  while (!open.empty()) {
    const auto [so_far, node] = open.top();
    open.pop();
    if (so_far != length[node]) continue;
    tree_order_.push_back(node);
    for (unsigned port = 0; port < kLinks; ++port) {
      const unsigned other = links_(node, port);
      if (other == kFar) continue;
      const unsigned hop = port == back_                 ? kLine
                           : port == first_              ? kToTheEdge
                           : depth(node) == depth(root_) ? kSpine
                                                         : kAside;
      if (so_far + hop >= length[other]) continue;
      length[other] = so_far + hop;
      parent_[other] = static_cast<std::uint8_t>(opposite(port));
      open.emplace(length[other], other);
    }
  }
}

void TurnRoutes::allow_turns() {
  const Shape shape = links_.shape();
  // Those of the tree, whichever link of it packets come and go by. A tree has no circles, so none is refused.
  std::vector<std::uint8_t> links(shape.nodes());
  for (const unsigned node : links_.live()) {
    if (node == root_) continue;
    links[node] |= static_cast<std::uint8_t>(1u << parent_[node]);
    links[links_(node, parent_[node])] |= static_cast<std::uint8_t>(1u << opposite(parent_[node]));
  }
  for (const unsigned node : links_.live()) {
    for (unsigned port = 0; port < kLinks; ++port) {
      if ((links[node] >> port & 1) == 0) continue;
      for (unsigned then = 0; then < kLinks; ++then) {
        if ((links[links_(node, port)] >> then & 1) != 0) turns_.add(node * kLinks + port, then);
      }
    }
  }
  // Round dead nodes in the way of `first`, on both sides.
  for (unsigned dead = 0; dead < shape.nodes(); ++dead) {
    const unsigned before = shape.neighbour(dead, back_);
    if (std::ranges::binary_search(links_.live(), dead) || before == shape.nodes()) continue;
    for (const unsigned side : {left_, right_}) turns_.add(before * kLinks + side, first_);
  }
  // Straight on, then by line and side, as without dead nodes, then the rest of the turn model, then whatever is left.
  const auto everywhere = [this](unsigned port, unsigned then) {
    for (const unsigned node : links_.live()) turns_.add(node * kLinks + port, then);
  };
  for (unsigned port = 0; port < kLinks; ++port) everywhere(port, port);
  for (const unsigned from : {first_, back_}) {
    for (const unsigned side : {left_, right_}) everywhere(from, side);
  }
  for (const unsigned to : {back_, first_}) {
    for (const unsigned side : {left_, right_}) everywhere(side, to);
  }
}

/// Adds the paths to `destination` to the load, or takes them off.
void TurnRoutes::note_load(unsigned destination, bool add) {
  const std::uint8_t* const way = &next_[std::size_t{destination} * links_.shape().nodes()];
  std::ranges::fill(joins_, 0);
  std::ranges::fill(flow_, 1);
  for (const unsigned node : links_.live()) {
    if (node != destination) ++joins_[links_(node, way[node])];
  }
  open_.clear();
  for (const unsigned node : links_.live()) {
    if (joins_[node] == 0 && node != destination) open_.push_back(node);
  }
  for (std::size_t head = 0; head < open_.size(); ++head) {
    const unsigned node = open_[head], channel = node * kLinks + way[node], to = links_.end(channel);
    load_[channel] = add ? load_[channel] + flow_[node] : load_[channel] - flow_[node];
    flow_[to] += flow_[node];
    if (--joins_[to] == 0 && to != destination) open_.push_back(to);
  }
}

/// May packets that come by `channel` go the way of the node that it leads to?
bool TurnRoutes::leads_on(unsigned channel, unsigned destination) const {
  const unsigned node = links_.end(channel);
  return node == destination || (way_[node] != kNoPort && turns_.allows(channel, way_[node]));
}

/// The neighbours of a node whose way is known may go through it.
void TurnRoutes::reach(unsigned node, unsigned destination) {
  for (unsigned port = 0; port < kLinks; ++port) {
    const unsigned other = links_(node, port);
    if (other == kFar || way_[other] != kNoPort) continue;
    const unsigned back = opposite(port), channel = other * kLinks + back;
    if (!leads_on(channel, destination)) continue;
    const bool turns = node != destination && way_[node] != back && back != first_ && back != back_;
    const unsigned cost = cost_[node] + static_cast<unsigned>(charge_[channel] + (turns ? kTurn : 0));
    behind_[channel] = std::exchange(first_of_cost_[cost % kBuckets], channel);
    nearest_ = waiting_++ == 0 ? cost : std::min(nearest_, cost);
  }
}

/// Gives nodes their ways, the cheapest first, while there are ways that lead on.
void TurnRoutes::drain(unsigned destination) {
  while (waiting_ != 0) {
    unsigned& first = first_of_cost_[nearest_ % kBuckets];
    if (first == kFar) {
      ++nearest_;
      continue;
    }
    const unsigned channel = std::exchange(first, behind_[first]), node = channel / kLinks;
    --waiting_;
    if (way_[node] != kNoPort) continue;
    way_[node] = static_cast<std::uint8_t>(channel % kLinks);
    cost_[node] = nearest_;
    ++settled_;
    reach(node, destination);
  }
}

/// Lets `node`, which has a way, take another one, by which packets of its neighbour behind `port` may go on too.
bool TurnRoutes::redirect(unsigned node, unsigned port, unsigned destination) {
  const unsigned entering = links_(node, port) * kLinks + opposite(port);
  for (unsigned way = 0; way < kLinks; ++way) {
    const unsigned channel = node * kLinks + way;
    if (way == way_[node] || !turns_.allows(entering, way) || links_.end(channel) == kFar) continue;
    if (!leads_on(channel, destination)) continue;
    bool good = true;
    for (unsigned other = 0; other < kLinks && good; ++other) {
      const unsigned user = links_(node, other);
      if (user == kFar || user == destination || way_[user] != opposite(other)) continue;
      good = turns_.allows(user * kLinks + opposite(other), way);
    }
    for (unsigned at = links_.end(channel); good && at != destination; at = links_(at, way_[at])) good = at != node;
    if (!good) continue;
    way_[node] = static_cast<std::uint8_t>(way);
    cost_[node] = cost_[links_.end(channel)] + static_cast<unsigned>(charge_[channel]);
    return true;
  }
  return false;
}

/// Some nodes have no way because those of their neighbours do not take what they send: changes one of these.
bool TurnRoutes::settle_rest(unsigned destination) {
  for (const unsigned node : links_.live()) {
    if (way_[node] != kNoPort) continue;
    for (unsigned port = 0; port < kLinks; ++port) {
      const unsigned other = links_(node, port);
      if (other == kFar || other == destination || way_[other] == kNoPort) continue;
      if (!redirect(other, opposite(port), destination)) continue;
      reach(other, destination);
      return true;
    }
  }
  return false;
}

bool TurnRoutes::reroute(unsigned destination) {
  way_ = &next_[std::size_t{destination} * links_.shape().nodes()];
  std::fill_n(way_, links_.shape().nodes(), kNoPort);
  way_[destination] = kLocal;
  cost_[destination] = 0;
  settled_ = 1;
  waiting_ = 0;
  reach(destination, destination);
  for (drain(destination); settled_ != links_.live().size(); drain(destination)) {
    if (!settle_rest(destination)) return false;
  }
  return true;
}

bool TurnRoutes::improve() {
  const std::vector<unsigned>& live = links_.live();
  // Destinations in an order that jumps about: neighbours one after the other would choose alike.
  constexpr std::size_t kStride = 131;
  const std::size_t stride = live.size() % kStride == 0 ? 1 : kStride;
  std::uint32_t most = 0;
  for (std::size_t i = 0; i < live.size(); ++i) {
    const unsigned destination = live[i * stride % live.size()];
    if (routed_) note_load(destination, false);
    // Dearer the nearer a channel is to the busiest one. The load is of so few destinations in the first pass that its
    // maximum is looked for each time.
    if (i == 0 || !routed_) most = *std::ranges::max_element(load_);
    const float scale = 1 / static_cast<float>(std::max(most, std::uint32_t{1}));
    for (std::size_t channel = 0; channel < load_.size(); ++channel) {
      const float share = static_cast<float>(load_[channel]) * scale, cube = share * share * share;
      charge_[channel] = kHop + static_cast<int>(kBusiest * std::min(1.0F, cube * cube));
    }
    if (!reroute(destination)) return false;
    note_load(destination, true);
  }
  routed_ = true;
  const std::uint32_t worst = *std::ranges::max_element(load_);
  if (worst < best_worst_) {
    best_worst_ = worst;
    best_ = next_;
  }
  return true;
}

Routes TurnRoutes::routes() const {
  Routes routes(links_.shape());
  routes.root = root_;
  for (unsigned i = 0; i < tree_order_.size(); ++i) {
    const unsigned node = tree_order_[i];
    routes.rank[node] = i;
    routes.parent[node] = parent_[node];
    if (node != root_)
      routes.children[links_(node, parent_[node])] |= static_cast<std::uint8_t>(1u << opposite(parent_[node]));
    for (const unsigned to : links_.live())
      routes.set_next(node, to, static_cast<Port>(best_[std::size_t{to} * links_.shape().nodes() + node]));
  }
  return routes;
}

}  // namespace tatami::fabric
