// What the subcommands share: options, devices, exit codes, reports.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "host/device.h"

namespace tatami::cli {

using Json = nlohmann::ordered_json;

/// The process's exit codes.
enum class Exit { pass = 0, wrong_result = 1, bad_input = 2, program_failed = 3, hang = 4 };

/// How much a run is compared with the golden model.
enum class Check { none, result, lockstep };

/// Options of every command that runs a program.
struct RunSettings {
  bool json = false;
  bool golden = false;  ///< run on the golden model instead of the RTL
  std::string check;    ///< as given; see check_of()
  std::string vcd;
  std::string fst;
  std::uint64_t trace_from = 0;
  std::uint64_t trace_to = ~std::uint64_t{0};
  RunOptions limits;
  std::string nodes = "1x1";  ///< as given; see shape()
  std::vector<std::string> dead;
  std::string wave_node;      ///< as given; default 0,0
  unsigned host_threads = 0;  ///< as given; see host_threads_for()
  EdgeConfig edge;

  RunSettings() { limits.max_cycles = 200'000'000; }
  /// Adds the options to a subcommand; `checks` are the levels it offers, the first is the default.
  void add_to(CLI::App& command, std::vector<std::string> checks);
  Check check_level() const;
  /// --flip-bit, --hold-link, --held; part of add_to().
  void add_faults_to(CLI::App& command);
  FabricShape shape() const { return parse_shape(nodes, dead); }
};

/// Threads of this computer that step a fabric: as given, or if that is 0 one for every eight nodes, at most one for
/// each core.
unsigned host_threads_for(unsigned given, unsigned nodes);

/// A validator of counts and seeds: CLI11 takes "-1" for the largest number there is, and what is larger too.
std::string refuse_negative(const std::string& text);

/// The device that the settings ask for. Waves need a model built for them: then the process is replaced by tatami-vcd
/// or tatami-fst with the same arguments.
std::unique_ptr<Device> make_device(const RunSettings& settings);
/// Remembers the command line for make_device().
void remember_arguments(int argc, char** argv);

/// Status and exit code of a finished run, before any comparison of results.
struct Verdict {
  std::string status;  ///< "pass", "fail", "trap", "hang", "unchecked"
  std::string reason;  ///< for people; empty if passed
  Exit exit = Exit::pass;
};
/// `compared` counts what was compared; a run that compared nothing is never "pass".
Verdict judge(const RunResult& run, const Program& program, std::uint64_t compared, std::uint64_t mismatches);

/// Adds what every run reports to `json`.
void report_run(Json& json, const RunResult& run, const Program& program);

/// The one object on standard output.
void print_json(const Json& json);

std::string version_text();
/// How the user calls this program: "scripts/tatami" or "tatami".
std::string command_name();
/// build/release/sw/NAME.elf; throws InputError if it is not there.
std::filesystem::path kernel_path(const std::string& name);
std::filesystem::path source_directory();
std::filesystem::path generated_directory();

/// 1234567 -> "1,234,567".
std::string grouped(std::uint64_t value);
/// 35400000 -> "35.4 M".
std::string scaled(double value);

/// Each adds its subcommand; the action returns the exit code.
using Action = std::function<Exit()>;
Action add_matmul(CLI::App& app);
Action add_run(CLI::App& app);
Action add_cc(CLI::App& app);
Action add_info(CLI::App& app);
Action add_format(CLI::App& app);
Action add_convert(CLI::App& app);
Action add_vectors(CLI::App& app);
Action add_bench(CLI::App& app);
Action add_noc(CLI::App& app);
Action add_collective(CLI::App& app);
Action add_completion(CLI::App& app);

}  // namespace tatami::cli
