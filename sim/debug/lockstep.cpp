#include "debug/lockstep.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "debug/format.h"
#include "golden/disasm.h"

namespace tatami::debug {
namespace {

using golden::AccessKind;
using golden::Status;

// More results of one register outstanding than any unit can hold: one has been forgotten. Rows that dm.mv.t.v writes into a
// tile follow each other every cycle, so five are under way, and they are seen a cycle later.
constexpr std::size_t kMostOutstanding = 8;
// A register whose value has not arrived from the network yet; nothing may read it.
constexpr std::uint64_t kUnknown = 0xBAD0'BAD0'BAD0'BAD0;
// Cycles between two searches for lost results.
constexpr std::uint64_t kSearchInterval = 4096;

bool accesses_dflags(std::uint32_t insn) {
  return (insn & 0x7F) == 0x73 && (insn >> 12 & 3) != 0 && insn >> 20 == golden::csr::kDflags;
}

bool same(std::uint64_t a, std::uint64_t b) { return a == b; }
bool same(const golden::Vector& a, const golden::Vector& b) { return a == b; }
bool same(const golden::TileData& a, const golden::TileData& b) { return a == b; }

void count(Compared& compared, std::uint64_t) { ++compared.scalars; }
void count(Compared& compared, const golden::Vector&) { compared.vector_elements += 16; }
void count(Compared& compared, const golden::TileData&) { compared.tile_elements += 64; }

}  // namespace

Lockstep::Lockstep(golden::Node& node, LockstepOptions options) : node_(node), options_(options) {
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
  Pending pending{commit, cycle_, 0};
  if (accesses_dflags(commit.insn)) pending.flags = std::exchange(t.rtl_flags, golden::Flags{0});
  t.queue.push_back(pending);
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
    t.vectors[reg].expected.push_back({hart.v(reg), origin, false});
    match(thread, t.vectors[reg], "v" + std::to_string(reg));
  }
  for (unsigned tile = 0; tile < 8 && record_.tile_mask != 0; ++tile) {
    if ((record_.tile_mask >> tile & 1) == 0) continue;
    t.tiles[tile].expected.push_back({hart.tile(tile), origin, false});
    match(thread, t.tiles[tile], "tile t" + std::to_string(tile));
  }
  t.golden_flags |= record_.flags;
  if (accesses_dflags(pending.commit.insn)) compare_flags(thread, pending);
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
  queue.expected.push_back({record_.gpr_value, origin_of(pending), record_.gpr_external});
  match(thread, queue, register_name(reg));
}

void Lockstep::compare_flags(unsigned thread, const Pending& pending) {
  Thread& t = threads_[thread];
  const golden::Flags expected = std::exchange(t.golden_flags, golden::Flags{0});
  if (expected != pending.flags) {
    diverge(thread, origin_of(pending), "flags raised since the last access to dflags", flags_text(expected),
            flags_text(pending.flags));
  }
}

void Lockstep::check_fence(unsigned thread, const Pending& pending) {
  if (record_.op != isa::Op::fence_ && record_.op != isa::Op::fence_i_) return;
  Thread& t = threads_[thread];
  if (record_.op == isa::Op::fence_i_) t.fence_i = writes_;
  for (MemoryOperation& operation : t.operations)
    operation.fence_cycle = std::min(operation.fence_cycle, pending.cycle);
  if (t.last_access > pending.cycle) {
    diverge(thread, origin_of(pending), "order", "all earlier memory accesses performed before the fence commits",
            "one was performed in cycle " + std::to_string(t.last_access));
  }
}

// ---- What the golden hart asks for ----

bool Lockstep::load(unsigned thread, golden::Access& access) {
  Thread& t = threads_[thread];
  if (access.count == 0) return true;
  if (t.load_ready) {
    access.data = t.operations.back().access().data;
    return true;
  }
  if (!t.waits_for_load && !current_->commit.trap) {
    t.operations.emplace_back(access, origin_of(*current_));
    t.waits_for_load = true;
  }
  return false;
}

void Lockstep::store(unsigned thread, const golden::Access& access) {
  if (access.kind == AccessKind::amo) {
    check_atomic_data(thread, access.amo_new.data(), access.spans[0].bytes);
  } else if (access.count != 0) {
    threads_[thread].operations.emplace_back(access, origin_of(*current_));
  }
}

