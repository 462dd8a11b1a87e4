// The memory behind one port at the fabric's rim: an outer link of both classes, the time it takes, and the bytes.
// docs/isa.md, section 8.1 says what it means, docs/fabric.md, section 4 how long it takes, docs/network.md the flits.
//
// Stepped like a node: drive() in the first half of a cycle, from what is stored; finish() in the second, with what the
// node drove in the same cycle. The memory only answers, so no port depends on another one. The host may send requests
// of its own to nodes by the same links: ask().
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "golden/sparse_memory.h"
#include "host/device.h"
#include "rtl/rtl_node.h"

namespace tatami::fabric {

class EdgePort {
 public:
  using Flit = std::array<std::uint32_t, rtl::kFlitWords>;
  /// By which port (Port of routes.h) a flit of node `at` for a node leaves `at`.
  using Route = std::function<unsigned(Coordinate destination)>;

  EdgePort(const EdgeConfig& config, Coordinate at, unsigned side, Route route);

  unsigned side() const { return side_; }

  /// Everything but the memory.
  void reset();

  /// First half of cycle `cycle`: what it puts on the node's links `2 * side` and `2 * side + 1`. False if nothing is
  /// stored or driven: then nothing happens here until a request comes.
  bool drive(std::uint64_t cycle);
  const rtl::Link& driven(unsigned response_class) const { return driven_[response_class]; }
  /// Second half: what the node puts on these two links in this cycle.
  void finish(const rtl::Link& requests, const rtl::Link& responses);

  /// A request from outside to a node of the fabric, behind those that wait: docs/network.md, section 2, with
  /// destination, kind, offset, payload and, to tell answers apart, thread and reg; the rest is filled in here. No
  /// multicast. Between runs.
  void ask(const Flit& request);
  /// The responses to these requests, as they came; the caller may take them out.
  std::deque<Flit>& answers() { return answers_; }

  /// What was wrong with a flit; the run cannot go on. Empty if nothing was.
  const std::string& error() const { return error_; }
  SparseMemory& memory() { return memory_; }
  const EdgeUse& use() const { return use_; }

 private:
  struct Response {
    std::uint64_t due;  // the first cycle in which it may leave
    Flit flit;
  };

  bool accept(const Flit& flit);
  void take(const Flit& answer);
  void send_own(std::uint64_t cycle);
  void serve(std::uint64_t cycle);
  void send(std::uint64_t cycle);
  unsigned perform(const Flit& request, Flit& response);

  EdgeConfig config_;
  Coordinate at_;
  unsigned side_;
  Route route_;
  SparseMemory memory_;
  std::deque<Flit> requests_;
  std::deque<Response> responses_;
  bool place_free_ = false;  // a request left its place: a credit in the next cycle
  std::uint64_t moved_ = 0;  // when the memory is free, in 1/bandwidth cycles
  std::deque<Flit> asked_, answers_;
  unsigned unanswered_ = 0;
  bool answered_ = false;                             // a response was taken: a credit in the next cycle
  std::array<std::array<unsigned, 5>, 2> credits_{};  // places in the five queues of the node's routers, by class
  std::array<rtl::Link, 2> driven_;
  EdgeUse use_;
  std::string error_;
};

}  // namespace tatami::fabric
