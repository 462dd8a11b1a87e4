// The RTL device: one verilated node behind the device API, in lockstep with the golden model if asked for.
#include <fmt/format.h>

#include <bit>
#include <chrono>
#include <cstring>

#include "debug/lockstep.h"
#include "host/device.h"
#include "host/error.h"
#include "host/watchdog.h"
#include "rtl/matrix_watch.h"
#include "rtl/rtl_node.h"

namespace tatami {
namespace {

class RtlDevice final : public Device {
 public:
  explicit RtlDevice(const RtlConfig& config) : config_(config), info_{"rtl", config.width, config.height, true} {
    if (config.width != 1 || config.height != 1) {
      throw InputError(fmt::format("--nodes {}x{}: the RTL runs one node so far; try --nodes 1x1", config.width, config.height));
    }
    if (config.lockstep) {
      machine_ = std::make_unique<golden::Machine>();
      lockstep_ = std::make_unique<debug::Lockstep>(machine_->node());
    }
  }

  const DeviceInfo& info() const override { return info_; }

  void write(std::uint64_t address, std::span<const std::byte> bytes) override {
    const std::uint64_t offset = offset_of(address, bytes.size());
    std::memcpy(memory_bytes() + offset, bytes.data(), bytes.size());
  }

  void read(std::uint64_t address, std::span<std::byte> bytes) override {
    const std::uint64_t offset = offset_of(address, bytes.size());
    std::memcpy(bytes.data(), memory_bytes() + offset, bytes.size());
  }

  RunResult run(const RunOptions& options) override;
  std::vector<Counter> counters() const override;

 protected:
  void clear_memory() override { node_.clear_memory(); }

 private:
  static_assert(std::endian::native == std::endian::little);
  std::byte* memory_bytes() { return reinterpret_cast<std::byte*>(node_.memory().data()); }

  static std::uint64_t offset_of(std::uint64_t address, std::uint64_t size) {
    if (address < kSramBase || size > kSramBytes || address - kSramBase > kSramBytes - size) {
      throw InputError(fmt::format("{} bytes at {:#x} are not in SRAM ({:#x}..{:#x})", size, address, kSramBase, kSramBase + kSramBytes - 1));
    }
    return address - kSramBase;
  }

  void start();
  void finish_lockstep(RunResult& result, bool drained);
  std::uint64_t hash_registers() const;
  std::uint64_t hash_memory();
  std::string where_harts_are() const;

