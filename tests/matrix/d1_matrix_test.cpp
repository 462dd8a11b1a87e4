// verilate: d1_matrix
// sources: rtl/pkg/d1_pkg.sv rtl/matrix/d1_matrix_pkg.sv rtl/matrix/d1_matrix_operands.sv
// sources: rtl/matrix/d1_matrix_decode.sv rtl/matrix/d1_matrix_tiles.sv rtl/matrix/d1_matrix_array.sv rtl/matrix/d1_matrix.sv
// cost: 20
//
// The matrix unit: hand-computed cases, then random instructions of every kind with random gaps, checked against the
// golden model. TATAMI_MATRIX_GROUPS sets the number of group steps of one element (default 8 million), TATAMI_SEED the
// seed.
#include <cstdlib>
#include <iostream>
#include <random>

#include "matrix/matrix_bench.h"

namespace tatami::test {
namespace {

using golden::Descriptor;
using golden::Kind;
using golden::Subnormals;

constexpr golden::Flags kNone = 0;
constexpr auto kGradual = Subnormals::gradual;

Descriptor clamping(Kind kind, int bias, Subnormals sub = Subnormals::printed) {
  return {kind, bias, golden::Rounding::nearest_even, sub};
}

// Directed cases
// -------------------------------------------------------------------------------------------------------

// Element (0, 0): accumulator, operands along k (rest 0), expected FP32 bits and flags.
struct Case {
  const char* what;
  Descriptor da, db;
  std::uint32_t acc;
  std::vector<std::uint32_t> a, b;
  std::uint32_t want;
  golden::Flags flags;
  bool zero_first = false;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.what; }

const Descriptor kBf16{Kind::bf16};
const Descriptor kUhp{Kind::uhp};

// bf16: 0x3F80 is 1.0; 2^n is 0x3F80 + n * 0x80.
constexpr std::uint32_t pow2(int n) { return 0x3F80 + n * 0x80; }
constexpr std::uint32_t minus(std::uint32_t code) { return code | 0x8000; }
constexpr std::uint32_t kOne = pow2(0);

// clang-format off
const std::vector<Case> kCases = {
    {"one product", kBf16, kBf16, 0, {kOne}, {kOne}, 0x3F800000, kNone},
    {"all terms", kBf16, kBf16, 0x3F800000, {kOne, kOne, kOne, kOne}, {kOne, kOne, kOne, kOne}, 0x40A00000, kNone},
    {"k lanes", kBf16, kBf16, 0, {pow2(0), pow2(2), pow2(4), pow2(6)}, {kOne, kOne, kOne, kOne}, 0x42AA0000, kNone},
    // Cancellation and the window
    {"full cancellation", kBf16, kBf16, 0, {kOne, minus(kOne)}, {kOne, kOne}, 0, kNone},
    {"cancels the accumulator", kBf16, kBf16, 0xBF800000, {kOne}, {kOne}, 0, kNone},
    {"cancellation, 2^-50 left", kBf16, kBf16, 0, {kOne, minus(kOne), pow2(-25)}, {kOne, kOne, pow2(-25)}, 0x26800000,
     kNone},
    {"cancellation, 2^-51 dropped", kBf16, kBf16, 0, {kOne, minus(kOne), pow2(-25)}, {kOne, kOne, pow2(-26)}, 0, kNone},
    {"cancellation, 1.5 * 2^-50 truncated", kBf16, kBf16, 0, {kOne, minus(kOne), 0x3FC0}, {kOne, kOne, pow2(-50)},
     0x26800000, kNone},
    {"truncation is toward zero", kBf16, kBf16, 0, {kOne, minus(kOne), minus(0x3FC0)}, {kOne, kOne, pow2(-50)},
     0xA6800000, kNone},
    {"accumulator's bits below the window", kBf16, kBf16, 0x3F800001, {pow2(28), minus(pow2(28))}, {kOne, kOne},
     0x3F800000, kNone},
    {"accumulator's last bit inside", kBf16, kBf16, 0x3F800001, {pow2(27), minus(pow2(27))}, {kOne, kOne}, 0x3F800001,
     kNone},
    {"the anchor is the nominal exponent", kBf16, kBf16, 0, {0x3FFF, minus(0x3FFF), kOne}, {0x3FFF, 0x3FFF, pow2(-50)},
     0x26800000, kNone},
    {"zeros do not anchor", kBf16, kBf16, 0, {0, kOne, minus(kOne), pow2(-50)}, {0x7F00, kOne, kOne, kOne}, 0x26800000,
     kNone},
    {"distance beyond every shift", kBf16, kBf16, 0x00000001, {pow2(127)}, {pow2(0)}, 0x7F000000, golden::kDenormal},
    // Rounding
    {"tie to even, down", kBf16, kBf16, 0x3F800000, {pow2(-24)}, {kOne}, 0x3F800000, kNone},
    {"tie to even, up", kBf16, kBf16, 0x3F800001, {pow2(-24)}, {kOne}, 0x3F800002, kNone},
    {"above the tie by 2^-50", kBf16, kBf16, 0x3F800000, {pow2(-24), pow2(-50)}, {kOne, kOne}, 0x3F800001, kNone},
    {"above the tie by 2^-51, dropped", kBf16, kBf16, 0x3F800000, {pow2(-24), pow2(-51)}, {kOne, kOne}, 0x3F800000, kNone},
    {"below the tie", kBf16, kBf16, 0x3F800001, {pow2(-24), minus(pow2(-50))}, {kOne, kOne}, 0x3F800001, kNone},
    {"carry into the exponent", kBf16, kBf16, 0x3FFFFFFF, {pow2(-24)}, {kOne}, 0x40000000, kNone},
    {"negative tie", kBf16, kBf16, 0xBF800001, {minus(pow2(-24))}, {kOne}, 0xBF800002, kNone},
    // Signs of zero
    {"all terms -0", kBf16, kBf16, 0x80000000, {0x8000, 0x8000, 0, 0}, {0, 0, 0x8000, 0x8000}, 0x80000000, kNone},
    {"-0 and one +0", kBf16, kBf16, 0x80000000, {0x8000, 0x8000, 0x8000, 0}, {0, 0, 0, 0}, 0, kNone},
    {"-0 accumulator, z", kBf16, kBf16, 0x80000000, {0x8000, 0x8000, 0, 0}, {0, 0, 0x8000, 0x8000}, 0, kNone, true},
    {"-0 times numbers", kBf16, kBf16, 0x80000000, {0x8000, 0, kOne, minus(kOne)}, {kOne, minus(kOne), 0x8000, 0}, 0x80000000,
     kNone},
    {"z hides the accumulator", kBf16, kBf16, 0x7FA00000, {kOne}, {kOne}, 0x3F800000, kNone, true},
    // Special operands
    {"quiet NaN", kBf16, kBf16, 0, {0xFFC1}, {kOne}, 0x7FC00000, kNone},
    {"signaling NaN", kBf16, kBf16, 0, {kOne}, {0x7F81}, 0x7FC00000, golden::kInvalid},
    {"NaN accumulator", kBf16, kBf16, 0xFFC12345, {kOne}, {kOne}, 0x7FC00000, kNone},
    {"signaling accumulator", kBf16, kBf16, 0x7F800001, {kOne}, {kOne}, 0x7FC00000, golden::kInvalid},
    {"0 * Inf", kBf16, kBf16, 0, {0x8000}, {0x7F80}, 0x7FC00000, golden::kInvalid},
    {"Inf * 0", kBf16, kBf16, 0, {0xFF80}, {0}, 0x7FC00000, golden::kInvalid},
    {"subnormal * Inf", kBf16, kBf16, 0, {0x0001}, {0xFF80}, 0xFF800000, golden::kDenormal},
    {"Inf - Inf", kBf16, kBf16, 0, {0x7F80, 0x7F80}, {kOne, minus(kOne)}, 0x7FC00000, golden::kInvalid},
    {"Inf - Inf beside a NaN", kBf16, kBf16, 0x7FC00000, {0x7F80, 0x7F80}, {kOne, minus(kOne)}, 0x7FC00000, kNone},
    {"Inf + accumulator -Inf", kBf16, kBf16, 0xFF800000, {0x7F80}, {kOne}, 0x7FC00000, golden::kInvalid},
    {"Inf + Inf", kBf16, kBf16, 0x7F800000, {0xFF80}, {minus(kOne)}, 0x7F800000, kNone},
    {"-Inf accumulator", kBf16, kBf16, 0xFF800000, {0x7F7F}, {0x7F7F}, 0xFF800000, kNone},
    {"uhp Inf", kUhp, kUhp, 0, {0xFC00}, {0x7C00}, 0x7F800000, kNone},
    {"uhp NaN", kUhp, kUhp, 0, {0xFE00}, {0x7C00}, 0x7FC00000, kNone},
    {"uhp signaling NaN", kUhp, kUhp, 0, {0xFC01}, {0x7C00}, 0x7FC00000, golden::kInvalid},
    {"uhp subnormal * Inf", kUhp, kUhp, 0, {0x0001}, {0xFC00}, 0x7FC00000, golden::kInvalid | golden::kDenormal},
    {"bf16 Inf * uhp -0 does not exist", kBf16, kUhp, 0, {0xFF80}, {0x7C00}, 0xFF800000, kNone},
    // Subnormals, range
    {"bf16 subnormal", kBf16, kBf16, 0, {0x0001}, {kOne}, 0x00010000, golden::kDenormal},
    {"subnormal accumulator", kBf16, kBf16, 0x00000003, {0x0080}, {0x8000}, 0x00000003, golden::kDenormal},
    {"uhp flushes", kUhp, kUhp, 0x3F800000, {0x03FF}, {0x7C00}, 0x3F800000, golden::kDenormal},
    {"overflow", kBf16, kBf16, 0, {0x7F7F}, {0xFF7F}, 0xFF800000, golden::kOverflow},
    {"largest, not rounded", kBf16, kBf16, 0x7F7FFFFF, {kOne}, {kOne}, 0x7F7FFFFF, kNone},
    {"largest, rounded to Inf", kBf16, kBf16, 0x7F7FFFFF, {pow2(103)}, {kOne}, 0x7F800000, golden::kOverflow},
    {"underflow to zero", kBf16, kBf16, 0, {pow2(-126)}, {minus(pow2(-30))}, 0x80000000, golden::kUnderflow},
    {"far below the range", kBf16, kBf16, 0, {pow2(-126)}, {pow2(-126)}, 0, golden::kUnderflow},
    {"2^-150 is a tie to zero", kBf16, kBf16, 0, {pow2(-75)}, {pow2(-75)}, 0, golden::kUnderflow},
    {"above 2^-150", kBf16, kBf16, 0, {pow2(-75), pow2(-80)}, {pow2(-75), pow2(-80)}, 1, golden::kUnderflow},
    {"exact subnormal", kBf16, kBf16, 0, {pow2(-75)}, {pow2(-74)}, 1, kNone},
    {"rounds to 2^-126 from subnormal", kBf16, kBf16, 0, {pow2(-63), minus(pow2(-75))}, {pow2(-63), pow2(-75)}, 0x00800000,
     golden::kUnderflow},
    {"not tiny after rounding", kBf16, kBf16, 0, {pow2(-63), minus(pow2(-75))}, {pow2(-63), pow2(-76)}, 0x00800000, kNone},
    // Formats
    {"1_4_3 ordinary top code", clamping(Kind::cfloat8_1_4_3, 7), clamping(Kind::cfloat8_1_4_3, 7), 0, {0x7F}, {0xB8},
     0xC3F00000, kNone},
    {"1_4_3 printed", clamping(Kind::cfloat8_1_4_3, 7), clamping(Kind::cfloat8_1_4_3, 7), 0, {0x01}, {0x38}, 0x3A800000,
     golden::kDenormal},
    {"1_4_3 gradual", clamping(Kind::cfloat8_1_4_3, 7, kGradual), clamping(Kind::cfloat8_1_4_3, 7), 0, {0x01}, {0x38},
     0x3B000000, golden::kDenormal},
    {"1_5_2 printed", clamping(Kind::cfloat8_1_5_2, 15), clamping(Kind::cfloat8_1_5_2, 15), 0, {0x3C}, {0x83}, 0xB7C00000,
     golden::kDenormal},
    {"1_5_2 gradual", clamping(Kind::cfloat8_1_5_2, 15), clamping(Kind::cfloat8_1_5_2, 15, kGradual), 0, {0x3C}, {0x83},
     0xB8400000, golden::kDenormal},
    {"1_4_3 * 1_5_2", clamping(Kind::cfloat8_1_4_3, 0), clamping(Kind::cfloat8_1_5_2, 63), 0, {0x7F}, {0xFF}, 0xB7D20000,
     kNone},
    {"shp", clamping(Kind::shp, 15), clamping(Kind::shp, 15), 0, {0x7FFF}, {0xBC00}, 0xC7FFE000, kNone},
    {"shp printed", clamping(Kind::shp, 63), clamping(Kind::shp, 0), 0, {0x0001}, {0x0400}, 0x1B800000,
     golden::kDenormal},
    {"shp gradual", clamping(Kind::shp, 63, kGradual), clamping(Kind::shp, 0), 0, {0x0001}, {0x0400}, 0x1C000000,
     golden::kDenormal},
    {"bf16 * shp", kBf16, clamping(Kind::shp, 31), 0, {0xC040}, {0x7E00}, 0xC0900000, kNone},
    {"shp * uhp", clamping(Kind::shp, 31), kUhp, 0, {0xFC00}, {0x7E00}, 0xBFC00000, kNone},
    // Two groups, two roundings: each 2^-24 is a tie that goes to even; one sum of both would not be.
    {"8-bit groups round separately", clamping(Kind::cfloat8_1_4_3, 15), clamping(Kind::cfloat8_1_4_3, 15), 0x3F800000,
     {0x18, 0, 0, 0, 0x18}, {0x18, 0, 0, 0, 0x18}, 0x3F800000, kNone},
    {"one group is one sum", clamping(Kind::cfloat8_1_4_3, 15), clamping(Kind::cfloat8_1_4_3, 15), 0x3F800000,
     {0x18, 0, 0, 0x18}, {0x18, 0, 0, 0x18}, 0x3F800001, kNone},
    {"8-bit z clears once", clamping(Kind::cfloat8_1_4_3, 7), clamping(Kind::cfloat8_1_4_3, 7), 0x42000000,
     {0x38, 0, 0, 0, 0x38}, {0x38, 0, 0, 0, 0x38}, 0x40000000, kNone, true},
};
// clang-format on

class Directed : public testing::TestWithParam<Case> {};

TEST_P(Directed, Element) {
  const Case& c = GetParam();
  MatrixBench bench("matrix_d1_matrix_test --gtest_filter=*Directed*");
  // Every place of the tile: the case's row of A and column of B, zeros elsewhere.
  for (int place = 0; place < kElements; place += 9) {
    const int i = place / 8, j = place % 8;
    const int depth = golden::mma_depth(c.da), bytes = c.da.bytes();
    Mma mma{.thread = place % 4, .tile = i, .zero_first = c.zero_first, .da = c.da, .db = c.db};
    for (std::size_t k = 0; k < c.a.size(); ++k) {
      for (int byte = 0; byte < bytes; ++byte) {
        mma.a[bytes * (i * depth + k) + byte] = c.a[k] >> 8 * byte & 255;
        mma.b[bytes * (8 * k + j) + byte] = c.b[k] >> 8 * byte & 255;
      }
    }
    TileBits tile{};
    tile[place] = c.acc;
    const TileBits got = bench.run(mma, tile);
    EXPECT_EQ(got[place], c.want) << c.what << ": golden model differs from the hand-computed value";
    // Inf and NaN of the case meet the zeros of other rows and columns, so flags are compared without them only.
    const bool meets_zero = (c.want & 0x7F800000) == 0x7F800000 || c.zero_first;
    if (!meets_zero) {
      EXPECT_EQ(bench.last_flags(), c.flags) << c.what;
    }
    EXPECT_EQ(bench.last_flags() & c.flags, c.flags) << c.what;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, Directed, testing::ValuesIn(kCases));

TEST(Matrix, TilesAreZeroAfterReset) {
  MatrixBench bench("matrix_d1_matrix_test");
  bench.check_all_tiles();
}

TEST(Matrix, DependentInstructionsIssueBackToBack) {
  for (const Descriptor d : {kBf16, clamping(Kind::cfloat8_1_4_3, 7)}) {
    MatrixBench bench("matrix_d1_matrix_test");
    Mma mma{.thread = 2, .tile = 5, .da = d, .db = d};
    mma.a.fill(0x38);
    mma.b.fill(0x38);
    const int latency = d.bits() == 8 ? 8 : 4;
    for (int n = 0; n < 20; ++n) {
      const std::uint64_t start = bench.cycle();
      ASSERT_TRUE(bench.step(&mma));
      while (bench.in_flight(2, 5)) bench.step(nullptr);
      EXPECT_EQ(bench.cycle() - start, latency);
    }
    bench.drain();
    bench.check_all_tiles();
  }
}

// Sustained 256 multiply-accumulates a cycle: a pass starts in every cycle, whatever the mixture of kinds.
TEST(Matrix, APassStartsEveryCycle) {
  MatrixBench bench("matrix_d1_matrix_test");
  std::mt19937_64 random(1);
  std::uint64_t passes = 0;
  for (int n = 0; n < 2000; ++n) {
    const bool eight = n < 1000 || (random() & 1);
    const Descriptor d = eight ? clamping(Kind::cfloat8_1_5_2, 15) : kBf16;
    Mma mma{.thread = n % 4, .tile = n / 4 % 8, .zero_first = true, .da = d, .db = d};
    ASSERT_FALSE(bench.in_flight(mma.thread, mma.tile));
    while (!bench.step(&mma)) {
    }
    passes += eight ? 2 : 1;
  }
  EXPECT_LE(bench.cycle(), passes);  // some second passes are still to come
  EXPECT_GE(bench.cycle(), passes - 4);
}

// Random instructions
// ---------------------------------------------------------------------------------------------------

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  int below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
  bool chance(int percent) { return below(100) < percent; }

  Mma mma() {
    static constexpr Kind kSixteen[] = {Kind::bf16, Kind::shp, Kind::uhp};
    static constexpr Kind kEight[] = {Kind::cfloat8_1_4_3, Kind::cfloat8_1_5_2};
    Mma m;
    const bool eight = chance(50);
    m.da = descriptor(eight ? kEight[below(2)] : kSixteen[below(3)]);
    m.db = chance(30) ? descriptor(eight ? kEight[below(2)] : kSixteen[below(3)]) : descriptor(m.da.kind());
    m.zero_first = chance(15);
    const int style = below(8);
    fill(m.a, m.da, style);
    fill(m.b, m.db, style);
    if (chance(30)) cancel(m);
    return m;
  }

  /// An accumulator: anything, specials, near the exponents of products, subnormal.
  std::uint32_t accumulator() {
    const auto bits = static_cast<std::uint32_t>(random_());
    const std::uint32_t fraction = bits & 0x807FFFFF;
    switch (below(8)) {
      case 0: return bits;
      case 1: return fraction;
      case 2: return chance(10) ? fraction | 0x7F800000 : bits & 0x80000000;
      case 3: return chance(10) ? (bits & 0x80000000) | 0x7F800000 : fraction | 0x7F000000;
      case 4: return fraction | (1 + below(6)) << 23;
      default: return fraction | (117 + below(20)) << 23;
    }
  }

 private:
  Descriptor descriptor(Kind kind) {
    const auto rounding = chance(50) ? golden::Rounding::stochastic : golden::Rounding::nearest_even;
    return {kind, chance(50) ? 15 + below(17) : below(64), rounding, chance(50) ? kGradual : Subnormals::printed};
  }

  void fill(PanelBytes& panel, Descriptor d, int style) {
    const golden::KindInfo& format = golden::info(d.kind());
    const int mantissa_bits = format.mantissa_bits, top = (1 << format.exponent_bits) - 1;
    const int center = chance(50) ? top / 2 : below(top + 1);
    for (int n = 0; n < 64 / d.bytes(); ++n) {
      const auto bits = static_cast<std::uint32_t>(random_());
      std::uint32_t exponent = bits & top, mantissa = bits >> 8 & ((1 << mantissa_bits) - 1);
      std::uint32_t sign = bits >> 31;
      switch (style) {
        case 0: break;                                    // any code
        case 1: exponent = center + below(3) - 1; break;  // close exponents
        case 2: exponent = center + below(9) - 4; break;
        case 3: mantissa = chance(50) ? 0 : chance(50) ? 1 : ~0U; break;  // window edges: single bits, wide exponents
        case 4: exponent = chance(50) ? 0 : chance(20) ? top : center; break;  // zeros, subnormals, top codes
        case 5: exponent = top / 4 + below(5) - 2; break;                      // bf16: products around 2^-126
        case 6: exponent = top - 1 - below(top / 4 + 2); break;                // large
        default:                                                               // sparse
          if (chance(60))
            exponent = mantissa = 0;
          else
            exponent = center + below(5) - 2;
          break;
      }
      exponent &= top;
      mantissa &= (1 << mantissa_bits) - 1;
      // Inf and NaN spread over whole rows and columns: mostly avoid them, so that other results are seen.
      if (!format.clamping && exponent == static_cast<std::uint32_t>(top) && style != 4 && !chance(1))
        exponent = top / 2;
      if (!format.clamping && exponent == static_cast<std::uint32_t>(top) && chance(50)) mantissa = 0;
      const std::uint32_t code =
          (format.has_sign ? sign << (format.bits - 1) : 0) | exponent << mantissa_bits | mantissa;
      for (int byte = 0; byte < d.bytes(); ++byte) panel[n * d.bytes() + byte] = code >> 8 * byte & 255;
    }
  }

  // Makes the products k = 1 (and 5) the negatives of k = 0 (and 4), sometimes all but one bit.
  void cancel(Mma& m) {
    if (m.da.kind() == Kind::uhp) return;
    const int depth = golden::mma_depth(m.da), bytes = m.da.bytes();
    for (int k = 0; k < depth; k += 4) {
      for (int n = 0; n < 8; ++n) {
        for (int byte = 0; byte < bytes; ++byte) {
          m.a[bytes * (n * depth + k + 1) + byte] = m.a[bytes * (n * depth + k) + byte];
          m.b[bytes * (8 * (k + 1) + n) + byte] = m.b[bytes * (8 * k + n) + byte];
        }
        m.a[bytes * (n * depth + k + 1) + bytes - 1] ^= 0x80;
        if (chance(20)) m.a[bytes * (n * depth + k + 1)] ^= 1;
      }
    }
  }

  std::mt19937_64 random_;
};

std::uint64_t environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 0) : otherwise;
}

