// The RTL device: a fabric of verilated nodes behind the device API, in lockstep with the golden model if asked for.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>

#include "debug/lockstep.h"
#include "fabric/fabric.h"
#include "host/device.h"
#include "host/error.h"
#include "host/host_memory.h"
#include "host/watchdog.h"
#include "rtl/matrix_watch.h"
#include "rtl/stuck.h"

namespace tatami {
namespace {

constexpr std::uint64_t kNever = ~std::uint64_t{0};

golden::MachineConfig machine_config(const FabricShape& shape) {
  golden::MachineConfig config{shape.width, shape.height, {}};
  for (const auto [x, y] : shape.dead) config.dead.emplace_back(x, y);
  return config;
}

// Memory that a node takes, its golden node and what compares them; measured with 256 nodes.
constexpr std::uint64_t kNodeBytes = 1'420'000, kLockstepBytes = 1'560'000;

const RtlConfig& fitting(const RtlConfig& config) {
  require_memory(config.shape, kNodeBytes + (config.lockstep ? kLockstepBytes : 0),
                 config.lockstep ? ", or no lockstep (--check result, --check none), which halves it" : "");
  return config;
}

class RtlDevice final : public Device {
 public:
  explicit RtlDevice(const RtlConfig& config)
      : config_(fitting(config)),
        info_{"rtl", config.shape, true},
        fabric_(config.shape, config.host_threads, config.edge) {
    if (config.wave && fabric_.at(config.wave->node.x, config.wave->node.y) == nullptr) {
      throw InputError(fmt::format("--wave-node {},{}: there is no such node in {}", config.wave->node.x,
                                   config.wave->node.y, config.shape.text()));
    }
    if (!config.lockstep) return;
    machine_ = std::make_unique<golden::Machine>(machine_config(config.shape));
    for (unsigned i = 0; i < fabric_.nodes(); ++i) {
      const Coordinate at = fabric_.place(i);
      lockstep_.push_back(std::make_unique<debug::Lockstep>(machine_->node(at.x, at.y)));
      fabric_.set_lockstep(i, lockstep_.back().get());
    }
  }

  const DeviceInfo& info() const override { return info_; }

