// The matmul of many nodes against the functional model, bit for bit: formats, shapes at the edges of blocks and of
// shares, fewer rows or columns than nodes, epilogues, rings shorter than B, dead nodes.
// labels: mesh
// libs: tatami_rtl_device_assert
// needs: tatami_kernels
#include "host/matmul_mesh.h"

#include "kernels/kernel_device.h"

namespace tatami {
namespace {

using golden::Descriptor;
using golden::Kind;

const Descriptor fp32{Kind::fp32};
const Descriptor bf16{Kind::bf16};
const Descriptor shp{Kind::shp, 15};
const Descriptor c143{Kind::cfloat8_1_4_3, 7};
const Descriptor c152{Kind::cfloat8_1_5_2, 15};

MatmulProblem problem(Descriptor a, Descriptor b, Descriptor c, std::size_t m, std::size_t n, std::size_t k) {
  MatmulProblem p;
  p.a = random_matrix(m, k, a, m + n + k, 0);
  p.b = random_matrix(k, n, b, m + n + k, 1);
  p.output = c;
  p.seed = 5;
  return p;
}

void expect_equal(Device& device, const MatmulProblem& p, int threads = 4) {
  SCOPED_TRACE(device.info().name + " " + device.info().shape.text() + ": " + std::to_string(p.m()) + "x" +
               std::to_string(p.n()) + "x" + std::to_string(p.k()));
  const MatmulOutcome outcome =
      run_matmul_mesh(device, load_program(test::kernel_path("matmul_mesh")), p, threads, {.max_cycles = 5'000'000});
  ASSERT_TRUE(outcome.run.passed()) << test::describe(outcome.run);
  const MatmulExpectation expected = expected_matmul(p);
  const Comparison comparison = compare(expected.c, outcome.c);
  EXPECT_EQ(comparison.compared, p.m() * p.n());
  EXPECT_EQ(comparison.mismatches, 0U) << comparison.first;
  EXPECT_EQ(outcome.flags, expected.flags);
}

std::unique_ptr<Device> golden(const char* nodes, const std::vector<std::string>& dead = {}) {
  return make_golden_device({parse_shape(nodes, dead)});
}

std::unique_ptr<Device> rtl(const char* nodes, const std::vector<std::string>& dead = {}, bool lockstep = true) {
  RtlConfig config;
  config.shape = parse_shape(nodes, dead);
  config.lockstep = lockstep;
  return make_rtl_device(config);
}

TEST(MatmulMesh, FormatsAndShapes) {
  const auto device = golden("3x2");
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
    const auto device = golden(nodes);
    for (const auto& [m, n, k] : {std::array<std::size_t, 3>{1, 1, 1},
                                  {1, 64, 8},
                                  {64, 1, 8},
                                  {16, 32, 4},
                                  {17, 33, 5},
                                  {15, 31, 3},
                                  {100, 100, 1}}) {
      expect_equal(*device, problem(bf16, bf16, fp32, m, n, k));
      expect_equal(*device, problem(c143, c152, bf16, m, n, k));
    }
  }
}

TEST(MatmulMesh, Epilogues) {
  const auto device = golden("2x3");
  for (const Descriptor c : {fp32, bf16, Descriptor(Kind::cfloat8_1_5_2, 15, golden::Rounding::stochastic)}) {
    MatmulProblem p = problem(bf16, bf16, c, 70, 130, 40);
    p.alpha = 0.5F;
    p.beta = -1.25F;
    p.c_in = random_matrix(70, 130, Descriptor(c.kind(), c.bias_field()), 3, 2);
    for (std::size_t j = 0; j < 130; ++j) p.bias.push_back(static_cast<float>(j) - 60.5F);
    expect_equal(*device, p);
  }
}

// Panels of B that do not all fit at once: 2 nodes, 24 panels of 49,152 bytes each beside 300 KB of the rest.
TEST(MatmulMesh, PanelsTakeTurns) {
  const auto device = golden("2x1");
  for (const int threads : {2, 3, 4}) expect_equal(*device, problem(bf16, bf16, bf16, 16, 1200, 768), threads);
}

// The same where neighbours fetch from the ring: a place is not used again before they have.
TEST(MatmulMesh, PanelsTakeTurnsAmongNeighbours) {
  const auto device = golden("1x4");
  for (const int threads : {2, 3, 4}) expect_equal(*device, problem(bf16, bf16, bf16, 50, 1200, 768), threads);
  const auto real = rtl("1x4", {}, false);
  for (const int threads : {3, 4}) expect_equal(*real, problem(bf16, bf16, bf16, 50, 1200, 768), threads);
}

// Nodes without rows or columns of C pass on what others need.
TEST(MatmulMesh, NodesWithoutWork) {
  for (const char* nodes : {"1x5", "5x1", "3x4"}) {
    const auto device = rtl(nodes);
    expect_equal(*device, problem(bf16, bf16, fp32, 40, 40, 50));
    expect_equal(*device, problem(c143, c152, bf16, 17, 200, 130), 2);
  }
}

// Rows and columns that fill up blocks must not raise flags: an infinity times their zeros would be invalid.
TEST(MatmulMesh, FlagsAreThoseOfTheElements) {
  const auto device = golden("2x2");
  for (const auto& [in_a, in_b] : {std::pair{0x7F80U, 0x3F80U}, {0x3F80U, 0x7F80U}, {0x0001U, 0x3F80U}}) {
    MatmulProblem p = problem(bf16, bf16, fp32, 19, 140, 70);
    for (std::size_t i = 0; i < p.a.size(); ++i) p.a.set_code(i, 0x3F80);
    for (std::size_t i = 0; i < p.b.size(); ++i) p.b.set_code(i, 0x3F80);
    p.a.set_code(18 * 70 + 33, in_a);
    p.b.set_code(33 * 140 + 139, in_b);
    expect_equal(*device, p);
  }
}

TEST(MatmulMesh, DeadNodes) {
  expect_equal(*golden("3x3", {"1,1"}), problem(bf16, bf16, fp32, 130, 140, 70));
  expect_equal(*golden("4x2", {"3,1"}), problem(c143, c143, fp32, 130, 500, 70));  // seven nodes: one row
}

TEST(MatmulMesh, RtlInLockstep) {
  expect_equal(*rtl("2x2"), problem(bf16, bf16, fp32, 64, 128, 64));
  expect_equal(*rtl("2x2"), problem(c143, c152, c143, 50, 140, 72));
  expect_equal(*rtl("3x1"), problem(shp, shp, bf16, 33, 200, 37), 2);
  expect_equal(*rtl("3x2", {"1,0"}), problem(bf16, bf16, fp32, 49, 97, 51));
  expect_equal(*rtl("3x4", {"1,1"}), problem(bf16, bf16, fp32, 100, 150, 51));  // 5 x 2 nodes, one idle
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
      for (const int threads : {2, 4}) expect_equal(*golden(nodes), p, threads);
    expect_equal(*rtl("2x1"), p, 2);
    expect_equal(*rtl("2x2"), p, 4);
  }
}

TEST(MatmulMesh, RefusesWhatItCannotDo) {
  const auto device = golden("2x2");
  const Program kernel = load_program(test::kernel_path("matmul_mesh"));
  EXPECT_THROW(run_matmul_mesh(*device, kernel, problem(fp32, fp32, fp32, 8, 8, 8), 4, {}), InputError);
  EXPECT_THROW(run_matmul_mesh(*device, kernel, problem(bf16, bf16, fp32, 8, 8, 8), 1, {}), InputError);
  EXPECT_THROW(run_matmul_mesh(*device, kernel, problem(bf16, bf16, fp32, 1200, 1200, 1200), 4, {}), InputError);
}

}  // namespace
}  // namespace tatami