std::optional<bool> Lockstep::store_conditional(unsigned thread, const golden::Access& access) {
  Thread& t = threads_[thread];
  if (!node_.reserved(thread, access.spans[0].offset)) return false;
  if (t.performing != nullptr) {
    check_atomic_data(thread, access.data.data(), access.spans[0].bytes);
    return true;
  }
  if (!t.waits_for_load && !current_->commit.trap) {
    t.operations.emplace_back(access, origin_of(*current_));
    t.waits_for_load = true;
  }
  return std::nullopt;
}

// Compares what the RTL writes for an AMO or SC, and performs it.
bool Lockstep::check_atomic_data(unsigned thread, const std::uint8_t* data, unsigned bytes) {
  const MemoryEvent& event = *threads_[thread].performing;
  const auto shift = static_cast<unsigned>(std::countr_zero(event.mask));
  std::uint64_t expected = 0;
  std::memcpy(&expected, data, bytes);
  expected <<= 8 * shift;
  if ((expected ^ event.data) & byte_bits(event.mask)) {
    diverge(thread, origin_of(*current_), "memory " + place(event.word, event.mask), hex(expected),
            hex(event.data & byte_bits(event.mask)));
    return false;
  }
  write_word(event.word, event.mask, event.data);
  compared_.store_bytes += bytes;
  return true;
}

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
    } else {
      count(compared_, got.value);
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
  queue.got.push_back({value, {0, cycle_, 0}, false});
  match(thread, queue, register_name(reg));
}

void Lockstep::vector_writeback(unsigned thread, unsigned reg, std::span<const std::uint32_t, 16> data) {
  if (diverged()) return;
  ResultQueue<golden::Vector>& queue = threads_[thread].vectors[reg];
  Result<golden::Vector>& result = queue.got.emplace_back();
  std::ranges::copy(data, result.value.lane.begin());
  result.origin.cycle = cycle_;
  match(thread, queue, "v" + std::to_string(reg));
}

void Lockstep::tile_writeback(unsigned thread, unsigned tile, std::span<const std::uint32_t, 64> data) {
  if (diverged()) return;
  ResultQueue<golden::TileData>& queue = threads_[thread].tiles[tile];
  Result<golden::TileData>& result = queue.got.emplace_back();
  std::ranges::copy(data, result.value.element.begin());
  result.origin.cycle = cycle_;
  match(thread, queue, "tile t" + std::to_string(tile));
}

void Lockstep::flags_raised(unsigned thread, golden::Flags flags) { threads_[thread].rtl_flags |= flags; }

// ---- Memory ----

std::uint64_t Lockstep::read_word(std::uint32_t word) const {
  std::uint64_t value = 0;
  node_.sram().read(word * 8, &value, 8);
  return value;
}

void Lockstep::write_word(std::uint32_t word, std::uint8_t mask, std::uint64_t data) {
  if (mask == 0) return;
  const std::uint64_t bits = byte_bits(mask);
  const std::uint64_t value = (read_word(word) & ~bits) | (data & bits);
  node_.write(word * 8, &value, 8);
  line_written_[word / 8] = ++writes_;
}

void Lockstep::external_write(std::uint32_t word, std::uint8_t mask, std::uint64_t data) {
  if (diverged()) return;
  ++compared_.external;
  write_word(word, mask, data);
  retry_conditionals();
}

void Lockstep::mem_event(unsigned thread, std::uint32_t word, std::uint8_t mask, bool is_write, std::uint64_t data) {
  if (diverged()) return;
  Thread& t = threads_[thread];
  const MemoryEvent event{word, mask, is_write, data};
  if (t.operations.empty()) {
    const Origin origin = t.history.empty() ? Origin{} : t.history.back();
    return diverge(thread, origin, "memory access after this instruction", "none", event_text(event));
  }
  t.last_access = cycle_;
  MemoryOperation& operation = t.operations.front();
  if (cycle_ > operation.fence_cycle) {
    return diverge(thread, operation.origin(), "order",
                   "performed before the fence that committed in cycle " + std::to_string(operation.fence_cycle),
                   event_text(event));
  }
  const AccessKind kind = operation.access().kind;
  if (kind == AccessKind::amo || kind == AccessKind::store_conditional) {
    perform_atomic(thread, operation, event);
  } else {
    perform(thread, operation, event);
  }
  if (is_write) retry_conditionals();
}

