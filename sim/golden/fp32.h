// FP32 lane arithmetic: IEEE 754 binary32, to nearest-even, on exact integers (docs/numerics.md, section 4).
// Operands and results are bit patterns. Every NaN result is canonical (0x7FC00000).
#pragma once

#include <bit>
#include <cstdint>
#include <span>

#include "golden/formats.h"

namespace tatami::golden {

/// A 32-bit lane and the flags that computing it raised.
struct Lane {
  std::uint32_t bits = 0;
  Flags flags = 0;

  bool operator==(const Lane&) const = default;
};

/// Wide enough for every exact intermediate, after far terms are folded into a sticky bit.
__extension__ using Uint128 = unsigned __int128;

inline constexpr std::uint32_t kFp32CanonicalNan = 0x7FC0'0000U;
inline constexpr std::uint32_t kFp32Infinity = 0x7F80'0000U;
inline constexpr std::uint32_t kFp32SignBit = 0x8000'0000U;

/// Rounds (-1)^negative * magnitude * 2^exponent (+ a positive part below magnitude's last bit if `sticky`) to FP32.
/// magnitude is not 0 and, if sticky is set, has at least 26 significant bits. Raises Overflow; Underflow when tiny
/// after rounding and inexact.
Lane round_to_fp32(bool negative, Uint128 magnitude, std::int32_t exponent, bool sticky);

/// Rounds sum * 2^exponent to FP32 if the result surely is a normal number: the common case of round_to_fp32(), which
/// raises no flag. 0 < |sum| < 2^63. Returns false, and leaves `bits`, near the ends of the range.
inline bool round_normal(std::int64_t sum, std::int32_t exponent, std::uint32_t& bits) {
  const std::uint64_t magnitude = sum < 0 ? 0 - static_cast<std::uint64_t>(sum) : static_cast<std::uint64_t>(sum);
  const int zeros = std::countl_zero(magnitude);
  const std::int32_t leading = 63 - zeros + exponent;
  if (leading < -126 || leading > 126) return false;
  constexpr int kDropped = 39;  // with the leading bit at 62, so that the rounding carry fits, leaves 24 bits
  const std::uint64_t aligned = magnitude << (zeros - 1);
  const std::uint64_t half_less_one = (std::uint64_t{1} << (kDropped - 1)) - 1;
  const std::uint64_t kept = (aligned + half_less_one + (aligned >> kDropped & 1)) >> kDropped;
  const auto base = static_cast<std::uint32_t>(leading + 126) << 23;  // the hidden bit of `kept` adds one more
  bits = (sum < 0 ? kFp32SignBit : 0) | (base + static_cast<std::uint32_t>(kept));
  return true;
}

Lane fadd(std::uint32_t a, std::uint32_t b);
Lane fsub(std::uint32_t a, std::uint32_t b);
Lane fmul(std::uint32_t a, std::uint32_t b);
/// a*b + c, rounded once.
Lane fma(std::uint32_t a, std::uint32_t b, std::uint32_t c);
/// The four accumulating forms, named as in the RISC-V vector extension: `acc` is vd before the instruction.
Lane fmacc(std::uint32_t acc, std::uint32_t a, std::uint32_t b);   ///<  (a*b) + acc
Lane fnmacc(std::uint32_t acc, std::uint32_t a, std::uint32_t b);  ///< -(a*b) - acc
Lane fmsac(std::uint32_t acc, std::uint32_t a, std::uint32_t b);   ///<  (a*b) - acc
Lane fnmsac(std::uint32_t acc, std::uint32_t a, std::uint32_t b);  ///< -(a*b) + acc

/// IEEE 754-2019 minimumNumber and maximumNumber: -0 < +0, a NaN operand gives the other one.
Lane fmin(std::uint32_t a, std::uint32_t b);
Lane fmax(std::uint32_t a, std::uint32_t b);

/// Comparisons deliver a mask lane: 0xFFFFFFFF for true, 0 for false.
Lane feq(std::uint32_t a, std::uint32_t b);
Lane flt(std::uint32_t a, std::uint32_t b);
Lane fle(std::uint32_t a, std::uint32_t b);

/// a with the sign of b, its complement, or the XOR of both signs. No flags.
constexpr std::uint32_t fsgnj(std::uint32_t a, std::uint32_t b) { return (a & ~kFp32SignBit) | (b & kFp32SignBit); }
constexpr std::uint32_t fsgnjn(std::uint32_t a, std::uint32_t b) { return fsgnj(a, ~b); }
constexpr std::uint32_t fsgnjx(std::uint32_t a, std::uint32_t b) { return a ^ (b & kFp32SignBit); }

/// FP32 to a saturated 32-bit integer: nearest-even, or toward zero (`_rtz`).
Lane fcvt_w(std::uint32_t a);
Lane fcvt_wu(std::uint32_t a);
Lane fcvt_w_rtz(std::uint32_t a);
Lane fcvt_wu_rtz(std::uint32_t a);
/// A signed or unsigned 32-bit integer to FP32, nearest-even.
Lane fcvt_s_w(std::uint32_t a);
Lane fcvt_s_wu(std::uint32_t a);

/// Seven-bit seeds of 1/x and 1/sqrt(x).
Lane frec7(std::uint32_t a);
Lane frsqrt7(std::uint32_t a);

/// Reductions over 16 lanes, level by level in pairs of neighbours. The result belongs in lane 0.
Lane fredsum(std::span<const std::uint32_t, 16> v);
Lane fredmin(std::span<const std::uint32_t, 16> v);
Lane fredmax(std::span<const std::uint32_t, 16> v);

}  // namespace tatami::golden
