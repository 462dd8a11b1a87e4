// Matrix products against element-by-element evaluation of the documented order, and against doubles for sanity.
#include "golden/matmul.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <random>
#include <stdexcept>
#include <vector>

#include "golden/convert.h"
#include "golden/fp32.h"
#include "golden/fused_sum.h"

namespace tatami::golden {
namespace {

/// A matrix that owns its bytes, with a gap after every row.
class Matrix {
 public:
  Matrix(std::size_t rows, std::size_t columns, Descriptor format, std::size_t gap)
      : bytes_(rows * (columns * static_cast<std::size_t>(format.bytes()) + gap), 0xFF),
        view_{bytes_.data(), rows, columns, columns * static_cast<std::size_t>(format.bytes()) + gap, format} {}
  Matrix(const Matrix&) = delete;
  Matrix& operator=(const Matrix&) = delete;

  void set(std::size_t row, std::size_t column, std::uint32_t code) {
    const auto size = static_cast<std::size_t>(view_.format.bytes());
    for (std::size_t i = 0; i < size; ++i) {
      bytes_[row * view_.row_bytes + column * size + i] = static_cast<std::uint8_t>(code >> (8 * i));
    }
  }
  std::uint32_t at(std::size_t row, std::size_t column) const {
    const auto size = static_cast<std::size_t>(view_.format.bytes());
    std::uint32_t code = 0;
    for (std::size_t i = size; i-- > 0;) code = code << 8 | bytes_[row * view_.row_bytes + column * size + i];
    return code;
  }
  const MatrixView& view() const { return view_; }

