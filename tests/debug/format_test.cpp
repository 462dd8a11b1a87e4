// Text of records, as traces and reports show them.
// libs: tatami_debug
#include "debug/format.h"

#include <gtest/gtest.h>

#include "assembler.h"
#include "golden/disasm.h"
#include "golden/machine.h"

namespace tatami::test {
namespace {

class RecordText : public testing::Test {
 protected:
  std::string run(Op op, std::initializer_list<std::int64_t> operands) {
    golden::Hart& hart = machine_.hart(0);
    hart.execute(encode(op, operands), record_);
    return debug::record_text(record_, hart);
  }
  // The part behind the instruction.
  std::string effect(Op op, std::initializer_list<std::int64_t> operands) {
    const std::string text = run(op, operands);
    const std::size_t start = text.find_first_not_of(' ', text.find(disassemble_last()) + disassemble_last().size());
    return start == std::string::npos ? "" : text.substr(start);
  }
  std::string disassemble_last() { return disassemble(record_.insn, record_.pc); }

  RecordText() { machine_.reset(golden::kMemoryBase, golden::kMemoryBase + 0x100); }

  golden::Machine machine_;
  golden::Record record_;
};

TEST_F(RecordText, SaysWhatChanged) {
  machine_.hart(0).set_x(s0, golden::kMemoryBase + 0x100);
  machine_.hart(0).csrs().mtvec = golden::kMemoryBase + 0x800;
  EXPECT_EQ(run(Op::addi_, {a0, 0, 31}).substr(0, 23), "0 0x80000000 01f00513  ");
  EXPECT_EQ(effect(Op::addi_, {a0, 0, 31}), "a0=0x1f");
  EXPECT_EQ(effect(Op::sw_, {s0, a0, 0}), "store [0x80000100]=0x0000001f exit 0x1f");
  EXPECT_EQ(effect(Op::lhu_, {a1, s0, 0}), "a1=0x1f load [0x80000100]=0x001f");
  EXPECT_EQ(effect(Op::amoadd_w_, {a1, s0, a0, 0, 0}), "a1=0x1f amo [0x80000100]=0x0000001f->0x0000003e");
  EXPECT_EQ(effect(Op::csrrw_, {0, a0, golden::csr::kDflags}), "dflags=0xf");
  EXPECT_EQ(effect(Op::dm_zero_, {0x81}), "t0 t7");
  EXPECT_EQ(effect(Op::lw_, {a0, 0, 0}), "trap cause 5 mtval 0x0");
}

TEST(Difference, NamesTheFirstElement) {
  golden::Vector a, b;
  b.lane[3] = 0x3F80'0000;
  b.lane[9] = 1;
  const debug::Difference lanes = debug::describe(a, b);
  EXPECT_EQ(lanes.where, " lane 3 (and 1 more)");
  EXPECT_EQ(lanes.expected, "0x00000000 (0)");
  EXPECT_EQ(lanes.got, "0x3f800000 (1)");
  golden::TileData c, d;
  d.element[8 * 5 + 2] = 0xBF80'0000;
  EXPECT_EQ(debug::describe(c, d).where, " element (5, 2)");
}

TEST(FlagsText, NamesTheFlags) {
  EXPECT_EQ(debug::flags_text(0), "none");
  EXPECT_EQ(debug::flags_text(golden::kInvalid | golden::kUnderflow), "Invalid Underflow");
}

}  // namespace
}  // namespace tatami::test
