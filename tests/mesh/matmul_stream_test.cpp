// The matmul with operands in edge memory against the functional model, bit for bit: formats, shapes that are multiples
// of nothing, pieces and slices, fewer rows, columns or shares than nodes, epilogues, dead nodes; what it asks of edge
// memory, and the speed of that.
// labels: mesh
// libs: tatami_rtl_device_assert
// needs: tatami_kernels
#include "host/matmul_stream.h"

#include <gmock/gmock.h>

#include "mesh/products.h"

namespace tatami {
namespace {

using namespace test;
using Sizes = std::optional<StreamSizes>;

StreamOutcome expect_equal(Device& device, const MatmulProblem& p, Sizes sizes = {}, int threads = 4) {
  SCOPED_TRACE(what_runs(device, p));
  const StreamOutcome outcome = run_matmul_stream(device, load_program(kernel_path("matmul_stream")), p, threads,
                                                  {.max_cycles = 5'000'000}, 64, sizes);
  expect_as_model(p, outcome);
  if (outcome.run.edge) {
    // Every byte comes once in a step, not once for every node.
    EXPECT_EQ(outcome.run.edge->bytes_read, outcome.traffic.bytes_read);
    EXPECT_EQ(outcome.run.edge->bytes_written, outcome.traffic.bytes_written);
  }
  return outcome;
}

TEST(MatmulStream, FormatsAndShapes) {
  const auto device = golden_fabric("3x2");
  for (const auto& [a, b] :
       {std::pair{bf16, bf16}, {shp, shp}, {bf16, shp}, {c143, c143}, {c143, c152}, {c152, c143}}) {
    for (const Descriptor c : {fp32, bf16, c143}) {
      expect_equal(*device, problem(a, b, c, 64, 192, 64));
      expect_equal(*device, problem(a, b, c, 77, 201, 199), {{16, 64, 64}});
    }
  }
}

TEST(MatmulStream, SmallAndUneven) {
  for (const char* nodes : {"1x1", "2x2", "4x1", "1x4", "5x3"}) {
    const auto device = golden_fabric(nodes);
    for (const auto& [m, n, k] : kSmallAndUneven) {
      expect_equal(*device, problem(bf16, bf16, fp32, m, n, k));
      expect_equal(*device, problem(c143, c152, bf16, m, n, k));
    }
  }
}

TEST(MatmulStream, PiecesAndSlices) {
  for (const char* nodes : {"1x1", "2x2", "3x2"}) {
    const auto device = golden_fabric(nodes);
    const MatmulProblem p = problem(bf16, bf16, fp32, 110, 330, 150);
    for (const StreamSizes sizes : {StreamSizes{16, 64, 32}, {32, 64, 64}, {48, 192, 32}, {64, 64, 160}})
      expect_equal(*device, p, sizes);
    for (const int threads : {1, 2, 3}) expect_equal(*device, p, {{32, 128, 64}}, threads);
    expect_equal(*device, problem(c143, c152, c143, 110, 330, 150), {{32, 128, 64}});
  }
}

TEST(MatmulStream, Epilogues) {
  const auto device = golden_fabric("2x3");
  for (const Descriptor c : {fp32, bf16, Descriptor(Kind::cfloat8_1_5_2, 15, golden::Rounding::stochastic)}) {
    expect_equal(*device, with_epilogue(problem(bf16, bf16, c, 120, 330, 140)), {{16, 64, 64}});
    expect_equal(*device, with_epilogue(problem(c143, c143, c, 33, 70, 40)));
  }
  MatmulProblem p = with_epilogue(problem(bf16, bf16, fp32, 70, 130, 40));
  p.bias.clear();
  expect_equal(*device, p, {{16, 64, 32}});
  p = with_epilogue(problem(bf16, bf16, bf16, 70, 130, 40));
  p.beta = 0;
  expect_equal(*device, p, {{16, 64, 32}});
}

TEST(MatmulStream, FlagsAreThoseOfTheElements) {
  const auto device = golden_fabric("2x1");
  for (const MatmulProblem& p : with_special_edges()) expect_equal(*device, p, {{16, 64, 32}});
}

TEST(MatmulStream, DeadNodes) {
  expect_equal(*golden_fabric("3x3", {"1,1"}), problem(bf16, bf16, fp32, 130, 140, 70), {{16, 64, 32}});
  expect_equal(*golden_fabric("4x2", {"3,1"}),
               with_epilogue(problem(c143, c143, fp32, 130, 500, 70)));  // seven nodes: one row
  expect_equal(*rtl_fabric("3x4", {"1,1"}), problem(bf16, bf16, fp32, 100, 150, 51), {{16, 64, 32}});  // one node idle
}

// With dead nodes the grid along the fabric's rows and columns, or the one with most nodes.
TEST(MatmulStream, GridsAroundDeadNodes) {
  const auto device = golden_fabric("2x21", {"1,20"});
  const StreamOutcome along = expect_equal(*device, problem(bf16, bf16, fp32, 310, 120, 70), {{16, 64, 32}});
  EXPECT_EQ(along.grid_rows, 20U);
  EXPECT_EQ(along.grid_columns, 2U);
  const StreamOutcome most = expect_equal(*device, problem(bf16, bf16, fp32, 120, 310, 70), {{16, 64, 32}});
  EXPECT_EQ(most.grid_rows, 8U);
  EXPECT_EQ(most.grid_columns, 5U);
}

TEST(MatmulStream, RtlInLockstep) {
  expect_equal(*rtl_fabric("1x1"), problem(bf16, bf16, fp32, 50, 140, 70), {{32, 64, 32}});
  expect_equal(*rtl_fabric("2x2"), problem(c143, c152, c143, 75, 260, 130), {{16, 128, 64}});
  expect_equal(*rtl_fabric("3x2"), with_epilogue(problem(shp, shp, bf16, 97, 200, 45)), {{16, 64, 32}}, 3);
  expect_equal(*rtl_fabric("1x1", {}, true, {1, 64}), with_epilogue(problem(c152, c143, fp32, 17, 65, 130)),
               {{16, 64, 64}}, 2);
}

// The edge memory's speed decides who waits for whom.
TEST(MatmulStream, AnySpeedOfEdgeMemory) {
  const MatmulProblem p = with_epilogue(problem(bf16, bf16, bf16, 53, 200, 70));
  for (const char* nodes : {"1x1", "2x2", "3x2"}) {
    for (const EdgeConfig edge : {EdgeConfig{1, 64}, {1000, 64}, {50, 3}}) {
      const auto device = rtl_fabric(nodes, {}, false, edge);
      const StreamOutcome outcome = expect_equal(*device, p, {{16, 64, 32}}, nodes[0] == '1' ? 1 : 4);
      EXPECT_GE(outcome.run.cycles, outcome.traffic.busiest_port / edge.bandwidth);
      // One slice: a piece begins while the list that stores the one before the last is at work.
      if (edge.bandwidth == 3) expect_equal(*device, p, {{16, 64, 96}});
    }
  }
}

// Nodes without rows or columns, and without a share of what they pass on, keep step.
TEST(MatmulStream, NodesWithoutWork) {
  for (const char* nodes : {"1x5", "5x1", "3x4"}) {
    const auto device = rtl_fabric(nodes, {}, false, {20, 16});
    expect_equal(*device, problem(bf16, bf16, fp32, 40, 40, 70), {{16, 64, 32}});
    expect_equal(*device, problem(c143, c152, bf16, 17, 200, 130), {{16, 64, 64}}, 2);
  }
  // Rows and columns of pieces that some nodes have and others have not, steps without a share for every node.
  expect_equal(*rtl_fabric("3x4", {}, false, {5, 64}), problem(bf16, bf16, fp32, 100, 450, 35), {{16, 64, 32}});
}

TEST(MatmulStream, RefusesWhatItCannotDo) {
  const auto device = golden_fabric("2x2");
  const Program kernel = load_program(kernel_path("matmul_stream"));
  const auto refusal = [&](const MatmulProblem& p, int threads, Sizes sizes) -> std::string {
    try {
      run_matmul_stream(*device, kernel, p, threads, {}, 64, sizes);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  const MatmulProblem p = problem(bf16, bf16, fp32, 8, 8, 8);
  EXPECT_THAT(refusal(problem(fp32, fp32, fp32, 8, 8, 8), 4, {}),
              testing::HasSubstr("fp32 operands cannot be streamed"));
  for (const StreamSizes sizes : {StreamSizes{8, 64, 32}, {16, 32, 32}, {16, 64, 16}, {0, 64, 32}})
    EXPECT_THAT(refusal(p, 4, sizes), testing::HasSubstr("expected multiples of 16, 64 and 32"));
  EXPECT_THAT(refusal(p, 4, StreamSizes{512, 1088, 32}), testing::HasSubstr("more than 1024 blocks"));
  EXPECT_THAT(refusal(p, 4, StreamSizes{512, 512, 512}), testing::HasSubstr("bytes of a node's SRAM"));
}

}  // namespace
}  // namespace tatami
