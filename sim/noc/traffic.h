// Random traffic through a mesh: Bernoulli sources with unbounded queues, sinks that may stall, accounts and
// statistics.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "noc/ledger.h"
#include "noc/mesh.h"
#include "noc/pattern.h"

namespace tatami::noc {

struct TrafficSettings {
  double rate = 0.1;              ///< packets a cycle that each sender creates, 0 < rate <= 1
  std::uint64_t packets = 20000;  ///< created while measuring, about
  std::uint64_t measure = 0;      ///< the measurement lasts at least so many cycles, then more are created
  std::uint64_t seed = 1;
  double stall = 0;      ///< chance that a sink takes nothing in a cycle, below 1
  double multicast = 0;  ///< chance that a packet goes to a random rectangle of nodes instead, below 1
  /// A node that takes nothing for `hold_cycles` cycles from the measurement's beginning on.
  std::optional<unsigned> hold;
  std::uint64_t hold_cycles = 0;
  std::uint64_t held = 1'000'000;  ///< cycles without movement after which a queue is reported as held
  std::uint64_t warm_up = 0;       ///< cycles before measuring; 0: 16 times the fabric's diameter, at least 500
  /// Cycles without any packet accepted or delivered that count as a deadlock, 0: never. Those in which `hold` takes
  /// nothing do not count.
  std::uint64_t watchdog = 20000;
  /// Called now and then with the packets received so far.
  std::function<void(std::uint64_t)> progress;
};

enum class TrafficStatus { pass, wrong, hang };

struct TrafficResult {
  TrafficStatus status = TrafficStatus::pass;
  std::string message;  ///< what went wrong: packet, node, cycle; or router, port, cycle
  // Rates in flits/node/cycle over the measurement, a sender being a node that sends.
  double offered = 0;       ///< created
  double accepted = 0;      ///< delivered
  double accepted_min = 0;  ///< of the sender that got least through
  unsigned worst_node = 0;  ///< that sender
  double latency_mean = 0;  ///< from creation to delivery, of the packets created while measuring
  std::uint64_t latency_p99 = 0;
  std::uint64_t latency_min = 0;
  std::uint64_t latency_max = 0;
  bool backlog = false;  ///< sources still had packets when the drain's time was over: the latencies are lower bounds
  std::uint64_t measured = 0;  ///< packets in the latency figures
  std::uint64_t packets_sent = 0;
  std::uint64_t packets_delivered = 0;
  std::uint64_t cycles = 0;
  std::uint64_t measured_cycles = 0;
  std::vector<Stuck> held;  ///< queues of routers that did not move for so long, in the order of their discovery
  double busiest_link = 0;  ///< flits a cycle while measuring
  unsigned busiest_node = 0;
  unsigned busiest_port = 0;
  std::uint64_t evaluations = 0;
  double seconds = 0;
  /// Packets measured with a latency other than hops + kLatencyConstant; 0 without contention.
  std::uint64_t delayed = 0;
};

/// From creation to delivery at zero load: one cycle a hop, and one for the way through the first router.
inline constexpr unsigned kLatencyConstant = 1;

/// Warm-up: traffic, nothing counted. Measurement: until about `packets` packets were created; rates are counted, and
/// the latency of what is created. Drain: traffic goes on until those have arrived, at most three times the
/// measurement; then creation ends, what still waits in a source's queue is discarded, and everything in the network
/// must arrive.
TrafficResult run_traffic(Mesh& mesh, const Pattern& pattern, const fabric::Routes* routes,
                          const TrafficSettings& settings);

}  // namespace tatami::noc
