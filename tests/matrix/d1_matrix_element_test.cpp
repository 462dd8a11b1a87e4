// verilate: d1_matrix_element
// sources: rtl/pkg/d1_pkg.sv rtl/matrix/d1_matrix_pkg.sv rtl/matrix/d1_matrix_operands.sv rtl/matrix/d1_matrix_array.sv
//
// One element of the matrix unit against the golden model, on codes with many zeros, extremes and single bits. Built
// twice: from the RTL, and (d1_matrix_netlist_test, slow) from the netlist that Yosys makes of it. Half of the groups
// are adversarial: exponents at the window's edges, ties, sums that cancel down to the last bits, products at both ends
// of FP32's range. TATAMI_MATRIX_GROUPS sets the number of groups (default 1 million), TATAMI_SEED the seed.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <random>

#include "Vd1_matrix_element.h"
#include "golden/fused_sum.h"
#include "verilated.h"

namespace tatami::test {
namespace {

using golden::Descriptor;
using golden::Kind;

std::uint64_t environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 0) : otherwise;
}

struct Group {
  Descriptor da, db;
  std::array<std::uint32_t, 4> a, b;
  std::uint32_t acc;
};

std::uint32_t sparse(std::mt19937_64& random, int bits) {
  std::uint64_t value = random();
  switch (value >> 60 & 3) {
    case 0: value &= random() & random(); break;
    case 1: value |= random() | random(); break;
    default: break;
  }
  if ((value >> 56 & 15) == 0) value &= 1ULL << (bits - 1);
  return static_cast<std::uint32_t>(value) & (bits == 32 ? ~0U : (1U << bits) - 1);
}

Group generate(std::mt19937_64& random) {
  static constexpr Kind kKinds[] = {Kind::bf16, Kind::shp, Kind::uhp, Kind::cfloat8_1_4_3, Kind::cfloat8_1_5_2};
  const bool eight = random() & 1;
  const auto kind = [&] { return eight ? kKinds[3 + random() % 2] : kKinds[random() % 3]; };
  const auto descriptor = [&] {
    return Descriptor(kind(), random() % 64, golden::Rounding::nearest_even,
                      random() & 1 ? golden::Subnormals::gradual : golden::Subnormals::printed);
  };
  Group g{descriptor(), descriptor(), {}, {}, sparse(random, 32)};
  for (int k = 0; k < 4; ++k) {
    g.a[k] = sparse(random, g.da.bits());
    g.b[k] = sparse(random, g.db.bits());
  }
  if (random() % 4 == 0) {  // cancel two products
    g.a[1] = g.a[0] ^ 1U << (g.da.bits() - 1);
    g.b[1] = g.b[0];
  }
  if (random() % 8 == 0) g.acc &= 0x807FFFFF;
  return g;
}

/// Makes the terms meet where the fused sum changes its mind.
Group adversarial(std::mt19937_64& random) {
  Group g = generate(random);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<std::uint64_t>(n)); };
  // Terms 1 to 3: term 0 with the sign changed, its last bit changed, or an exponent field some way down.
  const int down = below(2) != 0 ? 46 + below(10) : below(60);
  for (int k = 1; k < 4; ++k) {
    const auto lower = [&](std::uint32_t code, golden::Descriptor d, int by) {
      const golden::KindInfo& format = golden::info(d.kind());
      const std::uint32_t unit = 1U << format.mantissa_bits, mask = (1U << format.exponent_bits) - 1;
      const auto field = static_cast<int>(code / unit & mask);
      const int moved = field - by < 0 ? below(3) : field - by;
      return (code & ~(mask * unit)) | static_cast<std::uint32_t>(moved) * unit;
    };
    if (below(3) == 0) continue;
    g.a[k] = lower(g.a[0], g.da, k == 1 ? 0 : down / 2 + below(2));
    g.b[k] = lower(g.b[0], g.db, k == 1 ? 0 : down - down / 2 + below(2));
    if (golden::info(g.da.kind()).has_sign && below(2) != 0) g.a[k] ^= 1U << (g.da.bits() - 1);
    if (below(4) == 0) g.a[k] ^= 1U;
    if (below(4) == 0) g.b[k] &= ~1U;
  }
  // The accumulator: minus the rest, or next to it; a few bits at the edge of the window or of the rounding.
  double sum = 0;
  for (int k = 0; k < 4; ++k) sum += golden::to_double(g.a[k], g.da) * golden::to_double(g.b[k], g.db);
  const auto as_bits = [](double x) { return std::bit_cast<std::uint32_t>(static_cast<float>(x)); };
  if (!std::isfinite(sum)) return g;
  switch (below(6)) {
    case 0: g.acc = as_bits(-sum); break;
    case 1: g.acc = as_bits(-sum) + static_cast<std::uint32_t>(below(5)) - 2; break;
    case 2:
      g.acc = as_bits(std::ldexp(sum, 24 + below(3))) ^ static_cast<std::uint32_t>(below(2));
      break;  // half an ulp
    case 3:
      g.acc = as_bits(std::ldexp(below(2) != 0 ? sum : -sum, below(2) != 0 ? 44 + below(12) : -44 - below(12)));
      break;
    case 4: g.acc = static_cast<std::uint32_t>(random()) & (below(2) != 0 ? 0x807FFFFF : 0x80FFFFFF); break;
    default: break;
  }
  return g;
}

