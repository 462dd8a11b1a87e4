// The multiply-add lanes against the golden model, and that against the host's FPU, on vectors of the kind that
// Berkeley TestFloat's level 1 generates (fp/level_one.h), then on random ones. TATAMI_FMA_VECTORS sets the number of
// random vectors (default 4 million), TATAMI_SEED the seed.
// clang-format off
// sources: rtl/pkg/d1_pkg.sv rtl/fp/d1_fp32_pkg.sv rtl/fp/d1_fp32_fma.sv
// cost: 20
// clang-format on
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <random>
#include <vector>

#include "Vd1_fp32_fma.h"
#include "fp/level_one.h"
#include "golden/fp32.h"
#include "verilated.h"

namespace tatami::fp {
namespace {

using golden::Flags;
using golden::Lane;

struct Vector {
  std::uint32_t a, b, c;
};

/// Fills sixteen lanes, then runs them. The multiply-add takes turns with add, subtract, multiply and the negated
/// forms.
class FmaUnit {
 public:
  FmaUnit() {
    top_.rst_ni = 0;
    tick();
    top_.rst_ni = 1;
  }
  ~FmaUnit() { top_.final(); }

  enum class Form : std::uint8_t { fma, add, sub, mul, fmsub, fnmadd, fnmsub, from_int, from_uint };

  void push(Form form, const Vector& v) {
    if (lanes_ == 16 || (lanes_ != 0 && form != form_)) flush();
    form_ = form;
    set(lanes_++, v);
    ++vectors_;
  }

  /// One vector among fifteen of 1 * 1 + 1, which raise no flag: its own flags show.
  void alone(Form form, const Vector& v) {
    flush();
    form_ = form;
    constexpr std::uint32_t kOne = 0x3F80'0000;
    for (std::size_t i = 0; i < 16; ++i) set(i, {kOne, kOne, kOne});
    set(place_ = (place_ + 5) % 16, v);
    lanes_ = 16;
    ++vectors_;
    flush();
  }

  void flush() {
    if (lanes_ == 0) return;
    const Vector idle = batch_[0];
    while (lanes_ < 16) set(lanes_++, idle);
    std::array<std::uint32_t, 16> want{};
    Flags flags = 0;
    for (std::size_t i = 0; i < 16; ++i) {
      const Lane l = golden(batch_[i]);
      want[i] = l.bits;
      flags |= l.flags;
    }
    top_.en_i = 1;
    top_.neg_p_i = form_ == Form::fnmadd || form_ == Form::fnmsub;
    top_.neg_c_i = form_ == Form::sub || form_ == Form::fmsub || form_ == Form::fnmadd;
    top_.mul_i = form_ == Form::mul;
    top_.add_i = form_ == Form::add || form_ == Form::sub;
    top_.from_int_i = form_ == Form::from_int || form_ == Form::from_uint;
    top_.from_uint_i = form_ == Form::from_uint;
    tick();
    top_.en_i = 0;
    tick();
    tick();
    for (std::size_t i = 0; i < 16; ++i) {
      if (top_.res_o[i] == want[i] && top_.flags_o == flags) continue;
      if (++failures_ <= 5)
        ADD_FAILURE() << std::hex << "form " << static_cast<int>(form_) << ": a 0x" << batch_[i].a << " b 0x"
                      << batch_[i].b << " c 0x" << batch_[i].c << ": expected 0x" << want[i] << " flags " << int{flags}
                      << ", got 0x" << top_.res_o[i] << " flags " << int{top_.flags_o};
    }
    lanes_ = 0;
  }

  std::uint64_t vectors() const { return vectors_; }
  bool failed() const { return failures_ > 5; }

 private:
  void set(std::size_t lane, const Vector& v) {
    batch_[lane] = v;
    top_.a_i[lane] = v.a;
    top_.b_i[lane] = v.b;
    top_.c_i[lane] = v.c;
  }

  Lane golden(const Vector& v) const {
    constexpr std::uint32_t n = golden::kFp32SignBit;
    switch (form_) {
      case Form::fma: return golden::fma(v.a, v.b, v.c);
      case Form::add: return golden::fadd(v.a, v.c);
      case Form::sub: return golden::fsub(v.a, v.c);
      case Form::mul: return golden::fmul(v.a, v.b);
      case Form::fmsub: return golden::fma(v.a, v.b, v.c ^ n);
      case Form::fnmadd: return golden::fma(v.a ^ n, v.b, v.c ^ n);
      case Form::fnmsub: return golden::fma(v.a ^ n, v.b, v.c);
      case Form::from_int: return golden::fcvt_s_w(v.a);
      case Form::from_uint: return golden::fcvt_s_wu(v.a);
    }
    return {};
  }

