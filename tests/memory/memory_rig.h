// What the tests of LSU and SRAM share: a rig that drives the harness d1_memory_tb and compares every cycle with a byte
// array.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "Vd1_memory_tb.h"
#include "Vd1_memory_tb___024root.h"
#include "memory/memory_operation.h"
#include "verilated.h"

// Signals of an access slot. A netlist has ports and registers, not the wires added for the trace.
#define SLOT(s, name) d1_memory_tb__DOT__u_lsu__DOT__u_slot##s##__DOT__##name
#ifdef TATAMI_NETLIST
#define SLOT_LANES(s) SLOT(s, gnt_i)
#define SLOT_THREAD(s) SLOT(s, thread_q)
#define SLOT_WRITES(s) SLOT(s, we_o)
#else
#define SLOT_LANES(s) SLOT(s, tr_lanes)
#define SLOT_THREAD(s) SLOT(s, tr_thread)
#define SLOT_WRITES(s) SLOT(s, tr_we)
#endif

namespace memory_test {

template <size_t N>
inline void put(VlWide<N>& wide, size_t bit, uint64_t value, int width) {
  for (int i = 0; i < width; ++i) {
    const size_t at = bit + size_t(i);
    wide[at / 32] = (wide[at / 32] & ~(1u << at % 32)) | uint32_t(value >> i & 1) << at % 32;
  }
}
template <size_t N>
inline uint64_t get(const VlWide<N>& wide, size_t bit, int width) {
  uint64_t value = 0;
  for (int i = 0; i < width; ++i) value |= uint64_t(wide[(bit + size_t(i)) / 32] >> (bit + size_t(i)) % 32 & 1) << i;
  return value;
}

// A requester outside the LSU: a list of words, asked for until all are granted.
struct Outside {
  std::array<bool, 8> want{};
  std::array<uint64_t, 8> word{};
  std::array<uint8_t, 8> mask{};
  std::array<uint64_t, 8> data{};
  bool busy() const {
    return std::any_of(want.begin(), want.end(), [](bool b) { return b; });
  }
};

class Rig {
 public:
  explicit Rig(uint64_t seed) : seed_(seed), random(seed), memory(kBytes) {
    for (size_t w = 0; w < kBytes / 8; ++w) {
      const uint64_t value = random();
      words()[w] = value;
      for (size_t i = 0; i < 8; ++i) memory[8 * w + i] = uint8_t(value >> 8 * i);
    }
    top.rst_ni = 0;
    for (int i = 0; i < 3; ++i) edge();
    top.rst_ni = 1;
    top.clk_i = 0;
    top.eval();
  }

  VlUnpacked<QData, 163840>& words() { return top.rootp->d1_memory_tb__DOT__u_sram__DOT__u_array__DOT__mem; }

  bool idle() const { return !flight[0] && !flight[1]; }
  bool may_issue(int slot, int thread) const { return !(pending(1 - slot) >> thread & 1); }
  int pending(int slot) const { return slot ? top.pending1_o : top.pending0_o; }
  bool failed() const { return ::testing::Test::HasFailure(); }

  // Requests of this cycle; step() clears them when they were accepted.
  std::array<std::optional<Op>, 2> request;
  Outside net_write, fetch, net_read;
  bool hold = false;  // nw_hold_i
  int traps = 0;      // threads that trap in this cycle

  // Called before the requests are fixed: `pending` shows the state of this cycle.
  void settle() {
    drive();
    top.eval();
  }

  // One cycle: drive, check, clock.
  void step() {
    drive();
    top.eval();
    check_results();
    const std::array<bool, 2> accepted = check_requests();
    perform();
    check_outside();
    std::array<bool, 2> complete{};
    for (int s = 0; s < 2; ++s) {
      if (!flight[size_t(s)]) continue;
      complete[size_t(s)] = flight[size_t(s)]->complete;
    }
    for (int s = 0; s < 2; ++s) check_state(s, complete[size_t(s)]);
    for (int s = 0; s < 2; ++s) {
      if (complete[size_t(s)]) {
        completed[size_t(s)] = cycle;
        flight[size_t(s)].reset();
      }
      if (accepted[size_t(s)]) {
        if (!fault_of(*request[size_t(s)])) flight[size_t(s)].emplace(*request[size_t(s)], cycle);
        request[size_t(s)].reset();
        ++operations;
      }
    }
    waited += top.wait_words_o;
    edge();
    top.clk_i = 0;
    top.eval();
    ++cycle;
  }

