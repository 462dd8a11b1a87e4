// Network interfaces of nodes joined by links with random delays and credits, which d1_network_test compares with the
// meaning of operations (docs/isa.md, section 8) on byte arrays every cycle.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "Vd1_network_tb.h"
#include "Vd1_network_tb___024root.h"
#include "network_list.h"
#include "network_op.h"
#include "verilated.h"

namespace network_test {

using Flit = VlWide<20>;

// A flit under way, with the operation it stands for.
struct Parcel {
  Flit flit;
  Op op;
  uint64_t due;
};

struct Node {
  std::unique_ptr<VerilatedContext> context = std::make_unique<VerilatedContext>();
  Vd1_network_tb top{context.get(), "node"};
  std::vector<uint8_t> memory = std::vector<uint8_t>(kBytes);
  std::array<uint32_t, 32> counters{};
  std::array<int, 4> outstanding{};
  std::optional<Op> request;
  std::array<std::optional<Op>, 4> armed{};     // triggers
  std::deque<Op> telling;                       // signals of those that have fired, in order
  std::deque<Op> mover;                         // what lists will send, in order
  std::deque<std::pair<int, uint64_t>> errors;  // what they will tell which thread
  std::array<std::deque<Op>, 2> leaving;        // operations of the flits that will leave, per class
  std::array<std::deque<Op>, 2> inside;         // delivered and not yet served / consumed
  std::array<int, 2> places{kPlaces, kPlaces};
  std::array<std::deque<uint64_t>, 2> credits;  // cycles in which credits are returned to the sender
  std::array<bool, 2> keep_credits{};           // withhold them
  std::array<bool, 8> disturb{};
  uint64_t snooped = 0, told_at = 0;  // told_at: when a trigger fired last
};

class Net {
 public:
  Net(uint64_t seed, int nodes, bool loop) : seed_(seed), random(seed), loop_(loop) {
    for (int n = 0; n < nodes; ++n) {
      node.push_back(std::make_unique<Node>());
      Node& here = *node.back();
      for (size_t w = 0; w < kBytes / 8; ++w) {
        const uint64_t value = random();
        words(here)[w] = value;
        for (size_t i = 0; i < 8; ++i) here.memory[8 * w + i] = uint8_t(value >> 8 * i);
      }
      here.top.node_x_i = uint8_t(n);
      here.top.node_y_i = 0;
      here.top.fab_w_i = uint8_t(nodes);
      here.top.fab_h_i = 1;
      here.top.loop_i = loop;
      here.top.rst_ni = 0;
      for (int i = 0; i < 3; ++i) edge(here);
      here.top.rst_ni = 1;
    }
  }

  static VlUnpacked<QData, 163840>& words(Node& n) {
    return n.top.rootp->d1_network_tb__DOT__u_sram__DOT__u_array__DOT__mem;
  }
  std::string where(int n) const {
    return "seed " + std::to_string(seed_) + " cycle " + std::to_string(cycle) + " node " + std::to_string(n) + ": ";
  }
  bool loop() const { return loop_; }
  bool failed() const { return ::testing::Test::HasFailure(); }

  void step() {
    for (int n = 0; n < int(node.size()); ++n) drive(n);
    for (auto& here : node) here->top.eval();
    for (int n = 0; n < int(node.size()); ++n) observe(n);
    for (auto& here : node) edge(*here);
    for (int n = 0; n < int(node.size()); ++n) {
      Node& here = *node[size_t(n)];
      here.top.clk_i = 0;
      here.top.eval();
      after_edge(n);
    }
    ++cycle;
  }

  bool empty() const {
    for (const auto& here : node) {
      if (here->request || !here->mover.empty() || !here->errors.empty() || !here->telling.empty()) return false;
      for (int c = 0; c < 2; ++c)
        if (!here->leaving[size_t(c)].empty() || !here->inside[size_t(c)].empty() || !wire_[size_t(c)].empty())
          return false;
    }
    return true;
  }

  void drain(int limit = 5000) {
    for (int i = 0; i < limit && !empty(); ++i) step();
    for (int i = 0; i < 20; ++i) step();
    ASSERT_TRUE(empty()) << where(0) << "packets do not arrive";
    for (int n = 0; n < int(node.size()); ++n) {
      EXPECT_TRUE(node[size_t(n)]->top.quiet_o) << where(n) << "quiet when everything has arrived";
      EXPECT_EQ(node[size_t(n)]->top.outstanding_o, 0) << where(n);
      for (size_t w = 0; w < kBytes / 8; ++w) {
        uint64_t value = 0;
        for (size_t i = 8; i-- > 0;) value = value << 8 | node[size_t(n)]->memory[8 * w + i];
        if (value != words(*node[size_t(n)])[w]) {
          ADD_FAILURE() << where(n) << "word " << w << " expected " << std::hex << value << " got "
                        << words(*node[size_t(n)])[w];
          return;
        }
      }
    }
  }

