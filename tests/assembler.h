// A small assembler over the opcode table, for tests: words by enumerator and operands in the table's order.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "opcodes.gen.h"

namespace tatami::test {

using isa::Op;

/// Register numbers by ABI name, as far as tests use them.
enum Register : int {
  zero = 0,
  ra = 1,
  sp = 2,
  gp = 3,
  tp = 4,
  t0 = 5,
  t1 = 6,
  t2 = 7,
  s0 = 8,
  s1 = 9,
  a0 = 10,
  a1 = 11,
  a2 = 12,
  a3 = 13,
  a4 = 14,
  a5 = 15,
  a6 = 16,
  a7 = 17,
  s2 = 18,
  s3 = 19,
  s4 = 20,
  s5 = 21,
  t3 = 28,
  t4 = 29,
  t5 = 30,
  t6 = 31,
};

inline const isa::Opcode& opcode(Op op) { return isa::kOpcodes[static_cast<std::size_t>(op)]; }

/// The word of one instruction. Throws if the number of operands is wrong or a value does not survive the encoding.
inline std::uint32_t encode(Op op, std::initializer_list<std::int64_t> operands) {
  const isa::Opcode& entry = opcode(op);
  if (operands.size() != entry.operand_count) {
    throw std::invalid_argument(std::string(entry.name) + " takes " + std::to_string(entry.operand_count) +
                                " operands");
  }
  std::uint32_t insn = entry.match;
  const std::int64_t* value = operands.begin();
  for (unsigned i = 0; i < entry.operand_count; ++i, ++value) {
    const isa::Field field = entry.operands[i].field;
    insn |= isa::field_bits(field, *value);
    if (isa::field_value(field, insn) != *value) {
      throw std::invalid_argument(std::string(entry.name) + ": " + std::string(entry.operands[i].name) + " cannot be " +
                                  std::to_string(*value));
    }
  }
  return insn;
}

/// Whether a word is an instruction of the table at all.
inline bool in_table(std::uint32_t word) {
  for (const isa::Opcode& entry : isa::kOpcodes) {
    if ((word & entry.mask) == entry.match) return true;
  }
  return false;
}

/// Instructions one behind the other from an address, by default the first of the SRAM.
class Assembler {
 public:
  explicit Assembler(std::uint64_t base = 0x8000'0000) : base_(base) {}

  std::uint64_t base() const { return base_; }
  std::uint64_t pc() const { return base_ + 4 * words_.size(); }
  std::size_t size() const { return words_.size(); }
  const std::vector<std::uint32_t>& words() const { return words_; }
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(words_)); }

  Assembler& word(std::uint32_t value) {
    words_.push_back(value);
    return *this;
  }
  Assembler& operator()(Op op, std::initializer_list<std::int64_t> operands) { return word(encode(op, operands)); }
  template <typename... Operands>
  Assembler& op(Op op, Operands... operands) {
    return word(encode(op, {static_cast<std::int64_t>(operands)...}));
  }

  /// x[rd] = value.
  Assembler& li(unsigned rd, std::uint64_t number) {
    const auto value = static_cast<std::int64_t>(number);
    const std::int64_t low = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << 52) >> 52;
    if (value == static_cast<std::int32_t>(value)) {
      const std::int64_t high = static_cast<std::int32_t>(static_cast<std::uint32_t>(value - low));
      if (high != 0) {
        op(Op::lui_, rd, high);
        if (low != 0) op(Op::addiw_, rd, rd, low);
      } else {
        op(Op::addi_, rd, 0, low);
      }
      return *this;
    }
    li(rd, static_cast<std::uint64_t>((value >> 12) + (low < 0 ? 1 : 0)));
    op(Op::slli_, rd, rd, 12);
    if (low != 0) op(Op::addi_, rd, rd, low);
    return *this;
  }

  /// Room for a branch or jump whose target is not known yet.
  std::size_t hole() {
    word(0);
    return words_.size() - 1;
  }
  void fill(std::size_t at, std::uint32_t word) { words_[at] = word; }
  void fill_branch(std::size_t at, Op op, unsigned rs1, unsigned rs2) {
    words_[at] = encode(op, {rs1, rs2, offset_from(at)});
  }
  void fill_jump(std::size_t at, unsigned rd) { words_[at] = encode(Op::jal_, {rd, offset_from(at)}); }
  /// The branch back to instruction number `target`.
  void branch_back(Op branch, unsigned rs1, unsigned rs2, std::size_t target) {
    op(branch, rs1, rs2, -static_cast<std::int64_t>(words_.size() - target) * 4);
  }

 private:
  std::int64_t offset_from(std::size_t at) const { return static_cast<std::int64_t>(words_.size() - at) * 4; }

  std::uint64_t base_;
  std::vector<std::uint32_t> words_;
};

}  // namespace tatami::test
