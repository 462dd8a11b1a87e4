#include "golden/fp32.h"

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <limits>
#include <utility>

namespace tatami::golden {
namespace {

constexpr int kFractionBits = 23;
constexpr int kLeastExponent = -126;  // of a normal number
constexpr int kGreatestExponent = 127;
constexpr std::uint32_t kHidden = 1U << kFractionBits;

/// decode() for binary32 alone; it is on the path of every lane.
Unpacked unpack(std::uint32_t bits) {
  const std::uint32_t fraction = bits & (kHidden - 1);
  const auto field = static_cast<std::int32_t>(bits >> kFractionBits & 0xFF);
  Unpacked x;
  x.negative = (bits & kFp32SignBit) != 0;
  if (field == 0xFF) {
    x.cls = fraction == 0 ? Class::infinity : Class::nan;
    x.signaling = fraction != 0 && fraction < kHidden / 2;
    return x;
  }
  x.subnormal_encoding = field == 0 && fraction != 0;
  x.significand = field == 0 ? fraction : fraction | kHidden;
  x.exponent = std::max(field, 1) - 127 - kFractionBits;
  x.cls = x.significand == 0 ? Class::zero : Class::finite;
  return x;
}

constexpr std::uint32_t sign_bit(bool negative) { return negative ? kFp32SignBit : 0; }

constexpr int width(Uint128 x) {
  const auto high = static_cast<std::uint64_t>(x >> 64);
  return high != 0 ? 64 + std::bit_width(high) : std::bit_width(static_cast<std::uint64_t>(x));
}

/// Flags that operands raise whatever the operation does with them.
template <typename... Operands>
Flags operand_flags(const Operands&... x) {
  Flags flags = 0;
  if ((x.signaling || ...)) flags |= kInvalid;
  if ((x.subnormal_encoding || ...)) flags |= kDenormal;
  return flags;
}

Lane with_flags(Lane lane, Flags flags) {
  lane.flags |= flags;
  return lane;
}

/// magnitude / 2^shift (shift of any sign and size) rounded to an integer, nearest-even.
struct RoundedInteger {
  Uint128 value = 0;
  bool inexact = false;
};

RoundedInteger round_shift(Uint128 magnitude, int shift, bool sticky) {
  if (shift <= 0) return {magnitude << -shift, sticky};
  if (shift > 127) return {0, magnitude != 0 || sticky};  // below a half: magnitude < 2^127 in every use
  const Uint128 kept = magnitude >> shift;
  const Uint128 rest = magnitude - (kept << shift);
  const Uint128 half = Uint128{1} << (shift - 1);
  const bool up = rest > half || (rest == half && (sticky || kept % 2 != 0));
  return {kept + (up ? 1 : 0), rest != 0 || sticky};
}

/// A finite, possibly zero, signed value: (-1)^negative * magnitude * 2^exponent, magnitude below 2^48.
struct Term {
  bool negative = false;
  Uint128 magnitude = 0;
  int exponent = 0;
};

Term term(const Unpacked& x) { return {x.negative, x.significand, x.exponent}; }

/// The sum of two exact terms, rounded once.
Lane add_terms(Term a, Term b) {
  if (a.magnitude == 0 && b.magnitude == 0) return {sign_bit(a.negative && b.negative), 0};
  if (a.magnitude == 0) return round_to_fp32(b.negative, b.magnitude, b.exponent, false);
  if (b.magnitude == 0) return round_to_fp32(a.negative, a.magnitude, a.exponent, false);
  if (a.exponent < b.exponent) std::swap(a, b);

  // Exact as long as both fit: a takes 48 + 78 bits. At a larger distance b, below 2^48, is worth less than 2^-30 of
  // a's last bit. The result's rounding boundaries are multiples of a quarter of that bit (a has at least the 24 bits
  // of a normal number, or its last bit weighs 2^-149), so b matters only by its sign: a sticky bit stands for it.
  constexpr int kReach = 78;
  const int distance = a.exponent - b.exponent;
  const bool far = distance > kReach;
  const int exponent = far ? a.exponent - kReach : b.exponent;
  const Uint128 high = a.magnitude << (far ? kReach : distance);
  const Uint128 low = far ? 0 : b.magnitude;
  if (a.negative == b.negative) return round_to_fp32(a.negative, high + low, exponent, far);
  if (high == low) return {0, 0};
  if (high > low) return round_to_fp32(a.negative, high - low - (far ? 1 : 0), exponent, far);
  return round_to_fp32(b.negative, low - high, exponent, false);
}

Lane fma_unpacked(const Unpacked& a, const Unpacked& b, const Unpacked& c) {
  const Flags flags = operand_flags(a, b, c);
  const bool negative = a.negative != b.negative;
  const bool product_infinite = a.cls == Class::infinity || b.cls == Class::infinity;
  const bool product_invalid = product_infinite && (a.cls == Class::zero || b.cls == Class::zero);
  if (product_invalid) return with_flags({kFp32CanonicalNan, kInvalid}, flags);
  if (a.cls == Class::nan || b.cls == Class::nan || c.cls == Class::nan) return {kFp32CanonicalNan, flags};
  if (product_infinite && c.cls == Class::infinity && negative != c.negative) {
    return with_flags({kFp32CanonicalNan, kInvalid}, flags);
  }
  if (product_infinite) return {sign_bit(negative) | kFp32Infinity, flags};
  if (c.cls == Class::infinity) return {sign_bit(c.negative) | kFp32Infinity, flags};
  const Term product = {negative, Uint128{a.significand} * b.significand, a.exponent + b.exponent};
  return with_flags(add_terms(product, term(c)), flags);
}

/// a*b + c where all are normal, product and addend overlap enough to add in 64 bits, and the result is a normal
/// number: nearly every lane of a real computation. No flag is possible. Returns false if the general way must be
/// taken.
bool fma_common(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t& result) {
  const auto field = [](std::uint32_t x) { return static_cast<std::int32_t>(x >> kFractionBits & 0xFF); };
  const auto normal = [](std::int32_t f) { return f != 0 && f != 0xFF; };
  const auto significand = [](std::uint32_t x) { return std::int64_t{(x & (kHidden - 1)) | kHidden}; };
  if (!normal(field(a)) || !normal(field(b)) || !normal(field(c))) return false;
  constexpr int kUnit = 127 + kFractionBits;
  const std::int32_t product_exponent = field(a) + field(b) - 2 * kUnit;
  const std::int32_t distance = field(c) - kUnit - product_exponent;
  if (distance < -14 || distance > 38) return false;  // 48 + 14 and 24 + 38 bits
  const std::int64_t product = significand(a) * significand(b) << (distance < 0 ? -distance : 0);
  const std::int64_t addend = significand(c) << (distance > 0 ? distance : 0);
  const std::int64_t sum =
      (((a ^ b) & kFp32SignBit) != 0 ? -product : product) + ((c & kFp32SignBit) != 0 ? -addend : addend);
  return sum != 0 && round_normal(sum, product_exponent + std::min(distance, 0), result);
}

/// Numeric order of two operands that are not NaN; zeros of either sign are equal.
std::partial_ordering order(const Unpacked& a, const Unpacked& b) { return to_double(a) <=> to_double(b); }

constexpr std::uint32_t mask(bool truth) { return truth ? 0xFFFF'FFFFU : 0; }

Lane select_number(std::uint32_t a, std::uint32_t b, bool want_smaller) {
  const Unpacked x = unpack(a);
  const Unpacked y = unpack(b);
  const Flags flags = operand_flags(x, y);
  if (x.cls == Class::nan && y.cls == Class::nan) return {kFp32CanonicalNan, flags};
  if (x.cls == Class::nan) return {b, flags};
  if (y.cls == Class::nan) return {a, flags};
  const auto ordering = order(x, y);
  const bool a_smaller = std::is_lt(ordering) || (std::is_eq(ordering) && x.negative);
  return {a_smaller == want_smaller ? a : b, flags};
}

enum class Truth : std::uint8_t { equal, less, less_or_equal };

Lane compare(std::uint32_t a, std::uint32_t b, Truth truth) {
  const Unpacked x = unpack(a);
  const Unpacked y = unpack(b);
  const Flags flags = operand_flags(x, y);
  if (x.cls == Class::nan || y.cls == Class::nan) {
    return {0, static_cast<Flags>(truth == Truth::equal ? flags : flags | kInvalid)};
  }
  const auto ordering = order(x, y);
  switch (truth) {
    case Truth::equal: return {mask(std::is_eq(ordering)), flags};
    case Truth::less: return {mask(std::is_lt(ordering)), flags};
    case Truth::less_or_equal: return {mask(std::is_lteq(ordering)), flags};
  }
  return {};
}

enum class IntegerRounding : std::uint8_t { nearest_even, toward_zero };

Lane to_integer(std::uint32_t a, std::int64_t least, std::int64_t greatest, IntegerRounding rounding) {
  const Unpacked x = unpack(a);
  const Flags flags = operand_flags(x);
  const Flags invalid = flags | kInvalid;
  if (x.cls == Class::nan) return {static_cast<std::uint32_t>(greatest), invalid};
  const std::uint32_t bound = static_cast<std::uint32_t>(x.negative ? least : greatest);
  if (x.cls == Class::infinity || x.exponent > 32) return {bound, invalid};  // far outside
  const Uint128 magnitude = x.significand;
  const Uint128 rounded =
      rounding == IntegerRounding::nearest_even
          ? round_shift(magnitude, -x.exponent, false).value
          : (x.exponent >= 0 ? magnitude << x.exponent : (x.exponent > -64 ? magnitude >> -x.exponent : Uint128{0}));
  const auto integer = static_cast<std::int64_t>(rounded);
  const std::int64_t value = x.negative ? -integer : integer;
  if (value < least || value > greatest) return {bound, invalid};
  return {static_cast<std::uint32_t>(value), flags};
}

/// x = 2^exponent * (1 + fraction / 2^23), for finite non-zero x.
struct Normal {
  int exponent = 0;
  std::uint32_t fraction = 0;
};

Normal normal_form(const Unpacked& x) {
  const int shift = kFractionBits + 1 - std::bit_width(x.significand);
  return {x.exponent + kFractionBits - shift, static_cast<std::uint32_t>(x.significand << shift) - kHidden};
}

/// (-1)^negative * 2^exponent * seed / 128 for 128 <= seed <= 255, delivered as the seeds are: never subnormal.
Lane seed_result(bool negative, int exponent, std::uint32_t seed) {
  if (exponent < kLeastExponent) return {sign_bit(negative), kUnderflow};
  if (exponent > kGreatestExponent) return {sign_bit(negative) | kFp32Infinity, kOverflow};
  return {sign_bit(negative) | static_cast<std::uint32_t>(exponent + 127) << kFractionBits | (seed - 128) << 16, 0};
}

template <typename Operation>
Lane reduce(std::span<const std::uint32_t, 16> v, Operation operation) {
  std::array<std::uint32_t, 16> level{};
  std::copy(v.begin(), v.end(), level.begin());
  Flags flags = 0;
  for (std::size_t n = 8; n >= 1; n /= 2) {
    for (std::size_t i = 0; i < n; ++i) {
      const Lane lane = operation(level[2 * i], level[2 * i + 1]);
      level[i] = lane.bits;
      flags |= lane.flags;
    }
  }
  return {level[0], flags};
}

}  // namespace

Lane round_to_fp32(bool negative, Uint128 magnitude, std::int32_t exponent, bool sticky) {
  const int leading = exponent + width(magnitude) - 1;
  const bool normal = leading >= kLeastExponent;
  const int last_bit = (normal ? leading : kLeastExponent) - kFractionBits;
  const RoundedInteger kept = round_shift(magnitude, last_bit - exponent, sticky);
  // The significand carries into the exponent field by itself, from subnormal to normal and from binade to binade.
  const std::uint32_t base = normal ? static_cast<std::uint32_t>(leading - kLeastExponent) << kFractionBits : 0;
  Lane result{0, 0};
  if (leading > kGreatestExponent || base + static_cast<std::uint32_t>(kept.value) >= kFp32Infinity) {
    return {sign_bit(negative) | kFp32Infinity, kOverflow};
  }
  result.bits = sign_bit(negative) | (base + static_cast<std::uint32_t>(kept.value));
  if (!normal && kept.inexact) {
    // Tiny after rounding: even with an unbounded exponent the result would stay below 2^-126.
    const RoundedInteger unbounded = round_shift(magnitude, leading - kFractionBits - exponent, sticky);
    const bool reaches_normal = leading == kLeastExponent - 1 && unbounded.value == kHidden << 1;
    if (!reaches_normal) result.flags |= kUnderflow;
  }
  return result;
}

Lane fadd(std::uint32_t a, std::uint32_t b) {
  const Unpacked x = unpack(a);
  const Unpacked y = unpack(b);
  const Flags flags = operand_flags(x, y);
  if (x.cls == Class::nan || y.cls == Class::nan) return {kFp32CanonicalNan, flags};
  if (x.cls == Class::infinity && y.cls == Class::infinity && x.negative != y.negative) {
    return with_flags({kFp32CanonicalNan, kInvalid}, flags);
  }
  if (x.cls == Class::infinity) return {a, flags};
  if (y.cls == Class::infinity) return {b, flags};
  return with_flags(add_terms(term(x), term(y)), flags);
}

Lane fsub(std::uint32_t a, std::uint32_t b) { return fadd(a, b ^ kFp32SignBit); }

Lane fmul(std::uint32_t a, std::uint32_t b) {
  // Adding a zero of the product's own sign changes neither value nor sign.
  const bool negative = ((a ^ b) & kFp32SignBit) != 0;
  return fma(a, b, sign_bit(negative));
}

Lane fma(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  std::uint32_t common = 0;
  if (fma_common(a, b, c, common)) return {common, 0};
  return fma_unpacked(unpack(a), unpack(b), unpack(c));
}

Lane fmacc(std::uint32_t acc, std::uint32_t a, std::uint32_t b) { return fma(a, b, acc); }
Lane fnmacc(std::uint32_t acc, std::uint32_t a, std::uint32_t b) {
  return fma(a ^ kFp32SignBit, b, acc ^ kFp32SignBit);
}
Lane fmsac(std::uint32_t acc, std::uint32_t a, std::uint32_t b) { return fma(a, b, acc ^ kFp32SignBit); }
Lane fnmsac(std::uint32_t acc, std::uint32_t a, std::uint32_t b) { return fma(a ^ kFp32SignBit, b, acc); }

Lane fmin(std::uint32_t a, std::uint32_t b) { return select_number(a, b, true); }
Lane fmax(std::uint32_t a, std::uint32_t b) { return select_number(a, b, false); }

Lane feq(std::uint32_t a, std::uint32_t b) { return compare(a, b, Truth::equal); }
Lane flt(std::uint32_t a, std::uint32_t b) { return compare(a, b, Truth::less); }
Lane fle(std::uint32_t a, std::uint32_t b) { return compare(a, b, Truth::less_or_equal); }

Lane fcvt_w(std::uint32_t a) { return to_integer(a, INT32_MIN, INT32_MAX, IntegerRounding::nearest_even); }
Lane fcvt_wu(std::uint32_t a) { return to_integer(a, 0, UINT32_MAX, IntegerRounding::nearest_even); }
Lane fcvt_w_rtz(std::uint32_t a) { return to_integer(a, INT32_MIN, INT32_MAX, IntegerRounding::toward_zero); }
Lane fcvt_wu_rtz(std::uint32_t a) { return to_integer(a, 0, UINT32_MAX, IntegerRounding::toward_zero); }

Lane fcvt_s_wu(std::uint32_t a) { return a == 0 ? Lane{} : round_to_fp32(false, a, 0, false); }

Lane fcvt_s_w(std::uint32_t a) {
  const bool negative = (a & kFp32SignBit) != 0;
  return a == 0 ? Lane{} : round_to_fp32(negative, negative ? 0U - a : a, 0, false);
}

Lane frec7(std::uint32_t a) {
  const Unpacked x = unpack(a);
  const Flags flags = operand_flags(x);
  switch (x.cls) {
    case Class::nan: return {kFp32CanonicalNan, flags};
    case Class::zero: return {sign_bit(x.negative) | kFp32Infinity, flags};
    case Class::infinity: return {sign_bit(x.negative), flags};
    case Class::finite: break;
  }
  const Normal n = normal_form(x);
  const std::uint32_t i = n.fraction >> (kFractionBits - 7);
  const std::uint32_t seed = (1U << 16) / (257 + 2 * i);
  return with_flags(seed_result(x.negative, -n.exponent - 1, seed), flags);
}

Lane frsqrt7(std::uint32_t a) {
  const Unpacked x = unpack(a);
  const Flags flags = operand_flags(x);
  if (x.cls == Class::nan) return {kFp32CanonicalNan, flags};
  if (x.cls == Class::zero) return {sign_bit(x.negative) | kFp32Infinity, flags};
  if (x.negative) return with_flags({kFp32CanonicalNan, kInvalid}, flags);
  if (x.cls == Class::infinity) return {0, flags};
  const Normal n = normal_form(x);
  const int parity = n.exponent & 1;
  const std::uint32_t i = n.fraction >> (kFractionBits - 6);
  std::uint32_t seed = 255;
  while (seed * seed * (129 + 2 * i) << parity > 1U << 23) --seed;
  return with_flags(seed_result(false, -(n.exponent - parity) / 2 - 1, seed), flags);
}

Lane fredsum(std::span<const std::uint32_t, 16> v) { return reduce(v, fadd); }
Lane fredmin(std::span<const std::uint32_t, 16> v) { return reduce(v, fmin); }
Lane fredmax(std::span<const std::uint32_t, 16> v) { return reduce(v, fmax); }

}  // namespace tatami::golden
