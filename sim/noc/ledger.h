// Accounts of every packet: sent once, delivered once, to the right node, unharmed, in order.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "fabric/routes.h"
#include "noc/flit.h"

namespace tatami::noc {

class Ledger {
 public:
  /// Stands for the destination of a multicast; no fabric with accounts has so many nodes.
  static constexpr unsigned kMany = 0xffff;

  /// `routes` says which nodes are alive; nullptr: all.
  explicit Ledger(fabric::Shape shape, const fabric::Routes* routes = nullptr);

  /// The next packet from `source` to `destination`, created in cycle `created`; `time` is the stamp that arbitration
  /// goes by.
  Flit send(unsigned source, unsigned destination, std::uint64_t created, std::uint64_t time);
  /// The next packet from `source` to all live nodes of the rectangle first..last, of which there is at least one.
  /// Order is kept among the multicasts of a source, not between them and its other packets.
  Flit send_multicast(unsigned source, fabric::Place first, fabric::Place last, std::uint64_t created,
                      std::uint64_t time);
  /// Live nodes of a rectangle.
  std::vector<unsigned> members(fabric::Place first, fabric::Place last) const;
  /// Books a packet that `node` received in `cycle`; says what is wrong with it, if anything.
  std::optional<std::string> receive(unsigned node, const Flit& flit, std::uint64_t cycle);
  /// A packet that was sent and has not been received, if there is one.
  std::optional<std::string> missing(std::uint64_t cycle) const;

  /// Deliveries to come of all that was sent: a multicast counts once for each node that it is for.
  std::uint64_t sent() const { return sent_; }
  std::uint64_t received() const { return received_; }
  /// What the last received packet says of itself: its source, and when it was created (low 32 bits).
  unsigned last_source() const { return last_source_; }
  std::uint32_t last_created() const { return last_created_; }
  bool last_multicast() const { return last_multicast_; }

 private:
  struct Flow {
    std::uint32_t sent = 0;
    std::uint32_t received = 0;
  };
  struct Multicast {
    std::uint32_t sequence = 0;
    fabric::Place first, last;
    std::vector<unsigned> left;  // nodes that have not received it
  };
  std::string name(std::uint32_t sequence, unsigned source, unsigned destination) const;
  std::string name(std::uint32_t sequence, unsigned source) const;
  std::optional<std::string> receive_multicast(unsigned node, const Flit& flit, unsigned source);

  fabric::Shape shape_;
  const fabric::Routes* routes_;
  std::vector<std::deque<Multicast>> multicasts_;  // under way, by source
  std::vector<std::uint32_t> multicasts_sent_;     // by source
  std::vector<Flow> flows_;                        // [source][destination]
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  unsigned last_source_ = 0;
  std::uint32_t last_created_ = 0;
  bool last_multicast_ = false;
};

}  // namespace tatami::noc
