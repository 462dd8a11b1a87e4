// Instruction words to entries of the opcode table (sw/isa/opcodes.tbl).
#pragma once

#include <cstddef>
#include <cstdint>

#include "opcodes.gen.h"

namespace tatami::golden {

inline constexpr std::size_t kOps = isa::kOpcodes.size();

/// The instruction that `insn` encodes, Op::kIllegal if none. Reserved values of fields are the instruction's business.
isa::Op decode_op(std::uint32_t insn);

/// The table's entry of a legal `op`.
constexpr const isa::Opcode& opcode(isa::Op op) { return isa::kOpcodes[static_cast<std::size_t>(op)]; }

}  // namespace tatami::golden
