// Vector arithmetic against plain loops; the FP32 lanes' own arithmetic has tests of its own.
// labels: isa
#include <algorithm>
#include <cmath>
#include <functional>

#include "golden/convert.h"
#include "golden/fp32.h"
#include "isa_fixture.h"

namespace tatami::test {
namespace {

using u32 = std::uint32_t;
using s32 = std::int32_t;
using golden::Lane;

class IsaVector : public IsaTest {
 protected:
  Vector floats() {
    Vector v = random_vector();
    for (auto& lane : v.lane) {
      if (random() % 4 != 0) lane = (lane & 0x807F'FFFF) | static_cast<u32>(118 + random() % 20) << 23;
    }
    return v;
  }
  // Runs `op` on v1, v2 and vd = v3, all random, and compares every lane.
  void lanes(Op op, std::initializer_list<std::int64_t> operands,
             const std::function<Lane(const Vector& a, const Vector& b, const Vector& old, unsigned i)>& rule) {
    for (int n = 0; n < 50; ++n) {
      const Vector a = floats(), b = floats(), old = floats();
      hart.set_v(1, a);
      hart.set_v(2, b);
      hart.set_v(3, old);
      hart.csrs().dflags = 0;
      run(op, operands);
      ASSERT_EQ(record.status, Status::retired);
      ASSERT_EQ(record.vector_reg, 3);
      golden::Flags flags = 0;
      for (unsigned i = 0; i < 16; ++i) {
        const Lane lane = rule(a, b, old, i);
        ASSERT_EQ(hart.v(3).lane[i], lane.bits) << golden::opcode(op).name << " lane " << i;
        flags |= lane.flags;
      }
      ASSERT_EQ(record.flags, flags) << golden::opcode(op).name;
      ASSERT_EQ(hart.csrs().dflags, flags);
    }
  }
  void integer(Op op, const std::function<u32(u32, u32)>& rule) {
    lanes(op, {3, 1, 2}, [&](const Vector& a, const Vector& b, const Vector&, unsigned i) {
      return Lane{rule(a.lane[i], b.lane[i]), 0};
    });
  }
  void fp(Op op, Lane (*rule)(u32, u32)) {
    lanes(op, {3, 1, 2},
          [&](const Vector& a, const Vector& b, const Vector&, unsigned i) { return rule(a.lane[i], b.lane[i]); });
  }
  void fp_accumulate(Op op, Lane (*rule)(u32, u32, u32)) {
    lanes(op, {3, 1, 2}, [&](const Vector& a, const Vector& b, const Vector& old, unsigned i) {
      return rule(old.lane[i], a.lane[i], b.lane[i]);
    });
  }
  void fp_one(Op op, Lane (*rule)(u32)) {
    lanes(op, {3, 1}, [&](const Vector& a, const Vector&, const Vector&, unsigned i) { return rule(a.lane[i]); });
  }
};

u32 mask(bool condition) { return condition ? 0xFFFF'FFFF : 0; }
s32 sgn(u32 v) { return static_cast<s32>(v); }

TEST_F(IsaVector, FloatingPointLanes) {
  fp(Op::dv_fadd_, golden::fadd);
  fp(Op::dv_fsub_, golden::fsub);
  fp(Op::dv_fmul_, golden::fmul);
  fp(Op::dv_fmin_, golden::fmin);
  fp(Op::dv_fmax_, golden::fmax);
  fp(Op::dv_feq_, golden::feq);
  fp(Op::dv_flt_, golden::flt);
  fp(Op::dv_fle_, golden::fle);
  fp_accumulate(Op::dv_fmacc_, golden::fmacc);
  fp_accumulate(Op::dv_fnmacc_, golden::fnmacc);
  fp_accumulate(Op::dv_fmsac_, golden::fmsac);
  fp_accumulate(Op::dv_fnmsac_, golden::fnmsac);
  fp_one(Op::dv_fcvt_w_s_, golden::fcvt_w);
  fp_one(Op::dv_fcvt_wu_s_, golden::fcvt_wu);
  fp_one(Op::dv_fcvt_w_s_rtz_, golden::fcvt_w_rtz);
  fp_one(Op::dv_fcvt_wu_s_rtz_, golden::fcvt_wu_rtz);
  fp_one(Op::dv_fcvt_s_w_, golden::fcvt_s_w);
  fp_one(Op::dv_fcvt_s_wu_, golden::fcvt_s_wu);
  fp_one(Op::dv_frec7_, golden::frec7);
  fp_one(Op::dv_frsqrt7_, golden::frsqrt7);
}

TEST_F(IsaVector, AccumulatingFormsHaveTheSignsOfTheSpecification) {
  // vs1 = 3, vs2 = 5, vd = 7: the four names against plain numbers.
  const std::pair<Op, float> cases[] = {
      {Op::dv_fmacc_, 22.0F}, {Op::dv_fnmacc_, -22.0F}, {Op::dv_fmsac_, 8.0F}, {Op::dv_fnmsac_, -8.0F}};
  for (const auto& [op, expected] : cases) {
    Vector a, b, c;
    a.lane.fill(std::bit_cast<u32>(3.0F));
    b.lane.fill(std::bit_cast<u32>(5.0F));
    c.lane.fill(std::bit_cast<u32>(7.0F));
    hart.set_v(1, a);
    hart.set_v(2, b);
    hart.set_v(3, c);
    run(op, {3, 1, 2});
    for (const u32 lane : hart.v(3).lane) EXPECT_EQ(std::bit_cast<float>(lane), expected) << golden::opcode(op).name;
  }
}

TEST_F(IsaVector, SignInjection) {
  integer(Op::dv_fsgnj_, [](u32 a, u32 b) { return (a & 0x7FFF'FFFF) | (b & 0x8000'0000); });
  integer(Op::dv_fsgnjn_, [](u32 a, u32 b) { return (a & 0x7FFF'FFFF) | (~b & 0x8000'0000); });
  integer(Op::dv_fsgnjx_, [](u32 a, u32 b) { return a ^ (b & 0x8000'0000); });
}

TEST_F(IsaVector, OneLaneForAll) {
  for (int lane = 0; lane < 16; ++lane) {
    const auto l = static_cast<unsigned>(lane);
    lanes(Op::dv_fmacc_l_, {3, 1, 2, lane}, [l](const Vector& a, const Vector& b, const Vector& old, unsigned i) {
      return golden::fma(a.lane[l], b.lane[i], old.lane[i]);
    });
    lanes(Op::dv_fnmsac_l_, {3, 1, 2, lane}, [l](const Vector& a, const Vector& b, const Vector& old, unsigned i) {
      return golden::fnmsac(old.lane[i], a.lane[l], b.lane[i]);
    });
    lanes(Op::dv_fmul_l_, {3, 1, 2, lane}, [l](const Vector& a, const Vector& b, const Vector&, unsigned i) {
      return golden::fmul(a.lane[l], b.lane[i]);
    });
    lanes(Op::dv_fadd_l_, {3, 1, 2, lane}, [l](const Vector& a, const Vector& b, const Vector&, unsigned i) {
      return golden::fadd(a.lane[l], b.lane[i]);
    });
  }
}

TEST_F(IsaVector, IntegerLanes) {
  integer(Op::dv_add_, [](u32 a, u32 b) { return a + b; });
  integer(Op::dv_sub_, [](u32 a, u32 b) { return a - b; });
  integer(Op::dv_mul_, [](u32 a, u32 b) { return a * b; });
  integer(Op::dv_and_, [](u32 a, u32 b) { return a & b; });
  integer(Op::dv_or_, [](u32 a, u32 b) { return a | b; });
  integer(Op::dv_xor_, [](u32 a, u32 b) { return a ^ b; });
  integer(Op::dv_sll_, [](u32 a, u32 b) { return a << b % 32; });
  integer(Op::dv_srl_, [](u32 a, u32 b) { return a >> b % 32; });
  integer(Op::dv_sra_, [](u32 a, u32 b) { return static_cast<u32>(sgn(a) >> b % 32); });
  integer(Op::dv_min_, [](u32 a, u32 b) { return static_cast<u32>(std::min(sgn(a), sgn(b))); });
  integer(Op::dv_max_, [](u32 a, u32 b) { return static_cast<u32>(std::max(sgn(a), sgn(b))); });
  integer(Op::dv_minu_, [](u32 a, u32 b) { return std::min(a, b); });
  integer(Op::dv_maxu_, [](u32 a, u32 b) { return std::max(a, b); });
  integer(Op::dv_seq_, [](u32 a, u32 b) { return mask(a == b); });
  integer(Op::dv_slt_, [](u32 a, u32 b) { return mask(sgn(a) < sgn(b)); });
  integer(Op::dv_sltu_, [](u32 a, u32 b) { return mask(a < b); });
}

TEST_F(IsaVector, EqualLanesAndSelection) {
  Vector a = random_vector(), b = random_vector(), m;
  for (unsigned i = 0; i < 16; i += 2) b.lane[i] = a.lane[i];
  hart.set_v(1, a);
  hart.set_v(2, b);
  run(Op::dv_seq_, {3, 1, 2});
  for (unsigned i = 0; i < 16; ++i) EXPECT_EQ(hart.v(3).lane[i], mask(i % 2 == 0));
  for (unsigned i = 0; i < 16; ++i) m.lane[i] = i % 3 == 0 ? 0 : 1U << i;
  hart.set_v(3, m);
  run(Op::dv_sel_, {3, 1, 2});
  for (unsigned i = 0; i < 16; ++i) EXPECT_EQ(hart.v(3).lane[i], i % 3 == 0 ? b.lane[i] : a.lane[i]);
}

TEST_F(IsaVector, Immediates) {
  for (int imm = -16; imm < 16; ++imm) {
    lanes(Op::dv_addi_, {3, 1, imm}, [imm](const Vector& a, const Vector&, const Vector&, unsigned i) {
      return Lane{a.lane[i] + static_cast<u32>(imm), 0};
    });
    lanes(Op::dv_andi_, {3, 1, imm}, [imm](const Vector& a, const Vector&, const Vector&, unsigned i) {
      return Lane{a.lane[i] & static_cast<u32>(imm), 0};
    });
    const int shift = imm + 16;
    lanes(Op::dv_slli_, {3, 1, shift}, [shift](const Vector& a, const Vector&, const Vector&, unsigned i) {
      return Lane{a.lane[i] << shift, 0};
    });
    lanes(Op::dv_srli_, {3, 1, shift}, [shift](const Vector& a, const Vector&, const Vector&, unsigned i) {
      return Lane{a.lane[i] >> shift, 0};
    });
    lanes(Op::dv_srai_, {3, 1, shift}, [shift](const Vector& a, const Vector&, const Vector&, unsigned i) {
      return Lane{static_cast<u32>(sgn(a.lane[i]) >> shift), 0};
    });
  }
}

TEST_F(IsaVector, Reductions) {
  const auto check = [&](Op op, const std::function<u32(u32, u32)>& rule) {
    lanes(op, {3, 1}, [&](const Vector& a, const Vector&, const Vector&, unsigned i) {
      u32 value = a.lane[0];
      for (unsigned k = 1; k < 16; ++k) value = rule(value, a.lane[k]);
      return Lane{i == 0 ? value : 0, 0};
    });
  };
  check(Op::dv_redsum_, [](u32 a, u32 b) { return a + b; });
  check(Op::dv_redmin_, [](u32 a, u32 b) { return static_cast<u32>(std::min(sgn(a), sgn(b))); });
  check(Op::dv_redmax_, [](u32 a, u32 b) { return static_cast<u32>(std::max(sgn(a), sgn(b))); });
  check(Op::dv_redminu_, [](u32 a, u32 b) { return std::min(a, b); });
  check(Op::dv_redmaxu_, [](u32 a, u32 b) { return std::max(a, b); });
  const auto fp_check = [&](Op op, auto rule) {
    lanes(op, {3, 1}, [&](const Vector& a, const Vector&, const Vector&, unsigned i) {
      const Lane lane = rule(std::span<const u32, 16>(a.lane));
      return Lane{i == 0 ? lane.bits : 0, lane.flags};
    });
  };
  fp_check(Op::dv_fredsum_, golden::fredsum);
  fp_check(Op::dv_fredmin_, golden::fredmin);
  fp_check(Op::dv_fredmax_, golden::fredmax);
}

TEST_F(IsaVector, Permutations) {
  for (int n = 0; n < 50; ++n) {
    const Vector a = random_vector(), b = random_vector();
    hart.set_v(1, a);
    hart.set_v(2, b);
    run(Op::dv_perm_w_, {3, 1, 2});
    for (unsigned i = 0; i < 16; ++i) EXPECT_EQ(hart.v(3).lane[i], a.lane[b.lane[i] % 16]);
    run(Op::dv_perm_b_, {3, 1, 2});
    for (unsigned i = 0; i < 64; ++i) EXPECT_EQ(hart.v(3).bytes()[i], a.bytes()[b.bytes()[i] % 64]);
    const std::pair<Op, unsigned> zips[] = {{Op::dv_ziplo_b_, 1}, {Op::dv_ziplo_h_, 2}, {Op::dv_ziplo_w_, 4}};
    for (const auto& [low, size] : zips) {
      for (const bool high : {false, true}) {
        run(static_cast<Op>(static_cast<int>(low) + high), {3, 1, 2});
        const unsigned half = 32 / size;
        for (unsigned i = 0; i < 64; ++i) {
          const unsigned element = i / size;
          const Vector& from = element % 2 == 0 ? a : b;
          EXPECT_EQ(hart.v(3).bytes()[i], from.bytes()[(element / 2 + (high ? half : 0)) * size + i % size]);
        }
      }
    }
    for (int lane = 0; lane < 16; ++lane) {
      const auto l = static_cast<unsigned>(lane);
      run(Op::dv_ext_w_, {3, 1, 2, lane});
      for (unsigned i = 0; i < 16; ++i) EXPECT_EQ(hart.v(3).lane[i], i + l < 16 ? a.lane[i + l] : b.lane[i + l - 16]);
      run(Op::dv_bcast_w_, {3, 1, lane});
      for (unsigned i = 0; i < 16; ++i) EXPECT_EQ(hart.v(3).lane[i], a.lane[l]);
    }
  }
}

TEST_F(IsaVector, SourceAndDestinationMayBeTheSame) {
  const Vector a = random_vector(), b = random_vector();
  for (const unsigned vd : {1U, 2U}) {
    hart.set_v(1, a);
    hart.set_v(2, b);
    run(Op::dv_ext_w_, {vd, 1, 2, 5});
    for (unsigned i = 0; i < 16; ++i) EXPECT_EQ(hart.v(vd).lane[i], i < 11 ? a.lane[i + 5] : b.lane[i - 11]);
    hart.set_v(1, a);
    hart.set_v(2, b);
    run(Op::dv_ziphi_b_, {vd, 1, 2});
    for (unsigned i = 0; i < 32; ++i) EXPECT_EQ(hart.v(vd).bytes()[2 * i], a.bytes()[32 + i]);
    hart.set_v(1, a);
    run(Op::dv_perm_w_, {1, 1, 1});
    for (unsigned i = 0; i < 16; ++i) EXPECT_EQ(hart.v(1).lane[i], a.lane[a.lane[i] % 16]);
  }
}

TEST_F(IsaVector, Moves) {
  const Vector a = random_vector();
  hart.set_v(1, a);
  hart.set_x(a1, 0x1234'5678'9ABC'DEF0);
  run(Op::dv_mv_v_x_, {3, a1});
  for (const u32 lane : hart.v(3).lane) EXPECT_EQ(lane, 0x9ABC'DEF0U);
  run(Op::dv_mv_v_v_, {3, 1});
  EXPECT_EQ(hart.v(3), a);
  for (int lane = 0; lane < 16; ++lane) {
    const auto l = static_cast<unsigned>(lane);
    run(Op::dv_mv_v_v_, {3, 1});
    run(Op::dv_ins_w_, {3, a1, lane});
    for (unsigned i = 0; i < 16; ++i) EXPECT_EQ(hart.v(3).lane[i], i == l ? 0x9ABC'DEF0U : a.lane[i]);
    EXPECT_EQ(result(Op::dv_mv_x_w_, {a0, 1, lane}), static_cast<std::uint64_t>(std::int64_t{sgn(a.lane[l])}));
  }
}

TEST_F(IsaVector, Conversions) {
  hart.csrs().dseed = 0x1234'5678'9ABC'DEF0;
  for (unsigned s = 0; s < 6; ++s) {
    for (unsigned d = 0; d < 12; ++d) {
      const auto from = hart.csrs().dfmt[s];
      // Descriptors 6..11 are those of 0..5 with stochastic rounding.
      if (d >= 6)
        hart.csrs().dfmt[d] =
            golden::Descriptor(static_cast<std::uint16_t>(hart.csrs().dfmt[d - 6].packed() | 1U << 10));
      const auto to = hart.csrs().dfmt[d];
      const auto ss = static_cast<unsigned>(from.bytes()), ds = static_cast<unsigned>(to.bytes());
      const unsigned n = ss == 4 || ds == 4 ? 16 : 32;
      const unsigned parts = std::max(64 / ss, 64 / ds) / n;
      for (unsigned part = 0; part < 4; ++part) {
        const Vector a = floats(), old = random_vector();
        hart.set_v(1, a);
        hart.set_v(3, old);
        hart.csrs().dcount = random();
        hart.set_pc(kBase);
        run(Op::dv_cvt_, {3, 1, s, d, part});
        if (part >= parts) {
          expect_trap(Cause::illegal_instruction, record.insn);
          EXPECT_EQ(hart.v(3), old);
          continue;
        }
        Vector expected = old;
        golden::Flags flags = 0;
        for (unsigned i = 0; i < n; ++i) {
          const unsigned si = (64 / ss > n ? part * n : 0) + i, di = (64 / ds > n ? part * n : 0) + i;
          u32 code = 0;
          std::memcpy(&code, a.bytes() + si * ss, ss);
          const golden::Coded c = golden::convert_indexed(code, from, to, hart.csrs().dseed, hart.csrs().dcount + i);
          std::memcpy(expected.bytes() + di * ds, &c.code, ds);
          flags |= c.flags;
        }
        EXPECT_EQ(hart.v(3), expected) << "from " << s << " to " << d << " part " << part;
        EXPECT_EQ(record.flags, flags);
      }
    }
  }
}

}  // namespace
}  // namespace tatami::test
