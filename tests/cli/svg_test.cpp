// libs: tatami_cli
// Charts: points land where the axes say, what cannot be shown is left out or refused, text cannot break the document.
#include "cli/svg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <regex>
#include <stdexcept>

#include "host/error.h"

namespace tatami::cli::svg {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Centres of the points drawn, in the order of drawing.
std::vector<std::pair<double, double>> dots(const std::string& text) {
  static const std::regex circle("<circle cx=\"([0-9.]+)\" cy=\"([0-9.]+)\"");
  std::vector<std::pair<double, double>> found;
  for (std::sregex_iterator at(text.begin(), text.end(), circle), end; at != end; ++at)
    found.emplace_back(std::stod((*at)[1]), std::stod((*at)[2]));
  return found;
}

TEST(Svg, LinearPointsAreSpacedLinearly) {
  Chart chart;
  chart.series.push_back({"a", {{0, 0}, {1, 10}, {2, 20}, {4, 40}}});
  const auto at = dots(render(chart));
  ASSERT_EQ(at.size(), 4u);
  EXPECT_NEAR(at[2].first - at[1].first, at[1].first - at[0].first, 0.2);
  EXPECT_NEAR(at[3].first - at[2].first, 2 * (at[1].first - at[0].first), 0.3);
  EXPECT_NEAR(at[0].second - at[3].second, 4 * (at[0].second - at[1].second), 0.5);
  EXPECT_LT(at[3].second, at[0].second) << "larger values stand higher";
}

TEST(Svg, LogarithmicPointsAreSpacedByRatio) {
  Chart chart;
  chart.x.log = chart.y.log = true;
  chart.series.push_back({"a", {{0.001, 1}, {0.01, 10}, {0.1, 100}, {-1, 5}, {1, 0}}});
  const auto at = dots(render(chart));
  ASSERT_EQ(at.size(), 3u) << "what a logarithm cannot show is left out";
  EXPECT_NEAR(at[2].first - at[1].first, at[1].first - at[0].first, 0.2);
}

TEST(Svg, BinaryAxesHaveTicksAtPowersOfTwo) {
  Chart chart;
  chart.y.log = chart.y.binary = true;
  chart.y.from = 0.6;
  chart.series.push_back({"a", {{100, 1}, {300, 8}}});
  const std::string text = render(chart);
  for (const char* tick : {">1<", ">2<", ">4<", ">8<"}) EXPECT_THAT(text, HasSubstr(tick));
  for (const char* none : {">5<", ">10<", ">0.6<", ">0.5<"}) EXPECT_THAT(text, Not(HasSubstr(none)));
  chart.series.push_back({"b", {{200, 0x1p40}}});  // too many powers to name all
  EXPECT_THAT(render(chart), HasSubstr(">16<"));
  EXPECT_THAT(render(chart), HasSubstr(">65536<"));
  EXPECT_THAT(render(chart), Not(HasSubstr(">2<")));
}

TEST(Svg, NotFiniteBreaksTheLine) {
  Chart chart;
  chart.series.push_back({"a", {{0, 0}, {1, std::numeric_limits<double>::quiet_NaN()}, {2, 2}, {3, 3}}});
  const std::string text = render(chart);
  EXPECT_THAT(text, HasSubstr(" M"));
  EXPECT_THAT(text, Not(HasSubstr("nan")));
  EXPECT_EQ(dots(text).size(), 3u);
}

TEST(Svg, TextIsEscapedAndMarksAreDrawn) {
  Chart chart;
  chart.title = "a < b & \"c\"";
  chart.series.push_back({"", {{0, 0}, {1, 1}}});
  chart.marks.push_back({0.5, "limit 0.5"});
  const std::string text = render(chart);
  EXPECT_THAT(text, HasSubstr("a &lt; b &amp; &quot;c&quot;"));
  EXPECT_THAT(text, HasSubstr("stroke-dasharray"));
  EXPECT_THAT(text, HasSubstr(">limit 0.5<"));
}

TEST(Svg, RefusesWhatItCannotDrawOrWrite) {
  Chart chart;
  EXPECT_THROW(render(chart), std::invalid_argument);
  chart.series.push_back({"a", {{0, 1}}});
  chart.x.log = true;
  EXPECT_THROW(render(chart), std::invalid_argument);
  chart.x.log = false;
  EXPECT_THROW(write(chart, "/nonexistent/directory/a.svg"), InputError);
}

}  // namespace
}  // namespace tatami::cli::svg
