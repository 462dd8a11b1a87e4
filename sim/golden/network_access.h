// What packets do at their destination, and which addresses they may have (docs/isa.md, section 8): for the threads'
// instructions and for lists of transfers.
#pragma once

#include <cstdint>
#include <optional>

#include "golden/machine.h"

namespace tatami::golden {

/// What a global address names: bytes of a node's SRAM, or of edge memory.
struct Place {
  Node* node = nullptr;
  SparseMemory* edge = nullptr;
  std::uint32_t offset = 0;

  void read(void* to, std::uint32_t bytes) const;
  /// A packet's write; a node's counter follows it.
  void write(const void* from, std::uint32_t bytes, bool signals = false, unsigned counter = 0) const;
};

/// Where `bytes` bytes at a global address are; nothing if there are none, or if they are edge memory and must not be.
std::optional<Place> find_place(Machine& machine, std::uint64_t address, std::uint32_t bytes, bool may_be_edge = true);

struct AccessFault {
  Cause cause;
  std::uint64_t tval;
};

/// The fault of a push with that control word, of a pull, of a signal; nothing if it can be done.
std::optional<AccessFault> push_fault(Machine& machine, std::uint64_t address, std::uint64_t control);
std::optional<AccessFault> pull_fault(Machine& machine, std::uint64_t from, std::uint64_t to);
std::optional<AccessFault> signal_fault(Machine& machine, std::uint64_t address);
/// The fault of arming a trigger with these operands of dn.arm.
std::optional<AccessFault> trigger_fault(Machine& machine, std::uint64_t address, std::uint64_t control);

/// These have no fault.
void push(Machine& machine, std::uint64_t address, std::uint64_t control, const std::uint8_t* data);
void pull(Node& node, std::uint64_t from, std::uint64_t to, bool signals, unsigned counter);
void signal(Machine& machine, std::uint64_t address, std::uint32_t value);
/// The signal of a trigger that was armed with these operands.
void trigger_signal(Machine& machine, std::uint64_t address, std::uint64_t control);

}  // namespace tatami::golden