  void tick() {
    top_.clk_i = 1;
    top_.eval();
    top_.clk_i = 0;
    top_.eval();
  }

  VerilatedContext context_;
  Vd1_fp32_fma top_{&context_};
  Form form_ = Form::fma;
  std::array<Vector, 16> batch_{};
  std::size_t lanes_ = 0, place_ = 0;
  std::uint64_t vectors_ = 0;
  int failures_ = 0;
};

using Form = FmaUnit::Form;

std::uint64_t environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 0) : otherwise;
}

/// The golden multiply-add against the host's; values only, since a host without the instruction computes the flags its
/// own way.
void expect_host_fma(const Vector& v) {
  const float host = std::fma(std::bit_cast<float>(v.a), std::bit_cast<float>(v.b), std::bit_cast<float>(v.c));
  const std::uint32_t want = std::isnan(host) ? golden::kFp32CanonicalNan : std::bit_cast<std::uint32_t>(host);
  ASSERT_EQ(golden::fma(v.a, v.b, v.c).bits, want) << std::hex << v.a << " " << v.b << " " << v.c;
}

// 88^3 triples, each once as it is and eight times with one or more operands exchanged for mixed ones: 6,133,248
// vectors. A sixteenth of the triples also goes alone, for its own flags.
TEST(FmaUnit, LevelOne) {
  std::mt19937_64 random(environment("TATAMI_SEED", 1));
  FmaUnit unit;
  const std::vector<std::uint32_t> v = special_operands();
  ASSERT_EQ(v.size(), 88U);
  std::size_t n = 0;
  for (const std::uint32_t a : v) {
    for (const std::uint32_t b : v) {
      for (const std::uint32_t c : v) {
        unit.push(Form::fma, {a, b, c});
        ASSERT_NO_FATAL_FAILURE(expect_host_fma({a, b, c}));
        for (int k = 0; k < 8; ++k) {
          const int exchange = k == 0 ? 7 : k;
          const Vector mixed{(exchange & 1) != 0 ? mixed_operand(random, v) : a,
                             (exchange & 2) != 0 ? mixed_operand(random, v) : b,
                             (exchange & 4) != 0 ? mixed_operand(random, v) : c};
          unit.push(Form::fma, mixed);
          ASSERT_NO_FATAL_FAILURE(expect_host_fma(mixed));
        }
        if (++n % 16 == random() % 16) unit.alone(Form::fma, {a, b, c});
        if (unit.failed()) return;
      }
    }
  }
  unit.flush();
  std::cout << unit.vectors() << " multiply-adds\n";
  EXPECT_GE(unit.vectors(), 9U * 88 * 88 * 88);
}

// Pairs through the other forms, alone and with mixed ones: more than 46,464 of each.
TEST(FmaUnit, AddSubtractMultiplyNegate) {
  std::mt19937_64 random(environment("TATAMI_SEED", 1) + 1);
  FmaUnit unit;
  const std::vector<std::uint32_t> v = special_operands();
  for (const Form form : {Form::add, Form::sub, Form::mul, Form::fmsub, Form::fnmadd, Form::fnmsub}) {
    for (const std::uint32_t a : v) {
      for (const std::uint32_t b : v) {
        const std::uint32_t c = form == Form::add || form == Form::sub ? b : mixed_operand(random, v);
        unit.alone(form, {a, b, c});
        for (int k = 0; k < 8; ++k)
          unit.push(form, {mixed_operand(random, v), k < 4 ? b : mixed_operand(random, v), c});
      }
    }
    unit.flush();
  }
  std::cout << unit.vectors() << " others\n";
}

