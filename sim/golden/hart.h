// One hardware thread: its architectural state and the step that executes one instruction.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "golden/csr.h"
#include "golden/decoder.h"
#include "golden/fused_sum.h"
#include "golden/record.h"

namespace tatami::golden {

class Hart;
class Node;

/// A v register. Byte 0 is the least significant; lanes are bytes 4i..4i+3.
struct alignas(64) Vector {
  std::array<std::uint32_t, 16> lane{};

  std::uint8_t* bytes() { return reinterpret_cast<std::uint8_t*>(lane.data()); }
  const std::uint8_t* bytes() const { return reinterpret_cast<const std::uint8_t*>(lane.data()); }
  bool operator==(const Vector&) const = default;
};
/// An accumulator tile, element (i, j) at 8*i + j.
struct alignas(64) TileData {
  std::array<std::uint32_t, 64> element{};
  bool operator==(const TileData&) const = default;
};

struct Decoded;
/// Executes one instruction: changes the hart and completes the record, whose begin() has been called.
using Handler = void (*)(Hart&, const Decoded&, Record&);

/// An instruction prepared for execution.
struct Decoded {
  Handler execute = nullptr;
  std::uint32_t insn = 0;
  std::int32_t imm = 0;  ///< the immediate operand, if the instruction has exactly one of a base format
  isa::Op op = isa::Op::kIllegal;
  std::uint8_t rd = 0;     ///< bits 11:7, whatever they mean
  std::uint8_t rs1 = 0;    ///< bits 19:15
  std::uint8_t rs2 = 0;    ///< bits 24:20
  std::uint8_t event = 0;  ///< event counter of docs/isa.md, section 2.1, that retiring advances; 0 for none
};

Decoded decode(std::uint32_t insn);

class Hart {
 public:
  Hart(Node& node, unsigned thread) : node_(node), thread_(thread) {}

  /// All state to its reset value, continuing at `pc`.
  void reset(std::uint64_t pc);

  /// Fetches and executes one instruction, and says in `record` what changed.
  void step(Record& record);
  /// Executes `insn` as the instruction at pc(), whatever memory holds there.
  void execute(std::uint32_t insn, Record& record);

  unsigned thread() const { return thread_; }
  std::uint64_t hartid() const;
  Node& node() { return node_; }
  std::uint64_t pc() const { return pc_; }
  bool halted() const { return halted_; }
  std::uint64_t retired() const { return retired_; }
  std::uint64_t event(unsigned number) const { return events_[number]; }
  std::uint64_t x(unsigned number) const { return x_[number]; }
  const Vector& v(unsigned number) const { return v_[number]; }
  const TileData& tile(unsigned number) const { return tiles_[number]; }
  const CsrState& csrs() const { return csrs_; }

  /// State for tests, and for results that arrive from outside.
  void set_pc(std::uint64_t pc) { pc_ = pc; }
  void set_x(unsigned number, std::uint64_t value) {
    if (number != 0) x_[number] = value;
  }
  void set_v(unsigned number, const Vector& value) { v_[number] = value; }
  void set_tile(unsigned number, const TileData& value) { tiles_[number] = value; }
  CsrState& csrs() { return csrs_; }

  // For the instructions' functions.

  void write_x(Record& record, unsigned rd, std::uint64_t value) {
    if (rd == 0) return;
    x_[rd] = value;
    record.gpr = static_cast<int>(rd);
    record.gpr_value = value;
  }
  Vector& write_v(Record& record, unsigned vd) {
    record.vector_reg = static_cast<int>(vd);
    return v_[vd];
  }
  TileData& write_tile(Record& record, unsigned td) {
    record.tile_mask |= static_cast<std::uint8_t>(1U << td);
    return tiles_[td];
  }
  void raise(Record& record, Flags flags) {
    csrs_.dflags |= flags;
    record.flags |= flags;
  }
  /// Continues at `target`, or traps if it is misaligned. False if it trapped.
  bool jump(Record& record, std::uint64_t target);
  void trap(Record& record, Cause cause, std::uint64_t tval);
  /// Takes the interrupt of link errors instead of executing the instruction at pc(), whose moment comes from outside.
  /// False, with nothing changed, if the hart has it not enabled.
  bool interrupt(Record& record, std::uint64_t tval);
  void illegal(Record& record) { trap(record, Cause::illegal_instruction, record.insn); }
  /// True if CSR `address` is one of this hart's; then `value` is what it reads.
  bool read_csr(std::uint16_t address, std::uint64_t& value);
  /// dn.bar: set while the hart waits, and when it may go on.
  std::uint8_t barrier = 0;
  bool barrier_passed = false;
  /// A list of transfers that this hart started has failed, and it does not know yet: mtval of the trap; 0 for none.
  std::uint64_t list_error = 0;
  /// For the instructions at which a hart learns of that: traps if it is so.
  bool told_of_list(Record& record);
  /// wfi: the node's wake count that the hart has seen.
  std::uint64_t wakes_seen = 0;

 private:
  void enter_trap(Record& record, std::uint64_t mcause, std::uint64_t tval);
  void run(const Decoded& decoded, Record& record);

  Node& node_;
  unsigned thread_;
  std::uint64_t pc_ = 0;
  bool halted_ = false;
  std::array<std::uint64_t, 32> x_{};
  std::array<Vector, 32> v_{};
  std::array<TileData, 8> tiles_{};
  CsrState csrs_;
  std::uint64_t retired_ = 0;
  std::array<std::uint64_t, 32> events_{};
};

}  // namespace tatami::golden
