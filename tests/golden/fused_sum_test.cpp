// The fused sum against MPFR: the specification's steps redone on reals, and the properties that it promises.
#include "golden/fused_sum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "golden/convert.h"
#include "oracle.h"

namespace tatami::golden {
namespace {

using oracle::as_bits;
using oracle::as_float;
using oracle::Real;

struct Pair {
  Descriptor a, b;
};

/// Operand pairs: every kind with itself and with its neighbours of the same size, biases at the ends, both readings.
std::vector<Pair> pairs() {
  std::vector<Descriptor> eight;
  std::vector<Descriptor> sixteen = {Descriptor(Kind::bf16), Descriptor(Kind::uhp)};
  for (const Subnormals reading : {Subnormals::printed, Subnormals::gradual}) {
    for (const int bias : {0, 7, 15, 63}) {
      eight.emplace_back(Kind::cfloat8_1_4_3, bias, Rounding::nearest_even, reading);
      eight.emplace_back(Kind::cfloat8_1_5_2, bias, Rounding::nearest_even, reading);
      sixteen.emplace_back(Kind::shp, bias, Rounding::nearest_even, reading);
    }
  }
  std::vector<Pair> all;
  for (const auto& family : {eight, sixteen}) {
    for (const Descriptor a : family) {
      for (const Descriptor b : family) all.push_back({a, b});
    }
  }
  return all;
}

std::string describe(const Pair& p) {
  const auto one = [](Descriptor d) {
    return std::string(name(d.kind())) + "/" + std::to_string(d.bias_field()) +
           (d.subnormals() == Subnormals::gradual ? "g" : "p");
  };
  return one(p.a) + " x " + one(p.b);
}

/// One element's inputs as codes.
struct Element {
  std::array<std::uint32_t, kGroup> a{};
  std::array<std::uint32_t, kGroup> b{};
  std::uint32_t acc = 0;
};

Lane fused(const Element& x, const Pair& p) {
  std::array<Unpacked, kGroup> a;
  std::array<Unpacked, kGroup> b;
  for (std::size_t k = 0; k < kGroup; ++k) {
    a[k] = decode(x.a[k], p.a);
    b[k] = decode(x.b[k], p.b);
  }
  return fused_group(x.acc, a, p.a, b, p.b);
}

/// The nominal exponent e of section 5, from the fields.
int nominal_exponent(std::uint32_t code, Descriptor d) {
  const int m = info(d.kind()).mantissa_bits;
  const int field = static_cast<int>(code >> m) % (1 << info(d.kind()).exponent_bits);
  return (field == 0 && d.gradual_underflow() ? 1 : field) - d.bias();
}

struct ExactTerm {
  Real value;
  int exponent = 0;
  bool negative = false;  ///< of a zero too
};

std::vector<ExactTerm> exact_terms(const Element& x, const Pair& p) {
  std::vector<ExactTerm> terms;
  for (std::size_t k = 0; k < kGroup; ++k) {
    const double a = to_double(x.a[k], p.a);
    const double b = to_double(x.b[k], p.b);
    terms.push_back({Real(a) * Real(b), nominal_exponent(x.a[k], p.a) + nominal_exponent(x.b[k], p.b),
                     std::signbit(a) != std::signbit(b)});
  }
  const int field = static_cast<int>(x.acc >> 23 & 0xFF);
  terms.push_back({Real(as_float(x.acc)), std::max(field, 1) - 127, x.acc >> 31 != 0});
  return terms;
}

/// Section 5.2 on reals; also what 5.4 needs.
struct Expected {
  Lane lane;             ///< without Denormal
  Real exact;            ///< the sum with nothing dropped
  int anchor = 0;        ///< E
  int losing_terms = 0;  ///< d
  bool has_terms = false;
};

Expected expect(const Element& x, const Pair& p) {
  const std::vector<ExactTerm> terms = exact_terms(x, p);
  Expected r;
  bool all_negative = true;
  for (const ExactTerm& t : terms) {
    all_negative = all_negative && t.negative;
    if (t.value.sign() == 0) continue;
    r.anchor = r.has_terms ? std::max(r.anchor, t.exponent) : t.exponent;
    r.has_terms = true;
  }
  if (!r.has_terms) {
    r.lane.bits = all_negative ? kFp32SignBit : 0;
    return r;
  }
  Real sum;
  for (const ExactTerm& t : terms) {
    const Real units = t.value.scaled(50 - r.anchor);
    const Real kept = units.truncated();
    if (!(kept == units)) ++r.losing_terms;
    sum = sum + kept;
    r.exact = r.exact + t.value;
  }
  if (sum.sign() == 0) return r;
  const oracle::Rounded rounded = oracle::round_to_binary32(sum.scaled(r.anchor - 50));
  r.lane.bits = as_bits(rounded.value) | (sum.sign() < 0 ? kFp32SignBit : 0);
  if (rounded.overflow) r.lane.flags |= kOverflow;
  if (rounded.underflow) r.lane.flags |= kUnderflow;
  return r;
}

/// Elements of all shapes: uniform codes, and accumulators chosen near the products, near cancellation, or anywhere.
class Elements {
 public:
  explicit Elements(unsigned seed) : random_(seed) {}

