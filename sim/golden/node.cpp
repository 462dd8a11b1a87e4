#include "golden/node.h"

#include <algorithm>
#include <utility>

#include "golden/machine.h"
#include "golden/network_access.h"

namespace tatami::golden {

Node::Node(Machine& machine, unsigned x, unsigned y)
    : harts_{Hart(*this, 0), Hart(*this, 1), Hart(*this, 2), Hart(*this, 3)},
      machine_(machine),
      x_(x),
      y_(y),
      pages_(kMemoryBytes / kPageBytes) {
  static_assert(kMemoryBytes % kPageBytes == 0);
}

void Node::reset(std::uint64_t pc) {
  for (Hart& hart : harts_) hart.reset(pc);
  reservations_.fill(-1);
  counters_.fill(0);
  triggers_.fill({});
}

void Node::clear_memory() {
  sram_.clear();
  for (auto& page : pages_) page.reset();
}

void Node::write(std::uint32_t offset, const void* from, std::uint32_t bytes) {
  if (bytes == 0) return;
  sram_.write(offset, from, bytes);
  forget(offset, bytes);
  const auto first = static_cast<std::int32_t>(offset >> 6);
  const auto last = static_cast<std::int32_t>((offset + bytes - 1) >> 6);
  for (std::int32_t& block : reservations_) {
    if (block >= first && block <= last) block = -1;
  }
}

void Node::forget(std::uint32_t offset, std::uint32_t bytes) {
  const std::uint32_t end = offset + bytes;
  for (std::uint32_t page = offset / kPageBytes; page <= (end - 1) / kPageBytes; ++page) {
    if (!pages_[page]) continue;
    const std::uint32_t base = page * kPageBytes;
    const std::uint32_t from = std::max(offset, base) - base;
    const std::uint32_t to = std::min(end, base + kPageBytes) - base;
    for (std::uint32_t i = from / 4; i < (to + 3) / 4; ++i) (*pages_[page])[i].execute = nullptr;
  }
}

const Decoded& Node::decoded(std::uint32_t offset) {
  std::unique_ptr<Page>& page = pages_[offset / kPageBytes];
  if (!page) [[unlikely]]
    page = std::make_unique<Page>();
  Decoded& entry = (*page)[offset % kPageBytes / 4];
  if (entry.execute == nullptr) [[unlikely]]
    entry = decode(sram_.word(offset));
  return entry;
}

void Node::add_counter(unsigned number, std::uint32_t value) {
  counters_[number] += value;
  wake();
  fire_triggers();
}

void Node::arm(unsigned number, const Trigger& trigger) {
  triggers_[number] = trigger;
  fire_triggers();
}

void Node::fire_triggers() {
  const auto ready = [this](const Trigger& trigger) {
    return trigger.count != 0 && counters_[trigger.counter] - trigger.count < 1U << 31;
  };
  for (;;) {
    const auto trigger = std::ranges::find_if(triggers_, ready);
    if (trigger == triggers_.end()) return;
    // Not armed before its signal adds: that may come back to this node, and to this function.
    const Trigger fired = std::exchange(*trigger, {});
    counters_[fired.counter] -= fired.count;
    wake();
    trigger_signal(machine_, fired.address, fired.control);
  }
}

bool Node::load(unsigned thread, Access& access) {
  if (port_ != nullptr) {
    if (!port_->load(thread, access)) return false;
  } else {
    for (unsigned i = 0; i < access.count; ++i) {
      const Span& span = access.spans[i];
      sram_.read(span.offset, &access.data[span.at], span.bytes);
    }
  }
  if (access.kind == AccessKind::load_reserved) reserve(thread, access.spans[0].offset);
  return true;
}

void Node::store(unsigned thread, const Access& access) {
  if (port_ != nullptr) return port_->store(thread, access);
  const std::uint8_t* from = access.kind == AccessKind::amo ? access.amo_new.data() : access.data.data();
  for (unsigned i = 0; i < access.count; ++i) {
    const Span& span = access.spans[i];
    write(span.offset, from + span.at, span.bytes);
  }
}

std::optional<bool> Node::store_conditional(unsigned thread, const Access& access) {
  std::optional<bool> success = reserved(thread, access.spans[0].offset);
  if (port_ != nullptr) {
    success = port_->store_conditional(thread, access);
  } else if (*success) {
    store(thread, access);
  }
  if (success) end_reservation(thread);
  return success;
}

std::uint64_t Node::cycles() const {
  std::uint64_t sum = 0;
  for (const Hart& hart : harts_) sum += hart.retired();
  return sum;
}

}  // namespace tatami::golden
