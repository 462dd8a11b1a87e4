#include "host/npy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <numeric>
#include <optional>

#include "host/error.h"

namespace tatami {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

/// Half precision to double, exact.
double half_to_double(std::uint32_t code) {
  const int exponent = static_cast<int>(code >> 10 & 31);
  const double mantissa = code & 1023;
  const double sign = (code >> 15 & 1) != 0 ? -1.0 : 1.0;
  if (exponent == 31) return mantissa == 0 ? sign * std::numeric_limits<double>::infinity() : std::nan("");
  return sign * (exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(mantissa + 1024, exponent - 25));
}

/// The header: a Python dictionary literal with exactly the keys descr, fortran_order and shape.
class Header {
 public:
  Header(std::string path, std::string_view text) : path_(std::move(path)), text_(text) { parse(); }

  std::string descr;
  bool fortran = false;
  std::vector<std::size_t> shape;

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(fmt::format("{}: bad .npy header: {}; write the file with numpy.save()", path_, what));
  }

  void skip() {
    while (at_ < text_.size() && (std::isspace(static_cast<unsigned char>(text_[at_])) != 0)) ++at_;
  }
  bool take(char c) {
    skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(fmt::format("'{}' expected at character {}", c, at_));
  }

  std::string string() {
    skip();
    if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"'))
      fail(fmt::format("a string expected at character {}", at_));
    const char quote = text_[at_++];
    const auto close = text_.find(quote, at_);
    if (close == std::string_view::npos) fail("a string does not end");
    std::string result(text_.substr(at_, close - at_));
    at_ = close + 1;
    return result;
  }

  void parse_shape() {
    expect('(');
    while (!take(')')) {
      skip();
      std::size_t value = 0;
      const std::size_t start = at_;
      while (at_ < text_.size() && (std::isdigit(static_cast<unsigned char>(text_[at_])) != 0)) {
        if (value > (std::numeric_limits<std::size_t>::max() - 9) / 10) fail("a dimension is too large");
        value = value * 10 + static_cast<std::size_t>(text_[at_++] - '0');
      }
      if (at_ == start) fail("a dimension expected in the shape");
      take('L');  // written by Python 2
      shape.push_back(value);
      if (!take(',')) {
        expect(')');
        break;
      }
    }
  }

  void parse() {
    bool have_descr = false;
    bool have_order = false;
    bool have_shape = false;
    expect('{');
    while (!take('}')) {
      const std::string key = string();
      expect(':');
      skip();
      if (key == "descr") {
        if (at_ < text_.size() && text_[at_] == '[') {
          throw InputError(path_ + ": holds a structured array; expected one number per element: save one field of it");
        }
        descr = string();
        have_descr = true;
      } else if (key == "fortran_order") {
        if (text_.substr(at_).starts_with("True")) {
          fortran = true;
          at_ += 4;
        } else if (text_.substr(at_).starts_with("False")) {
          at_ += 5;
        } else {
          fail("fortran_order is neither True nor False");
        }
        have_order = true;
      } else if (key == "shape") {
        parse_shape();
        have_shape = true;
      } else {
        fail(fmt::format("unknown key '{}'", key));
      }
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    if (!have_descr || !have_order || !have_shape) fail("descr, fortran_order and shape are needed");
  }

  std::string path_;
  std::string_view text_;
  std::size_t at_ = 0;
};

struct Dtype {
  char kind = 0;
  std::size_t bytes = 0;
  bool big_endian = false;
};

std::optional<Dtype> parse_dtype(std::string_view descr) {
  if (descr.size() < 3 || descr.size() > 4) return std::nullopt;
  Dtype dtype{descr[1], 0, descr[0] == '>'};
  if (std::string_view("<>|=").find(descr[0]) == std::string_view::npos) return std::nullopt;
  for (const char c : descr.substr(2)) {
    if (c < '0' || c > '9') return std::nullopt;
    dtype.bytes = dtype.bytes * 10 + static_cast<std::size_t>(c - '0');
  }
  const bool integer = (dtype.kind == 'i' || dtype.kind == 'u') &&
                       (dtype.bytes == 1 || dtype.bytes == 2 || dtype.bytes == 4 || dtype.bytes == 8);
  const bool floating = dtype.kind == 'f' && (dtype.bytes == 2 || dtype.bytes == 4 || dtype.bytes == 8);
  const bool boolean = dtype.kind == 'b' && dtype.bytes == 1;
  if (!integer && !floating && !boolean) return std::nullopt;
  return dtype;
}

std::vector<std::byte> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw InputError(fmt::format("{}: cannot open: {}", path, std::strerror(errno)));
  std::vector<std::byte> bytes;
  char buffer[65536];
  while (file.read(buffer, sizeof buffer) || file.gcount() > 0) {
    const auto* begin = reinterpret_cast<const std::byte*>(buffer);
    bytes.insert(bytes.end(), begin, begin + file.gcount());
  }
  if (file.bad()) throw InputError(path + ": cannot be read (is it a directory?)");
  return bytes;
}

