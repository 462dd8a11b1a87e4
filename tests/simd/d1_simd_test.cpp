// Every instruction of the SIMD unit against the golden arithmetic: results, flags, times.
// clang-format off
// verilate: d1_simd
// sources: rtl/pkg/d1_pkg.sv generated/d1_opcodes_pkg.sv rtl/simd/d1_simd_pkg.sv
// sources: rtl/fp/d1_fp32_pkg.sv rtl/fp/d1_convert_pkg.sv
// sources: rtl/fp/d1_fp32_fma.sv rtl/fp/d1_fp32_lanes.sv rtl/fp/d1_fp32_lane_ops.sv rtl/fp/d1_fp32_reduce.sv
// sources: rtl/fp/d1_convert_lanes.sv rtl/fp/d1_convert.sv rtl/fp/d1_threefry.sv
// sources: rtl/simd/d1_simd_decode.sv rtl/simd/d1_simd_int.sv rtl/simd/d1_simd_perm.sv rtl/simd/d1_simd.sv
// libs: tatami_opcodes fmt::fmt
// cost: 60
// clang-format on
#include <gtest/gtest.h>

#include <bit>
#include <ctime>
#include <vector>

#include "golden/formats.h"
#include "simd/driver.h"

namespace tatami::simd {
namespace {

using golden::Descriptor;
using golden::Kind;
using golden::Rounding;
using golden::Subnormals;

constexpr std::array kFmaOps = {Op::dv_fadd_,     Op::dv_fsub_,   Op::dv_fmul_,   Op::dv_fmacc_,
                                Op::dv_fnmacc_,   Op::dv_fmsac_,  Op::dv_fnmsac_, Op::dv_fmacc_l_,
                                Op::dv_fnmsac_l_, Op::dv_fmul_l_, Op::dv_fadd_l_};

bool has_descriptor(Op op) { return op == Op::dv_cvt_ || op == Op::dm_mv_v_t_ || op == Op::dm_mv_t_v_; }

/// All instructions that this unit executes.
std::vector<Op> all_ops() {
  std::vector<Op> ops;
  for (const isa::Opcode& o : isa::kOpcodes)
    if (o.extension == "xd1vec" || o.op == Op::dm_mv_v_t_ || o.op == Op::dm_mv_t_v_) ops.push_back(o.op);
  return ops;
}

/// Values where FP32 arithmetic changes its behaviour.
const std::vector<std::uint32_t>& specials() {
  static const std::vector<std::uint32_t> values = [] {
    std::vector<std::uint32_t> v;
    for (const std::uint32_t magnitude :
         {0x0000'0000U, 0x0000'0001U, 0x0000'0002U, 0x0000'0003U, 0x003F'FFFFU, 0x0040'0000U, 0x007F'FFFEU,
          0x007F'FFFFU, 0x0080'0000U, 0x0080'0001U, 0x00FF'FFFFU, 0x0100'0000U, 0x3400'0000U, 0x3F00'0000U,
          0x3F7F'FFFFU, 0x3F80'0000U, 0x3F80'0001U, 0x3FC0'0000U, 0x3FFF'FFFFU, 0x4000'0000U, 0x4B00'0001U,
          0x4B7F'FFFFU, 0x4EFF'FFFFU, 0x4F00'0000U, 0x4F7F'FFFFU, 0x4F80'0000U, 0x5F00'0000U, 0x7F00'0000U,
          0x7F7F'FFFEU, 0x7F7F'FFFFU, 0x7F80'0000U, 0x7F80'0001U, 0x7FBF'FFFFU, 0x7FC0'0000U, 0x7FFF'FFFFU}) {
      v.push_back(magnitude);
      v.push_back(magnitude | 0x8000'0000U);
    }
    return v;
  }();
  return values;
}

/// An FP32 value in the manner of TestFloat: few bits of the mantissa set or clear, exponents that matter.
std::uint32_t weighted(std::mt19937_64& rng, int near = -1) {
  const std::uint64_t r = rng();
  std::uint32_t mantissa = 0;
  const auto bit = [&](int shift) { return 1U << ((r >> shift) % 24) >> 1; };
  switch (r % 8) {
    case 0: mantissa = 0; break;
    case 1: mantissa = bit(8); break;
    case 2: mantissa = bit(8) | bit(16); break;
    case 3: mantissa = ~bit(8); break;
    case 4: mantissa = ~(bit(8) | bit(16)); break;
    case 5: mantissa = ~0U << ((r >> 8) % 24); break;
    default: mantissa = static_cast<std::uint32_t>(r >> 8); break;
  }
  int exponent = 0;
  switch (r >> 40 & 7) {
    case 0: exponent = static_cast<int>(r >> 43) & 3; break;          // 0..3
    case 1: exponent = 252 + (static_cast<int>(r >> 43) & 3); break;  // 252..255
    case 2: exponent = static_cast<int>(r >> 43 & 255); break;
    case 3: exponent = 64 + static_cast<int>(r >> 43 & 127); break;
    default:
      exponent = near >= 0 ? near + static_cast<int>((r >> 43) % 64) - 32 : 112 + static_cast<int>(r >> 43 & 31);
      break;
  }
  exponent = std::clamp(exponent, 0, 255);
  return static_cast<std::uint32_t>(r >> 63) << 31 | static_cast<std::uint32_t>(exponent) << 23 |
         (mantissa & 0x7F'FFFFU);
}

std::uint32_t random_lane(std::mt19937_64& rng) {
  switch (rng() % 4) {
    case 0: return specials()[rng() % specials().size()];
    case 1: return static_cast<std::uint32_t>(rng());
    default: return weighted(rng);
  }
}

Lanes random_lanes(std::mt19937_64& rng) {
  Lanes v;
  const bool raw = rng() % 4 == 0;  // any codes, for the narrow formats
  for (auto& lane : v) lane = raw ? static_cast<std::uint32_t>(rng()) : random_lane(rng);
  return v;
}

Descriptor random_descriptor(std::mt19937_64& rng) {
  return {static_cast<Kind>(rng() % golden::kKinds), static_cast<int>(rng() % 64), static_cast<Rounding>(rng() % 2),
          static_cast<Subnormals>(rng() % 2)};
}

/// The instruction with all operand fields random, but no reserved part.
Issue random_issue(std::mt19937_64& rng, Op op) {
  Issue is;
  is.op = op;
  is.thread = rng() % 4;
  is.insn = opcode(op).match | (static_cast<std::uint32_t>(rng()) & ~opcode(op).mask);
  is.vs1 = random_lanes(rng);
  is.vs2 = random_lanes(rng);
  is.vd = random_lanes(rng);
  is.tile = random_lanes(rng);
  is.x = static_cast<std::uint32_t>(rng());
  is.source = random_descriptor(rng);
  is.destination = random_descriptor(rng);
  is.seed = rng();
  is.count = rng() % 4 == 0 ? ~0ULL - rng() % 40 : rng();
  if (has_descriptor(op)) {
    const Descriptor s = op == Op::dm_mv_v_t_ ? Descriptor() : is.source;
    const Descriptor d = op == Op::dm_mv_t_v_ ? Descriptor() : is.destination;
    is.insn = (is.insn & ~(3U << 22)) | static_cast<std::uint32_t>(rng() % static_cast<unsigned>(parts(s, d))) << 22;
  }
  return is;
}

TEST(Simd, EveryInstructionAlone) {
  Driver driver(test_seed());
  const auto ops = all_ops();
  EXPECT_EQ(ops.size(), 74U);  // a new instruction needs a meaning in reference.h
  for (const Op op : ops) {
    for (int n = 0; n < 500 && !driver.failed(); ++n) driver.issue(random_issue(driver.rng(), op));
    driver.drain();
  }
}

TEST(Simd, RandomStreamsWithGaps) {
  Driver driver(test_seed() + 1);
  const auto ops = all_ops();
  for (const unsigned gaps : {0U, 30U, 80U}) {
    driver.set_gaps(gaps);
    for (int n = 0; n < 40000 && !driver.failed(); ++n)
      driver.issue(random_issue(driver.rng(), ops[driver.rng()() % ops.size()]));
    driver.drain();
  }
}

// Reductions recirculate: many under way, alone and between others.
TEST(Simd, ReductionsInterleave) {
  Driver driver(test_seed() + 2);
  for (const unsigned share : {100U, 50U, 10U}) {
    for (const unsigned gaps : {0U, 40U}) {
      driver.set_gaps(gaps);
      for (int n = 0; n < 5000 && !driver.failed(); ++n)
        driver.issue(random_issue(driver.rng(), driver.rng()() % 100 < share ? Op::dv_fredsum_ : Op::dv_fmacc_));
      driver.drain();
    }
  }
}

// All triples of special values through every form of multiply and add.
TEST(Simd, FmaSpecials) {
  Driver driver(test_seed() + 3);
  const auto& v = specials();
  std::size_t index = 0;
  const std::size_t total = v.size() * v.size() * v.size();
  for (const Op op : {Op::dv_fmacc_, Op::dv_fnmacc_, Op::dv_fmsac_, Op::dv_fnmsac_}) {
    for (index = 0; index < total && !driver.failed(); index += 16) {
      Issue is = random_issue(driver.rng(), op);
      for (std::size_t i = 0; i < 16; ++i) {
        const std::size_t n = (index + i) % total;
        is.vs1[i] = v[n % v.size()];
        is.vs2[i] = v[n / v.size() % v.size()];
        is.vd[i] = v[n / v.size() / v.size()];
      }
      driver.issue(is);
    }
  }
}

TEST(Simd, PairsOfSpecials) {
  Driver driver(test_seed() + 4);
  const auto& v = specials();
  for (const Op op :
       {Op::dv_fadd_, Op::dv_fsub_, Op::dv_fmul_, Op::dv_fmin_, Op::dv_fmax_, Op::dv_feq_, Op::dv_flt_, Op::dv_fle_,
        Op::dv_fsgnj_, Op::dv_fsgnjn_, Op::dv_fsgnjx_, Op::dv_fredmin_, Op::dv_fredmax_, Op::dv_fredsum_}) {
    for (std::size_t index = 0; index < v.size() * v.size() && !driver.failed(); index += 16) {
      Issue is = random_issue(driver.rng(), op);
      for (std::size_t i = 0; i < 16; ++i) {
        is.vs1[i] = v[(index + i) % v.size()];
        is.vs2[i] = v[(index + i) / v.size() % v.size()];
      }
      if (op == Op::dv_fredmin_ || op == Op::dv_fredmax_ || op == Op::dv_fredsum_)
        for (std::size_t i = 0; i < 16; i += 2) is.vs1[i + 1] = is.vs2[i];
      driver.issue(is);
    }
  }
}

// At least a million vectors in the manner of TestFloat. Flags are per instruction: the lanes of one instruction share
// no flag-raising operand classes often enough to hide each other's flags, as most instructions here are finite.
TEST(Simd, FmaVectors) {
  Driver driver(test_seed() + 5);
  std::mt19937_64& rng = driver.rng();
  for (int n = 0; n < 500000 && !driver.failed(); ++n) {
    Issue is = random_issue(rng, kFmaOps[static_cast<std::size_t>(n) % kFmaOps.size()]);
    const bool one_only = n % 2 == 0;  // one interesting lane, so that its flags show
    for (std::size_t i = 0; i < 16; ++i) {
      is.vs1[i] = weighted(rng);
      is.vs2[i] = weighted(rng);
      const int product = static_cast<int>(is.vs1[i] >> 23 & 255) + static_cast<int>(is.vs2[i] >> 23 & 255) - 127;
      is.vd[i] = weighted(rng, product);
      if (is.op == Op::dv_fadd_ || is.op == Op::dv_fsub_)
        is.vs2[i] = weighted(rng, static_cast<int>(is.vs1[i] >> 23 & 255));
      if (one_only && i != 0) {
        is.vs1[i] = 0x3F80'0000U | (is.vs1[i] & 0x8000'0000U);
        is.vs2[i] = 0x4000'0000U | (is.vs2[i] & 0x807F'FFFFU);
        is.vd[i] = 0x3F80'0000U | (is.vd[i] & 0x807F'FFFFU);
      }
    }
    driver.issue(is);
  }
  EXPECT_GE(driver.issued() * 16, 1'000'000U);
}

// Products that meet their addend at every distance, cancelling: alignment, sticky and normalisation.
TEST(Simd, FmaCancellation) {
  Driver driver(test_seed() + 6);
  std::mt19937_64& rng = driver.rng();
  for (int n = 0; n < 60000 && !driver.failed(); ++n) {
    Issue is = random_issue(rng, n % 2 == 0 ? Op::dv_fmacc_ : Op::dv_fmsac_);
    for (std::size_t i = 0; i < 16; ++i) {
      is.vs1[i] = weighted(rng);
      is.vs2[i] = weighted(rng);
      const float product = std::bit_cast<float>(is.vs1[i]) * std::bit_cast<float>(is.vs2[i]);
      is.vd[i] = std::bit_cast<std::uint32_t>(product) + static_cast<std::uint32_t>(rng() % 5) - 2;
      if (rng() % 2 == 0) is.vd[i] ^= 0x8000'0000U;
      if (rng() % 4 == 0) is.vd[i] += static_cast<std::uint32_t>(rng() % 60 - 30) << 23;
    }
    driver.issue(is);
  }
}

// Results around the smallest normal: tiny before or after rounding, one lane at a time.
TEST(Simd, UnderflowBoundary) {
  Driver driver(test_seed() + 7);
  std::mt19937_64& rng = driver.rng();
  for (int n = 0; n < 60000 && !driver.failed(); ++n) {
    Issue is = random_issue(rng, n % 3 == 0 ? Op::dv_fmul_ : Op::dv_fmacc_);
    is.vs1.fill(0x3F80'0000U);
    is.vs2.fill(0x3F80'0000U);
    is.vd.fill(0x3F80'0000U);
    const std::size_t i = rng() % 16;
    const auto e = static_cast<std::uint32_t>(rng() % 127);
    is.vs1[i] = (e << 23) | (rng() % 2 != 0 ? 0x7F'FFFFU - static_cast<std::uint32_t>(rng() % 4)
                                            : static_cast<std::uint32_t>(rng()) & 0x7F'FFFFU);
    is.vs2[i] =
        ((126 - e + static_cast<std::uint32_t>(rng() % 3)) << 23) |
        (rng() % 2 != 0 ? static_cast<std::uint32_t>(rng() % 4) : static_cast<std::uint32_t>(rng()) & 0x7F'FFFFU);
    is.vd[i] = static_cast<std::uint32_t>(rng() % 4) | (rng() % 2 != 0 ? 0x8000'0000U : 0U) |
               (rng() % 3 == 0 ? 0x0080'0000U : 0U);
    driver.issue(is);
  }
}

TEST(Simd, SeedsOfEveryTableEntry) {
  Driver driver(test_seed() + 8);
  for (const Op op : {Op::dv_frec7_, Op::dv_frsqrt7_}) {
    Issue is = random_issue(driver.rng(), op);
    std::size_t lane = 0;
    for (std::uint32_t top = 0; top < 1U << 16 && !driver.failed(); ++top) {
      is.vs1[lane] =
          top << 16 | (driver.rng()() % 2 != 0 ? 0xFFFFU : static_cast<std::uint32_t>(driver.rng()()) & 0xFFFFU);
      if (++lane == 16) {
        driver.issue(is);
        lane = 0;
      }
    }
    // Subnormals of every length, one lane at a time for the flags.
    is.vs1.fill(0x3F80'0000U);
    for (std::uint32_t bit = 1; bit < 1U << 23; bit <<= 1) {
      for (const std::uint32_t sign : {0U, 0x8000'0000U}) {
        is.vs1[bit % 15] = sign | bit | (static_cast<std::uint32_t>(driver.rng()()) & (bit - 1));
        driver.issue(is);
      }
    }
  }
}

TEST(Simd, IntegerConversions) {
  Driver driver(test_seed() + 9);
  std::mt19937_64& rng = driver.rng();
  for (const Op op : {Op::dv_fcvt_w_s_, Op::dv_fcvt_wu_s_, Op::dv_fcvt_w_s_rtz_, Op::dv_fcvt_wu_s_rtz_,
                      Op::dv_fcvt_s_w_, Op::dv_fcvt_s_wu_}) {
    for (int n = 0; n < 20000 && !driver.failed(); ++n) {
      Issue is = random_issue(rng, op);
      const bool integer = op == Op::dv_fcvt_s_w_ || op == Op::dv_fcvt_s_wu_;
      is.vs1.fill(0x3F80'0000U);
      for (std::size_t i = 0; i < (n % 2 == 0 ? 16U : 1U); ++i) {
        const std::uint32_t pattern = (rng() % 2 != 0 ? ~0U : 1U << (rng() % 32)) >> (rng() % 32);
        // Integers and a half around every power of two; limits of the range.
        const float half = static_cast<float>(static_cast<std::int64_t>(rng() % (1ULL << (1 + rng() % 34)))) / 2.0F;
        is.vs1[i] = integer ? pattern + static_cast<std::uint32_t>(rng() % 3) - 1
                            : std::bit_cast<std::uint32_t>(rng() % 2 != 0 ? half : -half) +
                                  static_cast<std::uint32_t>(rng() % 3) - 1;
      }
      driver.issue(is);
    }
  }
}

// --- Conversions ----------------------------------------------------------------------------------------------------

Issue conversion(Driver& driver, Descriptor s, Descriptor d) {
  Issue is = random_issue(driver.rng(), Op::dv_cvt_);
  is.source = s;
  is.destination = d;
  is.insn = (is.insn & ~(3U << 22)) | static_cast<std::uint32_t>(driver.rng()() % static_cast<unsigned>(parts(s, d)))
                                          << 22;
  return is;
}

/// Sends every code of `next` (called with the element number) through `dv.cvt`.
template <typename Next>
void convert_all(Driver& driver, Descriptor s, Descriptor d, std::uint64_t count, Next next) {
  const int n = converted(s, d);
  Issue is = conversion(driver, s, d);
  for (std::uint64_t index = 0; index < count && !driver.failed(); index += static_cast<unsigned>(n)) {
    const int part = static_cast<int>(isa::field_part(is.insn));
    const int first = 64 / s.bytes() > n ? part * n : 0;
    for (int i = 0; i < n; ++i)
      set_element(is.vs1, s.bytes(), first + i, next((index + static_cast<unsigned>(i)) % count));
    is.thread = driver.rng()() % 4;
    if (d.rounding() == Rounding::stochastic) {
      is.seed = driver.rng()();
      is.count = driver.rng()();
    }
    driver.issue(is);
  }
}

/// The descriptors of a kind that differ: every bias and reading for clamping formats.
std::vector<Descriptor> descriptors(Kind kind, Rounding rounding) {
  std::vector<Descriptor> all;
  const bool clamping = golden::info(kind).clamping;
  for (int bias = 0; bias < (clamping ? 64 : 1); ++bias)
    for (const Subnormals sub : {Subnormals::printed, Subnormals::gradual})
      if (clamping || sub == Subnormals::printed) all.emplace_back(kind, bias, rounding, sub);
  return all;
}

TEST(Simd, EncodeFromEveryBf16) {
  Driver driver(test_seed() + 10);
  const Descriptor bf16(Kind::bf16);
  for (const Kind kind : golden::kAllKinds)
    for (const Descriptor d : descriptors(kind, Rounding::nearest_even))
      convert_all(driver, bf16, d, 1U << 16, [](std::uint64_t i) { return static_cast<std::uint32_t>(i); });
  EXPECT_GE(driver.issued() * 32, 65536ULL * 64 * 2 * 3);
}

TEST(Simd, DecodeEveryCode) {
  Driver driver(test_seed() + 11);
  for (const Kind kind : {Kind::bf16, Kind::cfloat8_1_4_3, Kind::cfloat8_1_5_2, Kind::shp, Kind::uhp})
    for (const Descriptor s : descriptors(kind, Rounding::nearest_even))
      convert_all(driver, s, Descriptor(), 1ULL << golden::info(kind).bits,
                  [](std::uint64_t i) { return static_cast<std::uint32_t>(i); });
}

// Around every grid point of the destination and every middle between two, from FP32, both roundings.
TEST(Simd, EncodeFp32AroundGrid) {
  Driver driver(test_seed() + 12);
  std::mt19937_64& rng = driver.rng();
  const Descriptor fp32;
  for (const Rounding rounding : {Rounding::nearest_even, Rounding::stochastic}) {
    for (const Kind kind : golden::kAllKinds) {
      for (const Descriptor d : descriptors(kind, rounding)) {
        const std::uint32_t last = golden::largest_code(d);
        const std::uint64_t codes = std::min<std::uint64_t>(last, golden::info(kind).clamping ? 256 : 4096);
        std::vector<std::uint32_t> values = specials();
        for (std::uint64_t n = 0; n <= codes; ++n) {
          const auto code = static_cast<std::uint32_t>(last <= codes ? n
                                                       : n < 16      ? n
                                                       : n < 32      ? last - (n - 16)
                                                                     : rng() % (last + 1));
          const double here = golden::to_double(code, d);
          const double next = code == last ? 2 * here : golden::to_double(code + 1, d);
          for (const double v : {here, (here + next) / 2}) {
            auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(v));
            for (int delta = -1; delta <= 1; ++delta)
              values.push_back((bits + static_cast<std::uint32_t>(delta)) ^ (rng() % 2 != 0 ? 0x8000'0000U : 0U));
          }
        }
        for (int n = 0; n < 32; ++n) values.push_back(static_cast<std::uint32_t>(rng()));
        convert_all(driver, fp32, d, values.size(), [&](std::uint64_t i) { return values[i]; });
      }
    }
  }
}

// Stochastic rounding between narrow formats, counts from everywhere, also across the wrap of the index.
TEST(Simd, StochasticNarrow) {
  Driver driver(test_seed() + 13);
  std::mt19937_64& rng = driver.rng();
  for (int n = 0; n < 150000 && !driver.failed(); ++n) {
    Descriptor d = random_descriptor(rng);
    d = Descriptor(d.kind(), d.bias_field(), Rounding::stochastic, d.subnormals());
    Issue is = conversion(driver, random_descriptor(rng), d);
    if (n % 3 == 0) is.source = Descriptor(Kind::bf16);
    if (n % 3 == 0) is.insn &= ~(3U << 22);
    if (n % 5 == 0) is.count = ~0ULL - static_cast<std::uint64_t>(n / 5 % 40);          // the index wraps
    if (n % 5 == 1) is.count = (rng() << 35) - static_cast<std::uint64_t>(n / 5 % 40);  // carry between counter words
    driver.issue(is);
  }
}

// One element of interest, so that no other hides its flags.
TEST(Simd, ConversionFlags) {
  Driver driver(test_seed() + 14);
  std::mt19937_64& rng = driver.rng();
  for (int n = 0; n < 200000 && !driver.failed(); ++n) {
    const Descriptor s = random_descriptor(rng);
    Issue is = conversion(driver, s, random_descriptor(rng));
    is.vs1 = {};
    const int count = 64 / s.bytes();
    const std::uint32_t code = s.kind() == Kind::fp32 ? random_lane(rng) : static_cast<std::uint32_t>(rng());
    set_element(is.vs1, s.bytes(), static_cast<int>(rng() % static_cast<unsigned>(count)), code);
    driver.issue(is);
  }
}

// Simulation speed in processor time, an instruction every cycle. By hand:
// simd_d1_simd_test --gtest_also_run_disabled_tests --gtest_filter=Simd.DISABLED_Speed
TEST(Simd, DISABLED_Speed) {
  VerilatedContext context;
  Vd1_simd model(&context);
  std::mt19937_64 rng(test_seed());
  const auto tick = [&] {
    model.clk_i = 1;
    model.eval();
    model.clk_i = 0;
    model.eval();
  };
  model.rst_ni = 0;
  tick();
  model.rst_ni = 1;
  std::array<Lanes, 64> pool{};
  for (Lanes& lanes : pool)
    for (auto& lane : lanes)
      lane = std::bit_cast<std::uint32_t>(static_cast<float>(static_cast<std::int32_t>(rng())) * 0x1p-28F);
  const auto run = [&](const char* name, Op op, bool valid, Descriptor s, Descriptor d, int cycles) {
    const std::clock_t start = std::clock();
    for (int i = 0; i < cycles; ++i) {
      const auto n = static_cast<std::size_t>(i);
      model.valid_i = valid;
      if (valid) {
        model.thread_i = n % 4;
        model.insn_i = opcode(op).match | static_cast<std::uint32_t>(n % 32) << 7;
        std::memcpy(&model.vs1_i, pool[n % 64].data(), 64);
        std::memcpy(&model.vs2_i, pool[(7 * n + 3) % 64].data(), 64);
        std::memcpy(&model.vd_i, pool[(5 * n + 1) % 64].data(), 64);
        model.sdesc_i = s.packed();
        model.ddesc_i = d.packed();
        model.count_i = 32 * n + 3;
      }
      tick();
    }
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    fmt::print("{:32} {:7.2f} Mcycles/s\n", name, cycles / seconds * 1e-6);
  };
  const Descriptor bf16(Kind::bf16);
  const Descriptor stochastic(Kind::cfloat8_1_4_3, 7, Rounding::stochastic);
  run("idle", Op::dv_fmacc_, false, {}, {}, 10'000'000);
  run("fmacc", Op::dv_fmacc_, true, {}, {}, 1'000'000);
  run("fadd", Op::dv_fadd_, true, {}, {}, 1'000'000);
  run("fredsum", Op::dv_fredsum_, true, {}, {}, 1'000'000);
  run("add", Op::dv_add_, true, {}, {}, 1'000'000);
  run("fmin", Op::dv_fmin_, true, {}, {}, 1'000'000);
  run("perm.b", Op::dv_perm_b_, true, {}, {}, 1'000'000);
  run("cvt fp32 to bf16", Op::dv_cvt_, true, {}, bf16, 500'000);
  run("cvt bf16 to cfloat8", Op::dv_cvt_, true, bf16, Descriptor(Kind::cfloat8_1_4_3, 7), 500'000);
  run("cvt bf16 to cfloat8, stochastic", Op::dv_cvt_, true, bf16, stochastic, 500'000);
}

}  // namespace
}  // namespace tatami::simd
