// Traps: every cause with its mtval, precise, and the CSRs of machine mode.
// labels: isa
#include "isa_fixture.h"

namespace tatami::test {
namespace {

class IsaTrap : public IsaTest {};

TEST_F(IsaTrap, InstructionMisaligned) {
  run(Op::jal_, {ra, 6});
  expect_trap(Cause::instruction_misaligned, kBase + 6);
  EXPECT_EQ(hart.x(ra), 0U);
  hart.set_x(a0, kBase + 7);
  run(Op::jalr_, {ra, a0, 0});
  expect_trap(Cause::instruction_misaligned, kBase + 6);
  run(Op::beq_, {0, 0, 2});
  expect_trap(Cause::instruction_misaligned, kBase + 2);
  run(Op::bne_, {0, 0, 2});  // not taken, no trap
  EXPECT_EQ(record.status, Status::retired);
}

TEST_F(IsaTrap, InstructionAccessFault) {
  for (const std::uint64_t pc :
       {std::uint64_t{0}, kBase - 4, kEnd, ~std::uint64_t{3}, kBase + (std::uint64_t{1} << 32)}) {
    hart.set_pc(pc);
    hart.step(record);
    expect_trap(Cause::instruction_fault, pc, pc);
  }
  hart.set_pc(kEnd - 4);
  poke(kEnd - 4, encode(Op::addi_, {a0, 0, 1}));
  hart.step(record);
  EXPECT_EQ(record.status, Status::retired);
}

TEST_F(IsaTrap, IllegalInstruction) {
  for (const std::uint32_t insn : {0U, 0xFFFF'FFFFU, 0x0000'0001U, 0x0000'70FBU, 0x1050'0173U /* wfi with rd */}) {
    run(insn);
    expect_trap(Cause::illegal_instruction, insn);
  }
}

TEST_F(IsaTrap, ReservedFieldsAreIllegal) {
  const std::uint32_t words[] = {
      encode(Op::dv_lds_, {1, a0, a1, 7, 0, 0}),
      encode(Op::dv_sts_, {1, a0, a1, 0, 7, 0}),
      encode(Op::dv_ldx_, {1, a0, 2, 3, 0, 0}),
      encode(Op::dv_stx_, {1, a0, 2, 6, 0, 0}),
      encode(Op::dv_ldx_, {1, a0, 2, 0, 5, 0}),
      encode(Op::dv_ldx_, {1, a0, 2, 0, 7, 0}),
      encode(Op::dv_cvt_, {1, 2, 0, 0, 1}),
      encode(Op::dv_cvt_, {1, 2, 0, 1, 2}),
      encode(Op::dm_mv_v_t_, {1, 0, 0, 1}),
      encode(Op::dm_mv_t_v_, {0, 1, 1, 2}),
      encode(Op::dn_bar_, {2}),
  };
  for (const std::uint32_t insn : words) {
    run(insn);
    expect_trap(Cause::illegal_instruction, insn);
  }
}

TEST_F(IsaTrap, BreakpointAndEnvironmentCall) {
  run(Op::ebreak_, {});
  expect_trap(Cause::breakpoint, kBase);
  run(Op::ecall_, {});
  expect_trap(Cause::environment_call, 0);
}

TEST_F(IsaTrap, ScalarAccessFaults) {
  const std::uint64_t addresses[] = {0, kBase - 1, kEnd - 3, kEnd, ~std::uint64_t{0}, kBase | std::uint64_t{1} << 40};
  for (const std::uint64_t address : addresses) {
    hart.set_x(a1, address + 16);
    run(Op::lw_, {a0, a1, -16});
    expect_trap(Cause::load_fault, address);
    run(Op::sw_, {a1, a0, -16});
    expect_trap(Cause::store_fault, address);
  }
  hart.set_x(a1, kEnd - 8);
  EXPECT_EQ(run(Op::ld_, {a0, a1, 0}).status, Status::retired);
  EXPECT_EQ(run(Op::sb_, {a1, a0, 7}).status, Status::retired);
}

TEST_F(IsaTrap, AtomicFaults) {
  for (const std::uint64_t bad : {kData + 2, kEnd + 2}) {  // misaligned comes first
    hart.set_x(a1, bad);
    run(Op::lr_w_, {a0, a1, 0, 0});
    expect_trap(Cause::load_misaligned, bad);
    run(Op::sc_w_, {a0, a1, a2, 0, 0});
    expect_trap(Cause::store_misaligned, bad);
    run(Op::amoadd_w_, {a0, a1, a2, 0, 0});
    expect_trap(Cause::store_misaligned, bad);
  }
  hart.set_x(a1, kData + 4);
  run(Op::amoadd_d_, {a0, a1, a2, 0, 0});
  expect_trap(Cause::store_misaligned, kData + 4);
  hart.set_x(a1, kEnd);
  run(Op::lr_d_, {a0, a1, 0, 0});
  expect_trap(Cause::load_fault, kEnd);
  run(Op::sc_d_, {a0, a1, a2, 0, 0});
  expect_trap(Cause::store_fault, kEnd);
  run(Op::amomaxu_d_, {a0, a1, a2, 0, 0});
  expect_trap(Cause::store_fault, kEnd);
}

TEST_F(IsaTrap, BadDescriptors) {
  hart.csrs().dfmt[9] = golden::Descriptor(6);               // reserved kind
  hart.csrs().dfmt[10] = golden::Descriptor(1U << 12 | 1U);  // reserved bits
  for (const int bad : {9, 10}) {
    const auto number = static_cast<std::uint64_t>(bad);
    run(Op::dv_cvt_, {1, 2, bad, 0, 3});
    expect_trap(Cause::bad_descriptor, number);
    run(Op::dv_cvt_, {1, 2, 0, bad, 0});
    expect_trap(Cause::bad_descriptor, number);
    run(Op::dm_mv_v_t_, {1, 0, bad, 0});
    expect_trap(Cause::bad_descriptor, number);
    run(Op::dm_mv_t_v_, {0, 1, bad, 0});
    expect_trap(Cause::bad_descriptor, number);
    run(Op::dm_mma_, {0, 1, 2, bad, 2, 0});
    expect_trap(Cause::bad_descriptor, number);
    run(Op::dm_mma_, {0, 1, 2, 2, bad, 0});
    expect_trap(Cause::bad_descriptor, number);
  }
  run(Op::dv_cvt_, {1, 2, 9, 10, 0});
  expect_trap(Cause::bad_descriptor, 9);
  run(Op::dm_mma_, {0, 1, 2, 0, 2, 0});  // fp32 is no operand
  expect_trap(Cause::bad_descriptor, 0);
  run(Op::dm_mma_, {0, 1, 2, 2, 0, 0});
  expect_trap(Cause::bad_descriptor, 0);
  run(Op::dm_mma_, {0, 1, 2, 1, 2, 0});  // 16-bit with 8-bit
  expect_trap(Cause::bad_descriptor, 2);
}

TEST_F(IsaTrap, SavesAndRestoresTheInterruptEnable) {
  run(Op::csrrsi_, {0, 8, golden::csr::kMstatus});
  EXPECT_EQ(result(Op::csrrs_, {a0, 0, golden::csr::kMstatus}), 0x1808U);
  const std::uint64_t pc = hart.pc();
  run(Op::ecall_, {});
  expect_trap(Cause::environment_call, 0, pc);
  EXPECT_EQ(result(Op::csrrs_, {a0, 0, golden::csr::kMstatus}), 0x1880U);
  run(Op::mret_, {});
  EXPECT_EQ(hart.pc(), pc);
  EXPECT_EQ(result(Op::csrrs_, {a0, 0, golden::csr::kMstatus}), 0x1888U);
}

TEST_F(IsaTrap, DoesNotRetire) {
  run(Op::ecall_, {});
  EXPECT_EQ(hart.retired(), 0U);
}

TEST_F(IsaTrap, WithoutHandlerEndsTheRun) {
  hart.csrs().mtvec = 0;
  poke(kBase, std::uint32_t{0});
  hart.step(record);
  EXPECT_TRUE(record.unhandled);
  EXPECT_TRUE(hart.halted());
  hart.step(record);
  EXPECT_EQ(record.status, Status::halted);

  machine.reset(kBase, 0);
  const golden::Outcome outcome = machine.run(100);
  EXPECT_EQ(outcome.ending, golden::Ending::trapped);
  EXPECT_EQ(outcome.record.cause, Cause::illegal_instruction);
  EXPECT_EQ(outcome.record.pc, kBase);
}

TEST_F(IsaTrap, EndsReservations) {
  hart.set_x(a1, kData);
  run(Op::lr_w_, {a0, a1, 0, 0});
  run(Op::ecall_, {});
  EXPECT_EQ(result(Op::sc_w_, {a0, a1, zero, 0, 0}), 1U);
}

// docs/isa.md, section 3.1: only with mie and mstatus, between two instructions, not again in the handler.
TEST_F(IsaTrap, InterruptOfLinkErrors) {
  using u64 = std::uint64_t;
  constexpr u64 kCause = u64{1} << 63 | 16, kFirst = u64{1} << 63 | u64{5} << 48 | 1234;
  EXPECT_FALSE(hart.interrupt(record, kFirst));
  hart.csrs().write(golden::csr::kMie, u64{1} << 16);
  EXPECT_FALSE(hart.interrupt(record, kFirst));
  EXPECT_EQ(hart.pc(), kBase);
  hart.csrs().write(golden::csr::kMstatus, 8);
  ASSERT_TRUE(hart.interrupt(record, kFirst));
  EXPECT_EQ(record.status, Status::trapped);
  EXPECT_EQ(hart.csrs().mcause, kCause);
  EXPECT_EQ(hart.csrs().mtval, kFirst);
  EXPECT_EQ(hart.csrs().mepc, kBase);
  EXPECT_EQ(hart.csrs().read(golden::csr::kMstatus), 0x1880U);
  EXPECT_EQ(hart.pc(), kHandler);
  EXPECT_FALSE(hart.interrupt(record, kFirst)) << "MIE is off in the handler";
  run(Op::mret_, {});
  EXPECT_EQ(hart.pc(), kBase);
  ASSERT_TRUE(hart.interrupt(record, kFirst));
  // Without a handler the hart halts.
  hart.csrs().mtvec = 0;
  hart.csrs().mie = true;
  ASSERT_TRUE(hart.interrupt(record, kFirst));
  EXPECT_TRUE(record.unhandled);
  EXPECT_TRUE(hart.halted());
}

}  // namespace
}  // namespace tatami::test
