// The encoders against a search by hand: every finite magnitude of the destination decoded from its fields into an
// exact rational number (GMP), the nearest one found by measuring the distance to each of them. Nothing is sorted,
// bisected or computed in floating point. Then every boundary between two codes, with rationals over one denominator.
#include <gmp.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "golden/convert.h"

namespace tatami::golden {
namespace {

class Rational {
 public:
  Rational() { mpq_init(x_); }
  /// numerator * 2^exponent
  Rational(unsigned long numerator, long exponent) : Rational() {
    mpq_set_ui(x_, numerator, 1);
    if (exponent >= 0)
      mpq_mul_2exp(x_, x_, static_cast<mp_bitcnt_t>(exponent));
    else
      mpq_div_2exp(x_, x_, static_cast<mp_bitcnt_t>(-exponent));
  }
  Rational(const Rational& other) : Rational() { mpq_set(x_, other.x_); }
  Rational& operator=(const Rational& other) {
    mpq_set(x_, other.x_);
    return *this;
  }
  ~Rational() { mpq_clear(x_); }

  Rational operator-(const Rational& b) const {
    Rational r;
    mpq_sub(r.x_, x_, b.x_);
    return r;
  }
  Rational operator+(const Rational& b) const {
    Rational r;
    mpq_add(r.x_, x_, b.x_);
    return r;
  }
  Rational operator*(const Rational& b) const {
    Rational r;
    mpq_mul(r.x_, x_, b.x_);
    return r;
  }
  Rational magnitude() const {
    Rational r;
    mpq_abs(r.x_, x_);
    return r;
  }
  bool operator==(const Rational& b) const { return mpq_equal(x_, b.x_) != 0; }
  bool operator<(const Rational& b) const { return mpq_cmp(x_, b.x_) < 0; }

 private:
  mpq_t x_;
};

struct Shape {
  Kind kind;
  int e, m;
  bool clamps;
  int bias;  ///< of the IEEE-like formats
};
constexpr Shape kShapes[] = {{Kind::bf16, 8, 7, false, 127},
                             {Kind::cfloat8_1_4_3, 4, 3, true, 0},
                             {Kind::cfloat8_1_5_2, 5, 2, true, 0},
                             {Kind::shp, 5, 10, true, 0},
                             {Kind::uhp, 6, 10, false, 31}};

/// All finite magnitudes of a destination, and the virtual point as the last one.
struct Table {
  Shape shape;
  Descriptor d;
  std::vector<Rational> values;
  std::vector<std::uint32_t> codes;
  Rational least_normal;

  Table(const Shape& s, int bias, Subnormals reading, Rounding rounding)
      : shape(s), d(s.kind, bias, rounding, reading) {
    const int b = s.clamps ? bias : s.bias;
    const std::uint32_t fields = 1U << s.e;
    for (std::uint32_t e = 0; e < fields - (s.clamps ? 0 : 1); ++e) {
      for (std::uint32_t f = 0; f < 1U << s.m; ++f) {
        if (s.kind == Kind::uhp && e == 0 && f != 0) continue;
        const bool one_up = s.kind == Kind::bf16 || (s.clamps && reading == Subnormals::gradual);
        values.push_back(e == 0 ? Rational(f, (one_up ? 1 : 0) - b - s.m)
                                : Rational((1U << s.m) + f, static_cast<int>(e) - b - s.m));
        codes.push_back(e << s.m | f);
      }
    }
    const std::uint32_t top = fields - (s.clamps ? 1 : 2);
    values.push_back(Rational(1, static_cast<int>(top) + 1 - b));
    codes.push_back((top + 1) << s.m);
    least_normal = Rational(1, 1 - b);
  }

