// Comparisons, minima and maxima and conversions to integers on vectors of the kind that Berkeley TestFloat's level 1
// generates (fp/level_one.h), each alone beside harmless lanes, so that its own flags show. Expected values come from
// the host's comparisons and from integers, not from the golden model, which has to agree too. Seeds and reductions:
// golden.
// clang-format off
// sources: rtl/pkg/d1_pkg.sv rtl/simd/d1_simd_pkg.sv rtl/fp/d1_fp32_pkg.sv rtl/fp/d1_fp32_lanes.sv
// sources: rtl/fp/d1_fp32_lane_ops.sv rtl/fp/d1_fp32_reduce.sv
// cost: 5
// clang-format on
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <iostream>
#include <random>
#include <vector>

#include "Vd1_fp32_lanes.h"
#include "fp/level_one.h"
#include "golden/fp32.h"
#include "verilated.h"

namespace tatami::fp {
namespace {

using golden::Flags;
using golden::kDenormal;
using golden::kInvalid;
using golden::Lane;

/// d1_simd_pkg::FP_*
enum class Op : std::uint8_t {
  min = 0,
  max = 1,
  eq = 2,
  lt = 3,
  le = 4,
  to_int = 8,
  to_uint = 9,
  to_int_rtz = 10,
  to_uint_rtz = 11,
  rec7 = 12,
  rsqrt7 = 13,
  redmin = 14,
  redmax = 15
};

class LanesUnit {
 public:
  LanesUnit() {
    top_.clk_i = 0;
    top_.eval();
  }
  ~LanesUnit() { top_.final(); }

  /// One case in some lane, 1 and 1 in the others.
  void alone(Op op, std::uint32_t a, std::uint32_t b, Lane want) {
    place_ = (place_ + 5) % 16;
    for (std::size_t i = 0; i < 16; ++i) top_.a_i[i] = top_.b_i[i] = kOne;
    top_.a_i[place_] = a;
    top_.b_i[place_] = b;
    run(op);
    compare(op, a, b, want, place_);
  }

  void reduce(Op op, const std::array<std::uint32_t, 16>& a, Lane want) {
    for (std::size_t i = 0; i < 16; ++i) top_.a_i[i] = a[i];
    run(op);
    compare(op, a[0], a[1], want, 0);
    for (std::size_t i = 1; i < 16; ++i) EXPECT_EQ(top_.res_o[i], 0U);
  }

  std::uint64_t cases() const { return cases_; }
  bool failed() const { return failures_ > 5; }

 private:
  static constexpr std::uint32_t kOne = 0x3F80'0000;

  void run(Op op) {
    top_.op_i = static_cast<std::uint8_t>(op);
    top_.en_i = 1;
    top_.clk_i = 1;
    top_.eval();
    top_.clk_i = 0;
    top_.eval();
    ++cases_;
  }

  void compare(Op op, std::uint32_t a, std::uint32_t b, Lane want, std::size_t lane) {
    if (top_.res_o[lane] == want.bits && top_.flags_o == want.flags) return;
    if (++failures_ <= 5)
      ADD_FAILURE() << "operation " << static_cast<int>(op) << std::hex << ": a 0x" << a << " b 0x" << b
                    << ": expected 0x" << want.bits << " flags " << int{want.flags} << ", got 0x" << top_.res_o[lane]
                    << " flags " << int{top_.flags_o};
  }

