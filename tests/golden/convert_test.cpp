// Encoders against a search of the whole grid: values as doubles, neighbours by binary search, section 2's rules as
// written. Every double operation of the oracle is exact, which the host's inexact flag proves.
#include "golden/convert.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cfenv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "golden/threefry.h"

namespace tatami::golden {
namespace {

constexpr Descriptor kFp32(Kind::fp32);
constexpr Descriptor kBf16(Kind::bf16);

struct Layout {
  int s, e, m;
  bool clamps;
  int fixed_bias;
  std::uint32_t nan;
};

Layout layout(Kind kind) {
  switch (kind) {
    case Kind::fp32: return {1, 8, 23, false, 127, 0x7FC00000};
    case Kind::bf16: return {1, 8, 7, false, 127, 0x7FC0};
    case Kind::cfloat8_1_4_3: return {1, 4, 3, true, 0, 0};
    case Kind::cfloat8_1_5_2: return {1, 5, 2, true, 0, 0};
    case Kind::shp: return {1, 5, 10, true, 0, 0};
    case Kind::uhp: return {0, 6, 10, false, 31, 0xFE00};
  }
  return {};
}

/// The grid of a 16- or 8-bit destination: magnitudes in ascending order with their codes, the virtual point last.
class Grid {
 public:
  explicit Grid(Descriptor d) : d_(d), f_(layout(d.kind())), bias_(f_.clamps ? d.bias_field() : f_.fixed_bias) {
    const std::uint32_t top = (1U << (f_.e + f_.m)) - (f_.clamps ? 0 : 1U << f_.m);
    for (std::uint32_t code = 0; code < top; ++code) {
      const auto field = static_cast<int>(code >> f_.m);
      const double fraction = std::ldexp(code % (1U << f_.m), -f_.m);
      double value = std::ldexp(1 + fraction, field - bias_);
      if (field == 0) {
        if (d.kind() == Kind::uhp && code != 0) continue;
        const bool gradual = d.kind() == Kind::bf16 || (f_.clamps && d.subnormals() == Subnormals::gradual);
        value = std::ldexp(fraction, (gradual ? 1 : 0) - bias_);
      }
      values_.push_back(value);
      codes_.push_back(code);
    }
    values_.push_back(std::ldexp(1, std::ilogb(values_.back()) + 1));
    codes_.push_back(top);
  }

  const std::vector<double>& values() const { return values_; }

  /// Section 2 for a value that is neither NaN nor Inf.
  [[gnu::noinline]] Coded encode_value(double x, std::uint16_t random) const {
    const double magnitude = std::fabs(x);
    const bool negative = std::signbit(x);
    const std::uint32_t sign = negative && f_.s == 1 ? 1U << (f_.e + f_.m) : 0;
    if (magnitude == 0) return {sign, 0};
    if (negative && f_.s == 0) return {f_.nan, kInvalid};

    std::size_t chosen = values_.size() - 1;
    if (magnitude < values_.back()) {
      const auto above = std::upper_bound(values_.begin(), values_.end(), magnitude);
      const auto hi = static_cast<std::size_t>(above - values_.begin());
      const std::size_t lo = hi - 1;
      const double gap = values_[hi] - values_[lo];
      const double distance = magnitude - values_[lo];
      bool up = false;
      if (d_.rounding() == Rounding::stochastic) {
        up = random * gap < distance * 65536;
      } else if (2 * distance == gap) {
        up = codes_[lo] % 2 != 0 && codes_[hi] % 2 == 0;
      } else {
        up = 2 * distance > gap;
      }
      chosen = up ? hi : lo;
    }

    Flags flags = 0;
    const double least_normal = std::ldexp(1, 1 - bias_);
    const bool overflow = chosen == values_.size() - 1;
    if (overflow) flags |= kOverflow;
    if (magnitude < least_normal && values_[chosen] != magnitude) flags |= kUnderflow;
    const std::uint32_t code = overflow && f_.clamps ? codes_[chosen] - 1 : codes_[chosen];
    return {sign | code, flags};
  }

  /// Section 2 for any source element.
  Coded encode_any(const Unpacked& x, std::uint16_t random) const {
    const std::uint32_t sign = x.negative && f_.s == 1 ? 1U << (f_.e + f_.m) : 0;
    const std::uint32_t largest = codes_[codes_.size() - 2];
    if (x.cls == Class::nan) {
      if (f_.clamps) return {sign | largest, kInvalid};
      return {f_.nan, x.signaling ? kInvalid : Flags{0}};
    }
    if (x.cls == Class::infinity) {
      if (f_.clamps) return {sign | largest, kInvalid};
      if (f_.s == 0 && x.negative) return {f_.nan, kInvalid};
      return {sign | codes_.back(), 0};
    }
    Coded r = encode_value(to_double(x), random);
    if (x.subnormal_encoding) r.flags |= kDenormal;
    return r;
  }

