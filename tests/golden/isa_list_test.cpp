// Lists of transfers on the golden model (docs/isa.md, section 8.2): what they move, which descriptors are wrong, and
// how the thread that started one is told.
// labels: isa
#include "golden/transfer.h"
#include "isa_fixture.h"

namespace tatami::test {
namespace {

using u64 = std::uint64_t;
using u32 = std::uint32_t;
using golden::Cause;
using Descriptor = std::array<u64, 4>;

constexpr u64 global(unsigned x, unsigned y, u64 local) { return u64{y} << 40 | u64{x} << 32 | local; }
constexpr u64 edge(unsigned x, unsigned y, unsigned side, u64 offset) {
  return global(x, y, offset) | u64{1} << 48 | u64{side} << 49;
}
Descriptor rows(u64 control, u64 there, u64 here, u64 blocks, u64 count, u32 there_stride, u32 here_stride) {
  return {control | blocks << 32 | count << 48, there, here, there_stride | u64{here_stride} << 32};
}
constexpr u64 kPush = 0, kPull = 1, kSignal = 2, kMulticast = 8, kSig = 16;

class IsaList : public testing::Test {
 protected:
  static constexpr u64 kBase = golden::kMemoryBase, kList = kBase + 0x800, kFrom = kBase + 0x1000, kTo = kBase + 0x8000,
                       kHandler = kBase + 0x400;

  IsaList() {
    machine.reset(kBase, 0);
    for (unsigned t = 0; t < 4; ++t) hart(t).csrs().mtvec = kHandler;
    for (unsigned y = 0; y < 2; ++y) {
      for (unsigned x = 0; x < 3; ++x) {
        for (u64 i = 0; i < 512; ++i) poke(x, y, kFrom + 8 * i, value(x, y, i));
      }
    }
  }
  static u64 value(unsigned x, unsigned y, u64 i) { return (u64{x} + 1) << 56 | (u64{y} + 1) << 48 | (i + 1); }
  golden::Hart& hart(unsigned t = 0) { return machine.node(1, 0).hart(t); }
  golden::Status run(Op op, std::initializer_list<std::int64_t> operands, unsigned t = 0) {
    hart(t).execute(encode(op, operands), record);
    return record.status;
  }
  void poke(unsigned x, unsigned y, u64 local, u64 word) {
    ASSERT_TRUE(machine.write(global(x, y, local), std::as_bytes(std::span(&word, 1))));
  }
  u64 peek(u64 address) {
    u64 word = 0;
    EXPECT_TRUE(machine.read(address, std::as_writable_bytes(std::span(&word, 1))));
    return word;
  }
  golden::Status start(std::vector<Descriptor> list, u64 control = 0) {
    EXPECT_TRUE(machine.write(global(1, 0, kList), std::as_bytes(std::span(list))));
    hart().set_x(a0, kList);
    hart().set_x(a1, list.size() | control);
    return run(Op::dn_list_, {a0, a1});
  }
  void expect_told(u64 tval, Op op, std::initializer_list<std::int64_t> operands) {
    const u64 pc = hart().pc();
    EXPECT_EQ(run(op, operands), golden::Status::trapped) << tval;
    EXPECT_EQ(record.cause, Cause::list_failed);
    EXPECT_EQ(record.tval, tval);
    EXPECT_EQ(hart().csrs().mepc, pc);
    EXPECT_EQ(hart().csrs().mtval, tval);
    // Once.
    EXPECT_EQ(run(Op::fence_, {0, 15, 15, 0, 0}), golden::Status::retired);
  }

