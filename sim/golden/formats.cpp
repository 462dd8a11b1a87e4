#include "golden/formats.h"

#include <cmath>
#include <limits>

namespace tatami::golden {
namespace {

// Rows in the order of Kind. UHP's canonical NaN 10_0000_0000 under the reserved exponent is 0xFE00.
constexpr std::array<KindInfo, kKinds> kKindTable = {{
    {"fp32", 32, true, 8, 23, false, 127, 0x7FC0'0000U},
    {"bf16", 16, true, 8, 7, false, 127, 0x7FC0U},
    {"cfloat8_1_4_3", 8, true, 4, 3, true, 0, 0},
    {"cfloat8_1_5_2", 8, true, 5, 2, true, 0, 0},
    {"shp", 16, true, 5, 10, true, 0, 0},
    {"uhp", 16, false, 6, 10, false, 31, 0xFE00U},
}};

constexpr std::uint32_t low_mask(int bits) { return static_cast<std::uint32_t>((std::uint64_t{1} << bits) - 1); }

}  // namespace

const KindInfo& info(Kind kind) { return kKindTable.at(static_cast<std::size_t>(kind)); }

std::string_view name(Kind kind) { return info(kind).name; }

std::optional<Kind> kind_from_name(std::string_view name) {
  for (const Kind kind : kAllKinds) {
    if (info(kind).name == name) return kind;
  }
  return std::nullopt;
}

int Descriptor::bias() const { return info(kind()).clamping ? bias_field() : info(kind()).fixed_bias; }

int Descriptor::bits() const { return info(kind()).bits; }

bool Descriptor::gradual_underflow() const {
  if (info(kind()).clamping) return subnormals() == Subnormals::gradual;
  return kind() != Kind::uhp;
}

Unpacked decode(std::uint32_t code, Descriptor d) {
  const KindInfo& k = info(d.kind());
  const std::uint32_t mantissa = code & low_mask(k.mantissa_bits);
  const std::uint32_t field = code >> k.mantissa_bits & low_mask(k.exponent_bits);
  Unpacked x;
  x.negative = k.has_sign && (code >> (k.bits - 1) & 1U) != 0;
  if (field == 0) {
    x.subnormal_encoding = mantissa != 0;
    if (mantissa == 0 || d.kind() == Kind::uhp) return x;
    x.cls = Class::finite;
    x.significand = mantissa;
    x.exponent = (d.gradual_underflow() ? 1 : 0) - d.bias() - k.mantissa_bits;
    return x;
  }
  if (!k.clamping && field == low_mask(k.exponent_bits)) {
    x.cls = mantissa == 0 ? Class::infinity : Class::nan;
    x.signaling = mantissa != 0 && (mantissa >> (k.mantissa_bits - 1)) == 0;
    return x;
  }
  x.cls = Class::finite;
  x.significand = std::uint64_t{1} << k.mantissa_bits | mantissa;
  x.exponent = static_cast<std::int32_t>(field) - d.bias() - k.mantissa_bits;
  return x;
}

double to_double(const Unpacked& value) {
  double magnitude = 0.0;
  switch (value.cls) {
    case Class::zero: break;
    case Class::finite: magnitude = std::ldexp(static_cast<double>(value.significand), value.exponent); break;
    case Class::infinity: magnitude = std::numeric_limits<double>::infinity(); break;
    case Class::nan: return std::numeric_limits<double>::quiet_NaN();
  }
  return value.negative ? -magnitude : magnitude;
}

double to_double(std::uint32_t code, Descriptor d) { return to_double(decode(code, d)); }

std::uint32_t largest_code(Descriptor d) {
  const KindInfo& k = info(d.kind());
  const std::uint32_t all_ones = low_mask(k.exponent_bits + k.mantissa_bits);
  return k.clamping ? all_ones : all_ones - (1U << k.mantissa_bits);
}

std::uint32_t smallest_normal_code(Descriptor d) { return 1U << info(d.kind()).mantissa_bits; }

std::uint32_t smallest_positive_code(Descriptor d) { return d.kind() == Kind::uhp ? smallest_normal_code(d) : 1; }

double largest(Descriptor d) { return to_double(largest_code(d), d); }

double smallest_normal(Descriptor d) { return to_double(smallest_normal_code(d), d); }

double smallest_positive(Descriptor d) { return to_double(smallest_positive_code(d), d); }

}  // namespace tatami::golden