// Sums, differences and products of 88^2 pairs, each once as it is and eight times mixed, each alone: value and flags
// as the host's. 69,696 of each.
TEST(FmaUnit, LevelOneIsTheHosts) {
  std::mt19937_64 random(environment("TATAMI_SEED", 1) + 3);
  FmaUnit unit;
  const std::vector<std::uint32_t> v = special_operands();
  const auto pair = [&](std::uint32_t a, std::uint32_t b) {
    volatile float x = std::bit_cast<float>(a), y = std::bit_cast<float>(b);
    const golden::Flags denormal = is_subnormal(a) || is_subnormal(b) ? golden::kDenormal : Flags{0};
    const auto check = [&](Form form, Lane got, Lane host) {
      host.flags |= denormal;
      ASSERT_EQ(got, host) << std::hex << "form " << static_cast<int>(form) << ": 0x" << a << " and 0x" << b << ": 0x"
                           << got.bits << " flags " << int{got.flags} << ", on the host 0x" << host.bits << " flags "
                           << int{host.flags};
      unit.alone(form, {a, form == Form::mul ? b : 0x3F80'0000, b});
    };
    check(Form::add, golden::fadd(a, b), on_host([&] { return x + y; }));
    check(Form::sub, golden::fsub(a, b), on_host([&] { return x - y; }));
    check(Form::mul, golden::fmul(a, b), on_host([&] { return x * y; }));
  };
  for (const std::uint32_t a : v) {
    for (const std::uint32_t b : v) {
      ASSERT_NO_FATAL_FAILURE(pair(a, b));
      for (int k = 0; k < 8; ++k)
        ASSERT_NO_FATAL_FAILURE(
            pair(k % 4 == 3 ? a : mixed_operand(random, v), k % 4 == 2 ? b : mixed_operand(random, v)));
      if (unit.failed()) return;
    }
  }
  std::cout << unit.vectors() << " sums, differences and products\n";
  EXPECT_EQ(unit.vectors(), 3U * 9 * 88 * 88);
}

// Integers with one or two runs of ones, one off from them, and any: as the host converts them.
TEST(FmaUnit, FromIntegersAsTheHost) {
  std::mt19937_64 random(environment("TATAMI_SEED", 1) + 4);
  FmaUnit unit;
  const auto check = [&](std::uint32_t a) {
    ASSERT_EQ(golden::fcvt_s_wu(a), (Lane{std::bit_cast<std::uint32_t>(static_cast<float>(a)), 0})) << a;
    ASSERT_EQ(golden::fcvt_s_w(a),
              (Lane{std::bit_cast<std::uint32_t>(static_cast<float>(static_cast<std::int32_t>(a))), 0}))
        << a;
    unit.push(Form::from_int, {a, 0, 0});
    unit.flush();
    unit.push(Form::from_uint, {a, 0, 0});
    unit.flush();
  };
  const auto run = [](int high, int low) { return (2U << high) - (1U << low); };  // bits high..low, 2U << 31 is 0
  for (int high = 0; high < 32; ++high) {
    for (int low = 0; low <= high; ++low) {
      for (const std::uint32_t a : {run(high, low), 1U << high | 1U << low, run(high, low) ^ 1U << high / 2})
        for (std::uint32_t off = 0; off < 3; ++off) ASSERT_NO_FATAL_FAILURE(check(a + off - 1));
    }
  }
  for (int n = 0; n < 50'000; ++n)
    ASSERT_NO_FATAL_FAILURE(check(static_cast<std::uint32_t>(random()) >> (random() % 32)));
  std::cout << unit.vectors() << " integers\n";
}

// Any codes, moderate exponents, and addends close to minus the product. Golden against the host's fused multiply-add,
// too.
TEST(FmaUnit, Random) {
  const std::uint64_t count = environment("TATAMI_FMA_VECTORS", 4'000'000);
  std::mt19937_64 random(environment("TATAMI_SEED", 1) + 2);
  FmaUnit unit;
  const std::vector<std::uint32_t> special = special_operands();
  while (unit.vectors() < count && !unit.failed()) {
    const std::uint64_t r = random(), s = random();
    Vector v{static_cast<std::uint32_t>(r), static_cast<std::uint32_t>(r >> 32), static_cast<std::uint32_t>(s)};
    if ((s >> 32 & 3) != 0) {  // most products within the range
      v.a = (v.a & 0x807F'FFFF) | (96 + (v.a >> 23 & 63)) << 23;
      v.b = (v.b & 0x807F'FFFF) | (96 + (v.b >> 23 & 63)) << 23;
      const float product = std::bit_cast<float>(v.a) * std::bit_cast<float>(v.b);
      const auto near = std::bit_cast<std::uint32_t>(-product);
      if ((s >> 34 & 1) != 0)
        v.c = near + static_cast<std::uint32_t>(s >> 36 & 7) - 4;
      else
        v.c = near + (static_cast<std::uint32_t>(s >> 36 & 63) << 23) - (32U << 23);
      if ((s >> 46 & 1) != 0) v.c ^= 0x8000'0000;
    } else if ((s >> 47 & 1) != 0) {
      v.c = mixed_operand(random, special);
    }
    unit.push(Form::fma, v);
    if (unit.vectors() % 16 == 1) {
      ASSERT_NO_FATAL_FAILURE(expect_host_fma(v));
    }
  }
  unit.flush();
  std::cout << unit.vectors() << " random multiply-adds\n";
}

}  // namespace
}  // namespace tatami::fp
