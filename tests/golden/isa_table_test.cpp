// The opcode table's C++ side: decoding, fields, disassembly.
// labels: isa
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "assembler.h"
#include "golden/disasm.h"
#include "golden/hart.h"

namespace tatami::test {
namespace {

TEST(IsaTable, EveryInstructionDecodesToItself) {
  std::mt19937 random(1);
  for (const isa::Opcode& entry : isa::kOpcodes) {
    for (int i = 0; i < 200; ++i) {
      const std::uint32_t insn = (static_cast<std::uint32_t>(random()) & ~entry.mask) | entry.match;
      ASSERT_EQ(golden::decode_op(insn), entry.op) << entry.name;
    }
  }
}

TEST(IsaTable, DecodingAgreesWithASearchOfTheTable) {
  std::mt19937 random(2);
  for (int i = 0; i < 300'000; ++i) {
    const auto insn = static_cast<std::uint32_t>(random()) | (i % 2 == 0 ? 3U : 0U);
    Op expected = Op::kIllegal;
    unsigned matches = 0;
    for (const isa::Opcode& entry : isa::kOpcodes) {
      if ((insn & entry.mask) != entry.match) continue;
      expected = entry.op;
      ++matches;
    }
    ASSERT_LE(matches, 1U) << std::hex << insn;
    ASSERT_EQ(golden::decode_op(insn), expected) << std::hex << insn;
  }
}

TEST(IsaTable, FieldsSurviveEncoding) {
  std::mt19937_64 random(3);
  for (const isa::Opcode& entry : isa::kOpcodes) {
    for (int n = 0; n < 50; ++n) {
      std::uint32_t insn = entry.match, covered = entry.mask;
      for (unsigned i = 0; i < entry.operand_count; ++i) {
        const isa::Field field = entry.operands[i].field;
        const auto value = static_cast<std::int64_t>(random());
        ASSERT_EQ(insn & isa::field_bits(field, -1), 0U) << entry.name;
        insn |= isa::field_bits(field, value);
        covered |= isa::field_bits(field, -1);
        // What the instruction holds is the value, as far as the field goes.
        ASSERT_EQ(isa::field_bits(field, isa::field_value(field, insn)), isa::field_bits(field, value)) << entry.name;
      }
      ASSERT_EQ(covered, 0xFFFF'FFFFU) << entry.name << ": bits that are neither a field nor fixed";
      ASSERT_EQ(golden::decode_op(insn), entry.op) << entry.name;
    }
  }
}

TEST(IsaTable, EveryInstructionHasAMeaning) {
  const golden::Handler illegal = golden::decode(0).execute;
  for (const isa::Opcode& entry : isa::kOpcodes) EXPECT_NE(golden::decode(entry.match).execute, illegal) << entry.name;
}

TEST(IsaTable, NamesAreUnique) {
  std::set<std::string_view> names;
  for (const isa::Opcode& entry : isa::kOpcodes) EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
}

TEST(Disassembler, WritesStandardSyntax) {
  const auto text = [](Op op, std::initializer_list<std::int64_t> operands) {
    return disassemble(encode(op, operands), 0x8000'0100);
  };
  EXPECT_EQ(text(Op::lui_, {a0, -4096}), "lui a0, 0xfffff");
  EXPECT_EQ(text(Op::jal_, {ra, -0x100}), "jal ra, 0x80000000");
  EXPECT_EQ(text(Op::jalr_, {zero, ra, -4}), "jalr zero, -4(ra)");
  EXPECT_EQ(text(Op::bne_, {t0, zero, 8}), "bne t0, zero, 0x80000108");
  EXPECT_EQ(text(Op::lw_, {a0, sp, 4}), "lw a0, 4(sp)");
  EXPECT_EQ(text(Op::sd_, {sp, a0, -8}), "sd a0, -8(sp)");
  EXPECT_EQ(text(Op::srai_, {a0, a1, 63}), "srai a0, a1, 63");
  EXPECT_EQ(text(Op::fence_, {0, 3, 15, 0, 0}), "fence rw, iorw");
  EXPECT_EQ(text(Op::fence_i_, {0, 0, 0}), "fence.i");
  EXPECT_EQ(text(Op::csrrw_, {a0, a1, 0x7C2}), "csrrw a0, dfmt2, a1");
  EXPECT_EQ(text(Op::csrrsi_, {zero, 8, 0x300}), "csrrsi zero, mstatus, 8");
  EXPECT_EQ(text(Op::csrrs_, {a0, 0, 0xB05}), "csrrs a0, mhpmcounter5, zero");
  EXPECT_EQ(text(Op::lr_w_, {a0, a1, 1, 0}), "lr.w.aq a0, (a1)");
  EXPECT_EQ(text(Op::amoadd_d_, {a0, a1, a2, 1, 1}), "amoadd.d.aqrl a0, a2, (a1)");
  EXPECT_EQ(text(Op::dv_ld_, {3, a0, -64, 0}), "dv.ld v3, -64(a0)");
  EXPECT_EQ(text(Op::dv_stp_, {3, a0, 64, 1}), "dv.stp v3, 64(a0), pad");
  EXPECT_EQ(text(Op::dv_lds_, {1, a0, a1, 3, 5, 1}), "dv.lds v1, (a0), a1, t8b, +rows, pad");
  EXPECT_EQ(text(Op::dv_fmacc_l_, {1, 2, 3, 15}), "dv.fmacc.l v1, v2, v3, 15");
  EXPECT_EQ(text(Op::dv_addi_, {1, 2, -16}), "dv.addi v1, v2, -16");
  EXPECT_EQ(text(Op::dv_cvt_, {1, 2, 3, 4, 1}), "dv.cvt v1, v2, dfmt3, dfmt4, 1");
  EXPECT_EQ(text(Op::dm_mma_, {5, 1, 2, 2, 9, 1}), "dm.mma t5, v1, v2, dfmt2, dfmt9, zfirst");
  EXPECT_EQ(text(Op::dm_mv_v_t_, {1, 13, 0, 0}), "dm.mv.v.t v1, t2:3[5], dfmt0, 0");
  EXPECT_EQ(text(Op::dn_put_w_, {a0, a1, 31, 1}), "dn.put.w a0, a1, ctr31, sig");
  EXPECT_EQ(disassemble(0xDEAD'BEEC, 0), ".4byte 0xdeadbeec");
}

}  // namespace
}  // namespace tatami::test