  uint64_t seed_;
  std::mt19937_64 random;
  std::vector<std::unique_ptr<Node>> node;
  uint64_t cycle = 0, served = 0, faults = 0, values = 0, cas_hits = 0, multicasts = 0, edges = 0, lists = 0,
           list_errors = 0, tells = 0, longest_tell = 0;
  int delay = 8, gwb_percent = 50, disturb_percent = 0;

 private:
  static void edge(Node& n) {
    n.top.clk_i = 0;
    n.top.eval();
    n.top.clk_i = 1;
    n.top.eval();
  }
  bool chance(int percent) { return int(random() % 100) < percent; }

  void drive(int n) {
    Node& here = *node[size_t(n)];
    auto& top = here.top;
    const Op op = here.request.value_or(Op{});
    top.req_valid_i = here.request.has_value();
    top.req_thread_i = uint8_t(op.thread);
    top.req_op_i = uint8_t(op.kind);
    top.req_gaddr_i = op.gaddr;
    top.req_local_i = op.kind == PUSH ? op.control() : op.local;
    for (size_t i = 0; i < 16; ++i)
      top.req_data_i[i] = uint32_t(op.data[4 * i]) | uint32_t(op.data[4 * i + 1]) << 8 |
                          uint32_t(op.data[4 * i + 2]) << 16 | uint32_t(op.data[4 * i + 3]) << 24;
    top.req_cmp_i = op.cmp;
    top.req_nbytes_i = uint8_t(op.nbytes);
    top.req_sig_i = op.sig;
    top.req_ctr_i = uint8_t(op.ctr);
    top.req_rd_i = uint8_t(op.rd);
    top.gwb_ready_i = chance(gwb_percent);
    top.list_taken_i = uint8_t(chance(20) ? top.list_error_o : 0);
    // The links.
    top.req_rx_valid_i = deliver(n, REQ, top.req_rx_flit_i);
    top.rsp_rx_valid_i = deliver(n, RSP, top.rsp_rx_flit_i);
    top.req_tx_credit_i = give_credit(here, REQ);
    top.rsp_tx_credit_i = give_credit(here, RSP);
    // Other accesses, in the banks of the blocks that the packets use.
    top.s0_req_i = 0;
    for (size_t l = 0; l < 8; ++l) {
      if (chance(disturb_percent)) top.s0_req_i = uint8_t(top.s0_req_i | 1u << l);
      const uint64_t word = 0x8000 + random() % 64;
      for (size_t i = 0; i < 18; ++i) {
        const size_t bit = 18 * l + i;
        top.s0_word_i[bit / 32] = (top.s0_word_i[bit / 32] & ~(1u << bit % 32)) | uint32_t(word >> i & 1) << bit % 32;
      }
    }
  }

  bool deliver(int n, Class c, Flit& flit) {
    if (loop_) return false;
    auto& wire = wire_[size_t(c)];
    Node& here = *node[size_t(n)];
    // The oldest parcel for this node of each source may arrive; here one wire keeps the order of all.
    for (size_t i = 0; i < wire.size(); ++i) {
      const int target = c == REQ ? wire[i].op.target : wire[i].op.source;
      if (target != n) continue;
      if (wire[i].due > cycle || here.places[size_t(c)] == 0) return false;
      flit = wire[i].flit;
      here.inside[size_t(c)].push_back(wire[i].op);
      --here.places[size_t(c)];
      wire.erase(wire.begin() + std::ptrdiff_t(i));
      return true;
    }
    return false;
  }

  bool give_credit(Node& here, Class c) {
    auto& queue = here.credits[size_t(c)];
    if (loop_ || queue.empty() || here.keep_credits[size_t(c)] || queue.front() > cycle) return false;
    queue.pop_front();
    return true;
  }

