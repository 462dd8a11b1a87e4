// Accounts of every packet: sent once, delivered once, to the right node, unharmed, in order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fabric/routes.h"
#include "noc/flit.h"

namespace tatami::noc {

class Ledger {
 public:
  explicit Ledger(fabric::Shape shape);

  /// The next packet from `source` to `destination`, created in cycle `created`; `time` is the stamp that arbitration
  /// goes by.
  Flit send(unsigned source, unsigned destination, std::uint64_t created, std::uint64_t time);
  /// Books a packet that `node` received in `cycle`; says what is wrong with it, if anything.
  std::optional<std::string> receive(unsigned node, const Flit& flit, std::uint64_t cycle);
  /// A packet that was sent and has not been received, if there is one.
  std::optional<std::string> missing(std::uint64_t cycle) const;

  std::uint64_t sent() const { return sent_; }
  std::uint64_t received() const { return received_; }
  /// What the last received packet says of itself: its source, and when it was created (low 32 bits).
  unsigned last_source() const { return last_source_; }
  std::uint32_t last_created() const { return last_created_; }

 private:
  struct Flow {
    std::uint32_t sent = 0;
    std::uint32_t received = 0;
  };
  std::string name(std::uint32_t sequence, unsigned source, unsigned destination) const;

  fabric::Shape shape_;
  std::vector<Flow> flows_;  // [source][destination]
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  unsigned last_source_ = 0;
  std::uint32_t last_created_ = 0;
};

}  // namespace tatami::noc
