// RV64IM, Zicsr, Zifencei and machine mode.
#include <limits>

#include "golden/execute.h"
#include "golden/node.h"

namespace tatami::golden {
namespace {

using isa::Op;
using u64 = std::uint64_t;
using s64 = std::int64_t;
using u32 = std::uint32_t;
using s32 = std::int32_t;
__extension__ using s128 = __int128;
__extension__ using u128 = unsigned __int128;

constexpr u64 sext32(u64 value) { return static_cast<u64>(static_cast<s64>(static_cast<s32>(value))); }
constexpr s64 sgn(u64 value) { return static_cast<s64>(value); }
constexpr u64 imm(const Decoded& d) { return static_cast<u64>(static_cast<s64>(d.imm)); }

// rd <- F(x[rs1], x[rs2]), and with the immediate as second operand; the W forms sign-extend the low word of the
// result.
template <auto F>
void rr(Hart& h, const Decoded& d, Record& r) {
  h.write_x(r, d.rd, F(h.x(d.rs1), h.x(d.rs2)));
}
template <auto F>
void ri(Hart& h, const Decoded& d, Record& r) {
  h.write_x(r, d.rd, F(h.x(d.rs1), imm(d)));
}
template <auto F>
void rr_w(Hart& h, const Decoded& d, Record& r) {
  h.write_x(r, d.rd, sext32(F(h.x(d.rs1), h.x(d.rs2))));
}
template <auto F>
void ri_w(Hart& h, const Decoded& d, Record& r) {
  h.write_x(r, d.rd, sext32(F(h.x(d.rs1), imm(d))));
}

constexpr u64 add(u64 a, u64 b) { return a + b; }
constexpr u64 sub(u64 a, u64 b) { return a - b; }
constexpr u64 sll(u64 a, u64 b) { return a << (b & 63); }
constexpr u64 srl(u64 a, u64 b) { return a >> (b & 63); }
constexpr u64 sra(u64 a, u64 b) { return static_cast<u64>(sgn(a) >> (b & 63)); }
constexpr u64 slt(u64 a, u64 b) { return sgn(a) < sgn(b) ? 1 : 0; }
constexpr u64 sltu(u64 a, u64 b) { return a < b ? 1 : 0; }
constexpr u64 xor_(u64 a, u64 b) { return a ^ b; }
constexpr u64 or_(u64 a, u64 b) { return a | b; }
constexpr u64 and_(u64 a, u64 b) { return a & b; }
constexpr u64 sllw(u64 a, u64 b) { return a << (b & 31); }
constexpr u64 srlw(u64 a, u64 b) { return static_cast<u32>(a) >> (b & 31); }
constexpr u64 sraw(u64 a, u64 b) { return static_cast<u32>(static_cast<s32>(a) >> (b & 31)); }
constexpr u64 mul(u64 a, u64 b) { return a * b; }
constexpr u64 mulh(u64 a, u64 b) { return static_cast<u64>((s128{sgn(a)} * s128{sgn(b)}) >> 64); }
constexpr u64 mulhsu(u64 a, u64 b) { return static_cast<u64>((s128{sgn(a)} * static_cast<s128>(u128{b})) >> 64); }
constexpr u64 mulhu(u64 a, u64 b) { return static_cast<u64>((u128{a} * u128{b}) >> 64); }

// Division by zero gives all ones and the dividend; overflow gives the dividend and 0.
template <typename T>
constexpr T divide(T a, T b) {
  if (b == 0) return static_cast<T>(-1);
  if (std::numeric_limits<T>::is_signed && a == std::numeric_limits<T>::min() && b == static_cast<T>(-1)) return a;
  return a / b;
}
template <typename T>
constexpr T remainder(T a, T b) {
  if (b == 0) return a;
  if (std::numeric_limits<T>::is_signed && a == std::numeric_limits<T>::min() && b == static_cast<T>(-1)) return 0;
  return a % b;
}
template <typename T>
constexpr u64 div(u64 a, u64 b) {
  return static_cast<u64>(divide(static_cast<T>(a), static_cast<T>(b)));
}
template <typename T>
constexpr u64 rem(u64 a, u64 b) {
  return static_cast<u64>(remainder(static_cast<T>(a), static_cast<T>(b)));
}

void lui(Hart& h, const Decoded& d, Record& r) { h.write_x(r, d.rd, imm(d)); }
void auipc(Hart& h, const Decoded& d, Record& r) { h.write_x(r, d.rd, r.pc + imm(d)); }

void jal(Hart& h, const Decoded& d, Record& r) {
  if (h.jump(r, r.pc + imm(d))) h.write_x(r, d.rd, r.pc + 4);
}
void jalr(Hart& h, const Decoded& d, Record& r) {
  if (h.jump(r, (h.x(d.rs1) + imm(d)) & ~u64{1})) h.write_x(r, d.rd, r.pc + 4);
}

template <auto Condition, bool Holds>
void branch(Hart& h, const Decoded& d, Record& r) {
  if ((Condition(h.x(d.rs1), h.x(d.rs2)) != 0) == Holds) h.jump(r, r.pc + imm(d));
}

// Single-node order is program order, so fences have nothing left to do; decoded code is always coherent.
void fence(Hart& h, const Decoded&, Record& r) { h.told_of_list(r); }

void ecall(Hart& h, const Decoded&, Record& r) { h.trap(r, Cause::environment_call, 0); }
void ebreak(Hart& h, const Decoded&, Record& r) { h.trap(r, Cause::breakpoint, r.pc); }

void mret(Hart& h, const Decoded&, Record& r) {
  CsrState& c = h.csrs();
  r.next_pc = c.mepc;
  c.mie = c.mpie;
  c.mpie = true;
}

void wfi(Hart& h, const Decoded&, Record& r) {
  if (h.told_of_list(r)) return;
  // Something that happened since the last wfi counts, so that checking a condition and then sleeping loses nothing.
  if (h.node().external() == nullptr && h.wakes_seen == h.node().wakes()) {
    r.status = Status::asleep;
    return;
  }
  h.wakes_seen = h.node().wakes();
}

enum class CsrOp { write, set, clear };

template <CsrOp Kind, bool Immediate>
void csr_access(Hart& h, const Decoded& d, Record& r) {
  const auto address = static_cast<std::uint16_t>(isa::field_csr(d.insn));
  const u64 operand = Immediate ? d.rs1 : h.x(d.rs1);
  const bool writes = Kind == CsrOp::write || d.rs1 != 0;
  if ((writes && csr_read_only(address)) || !csr_exists(address)) return h.illegal(r);
  u64 old = 0;
  h.read_csr(address, old);
  h.write_x(r, d.rd, old);
  r.gpr_external = r.gpr >= 0 && csr_is_external(address);
  if (!writes) return;
  const u64 value = Kind == CsrOp::write ? operand : Kind == CsrOp::set ? old | operand : old & ~operand;
  r.csr_written = true;
  r.csr = address;
  r.csr_value = h.csrs().write(address, value);
}

}  // namespace

Handler scalar_handler(Op op) {
  switch (op) {
    case Op::lui_: return lui;
    case Op::auipc_: return auipc;
    case Op::jal_: return jal;
    case Op::jalr_: return jalr;
    case Op::beq_: return branch<xor_, false>;
    case Op::bne_: return branch<xor_, true>;
    case Op::blt_: return branch<slt, true>;
    case Op::bge_: return branch<slt, false>;
    case Op::bltu_: return branch<sltu, true>;
    case Op::bgeu_: return branch<sltu, false>;
    case Op::addi_: return ri<add>;
    case Op::slti_: return ri<slt>;
    case Op::sltiu_: return ri<sltu>;
    case Op::xori_: return ri<xor_>;
    case Op::ori_: return ri<or_>;
    case Op::andi_: return ri<and_>;
    case Op::slli_: return ri<sll>;
    case Op::srli_: return ri<srl>;
    case Op::srai_: return ri<sra>;
    case Op::add_: return rr<add>;
    case Op::sub_: return rr<sub>;
    case Op::sll_: return rr<sll>;
    case Op::slt_: return rr<slt>;
    case Op::sltu_: return rr<sltu>;
    case Op::xor_: return rr<xor_>;
    case Op::srl_: return rr<srl>;
    case Op::sra_: return rr<sra>;
    case Op::or_: return rr<or_>;
    case Op::and_: return rr<and_>;
    case Op::addiw_: return ri_w<add>;
    case Op::slliw_: return ri_w<sllw>;
    case Op::srliw_: return ri_w<srlw>;
    case Op::sraiw_: return ri_w<sraw>;
    case Op::addw_: return rr_w<add>;
    case Op::subw_: return rr_w<sub>;
    case Op::sllw_: return rr_w<sllw>;
    case Op::srlw_: return rr_w<srlw>;
    case Op::sraw_: return rr_w<sraw>;
    case Op::mul_: return rr<mul>;
    case Op::mulh_: return rr<mulh>;
    case Op::mulhsu_: return rr<mulhsu>;
    case Op::mulhu_: return rr<mulhu>;
    case Op::div_: return rr<div<s64>>;
    case Op::divu_: return rr<div<u64>>;
    case Op::rem_: return rr<rem<s64>>;
    case Op::remu_: return rr<rem<u64>>;
    case Op::mulw_: return rr_w<mul>;
    case Op::divw_: return rr_w<div<s32>>;
    case Op::divuw_: return rr_w<div<u32>>;
    case Op::remw_: return rr_w<rem<s32>>;
    case Op::remuw_: return rr_w<rem<u32>>;
    case Op::fence_:
    case Op::fence_i_: return fence;
    case Op::ecall_: return ecall;
    case Op::ebreak_: return ebreak;
    case Op::mret_: return mret;
    case Op::wfi_: return wfi;
    case Op::csrrw_: return csr_access<CsrOp::write, false>;
    case Op::csrrs_: return csr_access<CsrOp::set, false>;
    case Op::csrrc_: return csr_access<CsrOp::clear, false>;
    case Op::csrrwi_: return csr_access<CsrOp::write, true>;
    case Op::csrrsi_: return csr_access<CsrOp::set, true>;
    case Op::csrrci_: return csr_access<CsrOp::clear, true>;
    default: return nullptr;
  }
}

std::uint8_t event_of(Op op) {
  if (op == Op::kIllegal) return 0;
  const isa::Opcode& entry = opcode(op);
  if (entry.extension == "xd1mem") return op >= Op::dv_st_ ? 4 : 3;
  if (entry.extension == "rv64a" || (op >= Op::lb_ && op <= Op::sd_)) return 7;
  if (entry.extension == "rv64m") return 22;
  if (entry.extension == "xd1vec") return 5;
  if (op == Op::dm_mma_) return 6;
  if (op >= Op::jal_ && op <= Op::bgeu_) return 8;
  return 0;
}

}  // namespace tatami::golden