  RtlConfig config_;
  DeviceInfo info_;
  rtl::RtlNode node_;
  std::unique_ptr<golden::Machine> machine_;
  std::unique_ptr<debug::Lockstep> lockstep_;
};

/// Puts the RTL and, for lockstep, the golden model into the same state.
void RtlDevice::start() {
  rtl::NodeConfig node;
  node.boot_pc = program().entry;
  if (const auto tohost = program().find("tohost")) node.tohost = tohost->address;
  node_.reset(node);
  if (lockstep_) {
    const bool copied = machine_->write(kSramBase, std::as_bytes(std::span(node_.memory())));
    if (!copied) throw std::logic_error("golden SRAM is smaller than the RTL's");
    machine_->reset(node.boot_pc, node.tohost);
    lockstep_->reset();
  }
}

std::uint64_t RtlDevice::hash_registers() const {
  StateHash hash;
  for (unsigned thread = 0; thread < rtl::kThreads; ++thread) {
    hash.add(node_.pc(thread));
    for (unsigned reg = 1; reg < 32; ++reg) hash.add(node_.scalar(thread, reg));
  }
  return hash.value();
}

std::uint64_t RtlDevice::hash_memory() {
  StateHash hash;
  for (const std::uint64_t word : node_.memory()) hash.add(word);
  return hash.value();
}

std::string RtlDevice::where_harts_are() const {
  std::string text;
  for (unsigned thread = 0; thread < rtl::kThreads; ++thread) {
    text += fmt::format("{}hart {} is at {}", thread == 0 ? "" : ", ", thread, program().describe(node_.pc(thread)));
  }
  return text;
}

void RtlDevice::finish_lockstep(RunResult& result, bool drained) {
  if (!lockstep_) return;
  if (!lockstep_->diverged()) lockstep_->finish(drained);
  result.compared = lockstep_->compared().total();
  if (lockstep_->diverged()) {
    result.status = RunStatus::diverged;
    result.message = lockstep_->divergence()->text();
  }
}

RunResult RtlDevice::run(const RunOptions& options) {
  start();
  const auto begin = std::chrono::steady_clock::now();
  RunResult result;
  Watchdog watchdog(options.watchdog_cycles);
  std::uint64_t next_sample = watchdog.interval();
  if (config_.wave) node_.open_wave(config_.wave->path);

  std::optional<rtl::MatrixWatch> watch;
  if (options.results) watch.emplace(*options.results);
  bool drained = false;
  std::uint64_t cycle = 0;
  for (;; ++cycle) {
    node_.begin_cycle(cycle);
    if (config_.wave && cycle >= config_.wave->from && cycle <= config_.wave->to) node_.dump();
    const unsigned commits = node_.commits();
    result.instructions += static_cast<unsigned>(std::popcount(commits & ~node_.traps()));
    if (watch) watch->observe(node_);
    if (lockstep_) {
      lockstep_->begin_cycle(cycle);
      node_.report(*lockstep_);
      if (lockstep_->diverged()) break;
    }
    std::uint64_t value = 0;
    if (node_.tohost(value) && (value & 1) != 0) {
      result.status = RunStatus::exited;
      result.exit_code = (value & 0xFFFF'FFFF) >> 1;
      break;
    }
    if (const unsigned unhandled = node_.unhandled(); unhandled != 0) {
      const rtl::NodeTrap trap = node_.trap(static_cast<unsigned>(std::countr_zero(unhandled)));
      result.status = RunStatus::trapped;
      result.trap = Trap{trap.thread, trap.cause, trap.pc, trap.value};
      result.message = fmt::format("thread {} trapped without a handler: {} at pc {:#x}, mtval {:#x}", trap.thread,
                                   trap_cause_name(trap.cause), trap.pc, trap.value);
      break;
    }
    if (node_.quiet()) {
      result.status = RunStatus::hung;
      result.message = "all threads sleep and nothing can wake them";
      drained = true;
      break;
    }
    if (options.max_cycles != 0 && cycle >= options.max_cycles) {
      result.status = RunStatus::out_of_cycles;
      result.message = fmt::format("still running after {} cycles (--max-cycles)", options.max_cycles);
      break;
    }
    if (cycle >= next_sample) {
      next_sample = cycle + watchdog.interval();
      if (watchdog.sample(hash_registers(), [this] { return hash_memory(); })) {
        result.status = RunStatus::hung;
        result.message = fmt::format("no thread made progress for {} cycles: {}; --watchdog 0 lets it run on",
                                     options.watchdog_cycles, where_harts_are());
        break;
      }
    }
    node_.finish_cycle();
  }
  if (config_.wave) node_.close_wave();
  if (watch) result.matrix_use = watch->use();
  finish_lockstep(result, drained);
  result.cycles = cycle + 1;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

std::vector<Counter> RtlDevice::counters() const {
  std::vector<Counter> list;
  for (unsigned event = kFirstEvent; event <= kLastEvent; ++event) {
    if (event_is_of_node(event)) {
      list.push_back({event_name(event), 0, -1, node_.event(0, event)});
      continue;
    }
    for (unsigned thread = 0; thread < rtl::kThreads; ++thread) {
      list.push_back({event_name(event), 0, static_cast<int>(thread), node_.event(thread, event)});
    }
  }
  return list;
}

}  // namespace

std::unique_ptr<Device> make_rtl_device(const RtlConfig& config) { return std::make_unique<RtlDevice>(config); }

std::string rtl_wave_format() { return rtl::RtlNode::wave_format(); }

}  // namespace tatami