  std::uint32_t word() { return static_cast<std::uint32_t>(random_()); }

  std::uint32_t code(Descriptor d) {
    std::uint32_t c = word() & ((1U << d.bits()) - 1);
    if (word() % 8 == 0) c &= 1U << (d.bits() - 1);  // a zero of either sign
    // The lowest two exponent fields: subnormals and what borders them.
    if (word() % 8 == 0) c &= 1U << (d.bits() - 1) | (2 * smallest_normal_code(d) - 1);
    return c;
  }

  /// Finite operands only.
  std::uint32_t finite_code(Descriptor d) {
    for (;;) {
      const std::uint32_t c = code(d);
      const Class cls = decode(c, d).cls;
      if (cls == Class::zero || cls == Class::finite) return c;
    }
  }

  Element finite(const Pair& p) {
    Element x;
    for (std::size_t k = 0; k < kGroup; ++k) {
      x.a[k] = finite_code(p.a);
      x.b[k] = finite_code(p.b);
    }
    if (word() % 4 == 0) {  // repeat a product with the other sign, so that sums cancel
      x.a[1] = x.a[0];
      x.b[1] = info(p.b.kind()).has_sign ? x.b[0] ^ 1U << (p.b.bits() - 1) : x.b[0];
    }
    x.acc = accumulator(x, p);
    return x;
  }

 private:
  std::uint32_t accumulator(const Element& x, const Pair& p) {
    double sum = 0;
    for (std::size_t k = 0; k < kGroup; ++k) sum += to_double(x.a[k], p.a) * to_double(x.b[k], p.b);
    std::uint32_t bits = 0;
    switch (word() % 6) {
      case 0: bits = word(); break;
      case 1: bits = word() & 0x80FF'FFFF; break;  // subnormal or nearly so
      case 2: bits = word() & kFp32SignBit; break;
      case 3: bits = as_bits(static_cast<float>(-sum)); break;
      case 4: bits = as_bits(static_cast<float>(-sum)) + word() % 9 - 4; break;
      default: bits = as_bits(static_cast<float>(std::ldexp(sum, static_cast<int>(word() % 120) - 60))); break;
    }
    return (bits & kFp32Infinity) == kFp32Infinity ? bits & 0x807F'FFFF : bits;
  }

