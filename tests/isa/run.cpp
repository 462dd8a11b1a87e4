// Runs instruction-set tests: programs that say through tohost whether they passed.
//
//   isa_run [--device rtl|golden] PROGRAM.elf...
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "host/device.h"

namespace {

/// What went wrong, or nothing.
std::string run(const std::string& path, bool rtl) {
  using tatami::RunStatus;
  const auto device = rtl ? tatami::make_rtl_device({.shape = {}, .host_threads = 1, .lockstep = true, .wave = {}})
                          : tatami::make_golden_device({});
  device->load_elf(path);
  const tatami::RunResult result = device->run({.max_cycles = 20'000'000});
  fmt::print("{}: {} instructions, {} cycles, {:.2f} s\n", path, result.instructions, result.cycles, result.seconds);
  switch (result.status) {
    case RunStatus::exited:
      if (result.exit_code != 0) {
        return fmt::format("check {} failed (the line of a C program, the row of a generated one) {}", result.exit_code,
                           result.message);
      }
      return rtl && result.compared == 0 ? "nothing was compared with the golden model" : "";
    case RunStatus::trapped:
      return fmt::format("unhandled trap in hart {}: {} at {}, mtval {:#x}", result.trap->hart,
                         tatami::trap_cause_name(result.trap->cause), device->program().describe(result.trap->pc),
                         result.trap->value);
    case RunStatus::out_of_cycles: return "did not end";
    default: return result.message;
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Instruction-set tests");
  std::vector<std::string> programs;
  std::string device = "rtl";
  app.add_option("--device", device, "rtl: in lockstep with the golden model")->check(CLI::IsMember({"rtl", "golden"}));
  app.add_option("programs", programs, "ELF files")->required();
  CLI11_PARSE(app, argc, argv);
  int failures = 0;
  for (const std::string& program : programs) {
    std::string failure;
    try {
      failure = run(program, device == "rtl");
    } catch (const std::exception& error) {
      failure = error.what();
    }
    if (failure.empty()) continue;
    ++failures;
    fmt::print(stderr, "FAIL {}: {}\n  replay: {} --device {} {}\n", program, failure, argv[0], device, program);
  }
  return failures == 0 ? 0 : 1;
}
