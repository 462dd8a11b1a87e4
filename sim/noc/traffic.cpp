#include "noc/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <limits>

namespace tatami::noc {
namespace {

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();
// At most so many cycles are between two looks at how long queues have been held.
constexpr std::uint64_t kLook = 4096;

struct Packet {
  std::uint64_t created;
  unsigned destination;  // Ledger::kMany: the rectangle
  fabric::Place first{}, last{};
};

/// SplitMix64: a state of 8 bytes a node, which a large fabric's cache is glad of.
class Random {
 public:
  explicit Random(std::uint64_t seed = 0) : state_(seed) {}
  std::uint32_t operator()() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return static_cast<std::uint32_t>((z ^ z >> 31) >> 32);
  }

 private:
  std::uint64_t state_;
};

/// A node's end of the network: creates packets, offers them one after the other, takes what arrives.
struct Node {
  Random random;
  std::deque<Packet> queue;     // the head is being offered
  std::uint64_t next = kNever;  // cycle of the next creation
  unsigned stored = 0;          // received, its place not yet given back
  std::uint64_t through = 0;    // packets of this source delivered while measuring
};

class Run {
 public:
  Run(Mesh& mesh, const Pattern& pattern, const fabric::Routes* routes, const TrafficSettings& settings)
      : mesh_(mesh),
        pattern_(pattern),
        routes_(routes),
        settings_(settings),
        ledger_(mesh.shape, routes),
        nodes_(mesh.shape.nodes()) {
    const unsigned width = mesh.shape.width, height = mesh.shape.height;
    warm_up_ = settings.warm_up != 0 ? settings.warm_up : std::max<std::uint64_t>(500, 16 * (width + height));
    const double created_per_cycle = settings.rate * pattern.senders();
    window_ = std::max<std::uint64_t>(
        {1, settings.measure,
         static_cast<std::uint64_t>(std::ceil(static_cast<double>(settings.packets) / created_per_cycle))});
    for (unsigned node = 0; node < nodes_.size(); ++node) {
      Random seeds(settings.seed * 0x10001 + node);
      const std::uint64_t high = seeds();
      nodes_[node].random = Random(high << 32 | seeds());
      if (pattern.sends(node)) nodes_[node].next = start_ + gap(nodes_[node]) - 1;
    }
  }

  TrafficResult run() {
    const auto begin = std::chrono::steady_clock::now();
    const std::uint64_t evaluated = mesh_.evaluations();
    std::vector<std::uint64_t> links_before;
    std::uint64_t progress_at = 1 << 16;
    while (result_.status == TrafficStatus::pass) {
      const std::uint64_t now = elapsed();
      if (now == warm_up_) links_before = mesh_.link_flits;
      if (now == warm_up_ + window_) note_links(links_before);
      measuring_ = now >= warm_up_ && now < warm_up_ + window_;
      if (creating_ && now >= warm_up_ + window_ && (open_ == 0 || now >= warm_up_ + 4 * window_ + 64)) stop_creating();
      if (!creating_ && ledger_.received() == ledger_.sent() && offering_ == 0) break;
      cycle();
      watch();
      if (ledger_.received() >= progress_at) {
        if (settings_.progress) settings_.progress(ledger_.received());
        progress_at += 1 << 16;
      }
    }
    if (result_.status == TrafficStatus::pass) {
      if (const auto lost = ledger_.missing(mesh_.cycle)) wrong(*lost);
    }
    finish();
    if (result_.status == TrafficStatus::pass && result_.measured == 0) {
      wrong(fmt::format(
          "nothing was measured: no packet was created in {} cycles; ask for more packets or a higher rate", window_));
    }
    result_.evaluations = mesh_.evaluations() - evaluated;
    result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return result_;
  }

 private:
  std::uint64_t elapsed() const { return mesh_.cycle - start_; }

  /// Cycles until the next packet: at least one, geometrically distributed.
  std::uint64_t gap(Node& node) {
    if (settings_.rate >= 1) return 1;
    const double u = (node.random() + 1.0) / 4294967297.0;
    return 1 + static_cast<std::uint64_t>(std::log(u) / std::log1p(-settings_.rate));
  }

  bool held(unsigned index) const {
    return settings_.hold == index && elapsed() >= warm_up_ && elapsed() < warm_up_ + settings_.hold_cycles;
  }

  Packet create(unsigned index, Node& node) {
    if (settings_.multicast <= 0 || node.random() >= settings_.multicast * 4294967296.0)
      return {mesh_.cycle, pattern_.destination(index, [&node] { return node.random(); })};
    const fabric::Shape shape = mesh_.shape;
    Packet packet{mesh_.cycle, Ledger::kMany};
    do {
      const auto between = [&node](unsigned low, unsigned size) { return low + node.random() % (size - low); };
      packet.first = {between(0, shape.width), between(0, shape.height)};
      packet.last = {between(packet.first.x, shape.width), between(packet.first.y, shape.height)};
    } while (ledger_.members(packet.first, packet.last).empty());
    return packet;
  }