  void observe(int n) {
    Node& here = *node[size_t(n)];
    auto& top = here.top;
    for (int t = 0; t < 4; ++t)
      EXPECT_EQ(top.outstanding_o >> t & 1, here.outstanding[size_t(t)] != 0)
          << where(n) << "outstanding of thread " << t;
    if (here.request) {
      const Op op = *here.request;
      const auto want = fault_of(op, unsigned(node.size()), 1);
      // While the mover or a trigger sends, nothing is said of a thread's request.
      if (top.req_ready_o || (here.mover.empty() && here.errors.empty() && !top.tell_valid_o)) {
        EXPECT_EQ(bool(top.fault_o), want.has_value()) << where(n) << op.text();
      }
      if (want && top.fault_o) {
        EXPECT_EQ(top.fault_cause_o, want->cause) << where(n) << op.text();
        EXPECT_EQ(top.fault_tval_o, want->tval) << where(n) << op.text();
      }
      if (top.req_ready_o) {
        faults += want.has_value();
        if (!want && op.kind == LIST) {
          work_off(n, here, op);
        } else if (!want && op.kind == ARM) {
          arms_[size_t(n)] = op;
        } else if (!want) {
          here.leaving[REQ].push_back(op);
          started_[size_t(n)][size_t(op.thread)] += op.last() - op.target + 1;
          multicasts += op.last() > op.target;
        }
        here.request.reset();
      }
    }
    if (top.list_taken_i & top.list_error_o) told(n, here);
    if (top.tell_valid_o) longest_tell = std::max(longest_tell, cycle - here.told_at);
    if (top.take_valid_o) fire(n, here);
    send(n, REQ, top.req_tx_valid_o, top.req_tx_flit_o);
    send(n, RSP, top.rsp_tx_valid_o, top.rsp_tx_flit_o);
    value_[size_t(n)].reset();
    if (top.gwb_valid_o && top.gwb_ready_i)
      value_[size_t(n)] = std::array<uint64_t, 3>{top.gwb_thread_o, top.gwb_reg_o, top.gwb_data_o};
    EXPECT_FALSE(top.quiet_o &&
                 (top.req_tx_valid_o || top.rsp_tx_valid_o || top.req_rx_credit_o || top.rsp_rx_credit_o))
        << where(n);
  }

  void send(int n, Class c, bool valid, const Flit& flit) {
    if (!valid) return;
    Node& here = *node[size_t(n)];
    const bool tell = c == REQ && (flit[1] & 15) == 5;
    auto& leaving = tell ? here.telling : c == REQ && (flit[2] >> 28 & 1) ? here.mover : here.leaving[size_t(c)];
    if (leaving.empty()) {
      ADD_FAILURE() << where(n) << "a packet of class " << c << " that nobody asked for";
      return;
    }
    const Op op = leaving.front();
    leaving.pop_front();
    const int target = c == REQ ? op.target : op.source;
    EXPECT_EQ(flit[0] & 0xff, uint32_t(target)) << where(n) << op.text() << ": destination";
    EXPECT_EQ(flit[0] >> 16 & 0xff, uint32_t(n)) << where(n) << op.text() << ": source";
    EXPECT_EQ(flit[0] & 0xff00ff00u, 0u) << where(n);
    EXPECT_EQ(flit[2] >> 28 & 1, uint32_t(op.mover)) << where(n) << op.text() << ": of the mover";
    EXPECT_EQ(flit[2] >> 26 & 1, uint32_t(c == REQ && op.mcast)) << where(n) << op.text() << ": multicast";
    EXPECT_EQ(flit[2] >> 27 & 1, uint32_t(c == REQ && op.edge())) << where(n) << op.text() << ": edge";
    if (c == REQ && op.edge()) {
      EXPECT_EQ(flit[3] >> 16, uint32_t(op.gaddr >> 49 & 3) | uint32_t(op.gaddr >> 21 & 0x7ff) << 2)
          << where(n) << op.text() << ": side, offset high";
      EXPECT_EQ(flit[2] & 0x1fffff, uint32_t(op.gaddr & 0x1fffff)) << where(n) << op.text() << ": offset";
      answer_from_edge(n, op, flit);
      return;
    }
    EXPECT_EQ(flit[3] >> 16, c == REQ && op.mcast ? uint32_t(op.x1 | op.y1 << 8) : 0u)
        << where(n) << op.text() << ": rectangle";
    if (tell) check_tell(n, op, flit);
    if (loop_)
      here.inside[size_t(c)].push_back(op);
    else {
      for (int node = target; node <= (c == REQ ? op.last() : target); ++node) {
        Op copy = op;
        if (c == REQ) copy.target = node;
        copy.mcast = false;
        wire_[size_t(c)].push_back({flit, copy, cycle + 1 + random() % uint64_t(delay)});
      }
      here.credits[size_t(c)].push_back(cycle + 1 + random() % uint64_t(delay));
    }
  }

