// Random programs for all four threads of a node, to compare models with. The same seed gives the same program.
//
// Every thread runs its own straight-line code with short forward branches and counted loops over private and shared
// data, takes traps on purpose (the handler goes on behind the instruction) and meets the others at a barrier at the
// end; then thread 0 stores 1 to `tohost` and the others sleep for ever.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "assembler.h"

namespace tatami::test {

struct RandomOptions {
  std::uint64_t seed = 1;
  unsigned length = 300;  ///< instructions a thread, about
  bool shared = true;     ///< threads also load, store and do atomics in one another's data
  bool vectors = true;
  bool matrix = true;
  bool network = true;  ///< packets of a node to itself
  bool traps = true;
};

struct RandomProgram {
  std::vector<std::uint32_t> code;  ///< at kMemoryBase, which is the entry
  std::vector<std::uint32_t> data;  ///< at kData
  std::uint64_t tohost = 0;

  static constexpr std::uint64_t kData = golden::kMemoryBase + 0x40000;
  static constexpr std::uint64_t kSharedBytes = 0x1000;   // at kData
  static constexpr std::uint64_t kPrivateBytes = 0x2000;  // behind it, for each thread
  static constexpr std::uint64_t kTohost = golden::kMemoryBase + 0x3F000;
};

class RandomProgramMaker {
 public:
  explicit RandomProgramMaker(const RandomOptions& options) : options_(options), random_(options.seed) {}

  RandomProgram make() {
    RandomProgram program;
    program.tohost = RandomProgram::kTohost;
    // Entry: thread t goes to entry + 64 + 8 * t, which holds its jump; the handler stands in between.
    as_(Op::csrrs_, {t0, 0, golden::csr::kDthread})(Op::slli_, {t0, t0, 3})(Op::auipc_, {t1, 0})(Op::add_,
                                                                                                 {t0, t0, t1});
    as_(Op::addi_, {t1, t1, 28})(Op::csrrw_, {0, t1, golden::csr::kMtvec})(Op::jalr_, {0, t0, 80});
    pad_to(36);
    handler();
    pad_to(88);
    std::array<std::uint64_t, 4> jumps{};
    for (auto& jump : jumps) {
      jump = as_.here();
      as_.word(0).word(0);
    }
    std::vector<std::uint32_t> code;
    for (unsigned thread = 0; thread < 4; ++thread) {
      const std::uint64_t start = as_.here();
      patches_.push_back({jumps[thread], encode(Op::jal_, {0, static_cast<std::int64_t>(start - jumps[thread])})});
      body(thread);
    }
    program.code = as_.words();
    for (const Patch& patch : patches_) program.code[(patch.address - as_.origin()) / 4] = patch.insn;
    const auto words = (RandomProgram::kSharedBytes + 4 * RandomProgram::kPrivateBytes) / 4;
    for (unsigned i = 0; i < words; ++i) program.data.push_back(data_word());
    return program;
  }

 private:
  struct Patch {
    std::uint64_t address;
    std::uint32_t insn;
  };
  // s0 shared data, s1 the thread's own data, s2 a small stride, s3 loop counter, t3 and t4 addresses, v31 small
  // indices; t5 and t6 belong to the handler.
  static constexpr std::array<int, 11> kTemps = {t0, t1, t2, a0, a1, a2, a3, a4, a5, a6, a7};

  std::uint64_t bits(unsigned count) { return random_() >> (64 - count); }
  int below(unsigned limit) { return static_cast<int>(random_() % limit); }
  bool chance(unsigned percent) { return below(100) < static_cast<int>(percent); }
  int temp() { return kTemps[static_cast<unsigned>(below(kTemps.size()))]; }
  int source() { return chance(8) ? 0 : temp(); }
  int target() { return chance(3) ? 0 : temp(); }
  int vector() { return below(30); }

