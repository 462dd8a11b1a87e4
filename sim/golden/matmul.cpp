#include "golden/matmul.h"

#include <algorithm>
#include <stdexcept>

#include "golden/convert.h"
#include "golden/fp32.h"
#include "golden/fused_kernel.h"
#include "golden/fused_sum.h"

namespace tatami::golden {
namespace {

std::uint32_t code_at(const MatrixView& m, std::size_t row, std::size_t column) {
  const auto bytes = static_cast<std::size_t>(m.format.bytes());
  const std::uint8_t* p = m.data + row * m.row_bytes + column * bytes;
  std::uint32_t code = 0;
  for (std::size_t i = 0; i < bytes; ++i) code |= static_cast<std::uint32_t>(p[i]) << (8 * i);
  return code;
}

/// The padding of section "contract": codes outside the matrix are +0, which is code 0 in every format.
std::uint32_t padded_code_at(const MatrixView& m, std::size_t row, std::size_t column) {
  return row < m.rows && column < m.columns ? code_at(m, row, column) : 0;
}

std::size_t blocks(std::size_t n, std::size_t size) { return (n + size - 1) / size; }

/// K in groups, padded to what one instruction takes.
std::size_t groups_along_k(std::size_t k, Descriptor format) {
  const auto depth = static_cast<std::size_t>(mma_depth(format));
  return blocks(k, depth) * depth / kGroup;
}

/// Decoded operands in the order in which tiles consume them: [block of eight rows or columns][group along k].
template <typename Group>
struct Packed {
  std::vector<Group> groups;
  bool subnormal = false;
};

Packed<kernel::GroupA> pack_a(const MatrixView& a, std::size_t groups) {
  const kernel::FieldDecoder decoder(a.format);
  Packed<kernel::GroupA> packed;
  packed.groups.resize(blocks(a.rows, kTileSide) * groups);
  for (std::size_t n = 0; n < packed.groups.size(); ++n) {
    kernel::GroupA& out = packed.groups[n];
    for (std::size_t i = 0; i < kTileSide; ++i) {
      for (std::size_t k = 0; k < kGroup; ++k) {
        const std::uint32_t code = padded_code_at(a, n / groups * kTileSide + i, n % groups * kGroup + k);
        packed.subnormal |= decoder.decode(code, out.m[i][k], out.e[i][k]);
      }
    }
  }
  return packed;
}

Packed<kernel::GroupB> pack_b(const MatrixView& b, std::size_t groups) {
  const kernel::FieldDecoder decoder(b.format);
  Packed<kernel::GroupB> packed;
  packed.groups.resize(blocks(b.columns, kTileSide) * groups);
  for (std::size_t n = 0; n < packed.groups.size(); ++n) {
    kernel::GroupB& out = packed.groups[n];
    for (std::size_t k = 0; k < kGroup; ++k) {
      for (std::size_t j = 0; j < kTileSide; ++j) {
        const std::uint32_t code = padded_code_at(b, n % groups * kGroup + k, n / groups * kTileSide + j);
        packed.subnormal |= decoder.decode(code, out.m[k][j], out.e[k][j]);
      }
    }
  }
  return packed;
}

Product matmul_on_matrix_unit(const MatrixView& a, const MatrixView& b) {
  const std::size_t groups = groups_along_k(a.columns, a.format);
  const Packed<kernel::GroupA> pa = pack_a(a, groups);
  const Packed<kernel::GroupB> pb = pack_b(b, groups);
  Product c;
  c.values.resize(a.rows * b.columns);
  if (pa.subnormal || pb.subnormal) c.flags |= kDenormal;

  for (std::size_t row = 0; row < a.rows; row += kTileSide) {
    for (std::size_t column = 0; column < b.columns; column += kTileSide) {
      std::array<std::uint32_t, 64> tile{};
      for (std::size_t g = 0; g < groups; ++g) {
        const kernel::GroupA& ga = pa.groups[row / kTileSide * groups + g];
        const kernel::GroupB& gb = pb.groups[column / kTileSide * groups + g];
        c.flags |= kernel::step_tile(ga, gb, tile.data(), [&](int i, int j) -> Lane {
          const bool padding =
              row + static_cast<std::size_t>(i) >= a.rows || column + static_cast<std::size_t>(j) >= b.columns;
          if (padding) return {};  // 0 * Inf in rows and columns that do not exist is nobody's NaN
          std::array<Unpacked, kGroup> x;
          std::array<Unpacked, kGroup> y;
          for (std::size_t k = 0; k < kGroup; ++k) {
            x[k] = decode(padded_code_at(a, row + static_cast<std::size_t>(i), g * kGroup + k), a.format);
            y[k] = decode(padded_code_at(b, g * kGroup + k, column + static_cast<std::size_t>(j)), b.format);
          }
          const int n = kTileSide * i + j;
          return fused_group(tile[static_cast<std::size_t>(n)], x, a.format, y, b.format);
        });
      }
      const std::size_t rows = std::min<std::size_t>(kTileSide, a.rows - row);
      const std::size_t columns = std::min<std::size_t>(kTileSide, b.columns - column);
      for (std::size_t i = 0; i < rows; ++i) {
        std::copy_n(&tile[kTileSide * i], columns, &c.values[(row + i) * b.columns + column]);
      }
    }
  }
  return c;
}

Product matmul_on_lanes(const MatrixView& a, const MatrixView& b) {
  std::vector<std::uint32_t> right(b.rows * b.columns);
  for (std::size_t n = 0; n < right.size(); ++n) right[n] = code_at(b, n / b.columns, n % b.columns);
  Product c;
  c.values.resize(a.rows * b.columns);
  for (std::size_t i = 0; i < a.rows; ++i) {
    for (std::size_t k = 0; k < a.columns; ++k) {
      const std::uint32_t factor = code_at(a, i, k);
      for (std::size_t j = 0; j < b.columns; ++j) {
        std::uint32_t& acc = c.values[i * b.columns + j];
        const Lane lane = fmacc(acc, factor, right[k * b.columns + j]);
        acc = lane.bits;
        c.flags |= lane.flags;
      }
    }
  }
  return c;
}

}  // namespace

Product matmul(const MatrixView& a, const MatrixView& b) {
  if (a.columns != b.rows) throw std::invalid_argument("matmul: A's columns differ from B's rows");
  if (mma_operands_valid(a.format, b.format)) return matmul_on_matrix_unit(a, b);
  const Descriptor fp32(Kind::fp32);
  const bool on_lanes =
      a.format.valid() && b.format.valid() && a.format.kind() == fp32.kind() && b.format.kind() == fp32.kind();
  if (!on_lanes) throw std::invalid_argument("matmul: operands must both be 8-bit, both 16-bit, or both fp32");
  return matmul_on_lanes(a, b);
}

Product apply_epilogue(std::span<const std::uint32_t> accumulators, std::size_t columns, const Epilogue& epilogue) {
  constexpr std::uint32_t kOne = 0x3F80'0000U;
  const bool scale = epilogue.alpha != kOne;
  const bool accumulate = (epilogue.beta & ~kFp32SignBit) != 0;
  const bool biased = !epilogue.bias.empty();
  if (!epilogue.output.valid()) throw std::invalid_argument("epilogue: bad output format");
  if (accumulate && epilogue.c_in.size() != accumulators.size()) {
    throw std::invalid_argument("epilogue: c_in must have as many elements as the product");
  }
  if (biased && epilogue.bias.size() != columns) throw std::invalid_argument("epilogue: bias must have N elements");

  const Descriptor fp32(Kind::fp32);
  Product out;
  out.values.reserve(accumulators.size());
  for (std::size_t n = 0; n < accumulators.size(); ++n) {
    std::uint32_t t = accumulators[n];
    const auto take = [&](const Lane& lane) {
      t = lane.bits;
      out.flags |= lane.flags;
    };
    if (scale) take(fmul(epilogue.alpha, t));
    if (accumulate) take(fma(epilogue.beta, epilogue.c_in[n], t));
    if (biased) take(fadd(t, epilogue.bias[n % columns]));
    const Coded coded = convert_indexed(t, fp32, epilogue.output, epilogue.seed, epilogue.first_index + n);
    out.values.push_back(coded.code);
    out.flags |= coded.flags;
  }
  return out;
}

}  // namespace tatami::golden
