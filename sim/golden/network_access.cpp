#include "golden/network_access.h"

#include <array>
#include <vector>

namespace tatami::golden {
namespace {

using u64 = std::uint64_t;
using u32 = std::uint32_t;

constexpr u32 kBlock = 64;

// The control word of a push; bits of the same meaning in that of dn.arm.
u32 length(u64 control) { return static_cast<u32>(control & 127); }
bool signals(u64 control) { return (control >> 15 & 1) != 0; }
bool multicast(u64 control) { return (control >> 16 & 1) != 0; }
unsigned last_x(u64 control) { return static_cast<unsigned>(control >> 24 & 255); }
unsigned last_y(u64 control) { return static_cast<unsigned>(control >> 32 & 255); }

// The nodes of a multicast's rectangle, which lies in the fabric, that are alive.
std::vector<Node*> live_nodes(Machine& machine, const GlobalAddress& first, u64 control) {
  std::vector<Node*> nodes;
  for (unsigned y = first.y; y <= last_y(control); ++y) {
    for (unsigned x = first.x; x <= last_x(control); ++x) {
      if (machine.live(x, y)) nodes.push_back(&machine.node(x, y));
    }
  }
  return nodes;
}

}  // namespace

void Place::read(void* to, u32 bytes) const {
  if (edge != nullptr) return edge->read(offset, to, bytes);
  node->sram().read(offset, to, bytes);
}

void Place::write(const void* from, u32 bytes, bool signals, unsigned counter) const {
  if (edge != nullptr) return edge->write(offset, from, bytes);
  node->write(offset, from, bytes);
  node->wake();
  if (signals) node->add_counter(counter, 1);
}

std::optional<Place> find_place(Machine& machine, u64 address, u32 bytes, bool may_be_edge) {
  Place place;
  const u64 local = split_global(address).local;
  if (names_edge(address)) {
    place.edge = may_be_edge ? machine.find_edge(address) : nullptr;
    place.offset = static_cast<u32>(local);
  } else {
    place.node = machine.find(address, bytes);
    place.offset = static_cast<u32>(local - kMemoryBase);
  }
  if (place.edge == nullptr && place.node == nullptr) return std::nullopt;
  return place;
}

std::optional<AccessFault> push_fault(Machine& machine, u64 address, u64 control) {
  const u32 bytes = length(control);
  if (bytes == 0 || bytes > kBlock || address % kBlock + bytes > kBlock)
    return AccessFault{Cause::store_misaligned, address};
  const AccessFault outside{Cause::store_fault, address};
  if (!multicast(control) || names_edge(address)) {
    if (find_place(machine, address, bytes, !signals(control) && !multicast(control))) return std::nullopt;
    return outside;
  }
  // Dead nodes of the rectangle are left out, but some node must be alive.
  const GlobalAddress first = split_global(address);
  if (address >> 48 != 0 || !sram_offset(first.local, bytes) || last_x(control) >= machine.width() ||
      last_y(control) >= machine.height() || live_nodes(machine, first, control).empty()) {
    return outside;
  }
  return std::nullopt;
}

std::optional<AccessFault> pull_fault(Machine& machine, u64 from, u64 to) {
  if (from % kBlock != 0) return AccessFault{Cause::load_misaligned, from};
  if (to % kBlock != 0) return AccessFault{Cause::load_misaligned, to};
  if (!find_place(machine, from, kBlock)) return AccessFault{Cause::load_fault, from};
  if (!sram_offset(to, kBlock)) return AccessFault{Cause::load_fault, to};
  return std::nullopt;
}

std::optional<AccessFault> signal_fault(Machine& machine, u64 address) {
  const GlobalAddress global = split_global(address);
  if (machine.live(global.x, global.y)) return std::nullopt;
  return AccessFault{Cause::store_fault, address};
}

std::optional<AccessFault> trigger_fault(Machine& machine, u64 address, u64 control) {
  if (!multicast(control)) return signal_fault(machine, address);
  const bool inside = last_x(control) < machine.width() && last_y(control) < machine.height();
  if (inside && !live_nodes(machine, split_global(address), control).empty()) return std::nullopt;
  return AccessFault{Cause::store_fault, address};
}

void push(Machine& machine, u64 address, u64 control, const std::uint8_t* data) {
  const unsigned counter = control >> 8 & 31;
  if (!multicast(control)) {
    return find_place(machine, address, length(control))->write(data, length(control), signals(control), counter);
  }
  const GlobalAddress first = split_global(address);
  for (Node* const node : live_nodes(machine, first, control)) {
    const Place there{node, nullptr, static_cast<u32>(first.local - kMemoryBase)};
    there.write(data, length(control), signals(control), counter);
  }
}

void pull(Node& node, u64 from, u64 to, bool signals, unsigned counter) {
  std::array<std::uint8_t, kBlock> data;
  find_place(node.machine(), from, kBlock)->read(data.data(), kBlock);
  const Place here{&node, nullptr, *sram_offset(to, kBlock)};
  here.write(data.data(), kBlock, signals, counter);
}

void signal(Machine& machine, u64 address, u32 value) {
  const GlobalAddress global = split_global(address);
  machine.node(global.x, global.y).add_counter(address & 31, value);
}

void trigger_signal(Machine& machine, u64 address, u64 control) {
  if (!multicast(control)) return signal(machine, address, 1);
  for (Node* const node : live_nodes(machine, split_global(address), control)) node->add_counter(address & 31, 1);
}

}  // namespace tatami::golden
