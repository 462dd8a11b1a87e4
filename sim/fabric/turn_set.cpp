#include "fabric/turn_set.h"

#include <algorithm>

namespace tatami::fabric {

TurnSet::TurnSet(const Links& links, const std::vector<unsigned>& order)
    : links_(links), turns_(links.shape().nodes() * kLinks), place_(turns_.size(), kFar), seen_(turns_.size()) {
  for (unsigned i = 0; i < order.size(); ++i) place_[order[i]] = i;
}

/// Channels that packets can come to from `from`, up to place `last`, into later_. False if the one at `last` is among
/// them.
bool TurnSet::collect_later(unsigned from, unsigned last) {
  later_.assign(1, from);
  seen_[from] = true;
  for (std::size_t head = 0; head < later_.size(); ++head) {
    const unsigned channel = later_[head];
    for (unsigned then = 0; then < kLinks; ++then) {
      if (!allows(channel, then)) continue;
      const unsigned next = links_.end(channel) * kLinks + then;
      if (place_[next] == last) return false;
      if (seen_[next] || place_[next] > last) continue;
      seen_[next] = true;
      later_.push_back(next);
    }
  }
  return true;
}

/// Channels from which packets can come to `from`, down to place `first`, into earlier_.
void TurnSet::collect_earlier(unsigned from, unsigned first) {
  earlier_.assign(1, from);
  seen_[from] = true;
  for (std::size_t head = 0; head < earlier_.size(); ++head) {
    const unsigned node = earlier_[head] / kLinks, port = earlier_[head] % kLinks;
    for (unsigned by = 0; by < kLinks; ++by) {
      const unsigned before = links_(node, by);
      if (before == kFar) continue;
      const unsigned channel = before * kLinks + opposite(by);
      if (!allows(channel, port) || seen_[channel] || place_[channel] < first) continue;
      seen_[channel] = true;
      earlier_.push_back(channel);
    }
  }
}

bool TurnSet::add(unsigned channel, unsigned then) {
  const unsigned node = links_.end(channel);
  if (node == kFar || then == opposite(channel % kLinks) || links_(node, then) == kFar) return false;
  if (allows(channel, then)) return true;
  const unsigned next = node * kLinks + then;
  if (place_[next] < place_[channel]) {
    const bool open = collect_later(next, place_[channel]);
    if (open) collect_earlier(channel, place_[next]);
    for (const unsigned c : later_) seen_[c] = false;
    if (!open) return false;
    for (const unsigned c : earlier_) seen_[c] = false;
    // They share the places that they have had, those before the turn first.
    const auto by_place = [this](unsigned a, unsigned b) { return place_[a] < place_[b]; };
    std::ranges::sort(earlier_, by_place);
    std::ranges::sort(later_, by_place);
    earlier_.insert(earlier_.end(), later_.begin(), later_.end());
    places_.clear();
    for (const unsigned c : earlier_) places_.push_back(place_[c]);
    std::ranges::sort(places_);
    for (std::size_t i = 0; i < places_.size(); ++i) place_[earlier_[i]] = places_[i];
  }
  turns_[channel] |= static_cast<std::uint8_t>(1u << then);
  return true;
}

}  // namespace tatami::fabric
