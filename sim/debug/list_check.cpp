#include "debug/list_check.h"

#include <algorithm>
#include <utility>

#include "debug/format.h"
#include "golden/machine.h"

namespace tatami::debug {
namespace {

using golden::Transfer;
using golden::TransferPacket;
using Kind = TransferPacket::Kind;
using u64 = std::uint64_t;

constexpr unsigned kBlockWords = 8, kDescriptorWords = Transfer::kBytes / 8;
constexpr unsigned kTimeWord = 3;  // bits 111:96 of the header

std::string text(const TransferPacket& packet) {
  switch (packet.kind) {
    case Kind::push: return "push of " + hex(packet.local) + " to " + hex(packet.global);
    case Kind::pull: return "pull of " + hex(packet.global) + " to " + hex(packet.local);
    case Kind::signal: return "signal to " + hex(packet.global);
  }
  return {};
}

/// Where descriptor `index` of a list begins.
template <typename List>
std::uint32_t descriptor_word(const List& list, unsigned index) {
  return static_cast<std::uint32_t>((list.list.address - golden::kMemoryBase + u64{Transfer::kBytes} * index) / 8);
}

std::string word_text(std::uint32_t word) { return "read of " + hex(golden::kMemoryBase + u64{8} * word); }

// Fields of a flit, docs/network.md, section 2.
template <typename Flit>
void put(Flit& flit, unsigned low, u64 value) {
  const u64 shifted = value << low % 32;
  flit[low / 32] |= static_cast<std::uint32_t>(shifted);
  flit[low / 32 + 1] |= static_cast<std::uint32_t>(shifted >> 32);
}

}  // namespace

void ListCheck::reset() {
  lists_.clear();
  expected_.clear();
  block_ = descriptor_ = {};
  vain_ = {};
  errors_ = {};
  reads_after_error_ = 0;
  packets_ = 0;
}

void ListCheck::start(unsigned thread, const golden::TransferList& list, const Origin& origin) {
  lists_.push_back({thread, list, origin});
}

// The list under way, with its next packet if that is known; nullptr for none. Lists that have ended are gone, but for
// those whose signal has not been seen.
ListCheck::List* ListCheck::current() {
  while (!lists_.empty()) {
    List& list = lists_.front();
    if (list.transfer && !list.next && list.transfer->done()) {
      list.transfer.reset();
      ++list.index;
    }
    if (!list.transfer && list.ahead) {
      list.transfer = std::exchange(list.ahead, std::nullopt);
      if (list.transfer->malformed()) {
        fail(Transfer::kMalformed);
        continue;
      }
    }
    if (list.transfer && !list.next) list.next = list.transfer->next();
    if (list.next) {
      // A push that cannot be sent is still read, if it can be.
      const auto cause = list.next->fault(node_.machine());
      const bool readable = list.next->kind == Kind::push && list.next->local % 64 == 0 &&
                            golden::sram_offset(list.next->local, 64).has_value();
      if (!cause || readable) return &list;
      fail(static_cast<unsigned>(*cause));
      continue;
    }
    if (!finished(list) || list.list.signals) return &list;
    lists_.pop_front();
  }
  return nullptr;
}

void ListCheck::fail(unsigned reason) {
  const List& list = lists_.front();
  errors_[list.thread].list.push_back(list.list.address + u64{Transfer::kBytes} * list.index + reason);
  // The next one may be read ahead; and one more in the cycle in which the RTL sees that a packet is wrong.
  const unsigned left = list.list.count - list.index - 1;
  vain_ = {descriptor_word(list, list.index + 1), kDescriptorWords * std::min(left, 2U)};
  descriptor_ = {};
  lists_.pop_front();
}

ListCheck::Difference ListCheck::differ(const List& list, std::string what, std::string expected, std::string got) {
  return {list.thread, list.origin, std::move(what), std::move(expected), std::move(got)};
}

// The next descriptor is read ahead, also if a packet before it then fails.
ListCheck::Outcome ListCheck::read(std::uint32_t word, bool of_descriptor, std::uint64_t cycle) {
  if (cycle <= reads_after_error_) return {};
  return of_descriptor ? read_descriptor(word) : read_block(word, cycle);
}

// Reads a word into what is captured. False if it is none of its words, or has been read before.
bool ListCheck::capture(Capture& into, std::uint32_t word) {
  const unsigned lane = word - into.first;
  if (word < into.first || lane >= into.words || (into.seen >> lane & 1) != 0) return false;
  node_.sram().read(word * 8, &into.data[lane], 8);
  into.seen |= 1U << lane;
  return true;
}

ListCheck::Outcome ListCheck::read_descriptor(std::uint32_t word) {
  List* const list = current();
  if (word - vain_.first < vain_.words) return {};
  if (list == nullptr) return Difference{0, {}, "list of transfers", "nothing to do", word_text(word)};
  const unsigned index = list->index + (list->transfer ? 1 : 0);
  if (index >= list->list.count || list->ahead)
    return differ(*list, "list of transfers", "no further descriptor", word_text(word));
  if (descriptor_.words == 0) descriptor_ = {descriptor_word(*list, index), kDescriptorWords};
  if (!capture(descriptor_, word))
    return differ(*list, "list of transfers", "each word of descriptor " + std::to_string(index) + ", once",
                  word_text(word));
  if (descriptor_.seen != (1U << descriptor_.words) - 1) return {};
  const Capture done = std::exchange(descriptor_, {});
  list->ahead.emplace(std::array<u64, 4>{done.data[0], done.data[1], done.data[2], done.data[3]});
  return {};
}

ListCheck::Outcome ListCheck::read_block(std::uint32_t word, std::uint64_t cycle) {
  List* const list = current();
  if (list == nullptr) return Difference{0, {}, "list of transfers", "nothing to do", word_text(word)};
  if (!list->next) {
    return differ(*list, "list of transfers", finished(*list) ? "its signal" : "read of a descriptor", word_text(word));
  }
  if (list->next->kind != Kind::push) return differ(*list, "list of transfers", text(*list->next), word_text(word));
  if (block_.words == 0) block_ = {*golden::sram_offset(list->next->local, 64) / 8, kBlockWords};
  if (!capture(block_, word)) {
    return differ(*list, "list of transfers", "reads of the words of the " + text(*list->next) + ", each once",
                  word_text(word));
  }
  if (block_.seen != (1U << block_.words) - 1) return {};
  const Capture done = std::exchange(block_, {});
  if (const auto cause = list->next->fault(node_.machine())) {
    fail(static_cast<unsigned>(*cause));
    reads_after_error_ = cycle + 1;
    return {};
  }
  expected_.push_back({*list->next, done.data, list->thread, list->origin});
  list->next.reset();
  return {};
}

std::array<std::uint32_t, ListCheck::kFlitWords> ListCheck::expected_flit(const Expected& expected) const {
  const TransferPacket& packet = expected.packet;
  std::array<std::uint32_t, kFlitWords> flit{};
  put(flit, 0, packet.global >> 32 & 255);
  put(flit, 8, packet.global >> 40 & 255);
  put(flit, 16, node_.x());
  put(flit, 24, node_.y());
  put(flit, 92, 1);
  const bool edge = packet.kind != Kind::signal && golden::names_edge(packet.global);
  if (packet.kind != Kind::signal) put(flit, 64, (packet.global - (edge ? 0 : golden::kMemoryBase)) & 0x1F'FFFF);
  if (edge) {
    put(flit, 91, 1);
    put(flit, 112, packet.global >> 49 & 3);
    put(flit, 114, packet.global >> 21 & 0x7FF);
  }
  switch (packet.kind) {
    case Kind::push:
      put(flit, 43, packet.control >> 15 & 1);
      put(flit, 44, packet.control >> 8 & 31);
      put(flit, 49, 64);
      if ((packet.control >> 16 & 1) != 0) {
        put(flit, 90, 1);
        put(flit, 112, packet.control >> 24 & 255);
        put(flit, 120, packet.control >> 32 & 255);
      }
      for (unsigned i = 0; i < kBlockWords; ++i) {
        flit[4 + 2 * i] = static_cast<std::uint32_t>(expected.data[i]);
        flit[5 + 2 * i] = static_cast<std::uint32_t>(expected.data[i] >> 32);
      }
      break;
    case Kind::pull:
      put(flit, 32, 1);
      put(flit, 43, packet.signals);
      put(flit, 44, packet.counter);
      flit[4] = static_cast<std::uint32_t>((packet.local - golden::kMemoryBase) & 0x1F'FFFF);
      break;
    case Kind::signal:
      put(flit, 32, 4);
      put(flit, 43, 1);
      put(flit, 44, packet.global & 31);
      flit[4] = static_cast<std::uint32_t>(packet.local);
      break;
  }
  return flit;
}

ListCheck::Outcome ListCheck::packet(Flit flit) {
  ++packets_;
  Expected expected;
  if (!expected_.empty()) {
    expected = expected_.front();
    expected_.pop_front();
  } else {
    List* const list = current();
    if (list == nullptr) return Difference{0, {}, "list of transfers", "nothing to do", "a packet"};
    expected.thread = list->thread;
    expected.origin = list->origin;
    if (finished(*list)) {
      expected.packet.kind = Kind::signal;
      expected.packet.global = u64{node_.y()} << 40 | u64{node_.x()} << 32 | list->list.counter;
      expected.packet.local = 1;
      lists_.pop_front();
    } else if (list->next && list->next->kind != Kind::push) {
      expected.packet = *list->next;
      list->next.reset();
    } else {
      return differ(*list, "list of transfers",
                    list->next ? "read for the " + text(*list->next) : "read of a descriptor", "a packet");
    }
  }
  const auto want = expected_flit(expected);
  for (unsigned i = 0; i < kFlitWords; ++i) {
    const std::uint32_t got = i == kTimeWord ? flit[i] & 0xFFFF'0000 : flit[i];
    if (got == want[i]) continue;
    return Difference{expected.thread, expected.origin,
                      text(expected.packet) + " by a list, bits " + std::to_string(32 * i + 31) + ":" +
                          std::to_string(32 * i) + " of its flit",
                      hex(want[i]), hex(got)};
  }
  return {};
}

std::uint64_t ListCheck::told(unsigned thread, std::uint64_t tval) {
  current();  // the next packet may be the one that cannot be sent
  Errors& errors = errors_[thread];
  if (errors.may_be_lost && std::ranges::find(errors.list, tval) != errors.list.end()) {
    while (errors.list.front() != tval) errors.list.pop_front();
  }
  if (errors.list.empty()) return 0;
  const u64 right = errors.list.front();
  errors.list.pop_front();
  errors.may_be_lost = !errors.list.empty();
  return right;
}

ListCheck::Outcome ListCheck::finish() {
  if (!expected_.empty()) {
    const Expected& lost = expected_.front();
    return Difference{lost.thread, lost.origin, "list of transfers", text(lost.packet), "none"};
  }
  if (const List* const list = current()) return differ(*list, "list of transfers", "finished", "not finished");
  for (unsigned thread = 0; thread < errors_.size(); ++thread) {
    const Errors& errors = errors_[thread];
    if (errors.list.empty() || errors.may_be_lost) continue;
    return Difference{thread, {}, "failed list", "a trap with mtval " + hex(errors.list.front()), "none"};
  }
  return {};
}

}  // namespace tatami::debug
