#include "golden/fused_sum.h"

#include <algorithm>
#include <bit>

#include "golden/fused_kernel.h"

namespace tatami::golden {
namespace {

/// A non-zero term of the fused sum: value (-1)^negative * magnitude * 2^(exponent - point).
struct Term {
  bool negative = false;
  std::uint64_t magnitude = 0;
  int exponent = 0;  ///< nominal: e of the specification
  int point = 0;     ///< p: 20 for products, 23 for the accumulator
};

/// T of step 3: the magnitude in units of 2^(largest - F), truncated.
std::int64_t aligned(const Term& t, int largest) {
  const int left = kWindow - t.point - (largest - t.exponent);
  if (left >= 0) return static_cast<std::int64_t>(t.magnitude << left);
  return left > -64 ? static_cast<std::int64_t>(t.magnitude >> -left) : 0;
}

/// What the special terms of section 5.1 leave of a sum.
struct Specials {
  bool nan = false;
  bool positive_infinity = false;
  bool negative_infinity = false;

  void add_infinity(bool negative) { (negative ? negative_infinity : positive_infinity) = true; }
  bool invalid_sum() const { return nan || (positive_infinity && negative_infinity); }
};

/// The tile's element (i, j).
std::uint32_t& at(Tile tile, int i, int j) {
  const int n = kTileSide * i + j;
  return tile[static_cast<std::size_t>(n)];
}

std::uint32_t element(Panel panel, int index, int bits) {
  const auto i = static_cast<std::size_t>(index);
  if (bits == 8) return panel[i];
  return static_cast<std::uint32_t>(panel[2 * i] | panel[2 * i + 1] << 8);
}

std::array<Unpacked, kGroup> row_of_a(Panel panel, Descriptor d, int row, int group) {
  std::array<Unpacked, kGroup> x;
  const int depth = mma_depth(d);
  for (int k = 0; k < kGroup; ++k) {
    x[static_cast<std::size_t>(k)] = decode(element(panel, row * depth + group * kGroup + k, d.bits()), d);
  }
  return x;
}

std::array<Unpacked, kGroup> column_of_b(Panel panel, Descriptor d, int column, int group) {
  std::array<Unpacked, kGroup> x;
  for (int k = 0; k < kGroup; ++k) {
    x[static_cast<std::size_t>(k)] = decode(element(panel, (group * kGroup + k) * kTileSide + column, d.bits()), d);
  }
  return x;
}

/// Decodes one group of a panel; true if it holds a subnormal encoding.
bool load_group(const kernel::FieldDecoder& decoder, Panel panel, int group, kernel::GroupA& out) {
  const int depth = decoder.bits == 8 ? 8 : 4;
  bool subnormal = false;
  for (int i = 0; i < kTileSide; ++i) {
    for (int k = 0; k < kGroup; ++k) {
      subnormal |=
          decoder.decode(element(panel, i * depth + group * kGroup + k, decoder.bits), out.m[i][k], out.e[i][k]);
    }
  }
  return subnormal;
}

bool load_group(const kernel::FieldDecoder& decoder, Panel panel, int group, kernel::GroupB& out) {
  bool subnormal = false;
  for (int k = 0; k < kGroup; ++k) {
    for (int j = 0; j < kTileSide; ++j) {
      subnormal |=
          decoder.decode(element(panel, (group * kGroup + k) * kTileSide + j, decoder.bits), out.m[k][j], out.e[k][j]);
    }
  }
  return subnormal;
}

}  // namespace

bool mma_operands_valid(Descriptor a, Descriptor b) {
  return a.valid() && b.valid() && a.kind() != Kind::fp32 && b.kind() != Kind::fp32 && a.bits() == b.bits();
}

int mma_depth(Descriptor operand) { return operand.bits() == 8 ? 2 * kGroup : kGroup; }

Lane fused_group(std::uint32_t acc, const std::array<Unpacked, kGroup>& a, Descriptor da,
                 const std::array<Unpacked, kGroup>& b, Descriptor db) {
  const Unpacked c = decode(acc, Descriptor(Kind::fp32));
  Flags flags = c.subnormal_encoding ? kDenormal : Flags{0};
  bool operand_nan = c.cls == Class::nan;
  if (c.signaling) flags |= kInvalid;

  Specials specials;
  specials.nan = c.cls == Class::nan;
  if (c.cls == Class::infinity) specials.add_infinity(c.negative);
  bool all_negative = c.negative;
  std::array<Term, kGroup + 1> terms;
  std::size_t count = 0;

  for (std::size_t k = 0; k < kGroup; ++k) {
    if (a[k].subnormal_encoding || b[k].subnormal_encoding) flags |= kDenormal;
    if (a[k].signaling || b[k].signaling) flags |= kInvalid;
    const bool negative = a[k].negative != b[k].negative;
    const bool infinite = a[k].cls == Class::infinity || b[k].cls == Class::infinity;
    const bool zero = a[k].cls == Class::zero || b[k].cls == Class::zero;
    all_negative = all_negative && negative;
    if (a[k].cls == Class::nan || b[k].cls == Class::nan) {
      operand_nan = true;
      specials.nan = true;
    } else if (infinite && zero) {
      specials.nan = true;
    } else if (infinite) {
      specials.add_infinity(negative);
    } else if (!zero) {
      // decode() leaves exponent = e - M and a significand of 1 + M bits; the specification's m has 11.
      const int ma = info(da.kind()).mantissa_bits;
      const int mb = info(db.kind()).mantissa_bits;
      const std::uint64_t magnitude = (a[k].significand << (10 - ma)) * (b[k].significand << (10 - mb));
      terms[count++] = {negative, magnitude, a[k].exponent + ma + b[k].exponent + mb, 20};
    }
  }
  if (specials.invalid_sum()) {
    if (!operand_nan) flags |= kInvalid;
    return {kFp32CanonicalNan, flags};
  }
  if (specials.positive_infinity) return {kFp32Infinity, flags};
  if (specials.negative_infinity) return {kFp32SignBit | kFp32Infinity, flags};

  if (c.cls == Class::finite) terms[count++] = {c.negative, c.significand, c.exponent + 23, 23};
  if (count == 0) return {all_negative ? kFp32SignBit : 0, flags};

  int largest = terms[0].exponent;
  for (std::size_t t = 1; t < count; ++t) largest = std::max(largest, terms[t].exponent);
  std::int64_t sum = 0;
  for (std::size_t t = 0; t < count; ++t) {
    const std::int64_t magnitude = aligned(terms[t], largest);
    sum += terms[t].negative ? -magnitude : magnitude;
  }
  if (sum == 0) return {0, flags};
  const auto magnitude = static_cast<std::uint64_t>(sum < 0 ? -sum : sum);
  Lane result = round_to_fp32(sum < 0, magnitude, largest - kWindow, false);
  result.flags |= flags;
  return result;
}

Flags mma_reference(Tile tile, Panel a, Panel b, Descriptor da, Descriptor db, bool zero_first) {
  Flags flags = 0;
  for (int group = 0; group < mma_depth(da) / kGroup; ++group) {
    for (int i = 0; i < kTileSide; ++i) {
      for (int j = 0; j < kTileSide; ++j) {
        std::uint32_t& acc = at(tile, i, j);
        const std::uint32_t start = zero_first && group == 0 ? 0 : acc;
        const Lane lane = fused_group(start, row_of_a(a, da, i, group), da, column_of_b(b, db, j, group), db);
        acc = lane.bits;
        flags |= lane.flags;
      }
    }
  }
  return flags;
}

Flags mma(Tile tile, Panel a, Panel b, Descriptor da, Descriptor db, bool zero_first) {
  const kernel::FieldDecoder decode_a(da);
  const kernel::FieldDecoder decode_b(db);
  if (zero_first) std::fill(tile.begin(), tile.end(), 0U);
  Flags flags = 0;
  for (int group = 0; group < mma_depth(da) / kGroup; ++group) {
    kernel::GroupA ga;
    kernel::GroupB gb;
    const bool subnormal_a = load_group(decode_a, a, group, ga);
    const bool subnormal_b = load_group(decode_b, b, group, gb);
    if (subnormal_a || subnormal_b) flags |= kDenormal;
    flags |= kernel::step_tile(ga, gb, tile.data(), [&](int i, int j) {
      return fused_group(at(tile, i, j), row_of_a(a, da, i, group), da, column_of_b(b, db, j, group), db);
    });
  }
  return flags;
}

namespace kernel {

void sum_tile(const GroupA& a, const GroupB& b, const std::uint32_t* accumulators, TileSums& out) {
  constexpr int kProductLeft = kWindow - 20;
  constexpr int kAccumulatorLeft = kWindow - 23;
  bool subnormal = false;
  for (int i = 0; i < kTileSide; ++i) {
    for (int j = 0; j < kTileSide; ++j) {
      const std::uint32_t acc = accumulators[kTileSide * i + j];
      const auto field = static_cast<std::int32_t>(acc >> 23 & 0xFF);
      const std::uint32_t fraction = acc & 0x7F'FFFFU;
      subnormal |= field == 0 && fraction != 0;
      const std::int64_t acc_magnitude = field == 0 ? fraction : fraction | 0x80'0000U;
      std::int32_t acc_exponent = (field == 0 ? 1 : field) - 127;
      if (acc_magnitude == 0) acc_exponent = kZeroExponent;
      if (field == 0xFF) acc_exponent = kSpecialExponent;

      std::int32_t largest = acc_exponent;
      for (int k = 0; k < kGroup; ++k) largest = std::max(largest, a.e[i][k] + b.e[k][j]);

      const int acc_shift = std::min(largest - acc_exponent, 63);
      const std::int64_t acc_aligned = acc_magnitude << kAccumulatorLeft >> acc_shift;
      std::int64_t sum = (acc & kFp32SignBit) != 0 ? -acc_aligned : acc_aligned;
      for (int k = 0; k < kGroup; ++k) {
        const std::int64_t product = std::int64_t{a.m[i][k]} * b.m[k][j];
        const int shift = std::min(largest - (a.e[i][k] + b.e[k][j]), 63);
        // Truncation acts on the magnitude: complement, shift, complement back.
        const std::int64_t sign = product >> 63;
        const std::int64_t magnitude = (product ^ sign) - sign;
        const std::int64_t aligned = magnitude << kProductLeft >> shift;
        sum += (aligned ^ sign) - sign;
      }
      out.sum[kTileSide * i + j] = sum;
      out.anchor[kTileSide * i + j] = largest;
    }
  }
  out.subnormal_accumulator = subnormal;
}

}  // namespace kernel
}  // namespace tatami::golden
