#include "golden/formats.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace tatami::golden {
namespace {

Descriptor clamping(Kind kind, int bias, Subnormals subnormals = Subnormals::printed) {
  return {kind, bias, Rounding::nearest_even, subnormals};
}

TEST(Descriptor, PacksItsFields) {
  const Descriptor d(Kind::shp, 37, Rounding::stochastic, Subnormals::gradual);
  EXPECT_EQ(d.packed(), 4U | 37U << 4 | 1U << 10 | 1U << 11);
  EXPECT_EQ(d.kind(), Kind::shp);
  EXPECT_EQ(d.bias(), 37);
  EXPECT_EQ(d.rounding(), Rounding::stochastic);
  EXPECT_EQ(d.subnormals(), Subnormals::gradual);
  EXPECT_EQ(Descriptor(), Descriptor(Kind::fp32)) << "the reset value of most dfmt registers is fp32";
}

TEST(Descriptor, ValidExactlyForKnownKindsAndZeroTopBits) {
  int valid = 0;
  for (std::uint32_t packed = 0; packed < 0x1'0000; ++packed) {
    const Descriptor d(static_cast<std::uint16_t>(packed));
    EXPECT_EQ(d.valid(), packed % 16 <= 5 && packed < 0x1000) << packed;
    valid += d.valid() ? 1 : 0;
  }
  EXPECT_EQ(valid, 6 * 64 * 4);
}

TEST(Descriptor, BiasFieldCountsForClampingFormatsOnly) {
  EXPECT_EQ(Descriptor(Kind::fp32, 5).bias(), 127);
  EXPECT_EQ(Descriptor(Kind::bf16, 5).bias(), 127);
  EXPECT_EQ(Descriptor(Kind::uhp, 5).bias(), 31);
  EXPECT_EQ(Descriptor(Kind::shp, 5).bias(), 5);
  EXPECT_EQ(Descriptor(Kind::cfloat8_1_4_3, 63).bias(), 63);
}

TEST(Kinds, NamesAreReversible) {
  for (const Kind kind : kAllKinds) EXPECT_EQ(kind_from_name(name(kind)), kind);
  EXPECT_EQ(name(Kind::cfloat8_1_5_2), "cfloat8_1_5_2");
  EXPECT_EQ(kind_from_name("fp64"), std::nullopt);
}

// Tables 4 and 5 of the CFloat whitepaper: ranges of normal values at the ends of the bias range.
TEST(Ranges, WhitepaperTables) {
  struct Row {
    Kind kind;
    int bias;
    double smallest;
    double largest;
  };
  const std::vector<Row> rows = {
      {Kind::cfloat8_1_4_3, 0, std::ldexp(1, 1), std::ldexp(1.875, 15)},
      {Kind::cfloat8_1_5_2, 0, std::ldexp(1, 1), std::ldexp(1.75, 31)},
      {Kind::cfloat8_1_4_3, 63, std::ldexp(1, -62), std::ldexp(1.875, -48)},
      {Kind::cfloat8_1_5_2, 63, std::ldexp(1, -62), std::ldexp(1.75, -32)},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(smallest_normal(clamping(row.kind, row.bias)), row.smallest);
    EXPECT_EQ(largest(clamping(row.kind, row.bias)), row.largest);
  }
}

TEST(Ranges, LargestMagnitudes) {
  for (int b = 0; b < 64; ++b) {
    EXPECT_EQ(largest(clamping(Kind::cfloat8_1_4_3, b)), std::ldexp(1.875, 15 - b));
    EXPECT_EQ(largest(clamping(Kind::cfloat8_1_5_2, b)), std::ldexp(1.75, 31 - b));
    EXPECT_EQ(largest(clamping(Kind::shp, b)), std::ldexp(2 - std::ldexp(1, -10), 31 - b));
  }
  EXPECT_EQ(largest(Descriptor(Kind::uhp)), std::ldexp(2 - std::ldexp(1, -10), 31));
  EXPECT_EQ(largest(Descriptor(Kind::fp32)), static_cast<double>(std::numeric_limits<float>::max()));
  EXPECT_EQ(largest(Descriptor(Kind::bf16)), std::ldexp(2 - std::ldexp(1, -7), 127));
}

TEST(Ranges, SmallestMagnitudes) {
  EXPECT_EQ(smallest_positive(clamping(Kind::cfloat8_1_4_3, 7)), std::ldexp(1, -7 - 3));
  EXPECT_EQ(smallest_positive(clamping(Kind::cfloat8_1_4_3, 7, Subnormals::gradual)), std::ldexp(1, -6 - 3));
  EXPECT_EQ(smallest_positive(Descriptor(Kind::uhp)), std::ldexp(1, -30));
  EXPECT_EQ(smallest_positive(Descriptor(Kind::fp32)), std::ldexp(1, -149));
}

// `printed` leaves a hole of more than half a binade, `gradual` none.
TEST(Ranges, HoleOfThePrintedReading) {
  for (const Kind kind : {Kind::cfloat8_1_4_3, Kind::cfloat8_1_5_2, Kind::shp}) {
    const int m = info(kind).mantissa_bits;
    const std::uint32_t last = smallest_normal_code(clamping(kind, 9)) - 1;
    EXPECT_EQ(to_double(last, clamping(kind, 9)), std::ldexp(1 - std::ldexp(1, -m), -9));
    EXPECT_EQ(smallest_normal(clamping(kind, 9)), std::ldexp(1, -8));
    const Descriptor gradual = clamping(kind, 9, Subnormals::gradual);
    EXPECT_EQ(smallest_normal(gradual) - to_double(last, gradual), smallest_positive(gradual));
  }
}

// Every code of the 8- and 16-bit formats against section 1.1, written out with doubles.
TEST(Decode, EveryCodeFollowsTheFormula) {
  struct Layout {
    Kind kind;
    int s, e, m;
  };
  const std::vector<Layout> layouts = {{Kind::cfloat8_1_4_3, 1, 4, 3},
                                       {Kind::cfloat8_1_5_2, 1, 5, 2},
                                       {Kind::shp, 1, 5, 10},
                                       {Kind::bf16, 1, 8, 7},
                                       {Kind::uhp, 0, 6, 10}};
  for (const Layout& f : layouts) {
    for (const Subnormals reading : {Subnormals::printed, Subnormals::gradual}) {
      for (const int b : {0, 7, 15, 63}) {
        const Descriptor d = clamping(f.kind, b, reading);
        const bool ieee = f.kind == Kind::bf16 || f.kind == Kind::uhp;
        const int bias = f.kind == Kind::bf16 ? 127 : (f.kind == Kind::uhp ? 31 : b);
        for (int code = 0; code < 1 << (f.s + f.e + f.m); ++code) {
          const Unpacked x = decode(static_cast<std::uint32_t>(code), d);
          const int field = (code >> f.m) % (1 << f.e);
          const double fraction = std::ldexp(code % (1 << f.m), -f.m);
          const bool negative = f.s == 1 && (code >> (f.e + f.m)) != 0;
          ASSERT_EQ(x.negative, negative) << name(f.kind) << " code " << code;
          ASSERT_EQ(x.subnormal_encoding, field == 0 && fraction != 0) << name(f.kind) << " code " << code;
          if (ieee && field == (1 << f.e) - 1) {
            ASSERT_EQ(x.cls, fraction == 0 ? Class::infinity : Class::nan);
            ASSERT_EQ(x.signaling, fraction != 0 && fraction < 0.5);
            continue;
          }
          double value = std::ldexp(1 + fraction, field - bias);
          if (field == 0) {
            const bool one_more = f.kind == Kind::bf16 || (!ieee && reading == Subnormals::gradual);
            value = f.kind == Kind::uhp ? 0 : std::ldexp(fraction, (one_more ? 1 : 0) - bias);
          }
          ASSERT_EQ(to_double(x), negative ? -value : value) << name(f.kind) << " code " << code << " bias " << b;
          ASSERT_EQ(x.cls, value == 0 ? Class::zero : Class::finite);
        }
      }
    }
  }
}

TEST(Decode, Fp32IsTheHostsFloat) {
  for (std::uint64_t code = 0; code < 0x1'0000'0000; code += 9973) {
    const auto bits = static_cast<std::uint32_t>(code);
    const auto value = static_cast<double>(std::bit_cast<float>(bits));
    const Unpacked x = decode(bits, Descriptor(Kind::fp32));
    if (std::isnan(value)) {
      ASSERT_EQ(x.cls, Class::nan);
      ASSERT_EQ(x.signaling, (bits & 0x40'0000) == 0);
    } else {
      ASSERT_EQ(to_double(x), value);
      ASSERT_EQ(x.negative, std::signbit(value));
    }
  }
}

}  // namespace
}  // namespace tatami::golden
