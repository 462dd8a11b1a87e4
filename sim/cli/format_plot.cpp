// Pictures of formats: how many values a binade has, and how far rounding errs at which magnitude.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "cli/format_parts.h"
#include "cli/formats.h"
#include "cli/svg.h"
#include "golden/convert.h"

namespace tatami::cli {
namespace {

using golden::Descriptor;

/// Positive values in [2^e, 2^(e+1)) by e. Codes of one exponent field lie in one binade, or, subnormal, double with
/// each.
std::map<int, double> values_by_binade(Descriptor format) {
  const int mantissa_bits = golden::info(format.kind()).mantissa_bits;
  std::map<int, double> counts;
  for (int bit = 0; bit < mantissa_bits; ++bit) {
    const double value = golden::to_double(1U << bit, format);
    if (value != 0) counts[std::ilogb(value)] += std::ldexp(1.0, bit);
  }
  for (std::uint32_t code = 1U << mantissa_bits; code <= golden::largest_code(format); code += 1U << mantissa_bits)
    counts[std::ilogb(golden::to_double(code, format))] += std::ldexp(1.0, mantissa_bits);
  return counts;
}

/// The code of the largest value that is no larger than x > 0 (0 if there is none but zero).
std::uint32_t code_below(double x, Descriptor format) {
  std::uint32_t low = 0, high = golden::largest_code(format) + 1;
  while (high - low > 1) {  // codes without sign are in the order of their values
    const std::uint32_t middle = low + (high - low) / 2;
    (golden::to_double(middle, format) <= x ? low : high) = middle;
  }
  return low;
}

/// The largest relative error of rounding to nearest for magnitudes in [from, to], and where it is.
std::pair<double, double> worst_error(double from, double to, Descriptor format) {
  constexpr int kGaps = 64;  // a slot lies inside one binade, where gaps are equal: later ones err less
  std::pair<double, double> worst{from, 0};
  const std::uint32_t top = golden::largest_code(format);
  std::uint32_t code = code_below(from, format);
  for (int n = 0; n < kGaps; ++n, ++code) {
    const double low = golden::to_double(code, format);
    if (low > to) break;
    const double high = code < top ? golden::to_double(code + 1, format) : std::numeric_limits<double>::infinity();
    // Rising up to the middle, falling behind it.
    const double x = std::clamp(code < top ? low + (high - low) / 2 : to, std::max(low, from), std::min(high, to));
    const double error = std::min(x - low, high - x) / x;
    if (error > worst.second) worst = {x, error};
    if (code == top) break;
  }
  return worst;
}

std::string plural(const std::vector<Descriptor>& formats) {
  return formats.size() == 1 ? format_text(formats.front()) : fmt::format("{} formats", formats.size());
}

std::string labels_note(const std::vector<Descriptor>& formats) {
  const bool reading = std::any_of(formats.begin(), formats.end(), [](Descriptor f) {
    return golden::info(f.kind()).clamping && f.subnormals() == golden::Subnormals::printed;
  });
  return reading ? "subnormals of the clamping formats as printed in the whitepaper" : "";
}

}  // namespace

void plot_density(const std::vector<Descriptor>& formats, const std::string& path) {
  svg::Chart chart;
  chart.title = "Values per binade: " + plural(formats);
  chart.subtitle = labels_note(formats);
  chart.x.label = "log2 of the magnitude";
  chart.y.label = "positive values in the binade";
  chart.y.log = chart.y.binary = true;
  constexpr double kNone = 0.6;  // the axis's lower end
  double top = 1;
  for (const Descriptor format : formats) {
    svg::Series series;
    series.label = format_text(format);
    series.markers = false;
    const auto counts = values_by_binade(format);
    const int first = counts.begin()->first, last = counts.rbegin()->first;
    series.points.emplace_back(first, kNone);
    for (int e = first; e <= last; ++e) {
      const auto found = counts.find(e);
      const double height = found == counts.end() ? kNone : found->second;
      series.points.emplace_back(e, height);
      series.points.emplace_back(e + 1, height);
      top = std::max(top, height);
    }
    series.points.emplace_back(last + 1, kNone);
    chart.series.push_back(std::move(series));
  }
  // The legend stands above the curves.
  chart.y.from = kNone;
  chart.y.to = top * std::pow(top / kNone, 0.08 + 0.07 * static_cast<double>(formats.size()));
  svg::write(chart, path);
}

void plot_error(const std::vector<Descriptor>& formats, const std::string& path) {
  // Narrow ranges show how the error swings inside each binade, wide ones the worst of each.
  constexpr int kNarrow = 24;
  int lowest = std::numeric_limits<int>::max(), highest = std::numeric_limits<int>::min();
  for (const Descriptor format : formats) {
    lowest = std::min(lowest, std::ilogb(golden::smallest_positive(format)));
    highest = std::max(highest, std::ilogb(golden::largest(format)));
  }
  const int slots = highest - lowest <= kNarrow ? 16 : 1;
  svg::Chart chart;
  chart.title = "Largest relative error of rounding to nearest: " + plural(formats);
  chart.subtitle = "1: flushed to zero, or far above the largest" +
                   (labels_note(formats).empty() ? "" : "; " + labels_note(formats));
  chart.x.label = "log2 of the magnitude";
  chart.y.label = "relative error";
  chart.y.log = true;
  double least = 1;
  for (const Descriptor format : formats) {
    svg::Series series;
    series.label = format_text(format);
    series.markers = false;
    const int first = std::ilogb(golden::smallest_positive(format)) - 3;
    const int last = std::ilogb(golden::largest(format)) + 3;
    for (int e = first; e <= last; ++e) {
      for (int slot = 0; slot < slots; ++slot) {
        const double from = std::ldexp(1 + static_cast<double>(slot) / slots, e);
        const auto [x, error] = worst_error(from, from + std::ldexp(1.0 / slots, e), format);
        if (error == 0) continue;  // nothing but values of the format
        if (slots == 1) {
          series.points.emplace_back(e, error);
          series.points.emplace_back(e + 1, error);
        } else {
          series.points.emplace_back(std::log2(x), error);
        }
        least = std::min(least, error);
      }
    }
    chart.series.push_back(std::move(series));
  }
  chart.y.from = std::pow(10.0, std::floor(std::log10(least)));
  // The legend stands above the curves, which end at 1.
  chart.y.to = std::pow(chart.y.from.value(), -0.08 * static_cast<double>(formats.size() + 1));
  svg::write(chart, path);
}

}  // namespace tatami::cli
