#include "debug/lockstep.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "debug/format.h"
#include "golden/decoder.h"
#include "golden/disasm.h"

namespace tatami::debug {
namespace {

using golden::Status;

// More results of one register outstanding than any unit can hold: one has been forgotten. Rows that dm.mv.t.v writes
// into a tile follow each other every cycle, so five are under way, and they are seen a cycle later.
constexpr std::size_t kMostOutstanding = 8;
// A register whose value has not arrived from the network yet; nothing may read it.
constexpr std::uint64_t kUnknown = 0xBAD0'BAD0'BAD0'BAD0;
// Cycles between two searches for lost results.
constexpr std::uint64_t kSearchInterval = 4096;

bool is_interrupt(const Commit& commit) { return commit.trap && commit.cause >> 63 != 0; }

bool same(std::uint64_t a, std::uint64_t b) { return a == b; }
bool same(const golden::Vector& a, const golden::Vector& b) { return a == b; }
bool same(const golden::TileData& a, const golden::TileData& b) { return a == b; }

void count(Compared& compared, std::uint64_t) { ++compared.scalars; }
void count(Compared& compared, const golden::Vector&) { compared.vector_elements += 16; }
void count(Compared& compared, const golden::TileData&) { compared.tile_elements += 64; }

}  // namespace

Lockstep::Lockstep(golden::Node& node, LockstepOptions options) : node_(node), options_(options), lists_(node) {
  node_.set_port(this);
  node_.set_external(this);
  reset();
}

Lockstep::~Lockstep() {
  node_.set_port(nullptr);
  node_.set_external(nullptr);
}

void Lockstep::reset() {
  for (Thread& t : threads_) t = Thread{};
  line_written_.assign(golden::kMemoryBytes / 64, 0);
  lists_.reset();
  writes_ = 0;
  cycle_ = 0;
  divergence_.reset();
  compared_ = {};
  exit_value_.reset();
}

void Lockstep::begin_cycle(std::uint64_t cycle) {
  cycle_ = cycle;
  if (cycle % kSearchInterval == 0 && cycle > options_.patience && !diverged()) {
    check_outstanding(cycle - options_.patience);
  }
}

// ---- Commits ----

void Lockstep::commit(const Commit& commit) {
  if (diverged()) return;
  Thread& t = threads_[commit.thread];
  t.queue.push_back({commit, cycle_});
  if (t.queue.size() == 1) advance(commit.thread);
}

void Lockstep::advance(unsigned thread) {
  Thread& t = threads_[thread];
  while (!t.queue.empty() && !diverged() && execute(thread, t.queue.front())) t.queue.pop_front();
}

bool Lockstep::execute(unsigned thread, const Pending& pending) {
  Thread& t = threads_[thread];
  golden::Hart& hart = node_.hart(thread);
  const Commit& commit = pending.commit;
  const Origin origin = origin_of(pending);
  if (!t.waits_for_load) {
    if (hart.halted()) {
      diverge(thread, origin, "commit", "none: the thread has halted", disassemble(commit.insn, commit.pc));
      return false;
    }
    if (commit.pc != hart.pc()) {
      diverge(thread, origin, "pc", hex(hart.pc()), hex(commit.pc));
      return false;
    }
    if (is_interrupt(commit)) return interrupt(thread, pending);
    if (!check_word(thread, pending)) return false;
  }

  current_ = &pending;
  external_taken_ = false;
  if (golden::sram_offset(hart.pc(), 4)) {
    hart.execute(commit.insn, record_);
  } else {
    hart.step(record_);
  }
  current_ = nullptr;
  if (diverged()) return false;
  if (record_.status == Status::blocked) {
    if (!commit.trap) return false;
    diverge(thread, origin, "trap", "none", "cause " + std::to_string(commit.cause) + ", mtval " + hex(commit.tval));
    return false;
  }
  if (t.waits_for_load) {
    t.operations.pop_back();
    t.waits_for_load = t.load_ready = t.amo_read = false;
  }

  ++compared_.instructions;
  compare_trap(thread, pending);
  if (!diverged()) compare_results(thread, pending);
  if (!diverged()) check_fence(thread, pending);
  t.history.push_back(origin);
  if (t.history.size() > options_.history) t.history.pop_front();
  if (record_.exit && !exit_value_) exit_value_ = record_.exit_value;
  return !diverged();
}

// When an interrupt comes and its mtval are the RTL's; that the thread had it enabled, and where it goes on, are
// golden's.
bool Lockstep::interrupt(unsigned thread, const Pending& pending) {
  if (!node_.hart(thread).interrupt(record_, pending.commit.tval)) {
    diverge(thread, origin_of(pending), "interrupt", "none: mie or mstatus forbids it", "one");
    return false;
  }
  ++compared_.traps;
  return true;
}

// The instruction word must be what memory holds, unless the line was written after the thread's last fence.i.
bool Lockstep::check_word(unsigned thread, const Pending& pending) {
  const auto offset = golden::sram_offset(pending.commit.pc, 4);
  if (!offset) return true;
  const std::uint32_t word = node_.sram().word(*offset);
  if (word == pending.commit.insn || line_written_[*offset / 64] > threads_[thread].fence_i) return true;
  diverge(thread, origin_of(pending), "instruction", disassemble(word, pending.commit.pc) + " (" + hex(word) + ")",
          disassemble(pending.commit.insn, pending.commit.pc) + " (" + hex(pending.commit.insn) + ")");
  return false;
}

void Lockstep::compare_trap(unsigned thread, const Pending& pending) {
  const Commit& commit = pending.commit;
  const bool trapped = record_.status == Status::trapped;
  if (trapped) ++compared_.traps;
  const auto cause = static_cast<std::uint64_t>(record_.cause);
  if (trapped == commit.trap && (!trapped || (cause == commit.cause && record_.tval == commit.tval))) return;
  const auto text = [](bool trap, std::uint64_t number, std::uint64_t tval) {
    return trap ? "cause " + std::to_string(number) + ", mtval " + hex(tval) : std::string("none");
  };
  diverge(thread, origin_of(pending), "trap", text(trapped, cause, record_.tval),
          text(commit.trap, commit.cause, commit.tval));
}

void Lockstep::compare_results(unsigned thread, const Pending& pending) {
  Thread& t = threads_[thread];
  golden::Hart& hart = node_.hart(thread);
  const Origin origin = origin_of(pending);
  compare_scalar(thread, pending);
  if (record_.vector_reg >= 0) {
    const auto reg = static_cast<unsigned>(record_.vector_reg);
    t.vectors[reg].expected.push_back({hart.v(reg), origin, false, record_.flags});
    match(thread, t.vectors[reg], "v" + std::to_string(reg));
  }
  for (unsigned tile = 0; tile < 8 && record_.tile_mask != 0; ++tile) {
    if ((record_.tile_mask >> tile & 1) == 0) continue;
    t.tiles[tile].expected.push_back({hart.tile(tile), origin, false, record_.flags});
    match(thread, t.tiles[tile], "tile t" + std::to_string(tile));
  }
}

void Lockstep::compare_scalar(unsigned thread, const Pending& pending) {
  const Commit& commit = pending.commit;
  const bool early = commit.rd_we && commit.rd != 0;
  if (early || record_.gpr < 0) {
    if (early && record_.gpr == static_cast<int>(commit.rd) && record_.gpr_value == commit.rd_value) {
      ++compared_.scalars;
    } else if (early || record_.gpr >= 0) {
      const auto text = [](int reg, std::uint64_t value) {
        return reg <= 0 ? std::string("none")
                        : std::string(register_name(static_cast<unsigned>(reg))) + " = " + hex(value);
      };
      diverge(thread, origin_of(pending), "x register written", text(record_.gpr, record_.gpr_value),
              text(early ? static_cast<int>(commit.rd) : -1, commit.rd_value));
    }
    return;
  }
  if (external_taken_) return;
  const auto reg = static_cast<unsigned>(record_.gpr);
  ResultQueue<std::uint64_t>& queue = threads_[thread].scalars[reg];
  queue.expected.push_back({record_.gpr_value, origin_of(pending), record_.gpr_external, 0});
  match(thread, queue, register_name(reg));
}

// ---- What the golden hart takes from the RTL ----

std::uint64_t Lockstep::counter_csr(unsigned, std::uint16_t) {
  ++compared_.external;
  return current_->commit.rd_we ? current_->commit.rd_value : 0;
}

std::uint64_t Lockstep::network_result(unsigned thread, isa::Op) {
  ++compared_.external;
  const Commit& commit = current_->commit;
  if (commit.rd_we) return commit.rd_value;
  const unsigned rd = commit.insn >> 7 & 31;
  ResultQueue<std::uint64_t>& queue = threads_[thread].scalars[rd];
  if (rd == 0 || queue.got.empty()) return kUnknown;
  const std::uint64_t value = queue.got.front().value;
  queue.got.pop_front();
  external_taken_ = true;
  return value;
}

// ---- Lists of transfers ----

std::uint64_t Lockstep::list_error(unsigned thread) {
  const Commit& commit = current_->commit;
  const bool told = commit.trap && commit.cause == static_cast<std::uint64_t>(golden::Cause::list_failed);
  return told ? lists_.told(thread, commit.tval) : 0;
}

void Lockstep::list_started(unsigned thread, const golden::TransferList& list) {
  lists_.start(thread, list, origin_of(*current_));
}

void Lockstep::list_read(std::uint32_t word, bool of_descriptor) {
  if (!diverged()) diverge(lists_.read(word, of_descriptor, cycle_));
}

void Lockstep::list_packet(ListCheck::Flit flit) {
  if (diverged()) return;
  ++compared_.list_packets;
  diverge(lists_.packet(flit));
}

void Lockstep::diverge(const ListCheck::Outcome& outcome) {
  if (outcome) diverge(outcome->thread, outcome->origin, outcome->what, outcome->expected, outcome->got);
}

// ---- Results ----

template <typename T>
void Lockstep::match(unsigned thread, ResultQueue<T>& queue, const std::string& name) {
  while (queue.matchable() && !diverged()) {
    const Result<T>& expected = queue.expected.front();
    const Result<T>& got = queue.got.front();
    if (expected.external) {
      if constexpr (std::is_same_v<T, std::uint64_t>) {
        for (unsigned reg = 1; reg < 32; ++reg) {
          if (&threads_[thread].scalars[reg] == &queue) node_.hart(thread).set_x(reg, got.value);
        }
      }
    } else if (!same(expected.value, got.value)) {
      const Difference difference = describe(expected.value, got.value);
      diverge(thread, expected.origin, name + difference.where, difference.expected, difference.got);
      return;
    } else if (expected.flags != got.flags) {
      diverge(thread, expected.origin, "flags raised", flags_text(expected.flags), flags_text(got.flags));
      return;
    } else {
      count(compared_, got.value);
      if constexpr (!std::is_same_v<T, std::uint64_t>) ++compared_.flags;
    }
    queue.pop();
  }
  if (queue.expected.size() > kMostOutstanding && !diverged()) {
    diverge(thread, queue.expected.front().origin, name, "a result", "none, though later instructions wrote it again");
  }
}

void Lockstep::gpr_writeback(unsigned thread, unsigned reg, std::uint64_t value) {
  if (diverged() || reg == 0) return;
  ResultQueue<std::uint64_t>& queue = threads_[thread].scalars[reg];
  queue.got.push_back({value, {0, cycle_, 0}, false, 0});
  match(thread, queue, register_name(reg));
}

void Lockstep::vector_writeback(unsigned thread, unsigned reg, std::span<const std::uint32_t, 16> data,
                                golden::Flags flags) {
  if (diverged()) return;
  ResultQueue<golden::Vector>& queue = threads_[thread].vectors[reg];
  Result<golden::Vector>& result = queue.got.emplace_back();
  std::ranges::copy(data, result.value.lane.begin());
  result.origin.cycle = cycle_;
  result.flags = flags;
  match(thread, queue, "v" + std::to_string(reg));
}

void Lockstep::tile_writeback(unsigned thread, unsigned tile, std::span<const std::uint32_t, 64> data,
                              golden::Flags flags) {
  if (diverged()) return;
  ResultQueue<golden::TileData>& queue = threads_[thread].tiles[tile];
  Result<golden::TileData>& result = queue.got.emplace_back();
  std::ranges::copy(data, result.value.element.begin());
  result.origin.cycle = cycle_;
  result.flags = flags;
  match(thread, queue, "tile t" + std::to_string(tile));
}

void Lockstep::scalar_flags(unsigned thread, golden::Flags flags) {
  if (diverged() || flags == 0) return;
  // A thread has one dv.mv.x.w under way: the youngest that it has committed.
  const Thread& t = threads_[thread];
  Origin origin;
  const auto take = [&](const Origin& candidate) {
    if (golden::decode_op(candidate.insn) == isa::Op::dv_mv_x_w_) origin = candidate;
  };
  for (const Origin& earlier : t.history) take(earlier);
  for (const Pending& pending : t.queue) take(origin_of(pending));
  diverge(thread, origin, "flags raised", flags_text(0), flags_text(flags));
}

// ---- Ends and reports ----

void Lockstep::check_outstanding(std::uint64_t before) {
  for (unsigned thread = 0; thread < threads_.size(); ++thread) {
    Thread& t = threads_[thread];
    const auto lost = [&](const auto& queue, const std::string& name) {
      if (diverged()) return;
      if (!queue.expected.empty() && queue.expected.front().origin.cycle <= before) {
        diverge(thread, queue.expected.front().origin, name, "a result", "none");
      } else if (!queue.got.empty() && queue.got.front().origin.cycle <= before) {
        diverge(thread, t.history.empty() ? Origin{} : t.history.back(), name + " written", "no result",
                "one in cycle " + std::to_string(queue.got.front().origin.cycle));
      }
    };
    for (const MemoryOperation& operation : t.operations) {
      if (operation.origin().cycle > before || diverged()) break;
      diverge(thread, operation.origin(), "memory access", operation.remaining(), "none");
    }
    for (unsigned i = 0; i < 32; ++i) lost(t.scalars[i], register_name(i));
    for (unsigned i = 0; i < 32; ++i) lost(t.vectors[i], "v" + std::to_string(i));
    for (unsigned i = 0; i < 8; ++i) lost(t.tiles[i], "tile t" + std::to_string(i));
    if (!t.queue.empty() && t.queue.front().cycle <= before && !diverged()) {
      diverge(thread, origin_of(t.queue.front()), "execution", "done", "waiting");
    }
  }
}

void Lockstep::finish(bool drained) {
  if (diverged() || !drained) return;
  check_outstanding(~std::uint64_t{0});
  diverge(lists_.finish());
}

Origin Lockstep::origin_of(const Pending& pending) const {
  return {pending.commit.pc, pending.cycle, pending.commit.insn};
}

void Lockstep::diverge(unsigned thread, const Origin& origin, std::string what, std::string expected, std::string got) {
  if (diverged()) return;
  Divergence& d = divergence_.emplace();
  d.thread = thread;
  d.cycle = cycle_;
  d.pc = origin.pc;
  d.insn = origin.insn;
  d.instruction = disassemble(origin.insn, origin.pc);
  d.what = std::move(what);
  d.expected = std::move(expected);
  d.got = std::move(got);
  for (const Origin& earlier : threads_[thread].history) d.history.push_back(origin_text(earlier));
}

std::string Divergence::text() const {
  std::string text = "lockstep: thread " + std::to_string(thread) + " differs in cycle " + std::to_string(cycle) +
                     ", pc " + hex(pc) + ": " + instruction + "\n  " + what + "\n    expected " + expected +
                     "\n    got      " + got + "\n";
  if (!history.empty()) text += "  instructions of the thread before (cycle of commit, pc):\n";
  for (const std::string& line : history) text += "    " + line + "\n";
  return text;
}

}  // namespace tatami::debug
