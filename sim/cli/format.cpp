// tatami format: what a number format can hold, and what becomes of a number.
#include <fmt/format.h>

#include <cmath>

#include "cli/common.h"
#include "cli/format_parts.h"
#include "cli/formats.h"
#include "cli/numbers.h"
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
  std::optional<int> bias, bias_from;
  std::string subnormals = "printed";
  std::string round = "nearest";
  std::string from = "exact";
  std::string seed = "1";
  std::string index = "0";
  std::string random_bits;
  bool table = false;
  std::vector<std::string> encode;
  std::vector<std::string> decode;
  std::vector<std::string> compare;
  std::string best_by = "relative";
  std::string plot_density, plot_error;

  bool gradual() const { return subnormals == "gradual"; }
  bool stochastic() const { return round == "stochastic"; }
};

/// Whether the word names a file of values rather than a format.
bool is_file(const std::string& word) { return word.ends_with(".npy"); }

/// "FORMAT" or "FORMAT:BIAS".
Descriptor parse_format(const std::string& word, const Settings& settings, const std::string& option) {
  const auto colon = word.find(':');
  const Kind kind = parse_kind(word.substr(0, colon), option);
  std::optional<int> own;
  if (colon != std::string::npos)
    own = static_cast<int>(parse_unsigned(word.substr(colon + 1), 63, option + " " + word.substr(0, colon) + ":"));
  return make_descriptor(kind, own, "the bias in " + word + ":", settings.bias, settings.stochastic(),
                         settings.gradual());
}

/// Encodes the values as one vector: element i of the list draws the random bits of index + i.
class Encoder {
 public:
  Encoder(Descriptor format, const Settings& settings) : format_(format), from_(settings.from) {
    if (from_ != "exact" && from_ != "double") {
      source_ = make_descriptor(parse_kind(from_, "--from"), settings.bias_from, "--bias-from", settings.bias, false,
                                settings.gradual());
    } else if (settings.bias_from) {
      throw InputError(
          fmt::format("--bias-from {}: only a format has a bias; name it with --from", *settings.bias_from));
    }
    seed_ = parse_unsigned(settings.seed, ~std::uint64_t{0}, "--seed");
    index_ = parse_unsigned(settings.index, ~std::uint64_t{0}, "--index");
    if (settings.random_bits.empty()) return;
    random_ = static_cast<std::uint16_t>(parse_unsigned(settings.random_bits, 0xFFFF, "--random-bits"));
    if (!settings.stochastic())
      throw InputError(fmt::format("--random-bits {}: only stochastic rounding reads them; add --round stochastic",
                                   settings.random_bits));
  }

  Json encode(const std::string& text) {
    auto value = parse_real(text);
    if (!value)
      throw InputError(fmt::format("--encode {}: not a number; expected one like 3.14, -0x1.8p-3, inf or nan", text));
    const std::uint16_t random = random_.value_or(golden::random_bits(seed_, index_));
    ++index_;
    Json json{{"input", text}};
    golden::Coded coded;
    if (source_) {
      const std::uint32_t code = golden::encode_double(*value, *source_).code;
      value = golden::to_double(code, *source_);
      json["source_code"] = hex_code(code, *source_);
      coded = golden::convert(code, *source_, format_, random);
    } else {
      if (from_ == "double") value = std::strtod(text.c_str(), nullptr);
      coded = golden::encode_double(*value, format_, random);
    }
    const double delivered = golden::to_double(coded.code, format_);
    json["code"] = hex_code(coded.code, format_);
    json["value"] = hex_float(delivered);
    json["decimal"] = std::isfinite(delivered) ? Json(delivered) : Json(nullptr);
    json["flags"] = flags_json(coded.flags);
    // What was rounded; a number as written that no double holds is known by its text only.
    if (from_ != "exact") json["source_value"] = hex_float(*value);
    if (format_.rounding() == golden::Rounding::stochastic) json["random_bits"] = fmt::format("{:#06x}", random);
    return json;
  }

 private:
  Descriptor format_;
  std::string from_;
  std::optional<Descriptor> source_;
  std::uint64_t seed_ = 1, index_ = 0;
  std::optional<std::uint16_t> random_;
};

