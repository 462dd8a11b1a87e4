#include "golden/disasm.h"

#include <array>
#include <cstdio>
#include <string_view>

#include "golden/decoder.h"

namespace tatami {
namespace {

using isa::Field;
using isa::Op;

constexpr std::array<const char*, 32> kRegisters = {
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
    "a6",   "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};

struct CsrName {
  unsigned address;
  std::string_view name;
};
constexpr CsrName kCsrNames[] = {
    {0x300, "mstatus"},   {0x301, "misa"},     {0x304, "mie"},    {0x305, "mtvec"},   {0x320, "mcountinhibit"},
    {0x340, "mscratch"},  {0x341, "mepc"},     {0x342, "mcause"}, {0x343, "mtval"},   {0x344, "mip"},
    {0xB00, "mcycle"},    {0xB02, "minstret"}, {0xC00, "cycle"},  {0xC01, "time"},    {0xC02, "instret"},
    {0xF11, "mvendorid"}, {0xF12, "marchid"},  {0xF13, "mimpid"}, {0xF14, "mhartid"}, {0xF15, "mconfigptr"},
    {0x7D0, "dflags"},    {0x7D1, "dseed"},    {0x7D2, "dcount"}, {0x7D3, "dvlim"},   {0xFC0, "dnodex"},
    {0xFC1, "dnodey"},    {0xFC2, "dfabw"},    {0xFC3, "dfabh"},  {0xFC4, "dthread"},
};

std::string hex(std::uint64_t value) {
  char text[20];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

std::string x(std::uint32_t number) { return kRegisters[number & 31]; }

std::string orders(std::uint32_t bits) {
  std::string text;
  for (int i = 0; i < 4; ++i) {
    if (bits >> (3 - i) & 1) text += "iorw"[i];
  }
  return text.empty() ? "0" : text;
}

std::string shape(std::uint32_t number) {
  constexpr std::array<const char*, 8> names = {"s4", "s8", "s16", "t8b", "t8h", "t16h", "t16w", "shape7"};
  return names[number];
}

std::string amode(std::uint32_t number) {
  constexpr std::array<const char*, 8> names = {"at0", "at1", "at2", "at3", "+E", "+rows", "+4E", "amode7"};
  return names[number];
}

// An operand that is not written in a special way.
std::string plain(const isa::Operand& operand, std::uint32_t insn, std::uint64_t pc) {
  const std::int64_t value = isa::field_value(operand.field, insn);
  switch (operand.kind) {
    case isa::Kind::kScalar: return x(static_cast<std::uint32_t>(value));
    case isa::Kind::kVector: return "v" + std::to_string(value);
    case isa::Kind::kTile: return "t" + std::to_string(value);
    default: break;
  }
  switch (operand.field) {
    case Field::bimm12:
    case Field::jimm20: return hex(pc + static_cast<std::uint64_t>(value));
    case Field::imm20: return hex(static_cast<std::uint64_t>(value) >> 12 & 0xFFFFF);
    case Field::csr: return csr_name(static_cast<unsigned>(value));
    case Field::shape: return shape(static_cast<std::uint32_t>(value));
    case Field::amode: return amode(static_cast<std::uint32_t>(value));
    case Field::trow:
    case Field::trowd:
      return "t" + std::to_string(value / 8 * 2) + ":" + std::to_string(value / 8 * 2 + 1) + "[" +
             std::to_string(value % 8) + "]";
    case Field::tmask:
    case Field::bmask: return hex(static_cast<std::uint64_t>(value));
    case Field::sdesc:
    case Field::ddesc:
    case Field::adesc:
    case Field::bdesc: return "dfmt" + std::to_string(value);
    case Field::ctr: return "ctr" + std::to_string(value);
    default: return std::to_string(value);
  }
}

bool is_memory(std::string_view extension) { return extension == "xd1mem"; }

// "imm(base)" of loads, stores and jalr, or nothing.
std::string displacement(Op op, std::uint32_t insn) {
  const std::string base = "(" + x(isa::field_rs1(insn)) + ")";
  if (op == Op::jalr_ || (op >= Op::lb_ && op <= Op::lwu_)) return std::to_string(isa::field_imm12(insn)) + base;
  if (op >= Op::sb_ && op <= Op::sd_) return std::to_string(isa::field_simm12(insn)) + base;
  if (op == Op::dv_ld_ || op == Op::dv_ldp_ || op == Op::dv_st_ || op == Op::dv_stp_) {
    return std::to_string(isa::field_vimm11(insn)) + base;
  }
  return "";
}

std::string join(const std::string& name, std::initializer_list<std::string> operands) {
  std::string text = name;
  const char* separator = " ";
  for (const std::string& operand : operands) {
    text += separator + operand;
    separator = ", ";
  }
  return text;
}

}  // namespace

const char* register_name(unsigned number) { return kRegisters[number & 31]; }

std::string csr_name(unsigned address) {
  for (const CsrName& csr : kCsrNames) {
    if (csr.address == address) return std::string(csr.name);
  }
  if (address >= 0x7C0 && address <= 0x7CF) return "dfmt" + std::to_string(address - 0x7C0);
  if (address >= 0xB03 && address <= 0xB1F) return "mhpmcounter" + std::to_string(address - 0xB00);
  if (address >= 0x323 && address <= 0x33F) return "mhpmevent" + std::to_string(address - 0x320);
  return hex(address);
}

std::string disassemble(std::uint32_t insn, std::uint64_t pc) {
  const Op op = golden::decode_op(insn);
  if (op == Op::kIllegal) return ".4byte " + hex(insn);
  const isa::Opcode& entry = golden::opcode(op);
  std::string name(entry.name);
  if (op == Op::fence_) return join(name, {orders(isa::field_pred(insn)), orders(isa::field_succ(insn))});
  if (op == Op::fence_i_) return name;
  if (entry.extension == "rv64a") {
    if (isa::field_aq(insn))
      name += isa::field_rl(insn) ? ".aqrl" : ".aq";
    else if (isa::field_rl(insn))
      name += ".rl";
    const std::string address = "(" + x(isa::field_rs1(insn)) + ")";
    if (op == Op::lr_w_ || op == Op::lr_d_) return join(name, {x(isa::field_rd(insn)), address});
    return join(name, {x(isa::field_rd(insn)), x(isa::field_rs2(insn)), address});
  }
  if (entry.extension == "zicsr") {
    const bool immediate = insn >> 14 & 1;
    return join(name, {x(isa::field_rd(insn)), csr_name(isa::field_csr(insn)),
                       immediate ? std::to_string(isa::field_zimm5(insn)) : x(isa::field_rs1(insn))});
  }
  const std::string base = displacement(op, insn);
  if (op >= Op::sb_ && op <= Op::sd_) return join(name, {x(isa::field_rs2(insn)), base});
  std::string text = name;
  const char* separator = " ";
  for (unsigned i = 0; i < entry.operand_count; ++i) {
    const isa::Operand& operand = entry.operands[i];
    std::string word;
    if (operand.field == Field::rs1 && !base.empty()) {
      word = base;
    } else if (!base.empty() && (operand.field == Field::imm12 || operand.field == Field::vimm11)) {
      continue;
    } else if (operand.field == Field::rs1 && is_memory(entry.extension)) {
      word = "(" + x(isa::field_rs1(insn)) + ")";
    } else if (operand.field == Field::pad || operand.field == Field::sig || operand.field == Field::zfirst) {
      if (isa::field_value(operand.field, insn) == 0) continue;
      word = std::string(operand.name);
    } else {
      word = plain(operand, insn, pc);
    }
    text += separator + word;
    separator = ", ";
  }
  return text;
}

}  // namespace tatami
