// What a format can hold.
#include <fmt/format.h>

#include <cmath>

#include "cli/format_parts.h"
#include "cli/formats.h"
#include "cli/numbers.h"
#include "host/error.h"

namespace tatami::cli {
namespace {

using golden::Descriptor;
using golden::Kind;

std::string class_name(const golden::Unpacked& value) {
  if (value.subnormal_encoding) return "subnormal";
  switch (value.cls) {
    case golden::Class::zero: return "zero";
    case golden::Class::finite: return "normal";
    case golden::Class::infinity: return "infinity";
    case golden::Class::nan: return "nan";
  }
  return "";
}

}  // namespace

Json describe_format(Descriptor format) {
  const golden::KindInfo& about = golden::info(format.kind());
  const bool subnormals = format.kind() != Kind::uhp;
  Json json{{"name", about.name},
            {"bits", about.bits},
            {"sign_bits", about.has_sign ? 1 : 0},
            {"exponent_bits", about.exponent_bits},
            {"mantissa_bits", about.mantissa_bits},
            {"bias", format.bias()},
            {"bias_settable", about.clamping},
            {"inf_and_nan", !about.clamping},
            {"subnormals", !subnormals                  ? "flushed"
                           : format.gradual_underflow() ? "gradual"
                                                        : "printed"},
            {"descriptor", fmt::format("{:#06x}", format.packed())}};
  const double normal = golden::smallest_normal(format);
  put_number(json, "largest", golden::largest(format));
  put_number(json, "smallest_normal", normal);
  put_number(json, "smallest_positive", golden::smallest_positive(format));
  double below = 0;  // the value below the smallest normal
  if (subnormals) {
    below = golden::to_double(golden::smallest_normal_code(format) - 1, format);
    put_number(json, "smallest_subnormal", golden::to_double(1, format));
    put_number(json, "largest_subnormal", below);
  }
  // Steps: of normal values, as a part of the power of two at or below them; of subnormal ones; and the step between
  // the two ranges, in steps of the least normals, which is 1 where underflow is gradual.
  put_number(json, "relative_step", std::ldexp(1.0, -about.mantissa_bits));
  put_number(json, "largest_relative_error", 1 / (1 + std::ldexp(1.0, about.mantissa_bits + 1)));
  if (subnormals) put_number(json, "subnormal_step", golden::to_double(1, format));
  const double step = std::ldexp(normal, -about.mantissa_bits);
  if (normal - below != step) {
    Json hole;
    put_number(hole, "from", below);
    put_number(hole, "to", normal);
    put_number(hole, "width", normal - below);
    put_number(hole, "steps", (normal - below) / step);
    json["hole"] = hole;
  } else {
    json["hole"] = nullptr;
  }
  return json;
}

std::string description_text(const Json& json) {
  const auto value = [&](const char* key) {
    return fmt::format("{:<18.9g} {}", json[std::string(key) + "_decimal"].get<double>(), json[key].get<std::string>());
  };
  const auto exponent = [&](const char* key) { return std::ilogb(json[std::string(key) + "_decimal"].get<double>()); };
  std::string text = fmt::format("{}: {} bits, {} sign, {} exponent, {} mantissa; bias {} ({}), {}; descriptor {}\n",
                                 json["name"].get<std::string>(), json["bits"].get<int>(), json["sign_bits"].get<int>(),
                                 json["exponent_bits"].get<int>(), json["mantissa_bits"].get<int>(),
                                 json["bias"].get<int>(), json["bias_settable"].get<bool>() ? "settable" : "fixed",
                                 json["inf_and_nan"].get<bool>() ? "Inf and NaN" : "no Inf, no NaN: clamps",
                                 json["descriptor"].get<std::string>());
  text += fmt::format("  largest               {}\n", value("largest"));
  text += fmt::format("  smallest normal       {}\n", value("smallest_normal"));
  if (json.contains("smallest_subnormal")) {
    text += fmt::format("  largest subnormal     {}\n", value("largest_subnormal"));
    text += fmt::format("  smallest subnormal    {}\n", value("smallest_subnormal"));
  }
  text +=
      fmt::format("  step of normals       2^{} of the power of two below, so that rounding errs by {:.3g} % at most\n",
                  exponent("relative_step"), 100 * json["largest_relative_error_decimal"].get<double>());
  if (json.contains("subnormal_step"))
    text += fmt::format("  step of subnormals    2^{}, reading \"{}\"\n", exponent("subnormal_step"),
                        json["subnormals"].get<std::string>());
  else
    text += "  subnormals            are flushed to zero\n";
  if (json["hole"].is_object()) {
    const Json& hole = json["hole"];
    text += fmt::format(
        "  hole                  nothing between {:.9g} and {:.9g}: {:.9g} steps of the normals above it\n",
        hole["from_decimal"].get<double>(), hole["to_decimal"].get<double>(), hole["steps_decimal"].get<double>());
  }
  return text;
}

Json code_table(Descriptor format) {
  if (format.bits() > 16)
    throw InputError(fmt::format("--table: {} has 2^{} codes; tables are for formats of 8 and 16 bits",
                                 golden::name(format.kind()), format.bits()));
  Json codes = Json::array();
  for (std::uint32_t code = 0; code < 1U << format.bits(); ++code) {
    const golden::Unpacked value = golden::decode(code, format);
    Json entry{{"code", hex_code(code, format)}};
    const double number = golden::to_double(value);
    entry["value"] = hex_float(number);
    entry["decimal"] = std::isfinite(number) ? Json(number) : Json(nullptr);
    entry["class"] = class_name(value);
    codes.push_back(std::move(entry));
  }
  return codes;
}

}  // namespace tatami::cli
