#include "cli/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <limits>
#include <stdexcept>

#include "host/error.h"

namespace tatami::cli::svg {
namespace {

constexpr double kWidth = 860, kHeight = 520;
constexpr double kLeft = 84, kRight = 28, kTop = 64, kBottom = 64;
// Okabe and Ito's palette: told apart by every kind of eye.
constexpr std::array<const char*, 7> kColours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                 "#e69f00", "#56b4e9", "#000000"};

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

/// An axis with its range settled: maps values to pixels and chooses ticks.
struct Scale {
  bool log = false;
  bool binary = false;
  double from = 0, to = 1;    // values
  double begin = 0, end = 1;  // pixels

  double position(double value) const { return log ? std::log10(value) : value; }
  double operator()(double value) const {
    return begin + (end - begin) * (position(value) - position(from)) / (position(to) - position(from));
  }
  bool contains(double value) const { return value >= from && value <= to; }

  std::vector<double> ticks() const {
    std::vector<double> values;
    if (log && binary) {
      const int step = std::max(1, static_cast<int>(std::ceil(std::log2(to / from) / 12)));
      const int least = static_cast<int>(std::ceil(std::log2(from) - 1e-9));
      for (int e = least; e <= std::log2(to) + 1e-9; e += step) values.push_back(std::ldexp(1, e));
      return values;
    }
    if (log) {
      const double decades = std::log10(to / from);
      const int step = std::max(1, static_cast<int>(std::ceil(decades / 10)));
      for (int e = static_cast<int>(std::floor(std::log10(from))); e <= std::log10(to) + 1e-9; e += step) {
        for (const double digit : {1.0, 2.0, 5.0}) {
          if (digit != 1.0 && decades > 2.5) continue;
          const double value = digit * std::pow(10.0, e);
          if (value >= from * (1 - 1e-9) && value <= to * (1 + 1e-9)) values.push_back(value);
        }
      }
      return values;
    }
    const double raw = (to - from) / 7;
    const double power = std::pow(10.0, std::floor(std::log10(raw)));
    const double step = power * (raw / power <= 1 ? 1 : raw / power <= 2 ? 2 : raw / power <= 5 ? 5 : 10);
    for (double k = std::ceil(from / step - 1e-9); k * step <= to + 1e-9 * step; k += 1) values.push_back(k * step);
    return values;
  }
};

Scale settle(const Chart& chart, const Axis& axis, bool is_x, double begin, double end) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  const auto see = [&](double value) {
    if (!std::isfinite(value) || (axis.log && value <= 0)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  };
  for (const Series& series : chart.series) {
    for (const auto& [x, y] : series.points) {
      if (std::isfinite(x) && std::isfinite(y)) see(is_x ? x : y);
    }
  }
  if (is_x) {
    for (const Mark& mark : chart.marks) see(mark.x);
  }
  if (!std::isfinite(low))
    throw std::invalid_argument("a chart without a point that its axes can show: " + chart.title);
  if (!axis.log && low > 0 && low < 0.5 * high) low = 0;
  if (low == high) high = axis.log ? 2 * low : low + 1;
  if (!axis.log && low != 0) low -= 0.03 * (high - low);
  if (!axis.log) high += 0.03 * (high - low);
  return {axis.log, axis.binary, axis.from.value_or(low), axis.to.value_or(high), begin, end};
}

std::string number(double value) {
  if (value == 0 || std::abs(value) < 1e-12) return "0";
  const bool whole = value == std::round(value) && std::abs(value) < 1e6;
  return whole ? fmt::format("{:.0f}", value) : fmt::format("{:.4g}", value);
}

}  // namespace

