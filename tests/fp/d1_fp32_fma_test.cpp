// The multiply-add lanes against the golden model on vectors of the kind that Berkeley TestFloat's level 1 generates
// (written after its published description: all combinations of operands whose exponents and fractions are at the ends
// of their ranges, each mixed with random ones), then random ones. TATAMI_FMA_VECTORS sets the number of random vectors
// (default 4 million), TATAMI_SEED the seed.
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

  enum class Form : std::uint8_t { fma, add, sub, mul, fmsub, fnmadd, fnmsub };

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

/// Eleven exponents, both signs, four fractions: 88 operands.
std::vector<std::uint32_t> special_operands() {
  std::vector<std::uint32_t> all;
  for (const std::uint32_t field : {0x00U, 0x01U, 0x66U, 0x7EU, 0x7FU, 0x80U, 0x81U, 0x98U, 0xFDU, 0xFEU, 0xFFU})
    for (const std::uint32_t sign : {0U, 0x8000'0000U})
      for (const std::uint32_t fraction : {0U, 1U, 0x7F'FFFEU, 0x7F'FFFFU})
        all.push_back(sign | field << 23 | fraction);
  return all;
}

/// Special exponents with random fractions, single bits and runs of ones, or any code.
std::uint32_t mixed_operand(std::mt19937_64& random, const std::vector<std::uint32_t>& special) {
  const std::uint64_t r = random();
  const std::uint32_t base = special[(r >> 32) % special.size()];
  const auto fraction = static_cast<std::uint32_t>(r) & 0x7F'FFFF;
  const std::uint32_t bit = 1U << (r >> 24 & 31) % 23;
  switch (r >> 58 & 7) {
    case 0: return base;
    case 1: return (base & 0xFF80'0000) | fraction;
    case 2: return (base & 0xFF80'0000) | bit;
    case 3: return (base & 0xFF80'0000) | (0x7F'FFFF & ~bit);
    case 4: return (base & 0xFF80'0000) | (0x7F'FFFF & ~(bit - 1));
    case 5: return (base & 0x807F'FFFF) | (112 + (r >> 40 & 31)) << 23;
    case 6: return (base & 0x8000'0000) | (64 + (r >> 40 & 127)) << 23 | fraction;
    default: return static_cast<std::uint32_t>(r);
  }
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
        for (int k = 0; k < 8; ++k) {
          const int exchange = k == 0 ? 7 : k;
          unit.push(Form::fma, {(exchange & 1) != 0 ? mixed_operand(random, v) : a,
                                (exchange & 2) != 0 ? mixed_operand(random, v) : b,
                                (exchange & 4) != 0 ? mixed_operand(random, v) : c});
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
      const float host = std::fma(std::bit_cast<float>(v.a), std::bit_cast<float>(v.b), std::bit_cast<float>(v.c));
      const std::uint32_t want = std::isnan(host) ? golden::kFp32CanonicalNan : std::bit_cast<std::uint32_t>(host);
      ASSERT_EQ(golden::fma(v.a, v.b, v.c).bits, want) << std::hex << v.a << " " << v.b << " " << v.c;
    }
  }
  unit.flush();
  std::cout << unit.vectors() << " random multiply-adds\n";
}

}  // namespace
}  // namespace tatami::fp