  /// Section 2 for the magnitude x > 0.
  Coded encode(const Rational& x, bool negative, std::uint16_t random) const {
    const std::uint32_t virtual_code = codes.back();
    std::size_t best = 0;
    if (d.rounding() == Rounding::nearest_even) {
      Rational least = (x - values[0]).magnitude();
      for (std::size_t i = 1; i < values.size(); ++i) {
        const Rational here = (x - values[i]).magnitude();
        // At equal distance the even code; between two even ones (UHP's 0 and 0x0400) the lower.
        if (here < least || (here == least && codes[best] % 2 != 0 && codes[i] % 2 == 0)) {
          best = i;
          least = here;
        }
      }
    } else {
      std::size_t lo = 0, hi = values.size();
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (!(x < values[i]) && values[lo] < values[i]) lo = i;
        if (x < values[i] && (hi == values.size() || values[i] < values[hi])) hi = i;
      }
      best = lo;
      if (hi != values.size()) {
        const Rational gap = values[hi] - values[lo], distance = x - values[lo];
        if (Rational(random, 0) * gap < distance * Rational(65536, 0)) best = hi;
      }
    }
    const bool over = codes[best] == virtual_code;
    Flags flags = over ? kOverflow : Flags{0};
    if (x < least_normal && !(x == values[best])) flags |= kUnderflow;
    const std::uint32_t code = over && shape.clamps ? virtual_code - 1 : codes[best];
    return {code | (negative ? 1U << (shape.e + shape.m) : 0), flags};
  }
};

void check(const Table& t, std::uint32_t fp32, std::uint16_t random) {
  const std::uint32_t field = fp32 >> 23 & 0xFF, fraction = fp32 & 0x7F'FFFF;
  if (field == 255 || (fp32 & 0x7FFF'FFFF) == 0) return;
  bool negative = fp32 >> 31 != 0;
  if (negative && t.shape.kind == Kind::uhp) {
    fp32 &= 0x7FFF'FFFF;
    negative = false;
  }
  const Rational x =
      field == 0 ? Rational(fraction, -149) : Rational(fraction | 0x80'0000, static_cast<long>(field) - 150);
  Coded want = t.encode(x, negative, random);
  if (field == 0) want.flags |= kDenormal;
  const Coded got = convert(fp32, Descriptor(Kind::fp32), t.d, random);
  ASSERT_EQ(got, want) << name(t.shape.kind) << " descriptor 0x" << std::hex << t.d.packed() << " input 0x" << fp32
                       << " R 0x" << random << ": got 0x" << got.code << " flags " << int{got.flags} << ", expected 0x"
                       << want.code << " flags " << int{want.flags};
}

std::uint32_t fp32_bits(double x) { return std::bit_cast<std::uint32_t>(static_cast<float>(x)); }

/// The corners between the neighbours `code` and code + 1 and a random input between them.
void check_around(const Table& t, std::uint32_t code, std::mt19937& random) {
  const double lo = to_double(code, t.d);
  const double hi = code == largest_code(t.d) ? std::ldexp(1, std::ilogb(lo) + 1) : to_double(code + 1, t.d);
  const double inside = lo + (hi - lo) * (random() % 4096) / 4096;
  for (const double v : {lo, (lo + hi) / 2, inside}) {
    const std::uint32_t x = fp32_bits(v);
    for (const std::uint32_t y : {x - 1, x, x + 1}) {
      const auto r = static_cast<std::uint16_t>(random());
      ASSERT_NO_FATAL_FAILURE(check(t, y | (random() % 2 != 0 ? 0x8000'0000U : 0), r));
    }
  }
}

// 8-bit formats: every bias, both readings, both roundings; around every sixth code, another sixth for every bias.
TEST(EncodeExact, EightBitFormats) {
  std::mt19937 random(1);
  for (const Shape& s : kShapes) {
    if (s.e + s.m != 7) continue;
    for (const Rounding rounding : {Rounding::nearest_even, Rounding::stochastic}) {
      for (int bias = 0; bias < 64; ++bias) {
        for (const Subnormals reading : {Subnormals::printed, Subnormals::gradual}) {
          const Table t(s, bias, reading, rounding);
          const std::uint32_t step = rounding == Rounding::nearest_even ? 6 : 31;  // from a random first one
          for (std::uint32_t code = random() % step; code <= largest_code(t.d); code += step)
            ASSERT_NO_FATAL_FAILURE(check_around(t, code, random));
          ASSERT_NO_FATAL_FAILURE(check_around(t, largest_code(t.d), random));
          ASSERT_NO_FATAL_FAILURE(check_around(t, smallest_normal_code(t.d) - 1, random));  // the hole
          for (int n = 0; n < 10; ++n)
            ASSERT_NO_FATAL_FAILURE(
                check(t, static_cast<std::uint32_t>(random()), static_cast<std::uint16_t>(random())));
        }
      }
    }
  }
}

// 16-bit formats: the ends of the range, the hole and some codes between; SHP with ten biases.
TEST(EncodeExact, SixteenBitFormats) {
  std::mt19937 random(2);
  for (const Shape& s : kShapes) {
    if (s.e + s.m == 7) continue;
    for (int bias = 0; bias < (s.clamps ? 64 : 1); bias += 7) {
      const Subnormals reading = random() % 2 != 0 ? Subnormals::printed : Subnormals::gradual;
      const Rounding rounding = bias % 21 == 14 ? Rounding::stochastic : Rounding::nearest_even;
      const Table t(s, bias, reading, rounding);
      const std::uint32_t first = s.kind == Kind::uhp ? smallest_normal_code(t.d) : smallest_normal_code(t.d) - 1;
      for (const std::uint32_t code :
           {first, first + static_cast<std::uint32_t>(random()) % (largest_code(t.d) - first)})
        ASSERT_NO_FATAL_FAILURE(check_around(t, code, random));
      ASSERT_NO_FATAL_FAILURE(check(t, fp32_bits(largest(t.d)) + (static_cast<std::uint32_t>(random()) & 0x1FFF), 7));
      ASSERT_NO_FATAL_FAILURE(check(t, static_cast<std::uint32_t>(random()), 9));
      if (!s.clamps) {
        for (int n = 0; n < 4; ++n) {
          const auto code = first + static_cast<std::uint32_t>(random()) % (largest_code(t.d) - first);
          ASSERT_NO_FATAL_FAILURE(check_around(t, code, random));
        }
      }
    }
  }
}

// --- Every boundary
// ---------------------------------------------------------------------------------------------------

/// An integer of any size: the numerator of a rational over 2^kDenominator.
class Integer {
 public:
  static constexpr long kDenominator = 160;  // FP32's last bit is 2^-149; a middle between two needs one more

  Integer() { mpz_init(x_); }
  Integer(const Integer& other) { mpz_init_set(x_, other.x_); }
  Integer& operator=(const Integer& other) {
    mpz_set(x_, other.x_);
    return *this;
  }
  ~Integer() { mpz_clear(x_); }

  /// numerator * 2^exponent as a rational.
  void set(unsigned long numerator, long exponent) {
    mpz_set_ui(x_, numerator);
    mpz_mul_2exp(x_, x_, static_cast<mp_bitcnt_t>(exponent + kDenominator));
  }
  void difference(const Integer& a, const Integer& b) { mpz_sub(x_, a.x_, b.x_); }
  void product(const Integer& a, unsigned long b) { mpz_mul_ui(x_, a.x_, b); }
  int compare(const Integer& b) const { return mpz_cmp(x_, b.x_); }
  bool equals(const Integer& b) const { return compare(b) == 0; }

 private:
  mpz_t x_;
};

/// The grid of a destination as integers, ascending, and section 2 by exact comparisons.
class ExactGrid {
 public:
  ExactGrid(const Shape& s, Descriptor d) : shape_(s), d_(d) {
    const int b = s.clamps ? d.bias() : s.bias;
    const std::uint32_t fields = 1U << s.e, finite = fields - (s.clamps ? 0 : 1);
    const bool one_up = s.kind == Kind::bf16 || d.subnormals() == Subnormals::gradual;
    for (std::uint32_t code = 0; code <= finite << s.m; ++code) {  // the last one is the virtual point
      const std::uint32_t e = code >> s.m, f = code & ((1U << s.m) - 1);
      if (s.kind == Kind::uhp && e == 0 && f != 0) continue;
      values_.emplace_back();
      codes_.push_back(code);
      if (e == 0)
        values_.back().set(f, (one_up ? 1 : 0) - b - s.m);
      else
        values_.back().set((1U << s.m) + f, static_cast<int>(e) - b - s.m);
    }
    least_normal_.set(1, 1 - b);
  }

  std::size_t size() const { return values_.size(); }
  bool ascends() const {
    for (std::size_t i = 0; i + 1 < values_.size(); ++i)
      if (values_[i].compare(values_[i + 1]) >= 0) return false;
    return true;
  }

  /// What an FP32 magnitude must become. `near` is a guess of its lower neighbour, at or below it; comparisons decide.
  Coded expect(std::uint32_t fp32, std::size_t near, std::uint16_t random) {
    const std::uint32_t field = fp32 >> 23, fraction = fp32 & 0x7F'FFFF;
    x_.set(field == 0 ? fraction : fraction | 0x80'0000, static_cast<long>(field == 0 ? 1 : field) - 150);
    while (near > 0 && x_.compare(values_[near]) < 0) --near;
    while (near + 1 < values_.size() && x_.compare(values_[near + 1]) >= 0) ++near;
    std::size_t best = near;
    if (near + 1 < values_.size()) {
      below_.difference(x_, values_[near]);
      if (d_.rounding() == Rounding::nearest_even) {
        above_.difference(values_[near + 1], x_);
        const int order = below_.compare(above_);
        if (order > 0 || (order == 0 && codes_[near] % 2 != 0)) best = near + 1;
      } else {
        above_.difference(values_[near + 1], values_[near]);
        gaps_.product(above_, random);
        distances_.product(below_, 65536);
        if (gaps_.compare(distances_) < 0) best = near + 1;
      }
    }
    const bool over = best + 1 == values_.size();
    Flags flags = over ? kOverflow : Flags{0};
    if (x_.compare(least_normal_) < 0 && !x_.equals(values_[best])) flags |= kUnderflow;
    if (field == 0) flags |= kDenormal;
    return {over && shape_.clamps ? codes_[best] - 1 : codes_[best], flags};
  }

 private:
  Shape shape_;
  Descriptor d_;
  std::vector<Integer> values_;
  std::vector<std::uint32_t> codes_;
  Integer least_normal_, x_, below_, above_, gaps_, distances_;
};

// Every code of every format: the value itself, the middle to the next one, one FP32 number to either side of both. The
// 8-bit formats and SHP with every bias, in both readings; to nearest, and stochastically with random numbers, quarters
// among them, which meet the middles. Negative inputs: the tests above.
TEST(EncodeExact, EveryBoundaryOfEveryFormat) {
  std::mt19937 random(3);
  std::uint64_t inputs = 0;
  for (const Shape& s : kShapes) {
    for (int bias = 0; bias < (s.clamps ? 64 : 1); ++bias) {
      for (const Subnormals reading : {Subnormals::printed, Subnormals::gradual}) {
        if (!s.clamps && reading == Subnormals::gradual) continue;
        for (const Rounding rounding : {Rounding::nearest_even, Rounding::stochastic}) {
          if (rounding == Rounding::stochastic && s.kind == Kind::shp && bias % 9 != 0) continue;
          const Descriptor d(s.kind, bias, rounding, reading);
          ExactGrid grid(s, d);
          ASSERT_TRUE(grid.ascends());
          double here = 0;
          for (std::size_t i = 0; i + 1 < grid.size(); ++i) {
            const std::uint32_t code =
                s.kind == Kind::uhp && i != 0 ? 0x3FF + static_cast<std::uint32_t>(i) : static_cast<std::uint32_t>(i);
            const bool last = i + 2 == grid.size();
            const double next = last ? std::ldexp(1, std::ilogb(here) + 1)
                                     : to_double(s.kind == Kind::uhp && i == 0 ? 0x400 : code + 1, d);
            for (const double v : {here, (here + next) / 2}) {
              const std::uint32_t x = fp32_bits(v);
              for (const std::uint32_t y : {x - 1, x, x + 1}) {
                if (y == 0 || y > 0x7F7F'FFFF) continue;  // zero, Inf and what is no number
                const auto r = static_cast<std::uint16_t>(random() % 4 == 0 ? random() % 4 * 0x4000 : random());
                const Coded want = grid.expect(y, i, r);
                const Coded got = convert(y, Descriptor(Kind::fp32), d, r);
                ASSERT_EQ(got, want) << name(s.kind) << " descriptor 0x" << std::hex << d.packed() << " input 0x" << y
                                     << " R 0x" << r << ": got 0x" << got.code << " flags " << int{got.flags}
                                     << ", expected 0x" << want.code << " flags " << int{want.flags};
                ++inputs;
              }
            }
            here = next;
          }
        }
      }
    }
  }
  std::cout << inputs << " inputs\n";
  EXPECT_GT(inputs, 25'000'000U);
}

}  // namespace
}  // namespace tatami::golden