std::string render(const Chart& chart) {
  const Scale x = settle(chart, chart.x, true, kLeft, kWidth - kRight);
  const Scale y = settle(chart, chart.y, false, kHeight - kBottom, kTop);
  std::string out = fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" font-family="sans-serif" font-size="13">
<rect width="{0}" height="{1}" fill="white"/>
<clipPath id="area"><rect x="{2}" y="{3}" width="{4}" height="{5}"/></clipPath>
<text x="{2}" y="26" font-size="17" font-weight="bold">{6}</text>
<text x="{2}" y="47" fill="#555">{7}</text>
)",
      kWidth, kHeight, kLeft, kTop, kWidth - kLeft - kRight, kHeight - kTop - kBottom, escaped(chart.title),
      escaped(chart.subtitle));
  for (const double tick : x.ticks()) {
    out += fmt::format("<line x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\" stroke=\"#e4e4e4\"/>\n", x(tick),
                       kTop, kHeight - kBottom);
    out += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", x(tick),
                       kHeight - kBottom + 19, number(tick));
  }
  for (const double tick : y.ticks()) {
    out += fmt::format("<line x1=\"{1}\" y1=\"{0:.1f}\" x2=\"{2}\" y2=\"{0:.1f}\" stroke=\"#e4e4e4\"/>\n", y(tick),
                       kLeft, kWidth - kRight);
    out += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", kLeft - 8, y(tick) + 4.5,
                       number(tick));
  }
  out += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"#333\"/>\n", kLeft,
                     kTop, kWidth - kLeft - kRight, kHeight - kTop - kBottom);
  out += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", (kLeft + kWidth - kRight) / 2,
                     kHeight - 18, escaped(chart.x.label));
  out += fmt::format("<text transform=\"translate(22,{:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
                     (kTop + kHeight - kBottom) / 2, escaped(chart.y.label));
  for (const Mark& mark : chart.marks) {
    if (!x.contains(mark.x)) continue;
    out += fmt::format(
        "<line x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\" stroke=\"#777\" stroke-width=\"1.3\" "
        "stroke-dasharray=\"6 4\"/>\n",
        x(mark.x), kTop, kHeight - kBottom);
    // Along the line, on the side that has room.
    const double side = x(mark.x) - kLeft > 20 ? -5 : 14;
    out += fmt::format(
        "<text transform=\"translate({:.1f},{:.1f}) rotate(-90)\" text-anchor=\"middle\" fill=\"#555\">{}</text>\n",
        x(mark.x) + side, (kTop + kHeight - kBottom) / 2, escaped(mark.label));
  }
  for (std::size_t s = 0; s < chart.series.size(); ++s) {
    const Series& series = chart.series[s];
    const char* colour = kColours[s % kColours.size()];
    std::string path, dots;
    bool open = false;
    for (const auto& [px, py] : series.points) {
      const bool drawable = std::isfinite(px) && std::isfinite(py) && !(x.log && px <= 0) && !(y.log && py <= 0);
      if (drawable) {
        path += fmt::format("{}{:.1f},{:.1f} ", open ? "L" : "M", x(px), y(py));
        if (x.contains(px) && y.contains(py))
          dots += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", x(px), y(py), colour);
      }
      open = drawable;
    }
    if (series.line && !path.empty()) {
      out += fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\" clip-path=\"url(#area)\"/>\n",
                         path, colour);
    }
    if (series.markers) out += dots;
  }
  if (chart.series.size() > 1 || (!chart.series.empty() && !chart.series[0].label.empty())) {
    for (std::size_t s = 0; s < chart.series.size(); ++s) {
      const double at = kTop + 20 + 20 * static_cast<double>(s);
      out += fmt::format("<line x1=\"{0}\" y1=\"{2}\" x2=\"{1}\" y2=\"{2}\" stroke=\"{3}\" stroke-width=\"3\"/>\n",
                         kLeft + 14, kLeft + 38, at, kColours[s % kColours.size()]);
      out += fmt::format("<text x=\"{}\" y=\"{}\">{}</text>\n", kLeft + 45, at + 4.5, escaped(chart.series[s].label));
    }
  }
  return out + "</svg>\n";
}

void write(const Chart& chart, const std::string& path) {
  const std::string text = render(chart);
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw InputError(fmt::format("cannot write {}: choose a path in a directory that exists", path));
}

}  // namespace tatami::cli::svg