  void write(std::uint64_t address, std::span<const std::byte> bytes) override {
    if (SparseMemory* const edge = edge_memory(address, bytes.size()); edge != nullptr) {
      return edge->write(address & 0xFFFF'FFFF, bytes.data(), bytes.size());
    }
    std::memcpy(place(address, bytes.size()), bytes.data(), bytes.size());
  }

  void read(std::uint64_t address, std::span<std::byte> bytes) override {
    if (SparseMemory* const edge = edge_memory(address, bytes.size()); edge != nullptr) {
      return edge->read(address & 0xFFFF'FFFF, bytes.data(), bytes.size());
    }
    std::memcpy(bytes.data(), place(address, bytes.size()), bytes.size());
  }

  RunResult run(const RunOptions& options) override;
  std::vector<Counter> counters() const override;

 protected:
  void clear_memory() override {
    for (unsigned i = 0; i < fabric_.nodes(); ++i) fabric_.node(i).clear_memory();
    fabric_.clear_edge_memory();
  }

 private:
  static_assert(std::endian::native == std::endian::little);

  std::byte* place(std::uint64_t address, std::uint64_t size) {
    const unsigned x = address >> 32 & 255;
    const unsigned y = address >> 40 & 255;
    const std::uint64_t local = address & 0xFFFF'FFFF;
    if (local < kSramBase || size > kSramBytes || local - kSramBase > kSramBytes - size) {
      throw InputError(fmt::format("{} bytes at {:#x} are not in SRAM ({:#x}..{:#x})", size, address, kSramBase,
                                   kSramBase + kSramBytes - 1));
    }
    rtl::RtlNode* const node = address >> 48 == 0 ? fabric_.at(x, y) : nullptr;
    if (node == nullptr) {
      throw InputError(fmt::format("{} bytes at {:#x}: the fabric ({}) has no node {},{}, or it is dead", size, address,
                                   info_.shape.text(), x, y));
    }
    return reinterpret_cast<std::byte*>(node->memory().data()) + (local - kSramBase);
  }

  // The edge memory that an address names; nullptr if it names SRAM.
  SparseMemory* edge_memory(std::uint64_t address, std::uint64_t size) {
    if (!golden::names_edge(address)) return nullptr;
    fabric::EdgePort* port = nullptr;
    if (address >> 51 == 0) port = fabric_.edge(address >> 32 & 255, address >> 40 & 255, address >> 49 & 3);
    if (port == nullptr || size > kEdgeBytes - (address & 0xFFFF'FFFF)) {
      throw InputError(
          fmt::format("{} bytes at {:#x} are not in edge memory: no such port of the fabric ({}), or past its end",
                      size, address, info_.shape.text()));
    }
    return &port->memory();
  }

  template <typename Option>
  std::pair<unsigned, unsigned> link_of(const Option& option) const;
  void disturb(const RunOptions& options);
  void note_held(std::uint64_t cycles, RunResult& result) const;
  void start();
  void check_lists(RunResult& result) const;
  void conclude(const fabric::StopReport& report, RunResult& result);
  void finish_lockstep(RunResult& result, bool drained);
  std::uint64_t hash_registers() const;
  std::uint64_t hash_memory();
  std::string where_harts_are() const;

  RtlConfig config_;
  DeviceInfo info_;
  fabric::Fabric fabric_;
  std::unique_ptr<golden::Machine> machine_;
  std::vector<std::unique_ptr<debug::Lockstep>> lockstep_;  // by node of fabric_, or empty
};

/// Puts the RTL and, for lockstep, the golden model into the same state.
void RtlDevice::start() {
  const auto tohost = program().find("tohost");
  fabric_.reset(program().entry, tohost ? tohost->address : 0);
  if (!machine_) return;
  for (unsigned i = 0; i < fabric_.nodes(); ++i) {
    const Coordinate at = fabric_.place(i);
    if (!machine_->write(global_address(at.x, at.y, kSramBase), std::as_bytes(std::span(fabric_.node(i).memory())))) {
      throw std::logic_error("golden SRAM is smaller than the RTL's");
    }
  }
  machine_->reset(program().entry, tohost ? tohost->address : 0);
  for (auto& lockstep : lockstep_) lockstep->reset();
}

std::uint64_t RtlDevice::hash_registers() const {
  StateHash hash;
  for (unsigned i = 0; i < fabric_.nodes(); ++i) {
    const rtl::RtlNode& node = fabric_.node(i);
    for (unsigned thread = 0; thread < rtl::kThreads; ++thread) {
      hash.add(node.pc(thread));
      for (unsigned reg = 1; reg < 32; ++reg) hash.add(node.scalar(thread, reg));
    }
  }
  return hash.value();
}

std::uint64_t RtlDevice::hash_memory() {
  StateHash hash;
  for (unsigned i = 0; i < fabric_.nodes(); ++i) {
    for (const std::uint64_t word : fabric_.node(i).memory()) hash.add(word);
  }
  return hash.value();
}

std::string RtlDevice::where_harts_are() const {
  std::string text;
  for (unsigned thread = 0; thread < rtl::kThreads; ++thread) {
    text += fmt::format("{}hart {} is at {}", thread == 0 ? "" : ", ", thread,
                        program().describe(fabric_.node(0).pc(thread)));
  }
  return text;
}

void RtlDevice::finish_lockstep(RunResult& result, bool drained) {
  for (unsigned i = 0; i < lockstep_.size(); ++i) {
    debug::Lockstep& lockstep = *lockstep_[i];
    if (!lockstep.diverged()) lockstep.finish(drained);
    result.compared += lockstep.compared().total();
    if (!lockstep.diverged() || result.status == RunStatus::diverged) continue;
    result.status = RunStatus::diverged;
    result.node = fabric_.place(i);
    result.message = lockstep.divergence()->text();
    if (fabric_.nodes() > 1)
      result.message = fmt::format("node {},{}: {}", result.node.x, result.node.y, result.message);
  }
}

// A failed list of which its thread has not been told when the program ends.
void RtlDevice::check_lists(RunResult& result) const {
  for (unsigned i = 0; i < fabric_.nodes(); ++i) {
    for (unsigned thread = 0; thread < rtl::kThreads; ++thread) {
      const std::uint64_t error = fabric_.node(i).list_error(thread);
      if (error != 0 && result.status == RunStatus::exited) fail_for_list(result, fabric_.place(i), thread, error);
    }
  }
}

void RtlDevice::conclude(const fabric::StopReport& report, RunResult& result) {
  rtl::RtlNode& node = fabric_.node(report.node);
  result.node = fabric_.place(report.node);
  switch (report.stop) {
    case fabric::Stop::ended:
    case fabric::Stop::failed:
      result.status = RunStatus::exited;
      result.exit_code = report.value >> 1;
      if (result.exit_code == 0) check_lists(result);
      break;
    case fabric::Stop::trapped: {
      const rtl::NodeTrap trap = node.trap(static_cast<unsigned>(std::countr_zero(node.unhandled())));
      result.status = RunStatus::trapped;
      const unsigned hart = rtl::kThreads * (result.node.y * info_.shape.width + result.node.x) + trap.thread;
      result.trap = Trap{result.node, trap.thread, hart, trap.cause, trap.pc, trap.value, trap.cycle};
      result.message = describe(*result.trap, program().describe(trap.pc));
      break;
    }
    case fabric::Stop::quiet:
      result.status = RunStatus::hung;
      result.message = "all threads sleep and nothing can wake them\n" + describe_stuck(fabric_, program());
      break;
    case fabric::Stop::corrupted:
      // It is known one cycle after the arrival.
      result.status = RunStatus::link_error;
      result.message = fmt::format("a flit with wrong parity arrived at node {},{} in cycle {} on:", result.node.x,
                                   result.node.y, fabric_.cycle() - 2);
      for (unsigned i = 0; i < rtl::kLinks; ++i) {
        if ((report.value >> i & 1) == 0) continue;
        const DamagedFlit flit{result.node, i / 2, (i & 1) != 0, fabric_.cycle() - 2};
        result.message += fmt::format(" port {}, {}", fabric::port_name(flit.port), fabric::class_name(flit.response));
        result.damaged.push_back(flit);
      }
      break;
    case fabric::Stop::astray:
      result.status = RunStatus::faulted;
      result.message = fmt::format("{} in cycle {}", fabric_.edge_error(report.node), fabric_.cycle() - 2);
      break;
    case fabric::Stop::diverged:
    case fabric::Stop::limit: break;
  }
}

/// A link of the options as the fabric numbers them; throws InputError if there is no such link.
template <typename Option>
std::pair<unsigned, unsigned> RtlDevice::link_of(const Option& option) const {
  const unsigned link = 2 * option.port + option.response;
  if (option.port < fabric::kLinks) {
    const auto [dx, dy, other] = rtl::link_end(link);
    // Links out of the fabric, to edge memory, are not disturbed; coordinates below 0 are as far outside as can be.
    const bool inside =
        info_.shape.live(option.node.x + static_cast<unsigned>(dx), option.node.y + static_cast<unsigned>(dy));
    for (unsigned i = 0; i < fabric_.nodes() && inside; ++i) {
      if (fabric_.place(i) == option.node) return {i, link};
    }
  }
  throw InputError(
      fmt::format("a fault at node {},{}, port {}: the fabric ({}) has no link between two live nodes there",
                  option.node.x, option.node.y, fabric::port_name(option.port), info_.shape.text()));
}

void RtlDevice::disturb(const RunOptions& options) {
  fabric_.clear_disturbances();
  for (const LinkFault& fault : options.link_faults) {
    if (fault.bit >= 32 * rtl::kFlitWords) throw InputError(fmt::format("a flit has no bit {}", fault.bit));
    const auto [node, link] = link_of(fault);
    fabric_.disturb({node, link, fault});
  }
  for (const LinkHold& hold : options.link_holds) {
    // The places are the receiver's, the credits arrive at the sender.
    const auto [node, link] = link_of(hold);
    const rtl::LinkEnd end = rtl::link_end(link);
    const Coordinate sender{hold.node.x + static_cast<unsigned>(end.dx), hold.node.y + static_cast<unsigned>(end.dy)};
    const auto [other, there] = link_of(LinkHold{sender, end.other / 2, hold.response});
    fabric_.disturb({other, there, hold.from, hold.cycles});
  }
}

/// Notes each held queue once.
void RtlDevice::note_held(std::uint64_t cycles, RunResult& result) const {
  for (const HeldQueue& queue : fabric_.held(cycles)) {
    if (std::ranges::find(result.held, queue) == result.held.end()) result.held.push_back(queue);
  }
}

/// Processor time of all threads of this process.
double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

RunResult RtlDevice::run(const RunOptions& options) {
  disturb(options);
  start();
  const double cpu_begin = cpu_seconds();
  const auto begin = std::chrono::steady_clock::now();
  RunResult result;
  Watchdog watchdog(options.watchdog_cycles);
  std::uint64_t next_sample = watchdog.interval();
  const std::uint64_t look = options.held_cycles / 8 + 1;  // cycles between two looks for held queues
  std::uint64_t next_look = look;
  if (config_.wave) {
    const auto& [path, from, to, at] = *config_.wave;
    for (unsigned i = 0; i < fabric_.nodes(); ++i) {
      if (fabric_.place(i) == at) fabric_.set_wave(i, from, to);
    }
    if (!fabric_.at(at.x, at.y)->open_wave(path)) {
      throw InputError(fmt::format("--{} {}: cannot be written: {}", rtl_wave_format(), path, std::strerror(errno)));
    }
  }

  std::optional<rtl::MatrixWatch> watch;
  if (options.results) {
    watch.emplace(*options.results);
    fabric_.set_watch(0, &*watch);
  }
  fabric::StopReport report;
  const auto seconds = [&begin] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  // A busy node takes some microseconds a cycle, so this is at most some tenths of a second.
  const std::uint64_t pause = options.progress ? std::max<std::uint64_t>(1, 100'000 / fabric_.nodes()) : kNever;
  double reported = 0;
  for (;;) {
    // A sample is taken after its cycle, and the last cycle that may be run is max_cycles.
    const std::uint64_t end = options.max_cycles == 0 ? kNever : options.max_cycles + 1;
    const std::uint64_t until = std::min({next_sample + 1, next_look, end});
    report = fabric_.run(until - fabric_.cycle() > pause ? fabric_.cycle() + pause : until);
    note_held(options.held_cycles, result);
    if (options.progress && seconds() - reported >= 1) options.progress(fabric_.cycle(), reported = seconds());
    if (report.stop != fabric::Stop::limit) {
      conclude(report, result);
      break;
    }
    if (fabric_.cycle() >= end) {
      result.status = RunStatus::out_of_cycles;
      result.message = fmt::format("still running after {} cycles (--max-cycles)", options.max_cycles);
      break;
    }
    if (fabric_.cycle() >= next_look) next_look += look;
    if (fabric_.cycle() <= next_sample) continue;
    next_sample += watchdog.interval();
    if (watchdog.sample(hash_registers(), [this] { return hash_memory(); })) {
      result.status = RunStatus::hung;
      result.message = fmt::format("no thread made progress for {} cycles: {}; --watchdog 0 lets it run on\n{}",
                                   options.watchdog_cycles, where_harts_are(), describe_stuck(fabric_, program()));
      break;
    }
  }
  if (config_.wave) {
    fabric_.at(config_.wave->node.x, config_.wave->node.y)->close_wave();
    fabric_.clear_wave();
  }
  if (watch) {
    fabric_.set_watch(0, nullptr);
    result.matrix_use = watch->use();
  }
  for (std::size_t i = 0; i < options.link_faults.size(); ++i) {
    const LinkFault& fault = options.link_faults[i];
    if (!fabric_.disturbances()[i].outstanding()) continue;
    result.notes.push_back(
        fmt::format("no bit was flipped in flit {} of node {},{}, port {}, {}: so many did not arrive", fault.flit,
                    fault.node.x, fault.node.y, fabric::port_name(fault.port), fabric::class_name(fault.response)));
  }
  finish_lockstep(result, report.stop == fabric::Stop::quiet);
  result.cycles = fabric_.cycle();
  result.instructions = fabric_.instructions();
  if (const EdgeUse use = fabric_.edge_use(); use.requests != 0) result.edge = use;
  result.seconds = seconds();
  result.cpu_seconds = cpu_seconds() - cpu_begin;
  return result;
}

std::vector<Counter> RtlDevice::counters() const {
  std::vector<Counter> list;
  for (unsigned i = 0; i < fabric_.nodes(); ++i) {
    const rtl::RtlNode& node = fabric_.node(i);
    const Coordinate at = fabric_.place(i);
    const int number = static_cast<int>(at.y * info_.shape.width + at.x);
    for (unsigned event = kFirstEvent; event <= kLastEvent; ++event) {
      if (event_is_of_node(event)) {
        list.push_back({event_name(event), number, -1, node.event(0, event)});
        continue;
      }
      for (unsigned thread = 0; thread < rtl::kThreads; ++thread) {
        list.push_back({event_name(event), number, static_cast<int>(thread), node.event(thread, event)});
      }
    }
  }
  return list;
}

}  // namespace

std::unique_ptr<Device> make_rtl_device(const RtlConfig& config) { return std::make_unique<RtlDevice>(config); }

std::string rtl_wave_format() { return rtl::RtlNode::wave_format(); }

}  // namespace tatami
