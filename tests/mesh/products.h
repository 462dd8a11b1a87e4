// Products for the tests of the kernels that multiply on many nodes, and the devices that they run on.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "kernels/kernel_device.h"

namespace tatami::test {

using golden::Descriptor;
using golden::Kind;

inline const Descriptor fp32{Kind::fp32};
inline const Descriptor bf16{Kind::bf16};
inline const Descriptor shp{Kind::shp, 15};
inline const Descriptor c143{Kind::cfloat8_1_4_3, 7};
inline const Descriptor c152{Kind::cfloat8_1_5_2, 15};

inline MatmulProblem problem(Descriptor a, Descriptor b, Descriptor c, std::size_t m, std::size_t n, std::size_t k) {
  MatmulProblem p;
  p.a = random_matrix(m, k, a, m + n + k, 0);
  p.b = random_matrix(k, n, b, m + n + k, 1);
  p.output = c;
  p.seed = 5;
  return p;
}

/// alpha, beta and bias.
inline MatmulProblem with_epilogue(MatmulProblem p) {
  p.alpha = 0.5F;
  p.beta = -1.25F;
  p.c_in = random_matrix(p.m(), p.n(), Descriptor(p.output.kind(), p.output.bias_field()), 3, 2);
  for (std::size_t j = 0; j < p.n(); ++j) p.bias.push_back(static_cast<float>(j) - 60.5F);
  return p;
}

/// Shapes, m, n and k, that are small or multiples of nothing.
inline constexpr std::array<std::array<std::size_t, 3>, 7> kSmallAndUneven{
    {{1, 1, 1}, {1, 64, 8}, {64, 1, 8}, {16, 32, 4}, {17, 33, 5}, {15, 31, 3}, {100, 100, 1}}};

/// bf16, all ones but one in the last row of A and one in the last column of B, which meet: infinities and subnormals,
/// of which what fills up blocks must not raise flags.
inline std::vector<MatmulProblem> with_special_edges() {
  std::vector<MatmulProblem> all;
  for (const auto& [in_a, in_b] : {std::pair{0x7F80U, 0x3F80U}, {0x3F80U, 0x7F80U}, {0x0001U, 0x3F80U}}) {
    MatmulProblem p = problem(bf16, bf16, fp32, 19, 140, 70);
    for (std::size_t i = 0; i < p.a.size(); ++i) p.a.set_code(i, 0x3F80);
    for (std::size_t i = 0; i < p.b.size(); ++i) p.b.set_code(i, 0x3F80);
    p.a.set_code(18 * 70 + 33, in_a);
    p.b.set_code(33 * 140 + 139, in_b);
    all.push_back(std::move(p));
  }
  return all;
}

inline std::unique_ptr<Device> golden_fabric(const char* nodes, const std::vector<std::string>& dead = {}) {
  return make_golden_device({parse_shape(nodes, dead)});
}

inline std::unique_ptr<Device> rtl_fabric(const char* nodes, const std::vector<std::string>& dead = {},
                                          bool lockstep = true, EdgeConfig edge = {}) {
  RtlConfig config;
  config.shape = parse_shape(nodes, dead);
  config.lockstep = lockstep;
  config.edge = edge;
  return make_rtl_device(config);
}

/// The run passed, and every element and the flags are those of the functional model.
inline void expect_as_model(const MatmulProblem& p, const MatmulOutcome& outcome) {
  ASSERT_TRUE(outcome.run.passed()) << describe(outcome.run);
  const MatmulExpectation expected = expected_matmul(p);
  const Comparison comparison = compare(expected.c, outcome.c);
  EXPECT_EQ(comparison.compared, p.m() * p.n());
  EXPECT_EQ(comparison.mismatches, 0U) << comparison.first;
  EXPECT_EQ(outcome.flags, expected.flags);
}

/// For SCOPED_TRACE.
inline std::string what_runs(const Device& device, const MatmulProblem& p) {
  return device.info().name + " " + device.info().shape.text() + ": " + std::to_string(p.m()) + "x" +
         std::to_string(p.n()) + "x" + std::to_string(p.k());
}

}  // namespace tatami::test
