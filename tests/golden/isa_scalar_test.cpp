// RV64IM and control flow: every instruction against values worked out by hand.
// labels: isa
#include "isa_fixture.h"

namespace tatami::test {
namespace {

using u64 = std::uint64_t;
constexpr u64 kMin64 = 0x8000'0000'0000'0000, kAll = ~u64{0};

struct Binary {
  Op op;
  u64 a, b, expected;
};

class IsaScalar : public IsaTest {
 protected:
  u64 binary(Op op, u64 a, u64 b) {
    hart.set_x(a1, a);
    hart.set_x(a2, b);
    return result(op, {a0, a1, a2});
  }
};

TEST_F(IsaScalar, RegisterOperations) {
  constexpr Binary cases[] = {
      {Op::add_, kAll, 2, 1},
      {Op::sub_, 1, 2, kAll},
      {Op::sll_, 1, 63 + 64, kMin64},
      {Op::srl_, kMin64, 63, 1},
      {Op::sra_, kMin64, 63, kAll},
      {Op::slt_, kAll, 0, 1},
      {Op::slt_, 0, kAll, 0},
      {Op::sltu_, kAll, 0, 0},
      {Op::sltu_, 0, kAll, 1},
      {Op::xor_, 0xF0F0, 0xFF00, 0x0FF0},
      {Op::or_, 0xF0F0, 0xFF00, 0xFFF0},
      {Op::and_, 0xF0F0, 0xFF00, 0xF000},
      {Op::addw_, 0x7FFF'FFFF, 1, 0xFFFF'FFFF'8000'0000},
      {Op::subw_, 0, 1, kAll},
      {Op::sllw_, 1, 31 + 32, 0xFFFF'FFFF'8000'0000},
      {Op::srlw_, 0xFFFF'FFFF'8000'0000, 0, 0xFFFF'FFFF'8000'0000},
      {Op::srlw_, 0xFFFF'FFFF'8000'0000, 31, 1},
      {Op::sraw_, 0x0000'0000'8000'0000, 31, kAll},
      {Op::mul_, 0xFFFF'FFFF, 0xFFFF'FFFF, 0xFFFF'FFFE'0000'0001},
      {Op::mulh_, kMin64, kMin64, 0x4000'0000'0000'0000},
      {Op::mulh_, kAll, kAll, 0},
      {Op::mulhsu_, kAll, kAll, kAll},
      {Op::mulhsu_, 2, kMin64, 1},
      {Op::mulhu_, kAll, kAll, kAll - 1},
      {Op::div_, static_cast<u64>(-7), 2, static_cast<u64>(-3)},
      {Op::div_, 5, 0, kAll},
      {Op::div_, kMin64, kAll, kMin64},
      {Op::divu_, kAll, 2, kAll >> 1},
      {Op::divu_, 5, 0, kAll},
      {Op::rem_, static_cast<u64>(-7), 2, kAll},
      {Op::rem_, 5, 0, 5},
      {Op::rem_, kMin64, kAll, 0},
      {Op::remu_, kAll, 10, 5},
      {Op::remu_, 5, 0, 5},
      {Op::mulw_, 0x1'0000'0003, 0x7FFF'FFFF, 0x7FFF'FFFD},
      {Op::divw_, 0x8000'0000, kAll, 0xFFFF'FFFF'8000'0000},
      {Op::divw_, 0xFFFF'FFF9, 2, static_cast<u64>(-3)},
      {Op::divw_, 1, 0x1'0000'0000, kAll},
      {Op::divuw_, 0xFFFF'FFFF, 1, kAll},
      {Op::divuw_, 1, 0, kAll},
      {Op::remw_, 0x8000'0000, kAll, 0},
      {Op::remw_, 0x8000'0000, 0, 0xFFFF'FFFF'8000'0000},
      {Op::remuw_, 0xFFFF'FFFF, 0, kAll},
      {Op::remuw_, 0xFFFF'FFFF, 0x10, 15},
  };
  for (const Binary& c : cases) {
    EXPECT_EQ(binary(c.op, c.a, c.b), c.expected) << golden::opcode(c.op).name << " " << c.a << ", " << c.b;
  }
}

TEST_F(IsaScalar, ImmediateOperations) {
  hart.set_x(a1, 0xFFFF'FFFF'8000'0001);
  EXPECT_EQ(result(Op::addi_, {a0, a1, -2}), 0xFFFF'FFFF'7FFF'FFFF);
  EXPECT_EQ(result(Op::slti_, {a0, a1, -2048}), 1U);
  EXPECT_EQ(result(Op::sltiu_, {a0, a1, -1}), 1U);
  EXPECT_EQ(result(Op::sltiu_, {a0, zero, 1}), 1U);
  EXPECT_EQ(result(Op::xori_, {a0, a1, -1}), 0x7FFF'FFFEU);
  EXPECT_EQ(result(Op::ori_, {a0, a1, 0x7F0}), 0xFFFF'FFFF'8000'07F1);
  EXPECT_EQ(result(Op::andi_, {a0, a1, 3}), 1U);
  EXPECT_EQ(result(Op::slli_, {a0, a1, 32}), 0x8000'0001'0000'0000);
  EXPECT_EQ(result(Op::srli_, {a0, a1, 63}), 1U);
  EXPECT_EQ(result(Op::srai_, {a0, a1, 31}), kAll);
  EXPECT_EQ(result(Op::addiw_, {a0, a1, -2}), 0x7FFF'FFFFU);
  EXPECT_EQ(result(Op::slliw_, {a0, a1, 31}), 0xFFFF'FFFF'8000'0000);
  EXPECT_EQ(result(Op::srliw_, {a0, a1, 4}), 0x0800'0000U);
  EXPECT_EQ(result(Op::sraiw_, {a0, a1, 4}), 0xFFFF'FFFF'F800'0000);
  EXPECT_EQ(result(Op::lui_, {a0, -4096}), 0xFFFF'FFFF'FFFF'F000);
  hart.set_pc(kBase + 8);
  EXPECT_EQ(result(Op::auipc_, {a0, 0x1000}), kBase + 0x1008);
}

TEST_F(IsaScalar, X0StaysZero) {
  hart.set_x(a1, 5);
  run(Op::add_, {zero, a1, a1});
  EXPECT_EQ(hart.x(0), 0U);
  EXPECT_EQ(record.gpr, -1);
}

TEST_F(IsaScalar, Branches) {
  struct Case {
    Op op;
    u64 a, b;
    bool taken;
  };
  constexpr Case cases[] = {
      {Op::beq_, 1, 1, true},     {Op::beq_, 1, 2, false},     {Op::bne_, 1, 2, true},     {Op::bne_, 1, 1, false},
      {Op::blt_, kAll, 0, true},  {Op::blt_, 0, 0, false},     {Op::bge_, 0, kAll, true},  {Op::bge_, kAll, 0, false},
      {Op::bltu_, 0, kAll, true}, {Op::bltu_, kAll, 0, false}, {Op::bgeu_, kAll, 0, true}, {Op::bgeu_, 0, 1, false},
  };
  for (const Case& c : cases) {
    hart.set_pc(kBase + 0x2000);
    hart.set_x(a1, c.a);
    hart.set_x(a2, c.b);
    run(c.op, {a1, a2, -4096});
    EXPECT_EQ(hart.pc(), c.taken ? kBase + 0x1000 : kBase + 0x2004) << golden::opcode(c.op).name;
    EXPECT_EQ(record.next_pc, hart.pc());
  }
}

TEST_F(IsaScalar, Jumps) {
  hart.set_pc(kBase + 0x200000);  // outside, which matters to fetches only
  run(Op::jal_, {ra, -0x100000});
  EXPECT_EQ(hart.pc(), kBase + 0x100000);
  EXPECT_EQ(hart.x(ra), kBase + 0x200004);
  hart.set_x(a1, kBase + 0x101);
  run(Op::jalr_, {a1, a1, -1});  // reads before it writes
  EXPECT_EQ(hart.pc(), kBase + 0x100);
  EXPECT_EQ(hart.x(a1), kBase + 0x100004);
  hart.set_x(a1, kBase + 0x201);
  run(Op::jalr_, {zero, a1, 0});  // bit 0 is cleared
  EXPECT_EQ(hart.pc(), kBase + 0x200);
}

TEST_F(IsaScalar, RecordsSayWhatChanged) {
  hart.set_x(a1, 7);
  run(Op::addi_, {a0, a1, 1});
  EXPECT_EQ(record.pc, kBase);
  EXPECT_EQ(record.next_pc, kBase + 4);
  EXPECT_EQ(record.gpr, a0);
  EXPECT_EQ(record.gpr_value, 8U);
  EXPECT_EQ(record.access.kind, golden::AccessKind::none);
  EXPECT_FALSE(record.csr_written);
  EXPECT_EQ(hart.retired(), 1U);
}

TEST_F(IsaScalar, FetchesFollowStores) {
  // A loop overwrites its own next instruction: cached decodings must not survive.
  Assembler as;
  as.li(t0, kBase + 0x20).li(t1, encode(Op::addi_, {a0, 0, 42}));
  while (as.pc() < kBase + 0x1C) as(Op::addi_, {0, 0, 0});
  as(Op::sw_, {t0, t1, 0})(Op::addi_, {a0, 0, 1})(Op::beq_, {zero, zero, -8});
  ASSERT_TRUE(machine.write(kBase, as.bytes()));
  for (int i = 0; i < 40 && hart.x(a0) != 42; ++i) hart.step(record);
  EXPECT_EQ(hart.x(a0), 42U);
}

TEST_F(IsaScalar, RunsToTohost) {
  Assembler as;
  as.li(t0, kData).li(t1, 6)(Op::sw_, {t0, t1, 0})(Op::addi_, {t1, t1, 1})(Op::sw_, {t0, t1, 0})(Op::jal_, {0, 0});
  ASSERT_TRUE(machine.write(kBase, as.bytes()));
  machine.reset(kBase, kData);
  const golden::Outcome outcome = machine.run(1000);
  EXPECT_EQ(outcome.ending, golden::Ending::exited);
  EXPECT_EQ(outcome.exit_code, 3U);
}

TEST_F(IsaScalar, RunsStopAtTheLimitAndGoOn) {
  Assembler as;
  as(Op::jal_, {0, 0});
  ASSERT_TRUE(machine.write(kBase, as.bytes()));
  machine.reset(kBase, 0);
  EXPECT_EQ(machine.run(5000).ending, golden::Ending::step_limit);
  const u64 first = machine.instructions();
  EXPECT_GE(first, 5000U);
  EXPECT_EQ(machine.run(5000).ending, golden::Ending::step_limit);
  EXPECT_GE(machine.instructions(), first + 5000);
}

TEST_F(IsaScalar, SleepersWithoutHopeAreAHang) {
  Assembler as;
  as(Op::wfi_, {})(Op::jal_, {0, -4});
  ASSERT_TRUE(machine.write(kBase, as.bytes()));
  machine.reset(kBase, 0);
  EXPECT_EQ(machine.run().ending, golden::Ending::hung);
}

}  // namespace
}  // namespace tatami::test
