// The operations of `tatami vectors`: Berkeley TestFloat's functions as far as the vector unit has them, and
// conversions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "golden/convert.h"
#include "golden/fp32.h"
#include "opcodes.gen.h"

namespace tatami::cli {

/// TestFloat's exception flags.
inline constexpr unsigned kInexact = 1, kUnderflow = 2, kOverflow = 4, kInvalid = 16;

struct VectorOp {
  std::string name;
  isa::Op op{};
  int operands = 2;
  int operand_digits = 8;                  ///< hexadecimal
  int result_digits = 8;                   ///< 1: a truth value
  bool accumulates = false;                ///< the third operand is the old destination
  golden::Descriptor source, destination;  ///< dv.cvt only
  golden::Lane (*golden)(std::uint32_t, std::uint32_t, std::uint32_t) = nullptr;  ///< null for dv.cvt
  /// Whether `result` differs from the exact value, for finite ones; null where TestFloat expects no such flag.
  bool (*inexact)(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t result) = nullptr;
};

struct VectorFormats {
  std::optional<int> bias, bias_from, bias_to;
  bool gradual = false;
  bool stochastic = false;
};

/// The operation called `name`; throws InputError listing all.
VectorOp find_vector_op(const std::string& name, const VectorFormats& formats);
/// TestFloat's functions among them: without conversions between formats.
std::string vector_op_names(const std::string& separator);

/// The result and flags of one case by the golden model. `index` is the element index for stochastic rounding.
golden::Coded golden_result(const VectorOp& op, std::span<const std::uint32_t, 3> operands, std::uint64_t seed,
                            std::uint64_t index);

/// Tatami's flags as TestFloat's, without inexact.
unsigned testfloat_flags(golden::Flags flags);
/// The inexact bit, worked out from operands and result: the hardware has none.
bool is_inexact(const VectorOp& op, std::span<const std::uint32_t, 3> operands, std::uint32_t result,
                golden::Flags flags);

}  // namespace tatami::cli
