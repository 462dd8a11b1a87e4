// sources: d1_opcodes_pkg.sv rtl/pkg/d1_pkg.sv rtl/core/d1_core_pkg.sv rtl/core/d1_decode.sv
//
// Decode against the opcode table: every instruction with random operand bits reads and writes the registers that its
// line in the table names, words that are no instruction are illegal, and so are the reserved operands of docs/isa.md.
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "Vd1_decode.h"
#include "assembler.h"
#include "isa/programs/csr_list.h"
#include "verilated.h"

namespace {

using tatami::test::in_table;

// Positions in d1_core_pkg::ctrl_t.
constexpr unsigned kCause = 0, kExc = 4, kVdWrite = 20, kVdRead = 21, kVs2 = 22, kVs1 = 23, kPostinc = 25, kLate = 26,
                   kWrite = 27, kRs3 = 28, kRs2 = 29, kRs1 = 30;

struct Decoded {
  uint64_t ctrl;
  uint32_t imm;
  bool operator[](unsigned bit) const { return (ctrl >> bit & 1) != 0; }
  unsigned cause() const { return ctrl >> kCause & 15; }
};

Decoded decode(Vd1_decode& top, uint32_t word, unsigned thread) {
  top.en_i = 1;
  top.insn_i = word;
  top.thread_i = static_cast<uint8_t>(thread);
  top.eval();
  return {top.ctrl_o, top.imm_o};
}

uint32_t bits(uint32_t word, unsigned high, unsigned low) { return word >> low & ((2U << (high - low)) - 1); }

/// Reserved operands of an instruction of the table (docs/isa.md, sections 2, 5 and 8).
bool reserved(std::string_view name, uint32_t word, unsigned thread) {
  if (name.starts_with("csrr")) {
    const uint32_t csr = bits(word, 31, 20);
    const bool writes = name.starts_with("csrrw") || bits(word, 19, 15) != 0;
    return !csr_exists(csr) || (writes && csr >> 10 == 3);
  }
  const bool strided = name == "dv.lds" || name == "dv.sts", indexed = name == "dv.ldx" || name == "dv.stx";
  if (strided || indexed) {
    const uint32_t shape = bits(word, 30, 28), amode = bits(word, 27, 25);
    return shape == 7 || amode == 7 || (indexed && (shape > 2 || amode == 5));
  }
  if (name == "dn.bar") return (word >> (20 + thread) & 1) == 0;
  return false;
}

void check(Vd1_decode& top, const tatami::isa::Opcode& opcode, uint32_t word, unsigned thread) {
  const Decoded got = decode(top, word, thread);
  const std::string_view name = opcode.name;
  SCOPED_TRACE(std::string(name) + " thread " + std::to_string(thread) + " word " + std::to_string(word));
  if (reserved(name, word, thread)) {
    ASSERT_EQ(got.ctrl, (1ULL << kExc) | 2U);
    return;
  }
  if (name == "ecall" || name == "ebreak") {
    ASSERT_TRUE(got[kExc]);
    ASSERT_EQ(got.cause(), name == "ecall" ? 11U : 3U);
    return;
  }
  ASSERT_FALSE(got[kExc]);
  bool rd = false, rs1 = false, rs2 = false, vd = false, vs1 = false, vs2 = false, vs3 = false;
  if (!name.starts_with("fence")) {  // whose register fields are ignored
    for (unsigned i = 0; i < opcode.operand_count; ++i) {
      const std::string_view operand = opcode.operands[i].name;
      rd |= operand == "rd";
      rs1 |= operand == "rs1";
      rs2 |= operand == "rs2";
      vd |= operand == "vd";
      vs1 |= operand == "vs1";
      vs2 |= operand == "vs2";
      vs3 |= operand == "vs3";
    }
  }
  ASSERT_EQ(got[kWrite] || got[kLate], rd);
  ASSERT_FALSE(got[kWrite] && got[kLate]);
  ASSERT_EQ(got[kRs1], rs1);
  ASSERT_EQ(got[kRs2], rs2);
  ASSERT_EQ(got[kRs3], name == "dn.cas.d");
  ASSERT_EQ(got[kVdWrite], vd);
  ASSERT_EQ(got[kVs1], vs1);
  ASSERT_EQ(got[kVs2], vs2);
  if (vs3) {
    ASSERT_TRUE(got[kVdRead]);
  }
  const bool unit = name == "dv.ldp" || name == "dv.stp";
  const bool shaped = name == "dv.lds" || name == "dv.sts" || name == "dv.ldx" || name == "dv.stx";
  ASSERT_EQ(got[kPostinc], unit || (shaped && bits(word, 27, 25) >= 4));
  for (unsigned i = 0; i < opcode.operand_count; ++i) {
    const std::string_view operand = opcode.operands[i].name;
    // Scalar immediates in the table's own reading; those of vector arithmetic are taken by the SIMD unit.
    if (operand == "imm12" || operand == "simm12" || operand == "bimm12" || operand == "jimm20" || operand == "imm20" ||
        operand == "vimm11") {
      if (name.starts_with("fence")) continue;
      ASSERT_EQ(got.imm, static_cast<uint32_t>(tatami::isa::field_value(opcode.operands[i].field, word)));
    }
  }
}

TEST(Decode, EveryInstruction) {
  Vd1_decode top;
  std::mt19937 random(1);
  for (const auto& opcode : tatami::isa::kOpcodes) {
    for (int i = 0; i < 2000; ++i) {
      check(top, opcode, (random() & ~opcode.mask) | opcode.match, random() % 4);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(Decode, EveryCsr) {
  Vd1_decode top;
  std::mt19937 random(2);
  for (uint32_t csr = 0; csr < 4096; ++csr) {
    for (uint32_t funct3 : {1U, 2U, 3U, 5U, 6U, 7U}) {
      for (uint32_t source : {0U, 1U + static_cast<uint32_t>(random() % 31)}) {
        const uint32_t word = csr << 20 | source << 15 | funct3 << 12 | 0x73;
        const bool writes = (funct3 & 3) == 1 || source != 0;
        ASSERT_EQ(decode(top, word, 0)[kExc], !csr_exists(csr) || (writes && csr >> 10 == 3)) << std::hex << word;
      }
    }
  }
}

TEST(Decode, OtherWordsAreIllegal) {
  Vd1_decode top;
  std::mt19937 random(3);
  unsigned illegal = 0;
  for (int i = 0; i < 300000; ++i) {
    // Mostly neighbours of instructions: one or two bits of a real one changed.
    const auto& opcode = tatami::isa::kOpcodes[random() % tatami::isa::kOpcodes.size()];
    uint32_t word = (random() & ~opcode.mask) | opcode.match;
    for (unsigned n = random() % 3; n != 0; --n) word ^= 1U << random() % 32;
    if (random() % 8 == 0) word = random();
    if (in_table(word)) continue;
    ASSERT_EQ(decode(top, word, random() % 4).ctrl, (1ULL << kExc) | 2U) << std::hex << word;
    ++illegal;
  }
  EXPECT_GT(illegal, 1000U);
}

TEST(Decode, QuietWhileNotEnabled) {
  Vd1_decode top;
  top.en_i = 0;
  top.insn_i = 0x00A58593;
  top.thread_i = 0;
  top.eval();
  EXPECT_EQ(top.ctrl_o, 0U);
  EXPECT_EQ(top.imm_o, 0U);
}

}  // namespace
