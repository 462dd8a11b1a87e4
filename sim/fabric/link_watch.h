// The links of a fabric as its senders see them: places in use of each queue, for queues that are held; and
// disturbances that tests and `tatami run` ask for.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "host/device.h"
#include "rtl/rtl_node.h"

namespace tatami::fabric {

inline constexpr unsigned kQueuePlaces = 8;  ///< of each queue at a link's end
inline constexpr unsigned kQueues = 5;       ///< at a link's end: one for each output of the router there

/// What a sender knows of the queues at the other end of one of its links.
class LinkWatch {
 public:
  /// In `cycle` the sender drives the flit `sent`, or none, and finds `returned` at its input.
  void note(std::uint64_t cycle, const rtl::Link* sent, std::uint8_t returned) {
    const unsigned spent = sent != nullptr ? sent->flit[kNextWord] >> kNextBit & 31U : 0;
    if (sent != nullptr) ++flits_;
    if ((spent | returned) == 0) return;
    for (unsigned queue = 0; queue < kQueues; ++queue) {
      const unsigned more = spent >> queue & 1, less = returned >> queue & 1U;
      if ((more | less) == 0) continue;
      used_[queue] = static_cast<std::uint8_t>(used_[queue] + more - less);
      moved_[queue] = cycle;
    }
  }
  /// Flits sent.
  std::uint64_t flits() const { return flits_; }
  /// A full queue that has not moved for `cycles` cycles before `now`: the cycle of its last movement.
  std::optional<std::uint64_t> held(std::uint64_t now, std::uint64_t cycles) const {
    for (unsigned queue = 0; queue < kQueues; ++queue) {
      if (used_[queue] == kQueuePlaces && now - moved_[queue] >= cycles) return moved_[queue];
    }
    return std::nullopt;
  }

 private:
  static constexpr unsigned kNextWord = 2, kNextBit = 21;  // the flit's field "next"

  std::uint64_t flits_ = 0;
  std::array<std::uint8_t, kQueues> used_{};
  std::array<std::uint64_t, kQueues> moved_{};
};

/// What RunOptions asks for, on one link.
class Disturbance {
 public:
  /// Flips a bit of a flit.
  Disturbance(unsigned node, unsigned link, const LinkFault& fault)
      : node_(node), link_(link), flit_(fault.flit), bit_(fault.bit) {}
  /// Keeps credits back.
  Disturbance(unsigned node, unsigned link, std::uint64_t from, std::uint64_t cycles)
      : node_(node), link_(link), from_(from), to_(from + cycles) {}

  /// Flips a bit of a flit that has not arrived.
  bool outstanding() const { return flit_ != kNone && seen_ <= flit_; }
  bool concerns(unsigned node, unsigned link) const { return node == node_ && link == link_; }
  /// Changes what arrives at the node by the link in `cycle`; true if that is not idle now.
  bool apply(std::uint64_t cycle, rtl::Link& arriving) {
    if (arriving.valid && seen_++ == flit_) arriving.flit[bit_ / 32] ^= 1U << bit_ % 32;
    for (unsigned queue = 0; queue < kQueues && to_ != 0; ++queue) {
      const auto mask = static_cast<std::uint8_t>(1U << queue);
      if ((arriving.credit & mask) != 0) ++owed_[queue];
      arriving.credit = static_cast<std::uint8_t>(arriving.credit & ~mask);
      if (owed_[queue] == 0 || (cycle >= from_ && cycle < to_)) continue;
      --owed_[queue];
      arriving.credit |= mask;
    }
    return !arriving.idle();
  }

 private:
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};
  unsigned node_, link_;
  std::uint64_t flit_ = kNone;
  unsigned bit_ = 0;
  std::uint64_t from_ = 0, to_ = 0;
  std::uint64_t seen_ = 0;
  std::array<unsigned, kQueues> owed_{};
};

}  // namespace tatami::fabric