/// Column-major elements to row-major ones.
std::vector<std::byte> transpose(const std::vector<std::byte>& in, const std::vector<std::size_t>& shape,
                                 std::size_t item) {
  std::vector<std::byte> out(in.size());
  std::vector<std::size_t> index(shape.size());
  for (std::size_t c = 0; c * item < in.size(); ++c) {
    std::size_t f = 0;
    for (std::size_t d = shape.size(); d-- > 0;) f = f * shape[d] + index[d];
    std::copy_n(in.begin() + static_cast<std::ptrdiff_t>(f * item), item,
                out.begin() + static_cast<std::ptrdiff_t>(c * item));
    for (std::size_t d = shape.size(); d-- > 0;) {
      if (++index[d] < shape[d]) break;
      index[d] = 0;
    }
  }
  return out;
}

}  // namespace

std::size_t NpyArray::size() const {
  return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
}

std::string NpyArray::dtype() const {
  switch (kind) {
    case 'f': return fmt::format("float{}", item_bytes * 8);
    case 'i': return fmt::format("int{}", item_bytes * 8);
    case 'u': return fmt::format("uint{}", item_bytes * 8);
    default: return "bool";
  }
}

std::string NpyArray::shape_text() const {
  return shape.size() == 1 ? fmt::format("({},)", shape[0]) : fmt::format("({})", fmt::join(shape, ", "));
}

std::uint64_t NpyArray::code(std::size_t i) const {
  std::uint64_t bits = 0;
  std::memcpy(&bits, data.data() + i * item_bytes, item_bytes);
  return bits;
}

double NpyArray::value(std::size_t i) const {
  const std::uint64_t bits = code(i);
  if (kind == 'f' && item_bytes == 2) return half_to_double(static_cast<std::uint32_t>(bits));
  if (kind == 'f' && item_bytes == 4) return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  if (kind == 'f') return std::bit_cast<double>(bits);
  if (kind == 'i') {
    const unsigned shift = 64 - 8 * static_cast<unsigned>(item_bytes);
    return static_cast<double>(static_cast<std::int64_t>(bits << shift) >> shift);
  }
  return static_cast<double>(bits);
}

NpyArray read_npy(const std::filesystem::path& path) {
  const std::string name = path.string();
  const std::vector<std::byte> file = read_file(name);
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (!text.starts_with(kMagic)) {
    throw InputError(name + ": is not a .npy file (no \\x93NUMPY at its beginning); write it with numpy.save()");
  }
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(text[i])); };
  if (file.size() < 12) throw InputError(name + ": is truncated inside its header");
  const std::size_t version = byte(6);
  if (version < 1 || version > 3) {
    throw InputError(fmt::format("{}: has .npy version {}, expected 1, 2 or 3", name, version));
  }
  const std::size_t length =
      version == 1 ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
  const std::size_t start = version == 1 ? 10 : 12;
  if (length > file.size() - start) throw InputError(name + ": is truncated inside its header");
  const Header header(name, text.substr(start, length));

  const auto dtype = parse_dtype(header.descr);
  if (!dtype) {
    throw InputError(fmt::format(
        "{}: has dtype '{}', expected float16, float32, float64 or an integer of 1 to 8 bytes; convert with "
        "a.astype(numpy.float32)",
        name, header.descr));
  }
  NpyArray array{dtype->kind, dtype->bytes, header.shape, {}};
  const std::size_t available = file.size() - start - length;
  std::size_t need = dtype->bytes;
  for (const std::size_t dimension : array.shape) {
    if (dimension != 0 && need > std::numeric_limits<std::size_t>::max() / dimension)
      throw InputError(name + ": its shape is too large");
    need *= dimension;
  }
  if (need != available) {
    throw InputError(fmt::format("{}: {}: shape {} of {} needs {} bytes, the file has {}", name,
                                 available < need ? "is truncated" : "has bytes left over", array.shape_text(),
                                 array.dtype(), need, available));
  }
  array.data.assign(file.end() - static_cast<std::ptrdiff_t>(available), file.end());
  if (dtype->big_endian) {
    for (std::size_t i = 0; i < array.data.size(); i += dtype->bytes) {
      std::reverse(array.data.begin() + static_cast<std::ptrdiff_t>(i),
                   array.data.begin() + static_cast<std::ptrdiff_t>(i + dtype->bytes));
    }
  }
  if (header.fortran) array.data = transpose(array.data, array.shape, dtype->bytes);
  return array;
}

void write_npy(const std::filesystem::path& path, const NpyArray& array) {
  std::string header = fmt::format("{{'descr': '{}{}{}', 'fortran_order': False, 'shape': {}, }}",
                                   array.item_bytes == 1 ? '|' : '<', array.kind, array.item_bytes, array.shape_text());
  // The data begin at a multiple of 64 bytes, the header ends with a newline.
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  std::ofstream file(path, std::ios::binary);
  const char sizes[4] = {1, 0, static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  file.write(kMagic.data(), static_cast<std::streamsize>(kMagic.size()));
  file.write(sizes, 4);
  file.write(header.data(), static_cast<std::streamsize>(header.size()));
  file.write(reinterpret_cast<const char*>(array.data.data()), static_cast<std::streamsize>(array.data.size()));
  file.close();
  if (!file) throw InputError(fmt::format("{}: cannot be written: {}", path.string(), std::strerror(errno)));
}

}  // namespace tatami
