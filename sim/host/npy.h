// NumPy's .npy files: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace tatami {

/// An array in C order, elements little-endian.
struct NpyArray {
  char kind = 'f';  ///< 'f' float, 'i' signed, 'u' unsigned, 'b' bool
  std::size_t item_bytes = 4;
  std::vector<std::size_t> shape;
  std::vector<std::byte> data;

  std::size_t size() const;                 ///< number of elements
  std::string dtype() const;                ///< as NumPy prints it: "float32"
  std::string shape_text() const;           ///< "(3, 4)"
  double value(std::size_t i) const;        ///< element i in C order, exact for all but 64-bit integers beyond 2^53
  std::uint64_t code(std::size_t i) const;  ///< element i's bits
};

/// Reads versions 1 to 3, C or Fortran order, either byte order, bool, int8..64, uint8..64 and float16..64. Throws
/// InputError naming the file, what was found and what to try.
NpyArray read_npy(const std::filesystem::path& path);

/// Writes version 1, C order. Throws InputError if the file cannot be written.
void write_npy(const std::filesystem::path& path, const NpyArray& array);

}  // namespace tatami
