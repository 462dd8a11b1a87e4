// Network, counters and barriers (docs/isa.md, section 8). In this model the network acts at once.
#include <optional>
#include <vector>

#include "golden/execute.h"
#include "golden/machine.h"
#include "golden/network_access.h"
#include "golden/transfer.h"

namespace tatami::golden {
namespace {

using isa::Op;
using u64 = std::uint64_t;
using u32 = std::uint32_t;

// In lockstep what the network does comes from outside; the instruction only checks its operands.
bool isolated(Hart& h) { return h.node().external() != nullptr; }

// The place of `bytes` bytes at a global address; traps if there is none.
std::optional<Place> destination(Hart& h, Record& r, u64 address, u32 bytes, bool may_be_edge = true) {
  const auto place = find_place(h.node().machine(), address, bytes, may_be_edge);
  if (!place) h.trap(r, Cause::store_fault, address);
  return place;
}

// Traps if there is a fault. True if the instruction has nothing more to do in this model.
bool checked(Hart& h, Record& r, const std::optional<AccessFault>& fault) {
  if (fault) h.trap(r, fault->cause, fault->tval);
  return fault || isolated(h);
}

void push(Hart& h, const Decoded& d, Record& r) {
  const u64 address = h.x(d.rs1), control = h.x(d.rs2);
  Machine& machine = h.node().machine();
  if (!checked(h, r, push_fault(machine, address, control))) push(machine, address, control, h.v(d.rd).bytes());
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
  const u64 from = h.x(d.rs1), to = h.x(d.rs2);
  if (checked(h, r, pull_fault(h.node().machine(), from, to))) return;
  pull(h.node(), from, to, isa::field_sig(d.insn) != 0, isa::field_ctr(d.insn));
}

// In lockstep what lists move comes from outside, as all that the network does, and so do their errors.
void list(Hart& h, const Decoded& d, Record& r) {
  if (h.told_of_list(r)) return;
  const TransferList transfers(h.x(d.rs1), h.x(d.rs2));
  if (const auto fault = transfers.fault()) return h.trap(r, fault->cause, fault->tval);
  if (isolated(h)) return h.node().external()->list_started(h.thread(), transfers);
  if (const u64 error = run_list(h.node(), transfers); error != 0) h.list_error = error;
}

// When triggers fire comes from outside in lockstep, as all counters do.
void arm(Hart& h, const Decoded& d, Record& r) {
  const u64 address = h.x(d.rs1), control = h.x(d.rs2);
  const auto count = static_cast<u32>(control & 0xFFFF);
  const std::optional<AccessFault> none;
  if (checked(h, r, count == 0 ? none : trigger_fault(h.node().machine(), address, control))) return;
  h.node().arm(isa::field_trg(d.insn), {count, isa::field_ctr(d.insn), address, control});
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
  Machine& machine = h.node().machine();
  if (!checked(h, r, signal_fault(machine, h.x(d.rs1)))) signal(machine, h.x(d.rs1), static_cast<u32>(h.x(d.rs2)));
}

void counter_read(Hart& h, const Decoded& d, Record& r) {
  if (h.told_of_list(r)) return;
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
  if (h.told_of_list(r)) return;
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
  if (h.told_of_list(r)) return;
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
    case Op::dn_list_: return list;
    case Op::dn_arm_: return arm;
    default: return nullptr;
  }
}

}  // namespace tatami::golden
