// FP32 lanes against MPFR (values, Overflow, Underflow) and against the host's FPU (values and all its flags).
#include "golden/fp32.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cfenv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

#include "oracle.h"

namespace tatami::golden {
namespace {

using oracle::as_bits;
using oracle::as_float;
using oracle::Real;

bool is_nan(std::uint32_t x) { return (x & 0x7FFF'FFFF) > kFp32Infinity; }
bool is_signaling(std::uint32_t x) { return is_nan(x) && (x & 0x40'0000) == 0; }
bool is_infinite(std::uint32_t x) { return (x & 0x7FFF'FFFF) == kFp32Infinity; }
bool is_zero(std::uint32_t x) { return (x & 0x7FFF'FFFF) == 0; }
bool is_subnormal(std::uint32_t x) { return (x & kFp32Infinity) == 0 && !is_zero(x); }
bool is_negative(std::uint32_t x) { return (x & kFp32SignBit) != 0; }

/// Patterns at which arithmetic changes its mind, of both signs.
std::vector<std::uint32_t> corners() {
  std::vector<std::uint32_t> v = {0x0000'0000, 0x0000'0001, 0x0000'0002, 0x0040'0000, 0x007F'FFFF, 0x0080'0000,
                                  0x0080'0001, 0x00FF'FFFF, 0x0100'0000, 0x0B80'0000, 0x1F80'0000, 0x2000'0001,
                                  0x3300'0000, 0x3380'0000, 0x3380'0001, 0x3400'0000, 0x3F00'0000, 0x3F7F'FFFF,
                                  0x3F80'0000, 0x3F80'0001, 0x3FC0'0000, 0x4B00'0000, 0x4B7F'FFFF, 0x4B80'0001,
                                  0x4EFF'FFFF, 0x4F00'0000, 0x4F80'0000, 0x5F80'0000, 0x7E80'0000, 0x7EFF'FFFF,
                                  0x7F00'0000, 0x7F7F'FFFF, 0x7F80'0000, 0x7F80'0001, 0x7FC0'0000, 0x7FFF'FFFF};
  const std::size_t n = v.size();
  for (std::size_t i = 0; i < n; ++i) v.push_back(v[i] | kFp32SignBit);
  return v;
}

/// Any pattern; often of a moderate exponent, with runs of zeros and ones, or near another operand.
class Patterns {
 public:
  explicit Patterns(unsigned seed) : random_(seed) {}

  std::uint32_t any() {
    const std::uint32_t x = word();
    switch (word() % 4) {
      case 0: return x;
      case 1: return (x & 0x807F'FFFF) | (97 + word() % 60) << 23;
      case 2: return (x & 0x8000'0000) | (97 + word() % 60) << 23 | (run() & 0x7F'FFFF);
      default: return (x & 0x807F'FFFF) | (word() % 30) << 23;
    }
  }
  /// Close to x in exponent, often of opposite sign: cancellation and halfway cases.
  std::uint32_t near(std::uint32_t x) {
    const std::uint32_t field = (x >> 23 & 0xFF) + word() % 52 - 26;
    const std::uint32_t fraction = word() % 2 == 0 ? word() : x + word() % 5 - 2;
    return (word() & kFp32SignBit) | (field & 0xFF) << 23 | (fraction & 0x7F'FFFF);
  }
  std::uint32_t word() { return static_cast<std::uint32_t>(random_()); }

 private:
  std::uint32_t run() { return (1U << word() % 24) - (1U << word() % 24); }

  std::mt19937 random_;
};

/// a*b + c by MPFR and the rules of section 4.
Lane fma_oracle(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  Flags flags = 0;
  if (is_signaling(a) || is_signaling(b) || is_signaling(c)) flags |= kInvalid;
  if (is_subnormal(a) || is_subnormal(b) || is_subnormal(c)) flags |= kDenormal;
  if ((is_infinite(a) && is_zero(b)) || (is_zero(a) && is_infinite(b))) flags |= kInvalid;
  const float x = as_float(a);
  const float y = as_float(b);
  const float z = as_float(c);
  if (is_nan(a) || is_nan(b) || is_nan(c) || (flags & kInvalid) != 0) return {kFp32CanonicalNan, flags};
  const bool negative = is_negative(a) != is_negative(b);
  if (is_infinite(a) || is_infinite(b)) {
    if (is_infinite(c) && is_negative(c) != negative) {
      return {kFp32CanonicalNan, static_cast<Flags>(flags | kInvalid)};
    }
    return {kFp32Infinity | (negative ? kFp32SignBit : 0), flags};
  }
  if (is_infinite(c)) return {c, flags};
  const Real product = Real(x) * Real(y);
  const Real sum = product + Real(z);
  if (sum.sign() == 0) {
    const bool both_negative = negative && is_negative(c) && product.sign() == 0;
    return {both_negative ? kFp32SignBit : 0, flags};
  }
  const oracle::Rounded r = oracle::round_to_binary32(sum);
  if (r.overflow) flags |= kOverflow;
  if (r.underflow) flags |= kUnderflow;
  std::uint32_t bits = as_bits(r.value);
  if (sum.sign() < 0) bits |= kFp32SignBit;
  return {bits, flags};
}

// IEEE: a + b is 1*a + b exactly, and a*b is a*b + a zero of the product's sign; each way has its own flags right.
Lane add_oracle(std::uint32_t a, std::uint32_t b) { return fma_oracle(a, 0x3F80'0000, b); }
Lane mul_oracle(std::uint32_t a, std::uint32_t b) { return fma_oracle(a, b, (a ^ b) & kFp32SignBit); }

struct Triple {
  std::uint32_t a, b, c;
};

std::vector<Triple> triples() {
  std::vector<Triple> all;
  const std::vector<std::uint32_t> v = corners();
  for (std::size_t i = 0; i < v.size(); ++i) {
    for (std::size_t j = 0; j < v.size(); ++j) {
      for (std::size_t k = (i + j) % 5; k < v.size(); k += 5) all.push_back({v[i], v[j], v[k]});
    }
  }
  Patterns p(1);
  for (int n = 0; n < 60'000; ++n) {
    const std::uint32_t a = p.any();
    const std::uint32_t b = n % 3 == 0 ? p.near(a) : p.any();
    const auto product = as_bits(as_float(a) * as_float(b));
    all.push_back({a, b, n % 2 == 0 ? p.near(product) : p.any()});
  }
  return all;
}

#define EXPECT_LANE(got, expected, t)                                                                                 \
  do {                                                                                                                \
    const Lane g = (got);                                                                                             \
    const Lane e = (expected);                                                                                        \
    ASSERT_EQ(g, e) << #got << std::hex << " a 0x" << (t).a << " b 0x" << (t).b << " c 0x" << (t).c << ": got 0x"     \
                    << g.bits << " flags " << int{g.flags} << ", expected 0x" << e.bits << " flags " << int{e.flags}; \
  } while (false)

TEST(Fp32, MultiplyAddFamilyIsMpfr) {
  int finite = 0;
  for (const Triple& t : triples()) {
    EXPECT_LANE(fma(t.a, t.b, t.c), fma_oracle(t.a, t.b, t.c), t);
    const std::uint32_t n = kFp32SignBit;
    switch ((t.a ^ t.b ^ t.c) % 4) {
      case 0: EXPECT_LANE(fmacc(t.c, t.a, t.b), fma_oracle(t.a, t.b, t.c), t); break;
      case 1: EXPECT_LANE(fmsac(t.c, t.a, t.b), fma_oracle(t.a, t.b, t.c ^ n), t); break;
      case 2: EXPECT_LANE(fnmsac(t.c, t.a, t.b), fma_oracle(t.a ^ n, t.b, t.c), t); break;
      default: EXPECT_LANE(fnmacc(t.c, t.a, t.b), fma_oracle(t.a ^ n, t.b, t.c ^ n), t); break;
    }
    if (std::isfinite(as_float(t.a)) && std::isfinite(as_float(t.b)) && std::isfinite(as_float(t.c))) ++finite;
  }
  EXPECT_GT(finite, 100'000);
}

TEST(Fp32, AddSubtractMultiplyAreMpfr) {
  std::vector<Triple> all;
  for (const std::uint32_t a : corners()) {
    for (const std::uint32_t b : corners()) all.push_back({a, b, 0});
  }
  Patterns p(2);
  for (int n = 0; n < 60'000; ++n) {
    const std::uint32_t a = p.any();
    all.push_back({a, n % 2 == 0 ? p.near(a) : p.any(), 0});
  }
  for (const Triple& t : all) {
    EXPECT_LANE(fadd(t.a, t.b), add_oracle(t.a, t.b), t);
    EXPECT_LANE(fsub(t.a, t.b), add_oracle(t.a, t.b ^ kFp32SignBit), t);
    EXPECT_LANE(fmul(t.a, t.b), mul_oracle(t.a, t.b), t);
  }
}

Flags host_flags() {
  const int raised = std::fetestexcept(FE_ALL_EXCEPT);
  Flags flags = 0;
  if ((raised & FE_INVALID) != 0) flags |= kInvalid;
  if ((raised & FE_OVERFLOW) != 0) flags |= kOverflow;
  if ((raised & FE_UNDERFLOW) != 0) flags |= kUnderflow;
  return flags;
}

/// Runs an operation on the host: its flags but Denormal, which IEEE does not have, and canonical NaNs.
template <typename Operation>
[[gnu::noinline]] Lane on_host(Operation operation) {
  std::feclearexcept(FE_ALL_EXCEPT);
  volatile float result = operation();
  const Flags flags = host_flags();
  const std::uint32_t bits = as_bits(result);
  return {is_nan(bits) ? kFp32CanonicalNan : bits, flags};
}

Lane without_denormal(Lane x) { return {x.bits, static_cast<Flags>(x.flags & ~kDenormal)}; }

TEST(Fp32, HostAgrees) {
  Patterns p(3);
  for (int n = 0; n < 2'000'000; ++n) {
    Triple t{p.any(), 0, 0};
    t.b = n % 2 == 0 ? p.near(t.a) : p.any();
    t.c = p.any();
    volatile float a = as_float(t.a);
    volatile float b = as_float(t.b);
    EXPECT_LANE(without_denormal(fadd(t.a, t.b)), on_host([&] { return a + b; }), t);
    EXPECT_LANE(without_denormal(fsub(t.a, t.b)), on_host([&] { return a - b; }), t);
    EXPECT_LANE(without_denormal(fmul(t.a, t.b)), on_host([&] { return a * b; }), t);
    if (n % 4 == 0) {
      const float product = a * b;
      const std::uint32_t c = n % 8 == 0 ? p.near(as_bits(product)) : t.c;
      const float expected = std::fma(a, b, as_float(c));
      const std::uint32_t bits = std::isnan(expected) ? kFp32CanonicalNan : as_bits(expected);
      ASSERT_EQ(fma(t.a, t.b, c).bits, bits) << std::hex << t.a << " * " << t.b << " + " << c;
    }
  }
}

TEST(Fp32, ComparisonsAndFlags) {
  std::vector<std::uint32_t> v = corners();
  Patterns p(4);
  for (int n = 0; n < 200; ++n) v.push_back(p.any());
  for (const std::uint32_t a : v) {
    for (const std::uint32_t b : v) {
      const Triple t{a, b, 0};
      const float x = as_float(a);
      const float y = as_float(b);
      const Flags denormal = is_subnormal(a) || is_subnormal(b) ? kDenormal : Flags{0};
      const Flags signaling = is_signaling(a) || is_signaling(b) ? kInvalid : Flags{0};
      const Flags unordered = is_nan(a) || is_nan(b) ? kInvalid : Flags{0};
      const auto mask = [](bool truth) { return truth ? 0xFFFF'FFFFU : 0U; };
      EXPECT_LANE(feq(a, b), (Lane{mask(x == y), static_cast<Flags>(denormal | signaling)}), t);
      EXPECT_LANE(flt(a, b), (Lane{mask(x < y), static_cast<Flags>(denormal | unordered)}), t);
      EXPECT_LANE(fle(a, b), (Lane{mask(x <= y), static_cast<Flags>(denormal | unordered)}), t);

      // minimumNumber by the total order of sign-magnitude integers, which has -0 < +0.
      const auto key = [](std::uint32_t bits) {
        return is_negative(bits) ? -std::int64_t{bits & 0x7FFF'FFFF} - 1 : std::int64_t{bits};
      };
      std::uint32_t least = key(a) < key(b) ? a : b;
      std::uint32_t greatest = key(a) < key(b) ? b : a;
      if (is_nan(a)) least = greatest = b;
      if (is_nan(b)) least = greatest = a;
      if (is_nan(a) && is_nan(b)) least = greatest = kFp32CanonicalNan;
      EXPECT_LANE(fmin(a, b), (Lane{least, static_cast<Flags>(denormal | signaling)}), t);
      EXPECT_LANE(fmax(a, b), (Lane{greatest, static_cast<Flags>(denormal | signaling)}), t);
    }
  }
}

TEST(Fp32, SignInjection) {
  EXPECT_EQ(fsgnj(0x3F80'0000, 0x8000'0001), 0xBF80'0000U);
  EXPECT_EQ(fsgnjn(0x3F80'0000, 0x8000'0001), 0x3F80'0000U);
  EXPECT_EQ(fsgnjx(0xFF80'0001, 0x8000'0000), 0x7F80'0001U) << "NaN payloads pass unchanged";
}

struct IntegerCase {
  Lane (*convert)(std::uint32_t);
  double least, greatest;
  bool nearest;
};

TEST(Fp32, ToIntegers) {
  const std::array<IntegerCase, 4> cases = {{{fcvt_w, -0x1p31, 0x1p31 - 1, true},
                                             {fcvt_wu, 0, 0x1p32 - 1, true},
                                             {fcvt_w_rtz, -0x1p31, 0x1p31 - 1, false},
                                             {fcvt_wu_rtz, 0, 0x1p32 - 1, false}}};
  std::vector<std::uint32_t> v = corners();
  for (const float x : {0.5F, 1.5F, 2.5F, 0.49999997F, 0.6F, 2147483520.0F, 4294967040.0F}) {
    v.push_back(as_bits(x));
    v.push_back(as_bits(-x));
  }
  Patterns p(5);
  for (int n = 0; n < 100'000; ++n) {
    const std::uint32_t x = p.any();
    v.push_back(n % 2 == 0 ? x : (x & 0x807F'FFFF) | (125 + p.word() % 36) << 23);
  }
  for (const IntegerCase& c : cases) {
    for (const std::uint32_t a : v) {
      Flags flags = is_subnormal(a) ? kDenormal : Flags{0};
      double value = c.greatest;
      if (!is_nan(a)) value = c.nearest ? std::nearbyint(as_float(a)) : std::trunc(as_float(a));
      if (is_nan(a) || value < c.least || value > c.greatest) flags |= kInvalid;
      value = std::clamp(value, c.least, c.greatest);
      const Triple t{a, 0, 0};
      EXPECT_LANE(c.convert(a), (Lane{static_cast<std::uint32_t>(static_cast<std::int64_t>(value)), flags}), t);
    }
  }
}

TEST(Fp32, FromIntegers) {
  Patterns p(6);
  for (int n = 0; n < 300'000; ++n) {
    const std::uint32_t a = n < 64 ? (n < 32 ? 1U << n : (2U << (n % 32)) - 1) : p.word() >> (p.word() % 32);
    const Triple t{a, 0, 0};
    EXPECT_LANE(fcvt_s_wu(a), (Lane{as_bits(static_cast<float>(a)), 0}), t);
    EXPECT_LANE(fcvt_s_w(a), (Lane{as_bits(static_cast<float>(static_cast<std::int32_t>(a))), 0}), t);
  }
  EXPECT_EQ(fcvt_s_w(0x8000'0000), (Lane{0xCF00'0000, 0}));
  EXPECT_EQ(fcvt_s_w(0), (Lane{0, 0}));
}

// Every table entry and the edges of the range, from the formula in doubles.
TEST(Fp32, ReciprocalSeed) {
  for (int e = -149; e <= 127; ++e) {
    for (int step = 0; step < 128; ++step) {
      const double x = std::ldexp(1 + step / 128.0 + 1e-4, e);
      const auto a = as_bits(static_cast<float>(x));
      const auto exact = static_cast<double>(as_float(a));  // subnormals hold fewer bits
      if (exact == 0) continue;
      const int exponent = std::ilogb(exact);
      const int i = static_cast<int>(std::floor((std::ldexp(exact, -exponent) - 1) * 128));
      const int seed = 65536 / (257 + 2 * i);
      const double result = std::ldexp(seed / 128.0, -exponent - 1);
      Flags flags = is_subnormal(a) ? kDenormal : Flags{0};
      std::uint32_t bits = as_bits(static_cast<float>(result));
      if (result < 0x1p-126) {
        bits = 0;
        flags |= kUnderflow;
      }
      if (is_infinite(bits)) flags |= kOverflow;
      const Triple t{a, 0, 0};
      EXPECT_LANE(frec7(a), (Lane{bits, flags}), t);
      EXPECT_LANE(frec7(a | kFp32SignBit), (Lane{bits | kFp32SignBit, flags}), t);
      ASSERT_NEAR(result * exact, 1, 1.0 / 64);
    }
  }
  EXPECT_EQ(frec7(0), (Lane{kFp32Infinity, 0}));
  EXPECT_EQ(frec7(kFp32SignBit), (Lane{kFp32SignBit | kFp32Infinity, 0}));
  EXPECT_EQ(frec7(kFp32SignBit | kFp32Infinity), (Lane{kFp32SignBit, 0}));
  EXPECT_EQ(frec7(0x7FC0'0001), (Lane{kFp32CanonicalNan, 0}));
  EXPECT_EQ(frec7(0x7F80'0001), (Lane{kFp32CanonicalNan, kInvalid}));
  EXPECT_EQ(frec7(0x3F80'0000), (Lane{as_bits(255.0F / 256), 0}));
}

TEST(Fp32, ReciprocalSquareRootSeed) {
  for (int e = -149; e <= 127; ++e) {
    for (int step = 0; step < 64; ++step) {
      const auto a = as_bits(static_cast<float>(std::ldexp(1 + step / 64.0 + 1e-4, e)));
      const auto exact = static_cast<double>(as_float(a));
      if (exact == 0) continue;
      const int exponent = std::ilogb(exact);
      const int parity = ((exponent % 2) + 2) % 2;
      const int i = static_cast<int>(std::floor((std::ldexp(exact, -exponent) - 1) * 64));
      const int seed = static_cast<int>(std::floor(std::sqrt(0x1p23 / ((129 + 2 * i) * (1 << parity)))));
      ASSERT_GE(seed, 128);
      ASSERT_LE(seed, 255);
      const double result = std::ldexp(seed / 128.0, -(exponent - parity) / 2 - 1);
      const Triple t{a, 0, 0};
      EXPECT_LANE(frsqrt7(a), (Lane{as_bits(static_cast<float>(result)), is_subnormal(a) ? kDenormal : Flags{0}}), t);
      ASSERT_NEAR(result * std::sqrt(exact), 1, 1.0 / 64);
      const Flags negative = kInvalid | (is_subnormal(a) ? kDenormal : 0);
      EXPECT_LANE(frsqrt7(a | kFp32SignBit), (Lane{kFp32CanonicalNan, negative}), t);
    }
  }
  EXPECT_EQ(frsqrt7(0), (Lane{kFp32Infinity, 0}));
  EXPECT_EQ(frsqrt7(kFp32SignBit), (Lane{kFp32SignBit | kFp32Infinity, 0}));
  EXPECT_EQ(frsqrt7(kFp32Infinity), (Lane{0, 0}));
  EXPECT_EQ(frsqrt7(kFp32SignBit | kFp32Infinity), (Lane{kFp32CanonicalNan, kInvalid}));
  EXPECT_EQ(frsqrt7(0x7FFF'FFFF), (Lane{kFp32CanonicalNan, 0}));
  EXPECT_EQ(frsqrt7(0xFF80'0001), (Lane{kFp32CanonicalNan, kInvalid}));
}

TEST(Fp32, ReductionsGoLevelByLevel) {
  Patterns p(7);
  for (int n = 0; n < 20'000; ++n) {
    std::array<std::uint32_t, 16> v{};
    for (auto& x : v) x = p.any();
    if (n % 2 == 0) {
      for (auto& x : v) x = (x & 0x807F'FFFF) | (120 + p.word() % 12) << 23;
    }
    Flags flags = 0;
    const auto sum = [&](std::uint32_t a, std::uint32_t b) {
      const Lane lane = fadd(a, b);
      flags |= lane.flags;
      return lane.bits;
    };
    const auto four = [&](std::size_t i) { return sum(sum(v[i], v[i + 1]), sum(v[i + 2], v[i + 3])); };
    const std::uint32_t total = sum(sum(four(0), four(4)), sum(four(8), four(12)));
    ASSERT_EQ(fredsum(v), (Lane{total, flags}));

    float least = std::numeric_limits<float>::infinity();
    float greatest = -least;
    for (std::uint32_t& x : v) {
      if (is_nan(x)) x |= 0x40'0000;  // the host's fmin treats signaling NaNs otherwise
      least = std::fmin(least, as_float(x));
      greatest = std::fmax(greatest, as_float(x));
    }
    ASSERT_EQ(as_float(fredmin(v).bits), least);
    ASSERT_EQ(as_float(fredmax(v).bits), greatest);
  }
}

TEST(Fp32, CommonRoundingEqualsTheGeneralOne) {
  std::mt19937_64 random(8);
  int taken = 0;
  for (int n = 0; n < 500'000; ++n) {
    const auto sum = static_cast<std::int64_t>(random()) >> (1 + random() % 62);
    if (sum == 0) continue;
    const auto exponent = static_cast<std::int32_t>(random() % 340) - 200;
    std::uint32_t bits = 0;
    if (!round_normal(sum, exponent, bits)) continue;
    ++taken;
    const auto magnitude = static_cast<std::uint64_t>(sum < 0 ? -sum : sum);
    ASSERT_EQ((Lane{bits, 0}), round_to_fp32(sum < 0, magnitude, exponent, false)) << sum << " * 2^" << exponent;
  }
  EXPECT_GT(taken, 200'000);
}

}  // namespace
}  // namespace tatami::golden