  std::mt19937 random_;
};

TEST(FusedSum, IsTheSpecificationOnReals) {
  Elements elements(1);
  int flagged = 0;
  for (const Pair& p : pairs()) {
    for (int n = 0; n < 500; ++n) {
      const Element x = elements.finite(p);
      const Lane got = fused(x, p);
      const Lane expected = expect(x, p).lane;
      ASSERT_EQ(got.bits, expected.bits) << describe(p) << " acc 0x" << std::hex << x.acc;
      ASSERT_EQ(got.flags & ~kDenormal, expected.flags) << describe(p) << " acc 0x" << std::hex << x.acc;
      flagged += expected.flags != 0 ? 1 : 0;
    }
  }
  EXPECT_GT(flagged, 100) << "overflow and underflow are reached";
}

TEST(FusedSum, CorrectlyRoundedWhenNothingIsDropped) {
  Elements elements(2);
  int inside = 0;
  for (const Pair& p : pairs()) {
    for (int n = 0; n < 200; ++n) {
      const Element x = elements.finite(p);
      const Expected e = expect(x, p);
      if (e.losing_terms != 0 || e.exact.sign() == 0) continue;
      ++inside;
      ASSERT_EQ(as_float(fused(x, p).bits), oracle::round_to_binary32(e.exact).value) << describe(p);
    }
  }
  EXPECT_GT(inside, 20'000);
}

// The result is the rounding of some s' with |s' - s| < d * 2^(E-50). Rounding is monotonic, so it lies between the
// roundings of the ends.
TEST(FusedSum, ErrorBound) {
  Elements elements(3);
  int outside = 0;
  for (const Pair& p : pairs()) {
    for (int n = 0; n < 300; ++n) {
      const Element x = elements.finite(p);
      const Expected e = expect(x, p);
      if (e.losing_terms == 0) continue;
      ++outside;
      ASSERT_LE(e.losing_terms, 4);
      const Real slack = Real(e.losing_terms).scaled(e.anchor - 50);
      const float result = as_float(fused(x, p).bits);
      ASSERT_LE(oracle::round_to_binary32(e.exact - slack).value, result) << describe(p);
      ASSERT_GE(oracle::round_to_binary32(e.exact + slack).value, result) << describe(p);
    }
  }
  EXPECT_GT(outside, 5'000);
}

TEST(FusedSum, OrderDoesNotMatter) {
  Elements elements(4);
  for (const Pair& p : pairs()) {
    for (int n = 0; n < 20; ++n) {
      Element x = elements.finite(p);
      const Lane first = fused(x, p);
      std::array<std::size_t, kGroup> order = {0, 1, 2, 3};
      while (std::next_permutation(order.begin(), order.end())) {
        Element y = x;
        for (std::size_t k = 0; k < kGroup; ++k) {
          y.a[k] = x.a[order[k]];
          y.b[k] = x.b[order[k]];
        }
        ASSERT_EQ(fused(y, p), first) << describe(p);
      }
    }
  }
}

// Section 5.4: CFloat8_1_4_3, one pair of biases, from zero, every group is correctly rounded up to K = 8192 with
// `printed`, 32768 with `gradual`.
TEST(FusedSum, Cfloat8_1_4_3IsCorrectlyRoundedUpToItsK) {
  std::mt19937 random(5);
  for (const Subnormals reading : {Subnormals::printed, Subnormals::gradual}) {
    const int depth = reading == Subnormals::printed ? 8192 : 32768;
    for (const auto& [bias_a, bias_b] : {std::pair{0, 0}, std::pair{7, 7}, std::pair{63, 63}, std::pair{0, 63}}) {
      const Pair p = {{Kind::cfloat8_1_4_3, bias_a, Rounding::nearest_even, reading},
                      {Kind::cfloat8_1_4_3, bias_b, Rounding::nearest_even, reading}};
      for (int shape = 0; shape < 4; ++shape) {
        Element x;
        for (int k = 0; k < depth; k += kGroup) {
          for (std::size_t i = 0; i < kGroup; ++i) {
            switch (shape) {
              case 0:  // anything
                x.a[i] = random() & 0xFF;
                x.b[i] = random() & 0xFF;
                break;
              case 1: x.a[i] = x.b[i] = 0x7F; break;  // the largest, always upwards
              case 2:                                 // upwards, with the smallest subnormals among them
                x.a[i] = i == 3 ? 1 : 0x7F;
                x.b[i] = i == 3 ? 1 : 0x7F;
                break;
              default:  // upwards and back down to nearly nothing
                x.a[i] = i == 3 ? 1 + random() % 15 : 0x70 + random() % 16;
                x.b[i] = (i == 3 ? 1 : 0x7F) | (k >= depth / 2 ? 0x80 : 0);
                break;
            }
          }
          Real exact(as_float(x.acc));
          for (std::size_t i = 0; i < kGroup; ++i) {
            exact = exact + Real(to_double(x.a[i], p.a)) * Real(to_double(x.b[i], p.b));
          }
          x.acc = fused(x, p).bits;
          ASSERT_EQ(as_float(x.acc), oracle::round_to_binary32(exact).value) << describe(p) << " k " << k;
        }
      }
    }
  }
}

// Section 5.4: over K the error is below (K/4) (2^-24 + 2^-48) times the largest group's sum of magnitudes.
TEST(FusedSum, ErrorBoundOverK) {
  std::mt19937 random(6);
  for (const Kind kind : {Kind::bf16, Kind::shp, Kind::cfloat8_1_5_2}) {
    const Descriptor d(kind, 15);
    const Pair p = {d, d};
    double closest = 0;
    for (int run = 0; run < 40; ++run) {
      Element x;
      Real exact(0.0), largest(0.0);
      constexpr int kDepth = 512;
      for (int k = 0; k < kDepth; k += kGroup) {
        Real magnitude(std::fabs(as_float(x.acc)));
        for (std::size_t i = 0; i < kGroup; ++i) {
          const auto operand = [&] {
            const double v = std::ldexp(1 + (random() % 1024) / 1024.0, static_cast<int>(random() % 8) - 4);
            return encode_double(run % 2 == 0 && random() % 2 != 0 ? -v : v, d).code;
          };
          x.a[i] = operand();
          x.b[i] = operand();
          const Real product = Real(to_double(x.a[i], d)) * Real(to_double(x.b[i], d));
          exact = exact + product;
          magnitude = magnitude + (product.sign() < 0 ? Real(0.0) - product : product);
        }
        if (largest < magnitude) largest = magnitude;
        x.acc = fused(x, p).bits;
      }
      Real error = Real(as_float(x.acc)) - exact;
      if (error.sign() < 0) error = Real(0.0) - error;
      const Real bound = largest * Real((0x1p-24 + 0x1p-48) * kDepth / kGroup);
      ASSERT_TRUE(error < bound) << describe(p);
      closest = std::max(closest, mpfr_get_d(error.get(), MPFR_RNDN) / mpfr_get_d(bound.get(), MPFR_RNDN));
    }
    EXPECT_GT(closest, 0.001) << "sums are rounded";
  }
}

// Beyond the window a product is dropped without a trace; the accumulator alone decides.
TEST(FusedSum, TheWindowIsFiftyBits) {
  const Pair p = {Descriptor(Kind::bf16), Descriptor(Kind::bf16)};
  const auto bf16 = [](double v) { return encode_double(v, Descriptor(Kind::bf16)).code; };
  Element x;
  x.a = {bf16(1.0), bf16(-1.0), bf16(0x1p-25), 0};
  x.b = {bf16(1.0), bf16(1.0), bf16(0x1p-25), 0};
  EXPECT_EQ(as_float(fused(x, p).bits), 0x1p-50F) << "weight 2^(E-50) is the last one inside";
  x.b[2] = bf16(0x1p-26);
  EXPECT_EQ(as_float(fused(x, p).bits), 0.0F) << "2^(E-51) is dropped";
  x.b[2] = bf16(-0x1p-26);
  EXPECT_EQ(fused(x, p).bits, 0U) << "truncation acts on the magnitude, so -2^(E-51) is dropped too";
  x.a[1] = 0;
  EXPECT_EQ(as_float(fused(x, p).bits), 1.0F);
}

TEST(FusedSum, NoStickyBit) {
  const Pair p = {Descriptor(Kind::bf16), Descriptor(Kind::bf16)};
  const auto bf16 = [](double v) { return encode_double(v, Descriptor(Kind::bf16)).code; };
  Element x;
  x.acc = as_bits(1.0F);
  x.a = {bf16(0x1p-12), bf16(0x1p-30), 0, 0};  // 1 + 2^-24 + 2^-60: the exact sum rounds up, the window sees a tie
  x.b = {bf16(0x1p-12), bf16(0x1p-30), 0, 0};
  EXPECT_EQ(as_float(fused(x, p).bits), 1.0F);
  x.a[1] = bf16(0x1p-20);  // 2^-50 is inside
  EXPECT_EQ(as_float(fused(x, p).bits), 1.0F + 0x1p-23F);
}

TEST(FusedSum, TheAnchorIsTheNominalExponent) {
  // SHP, printed: the subnormal 0x0001 has value 2^-10 * 2^-b but anchors at 2^-b.
  const Pair p = {Descriptor(Kind::shp, 0), Descriptor(Kind::shp, 0)};
  Element x;
  x.a = {0x0001, 0, 0, 0};
  x.b = {0x0001, 0, 0, 0};  // 2^-20, nominal 0
  x.acc = as_bits(0x1p-50F);
  EXPECT_EQ(as_float(fused(x, p).bits), 0x1p-20F) << "rounding 2^-20 + 2^-50";
  x.acc = as_bits(-0x1p-20F + 0x1p-44F);
  EXPECT_EQ(as_float(fused(x, p).bits), 0x1p-44F);
  x.acc = as_bits(0x1p-51F);
  x.a[1] = 0x0001;
  x.b[1] = 0x8001;  // the two products cancel, 2^(E-51) is dropped
  EXPECT_EQ(fused(x, p).bits, 0U);
  x.a = {0, 0, 0, 0};  // zeros do not anchor
  EXPECT_EQ(as_float(fused(x, p).bits), 0x1p-51F);
}

TEST(FusedSum, SignsOfZero) {
  const Pair p = {Descriptor(Kind::cfloat8_1_4_3, 7), Descriptor(Kind::cfloat8_1_4_3, 7)};
  Element x;
  x.acc = kFp32SignBit;
  x.a = {0x80, 0x80, 0x80, 0x80};
  x.b = {0x00, 0x38, 0x00, 0x00};
  EXPECT_EQ(fused(x, p), (Lane{kFp32SignBit, 0})) << "five negative zeros";
  x.b[2] = 0x80;
  EXPECT_EQ(fused(x, p), (Lane{0, 0})) << "one positive zero among them";
  x.b[2] = 0;
  x.acc = 0;
  EXPECT_EQ(fused(x, p), (Lane{0, 0})) << "the accumulator is positive";
  x.acc = as_bits(-1.0F);
  x.a[0] = x.b[0] = 0x38;
  EXPECT_EQ(fused(x, p), (Lane{0, 0})) << "a cancelled sum is +0";
}

TEST(FusedSum, SpecialsAndFlags) {
  const Pair bf = {Descriptor(Kind::bf16), Descriptor(Kind::bf16)};
  constexpr std::uint32_t kOne = 0x3F80, kInf = 0x7F80, kMinusInf = 0xFF80, kQuiet = 0x7FC1, kSignaling = 0x7F81;
  const auto run = [&](std::uint32_t a, std::uint32_t b, std::uint32_t acc) {
    Element x;
    x.a = {a, kOne, 0, 0};
    x.b = {b, kOne, 0, 0};
    x.acc = acc;
    return fused(x, bf);
  };
  EXPECT_EQ(run(kInf, kOne, 0), (Lane{kFp32Infinity, 0}));
  EXPECT_EQ(run(kMinusInf, kOne, 0), (Lane{kFp32Infinity | kFp32SignBit, 0}));
  EXPECT_EQ(run(kInf, kOne, kFp32Infinity | kFp32SignBit), (Lane{kFp32CanonicalNan, kInvalid}));
  EXPECT_EQ(run(kInf, 0, 0), (Lane{kFp32CanonicalNan, kInvalid}));
  EXPECT_EQ(run(kInf, 0, 0x7FC0'0000), (Lane{kFp32CanonicalNan, 0})) << "an operand was NaN";
  EXPECT_EQ(run(kInf, 1, 0), (Lane{kFp32Infinity, kDenormal})) << "a subnormal is not zero";
  EXPECT_EQ(run(kQuiet, kOne, 0), (Lane{kFp32CanonicalNan, 0}));
  EXPECT_EQ(run(kSignaling, kOne, 0), (Lane{kFp32CanonicalNan, kInvalid}));
  EXPECT_EQ(run(kOne, kOne, 0x7F80'0001), (Lane{kFp32CanonicalNan, kInvalid}));
  EXPECT_EQ(run(kOne, kOne, 0xFF80'0000), (Lane{0xFF80'0000, 0}));
  EXPECT_EQ(run(kOne, kOne, 1).flags, kDenormal);
  EXPECT_EQ(run(0x7F7F, 0x7F7F, 0), (Lane{kFp32Infinity, kOverflow}));

  const Pair uhp = {Descriptor(Kind::uhp), Descriptor(Kind::uhp)};
  Element x;
  x.a = {0xFC00, 0, 0, 0};
  x.b = {0x0001, 0, 0, 0};
  EXPECT_EQ(fused(x, uhp), (Lane{kFp32CanonicalNan, kInvalid | kDenormal})) << "a flushed subnormal is 0: 0 * Inf";
}

// --- the fast form -------------------------------------------------------------------------------------------------

using Bytes = std::array<std::uint8_t, 64>;

Bytes panel(Descriptor d, const std::function<std::uint32_t()>& code) {
  Bytes bytes{};
  const std::size_t size = static_cast<std::size_t>(d.bytes());
  for (std::size_t i = 0; i < 64 / size; ++i) {
    const std::uint32_t c = code();
    for (std::size_t b = 0; b < size; ++b) bytes[i * size + b] = static_cast<std::uint8_t>(c >> (8 * b));
  }
  return bytes;
}

void expect_fast_is_reference(const Pair& p, const Bytes& a, const Bytes& b, std::array<std::uint32_t, 64> tile,
                              bool zero_first) {
  std::array<std::uint32_t, 64> reference = tile;
  const Flags expected = mma_reference(reference, a, b, p.a, p.b, zero_first);
  const Flags got = mma(tile, a, b, p.a, p.b, zero_first);
  ASSERT_EQ(tile, reference) << describe(p);
  ASSERT_EQ(got, expected) << describe(p);
}

TEST(Mma, FastEqualsReferenceOnAnyBits) {
  Elements elements(6);
  for (const Pair& p : pairs()) {
    for (int n = 0; n < 12; ++n) {
      const bool finite = n % 3 != 0;
      const auto code = [&](Descriptor d) { return finite ? elements.finite_code(d) : elements.code(d); };
      const Bytes a = panel(p.a, [&] { return code(p.a); });
      const Bytes b = panel(p.b, [&] { return code(p.b); });
      std::array<std::uint32_t, 64> tile{};
      for (auto& x : tile) {
        x = n % 4 == 0 ? elements.word() : elements.finite(p).acc;
        if (n % 6 == 1) x &= kFp32SignBit;
      }
      ASSERT_NO_FATAL_FAILURE(expect_fast_is_reference(p, a, b, tile, n % 4 == 1));
    }
  }
}

TEST(Mma, FastEqualsReferenceOnChains) {
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  for (const Pair& p : pairs()) {
    std::array<std::uint32_t, 64> fast{};
    std::array<std::uint32_t, 64> reference{};
    // Scaled to the middle of the formats, so that values look like those of a real product.
    const double scale_a = std::sqrt(smallest_normal(p.a) * largest(p.a));
    const double scale_b = std::sqrt(smallest_normal(p.b) * largest(p.b));
    for (int step = 0; step < 12; ++step) {
      const Bytes a = panel(p.a, [&] { return encode_double(scale_a * normal(random), p.a).code; });
      const Bytes b = panel(p.b, [&] { return encode_double(scale_b * normal(random), p.b).code; });
      const Flags expected = mma_reference(reference, a, b, p.a, p.b, step == 0);
      ASSERT_EQ(mma(fast, a, b, p.a, p.b, step == 0), expected) << describe(p);
      ASSERT_EQ(fast, reference) << describe(p);
    }
  }
}

TEST(Mma, Sparse) {
  Elements elements(8);
  for (const Pair& p : pairs()) {
    const auto mostly_zero = [&](Descriptor d) {
      return elements.word() % 8 == 0 ? elements.finite_code(d) : elements.word() % 2 << (d.bits() - 1);
    };
    const Bytes a = panel(p.a, [&] { return mostly_zero(p.a); });
    const Bytes b = panel(p.b, [&] { return mostly_zero(p.b); });
    std::array<std::uint32_t, 64> tile{};
    for (auto& x : tile) x = elements.word() & kFp32SignBit;
    ASSERT_NO_FATAL_FAILURE(expect_fast_is_reference(p, a, b, tile, false));
    ASSERT_NO_FATAL_FAILURE(expect_fast_is_reference(p, a, b, tile, true));
  }
}

// Layout of panels and the two groups of 8-bit kinds, with one non-zero product at a time.
TEST(Mma, PanelLayout) {
  for (const Pair& p : {Pair{Descriptor(Kind::cfloat8_1_4_3, 7), Descriptor(Kind::cfloat8_1_5_2, 15)},
                        Pair{Descriptor(Kind::bf16), Descriptor(Kind::shp, 15)}}) {
    const int depth = mma_depth(p.a);
    ASSERT_EQ(depth, p.a.bits() == 8 ? 8 : 4);
    const std::size_t size = static_cast<std::size_t>(p.a.bytes());
    const std::uint32_t two = encode_double(2, p.a).code;
    const std::uint32_t three = encode_double(3, p.b).code;
    for (int i = 0; i < 8; ++i) {
      for (int j = 0; j < 8; ++j) {
        for (int k = 0; k < depth; ++k) {
          Bytes a{};
          Bytes b{};
          const auto put = [&](Bytes& bytes, int element, std::uint32_t code) {
            bytes[static_cast<std::size_t>(element) * size] = static_cast<std::uint8_t>(code);
            if (size == 2) bytes[static_cast<std::size_t>(element) * size + 1] = static_cast<std::uint8_t>(code >> 8);
          };
          put(a, i * depth + k, two);
          put(b, 8 * k + j, three);
          std::array<std::uint32_t, 64> tile{};
          tile.fill(as_bits(1.0F));
          EXPECT_EQ(mma(tile, a, b, p.a, p.b, false), 0);
          for (int n = 0; n < 64; ++n) {
            ASSERT_EQ(as_float(tile[static_cast<std::size_t>(n)]), n == 8 * i + j ? 7.0F : 1.0F);
          }
        }
      }
    }
  }
}

TEST(Mma, ZeroFirstIgnoresTheTile) {
  const Pair p = {Descriptor(Kind::bf16), Descriptor(Kind::bf16)};
  std::array<std::uint32_t, 64> tile{};
  tile.fill(0x7F80'0001);  // signaling
  EXPECT_EQ(mma(tile, Bytes{}, Bytes{}, p.a, p.b, true), 0);
  EXPECT_EQ(tile, (std::array<std::uint32_t, 64>{}));
}

TEST(Mma, ValidOperandPairs) {
  const Descriptor c143(Kind::cfloat8_1_4_3, 7), c152(Kind::cfloat8_1_5_2, 15), bf16(Kind::bf16), fp32(Kind::fp32);
  EXPECT_TRUE(mma_operands_valid(c143, c152));
  EXPECT_TRUE(mma_operands_valid(bf16, Descriptor(Kind::uhp)));
  EXPECT_FALSE(mma_operands_valid(c143, bf16));
  EXPECT_FALSE(mma_operands_valid(fp32, fp32));
  EXPECT_FALSE(mma_operands_valid(bf16, Descriptor(std::uint16_t{0x1001})));
  EXPECT_FALSE(mma_operands_valid(Descriptor(std::uint16_t{6}), bf16));
}

}  // namespace
}  // namespace tatami::golden
