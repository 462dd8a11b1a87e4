// tatami run: any program.
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "cli/common.h"
#include "host/error.h"

namespace tatami::cli {
namespace {

struct Settings {
  RunSettings run;
  std::string elf;
  std::string signature;
  std::optional<int> threads;
  bool counters = false;
};

/// begin_signature..end_signature, 8 bytes a line, as the public architecture tests compare them.
void write_signature(Device& device, const std::string& path) {
  const Program& program = device.program();
  const std::uint64_t begin = program.address_of("begin_signature");
  const std::uint64_t end = program.address_of("end_signature");
  if (end < begin) throw InputError(fmt::format("{}: end_signature lies before begin_signature", program.path));
  std::vector<std::byte> bytes(end - begin);
  device.read(begin, bytes);
  bytes.resize((bytes.size() + 7) / 8 * 8);
  std::ofstream file(path);
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, 8);
    file << fmt::format("{:016x}\n", word);
  }
  file.close();
  if (!file) throw InputError(fmt::format("--signature {}: cannot be written: {}", path, std::strerror(errno)));
}

Exit run(const Settings& settings) {
  Program program = load_program(settings.elf);
  for (const std::string& warning : program.warnings) fmt::print(stderr, "warning: {}\n", warning);
  if (!settings.signature.empty()) program.address_of("begin_signature");  // before a long run, not after it
  const auto device = make_device(settings.run);
  device->load(std::move(program));
  if (settings.threads) device->set_threads(*settings.threads);
  const RunResult result = device->run(settings.run.limits);
  const Verdict verdict = judge(result, device->program(), result.compared, 0);
  if (!settings.signature.empty() && result.status == RunStatus::exited) write_signature(*device, settings.signature);

  if (settings.run.json) {
    Json json;
    json["status"] = verdict.status;
    if (!verdict.reason.empty()) json["message"] = verdict.reason;
    json["program"] = settings.elf;
    json["device"] = device->info().name;
    json["nodes"] = "1x1";
    report_run(json, result, device->program());
    json["check"] = settings.run.golden ? "none" : settings.run.check;
    if (settings.counters) {
      json["counters"] = Json::array();
      for (const Counter& counter : device->counters()) {
        json["counters"].push_back(
            {{"name", counter.name}, {"node", counter.node}, {"thread", counter.thread}, {"value", counter.value}});
      }
    }
    print_json(json);
  } else {
    fmt::print("{}: ", settings.elf);
    if (result.cycles != 0) fmt::print("{} cycles, ", grouped(result.cycles));
    fmt::print("{} instructions, {:.2f} s", grouped(result.instructions), result.seconds);
    if (result.compared != 0) fmt::print(", {} records compared with golden", grouped(result.compared));
    fmt::print("\n");
    if (settings.counters) {
      for (const Counter& counter : device->counters()) {
        fmt::print("  {:<28} {:>8} {:>16}\n", counter.name,
                   counter.thread < 0 ? "node" : fmt::format("thread {}", counter.thread), grouped(counter.value));
      }
    }
    if (verdict.status == "pass") fmt::print("PASS\n");
    std::fflush(stdout);
  }
  if (!verdict.reason.empty())
    fmt::print(stderr, "{}: {}\n", verdict.status == "unchecked" ? "UNCHECKED" : "FAIL", verdict.reason);
  return verdict.exit;
}

}  // namespace

Action add_run(CLI::App& app) {
  auto settings = std::make_shared<Settings>();
  auto* command = app.add_subcommand("run", "Run a RISC-V program, by default in lockstep with the golden model");
  command->add_option("program", settings->elf, "ELF file, see `tatami cc`")->required()->type_name("PROG.elf");
  command->add_option("--signature", settings->signature, "Write begin_signature..end_signature as 8-byte hex lines")
      ->type_name("FILE");
  command->add_option("--threads", settings->threads, "Threads that run main (programs of `tatami cc`)")
      ->check(CLI::Range(1, kThreadsPerNode));
  command->add_flag("--counters", settings->counters, "Report the performance counters");
  settings->run.add_to(*command, {"lockstep", "none"});
  return [settings] { return run(*settings); };
}

}  // namespace tatami::cli
