// Line charts as SVG, without any library: axes with round ticks, linear or logarithmic, lines, points, marked values.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tatami::cli::svg {

struct Series {
  std::string label;
  std::vector<std::pair<double, double>> points;  ///< points that are not finite break the line
  bool line = true;
  bool markers = true;
};

/// A value on the x axis worth a dashed line, with its name.
struct Mark {
  double x = 0;
  std::string label;
};

struct Axis {
  std::string label;
  bool log = false;
  std::optional<double> from;  ///< default: what the points need
  std::optional<double> to;    ///< points outside are left out, lines to them are clipped
  bool binary = false;         ///< logarithmic: ticks at powers of two
};

struct Chart {
  std::string title;
  std::string subtitle;
  Axis x;
  Axis y;
  std::vector<Series> series;
  std::vector<Mark> marks;
};

/// The whole document. Throws std::invalid_argument if there is no finite point, or none above 0 on a logarithmic axis.
std::string render(const Chart& chart);
/// Writes render(chart) to `path`; throws InputError naming it if that fails.
void write(const Chart& chart, const std::string& path);

}  // namespace tatami::cli::svg
