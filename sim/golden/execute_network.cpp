// Network, counters and barriers (docs/isa.md, section 8). In this model the network acts at once.
#include "golden/execute.h"
#include "golden/machine.h"

namespace tatami::golden {
namespace {

using isa::Op;
using u64 = std::uint64_t;
using u32 = std::uint32_t;

// In lockstep what the network does comes from outside; the instruction only checks its operands.
bool isolated(Hart& h) { return h.node().external() != nullptr; }

// The node that holds `bytes` bytes at a global address; traps if there is none.
Node* destination(Hart& h, Record& r, u64 address, u32 bytes, Cause fault = Cause::store_fault) {
  Node* node = h.node().machine().find(address, bytes);
  if (node == nullptr) h.trap(r, fault, address);
  return node;
}

u32 local_offset(u64 address) { return static_cast<u32>(split_global(address).local - kMemoryBase); }

void arrive(Node& node, bool signals, unsigned counter) {
  node.wake();
  if (signals) node.add_counter(counter, 1);
}

void push(Hart& h, const Decoded& d, Record& r) {
  const u64 address = h.x(d.rs1), control = h.x(d.rs2);
  const auto bytes = static_cast<u32>(control & 127);
  if (bytes == 0 || bytes > 64 || address % 64 + bytes > 64) return h.trap(r, Cause::store_misaligned, address);
  if (destination(h, r, address, bytes) == nullptr) return;
  // One node, or all of a rectangle whose first corner the address names.
  const GlobalAddress first = split_global(address);
  const bool multicast = (control >> 16 & 1) != 0;
  const auto last_x = multicast ? static_cast<unsigned>(control >> 24 & 255) : first.x;
  const auto last_y = multicast ? static_cast<unsigned>(control >> 32 & 255) : first.y;
  Machine& machine = h.node().machine();
  if (last_x < first.x || last_x >= machine.width() || last_y < first.y || last_y >= machine.height() ||
      (multicast && machine.has_dead())) {
    return h.trap(r, Cause::store_fault, address);
  }
  if (isolated(h)) return;
  for (unsigned y = first.y; y <= last_y; ++y) {
    for (unsigned x = first.x; x <= last_x; ++x) {
      Node& node = machine.node(x, y);
      node.write(local_offset(address), h.v(d.rd).bytes(), bytes);
      arrive(node, control >> 15 & 1, control >> 8 & 31);
    }
  }
}

template <typename T>
void put(Hart& h, const Decoded& d, Record& r) {
  const u64 address = h.x(d.rs1);
  if (address % sizeof(T) != 0) return h.trap(r, Cause::store_misaligned, address);
  Node* node = destination(h, r, address, sizeof(T));
  if (node == nullptr || isolated(h)) return;
  const auto value = static_cast<T>(h.x(d.rs2));
  node->write(local_offset(address), &value, sizeof value);
  arrive(*node, isa::field_sig(d.insn) != 0, isa::field_ctr(d.insn));
}

void pull(Hart& h, const Decoded& d, Record& r) {
  constexpr u32 kBlock = 64;
  const u64 from = h.x(d.rs1), to = h.x(d.rs2);
  if (from % kBlock != 0) return h.trap(r, Cause::load_misaligned, from);
  if (to % kBlock != 0) return h.trap(r, Cause::load_misaligned, to);
  Node* node = destination(h, r, from, kBlock, Cause::load_fault);
  if (node == nullptr) return;
  const auto offset = sram_offset(to, kBlock);
  if (!offset) return h.trap(r, Cause::load_fault, to);
  if (isolated(h)) return;
  std::array<std::uint8_t, kBlock> data;
  node->sram().read(local_offset(from), data.data(), kBlock);
  h.node().write(*offset, data.data(), kBlock);
  arrive(h.node(), isa::field_sig(d.insn) != 0, isa::field_ctr(d.insn));
}

template <bool CompareAndSwap>
void atomic(Hart& h, const Decoded& d, Record& r) {
  const u64 address = h.x(d.rs1);
  if (address % 8 != 0) return h.trap(r, Cause::store_misaligned, address);
  Node* node = destination(h, r, address, 8);
  if (node == nullptr) return;
  u64 old = 0;
  if (isolated(h)) {
    old = h.node().external()->network_result(h.thread(), d.op);
  } else {
    node->sram().read(local_offset(address), &old, 8);
    const u64 value = CompareAndSwap ? h.x(d.rs2) : old + h.x(d.rs2);
    if (!CompareAndSwap || old == h.x(d.rd)) node->write(local_offset(address), &value, 8);
    node->wake();
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