  // Edge memory that holds the same everywhere and forgets what is written; its responses come from port of the target.
  void answer_from_edge(int n, Op op, const Flit& request) {
    static const uint32_t kinds[] = {8, 8, 9, 10, 10};
    Flit flit{};
    flit[0] = uint32_t(n) | uint32_t(op.target) << 16;
    flit[1] = kinds[op.kind] | uint32_t(op.thread) << 4 | uint32_t(op.rd) << 6;
    flit[2] = 1u << 29 | uint32_t(op.mover) << 28;
    if (op.kind == PULL) {
      flit[1] |= uint32_t(op.sig) << 11 | uint32_t(op.ctr) << 12;
      flit[2] |= request[4] & 0x1fffff;
    }
    for (size_t i = 0; i < 64 && op.kind >= PULL; ++i) {
      op.answer[i] = uint8_t(random());
      flit[4 + i / 4] |= uint32_t(op.answer[i]) << 8 * (i % 4);
    }
    ++edges;
    wire_[RSP].push_back({flit, op, cycle + 1 + random() % uint64_t(delay)});
    node[size_t(n)]->credits[REQ].push_back(cycle + 1 + random() % uint64_t(delay));
  }

  // Credits show what the node served in the last cycle: only then its effects must be there, all of them.
  void after_edge(int n) {
    Node& here = *node[size_t(n)];
    auto& top = here.top;
    for (int t = 0; t < 4; ++t) {
      here.outstanding[size_t(t)] += started_[size_t(n)][size_t(t)];
      started_[size_t(n)][size_t(t)] = 0;
    }
    if (auto& armed = arms_[size_t(n)]) {
      here.armed[size_t(armed->rd & 3)].reset();
      if ((armed->local & 0xffff) != 0) here.armed[size_t(armed->rd & 3)] = *armed;
      armed.reset();
    }
    const bool request = top.req_rx_credit_o, response = top.rsp_rx_credit_o;
    if (request) {
      ++here.places[REQ];
      if (here.inside[REQ].empty()) {
        ADD_FAILURE() << where(n) << "served a request that did not arrive";
        return;
      }
      Op op = here.inside[REQ].front();
      here.inside[REQ].pop_front();
      serve(n, here, op);
      if (op.kind != TELL) here.leaving[RSP].push_back(op);
      ++served;
    }
    if (response) {
      ++here.places[RSP];
      if (here.inside[RSP].empty()) {
        ADD_FAILURE() << where(n) << "consumed a response that did not arrive";
        return;
      }
      const Op op = here.inside[RSP].front();
      here.inside[RSP].pop_front();
      if (!op.mover) --here.outstanding[size_t(op.thread)];
      if (op.kind == PULL) {
        for (size_t i = 0; i < 64; ++i) here.memory[op.local - kBase + i] = op.answer[i];
        check_block(n, here, (op.local - kBase) / 64, op);
        if (op.sig) ++here.counters[size_t(op.ctr)];
      }
      const bool atomic = op.kind == AMOADD || op.kind == CAS;
      EXPECT_EQ(value_[size_t(n)].has_value(), atomic) << where(n) << op.text() << ": register result";
      if (atomic && value_[size_t(n)]) {
        const auto& value = *value_[size_t(n)];
        EXPECT_EQ(value[0], uint64_t(op.thread)) << where(n) << op.text();
        EXPECT_EQ(value[1], uint64_t(op.rd)) << where(n) << op.text();
        EXPECT_EQ(value[2], Op::pack(op.answer)) << where(n) << std::hex << op.text();
        ++values;
      }
    } else {
      EXPECT_FALSE(value_[size_t(n)].has_value()) << where(n) << "register result without a response";
    }
    for (size_t c = 0; c < 32; ++c) EXPECT_EQ(top.counters_o[c], here.counters[c]) << where(n) << "counter " << c;
  }

