// The golden instruction-set model behind the device API.
#include <fmt/format.h>

#include <chrono>
#include <cstring>

#include "golden/machine.h"
#include "host/device.h"
#include "host/error.h"
#include "host/host_memory.h"
#include "host/watchdog.h"

namespace tatami {
namespace {

class GoldenDevice final : public Device {
 public:
  explicit GoldenDevice(const GoldenConfig& config)
      : info_{"golden", config.shape, false}, places_(config.shape.places()), machine_(machine_config(config.shape)) {}

  const DeviceInfo& info() const override { return info_; }

  void write(std::uint64_t address, std::span<const std::byte> bytes) override {
    if (!machine_.write(address, bytes)) outside(address, bytes.size());
  }
  void read(std::uint64_t address, std::span<std::byte> bytes) override {
    if (!machine_.read(address, bytes)) outside(address, bytes.size());
  }

  RunResult run(const RunOptions& options) override {
    const auto start = std::chrono::steady_clock::now();
    const auto tohost = program().find("tohost");
    machine_.reset(program().entry, tohost ? tohost->address : 0);
    Watchdog watchdog(options.watchdog_cycles);
    RunResult result;
    for (;;) {
      std::uint64_t steps = watchdog.interval();
      if (options.max_cycles != 0)
        steps = std::min(steps, options.max_cycles - std::min(options.max_cycles, machine_.instructions()));
      if (steps == 0) {
        result.status = RunStatus::out_of_cycles;
        break;
      }
      if (finished(machine_.run(steps), result)) break;
      if (watchdog.sample(registers(), [&] { return memory(); })) {
        result.status = RunStatus::hung;
        result.message = fmt::format(
            "hang: all threads repeat the same states and memory has not changed for {} steps; hart 0 is at {}; "
            "--watchdog 0 lets it run on",
            options.watchdog_cycles, program().describe(machine_.hart(0).pc()));
        break;
      }
    }
    result.instructions = machine_.instructions();
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
  }

  std::vector<Counter> counters() const override {
    std::vector<Counter> list;
    for (const auto [x, y] : places_) {
      const int node = static_cast<int>(y * info_.shape.width + x);
      for (unsigned thread = 0; thread < golden::kThreads; ++thread) {
        const golden::Hart& hart = machine_.node(x, y).hart(thread);
        list.push_back({"instructions", node, static_cast<int>(thread), hart.retired()});
        for (unsigned event = kFirstEvent; event <= kLastEvent; ++event) {
          if (!event_is_architectural(event)) continue;
          list.push_back({event_name(event), node, static_cast<int>(thread), hart.event(event)});
        }
      }
    }
    return list;
  }

 protected:
  void clear_memory() override { machine_.clear_memory(); }

 private:
  [[noreturn]] void outside(std::uint64_t address, std::size_t bytes) const {
    throw InputError(fmt::format("host access to {} bytes at {:#x} lies outside the fabric's memory", bytes, address));
  }

  static golden::MachineConfig machine_config(const FabricShape& shape) {
    constexpr std::uint64_t kNodeBytes = 1'340'000;  // measured with 256 nodes
    require_memory(shape, kNodeBytes, "");
    golden::MachineConfig config{shape.width, shape.height, {}};
    for (const auto [x, y] : shape.dead) config.dead.emplace_back(x, y);
    return config;
  }

  bool finished(const golden::Outcome& outcome, RunResult& result) const {
    result.node = {outcome.x, outcome.y};
    switch (outcome.ending) {
      case golden::Ending::step_limit: return false;
      case golden::Ending::exited:
        result.status = RunStatus::exited;
        result.exit_code = outcome.exit_code;
        if (outcome.exit_code == 0) check_lists(result);
        return true;
      case golden::Ending::trapped:
        result.status = RunStatus::trapped;
        result.trap = Trap{result.node,
                           static_cast<unsigned>(outcome.hart % golden::kThreads),
                           static_cast<unsigned>(outcome.hart),
                           static_cast<std::uint64_t>(outcome.record.cause),
                           outcome.record.pc,
                           outcome.record.tval,
                           {}};
        result.message = describe(*result.trap, program().describe(outcome.record.pc));
        return true;
      case golden::Ending::hung:
        result.status = RunStatus::hung;
        result.message =
            "hang: every thread sleeps or is halted, and nothing can wake one; did the program return from main in all "
            "threads?";
        return true;
    }
    return true;
  }

  // A failed list of which its thread has not been told when the program ends.
  void check_lists(RunResult& result) const {
    for (const auto [x, y] : places_) {
      for (unsigned thread = 0; thread < golden::kThreads; ++thread) {
        const std::uint64_t error = machine_.node(x, y).hart(thread).list_error;
        if (error != 0 && result.status == RunStatus::exited) fail_for_list(result, {x, y}, thread, error);
      }
    }
  }

  template <typename Action>
  void on_harts(Action&& action) {
    for (const auto [x, y] : places_) {
      for (unsigned thread = 0; thread < golden::kThreads; ++thread) action(machine_.node(x, y).hart(thread));
    }
  }

  std::uint64_t registers() {
    StateHash hash;
    on_harts([&](const golden::Hart& hart) {
      hash.add(hart.pc());
      for (unsigned i = 1; i < 32; ++i) hash.add(hart.x(i));
    });
    return hash.value();
  }

  std::uint64_t memory() {
    StateHash hash;
    for (const auto [x, y] : places_) {
      const std::uint8_t* bytes = machine_.node(x, y).sram().data();
      for (std::size_t i = 0; i < kSramBytes; i += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes + i, 8);
        hash.add(word);
      }
    }
    return hash.value();
  }

  DeviceInfo info_;
  std::vector<Coordinate> places_;
  mutable golden::Machine machine_;  // its nodes are reached through non-const functions only
};

}  // namespace

std::unique_ptr<Device> make_golden_device(const GoldenConfig& config) {
  return std::make_unique<GoldenDevice>(config);
}

}  // namespace tatami
