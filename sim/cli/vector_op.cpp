#include "cli/vector_op.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "cli/formats.h"
#include "host/error.h"

namespace tatami::cli {
namespace {

using golden::Lane;
using isa::Op;
using Word = std::uint32_t;

double real(Word bits) { return std::bit_cast<float>(bits); }

/// Whether a + b, doubles that are finite and far from double's limits, differs from `result`: the sum's own rounding
/// error is exact (Knuth's two-sum).
bool sum_differs(double a, double b, Word result) {
  const double sum = a + b;
  const double of_b = sum - a;
  const double error = (a - (sum - of_b)) + (b - of_b);
  return error != 0 || sum != real(result);
}

// Products of two FP32 numbers are exact doubles: 48 bits, exponents down to 2^-298.
bool inexact_add(Word a, Word b, Word, Word r) { return sum_differs(real(a), real(b), r); }
bool inexact_sub(Word a, Word b, Word, Word r) { return sum_differs(real(a), -real(b), r); }
bool inexact_mul(Word a, Word b, Word, Word r) { return real(a) * real(b) != real(r); }
bool inexact_fma(Word a, Word b, Word c, Word r) { return sum_differs(real(a) * real(b), real(c), r); }
bool inexact_int(Word a, Word, Word, Word r) { return static_cast<double>(static_cast<std::int32_t>(a)) != real(r); }
bool inexact_uint(Word a, Word, Word, Word r) { return static_cast<double>(a) != real(r); }

const std::vector<VectorOp>& fixed_ops() {
  static const std::vector<VectorOp> ops = {
      {"f32_add",
       Op::dv_fadd_,
       2,
       8,
       8,
       false,
       {},
       {},
       [](Word a, Word b, Word) { return golden::fadd(a, b); },
       inexact_add},
      {"f32_sub",
       Op::dv_fsub_,
       2,
       8,
       8,
       false,
       {},
       {},
       [](Word a, Word b, Word) { return golden::fsub(a, b); },
       inexact_sub},
      {"f32_mul",
       Op::dv_fmul_,
       2,
       8,
       8,
       false,
       {},
       {},
       [](Word a, Word b, Word) { return golden::fmul(a, b); },
       inexact_mul},
      {"f32_mulAdd",
       Op::dv_fmacc_,
       3,
       8,
       8,
       true,
       {},
       {},
       [](Word a, Word b, Word c) { return golden::fma(a, b, c); },
       inexact_fma},
      {"f32_eq", Op::dv_feq_, 2, 8, 1, false, {}, {}, [](Word a, Word b, Word) { return golden::feq(a, b); }, nullptr},
      {"f32_lt", Op::dv_flt_, 2, 8, 1, false, {}, {}, [](Word a, Word b, Word) { return golden::flt(a, b); }, nullptr},
      {"f32_le", Op::dv_fle_, 2, 8, 1, false, {}, {}, [](Word a, Word b, Word) { return golden::fle(a, b); }, nullptr},
      {"f32_to_i32",
       Op::dv_fcvt_w_s_,
       1,
       8,
       8,
       false,
       {},
       {},
       [](Word a, Word, Word) { return golden::fcvt_w(a); },
       nullptr},
      {"f32_to_ui32",
       Op::dv_fcvt_wu_s_,
       1,
       8,
       8,
       false,
       {},
       {},
       [](Word a, Word, Word) { return golden::fcvt_wu(a); },
       nullptr},
      {"f32_to_i32_r_minMag",
       Op::dv_fcvt_w_s_rtz_,
       1,
       8,
       8,
       false,
       {},
       {},
       [](Word a, Word, Word) { return golden::fcvt_w_rtz(a); },
       nullptr},
      {"f32_to_ui32_r_minMag",
       Op::dv_fcvt_wu_s_rtz_,
       1,
       8,
       8,
       false,
       {},
       {},
       [](Word a, Word, Word) { return golden::fcvt_wu_rtz(a); },
       nullptr},
      {"i32_to_f32",
       Op::dv_fcvt_s_w_,
       1,
       8,
       8,
       false,
       {},
       {},
       [](Word a, Word, Word) { return golden::fcvt_s_w(a); },
       inexact_int},
      {"ui32_to_f32",
       Op::dv_fcvt_s_wu_,
       1,
       8,
       8,
       false,
       {},
       {},
       [](Word a, Word, Word) { return golden::fcvt_s_wu(a); },
       inexact_uint},
  };
  return ops;
}

golden::Kind kind_of(const std::string& name, const std::string& whole) {
  try {
    return parse_kind(name == "f32" ? "fp32" : name, "");
  } catch (const InputError&) {
    throw InputError(
        fmt::format("--op {}: unknown operation; expected one of {}, or FORMAT_to_FORMAT with two of f32, {}", whole,
                    vector_op_names(", "), kind_names(", ")));
  }
}

}  // namespace

std::string vector_op_names(const std::string& separator) {
  std::string names;
  for (const VectorOp& op : fixed_ops()) names += (names.empty() ? "" : separator) + op.name;
  return names;
}

VectorOp find_vector_op(const std::string& name, const VectorFormats& formats) {
  for (const VectorOp& op : fixed_ops()) {
    if (op.name == name) return op;
  }
  const auto middle = name.find("_to_");
  const golden::Kind from = kind_of(name.substr(0, middle), name);
  const golden::Kind to = kind_of(middle == std::string::npos ? "" : name.substr(middle + 4), name);
  VectorOp op;
  op.name = name;
  op.op = Op::dv_cvt_;
  op.operands = 1;
  op.source = make_descriptor(from, formats.bias_from, "--bias-from", formats.bias, false, formats.gradual);
  op.destination = make_descriptor(to, formats.bias_to, "--bias-to", formats.bias, formats.stochastic, formats.gradual);
  op.operand_digits = op.source.bits() / 4;
  op.result_digits = op.destination.bits() / 4;
  return op;
}

golden::Coded golden_result(const VectorOp& op, std::span<const std::uint32_t, 3> operands, std::uint64_t seed,
                            std::uint64_t index) {
  if (op.golden == nullptr) return golden::convert_indexed(operands[0], op.source, op.destination, seed, index);
  const Lane lane = op.golden(operands[0], operands[1], operands[2]);
  return {op.result_digits == 1 ? lane.bits & 1 : lane.bits, lane.flags};
}

unsigned testfloat_flags(golden::Flags flags) {
  return ((flags & golden::kUnderflow) != 0 ? kUnderflow : 0) | ((flags & golden::kOverflow) != 0 ? kOverflow : 0) |
         ((flags & golden::kInvalid) != 0 ? kInvalid : 0);
}

bool is_inexact(const VectorOp& op, std::span<const std::uint32_t, 3> operands, std::uint32_t result,
                golden::Flags flags) {
  if ((flags & golden::kInvalid) != 0) return false;
  if ((flags & (golden::kOverflow | golden::kUnderflow)) != 0) return true;
  if (op.op == Op::dv_cvt_) {
    const double value = golden::to_double(operands[0], op.source);
    return std::isfinite(value) && value != golden::to_double(result, op.destination);
  }
  if (op.inexact == nullptr) return false;
  if (op.operand_digits == 8 && op.op != Op::dv_fcvt_s_w_ && op.op != Op::dv_fcvt_s_wu_) {
    for (int i = 0; i < op.operands; ++i) {
      if (!std::isfinite(real(operands[static_cast<std::size_t>(i)]))) return false;  // exact: Inf, or a NaN handed on
    }
  }
  return op.inexact(operands[0], operands[1], operands[2], result);
}

}  // namespace tatami::cli
