// Lockstep over random programs: no false alarms, and every kind of deliberate error is caught and named.
// libs: tatami_debug
#include <gtest/gtest.h>

#include <iostream>

#include "assembler.h"
#include "debug/synthetic_rtl.h"
#include "isa/random_program.h"

namespace tatami::test {
namespace {

// Without lists of transfers: the model that stands for the RTL has no block mover.
Program program(std::uint64_t seed) { return isa_test::random_program({.seed = seed, .lists = false, .length = 60}); }

TEST(Lockstep, AgreesWithAModelWithoutErrors) {
  std::uint64_t instructions = 0, bytes = 0, flags = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SyntheticRtl rtl(program(seed), seed, {});
    const debug::Lockstep& lockstep = rtl.run();
    ASSERT_FALSE(lockstep.diverged()) << "seed " << seed << "\n" << lockstep.divergence()->text();
    EXPECT_EQ(lockstep.exit_value(), 1U) << "seed " << seed;
    instructions += lockstep.compared().instructions;
    bytes += lockstep.compared().store_bytes;
    flags += lockstep.compared().flags;
  }
  EXPECT_GT(instructions, 60'000U);
  EXPECT_GT(bytes, 50'000U);
  EXPECT_GT(flags, 5'000U);
}

/// An error: its name, the reports that it can hit, and what it does to one of them.
struct Fault {
  const char* name;
  std::function<bool(const Report&)> applies;
  std::function<int(Report&)> change;
};

bool is(const Report& r, Event kind) { return r.kind == kind; }
bool has_flags(const Report& r) { return r.kind == Event::vector || r.kind == Event::tile; }
bool plain(const Report& r, Event kind) { return r.kind == kind && r.access != golden::AccessKind::amo; }

const std::vector<Fault>& faults() {
  static const std::vector<Fault> list = {
      {"WrongPc", [](const Report& r) { return is(r, Event::commit); }, [](Report& r) { return r.commit.pc ^= 8, 1; }},
      {"WrongInstruction", [](const Report& r) { return is(r, Event::commit) && r.commit.insn != 0; },
       [](Report& r) { return r.commit.insn ^= 1U << 20, 1; }},
      {"LostCommit", [](const Report& r) { return is(r, Event::commit); }, [](Report&) { return 0; }},
      {"DoubledCommit", [](const Report& r) { return is(r, Event::commit) && !r.commit.trap; },
       [](Report&) { return 2; }},
      {"LostTrap", [](const Report& r) { return is(r, Event::commit) && r.commit.trap; },
       [](Report& r) { return r.commit.trap = false, 1; }},
      {"InventedTrap", [](const Report& r) { return is(r, Event::commit) && !r.commit.trap; },
       [](Report& r) { return r.commit.trap = true, 1; }},
      {"WrongCause", [](const Report& r) { return is(r, Event::commit) && r.commit.trap; },
       [](Report& r) { return r.commit.cause ^= 2, 1; }},
      {"WrongTval", [](const Report& r) { return is(r, Event::commit) && r.commit.trap; },
       [](Report& r) { return r.commit.tval ^= 4, 1; }},
      {"WrongEarlyValue",
       [](const Report& r) {
         return is(r, Event::commit) && r.commit.rd_we && r.op != Op::dn_ctr_rd_ && r.op != Op::csrrs_;
       },
       [](Report& r) { return r.commit.rd_value ^= 1ULL << 40, 1; }},
      {"WrongEarlyRegister", [](const Report& r) { return is(r, Event::commit) && r.commit.rd_we; },
       [](Report& r) { return r.commit.rd ^= 1, 1; }},
      {"InventedEarlyWrite",
       [](const Report& r) { return is(r, Event::commit) && !r.commit.rd_we && r.op >= Op::beq_ && r.op <= Op::bgeu_; },
       [](Report& r) { return r.commit.rd_we = true, r.commit.rd = 9, 1; }},
      {"WrongLateValue", [](const Report& r) { return is(r, Event::scalar) && r.op < Op::dv_ld_; },
       [](Report& r) { return r.value ^= 1, 1; }},
      {"WrongLateRegister", [](const Report& r) { return is(r, Event::scalar); },
       [](Report& r) { return r.reg ^= 31, 1; }},
      {"LostLateResult", [](const Report& r) { return is(r, Event::scalar); }, [](Report&) { return 0; }},
      {"DoubledLateResult", [](const Report& r) { return is(r, Event::scalar); }, [](Report&) { return 2; }},
      {"WrongVectorLane", [](const Report& r) { return is(r, Event::vector); },
       [](Report& r) { return r.vector.lane[11] ^= 1, 1; }},
      {"WrongVectorRegister", [](const Report& r) { return is(r, Event::vector); },
       [](Report& r) { return r.reg ^= 1, 1; }},
      {"LostVector", [](const Report& r) { return is(r, Event::vector); }, [](Report&) { return 0; }},
      {"DoubledVector", [](const Report& r) { return is(r, Event::vector); }, [](Report&) { return 2; }},
      {"WrongTileElement", [](const Report& r) { return is(r, Event::tile); },
       [](Report& r) { return r.tile.element[63] ^= 0x8000'0000, 1; }},
      {"WrongTile", [](const Report& r) { return is(r, Event::tile); }, [](Report& r) { return r.reg ^= 7, 1; }},
      {"LostTile", [](const Report& r) { return is(r, Event::tile); }, [](Report&) { return 0; }},
      {"LostFlags", [](const Report& r) { return has_flags(r) && r.flags != 0; },
       [](Report& r) { return r.flags &= static_cast<golden::Flags>(r.flags - 1), 1; }},
      {"InventedFlags", [](const Report& r) { return has_flags(r) && (r.flags & golden::kOverflow) == 0; },
       [](Report& r) { return r.flags |= golden::kOverflow, 1; }},
      {"WrongStoreData", [](const Report& r) { return is(r, Event::write); },
       [](Report& r) { return r.value ^= std::uint64_t{1} << (8 * std::countr_zero(r.mask)), 1; }},
      {"WrongStoreAddress", [](const Report& r) { return is(r, Event::write); },
       [](Report& r) { return r.word ^= 64, 1; }},
      {"WrongStoreMask", [](const Report& r) { return plain(r, Event::write); },
       [](Report& r) { return r.mask = static_cast<std::uint8_t>(~r.mask), 1; }},
      {"ExtraStoreByte", [](const Report& r) { return plain(r, Event::write) && r.mask == 0x0F && r.op == Op::sw_; },
       [](Report& r) { return r.mask = 0x1F, 1; }},
      {"LostStore", [](const Report& r) { return is(r, Event::write) && r.op >= Op::sb_ && r.op <= Op::sd_; },
       [](Report&) { return 0; }},
      {"DoubledStore", [](const Report& r) { return is(r, Event::write) && r.op >= Op::sb_ && r.op <= Op::sd_; },
       [](Report&) { return 2; }},
      {"StoreAsLoad", [](const Report& r) { return plain(r, Event::write); },
       [](Report& r) { return r.kind = Event::read, 1; }},
      {"WrongLoadAddress", [](const Report& r) { return is(r, Event::read); },
       [](Report& r) { return r.word ^= 64, 1; }},
      {"LostLoad", [](const Report& r) { return plain(r, Event::read); }, [](Report&) { return 0; }},
      {"DoubledLoad", [](const Report& r) { return plain(r, Event::read) && r.op >= Op::lb_ && r.op <= Op::lwu_; },
       [](Report&) { return 2; }},
      {"WrongAtomicData", [](const Report& r) { return is(r, Event::write) && r.access == golden::AccessKind::amo; },
       [](Report& r) { return r.value = ~r.value, 1; }},
      {"WrongConditionalData",
       [](const Report& r) { return is(r, Event::write) && r.access == golden::AccessKind::store_conditional; },
       [](Report& r) { return r.value = ~r.value, 1; }},
      {"LostConditionalStore",
       [](const Report& r) { return is(r, Event::write) && r.access == golden::AccessKind::store_conditional; },
       [](Report&) { return 0; }},
  };
  return list;
}

class LockstepFault : public testing::TestWithParam<std::size_t> {};

TEST_P(LockstepFault, IsCaught) {
  const Fault& fault = faults()[GetParam()];
  unsigned injected = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    bool done = false;
    int skip = static_cast<int>(seed * 7 % 23);
    Report hit;
    SyntheticRtl rtl(program(seed), seed, [&](Report& r) {
      // x0 is never written, and a flipped word may be the same instruction by chance: the fault must be a difference.
      if (done || !fault.applies(r) || skip-- > 0) return 1;
      done = true;
      hit = r;
      return fault.change(r);
    });
    const debug::Lockstep& lockstep = rtl.run();
    injected += done;
    if (done && !lockstep.diverged()) {
      ADD_FAILURE() << fault.name << " not caught, seed " << seed << ", op "
                    << (hit.op == Op::kIllegal ? "none" : golden::opcode(hit.op).name);
    }
    if (lockstep.diverged()) {
      const debug::Divergence& d = *lockstep.divergence();
      EXPECT_FALSE(d.what.empty());
      EXPECT_FALSE(d.instruction.empty());
      EXPECT_NE(d.expected, d.got) << d.text();
    }
  }
  EXPECT_GT(injected, 0U) << "the programs give no occasion for this error";
}

INSTANTIATE_TEST_SUITE_P(All, LockstepFault, testing::Range(std::size_t{0}, faults().size()),
                         [](const auto& param_info) { return std::string(faults()[param_info.param].name); });

TEST(LockstepReport, NamesThreadCycleAndInstruction) {
  golden::Machine machine;
  Assembler as;
  as(Op::addi_, {a0, 0, 5})(Op::addi_, {a1, a0, 1});
  ASSERT_TRUE(machine.write(golden::kMemoryBase, as.bytes()));
  machine.reset(golden::kMemoryBase, 0);
  debug::Lockstep lockstep(machine.node());
  lockstep.begin_cycle(10);
  lockstep.commit({.thread = 2, .pc = 0x8000'0000, .insn = as.words()[0], .rd_we = true, .rd = 10, .rd_value = 5});
  lockstep.begin_cycle(11);
  lockstep.commit({.thread = 2, .pc = 0x8000'0004, .insn = as.words()[1], .rd_we = true, .rd = 11, .rd_value = 7});
  ASSERT_TRUE(lockstep.diverged());
  const debug::Divergence& d = *lockstep.divergence();
  EXPECT_EQ(d.thread, 2U);
  EXPECT_EQ(d.cycle, 11U);
  EXPECT_EQ(d.pc, 0x8000'0004U);
  EXPECT_EQ(d.instruction, "addi a1, a0, 1");
  EXPECT_EQ(d.expected, "a1 = 0x6");
  EXPECT_EQ(d.got, "a1 = 0x7");
  ASSERT_EQ(d.history.size(), 1U);
  EXPECT_NE(d.history[0].find("addi a0, zero, 5"), std::string::npos);
}

/// A program for thread 0 in which single events are fed by hand.
class LockstepEvents : public testing::Test {
 protected:
  void load(const Assembler& as) {
    words_ = as.words();
    ASSERT_TRUE(machine_.write(golden::kMemoryBase, as.bytes()));
    machine_.reset(golden::kMemoryBase, 0);
    machine_.hart(0).set_x(s0, kData);
    machine_.hart(1).set_x(s0, kData);
    lockstep_.reset();
    lockstep_.begin_cycle(++cycle_);
  }
  void commit(unsigned index, unsigned thread = 0) {
    lockstep_.commit({.thread = thread, .pc = golden::kMemoryBase + 4 * index, .insn = words_[index]});
  }
  void next() { lockstep_.begin_cycle(++cycle_); }
  static constexpr std::uint64_t kData = golden::kMemoryBase + 0x1000;
  static constexpr std::uint32_t kWord = 0x1000 / 8;

  golden::Machine machine_;
  debug::Lockstep lockstep_{machine_.node()};
  std::vector<std::uint32_t> words_;
  std::uint64_t cycle_ = 0;
};

TEST_F(LockstepEvents, LoadsSeeTheWritesPerformedBeforeTheirWords) {
  load(Assembler()(Op::lw_, {a0, s0, 0})(Op::addi_, {a1, 0, 1}));
  commit(0);
  lockstep_.commit(
      {.thread = 0, .pc = golden::kMemoryBase + 4, .insn = words_[1], .rd_we = true, .rd = a1, .rd_value = 1});
  lockstep_.external_write(kWord, 0xFF, 0x1122'3344'5566'7788);
  lockstep_.mem_event(0, kWord, 0x0F, false, 0);
  lockstep_.external_write(kWord, 0xFF, 0);
  lockstep_.gpr_writeback(0, a0, 0x5566'7788);
  EXPECT_FALSE(lockstep_.diverged());
  lockstep_.finish(true);
  EXPECT_FALSE(lockstep_.diverged());
}

TEST_F(LockstepEvents, ResultsMayComeBeforeGoldenExecutes) {
  load(Assembler()(Op::lw_, {a0, s0, 0})(Op::mul_, {a1, s0, s0}));
  commit(0);
  commit(1);
  lockstep_.gpr_writeback(0, a1, kData * kData);
  lockstep_.mem_event(0, kWord, 0x0F, false, 0);
  lockstep_.gpr_writeback(0, a0, 0);
  lockstep_.finish(true);
  EXPECT_FALSE(lockstep_.diverged());
}

TEST_F(LockstepEvents, ConditionalStoreFailsWhenAnotherThreadWrote) {
  load(Assembler()(Op::lr_w_, {a0, s0, 0, 0})(Op::sc_w_, {a1, s0, a2, 0, 0}));
  commit(0);
  lockstep_.mem_event(0, kWord, 0x0F, false, 0);
  commit(1);
  lockstep_.external_write(kWord + 7, 0x80, 0);
  lockstep_.gpr_writeback(0, a0, 0);
  lockstep_.gpr_writeback(0, a1, 1);
  lockstep_.finish(true);
  EXPECT_FALSE(lockstep_.diverged());
}

TEST_F(LockstepEvents, ConditionalStoreMustNotFailWithoutReason) {
  load(Assembler()(Op::lr_w_, {a0, s0, 0, 0})(Op::sc_w_, {a1, s0, a2, 0, 0}));
  commit(0);
  lockstep_.mem_event(0, kWord, 0x0F, false, 0);
  commit(1);
  lockstep_.gpr_writeback(0, a0, 0);
  lockstep_.gpr_writeback(0, a1, 1);
  lockstep_.finish(true);
  EXPECT_TRUE(lockstep_.diverged());
}

TEST_F(LockstepEvents, ConditionalStoreMustNotSucceedWithoutReservation) {
  load(Assembler()(Op::lr_w_, {a0, s0, 0, 0})(Op::sc_w_, {a1, s0, a2, 0, 0}));
  commit(0);
  lockstep_.mem_event(0, kWord, 0x0F, false, 0);
  commit(1);
  lockstep_.external_write(kWord, 0xFF, 0);
  lockstep_.mem_event(0, kWord, 0x0F, true, 0);
  EXPECT_TRUE(lockstep_.diverged());
}

TEST_F(LockstepEvents, AtomicsAreAtomic) {
  load(Assembler()(Op::amoadd_w_, {a0, s0, s0, 0, 0}));
  commit(0);
  lockstep_.mem_event(0, kWord, 0x0F, false, 0);
  lockstep_.external_write(kWord, 0xFF, 1);
  lockstep_.mem_event(0, kWord, 0x0F, true, kData);
  ASSERT_TRUE(lockstep_.diverged());
  EXPECT_EQ(lockstep_.divergence()->what, "atomicity");
}

TEST_F(LockstepEvents, FenceWaitsForEarlierStores) {
  load(Assembler()(Op::sw_, {s0, a0, 0})(Op::fence_, {0, 15, 15, 0, 0}));
  commit(0);
  next();
  commit(1);
  next();
  lockstep_.mem_event(0, kWord, 0x0F, true, 0);
  ASSERT_TRUE(lockstep_.diverged());
  EXPECT_EQ(lockstep_.divergence()->what, "order");
}

TEST_F(LockstepEvents, OldCodeRunsUntilFenceI) {
  // The word at index 1 is overwritten; the thread may execute either word before its fence.i, only the new one after.
  const std::uint32_t old_word = encode(Op::addi_, {a0, 0, 1}), new_word = encode(Op::addi_, {a0, 0, 2});
  for (const bool fenced : {false, true}) {
    load(Assembler().word(fenced ? encode(Op::fence_i_, {0, 0, 0}) : encode(Op::addi_, {0, 0, 0})).word(old_word));
    lockstep_.external_write(0, 0xF0, std::uint64_t{new_word} << 32);
    commit(0);
    lockstep_.commit(
        {.thread = 0, .pc = golden::kMemoryBase + 4, .insn = old_word, .rd_we = true, .rd = a0, .rd_value = 1});
    EXPECT_EQ(lockstep_.diverged(), fenced);
  }
}

TEST_F(LockstepEvents, HigherRowsOfAStoreWin) {
  // Stride 0: all eight rows go to one word.
  for (const bool in_order : {true, false}) {
    load(Assembler()(Op::dv_sts_, {1, s0, 0, 1, 0, 0}));
    golden::Vector v;
    for (unsigned i = 0; i < 16; ++i) v.lane[i] = i;
    machine_.hart(0).set_v(1, v);
    commit(0);
    const auto row = [&](unsigned r) {
      lockstep_.mem_event(0, kWord, 0xFF, true, std::uint64_t{2 * r + 1} << 32 | 2 * r);
    };
    if (in_order) {
      row(3);
      row(7);
      lockstep_.finish(true);
    } else {
      row(7);
      row(3);
    }
    EXPECT_EQ(lockstep_.diverged(), !in_order);
  }
}

TEST_F(LockstepEvents, NetworkResultsComeFromTheRtl) {
  load(Assembler()(Op::dn_amoadd_d_, {a0, s0, s0})(Op::addi_, {a1, a0, 1}));
  commit(0);
  next();
  lockstep_.gpr_writeback(0, a0, 41);
  lockstep_.commit(
      {.thread = 0, .pc = golden::kMemoryBase + 4, .insn = words_[1], .rd_we = true, .rd = a1, .rd_value = 42});
  lockstep_.finish(true);
  EXPECT_FALSE(lockstep_.diverged());
}

// 1 + 1 raises nothing, twice the greatest number overflows. The RTL raises overflow for both, so dflags is right from
// the second one on.
TEST_F(LockstepEvents, AWrongFlagIsReportedAtItsInstructionThoughALaterOneRaisesItToo) {
  golden::Vector one, greatest, two, infinity;
  one.lane.fill(0x3F80'0000);
  greatest.lane.fill(0x7F7F'FFFF);
  two.lane.fill(0x4000'0000);
  infinity.lane.fill(0x7F80'0000);
  for (const bool wrong : {false, true}) {
    load(Assembler()(Op::dv_fadd_, {4, 1, 1})(Op::dv_fadd_, {5, 2, 2})(Op::addi_, {0, 0, 0}));
    machine_.hart(0).set_v(1, one);
    machine_.hart(0).set_v(2, greatest);
    for (unsigned i = 0; i < 3; ++i) commit(i);
    lockstep_.vector_writeback(0, 4, two.lane, wrong ? golden::kOverflow : golden::Flags{0});
    lockstep_.vector_writeback(0, 5, infinity.lane, golden::kOverflow);
    lockstep_.finish(true);
    ASSERT_EQ(lockstep_.diverged(), wrong) << lockstep_.divergence()->text();
  }
  const debug::Divergence& d = *lockstep_.divergence();
  EXPECT_EQ(d.pc, golden::kMemoryBase);
  EXPECT_EQ(d.instruction, "dv.fadd v4, v1, v1");
  EXPECT_EQ(d.what, "flags raised");
  EXPECT_EQ(d.expected, "none");
  EXPECT_EQ(d.got, "Overflow");
}

TEST_F(LockstepEvents, BothTilesOfARowCarryItsFlags) {
  for (const bool wrong : {false, true}) {
    load(Assembler()(Op::dm_mv_t_v_, {8, 1, 0, 0})(Op::addi_, {0, 0, 0}));
    commit(0);
    commit(1);
    const golden::TileData zero{};
    lockstep_.tile_writeback(0, 2, zero.element, 0);
    lockstep_.tile_writeback(0, 3, zero.element, wrong ? golden::kUnderflow : golden::Flags{0});
    lockstep_.finish(true);
    ASSERT_EQ(lockstep_.diverged(), wrong) << lockstep_.divergence()->text();
  }
  EXPECT_EQ(lockstep_.divergence()->pc, golden::kMemoryBase);
}

TEST_F(LockstepEvents, AMoveToAnXRegisterRaisesNoFlags) {
  load(Assembler()(Op::dv_mv_x_w_, {a0, 1, 0})(Op::addi_, {0, 0, 0}));
  commit(0);
  commit(1);
  lockstep_.scalar_flags(0, 0);
  EXPECT_FALSE(lockstep_.diverged());
  lockstep_.scalar_flags(0, golden::kInvalid);
  ASSERT_TRUE(lockstep_.diverged());
  EXPECT_EQ(lockstep_.divergence()->pc, golden::kMemoryBase);
}

TEST_F(LockstepEvents, LostAccessesAreFoundWithoutAnEnd) {
  load(Assembler()(Op::lw_, {a0, s0, 0}));
  commit(0);
  lockstep_.begin_cycle(4096 * 100);
  ASSERT_TRUE(lockstep_.diverged());
  EXPECT_EQ(lockstep_.divergence()->what, "memory access");
}

}  // namespace
}  // namespace tatami::test
