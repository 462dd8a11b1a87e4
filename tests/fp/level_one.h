// FP32 operands of the kind that Berkeley TestFloat's level 1 generates, written after its published description:
// exponents and fractions at the ends of their ranges, and such operands mixed with random parts. And what the host's
// FPU, which shares nothing with RTL and golden model, makes of them.
#pragma once

#include <bit>
#include <cfenv>
#include <cstdint>
#include <random>
#include <vector>

#include "golden/fp32.h"

namespace tatami::fp {

/// Eleven exponents, both signs, four fractions: 88 operands.
inline std::vector<std::uint32_t> special_operands() {
  std::vector<std::uint32_t> all;
  for (const std::uint32_t field : {0x00U, 0x01U, 0x66U, 0x7EU, 0x7FU, 0x80U, 0x81U, 0x98U, 0xFDU, 0xFEU, 0xFFU})
    for (const std::uint32_t sign : {0U, 0x8000'0000U})
      for (const std::uint32_t fraction : {0U, 1U, 0x7F'FFFEU, 0x7F'FFFFU})
        all.push_back(sign | field << 23 | fraction);
  return all;
}

/// Special exponents with random fractions, single bits and runs of ones, or any code.
inline std::uint32_t mixed_operand(std::mt19937_64& random, const std::vector<std::uint32_t>& special) {
  const std::uint64_t r = random();
  const std::uint32_t base = special[(r >> 32) % special.size()];
  const auto fraction = static_cast<std::uint32_t>(r) & 0x7F'FFFF;
  const std::uint32_t bit = 1U << (r >> 24 & 31) % 23;
  switch (r >> 58 & 7) {
    case 0: return base;
    case 1: return (base & 0xFF80'0000) | fraction;
    case 2: return (base & 0xFF80'0000) | bit;
    case 3: return (base & 0xFF80'0000) | (0x7F'FFFF & ~bit);
    case 4: return (base & 0xFF80'0000) | (0x7F'FFFF & ~(bit - 1));
    case 5: return (base & 0x807F'FFFF) | (112 + (r >> 40 & 31)) << 23;
    case 6: return (base & 0x8000'0000) | (64 + (r >> 40 & 127)) << 23 | fraction;
    default: return static_cast<std::uint32_t>(r);
  }
}

inline bool is_subnormal(std::uint32_t x) { return (x & golden::kFp32Infinity) == 0 && (x & 0x7F'FFFF) != 0; }
inline bool is_nan(std::uint32_t x) { return (x & 0x7FFF'FFFF) > golden::kFp32Infinity; }
inline bool is_signaling(std::uint32_t x) { return is_nan(x) && (x & 0x40'0000) == 0; }

/// The flags that IEEE 754 shares with docs/numerics.md, as the host raised them. IEEE 754 leaves open when tininess is
/// detected; x86 does it after rounding, as section 4 says.
inline golden::Flags host_flags() {
  const int raised = std::fetestexcept(FE_ALL_EXCEPT);
  golden::Flags flags = 0;
  if ((raised & FE_INVALID) != 0) flags |= golden::kInvalid;
  if ((raised & FE_OVERFLOW) != 0) flags |= golden::kOverflow;
  if ((raised & FE_UNDERFLOW) != 0) flags |= golden::kUnderflow;
  return flags;
}

/// Runs an FP32 operation on the host. Canonical NaNs; Denormal, which IEEE 754 does not know, is never raised.
template <typename Operation>
[[gnu::noinline]] golden::Lane on_host(Operation operation) {
  std::feclearexcept(FE_ALL_EXCEPT);
  volatile float result = operation();
  const golden::Flags flags = host_flags();
  const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(result));
  return {(bits & 0x7FFF'FFFF) > golden::kFp32Infinity ? golden::kFp32CanonicalNan : bits, flags};
}

}  // namespace tatami::fp
