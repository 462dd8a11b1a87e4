// What one instruction of the SIMD unit must deliver: docs/isa.md sections 6 and 7 on top of the golden arithmetic.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>

#include "golden/convert.h"
#include "golden/fp32.h"
#include "opcodes.gen.h"

namespace tatami::simd {

using isa::Op;
using Lanes = std::array<std::uint32_t, 16>;

/// The inputs of an issue.
struct Issue {
  Op op{};
  std::uint32_t insn = 0;
  unsigned thread = 0;
  Lanes vs1{}, vs2{}, vd{}, tile{};
  std::uint32_t x = 0;
  golden::Descriptor source, destination;
  std::uint64_t seed = 0, count = 0;
};

enum class Target : std::uint8_t { vector = 0, scalar = 1, tile = 2 };

struct Result {
  Target target = Target::vector;
  Lanes data{};
  golden::Flags flags = 0;
};

template <typename T>
using Elements = std::array<T, 64 / sizeof(T)>;

template <typename T>
Elements<T> elements(const Lanes& v) {
  Elements<T> e;
  std::memcpy(e.data(), v.data(), 64);
  return e;
}

template <typename T>
Lanes lanes(const Elements<T>& e) {
  Lanes v;
  std::memcpy(v.data(), e.data(), 64);
  return v;
}

inline std::uint32_t element(const Lanes& v, int bytes, int index) {
  std::uint32_t code = 0;
  std::memcpy(&code, reinterpret_cast<const char*>(v.data()) + bytes * index, static_cast<std::size_t>(bytes));
  return code;
}

inline void set_element(Lanes& v, int bytes, int index, std::uint32_t code) {
  std::memcpy(reinterpret_cast<char*>(v.data()) + bytes * index, &code, static_cast<std::size_t>(bytes));
}

/// Elements that a conversion handles, and how many parts the wider-populated side has.
inline int converted(golden::Descriptor s, golden::Descriptor d) {
  return std::min(32, 64 / std::max(s.bytes(), d.bytes()));
}
inline int parts(golden::Descriptor s, golden::Descriptor d) {
  return std::max(64 / s.bytes(), 64 / d.bytes()) / converted(s, d);
}

inline Result convert(const Lanes& from, const Lanes& old, golden::Descriptor s, golden::Descriptor d, int part,
                      std::uint64_t seed, std::uint64_t count) {
  Result r;
  r.data = old;
  const int n = converted(s, d);
  const int first_source = 64 / s.bytes() > n ? part * n : 0;
  const int first_destination = 64 / d.bytes() > n ? part * n : 0;
  for (int i = 0; i < n; ++i) {
    const std::uint32_t code = element(from, s.bytes(), first_source + i);
    const golden::Coded c = d.rounding() == golden::Rounding::stochastic
                                ? golden::convert_indexed(code, s, d, seed, count + static_cast<std::uint64_t>(i))
                                : golden::convert(code, s, d);
    set_element(r.data, d.bytes(), first_destination + i, c.code);
    r.flags |= c.flags;
  }
  return r;
}

template <typename T>
Lanes zip(const Lanes& a, const Lanes& b, bool high) {
  const auto ea = elements<T>(a);
  const auto eb = elements<T>(b);
  const std::size_t half = ea.size() / 2;
  const std::size_t off = high ? half : 0;
  Elements<T> r;
  for (std::size_t i = 0; i < half; ++i) {
    r[2 * i] = ea[i + off];
    r[2 * i + 1] = eb[i + off];
  }
  return lanes<T>(r);
}

inline Result reference(const Issue& is) {
  using golden::Lane;
  Result r;
  const std::uint32_t insn = is.insn;
  const std::uint32_t lane = isa::field_lane(insn);
  const std::uint32_t picked = is.vs1[lane];
  const auto part = static_cast<int>(isa::field_part(insn));
  const auto simm = static_cast<std::uint32_t>(isa::field_vsimm5(insn));
  const std::uint32_t shamt = isa::field_vuimm5(insn);
  const auto s32 = [](std::uint32_t v) { return static_cast<std::int32_t>(v); };
  const auto mask = [](bool b) { return b ? 0xFFFF'FFFFU : 0U; };

  const auto fp = [&](auto f) {
    for (std::size_t i = 0; i < 16; ++i) {
      const Lane l = f(i);
      r.data[i] = l.bits;
      r.flags |= l.flags;
    }
  };
  const auto fp1 = [&](Lane (*f)(std::uint32_t)) { fp([&](std::size_t i) { return f(is.vs1[i]); }); };
  const auto fp2 = [&](Lane (*f)(std::uint32_t, std::uint32_t)) {
    fp([&](std::size_t i) { return f(is.vs1[i], is.vs2[i]); });
  };
  const auto fp3 = [&](Lane (*f)(std::uint32_t, std::uint32_t, std::uint32_t)) {
    fp([&](std::size_t i) { return f(is.vd[i], is.vs1[i], is.vs2[i]); });
  };
  const auto in = [&](auto f) {
    for (std::size_t i = 0; i < 16; ++i) r.data[i] = f(is.vs1[i], is.vs2[i], is.vd[i]);
  };
  const auto fold = [&](auto f) {
    std::uint32_t v = is.vs1[0];
    for (std::size_t i = 1; i < 16; ++i) v = f(v, is.vs1[i]);
    r.data = {v};
  };
  const auto single = [&](Lane l) {
    r.data = {l.bits};
    r.flags = l.flags;
  };
  const auto least = [](auto compare, std::uint32_t a, std::uint32_t b) { return compare(a, b) ? a : b; };
  const auto lt = [&](std::uint32_t a, std::uint32_t b) { return s32(a) < s32(b); };
  const auto gt = [&](std::uint32_t a, std::uint32_t b) { return s32(a) > s32(b); };
  const std::less<std::uint32_t> ltu;
  const std::greater<std::uint32_t> gtu;
  using U = std::uint32_t;

  switch (is.op) {
    case Op::dv_fadd_: fp2(golden::fadd); break;
    case Op::dv_fsub_: fp2(golden::fsub); break;
    case Op::dv_fmul_: fp2(golden::fmul); break;
    case Op::dv_fmacc_: fp3(golden::fmacc); break;
    case Op::dv_fnmacc_: fp3(golden::fnmacc); break;
    case Op::dv_fmsac_: fp3(golden::fmsac); break;
    case Op::dv_fnmsac_: fp3(golden::fnmsac); break;
    case Op::dv_fmin_: fp2(golden::fmin); break;
    case Op::dv_fmax_: fp2(golden::fmax); break;
    case Op::dv_feq_: fp2(golden::feq); break;
    case Op::dv_flt_: fp2(golden::flt); break;
    case Op::dv_fle_: fp2(golden::fle); break;
    case Op::dv_fsgnj_: in([](U a, U b, U) { return golden::fsgnj(a, b); }); break;
    case Op::dv_fsgnjn_: in([](U a, U b, U) { return golden::fsgnjn(a, b); }); break;
    case Op::dv_fsgnjx_: in([](U a, U b, U) { return golden::fsgnjx(a, b); }); break;
    case Op::dv_fcvt_w_s_: fp1(golden::fcvt_w); break;
    case Op::dv_fcvt_wu_s_: fp1(golden::fcvt_wu); break;
    case Op::dv_fcvt_w_s_rtz_: fp1(golden::fcvt_w_rtz); break;
    case Op::dv_fcvt_wu_s_rtz_: fp1(golden::fcvt_wu_rtz); break;
    case Op::dv_fcvt_s_w_: fp1(golden::fcvt_s_w); break;
    case Op::dv_fcvt_s_wu_: fp1(golden::fcvt_s_wu); break;
    case Op::dv_frec7_: fp1(golden::frec7); break;
    case Op::dv_frsqrt7_: fp1(golden::frsqrt7); break;
    case Op::dv_fredsum_: single(golden::fredsum(is.vs1)); break;
    case Op::dv_fredmin_: single(golden::fredmin(is.vs1)); break;
    case Op::dv_fredmax_: single(golden::fredmax(is.vs1)); break;
    case Op::dv_fmacc_l_: fp([&](std::size_t i) { return golden::fmacc(is.vd[i], picked, is.vs2[i]); }); break;
    case Op::dv_fnmsac_l_: fp([&](std::size_t i) { return golden::fnmsac(is.vd[i], picked, is.vs2[i]); }); break;
    case Op::dv_fmul_l_: fp([&](std::size_t i) { return golden::fmul(picked, is.vs2[i]); }); break;
    case Op::dv_fadd_l_: fp([&](std::size_t i) { return golden::fadd(picked, is.vs2[i]); }); break;

    case Op::dv_add_: in([](U a, U b, U) { return a + b; }); break;
    case Op::dv_sub_: in([](U a, U b, U) { return a - b; }); break;
    case Op::dv_mul_: in([](U a, U b, U) { return a * b; }); break;
    case Op::dv_and_: in([](U a, U b, U) { return a & b; }); break;
    case Op::dv_or_: in([](U a, U b, U) { return a | b; }); break;
    case Op::dv_xor_: in([](U a, U b, U) { return a ^ b; }); break;
    case Op::dv_sll_: in([](U a, U b, U) { return a << (b & 31); }); break;
    case Op::dv_srl_: in([](U a, U b, U) { return a >> (b & 31); }); break;
    case Op::dv_sra_: in([&](U a, U b, U) { return static_cast<U>(s32(a) >> (b & 31)); }); break;
    case Op::dv_min_: in([&](U a, U b, U) { return least(lt, a, b); }); break;
    case Op::dv_max_: in([&](U a, U b, U) { return least(gt, a, b); }); break;
    case Op::dv_minu_: in([&](U a, U b, U) { return least(ltu, a, b); }); break;
    case Op::dv_maxu_: in([&](U a, U b, U) { return least(gtu, a, b); }); break;
    case Op::dv_seq_: in([&](U a, U b, U) { return mask(a == b); }); break;
    case Op::dv_slt_: in([&](U a, U b, U) { return mask(lt(a, b)); }); break;
    case Op::dv_sltu_: in([&](U a, U b, U) { return mask(a < b); }); break;
    case Op::dv_sel_: in([](U a, U b, U d) { return d != 0 ? a : b; }); break;
    case Op::dv_redsum_: fold(std::plus<U>()); break;
    case Op::dv_redmin_: fold([&](U a, U b) { return least(lt, a, b); }); break;
    case Op::dv_redmax_: fold([&](U a, U b) { return least(gt, a, b); }); break;
    case Op::dv_redminu_: fold([&](U a, U b) { return least(ltu, a, b); }); break;
    case Op::dv_redmaxu_: fold([&](U a, U b) { return least(gtu, a, b); }); break;
    case Op::dv_addi_: in([&](U a, U, U) { return a + simm; }); break;
    case Op::dv_andi_: in([&](U a, U, U) { return a & simm; }); break;
    case Op::dv_slli_: in([&](U a, U, U) { return a << shamt; }); break;
    case Op::dv_srli_: in([&](U a, U, U) { return a >> shamt; }); break;
    case Op::dv_srai_: in([&](U a, U, U) { return static_cast<U>(s32(a) >> shamt); }); break;

    case Op::dv_perm_w_: in([&](U, U b, U) { return is.vs1[b % 16]; }); break;
    case Op::dv_perm_b_: {
      const auto a = elements<std::uint8_t>(is.vs1);
      auto e = elements<std::uint8_t>(is.vs2);
      for (auto& byte : e) byte = a[byte % 64];
      r.data = lanes<std::uint8_t>(e);
      break;
    }
    case Op::dv_ziplo_b_: r.data = zip<std::uint8_t>(is.vs1, is.vs2, false); break;
    case Op::dv_ziphi_b_: r.data = zip<std::uint8_t>(is.vs1, is.vs2, true); break;
    case Op::dv_ziplo_h_: r.data = zip<std::uint16_t>(is.vs1, is.vs2, false); break;
    case Op::dv_ziphi_h_: r.data = zip<std::uint16_t>(is.vs1, is.vs2, true); break;
    case Op::dv_ziplo_w_: r.data = zip<std::uint32_t>(is.vs1, is.vs2, false); break;
    case Op::dv_ziphi_w_: r.data = zip<std::uint32_t>(is.vs1, is.vs2, true); break;
    case Op::dv_ext_w_:
      for (std::size_t i = 0; i < 16; ++i) r.data[i] = lane + i < 16 ? is.vs1[lane + i] : is.vs2[lane + i - 16];
      break;
    case Op::dv_bcast_w_: r.data.fill(picked); break;
    case Op::dv_mv_v_x_: r.data.fill(is.x); break;
    case Op::dv_ins_w_:
      r.data = is.vd;
      r.data[lane] = is.x;
      break;
    case Op::dv_mv_x_w_:
      r.target = Target::scalar;
      r.data = {picked, mask(s32(picked) < 0)};
      break;
    case Op::dv_mv_v_v_: r.data = is.vs1; break;

    case Op::dv_cvt_: r = convert(is.vs1, is.vd, is.source, is.destination, part, is.seed, is.count); break;
    case Op::dm_mv_v_t_:
      r = convert(is.tile, is.vd, golden::Descriptor(), is.destination, part, is.seed, is.count);
      break;
    case Op::dm_mv_t_v_:
      r = convert(is.vs1, is.vd, is.source, golden::Descriptor(), part, is.seed, is.count);
      r.target = Target::tile;
      break;
    default: std::abort();
  }
  return r;
}

}  // namespace tatami::simd
