// Vector arithmetic (docs/isa.md, section 6).
#include <algorithm>
#include <functional>

#include "golden/convert.h"
#include "golden/convert_part.h"
#include "golden/execute.h"
#include "golden/fp32.h"

namespace tatami::golden {
namespace {

using isa::Op;
using u32 = std::uint32_t;
using s32 = std::int32_t;

constexpr s32 sgn(u32 value) { return static_cast<s32>(value); }
constexpr u32 mask(bool condition) { return condition ? 0xFFFF'FFFFU : 0; }

// ---- FP32 lanes: F returns a Lane ----

template <auto F>
void fp2(Hart& h, const Decoded& d, Record& r) {
  const Vector a = h.v(d.rs1), b = h.v(d.rs2);
  Vector& to = h.write_v(r, d.rd);
  Flags flags = 0;
  for (unsigned i = 0; i < 16; ++i) {
    const Lane lane = F(a.lane[i], b.lane[i]);
    to.lane[i] = lane.bits;
    flags |= lane.flags;
  }
  h.raise(r, flags);
}

template <auto F>
void fp1(Hart& h, const Decoded& d, Record& r) {
  const Vector a = h.v(d.rs1);
  Vector& to = h.write_v(r, d.rd);
  Flags flags = 0;
  for (unsigned i = 0; i < 16; ++i) {
    const Lane lane = F(a.lane[i]);
    to.lane[i] = lane.bits;
    flags |= lane.flags;
  }
  h.raise(r, flags);
}

// F(vd, vs1, vs2)
template <auto F>
void fp3(Hart& h, const Decoded& d, Record& r) {
  const Vector a = h.v(d.rs1), b = h.v(d.rs2);
  Vector& to = h.write_v(r, d.rd);
  Flags flags = 0;
  for (unsigned i = 0; i < 16; ++i) {
    const Lane lane = F(to.lane[i], a.lane[i], b.lane[i]);
    to.lane[i] = lane.bits;
    flags |= lane.flags;
  }
  h.raise(r, flags);
}

// The same with one lane of vs1 for all.
template <auto F>
void fp2_lane(Hart& h, const Decoded& d, Record& r) {
  const u32 a = h.v(d.rs1).lane[isa::field_lane(d.insn)];
  const Vector b = h.v(d.rs2);
  Vector& to = h.write_v(r, d.rd);
  Flags flags = 0;
  for (unsigned i = 0; i < 16; ++i) {
    const Lane lane = F(a, b.lane[i]);
    to.lane[i] = lane.bits;
    flags |= lane.flags;
  }
  h.raise(r, flags);
}

template <auto F>
void fp3_lane(Hart& h, const Decoded& d, Record& r) {
  const u32 a = h.v(d.rs1).lane[isa::field_lane(d.insn)];
  const Vector b = h.v(d.rs2);
  Vector& to = h.write_v(r, d.rd);
  Flags flags = 0;
  for (unsigned i = 0; i < 16; ++i) {
    const Lane lane = F(to.lane[i], a, b.lane[i]);
    to.lane[i] = lane.bits;
    flags |= lane.flags;
  }
  h.raise(r, flags);
}

template <auto F>
void fp_reduce(Hart& h, const Decoded& d, Record& r) {
  const Vector a = h.v(d.rs1);
  const Lane lane = F(std::span<const u32, 16>(a.lane));
  Vector& to = h.write_v(r, d.rd);
  to.lane.fill(0);
  to.lane[0] = lane.bits;
  h.raise(r, lane.flags);
}

// ---- Lanes without flags ----

template <auto F>
void int2(Hart& h, const Decoded& d, Record& r) {
  const Vector a = h.v(d.rs1), b = h.v(d.rs2);
  Vector& to = h.write_v(r, d.rd);
  for (unsigned i = 0; i < 16; ++i) to.lane[i] = F(a.lane[i], b.lane[i]);
}

template <auto F>
void int_imm(Hart& h, const Decoded& d, Record& r) {
  const Vector a = h.v(d.rs1);
  Vector& to = h.write_v(r, d.rd);
  for (unsigned i = 0; i < 16; ++i) to.lane[i] = F(a.lane[i], static_cast<u32>(d.imm));
}

template <auto F>
void int_reduce(Hart& h, const Decoded& d, Record& r) {
  const Vector a = h.v(d.rs1);
  u32 value = a.lane[0];
  for (unsigned i = 1; i < 16; ++i) value = F(value, a.lane[i]);
  Vector& to = h.write_v(r, d.rd);
  to.lane.fill(0);
  to.lane[0] = value;
}

constexpr u32 add(u32 a, u32 b) { return a + b; }
constexpr u32 sub(u32 a, u32 b) { return a - b; }
constexpr u32 mul(u32 a, u32 b) { return a * b; }
constexpr u32 and_(u32 a, u32 b) { return a & b; }
constexpr u32 or_(u32 a, u32 b) { return a | b; }
constexpr u32 xor_(u32 a, u32 b) { return a ^ b; }
constexpr u32 sll(u32 a, u32 b) { return a << (b & 31); }
constexpr u32 srl(u32 a, u32 b) { return a >> (b & 31); }
constexpr u32 sra(u32 a, u32 b) { return static_cast<u32>(sgn(a) >> (b & 31)); }
constexpr u32 min(u32 a, u32 b) { return sgn(a) < sgn(b) ? a : b; }
constexpr u32 max(u32 a, u32 b) { return sgn(a) < sgn(b) ? b : a; }
constexpr u32 minu(u32 a, u32 b) { return std::min(a, b); }
constexpr u32 maxu(u32 a, u32 b) { return std::max(a, b); }
constexpr u32 seq(u32 a, u32 b) { return mask(a == b); }
constexpr u32 slt(u32 a, u32 b) { return mask(sgn(a) < sgn(b)); }
constexpr u32 sltu(u32 a, u32 b) { return mask(a < b); }

void select(Hart& h, const Decoded& d, Record& r) {
  const Vector a = h.v(d.rs1), b = h.v(d.rs2);
  Vector& to = h.write_v(r, d.rd);
  for (unsigned i = 0; i < 16; ++i) to.lane[i] = to.lane[i] != 0 ? a.lane[i] : b.lane[i];
}

// ---- Permutations and moves ----

void permute_words(Hart& h, const Decoded& d, Record& r) {
  const Vector a = h.v(d.rs1), index = h.v(d.rs2);
  Vector& to = h.write_v(r, d.rd);
  for (unsigned i = 0; i < 16; ++i) to.lane[i] = a.lane[index.lane[i] % 16];
}

void permute_bytes(Hart& h, const Decoded& d, Record& r) {
  const Vector a = h.v(d.rs1), index = h.v(d.rs2);
  Vector& to = h.write_v(r, d.rd);
  for (unsigned i = 0; i < 64; ++i) to.bytes()[i] = a.bytes()[index.bytes()[i] % 64];
}

template <unsigned Bytes, bool High>
void zip(Hart& h, const Decoded& d, Record& r) {
  const Vector a = h.v(d.rs1), b = h.v(d.rs2);
  std::uint8_t* to = h.write_v(r, d.rd).bytes();
  const unsigned start = High ? 32 : 0;
  for (std::size_t i = 0; i < 32; i += Bytes) {
    std::memcpy(to + 2 * i, a.bytes() + start + i, Bytes);
    std::memcpy(to + 2 * i + Bytes, b.bytes() + start + i, Bytes);
  }
}

void extract(Hart& h, const Decoded& d, Record& r) {
  const Vector a = h.v(d.rs1), b = h.v(d.rs2);
  const unsigned first = isa::field_lane(d.insn);
  Vector& to = h.write_v(r, d.rd);
  for (unsigned i = 0; i < 16; ++i) to.lane[i] = first + i < 16 ? a.lane[first + i] : b.lane[first + i - 16];
}

void broadcast(Hart& h, const Decoded& d, Record& r) {
  const u32 value = h.v(d.rs1).lane[isa::field_lane(d.insn)];
  h.write_v(r, d.rd).lane.fill(value);
}

void move_from_scalar(Hart& h, const Decoded& d, Record& r) {
  h.write_v(r, d.rd).lane.fill(static_cast<u32>(h.x(d.rs1)));
}

void insert(Hart& h, const Decoded& d, Record& r) {
  h.write_v(r, d.rd).lane[isa::field_lane(d.insn)] = static_cast<u32>(h.x(d.rs1));
}

void move_to_scalar(Hart& h, const Decoded& d, Record& r) {
  const s32 value = sgn(h.v(d.rs1).lane[isa::field_lane(d.insn)]);
  h.write_x(r, d.rd, static_cast<std::uint64_t>(std::int64_t{value}));
}

void move(Hart& h, const Decoded& d, Record& r) {
  const Vector a = h.v(d.rs1);
  h.write_v(r, d.rd) = a;
}

void convert_elements(Hart& h, const Decoded& d, Record& r) {
  const unsigned source = isa::field_sdesc(d.insn), destination = isa::field_ddesc(d.insn),
                 part = isa::field_part(d.insn);
  if (!check_descriptor(h, r, source) || !check_descriptor(h, r, destination)) return;
  const Descriptor from = h.csrs().dfmt[source], to = h.csrs().dfmt[destination];
  if (part >= convert_parts(from, to)) return h.illegal(r);
  const Vector a = h.v(d.rs1);
  h.raise(r, convert_part(a, from, h.write_v(r, d.rd), to, part, h.csrs()));
}

}  // namespace

Handler vector_handler(Op op) {
  switch (op) {
    case Op::dv_fadd_: return fp2<fadd>;
    case Op::dv_fsub_: return fp2<fsub>;
    case Op::dv_fmul_: return fp2<fmul>;
    case Op::dv_fmacc_: return fp3<fmacc>;
    case Op::dv_fnmacc_: return fp3<fnmacc>;
    case Op::dv_fmsac_: return fp3<fmsac>;
    case Op::dv_fnmsac_: return fp3<fnmsac>;
    case Op::dv_fmin_: return fp2<fmin>;
    case Op::dv_fmax_: return fp2<fmax>;
    case Op::dv_feq_: return fp2<feq>;
    case Op::dv_flt_: return fp2<flt>;
    case Op::dv_fle_: return fp2<fle>;
    case Op::dv_fsgnj_: return int2<fsgnj>;
    case Op::dv_fsgnjn_: return int2<fsgnjn>;
    case Op::dv_fsgnjx_: return int2<fsgnjx>;
    case Op::dv_fcvt_w_s_: return fp1<fcvt_w>;
    case Op::dv_fcvt_wu_s_: return fp1<fcvt_wu>;
    case Op::dv_fcvt_w_s_rtz_: return fp1<fcvt_w_rtz>;
    case Op::dv_fcvt_wu_s_rtz_: return fp1<fcvt_wu_rtz>;
    case Op::dv_fcvt_s_w_: return fp1<fcvt_s_w>;
    case Op::dv_fcvt_s_wu_: return fp1<fcvt_s_wu>;
    case Op::dv_frec7_: return fp1<frec7>;
    case Op::dv_frsqrt7_: return fp1<frsqrt7>;
    case Op::dv_fredsum_: return fp_reduce<fredsum>;
    case Op::dv_fredmin_: return fp_reduce<fredmin>;
    case Op::dv_fredmax_: return fp_reduce<fredmax>;
    case Op::dv_fmacc_l_: return fp3_lane<fmacc>;
    case Op::dv_fnmsac_l_: return fp3_lane<fnmsac>;
    case Op::dv_fmul_l_: return fp2_lane<fmul>;
    case Op::dv_fadd_l_: return fp2_lane<fadd>;
    case Op::dv_add_: return int2<add>;
    case Op::dv_sub_: return int2<sub>;
    case Op::dv_mul_: return int2<mul>;
    case Op::dv_and_: return int2<and_>;
    case Op::dv_or_: return int2<or_>;
    case Op::dv_xor_: return int2<xor_>;
    case Op::dv_sll_: return int2<sll>;
    case Op::dv_srl_: return int2<srl>;
    case Op::dv_sra_: return int2<sra>;
    case Op::dv_min_: return int2<min>;
    case Op::dv_max_: return int2<max>;
    case Op::dv_minu_: return int2<minu>;
    case Op::dv_maxu_: return int2<maxu>;
    case Op::dv_seq_: return int2<seq>;
    case Op::dv_slt_: return int2<slt>;
    case Op::dv_sltu_: return int2<sltu>;
    case Op::dv_sel_: return select;
    case Op::dv_redsum_: return int_reduce<add>;
    case Op::dv_redmin_: return int_reduce<min>;
    case Op::dv_redmax_: return int_reduce<max>;
    case Op::dv_redminu_: return int_reduce<minu>;
    case Op::dv_redmaxu_: return int_reduce<maxu>;
    case Op::dv_addi_: return int_imm<add>;
    case Op::dv_andi_: return int_imm<and_>;
    case Op::dv_slli_: return int_imm<sll>;
    case Op::dv_srli_: return int_imm<srl>;
    case Op::dv_srai_: return int_imm<sra>;
    case Op::dv_perm_w_: return permute_words;
    case Op::dv_perm_b_: return permute_bytes;
    case Op::dv_ziplo_b_: return zip<1, false>;
    case Op::dv_ziphi_b_: return zip<1, true>;
    case Op::dv_ziplo_h_: return zip<2, false>;
    case Op::dv_ziphi_h_: return zip<2, true>;
    case Op::dv_ziplo_w_: return zip<4, false>;
    case Op::dv_ziphi_w_: return zip<4, true>;
    case Op::dv_ext_w_: return extract;
    case Op::dv_bcast_w_: return broadcast;
    case Op::dv_mv_v_x_: return move_from_scalar;
    case Op::dv_ins_w_: return insert;
    case Op::dv_mv_x_w_: return move_to_scalar;
    case Op::dv_mv_v_v_: return move;
    case Op::dv_cvt_: return convert_elements;
    default: return nullptr;
  }
}

}  // namespace tatami::golden
