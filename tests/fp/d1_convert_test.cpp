// The converters against the golden model: every rounding corner by itself, every number of the stochastic generator,
// and, by hand or with the label slow (tests/fp/CMakeLists.txt), every FP32 input.
// clang-format off
// sources: rtl/pkg/d1_pkg.sv rtl/fp/d1_convert_pkg.sv rtl/fp/d1_convert_lanes.sv rtl/fp/d1_convert.sv
// cost: 10
// clang-format on
#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "fp/convert_unit.h"

namespace tatami::fp {
namespace {

using golden::Coded;
using golden::Descriptor;
using golden::Flags;
using golden::Kind;
using golden::Rounding;
using golden::Subnormals;

constexpr Descriptor kFp32(Kind::fp32);
constexpr Descriptor kBf16(Kind::bf16);
constexpr std::uint32_t kSign = 0x8000'0000;

std::uint32_t bits(double value) {
  const auto x = static_cast<float>(value);
  EXPECT_EQ(static_cast<double>(x), value) << "a critical value is an FP32 number";
  return std::bit_cast<std::uint32_t>(x);
}

/// The grid of section 2 as (value, code), the virtual point last.
struct Point {
  double value;
  std::uint32_t code;
};
std::vector<Point> grid(Descriptor d) {
  std::vector<Point> all;
  for (std::uint32_t code = 0; code <= golden::largest_code(d); ++code) {
    if (d.kind() == Kind::uhp && code != 0 && code < golden::smallest_normal_code(d)) continue;
    all.push_back({golden::to_double(code, d), code});
  }
  all.push_back({std::ldexp(1, std::ilogb(all.back().value) + 1), golden::largest_code(d) + 1});
  return all;
}

std::vector<Descriptor> destinations(Rounding rounding, const std::vector<int>& biases) {
  std::vector<Descriptor> all = {Descriptor(Kind::bf16, 0, rounding), Descriptor(Kind::uhp, 0, rounding)};
  for (const Kind kind : {Kind::cfloat8_1_4_3, Kind::cfloat8_1_5_2, Kind::shp})
    for (const int bias : biases)
      for (const Subnormals sub : {Subnormals::printed, Subnormals::gradual})
        all.emplace_back(kind, bias, rounding, sub);
  return all;
}

std::vector<int> all_biases() {
  std::vector<int> all(64);
  for (int b = 0; b < 64; ++b) all[static_cast<std::size_t>(b)] = b;
  return all;
}

/// One element beside zeros, which raise no flag: its own flags show.
void issue_alone(ConvertUnit& unit, std::uint32_t code, Descriptor from, Descriptor to, std::uint16_t random) {
  const Coded c = golden::convert(code, from, to, random);
  Lanes source{}, noise{}, want{};
  set_element(source, from.bytes(), 5, code);
  set_element(noise, 2, 5, random);
  set_element(want, to.bytes(), 5, c.code);
  unit.issue(source, from, to, noise, want, c.flags);
}

// Every FP32 exponent with the mantissas at which this destination rounds otherwise, of both signs: each grid value (of
// the 16-bit formats some of every binade), each middle between two, one step to either side of both; each input alone.
TEST(ConvertUnit, EveryCornerFromFp32) {
  ConvertUnit unit;
  std::mt19937 random(1);
  for (const Descriptor d : destinations(Rounding::nearest_even, all_biases())) {
    const std::vector<Point> points = grid(d);
    const auto m = static_cast<unsigned>(golden::info(d.kind()).mantissa_bits);
    for (std::size_t i = 0; i + 1 < points.size() && !unit.failed(); ++i) {
      const std::uint32_t mantissa = points[i].code & ((1U << m) - 1);
      const bool end = mantissa < 2 || mantissa + 2 >= 1U << m || i + 2 >= points.size();
      if (m > 3 && !end && random() % (d.kind() == Kind::shp ? 512 : 64) != 0) continue;
      const double middle = points[i].value + (points[i + 1].value - points[i].value) / 2;
      for (const double v : {points[i].value, middle, points[i + 1].value}) {
        if (v > 0x1.fffffep127) continue;  // the virtual point of BF16
        for (const std::uint32_t x : {bits(v) - 1, bits(v), bits(v) + 1}) {
          if (bits(v) == 0 && x + 1 == 0) continue;
          issue_alone(unit, x | (random() % 2 != 0 ? kSign : 0), kFp32, d, 0);
        }
      }
    }
    for (std::uint32_t field = 0; field < 256; ++field) {
      for (const std::uint32_t fraction :
           {0U, 1U, 0x3F'FFFFU, 0x40'0000U, 0x40'0001U, 0x7F'FFFFU, static_cast<std::uint32_t>(random()) & 0x7F'FFFFU})
        issue_alone(unit, (random() % 2 != 0 ? kSign : 0) | field << 23 | fraction, kFp32, d, 0);
    }
  }
  unit.drain();
  std::cout << unit.conversions() << " corners\n";
  EXPECT_GT(unit.conversions(), 1'000'000U);
}

/// Descriptors of a source kind that differ: every bias and reading where they count.
std::vector<Descriptor> sources(Kind kind) {
  if (!golden::info(kind).clamping) return {Descriptor(kind)};
  std::vector<Descriptor> all;
  for (int bias = 0; bias < 64; ++bias)
    for (const Subnormals sub : {Subnormals::printed, Subnormals::gradual})
      all.emplace_back(kind, bias, Rounding::nearest_even, sub);
  return all;
}

// Decoding: every code of every format with every bias, in both readings, to FP32, which holds each value exactly.
// Codes whose value is no normal number also go alone, for their own flags, and some others.
TEST(ConvertUnit, EveryCodeToFp32) {
  ConvertUnit unit;
  std::mt19937 random(5);
  for (const Kind kind : {Kind::bf16, Kind::cfloat8_1_4_3, Kind::cfloat8_1_5_2, Kind::shp, Kind::uhp}) {
    for (const Descriptor d : sources(kind)) {
      const std::uint32_t codes = 1U << d.bits();
      const std::uint32_t mantissas = 1U << golden::info(kind).mantissa_bits;
      for (std::uint32_t first = 0; first < codes && !unit.failed(); first += 16) {
        Lanes source{}, want{};
        Flags flags = 0;
        for (std::uint32_t i = 0; i < 16; ++i) {
          const std::uint32_t code = first + i;
          const Coded c = golden::convert(code, d, kFp32, 0);
          set_element(source, d.bytes(), static_cast<int>(i), code);
          set_element(want, 4, static_cast<int>(i), c.code);
          flags |= c.flags;
        }
        unit.issue(source, d, kFp32, {}, want, flags);
      }
      const std::uint32_t step = kind == Kind::shp ? 61 : 1;  // SHP has many descriptors
      for (std::uint32_t code = random() % step; code < codes && !unit.failed(); code += step) {
        const std::uint32_t field = (code & (codes / 2 - 1)) / mantissas;
        const bool edge = field == 0 || field >= codes / 2 / mantissas - 1 || code % 8 == 0;
        if (edge || d.bits() == 8) issue_alone(unit, code, d, kFp32, 0);
      }
    }
  }
  unit.drain();
  std::cout << unit.conversions() << " registers\n";
  EXPECT_GT(unit.conversions(), 500'000U);
}

// Any code of any format into any other, alone; Inf, NaN, zeros and subnormals often.
TEST(ConvertUnit, EveryPairOfFormats) {
  ConvertUnit unit;
  std::mt19937 random(6);
  const auto descriptor = [&](Kind kind) {
    return Descriptor(kind, static_cast<int>(random() % 64), static_cast<Rounding>(random() % 2),
                      static_cast<Subnormals>(random() % 2));
  };
  for (int from = 0; from < golden::kKinds; ++from) {
    for (int to = 0; to < golden::kKinds; ++to) {
      for (int n = 0; n < 8000 && !unit.failed(); ++n) {
        const Descriptor s = descriptor(static_cast<Kind>(from)), d = descriptor(static_cast<Kind>(to));
        const golden::KindInfo& f = golden::info(s.kind());
        const std::uint32_t fields = (1U << f.exponent_bits) - 1;
        auto code = static_cast<std::uint32_t>(random());
        if (n % 4 < 2) code &= ~(fields << f.mantissa_bits);
        if (n % 4 == 1) code |= fields << f.mantissa_bits;
        if (n % 32 < 4) code &= ~((1U << f.mantissa_bits) - 1);
        if (s.bits() < 32) code &= (1U << s.bits()) - 1;
        issue_alone(unit, code, s, d, static_cast<std::uint16_t>(random()));
      }
    }
  }
  // FP32's subnormals of every length, which only FP32 itself can tell apart.
  for (std::uint32_t bit = 1; bit < 1U << 23; bit <<= 1) {
    for (int n = 0; n < 100 && !unit.failed(); ++n)
      issue_alone(unit, (random() % 2 != 0 ? kSign : 0) | bit | (random() & (bit - 1)), kFp32, kFp32, 0);
  }
  unit.drain();
}

/// Where a positive value lies between its neighbours, and how many of the 2^16 random numbers must round it up:
/// R * gap < distance * 2^16, the arithmetic exact in doubles for BF16 sources.
struct Between {
  std::uint32_t lower = 0, upper = 0;  ///< delivered codes
  std::uint32_t ups = 0;
  Flags flags_down = 0, flags_up = 0;
};
Between between(double x, Descriptor d, const std::vector<Point>& points) {
  const auto above =
      std::upper_bound(points.begin(), points.end(), x, [](double v, const Point& p) { return v < p.value; });
  const Flags over = golden::kOverflow;
  const std::uint32_t largest = golden::largest_code(d);
  const std::uint32_t beyond = golden::info(d.kind()).clamping ? largest : largest + 1;
  Between r;
  if (above == points.end()) {  // on or beyond the virtual point
    r.lower = r.upper = beyond;
    r.flags_down = r.flags_up = over;
    return r;
  }
  const Point lo = *(above - 1), hi = *above;
  const double gap = hi.value - lo.value, distance = x - lo.value;
  r.ups = static_cast<std::uint32_t>(std::ceil(distance * 65536 / gap));
  // The quotient may round; the comparison decides.
  while (r.ups > 0 && !((r.ups - 1) * gap < distance * 65536)) --r.ups;
  while (r.ups < 65536 && r.ups * gap < distance * 65536) ++r.ups;
  r.lower = lo.code;
  r.upper = hi.code > largest ? beyond : hi.code;
  if (x < golden::smallest_normal(d) && distance != 0) r.flags_down = r.flags_up = golden::kUnderflow;
  if (hi.code > largest) r.flags_up |= over;
  return r;
}

/// Every BF16 value, of both signs, from two binades below the destination's least magnitude to two above its range,
/// with the random numbers that `numbers(unit, code, expected)` chooses.
template <typename Numbers>
std::uint64_t bf16_values_of_interest(Descriptor d, Numbers numbers) {
  const std::vector<Point> points = grid(d);
  const int least = std::max(std::ilogb(points[1].value) - 2, -133),
            top = std::min(std::ilogb(points.back().value) + 1, 127);
  std::uint64_t values = 0;
  for (std::uint32_t code = 1; code < 0x7F80; ++code) {
    const double x = golden::to_double(code, kBf16);
    if (std::ilogb(x) < least - 40 || std::ilogb(x) > top) continue;
    if (std::ilogb(x) < least && code % 8 != 1) continue;  // far below, where one number or none rounds up: some
    const Between b = between(x, d, points);
    for (const std::uint32_t sign : {0U, 0x8000U}) {
      if (sign != 0 && d.kind() == Kind::uhp) continue;  // NaN, whatever R
      numbers(code | sign, b);
      ++values;
    }
  }
  return values;
}

/// 32 equal elements with the random numbers first, first + step, ...
void issue_numbers(ConvertUnit& unit, std::uint32_t code, Descriptor d, const Between& b, std::uint32_t first,
                   std::uint32_t step) {
  Lanes source{}, random{}, want{};
  const std::uint32_t sign = (code & 0x8000) != 0 ? 1U << (d.bits() - 1) : 0;
  const bool denormal = (code & 0x7F80) == 0;
  Flags flags = denormal ? golden::kDenormal : Flags{0};
  for (int i = 0; i < 32; ++i) {
    const std::uint32_t r = (first + static_cast<std::uint32_t>(i) * step) & 0xFFFF;
    const bool up = r < b.ups;
    set_element(source, 2, i, code);
    set_element(random, 2, i, r);
    set_element(want, d.bytes(), i, sign | (up ? b.upper : b.lower));
    flags |= up ? b.flags_up : b.flags_down;
  }
  unit.issue(source, kBf16, d, random, want, flags);
}

// The count of round-ups is exact if the numbers below it round up and the others do not. Here: those around the count,
// and some others; all 65,536 of them in the slow test.
TEST(ConvertUnit, StochasticCounts) {
  ConvertUnit unit;
  std::mt19937 random(2);
  for (const Descriptor d : destinations(Rounding::stochastic, {0, 15, 63})) {
    bf16_values_of_interest(d, [&](std::uint32_t code, const Between& b) {
      if (unit.failed()) return;
      issue_numbers(unit, code, d, b, b.ups - 16, 1);
      issue_numbers(unit, code, d, b, random(), 2027);
      issue_alone(unit, code, kBf16, d, static_cast<std::uint16_t>(b.ups - 1));
      issue_alone(unit, code, kBf16, d, static_cast<std::uint16_t>(b.ups));
    });
  }
  unit.drain();
  std::cout << unit.conversions() << " registers\n";
  EXPECT_GT(unit.conversions(), 400'000U);
}

TEST(ConvertUnit, DISABLED_StochasticCountsOfAllNumbers) {
  ConvertUnit unit;
  std::uint64_t values = 0;
  for (const Descriptor d : destinations(Rounding::stochastic, {7})) {
    if (d.kind() == Kind::bf16) continue;  // BF16 values are its own
    values += bf16_values_of_interest(d, [&](std::uint32_t code, const Between& b) {
      for (std::uint32_t first = 0; first < 0x1'0000 && !unit.failed(); first += 32)
        issue_numbers(unit, code, d, b, first, 1);
    });
  }
  unit.drain();
  std::cout << values << " values with 65536 random numbers each\n";
}

// --- All 2^32 inputs -------------------------------------------------------------------------------------------------

/// Inputs of one sign from `first` to the next run's `first` all give `result`: between two consecutive critical inputs
/// no comparison of section 2 of docs/numerics.md changes its outcome. Critical are the grid values, the middles
/// between two, the smallest normals of both formats, Inf and the first quiet NaN, and each one's successor.
struct Run {
  std::uint32_t first;
  Coded result;
};

/// The runs of one sign. The derivation is tested: the last input of each run and random ones inside agree with golden.
std::vector<Run> runs(Descriptor d, std::uint32_t sign, std::mt19937& random) {
  std::vector<std::uint32_t> critical = {0, 1, 0x0080'0000, 0x7F80'0000, 0x7F80'0001, 0x7FC0'0000};
  const std::vector<Point> points = grid(d);
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (points[i].value > 0x1.fffffep127) continue;  // the virtual point of BF16
    critical.push_back(bits(points[i].value));
    if (i + 1 == points.size()) break;
    const double middle = points[i].value + (points[i + 1].value - points[i].value) / 2;
    critical.push_back(bits(middle));
  }
  const std::size_t n = critical.size();
  for (std::size_t i = 0; i < n; ++i) critical.push_back(critical[i] + 1);
  critical.push_back(bits(golden::smallest_normal(d)));
  std::sort(critical.begin(), critical.end());
  critical.erase(std::unique(critical.begin(), critical.end()), critical.end());

  std::vector<Run> all;
  for (std::size_t i = 0; i < critical.size(); ++i) {
    const std::uint32_t first = critical[i], end = i + 1 < critical.size() ? critical[i + 1] : kSign;
    all.push_back({first, golden::convert(first | sign, kFp32, d)});
    for (const std::uint32_t x : {end - 1, first + static_cast<std::uint32_t>(random() % (end - first)),
                                  first + static_cast<std::uint32_t>(random() % (end - first))}) {
      if (golden::convert(x | sign, kFp32, d) != all.back().result)
        ADD_FAILURE() << "0x" << std::hex << x << " does not belong to the run from 0x" << first << ", descriptor 0x"
                      << d.packed();
    }
  }
  return all;
}

void every_input(ConvertUnit& unit, Descriptor d, std::mt19937& random) {
  const Lanes none{};
  for (const std::uint32_t sign : {0U, kSign}) {
    const std::vector<Run> all = runs(d, sign, random);
    std::size_t run = 0;
    Lanes source{}, uniform{}, mixed{};
    std::size_t filled = all.size();  // the run that `uniform` holds
    for (std::uint32_t x = 0; x < kSign && !unit.failed(); x += 16) {
      for (std::uint32_t i = 0; i < 16; ++i) source[i] = sign | (x + i);
      while (run + 1 < all.size() && all[run + 1].first <= x) ++run;
      if (run + 1 == all.size() || all[run + 1].first >= x + 16) {
        if (filled != run) {
          for (int i = 0; i < 16; ++i) set_element(uniform, d.bytes(), i, all[run].result.code);
          filled = run;
        }
        unit.issue(source, kFp32, d, none, uniform, all[run].result.flags);
        continue;
      }
      Flags flags = 0;
      std::size_t at = run;
      for (std::uint32_t i = 0; i < 16; ++i) {
        while (at + 1 < all.size() && all[at + 1].first <= x + i) ++at;
        set_element(mixed, d.bytes(), static_cast<int>(i), all[at].result.code);
        flags |= all[at].result.flags;
      }
      unit.issue(source, kFp32, d, none, mixed, flags);
    }
  }
}

class AllFp32 : public testing::TestWithParam<Kind> {};

TEST_P(AllFp32, DISABLED_EveryInput) {
  const Kind kind = GetParam();
  std::vector<Descriptor> all = {Descriptor(kind)};
  if (golden::info(kind).clamping)
    all = {{kind, 7, Rounding::nearest_even, Subnormals::printed},
           {kind, kind == Kind::cfloat8_1_4_3 ? 0 : 15, Rounding::nearest_even, Subnormals::gradual},
           {kind, 63, Rounding::nearest_even, Subnormals::printed}};
  std::mt19937 random(3);
  for (const Descriptor d : all) {
    const auto start = std::chrono::steady_clock::now();
    ConvertUnit unit;
    every_input(unit, d, random);
    unit.drain();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::cout << golden::name(kind) << " bias " << d.bias() << (d.gradual_underflow() ? " gradual" : " printed") << ": "
              << unit.conversions() * 16 << " inputs, " << took.count() << " s" << std::endl;
    if (unit.failed()) break;
    EXPECT_EQ(unit.conversions() * 16, std::uint64_t{1} << 32);
  }
}

INSTANTIATE_TEST_SUITE_P(To, AllFp32,
                         testing::Values(Kind::bf16, Kind::cfloat8_1_4_3, Kind::cfloat8_1_5_2, Kind::shp, Kind::uhp),
                         [](const auto& info) { return std::string(golden::name(info.param)); });

// The derivation of the runs, without the RTL: for all destinations, in the default run.
TEST(Runs, AgreeWithGolden) {
  std::mt19937 random(4);
  for (const Descriptor d : destinations(Rounding::nearest_even, {0, 7, 15, 63}))
    for (const std::uint32_t sign : {0U, kSign}) EXPECT_GT(runs(d, sign, random).size(), 100U);
}

}  // namespace
}  // namespace tatami::fp
