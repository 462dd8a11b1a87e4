#include "cli/numbers.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cfenv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "host/error.h"

namespace tatami::cli {
namespace {

double parse_rounded(const std::string& text, int mode, bool& whole) {
  char* end = nullptr;
  const int before = std::fegetround();
  std::fesetround(mode);
  const double value = std::strtod(text.c_str(), &end);
  std::fesetround(before);
  whole = !text.empty() && std::isspace(static_cast<unsigned char>(text.front())) == 0 && *end == '\0';
  return value;
}

}  // namespace

std::string hex_float(double value) {
  if (std::isnan(value)) return "nan";
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%a", value);
  return buffer.data();
}

void put_number(Json& json, const std::string& key, double value) {
  json[key] = hex_float(value);
  json[key + "_decimal"] = std::isfinite(value) ? Json(value) : Json(nullptr);
}

std::string hex_code(std::uint32_t code, golden::Descriptor format) {
  return fmt::format("{:#0{}x}", code, 2 + format.bits() / 4);
}

Json flags_json(golden::Flags flags) {
  Json list = Json::array();
  if ((flags & golden::kInvalid) != 0) list.push_back("invalid");
  if ((flags & golden::kDenormal) != 0) list.push_back("denormal");
  if ((flags & golden::kOverflow) != 0) list.push_back("overflow");
  if ((flags & golden::kUnderflow) != 0) list.push_back("underflow");
  return list;
}

std::optional<double> parse_real(const std::string& text) {
  bool whole = false;
  const double below = parse_rounded(text, FE_DOWNWARD, whole);
  if (!whole) return std::nullopt;
  const double above = parse_rounded(text, FE_UPWARD, whole);
  if (std::isnan(below) || below == above) return below;
  return (std::bit_cast<std::uint64_t>(below) & 1U) != 0 ? below : above;
}

std::uint64_t parse_unsigned(const std::string& text, std::uint64_t limit, const std::string& option) {
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  const bool starts_well = !text.empty() && text.front() >= '0' && text.front() <= '9';
  char* end = nullptr;
  errno = 0;
  const unsigned long long value = std::strtoull(text.c_str(), &end, hexadecimal ? 16 : 10);
  if (!starts_well || *end != '\0' || errno != 0 || value > limit)
    throw InputError(fmt::format("{} {}: expected a whole number 0..{:#x}", option, text, limit));
  return value;
}

std::vector<std::string> separate_values(int argc, char** argv) {
  std::vector<std::string> arguments(argv, argv + argc);
  if (argc < 2 || arguments[1] != "format") return arguments;
  std::vector<std::string> out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string option = arguments[i];
    if ((option != "--encode" && option != "--decode") || i + 1 == arguments.size() ||
        arguments[i + 1].starts_with("--")) {
      out.push_back(option);
      continue;
    }
    do {
      out.push_back(option + "=" + arguments[++i]);
    } while (i + 1 < arguments.size() && parse_real(arguments[i + 1]));
  }
  return out;
}

}  // namespace tatami::cli
