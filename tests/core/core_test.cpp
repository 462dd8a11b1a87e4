// libs: tatami_rtl_device_assert
// labels: isa
// cost: 20
//
// The core as programs see it, on the RTL in lockstep with the golden model: what every kind of instruction costs (the
// claims of docs/architecture.md, section 1), sleeping, traps without a handler, and random programs.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

#include "assembler.h"
#include "host/device.h"
#include "isa/random_program.h"

namespace {

using tatami::Program;
using tatami::RunResult;
using tatami::RunStatus;
using tatami::test::Assembler;
using tatami::test::Op;

constexpr std::uint64_t kCode = tatami::kSramBase;
constexpr std::uint64_t kTohost = kCode + 0x8000;
constexpr std::uint64_t kResults = kCode + 0x9000;  // 8 bytes a thread
constexpr std::uint64_t kData = kCode + 0x10000;    // 8 KB a thread, x6 points there; its first word is its own address
constexpr std::int64_t kMcycle = static_cast<std::int32_t>(0xB00), kThread = 0xFC4, kMtvec = 0x305;

// Registers of the frame around a body; bodies may use x7..x27 and all vector registers and tiles.
constexpr unsigned kZero = 0, kId = 5, kPointer = 6, kPasses = 28, kFrom = 29, kTo = 30, kTemporary = 31;

Program make_program(const std::vector<std::uint32_t>& words) {
  Program program;
  program.path = "core test";
  program.entry = kCode;
  tatami::Segment code{kCode, std::vector<std::byte>(4 * words.size())};
  std::memcpy(code.bytes.data(), words.data(), code.bytes.size());
  program.segments.push_back(std::move(code));
  tatami::Segment data{kData, std::vector<std::byte>(4 * 8192)};
  for (std::uint64_t t = 0; t < 4; ++t) {
    const std::uint64_t address = kData + 8192 * t;
    std::memcpy(data.bytes.data() + 8192 * t, &address, 8);
  }
  program.segments.push_back(std::move(data));
  program.symbols["tohost"] = {kTohost, 8, false};
  program.end = kData + 4 * 8192;
  return program;
}

RunResult run(tatami::Device& device, const std::vector<std::uint32_t>& words) {
  device.load(make_program(words));
  return device.run({.max_cycles = 200'000});
}

std::unique_ptr<tatami::Device> make_device() {
  return tatami::make_rtl_device({.shape = {}, .host_threads = 1, .lockstep = true, .wave = {}});
}

using Body = std::function<void(Assembler&)>;

/// Cycles of `body` in thread 0 when the first `threads` threads run it at once with warm fetch buffers.
std::uint64_t measure(const Body& body, unsigned threads = 1) {
  const unsigned mask = (1U << threads) - 1;
  Assembler code(kCode);
  code.op(Op::csrrs_, kId, kZero, kThread);
  code.li(kTemporary, threads);
  const std::size_t park = code.hole();
  code.op(Op::auipc_, kPointer, 0x10000);
  code.op(Op::andi_, kPointer, kPointer, -2048);
  code.op(Op::slli_, kTemporary, kId, 13);
  code.op(Op::add_, kPointer, kPointer, kTemporary);
  code.li(kPasses, 2);
  code.op(Op::csrrwi_, kZero, 1, 0x7C1);  // dfmt1: bf16, as after reset
  const std::size_t again = code.size();
  code.op(Op::dn_bar_, mask);
  code.op(Op::csrrs_, kFrom, kZero, kMcycle);
  body(code);
  code.op(Op::csrrs_, kTo, kZero, kMcycle);
  code.op(Op::addi_, kPasses, kPasses, -1);
  code.branch_back(Op::bne_, kPasses, kZero, again);
  code.op(Op::sub_, kTo, kTo, kFrom);
  code.li(kTemporary, static_cast<std::int64_t>(kResults - kCode));
  code.op(Op::slli_, kFrom, kId, 3);
  code.op(Op::add_, kTemporary, kTemporary, kFrom);
  code.li(kFrom, 1);
  code.op(Op::slli_, kFrom, kFrom, 31);
  code.op(Op::add_, kTemporary, kTemporary, kFrom);
  code.op(Op::sd_, kTemporary, kTo, 0);
  code.op(Op::fence_, 0, 15, 15, 0, 0);
  code.op(Op::dn_bar_, mask);
  const std::size_t others = code.hole();
  code.li(kTemporary, static_cast<std::int64_t>(kTohost));
  code.li(kTo, 1);
  code.op(Op::sd_, kTemporary, kTo, 0);
  code.fill_branch(park, Op::bgeu_, kId, kTemporary);
  code.fill_branch(others, Op::bne_, kId, kZero);
  code.op(Op::wfi_);
  code.op(Op::jal_, kZero, -4);

  const auto device = make_device();
  const RunResult result = run(*device, code.words());
  EXPECT_TRUE(result.passed()) << result.message;
  EXPECT_GT(result.compared, 0U);
  return device->read_value<std::uint64_t>(kResults) - 1;  // the first csrrs takes a cycle too
}

/// Cycles that `more` further repetitions of an instruction group take, the same number being there already.
std::uint64_t marginal(unsigned more, const std::function<void(Assembler&, unsigned)>& group, unsigned threads = 1) {
  const auto repeated = [&](unsigned count) {
    return measure(
        [&](Assembler& code) {
          for (unsigned i = 0; i < count; ++i) group(code, i);
        },
        threads);
  };
  return repeated(2 * more) - repeated(more);
}

TEST(Core, DependentAluOperationsTakeOneCycle) {
  EXPECT_EQ(marginal(40, [](Assembler& code, unsigned) { code.op(Op::addi_, 10, 10, 1); }), 40U);
}

TEST(Core, FourThreadsIssueInOneCycle) {
  EXPECT_EQ(marginal(
                40, [](Assembler& code, unsigned) { code.op(Op::addi_, 10, 10, 1); }, 4),
            40U);
}

TEST(Core, LoadedValueIsUsedInTheThirdCycle) {
  // The word at the pointer is its own address.
  EXPECT_EQ(marginal(20, [](Assembler& code, unsigned i) { code.op(Op::ld_, 10, i == 0 ? kPointer : 10, 0); }), 60U);
}

TEST(Core, IndependentLoadsAndStoresTakeOneCycle) {
  EXPECT_EQ(marginal(32,
                     [](Assembler& code, unsigned i) {
                       if (i % 2 == 0)
                         code.op(Op::ld_, 8 + i % 16, kPointer, 8 * i);
                       else
                         code.op(Op::sd_, kPointer, 0, 512 + 8 * i);
                     }),
            32U);
}

TEST(Core, ProductIsUsedInTheThirdCycle) {
  EXPECT_EQ(marginal(20, [](Assembler& code, unsigned) { code.op(Op::mul_, 10, 10, 10); }), 60U);
  EXPECT_EQ(marginal(20, [](Assembler& code, unsigned i) { code.op(Op::mul_, 8 + i % 16, 0, 0); }), 20U);
}

TEST(Core, BackwardBranchesAreFree) {
  const auto loop = [](unsigned count) {
    return measure([&](Assembler& code) {
      code.li(10, count);
      const std::size_t begin = code.size();
      code.op(Op::addi_, 10, 10, -1);
      code.branch_back(Op::bne_, 10, 0, begin);
    });
  };
  EXPECT_EQ(loop(90) - loop(60), 60U);
}

TEST(Core, JumpsAreFreeAndMispredictionsCostTwo) {
  EXPECT_EQ(marginal(16,
                     [](Assembler& code, unsigned) {
                       code.op(Op::jal_, 0, 8);
                       code.op(Op::addi_, 0, 0, 0);
                     }),
            16U);
  EXPECT_EQ(marginal(16, [](Assembler& code, unsigned) { code.op(Op::bne_, 0, 0, 8); }), 16U);
  EXPECT_EQ(marginal(16,
                     [](Assembler& code, unsigned) {
                       code.op(Op::beq_, 0, 0, 8);
                       code.op(Op::addi_, 0, 0, 0);
                     }),
            48U);
  EXPECT_EQ(marginal(16,
                     [](Assembler& code, unsigned) {
                       code.op(Op::auipc_, 10, 0);
                       code.op(Op::jalr_, 0, 10, 8);
                     }),
            64U);
}

TEST(Core, VectorLoadsTakeOneCycleAndAreUsedInTheThird) {
  EXPECT_EQ(marginal(32, [](Assembler& code, unsigned i) { code.op(Op::dv_ld_, i % 32, kPointer, 64 * (i % 8), 0); }),
            32U);
  EXPECT_EQ(marginal(16,
                     [](Assembler& code, unsigned) {
                       code.op(Op::dv_ld_, 1, kPointer, 0, 0);
                       code.op(Op::dv_st_, 1, kPointer, 128, 0);
                     }),
            64U);
}

TEST(Core, TwoThreadsLoadVectorsInOneCycle) {
  // 64 banks of 8 bytes: 8 KB apart both threads' lines lie 8 rows apart, in other banks.
  EXPECT_LE(marginal(
                32, [](Assembler& code, unsigned i) { code.op(Op::dv_ld_, i % 32, kPointer, 0, 0); }, 2),
            33U);
}

TEST(Core, VectorResultsAreUsedInTheFifthCycle) {
  EXPECT_EQ(marginal(16, [](Assembler& code, unsigned) { code.op(Op::dv_add_, 1, 1, 2); }), 80U);
  EXPECT_EQ(marginal(32, [](Assembler& code, unsigned i) { code.op(Op::dv_add_, i % 16, 16, 17); }), 32U);
}

TEST(Core, MatrixInstructionsFollowEachOther) {
  const auto mma = [](Assembler& code, unsigned tile, unsigned desc) {
    code.op(Op::dm_mma_, tile, 1, 2, desc, desc, 0);
  };
  EXPECT_EQ(marginal(32, [&](Assembler& code, unsigned i) { mma(code, i % 8, 1); }), 32U);
  EXPECT_EQ(marginal(16, [&](Assembler& code, unsigned) { mma(code, 3, 1); }), 64U);
  // 8-bit panels take two passes.
  EXPECT_EQ(marginal(32, [&](Assembler& code, unsigned i) { mma(code, i % 8, 2); }), 64U);
}

TEST(Core, LoadsWithIncrementAndMatrixInstructionsAlternate) {
  EXPECT_EQ(marginal(24,
                     [](Assembler& code, unsigned i) {
                       code.op(Op::dm_mma_, i % 8, 12 + i % 4, 16 + i % 4, 1, 1, 0);
                       code.op(Op::dv_ldp_, 20 + i % 8, kPointer, i % 2 == 0 ? 64 : -64, 0);
                     }),
            48U);
}

TEST(Core, RowsOfTilesMoveOneACycle) {
  EXPECT_EQ(marginal(32, [](Assembler& code, unsigned i) { code.op(Op::dm_mv_t_v_, i % 32, 1, 0, 0); }), 32U);
  EXPECT_EQ(marginal(32, [](Assembler& code, unsigned i) { code.op(Op::dm_mv_v_t_, i % 32, i % 32, 0, 0); }), 32U);
}

TEST(Core, LateResultsOfOneThreadMayMeet) {
  // A lane's value arrives four cycles after its issue, a loaded word and a product two after theirs: all in the same
  // cycle.
  EXPECT_GT(measure(
                [](Assembler& code) {
                  for (unsigned i = 0; i < 12; ++i) {
                    code.op(Op::dv_mv_x_w_, 8 + i % 4, i, i % 16);
                    if (i % 3 != 2) code.op(Op::addi_, 20, 20, 1);
                    code.op(Op::ld_, 12 + i % 4, kPointer, 8 * (i % 4));
                    if (i % 3 != 1) code.op(Op::mul_, 16 + i % 4, 20, 20);
                    code.op(Op::addi_, 21, 21, 1);
                  }
                },
                4),
            12U);
}

TEST(Core, SpinningThreadsDoNotStarveTheLocksOwner) {
  // Threads 0 to 2 swap a 1 into the lock until they get a 0. Thread 3 owns it and releases it after some stores.
  Assembler code(kCode);
  const unsigned lock = 10, one = 11, got = 12;
  code.op(Op::csrrs_, kId, kZero, kThread);
  code.op(Op::auipc_, lock, 0x10000);
  code.op(Op::andi_, lock, lock, -2048);
  code.li(one, 1);
  code.li(kTemporary, 3);
  const std::size_t to_owner = code.hole();
  code.op(Op::dn_bar_, 15);
  const std::size_t spin = code.size();
  code.op(Op::amoswap_w_, got, lock, one, 0, 0);
  code.branch_back(Op::bne_, got, kZero, spin);
  code.op(Op::sw_, lock, kZero, 0);
  const std::size_t to_end = code.hole();
  code.fill_branch(to_owner, Op::beq_, kId, kTemporary);
  code.op(Op::sw_, lock, one, 0);
  code.op(Op::fence_, 0, 15, 15, 0, 0);
  code.op(Op::dn_bar_, 15);
  for (int i = 0; i < 8; ++i) code.op(Op::sw_, lock, one, 64);
  code.op(Op::sw_, lock, kZero, 0);
  code.fill_jump(to_end, 0);
  code.op(Op::dn_bar_, 15);
  code.li(kTemporary, static_cast<std::int64_t>(kTohost));
  code.op(Op::sd_, kTemporary, one, 0);
  code.op(Op::jal_, kZero, 0);
  const auto device = make_device();
  const RunResult result = run(*device, code.words());
  EXPECT_TRUE(result.passed()) << result.message;
  EXPECT_LT(result.cycles, 3000U);
}

// dflags is right even if the first sum raises overflow wrongly, because the second one raises it: lockstep must see it
// at the first.
TEST(Core, FlagsAreComparedWhereTheyAreRaised) {
  Assembler code(kCode);
  const unsigned value = 10, flags = 11;
  code.li(value, 0x3F80'0000);
  code.op(Op::dv_mv_v_x_, 1, value);
  code.li(value, 0x7F7F'FFFF);
  code.op(Op::dv_mv_v_x_, 2, value);
  code.op(Op::dv_fadd_, 4, 1, 1);
  code.op(Op::dv_fadd_, 5, 2, 2);
  code.op(Op::csrrs_, flags, kZero, 0x7D0);
  code.li(kTemporary, static_cast<std::int64_t>(kTohost));
  code.op(Op::addi_, flags, flags, -3);  // overflow alone, 4, is a pass
  code.op(Op::sd_, kTemporary, flags, 0);
  code.op(Op::jal_, kZero, 0);
  const auto device = make_device();
  const RunResult result = run(*device, code.words());
  EXPECT_TRUE(result.passed()) << result.message;
}

/// Runs `endless` in threads 0 to 2 for ever, each from a line of its own, and `some` in thread 3, which then ends the
/// run.
RunResult run_against(const Body& endless, const Body& some) {
  Assembler code(kCode);
  code.op(Op::csrrs_, kId, kZero, kThread);
  code.li(kTemporary, 3);
  const std::size_t last = code.hole();
  for (unsigned t = 0; t < 3; ++t) {
    code.li(kTemporary, t);
    const std::size_t skip = code.hole();
    while (code.size() % 16 != 0) code.op(Op::addi_, kZero, kZero, 0);
    const std::size_t begin = code.size();
    endless(code);
    code.op(Op::jal_, kZero, 4 * (static_cast<std::int64_t>(begin) - static_cast<std::int64_t>(code.size())));
    code.fill_branch(skip, Op::bne_, kId, kTemporary);
  }
  code.fill_branch(last, Op::beq_, kId, kTemporary);
  some(code);
  code.li(kTemporary, static_cast<std::int64_t>(kTohost));
  code.li(kTo, 1);
  code.op(Op::sd_, kTemporary, kTo, 0);
  code.op(Op::jal_, kZero, 0);
  return run(*make_device(), code.words());
}

// One after the other, with operands for 64 bits of quotient: who asks again is always one of those that have waited
// too long.
TEST(Core, LongDivisionsDoNotStarveADivision) {
  const RunResult result = run_against(
      [](Assembler& code) {
        code.li(10, -1);
        code.li(11, 1);
        const std::size_t again = code.size();
        for (unsigned i = 0; i < 8; ++i) code.op(Op::divu_, 12 + i, 10, 11);
        code.op(Op::jal_, kZero, 4 * (static_cast<std::int64_t>(again) - static_cast<std::int64_t>(code.size())));
      },
      [](Assembler& code) {
        code.li(10, 100);
        for (unsigned i = 0; i < 8; ++i) code.op(Op::divu_, 12, 10, 10);
      });
  EXPECT_TRUE(result.passed()) << result.message;
  EXPECT_LT(result.cycles, 8U * 8 * 70);
}

TEST(Core, ClearingTilesDoesNotStarveAThread) {
  const RunResult result = run_against([](Assembler& code) { code.op(Op::dm_zero_, 1); },
                                       [](Assembler& code) {
                                         for (unsigned i = 0; i < 8; ++i) code.op(Op::dm_zero_, 2);
                                       });
  EXPECT_TRUE(result.passed()) << result.message;
  EXPECT_LT(result.cycles, 2000U);
}

TEST(Core, CountingDoesNotStarveAThread) {
  const RunResult result = run_against([](Assembler& code) { code.op(Op::dn_ctr_add_, kZero, 1); },
                                       [](Assembler& code) {
                                         for (unsigned i = 0; i < 8; ++i) code.op(Op::dn_ctr_add_, kZero, 2);
                                       });
  EXPECT_TRUE(result.passed()) << result.message;
  EXPECT_LT(result.cycles, 2000U);
}

// Two lines 1 KB apart have one place in the fetch buffer: every jump misses.
TEST(Core, JumpsBetweenLinesDoNotStarveAThreadsFetch) {
  const RunResult result = run_against(
      [](Assembler& code) {
        code.op(Op::jal_, kZero, 1024);
        for (unsigned i = 1; i < 256; ++i) code.op(Op::addi_, kZero, kZero, 0);
      },
      [](Assembler& code) {
        for (unsigned i = 0; i < 160; ++i) code.op(Op::addi_, kZero, kZero, 0);
      });
  EXPECT_TRUE(result.passed()) << result.message;
  EXPECT_LT(result.cycles, 2000U);
}

/// One thread: delays of 2 cycles a pass before the first dm.mma, between that and a dm.mv.v.t, between that and the
/// next dm.mma or a fence, after the fence, and after the store of the result.
tatami::MatrixUse matrix_use(unsigned start, unsigned between, unsigned drain, unsigned fenced, unsigned after) {
  Assembler code(kCode);
  const auto delay = [&](unsigned passes) {
    code.li(10, passes);
    const std::size_t begin = code.size();
    code.op(Op::addi_, 10, 10, -1);
    code.branch_back(Op::bne_, 10, kZero, begin);
  };
  code.op(Op::csrrs_, kId, kZero, kThread);
  const std::size_t others = code.hole();
  code.li(kTemporary, static_cast<std::int64_t>(kResults));
  delay(start);
  code.op(Op::dm_mma_, 0, 1, 2, 1, 1, 0);
  delay(between);
  code.op(Op::dm_mv_v_t_, 3, 0, 0, 0);
  delay(drain);
  code.op(Op::dm_mma_, 0, 1, 2, 1, 1, 0);
  code.op(Op::dm_mv_v_t_, 3, 0, 0, 0);
  code.op(Op::fence_, 0, 15, 15, 0, 0);
  delay(fenced);
  code.op(Op::dv_st_, 3, kTemporary, 0, 0);
  delay(after);
  code.li(kTemporary, static_cast<std::int64_t>(kTohost));
  code.li(kTo, 1);
  code.op(Op::sd_, kTemporary, kTo, 0);
  code.fill_branch(others, Op::bne_, kId, kZero);
  code.op(Op::wfi_);
  code.op(Op::jal_, kZero, -4);
  const auto device = make_device();
  device->load(make_program(code.words()));
  const RunResult result = device->run({.max_cycles = 20'000, .results = tatami::ResultRange{kResults, 64}});
  EXPECT_TRUE(result.passed()) << result.message;
  return result.matrix_use.value_or(tatami::MatrixUse{});
}

TEST(Core, IdleCyclesOfTheMatrixUnitHaveOneReasonEach) {
  const tatami::MatrixUse base = matrix_use(20, 20, 20, 20, 20);
  EXPECT_EQ(base.passes, 2U);
  EXPECT_EQ(base.passes + base.idle_start + base.idle_drain + base.idle_other, base.cycles);
  const auto expect_more = [&](const tatami::MatrixUse& use, unsigned start, unsigned drain, unsigned other) {
    EXPECT_EQ(use.passes, 2U);
    EXPECT_EQ(use.idle_start, base.idle_start + start);
    EXPECT_EQ(use.idle_drain, base.idle_drain + drain);
    EXPECT_EQ(use.idle_other, base.idle_other + other);
    EXPECT_EQ(use.cycles, base.cycles + start + drain + other);
  };
  expect_more(matrix_use(50, 20, 20, 20, 20), 60, 0, 0);
  expect_more(matrix_use(20, 50, 20, 20, 20), 0, 0, 60);
  expect_more(matrix_use(20, 20, 50, 20, 20), 0, 60, 0);
  expect_more(matrix_use(20, 20, 20, 50, 20), 0, 0, 60);
  expect_more(matrix_use(20, 20, 20, 20, 50), 0, 0, 0);
}

TEST(Core, SleepsWithoutAnEvent) {
  Assembler code(kCode);
  code.op(Op::wfi_);
  code.op(Op::jal_, kZero, -4);
  const auto device = make_device();
  const RunResult result = run(*device, code.words());
  EXPECT_EQ(result.status, RunStatus::hung);
  EXPECT_LT(result.cycles, 100U) << "the node must become quiet";
}

TEST(Core, TrapWithoutHandlerIsReported) {
  Assembler code(kCode);
  code.op(Op::addi_, 1, 0, 5);
  code.word(0xFFFF'FFFF);
  const auto device = make_device();
  const RunResult result = run(*device, code.words());
  ASSERT_EQ(result.status, RunStatus::trapped);
  EXPECT_EQ(result.trap->cause, 2U);
  EXPECT_EQ(result.trap->pc, kCode + 4);
  EXPECT_EQ(result.trap->value, 0xFFFF'FFFFU);
}

TEST(Core, RandomPrograms) {
  const char* fixed = std::getenv("TATAMI_SEED");
  const std::uint64_t first = fixed != nullptr ? std::strtoull(fixed, nullptr, 0) : 40'000,
                      count = fixed != nullptr ? 1 : 60;
  const auto device = make_device();
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    device->load(tatami::isa_test::random_program({.seed = seed, .length = 120}));
    const RunResult result = device->run({.max_cycles = 2'000'000});
    ASSERT_TRUE(result.passed()) << result.message << "\nreplay: TATAMI_SEED=" << seed
                                 << " tests/core_core_test --gtest_filter=Core.RandomPrograms";
    ASSERT_GT(result.compared, 0U);
  }
}

}  // namespace
