// tatami format: what a number format can hold, and what becomes of a number.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "cli/common.h"
#include "cli/formats.h"
#include "golden/convert.h"
#include "golden/threefry.h"
#include "host/error.h"

namespace tatami::cli {
namespace {

using golden::Descriptor;
using golden::Kind;

struct Settings {
  bool json = false;
  std::string name;
  std::optional<int> bias;
  std::string subnormals = "printed";
  std::string round = "nearest";
  std::uint64_t seed = 1;
  std::uint64_t index = 0;
  std::vector<std::string> encode;
  std::vector<std::string> decode;
};

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(fmt::format("{}", value)); }

std::string hex(std::uint32_t code, Descriptor format) { return fmt::format("{:#0{}x}", code, 2 + format.bits() / 4); }

Json flags_json(golden::Flags flags) {
  Json list = Json::array();
  if ((flags & golden::kInvalid) != 0) list.push_back("invalid");
  if ((flags & golden::kDenormal) != 0) list.push_back("denormal");
  if ((flags & golden::kOverflow) != 0) list.push_back("overflow");
  if ((flags & golden::kUnderflow) != 0) list.push_back("underflow");
  return list;
}

Json describe(Descriptor format) {
  const golden::KindInfo& about = golden::info(format.kind());
  return {{"name", about.name},
          {"bits", about.bits},
          {"sign_bits", about.has_sign ? 1 : 0},
          {"exponent_bits", about.exponent_bits},
          {"mantissa_bits", about.mantissa_bits},
          {"bias", format.bias()},
          {"bias_settable", about.clamping},
          {"descriptor", fmt::format("{:#06x}", format.packed())},
          {"largest", golden::largest(format)},
          {"smallest_normal", golden::smallest_normal(format)},
          {"smallest_positive", golden::smallest_positive(format)}};
}

double parse_number(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0') throw InputError(fmt::format("--encode {}: not a number", text));
  return value;
}

std::uint32_t parse_code(const std::string& text, Descriptor format) {
  char* end = nullptr;
  const unsigned long long code = std::strtoull(text.c_str(), &end, 0);
  if (text.empty() || text.front() == '-' || *end != '\0' || (code >> format.bits()) != 0) {
    throw InputError(fmt::format("--decode {}: not a code of {}, expected 0..{:#x}", text, golden::name(format.kind()),
                                 (1ULL << format.bits()) - 1));
  }
  return static_cast<std::uint32_t>(code);
}

Json encoded(const std::string& text, Descriptor format, const Settings& settings) {
  const double value = parse_number(text);
  const golden::Coded coded = golden::encode_double(value, format, golden::random_bits(settings.seed, settings.index));
  return {{"value", number(value)},
          {"code", hex(coded.code, format)},
          {"delivered", number(golden::to_double(coded.code, format))},
          {"flags", flags_json(coded.flags)}};
}

Json decoded(const std::string& text, Descriptor format) {
  const std::uint32_t code = parse_code(text, format);
  const golden::Unpacked value = golden::decode(code, format);
  return {{"code", hex(code, format)},
          {"value", number(golden::to_double(value))},
          {"subnormal", value.subnormal_encoding}};
}

std::string joined(const Json& flags) {
  std::string text;
  for (const Json& flag : flags) text += "  " + flag.get<std::string>();
  return text;
}

/// A number field as text: JSON has none for infinities.
std::string shown(const Json& value) {
  return value.is_string() ? value.get<std::string>() : fmt::format("{:.9g}", value.get<double>());
}

Exit run(const Settings& settings) {
  std::vector<Descriptor> formats;
  const bool gradual = settings.subnormals == "gradual";
  const auto add = [&](Kind kind) {
    const bool biased = golden::info(kind).clamping;
    formats.emplace_back(kind, biased ? settings.bias.value_or(default_bias(kind)) : 0,
                         settings.round == "stochastic" ? golden::Rounding::stochastic : golden::Rounding::nearest_even,
                         biased && gradual ? golden::Subnormals::gradual : golden::Subnormals::printed);
  };
  if (settings.bias && (*settings.bias < 0 || *settings.bias > 63))
    throw InputError(fmt::format("--bias {}: a bias is 0..63", *settings.bias));
  if (settings.name.empty()) {
    if (!settings.encode.empty() || !settings.decode.empty())
      throw InputError("format: name the format, as in: tatami format bf16 --encode 1.5");
    for (const Kind kind : golden::kAllKinds) add(kind);
  } else {
    const Kind kind = parse_kind(settings.name, "format");
    if (settings.bias && !golden::info(kind).clamping) {
      throw InputError(
          fmt::format("--bias {}: the bias of {} is fixed; leave the option out", *settings.bias, golden::name(kind)));
    }
    add(kind);
  }

  Json json{{"status", "pass"}, {"subnormals", settings.subnormals}, {"results", Json::array()}};
  for (const Descriptor format : formats) {
    Json entry = describe(format);
    for (const std::string& text : settings.encode) entry["encoded"].push_back(encoded(text, format, settings));
    for (const std::string& text : settings.decode) entry["decoded"].push_back(decoded(text, format));
    json["results"].push_back(entry);
  }
  if (settings.json) {
    print_json(json);
    return Exit::pass;
  }
  fmt::print("{:<16}{:>10}{:>6}{:>12}{:>18}{:>18}{:>18}\n", "format", "s/e/m", "bias", "descriptor", "largest",
             "smallest normal", "smallest > 0");
  for (const Json& entry : json["results"]) {
    fmt::print("{:<16}{:>10}{:>6}{:>12}{:>18.9g}{:>18.9g}{:>18.9g}\n", entry["name"].get<std::string>(),
               fmt::format("{}/{}/{}", entry["sign_bits"].get<int>(), entry["exponent_bits"].get<int>(),
                           entry["mantissa_bits"].get<int>()),
               entry["bias"].get<int>(), entry["descriptor"].get<std::string>(), entry["largest"].get<double>(),
               entry["smallest_normal"].get<double>(), entry["smallest_positive"].get<double>());
    if (entry.contains("encoded")) {
      for (const Json& line : entry["encoded"]) {
        fmt::print("  {} -> {} = {}{}\n", shown(line["value"]), line["code"].get<std::string>(),
                   shown(line["delivered"]), joined(line["flags"]));
      }
    }
    if (entry.contains("decoded")) {
      for (const Json& line : entry["decoded"]) {
        fmt::print("  {} = {}{}\n", line["code"].get<std::string>(), shown(line["value"]),
                   line["subnormal"].get<bool>() ? "  subnormal" : "");
      }
    }
  }
  return Exit::pass;
}

}  // namespace