  void run_idle(int limit = 300) {
    for (int i = 0; i < limit && (!idle() || request[0] || request[1] || expected_[0] || expected_[1]); ++i) step();
    ASSERT_TRUE(idle()) << where() << "operations do not end";
  }

  void compare_memory() {
    for (size_t w = 0; w < kBytes / 8; ++w) {
      uint64_t value = 0;
      for (size_t i = 8; i-- > 0;) value = value << 8 | memory[8 * w + i];
      if (value != words()[w]) {
        ADD_FAILURE() << where() << "word " << w << ": expected " << std::hex << value << ", got " << words()[w];
        return;
      }
    }
  }

  std::string where() const { return "seed " + std::to_string(seed_) + " cycle " + std::to_string(cycle) + ": "; }

  uint64_t seed_;
  std::mt19937_64 random;
  std::vector<uint8_t> memory;
  std::array<std::optional<Flight>, 2> flight;
  std::array<uint64_t, 2> completed{};
  uint64_t cycle = 0, operations = 0, waited = 0, sc_good = 0, sc_bad = 0, replays = 0;
  VerilatedContext context;
  Vd1_memory_tb top{&context, "top"};

 private:
  void edge() {
    top.clk_i = 0;
    top.eval();
    top.clk_i = 1;
    top.eval();
  }

  void drive() {
    for (int s = 0; s < 2; ++s) {
      const auto& r = request[size_t(s)];
      const Op op = r.value_or(Op{});
      if (s == 0) {
        top.req_valid0_i = r.has_value();
        top.req_thread0_i = uint8_t(op.thread);
        top.req_op0_i = uint8_t(op.kind);
        top.req_funct30_i = uint8_t(op.funct3);
        top.req_amo0_i = uint8_t(op.amo);
        top.req_unit0_i = op.unit;
        top.req_indexed0_i = op.indexed;
        top.req_shape0_i = uint8_t(op.shape);
        top.req_pad0_i = op.pad;
        top.req_rows0_i = uint8_t(op.rows);
        top.req_bytes0_i = uint8_t(op.bytes);
        top.req_base0_i = op.base;
        top.req_stride0_i = op.stride;
        top.req_rd0_i = uint8_t(op.rd);
        for (size_t i = 0; i < 16; ++i) top.req_index0_i[i] = uint32_t(op.index[i]);
        for (size_t i = 0; i < 64; ++i) put(top.req_data0_i, 8 * i, op.data[i], 8);
      } else {
        top.req_valid1_i = r.has_value();
        top.req_thread1_i = uint8_t(op.thread);
        top.req_unit1_i = op.unit;
        top.req_indexed1_i = op.indexed;
        top.req_shape1_i = uint8_t(op.shape);
        top.req_pad1_i = op.pad;
        top.req_rows1_i = uint8_t(op.rows);
        top.req_bytes1_i = uint8_t(op.bytes);
        top.req_base1_i = op.base;
        top.req_stride1_i = op.stride;
        top.req_rd1_i = uint8_t(op.rd);
        for (size_t i = 0; i < 16; ++i) top.req_index1_i[i] = uint32_t(op.index[i]);
      }
    }
    top.resv_clear_i = uint8_t(traps);
    top.nw_hold_i = hold;
    uint8_t nw = 0, f = 0, nr = 0;
    for (size_t l = 0; l < 8; ++l) {
      nw = uint8_t(nw | net_write.want[l] << l);
      f = uint8_t(f | fetch.want[l] << l);
      nr = uint8_t(nr | net_read.want[l] << l);
      put(top.nw_word_i, 18 * l, net_write.word[l], 18);
      top.nw_wmask_i = (top.nw_wmask_i & ~(0xffull << 8 * l)) | uint64_t(net_write.mask[l]) << 8 * l;
      put(top.nw_wdata_i, 64 * l, net_write.data[l], 64);
      put(top.f_word_i, 18 * l, fetch.word[l], 18);
      put(top.nr_word_i, 18 * l, net_read.word[l], 18);
    }
    top.nw_req_i = nw;
    top.f_req_i = f;
    top.nr_req_i = nr;
  }

