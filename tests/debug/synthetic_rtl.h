// A stand-in for the RTL under lockstep: a second golden machine whose steps are reported as the RTL would report them,
// with results and memory accesses some cycles after the commit, and, on demand, with one deliberate error.
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>
#include <deque>
#include <functional>
#include <optional>
#include <random>
#include <vector>

#include "debug/lockstep.h"
#include "golden/machine.h"
#include "host/elf.h"

namespace tatami::test {

enum class Event { commit, scalar, vector, tile, read, write, external };

/// One report to the lockstep comparer, which an error may change before it is delivered.
struct Report {
  Event kind = Event::commit;
  unsigned thread = 0;
  debug::Commit commit;
  unsigned reg = 0;
  std::uint64_t value = 0;  // scalar, or the data of a memory word
  golden::Vector vector;
  golden::TileData tile;
  golden::Flags flags = 0;  // raised with a vector or tile
  std::uint32_t word = 0;
  std::uint8_t mask = 0;
  isa::Op op = isa::Op::kIllegal;
  golden::AccessKind access = golden::AccessKind::none;
};

/// Changes a report. Returns how often it is delivered: 1 unless it is lost (0) or doubled (2).
using Tamper = std::function<int(Report&)>;

class SyntheticRtl {
 public:
  SyntheticRtl(const Program& program, std::uint64_t seed, Tamper tamper)
      : random_(seed), tamper_(std::move(tamper)), lockstep_(golden_.node()) {
    for (golden::Machine* machine : {&rtl_, &golden_}) {
      for (const Segment& segment : program.segments) {
        if (!machine->write(segment.address, segment.bytes)) std::abort();
      }
      machine->reset(program.entry, program.address_of("tohost"));
    }
    lockstep_.reset();
  }

  /// Runs to the program's end or the first divergence.
  const debug::Lockstep& run() {
    bool ended = false;
    for (unsigned asleep = 0; !ended && !lockstep_.diverged() && asleep < 1000;) {
      next_cycle();
      golden::Hart& hart = rtl_.hart(static_cast<unsigned>(random_() % golden::kThreads));
      // Whatever touches memory comes after all that was under way, so that the order is plain.
      if (touches_memory(hart)) perform_all();
      deliver_results(must_wait(hart) || results_.size() > 20);
      std::optional<golden::Sram> before;
      if (network_op(hart)) before = rtl_.node().sram();
      hart.step(record_);
      asleep = record_.status == golden::Status::asleep ? asleep + 1 : 0;
      if (record_.status == golden::Status::asleep) continue;
      report_commit(hart);
      report_results(hart);
      if (before) report_difference(*before);
      if (random_() % 2 == 0) perform_some();
      ended = record_.exit;
    }
    perform_all();
    deliver_results(true);
    lockstep_.finish(true);
    return lockstep_;
  }

 private:
  static bool network_op(isa::Op op) { return op >= isa::Op::dn_push_ && op <= isa::Op::dn_cas_d_; }
  isa::Op next_op(golden::Hart& hart) {
    const auto offset = golden::sram_offset(hart.pc(), 4);
    return offset ? golden::decode_op(rtl_.node().sram().word(*offset)) : isa::Op::kIllegal;
  }
  bool network_op(golden::Hart& hart) { return network_op(next_op(hart)); }
  bool touches_memory(golden::Hart& hart) {
    const isa::Op op = next_op(hart);
    if (op == isa::Op::kIllegal) return false;
    const auto extension = golden::opcode(op).extension;
    return extension == "xd1mem" || extension == "rv64a" || network_op(op) || op == isa::Op::fence_ ||
           op == isa::Op::fence_i_ || (op >= isa::Op::lb_ && op <= isa::Op::sd_);
  }
  // The scoreboard: an instruction waits for results of the registers that it names. Numbers are compared whatever they
  // mean.
  bool must_wait(golden::Hart& hart) {
    const auto offset = golden::sram_offset(hart.pc(), 4);
    const std::uint32_t insn = offset ? rtl_.node().sram().word(*offset) : 0;
    return std::ranges::any_of(results_, [&](const Report& r) {
      return r.thread == hart.thread() && (r.kind == Event::tile || r.reg == (insn >> 7 & 31) ||
                                           r.reg == (insn >> 15 & 31) || r.reg == (insn >> 20 & 31));
    });
  }

  void next_cycle() { lockstep_.begin_cycle(++cycle_); }

  void deliver(const Report& original) {
    Report report = original;
    const int times = tamper_ ? tamper_(report) : 1;
    for (int i = 0; i < times; ++i) {
      switch (report.kind) {
        case Event::commit: lockstep_.commit(report.commit); break;
        case Event::scalar: lockstep_.gpr_writeback(report.thread, report.reg, report.value); break;
        case Event::vector:
          lockstep_.vector_writeback(report.thread, report.reg, report.vector.lane, report.flags);
          break;
        case Event::tile: lockstep_.tile_writeback(report.thread, report.reg, report.tile.element, report.flags); break;
        case Event::read: lockstep_.mem_event(report.thread, report.word, report.mask, false, 0); break;
        case Event::write: lockstep_.mem_event(report.thread, report.word, report.mask, true, report.value); break;
        case Event::external: lockstep_.external_write(report.word, report.mask, report.value); break;
      }
    }
  }

