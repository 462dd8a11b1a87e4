#include "cli/formats.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/error.h"

namespace tatami::cli {
namespace {

using golden::Descriptor;
using golden::Kind;

/// Names that papers and people use besides the specification's.
constexpr std::pair<std::string_view, Kind> kAliases[] = {
    {"1_4_3", Kind::cfloat8_1_4_3}, {"cf8_143", Kind::cfloat8_1_4_3}, {"cfloat8_143", Kind::cfloat8_1_4_3},
    {"1_5_2", Kind::cfloat8_1_5_2}, {"cf8_152", Kind::cfloat8_1_5_2}, {"cfloat8_152", Kind::cfloat8_1_5_2},
    {"cfloat16_shp", Kind::shp},    {"cfloat16_uhp", Kind::uhp},      {"bfloat16", Kind::bf16},
    {"float32", Kind::fp32},
};

int checked_bias(int bias, const std::string& option) {
  if (bias < 0 || bias > 63) throw InputError(fmt::format("{} {}: a bias is 0..63", option, bias));
  return bias;
}

}  // namespace

std::string format_text(Descriptor format) {
  std::string text(golden::name(format.kind()));
  if (golden::info(format.kind()).clamping) text += fmt::format(" bias {}", format.bias());
  if (format.subnormals() == golden::Subnormals::gradual) text += " gradual";
  if (format.rounding() == golden::Rounding::stochastic) text += " stochastic";
  return text;
}

std::string kind_names(const std::string& separator) {
  std::string names;
  for (const Kind kind : golden::kAllKinds)
    names += fmt::format("{}{}", names.empty() ? "" : separator, golden::name(kind));
  return names;
}

Kind parse_kind(const std::string& name, const std::string& option) {
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  if (const auto kind = golden::kind_from_name(lower)) return *kind;
  for (const auto& [alias, kind] : kAliases) {
    if (lower == alias) return kind;
  }
  throw InputError(fmt::format("{} {}: unknown format, expected one of {}", option, name, kind_names(", ")));
}

int default_bias(Kind kind) {
  if (!golden::info(kind).clamping) return golden::info(kind).fixed_bias;
  return kind == Kind::cfloat8_1_4_3 ? 7 : 15;
}

Descriptor make_descriptor(Kind kind, const std::optional<int>& own, const std::string& option,
                           const std::optional<int>& shared, bool stochastic, bool gradual) {
  const bool biased = golden::info(kind).clamping;
  if (own) checked_bias(*own, option);
  if (shared) checked_bias(*shared, "--bias");
  if (own && !biased)
    throw InputError(
        fmt::format("{} {}: the bias of {} is fixed; leave the option out", option, *own, golden::name(kind)));
  const int bias = biased ? own.value_or(shared.value_or(default_bias(kind))) : 0;
  return Descriptor(kind, bias, stochastic ? golden::Rounding::stochastic : golden::Rounding::nearest_even,
                    biased && gradual ? golden::Subnormals::gradual : golden::Subnormals::printed);
}

void FormatOptions::add_to(CLI::App& command) {
  const std::string group = "Formats";
  command.add_option("--format", both, "Format of A and B: fp32, bf16, cfloat8_1_4_3, cfloat8_1_5_2, shp, uhp")
      ->capture_default_str()
      ->group(group);
  command.add_option("--format-a", a, "Format of A")->group(group);
  command.add_option("--format-b", b, "Format of B")->group(group);
  command.add_option("--format-out", out, "Format of C")->capture_default_str()->group(group);
  command.add_option("--bias", bias, "Exponent bias 0..63 of all formats that have one")->group(group);
  command.add_option("--bias-a", bias_a, "Exponent bias of A")->group(group);
  command.add_option("--bias-b", bias_b, "Exponent bias of B")->group(group);
  command.add_option("--bias-out", bias_out, "Exponent bias of C")->group(group);
  command.add_option("--subnormals", subnormals, "Reading of subnormal CFloat encodings")
      ->check(CLI::IsMember({"printed", "gradual"}))
      ->capture_default_str()
      ->group(group);
  command.add_option("--round", round, "Rounding of the result into C's format")
      ->check(CLI::IsMember({"nearest", "stochastic"}))
      ->capture_default_str()
      ->group(group);
}

Descriptor FormatOptions::descriptor_a() const {
  return make_descriptor(parse_kind(a.empty() ? both : a, a.empty() ? "--format" : "--format-a"), bias_a, "--bias-a",
                         bias, false, subnormals == "gradual");
}

Descriptor FormatOptions::descriptor_b() const {
  return make_descriptor(parse_kind(b.empty() ? both : b, b.empty() ? "--format" : "--format-b"), bias_b, "--bias-b",
                         bias, false, subnormals == "gradual");
}

Descriptor FormatOptions::descriptor_out() const {
  return make_descriptor(parse_kind(out, "--format-out"), bias_out, "--bias-out", bias, round == "stochastic",
                         subnormals == "gradual");
}

}  // namespace tatami::cli
