#include "noc/ledger.h"

#include <fmt/format.h>

#include <algorithm>

namespace tatami::noc {
namespace {

// The payload: source and destination, sequence number, cycle of creation, then words that both ends compute from
// these.
constexpr unsigned kEndsWord = kPayloadWord, kSequenceWord = kPayloadWord + 1, kCreatedWord = kPayloadWord + 2;
constexpr unsigned kFirstFill = kPayloadWord + 3;

/// A word of the filling: every bit depends on every bit of its key (the finalizer of MurmurHash3).
std::uint32_t mix(std::uint32_t key) {
  key = (key ^ key >> 16) * 0x85ebca6bu;
  key = (key ^ key >> 13) * 0xc2b2ae35u;
  return key ^ key >> 16;
}

std::uint32_t key_of(const Flit& flit) {
  return mix(mix(flit.words[kEndsWord]) + mix(flit.words[kSequenceWord] + mix(flit.words[kCreatedWord])));
}

std::uint32_t filling(std::uint32_t key, unsigned word) { return mix(key + 0x9e3779b9u * word); }

void fill(Flit& flit) {
  const std::uint32_t key = key_of(flit);
  for (unsigned word = kFirstFill; word < flit.words.size(); ++word) flit.words[word] = filling(key, word);
}

}  // namespace

Ledger::Ledger(fabric::Shape shape, const fabric::Routes* routes)
    : shape_(shape),
      routes_(routes),
      multicasts_(shape.nodes()),
      multicasts_sent_(shape.nodes()),
      flows_(std::size_t{shape.nodes()} * shape.nodes()) {}

std::string Ledger::name(std::uint32_t sequence, unsigned source) const {
  const fabric::Place from = shape_.place(source);
  return fmt::format("multicast {} from ({},{})", sequence, from.x, from.y);
}

std::vector<unsigned> Ledger::members(fabric::Place first, fabric::Place last) const {
  std::vector<unsigned> nodes;
  for (unsigned y = first.y; y <= last.y; ++y) {
    for (unsigned x = first.x; x <= last.x; ++x) {
      const unsigned node = shape_.index({x, y});
      if (routes_ == nullptr || routes_->alive(node)) nodes.push_back(node);
    }
  }
  return nodes;
}

Flit Ledger::send_multicast(unsigned source, fabric::Place first, fabric::Place last, std::uint64_t created,
                            std::uint64_t time) {
  Flit flit;
  const fabric::Place from = shape_.place(source);
  set(flit, kDstX, first.x);
  set(flit, kDstY, first.y);
  set(flit, kLastX, last.x);
  set(flit, kLastY, last.y);
  set(flit, kSrcX, from.x);
  set(flit, kSrcY, from.y);
  set(flit, kMulticast, 1);
  set(flit, kTime, static_cast<std::uint32_t>(time));
  Multicast& multicast = multicasts_[source].emplace_back();
  multicast.sequence = multicasts_sent_[source]++;
  multicast.first = first;
  multicast.last = last;
  multicast.left = members(first, last);
  flit.words[kEndsWord] = source << 16 | kMany;
  flit.words[kSequenceWord] = multicast.sequence;
  flit.words[kCreatedWord] = static_cast<std::uint32_t>(created);
  fill(flit);
  sent_ += multicast.left.size();
  return flit;
}

std::optional<std::string> Ledger::receive_multicast(unsigned node, const Flit& flit, unsigned source) {
  const std::uint32_t sequence = flit.words[kSequenceWord];
  const std::string packet = name(sequence, source);
  std::deque<Multicast>& open = multicasts_[source];
  for (Multicast& multicast : open) {
    const auto place = std::ranges::find(multicast.left, node);
    if (multicast.sequence != sequence) {
      if (multicast.sequence > sequence) break;
      if (place != multicast.left.end())
        return fmt::format("{} overtook {}, or that one is lost", packet, name(multicast.sequence, source));
      continue;
    }
    const fabric::Place from = shape_.place(source);
    if (get(flit, kMulticast) != 1 || fabric::Place{get(flit, kDstX), get(flit, kDstY)} != multicast.first ||
        fabric::Place{get(flit, kLastX), get(flit, kLastY)} != multicast.last || get(flit, kSrcX) != from.x ||
        get(flit, kSrcY) != from.y)
      return packet + " is corrupted: its header names other nodes";
    if (place == multicast.left.end()) return packet + " is there for the second time, or went to the wrong node";
    multicast.left.erase(place);
    while (!open.empty() && open.front().left.empty()) open.pop_front();
    return std::nullopt;
  }
  return packet + " was never sent, or is there for the second time";
}

std::string Ledger::name(std::uint32_t sequence, unsigned source, unsigned destination) const {
  const fabric::Place from = shape_.place(source), to = shape_.place(destination);
  return fmt::format("packet {} from ({},{}) to ({},{})", sequence, from.x, from.y, to.x, to.y);
}

Flit Ledger::send(unsigned source, unsigned destination, std::uint64_t created, std::uint64_t time) {
  Flit flit;
  const fabric::Place from = shape_.place(source), to = shape_.place(destination);
  set(flit, kDstX, to.x);
  set(flit, kDstY, to.y);
  set(flit, kSrcX, from.x);
  set(flit, kSrcY, from.y);
  set(flit, kTime, static_cast<std::uint32_t>(time));
  const std::uint32_t ends = source << 16 | destination;
  const std::uint32_t sequence = flows_[std::size_t{source} * shape_.nodes() + destination].sent++;
  flit.words[kEndsWord] = ends;
  flit.words[kSequenceWord] = sequence;
  flit.words[kCreatedWord] = static_cast<std::uint32_t>(created);
  fill(flit);
  ++sent_;
  return flit;
}

std::optional<std::string> Ledger::receive(unsigned node, const Flit& flit, std::uint64_t cycle) {
  ++received_;
  const fabric::Place here = shape_.place(node);
  const auto at = [&](const std::string& what) {
    return fmt::format("{}: received at node ({},{}) in cycle {}", what, here.x, here.y, cycle);
  };
  const std::uint32_t ends = flit.words[kEndsWord];
  const std::uint32_t sequence = flit.words[kSequenceWord];
  const unsigned source = ends >> 16;
  const unsigned destination = ends & 0xffff;
  last_multicast_ = destination == kMany;
  if (source >= shape_.nodes() || (destination >= shape_.nodes() && !last_multicast_))
    return at(fmt::format("a packet whose payload names no nodes ({:#010x}), corrupted", ends));
  last_source_ = source;
  last_created_ = flit.words[kCreatedWord];
  const std::string packet = last_multicast_ ? name(sequence, source) : name(sequence, source, destination);
  const std::uint32_t key = key_of(flit);
  for (unsigned word = kFirstFill; word < flit.words.size(); ++word) {
    if (flit.words[word] != filling(key, word)) {
      return at(fmt::format("{} is corrupted: word {} of its payload is {:#010x}, expected {:#010x}", packet,
                            word - kPayloadWord, flit.words[word], filling(key, word)));
    }
  }
  if (last_multicast_) {
    const auto fault = receive_multicast(node, flit, source);
    return fault ? std::optional(at(*fault)) : std::nullopt;
  }
  const fabric::Place from = shape_.place(source), to = shape_.place(destination);
  if (get(flit, kDstX) != to.x || get(flit, kDstY) != to.y || get(flit, kSrcX) != from.x || get(flit, kSrcY) != from.y)
    return at(fmt::format("{} is corrupted: its header names other nodes", packet));
  if (destination != node) return at(fmt::format("{} went to the wrong node", packet));
  Flow& flow = flows_[std::size_t{source} * shape_.nodes() + destination];
  if (sequence >= flow.sent) return at(fmt::format("{} was never sent", packet));
  if (sequence < flow.received) return at(fmt::format("{} is there for the second time", packet));
  if (sequence > flow.received) {
    return at(fmt::format("{} overtook packet {}, or that one is lost", packet, flow.received));
  }
  ++flow.received;
  return std::nullopt;
}

std::optional<std::string> Ledger::missing(std::uint64_t cycle) const {
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    if (flows_[i].received == flows_[i].sent) continue;
    return fmt::format(
        "{} is lost: not received by cycle {}, nor {} packets in all",
        name(flows_[i].received, static_cast<unsigned>(i / shape_.nodes()), static_cast<unsigned>(i % shape_.nodes())),
        cycle, sent_ - received_);
  }
  for (unsigned source = 0; source < multicasts_.size(); ++source) {
    if (multicasts_[source].empty()) continue;
    const Multicast& multicast = multicasts_[source].front();
    const fabric::Place to = shape_.place(multicast.left.front());
    return fmt::format("{} to ({},{}) .. ({},{}) is lost: not received at ({},{}) by cycle {}",
                       name(multicast.sequence, source), multicast.first.x, multicast.first.y, multicast.last.x,
                       multicast.last.y, to.x, to.y, cycle);
  }
  return std::nullopt;
}

}  // namespace tatami::noc