  golden::Machine machine{{.width = 3, .height = 2}};
  golden::Record record;
};

TEST_F(IsaList, MovesRows) {
  // Three rows of two blocks from here to (2, 1); two rows of one block from (0, 1), the second one before the first.
  const auto back = static_cast<u32>(-128);
  ASSERT_EQ(start({rows(kPush | kSig | 9 << 8, global(2, 1, kTo), kFrom, 2, 3, 256, 192),
                   rows(kPull | kSig | 10 << 8, global(0, 1, kFrom + 128), kTo, 1, 2, back, 64),
                   {kSignal, global(2, 0, 0) | 11, 0xFFFF'FFFF'0000'0007, ~u64{0}}},
                  u64{1} << 23 | 12 << 16),
            golden::Status::retired);
  for (u64 row = 0; row < 3; ++row) {
    for (u64 i = 0; i < 16; ++i) EXPECT_EQ(peek(global(2, 1, kTo + 256 * row + 8 * i)), value(1, 0, 24 * row + i));
    EXPECT_EQ(peek(global(2, 1, kTo + 256 * row + 128)), 0U);
  }
  for (u64 i = 0; i < 8; ++i) {
    EXPECT_EQ(peek(global(1, 0, kTo + 8 * i)), value(0, 1, 16 + i));
    EXPECT_EQ(peek(global(1, 0, kTo + 64 + 8 * i)), value(0, 1, i));
  }
  EXPECT_EQ(machine.node(2, 1).counter(9), 6U);
  EXPECT_EQ(machine.node(1, 0).counter(10), 2U);
  EXPECT_EQ(machine.node(2, 0).counter(11), 7U);
  EXPECT_EQ(machine.node(1, 0).counter(12), 1U);
}

TEST_F(IsaList, MulticastAndEdge) {
  ASSERT_EQ(start({rows(kPush | kMulticast | kSig | 3 << 8 | 2 << 16 | 1 << 24, global(1, 0, kTo), kFrom, 1, 2, 64, 64),
                   rows(kPush, edge(2, 1, 1, 0xFFFF'FF80), kFrom, 3, 1, 0, 0),  // around the end
                   rows(kPull, edge(2, 1, 1, 0xFFFF'FFC0), kTo + 512, 2, 1, 0, 0)}),
            golden::Status::retired);
  for (unsigned y = 0; y < 2; ++y) {
    for (unsigned x = 0; x < 3; ++x) {
      EXPECT_EQ(machine.node(x, y).counter(3), x >= 1 ? 2U : 0U);
      EXPECT_EQ(peek(global(x, y, kTo + 120)), x >= 1 ? value(1, 0, 15) : 0);
    }
  }
  EXPECT_EQ(peek(edge(2, 1, 1, 0)), value(1, 0, 16));
  EXPECT_EQ(peek(global(1, 0, kTo + 512)), value(1, 0, 8));
  EXPECT_EQ(peek(global(1, 0, kTo + 576)), value(1, 0, 16));
}

TEST_F(IsaList, TheInstructionTraps) {
  const auto fails = [&](u64 address, u64 control, Cause cause) {
    hart().set_x(a0, address);
    hart().set_x(a1, control);
    EXPECT_EQ(run(Op::dn_list_, {a0, a1}), golden::Status::trapped) << std::hex << address;
    EXPECT_EQ(record.cause, cause);
    EXPECT_EQ(record.tval, address);
  };
  const u64 end = kBase + golden::kMemoryBytes;
  fails(kList + 16, 1, Cause::load_misaligned);
  fails(kBase - 32, 1, Cause::load_fault);
  fails(end, 0, Cause::load_fault);
  fails(end - 32, 2, Cause::load_fault);
  fails(global(1, 0, kList), 1, Cause::load_fault);
  fails(kList, 0xFFFF, Cause::load_fault);
  hart().set_x(a0, end - 32);
  hart().set_x(a1, u64{1} << 23 | 5 << 16);
  EXPECT_EQ(run(Op::dn_list_, {a0, a1}), golden::Status::retired);  // an empty list
  EXPECT_EQ(machine.node(1, 0).counter(5), 1U);
}

TEST_F(IsaList, WrongDescriptors) {
  const Descriptor good = rows(kPush, global(0, 0, kTo), kFrom, 1, 1, 64, 64);
  struct Wrong {
    Descriptor descriptor;
    u64 reason;
  };
  const auto with = [&](u64 set, u64 clear = 0) {
    return Descriptor{(good[0] & ~clear) | set, good[1], good[2], good[3]};
  };
  std::vector<Wrong> cases = {
      {with(3), 2},
      {with(0, u64{0xFFFF} << 32), 2},
      {with(0, u64{0xFFFF} << 48), 2},
      {with(kPull | kMulticast), 2},
      {{kSignal | kSig, global(0, 0, 0), 0, 0}, 2},
      {{kSignal | kMulticast, global(0, 0, 0), 0, 0}, 2},
      {{kSignal | u64{1} << 40, global(0, 0, 0), 0, 0}, 2},
      {{kSignal, global(3, 0, 0), 0, 0}, 7},
      {rows(kPush, global(0, 0, kTo), kFrom + 8, 1, 1, 64, 64), 4},
      {rows(kPush, global(0, 0, kTo + 8), kFrom + 8, 1, 1, 64, 64), 4},
      {rows(kPush, global(0, 0, kTo), 64, 1, 1, 64, 64), 5},
      {rows(kPush, global(0, 0, kTo), kFrom | u64{1} << 40, 1, 1, 64, 64), 5},
      {rows(kPush, global(0, 0, kTo + 8), kFrom, 1, 1, 64, 64), 6},
      {rows(kPush, global(0, 2, kTo), kFrom, 1, 1, 64, 64), 7},
      {rows(kPush, global(0, 0, 0), kFrom, 1, 1, 64, 64), 7},
      {rows(kPush | kSig, edge(0, 0, 0, 0), kFrom, 1, 1, 64, 64), 7},
      {rows(kPush | kMulticast | 3 << 16, global(0, 0, kTo), kFrom, 1, 1, 64, 64), 7},
      {rows(kPull, global(0, 0, kFrom + 8), kTo, 1, 1, 64, 64), 4},
      {rows(kPull, global(0, 0, kFrom), kTo + 8, 1, 1, 64, 64), 4},
      {rows(kPull, global(0, 0, 0), kTo, 1, 1, 64, 64), 5},
      {rows(kPull, global(0, 0, kFrom), 0, 1, 1, 64, 64), 5},
      {rows(kPull, edge(1, 0, 2, 0), kTo, 1, 1, 64, 64), 5},
  };
  for (const unsigned bit : {5, 6, 7, 13, 14, 15}) cases.push_back({with(u64{1} << bit), 2});
  for (const Wrong& wrong : cases) {
    machine.node(0, 0).write(static_cast<u32>(kTo - kBase), std::array<u64, 24>{}.data(), 192);
    // A good one before it, one that must not be done after it.
    ASSERT_EQ(start({good, wrong.descriptor, rows(kPush, global(0, 0, kTo + 128), kFrom, 1, 1, 0, 0)},
                    u64{1} << 23 | 20 << 16),
              golden::Status::retired);
    expect_told(kList + 32 + wrong.reason, Op::dn_ctr_rd_, {a3, 20});
    EXPECT_EQ(peek(global(0, 0, kTo)), value(1, 0, 0));
    EXPECT_EQ(peek(global(0, 0, kTo + 128)), 0U);
    EXPECT_EQ(machine.node(1, 0).counter(20), 0U);
  }
}

TEST_F(IsaList, EndsAtTheBlockThatIsWrong) {
  // The second row starts past the end of SRAM.
  ASSERT_EQ(
      start({rows(kPush | kSig | 7 << 8, global(0, 0, kBase + golden::kMemoryBytes - 128), kFrom, 2, 2, 128, 64)}),
      golden::Status::retired);
  EXPECT_EQ(machine.node(0, 0).counter(7), 2U);
  expect_told(kList + 7, Op::dn_list_, {a0, a1});
}

TEST_F(IsaList, ToldAtEveryInstructionThatWaits) {
  const std::vector<Descriptor> bad = {rows(3, 0, 0, 1, 1, 0, 0)};
  hart().set_x(a2, 5);
  const auto told = [&](Op op, std::initializer_list<std::int64_t> operands) {
    ASSERT_EQ(start(bad), golden::Status::retired);
    // Others go on.
    EXPECT_EQ(run(Op::addi_, {a4, 0, 1}), golden::Status::retired);
    EXPECT_EQ(run(Op::dn_ctr_add_, {a2, 30}), golden::Status::retired);
    EXPECT_EQ(run(Op::fence_, {0, 15, 15, 0, 0}, 1), golden::Status::retired);
    expect_told(kList + 2, op, operands);
  };
  told(Op::fence_, {0, 15, 15, 0, 0});
  told(Op::fence_i_, {0, 0, 0});
  told(Op::wfi_, {});
  told(Op::dn_ctr_rd_, {a3, 1});
  told(Op::dn_ctr_wait_, {a2, 1});
  told(Op::dn_ctr_take_, {a2, 1});
  told(Op::dn_bar_, {15});
  told(Op::dn_list_, {a0, a1});
}

}  // namespace
}  // namespace tatami::test
