#include "random_program.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "assembler.h"

namespace tatami::isa_test {
namespace {

using test::Assembler;
using test::encode;
using test::in_table;
using test::Op;
using test::opcode;

// Memory. Both ends of SRAM are data, so that accesses across them, also with the largest strides, hurt no code.
constexpr std::uint64_t kLowBytes = 0x5000;
constexpr std::uint64_t kEntry = kSramBase + 0xA000;
constexpr std::uint64_t kHandler = kSramBase + 0xA800;  // handlers, 0x100 bytes apart
constexpr unsigned kHandlers = 2;
constexpr std::uint64_t kCode = kSramBase + 0x1'0000;  // 0x2'0000 a thread
constexpr std::uint64_t kCodeBytes = 0x2'0000;
constexpr std::uint64_t kShared = kSramBase + 0xA'0000;   // 32 KB, races
constexpr std::uint64_t kPrivate = kSramBase + 0xB'0000;  // 32 KB a thread
constexpr std::uint64_t kRegionBytes = 0x8000;
constexpr std::uint64_t kRegionMiddle = 0x4000;
constexpr std::uint64_t kTohost = kSramBase + 0xE'0000;
constexpr std::uint64_t kDone = kTohost + 64;
constexpr std::uint64_t kSramEnd = kSramBase + kSramBytes;
constexpr std::uint64_t kEdge = kSramEnd - 0x1000;

// Scalar registers with a purpose. The others, x8..x27, hold random data.
constexpr unsigned kLoop = 1;  // loop counter
constexpr unsigned kMine = 2;  // middle of the thread's own memory
constexpr unsigned kOurs = 3;  // middle of the shared memory
constexpr unsigned kLink = 4;
constexpr unsigned kAddress = 5;
constexpr unsigned kSecond = 6;  // second operand of an access: stride, length
constexpr unsigned kEnd = 7;     // first address after SRAM
constexpr unsigned kFirstData = 8;
constexpr unsigned kLastData = 27;
constexpr unsigned kStride = 28;
constexpr unsigned kResume = 29;  // where the handler goes after a fetch from outside SRAM
constexpr unsigned kTrap = 30;    // the handler's
constexpr unsigned kNode = 31;    // this node's coordinates in place of a global address

constexpr unsigned kIndex = 31;  // vector register of small indices

// Descriptors as every thread sets them up; see Generator::descriptors().
constexpr unsigned kFirst16 = 1, kLast16 = 5, kFirst8 = 6, kLast8 = 12, kBadDescriptor = 14;

// Arrival counters: everybody's, one of each thread's own to wait for, one that thread 0 beats at the end, one nobody
// touches.
constexpr unsigned kCommonCounters = 24, kOwnCounter = 24, kBeatCounter = 30, kSilentCounter = 31;

constexpr unsigned kCsrMstatus = 0x300, kCsrMtvec = 0x305, kCsrMepc = 0x341, kCsrMcause = 0x342, kCsrMtval = 0x343;
constexpr unsigned kCsrDthread = 0xFC4, kCsrDnodex = 0xFC0, kCsrDnodey = 0xFC1;

constexpr std::array<std::uint64_t, 18> kCorners = {0,
                                                    1,
                                                    2,
                                                    ~std::uint64_t{0},
                                                    ~std::uint64_t{0} - 1,
                                                    0x7FFF'FFFF'FFFF'FFFF,
                                                    0x8000'0000'0000'0000,
                                                    0x8000'0000'0000'0001,
                                                    0x7FFF'FFFF,
                                                    0x8000'0000,
                                                    0xFFFF'FFFF,
                                                    0xFFFF'FFFF'8000'0000,
                                                    0x1'0000'0000,
                                                    0xAAAA'AAAA'AAAA'AAAA,
                                                    0x5555'5555'5555'5555,
                                                    0xFF,
                                                    0xFFFF,
                                                    63};

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t bits() { return engine_(); }
  /// 0..n-1
  std::uint64_t below(std::uint64_t n) { return engine_() % n; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
  }
  bool percent(unsigned p) { return below(100) < p; }
  template <typename Container>
  auto pick(const Container& choices) {
    return *(std::begin(choices) + static_cast<std::ptrdiff_t>(below(std::size(choices))));
  }

