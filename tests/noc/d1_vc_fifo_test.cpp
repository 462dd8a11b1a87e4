// verilate: d1_vc_fifo
// sources: rtl/pkg/d1_pkg.sv rtl/noc/d1_noc_pkg.sv rtl/common/d1_fifo_control.sv rtl/noc/d1_vc_fifo.sv
//
// Exhaustive: every state of the queue's control (place of the head, number of entries) with every legal push and pop.
// What an entry holds never steers the control, so entries that are all different stand for all contents.
#include <cstdint>
#include <deque>
#include <string>

#include <gtest/gtest.h>

#include "Vd1_vc_fifo.h"
#include "verilated.h"

namespace vc_fifo_test {
namespace {

constexpr unsigned kDepth = 8;

class Queue {
 public:
  Queue() {
    top.rst_ni = 0;
    clock();
    top.rst_ni = 1;
  }
  void step(bool push, bool pop) {
    const bool stored = !model_.empty();
    top.push_i = push;
    top.pop_i = pop;
    top.side_i = ++next_;
    top.clk_i = 0;
    top.eval();
    check("before");
    const unsigned tail = top.tail_o;
    clock();
    if (pop) {
      ASSERT_TRUE(stored);
      model_.pop_front();
    }
    if (push) {
      EXPECT_EQ(tail, pushed_++ % kDepth);
      model_.push_back(next_);
    }
    popped_ += pop;
    check("after");
  }
  void check(const char* when) {
    EXPECT_EQ(top.valid_o, !model_.empty()) << when;
    EXPECT_EQ(top.full_o, model_.size() == kDepth) << when;
    EXPECT_EQ(top.side_o, model_.empty() ? 0 : model_.front()) << when;
    EXPECT_EQ(top.head_o, popped_ % kDepth) << when;
  }
  size_t size() const { return model_.size(); }

 private:
  void clock() {
    top.clk_i = 0;
    top.eval();
    top.clk_i = 1;
    top.eval();
    top.clk_i = 0;
    top.eval();
  }
  VerilatedContext context_;
  Vd1_vc_fifo top{&context_};
  std::deque<uint32_t> model_;
  uint32_t next_ = 0;
  unsigned pushed_ = 0, popped_ = 0;
};

TEST(VcFifo, EveryStateAndEveryTransition) {
  unsigned transitions = 0;
  for (unsigned head = 0; head < kDepth; ++head)
    for (unsigned count = 0; count <= kDepth; ++count)
      for (int op = 0; op < 4; ++op) {
        const bool push = op & 1, pop = op & 2;
        if ((push && count == kDepth) || (pop && count == 0)) continue;
        SCOPED_TRACE("head " + std::to_string(head) + " entries " + std::to_string(count) + (push ? " push" : "") +
                     (pop ? " pop" : ""));
        Queue queue;
        for (unsigned i = 0; i < head; ++i) {
          queue.step(true, false);
          queue.step(false, true);
        }
        for (unsigned i = 0; i < count; ++i) queue.step(true, false);
        queue.step(push, pop);
        while (queue.size() != 0) queue.step(false, true);  // nothing was lost, doubled or changed
        if (HasFailure()) return;
        ++transitions;
      }
  EXPECT_EQ(transitions, kDepth * (4 * (kDepth + 1) - 4));  // no push when full (2), no pop when empty (2)
}

}  // namespace
}  // namespace vc_fifo_test
