// CSRs: which exist, what they read after reset, which bits can be written.
// labels: isa
#include "isa_fixture.h"

namespace tatami::test {
namespace {

using u64 = std::uint64_t;
namespace csr = golden::csr;

class IsaCsr : public IsaTest {
 protected:
  u64 read(unsigned address) { return result(Op::csrrs_, {a0, 0, address}); }
  u64 write(unsigned address, u64 value) {
    hart.set_x(a1, value);
    run(Op::csrrw_, {0, a1, address});
    EXPECT_EQ(record.status, Status::retired);
    return read(address);
  }
};

bool exists(unsigned a) {
  const auto in = [a](unsigned low, unsigned high) { return a >= low && a <= high; };
  return a == 0x300 || a == 0x301 || a == 0x304 || a == 0x305 || a == 0x320 || in(0x323, 0x33F) || in(0x340, 0x344) ||
         a == 0xB00 || in(0xB02, 0xB1F) || in(0xC00, 0xC02) || in(0xF11, 0xF15) || in(0x7C0, 0x7D3) ||
         in(0xFC0, 0xFC4) || in(0xFC8, 0xFC9);
}

TEST_F(IsaCsr, OnlyTheListedOnesExist) {
  for (unsigned address = 0; address < 4096; ++address) {
    const bool read_only = address >> 10 == 3;
    run(Op::csrrs_, {a0, 0, address});
    if (exists(address)) {
      ASSERT_EQ(record.status, Status::retired) << std::hex << address;
    } else {
      expect_trap(Cause::illegal_instruction, encode(Op::csrrs_, {a0, 0, address}), record.pc);
    }
    for (const Op op : {Op::csrrw_, Op::csrrs_, Op::csrrc_, Op::csrrwi_, Op::csrrsi_, Op::csrrci_}) {
      hart.set_x(a1, 0);
      run(op, {a0, a1, address});
      ASSERT_EQ(record.status, exists(address) && !read_only ? Status::retired : Status::trapped)
          << golden::opcode(op).name << " " << std::hex << address;
      run(op, {a0, 0, address});
      const bool writes = op == Op::csrrw_ || op == Op::csrrwi_;
      ASSERT_EQ(record.status, exists(address) && !(read_only && writes) ? Status::retired : Status::trapped)
          << golden::opcode(op).name << " " << std::hex << address;
    }
    machine.reset(kBase, 0);
    hart.csrs().mtvec = kHandler;
  }
}

TEST_F(IsaCsr, ResetValues) {
  machine.reset(kBase, 0);
  EXPECT_EQ(read(csr::kMstatus), 0x1800U);
  EXPECT_EQ(read(csr::kMisa), 0x8000'0000'0080'1101U);
  for (const unsigned zero : {0x304, 0x305, 0x320, 0x340, 0x341, 0x342, 0x343, 0x344, 0x7D0, 0x7D1,
                              0x7D2, 0xF11, 0xF12, 0xF14, 0xF15, 0xFC0, 0xFC1, 0xFC4, 0xFC8, 0xFC9}) {
    EXPECT_EQ(read(zero), 0U) << std::hex << zero;
  }
  EXPECT_EQ(read(csr::kMimpid), 1U);
  EXPECT_EQ(read(csr::kDvlim), 0x4010U);
  EXPECT_EQ(read(csr::kDfabw), 1U);
  EXPECT_EQ(read(csr::kDfabh), 1U);
  constexpr unsigned formats[] = {0, 1, 2 | 7 << 4, 3 | 15 << 4, 4 | 15 << 4, 5};
  for (unsigned i = 0; i < 16; ++i) EXPECT_EQ(read(csr::kDfmt0 + i), i < 6 ? formats[i] : 0) << i;
  for (unsigned i = 3; i < 32; ++i) EXPECT_EQ(read(0x320 + i), i);
}

TEST_F(IsaCsr, WritableBits) {
  constexpr u64 kOnes = ~u64{0};
  EXPECT_EQ(write(csr::kMstatus, kOnes), 0x1888U);
  EXPECT_EQ(write(csr::kMisa, kOnes), 0x8000'0000'0080'1101U);
  EXPECT_EQ(write(csr::kMie, kOnes), 0x10000U);
  EXPECT_EQ(write(csr::kMie, 0), 0U);
  EXPECT_EQ(write(csr::kMip, kOnes), 0U);
  EXPECT_EQ(write(csr::kMtvec, kOnes), kOnes - 3);
  EXPECT_EQ(write(csr::kMcountinhibit, kOnes), 0U);
  EXPECT_EQ(write(csr::kMhpmevent3, kOnes), 3U);
  EXPECT_EQ(write(csr::kMscratch, kOnes), kOnes);
  EXPECT_EQ(write(csr::kMepc, kOnes), kOnes - 3);
  EXPECT_EQ(write(csr::kMcause, kOnes), kOnes);
  EXPECT_EQ(write(csr::kMtval, kOnes), kOnes);
  for (unsigned i = 0; i < 16; ++i) EXPECT_EQ(write(csr::kDfmt0 + i, kOnes), 0xFFFFU);
  EXPECT_EQ(write(csr::kDflags, kOnes), 15U);
  EXPECT_EQ(write(csr::kDseed, kOnes), kOnes);
  EXPECT_EQ(write(csr::kDcount, kOnes), kOnes);
  EXPECT_EQ(write(csr::kDvlim, kOnes), 0x7F1FU);
}

TEST_F(IsaCsr, SetAndClear) {
  write(csr::kMscratch, 0xFF);
  hart.set_x(a1, 0xF00F);
  EXPECT_EQ(result(Op::csrrs_, {a0, a1, csr::kMscratch}), 0xFFU);
  EXPECT_EQ(result(Op::csrrc_, {a0, a1, csr::kMscratch}), 0xF0FFU);
  EXPECT_EQ(result(Op::csrrsi_, {a0, 31, csr::kMscratch}), 0xF0U);
  EXPECT_EQ(result(Op::csrrci_, {a0, 16, csr::kMscratch}), 0xFFU);
  EXPECT_EQ(result(Op::csrrwi_, {a0, 9, csr::kMscratch}), 0xEFU);
  EXPECT_EQ(read(csr::kMscratch), 9U);
  hart.set_x(a1, 77);
  EXPECT_EQ(result(Op::csrrw_, {a1, a1, csr::kMscratch}, a1), 9U);
  EXPECT_EQ(read(csr::kMscratch), 77U);
}

TEST_F(IsaCsr, InstretCountsInstructionsBefore) {
  run(Op::addi_, {0, 0, 0});
  run(Op::addi_, {0, 0, 0});
  EXPECT_EQ(read(csr::kMinstret), 2U);
  EXPECT_EQ(write(csr::kMinstret, 1000), 4U);
  EXPECT_EQ(read(csr::kInstret), 5U);
}

TEST_F(IsaCsr, IdentityOfEveryHart) {
  golden::Machine fabric({.width = 3, .height = 2});
  fabric.reset(kBase, 0);
  const auto read_of = [&](golden::Hart& h, unsigned address) {
    golden::Record r;
    h.execute(encode(Op::csrrs_, {a0, 0, address}), r);
    return h.x(a0);
  };
  for (unsigned y = 0; y < 2; ++y) {
    for (unsigned x = 0; x < 3; ++x) {
      for (unsigned t = 0; t < 4; ++t) {
        golden::Hart& h = fabric.node(x, y).hart(t);
        EXPECT_EQ(read_of(h, csr::kMhartid), 4 * (3 * y + x) + t);
        EXPECT_EQ(read_of(h, csr::kDnodex), x);
        EXPECT_EQ(read_of(h, csr::kDnodey), y);
        EXPECT_EQ(read_of(h, csr::kDfabw), 3U);
        EXPECT_EQ(read_of(h, csr::kDfabh), 2U);
        EXPECT_EQ(read_of(h, csr::kDthread), t);
      }
    }
  }
}

TEST_F(IsaCsr, EventsCount) {
  hart.set_x(s0, kData);
  run(Op::lw_, {a0, s0, 0});
  run(Op::mul_, {a0, a0, a0});
  run(Op::dv_ld_, {0, s0, 0, 0});
  run(Op::dv_st_, {0, s0, 0, 0});
  run(Op::dv_fadd_, {0, 0, 0});
  run(Op::dm_mma_, {0, 1, 2, 2, 2, 0});
  run(Op::bne_, {0, 0, 8});
  run(Op::beq_, {0, 0, 8});
  for (const unsigned event : {3, 4, 5, 6, 7, 9, 22}) EXPECT_EQ(read(0xB00 + event), 1U) << event;
  EXPECT_EQ(read(0xB08), 2U);
}

}  // namespace
}  // namespace tatami::test