Json decoded(const std::string& text, Descriptor format) {
  const std::uint64_t limit = (std::uint64_t{1} << format.bits()) - 1;
  const auto code = static_cast<std::uint32_t>(
      parse_unsigned(text, limit, fmt::format("--decode: a code of {}:", golden::name(format.kind()))));
  const golden::Unpacked value = golden::decode(code, format);
  const double number = golden::to_double(value);
  golden::Flags flags = value.subnormal_encoding ? golden::kDenormal : golden::Flags{0};
  if (value.signaling) flags |= golden::kInvalid;
  return {{"code", hex_code(code, format)},
          {"value", hex_float(number)},
          {"decimal", std::isfinite(number) ? Json(number) : Json(nullptr)},
          {"flags", flags_json(flags)}};
}

std::string result_text(const Json& result) {
  std::string flags;
  for (const Json& flag : result["flags"]) flags += "  " + flag.get<std::string>();
  const std::string value = result["value"].get<std::string>();
  return fmt::format("  {}{} = {}{}{}\n", result.contains("input") ? result["input"].get<std::string>() + " -> " : "",
                     result["code"].get<std::string>(),
                     result["decimal"].is_null() ? value : fmt::format("{:.9g}", result["decimal"].get<double>()),
                     result["decimal"].is_null() ? "" : "  (" + value + ")", flags);
}

void print_overview(const Json& formats) {
  fmt::print("{:<16}{:>10}{:>6}{:>12}{:>18}{:>18}{:>18}\n", "format", "s/e/m", "bias", "descriptor", "largest",
             "smallest normal", "smallest > 0");
  for (const Json& entry : formats) {
    fmt::print("{:<16}{:>10}{:>6}{:>12}{:>18.9g}{:>18.9g}{:>18.9g}\n", entry["name"].get<std::string>(),
               fmt::format("{}/{}/{}", entry["sign_bits"].get<int>(), entry["exponent_bits"].get<int>(),
                           entry["mantissa_bits"].get<int>()),
               entry["bias"].get<int>(), entry["descriptor"].get<std::string>(), entry["largest_decimal"].get<double>(),
               entry["smallest_normal_decimal"].get<double>(), entry["smallest_positive_decimal"].get<double>());
  }
}

/// One format in detail.
Exit show(Descriptor format, const Settings& settings) {
  Json json{{"status", "pass"}, {"format", describe_format(format)}, {"results", Json::array()}};
  Encoder encoder(format, settings);
  for (const std::string& text : settings.encode) json["results"].push_back(encoder.encode(text));
  for (const std::string& text : settings.decode) json["results"].push_back(decoded(text, format));
  const bool bare = json["results"].empty();
  if (bare) json["results"].push_back(json["format"]);
  if (settings.table) json["codes"] = code_table(format);
  if (settings.json) {
    print_json(json);
    return Exit::pass;
  }
  fmt::print("{}", description_text(json["format"]));
  if (!bare) {
    for (const Json& result : json["results"]) fmt::print("{}", result_text(result));
  }
  if (settings.table) {
    for (const Json& entry : json["codes"]) {
      const std::string value = entry["value"].get<std::string>();
      fmt::print("  {}  {:>18}  {:<18} {}\n", entry["code"].get<std::string>(),
                 entry["decimal"].is_null() ? value : fmt::format("{:.9g}", entry["decimal"].get<double>()), value,
                 entry["class"].get<std::string>());
    }
  }
  return Exit::pass;
}

Exit compare(const std::vector<Descriptor>& formats, const std::string& file, const Settings& settings) {
  Comparison comparison{file, formats, parse_unsigned(settings.seed, ~std::uint64_t{0}, "--seed"),
                        settings.best_by == "absolute"};
  Json json{{"status", "pass"}};
  json.update(compare_formats(comparison));
  if (settings.json) {
    print_json(json);
  } else {
    fmt::print("{}", comparison_text(json));
  }
  return Exit::pass;
}

