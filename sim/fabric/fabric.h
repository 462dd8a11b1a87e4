// W x H verilated nodes, their links, and the loop that steps them.
//
// What a node drives onto its links in a cycle depends on its registers only, so it is known after the clock edge of
// the cycle before. A node's step: it finds at its inputs what its neighbours drive in this cycle, its logic settles,
// it gets its clock edge, and what it drives in the next cycle is noted. So the order of nodes does not matter, and
// nodes can be divided among threads with one barrier a cycle. Whether a run stops is decided from what all nodes
// reported for that cycle, by every thread alike: results and cycle counts are the same for any number of threads.
#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <vector>

#include "fabric/barrier.h"
#include "fabric/edge_port.h"
#include "fabric/link_watch.h"
#include "fabric/router_config.h"
#include "fabric/routes.h"
#include "host/shape.h"
#include "rtl/matrix_watch.h"
#include "rtl/rtl_node.h"

namespace tatami::debug {
class Lockstep;
}

namespace tatami::fabric {

/// Why run() returned.
enum class Stop {
  limit,      ///< the cycle given was reached
  ended,      ///< every node has stored 1 to tohost
  failed,     ///< a node stored another odd value: `value`
  trapped,    ///< a thread of `node` trapped without a handler
  quiet,      ///< nothing will ever happen again, and not every node has ended
  corrupted,  ///< a flit with wrong parity arrived at `node`, which has no handler; bit i of `value`: its link i
  astray,     ///< a flit at an edge memory of `node` is damaged or does not belong there: its error() says more
  diverged,   ///< the lockstep of `node` found a difference
};

struct StopReport {
  Stop stop = Stop::limit;
  unsigned node = 0;  ///< index of the node concerned, the lowest if there are several
  std::uint64_t value = 0;
};

class Fabric {
 public:
  /// `host_threads` threads step the nodes, the calling one among them; no more than there are nodes.
  Fabric(const FabricShape& shape, unsigned host_threads, const EdgeConfig& edge = {});
  ~Fabric();
  Fabric(const Fabric&) = delete;
  Fabric& operator=(const Fabric&) = delete;

  const FabricShape& shape() const { return shape_; }
  unsigned host_threads() const { return static_cast<unsigned>(workers_.size()); }

  /// Nodes that are not dead, row by row from (0, 0).
  unsigned nodes() const { return static_cast<unsigned>(places_.size()); }
  Coordinate place(unsigned node) const { return places_[node].at; }
  rtl::RtlNode& node(unsigned number) { return *places_[number].node; }
  const rtl::RtlNode& node(unsigned number) const { return *places_[number].node; }
  /// The node at a coordinate; nullptr for dead ones and outside.
  rtl::RtlNode* at(unsigned x, unsigned y);

  /// The memory behind a port of the rim; nullptr if there is no such port.
  EdgePort* edge(unsigned x, unsigned y, unsigned side);
  /// What is wrong at the edge memories of a node; empty if nothing is.
  std::string edge_error(unsigned node) const;
  /// What all edge memories were asked for since reset.
  EdgeUse edge_use() const;
  void clear_edge_memory();

  /// Lockstep of a node, nullptr for none; must outlive the runs.
  void set_lockstep(unsigned node, debug::Lockstep* lockstep) { places_[node].lockstep = lockstep; }
  /// Watches the matrix unit of a node in the cycles in which the node is evaluated, nullptr for none; must outlive the
  /// runs.
  void set_watch(unsigned node, rtl::MatrixWatch* watch) { places_[node].watch = watch; }
  /// Disturbs a link that leads to `disturbance`'s node, from the next reset on; may be called before that.
  void disturb(const Disturbance& disturbance) { disturbances_.push_back(disturbance); }
  void clear_disturbances() { disturbances_.clear(); }
  const std::vector<Disturbance>& disturbances() const { return disturbances_; }
  /// Flits that the node has sent by a link, counted outside of it.
  std::uint64_t link_flits(unsigned node, unsigned link) const { return places_[node].watches[link].flits(); }
  /// Full queues that have not moved for `cycles` cycles.
  std::vector<HeldQueue> held(std::uint64_t cycles) const;
  /// Writes the waves of one node between two cycles; the node's wave is open.
  void set_wave(unsigned node, std::uint64_t from, std::uint64_t to) { wave_ = Wave{node, from, to}; }
  void clear_wave() { wave_.reset(); }

