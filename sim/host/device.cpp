#include "host/device.h"

#include <fmt/format.h>

#include <array>

#include "host/error.h"

namespace tatami {

std::string trap_cause_name(std::uint64_t cause) {
  switch (cause) {
    case 0: return "instruction address misaligned";
    case 1: return "instruction access fault";
    case 2: return "illegal instruction";
    case 3: return "breakpoint";
    case 4: return "load address misaligned";
    case 5: return "load access fault";
    case 6: return "store/AMO address misaligned";
    case 7: return "store/AMO access fault";
    case 11: return "environment call";
    case 24: return "bad format descriptor";
    case std::uint64_t{1} << 63 | 16: return "interrupt of a link error";
    case 25: return "list of transfers failed";
    default: return fmt::format("cause {}", cause);
  }
}

std::string describe(const Trap& trap, const std::string& location) {
  return fmt::format("thread {} of node {},{} (hart {}) trapped without a handler{} at {}: {} (cause {}), mtval {:#x}",
                     trap.thread, trap.node.x, trap.node.y, trap.hart,
                     trap.cycle ? fmt::format(" in cycle {}", *trap.cycle) : "", location, trap_cause_name(trap.cause),
                     trap.cause, trap.value);
}

void fail_for_list(RunResult& result, Coordinate node, unsigned thread, std::uint64_t tval) {
  const std::uint64_t reason = tval & 31;
  result.status = RunStatus::faulted;
  result.node = node;
  result.message = fmt::format(
      "the program ended, but a list of transfers failed and thread {} of node {},{}, which started it, did not wait "
      "for it: the "
      "descriptor at {:#x}: {}; wait for lists with a counter",
      thread, node.x, node.y, tval - reason, reason == 2 ? "malformed" : trap_cause_name(reason));
}

std::string event_name(unsigned event) {
  static constexpr std::array<const char*, kLastEvent - kFirstEvent + 1> kNames = {"vector loads",
                                                                                   "vector stores",
                                                                                   "SIMD instructions",
                                                                                   "matrix instructions",
                                                                                   "scalar memory accesses",
                                                                                   "branches and jumps",
                                                                                   "taken branches",
                                                                                   "stalled for fetch",
                                                                                   "stalled for operand",
                                                                                   "stalled for LSU",
                                                                                   "stalled for SIMD",
                                                                                   "stalled for matrix",
                                                                                   "cycles asleep",
                                                                                   "SRAM replays",
                                                                                   "matrix unit busy",
                                                                                   "SRAM words delayed",
                                                                                   "flits sent",
                                                                                   "flits received",
                                                                                   "flit wait cycles",
                                                                                   "multiplications and divisions",
                                                                                   "flits out north",
                                                                                   "flits out east",
                                                                                   "flits out south",
                                                                                   "flits out west",
                                                                                   "back-pressure north",
                                                                                   "back-pressure east",
                                                                                   "back-pressure south",
                                                                                   "back-pressure west",
                                                                                   "damaged flits"};
  return event >= kFirstEvent && event <= kLastEvent ? kNames.at(event - kFirstEvent) : fmt::format("event {}", event);
}

bool event_is_architectural(unsigned event) { return (event >= 3 && event <= 9) || event == 22; }
bool event_is_of_node(unsigned event) { return (event >= 17 && event <= 21) || event >= 23; }

template <typename Action>
void Device::on_every_node(std::uint64_t local, Action&& action) {
  for (const Coordinate at : info().shape.places()) action(global_address(at.x, at.y, local));
}

void Device::load(Program program) {
  program_ = std::move(program);
  clear_memory();
  for (const Segment& segment : program_.segments) {
    on_every_node(segment.address, [&](std::uint64_t address) { write(address, segment.bytes); });
  }
  free_all();
}

void Device::free_all() {
  // The runtime's linker script names the free memory; other programs leave everything after their last segment.
  const auto start = program_.find("__heap_start");
  const auto end = program_.find("__heap_end");
  heap_ = start ? start->address : std::max(program_.end, kSramBase);
  heap_end_ = end ? end->address : kSramBase + kSramBytes;
  edge_heap_.clear();
}

std::uint64_t Device::allocate(std::uint64_t bytes, std::uint64_t alignment) {
  const std::uint64_t address = (heap_ + alignment - 1) & ~(alignment - 1);
  if (address > heap_end_ || bytes > heap_end_ - address) {
    throw InputError(
        fmt::format("{} bytes do not fit in the node's SRAM: {} of its {} bytes are free after the program, earlier "
                    "operands and stacks; use smaller matrices or narrower formats",
                    bytes, available(), kSramBytes));
  }
  heap_ = address + bytes;
  return address;
}

std::uint64_t Device::allocate_edge(RimPort port, std::uint64_t bytes, std::uint64_t alignment) {
  if (!info().shape.has_rim_port(port.at.x, port.at.y, port.side)) {
    throw InputError(
        fmt::format("node {},{} of {} has no edge memory on side {}: it is dead or not at that rim of the fabric",
                    port.at.x, port.at.y, info().shape.text(), port.side));
  }
  std::uint64_t& heap = edge_heap_[port];
  const std::uint64_t offset = (heap + alignment - 1) & ~(alignment - 1);
  if (offset > kEdgeBytes || bytes > kEdgeBytes - offset) {
    throw InputError(fmt::format("{} bytes do not fit in the edge memory at node {},{}: {} of its {} bytes are free",
                                 bytes, port.at.x, port.at.y, kEdgeBytes - heap, kEdgeBytes));
  }
  heap = offset + bytes;
  return edge_address(port.at.x, port.at.y, port.side, offset);
}

void Device::write_arguments(std::span<const std::byte> arguments) {
  for (const Coordinate at : info().shape.places()) write_arguments(at, arguments);
}

void Device::write_arguments(Coordinate node, std::span<const std::byte> arguments) {
  constexpr std::size_t kCapacity = 512;
  if (arguments.size() > kCapacity) {
    throw InputError(fmt::format("{} bytes of kernel arguments, at most {} fit", arguments.size(), kCapacity));
  }
  write(global_address(node.x, node.y, program_.address_of("tatami_args")), arguments);
}

void Device::set_threads(int threads) {
  if (threads < 1 || threads > kThreadsPerNode) {
    throw InputError(fmt::format("{} threads asked for, a node has 1 to {}", threads, kThreadsPerNode));
  }
  const auto value = static_cast<std::uint32_t>(threads);
  on_every_node(program_.address_of("tatami_nthreads"), [&](std::uint64_t address) { write_value(address, value); });
}

}  // namespace tatami