void Lockstep::perform(unsigned thread, MemoryOperation& operation, const MemoryEvent& event) {
  Thread& t = threads_[thread];
  std::uint64_t expected_data = 0;
  const bool covered = event.is_write && operation.access().kind == AccessKind::store &&
                       operation.expected_data(event.word, event.mask, expected_data);
  if (!operation.take(event, read_word(event.word))) {
    if (covered && ((expected_data ^ event.data) & byte_bits(event.mask)) != 0) {
      return diverge(thread, operation.origin(), "memory " + place(event.word, event.mask), hex(expected_data),
                     hex(event.data & byte_bits(event.mask)));
    }
    return diverge(thread, operation.origin(), covered ? "order of overlapping rows" : "memory access",
                   std::string(operation.access().writes() ? "write " : "read ") + operation.remaining(),
                   event_text(event));
  }
  const auto bytes = static_cast<unsigned>(std::popcount(event.mask));
  if (event.is_write) {
    compared_.store_bytes += bytes;
    write_word(event.word, event.mask, event.data);
    if (operation.done()) t.operations.pop_front();
  } else {
    compared_.load_bytes += bytes;
    if (!operation.done()) return;
    t.load_ready = true;
    advance(thread);
  }
}

// AMO: a read and then a write of an unchanged word, or the write alone. SC: the write, if it succeeds.
void Lockstep::perform_atomic(unsigned thread, MemoryOperation& operation, const MemoryEvent& event) {
  Thread& t = threads_[thread];
  golden::Access& access = operation.access();
  const golden::Span& span = access.spans[0];
  const auto mask = static_cast<std::uint8_t>(((1U << span.bytes) - 1) << span.offset % 8);
  const bool amo = access.kind == AccessKind::amo;
  if (event.word != span.offset / 8 || event.mask != mask || (!event.is_write && (!amo || t.amo_read))) {
    return diverge(thread, operation.origin(), "memory access",
                   (amo && !t.amo_read ? "read or write " : "write ") + place(span.offset / 8, mask),
                   event_text(event));
  }
  std::array<std::uint8_t, 8> memory{};
  node_.sram().read(span.offset, memory.data(), span.bytes);
  if (t.amo_read && !std::equal(memory.begin(), memory.begin() + span.bytes, access.data.begin())) {
    return diverge(thread, operation.origin(), "atomicity", "no write between the read and the write of the AMO",
                   "the word changed from " + bytes_text(access.data.data(), span.bytes) + " to " +
                       bytes_text(memory.data(), span.bytes));
  }
  if (amo) {
    std::copy_n(memory.begin(), span.bytes, access.data.begin());
    if (!t.amo_read) compared_.load_bytes += span.bytes;
  }
  if (!event.is_write) {
    t.amo_read = true;
    return;
  }
  t.load_ready = amo;
  t.performing = &event;
  if (!t.queue.empty() && execute(thread, t.queue.front())) t.queue.pop_front();
  t.performing = nullptr;
  advance(thread);
}

// An SC whose reservation has ended fails without an access of its own.
void Lockstep::retry_conditionals() {
  for (unsigned thread = 0; thread < threads_.size() && !diverged(); ++thread) {
    Thread& t = threads_[thread];
    if (!t.waits_for_load || t.operations.back().access().kind != AccessKind::store_conditional) continue;
    if (!node_.reserved(thread, t.operations.back().access().spans[0].offset)) advance(thread);
  }
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
  for (unsigned thread = 0; thread < threads_.size() && !diverged(); ++thread) {
    const Thread& t = threads_[thread];
    if (t.golden_flags == t.rtl_flags) continue;
    diverge(thread, t.history.empty() ? Origin{} : t.history.back(), "flags raised since the last access to dflags",
            flags_text(t.golden_flags), flags_text(t.rtl_flags));
  }
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
