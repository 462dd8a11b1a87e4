// A small assembler over the opcode table, for tests: words by enumerator and operands in the table's order.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "golden/decoder.h"
#include "golden/memory.h"

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

/// The word of one instruction. Throws if the number of operands is wrong or a value does not survive the encoding.
inline std::uint32_t encode(Op op, std::initializer_list<std::int64_t> operands) {
  const isa::Opcode& entry = golden::opcode(op);
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

/// Instructions one behind the other from an address.
class Assembler {
 public:
  explicit Assembler(std::uint64_t origin = golden::kMemoryBase) : origin_(origin) {}

  Assembler& operator()(Op op, std::initializer_list<std::int64_t> operands) { return word(encode(op, operands)); }
  Assembler& word(std::uint32_t insn) {
    words_.push_back(insn);
    return *this;
  }
  /// x[rd] <- value, in up to eight instructions.
  Assembler& li(int rd, std::uint64_t value) {
    const auto number = static_cast<std::int64_t>(value);
    if (number >= -2048 && number < 2048) return (*this)(Op::addi_, {rd, 0, number});
    const std::int64_t low = static_cast<std::int64_t>(value << 52) >> 52;
    const auto high = static_cast<std::int64_t>(value - static_cast<std::uint64_t>(low));
    if (number == static_cast<std::int32_t>(number)) {
      (*this)(Op::lui_, {rd, static_cast<std::int32_t>(high)});
      return low == 0 ? *this : (*this)(Op::addiw_, {rd, rd, low});
    }
    li(rd, static_cast<std::uint64_t>(high >> 12));
    (*this)(Op::slli_, {rd, rd, 12});
    return low == 0 ? *this : (*this)(Op::addi_, {rd, rd, low});
  }
  std::uint64_t here() const { return origin_ + 4 * words_.size(); }
  std::uint64_t origin() const { return origin_; }
  const std::vector<std::uint32_t>& words() const { return words_; }
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(words_)); }

 private:
  std::uint64_t origin_;
  std::vector<std::uint32_t> words_;
};

}  // namespace tatami::test
