// verilate: d1_memory_tb
// sources: rtl/pkg/d1_pkg.sv rtl/memory/d1_lsu_agen.sv rtl/memory/d1_lsu_load.sv rtl/memory/d1_lsu_store.sv
// sources: rtl/memory/d1_lsu_amo.sv rtl/memory/d1_lsu_resv.sv rtl/memory/d1_lsu_slot.sv rtl/memory/d1_lsu.sv
// sources: rtl/memory/d1_sram_grant.sv rtl/memory/d1_sram_patience.sv rtl/memory/d1_sram_array.sv rtl/memory/d1_sram_return.sv rtl/memory/d1_sram.sv
// cost: 20
//
// LSU and SRAM together against a byte array. TATAMI_SEED=n replays one seed of the random tests.
#include "memory_rig.h"

#include <cstdlib>
#include <set>

namespace memory_test {
namespace {

// Cycles that the words of a list, one a lane, need: lanes of one bank wait for each other unless they read the same
// word.
int cycles_needed(const std::vector<uint64_t>& words) {
  std::map<int, std::set<uint64_t>> banks;
  size_t most = 1;
  for (uint64_t word : words) {
    auto& bank = banks[bank_of(word)];
    bank.insert(word);
    most = std::max(most, bank.size());
  }
  return int(most);
}

std::vector<uint64_t> seeds(uint64_t first, uint64_t count) {
  if (const char* text = std::getenv("TATAMI_SEED")) return {std::strtoull(text, nullptr, 0)};
  std::vector<uint64_t> list;
  for (uint64_t i = 0; i < count; ++i) list.push_back(first + i);
  return list;
}

class Random {
 public:
  explicit Random(Rig& rig) : rig_(rig) {}

  uint64_t below(uint64_t n) { return rig_.random() % n; }
  bool chance(int percent) { return int(below(100)) < percent; }

  // Mostly a few hot places, so that threads meet; sometimes the ends of the SRAM, where faults begin.
  uint64_t address(int faults) {
    switch (below(10)) {
      case 0: return kBase + below(kBytes);
      case 1: return kBase + kBytes - 64 - below(64) + below(chance(faults) ? 130 : 1);
      case 2: return kBase + below(64) - below(chance(faults) ? 80 : 1);
      default: return kBase + 0x1000 + below(chance(50) ? 64 : 1024);
    }
  }

  Op op(int slot, int thread, int faults) {
    Op op;
    op.thread = thread;
    op.rd = int(below(32));
    for (auto& byte : op.data) byte = uint8_t(rig_.random());
    const int kinds[] = {VLOAD, VLOAD, VLOAD, VSTORE, VSTORE, LOAD, STORE, LR, SC, AMO};
    op.kind = slot == 1 ? int(VLOAD) : kinds[below(10)];
    op.base = address(faults);
    if (chance(40)) op.base &= ~7ull;
    if (!op.vector()) {
      static const int amos[] = {0, 1, 4, 8, 12, 16, 20, 24, 28};
      op.amo = amos[below(9)];
      op.funct3 = int(below(7));
      if (op.kind == STORE) op.funct3 &= 3;
      if (op.atomic()) {
        op.funct3 = 2 + int(below(2));
        if (chance(70)) op.base = kBase + 0x1000 + 64 * below(2) + 8 * below(3);  // contended
        if (!chance(faults)) op.base &= ~((1ull << op.funct3) - 1);
      }
      return op;
    }
    op.unit = chance(35);
    op.indexed = !op.unit && chance(35);
    op.shape = int(below(op.indexed ? 3 : 7));
    op.pad = chance(30);
    op.rows = int(below(20));
    op.bytes = int(below(chance(50) ? 20 : 80));
    switch (below(6)) {
      case 0: op.stride = below(64); break;
      case 1: op.stride = uint64_t(0) - below(64); break;
      case 2: op.stride = 64 * below(65); break;
      case 3: op.stride = chance(faults) ? rig_.random() : 8 * below(100); break;
      default: op.stride = 8 * below(9); break;
    }
    for (auto& index : op.index) index = int32_t(below(chance(30) ? 4096 : 100)) - (chance(50) ? 50 : 0);
    if (chance(faults)) op.index[below(16)] = int32_t(rig_.random());
    return op;
  }

