// Matrices of raw codes: where they come from and what they mean.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "golden/formats.h"
#include "golden/matmul.h"

namespace tatami {

/// A row-major matrix of codes without gaps, elements little-endian of format.bytes() bytes.
struct Matrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  golden::Descriptor format;
  std::vector<std::uint8_t> bytes;

  std::size_t size() const { return rows * columns; }
  std::uint32_t code(std::size_t i) const;
  void set_code(std::size_t i, std::uint32_t code);
  double value(std::size_t i) const { return golden::to_double(code(i), format); }
  golden::MatrixView view() const;
};

/// All elements zero.
Matrix zero_matrix(std::size_t rows, std::size_t columns, golden::Descriptor format);

/// The transpose, of the same codes.
Matrix transposed(const Matrix& matrix);

/// Values uniform in (-scale, scale), uhp in [0, scale), rounded to nearest into `format`. Where the format has a bias
/// the scale moves with it, so that every bias exercises the same codes: scale = 2^(b0 - bias), b0 = 7 for 1_4_3, 15
/// for 1_5_2 and shp. The same seed and stream give the same matrix on every host.
Matrix random_matrix(std::size_t rows, std::size_t columns, golden::Descriptor format, std::uint64_t seed,
                     std::uint64_t stream);

/// A matrix from a .npy file of two dimensions (one: a single row). Floating-point and signed integer elements are
/// values, rounded to nearest into `format`; unsigned integers of the format's width are codes. `option` names the
/// option in errors.
Matrix matrix_from_npy(const std::filesystem::path& path, golden::Descriptor format, const std::string& option);

/// float32 values, exact for every format.
void matrix_to_npy(const std::filesystem::path& path, const Matrix& matrix);
/// Codes as unsigned integers of the format's width.
void matrix_codes_to_npy(const std::filesystem::path& path, const Matrix& matrix);

}  // namespace tatami
