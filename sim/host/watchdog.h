// Tells a program that hangs from one that is slow.
#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

namespace tatami {

/// A program hangs if it comes back to the same pcs and scalar registers in all threads while nothing in memory
/// changes: without an event from outside it will do so for ever. A counting loop changes a register, a computation
/// changes memory, so however slow they are they never count as hanging. The state is sampled kSamples times in a
/// window; memory is compared once a window.
class Watchdog {
 public:
  static constexpr std::uint64_t kSamples = 64;

  /// `window` in cycles (or steps), 0 switches it off.
  explicit Watchdog(std::uint64_t window) : window_(window) {}

  /// Cycles to run until the next sample. Not a round number, so that it does not fall into step with a loop.
  std::uint64_t interval() const { return window_ == 0 ? 1'000'003 : window_ / kSamples + 1 + samples_ % 3; }

  /// Takes a sample: a hash of all pcs and scalar registers, and `memory()` giving the memory's words hashed when it is
  /// time to look. True if the program hangs.
  template <typename MemoryHash>
  bool sample(std::uint64_t registers, MemoryHash&& memory) {
    if (window_ == 0) return false;
    if (!seen_.insert(registers).second) repeated_ = true;
    if (++samples_ % kSamples != 0) return false;
    const std::uint64_t now = memory();
    const bool hangs = repeated_ && have_memory_ && now == memory_;
    if (now != memory_) {
      seen_.clear();
      repeated_ = false;
    }
    memory_ = now;
    have_memory_ = true;
    return hangs;
  }

 private:
  std::uint64_t window_;
  std::uint64_t samples_ = 0;
  std::unordered_set<std::uint64_t> seen_;
  bool repeated_ = false;
  bool have_memory_ = false;
  std::uint64_t memory_ = 0;
};

/// A fast hash of a few words; not for adversaries.
class StateHash {
 public:
  void add(std::uint64_t word) {
    value_ = (value_ ^ word) * 0x9E37'79B9'7F4A'7C15U;
    value_ ^= value_ >> 29;
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0x243F'6A88'85A3'08D3U;
};

}  // namespace tatami