  std::uint64_t deliveries(const Packet& packet) const {
    return packet.destination == Ledger::kMany ? ledger_.members(packet.first, packet.last).size() : 1;
  }

  void cycle() {
    for (unsigned index = 0; index < nodes_.size(); ++index) {
      Node& node = nodes_[index];
      NodeSide& side = mesh_.sides[index];
      side.credit = false;
      if (node.stored != 0 && !held(index) &&
          (settings_.stall <= 0 || node.random() >= settings_.stall * 4294967296.0)) {
        side.credit = true;
        --node.stored;
      }
      if (side.delivered) take(index, node, side);  // its place is free in the next cycle at the earliest
      if (creating_ && node.next <= mesh_.cycle) {
        node.queue.push_back(create(index, node));
        node.next = mesh_.cycle + gap(node);
        if (measuring_) {
          ++created_;
          open_ += deliveries(node.queue.back());
        }
      }
      if (!side.offer && !node.queue.empty()) {
        const Packet& packet = node.queue.front();
        side.in = packet.destination == Ledger::kMany
                      ? ledger_.send_multicast(index, packet.first, packet.last, packet.created, mesh_.cycle)
                      : ledger_.send(index, packet.destination, packet.created, mesh_.cycle);
        side.offer = true;
        ++offering_;
      }
    }
    mesh_.step();
    for (unsigned index = 0; index < nodes_.size(); ++index) {
      NodeSide& side = mesh_.sides[index];
      if (!side.accepted) continue;
      Node& node = nodes_[index];
      node.queue.pop_front();
      side.offer = false;
      --offering_;
      moved_ = mesh_.cycle;
    }
  }

  void take(unsigned index, Node& node, const NodeSide& side) {
    moved_ = mesh_.cycle;
    if (++node.stored > Mesh::kSinkPlaces)
      return wrong(fmt::format("node ({},{}) received more than the {} packets it has places for, in cycle {}",
                               mesh_.shape.place(index).x, mesh_.shape.place(index).y, Mesh::kSinkPlaces, mesh_.cycle));
    if (const auto fault = ledger_.receive(index, side.out, mesh_.cycle)) return wrong(*fault);
    const unsigned source = ledger_.last_source();
    if (measuring_) {
      ++delivered_;
      ++nodes_[source].through;
    }
    const std::uint64_t created =
        static_cast<std::uint32_t>(ledger_.last_created() - static_cast<std::uint32_t>(start_));
    if (created < warm_up_ || created >= warm_up_ + window_) return;
    --open_;
    note_latency(elapsed() - created);
    if (!ledger_.last_multicast() && elapsed() - created != hops(source, index) + kLatencyConstant) ++result_.delayed;
  }

  unsigned hops(unsigned from, unsigned to) const {
    unsigned count = 0;
    for (; from != to; ++count) from = mesh_.shape.neighbour(from, fabric::next_port(mesh_.shape, routes_, from, to));
    return count;
  }

  void note_latency(std::uint64_t latency) {
    if (latency >= histogram_.size()) histogram_.resize(std::max<std::size_t>(2 * histogram_.size(), latency + 1));
    ++histogram_[latency];
    latency_sum_ += static_cast<double>(latency);
    ++result_.measured;
  }

  /// Nothing new; what no router has accepted or been offered is discarded.
  void stop_creating() {
    creating_ = false;
    for (unsigned index = 0; index < nodes_.size(); ++index) {
      std::deque<Packet>& queue = nodes_[index].queue;
      while (queue.size() > (mesh_.sides[index].offer ? 1u : 0u)) {
        const std::uint64_t created = queue.back().created - start_;
        if (created >= warm_up_ && created < warm_up_ + window_) {
          open_ -= deliveries(queue.back());
          result_.backlog = true;
          note_latency(elapsed() - created);
        }
        queue.pop_back();
      }
    }
  }

