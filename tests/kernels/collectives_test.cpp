// The collective library against its rules of summation, bit for bit: every operation on rectangles of many shapes,
// inside larger fabrics, around dead nodes, again and again without a pause, with little memory; on the golden model,
// and on the RTL in lockstep.
// labels: mesh
// libs: tatami_rtl_device_plain
// needs: tatami_kernels
#include <gmock/gmock.h>

#include "golden/fp32.h"
#include "host/collective.h"
#include "kernels/kernel_device.h"

namespace tatami {
namespace {

using testing::HasSubstr;

std::unique_ptr<Device> golden(const char* nodes, const std::vector<std::string>& dead = {}) {
  return make_golden_device({parse_shape(nodes, dead)});
}

std::unique_ptr<Device> rtl(const char* nodes, const std::vector<std::string>& dead = {}, bool lockstep = true) {
  RtlConfig config;
  config.shape = parse_shape(nodes, dead);
  config.lockstep = lockstep;
  return make_rtl_device(config);
}

Program kernel() { return load_program(test::kernel_path("collective")); }

CollectiveProblem problem(Collective operation, std::uint64_t bytes = 4096) {
  CollectiveProblem p;
  p.operation = operation;
  p.bytes = bytes;
  p.seed = bytes + 7;
  return p;
}

CollectiveOutcome expect_equal(Device& device, const CollectiveProblem& p) {
  const NodeGroup group = make_group(device.info().shape, p.rectangle);
  SCOPED_TRACE(device.info().name + " " + device.info().shape.text() + ": " + collective_name(p.operation) + ", " +
               std::to_string(p.bytes) + " bytes");
  CollectiveOutcome outcome = run_collective(device, kernel(), p, {.max_cycles = 20'000'000});
  EXPECT_TRUE(outcome.run.passed()) << test::describe(outcome.run);
  const Comparison comparison = compare(expected_collective(p, group, outcome.algorithm), outcome.results);
  EXPECT_EQ(comparison.mismatches, 0U) << comparison.first;
  EXPECT_TRUE(p.operation == Collective::barrier || comparison.compared != 0);
  return outcome;
}

const Collective kVectors[] = {Collective::broadcast, Collective::all_reduce, Collective::reduce_scatter,
                               Collective::all_gather};

/// Vectors from fewer blocks than nodes, over sizes that no number of nodes divides, to several pieces for each thread.
void expect_all(Device& device, std::initializer_list<std::uint64_t> sizes) {
  const unsigned nodes = device.info().shape.nodes();
  for (const std::uint64_t bytes : sizes) {
    for (const Collective operation : kVectors) {
      CollectiveProblem p = problem(operation, bytes);
      p.root = nodes / 2;
      p.repeats = 2;
      if (operation != Collective::all_reduce) {
        expect_equal(device, p);
        continue;
      }
      for (const auto algorithm : {TATAMI_ALL_REDUCE_DIRECT, TATAMI_ALL_REDUCE_TREE, TATAMI_ALL_REDUCE_MOVER}) {
        if (algorithm == TATAMI_ALL_REDUCE_MOVER && nodes > TATAMI_MOVER_MOST_NODES) continue;
        p.algorithm = algorithm;
        expect_equal(device, p);
      }
    }
  }
}

TEST(Collectives, Rectangles) {
  for (const char* nodes : {"1x1", "2x1", "1x3", "3x2", "4x4", "5x3", "1x7", "6x5"}) {
    SCOPED_TRACE(nodes);
    expect_all(*golden(nodes), {64, 128, 832, 4096, 20'032});
  }
}

TEST(Collectives, DeadNodes) {
  expect_all(*golden("4x4", {"1,1", "3,2"}), {64, 832, 4096, 20'032});
  expect_all(*golden("5x4", {"0,0", "2,1", "2,2", "4,3"}), {64, 4096});
}

TEST(Collectives, ManyNodesTakeTheTree) {
  CollectiveProblem p = problem(Collective::all_reduce, 6400);
  EXPECT_EQ(expect_equal(*golden("6x6"), p).algorithm, TATAMI_ALL_REDUCE_TREE);
  EXPECT_EQ(expect_equal(*golden("4x8"), p).algorithm, TATAMI_ALL_REDUCE_DIRECT);
}

TEST(Collectives, RectangleInsideAFabric) {
  const auto device = golden("6x5", {"0,4"});
  for (const Collective operation : kVectors) {
    CollectiveProblem p = problem(operation, 1984);
    p.rectangle = Rectangle{2, 1, 3, 4};
    p.root = 11;
    expect_equal(*device, p);
  }
  CollectiveProblem p = problem(Collective::halo);
  p.rectangle = Rectangle{1, 0, 4, 3};
  p.rows = 5;
  p.columns = 32;
  p.halo = 2;
  expect_equal(*device, p);
}

TEST(Collectives, Transpose) {
  for (const char* nodes : {"1x1", "2x2", "3x1", "5x2"}) {
    const auto device = golden(nodes);
    const std::uint64_t count = device->info().shape.nodes();
    for (const std::uint64_t rows : {1, 3, 5}) {
      for (const std::uint64_t columns : {1, 2, 17}) {
        CollectiveProblem p = problem(Collective::transpose);
        p.rows = 16 * rows * count;
        p.columns = columns * count;
        p.repeats = 2;
        expect_equal(*device, p);
      }
    }
  }
}

TEST(Collectives, Halo) {
  for (const char* nodes : {"1x1", "4x1", "1x3", "3x3", "4x2"}) {
    const auto device = golden(nodes);
    for (const std::uint64_t halo : {1, 2, 7, 16}) {
      CollectiveProblem p = problem(Collective::halo);
      p.halo = halo;
      p.rows = halo + 3;
      p.columns = 48;
      p.repeats = 2;
      expect_equal(*device, p);
      p.rows = 16;
      p.columns = 16;
      expect_equal(*device, p);
    }
  }
}

TEST(Collectives, LittleWorkMemory) {
  const auto device = golden("3x3");
  for (const auto algorithm : {TATAMI_ALL_REDUCE_DIRECT, TATAMI_ALL_REDUCE_TREE, TATAMI_ALL_REDUCE_MOVER}) {
    for (std::uint64_t work : {640, 1536, 5056}) {
      CollectiveProblem p = problem(Collective::all_reduce, 6464);
      if (algorithm == TATAMI_ALL_REDUCE_MOVER) work += 4096;  // for its lists
      p.algorithm = algorithm;
      p.work_bytes = work;
      expect_equal(*device, p);
    }
  }
}

// If another order of summation gave the same bits, the comparisons above would say nothing about the order.
TEST(Collectives, OrderOfSummationShows) {
  const NodeGroup group = make_group(parse_shape("4x4", {}));
  const CollectiveProblem p = problem(Collective::all_reduce, 4096);
  const Words direct = expected_collective(p, group, TATAMI_ALL_REDUCE_DIRECT);
  const Words tree = expected_collective(p, group, TATAMI_ALL_REDUCE_TREE);
  EXPECT_GT(compare(direct, tree).mismatches, compare(direct, tree).compared / 2);
  // Chunk 3 begins with rank 3's own.
  const std::uint64_t word = 3 * 4 * 16 + 5;
  std::uint32_t sum = collective_input(p.seed, 3, 1024)[word];
  for (const unsigned rank : {0U, 1U, 2U, 4U, 5U, 6U, 7U, 8U, 9U, 10U, 11U, 12U, 13U, 14U, 15U})
    sum = golden::fadd(sum, collective_input(p.seed, rank, 1024)[word]).bits;
  EXPECT_EQ(direct[9][word], sum);
}

TEST(Collectives, RtlInLockstep) {
  expect_all(*rtl("2x2"), {64, 2112});
  expect_all(*rtl("3x1"), {832});
  expect_all(*rtl("3x2", {"1,0"}), {832});
  const auto device = rtl("2x2");
  CollectiveProblem p = problem(Collective::transpose);
  p.rows = 128;
  p.columns = 12;
  expect_equal(*device, p);
  p = problem(Collective::halo);
  p.rows = 9;
  p.columns = 32;
  p.halo = 3;
  p.repeats = 2;
  expect_equal(*device, p);
}

TEST(Collectives, BarriersOnTheRtl) {
  for (const char* nodes : {"2x1", "3x3", "6x5"}) {
    CollectiveProblem p = problem(Collective::barrier);
    p.rounds = 8;
    p.repeats = 3;
    const CollectiveOutcome outcome = expect_equal(*rtl(nodes, {}, nodes[0] != '6'), p);
    ASSERT_EQ(outcome.times.size(), 3U);
    for (const CollectiveTimes& times : outcome.times) EXPECT_GE(times.earliest_end, times.latest_begin);
  }
}

// What docs/collectives.md states, the worst of some repetitions. All-reduce: 1.5 times what the network allows; the
// others with a margin, so that a change that makes one slower by a tenth is noticed.
TEST(Collectives, CyclesOnFourByFour) {
  const auto device = rtl("4x4", {}, false);
  const auto cycles = [&](Collective operation) {
    CollectiveProblem p = problem(operation, 65'536);
    p.repeats = 6;
    const CollectiveOutcome outcome = expect_equal(*device, p);
    return outcome.times.empty() ? ~std::uint64_t{0} : outcome.most_cycles();
  };
  EXPECT_LT(cycles(Collective::all_reduce), 2'899U);
  EXPECT_LT(cycles(Collective::all_gather), 1'600U);
  EXPECT_LT(cycles(Collective::broadcast), 3'700U);
  CollectiveProblem p = problem(Collective::latency);
  p.repeats = 2;
  const CollectiveOutcome outcome = expect_equal(*device, p);
  ASSERT_EQ(outcome.times.size(), 2U);
  EXPECT_LT(outcome.times.back().cycles(), 2U * 9U * p.rounds);
}

TEST(Collectives, TimesOfRepetitions) {
  CollectiveOutcome outcome;
  for (const auto& [begin, end] : {std::pair{100, 140}, {200, 230}, {300, 350}, {400, 420}}) {
    CollectiveTimes& times = outcome.times.emplace_back();
    times.earliest_begin = static_cast<std::uint64_t>(begin);
    times.latest_end = static_cast<std::uint64_t>(end);
  }
  EXPECT_EQ(outcome.first_cycles(), 40U);
  EXPECT_EQ(outcome.least_cycles(), 20U);
  EXPECT_EQ(outcome.most_cycles(), 50U);
  EXPECT_EQ(outcome.median_cycles(), 40U);  // the larger of 30 and 40
  outcome.times.pop_back();
  EXPECT_EQ(outcome.median_cycles(), 40U);
}

TEST(Collectives, Refusals) {
  const auto device = golden("4x4", {"1,1"});
  const auto message = [&](const CollectiveProblem& p) {
    try {
      run_collective(*device, kernel(), p, {});
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(message(problem(Collective::all_reduce, 100)), HasSubstr("multiple of 64"));
  EXPECT_THAT(message(problem(Collective::all_reduce, 0)), HasSubstr("multiple of 64"));
  EXPECT_THAT(message(problem(Collective::all_reduce, 1'000'000)), HasSubstr("use less data"));
  EXPECT_THAT(message(problem(Collective::all_reduce, 2'000'000)), HasSubstr("more than the 1310720 bytes"));
  CollectiveProblem p = problem(Collective::broadcast);
  p.root = 15;
  EXPECT_THAT(message(p), HasSubstr("ranks 0 to 14"));
  p = problem(Collective::all_reduce);
  p.work_bytes = 64;
  EXPECT_THAT(message(p), HasSubstr("too little"));
  p = problem(Collective::all_reduce);
  p.algorithm = TATAMI_ALL_REDUCE_MOVER;
  EXPECT_EQ(message(p), "accepted");
  const auto many = golden("6x3");
  try {
    run_collective(*many, kernel(), p, {});
    ADD_FAILURE() << "18 nodes are accepted";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("takes 17 nodes at most"));
  }
  p = problem(Collective::halo);
  p.rows = p.columns = 16;
  EXPECT_THAT(message(p), HasSubstr("without dead nodes"));
  p.rectangle = Rectangle{0, 0, 2, 2};
  EXPECT_THAT(message(p), HasSubstr("node 1,1 of the rectangle 0,0,2x2 is dead"));
  p.rectangle = Rectangle{3, 0, 2, 2};
  EXPECT_THAT(message(p), HasSubstr("does not lie inside"));
  p.rectangle = Rectangle{2, 0, 2, 2};
  p.columns = 24;
  EXPECT_THAT(message(p), HasSubstr("multiple of 16"));
  p.columns = 16;
  p.halo = 17;
  EXPECT_THAT(message(p), HasSubstr("1 to 16"));
  p = problem(Collective::transpose);
  p.rows = 15 * 16;
  p.columns = 16;
  EXPECT_THAT(message(p), HasSubstr("columns of 15"));
  EXPECT_THROW(parse_rectangle("1,2,3", "--rectangle"), InputError);
  EXPECT_THROW(parse_rectangle("1,2,0x3", "--rectangle"), InputError);
  EXPECT_EQ(parse_rectangle("1,2,3x4", "--rectangle").text(), "1,2,3x4");
}

/// The rectangle described by the kernel itself, and barriers that are seen to hold; a program checks both.
TEST(Collectives, KernelDescribesItsRectangle) {
  for (const auto& device : {golden("5x4"), rtl("4x3")}) {
    device->load_elf(test::kernel_path("test_rectangle_group"));
    const RunResult result = device->run({.max_cycles = 2'000'000});
    EXPECT_TRUE(result.passed()) << test::describe(result);
  }
}

}  // namespace
}  // namespace tatami