  // Faults, ready; returns which requests transfer.
  std::array<bool, 2> check_requests() {
    std::array<bool, 2> accepted{};
    for (int s = 0; s < 2; ++s) {
      const auto& r = request[size_t(s)];
      if (!r) continue;
      const auto want = fault_of(*r);
      const bool fault = s ? top.fault1_o : top.fault0_o;
      const int cause = s ? top.fault_cause1_o : top.fault_cause0_o;
      const uint64_t tval = s ? top.fault_tval1_o : top.fault_tval0_o;
      EXPECT_EQ(fault, want.has_value()) << where() << "slot " << s << " " << r->text() << ": fault";
      if (want && fault) {
        EXPECT_EQ(cause, want->cause) << where() << r->text();
        EXPECT_EQ(tval, want->tval) << where() << std::hex << r->text();
      }
      accepted[size_t(s)] = s ? top.req_ready1_o : top.req_ready0_o;
    }
    return accepted;
  }

  void check_results() {
    for (int s = 0; s < 2; ++s) {
      auto& want = expected_[size_t(s)];
      const bool vector = top.vwb_valid_o >> s & 1, scalar = s == 0 && top.gwb_valid_o;
      EXPECT_EQ(vector, want && want->vector) << where() << "slot " << s << ": vector result";
      if (s == 0) {
        EXPECT_EQ(scalar, want && !want->vector) << where() << "slot 0: scalar result";
      }
      if (want && want->vector && vector) {
        EXPECT_EQ(top.vwb_thread_o >> 2 * s & 3, want->thread) << where();
        EXPECT_EQ(top.vwb_reg_o >> 5 * s & 31, want->reg) << where();
        for (size_t i = 0; i < 64; ++i) {
          const auto got = uint8_t(get(top.vwb_data_o, 512 * size_t(s) + 8 * i, 8));
          if (got != want->data[i]) {
            ADD_FAILURE() << where() << "slot " << s << " " << last_[size_t(s)] << ": register byte " << i
                          << " expected " << int(want->data[i]) << " got " << int(got);
            break;
          }
        }
      }
      if (want && !want->vector && scalar) {
        uint64_t value = 0;
        for (size_t i = 8; i-- > 0;) value = value << 8 | want->data[i];
        EXPECT_EQ(top.gwb_thread_o, want->thread) << where();
        EXPECT_EQ(top.gwb_reg_o, want->reg) << where();
        EXPECT_EQ(top.gwb_data_o, value) << where() << std::hex << last_[0];
      }
      want.reset();
    }
  }

  uint64_t read(uint64_t offset, int count) const {
    uint64_t value = 0;
    for (int i = count - 1; i >= 0; --i) value = value << 8 | memory[offset + uint64_t(i)];
    return value;
  }

  void kill(uint64_t block) {
    for (auto& r : reservation_)
      if (r == block) r.reset();
  }

  void expect_scalar(const Flight& f, uint64_t value) {
    Result result{false, f.op.thread, f.op.rd, {}};
    for (size_t i = 0; i < 8; ++i) result.data[i] = uint8_t(value >> 8 * i);
    expected_[0] = result;
    last_[0] = f.op.text();
  }

  static uint64_t extend(uint64_t value, int funct3) {
    switch (funct3) {
      case 0: return uint64_t(int64_t(int8_t(value)));
      case 1: return uint64_t(int64_t(int16_t(value)));
      case 2: return uint64_t(int64_t(int32_t(value)));
      default: return value;
    }
  }

