// One hart of a golden machine, instruction by instruction.
#pragma once

#include <gtest/gtest.h>

#include <random>

#include "assembler.h"
#include "golden/disasm.h"
#include "golden/machine.h"

namespace tatami::test {

class IsaTest : public testing::Test {
 protected:
  using Record = golden::Record;
  using Status = golden::Status;
  using Cause = golden::Cause;
  using Vector = golden::Vector;

  static constexpr std::uint64_t kBase = golden::kMemoryBase;
  static constexpr std::uint64_t kEnd = golden::kMemoryBase + golden::kMemoryBytes;
  static constexpr std::uint64_t kHandler = kBase + 0x800;
  static constexpr std::uint64_t kData = kBase + 0x10000;

  IsaTest() {
    machine.reset(kBase, 0);
    hart.csrs().mtvec = kHandler;
  }

  /// Executes one instruction on hart 0, wherever its pc is.
  const Record& run(Op op, std::initializer_list<std::int64_t> operands) { return run(encode(op, operands)); }
  const Record& run(std::uint32_t insn) {
    hart.execute(insn, record);
    return record;
  }
  /// The same, and the value that it leaves in x[rd].
  std::uint64_t result(Op op, std::initializer_list<std::int64_t> operands, unsigned rd = a0) {
    run(op, operands);
    EXPECT_EQ(record.status, Status::retired) << golden::opcode(op).name;
    return hart.x(rd);
  }
  void expect_trap(Cause cause, std::uint64_t tval, std::uint64_t pc = kBase) {
    EXPECT_EQ(record.status, Status::trapped) << disassemble(record.insn, record.pc);
    EXPECT_EQ(record.cause, cause) << disassemble(record.insn, record.pc);
    EXPECT_EQ(record.tval, tval) << disassemble(record.insn, record.pc);
    EXPECT_EQ(record.gpr, -1);
    EXPECT_EQ(record.vector_reg, -1);
    EXPECT_EQ(record.tile_mask, 0);
    EXPECT_EQ(hart.csrs().mepc, pc);
    EXPECT_EQ(hart.csrs().mcause, static_cast<std::uint64_t>(cause));
    EXPECT_EQ(hart.csrs().mtval, tval);
    EXPECT_EQ(hart.pc(), kHandler);
    hart.set_pc(kBase);
  }

  template <typename T>
  void poke(std::uint64_t address, T value) {
    ASSERT_TRUE(machine.write(address, std::as_bytes(std::span(&value, 1))));
  }
  template <typename T>
  T peek(std::uint64_t address) {
    T value{};
    EXPECT_TRUE(machine.read(address, std::as_writable_bytes(std::span(&value, 1))));
    return value;
  }
  std::vector<std::uint8_t> memory() {
    const std::uint8_t* data = machine.node().sram().data();
    return {data, data + golden::kMemoryBytes};
  }
  Vector random_vector() {
    Vector v;
    for (auto& lane : v.lane) lane = static_cast<std::uint32_t>(random());
    return v;
  }

  golden::Machine machine;
  golden::Hart& hart = machine.hart(0);
  Record record;
  std::mt19937_64 random{1};
};

}  // namespace tatami::test
