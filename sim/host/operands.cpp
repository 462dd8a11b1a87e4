#include "host/operands.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "golden/convert.h"
#include "golden/threefry.h"
#include "host/error.h"
#include "host/npy.h"

namespace tatami {
namespace {

using golden::Descriptor;
using golden::Kind;

/// The bias at which uniform values of magnitude 1 sit well inside the format's range.
double random_scale(Descriptor format) {
  switch (format.kind()) {
    case Kind::cfloat8_1_4_3: return std::ldexp(1.0, 7 - format.bias());
    case Kind::cfloat8_1_5_2:
    case Kind::shp: return std::ldexp(1.0, 15 - format.bias());
    default: return 1.0;
  }
}

/// Nearest-even whatever the descriptor says: the rounding field belongs to the simulated conversion.
Descriptor nearest(Descriptor format) {
  return Descriptor(format.kind(), format.bias_field(), golden::Rounding::nearest_even, format.subnormals());
}

}  // namespace

std::uint32_t Matrix::code(std::size_t i) const {
  std::uint32_t code = 0;
  const auto size = static_cast<std::size_t>(format.bytes());
  std::memcpy(&code, bytes.data() + i * size, size);
  return code;
}

void Matrix::set_code(std::size_t i, std::uint32_t code) {
  const auto size = static_cast<std::size_t>(format.bytes());
  std::memcpy(bytes.data() + i * size, &code, size);
}

golden::MatrixView Matrix::view() const {
  return {bytes.data(), rows, columns, columns * static_cast<std::size_t>(format.bytes()), format};
}

Matrix zero_matrix(std::size_t rows, std::size_t columns, Descriptor format) {
  return {rows, columns, format, std::vector<std::uint8_t>(rows * columns * static_cast<std::size_t>(format.bytes()))};
}

Matrix transposed(const Matrix& matrix) {
  const std::size_t size = static_cast<std::size_t>(matrix.format.bytes());
  Matrix result = zero_matrix(matrix.columns, matrix.rows, matrix.format);
  for (std::size_t i = 0; i < matrix.rows; ++i) {
    for (std::size_t j = 0; j < matrix.columns; ++j)
      std::memcpy(&result.bytes[(j * matrix.rows + i) * size], &matrix.bytes[(i * matrix.columns + j) * size], size);
  }
  return result;
}

Matrix random_matrix(std::size_t rows, std::size_t columns, Descriptor format, std::uint64_t seed,
                     std::uint64_t stream) {
  Matrix matrix = zero_matrix(rows, columns, format);
  const double scale = random_scale(format);
  const Descriptor target = nearest(format);
  for (std::size_t i = 0; i < matrix.size(); ++i) {
    // 32 random bits an element, by the published generator, counter (index, stream).
    const auto words =
        golden::threefry4x32({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(std::uint64_t{i} >> 32),
                              static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32)},
                             {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32), 0, 0});
    double value = std::ldexp(static_cast<double>(words[0]) + 0.5, -31) - 1.0;
    if (!golden::info(format.kind()).has_sign) value = std::fabs(value);
    matrix.set_code(i, golden::encode_double(value * scale, target).code);
  }
  return matrix;
}

Matrix matrix_from_npy(const std::filesystem::path& path, Descriptor format, const std::string& option) {
  const NpyArray array = read_npy(path);
  const std::string where = fmt::format("{} {}", option, path.string());
  if (array.shape.empty() || array.shape.size() > 2) {
    throw InputError(fmt::format("{}: has shape {}, expected a matrix (2 dimensions); use a.reshape(rows, columns)",
                                 where, array.shape_text()));
  }
  const std::size_t rows = array.shape.size() == 2 ? array.shape[0] : 1;
  Matrix matrix = zero_matrix(rows, array.shape.back(), format);
  if (matrix.size() == 0)
    throw InputError(fmt::format("{}: has shape {}, expected at least one element", where, array.shape_text()));
  const bool codes = array.kind == 'u';
  if (codes && array.item_bytes != static_cast<std::size_t>(format.bytes())) {
    throw InputError(
        fmt::format("{}: has dtype {}; codes of {} are uint{}, values are float or signed integers: convert with "
                    "a.astype(numpy.float32)",
                    where, array.dtype(), golden::name(format.kind()), format.bits()));
  }
  if (array.kind == 'b') {
    throw InputError(fmt::format("{}: has dtype bool, expected numbers; convert with a.astype(numpy.float32)", where));
  }
  const Descriptor target = nearest(format);
  for (std::size_t i = 0; i < matrix.size(); ++i) {
    matrix.set_code(
        i, codes ? static_cast<std::uint32_t>(array.code(i)) : golden::encode_double(array.value(i), target).code);
  }
  return matrix;
}

void matrix_to_npy(const std::filesystem::path& path, const Matrix& matrix) {
  NpyArray array{'f', 4, {matrix.rows, matrix.columns}, std::vector<std::byte>(matrix.size() * 4)};
  for (std::size_t i = 0; i < matrix.size(); ++i) {
    const auto value = static_cast<float>(matrix.value(i));
    std::memcpy(array.data.data() + i * 4, &value, 4);
  }
  write_npy(path, array);
}

void matrix_codes_to_npy(const std::filesystem::path& path, const Matrix& matrix) {
  const auto* begin = reinterpret_cast<const std::byte*>(matrix.bytes.data());
  write_npy(path, {'u',
                   static_cast<std::size_t>(matrix.format.bytes()),
                   {matrix.rows, matrix.columns},
                   std::vector<std::byte>(begin, begin + matrix.bytes.size())});
}

}  // namespace tatami