  std::uint32_t data_word() {
    const auto raw = static_cast<std::uint32_t>(bits(32));
    switch (below(4)) {
      case 0: return (raw & 0x807F'FFFFU) | static_cast<std::uint32_t>(120 + below(16)) << 23;
      case 1: {
        constexpr std::array<std::uint32_t, 8> special = {0,           0x8000'0000, 0x7F80'0000, 0x7FC0'0000,
                                                          0x7F80'0001, 1,           0x007F'FFFF, 0x7F7F'FFFF};
        return special[raw % 8];
      }
      default: return raw;
    }
  }

  void pad_to(std::uint64_t offset) {
    while (as_.here() < as_.origin() + offset) as_(Op::addi_, {0, 0, 0});
  }

  // Goes on behind the instruction that trapped, and at t6 after a jump to nowhere.
  void handler() {
    as_(Op::csrrs_, {t5, 0, golden::csr::kMcause})(Op::addi_, {t5, t5, -1})(Op::beq_, {t5, 0, 20});
    as_(Op::csrrs_, {t5, 0, golden::csr::kMepc})(Op::addi_, {t5, t5, 4})(Op::csrrw_, {0, t5, golden::csr::kMepc});
    as_(Op::mret_, {});
    as_(Op::csrrw_, {0, t6, golden::csr::kMepc})(Op::mret_, {});
  }

  void body(unsigned thread) {
    as_.li(s0, RandomProgram::kData);
    as_.li(s1, RandomProgram::kData + RandomProgram::kSharedBytes + thread * RandomProgram::kPrivateBytes + 0x1000);
    as_.li(s2, static_cast<std::uint64_t>(below(100)));
    for (const int reg : kTemps) as_.li(reg, chance(50) ? bits(12) : random_());
    if (options_.vectors) {
      for (int v = 0; v < 32; ++v) as_(Op::dv_ld_, {v, s1, 8 * below(128) - 512, 0});
      as_(Op::dv_srli_, {31, 31, 21})(Op::dv_srli_, {31, 31, below(2)});
    }
    const std::uint64_t end = as_.here() + 4 * options_.length;
    while (as_.here() < end) block();
    as_(Op::fence_, {0, 15, 15, 0, 0});
    // The last access to dflags checks what the stream raised.
    as_(Op::csrrs_, {t0, 0, golden::csr::kDflags});
    if (thread == 0) as_.li(t1, RandomProgram::kTohost).li(t0, 1);
    as_(Op::dn_bar_, {15});
    if (thread == 0) as_(Op::sw_, {t1, t0, 0});
    as_(Op::wfi_, {})(Op::jal_, {0, -4});
  }

  // A loop, a skipped stretch, or one instruction.
  void block() {
    const int kind = below(40);
    if (kind == 0) {
      as_.li(s3, static_cast<std::uint64_t>(2 + below(4)));
      const std::uint64_t top = as_.here();
      for (int i = 0; i < 8; ++i) instruction();
      as_(Op::addi_, {s3, s3, -1})(Op::bne_, {s3, 0, static_cast<std::int64_t>(top - as_.here())});
    } else if (kind < 4) {
      const std::uint64_t branch = as_.here();
      as_.word(0);
      for (int i = below(4); i >= 0; --i) instruction();
      constexpr std::array<Op, 6> ops = {Op::beq_, Op::bne_, Op::blt_, Op::bge_, Op::bltu_, Op::bgeu_};
      const auto distance = static_cast<std::int64_t>(as_.here() - branch);
      patches_.push_back({branch, chance(10)
                                      ? encode(Op::jal_, {target(), distance})
                                      : encode(ops[static_cast<unsigned>(below(6))], {source(), source(), distance})});
    } else {
      instruction();
    }
  }

  void instruction() {
    switch (below(16)) {
      case 0:
      case 1:
      case 2: return scalar();
      case 3:
      case 4: return scalar_memory();
      case 5: return atomic();
      case 6: return csr();
      case 7: return chance(15) && options_.traps ? trap() : other();
      case 8: return options_.network ? network() : scalar();
      case 9:
      case 10: return options_.vectors ? vector_memory() : scalar();
      case 11:
      case 12:
      case 13: return options_.vectors ? vector_arithmetic() : scalar();
      default: return options_.matrix ? matrix() : scalar();
    }
  }

  // Any entry of an extension, with operands by kind.
  void any(Op first, Op last) {
    const auto op = static_cast<Op>(static_cast<int>(first) +
                                    below(static_cast<unsigned>(last) - static_cast<unsigned>(first) + 1));
    const isa::Opcode& entry = golden::opcode(op);
    std::uint32_t insn = entry.match;
    for (unsigned i = 0; i < entry.operand_count; ++i) {
      const isa::Field field = entry.operands[i].field;
      std::int64_t value = static_cast<std::int64_t>(random_());
      if (field == isa::Field::rd) value = target();
      if (field == isa::Field::rs1 || field == isa::Field::rs2) value = source();
      if (entry.operands[i].kind == isa::Kind::kVector) value = vector();
      if (field == isa::Field::part) value = chance(70) ? 0 : below(4);
      insn |= isa::field_bits(field, value);
    }
    as_.word(insn);
  }

  void scalar() { chance(25) ? any(Op::mul_, Op::remuw_) : any(Op::addi_, Op::sraw_); }
  void vector_arithmetic() { any(Op::dv_fadd_, Op::dv_cvt_); }
  void matrix() { chance(60) ? mma() : any(Op::dm_mma_, Op::dm_mv_t_v_); }
  void mma() {
    constexpr std::array<int, 2> narrow = {2, 3};
    constexpr std::array<int, 3> wide = {1, 4, 5};
    const bool bytes = chance(50);
    const int a = bytes ? narrow[static_cast<unsigned>(below(2))] : wide[static_cast<unsigned>(below(3))];
    const int b = bytes ? narrow[static_cast<unsigned>(below(2))] : wide[static_cast<unsigned>(below(3))];
    as_(Op::dm_mma_, {below(8), vector(), vector(), a, b, chance(20)});
  }

  int base() { return options_.shared && chance(60) ? s0 : s1; }

  void scalar_memory() {
    const int reg = base();
    const std::int64_t offset = reg == s0 ? below(2040) : below(4000) - 2000;
    chance(50) ? as_(static_cast<Op>(static_cast<int>(Op::lb_) + below(7)), {target(), reg, offset})
               : as_(static_cast<Op>(static_cast<int>(Op::sb_) + below(4)), {reg, source(), offset});
  }

  void atomic() {
    as_(Op::addi_, {t4, base(), 8 * below(chance(50) ? 16 : 255)});
    if (chance(50)) {
      const bool wide = chance(50);
      const auto op = static_cast<Op>(static_cast<int>(wide ? Op::amoswap_d_ : Op::amoswap_w_) + below(9));
      as_(op, {target(), t4, source(), below(2), below(2)});
    } else {
      const bool wide = chance(50);
      as_(wide ? Op::lr_d_ : Op::lr_w_, {target(), t4, 0, 0});
      while (chance(30)) scalar();
      if (chance(20)) scalar_memory();
      as_(wide ? Op::sc_d_ : Op::sc_w_, {target(), t4, source(), 0, 0});
    }
  }

  void csr() {
    const auto op = static_cast<Op>(static_cast<int>(Op::csrrw_) + below(6));
    const bool immediate = op >= Op::csrrwi_;
    switch (below(8)) {
      case 0: as_(op, {target(), immediate ? below(32) : source(), golden::csr::kDflags}); break;
      case 1: as_(op, {target(), immediate ? below(32) : source(), golden::csr::kMscratch}); break;
      case 2:
        as_(op, {target(), immediate ? below(32) : source(), chance(50) ? golden::csr::kDseed : golden::csr::kDcount});
        break;
      case 3: {
        as_.li(t4, bits(5) | bits(7) << 8);
        as_(Op::csrrw_, {target(), t4, golden::csr::kDvlim});
        break;
      }
      case 4: {  // a clamping or other format with any bias and rounding; seldom a bad one
        const std::uint64_t kind = chance(5) ? bits(4) : static_cast<std::uint64_t>(below(6));
        as_.li(t4, kind | bits(8) << 4);
        as_(Op::csrrw_, {target(), t4, golden::csr::kDfmt0 + 6 + below(10)});
        break;
      }
      case 5: as_(Op::csrrs_, {target(), 0, chance(50) ? golden::csr::kMinstret : golden::csr::kInstret}); break;
      case 6:
        as_(Op::csrrs_, {target(), 0, chance(50) ? golden::csr::kMcycle : golden::csr::kMhpmcounter3 + below(20)});
        break;
      default: as_(Op::csrrs_, {target(), 0, golden::csr::kMstatus}); break;
    }
  }

  void other() {
    switch (below(5)) {
      case 0: as_(Op::fence_, {0, 15, 15, 0, 0}); break;
      case 1: as_(Op::fence_i_, {0, 0, 0}); break;
      case 2: as_(Op::lui_, {target(), static_cast<std::int32_t>(bits(32) & 0xFFFF'F000)}); break;
      case 3: as_(Op::auipc_, {target(), static_cast<std::int32_t>(bits(32) & 0xFFFF'F000)}); break;
      default: scalar(); break;
    }
  }

  void trap() {
    switch (below(9)) {
      case 0: as_(Op::ecall_, {}); break;
      case 1: as_(Op::ebreak_, {}); break;
      case 2: as_.word(static_cast<std::uint32_t>(bits(32)) & ~3U); break;
      case 3: as_(Op::csrrw_, {target(), source(), golden::csr::kMhartid}); break;
      case 4: as_(Op::lw_, {target(), zero, below(2048)}); break;
      case 5: as_(Op::sd_, {zero, source(), below(2048)}); break;
      case 6: as_(Op::addi_, {t4, s0, 1 + below(7)})(Op::amoadd_d_, {target(), t4, source(), 0, 0}); break;
      case 7: as_(Op::jal_, {target(), 4 * below(8) + 2}); break;
      default: as_(Op::auipc_, {t6, 0})(Op::addi_, {t6, t6, 12})(Op::jalr_, {0, 0, 4 * below(100)}); break;
    }
  }

  void vector_memory() {
    const int pad = chance(25);
    const int reg = base();
    const std::int64_t middle = reg == s0 ? 2048 : 0;
    switch (below(4)) {
      case 0:
        as_(chance(50) ? Op::dv_ld_ : Op::dv_st_, {vector(), reg, reg == s0 ? below(960) : below(1024) - 512, pad});
        return;
      case 1:
        as_(Op::addi_, {t3, reg, reg == s0 ? below(960) : below(1024) - 512});
        as_(chance(50) ? Op::dv_ldp_ : Op::dv_stp_, {vector(), t3, below(2000) - 1000, pad});
        return;
      case 2: {
        constexpr std::array<int, 7> amodes = {0, 1, 2, 3, 4, 5, 6};
        const int stride = chance(40) ? s2 : t4;
        if (stride == t4) as_.li(t4, static_cast<std::uint64_t>(chance(50) ? 64 * (below(5) - 2) : below(17) - 8));
        as_(Op::addi_, {t3, reg, std::min<std::int64_t>(middle, 1000) + below(64)});
        as_(chance(50) ? Op::dv_lds_ : Op::dv_sts_,
            {vector(), t3, stride, below(7), amodes[static_cast<unsigned>(below(7))], pad});
        return;
      }
      default: {
        constexpr std::array<int, 6> amodes = {0, 1, 2, 3, 4, 6};
        as_(Op::addi_, {t3, reg, below(64)});
        as_(chance(50) ? Op::dv_ldx_ : Op::dv_stx_,
            {vector(), t3, 31, below(3), amodes[static_cast<unsigned>(below(6))], pad});
        return;
      }
    }
  }

  void network() {
    as_(Op::addi_, {t3, s1, -64 * below(32)});
    switch (below(10)) {
      case 0:
        as_.li(t4, static_cast<std::uint64_t>(1 + below(64)) | bits(5) << 8 | bits(1) << 15);
        as_(Op::dn_push_, {vector(), t3, t4});
        break;
      case 1: as_(Op::dn_put_w_, {t3, source(), below(32), below(2)}); break;
      case 2: as_(Op::dn_put_d_, {t3, source(), below(32), below(2)}); break;
      case 3: as_(Op::addi_, {t4, s1, 64 * below(31)})(Op::dn_pull_, {t3, t4, below(32), below(2)}); break;
      case 4: as_(Op::dn_amoadd_d_, {target(), t3, source()}); break;
      case 5: as_(Op::dn_cas_d_, {target(), t3, source()}); break;
      case 6: as_.li(t4, bits(5))(Op::dn_sig_, {t4, 0}); break;
      case 7: as_(Op::dn_ctr_rd_, {target(), below(32)}); break;
      case 8: as_(Op::addi_, {t4, 0, below(100)})(Op::dn_ctr_add_, {t4, below(32)}); break;
      default: as_(chance(50) ? Op::dn_ctr_wait_ : Op::dn_ctr_take_, {0, below(32)}); break;
    }
  }

  RandomOptions options_;
  std::mt19937_64 random_;
  Assembler as_;
  std::vector<Patch> patches_;
};

inline RandomProgram random_program(const RandomOptions& options) { return RandomProgramMaker(options).make(); }

}  // namespace tatami::test