  VerilatedContext context_;
  Vd1_fp32_lanes top_{&context_};
  std::size_t place_ = 0;
  std::uint64_t cases_ = 0;
  int failures_ = 0;
};

/// Section 4 for a pair, on the host's comparisons of floats.
Lane pair_oracle(Op op, std::uint32_t a, std::uint32_t b) {
  const auto x = std::bit_cast<float>(a), y = std::bit_cast<float>(b);
  Flags flags = is_subnormal(a) || is_subnormal(b) ? kDenormal : Flags{0};
  const bool unordered = x != x || y != y;
  const bool quiet = op == Op::min || op == Op::max || op == Op::eq;
  if (quiet ? is_signaling(a) || is_signaling(b) : unordered) flags |= kInvalid;
  const auto mask = [&](bool truth) { return Lane{truth ? ~0U : 0U, flags}; };
  switch (op) {
    case Op::eq: return mask(x == y);
    case Op::lt: return mask(x < y);
    case Op::le: return mask(x <= y);
    default: break;
  }
  if (x != x) return {y != y ? golden::kFp32CanonicalNan : b, flags};
  if (y != y) return {a, flags};
  const bool negative_first = x < y || (x == y && a >> 31 != 0);  // zeros: -0 < +0
  return {negative_first == (op == Op::min) ? a : b, flags};
}

/// Section 4 for a conversion to an integer: significand and remainder as integers.
Lane integer_oracle(Op op, std::uint32_t a) {
  const bool is_unsigned = op == Op::to_uint || op == Op::to_uint_rtz;
  const bool nearest = op == Op::to_int || op == Op::to_uint;
  const std::int64_t least = is_unsigned ? 0 : -(std::int64_t{1} << 31);
  const std::int64_t greatest = (std::int64_t{1} << (is_unsigned ? 32 : 31)) - 1;
  if (is_nan(a)) return {static_cast<std::uint32_t>(greatest), kInvalid};
  Flags flags = is_subnormal(a) ? kDenormal : Flags{0};
  const auto field = static_cast<int>(a >> 23 & 255);
  const std::uint64_t significand = (a & 0x7F'FFFF) | (field != 0 ? 0x80'0000U : 0U);
  const int right = 150 - std::max(field, 1);  // value = significand / 2^right
  std::int64_t value = 0;
  if (right <= 0) {
    value = right < -30 ? std::int64_t{1} << 60 : static_cast<std::int64_t>(significand << -right);
  } else if (right < 26) {  // from 26 on less than a quarter
    const std::uint64_t whole = significand >> right, rest = significand - (whole << right);
    const std::uint64_t half = std::uint64_t{1} << (right - 1);
    const bool up = nearest && (rest > half || (rest == half && whole % 2 != 0));
    value = static_cast<std::int64_t>(whole + (up ? 1 : 0));
  }
  if (a >> 31 != 0) value = -value;
  if (value < least || value > greatest) flags |= kInvalid;
  return {static_cast<std::uint32_t>(std::clamp(value, least, greatest)), flags};
}

Lane golden_pair(Op op, std::uint32_t a, std::uint32_t b) {
  switch (op) {
    case Op::min: return golden::fmin(a, b);
    case Op::max: return golden::fmax(a, b);
    case Op::eq: return golden::feq(a, b);
    case Op::lt: return golden::flt(a, b);
    default: return golden::fle(a, b);
  }
}

Lane golden_integer(Op op, std::uint32_t a) {
  switch (op) {
    case Op::to_int: return golden::fcvt_w(a);
    case Op::to_uint: return golden::fcvt_wu(a);
    case Op::to_int_rtz: return golden::fcvt_w_rtz(a);
    default: return golden::fcvt_wu_rtz(a);
  }
}

// 88^2 pairs, each once as it is and eight times mixed, as TestFloat does, and some neighbours: 77,440 for each
// operation.
TEST(LanesUnit, LevelOnePairs) {
  LanesUnit unit;
  std::mt19937_64 random(1);
  const std::vector<std::uint32_t> v = special_operands();
  const auto check = [&](std::uint32_t a, std::uint32_t b) {
    for (const Op op : {Op::min, Op::max, Op::eq, Op::lt, Op::le}) {
      const Lane want = pair_oracle(op, a, b);
      ASSERT_EQ(golden_pair(op, a, b), want) << static_cast<int>(op) << std::hex << " 0x" << a << " 0x" << b;
      unit.alone(op, a, b, want);
    }
  };
  for (const std::uint32_t a : v) {
    for (const std::uint32_t b : v) {
      ASSERT_NO_FATAL_FAILURE(check(a, b));
      for (int k = 0; k < 8; ++k)
        ASSERT_NO_FATAL_FAILURE(
            check(k % 4 == 3 ? a : mixed_operand(random, v), k % 4 == 2 ? b : mixed_operand(random, v)));
      const std::uint32_t c = mixed_operand(random, v);
      ASSERT_NO_FATAL_FAILURE(check(c, c + static_cast<std::uint32_t>(random() % 3) - 1));
      if (unit.failed()) return;
    }
  }
  std::cout << unit.cases() << " pairs\n";
  EXPECT_EQ(unit.cases(), 5U * 10 * 88 * 88);
}

// TestFloat has 600 single operands on this level. Here: of both signs every exponent with every single bit, run of
// ones and its neighbours, and every half of small integers.
TEST(LanesUnit, LevelOneToIntegers) {
  LanesUnit unit;
  std::mt19937_64 random(2);
  const auto check = [&](std::uint32_t a) {
    for (const Op op : {Op::to_int, Op::to_uint, Op::to_int_rtz, Op::to_uint_rtz}) {
      const Lane want = integer_oracle(op, a);
      ASSERT_EQ(golden_integer(op, a), want) << static_cast<int>(op) << std::hex << " 0x" << a;
      unit.alone(op, a, 0, want);
    }
  };
  for (const std::uint32_t sign : {0U, 0x8000'0000U}) {
    for (std::uint32_t field = 0; field < 256; ++field) {
      const std::uint32_t base = sign | field << 23;
      ASSERT_NO_FATAL_FAILURE(check(base));
      for (int bit = 0; bit < 23; ++bit) {
        const std::uint32_t one = 1U << bit, run = 0x7F'FFFF & ~(one - 1);
        const std::uint32_t noise = static_cast<std::uint32_t>(random()) & (one - 1);
        for (const std::uint32_t fraction :
             {one, one - 1, one + 1, run, run + one / 2, run - 1, run ^ one, one | noise})
          ASSERT_NO_FATAL_FAILURE(check(base | (fraction & 0x7F'FFFF)));
      }
    }
    for (int twice = 0; twice < 5000; ++twice) {
      const auto half = std::bit_cast<std::uint32_t>(static_cast<float>(twice) / 2);
      for (const std::uint32_t a : {half - 1, half, half + 1}) ASSERT_NO_FATAL_FAILURE(check(sign | (a & 0x7FFF'FFFF)));
    }
  }
  std::cout << unit.cases() << " conversions to integers\n";
  EXPECT_GT(unit.cases(), 4U * 2 * 256 * 23 * 8);
}

// Every table entry at its ends, every exponent, every length of a subnormal.
TEST(LanesUnit, Seeds) {
  LanesUnit unit;
  std::mt19937_64 random(3);
  const auto check = [&](std::uint32_t a) {
    unit.alone(Op::rec7, a, 0, golden::frec7(a));
    unit.alone(Op::rsqrt7, a, 0, golden::frsqrt7(a));
  };
  for (std::uint32_t top = 0; top < 0x1'0000 && !unit.failed(); ++top)
    for (const std::uint32_t low : {0U, 0xFFFFU}) check(top << 16 | low);
  for (int length = 1; length <= 23; ++length)
    for (int n = 0; n < 40; ++n)
      for (const std::uint32_t sign : {0U, 0x8000'0000U})
        check(sign | 1U << (length - 1) | (static_cast<std::uint32_t>(random()) & ((1U << (length - 1)) - 1)));
}

TEST(LanesUnit, Reductions) {
  LanesUnit unit;
  std::mt19937_64 random(4);
  const std::vector<std::uint32_t> v = special_operands();
  for (int n = 0; n < 20'000 && !unit.failed(); ++n) {
    std::array<std::uint32_t, 16> a{};
    const bool tame = random() % 2 != 0;  // NaN and subnormals rare, so that flags are not always raised
    for (auto& lane : a)
      lane = tame ? 0x3F80'0000 + static_cast<std::uint32_t>(random() % 64) : mixed_operand(random, v);
    a[random() % 16] = mixed_operand(random, v);
    unit.reduce(Op::redmin, a, golden::fredmin(a));
    unit.reduce(Op::redmax, a, golden::fredmax(a));
  }
}

}  // namespace
}  // namespace tatami::fp
