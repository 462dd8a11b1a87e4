// Random programs: vector memory, vector and matrix instructions, conversions.
#include "random_thread.h"

namespace tatami::isa_test {

using test::opcode;

void Generator::limits() {
  code_.li(kSecond, static_cast<std::int64_t>(random_.percent(20) ? random_.bits() & 0xFFFF
                                                                  : random_.below(18) | random_.below(66) << 8));
  code_.op(Op::csrrw_, random_.percent(80) ? 0 : data(), kSecond, 0x7D3);
}

void Generator::vector_memory() {
  static constexpr std::array<std::int64_t, 20> kStrides = {0,  1,  2,  3,  4,   5,   7,   8,  12,  16,
                                                            24, 60, 64, 65, 128, 192, 256, -8, -64, -200};
  const bool pad = random_.percent(30);
  if (pad && random_.percent(60)) limits();
  const auto count = random_.between(1, 4);
  const auto form = random_.below(3);
  static constexpr std::array<unsigned, 6> kAligns = {1, 4, 8, 8, 64, 64};
  if (form == 1) code_.li(kStride, random_.pick(kStrides));
  bool loads_only = false;
  if (form == 2) {
    if (random_.percent(4)) {
      loads_only = true;  // an index may name any address
      code_.op(Op::dv_mv_v_v_, kIndex, vector());
    } else {
      code_.op(random_.percent(70) ? Op::dv_srli_ : Op::dv_srai_, kIndex, vector(), random_.between(21, 28));
      if (random_.percent(60)) code_.op(Op::dv_slli_, kIndex, kIndex, random_.below(3));
    }
  }
  address(random_.pick(kAligns));
  for (std::int64_t i = 0; i < count; ++i) {
    const bool load = loads_only || random_.percent(60);
    const unsigned v = vector();
    const bool padded = pad && random_.percent(80);
    if (form == 0) {
      const bool increment = random_.percent(40);
      const auto offset = random_.percent(50) ? 64 * random_.between(-1, 1) : random_.between(-100, 100);
      const Op op = load ? (increment ? Op::dv_ldp_ : Op::dv_ld_) : (increment ? Op::dv_stp_ : Op::dv_st_);
      code_.op(op, v, kAddress, offset, padded);
    } else if (form == 1) {
      const auto shape = random_.percent(97) ? random_.below(7) : 7;
      const auto amode = random_.percent(97) ? random_.below(7) : 7;
      code_.op(load ? Op::dv_lds_ : Op::dv_sts_, v, kAddress, kStride, shape, amode, padded);
    } else {
      const auto shape = random_.percent(96) ? random_.below(3) : random_.below(8);
      auto amode = random_.percent(96) ? random_.below(6) : random_.below(8);
      if (amode == 5) amode = 6;
      // An index register that is also the destination is legal. What it has loaded would be indices to anywhere, the
      // programs' own ends included.
      const unsigned data = random_.percent(5) ? kIndex : v;
      code_.op(load ? Op::dv_ldx_ : Op::dv_stx_, data, kAddress, kIndex, shape, amode, padded);
      if (load && data == kIndex) code_.op(Op::dv_srli_, kIndex, kIndex, 24);
      if (load && random_.percent(30)) code_.op(Op::dv_srli_, kIndex, kIndex, 1);
    }
    if (random_.percent(30)) use_soon(v);
  }
}

void Generator::use_soon(unsigned v) {
  switch (random_.below(4)) {
    case 0: code_.op(Op::dv_mv_x_w_, target(), v, random_.below(16)); break;
    case 1: code_.op(Op::dv_add_, vector(), v, vector()); break;
    case 2: matrix_multiply(tile(), v, vector()); break;
    default: code_.op(Op::dv_ins_w_, v, source(), random_.below(16));
  }
}

void Generator::simd() {
  const auto count = random_.between(1, 6);
  for (std::int64_t i = 0; i < count; ++i) {
    const isa::Opcode& entry = opcode(random_.pick(vector_ops_));
    if (entry.op == Op::dv_cvt_) {
      convert();
      continue;
    }
    std::uint32_t word = entry.match;
    for (unsigned operand = 0; operand < entry.operand_count; ++operand) {
      const isa::Field field = entry.operands.at(operand).field;
      std::int64_t value = 0;
      switch (entry.operands.at(operand).kind) {
        case isa::Kind::kScalar: value = field == isa::Field::rd ? target() : source(); break;
        case isa::Kind::kVector: value = vector(); break;
        default: value = static_cast<std::int64_t>(random_.bits() & 31);
      }
      word |= isa::field_bits(field, value);
    }
    code_.word(word);
  }
}

unsigned Generator::any_descriptor() {
  if (random_.percent(3)) return kBadDescriptor;
  auto d = static_cast<unsigned>(random_.below(16));
  return d == kBadDescriptor ? 0 : d;
}

void Generator::set_counters() {
  if (random_.percent(20)) code_.op(Op::csrrw_, 0, source(), 0x7D2);
  if (random_.percent(10)) code_.op(Op::csrrw_, 0, source(), 0x7D1);
}

void Generator::convert() {
  set_counters();
  const auto count = random_.between(1, 3);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto part = random_.percent(60) ? 0 : random_.below(4);
    code_.op(Op::dv_cvt_, vector(), vector(), any_descriptor(), any_descriptor(), part);
  }
}

void Generator::matrix_multiply(unsigned t, unsigned a, unsigned b) {
  const bool wide = random_.percent(50);
  const auto choose = [&] {
    return wide ? static_cast<unsigned>(random_.between(kFirst16, kLast16))
                : static_cast<unsigned>(random_.between(kFirst8, kLast8));
  };
  const bool proper = random_.percent(96);
  code_.op(Op::dm_mma_, t, a, b, proper ? choose() : any_descriptor(), proper ? choose() : any_descriptor(),
           random_.percent(25));
}

void Generator::matrix() {
  set_counters();
  const auto count = random_.between(1, 10);
  for (std::int64_t i = 0; i < count; ++i) {
    switch (random_.below(12)) {
      case 0:
        code_.op(Op::dm_zero_, random_.percent(50) ? 1U << tile() : static_cast<unsigned>(random_.below(256)));
        break;
      case 1:
      case 2: {
        const unsigned v = vector();
        code_.op(Op::dm_mv_v_t_, v, random_.below(random_.percent(50) ? 8 : 32), any_descriptor(),
                 random_.percent(60) ? 0 : random_.below(4));
        if (random_.percent(50)) code_.op(Op::dv_st_, v, kMine, random_.between(-512, 512), 0);
        break;
      }
      case 3:
        code_.op(Op::dm_mv_t_v_, random_.below(random_.percent(50) ? 8 : 32), vector(), any_descriptor(),
                 random_.percent(60) ? 0 : random_.below(4));
        break;
      case 4: code_.op(Op::dv_ld_, vector(), kMine, 64 * random_.between(-16, 15), 0); break;
      default: matrix_multiply(tile(), vector(), vector());
    }
  }
}

}  // namespace tatami::isa_test
