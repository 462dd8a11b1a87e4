// Random programs: CSRs, traps, order and code that changes, network, races.
#include "random_thread.h"

namespace tatami::isa_test {

using test::encode;
using test::in_table;

void Generator::csr() {
  static constexpr std::array<unsigned, 44> kReadable = {
      0x300, 0x301, 0x304, 0x344, 0x305, 0x320, 0x323, 0x33F, 0x340, 0x341, 0x342, 0x343, 0xB00, 0xB02, 0xC00,
      0xC01, 0xC02, 0xB03, 0xB05, 0xB07, 0xB09, 0xB16, 0xF11, 0xF12, 0xF13, 0xF14, 0xF15, 0x7C0, 0x7C7, 0x7CF,
      0x7D0, 0x7D0, 0x7D0, 0x7D1, 0x7D2, 0x7D3, 0xFC0, 0xFC1, 0xFC3, 0xFC4, 0xFC8, 0xFC9, 0xB17, 0xB1F};
  static constexpr std::array<unsigned, 13> kWritable = {0x344, 0x300, 0x301, 0x304, 0x320, 0x340, 0x341,
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

void Generator::trap() {
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

void Generator::ordering() {
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

void Generator::patch_by_store() {
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

void Generator::patch_by_vector() {
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

void Generator::to_some_node(unsigned address) {
  if (width_ * height_ == 1 || random_.percent(20)) {
    code_.op(Op::or_, address, address, kNode);
    return;
  }
  const auto x = random_.below(width_), y = random_.below(height_);
  code_.li(kSecond, y << 8 | x);
  code_.op(Op::slli_, kSecond, kSecond, 32);
  code_.op(Op::or_, address, address, kSecond);
}

void Generator::global(unsigned align, std::int64_t low, std::int64_t high) {
  code_.op(Op::addi_, kAddress, random_.percent(50) ? kMine : kOurs, aligned(random_.between(low, high), align));
  to_some_node(kAddress);
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

// Multicasts: now and then, the rectangle's last column and row; in one node a wrong one now and then.
std::int64_t Generator::rectangle() {
  const auto corner = [&](unsigned size) {
    return static_cast<std::int64_t>(size == 1 ? random_.percent(3) : random_.below(size));
  };
  return static_cast<std::int64_t>(random_.percent(20)) << 16 | corner(width_) << 24 |
         (height_ == 1 ? 0 : corner(height_) << 32);
}

void Generator::network() {
  const auto counter = random_.below(kCommonCounters);
  switch (random_.below(12)) {
    case 0:
    case 1: {
      const auto bytes = random_.between(1, 64);
      global(64, -2048, 1984);
      if (bytes < 64)
        code_.op(Op::addi_, kAddress, kAddress, random_.percent(95) ? random_.between(0, 64 - bytes) : 63);
      const auto length = random_.percent(97) ? bytes : random_.percent(50) ? 0 : 65 + random_.between(0, 62);
      code_.li(kSecond, static_cast<std::int64_t>(length | static_cast<std::int64_t>(random_.below(2)) << 15 |
                                                  static_cast<std::int64_t>(counter) << 8) |
                            rectangle());
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
      code_.op(Op::addi_, kAddress, 0, counter);
      to_some_node(kAddress);
      code_.op(Op::dn_sig_, kAddress, source());
      break;
    case 8:
      if (random_.percent(50)) {
        code_.op(Op::dn_ctr_rd_, target(), counter);
      } else {
        code_.op(Op::dn_ctr_add_, source(), counter);
      }
      break;
    case 9:
      if (lists_) list();
      break;
    case 10: {  // a trigger, on counters of which the others wait for none
      code_.op(Op::addi_, kAddress, 0, random_.below(kCommonCounters));
      to_some_node(kAddress);
      code_.li(kSecond, static_cast<std::int64_t>(random_.below(6)) | rectangle());
      code_.op(Op::dn_arm_, kAddress, kSecond, counter, random_.below(4));
      break;
    }
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

void Generator::list() {
  const unsigned own = kOwnCounter + thread_;
  const auto at = aligned(random_.between(-2048, 1984), random_.percent(97) ? 32 : 8);
  std::uint64_t head = random_.below(3) | random_.below(2) << 2 | std::uint64_t{random_.percent(10)} << 3 |
                       random_.below(2) << 4 | random_.below(kCommonCounters) << 8;
  const bool signal = (head & 3) == 2;
  if (signal) {
    head &= ~std::uint64_t{0x18};
  } else {
    head |= (1 + random_.below(3)) << 32 | (1 + random_.below(3)) << 48;
  }
  if (random_.percent(6)) head ^= std::uint64_t{1} << random_.below(16);
  const auto keep = [&](unsigned reg, unsigned word) { code_.op(Op::sd_, kMine, reg, at + 8 * word); };
  code_.li(kSecond, head);
  keep(kSecond, 0);
  if (signal) {  // its address names a counter: no thread's own
    code_.op(Op::addi_, kAddress, kNode, random_.below(kCommonCounters));
  } else {
    global(random_.percent(97) ? 64 : 8, -2048, 1984);
  }
  keep(kAddress, 1);
  code_.op(Op::addi_, kAddress, random_.percent(50) ? kMine : kOurs,
           aligned(random_.between(-2048, 1984), random_.percent(97) ? 64 : 8));
  keep(kAddress, 2);
  code_.li(kSecond, 64 * random_.below(4) | (64 * random_.below(4) + (random_.percent(2) ? 8 : 0)) << 32);
  keep(kSecond, 3);
  code_.op(Op::dn_ctr_rd_, kStride, own);
  code_.op(Op::addi_, kStride, kStride, 1);
  code_.op(Op::addi_, kAddress, kMine, at);
  code_.li(kSecond, 1 | own << 16 | 1 << 23);
  code_.op(Op::dn_list_, kAddress, kSecond);
  if (at % 32 == 0) code_.op(Op::dn_ctr_wait_, kStride, own);  // else the list has not begun
}

void Generator::race() {
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

}  // namespace tatami::isa_test
