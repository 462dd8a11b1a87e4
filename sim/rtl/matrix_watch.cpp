#include "rtl/matrix_watch.h"

#include <algorithm>

#include "golden/decoder.h"

namespace tatami::rtl {

void MatrixWatch::observe(const RtlNode& node) {
  const unsigned commits = node.commits();
  if (!began_ && commits == 0) return;
  began_ = true;
  for (unsigned thread = 0; thread < kThreads; ++thread) {
    if ((commits >> thread & 1) == 0) continue;
    switch (golden::decode_op(node.instruction(thread))) {
      case isa::Op::dm_mv_v_t_: draining_[thread] = true; break;
      case isa::Op::dm_mma_:
      case isa::Op::fence_: draining_[thread] = false; break;
      default: break;
    }
  }
  ++now_.cycles;
  if (node.matrix_starts()) {
    ++now_.passes;
  } else if (now_.passes == 0) {
    ++now_.idle_start;
  } else if (std::ranges::find(draining_, true) != draining_.end()) {
    ++now_.idle_drain;
  } else {
    ++now_.idle_other;
  }
  if (node.stores_into(results_.address, results_.bytes)) last_ = now_;
}

}  // namespace tatami::rtl
