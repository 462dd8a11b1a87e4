// Network, counters and barriers (docs/isa.md, section 8). In this model the network acts at once.
#include <optional>
#include <vector>

#include "golden/execute.h"
#include "golden/machine.h"

namespace tatami::golden {
namespace {

using isa::Op;
using u64 = std::uint64_t;
using u32 = std::uint32_t;

// In lockstep what the network does comes from outside; the instruction only checks its operands.
bool isolated(Hart& h) { return h.node().external() != nullptr; }

// What a global address names: bytes of a node's SRAM, or of edge memory.
struct Place {
  Node* node = nullptr;
  SparseMemory* edge = nullptr;
  u32 offset = 0;

  void read(void* to, u32 bytes) const {
    if (edge != nullptr) return edge->read(offset, to, bytes);
    node->sram().read(offset, to, bytes);
  }
  // A packet's write; a node's counter follows it.
  void write(const void* from, u32 bytes, bool signals = false, unsigned counter = 0) const {
    if (edge != nullptr) return edge->write(offset, from, bytes);
    node->write(offset, from, bytes);
    node->wake();
    if (signals) node->add_counter(counter, 1);
  }
};

// `bytes` bytes at a global address; traps if there are none, or if they are edge memory and must not be.
std::optional<Place> destination(Hart& h, Record& r, u64 address, u32 bytes, bool may_be_edge = true,
                                 Cause fault = Cause::store_fault) {
  Machine& machine = h.node().machine();
  Place place;
  const u64 local = split_global(address).local;
  if (names_edge(address)) {
    place.edge = may_be_edge ? machine.find_edge(address) : nullptr;
    place.offset = static_cast<u32>(local);
  } else {
    place.node = machine.find(address, bytes);
    place.offset = static_cast<u32>(local - kMemoryBase);
  }
  if (place.edge != nullptr || place.node != nullptr) return place;
  h.trap(r, fault, address);
  return std::nullopt;
}

void push(Hart& h, const Decoded& d, Record& r) {
  const u64 address = h.x(d.rs1), control = h.x(d.rs2);
  const auto bytes = static_cast<u32>(control & 127);
  if (bytes == 0 || bytes > 64 || address % 64 + bytes > 64) return h.trap(r, Cause::store_misaligned, address);
  const bool signals = (control >> 15 & 1) != 0, multicast = (control >> 16 & 1) != 0;
  if (!multicast || names_edge(address)) {
    const auto place = destination(h, r, address, bytes, !signals && !multicast);
    if (place && !isolated(h)) place->write(h.v(d.rd).bytes(), bytes, signals, control >> 8 & 31);
    return;
  }
  // The live nodes of a rectangle whose first corner the address names.
  const GlobalAddress first = split_global(address);
  const auto last_x = static_cast<unsigned>(control >> 24 & 255), last_y = static_cast<unsigned>(control >> 32 & 255);
  Machine& machine = h.node().machine();
  if (address >> 48 != 0 || !sram_offset(first.local, bytes) || last_x >= machine.width() || last_y >= machine.height())
    return h.trap(r, Cause::store_fault, address);
  std::vector<Node*> nodes;
  for (unsigned y = first.y; y <= last_y; ++y) {
    for (unsigned x = first.x; x <= last_x; ++x) {
      if (machine.live(x, y)) nodes.push_back(&machine.node(x, y));
    }
  }
  if (nodes.empty()) return h.trap(r, Cause::store_fault, address);
  if (isolated(h)) return;
  for (Node* const node : nodes) {
    const Place there{node, nullptr, static_cast<u32>(first.local - kMemoryBase)};
    there.write(h.v(d.rd).bytes(), bytes, signals, control >> 8 & 31);
  }
}

template <typename T>
void put(Hart& h, const Decoded& d, Record& r) {
  const u64 address = h.x(d.rs1);
  if (address % sizeof(T) != 0) return h.trap(r, Cause::store_misaligned, address);
  const bool signals = isa::field_sig(d.insn) != 0;
  const auto place = destination(h, r, address, sizeof(T), !signals);
  if (!place || isolated(h)) return;
  const auto value = static_cast<T>(h.x(d.rs2));
  place->write(&value, sizeof value, signals, isa::field_ctr(d.insn));
}

void pull(Hart& h, const Decoded& d, Record& r) {
  constexpr u32 kBlock = 64;
  const u64 from = h.x(d.rs1), to = h.x(d.rs2);
  if (from % kBlock != 0) return h.trap(r, Cause::load_misaligned, from);
  if (to % kBlock != 0) return h.trap(r, Cause::load_misaligned, to);
  const auto place = destination(h, r, from, kBlock, true, Cause::load_fault);
  if (!place) return;
  const auto offset = sram_offset(to, kBlock);
  if (!offset) return h.trap(r, Cause::load_fault, to);
  if (isolated(h)) return;
  std::array<std::uint8_t, kBlock> data;
  place->read(data.data(), kBlock);
  const Place here{&h.node(), nullptr, *offset};
  here.write(data.data(), kBlock, isa::field_sig(d.insn) != 0, isa::field_ctr(d.insn));
}

template <bool CompareAndSwap>
void atomic(Hart& h, const Decoded& d, Record& r) {
  const u64 address = h.x(d.rs1);
  if (address % 8 != 0) return h.trap(r, Cause::store_misaligned, address);
  const auto place = destination(h, r, address, 8);
  if (!place) return;
  u64 old = 0;
  if (isolated(h)) {
    old = h.node().external()->network_result(h.thread(), d.op);
  } else {
    place->read(&old, 8);
    const u64 value = CompareAndSwap ? h.x(d.rs2) : old + h.x(d.rs2);
    if (!CompareAndSwap || old == h.x(d.rd)) place->write(&value, 8);
    if (place->node != nullptr) place->node->wake();
  }
  h.write_x(r, d.rd, old);
  r.gpr_external = r.gpr >= 0;
}

void signal(Hart& h, const Decoded& d, Record& r) {
  const u64 address = h.x(d.rs1);
  const GlobalAddress global = split_global(address);
  Machine& machine = h.node().machine();
  if (!machine.live(global.x, global.y)) return h.trap(r, Cause::store_fault, address);
  if (isolated(h)) return;
  machine.node(global.x, global.y).add_counter(address & 31, static_cast<u32>(h.x(d.rs2)));
}

void counter_read(Hart& h, const Decoded& d, Record& r) {
  const u64 value =
      isolated(h) ? h.node().external()->network_result(h.thread(), d.op) : h.node().counter(isa::field_ctr(d.insn));
  h.write_x(r, d.rd, value);
  r.gpr_external = r.gpr >= 0;
}

void counter_add(Hart& h, const Decoded& d, Record&) {
  if (!isolated(h)) h.node().add_counter(isa::field_ctr(d.insn), static_cast<u32>(h.x(d.rs1)));
}

template <bool Take>
void counter_wait(Hart& h, const Decoded& d, Record& r) {
  if (isolated(h)) return;
  Node& node = h.node();
  const unsigned counter = isa::field_ctr(d.insn);
  const auto target = static_cast<u32>(h.x(d.rs1));
  if (node.counter(counter) - target >= 1U << 31) {
    r.status = Status::asleep;
  } else if (Take) {
    node.add_counter(counter, 0U - target);
  }
}

void barrier(Hart& h, const Decoded& d, Record& r) {
  const auto mask = static_cast<std::uint8_t>(isa::field_bmask(d.insn));
  if ((mask >> h.thread() & 1) == 0) return h.illegal(r);
  if (isolated(h)) return;
  if (!h.barrier_passed) {
    h.barrier = mask;
    for (unsigned t = 0; t < kThreads; ++t) {
      if ((mask >> t & 1) != 0 && h.node().hart(t).barrier != mask) {
        r.status = Status::asleep;
        return;
      }
    }
    for (unsigned t = 0; t < kThreads; ++t) {
      if ((mask >> t & 1) == 0) continue;
      h.node().hart(t).barrier = 0;
      h.node().hart(t).barrier_passed = true;
    }
  }
  h.barrier_passed = false;
}

}  // namespace

Handler network_handler(Op op) {
  switch (op) {
    case Op::dn_push_: return push;
    case Op::dn_put_w_: return put<u32>;
    case Op::dn_put_d_: return put<u64>;
    case Op::dn_pull_: return pull;
    case Op::dn_amoadd_d_: return atomic<false>;
    case Op::dn_cas_d_: return atomic<true>;
    case Op::dn_sig_: return signal;
    case Op::dn_ctr_rd_: return counter_read;
    case Op::dn_ctr_add_: return counter_add;
    case Op::dn_ctr_wait_: return counter_wait<false>;
    case Op::dn_ctr_take_: return counter_wait<true>;
    case Op::dn_bar_: return barrier;
    default: return nullptr;
  }
}

}  // namespace tatami::golden