  void watch() {
    if (const auto error = mesh_.link_error()) {
      const fabric::Place at = mesh_.shape.place(error->node);
      return wrong(fmt::format("router ({},{}): a flit with wrong parity arrived at port {} in cycle {}", at.x, at.y,
                               fabric::port_name(error->port), error->cycle));
    }
    if (mesh_.cycle % look_ == 0) look_for_held();
    const bool waiting = offering_ != 0 || ledger_.sent() != ledger_.received();
    const bool on_purpose = settings_.hold && held(*settings_.hold);
    if (!waiting || on_purpose) moved_ = mesh_.cycle;
    if (settings_.watchdog == 0 || mesh_.cycle - moved_ < settings_.watchdog) return;
    result_.status = TrafficStatus::hang;
    result_.message = fmt::format("nothing moved for {} cycles while {} packets wait", settings_.watchdog,
                                  ledger_.sent() - ledger_.received());
    if (const auto stuck = mesh_.longest_wait()) {
      const fabric::Place at = mesh_.shape.place(stuck->node);
      result_.message +=
          fmt::format("; longest at router ({},{}), port {}, queue for {}: {} flits since cycle {}", at.x, at.y,
                      fabric::port_name(stuck->port), fabric::port_name(stuck->out), stuck->flits, stuck->since);
      return;
    }
    for (unsigned index = 0; index < nodes_.size(); ++index) {
      if (!mesh_.sides[index].offer) continue;
      const fabric::Place at = mesh_.shape.place(index);
      result_.message +=
          fmt::format("; router ({},{}) refuses what its node offers at port local since cycle {}", at.x, at.y, moved_);
      return;
    }
    result_.message += fmt::format("; no queue holds any: they are lost (cycle {})", mesh_.cycle);
  }

  /// Queues that have not moved for long are noted, once each; the run goes on.
  void look_for_held() {
    for (const Stuck& queue : mesh_.waiting()) {
      if (mesh_.cycle - queue.since < settings_.held) continue;
      const auto same = [&queue](const Stuck& known) {
        return known.node == queue.node && known.port == queue.port && known.out == queue.out;
      };
      if (std::ranges::none_of(result_.held, same)) result_.held.push_back(queue);
    }
  }

  void wrong(const std::string& message) {
    if (result_.status != TrafficStatus::pass) return;
    result_.status = TrafficStatus::wrong;
    result_.message = message;
  }

  void note_links(const std::vector<std::uint64_t>& before) {
    std::uint64_t most = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      const std::uint64_t flits = mesh_.link_flits[i] - before[i];
      if (flits <= most) continue;
      most = flits;
      result_.busiest_node = static_cast<unsigned>(i / fabric::kPorts);
      result_.busiest_port = static_cast<unsigned>(i % fabric::kPorts);
    }
    result_.busiest_link = static_cast<double>(most) / static_cast<double>(window_);
  }

  void finish() {
    const double window = static_cast<double>(window_);
    const double senders = pattern_.senders();
    result_.offered = static_cast<double>(created_) / window / senders;
    result_.accepted = static_cast<double>(delivered_) / window / senders;
    std::uint64_t least = kNever;
    for (unsigned node = 0; node < nodes_.size(); ++node) {
      if (!pattern_.sends(node) || nodes_[node].through >= least) continue;
      least = nodes_[node].through;
      result_.worst_node = node;
    }
    result_.accepted_min = static_cast<double>(least) / window;
    result_.cycles = elapsed();
    result_.measured_cycles = window_;
    result_.packets_sent = ledger_.sent();
    result_.packets_delivered = ledger_.received();
    if (result_.measured == 0) return;
    result_.latency_mean = latency_sum_ / static_cast<double>(result_.measured);
    std::uint64_t seen = 0;
    bool any = false;
    for (std::uint64_t latency = 0; latency < histogram_.size(); ++latency) {
      if (histogram_[latency] == 0) continue;
      if (!any) result_.latency_min = latency;
      any = true;
      result_.latency_max = latency;
      const std::uint64_t upto = seen + histogram_[latency];
      const std::uint64_t rank = result_.measured - result_.measured / 100;
      if (seen < rank && upto >= rank) result_.latency_p99 = latency;
      seen = upto;
    }
  }

  Mesh& mesh_;
  const Pattern& pattern_;
  const fabric::Routes* routes_;
  const TrafficSettings& settings_;
  const std::uint64_t start_ = mesh_.cycle;
  const std::uint64_t look_ = std::clamp<std::uint64_t>(settings_.held / 8, 1, kLook);
  std::uint64_t warm_up_ = 0, window_ = 0;
  Ledger ledger_;
  std::vector<Node> nodes_;
  bool creating_ = true;
  bool measuring_ = false;
  unsigned offering_ = 0;
  std::uint64_t open_ = 0;  // measured packets that have not arrived
  std::uint64_t created_ = 0, delivered_ = 0;
  std::uint64_t moved_ = mesh_.cycle;
  std::vector<std::uint64_t> histogram_ = std::vector<std::uint64_t>(256);
  double latency_sum_ = 0;
  TrafficResult result_;
};

}  // namespace

TrafficResult run_traffic(Mesh& mesh, const Pattern& pattern, const fabric::Routes* routes,
                          const TrafficSettings& settings) {
  return Run(mesh, pattern, routes, settings).run();
}

}  // namespace tatami::noc
