// Attributes the cycles in which the matrix unit starts no pass: see MatrixUse in host/device.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "host/device.h"
#include "rtl/rtl_node.h"

namespace tatami::rtl {

class MatrixWatch {
 public:
  explicit MatrixWatch(ResultRange results) : results_(results) {}

  /// After RtlNode::begin_cycle() and before finish_cycle() of every cycle.
  void observe(const RtlNode& node);
  /// Up to the last cycle that stored results; none if no cycle did.
  std::optional<MatrixUse> use() const { return last_; }

 private:
  ResultRange results_;
  std::array<bool, kThreads> draining_{};
  bool began_ = false;
  MatrixUse now_;
  std::optional<MatrixUse> last_;
};

}  // namespace tatami::rtl