/// Sums around FP32's least numbers: half of the least subnormal more or less, beside nothing, a few subnormal steps or
/// the least normal number, and a term so far below that only a sticky bit can tell.
Group tiny(std::mt19937_64& random) {
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<std::uint64_t>(n)); };
  const auto bf16 = [&](int exponent) {
    const std::uint32_t mantissa = below(3) != 0 ? 0 : static_cast<std::uint32_t>(below(128));
    return static_cast<std::uint32_t>(below(2)) << 15 | static_cast<std::uint32_t>(exponent + 127) << 7 | mantissa;
  };
  Group g{Descriptor(Kind::bf16), Descriptor(Kind::bf16), {}, {}, 0};
  g.a[0] = bf16(-75);
  g.b[0] = bf16(-74 - below(4));
  g.a[3] = bf16(-90);
  g.b[3] = bf16(-84 - below(28));
  if (below(4) == 0) g.a[3] = 0;
  if (below(4) == 0) {  // four products together reach what one of them does not
    const int exponent = -79 + below(4);
    for (int k = 0; k < 4; ++k) {
      g.a[k] = (bf16(exponent) & 0x7F80) | 0x7F;
      g.b[k] = (bf16(-77) & 0x7F80) | (0x70 + static_cast<std::uint32_t>(below(16)));
    }
    return g;
  }
  switch (below(4)) {
    case 0: break;
    case 1: g.acc = static_cast<std::uint32_t>(below(5)); break;
    case 2: g.acc = 0x0080'0000 + static_cast<std::uint32_t>(below(3)) - 1; break;
    default: g.acc = static_cast<std::uint32_t>(random()) & 0x00FF'FFFF; break;
  }
  if (below(2) != 0) g.acc |= 0x8000'0000;
  return g;
}

golden::Lane expected(const Group& g) {
  std::array<golden::Unpacked, 4> a, b;
  for (int k = 0; k < 4; ++k) {
    a[k] = golden::decode(g.a[k], g.da);
    b[k] = golden::decode(g.b[k], g.db);
  }
  return golden::fused_group(g.acc, a, g.da, b, g.db);
}

std::uint64_t lanes(const std::array<std::uint32_t, 4>& codes, int bits) {
  std::uint64_t value = 0;
  for (int k = 3; k >= 0; --k) value = value << bits | codes[k];
  return value;
}

TEST(MatrixElement, MatchesTheGoldenModel) {
  const std::uint64_t seed = environment("TATAMI_SEED", 20261124);
  const std::uint64_t groups = environment("TATAMI_MATRIX_GROUPS", 1'000'000);
  std::mt19937_64 random(seed);
  VerilatedContext context;
  Vd1_matrix_element top(&context);
  std::deque<Group> stages;
  std::uint64_t compared = 0, specials = 0, cancelled = 0;
  for (std::uint64_t n = 0; n < groups + 3; ++n) {  // the last three only push the others out
    const Group g = n % 2 == 0 ? generate(random) : n % 32 == 1 ? tiny(random) : adversarial(random);
    stages.push_back(g);
    top.desc_a_i = g.da.packed();
    top.desc_b_i = g.db.packed();
    top.a_i = lanes(g.a, g.da.bits());
    top.b_i = lanes(g.b, g.db.bits());
    top.acc_i = g.acc;
    top.clk_i = 0;
    top.eval();
    top.clk_i = 1;
    top.eval();
    if (stages.size() < 4) continue;
    const Group& old = stages.front();
    const golden::Lane want = expected(old);
    ASSERT_TRUE(top.result_o == want.bits && top.flags_o == want.flags)
        << std::hex << "group 0x" << n - 3 << ", seed 0x" << seed << ": descriptors " << old.da.packed() << " "
        << old.db.packed() << ", accumulator " << old.acc << ", products " << old.a[0] << "*" << old.b[0] << " "
        << old.a[1] << "*" << old.b[1] << " " << old.a[2] << "*" << old.b[2] << " " << old.a[3] << "*" << old.b[3]
        << ": expected " << want.bits << " flags " << int{want.flags} << ", got " << top.result_o << " flags "
        << int{top.flags_o};
    ++compared;
    specials += (want.bits & 0x7F800000) == 0x7F800000;
    cancelled += want.bits == 0;
    stages.pop_front();
  }
  top.final();
  std::cout << compared << " groups, results: " << specials << " Inf or NaN, " << cancelled << " +0\n";
  EXPECT_EQ(compared, groups);
  EXPECT_GT(cancelled, groups / 1000);
}

}  // namespace
}  // namespace tatami::test
