// Random programs: frame, scalar instructions, branches, addresses, scalar memory and atomics.
#include <stdexcept>
#include <string_view>

#include "random_thread.h"

namespace tatami::isa_test {

using test::encode;

namespace {

std::vector<Op> ops_of(std::string_view extension) {
  std::vector<Op> ops;
  for (const isa::Opcode& entry : isa::kOpcodes) {
    if (entry.extension == extension) ops.push_back(entry.op);
  }
  return ops;
}

}  // namespace

Generator::Generator(const RandomConfig& config, unsigned thread, Random& random)
    : random_(random),
      width_(config.width),
      height_(config.height),
      thread_(thread),
      lists_(config.lists),
      code_(kCode + thread * kCodeBytes),
      vector_ops_(ops_of("xd1vec")) {
  // Every thread has its own taste, so that some runs stress one unit and others mix.
  for (unsigned& weight : weights_) weight = random_.percent(30) ? 0 : static_cast<unsigned>(random_.below(10));
  if (config.seed % 4 == 0) weights_.fill(3);
  weights_[0] += 2;
  if (width_ * height_ > 1) weights_[kNetwork] += 15;  // somebody to talk to
  prologue();
}

void Generator::segment(unsigned groups, bool last) {
  may_sleep_ = last && thread_ != 0;
  while (groups > 0) {
    if (groups >= 6 && random_.percent(12)) {
      const auto body = static_cast<unsigned>(random_.between(1, 5));
      loop(body);
      groups -= body;
    } else {
      group();
      --groups;
    }
  }
}

void Generator::epilogue() {
  code_.op(Op::fence_, 0, 15, 15, 0, 0);
  code_.li(kAddress, static_cast<std::int64_t>(kDone));
  code_.li(kSecond, 1);
  code_.op(Op::amoadd_d_, 0, kAddress, kSecond, 0, 0);
  if (thread_ == 0) {
    // The beat wakes threads that sleep in wfi.
    const std::size_t top = code_.size();
    code_.op(Op::dn_ctr_add_, kSecond, kBeatCounter);
    code_.op(Op::ld_, kFirstData, kAddress, 0);
    code_.op(Op::addi_, kFirstData, kFirstData, -4);
    code_.branch_back(Op::bne_, kFirstData, 0, top);
    code_.li(kAddress, static_cast<std::int64_t>(kTohost));
    code_.op(Op::sw_, kAddress, kSecond, 0);
  } else {
    code_.op(Op::dn_ctr_wait_, kSecond, kSilentCounter);
  }
  code_.op(Op::jal_, 0, 0);
  if (4 * code_.size() > kCodeBytes) throw std::logic_error("random program: code of a thread does not fit");
}

void Generator::prologue() {
  code_.li(kMine, static_cast<std::int64_t>(kPrivate + thread_ * kRegionBytes + kRegionMiddle));
  code_.li(kOurs, static_cast<std::int64_t>(kShared + kRegionMiddle));
  code_.li(kEnd, static_cast<std::int64_t>(kSramEnd));
  code_.li(kAddress, static_cast<std::int64_t>(kHandler));
  code_.op(Op::csrrw_, 0, kAddress, kCsrMtvec);
  code_.op(Op::csrrs_, kNode, 0, kCsrDnodey);
  code_.op(Op::slli_, kNode, kNode, 8);
  code_.op(Op::csrrs_, kAddress, 0, kCsrDnodex);
  code_.op(Op::or_, kNode, kNode, kAddress);
  code_.op(Op::slli_, kNode, kNode, 32);
  for (unsigned i = kFirstData; i <= kLastData; ++i) code_.op(Op::ld_, i, kMine, 8 * (i - kFirstData));
  code_.op(Op::addi_, kAddress, kMine, -2048);
  for (unsigned i = 0; i < 32; ++i) code_.op(Op::dv_ldp_, i, kAddress, 64, 0);
  descriptors();
  code_.op(Op::csrrw_, 0, data(), 0x7D1);
  code_.op(Op::csrrw_, 0, data(), 0x7D2);
  code_.op(Op::dm_zero_, random_.below(256));
}

std::uint32_t Generator::descriptor(unsigned kind) {
  return kind | static_cast<std::uint32_t>(random_.percent(50) ? 15 : random_.below(64)) << 4 |
         static_cast<std::uint32_t>(random_.below(4)) << 10;
}

void Generator::descriptors() {
  static constexpr std::array<unsigned, 3> k16 = {1, 4, 5};
  for (unsigned i = 0; i < 16; ++i) {
    std::uint32_t value = descriptor(0);
    if (i >= kFirst16 && i <= kLast16) value = descriptor(i <= 3 ? k16[i - 1] : random_.pick(k16));
    if (i >= kFirst8 && i <= kLast8) value = descriptor(2 + static_cast<unsigned>(random_.below(2)));
    if (i == kBadDescriptor)
      value = random_.percent(50) ? 6 + static_cast<unsigned>(random_.below(10)) : 0x1000U << random_.below(4);
    code_.li(kAddress, value);
    code_.op(Op::csrrw_, 0, kAddress, 0x7C0 + i);
  }
}

void Generator::loop(unsigned groups) {
  code_.li(kLoop, random_.between(2, 5));
  const std::size_t top = code_.size();
  for (unsigned i = 0; i < groups; ++i) group();
  code_.op(Op::addi_, kLoop, kLoop, -1);
  if (code_.size() - top < 1000) code_.branch_back(Op::bne_, kLoop, 0, top);
}

void Generator::group() {
  using Maker = void (Generator::*)();
  static constexpr std::array<Maker, 13> kMakers = {
      &Generator::scalar,  &Generator::scalar_memory, &Generator::atomic, &Generator::branch, &Generator::vector_memory,
      &Generator::simd,    &Generator::convert,       &Generator::matrix, &Generator::csr,    &Generator::trap,
      &Generator::network, &Generator::ordering,      &Generator::race};
  static_assert(kMakers.size() == kKinds);
  unsigned total = 0;
  for (const unsigned weight : weights_) total += weight;
  auto ticket = random_.below(total);
  for (std::size_t i = 0; i < kKinds; ++i) {
    if (ticket < weights_[i]) return (this->*kMakers[i])();
    ticket -= weights_[i];
  }
}

void Generator::scalar() {
  static constexpr std::array kRegister = {
      Op::add_,  Op::sub_,  Op::sll_,  Op::slt_,  Op::sltu_, Op::xor_,   Op::srl_,  Op::sra_,    Op::or_,    Op::and_,
      Op::addw_, Op::subw_, Op::sllw_, Op::srlw_, Op::sraw_, Op::mul_,   Op::mulh_, Op::mulhsu_, Op::mulhu_, Op::div_,
      Op::divu_, Op::rem_,  Op::remu_, Op::mulw_, Op::divw_, Op::divuw_, Op::remw_, Op::remuw_};
  static constexpr std::array kImmediate = {Op::addi_, Op::slti_, Op::sltiu_, Op::xori_,
                                            Op::ori_,  Op::andi_, Op::addiw_};
  static constexpr std::array kShift = {Op::slli_, Op::srli_, Op::srai_};
  static constexpr std::array kShiftWord = {Op::slliw_, Op::srliw_, Op::sraiw_};
  const auto count = random_.between(1, 6);
  for (std::int64_t i = 0; i < count; ++i) {
    switch (random_.below(10)) {
      case 0: code_.op(random_.pick(kShift), target(), source(), random_.below(64)); break;
      case 1: code_.op(random_.pick(kShiftWord), target(), source(), random_.below(32)); break;
      case 2:
        code_.op(random_.percent(50) ? Op::lui_ : Op::auipc_, target(),
                 static_cast<std::int32_t>(random_.bits() & 0xFFFF'F000));
        break;
      case 3:
        code_.li(data(), static_cast<std::int64_t>(random_.percent(50) ? random_.pick(kCorners)
                                                                       : random_.bits() >> random_.below(64)));
        break;
      case 4:
      case 5: code_.op(random_.pick(kImmediate), target(), source(), random_.between(-2048, 2047)); break;
      default: code_.op(random_.pick(kRegister), target(), source(), source());
    }
  }
}

void Generator::branch() {
  static constexpr std::array kBranches = {Op::beq_, Op::bne_, Op::blt_, Op::bge_, Op::bltu_, Op::bgeu_};
  const std::size_t at = code_.size();
  const auto kind = random_.below(8);
  if (kind == 0) {  // jalr
    code_.op(Op::auipc_, kAddress, 0);
    const std::size_t hole = code_.hole();
    skipped();
    const auto distance = static_cast<std::int64_t>(code_.size() - at) * 4;
    // Bit 0 of the target is cleared.
    code_.fill(hole, encode(Op::jalr_, {kLink, kAddress, distance + (random_.percent(20) ? 1 : 0)}));
  } else if (kind == 1) {
    const std::size_t hole = code_.hole();
    skipped();
    code_.fill_jump(hole, random_.percent(50) ? 0 : kLink);
  } else {
    const Op op = random_.pick(kBranches);
    const unsigned rs1 = source(), rs2 = random_.percent(20) ? rs1 : source();
    const std::size_t hole = code_.hole();
    skipped();
    code_.fill_branch(hole, op, rs1, rs2);
  }
}

void Generator::skipped() {
  if (depth_ >= 2) return scalar();
  ++depth_;
  const auto groups = random_.between(0, 2);
  for (std::int64_t i = 0; i < groups; ++i) group();
  if (code_.size() % 3 == 0) scalar();
  --depth_;
}

bool Generator::address(unsigned align) {
  const auto where = random_.below(100);
  if (where >= 96) {  // never in SRAM: bits 32:0 are 0
    code_.op(Op::slli_, kAddress, source(), 33);
    return false;
  }
  if (where >= 90) {  // the ends of SRAM
    if (random_.percent(50)) {
      code_.op(Op::addi_, kAddress, kEnd, aligned(random_.between(-160, 32), align));
    } else {
      code_.li(kAddress, static_cast<std::int64_t>(kSramBase) + aligned(random_.between(-64, 256), align));
    }
    return false;
  }
  const unsigned base = where < 50 ? kMine : kOurs;
  if (where % 2 == 0) {
    code_.op(Op::addi_, kAddress, base,
             aligned(where % 4 == 0 ? random_.between(0, 255) : random_.between(-2048, 2040), align));
  } else {
    code_.op(Op::andi_, kAddress, source(), aligned(random_.percent(50) ? 0xFF : 0x7FF, align));
    code_.op(Op::add_, kAddress, kAddress, base);
  }
  return true;
}

void Generator::scalar_memory() {
  static constexpr std::array kLoads = {Op::lb_, Op::lh_, Op::lw_, Op::ld_, Op::lbu_, Op::lhu_, Op::lwu_};
  static constexpr std::array kStores = {Op::sb_, Op::sh_, Op::sw_, Op::sd_};
  address(random_.percent(60) ? 8 : 1);
  const auto count = random_.between(1, 4);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto offset = random_.percent(70) ? 8 * random_.between(0, 3) : random_.between(-20, 20);
    if (random_.percent(50)) {
      code_.op(random_.pick(kLoads), target(), kAddress, offset);
    } else {
      code_.op(random_.pick(kStores), kAddress, source(), offset);
    }
  }
}

void Generator::atomic() {
  static constexpr std::array kWord = {Op::amoswap_w_, Op::amoadd_w_, Op::amoxor_w_,  Op::amoand_w_, Op::amoor_w_,
                                       Op::amomin_w_,  Op::amomax_w_, Op::amominu_w_, Op::amomaxu_w_};
  static constexpr std::array kDouble = {Op::amoswap_d_, Op::amoadd_d_, Op::amoxor_d_,  Op::amoand_d_, Op::amoor_d_,
                                         Op::amomin_d_,  Op::amomax_d_, Op::amominu_d_, Op::amomaxu_d_};
  const bool wide = random_.percent(50);
  address(random_.percent(93) ? (wide ? 8 : 4) : 1);
  const auto aq = random_.below(2), rl = random_.below(2);
  if (random_.percent(50)) {
    const auto count = random_.between(1, 3);
    for (std::int64_t i = 0; i < count; ++i)
      code_.op(wide ? random_.pick(kDouble) : random_.pick(kWord), target(), kAddress, source(), aq, rl);
    return;
  }
  const auto rounds = random_.between(1, 2);
  for (std::int64_t i = 0; i < rounds; ++i) {
    code_.op(wide ? Op::lr_d_ : Op::lr_w_, target(), kAddress, aq, rl);
    switch (random_.below(8)) {
      case 0: code_.op(Op::sb_, kAddress, source(), random_.between(-64, 64)); break;
      case 1: code_.op(Op::dv_st_, vector(), kAddress, random_.between(-128, 128), 0); break;
      case 2: code_.op(Op::ecall_); break;
      case 3: code_.op(Op::amoor_w_, target(), kAddress, 0, 0, 0); break;
      case 4: scalar(); break;
      case 5: code_.op(Op::addi_, kAddress, kAddress, 8 * random_.between(-4, 4)); break;
      default: break;
    }
    code_.op(wide != random_.percent(5) ? Op::sc_d_ : Op::sc_w_, target(), kAddress, source(), aq, rl);
  }
}

}  // namespace tatami::isa_test