  // The words performed in this cycle, as the trace shows them.
  void perform() {
    const auto& root = *top.rootp;
    busy_words_.clear();
    for (int s = 0; s < 2; ++s) {
      const int lanes = s ? root.SLOT_LANES(1) : root.SLOT_LANES(0);
      const int thread = s ? root.SLOT_THREAD(1) : root.SLOT_THREAD(0);
      const bool write = s ? false : root.SLOT_WRITES(0);
      auto& flight_here = flight[size_t(s)];
      if (!flight_here) {
        EXPECT_EQ(lanes, 0) << where() << "slot " << s << " performs words without an operation";
        continue;
      }
      Flight& f = *flight_here;
      if (lanes) {
        EXPECT_EQ(thread, f.op.thread) << where();
      }
      const bool progress = lanes != 0;
      for (size_t l = 0; l < 8; ++l) {
        if (!(lanes >> l & 1)) continue;
        const uint64_t word = s ? get(root.SLOT(1, word_o), 18 * l, 18) : get(root.SLOT(0, word_o), 18 * l, 18);
        const uint64_t masks = s ? root.SLOT(1, wmask_o) : root.SLOT(0, wmask_o);
        const auto mask = uint8_t(masks >> 8 * l);
        if (f.lanes[l].empty()) {
          ADD_FAILURE() << where() << "slot " << s << " " << f.op.text() << ": lane " << l
                        << " has nothing left but performs word " << word;
          continue;
        }
        Access access = f.lanes[l].front();
        EXPECT_EQ(word, access.word) << where() << f.op.text() << " lane " << l;
        EXPECT_EQ(int(mask), int(access.mask)) << where() << f.op.text() << " lane " << l << " word " << word;
        EXPECT_EQ(write, f.op.writes() || f.op.kind == SC || (f.op.kind == AMO && f.read_done))
            << where() << f.op.text();
        // One access a bank a cycle; readers of one requester may share.
        auto [entry, fresh] = busy_words_.try_emplace(bank_of(word), word, write ? 10 : s);
        if (!fresh) {
          EXPECT_TRUE(!write && entry->second == std::make_pair(word, s))
              << where() << f.op.text() << ": bank " << bank_of(word) << " accessed twice";
        }
        if (f.op.kind == AMO && !f.read_done) continue;  // the same word will be written
        f.lanes[l].pop_front();
        for (const Byte& byte : access.bytes) {
          const uint64_t offset = byte.address - kBase;
          if (f.op.writes() || f.op.kind == SC) {
            auto [row, first] = f.writer.try_emplace(offset, byte.row);
            EXPECT_GE(byte.row, row->second) << where() << f.op.text() << ": higher rows win";
            row->second = byte.row;
            memory[offset] = f.op.data[size_t(byte.position)];
            EXPECT_EQ(uint8_t(get(root.SLOT(0, wdata_o), 64 * l + 8 * (offset % 8), 8)), memory[offset])
                << where() << f.op.text() << " lane " << l;
          } else {
            f.result[size_t(byte.position)] = memory[offset];
          }
        }
        if (write) kill(word / 8);
      }
      const bool waiting = cycle == f.accepted;  // accepted in this cycle; cannot happen, flights start in the next one
      EXPECT_FALSE(waiting) << where();
      finish(s, f, progress);
    }
    // Then traps, then the network.
    for (int t = 0; t < 4; ++t) {
      if (!(traps >> t & 1)) continue;
      bool deferred = false;
      if (flight[0] && flight[0]->op.thread == t && (flight[0]->op.kind == SC || flight[0]->op.kind == LR) &&
          !flight[0]->complete) {
        flight[0]->trapped = deferred = true;
      }
      if (!deferred) reservation_[size_t(t)].reset();
    }
    for (size_t l = 0; l < 8; ++l) {
      if (!net_write.want[l] || !(top.nw_gnt_o >> l & 1)) continue;
      net_write.want[l] = false;
      const uint64_t word = net_write.word[l];
      EXPECT_TRUE(busy_words_.try_emplace(bank_of(word), word, 11).second)
          << where() << "network write: bank accessed twice";
      for (size_t i = 0; i < 8; ++i)
        if (net_write.mask[l] >> i & 1) memory[8 * word + i] = uint8_t(net_write.data[l] >> 8 * i);
      kill(word / 8);
    }
  }