  Report report(Event kind, golden::Hart& hart) {
    Report r;
    r.kind = kind;
    r.thread = hart.thread();
    r.op = record_.op;
    r.access = record_.access.kind;
    return r;
  }

  bool late_scalar() {
    const isa::Op op = record_.op;
    const auto extension = golden::opcode(op).extension;
    return extension == "rv64m" || extension == "rv64a" || (op >= isa::Op::lb_ && op <= isa::Op::lwu_) ||
           op == isa::Op::dv_mv_x_w_ || op == isa::Op::dn_amoadd_d_ || op == isa::Op::dn_cas_d_;
  }

  void report_commit(golden::Hart& hart) {
    Report r = report(Event::commit, hart);
    r.commit.thread = hart.thread();
    r.commit.pc = record_.pc;
    r.commit.insn = record_.insn;
    r.commit.trap = record_.status == golden::Status::trapped;
    r.commit.cause = static_cast<std::uint64_t>(record_.cause);
    r.commit.tval = record_.tval;
    if (record_.gpr >= 0 && !late_scalar()) {
      r.commit.rd_we = true;
      r.commit.rd = static_cast<unsigned>(record_.gpr);
      r.commit.rd_value = record_.gpr_value;
    }
    deliver(r);
  }

  void report_results(golden::Hart& hart) {
    if (record_.status == golden::Status::trapped) return;
    if (record_.gpr >= 0 && late_scalar()) {
      Report r = report(Event::scalar, hart);
      r.reg = static_cast<unsigned>(record_.gpr);
      r.value = record_.gpr_value;
      results_.push_back(r);
    }
    if (record_.vector_reg >= 0) {
      Report r = report(Event::vector, hart);
      r.reg = static_cast<unsigned>(record_.vector_reg);
      r.vector = hart.v(r.reg);
      r.flags = record_.flags;
      results_.push_back(r);
    }
    for (unsigned tile = 0; tile < 8; ++tile) {
      if ((record_.tile_mask >> tile & 1) == 0) continue;
      Report r = report(Event::tile, hart);
      r.reg = tile;
      r.tile = hart.tile(tile);
      r.flags = record_.flags;
      results_.push_back(r);
    }
    report_memory(hart);
  }

  // Cuts the access into words of at most 8 bytes of a row, as the SRAM performs them.
  void report_memory(golden::Hart& hart) {
    const golden::Access& access = record_.access;
    const bool amo = access.kind == golden::AccessKind::amo;
    std::vector<Report> words;
    for (unsigned i = 0; i < access.count; ++i) {
      const golden::Span& span = access.spans[i];
      for (unsigned b = 0; b < span.bytes; ++b) {
        const std::uint32_t offset = span.offset + b;
        if (b % access.unit == 0 || offset % 8 == 0) {
          Report r = report(access.writes() ? Event::write : Event::read, hart);
          r.word = offset / 8;
          words.push_back(r);
        }
        const std::uint8_t byte = amo ? access.amo_new[b] : access.data[span.at + b];
        words.back().mask |= static_cast<std::uint8_t>(1U << offset % 8);
        words.back().value |= std::uint64_t{byte} << 8 * (offset % 8);
      }
    }
    // Loads in any order; stores in row order, because rows may overlap.
    if (!access.writes()) std::shuffle(words.begin(), words.end(), random_);
    if (amo && random_() % 2 == 0) {
      Report read = words[0];
      read.kind = Event::read;
      words.insert(words.begin(), read);
    }
    memory_.insert(memory_.end(), words.begin(), words.end());
  }

  void report_difference(const golden::Sram& before) {
    const golden::Sram& after = rtl_.node().sram();
    for (std::uint32_t offset = 0; offset < golden::kMemoryBytes; offset += 8) {
      std::uint64_t a, b;
      std::memcpy(&a, before.data() + offset, 8);
      std::memcpy(&b, after.data() + offset, 8);
      if (a == b) continue;
      Report r;
      r.kind = Event::external;
      r.word = offset / 8;
      r.mask = 0xFF;
      r.value = b;
      memory_.push_back(r);
    }
  }

  void perform_some() {
    for (std::uint64_t n = random_() % 4; n > 0 && !memory_.empty(); --n) {
      deliver(memory_.front());
      memory_.pop_front();
    }
  }
  void perform_all() {
    while (!memory_.empty()) {
      if (random_() % 4 == 0) next_cycle();
      deliver(memory_.front());
      memory_.pop_front();
    }
    next_cycle();
  }
  void deliver_results(bool all) {
    while (!results_.empty() && (all || random_() % 2 == 0)) {
      deliver(results_.front());
      results_.pop_front();
    }
  }

  std::mt19937_64 random_;
  Tamper tamper_;
  golden::Machine rtl_;
  golden::Machine golden_;
  debug::Lockstep lockstep_;
  golden::Record record_;
  std::uint64_t cycle_ = 0;
  std::deque<Report> results_;
  std::deque<Report> memory_;
};

}  // namespace tatami::test
