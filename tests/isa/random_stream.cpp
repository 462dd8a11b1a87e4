// Runs random programs on the RTL in lockstep with the golden model, or on the golden model alone.
//
//   random_stream --seed 17                        one program
//   random_stream --seed 1 --count 1000            programs 1..1000
//   random_stream --seed 17 --list                 the program, disassembled
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>

#include "golden/disasm.h"
#include "host/device.h"
#include "random_program.h"

namespace {

using tatami::isa_test::RandomConfig;

void list(const tatami::Program& program) {
  for (const tatami::Segment& segment : program.segments) {
    const auto symbol = std::find_if(program.symbols.begin(), program.symbols.end(), [&](const auto& entry) {
      return entry.second.function && entry.second.address == segment.address;
    });
    if (symbol == program.symbols.end()) continue;
    fmt::print("{}:\n", symbol->first);
    for (std::size_t i = 0; i + 4 <= segment.bytes.size(); i += 4) {
      std::uint32_t word = 0;
      std::memcpy(&word, segment.bytes.data() + i, 4);
      fmt::print("  {:x}: {:08x}  {}\n", segment.address + i, word, tatami::disassemble(word, segment.address + i));
    }
  }
}

std::string describe(const tatami::RunResult& result) {
  using tatami::RunStatus;
  switch (result.status) {
    case RunStatus::exited: return fmt::format("exited with code {}; {}", result.exit_code, result.message);
    case RunStatus::trapped:
      return fmt::format("unhandled trap in hart {}: cause {} at {:#x}, mtval {:#x}", result.trap->hart,
                         result.trap->cause, result.trap->pc, result.trap->value);
    case RunStatus::out_of_cycles: return "did not end";
    default: return result.message;
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Random instruction streams");
  RandomConfig first;
  std::uint64_t count = 1;
  std::string device_name = "rtl";
  bool only_list = false;
  app.add_option("--seed", first.seed, "Seed of the first program");
  app.add_option("--count", count, "Number of programs, with seeds that follow");
  app.add_option("--length", first.length, "Groups of instructions a thread")
      ->check(CLI::Range(1U, tatami::isa_test::kMaxLength));
  app.add_option("--device", device_name, "rtl: in lockstep with the golden model")
      ->check(CLI::IsMember({"rtl", "golden"}));
  app.add_flag("--list", only_list, "Print the first program and do not run it");
  CLI11_PARSE(app, argc, argv);

  const auto start = std::chrono::steady_clock::now();
  std::uint64_t instructions = 0, cycles = 0, failures = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    RandomConfig config = first;
    config.seed += i;
    std::string failure;
    try {
      tatami::Program program = tatami::isa_test::random_program(config);
      if (only_list) {
        list(program);
        return 0;
      }
      const auto device = device_name == "rtl"
                              ? tatami::make_rtl_device({.shape = {}, .host_threads = 1, .lockstep = true, .wave = {}})
                              : tatami::make_golden_device({});
      device->load(std::move(program));
      const tatami::RunResult result = device->run({.max_cycles = std::uint64_t{20'000} * config.length + 100'000});
      instructions += result.instructions;
      cycles += result.cycles;
      if (!result.passed()) {
        failure = describe(result);
      } else if (device_name == "rtl" && result.compared == 0) {
        failure = "nothing was compared";
      }
    } catch (const std::exception& error) {
      failure = error.what();
    }
    if (failure.empty()) continue;
    ++failures;
    fmt::print(stderr, "FAIL seed {}: {}\n  replay: {} --seed {} --length {} --device {}\n", config.seed, failure,
               argv[0], config.seed, config.length, device_name);
    if (failures == 5) break;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  fmt::print("{} of {} programs failed; {} instructions, {} cycles, {:.1f} s\n", failures, count, instructions, cycles,
             seconds);
  return failures == 0 ? 0 : 1;
}
