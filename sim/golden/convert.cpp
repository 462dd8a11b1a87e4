#include "golden/convert.h"

#include <bit>
#include <cmath>
#include <compare>

#include "golden/threefry.h"

namespace tatami::golden {
namespace {

__extension__ using Wide = unsigned __int128;

/// Compares a * 2^shift with b exactly, shift >= 0 of any size.
std::strong_ordering compare_scaled(std::uint64_t a, int shift, Wide b) {
  const Wide quotient = shift < 128 ? b >> shift : 0;
  if (quotient != a) return Wide{a} <=> quotient;
  const bool remainder = shift < 128 ? quotient << shift != b : b != 0;
  return remainder ? std::strong_ordering::less : std::strong_ordering::equal;
}

/// Where a magnitude lies on the grid: at or above code `lower`, `distance` * 2^-scale out of `gap` towards the next
/// grid point `upper`, both measured in one common unit.
struct Place {
  std::uint32_t lower = 0;
  std::uint32_t upper = 0;
  Wide distance = 0;
  std::uint64_t gap = 1;
  int scale = 0;
};

/// Places significand * 2^exponent between multiples of 2^unit; the quotient must fit 32 bits.
/// The code of multiple n is first_code + n.
Place place_on_steps(std::uint64_t significand, int exponent, int unit, std::uint32_t first_code) {
  Place p;
  p.scale = unit > exponent ? unit - exponent : 0;
  const Wide scaled = unit > exponent ? Wide{significand} : Wide{significand} << (exponent - unit);
  const Wide steps = p.scale < 128 ? scaled >> p.scale : 0;
  p.lower = first_code + static_cast<std::uint32_t>(steps);
  p.upper = p.lower + 1;
  p.distance = scaled - (p.scale < 128 ? steps << p.scale : 0);
  return p;
}

/// Finds the neighbours of a finite non-zero magnitude no greater than the virtual point.
Place place(const Unpacked& x, Descriptor d) {
  const int mantissa_bits = info(d.kind()).mantissa_bits;
  const int least_normal = 1 - d.bias();  // exponent of the smallest normal
  const int leading = x.exponent + std::bit_width(x.significand) - 1;
  const std::uint32_t hidden = 1U << mantissa_bits;

  if (leading >= least_normal) {  // steps of this binade; its first code follows from the exponent field
    const auto field = static_cast<std::uint32_t>(leading + d.bias());
    return place_on_steps(x.significand, x.exponent, leading - mantissa_bits, (field << mantissa_bits) - hidden);
  }
  if (d.kind() == Kind::uhp) {  // nothing between 0 and the smallest normal
    Place p = place_on_steps(x.significand, x.exponent, least_normal, 0);
    p.upper = hidden;
    return p;
  }
  if (d.gradual_underflow()) return place_on_steps(x.significand, x.exponent, least_normal - mantissa_bits, 0);

  Place p = place_on_steps(x.significand, x.exponent, -d.bias() - mantissa_bits, 0);
  if (p.lower < hidden - 1) return p;
  // The hole of `printed`: from the largest subnormal, hidden - 1 units, to the smallest normal, 2 * hidden units.
  p.distance += Wide{p.lower - (hidden - 1)} << p.scale;  // scale < 64, as the quotient is not 0
  p.lower = hidden - 1;
  p.upper = hidden;
  p.gap = hidden + 1;
  return p;
}

bool rounds_up(const Place& p, Rounding rounding, std::uint16_t random) {
  if (p.distance == 0) return false;
  if (rounding == Rounding::stochastic) return std::is_lt(compare_scaled(random * p.gap, p.scale, p.distance << 16));
  const auto half = compare_scaled(p.gap, p.scale, p.distance << 1);
  if (std::is_neq(half)) return std::is_lt(half);
  return p.lower % 2 != 0;  // a tie goes to the even code; UHP's 0 and 0x0400 are both even, and 0 wins
}

Coded encode_finite(const Unpacked& x, Descriptor d, std::uint16_t random, std::uint32_t sign) {
  const std::uint32_t top = largest_code(d);
  const Unpacked largest_value = decode(top, d);
  const int virtual_exponent = largest_value.exponent + std::bit_width(largest_value.significand);
  const int leading = x.exponent + std::bit_width(x.significand) - 1;

  std::uint32_t code = top + 1;  // the virtual point
  bool exact = false;
  if (leading < virtual_exponent) {
    const Place p = place(x, d);
    code = rounds_up(p, d.rounding(), random) ? p.upper : p.lower;
    exact = p.distance == 0;
  }

  Flags flags = 0;
  if (code > top) {
    flags |= kOverflow;
    if (info(d.kind()).clamping) code = top;  // for IEEE-like formats the virtual point's code is that of Inf
  }
  if (!exact && leading < 1 - d.bias()) flags |= kUnderflow;
  return {sign | code, flags};
}

}  // namespace

Coded encode(const Unpacked& value, Descriptor dst, std::uint16_t random) {
  const KindInfo& k = info(dst.kind());
  const Flags denormal = value.subnormal_encoding ? kDenormal : Flags{0};
  const std::uint32_t sign = k.has_sign && value.negative ? 1U << (k.bits - 1) : 0;

  switch (value.cls) {
    case Class::nan:
      if (k.clamping) return {sign | largest_code(dst), kInvalid};
      return {k.canonical_nan, value.signaling ? kInvalid : Flags{0}};
    case Class::infinity:
      if (k.clamping) return {sign | largest_code(dst), kInvalid};
      if (!k.has_sign && value.negative) return {k.canonical_nan, kInvalid};
      return {sign | (largest_code(dst) + 1), 0};
    case Class::zero: return {sign, denormal};
    case Class::finite: break;
  }
  if (!k.has_sign && value.negative) return {k.canonical_nan, static_cast<Flags>(kInvalid | denormal)};
  Coded result = encode_finite(value, dst, random, sign);
  result.flags |= denormal;
  return result;
}

Coded convert(std::uint32_t code, Descriptor src, Descriptor dst, std::uint16_t random) {
  return encode(decode(code, src), dst, random);
}

Coded convert_indexed(std::uint32_t code, Descriptor src, Descriptor dst, std::uint64_t seed, std::uint64_t index) {
  const bool draw = dst.rounding() == Rounding::stochastic;
  return convert(code, src, dst, draw ? random_bits(seed, index) : std::uint16_t{0});
}

Coded encode_double(double value, Descriptor dst, std::uint16_t random) {
  constexpr int kDoubleDigits = 53;
  Unpacked x;
  x.negative = std::signbit(value);
  if (std::isnan(value)) {
    x.cls = Class::nan;
  } else if (std::isinf(value)) {
    x.cls = Class::infinity;
  } else if (value != 0.0) {
    int exponent = 0;
    const double fraction = std::frexp(std::fabs(value), &exponent);
    x.cls = Class::finite;
    x.significand = static_cast<std::uint64_t>(std::ldexp(fraction, kDoubleDigits));
    x.exponent = exponent - kDoubleDigits;
  }
  return encode(x, dst, random);
}

}  // namespace tatami::golden
