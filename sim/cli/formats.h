// Number formats as command-line options.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "golden/formats.h"

namespace tatami::cli {

/// "cfloat8_1_4_3 bias 7" or "fp32".
std::string format_text(golden::Descriptor format);
/// The kind called `name` or a short form of it ("1_4_3", "cf8_143", "shp", ...); throws InputError listing the names.
golden::Kind parse_kind(const std::string& name, const std::string& option);
/// The bias a format has if nobody says otherwise: 7 for 1_4_3, 15 for 1_5_2 and SHP.
int default_bias(golden::Kind kind);

/// The names of all kinds, for messages and completion: "fp32, bf16, ...".
std::string kind_names(const std::string& separator);
/// A descriptor from options. `own` is the bias option of one operand, `shared` the one for all (--bias), which formats
/// without a bias ignore; without either the default bias. Throws InputError for a bias outside 0..63 and for an own
/// one of a format whose bias is fixed.
golden::Descriptor make_descriptor(golden::Kind kind, const std::optional<int>& own, const std::string& option,
                                   const std::optional<int>& shared, bool stochastic, bool gradual);

/// --format, --format-{a,b,out}, --bias, --bias-{a,b,out}, --subnormals, --round.
struct FormatOptions {
  std::string both = "cfloat8_1_4_3";
  std::string a, b, out = "fp32";
  std::optional<int> bias, bias_a, bias_b, bias_out;
  std::string subnormals = "printed";
  std::string round = "nearest";

  void add_to(CLI::App& command);
  golden::Descriptor descriptor_a() const;
  golden::Descriptor descriptor_b() const;
  golden::Descriptor descriptor_out() const;
};

}  // namespace tatami::cli
