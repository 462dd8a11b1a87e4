// The fast form of the fused sum, shared by mma() and matmul(): panels decoded once into integer arrays, one 8x8 tile
// per call. Internal to sim/golden; use fused_sum.h or matmul.h.
#pragma once

#include <array>
#include <cstdint>

#include "golden/fused_sum.h"

namespace tatami::golden::kernel {

// Nominal exponents outside (kLeast, kGreatest) mark operands whose elements leave the fast path. Real ones lie within
// +-300, sums of two marks and a real one keep far from the limits in the right direction.
inline constexpr std::int32_t kZeroExponent = -4096;
inline constexpr std::int32_t kSpecialExponent = 1 << 20;
inline constexpr std::int32_t kLeast = -1024;
inline constexpr std::int32_t kGreatest = 1024;

/// How a kind's fields turn into (m, e) of section 5, as constants of branch-free code.
struct FieldDecoder {
  int bits;
  int mantissa_bits;
  std::uint32_t exponent_mask;
  std::uint32_t special_field;  ///< reserved exponent field, or one no field reaches
  std::int32_t bias;
  std::uint32_t subnormal_field;  ///< the exponent field as which subnormal encodings count: 0 `printed`, 1 gradual
  bool flush;

  explicit FieldDecoder(Descriptor d)
      : bits(d.bits()),
        mantissa_bits(info(d.kind()).mantissa_bits),
        exponent_mask((1U << info(d.kind()).exponent_bits) - 1),
        special_field(info(d.kind()).clamping ? exponent_mask + 1 : exponent_mask),
        bias(d.bias()),
        subnormal_field(d.gradual_underflow() ? 1 : 0),
        flush(d.kind() == Kind::uhp) {}

  /// Signed significand with value m * 2^(e-10), and its nominal exponent or mark. Returns true for a subnormal
  /// encoding.
  bool decode(std::uint32_t code, std::int32_t& m, std::int32_t& e) const {
    const std::uint32_t mantissa = code & ((1U << mantissa_bits) - 1);
    const std::uint32_t field = code >> mantissa_bits & exponent_mask;
    const bool negative = !flush && (code >> (bits - 1) & 1U) != 0;
    const bool low = field == 0;
    const bool zero = low && (mantissa == 0 || flush);
    const auto magnitude =
        static_cast<std::int32_t>((mantissa | (low ? 0U : 1U << mantissa_bits)) << (10 - mantissa_bits));
    m = zero ? 0 : (negative ? -magnitude : magnitude);
    e = zero ? kZeroExponent : static_cast<std::int32_t>(low ? subnormal_field : field) - bias;
    if (field == special_field) e = kSpecialExponent;
    return low && mantissa != 0;
  }
};

/// Four elements along k of each of eight rows of A.
struct GroupA {
  std::array<std::array<std::int32_t, kGroup>, kTileSide> m;
  std::array<std::array<std::int32_t, kGroup>, kTileSide> e;
};

/// Four elements along k of each of eight columns of B.
struct GroupB {
  std::array<std::array<std::int32_t, kTileSide>, kGroup> m;
  std::array<std::array<std::int32_t, kTileSide>, kGroup> e;
};

/// Sums and window anchors of a tile.
struct TileSums {
  std::array<std::int64_t, 64> sum;
  std::array<std::int32_t, 64> anchor;  ///< E, or outside (kLeast, kGreatest): nothing but zeros, or a special operand
  bool subnormal_accumulator;
};

/// Steps 1 to 4 of section 5.2 for all elements.
void sum_tile(const GroupA& a, const GroupB& b, const std::uint32_t* accumulators, TileSums& out);

/// One group step of a whole tile, in place. `exact(i, j)` is asked for the Lane of elements off the fast path: special
/// operands and accumulators, results near the ends of the range, and zeros whose sign needs thought.
/// Returns Overflow and Underflow of all elements, Denormal of accumulators, and Invalid.
template <typename Exact>
Flags step_tile(const GroupA& a, const GroupB& b, std::uint32_t* accumulators, Exact&& exact) {
  TileSums s;
  sum_tile(a, b, accumulators, s);
  Flags flags = s.subnormal_accumulator ? kDenormal : Flags{0};
  for (int n = 0; n < 64; ++n) {
    const bool regular = s.anchor[n] > kLeast && s.anchor[n] < kGreatest;
    if (regular && s.sum[n] != 0) {
      if (round_normal(s.sum[n], s.anchor[n] - kWindow, accumulators[n])) continue;
      const std::uint64_t magnitude = static_cast<std::uint64_t>(s.sum[n] < 0 ? -s.sum[n] : s.sum[n]);
      const Lane lane = round_to_fp32(s.sum[n] < 0, magnitude, s.anchor[n] - kWindow, false);
      accumulators[n] = lane.bits;
      flags |= lane.flags;
    } else if (regular || (s.anchor[n] <= kLeast && accumulators[n] == 0)) {
      accumulators[n] = 0;  // cancelled, or zeros among which the accumulator is +0
    } else {
      const Lane lane = exact(n / kTileSide, n % kTileSide);
      accumulators[n] = lane.bits;
      flags |= lane.flags;
    }
  }
  return flags;
}

}  // namespace tatami::golden::kernel
