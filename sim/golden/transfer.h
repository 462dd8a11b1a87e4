// Lists of transfers (docs/isa.md, section 8.2): a descriptor, the packets that it stands for, and the work itself.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "golden/network_access.h"

namespace tatami::golden {

/// One packet of a list: the operands of the dn.push, dn.pull or dn.sig that it is.
struct TransferPacket {
  enum class Kind : std::uint8_t { push, pull, signal };
  Kind kind = Kind::push;
  std::uint64_t global = 0;
  std::uint64_t local = 0;    ///< of the block; a signal's addend
  std::uint64_t control = 0;  ///< push: the control word
  bool signals = false;       ///< pull
  unsigned counter = 0;       ///< pull

  /// The cause with which its instruction would trap.
  std::optional<Cause> fault(Machine& machine) const;
};

/// A descriptor; gives out its packets in order.
class Transfer {
 public:
  static constexpr unsigned kBytes = 32;
  static constexpr unsigned kMalformed = 2;  ///< reason of a malformed one, where others have a cause

  explicit Transfer(const std::array<std::uint64_t, 4>& words) : words_(words) {}

  bool malformed() const;
  /// It begins when everything before it is acknowledged.
  bool waits() const { return (words_[0] >> 2 & 1) != 0; }
  /// All packets have been given out.
  bool done() const { return row_ == rows(); }
  TransferPacket next();

 private:
  bool is_signal() const { return kind() == 2; }
  unsigned kind() const { return words_[0] & 3; }
  std::uint64_t blocks() const { return words_[0] >> 32 & 0xFFFF; }
  std::uint64_t rows() const { return is_signal() ? 1 : words_[0] >> 48; }

  std::array<std::uint64_t, 4> words_;
  std::uint64_t row_ = 0, block_ = 0;
};

/// The operands of dn.list.
struct TransferList {
  std::uint64_t address = 0;  ///< of the first descriptor
  unsigned count = 0;
  bool signals = false;  ///< adds 1 to `counter` when it is finished
  unsigned counter = 0;

  TransferList() = default;
  TransferList(std::uint64_t first, std::uint64_t control)
      : address(first), count(control & 0xFFFF), signals((control >> 23 & 1) != 0), counter(control >> 16 & 31) {}
  std::optional<AccessFault> fault() const;
};

/// Works a list off at once. Returns 0, or what mtval says of the error (the list ended there, without its signal).
std::uint64_t run_list(Node& node, const TransferList& list);

}  // namespace tatami::golden
