#include "rtl/stuck.h"

#include <fmt/format.h>

#include "golden/decoder.h"
#include "golden/disasm.h"
#include "golden/node.h"

namespace tatami {
namespace {

constexpr unsigned kMostNodes = 8;

std::uint32_t instruction_at(rtl::RtlNode& node, std::uint64_t pc) {
  const std::uint64_t offset = pc - kSramBase;
  if (offset > kSramBytes - 4) return 0;
  return static_cast<std::uint32_t>(node.memory()[offset / 8] >> 8 * (offset & 4));
}

std::string describe_thread(rtl::RtlNode& node, unsigned thread, const Program& program) {
  const std::uint64_t pc = node.pc(thread);
  const std::uint32_t insn = instruction_at(node, pc);
  std::string text = fmt::format("    thread {} at {}: {}", thread, program.describe(pc), disassemble(insn, pc));
  switch (golden::decode_op(insn)) {
    case isa::Op::dn_ctr_wait_:
    case isa::Op::dn_ctr_take_:
      text += fmt::format(", waits until counter {} is {}, it is {}", isa::field_ctr(insn),
                          static_cast<std::uint32_t>(node.scalar(thread, insn >> 15 & 31)),
                          node.counter(isa::field_ctr(insn)));
      break;
    case isa::Op::dn_bar_:
      text += fmt::format(", waits for the other threads of mask {:#x}", isa::field_bmask(insn));
      break;
    case isa::Op::wfi_: text += ", waits for a packet, a counter or the host"; break;
    default: break;
  }
  return text + "\n";
}

}  // namespace

std::string describe_stuck(fabric::Fabric& fabric, const Program& program) {
  std::string text;
  unsigned waiting = 0;
  for (unsigned i = 0; i < fabric.nodes(); ++i) {
    if (fabric.ended(i) || ++waiting > kMostNodes) continue;
    const Coordinate at = fabric.place(i);
    text += fmt::format("  node {},{}\n", at.x, at.y);
    for (unsigned thread = 0; thread < rtl::kThreads; ++thread)
      text += describe_thread(fabric.node(i), thread, program);
    if (const auto list = fabric.node(i).list()) {
      text +=
          fmt::format("    block mover: a list of thread {}, at the descriptor {:#x}, {} packets not acknowledged\n",
                      list->thread, list->descriptor, list->outstanding);
    }
    for (unsigned number = 0; number < golden::kTriggers; ++number) {
      const auto trigger = fabric.node(i).trigger(number);
      if (!trigger) continue;
      text += fmt::format("    trigger {} waits until counter {} is {}, it is {}\n", number, trigger->counter,
                          trigger->count, fabric.node(i).counter(trigger->counter));
    }
  }
  if (waiting > kMostNodes) text += fmt::format("  and {} more nodes\n", waiting - kMostNodes);
  return text;
}

}  // namespace tatami