  void finish(int s, Flight& f, bool progress) {
    const Op& op = f.op;
    switch (op.kind) {
      case SC: {
        const bool performed = progress;
        const bool ended = !(top.pending0_o >> op.thread & 1);
        if (!ended) return;
        const auto& r = standing_;
        const bool stands = r[size_t(op.thread)] && *r[size_t(op.thread)] == (op.base - kBase) / 64;
        EXPECT_EQ(performed, stands) << where() << op.text() << ": reservation";
        ++(performed ? sc_good : sc_bad);
        reservation_[size_t(op.thread)].reset();
        f.complete = true;
        expect_scalar(f, performed ? 0 : 1);
        return;
      }
      case AMO: {
        if (!progress) return;
        const uint64_t offset = op.base - kBase;
        const int size = op.funct3 == 3 ? 8 : 4;
        if (!f.read_done) {
          f.read_done = true;
          f.old_value = read(offset, size);
          expect_scalar(f, extend(f.old_value, op.funct3));
          return;
        }
        EXPECT_EQ(read(offset, size), f.old_value)
            << where() << op.text() << ": the word changed between read and write";
        const uint64_t value = amo_result(op.amo, size == 8, f.old_value, op.scalar());
        for (int i = 0; i < size; ++i) memory[offset + uint64_t(i)] = uint8_t(value >> 8 * i);
        f.complete = true;
        return;
      }
      default: break;
    }
    if (!f.empty()) return;
    f.complete = true;
    if (op.kind == LR) {
      if (!f.trapped) reservation_[size_t(op.thread)] = (op.base - kBase) / 64;
      if (traps >> op.thread & 1) reservation_[size_t(op.thread)].reset();
    }
    if (op.kind == LOAD || op.kind == LR) {
      uint64_t value = 0;
      for (size_t i = 8; i-- > 0;) value = value << 8 | f.result[i];
      expect_scalar(f, extend(value, op.funct3));
    } else if (op.kind == VLOAD) {
      expected_[size_t(s)] = Result{true, op.thread, op.rd, f.result};
      last_[size_t(s)] = op.text();
    }
  }

  void check_outside() {
    check_reader(fetch, top.f_gnt_o, top.f_rdata_o, fetch_due_, 12, "fetch");
    check_reader(net_read, top.nr_gnt_o, top.nr_rdata_o, read_due_, 13, "network read");
    standing_ = reservation_;
  }

  template <size_t N>
  void check_reader(Outside& reader, int granted, const VlWide<N>& data, std::array<std::optional<uint64_t>, 8>& due,
                    int name, const char* text) {
    for (size_t l = 0; l < 8; ++l) {
      if (due[l]) {
        EXPECT_EQ(get(data, 64 * l, 64), *due[l]) << where() << text << " lane " << l;
      }
      due[l].reset();
      if (!reader.want[l] || !(granted >> l & 1)) continue;
      reader.want[l] = false;
      const uint64_t word = reader.word[l];
      auto [entry, fresh] = busy_words_.try_emplace(bank_of(word), word, name);
      if (!fresh) {
        EXPECT_EQ(entry->second, std::make_pair(word, name)) << where() << text << ": bank accessed twice";
      }
      due[l] = read(8 * word, 8);
    }
  }

  void check_state(int s, bool complete) {
    const auto& f = flight[size_t(s)];
    const int want = f && !complete ? 1 << f->op.thread : 0;
    EXPECT_EQ(pending(s), want) << where() << "slot " << s << ": pending" << (f ? " " + f->op.text() : "");
    EXPECT_EQ(int(s ? top.req_ready1_o : top.req_ready0_o), int(want == 0)) << where() << "slot " << s << ": ready";
    if (s == 0) {
      const bool store = f && complete && f->op.kind == STORE;
      EXPECT_EQ(bool(top.store_done_o), store) << where() << "store_done";
      if (store) {
        EXPECT_EQ(top.store_offset_o, f->op.base - kBase) << where();
        EXPECT_EQ(top.store_data_o, f->op.scalar()) << where();
      }
      replays += top.replay_o != 0;
    }
  }

  std::array<std::optional<Result>, 2> expected_;
  std::array<std::string, 2> last_;
  std::array<std::optional<uint64_t>, 4> reservation_, standing_;
  std::array<std::optional<uint64_t>, 8> fetch_due_, read_due_;
  std::map<int, std::pair<uint64_t, int>> busy_words_;
};

// A vector load of slot 1 (1), a line of fetch (2) or of the NIU (3), from a word on.
inline void ask(Rig& rig, int requester, uint64_t word, int thread) {
  if (requester == 1) {
    Op load;
    load.kind = VLOAD;
    load.unit = true;
    load.base = kBase + 8 * word;
    load.thread = thread;
    rig.request[1] = load;
    return;
  }
  auto& reader = requester == 2 ? rig.fetch : rig.net_read;
  for (size_t l = 0; l < 8; ++l) reader.want[l] = true, reader.word[l] = word + l;
}

// Nothing of requester 0 (slot 0) .. 3 waits any more.
inline bool served_all(const Rig& rig, int requester) {
  if (requester < 2) return !rig.flight[size_t(requester)];
  return requester == 2 ? !rig.fetch.busy() : !rig.net_read.busy();
}

}  // namespace memory_test