 private:
  std::mt19937_64 engine_;
};

std::vector<Op> ops_of(std::string_view extension) {
  std::vector<Op> ops;
  for (const isa::Opcode& entry : isa::kOpcodes) {
    if (entry.extension == extension) ops.push_back(entry.op);
  }
  return ops;
}

/// The code of one thread.
class Generator {
 public:
  Generator(const RandomConfig& config, unsigned thread, Random& random)
      : random_(random), thread_(thread), code_(kCode + thread * kCodeBytes), vector_ops_(ops_of("xd1vec")) {
    // Every thread has its own taste, so that some runs stress one unit and others mix.
    for (unsigned& weight : weights_) weight = random_.percent(30) ? 0 : static_cast<unsigned>(random_.below(10));
    if (config.seed % 4 == 0) weights_.fill(3);
    weights_[0] += 2;
    prologue();
  }

  Assembler& code() { return code_; }

  /// Groups up to a point where all threads are.
  void segment(unsigned groups, bool last) {
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

  void barrier(unsigned mask) { code_.op(Op::dn_bar_, mask); }

  /// Tells the others that this thread is done; thread 0 waits for all and ends the run.
  void epilogue() {
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

 private:
  unsigned data() { return static_cast<unsigned>(random_.between(kFirstData, kLastData)); }
  unsigned target() { return random_.percent(5) ? 0 : data(); }
  unsigned source() { return random_.percent(10) ? static_cast<unsigned>(random_.below(32)) : data(); }
  unsigned vector() { return static_cast<unsigned>(random_.below(random_.percent(50) ? 8 : 32)); }
  unsigned tile() { return static_cast<unsigned>(random_.below(random_.percent(50) ? 2 : 8)); }

  void prologue() {
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

  std::uint32_t descriptor(unsigned kind) {
    return kind | static_cast<std::uint32_t>(random_.percent(50) ? 15 : random_.below(64)) << 4 |
           static_cast<std::uint32_t>(random_.below(4)) << 10;
  }

  void descriptors() {
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

  void loop(unsigned groups) {
    code_.li(kLoop, random_.between(2, 5));
    const std::size_t top = code_.size();
    for (unsigned i = 0; i < groups; ++i) group();
    code_.op(Op::addi_, kLoop, kLoop, -1);
    if (code_.size() - top < 1000) code_.branch_back(Op::bne_, kLoop, 0, top);
  }

  void group() {
    using Maker = void (Generator::*)();
    static constexpr std::array<Maker, 13> kMakers = {
        &Generator::scalar,        &Generator::scalar_memory, &Generator::atomic,  &Generator::branch,
        &Generator::vector_memory, &Generator::simd,          &Generator::convert, &Generator::matrix,
        &Generator::csr,           &Generator::trap,          &Generator::network, &Generator::ordering,
        &Generator::race};
    static_assert(kMakers.size() == kKinds);
    unsigned total = 0;
    for (const unsigned weight : weights_) total += weight;
    auto ticket = random_.below(total);
    for (std::size_t i = 0; i < kKinds; ++i) {
      if (ticket < weights_[i]) return (this->*kMakers[i])();
      ticket -= weights_[i];
    }
  }

  // --- Scalar ---------------------------------------------------------------------------------------------------

  void scalar() {
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

  void branch() {
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

  /// What a branch may jump over.
  void skipped() {
    if (depth_ >= 2) return scalar();
    ++depth_;
    const auto groups = random_.between(0, 2);
    for (std::int64_t i = 0; i < groups; ++i) group();
    if (code_.size() % 3 == 0) scalar();
    --depth_;
  }

  // --- Addresses ------------------------------------------------------------------------------------------------

  /// Sets kAddress so that an access of a few hundred bytes around it stays in data, or lies outside or across an end
  /// of SRAM. `align`: a power of two. Returns false if the access may trap.
  bool address(unsigned align) {
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

  static std::int64_t aligned(std::int64_t value, unsigned align) { return value & -static_cast<std::int64_t>(align); }

  void scalar_memory() {
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

  void atomic() {
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

  // --- Vectors --------------------------------------------------------------------------------------------------

  void limits() {
    code_.li(kSecond, static_cast<std::int64_t>(random_.percent(20) ? random_.bits() & 0xFFFF
                                                                    : random_.below(18) | random_.below(66) << 8));
    code_.op(Op::csrrw_, random_.percent(80) ? 0 : data(), kSecond, 0x7D3);
  }

  void vector_memory() {
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
        // An index register that is also the destination is legal.
        code_.op(load ? Op::dv_ldx_ : Op::dv_stx_, random_.percent(5) ? kIndex : v, kAddress, kIndex, shape, amode,
                 padded);
        if (load && random_.percent(30)) code_.op(Op::dv_srli_, kIndex, kIndex, 1);
      }
      if (random_.percent(30)) use_soon(v);
    }
  }

  /// An instruction that depends on a vector register which is perhaps still being written.
  void use_soon(unsigned v) {
    switch (random_.below(4)) {
      case 0: code_.op(Op::dv_mv_x_w_, target(), v, random_.below(16)); break;
      case 1: code_.op(Op::dv_add_, vector(), v, vector()); break;
      case 2: matrix_multiply(tile(), v, vector()); break;
      default: code_.op(Op::dv_ins_w_, v, source(), random_.below(16));
    }
  }

  /// Any instruction of the vector unit with random operands.
  void simd() {
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

  unsigned any_descriptor() {
    if (random_.percent(3)) return kBadDescriptor;
    auto d = static_cast<unsigned>(random_.below(16));
    return d == kBadDescriptor ? 0 : d;
  }

  void set_counters() {
    if (random_.percent(20)) code_.op(Op::csrrw_, 0, source(), 0x7D2);
    if (random_.percent(10)) code_.op(Op::csrrw_, 0, source(), 0x7D1);
  }

  void convert() {
    set_counters();
    const auto count = random_.between(1, 3);
    for (std::int64_t i = 0; i < count; ++i) {
      const auto part = random_.percent(60) ? 0 : random_.below(4);
      code_.op(Op::dv_cvt_, vector(), vector(), any_descriptor(), any_descriptor(), part);
    }
  }

  void matrix_multiply(unsigned t, unsigned a, unsigned b) {
    const bool wide = random_.percent(50);
    const auto choose = [&] {
      return wide ? static_cast<unsigned>(random_.between(kFirst16, kLast16))
                  : static_cast<unsigned>(random_.between(kFirst8, kLast8));
    };
    const bool proper = random_.percent(96);
    code_.op(Op::dm_mma_, t, a, b, proper ? choose() : any_descriptor(), proper ? choose() : any_descriptor(),
             random_.percent(25));
  }

  void matrix() {
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

  // --- System ---------------------------------------------------------------------------------------------------

  void csr() {
    static constexpr std::array<unsigned, 40> kReadable = {
        0x300, 0x301, 0x304, 0x344, 0x305, 0x320, 0x323, 0x33F, 0x340, 0x341, 0x342, 0x343, 0xB00, 0xB02,
        0xC00, 0xC01, 0xC02, 0xB03, 0xB05, 0xB07, 0xB09, 0xB16, 0xF11, 0xF12, 0xF13, 0xF14, 0xF15, 0x7C0,
        0x7C7, 0x7CF, 0x7D0, 0x7D0, 0x7D0, 0x7D1, 0x7D2, 0x7D3, 0xFC0, 0xFC1, 0xFC3, 0xFC4};
    static constexpr std::array<unsigned, 12> kWritable = {0x300, 0x301, 0x304, 0x320, 0x340, 0x341,
                                                           0x342, 0x343, 0xB02, 0x7D0, 0x7D1, 0x7D3};
    static constexpr std::array kRegisterForms = {Op::csrrw_, Op::csrrs_, Op::csrrc_};
    static constexpr std::array kImmediateForms = {Op::csrrwi_, Op::csrrsi_, Op::csrrci_};
    const auto count = random_.between(1, 3);
    for (std::int64_t i = 0; i < count; ++i) {
      switch (random_.below(8)) {
        case 0: code_.op(random_.pick(kRegisterForms), target(), source(), random_.pick(kWritable)); break;
        case 1: code_.op(random_.pick(kImmediateForms), target(), random_.below(32), random_.pick(kWritable)); break;
        case 2: code_.op(random_.pick(kRegisterForms), target(), source(), 0x7D0); break;  // dflags among arithmetic
        case 3: {  // a descriptor changes between uses
          const auto d = static_cast<unsigned>(random_.between(kFirst8, kLast8));
          code_.li(kAddress, descriptor(2 + static_cast<unsigned>(random_.below(2))));
          matrix_multiply(tile(), vector(), vector());
          code_.op(Op::csrrw_, random_.percent(50) ? 0 : data(), kAddress, 0x7C0 + d);
          matrix_multiply(tile(), vector(), vector());
          break;
        }
        case 4: {  // the other handler
          code_.li(kAddress,
                   static_cast<std::int64_t>(kHandler + 0x100 * random_.below(kHandlers)) + random_.between(0, 3));
          code_.op(Op::csrrw_, target(), kAddress, kCsrMtvec);
          break;
        }
        default: code_.op(random_.percent(50) ? Op::csrrs_ : Op::csrrc_, target(), 0, random_.pick(kReadable));
      }
    }
  }

  void trap() {
    static constexpr std::array<unsigned, 14> kAbsent = {0x000, 0x001, 0x100, 0x180, 0x302, 0x303, 0x306,
                                                         0x30A, 0x3A0, 0x3B0, 0x744, 0x7D4, 0xFC5, 0xB01};
    static constexpr std::array<unsigned, 6> kReadOnly = {0xC00, 0xC02, 0xF14, 0xFC0, 0xFC4, 0xF11};
    switch (random_.below(14)) {
      case 0: code_.op(Op::ecall_); break;
      case 1: code_.op(Op::ebreak_); break;
      case 2: {
        std::uint32_t word = 0;
        do {
          word = random_.percent(80) ? static_cast<std::uint32_t>(random_.bits()) | 3
                                     : static_cast<std::uint32_t>(random_.bits());
        } while (in_table(word));
        code_.word(word);
        break;
      }
      case 3: code_.op(Op::csrrw_, target(), source(), random_.pick(kAbsent)); break;
      case 4: code_.op(Op::csrrs_, target(), 0, random_.pick(kAbsent)); break;
      case 5: code_.op(Op::csrrsi_, target(), random_.between(1, 31), random_.pick(kReadOnly)); break;
      case 6: code_.op(Op::csrrw_, target(), 0, random_.pick(kReadOnly)); break;
      case 7: code_.op(Op::jal_, random_.percent(50) ? 0 : kLink, 4 * random_.between(-8, 8) + 2); break;
      case 8: code_.op(random_.percent(50) ? Op::beq_ : Op::bgeu_, kMine, kMine, 6); break;
      case 9: code_.op(Op::bltu_, source(), 0, -6); break;  // never taken: no trap
      case 10:
        code_.op(Op::auipc_, kAddress, 0);
        code_.op(Op::jalr_, kLink, kAddress, 4 * random_.between(1, 9) + random_.between(2, 3));
        break;
      case 11:  // fetch from outside; the handler goes on after the jump
        code_.op(Op::auipc_, kResume, 0);
        code_.op(Op::addi_, kResume, kResume, 16);
        code_.op(Op::slli_, kAddress, source(), 33);
        code_.op(Op::jalr_, kLink, random_.percent(50) ? kEnd : kAddress, 0);
        break;
      case 12: code_.op(Op::dn_bar_, 15U & ~(1U << thread_)); break;
      default: {  // mret to where we are
        code_.op(Op::auipc_, kAddress, 0);
        code_.op(Op::addi_, kAddress, kAddress, 16);
        code_.op(Op::csrrw_, 0, kAddress, kCsrMepc);
        code_.op(Op::mret_);
      }
    }
  }

  void ordering() {
    switch (random_.below(6)) {
      case 0:
        code_.op(Op::fence_, random_.below(16), random_.below(16), random_.below(16), random_.below(32),
                 random_.below(32));
        break;
      case 1: code_.op(Op::fence_i_, random_.between(-2048, 2047), random_.below(32), random_.below(32)); break;
      case 2:
        if (may_sleep_) code_.op(Op::wfi_);
        break;
      case 3:
      case 4: patch_by_store(); break;
      default: patch_by_vector();
    }
  }

  /// Writes an instruction that is executed after fence.i.
  void patch_by_store() {
    const std::uint32_t word = encode(Op::addi_, {data(), data(), random_.between(-2048, 2047)});
    code_.op(Op::auipc_, kAddress, 0);
    const std::size_t start = code_.size() - 1;
    code_.li(kSecond, static_cast<std::int32_t>(word));
    const std::size_t store = code_.hole();
    code_.op(Op::fence_i_, 0, 0, 0);
    const auto distance = static_cast<std::int64_t>(code_.size() - start) * 4;
    code_.fill(store, encode(Op::sw_, {kAddress, kSecond, distance}));
    code_.op(Op::addi_, 0, 0, 0);
  }

  /// The same for sixteen instructions, by a vector store or a packet.
  void patch_by_vector() {
    const std::uint32_t word = encode(Op::addi_, {data(), data(), random_.between(-2048, 2047)});
    const unsigned v = vector();
    const bool push = random_.percent(40);
    while (push && (code_.pc() + 4 * 13) % 64 != 0) code_.op(Op::addi_, 0, 0, 0);
    code_.op(Op::auipc_, kAddress, 0);
    const std::size_t start = code_.size() - 1;
    code_.li(kSecond, static_cast<std::int32_t>(word));
    while (code_.size() - start < 3) code_.op(Op::addi_, 0, 0, 0);
    code_.op(Op::dv_mv_v_x_, v, kSecond);
    if (push) {
      code_.op(Op::addi_, kAddress, kAddress, 4 * 13);
      code_.op(Op::or_, kAddress, kAddress, kNode);
      code_.li(kSecond, random_.between(1, 16) * 4);
      code_.op(Op::dn_push_, v, kAddress, kSecond);
    } else {
      code_.op(Op::dv_st_, v, kAddress, 4 * 13, 0);
    }
    while (code_.size() - start < 12) code_.op(Op::addi_, 0, 0, 0);
    code_.op(Op::fence_i_, 0, 0, 0);
    for (unsigned i = 0; i < 16; ++i) code_.op(Op::addi_, 0, 0, 0);
  }

  // --- Network and races ----------------------------------------------------------------------------------------

  /// kAddress = a global address of this node.
  void global(unsigned align, std::int64_t low, std::int64_t high) {
    code_.op(Op::addi_, kAddress, random_.percent(50) ? kMine : kOurs, aligned(random_.between(low, high), align));
    code_.op(Op::or_, kAddress, kAddress, kNode);
    if (random_.percent(3)) {  // another node than there is, or no address
      code_.li(kSecond, 1);
      code_.op(Op::slli_, kSecond, kSecond, random_.between(33, 63));
      code_.op(Op::or_, kAddress, kAddress, kSecond);
    } else if (random_.percent(8)) {  // the same offset of edge memory, behind some side
      code_.li(kSecond, 1 | static_cast<std::int64_t>(random_.below(4)) << 1 | (random_.percent(3) ? 8 : 0));
      code_.op(Op::slli_, kSecond, kSecond, 48);
      code_.op(Op::or_, kAddress, kAddress, kSecond);
    }
  }

  void network() {
    const auto counter = random_.below(kCommonCounters);
    switch (random_.below(10)) {
      case 0:
      case 1: {
        const auto bytes = random_.between(1, 64);
        global(64, -2048, 1984);
        if (bytes < 64)
          code_.op(Op::addi_, kAddress, kAddress, random_.percent(95) ? random_.between(0, 64 - bytes) : 63);
        const auto length = random_.percent(97) ? bytes : random_.percent(50) ? 0 : 65 + random_.between(0, 62);
        code_.li(kSecond, static_cast<std::int64_t>(length | static_cast<std::int64_t>(random_.below(2)) << 15 |
                                                    static_cast<std::int64_t>(random_.percent(20)) << 16 |
                                                    static_cast<std::int64_t>(random_.percent(3)) << 24 |
                                                    static_cast<std::int64_t>(counter) << 8));
        code_.op(Op::dn_push_, vector(), kAddress, kSecond);
        break;
      }
      case 2:
      case 3: {
        const bool wide = random_.percent(50);
        global(random_.percent(95) ? (wide ? 8 : 4) : 1, -2048, 2040);
        code_.op(wide ? Op::dn_put_d_ : Op::dn_put_w_, kAddress, source(), counter, random_.below(2));
        break;
      }
      case 4:
        global(random_.percent(95) ? 64 : 8, -2048, 1984);
        code_.op(Op::addi_, kSecond, random_.percent(70) ? kMine : kOurs,
                 aligned(random_.between(-2048, 1984), random_.percent(95) ? 64 : 4));
        if (random_.percent(3)) code_.op(Op::addi_, kSecond, kEnd, 0);
        code_.op(Op::dn_pull_, kAddress, kSecond, counter, random_.below(2));
        break;
      case 5:
      case 6:
        global(random_.percent(95) ? 8 : 1, 0, random_.percent(50) ? 63 : 2040);
        code_.op(random_.percent(60) ? Op::dn_amoadd_d_ : Op::dn_cas_d_, target(), kAddress, source());
        break;
      case 7:
        code_.op(Op::addi_, kAddress, kNode, counter);
        code_.op(Op::dn_sig_, kAddress, source());
        break;
      case 8:
        if (random_.percent(50)) {
          code_.op(Op::dn_ctr_rd_, target(), counter);
        } else {
          code_.op(Op::dn_ctr_add_, source(), counter);
        }
        break;
      default: {  // own counter: wait for what is under way
        const unsigned own = kOwnCounter + thread_;
        const bool take = random_.percent(50);
        code_.op(Op::fence_, 0, 15, 15, 0, 0);
        code_.op(Op::dn_ctr_rd_, kSecond, own);
        code_.op(Op::addi_, kSecond, kSecond, 1);
        code_.op(Op::or_, kAddress, kMine, kNode);
        code_.op(Op::dn_put_d_, kAddress, source(), own, 1);
        code_.op(take ? Op::dn_ctr_take_ : Op::dn_ctr_wait_, kSecond, own);
      }
    }
    if (random_.percent(15)) code_.op(Op::fence_, 0, 15, 15, 0, 0);
  }

  /// All threads on the same few words.
  void race() {
    const auto count = random_.between(2, 8);
    for (std::int64_t i = 0; i < count; ++i) {
      const auto offset = random_.between(0, 40);
      switch (random_.below(9)) {
        case 0:
        case 1: code_.op(Op::sd_, kOurs, source(), offset); break;
        case 2:
        case 3: code_.op(Op::ld_, data(), kOurs, offset); break;
        case 4: code_.op(Op::dv_ld_, vector(), kOurs, offset, 0); break;
        case 5: code_.op(Op::dv_st_, vector(), kOurs, offset, 0); break;
        case 6: code_.op(Op::amoadd_d_, data(), kOurs, data(), 0, 0); break;
        case 7: code_.op(Op::amoswap_w_, data(), kOurs, data(), 1, 1); break;
        default:
          code_.li(kStride, random_.pick(std::array<std::int64_t, 4>{4, 8, 6, 0}));
          code_.op(random_.percent(50) ? Op::dv_lds_ : Op::dv_sts_, vector(), kOurs, kStride, random_.below(7),
                   random_.below(4), 0);
      }
    }
  }

  static constexpr std::size_t kKinds = 13;

  Random& random_;
  unsigned thread_;
  Assembler code_;
  std::vector<Op> vector_ops_;
  std::array<unsigned, kKinds> weights_{};
  unsigned depth_ = 0;
  bool may_sleep_ = false;
};

Segment segment_of(const Assembler& code) {
  Segment segment;
  segment.address = code.base();
  segment.bytes.resize(4 * code.size());
  std::memcpy(segment.bytes.data(), code.words().data(), segment.bytes.size());
  return segment;
}

/// Memory whose 64-byte blocks hold, in turn, numbers that mean something to some instruction.
Segment data_segment(std::uint64_t address, std::size_t bytes, Random& random) {
  Segment segment;
  segment.address = address;
  segment.bytes.resize(bytes);
  const auto put = [&](std::size_t at, auto value) { std::memcpy(segment.bytes.data() + at, &value, sizeof value); };
  static constexpr std::array<std::uint32_t, 16> kFp32 = {
      0, 0x8000'0000, 0x3F80'0000, 0xBF80'0000, 0x7F80'0000, 0xFF80'0000, 0x7FC0'0000, 0x7F80'0001,
      1, 0x807F'FFFF, 0x0080'0000, 0x7F7F'FFFF, 0x4F00'0000, 0xCF00'0000, 0x3F00'0000, 0x3400'0000};
  for (std::size_t block = 0; block < bytes; block += 64) {
    switch (random.below(8)) {
      case 0:  // corners of integers
        for (std::size_t i = 0; i < 64; i += 8) put(block + i, random.pick(kCorners));
        break;
      case 1:  // small whole numbers
        for (std::size_t i = 0; i < 64; i += 4) put(block + i, static_cast<float>(random.between(-16, 16)));
        break;
      case 2:  // corners of FP32
        for (std::size_t i = 0; i < 64; i += 4) put(block + i, random.pick(kFp32));
        break;
      case 3:  // FP32 of moderate size
        for (std::size_t i = 0; i < 64; i += 4) {
          put(block + i, static_cast<std::uint32_t>((random.bits() & 0x807F'FFFF) |
                                                    static_cast<std::uint64_t>(random.between(112, 142)) << 23));
        }
        break;
      case 4:  // BF16 of moderate size
        for (std::size_t i = 0; i < 64; i += 2) {
          put(block + i, static_cast<std::uint16_t>((random.bits() & 0x807F) |
                                                    static_cast<std::uint64_t>(random.between(118, 136)) << 7));
        }
        break;
      default:
        for (std::size_t i = 0; i < 64; i += 8) put(block + i, random.bits());
    }
  }
  return segment;
}

Assembler start_code() {
  Assembler code(kEntry);
  code.op(Op::csrrs_, kAddress, 0, kCsrDthread);
  code.op(Op::slli_, kAddress, kAddress, std::countr_zero(kCodeBytes));
  code.li(kSecond, static_cast<std::int64_t>(kCode));
  code.op(Op::add_, kAddress, kAddress, kSecond);
  code.op(Op::jalr_, 0, kAddress, 0);
  return code;
}

/// Skips the instruction that trapped; after a fetch from outside SRAM goes to kResume. The second one reads everything
/// first.
Assembler handler(unsigned number) {
  Assembler code(kHandler + 0x100 * number);
  if (number == 1) {
    code.op(Op::csrrs_, kTrap, 0, kCsrMtval);
    code.op(Op::csrrs_, kTrap, 0, kCsrMstatus);
  }
  code.op(Op::csrrs_, kTrap, 0, kCsrMcause);
  code.op(Op::addi_, kTrap, kTrap, -1);
  const std::size_t fetch = code.hole();
  code.op(Op::csrrs_, kTrap, 0, kCsrMepc);
  code.op(Op::addi_, kTrap, kTrap, 4);
  code.op(Op::csrrw_, 0, kTrap, kCsrMepc);
  code.op(Op::mret_);
  code.fill_branch(fetch, Op::beq_, kTrap, 0);
  code.op(Op::csrrw_, 0, kResume, kCsrMepc);
  code.op(Op::mret_);
  return code;
}

}  // namespace

Program random_program(const RandomConfig& config) {
  if (config.length < 1 || config.length > kMaxLength) {
    throw std::invalid_argument("the length of a random program is 1.." + std::to_string(kMaxLength) + " groups");
  }
  Random random(config.seed * 0x9E37'79B9'7F4A'7C15U + 1);
  std::vector<Generator> threads;
  for (unsigned thread = 0; thread < 4; ++thread) threads.emplace_back(config, thread, random);

  // Barriers that all threads agree on; between them everybody is free.
  static constexpr std::array<std::array<unsigned, 4>, 5> kTeams = {
      {{15, 15, 15, 15}, {3, 3, 12, 12}, {5, 10, 5, 10}, {7, 7, 7, 8}, {1, 14, 14, 14}}};
  for (unsigned left = config.length; left > 0;) {
    const unsigned groups = std::min<unsigned>(left, 20 + static_cast<unsigned>(random.below(60)));
    left -= groups;
    for (Generator& thread : threads) thread.segment(groups, left == 0);
    if (left == 0) break;
    const auto teams = random.pick(kTeams);
    for (unsigned i = 0; i < 4; ++i) threads[i].barrier(teams[i]);
  }

  Program program;
  program.path = "random program, seed " + std::to_string(config.seed) + ", length " + std::to_string(config.length);
  program.entry = kEntry;
  program.segments.push_back(data_segment(kSramBase, kLowBytes, random));
  program.segments.push_back(segment_of(start_code()));
  for (unsigned i = 0; i < kHandlers; ++i) program.segments.push_back(segment_of(handler(i)));
  for (unsigned i = 0; i < 4; ++i) {
    threads[i].epilogue();
    program.segments.push_back(segment_of(threads[i].code()));
    program.symbols["thread" + std::to_string(i)] = {threads[i].code().base(), 4 * threads[i].code().size(), true};
    program.segments.push_back(data_segment(kPrivate + i * kRegionBytes, kRegionBytes, random));
  }
  program.segments.push_back(data_segment(kShared, kRegionBytes, random));
  program.segments.push_back(data_segment(kEdge, 0x1000, random));
  program.symbols["handler"] = {kHandler, 0x100 * kHandlers, true};
  program.symbols["tohost"] = {kTohost, 8, false};
  program.symbols["private"] = {kPrivate, 4 * kRegionBytes, false};
  program.symbols["shared"] = {kShared, kRegionBytes, false};
  program.end = kSramEnd;
  return program;
}

}  // namespace tatami::isa_test