Exit run(const Settings& settings) {
  if (settings.bias && (*settings.bias < 0 || *settings.bias > 63))
    throw InputError(fmt::format("--bias {}: a bias is 0..63", *settings.bias));
  // Formats and files may stand together: format FORMAT --compare FORMAT,FORMAT FILE.npy.
  std::vector<Descriptor> formats;
  std::vector<std::string> files;
  const auto add = [&](const std::string& word, const std::string& option) {
    if (is_file(word)) {
      files.push_back(word);
    } else {
      formats.push_back(parse_format(word, settings, option));
    }
  };
  if (!settings.name.empty()) add(settings.name, "format");
  for (const std::string& word : settings.compare) {
    if (!word.empty()) add(word, "--compare");
  }
  const bool values = settings.table || !settings.encode.empty() || !settings.decode.empty();
  if (formats.empty()) {
    if (values) throw InputError("format: name the format, as in: tatami format bf16 --encode 1.5");
    for (const Kind kind : golden::kAllKinds)
      formats.push_back(make_descriptor(kind, {}, "", settings.bias, settings.stochastic(), settings.gradual()));
  } else if (formats.size() == 1 && settings.bias && !golden::info(formats.front().kind()).clamping) {
    throw InputError(fmt::format("--bias {}: the bias of {} is fixed; leave the option out", *settings.bias,
                                 golden::name(formats.front().kind())));
  }
  const bool plots = !settings.plot_density.empty() || !settings.plot_error.empty();
  if (!settings.plot_density.empty()) plot_density(formats, settings.plot_density);
  if (!settings.plot_error.empty()) plot_error(formats, settings.plot_error);
  if (files.size() > 1)
    throw InputError(fmt::format("--compare: one file of values at a time, not {} and {}", files[0], files[1]));
  if (!settings.compare.empty() && files.empty() && !plots)
    throw InputError(
        "--compare: name a .npy file of values too, as in: tatami format --compare cfloat8_1_4_3,bf16 values.npy");
  if (!files.empty()) {
    if (values) throw InputError("format: --encode, --decode and --table are for one format, without a file of values");
    return compare(formats, files.front(), settings);
  }
  if (formats.size() == 1) return show(formats.front(), settings);
  if (values) throw InputError("format: --encode, --decode and --table are for one format");
  Json json{{"status", "pass"}, {"subnormals", settings.subnormals}, {"results", Json::array()}};
  for (const Descriptor format : formats) json["results"].push_back(describe_format(format));
  if (settings.json) {
    print_json(json);
  } else {
    print_overview(json["results"]);
  }
  return Exit::pass;
}

}  // namespace

Action add_format(CLI::App& app) {
  auto settings = std::make_shared<Settings>();
  auto* command =
      app.add_subcommand("format", "Show number formats, encode values, decode codes, compare, plot (docs/formats.md)");
  command->add_option("format", settings->name, "fp32, bf16, cfloat8_1_4_3, cfloat8_1_5_2, shp or uhp (default: all)")
      ->type_name("FORMAT");
  command->add_option("--bias", settings->bias, "Exponent bias 0..63");
  command->add_option("--subnormals", settings->subnormals, "Reading of subnormal CFloat encodings")
      ->check(CLI::IsMember({"printed", "gradual"}))
      ->capture_default_str();
  command->add_flag("--table", settings->table, "List every code with its value (formats of 8 and 16 bits)");
  command->add_option("--encode", settings->encode, "Numbers to encode: 3.14 -0x1.8p-3 1e-9 inf nan")
      ->type_name("VALUE ...")
      ->allow_extra_args(false);
  command->add_option("--decode", settings->decode, "Codes to decode: 0x5a")
      ->type_name("CODE ...")
      ->allow_extra_args(false);
  command
      ->add_option("--from", settings->from,
                   "Round numbers to this format first: exact (not at all), double, or any format's name")
      ->type_name("FORMAT")
      ->capture_default_str();
  command->add_option("--bias-from", settings->bias_from, "Exponent bias of the format of --from");
  command->add_option("--round", settings->round, "Rounding of --encode and --compare")
      ->check(CLI::IsMember({"nearest", "stochastic"}))
      ->capture_default_str();
  command->add_option("--seed", settings->seed, "Seed of stochastic rounding")->type_name("N")->capture_default_str();
  command->add_option("--index", settings->index, "Element index of the first number, for stochastic rounding")
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--random-bits", settings->random_bits,
                   "The 16 random bits of every number, 0..0xffff, instead of seed and index")
      ->type_name("N");
  command
      ->add_option(
          "--compare", settings->compare,
          "Formats, each with :BIAS if wanted, and a .npy file of numbers: errors of each format, and its best bias")
      ->delimiter(',')
      ->type_name("FORMAT[:BIAS],... FILE.npy");
  command->add_option("--best-by", settings->best_by, "Which mean error the best bias makes least")
      ->check(CLI::IsMember({"relative", "absolute"}))
      ->capture_default_str();
  command->add_option("--plot-density", settings->plot_density, "Draw the number of values in each binade")
      ->type_name("FILE.svg");
  command->add_option("--plot-error", settings->plot_error, "Draw the largest relative error against magnitude")
      ->type_name("FILE.svg");
  command->add_flag("--json", settings->json, "Print one JSON object on standard output");
  return [settings] { return run(*settings); };
}

}  // namespace tatami::cli
