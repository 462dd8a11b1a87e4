// The parts of `tatami format`.
#pragma once

#include <string>
#include <vector>

#include "cli/common.h"
#include "golden/formats.h"

namespace tatami::cli {

/// Range, smallest values, spacing and the hole of one format, as JSON and as text made from it.
Json describe_format(golden::Descriptor format);
std::string description_text(const Json& description);

/// Every code with its value; throws InputError for formats of 32 bits.
Json code_table(golden::Descriptor format);

/// What several formats make of the real numbers in a .npy file.
struct Comparison {
  std::string file;
  std::vector<golden::Descriptor> formats;
  std::uint64_t seed = 1;
  bool by_absolute = false;  ///< the best bias is the one with the least mean absolute error, not relative
};
/// {"file", "elements", "finite", "results": [...]}; see docs/formats.md for the keys.
Json compare_formats(const Comparison& comparison);
std::string comparison_text(const Json& comparison);

/// Values per binade, and the largest relative error against magnitude, as SVG files.
void plot_density(const std::vector<golden::Descriptor>& formats, const std::string& path);
void plot_error(const std::vector<golden::Descriptor>& formats, const std::string& path);

}  // namespace tatami::cli
