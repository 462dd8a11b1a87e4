// Results of one register that one of the two models has delivered and the other has not yet.
#pragma once

#include <cstdint>

#include "debug/fifo.h"
#include "golden/formats.h"

namespace tatami::debug {

/// The instruction that something belongs to, and when it committed.
struct Origin {
  std::uint64_t pc = 0;
  std::uint64_t cycle = 0;
  std::uint32_t insn = 0;
};

template <typename T>
struct Result {
  T value{};
  Origin origin;            ///< golden results; of RTL results only the cycle is known
  bool external = false;    ///< golden takes the RTL's value
  golden::Flags flags = 0;  ///< that the instruction raised
};

/// At most one of the two queues is non-empty after matching.
template <typename T>
struct ResultQueue {
  Fifo<Result<T>> expected;  ///< golden, oldest first
  Fifo<Result<T>> got;       ///< RTL, oldest first

  bool empty() const { return expected.empty() && got.empty(); }
  bool matchable() const { return !expected.empty() && !got.empty(); }
  void pop() {
    expected.pop_front();
    got.pop_front();
  }
};

}  // namespace tatami::debug