Action add_format(CLI::App& app) {
  auto settings = std::make_shared<Settings>();
  auto* command = app.add_subcommand("format", "Show number formats, encode values, decode codes");
  command->add_option("format", settings->name, "fp32, bf16, cfloat8_1_4_3, cfloat8_1_5_2, shp or uhp (default: all)")
      ->type_name("FORMAT");
  command->add_option("--bias", settings->bias, "Exponent bias 0..63");
  command->add_option("--subnormals", settings->subnormals, "Reading of subnormal CFloat encodings")
      ->check(CLI::IsMember({"printed", "gradual"}))
      ->capture_default_str();
  command->add_option("--round", settings->round, "Rounding of --encode")
      ->check(CLI::IsMember({"nearest", "stochastic"}))
      ->capture_default_str();
  command->add_option("--seed", settings->seed, "Seed of stochastic rounding")->capture_default_str();
  command->add_option("--index", settings->index, "Element index of stochastic rounding")->capture_default_str();
  command->add_option("--encode", settings->encode, "Values to encode")->type_name("VALUE");
  command->add_option("--decode", settings->decode, "Codes to decode, as 0x..")->type_name("CODE");
  command->add_flag("--json", settings->json, "Print one JSON object on standard output");
  return [settings] { return run(*settings); };
}

}  // namespace tatami::cli
