// What several formats make of real numbers.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "cli/format_parts.h"
#include "cli/formats.h"
#include "cli/numbers.h"
#include "golden/convert.h"
#include "golden/threefry.h"
#include "host/error.h"
#include "host/npy.h"

namespace tatami::cli {
namespace {

using golden::Descriptor;

/// Errors of the finite elements; relative ones of those that are not zero. Elements without a real result (negative
/// ones in uhp) count as invalid and have no error.
struct Errors {
  std::uint64_t finite = 0, nonzero = 0, clamped = 0, flushed = 0, invalid = 0;
  long double sum_absolute = 0, sum_relative = 0;
  double max_absolute = 0, max_relative = 0;

  double mean_absolute() const { return mean(sum_absolute, finite - invalid); }
  double mean_relative() const { return mean(sum_relative, nonzero - invalid); }
  double share(std::uint64_t part) const {
    return finite == 0 ? 0 : static_cast<double>(part) / static_cast<double>(finite);
  }

 private:
  static double mean(long double sum, std::uint64_t count) {
    return count == 0 ? 0 : static_cast<double>(sum / static_cast<long double>(count));
  }
};

Errors measure(const std::vector<double>& values, Descriptor format, std::uint64_t seed) {
  const bool stochastic = format.rounding() == golden::Rounding::stochastic;
  Errors errors;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = values[i];
    if (!std::isfinite(value)) continue;
    const std::uint16_t random = stochastic ? golden::random_bits(seed, i) : std::uint16_t{0};
    const golden::Coded coded = golden::encode_double(value, format, random);
    const double delivered = golden::to_double(coded.code, format);
    ++errors.finite;
    if (value != 0) ++errors.nonzero;
    if ((coded.flags & golden::kInvalid) != 0) {
      ++errors.invalid;
      continue;
    }
    if ((coded.flags & golden::kOverflow) != 0) ++errors.clamped;
    if (value != 0 && delivered == 0) ++errors.flushed;
    const double absolute = std::fabs(delivered - value);
    errors.sum_absolute += absolute;
    errors.max_absolute = std::max(errors.max_absolute, absolute);
    if (value == 0) continue;
    const double relative = absolute / std::fabs(value);
    errors.sum_relative += relative;
    errors.max_relative = std::max(errors.max_relative, relative);
  }
  return errors;
}

void put_errors(Json& json, const Errors& errors) {
  put_number(json, "mean_abs_error", errors.mean_absolute());
  put_number(json, "max_abs_error", errors.max_absolute);
  put_number(json, "mean_rel_error", errors.mean_relative());
  put_number(json, "max_rel_error", errors.max_relative);
  json["clamped"] = errors.clamped;
  json["flushed"] = errors.flushed;
  json["invalid"] = errors.invalid;
  put_number(json, "share_clamped", errors.share(errors.clamped));
  put_number(json, "share_flushed", errors.share(errors.flushed));
}

Descriptor with_bias(Descriptor format, int bias) {
  return Descriptor(format.kind(), bias, format.rounding(), format.subnormals());
}

/// The bias 0..63 with the least mean error, the smallest of several.
int best_bias(const std::vector<double>& values, Descriptor format, const Comparison& how, Errors& errors) {
  int best = 0;
  for (int bias = 0; bias < 64; ++bias) {
    const Errors these = measure(values, with_bias(format, bias), how.seed);
    const bool better = how.by_absolute ? these.mean_absolute() < errors.mean_absolute()
                                        : these.mean_relative() < errors.mean_relative();
    if (bias != 0 && !better) continue;
    best = bias;
    errors = these;
  }
  return best;
}

}  // namespace

Json compare_formats(const Comparison& comparison) {
  const NpyArray array = read_npy(comparison.file);
  std::vector<double> values(array.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = array.value(i);
  const auto finite = std::count_if(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
  if (finite == 0) throw InputError(comparison.file + ": holds no finite number to compare formats on");

  Json json{{"file", comparison.file},
            {"dtype", array.dtype()},
            {"elements", values.size()},
            {"finite", finite},
            {"best_by", comparison.by_absolute ? "absolute" : "relative"},
            {"results", Json::array()}};
  for (const Descriptor format : comparison.formats) {
    const bool biased = golden::info(format.kind()).clamping;
    Json entry{{"format", golden::name(format.kind())}, {"text", format_text(format)}, {"bias", format.bias()}};
    put_errors(entry, measure(values, format, comparison.seed));
    entry["best_bias"] = nullptr;
    if (biased) {
      Errors errors;
      entry["best_bias"] = best_bias(values, format, comparison, errors);
      Json best;
      put_errors(best, errors);
      entry["best"] = best;
    }
    json["results"].push_back(entry);
  }
  return json;
}

std::string comparison_text(const Json& json) {
  std::string text = fmt::format("{}: {} elements of {}, {} of them finite\n", json["file"].get<std::string>(),
                                 grouped(json["elements"].get<std::uint64_t>()), json["dtype"].get<std::string>(),
                                 grouped(json["finite"].get<std::uint64_t>()));
  text += fmt::format("{:<34}{:>11}{:>11}{:>11}{:>11}{:>10}{:>10}\n", "", "mean abs", "max abs", "mean rel", "max rel",
                      "clamped", "to zero");
  const auto line = [&](const std::string& name, const Json& errors) {
    const auto number = [&](const char* key) {
      const Json& value = errors[std::string(key) + "_decimal"];
      return value.is_null() ? errors[key].get<std::string>() : fmt::format("{:.3g}", value.get<double>());
    };
    const auto share = [&](const char* key) {
      return fmt::format("{:.3g} %", 100 * errors[std::string(key) + "_decimal"].get<double>());
    };
    text += fmt::format("{:<34}{:>11}{:>11}{:>11}{:>11}{:>10}{:>10}\n", name, number("mean_abs_error"),
                        number("max_abs_error"), number("mean_rel_error"), number("max_rel_error"),
                        share("share_clamped"), share("share_flushed"));
    if (errors["invalid"].get<std::uint64_t>() != 0) {
      text += fmt::format("    {} elements have no value in this format and are left out\n",
                          grouped(errors["invalid"].get<std::uint64_t>()));
    }
  };
  for (const Json& entry : json["results"]) {
    line(entry["text"].get<std::string>(), entry);
    if (entry.contains("best")) line(fmt::format("  best bias {}", entry["best_bias"].get<int>()), entry["best"]);
  }
  return text + fmt::format("Best: the bias 0..63 with the least mean {} error.\n", json["best_by"].get<std::string>());
}

}  // namespace tatami::cli
