#include "golden/transfer.h"

namespace tatami::golden {
namespace {

using u64 = std::uint64_t;

constexpr u64 kBlock = 64;

// The address `distance` bytes further on: bits 31:0 alone.
u64 moved(u64 address, u64 distance) { return (address & ~u64{0xFFFF'FFFF}) | ((address + distance) & 0xFFFF'FFFF); }

}  // namespace

bool Transfer::malformed() const {
  const u64 head = words_[0];
  if (kind() == 3 || (head & 0xE0E0) != 0) return true;
  const bool multicast = (head >> 3 & 1) != 0, signals = (head >> 4 & 1) != 0;
  if (is_signal()) return multicast || signals || head >> 32 != 0;
  return (multicast && kind() != 0) || blocks() == 0 || head >> 48 == 0;
}

TransferPacket Transfer::next() {
  TransferPacket packet;
  const u64 head = words_[0];
  packet.kind = static_cast<TransferPacket::Kind>(kind());
  packet.signals = (head >> 4 & 1) != 0;
  packet.counter = head >> 8 & 31;
  if (is_signal()) {
    packet.global = words_[1];
    packet.local = words_[2] & 0xFFFF'FFFF;
    ++row_;
    return packet;
  }
  const u64 global_stride = words_[3] & 0xFFFF'FFFF, local_stride = words_[3] >> 32;
  packet.global = moved(words_[1], kBlock * block_ + row_ * global_stride);
  packet.local = moved(words_[2], kBlock * block_ + row_ * local_stride);
  packet.control = kBlock | u64{packet.counter} << 8 | u64{packet.signals} << 15 | (head >> 3 & 1) << 16 |
                   (head >> 16 & 0xFFFF) << 24;
  if (++block_ == blocks()) {
    block_ = 0;
    ++row_;
  }
  return packet;
}

std::optional<Cause> TransferPacket::fault(Machine& machine) const {
  std::optional<AccessFault> fault;
  switch (kind) {
    case Kind::push:
      if (local % kBlock != 0) return Cause::load_misaligned;
      if (!sram_offset(local, kBlock)) return Cause::load_fault;
      fault = push_fault(machine, global, control);
      break;
    case Kind::pull: fault = pull_fault(machine, global, local); break;
    case Kind::signal: fault = signal_fault(machine, global); break;
  }
  if (!fault) return std::nullopt;
  return fault->cause;
}

std::optional<AccessFault> TransferList::fault() const {
  if (address % Transfer::kBytes != 0) return AccessFault{Cause::load_misaligned, address};
  const u64 offset = address - kMemoryBase, bytes = u64{Transfer::kBytes} * count;
  // Also an empty list begins inside.
  if (offset >= kMemoryBytes || bytes > kMemoryBytes - offset) return AccessFault{Cause::load_fault, address};
  return std::nullopt;
}

std::uint64_t run_list(Node& node, const TransferList& list) {
  Machine& machine = node.machine();
  for (unsigned i = 0; i < list.count; ++i) {
    const u64 at = list.address + u64{Transfer::kBytes} * i;
    std::array<u64, 4> words;
    node.sram().read(static_cast<std::uint32_t>(at - kMemoryBase), words.data(), Transfer::kBytes);
    Transfer transfer(words);
    if (transfer.malformed()) return at + Transfer::kMalformed;
    while (!transfer.done()) {
      const TransferPacket packet = transfer.next();
      if (const auto cause = packet.fault(machine)) return at + static_cast<u64>(*cause);
      switch (packet.kind) {
        case TransferPacket::Kind::push: {
          std::array<std::uint8_t, kBlock> data;
          node.sram().read(*sram_offset(packet.local, kBlock), data.data(), kBlock);
          push(machine, packet.global, packet.control, data.data());
          break;
        }
        case TransferPacket::Kind::pull: pull(node, packet.global, packet.local, packet.signals, packet.counter); break;
        case TransferPacket::Kind::signal:
          signal(machine, packet.global, static_cast<std::uint32_t>(packet.local));
          break;
      }
    }
  }
  if (list.signals) node.add_counter(list.counter, 1);
  return 0;
}

}  // namespace tatami::golden