  // A trigger takes: one that is armed and whose counter has come to its count, which no two triggers have alike. Its
  // signal is to come. Arming in this cycle comes after it.
  void fire(int n, Node& here) {
    auto& top = here.top;
    auto& armed = here.armed[top.take_value_o & 3];
    if (!armed || (armed->local & 0xffff) != top.take_value_o || armed->ctr != top.take_ctr_o) {
      ADD_FAILURE() << where(n) << "trigger " << (top.take_value_o & 3) << " takes and is not armed so";
      return;
    }
    EXPECT_LT(here.counters[top.take_ctr_o] - top.take_value_o, 0x8000'0000u) << where(n) << "takes too early";
    EXPECT_FALSE(top.tell_valid_o) << where(n) << "fires while a signal waits";
    here.counters[top.take_ctr_o] -= top.take_value_o;
    Op tell = *armed;
    tell.kind = TELL;
    here.telling.push_back(tell);
    here.told_at = cycle;
    armed.reset();
    ++tells;
    multicasts += tell.mcast;
  }

  // Every bit of a trigger's flit.
  void check_tell(int n, const Op& op, const Flit& flit) {
    Flit want{};
    want[0] = uint32_t(op.target) | uint32_t(n) << 16;
    want[1] = 5 | 1u << 11 | uint32_t(op.gaddr & 31) << 12;
    want[2] = uint32_t(op.mcast) << 26;
    want[3] = op.mcast ? uint32_t(op.x1) << 16 | uint32_t(op.y1) << 24 : 0;
    want[4] = 1;
    for (size_t w = 0; w < 20; ++w) EXPECT_EQ(flit[w], want[w]) << where(n) << op.text() << ": word " << w;
  }

  void work_off(int n, Node& here, const Op& list) {
    ++lists;
    const ListWork work = work_of(list, here.memory, n, unsigned(node.size()));
    here.mover.insert(here.mover.end(), work.packets.begin(), work.packets.end());
    if (work.error) here.errors.push_back({list.thread, *work.error});
  }

  // A thread that has an error to come starts no other list, so there is one at most.
  void told(int n, Node& here) {
    for (int t = 0; t < 4; ++t) {
      if (!(here.top.list_taken_i & here.top.list_error_o & 1 << t)) continue;
      const uint64_t tval = here.top.list_tval_o[size_t(2 * t)] | uint64_t(here.top.list_tval_o[size_t(2 * t + 1)])
                                                                      << 32;
      const auto error =
          std::find_if(here.errors.begin(), here.errors.end(), [t](const auto& e) { return e.first == t; });
      if (error == here.errors.end()) {
        ADD_FAILURE() << where(n) << "thread " << t << " is told of an error that there is not";
        return;
      }
      EXPECT_EQ(tval, error->second) << where(n) << "thread " << t;
      here.errors.erase(error);
      ++list_errors;
    }
  }

  void serve(int n, Node& here, Op& op) {
    const uint64_t offset = op.offset();
    switch (op.kind) {
      case PUSH:
      case PUT:
        for (int i = 0; i < op.nbytes; ++i) here.memory[offset + uint64_t(i)] = op.data[size_t(i)];
        break;
      case PULL:
        for (size_t i = 0; i < 64; ++i) op.answer[i] = here.memory[offset + i];
        return;
      case SIG: here.counters[op.gaddr & 31] += uint32_t(op.word()); return;
      case TELL: ++here.counters[op.gaddr & 31]; return;
      default: {
        for (size_t i = 0; i < 8; ++i) op.answer[i] = here.memory[offset + i];
        const uint64_t old = Op::pack(op.answer);
        if (op.kind == CAS) cas_hits += old == op.cmp;
        const uint64_t value = op.kind == AMOADD ? old + op.word() : old == op.cmp ? op.word() : old;
        for (size_t i = 0; i < 8; ++i) here.memory[offset + i] = uint8_t(value >> 8 * i);
        check_block(n, here, offset / 64, op);
        return;
      }
    }
    check_block(n, here, offset / 64, op);
    if (op.sig) ++here.counters[size_t(op.ctr)];
  }

  void check_block(int n, Node& here, uint64_t block, const Op& op) {
    for (size_t l = 0; l < 8; ++l) {
      uint64_t value = 0;
      for (size_t i = 8; i-- > 0;) value = value << 8 | here.memory[64 * block + 8 * l + i];
      EXPECT_EQ(words(here)[8 * block + l], value) << where(n) << std::hex << op.text() << " word " << l;
    }
  }

  bool loop_;
  std::array<std::deque<Parcel>, 2> wire_;
  std::array<std::array<int, 4>, 2> started_{};
  std::array<std::optional<std::array<uint64_t, 3>>, 2> value_{};
  std::array<std::optional<Op>, 2> arms_{};  // armed in this cycle
};

}  // namespace network_test