 private:
  Descriptor d_;
  Layout f_;
  int bias_;
  std::vector<double> values_;
  std::vector<std::uint32_t> codes_;
};

std::string describe(Descriptor d) {
  return std::string(name(d.kind())) + " bias " + std::to_string(d.bias_field()) +
         (d.subnormals() == Subnormals::gradual ? " gradual" : " printed") +
         (d.rounding() == Rounding::stochastic ? " stochastic" : " nearest");
}

/// Small destinations: every kind but fp32, over several biases and both readings.
std::vector<Descriptor> destinations(const std::vector<int>& biases, Rounding rounding) {
  std::vector<Descriptor> all = {Descriptor(Kind::bf16, 0, rounding), Descriptor(Kind::uhp, 0, rounding)};
  for (const Kind kind : {Kind::cfloat8_1_4_3, Kind::cfloat8_1_5_2, Kind::shp}) {
    for (const int bias : biases) {
      for (const Subnormals reading : {Subnormals::printed, Subnormals::gradual}) {
        all.emplace_back(kind, bias, rounding, reading);
      }
    }
  }
  return all;
}

void expect_same(std::uint32_t code, Descriptor src, Descriptor dst, const Grid& grid, std::uint16_t random) {
  std::feclearexcept(FE_ALL_EXCEPT);
  const Coded expected = grid.encode_any(decode(code, src), random);
  ASSERT_EQ(std::fetestexcept(FE_INEXACT), 0) << "the oracle itself rounded";
  const Coded got = convert(code, src, dst, random);
  ASSERT_EQ(got, expected) << name(src.kind()) << " 0x" << std::hex << code << " to " << describe(dst) << ", R 0x"
                           << random << ": got 0x" << got.code << " flags " << int{got.flags} << ", expected 0x"
                           << expected.code << " flags " << int{expected.flags};
}

TEST(Convert, EveryBf16ToNearest) {
  for (const Descriptor dst : destinations({0, 1, 7, 15, 31, 62, 63}, Rounding::nearest_even)) {
    const Grid grid(dst);
    for (std::uint32_t code = 0; code < 0x1'0000; ++code) {
      ASSERT_NO_FATAL_FAILURE(expect_same(code, kBf16, dst, grid, 0));
    }
  }
}

TEST(Convert, EveryBf16Stochastically) {
  std::mt19937 random(11);
  for (const Descriptor dst : destinations({0, 7, 15, 63}, Rounding::stochastic)) {
    const Grid grid(dst);
    for (std::uint32_t code = 0; code < 0x1'0000; ++code) {
      ASSERT_NO_FATAL_FAILURE(expect_same(code, kBf16, dst, grid, static_cast<std::uint16_t>(random())));
    }
  }
}

// Between every two grid points: both ends, the middle, and one FP32 step to either side of each.
TEST(Convert, EveryRoundingCornerFromFp32) {
  for (const Descriptor dst : destinations({0, 7, 15, 31, 63}, Rounding::nearest_even)) {
    const Grid grid(dst);
    const std::vector<double>& v = grid.values();
    for (std::size_t i = 0; i + 1 < v.size(); ++i) {
      for (const double corner : {v[i], (v[i] + v[i + 1]) / 2, v[i + 1]}) {
        const auto middle = static_cast<float>(corner);
        const float infinity = std::numeric_limits<float>::infinity();
        for (const float x : {middle, std::nextafter(middle, infinity), std::nextafter(middle, 0.0F)}) {
          const auto code = std::bit_cast<std::uint32_t>(x);
          ASSERT_NO_FATAL_FAILURE(expect_same(code, kFp32, dst, grid, 0));
          ASSERT_NO_FATAL_FAILURE(expect_same(code | 0x8000'0000, kFp32, dst, grid, 0));
        }
      }
    }
  }
}

TEST(Convert, RandomFp32) {
  std::mt19937 random(5);
  for (const Rounding rounding : {Rounding::nearest_even, Rounding::stochastic}) {
    for (const Descriptor dst : destinations({0, 3, 7, 15, 20, 40, 63}, rounding)) {
      const Grid grid(dst);
      for (int n = 0; n < 4000; ++n) {
        const auto r = static_cast<std::uint16_t>(random());
        ASSERT_NO_FATAL_FAILURE(expect_same(static_cast<std::uint32_t>(random()), kFp32, dst, grid, r));
        // Exponents around the destination's range, where the interesting cases are.
        const std::uint32_t sign = static_cast<std::uint32_t>(random()) & 0x8000'0000;
        const auto field = static_cast<std::uint32_t>(127 - dst.bias() - 14 + static_cast<int>(random() % 50));
        const std::uint32_t near = sign | (field & 0xFF) << 23 | (static_cast<std::uint32_t>(random()) & 0x7F'FFFF);
        ASSERT_NO_FATAL_FAILURE(expect_same(near, kFp32, dst, grid, r));
      }
    }
  }
}

TEST(Convert, EverySmallFormatToEverySmallFormat) {
  const std::vector<Descriptor> all = destinations({0, 7, 63}, Rounding::nearest_even);
  for (const Descriptor dst : all) {
    const Grid grid(dst);
    for (const Descriptor src : all) {
      const std::uint32_t step = src.bits() == 8 ? 1 : 7;
      for (std::uint32_t code = 0; code < 1U << src.bits(); code += step) {
        ASSERT_NO_FATAL_FAILURE(expect_same(code, src, dst, grid, 0));
      }
    }
  }
}

// For a value a fraction p of the way from lo to hi, ceil(p * 2^16) of the 2^16 random numbers round up: the exact
// count, and exactly the lowest numbers.
TEST(Convert, StochasticCountsAreExact) {
  std::mt19937 random(3);
  for (const Descriptor dst : destinations({0, 7, 15}, Rounding::stochastic)) {
    const Grid grid(dst);
    const std::vector<double>& v = grid.values();
    std::vector<std::size_t> places = {0, v.size() - 2};
    const std::size_t first_normal = std::size_t{1} << layout(dst.kind()).m;
    if (dst.kind() != Kind::uhp) places.push_back(first_normal - 1);  // the hole of `printed`
    places.push_back(random() % (v.size() - 1));
    for (const std::size_t i : places) {
      const double gap = v[i + 1] - v[i];
      for (int n = 0; n < 3; ++n) {
        const auto x = static_cast<float>(v[i] + gap * std::ldexp(static_cast<double>(random() % 4096), -12));
        const double share = (static_cast<double>(x) - v[i]) / gap;
        const auto expected = static_cast<std::uint32_t>(std::ceil(share * 65536));
        const Coded low = encode_double(x, dst, 0xFFFF);
        std::uint32_t up = 0;
        for (std::uint32_t r = 0; r < 0x1'0000; ++r) {
          const Coded c = convert(std::bit_cast<std::uint32_t>(x), kFp32, dst, static_cast<std::uint16_t>(r));
          const Unpacked exact = decode(std::bit_cast<std::uint32_t>(x), kFp32);
          ASSERT_EQ(c, grid.encode_any(exact, static_cast<std::uint16_t>(r)))
              << describe(dst) << " x " << x << " R " << r;
          const bool went_up = c.code != low.code || (c.flags & kOverflow) != 0;  // a clamped result keeps its code
          ASSERT_EQ(went_up, r < expected) << describe(dst) << " x " << x << " R " << r;
          up += went_up ? 1 : 0;
        }
        ASSERT_EQ(up, expected);
      }
    }
  }
}

TEST(Convert, StochasticIsUnbiasedOverElements) {
  const Descriptor dst(Kind::cfloat8_1_4_3, 7, Rounding::stochastic);
  const float x = 1.03F;  // between 1 and 1.125
  double sum = 0;
  constexpr int kCount = 200'000;
  for (std::uint64_t n = 0; n < kCount; ++n) {
    sum += to_double(convert_indexed(std::bit_cast<std::uint32_t>(x), kFp32, dst, 42, n).code, dst);
  }
  EXPECT_NEAR(sum / kCount, x, 5 * 0.0535 / std::sqrt(kCount));  // five standard deviations
}

TEST(Convert, IndexedDrawsTheElementsBits) {
  const Descriptor dst(Kind::shp, 15, Rounding::stochastic);
  for (std::uint64_t n = 1000; n < 1100; ++n) {
    EXPECT_EQ(convert_indexed(0x3F80'1000, kFp32, dst, 9, n), convert(0x3F80'1000, kFp32, dst, random_bits(9, n)));
  }
}

TEST(Convert, Fp32ToItselfOnlyCanonicalisesNaN) {
  std::mt19937 random(17);
  for (int n = 0; n < 100'000; ++n) {
    const auto code = static_cast<std::uint32_t>(random()) ^ (n % 3 == 0 ? 0x7F80'0000U : 0U);
    const Unpacked x = decode(code, kFp32);
    const Coded got = convert(code, kFp32, kFp32);
    if (x.cls == Class::nan) {
      ASSERT_EQ(got, (Coded{0x7FC0'0000, x.signaling ? kInvalid : Flags{0}}));
    } else {
      ASSERT_EQ(got, (Coded{code, x.subnormal_encoding ? kDenormal : Flags{0}}));
    }
  }
}

// Everything widens to FP32 exactly.
TEST(Convert, SmallFormatsToFp32AreExact) {
  for (const Descriptor src : destinations({0, 7, 31, 63}, Rounding::nearest_even)) {
    for (std::uint32_t code = 0; code < 1U << src.bits(); ++code) {
      const Unpacked x = decode(code, src);
      const Coded got = convert(code, src, kFp32);
      if (x.cls == Class::nan) {
        ASSERT_EQ(got.code, 0x7FC0'0000U);
        continue;
      }
      const double value = to_double(x);
      ASSERT_EQ(static_cast<double>(std::bit_cast<float>(got.code)), value) << describe(src) << " code " << code;
      ASSERT_EQ(got.code >> 31 != 0, std::signbit(value));
      ASSERT_EQ(got.flags, x.subnormal_encoding ? kDenormal : Flags{0});
    }
  }
}

// Doubles into FP32 and BF16 against the host's own conversion.
TEST(Convert, DoubleToFp32IsTheHostsConversion) {
  std::mt19937_64 random(23);
  for (int n = 0; n < 200'000; ++n) {
    const auto field = static_cast<std::uint64_t>(1023 - 152 + random() % 284);
    const auto x = std::bit_cast<double>((random() & 0x800F'FFFF'FFFF'FFFF) | field << 52);
    ASSERT_EQ(encode_double(x, kFp32).code, std::bit_cast<std::uint32_t>(static_cast<float>(x))) << x;
  }
}

TEST(Convert, NamedCases) {
  const Descriptor c8(Kind::cfloat8_1_4_3, 7);
  const Descriptor uhp(Kind::uhp);
  EXPECT_EQ(encode_double(1.0, c8), (Coded{0x38, 0}));
  EXPECT_EQ(encode_double(1e9, c8), (Coded{0x7F, kOverflow}));
  EXPECT_EQ(encode_double(-INFINITY, c8), (Coded{0xFF, kInvalid}));
  EXPECT_EQ(encode_double(-NAN, c8), (Coded{0xFF, kInvalid}));
  EXPECT_EQ(encode_double(-0.0, c8), (Coded{0x80, 0}));
  EXPECT_EQ(encode_double(-1e-30, c8), (Coded{0x80, kUnderflow}));
  EXPECT_EQ(encode_double(480.0, c8), (Coded{0x7F, 0}));                      // the largest: 1.875 * 2^8
  EXPECT_EQ(encode_double(495.0, c8), (Coded{0x7F, 0}));                      // below the middle to 512
  EXPECT_EQ(encode_double(496.0, c8), (Coded{0x7F, kOverflow}));              // a tie with odd 0x7F goes to 512
  EXPECT_EQ(encode_double(std::ldexp(1, -31), uhp), (Coded{0, kUnderflow}));  // the tie between 0 and 2^-30
  EXPECT_EQ(encode_double(std::ldexp(1.001, -31), uhp), (Coded{0x0400, kUnderflow}));
  EXPECT_EQ(encode_double(-1.0, uhp), (Coded{0xFE00, kInvalid}));
  EXPECT_EQ(encode_double(-0.0, uhp), (Coded{0, 0}));
  EXPECT_EQ(encode_double(INFINITY, uhp), (Coded{0xFC00, 0}));
  EXPECT_EQ(encode_double(-INFINITY, uhp), (Coded{0xFE00, kInvalid}));
  EXPECT_EQ(encode_double(1e10, uhp), (Coded{0xFC00, kOverflow}));
  EXPECT_EQ(convert(0x0001, uhp, kFp32), (Coded{0, kDenormal}));
}

}  // namespace
}  // namespace tatami::golden
