// The matrix unit: exact products, one finite-window fused sum and one rounding per group of four
// (docs/numerics.md, section 5).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "golden/formats.h"
#include "golden/fp32.h"

namespace tatami::golden {

inline constexpr int kTileSide = 8;
inline constexpr int kGroup = 4;    ///< products per rounding
inline constexpr int kWindow = 50;  ///< F: the window's last bit weighs 2^(E-F)

using Tile = std::span<std::uint32_t, 64>;        ///< element (i, j) at 8*i + j, FP32 bits
using Panel = std::span<const std::uint8_t, 64>;  ///< one vector register, little-endian

/// True if the matrix unit takes the pair: both valid, neither fp32, both 8-bit or both 16-bit.
bool mma_operands_valid(Descriptor a, Descriptor b);

/// Elements along k in one panel: 4 for 16-bit kinds, 8 for 8-bit kinds.
int mma_depth(Descriptor operand);

/// One `dm.mma`: tile += A * B, in place. `zero_first` takes the first group's accumulators as +0.
/// A holds element (i, k) at i*depth + k, B element (k, j) at 8*k + j. Requires mma_operands_valid(da, db).
Flags mma(Tile tile, Panel a, Panel b, Descriptor da, Descriptor db, bool zero_first);

/// The same, written term by term from the specification. Slow; the yardstick of mma().
Flags mma_reference(Tile tile, Panel a, Panel b, Descriptor da, Descriptor db, bool zero_first);

/// One element's group step: acc + sum of a[k]*b[k], operands decoded, acc as FP32 bits. Flags as in section 5.3.
Lane fused_group(std::uint32_t acc, const std::array<Unpacked, kGroup>& a, Descriptor da,
                 const std::array<Unpacked, kGroup>& b, Descriptor db);

}  // namespace tatami::golden