  /// Resets all nodes; memory survives. The next cycle is 0.
  void reset(std::uint64_t boot_pc, std::uint64_t tohost);
  /// Steps until something stops the run, or before cycle `until`.
  StopReport run(std::uint64_t until);

  /// What a node drove onto one of its links in the last cycle that was done.
  rtl::Link driven(unsigned node, unsigned link) const {
    const unsigned parity = (cycle_ - 1) & 1;
    return places_[node].drives[parity] ? places_[node].out[parity][link] : rtl::Link{};
  }
  /// Cycles done: the number of the cycle that stopped the run, plus one.
  std::uint64_t cycle() const { return cycle_; }
  /// Instructions retired by all nodes since reset.
  std::uint64_t instructions() const;
  bool ended(unsigned node) const { return places_[node].ended; }
  /// Cycles in which nodes were evaluated, of cycle() * nodes(): the rest was skipped.
  std::uint64_t evaluated() const;

 private:
  // What a node drives in a cycle; even and odd cycles take turns, so that a node may note what it drives in the next
  // cycle while others still read what it drives in this one.
  using Outputs = std::array<rtl::Link, rtl::kLinks>;
  // What is looked at in every cycle comes first, so that a node that sleeps costs one line of the cache; it is written
  // by the node's thread only.
  struct alignas(64) Place {
    std::unique_ptr<rtl::RtlNode> node;
    std::array<int, rtl::kLinks> neighbour;  // the node at the other end of a link, -1 for none
    std::array<bool, 2> drives{};            // something in out
    bool ended = false;
    bool asleep = false;                     // quiet, and not looked at until something arrives
    bool hears = false;                      // some input is not idle
    bool edges_active = false;               // the memories behind ports have something to do, or may have
    std::array<bool, rtl::kLinks> driven{};  // inputs that are not idle
    Coordinate at;
    // The rest is for nodes that are awake.
    debug::Lockstep* lockstep = nullptr;
    rtl::MatrixWatch* watch = nullptr;
    std::uint64_t instructions = 0;
    std::uint64_t evaluated = 0;
    std::vector<std::unique_ptr<EdgePort>> edges;  // memories behind ports of the rim
    rtl::RtlNode::Footprint footprint;
    std::array<LinkWatch, rtl::kLinks> watches;  // queues at the links' other ends
    std::array<Outputs, 2> out;
  };
  // What a thread's nodes reported for one cycle.
  struct Summary {
    StopReport report;
    unsigned ended = 0;   // nodes that have ended
    bool active = false;  // some node is not quiet or drives something

    /// The first reason to stop counts.
    void note(Stop why, unsigned node, std::uint64_t value) {
      if (report.stop == Stop::limit) report = {why, node, value};
    }
  };
  struct alignas(64) Worker {
    std::vector<unsigned> nodes;
    std::array<Summary, 2> summary;
  };
  struct Wave {
    unsigned node;
    std::uint64_t from, to;
  };
  struct Pool;

  void connect();
  void attach_edges(const EdgeConfig& config);
  unsigned route(Coordinate from, Coordinate to) const;
  void load_routes(const Place& place);
  void work(unsigned worker);
  void step_all(const Worker& worker, std::uint64_t cycle, Summary& summary);
  void step(unsigned number, std::uint64_t cycle, Summary& summary);
  static void drive(Place& place, unsigned parity, bool drives);
  void observe(Place& place, unsigned number, std::uint64_t cycle, Summary& summary);
  static void observe_halts(const rtl::RtlNode& node, unsigned number, Summary& summary);
  bool hears(const Place& place, unsigned parity) const;
  void listen(unsigned number, std::uint64_t cycle);
  void step_edges(Place& place, unsigned number, std::uint64_t cycle, Summary& summary);
  static void arrive(Place& place, unsigned link, const rtl::Link* driven);
  bool disturb(unsigned number, unsigned link, std::uint64_t cycle, rtl::Link& arriving);
  StopReport decide(unsigned parity) const;

  FabricShape shape_;
  std::vector<Place> places_;
  std::vector<int> index_;          // by y * width + x, -1 for dead
  std::unique_ptr<Routes> routes_;  // tables, with dead nodes only
  std::vector<Box> tree_boxes_;     // and of their tree
  std::vector<Disturbance> disturbances_;
  std::vector<Worker> workers_;
  SpinBarrier barrier_;
  std::uint64_t cycle_ = 0;
  std::uint64_t until_ = 0;
  StopReport stop_;
  std::optional<Wave> wave_;
  std::unique_ptr<Pool> pool_;
};

}  // namespace tatami::fabric
