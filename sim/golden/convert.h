// Encoding and conversion between formats (docs/numerics.md, section 2).
#pragma once

#include <cstdint>

#include "golden/formats.h"

namespace tatami::golden {

/// A result code in its low bits and the flags it raised.
struct Coded {
  std::uint32_t code = 0;
  Flags flags = 0;

  bool operator==(const Coded&) const = default;
};

/// Rounds an exact value into the valid descriptor `dst`. `random` is R of section 3, read only when `dst` rounds
/// stochastically. Raises Invalid, Overflow, Underflow, and Denormal when `value.subnormal_encoding` is set.
Coded encode(const Unpacked& value, Descriptor dst, std::uint16_t random = 0);

/// decode() by `src`, then encode() by `dst`: one element of `dv.cvt`.
Coded convert(std::uint32_t code, Descriptor src, Descriptor dst, std::uint16_t random = 0);

/// As convert(), with the random bits of element `index` under `seed` (section 3).
Coded convert_indexed(std::uint32_t code, Descriptor src, Descriptor dst, std::uint64_t seed, std::uint64_t index);

/// Converts a finite or special double (for example an element read from a file) by `dst`, rounding once.
Coded encode_double(double value, Descriptor dst, std::uint16_t random = 0);

}  // namespace tatami::golden
