// Numbers as text: exact hexadecimal floats out, decimals and hexadecimal floats in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/common.h"
#include "golden/formats.h"

namespace tatami::cli {

/// As C99's %a prints it: "0x1.4p+4", "-0x1.8p+1", "0x0p+0", "-0x0p+0", "inf", "-inf", "nan". Exact.
std::string hex_float(double value);
/// `value` as the JSON field `key`, exactly, and beside it as `key`_decimal: a number, or null for Inf and NaN.
void put_number(Json& json, const std::string& key, double value);
/// A code with the format's number of digits: "0x5a".
std::string hex_code(std::uint32_t code, golden::Descriptor format);
/// ["invalid", "denormal", "overflow", "underflow"], as far as raised.
Json flags_json(golden::Flags flags);

/// The number written in `text` (decimal, C99 hexadecimal, inf, nan), or none. Where a double cannot hold it, rounded
/// to odd: the neighbour whose last bit is 1 stands for all that lies between, so that rounding it once more, to any
/// format here or with 16 random bits, gives what rounding the exact number gives. Beyond the range of double: the
/// largest one.
std::optional<double> parse_real(const std::string& text);
/// A whole number from 0 to `limit`, decimal or 0x hexadecimal; throws InputError naming `option`.
std::uint64_t parse_unsigned(const std::string& text, std::uint64_t limit, const std::string& option);

/// Writes every value of --encode and --decode as an option of its own, "--encode=-inf", so that negative ones are not
/// taken for options: after these words come the next argument, and all that follow and are numbers.
std::vector<std::string> separate_values(int argc, char** argv);

}  // namespace tatami::cli