 private:
  std::vector<std::uint8_t> bytes_;
  MatrixView view_;
};

void fill(Matrix& m, std::mt19937& random, bool any_bits) {
  std::normal_distribution<double> normal;
  for (std::size_t i = 0; i < m.view().rows; ++i) {
    for (std::size_t j = 0; j < m.view().columns; ++j) {
      const auto code =
          any_bits ? static_cast<std::uint32_t>(random()) : encode_double(normal(random), m.view().format).code;
      m.set(i, j, code);
    }
  }
}

/// The contract of matmul.h for one element.
Lane element_by_contract(const Matrix& a, const Matrix& b, std::size_t i, std::size_t j) {
  const Descriptor da = a.view().format;
  const Descriptor db = b.view().format;
  const std::size_t depth = a.view().columns;
  Lane acc;
  const auto take = [&](const Lane& step) {
    acc.bits = step.bits;
    acc.flags |= step.flags;
  };
  if (da.kind() == Kind::fp32) {
    for (std::size_t k = 0; k < depth; ++k) take(fma(a.at(i, k), b.at(k, j), acc.bits));
    return acc;
  }
  const std::size_t multiple = da.bits() == 8 ? 8 : 4;
  const std::size_t padded = (depth + multiple - 1) / multiple * multiple;
  for (std::size_t k = 0; k < padded; k += kGroup) {
    std::array<Unpacked, kGroup> x;
    std::array<Unpacked, kGroup> y;
    for (std::size_t q = 0; q < kGroup; ++q) {
      x[q] = k + q < depth ? decode(a.at(i, k + q), da) : Unpacked{};
      y[q] = k + q < depth ? decode(b.at(k + q, j), db) : Unpacked{};
    }
    take(fused_group(acc.bits, x, da, y, db));
  }
  return acc;
}

struct Formats {
  Descriptor a, b;
};

const std::vector<Formats> kFormats = {
    {Descriptor(Kind::bf16), Descriptor(Kind::bf16)},
    {Descriptor(Kind::cfloat8_1_4_3, 7), Descriptor(Kind::cfloat8_1_4_3, 9)},
    {Descriptor(Kind::cfloat8_1_4_3, 7),
     Descriptor(Kind::cfloat8_1_5_2, 15, Rounding::nearest_even, Subnormals::gradual)},
    {Descriptor(Kind::shp, 15), Descriptor(Kind::bf16)},
    {Descriptor(Kind::uhp), Descriptor(Kind::shp, 31)},
    {Descriptor(Kind::fp32), Descriptor(Kind::fp32)},
};

TEST(Matmul, FollowsTheContractForAnyShape) {
  std::mt19937 random(1);
  const std::array<std::array<std::size_t, 3>, 7> shapes = {
      {{1, 1, 1}, {8, 8, 8}, {3, 5, 7}, {16, 9, 33}, {17, 24, 12}, {1, 30, 5}, {9, 1, 64}}};
  for (const Formats& f : kFormats) {
    for (const auto& [m, n, k] : shapes) {
      for (const bool any_bits : {false, true}) {
        Matrix a(m, k, f.a, 3);
        Matrix b(k, n, f.b, 5);
        fill(a, random, any_bits);
        fill(b, random, any_bits);
        const Product c = matmul(a.view(), b.view());
        ASSERT_EQ(c.values.size(), m * n);
        Flags flags = 0;
        for (std::size_t i = 0; i < m; ++i) {
          for (std::size_t j = 0; j < n; ++j) {
            const Lane expected = element_by_contract(a, b, i, j);
            ASSERT_EQ(c.values[i * n + j], expected.bits) << name(f.a.kind()) << " " << m << "x" << n << "x" << k;
            flags |= expected.flags;
          }
        }
        ASSERT_EQ(c.flags, flags) << name(f.a.kind()) << " " << m << "x" << n << "x" << k;
      }
    }
  }
}

TEST(Matmul, InfinitiesBesidePaddingRaiseNothing) {
  const Descriptor bf16(Kind::bf16);
  Matrix a(1, 4, bf16, 0);
  Matrix b(4, 1, bf16, 0);
  for (std::size_t k = 0; k < 4; ++k) {
    a.set(0, k, 0x7F80);
    b.set(k, 0, 0x3F80);
  }
  const Product c = matmul(a.view(), b.view());
  EXPECT_EQ(c.values, std::vector<std::uint32_t>{kFp32Infinity});
  EXPECT_EQ(c.flags, 0);
}

// K of an 8-bit product is padded to whole instructions: the second group then reads a subnormal accumulator.
TEST(Matmul, EightBitDepthIsPaddedToEight) {
  const Descriptor d(Kind::cfloat8_1_4_3, 63);
  Matrix a(1, 2, d, 0);
  Matrix b(2, 1, d, 0);
  const auto code = [&](double x) { return encode_double(std::ldexp(x, -62), d).code; };
  a.set(0, 0, code(1.125));
  b.set(0, 0, code(1.125));
  a.set(0, 1, code(1.25));
  b.set(1, 0, code(-1.0));
  const Product c = matmul(a.view(), b.view());
  EXPECT_EQ(std::bit_cast<float>(c.values[0]), 0x1p-130F);
  EXPECT_EQ(c.flags, kDenormal);
}

// The tiles of the matrix unit, instruction by instruction.
TEST(Matmul, EqualsInstructions) {
  std::mt19937 random(2);
  const Descriptor da(Kind::cfloat8_1_5_2, 16);
  const Descriptor db(Kind::cfloat8_1_4_3, 8);
  Matrix a(8, 32, da, 0);
  Matrix b(32, 8, db, 0);
  fill(a, random, true);
  fill(b, random, true);
  std::array<std::uint32_t, 64> tile{};
  Flags flags = 0;
  for (std::size_t k = 0; k < 32; k += 8) {
    std::array<std::uint8_t, 64> pa{};
    std::array<std::uint8_t, 64> pb{};
    for (std::size_t n = 0; n < 64; ++n) {
      pa[n] = static_cast<std::uint8_t>(a.at(n / 8, k + n % 8));
      pb[n] = static_cast<std::uint8_t>(b.at(k + n / 8, n % 8));
    }
    flags |= mma(tile, pa, pb, da, db, k == 0);
  }
  const Product c = matmul(a.view(), b.view());
  EXPECT_TRUE(std::equal(tile.begin(), tile.end(), c.values.begin(), c.values.end()));
  EXPECT_EQ(c.flags, flags);
}

TEST(Matmul, IsCloseToDoubles) {
  std::mt19937 random(3);
  for (const Formats& f : kFormats) {
    Matrix a(32, 96, f.a, 0);
    Matrix b(96, 32, f.b, 0);
    fill(a, random, false);
    fill(b, random, false);
    const Product c = matmul(a.view(), b.view());
    for (std::size_t i = 0; i < 32; ++i) {
      for (std::size_t j = 0; j < 32; ++j) {
        double sum = 0;
        double magnitude = 0;
        for (std::size_t k = 0; k < 96; ++k) {
          const double product = to_double(a.at(i, k), f.a) * to_double(b.at(k, j), f.b);
          sum += product;
          magnitude += std::fabs(product);
        }
        const double got = std::bit_cast<float>(c.values[i * 32 + j]);
        if (std::isnan(sum)) {
          ASSERT_TRUE(std::isnan(got));
        } else {
          ASSERT_NEAR(got, sum, magnitude * 96 * 0x1p-24);
        }
      }
    }
  }
}

TEST(Matmul, RefusesWhatDoesNotFit) {
  const Matrix a(4, 8, Descriptor(Kind::bf16), 0);
  const Matrix shape(7, 4, Descriptor(Kind::bf16), 0);
  const Matrix eight_bit(8, 4, Descriptor(Kind::cfloat8_1_4_3, 7), 0);
  const Matrix fp32(8, 4, Descriptor(Kind::fp32), 0);
  EXPECT_THROW(matmul(a.view(), shape.view()), std::invalid_argument);
  EXPECT_THROW(matmul(a.view(), eight_bit.view()), std::invalid_argument);
  EXPECT_THROW(matmul(a.view(), fp32.view()), std::invalid_argument);
}

TEST(Matmul, EmptyDepthGivesZeros) {
  const Matrix a(2, 0, Descriptor(Kind::bf16), 4);
  const Matrix b(0, 3, Descriptor(Kind::bf16), 4);
  EXPECT_EQ(matmul(a.view(), b.view()).values, std::vector<std::uint32_t>(6, 0));
}

std::uint32_t bits(float x) { return std::bit_cast<std::uint32_t>(x); }

TEST(Epilogue, DefaultCopies) {
  const std::vector<std::uint32_t> acc = {bits(1.5F), bits(-0.0F), 0xFFC0'1234, bits(3e38F)};
  const Product out = apply_epilogue(acc, 2, {});
  EXPECT_EQ(out.values, (std::vector<std::uint32_t>{bits(1.5F), bits(-0.0F), kFp32CanonicalNan, bits(3e38F)}));
  EXPECT_EQ(out.flags, 0);
}

TEST(Epilogue, StepsInOrder) {
  std::mt19937 random(4);
  std::normal_distribution<float> normal;
  constexpr std::size_t kRows = 5;
  constexpr std::size_t kColumns = 7;
  std::vector<std::uint32_t> acc(kRows * kColumns);
  std::vector<std::uint32_t> c_in(kRows * kColumns);
  std::vector<std::uint32_t> bias(kColumns);
  for (auto* v : {&acc, &c_in, &bias}) {
    for (auto& x : *v) x = bits(normal(random));
  }
  Epilogue e;
  e.alpha = bits(0.3F);
  e.beta = bits(-1.7F);
  e.c_in = c_in;
  e.bias = bias;
  e.output = Descriptor(Kind::cfloat8_1_4_3, 7, Rounding::stochastic);
  e.seed = 99;
  e.first_index = 1000;
  const Product out = apply_epilogue(acc, kColumns, e);
  Flags flags = 0;
  for (std::size_t n = 0; n < acc.size(); ++n) {
    const auto f = [](std::uint32_t x) { return std::bit_cast<float>(x); };
    const float scaled = 0.3F * f(acc[n]);
    const float with_c = std::fma(-1.7F, f(c_in[n]), scaled);
    const float t = with_c + f(bias[n % kColumns]);
    const Coded expected = convert_indexed(bits(t), Descriptor(Kind::fp32), e.output, 99, 1000 + n);
    ASSERT_EQ(out.values[n], expected.code);
    flags |= expected.flags;
  }
  EXPECT_EQ(out.flags, flags);
}

TEST(Epilogue, RefusesWrongSizes) {
  const std::vector<std::uint32_t> acc(6);
  const std::vector<std::uint32_t> five(5);
  Epilogue e;
  e.beta = bits(1.0F);
  e.c_in = five;
  EXPECT_THROW(apply_epilogue(acc, 3, e), std::invalid_argument);
  e = {};
  e.bias = five;
  EXPECT_THROW(apply_epilogue(acc, 3, e), std::invalid_argument);
  e = {};
  e.output = Descriptor(std::uint16_t{9});
  EXPECT_THROW(apply_epilogue(acc, 3, e), std::invalid_argument);
}

}  // namespace
}  // namespace tatami::golden
