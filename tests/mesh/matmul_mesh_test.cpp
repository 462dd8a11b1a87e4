// The matmul of many nodes against the functional model, bit for bit: formats, shapes at the edges of blocks and of
// shares, fewer rows or columns than nodes, epilogues, rings shorter than B, dead nodes.
// labels: mesh
// libs: tatami_rtl_device_assert
// needs: tatami_kernels
#include "host/matmul_mesh.h"

#include "mesh/products.h"

namespace tatami {
namespace {

using namespace test;

void expect_equal(Device& device, const MatmulProblem& p, int threads = 4) {
  SCOPED_TRACE(what_runs(device, p));
  expect_as_model(
      p, run_matmul_mesh(device, load_program(kernel_path("matmul_mesh")), p, threads, {.max_cycles = 5'000'000}));
}

TEST(MatmulMesh, FormatsAndShapes) {
  const auto device = golden_fabric("3x2");
  for (const auto& [a, b] :
       {std::pair{bf16, bf16}, {shp, shp}, {bf16, shp}, {c143, c143}, {c143, c152}, {c152, c143}}) {
    for (const Descriptor c : {fp32, bf16, c143}) {
      expect_equal(*device, problem(a, b, c, 64, 192, 64));
      expect_equal(*device, problem(a, b, c, 77, 201, 99));
    }
  }
}

TEST(MatmulMesh, SmallAndUneven) {
  for (const char* nodes : {"2x2", "4x1", "1x4", "5x3"}) {
    const auto device = golden_fabric(nodes);
    for (const auto& [m, n, k] : kSmallAndUneven) {
      expect_equal(*device, problem(bf16, bf16, fp32, m, n, k));
      expect_equal(*device, problem(c143, c152, bf16, m, n, k));
    }
  }
}

TEST(MatmulMesh, Epilogues) {
  const auto device = golden_fabric("2x3");
  for (const Descriptor c : {fp32, bf16, Descriptor(Kind::cfloat8_1_5_2, 15, golden::Rounding::stochastic)}) {
    expect_equal(*device, with_epilogue(problem(bf16, bf16, c, 70, 130, 40)));
  }
}

// Panels of B that do not all fit at once: 2 nodes, 24 panels of 49,152 bytes each beside 300 KB of the rest.
TEST(MatmulMesh, PanelsTakeTurns) {
  const auto device = golden_fabric("2x1");
  for (const int threads : {2, 3, 4}) expect_equal(*device, problem(bf16, bf16, bf16, 16, 1200, 768), threads);
}

// The same where neighbours fetch from the ring: a place is not used again before they have.
TEST(MatmulMesh, PanelsTakeTurnsAmongNeighbours) {
  const auto device = golden_fabric("1x4");
  for (const int threads : {2, 3, 4}) expect_equal(*device, problem(bf16, bf16, bf16, 50, 1200, 768), threads);
  const auto real = rtl_fabric("1x4", {}, false);
  for (const int threads : {3, 4}) expect_equal(*real, problem(bf16, bf16, bf16, 50, 1200, 768), threads);
  // The last node has three blocks of rows, the others two: the one beside it would be ahead by more than the ring
  // holds.
  expect_equal(*rtl_fabric("1x3", {}, false), problem(bf16, bf16, c143, 112, 4800, 200));
}

// Nodes without rows or columns of C pass on what others need.
TEST(MatmulMesh, NodesWithoutWork) {
  for (const char* nodes : {"1x5", "5x1", "3x4"}) {
    const auto device = rtl_fabric(nodes);
    expect_equal(*device, problem(bf16, bf16, fp32, 40, 40, 50));
    expect_equal(*device, problem(c143, c152, bf16, 17, 200, 130), 2);
  }
}

TEST(MatmulMesh, FlagsAreThoseOfTheElements) {
  const auto device = golden_fabric("2x2");
  for (const MatmulProblem& p : with_special_edges()) expect_equal(*device, p);
}

TEST(MatmulMesh, DeadNodes) {
  expect_equal(*golden_fabric("3x3", {"1,1"}), problem(bf16, bf16, fp32, 130, 140, 70));
  expect_equal(*golden_fabric("4x2", {"3,1"}), problem(c143, c143, fp32, 130, 500, 70));  // seven nodes: one row
}

TEST(MatmulMesh, RtlInLockstep) {
  expect_equal(*rtl_fabric("2x2"), problem(bf16, bf16, fp32, 64, 128, 64));
  expect_equal(*rtl_fabric("2x2"), problem(c143, c152, c143, 50, 140, 72));
  expect_equal(*rtl_fabric("3x1"), problem(shp, shp, bf16, 33, 200, 37), 2);
  expect_equal(*rtl_fabric("3x2", {"1,0"}), problem(bf16, bf16, fp32, 49, 97, 51));
  expect_equal(*rtl_fabric("3x4", {"1,1"}), problem(bf16, bf16, fp32, 100, 150, 51));  // 5 x 2 nodes, one idle
}

// One product, one seed: the same bits however the outputs are split over nodes and threads. (One node: the kernel test
// of the same name for threads, against the same functional model.)
TEST(MatmulMesh, StochasticBitsDoNotDependOnNodes) {
  for (const Descriptor c : {Descriptor(Kind::cfloat8_1_4_3, 7, golden::Rounding::stochastic),
                             Descriptor(Kind::bf16, 0, golden::Rounding::stochastic)}) {
    const MatmulProblem p = problem(bf16, bf16, c, 72, 96, 40);
    MatmulProblem nearest = p;
    nearest.output = Descriptor(c.kind(), c.bias_field());
    EXPECT_NE(compare(expected_matmul(p).c, expected_matmul(nearest).c).mismatches, 0U) << "bits are used";
    for (const char* nodes : {"2x1", "1x2", "2x2", "3x2"})
      for (const int threads : {2, 4}) expect_equal(*golden_fabric(nodes), p, threads);
    expect_equal(*rtl_fabric("2x1"), p, 2);
    expect_equal(*rtl_fabric("2x2"), p, 4);
  }
}

TEST(MatmulMesh, RefusesWhatItCannotDo) {
  const auto device = golden_fabric("2x2");
  const Program kernel = load_program(kernel_path("matmul_mesh"));
  EXPECT_THROW(run_matmul_mesh(*device, kernel, problem(fp32, fp32, fp32, 8, 8, 8), 4, {}), InputError);
  EXPECT_THROW(run_matmul_mesh(*device, kernel, problem(bf16, bf16, fp32, 8, 8, 8), 1, {}), InputError);
  EXPECT_THROW(run_matmul_mesh(*device, kernel, problem(bf16, bf16, fp32, 1200, 1200, 1200), 4, {}), InputError);
}

}  // namespace
}  // namespace tatami
