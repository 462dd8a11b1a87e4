// Drives d1_simd and checks every cycle: results, flags, announcements, readiness and their exact times.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

#include "Vd1_simd.h"
#include "simd/reference.h"
#include "verilated.h"

namespace tatami::simd {

/// Seed of all random choices; TATAMI_SEED replays another one.
inline std::uint64_t test_seed() {
  const char* text = std::getenv("TATAMI_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : 1;
}

inline const isa::Opcode& opcode(Op op) { return isa::kOpcodes[static_cast<std::size_t>(op)]; }

class Driver {
 public:
  explicit Driver(std::uint64_t seed) : seed_(seed), rng_(seed) {
    model_.rst_ni = 0;
    tick();
    tick();
    model_.rst_ni = 1;
    tick();
    time_ = 0;
  }
  ~Driver() { drain(); }
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  std::mt19937_64& rng() { return rng_; }

  /// Percentage of cycles without an instruction.
  void set_gaps(unsigned percent) { gaps_ = percent; }

  /// Issues one instruction, waiting for readiness, after a random gap.
  void issue(const Issue& is) {
    while (gaps_ != 0 && rng_() % 100 < gaps_) idle();
    model_.valid_i = 1;
    model_.thread_i = is.thread;
    model_.insn_i = is.insn;
    std::memcpy(&model_.vs1_i, is.vs1.data(), 64);
    std::memcpy(&model_.vs2_i, is.vs2.data(), 64);
    std::memcpy(&model_.vd_i, is.vd.data(), 64);
    std::memcpy(&model_.tile_i, is.tile.data(), 64);
    model_.x_i = is.x;
    model_.sdesc_i = is.source.packed();
    model_.ddesc_i = is.destination.packed();
    model_.seed_i = is.seed;
    model_.count_i = is.count;
    bool taken = false;
    while (!taken) {
      model_.eval();
      taken = model_.ready_o != 0;
      if (taken) {
        const unsigned passes = is.op == Op::dv_fredsum_ ? 4 : 1;
        for (unsigned p = 1; p < passes; ++p) slots_[(time_ + 4 * p) % kSlots].again = true;
        Slot& slot = slots_[(time_ + 4 * passes) % kSlots];
        slot.due = true;
        slot.issue = is;
        under_way_ += 1;
        ++issued_;
      }
      EXPECT_EQ(model_.active_o != 0, taken) << where();
      check();
      tick();
    }
    // Whatever is on the inputs without valid_i must not matter.
    model_.valid_i = 0;
    if (rng_() % 16 == 0) scramble();
  }

  void idle() {
    model_.valid_i = 0;
    model_.eval();
    EXPECT_FALSE(model_.active_o) << where();
    check();
    tick();
  }

  /// Runs until every result has come.
  void drain() {
    for (unsigned i = 0; i < 2 * kSlots && (under_way_ != 0 || i < 8); ++i) idle();
    EXPECT_EQ(under_way_, 0U) << where();
    EXPECT_FALSE(model_.busy_o) << where();
  }

  std::uint64_t issued() const { return issued_; }
  bool failed() const { return failures_ >= kMaxFailures; }

 private:
  static constexpr unsigned kSlots = 32;  // more than the longest latency, 16
  static constexpr unsigned kMaxFailures = 10;

  struct Slot {
    bool due = false;    // a result in this cycle
    bool again = false;  // a reduction needs the issue slot
    Issue issue;
  };

  std::string where() const { return fmt::format("cycle {}, TATAMI_SEED={}", time_, seed_); }

  void tick() {
    model_.clk_i = 1;
    model_.eval();
    model_.clk_i = 0;
    model_.eval();
    ++time_;
  }

  void scramble() {
    for (unsigned i = 0; i < 16; ++i) model_.vs1_i[i] = static_cast<std::uint32_t>(rng_());
    model_.insn_i = static_cast<std::uint32_t>(rng_());
    model_.ddesc_i = static_cast<std::uint16_t>(rng_());
  }

  void fail(const std::string& what) {
    if (++failures_ <= kMaxFailures) ADD_FAILURE() << what << "\n  " << where();
  }

  void check() {
    Slot& slot = slots_[time_ % kSlots];
    const Slot& next = slots_[(time_ + 1) % kSlots];
    if ((model_.ready_o == 0) != slot.again) fail("ready_o is low only where a reduction needs the slot");
    if ((model_.res_valid_o != 0) != slot.due)
      fail(slot.due ? fmt::format("{}: no result", name(slot.issue)) : std::string("result without instruction"));
    if ((model_.res_next_valid_o != 0) != next.due) fail("announcement does not match the next cycle's result");
    if (under_way_ > (model_.active_o ? 1U : 0U) && !model_.busy_o) fail("busy_o is low with an instruction under way");
    if (next.due && model_.res_next_valid_o) {
      if (model_.res_next_thread_o != next.issue.thread || model_.res_next_reg_o != isa::field_vd(next.issue.insn) ||
          model_.res_next_kind_o != static_cast<unsigned>(target(next.issue.op)))
        fail(fmt::format("{}: announcement says thread {} kind {} register {}", name(next.issue),
                         model_.res_next_thread_o, model_.res_next_kind_o, model_.res_next_reg_o));
    }
    if (slot.due && model_.res_valid_o) compare(slot.issue);
    if (slot.due) --under_way_;
    slot.due = false;
    slot.again = false;
  }

  static Target target(Op op) {
    return op == Op::dv_mv_x_w_ ? Target::scalar : op == Op::dm_mv_t_v_ ? Target::tile : Target::vector;
  }

  static std::string name(const Issue& is) {
    return fmt::format("{} ({:#010x}, thread {})", opcode(is.op).name, is.insn, is.thread);
  }

  void compare(const Issue& is) {
    const Result want = reference(is);
    Lanes got;
    std::memcpy(got.data(), &model_.res_data_o, 64);
    if (model_.res_thread_o != is.thread || model_.res_reg_o != isa::field_vd(is.insn) ||
        model_.res_kind_o != static_cast<unsigned>(want.target))
      fail(fmt::format("{}: delivered to thread {} kind {} register {}", name(is), model_.res_thread_o,
                       model_.res_kind_o, model_.res_reg_o));
    if (got == want.data && model_.res_flags_o == want.flags) return;
    if (++failures_ > kMaxFailures) return;
    std::string text = fmt::format(
        "{}: flags expected {:04b}, got {:04b}; lane {}, source {:#06x}, destination {:#06x}, "
        "seed {:#x}, count {:#x}, x {:#x}\n",
        name(is), want.flags, model_.res_flags_o, isa::field_lane(is.insn), is.source.packed(), is.destination.packed(),
        is.seed, is.count, is.x);
    for (std::size_t i = 0; i < 16; ++i) {
      if (got[i] == want.data[i] && model_.res_flags_o == want.flags) continue;
      text += fmt::format("  lane {:2}: vs1 {:08x} vs2 {:08x} vd {:08x} tile {:08x}: expected {:08x}, got {:08x}{}\n",
                          i, is.vs1[i], is.vs2[i], is.vd[i], is.tile[i], want.data[i], got[i],
                          got[i] != want.data[i] ? "  <--" : "");
    }
    ADD_FAILURE() << text << "  " << where();
  }

  std::uint64_t seed_;
  std::mt19937_64 rng_;
  VerilatedContext context_;
  Vd1_simd model_{&context_};
  std::array<Slot, kSlots> slots_;
  std::uint64_t time_ = 0;
  std::uint64_t issued_ = 0;
  unsigned gaps_ = 0;
  unsigned under_way_ = 0;
  unsigned failures_ = 0;
};

}  // namespace tatami::simd
