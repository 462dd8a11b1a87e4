#include "golden/hart.h"

#include <utility>

#include "golden/execute.h"
#include "golden/machine.h"

namespace tatami::golden {
namespace {

std::int32_t immediate(isa::Op op, std::uint32_t insn) {
  if (op == isa::Op::kIllegal) return 0;
  const isa::Opcode& entry = opcode(op);
  for (unsigned i = 0; i < entry.operand_count; ++i) {
    switch (entry.operands[i].field) {
      case isa::Field::imm12:
      case isa::Field::simm12:
      case isa::Field::bimm12:
      case isa::Field::jimm20:
      case isa::Field::imm20:
      case isa::Field::shamt6:
      case isa::Field::shamt5:
      case isa::Field::zimm5:
      case isa::Field::vimm11:
      case isa::Field::vsimm5:
      case isa::Field::vuimm5: return static_cast<std::int32_t>(isa::field_value(entry.operands[i].field, insn));
      default: break;
    }
  }
  return 0;
}

void execute_illegal(Hart& hart, const Decoded&, Record& record) { hart.illegal(record); }

}  // namespace

Decoded decode(std::uint32_t insn) {
  Decoded decoded;
  decoded.insn = insn;
  decoded.op = decode_op(insn);
  decoded.rd = insn >> 7 & 31;
  decoded.rs1 = insn >> 15 & 31;
  decoded.rs2 = insn >> 20 & 31;
  decoded.imm = immediate(decoded.op, insn);
  decoded.event = event_of(decoded.op);
  for (const auto handlers : {scalar_handler, memory_handler, vector_handler, matrix_handler, network_handler}) {
    if (decoded.execute == nullptr) decoded.execute = handlers(decoded.op);
  }
  if (decoded.execute == nullptr) decoded.execute = execute_illegal;
  return decoded;
}

void Hart::reset(std::uint64_t pc) {
  pc_ = pc;
  halted_ = false;
  x_.fill(0);
  v_.fill({});
  tiles_.fill({});
  csrs_.reset();
  retired_ = 0;
  events_.fill(0);
  barrier = 0;
  barrier_passed = false;
  list_error = 0;
  wakes_seen = node_.wakes();
}

std::uint64_t Hart::hartid() const {
  return std::uint64_t{4} * (node_.y() * node_.machine().width() + node_.x()) + thread_;
}

void Hart::step(Record& record) {
  const std::uint64_t offset = pc_ - kMemoryBase;
  if (offset > kMemoryBytes - 4 || halted_) [[unlikely]] {
    record.begin(pc_);
    record.insn = 0;
    record.op = isa::Op::kIllegal;
    if (halted_) {
      record.status = Status::halted;
    } else {
      trap(record, Cause::instruction_fault, pc_);
    }
    return;
  }
  run(node_.decoded(static_cast<std::uint32_t>(offset)), record);
}

void Hart::execute(std::uint32_t insn, Record& record) {
  const std::uint64_t offset = pc_ - kMemoryBase;
  if (offset <= kMemoryBytes - 4) {
    const Decoded& cached = node_.decoded(static_cast<std::uint32_t>(offset));
    if (cached.insn == insn) return run(cached, record);
  }
  run(decode(insn), record);
}

void Hart::run(const Decoded& decoded, Record& record) {
  record.begin(pc_);
  record.insn = decoded.insn;
  record.op = decoded.op;
  decoded.execute(*this, decoded, record);
  if (record.status != Status::retired) [[unlikely]]
    return;
  pc_ = record.next_pc;
  ++retired_;
  ++events_[decoded.event];
}

bool Hart::jump(Record& record, std::uint64_t target) {
  if ((target & 3) != 0) {
    trap(record, Cause::instruction_misaligned, target);
    return false;
  }
  record.next_pc = target;
  ++events_[9];
  return true;
}

void Hart::trap(Record& record, Cause cause, std::uint64_t tval) {
  record.cause = cause;
  enter_trap(record, static_cast<std::uint64_t>(cause), tval);
}

bool Hart::interrupt(Record& record, std::uint64_t tval) {
  if (halted_ || !csrs_.mie || !csrs_.link_enabled) return false;
  record.begin(pc_);
  record.op = isa::Op::kIllegal;
  enter_trap(record, std::uint64_t{1} << 63 | kLinkInterrupt, tval);
  return true;
}

void Hart::enter_trap(Record& record, std::uint64_t mcause, std::uint64_t tval) {
  record.status = Status::trapped;
  record.tval = tval;
  node_.end_reservation(thread_);
  csrs_.mepc = pc_ & ~std::uint64_t{3};
  csrs_.mcause = mcause;
  csrs_.mtval = tval;
  csrs_.mpie = csrs_.mie;
  csrs_.mie = false;
  record.next_pc = csrs_.mtvec;
  if (csrs_.mtvec == 0) {
    record.unhandled = true;
    halted_ = true;
    return;
  }
  pc_ = csrs_.mtvec;
}

bool Hart::told_of_list(Record& record) {
  ExternalInputs* const external = node_.external();
  const std::uint64_t error =
      external != nullptr ? external->list_error(thread_) : std::exchange(list_error, std::uint64_t{0});
  if (error != 0) trap(record, Cause::list_failed, error);
  return error != 0;
}

bool Hart::read_csr(std::uint16_t address, std::uint64_t& value) {
  if (!csr_exists(address)) return false;
  Machine& machine = node_.machine();
  switch (address) {
    case csr::kMinstret:
    case csr::kInstret: value = retired_; return true;
    case csr::kMhartid: value = hartid(); return true;
    case csr::kDnodex: value = node_.x(); return true;
    case csr::kDnodey: value = node_.y(); return true;
    case csr::kDfabw: value = machine.width(); return true;
    case csr::kDfabh: value = machine.height(); return true;
    case csr::kDthread: value = thread_; return true;
    default: break;
  }
  if (!csr_is_external(address)) {
    value = csrs_.read(address);
  } else if (node_.external() != nullptr) {
    value = node_.external()->counter_csr(thread_, address);
  } else if (address >= csr::kMhpmcounter3 && address <= csr::kMhpmcounter31) {
    value = events_[address - csr::kMcycle];
  } else if (csr_is_of_links(address)) {
    value = 0;
  } else {
    value = node_.cycles();
  }
  return true;
}

}  // namespace tatami::golden