  // Four threads, both slots, as the core would do it; other requesters; gaps.
  void traffic(int cycles, int busy, int outside, int faults) {
    for (int i = 0; i < cycles && !rig_.failed(); ++i) {
      rig_.traps = chance(2) ? int(below(16)) : 0;
      if (!rig_.net_write.busy() && !rig_.hold && chance(outside)) {
        const uint64_t block = chance(70) ? (0x1000 / 64) + below(4) : below(kBytes / 64);
        for (size_t l = 0; l < 8; ++l) {
          rig_.net_write.want[l] = chance(60);
          rig_.net_write.word[l] = 8 * block + l;
          rig_.net_write.mask[l] = uint8_t(chance(50) ? 0xff : rig_.random());
          rig_.net_write.data[l] = rig_.random();
        }
      }
      if (rig_.hold)
        rig_.hold = !chance(30);
      else if (!rig_.net_write.busy() && chance(outside / 4)) {
        rig_.hold = true;
        rig_.net_write.word[0] = 0x200 + below(16);
      }
      read(rig_.fetch, outside, true);
      read(rig_.net_read, outside, false);
      rig_.settle();  // the other requesters decide what is granted, and with it what is pending
      // A request that waits may be withdrawn in favour of another thread, as the core's arbiter does.
      for (int s = 0; s < 2; ++s) {
        auto& request = rig_.request[size_t(s)];
        const bool illegal = request && !rig_.may_issue(s, request->thread);
        if (request && (illegal || chance(5))) request.reset();
        if (request || !chance(busy)) continue;
        const int thread = int(below(4));
        if (!rig_.may_issue(s, thread) ||
            (rig_.request[size_t(1 - s)] && rig_.request[size_t(1 - s)]->thread == thread))
          continue;
        request = op(s, thread, faults);
      }
      for (const auto& request : rig_.request)
        if (request) rig_.traps &= ~(1 << request->thread);  // an instruction that issues does not trap
      rig_.step();
    }
    rig_.traps = 0;
    rig_.hold = false;
    for (int i = 0; i < 100 && (rig_.net_write.busy() || rig_.fetch.busy() || rig_.net_read.busy()); ++i) rig_.step();
    rig_.run_idle();
  }

 private:
  void read(Outside& reader, int percent, bool line) {
    if (reader.busy() || !chance(percent)) return;
    const uint64_t block = chance(50) ? 0x40 + below(8) : below(kBytes / 64);
    for (size_t l = 0; l < 8; ++l) {
      reader.want[l] = line || chance(70);
      reader.word[l] = 8 * block + l;
    }
  }

