// What one instruction changed.
#pragma once

#include <array>
#include <cstdint>

#include "golden/formats.h"
#include "opcodes.gen.h"

namespace tatami::golden {

/// Trap causes (docs/isa.md, section 3).
enum class Cause : std::uint8_t {
  instruction_misaligned = 0,
  instruction_fault = 1,
  illegal_instruction = 2,
  breakpoint = 3,
  load_misaligned = 4,
  load_fault = 5,
  store_misaligned = 6,
  store_fault = 7,
  environment_call = 11,
  bad_descriptor = 24,
  list_failed = 25,
};

/// Neighbouring bytes of SRAM: `bytes` of them from `offset` (address - kSramBase), standing at `at` in Access::data.
struct Span {
  std::uint32_t offset;
  std::uint8_t bytes;
  std::uint8_t at;
};

enum class AccessKind : std::uint8_t { none, load, load_reserved, store, store_conditional, amo };

/// The SRAM bytes of one instruction, in the order in which the specification names them: row by row.
/// Bytes that padding excludes are in no span.
struct Access {
  AccessKind kind = AccessKind::none;
  bool vector = false;
  std::uint8_t unit = 8;   ///< bytes of a row, at most 8: the pieces in which hardware may perform it
  std::uint8_t count = 0;  ///< spans in use
  std::array<Span, 16> spans;
  alignas(8) std::array<std::uint8_t, 64> data;    ///< loaded (load, load_reserved, old value of amo) or stored bytes
  alignas(8) std::array<std::uint8_t, 8> amo_new;  ///< amo: the bytes stored

  bool reads() const {
    return kind == AccessKind::load || kind == AccessKind::load_reserved || kind == AccessKind::amo;
  }
  bool writes() const {
    return kind == AccessKind::store || kind == AccessKind::store_conditional || kind == AccessKind::amo;
  }
  unsigned bytes() const {
    unsigned sum = 0;
    for (unsigned i = 0; i < count; ++i) sum += spans[i].bytes;
    return sum;
  }
};

enum class Status : std::uint8_t {
  retired,  ///< done
  trapped,  ///< trapped to mtvec, or `unhandled` because mtvec is 0: the hart is halted then
  asleep,   ///< waits (wfi, dn.ctr.wait/take, dn.bar); nothing has changed, try again
  blocked,  ///< the memory port has no data yet; nothing has changed, try again
  halted,   ///< the hart had an unhandled trap before
};

/// Values of registers stand in the hart after the step: vector `vector_reg`, and each tile of `tile_mask`.
struct Record {
  std::uint64_t pc = 0;
  std::uint64_t next_pc = 0;
  std::uint32_t insn = 0;
  isa::Op op = isa::Op::kIllegal;
  Status status = Status::retired;
  bool unhandled = false;
  Cause cause = Cause::illegal_instruction;
  std::uint64_t tval = 0;

  int gpr = -1;                ///< x register written, not x0; -1 for none (no instruction writes two)
  bool gpr_external = false;   ///< the value came from outside (ExternalInputs)
  int vector_reg = -1;         ///< v register written
  std::uint8_t tile_mask = 0;  ///< tiles written
  Flags flags = 0;             ///< raised by this instruction
  bool csr_written = false;
  bool exit = false;  ///< a store to `tohost` ended the program
  std::uint16_t csr = 0;
  std::uint64_t gpr_value = 0;
  std::uint64_t csr_value = 0;   ///< the CSR after the write
  std::uint64_t exit_value = 0;  ///< the value stored to `tohost`
  Access access;

  /// Makes it an empty record of the instruction at `at`.
  void begin(std::uint64_t at) {
    pc = at;
    next_pc = at + 4;
    status = Status::retired;
    unhandled = gpr_external = csr_written = exit = false;
    gpr = vector_reg = -1;
    tile_mask = 0;
    flags = 0;
    access.kind = AccessKind::none;
    access.count = 0;
  }
};

}  // namespace tatami::golden