TEST(Matrix, RandomInstructions) {
  const std::uint64_t seed = environment("TATAMI_SEED", 20261124);
  const std::uint64_t groups = environment("TATAMI_MATRIX_GROUPS", 8'000'000);
  const std::string replay = "TATAMI_SEED=" + std::to_string(seed) + " TATAMI_MATRIX_GROUPS=" + std::to_string(groups) +
                             " matrix_d1_matrix_test --gtest_filter=Matrix.RandomInstructions";
  Generator generate(seed);
  MatrixBench bench(replay);
  Mma next;
  bool waiting = false;
  int busy_percent = 100;
  while (bench.groups() < groups && !testing::Test::HasFailure()) {
    if (bench.cycle() % 512 == 0) busy_percent = generate.chance(50) ? 100 : generate.below(100);
    if (!waiting && generate.chance(busy_percent)) {
      const int thread = generate.below(kThreads), tile = generate.below(kTiles);
      if (!bench.in_flight(thread, tile)) {
        next = generate.mma();
        next.thread = thread;
        next.tile = tile;
        waiting = true;
      }
    }
    // Moves and zeroing use tiles that are neither in flight nor about to be issued to, nor used twice in the cycle.
    const auto idle = [&](int thread, int tile) {
      return !bench.in_flight(thread, tile) && !(waiting && next.thread == thread && next.tile == tile);
    };
    Side side;
    if (generate.chance(40)) {
      side.write_thread = generate.below(kThreads);
      side.write_pair = generate.below(4);
      side.write_row = generate.below(8);
      side.write = idle(side.write_thread, 2 * side.write_pair) && idle(side.write_thread, 2 * side.write_pair + 1);
      for (auto& lane : side.data) lane = generate.accumulator();
    }
    if (generate.chance(3)) {
      side.zero = true;
      side.zero_thread = generate.below(kThreads);
      side.zero_mask = generate.below(256);
      for (int t = 0; t < kTiles; ++t) {
        if (!idle(side.zero_thread, t) ||
            (side.write && side.write_thread == side.zero_thread && side.write_pair == t / 2)) {
          side.zero_mask &= ~(1 << t);
        }
      }
    }
    if (generate.chance(20)) {
      side.read_thread = generate.below(kThreads);
      side.read_pair = generate.below(4);
      side.read_row = generate.below(8);
      side.read = !bench.in_flight(side.read_thread, 2 * side.read_pair) &&
                  !bench.in_flight(side.read_thread, 2 * side.read_pair + 1);
    }
    if (bench.step(waiting ? &next : nullptr, side)) waiting = false;
  }
  bench.drain();
  bench.check_all_tiles();
  std::cout << bench.groups() << " groups\n";
}

}  // namespace
}  // namespace tatami::test