  Rig& rig_;
};

// Issues one operation into an idle slot; returns the cycle in which it was accepted.
uint64_t issue(Rig& rig, int slot, const Op& op) {
  rig.request[size_t(slot)] = op;
  const uint64_t start = rig.cycle;
  rig.step();
  return start;
}

TEST(Memory, ScalarAccessesOfEverySizeAtEveryOffset) {
  Rig rig(1);
  for (int funct3 = 0; funct3 < 7; ++funct3) {
    for (uint64_t offset = 0; offset < 16; ++offset) {
      for (int kind : {LOAD, STORE}) {
        Op op;
        op.kind = kind;
        op.funct3 = kind == STORE ? funct3 & 3 : funct3;
        op.base = kBase + 0x480 + offset;
        op.rd = int(offset);
        for (auto& byte : op.data) byte = uint8_t(rig.random());
        issue(rig, 0, op);
        rig.run_idle();
      }
    }
  }
  rig.compare_memory();
}

TEST(Memory, EveryShapeAtEveryOffset) {
  Rig rig(2);
  for (int shape = 0; shape < 8; ++shape) {
    for (uint64_t offset = 0; offset < 8; ++offset) {
      for (int64_t stride : {8, 16, 64, 100, 1024, 3, -24}) {
        for (int kind : {VLOAD, VSTORE}) {
          Op op;
          op.kind = kind;
          op.unit = shape == 7;
          op.shape = shape == 7 ? 1 : shape;
          op.base = kBase + 0x8000 + offset;
          op.stride = uint64_t(stride);
          for (auto& byte : op.data) byte = uint8_t(rig.random());
          issue(rig, kind == VLOAD ? int(offset & 1) : 0, op);
          rig.run_idle();
          if (rig.failed()) return;
        }
      }
    }
  }
  rig.compare_memory();
}

TEST(Memory, LoadLatencyIsThreeAndThroughputOne) {
  Rig rig(3);
  Op op;
  op.kind = VLOAD;
  op.unit = true;
  op.base = kBase + 0x2000;
  const uint64_t start = issue(rig, 0, op);
  // The result of an operation accepted in t is presented, and checked by the rig, in t + 2.
  rig.step();
  EXPECT_EQ(rig.completed[0], start + 1);
  rig.step();

  for (int i = 0; i < 100; ++i) {
    Op a = op, b = op;
    a.base = kBase + 64 * uint64_t(i);
    b.base = kBase + 0x40000 + 64 * uint64_t(i) + 96;  // half a row of banks further
    b.thread = 1;
    rig.request = {a, b};
    rig.step();
    EXPECT_FALSE(rig.request[0].has_value() || rig.request[1].has_value())
        << rig.where() << "one operation per slot per cycle";
  }
  rig.run_idle();
}

TEST(Memory, AtomicsTakeThreeCycles) {
  Rig rig(4);
  Op op;
  op.kind = AMO;
  op.base = kBase + 0x100;
  op.data[0] = 1;
  const uint64_t start = issue(rig, 0, op);
  rig.run_idle();
  EXPECT_EQ(rig.completed[0], start + 3);
  rig.compare_memory();
}

// docs/architecture.md, 2.3: free of conflicts for 57 of the 64 strides with 8 rows, 53 with 4 rows of 16 bytes.
TEST(Memory, BankConflictsOfEveryStrideAreAsCalculated) {
  Rig rig(5);
  for (const auto& [shape, free_wanted] : {std::pair(1, 57), std::pair(2, 53)}) {
    int free_strides = 0;
    for (uint64_t j = 1; j <= 64; ++j) {
      int worst = 1;
      for (uint64_t start = 0; start < 64; start += j == 61 ? 1 : 5) {
        const uint64_t first = 64 * (start + 3) + start;  // word
        std::vector<uint64_t> words;
        for (uint64_t l = 0; l < 8; ++l)
          words.push_back(shape == 1 ? first + 8 * j * l : first + 8 * j * (l / 2) + l % 2);
        const int want = cycles_needed(words);
        worst = std::max(worst, want);
        Op op;
        op.kind = VLOAD;
        op.shape = shape;
        op.base = kBase + 8 * first;
        op.stride = 64 * j;
        const uint64_t accepted = issue(rig, int(j & 1), op);
        rig.run_idle();
        EXPECT_EQ(int(rig.completed[size_t(j & 1)] - accepted), want)
            << "shape " << shape << " stride " << 64 * j << " start " << first;
      }
      // From every start, by calculation alone.
      for (uint64_t first = 0; first < 4096; ++first) {
        std::vector<uint64_t> words;
        for (uint64_t l = 0; l < 8; ++l)
          words.push_back(shape == 1 ? first + 8 * j * l : first + 8 * j * (l / 2) + l % 2);
        worst = std::max(worst, cycles_needed(words));
      }
      free_strides += worst == 1;
      if (shape == 1 && j == 61) {
        EXPECT_EQ(worst, 3);
      }
    }
    EXPECT_EQ(free_strides, free_wanted) << "shape " << shape;
  }
}

TEST(Memory, WaitingWordsAreCounted) {
  Rig rig(6);
  Op op;
  op.kind = VLOAD;
  op.base = kBase;
  op.stride = 64 * 61;  // worst case of the hash
  std::map<int, int> banks;
  uint64_t want = 0;
  for (uint64_t l = 0; l < 8; ++l) want += uint64_t(banks[bank_of(61 * 8 * l)]++);
  issue(rig, 0, op);
  rig.run_idle();
  EXPECT_EQ(rig.waited, want);
  EXPECT_GT(rig.replays, 0u);
}

TEST(Memory, FaultsNameTheFirstRowOutside) {
  Rig rig(7);
  Random random(rig);
  int faults = 0;
  for (int i = 0; i < 60000 && !rig.failed(); ++i) {
    const int slot = int(random.below(2));
    Op op = random.op(slot, 0, 100);
    if (i % 7 == 0) {  // rows that leave and come back, around both ends and modulo 2^64
      op.base = (i % 2 ? kBase : kBase + kBytes) + random.below(256) - 128;
      op.stride = (random.chance(50) ? 1ull << random.below(64) : 0) + random.below(64) - 32;
    }
    faults += fault_of(op).has_value();
    rig.request[size_t(slot)] = op;
    rig.step();
    rig.run_idle();
  }
  EXPECT_GT(faults, 5000);
  rig.compare_memory();
}

TEST(Memory, ReservationsEndAsTheDocumentSays) {
  Rig rig(8);
  auto scalar = [](int kind, int thread, uint64_t base) {
    Op op;
    op.kind = kind;
    op.thread = thread;
    op.base = base;
    return op;
  };
  const uint64_t a = kBase + 0x1040;
  auto attempt = [&](int expected_good, auto between) {
    const uint64_t before = rig.sc_good;
    issue(rig, 0, scalar(LR, 1, a));
    rig.run_idle();
    between();
    rig.run_idle();
    issue(rig, 0, scalar(SC, 1, a));
    rig.run_idle();
    EXPECT_EQ(rig.sc_good - before, uint64_t(expected_good)) << rig.where();
  };
  attempt(1, [] {});
  attempt(1, [&] { issue(rig, 0, scalar(LOAD, 0, a)); });
  attempt(1, [&] { issue(rig, 0, scalar(STORE, 0, a + 64)); });
  attempt(0, [&] { issue(rig, 0, scalar(STORE, 0, a + 56)); });
  attempt(0, [&] { issue(rig, 0, scalar(STORE, 1, a)); });
  attempt(0, [&] { issue(rig, 0, scalar(AMO, 2, a + 8)); });
  attempt(0, [&] { issue(rig, 0, scalar(SC, 1, a + 64)); });
  attempt(0, [&] { issue(rig, 0, scalar(STORE, 0, a - 7)); });  // crosses into the block
  attempt(0, [&] {
    rig.traps = 2;
    rig.step();
    rig.traps = 0;
  });
  attempt(1, [&] {
    rig.traps = 13;
    rig.step();
    rig.traps = 0;
  });
  attempt(0, [&] {
    rig.net_write.want[3] = true;
    rig.net_write.word[3] = (a - kBase) / 8 + 3;
    rig.net_write.mask[3] = 1;
    for (size_t l = 0; l < 8; ++l) rig.net_write.word[l] = (a - kBase) / 8 + l;
    rig.step();
  });
  attempt(0, [&] {
    Op op = scalar(VSTORE, 3, a - 0x1000);
    op.stride = 0x1000;
    op.pad = true;
    op.rows = 2;
    op.bytes = 1;
    issue(rig, 0, op);
  });
}

// A trap comes after the instructions before it in program order, also while these wait for a bank.
TEST(Memory, TrapsMeetWaitingReservations) {
  for (int kind : {LR, SC}) {
    Rig rig(10);
    const uint64_t word = 0x208;
    uint64_t other = word + 64;  // another block, the same bank
    while (bank_of(other) != bank_of(word)) ++other;
    Op op;
    op.thread = 1;
    op.base = kBase + 8 * word;
    auto run = [&](int k, bool disturbed) {
      op.kind = k;
      rig.request[0] = op;
      for (int i = 0; i < 8; ++i) {
        if (disturbed && i < 5) {
          rig.net_write.want[0] = true;
          rig.net_write.word[0] = other;
          rig.net_write.mask[0] = 0xff;
        }
        rig.traps = disturbed && i == 3 ? 2 : 0;
        rig.step();
      }
      rig.run_idle();
    };
    run(LR, kind == LR);
    run(SC, kind == SC);
    EXPECT_EQ(rig.sc_good, kind == SC ? 1u : 0u) << "the trap met a waiting " << (kind == SC ? "sc" : "lr");
  }
}

TEST(Memory, NobodyStarves) {
  // Each requester in turn against the network's write, another thread and, but for itself, the network's read on one
  // bank.
  for (int victim = 0; victim < 4; ++victim) {
    Rig rig(9);
    const uint64_t word = 0x300;
    uint64_t start = 0;
    bool served = false, asked = false;
    for (int i = 0; i < 200 && !served; ++i) {
      if (!rig.net_write.busy()) {
        rig.net_write.want[0] = true;
        rig.net_write.word[0] = word;
        rig.net_write.mask[0] = 0xff;
        rig.net_write.data[0] = rig.random();
      }
      if (victim != 3 && !rig.net_read.busy()) {
        rig.net_read.want[0] = true;
        rig.net_read.word[0] = word;
      }
      Op op;
      op.kind = LOAD;
      op.base = kBase + 8 * word;
      if (victim > 0 && !rig.request[0]) rig.request[0] = op;
      if (i < 20) {
        rig.step();
        continue;
      }
      if (!asked) {
        start = rig.cycle;
        asked = true;
        if (victim == 0) rig.request[0] = op;
        if (victim > 0) ask(rig, victim, word, 1);
        rig.step();
        continue;
      }
      rig.step();
      served = served_all(rig, victim);
    }
    EXPECT_TRUE(served) << "victim " << victim;
    EXPECT_LT(rig.cycle - start, 80u) << "victim " << victim;
  }
}

// Atomics of three threads, one behind the other on one bank, as of threads that try to take a lock: it is read, held
// for two cycles, read again. Whoever wants another word of the bank gets it.
TEST(Memory, AtomicsInARowStarveNobody) {
  for (int victim = 1; victim < 4; ++victim) {
    for (int phase = 0; phase < 3; ++phase) {
      Rig rig(10);
      const uint64_t word = 0x300;
      Op amo;
      amo.kind = AMO;
      amo.base = kBase + 8 * word;
      amo.funct3 = 3;
      uint64_t start = 0;
      bool served = false;
      for (int i = 0; i < 400 && !served; ++i) {
        if (!rig.request[0]) {
          amo.thread = i % 3;
          rig.request[0] = amo;
        }
        if (i == 20 + phase) {
          start = rig.cycle;
          ask(rig, victim, word, 3);
          rig.step();  // the load is accepted
        } else {
          rig.step();
          served = i > 20 + phase && served_all(rig, victim);
        }
      }
      EXPECT_TRUE(served) << "victim " << victim << " phase " << phase;
      EXPECT_LE(rig.cycle - start, 37U) << "victim " << victim << " phase " << phase;
    }
  }
}

TEST(Memory, RandomTrafficOfFourThreads) {
  for (uint64_t seed : seeds(100, 30)) {
    Rig rig(seed);
    Random random(rig);
    random.traffic(6000, int(20 + 80 * (seed & 1)), int(seed % 3) * 20, int(seed % 4 == 0 ? 20 : 3));
    rig.compare_memory();
    EXPECT_GT(rig.operations, 500u);
    if (rig.failed()) break;
  }
}

TEST(Memory, RandomStoreConditionalsSucceedAndFail) {
  Rig rig(200);
  Random random(rig);
  random.traffic(40000, 60, 10, 3);
  rig.compare_memory();
  EXPECT_GT(rig.sc_good, 20u);
  EXPECT_GT(rig.sc_bad, 20u);
}

}  // namespace
}  // namespace memory_test
