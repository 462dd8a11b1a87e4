// tatami run: any program.
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

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

/// The signature of the public architecture tests: what lies from `begin_signature` up to `end_signature` when the run
/// ends, one 8-byte word a line as 16 hex digits, most significant digit first (Spike's and Sail's order for lines of 8
/// bytes); a last line that is not full has zeros above. Everything that can be wrong is found before the run.
class Signature {
 public:
  Signature(const Program& program, std::string path) : path_(std::move(path)) {
    begin_ = address(program, "begin_signature");
    end_ = address(program, "end_signature");
    if (end_ < begin_) {
      throw InputError(fmt::format("--signature: {}: end_signature ({:#x}) lies before begin_signature ({:#x})",
                                   program.path, end_, begin_));
    }
    if (begin_ < kSramBase || end_ > kSramBase + kSramBytes) {
      throw InputError(
          fmt::format("--signature: {}: begin_signature..end_signature is {:#x}..{:#x}, outside the node's "
                      "SRAM {:#x}..{:#x}",
                      program.path, begin_, end_, kSramBase, kSramBase + kSramBytes - 1));
    }
    // Emptied now, so that an earlier run's signature is never taken for this one's.
    file_.open(path_);
    check();
  }

  void write(Device& device) {
    std::vector<std::byte> bytes(end_ - begin_);
    device.read(begin_, bytes);
    bytes.resize((bytes.size() + 7) / 8 * 8);
    for (std::size_t i = 0; i < bytes.size(); i += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + i, 8);
      file_ << fmt::format("{:016x}\n", word);
    }
    file_.close();
    check();
  }

 private:
  static std::uint64_t address(const Program& program, const char* name) {
    const auto symbol = program.find(name);
    if (!symbol) {
      throw InputError(
          fmt::format("--signature: {} has no symbol `{}`; architecture tests define it around their "
                      "results (RVMODEL_DATA_BEGIN, RVMODEL_DATA_END); leave out --signature",
                      program.path, name));
    }
    return symbol->address;
  }

  void check() const {
    if (!file_) throw InputError(fmt::format("--signature {}: cannot be written: {}", path_, std::strerror(errno)));
  }

  std::string path_;
  std::uint64_t begin_ = 0, end_ = 0;
  std::ofstream file_;
};

Exit run(const Settings& settings) {
  Program program = load_program(settings.elf);
  for (const std::string& warning : program.warnings) fmt::print(stderr, "warning: {}\n", warning);
  std::optional<Signature> signature;
  if (!settings.signature.empty()) signature.emplace(program, settings.signature);
  const auto device = make_device(settings.run);
  device->load(std::move(program));
  if (settings.threads) device->set_threads(*settings.threads);
  const RunResult result = device->run(settings.run.limits);
  const Verdict verdict = judge(result, device->program(), result.compared, 0);
  // However the run ended: what a test that failed, trapped or hangs has written so far helps to find out why.
  if (signature) signature->write(*device);

  if (settings.run.json) {
    Json json;
    json["status"] = verdict.status;
    if (!verdict.reason.empty()) json["message"] = verdict.reason;
    json["program"] = settings.elf;
    json["device"] = device->info().name;
    json["nodes"] = device->info().shape.text();
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
        fmt::print("  {:<28} {:>17} {:>16}\n", counter.name,
                   counter.thread < 0 ? fmt::format("node {}", counter.node)
                                      : fmt::format("node {} thread {}", counter.node, counter.thread),
                   grouped(counter.value));
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
  command
      ->add_option("--signature", settings->signature,
                   "Write memory from begin_signature to end_signature, however the run ends: one 8-byte word a line, "
                   "16 hex digits, most significant first")
      ->type_name("FILE");
  command->add_option("--threads", settings->threads, "Threads that run main (programs of `tatami cc`)")
      ->check(CLI::Range(1, kThreadsPerNode));
  command->add_flag("--counters", settings->counters, "Report the performance counters");
  settings->run.add_to(*command, {"lockstep", "none"});
  return [settings] { return run(*settings); };
}

}  // namespace tatami::cli
