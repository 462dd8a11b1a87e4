// Disassembler, derived from the opcode table.
#pragma once

#include <cstdint>
#include <string>

namespace tatami {

/// The instruction in assembly language without pseudo-instructions, such as "lw a0, 4(sp)" or
/// "dv.lds v1, (a0), a1, t8b, +rows, pad". Branch targets are absolute addresses, hence `pc`.
/// Words that are no instruction come out as ".4byte 0x...".
std::string disassemble(std::uint32_t insn, std::uint64_t pc);

/// "zero", "ra", "sp", ...
const char* register_name(unsigned number);

/// The name of a CSR of docs/isa.md, or its number in hexadecimal.
std::string csr_name(unsigned address);

}  // namespace tatami
