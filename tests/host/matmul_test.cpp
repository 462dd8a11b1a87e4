#include "host/matmul.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/error.h"

namespace tatami {
namespace {

using golden::Descriptor;
using golden::Kind;

MatmulProblem small() {
  MatmulProblem p;
  p.a = random_matrix(3, 5, Descriptor(Kind::bf16), 1, 0);
  p.b = random_matrix(5, 4, Descriptor(Kind::bf16), 1, 1);
  return p;
}

std::string refused(const MatmulProblem& p) {
  try {
    validate(p);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(HostMatmul, ExpectationIsCloseToFp64) {
  MatmulProblem p = small();
  EXPECT_EQ(refused(p), "");
  EXPECT_LT(error_fp64(p, expected_matmul(p).c).scaled, 1e-6);
  p.alpha = 0.5F;
  p.beta = 2.0F;
  p.c_in = random_matrix(3, 4, p.output, 1, 2);
  p.bias = {1, 2, 3, 4};
  EXPECT_EQ(refused(p), "");
  EXPECT_LT(error_fp64(p, expected_matmul(p).c).scaled, 1e-6);
}

TEST(HostMatmul, ErrorsAreSeen) {
  const MatmulProblem p = small();
  Matrix c = expected_matmul(p).c;
  const Matrix right = c;
  c.set_code(5, c.code(5) ^ 1);
  const Comparison comparison = compare(right, c);
  EXPECT_EQ(comparison.compared, 12U);
  EXPECT_EQ(comparison.mismatches, 1U);
  EXPECT_THAT(comparison.first, testing::HasSubstr("C[1][1]"));
  c.set_code(5, c.code(5) ^ 0x0080'0000);  // twice or half the value
  EXPECT_GT(error_fp64(p, c).relative, 0.4);
}

TEST(HostMatmul, RefusesWhatDoesNotFitTogether) {
  MatmulProblem shape = small();
  shape.b = random_matrix(6, 4, Descriptor(Kind::bf16), 1, 1);
  EXPECT_THAT(refused(shape), testing::HasSubstr("A's columns (5) must equal B's rows (6)"));
  MatmulProblem formats = small();
  formats.b = random_matrix(5, 4, Descriptor(Kind::cfloat8_1_4_3, 7), 1, 1);
  EXPECT_THAT(refused(formats), testing::HasSubstr("two 8-bit formats"));
  formats.b = random_matrix(5, 4, Descriptor(Kind::fp32), 1, 1);
  EXPECT_NE(refused(formats), "");
  MatmulProblem bad = small();
  bad.output = Descriptor(std::uint16_t{0x000F});
  EXPECT_THAT(refused(bad), testing::HasSubstr("descriptor"));
  MatmulProblem beta = small();
  beta.beta = 1;
  EXPECT_THAT(refused(beta), testing::HasSubstr("initial C"));
  MatmulProblem bias = small();
  bias.bias = {1, 2};
  EXPECT_THAT(refused(bias), testing::HasSubstr("bias vector"));
}

}  // namespace
}  // namespace tatami
