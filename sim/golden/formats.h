// The number formats: kinds, descriptors and decoding to exact values (docs/numerics.md, section 1).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tatami::golden {

/// Sticky exception flags, as in the CSR `dflags` (docs/numerics.md, section 1.2). Combine with `|`.
using Flags = std::uint8_t;
inline constexpr Flags kInvalid = 1U << 0;
inline constexpr Flags kDenormal = 1U << 1;
inline constexpr Flags kOverflow = 1U << 2;
inline constexpr Flags kUnderflow = 1U << 3;

/// The floating-point kinds; the enumerators' values are the codes of a descriptor's bits 3:0.
enum class Kind : std::uint8_t { fp32 = 0, bf16 = 1, cfloat8_1_4_3 = 2, cfloat8_1_5_2 = 3, shp = 4, uhp = 5 };
inline constexpr int kKinds = 6;
inline constexpr std::array<Kind, kKinds> kAllKinds = {Kind::fp32,          Kind::bf16, Kind::cfloat8_1_4_3,
                                                       Kind::cfloat8_1_5_2, Kind::shp,  Kind::uhp};

/// What a kind fixes about its encoding. Everything else about a format derives from this table.
struct KindInfo {
  std::string_view name;
  int bits;       ///< element size in bits: 8, 16 or 32
  bool has_sign;  ///< false only for `uhp`
  int exponent_bits;
  int mantissa_bits;            ///< M of the specification
  bool clamping;                ///< no Inf, no NaN; bias and subnormal reading come from the descriptor
  int fixed_bias;               ///< bias of the IEEE-like formats; unused for clamping ones
  std::uint32_t canonical_nan;  ///< 0 for clamping formats
};

const KindInfo& info(Kind kind);
std::string_view name(Kind kind);
/// The kind called `name` ("fp32", "bf16", "cfloat8_1_4_3", "cfloat8_1_5_2", "shp", "uhp").
std::optional<Kind> kind_from_name(std::string_view name);

/// How a destination rounds values between two neighbours.
enum class Rounding : std::uint8_t { nearest_even = 0, stochastic = 1 };
/// What a clamping format's subnormal encodings mean: the whitepaper's printed formula or gradual underflow.
enum class Subnormals : std::uint8_t { printed = 0, gradual = 1 };

/// A format descriptor, 16 bits packed as in the CSRs `dfmt0..dfmt15`.
class Descriptor {
 public:
  constexpr Descriptor() = default;
  /// From the packed bits; any value is accepted, ask valid().
  constexpr explicit Descriptor(std::uint16_t packed) : packed_(packed) {}
  /// From fields; `bias` 0..63, read only for the clamping formats.
  constexpr Descriptor(Kind kind, int bias, Rounding rounding = Rounding::nearest_even,
                       Subnormals subnormals = Subnormals::printed)
      : packed_(static_cast<std::uint16_t>(static_cast<unsigned>(kind) | (static_cast<unsigned>(bias) & 63U) << 4 |
                                           static_cast<unsigned>(rounding) << 10 |
                                           static_cast<unsigned>(subnormals) << 11)) {}
  /// A format whose bias is fixed: `fp32`, `bf16` or `uhp`.
  constexpr explicit Descriptor(Kind kind) : Descriptor(kind, 0) {}

  constexpr std::uint16_t packed() const { return packed_; }
  /// False for a reserved kind or non-zero bits 15:12: using such a descriptor traps.
  constexpr bool valid() const { return (packed_ & 15U) < kKinds && (packed_ >> 12) == 0; }
  constexpr Kind kind() const { return static_cast<Kind>(packed_ & 15U); }
  constexpr int bias_field() const { return packed_ >> 4 & 63; }
  constexpr Rounding rounding() const { return static_cast<Rounding>(packed_ >> 10 & 1); }
  constexpr Subnormals subnormals() const { return static_cast<Subnormals>(packed_ >> 11 & 1); }

  /// The bias in force: the field for clamping formats, 127 or 31 otherwise. Requires valid(), like all below.
  int bias() const;
  int bits() const;
  int bytes() const { return bits() / 8; }
  /// True where subnormal encodings are worth 2^(1-bias)*0.m (`fp32`, `bf16`, and `gradual` descriptors).
  bool gradual_underflow() const;

  constexpr bool operator==(const Descriptor&) const = default;

 private:
  std::uint16_t packed_ = 0;
};

enum class Class : std::uint8_t { zero, finite, infinity, nan };

/// An exact value: (-1)^negative * significand * 2^exponent for `finite` (significand not 0), else by its class.
struct Unpacked {
  Class cls = Class::zero;
  bool negative = false;
  bool subnormal_encoding = false;  ///< exponent field 0, mantissa not 0 (also where `uhp` flushes it to zero)
  bool signaling = false;           ///< NaN only
  std::int32_t exponent = 0;
  std::uint64_t significand = 0;  ///< not normalised; decode() delivers at most 24 bits

  bool operator==(const Unpacked&) const = default;
};

/// The value of `code` (its low bits() bits) read by the valid descriptor `d`.
Unpacked decode(std::uint32_t code, Descriptor d);

/// The exact value as a double: every value of every format fits. NaN becomes a quiet NaN.
double to_double(const Unpacked& value);
double to_double(std::uint32_t code, Descriptor d);

/// Range facts of a valid descriptor, as codes without sign and as values.
std::uint32_t largest_code(Descriptor d);
std::uint32_t smallest_normal_code(Descriptor d);
/// The code of the smallest magnitude above zero that the format can hold (`uhp`: its smallest normal).
std::uint32_t smallest_positive_code(Descriptor d);
double largest(Descriptor d);
double smallest_normal(Descriptor d);
double smallest_positive(Descriptor d);

}  // namespace tatami::golden
