// Instruction words from the opcode table: encode(Op::addi_, rd, rs1, imm), operands in assembly order.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

#include "opcodes.gen.h"

namespace tatami::isa_test {

using isa::Op;

/// The bits of an instruction word that hold `value` in `field`. The table's decoding functions are linear in the
/// word's bits, so each bit's weight is what it decodes to alone; a sign bit's is the lowest bit of its sign extension.
constexpr std::uint32_t place(isa::Field field, std::int64_t value) {
  std::uint32_t word = 0;
  for (unsigned bit = 0; bit < 32; ++bit) {
    const auto weight = static_cast<std::uint64_t>(isa::field_value(field, 1U << bit));
    if ((static_cast<std::uint64_t>(value) & weight & -weight) != 0) word |= 1U << bit;
  }
  return word;
}

constexpr const isa::Opcode& opcode(Op op) { return isa::kOpcodes[static_cast<std::size_t>(op)]; }

/// Throws if an operand does not fit: a test must not run another instruction than it names.
inline std::uint32_t encode(Op op, std::initializer_list<std::int64_t> operands) {
  const isa::Opcode& entry = opcode(op);
  if (operands.size() != entry.operand_count)
    throw std::logic_error("wrong number of operands: " + std::string(entry.name));
  std::uint32_t word = entry.match;
  const auto* operand = entry.operands.data();
  for (const std::int64_t value : operands) {
    const std::uint32_t bits = place(operand->field, value);
    std::int64_t back = isa::field_value(operand->field, bits);
    if (operand->field == isa::Field::imm20) back = static_cast<std::int32_t>(back);
    if (back != value)
      throw std::logic_error("operand " + std::string(operand->name) + " of " + std::string(entry.name) +
                             " does not fit");
    word |= bits;
    ++operand;
  }
  return word;
}

/// Whether a word is an instruction of the table at all.
inline bool in_table(std::uint32_t word) {
  for (const isa::Opcode& entry : isa::kOpcodes) {
    if ((word & entry.mask) == entry.match) return true;
  }
  return false;
}

/// Code that is assembled at a known address.
class Assembler {
 public:
  explicit Assembler(std::uint64_t base) : base_(base) {}

  std::uint64_t base() const { return base_; }
  std::uint64_t pc() const { return base_ + 4 * words_.size(); }
  std::size_t size() const { return words_.size(); }
  const std::vector<std::uint32_t>& words() const { return words_; }

  void word(std::uint32_t value) { words_.push_back(value); }
  template <typename... Operands>
  void op(Op op, Operands... operands) {
    word(encode(op, {static_cast<std::int64_t>(operands)...}));
  }

  /// x[rd] = value.
  void li(unsigned rd, std::int64_t value) {
    const std::int64_t low = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << 52) >> 52;
    if (value == static_cast<std::int32_t>(value)) {
      const std::int64_t high = static_cast<std::int32_t>(static_cast<std::uint32_t>(value - low));
      if (high != 0) {
        op(Op::lui_, rd, high);
        if (low != 0) op(Op::addiw_, rd, rd, low);
      } else {
        op(Op::addi_, rd, 0, low);
      }
      return;
    }
    li(rd, (value >> 12) + (low < 0 ? 1 : 0));
    op(Op::slli_, rd, rd, 12);
    if (low != 0) op(Op::addi_, rd, rd, low);
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

}  // namespace tatami::isa_test
