// Lockstep of memory: what golden loads, stores and orders, and the RTL's accesses to the SRAM that these must match.
#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "debug/format.h"
#include "debug/lockstep.h"

namespace tatami::debug {

using golden::AccessKind;

// ---- What the golden hart asks for ----

bool Lockstep::load(unsigned thread, golden::Access& access) {
  Thread& t = threads_[thread];
  if (access.count == 0) return true;
  if (t.load_ready) {
    access.data = t.operations.back().access().data;
    return true;
  }
  if (!t.waits_for_load && !current_->commit.trap) {
    t.operations.emplace_back(access, origin_of(*current_));
    t.waits_for_load = true;
  }
  return false;
}

void Lockstep::store(unsigned thread, const golden::Access& access) {
  if (access.kind == AccessKind::amo) {
    check_atomic_data(thread, access.amo_new.data(), access.spans[0].bytes);
  } else if (access.count != 0) {
    threads_[thread].operations.emplace_back(access, origin_of(*current_));
  }
}

std::optional<bool> Lockstep::store_conditional(unsigned thread, const golden::Access& access) {
  Thread& t = threads_[thread];
  if (!node_.reserved(thread, access.spans[0].offset)) return false;
  if (t.performing != nullptr) {
    check_atomic_data(thread, access.data.data(), access.spans[0].bytes);
    return true;
  }
  if (!t.waits_for_load && !current_->commit.trap) {
    t.operations.emplace_back(access, origin_of(*current_));
    t.waits_for_load = true;
  }
  return std::nullopt;
}

// Compares what the RTL writes for an AMO or SC, and performs it.
bool Lockstep::check_atomic_data(unsigned thread, const std::uint8_t* data, unsigned bytes) {
  const MemoryEvent& event = *threads_[thread].performing;
  const auto shift = static_cast<unsigned>(std::countr_zero(event.mask));
  std::uint64_t expected = 0;
  std::memcpy(&expected, data, bytes);
  expected <<= 8 * shift;
  if ((expected ^ event.data) & byte_bits(event.mask)) {
    diverge(thread, origin_of(*current_), "memory " + place(event.word, event.mask), hex(expected),
            hex(event.data & byte_bits(event.mask)));
    return false;
  }
  write_word(event.word, event.mask, event.data);
  compared_.store_bytes += bytes;
  return true;
}

// ---- Fences ----

void Lockstep::check_fence(unsigned thread, const Pending& pending) {
  const bool waits =
      record_.op == isa::Op::fence_ || record_.op == isa::Op::fence_i_ || record_.op == isa::Op::dn_list_;
  if (!waits || record_.status != golden::Status::retired) return;
  Thread& t = threads_[thread];
  if (record_.op == isa::Op::fence_i_) t.fence_i = writes_;
  for (MemoryOperation& operation : t.operations)
    operation.fence_cycle = std::min(operation.fence_cycle, pending.cycle);
  if (t.last_access > pending.cycle) {
    diverge(thread, origin_of(pending), "order", "all earlier memory accesses performed before the fence commits",
            "one was performed in cycle " + std::to_string(t.last_access));
  }
}

// ---- What the SRAM performs ----

std::uint64_t Lockstep::read_word(std::uint32_t word) const {
  std::uint64_t value = 0;
  node_.sram().read(word * 8, &value, 8);
  return value;
}

void Lockstep::write_word(std::uint32_t word, std::uint8_t mask, std::uint64_t data) {
  if (mask == 0) return;
  const std::uint64_t bits = byte_bits(mask);
  const std::uint64_t value = (read_word(word) & ~bits) | (data & bits);
  node_.write(word * 8, &value, 8);
  line_written_[word / 8] = ++writes_;
}

void Lockstep::external_write(std::uint32_t word, std::uint8_t mask, std::uint64_t data) {
  if (diverged()) return;
  ++compared_.external;
  write_word(word, mask, data);
  retry_conditionals();
}

void Lockstep::mem_event(unsigned thread, std::uint32_t word, std::uint8_t mask, bool is_write, std::uint64_t data) {
  if (diverged()) return;
  Thread& t = threads_[thread];
  const MemoryEvent event{word, mask, is_write, data};
  if (t.operations.empty()) {
    const Origin origin = t.history.empty() ? Origin{} : t.history.back();
    return diverge(thread, origin, "memory access after this instruction", "none", event_text(event));
  }
  t.last_access = cycle_;
  MemoryOperation& operation = t.operations.front();
  if (cycle_ > operation.fence_cycle) {
    return diverge(thread, operation.origin(), "order",
                   "performed before the fence that committed in cycle " + std::to_string(operation.fence_cycle),
                   event_text(event));
  }
  const AccessKind kind = operation.access().kind;
  if (kind == AccessKind::amo || kind == AccessKind::store_conditional) {
    perform_atomic(thread, operation, event);
  } else {
    perform(thread, operation, event);
  }
  if (is_write) retry_conditionals();
}

void Lockstep::perform(unsigned thread, MemoryOperation& operation, const MemoryEvent& event) {
  Thread& t = threads_[thread];
  std::uint64_t expected_data = 0;
  const bool covered = event.is_write && operation.access().kind == AccessKind::store &&
                       operation.expected_data(event.word, event.mask, expected_data);
  if (!operation.take(event, read_word(event.word))) {
    if (covered && ((expected_data ^ event.data) & byte_bits(event.mask)) != 0) {
      return diverge(thread, operation.origin(), "memory " + place(event.word, event.mask), hex(expected_data),
                     hex(event.data & byte_bits(event.mask)));
    }
    return diverge(thread, operation.origin(), covered ? "order of overlapping rows" : "memory access",
                   std::string(operation.access().writes() ? "write " : "read ") + operation.remaining(),
                   event_text(event));
  }
  const auto bytes = static_cast<unsigned>(std::popcount(event.mask));
  if (event.is_write) {
    compared_.store_bytes += bytes;
    write_word(event.word, event.mask, event.data);
    if (operation.done()) t.operations.pop_front();
  } else {
    compared_.load_bytes += bytes;
    if (!operation.done()) return;
    t.load_ready = true;
    advance(thread);
  }
}

// AMO: a read and then a write of an unchanged word, or the write alone. SC: the write, if it succeeds.
void Lockstep::perform_atomic(unsigned thread, MemoryOperation& operation, const MemoryEvent& event) {
  Thread& t = threads_[thread];
  golden::Access& access = operation.access();
  const golden::Span& span = access.spans[0];
  const auto mask = static_cast<std::uint8_t>(((1U << span.bytes) - 1) << span.offset % 8);
  const bool amo = access.kind == AccessKind::amo;
  if (event.word != span.offset / 8 || event.mask != mask || (!event.is_write && (!amo || t.amo_read))) {
    return diverge(thread, operation.origin(), "memory access",
                   (amo && !t.amo_read ? "read or write " : "write ") + place(span.offset / 8, mask),
                   event_text(event));
  }
  std::array<std::uint8_t, 8> memory{};
  node_.sram().read(span.offset, memory.data(), span.bytes);
  if (t.amo_read && !std::equal(memory.begin(), memory.begin() + span.bytes, access.data.begin())) {
    return diverge(thread, operation.origin(), "atomicity", "no write between the read and the write of the AMO",
                   "the word changed from " + bytes_text(access.data.data(), span.bytes) + " to " +
                       bytes_text(memory.data(), span.bytes));
  }
  if (amo) {
    std::copy_n(memory.begin(), span.bytes, access.data.begin());
    if (!t.amo_read) compared_.load_bytes += span.bytes;
  }
  if (!event.is_write) {
    t.amo_read = true;
    return;
  }
  t.load_ready = amo;
  t.performing = &event;
  if (!t.queue.empty() && execute(thread, t.queue.front())) t.queue.pop_front();
  t.performing = nullptr;
  advance(thread);
}

// An SC whose reservation has ended fails without an access of its own.
void Lockstep::retry_conditionals() {
  for (unsigned thread = 0; thread < threads_.size() && !diverged(); ++thread) {
    Thread& t = threads_[thread];
    if (!t.waits_for_load || t.operations.back().access().kind != AccessKind::store_conditional) continue;
    if (!node_.reserved(thread, t.operations.back().access().spans[0].offset)) advance(thread);
  }
}

}  // namespace tatami::debug
