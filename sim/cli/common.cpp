#include "cli/common.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <thread>

#include "fabric/routes.h"
#include "host/error.h"

namespace tatami::cli {
namespace {

std::vector<char*>& arguments() {
  static std::vector<char*> stored;  // main's argv, needed once more when the process is replaced
  return stored;
}

std::string environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

/// Replaces this process by the program whose model writes waves of `kind`.
[[noreturn]] void become(const std::string& kind) {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  const auto program = self.parent_path() / ("tatami-" + kind);
  if (!std::filesystem::exists(program)) {
    throw InputError(
        fmt::format("--{}: {} is not built; start through scripts/tatami, or build it: ninja -C {} tatami-{}", kind,
                    program.string(), self.parent_path().parent_path().string(), kind));
  }
  std::vector<char*> argv = arguments();
  argv.push_back(nullptr);
  ::execv(program.c_str(), argv.data());
  throw InputError(fmt::format("cannot start {}: {}", program.string(), std::strerror(errno)));
}

}  // namespace

void remember_arguments(int argc, char** argv) { arguments().assign(argv, argv + argc); }

unsigned host_threads_for(unsigned given, unsigned nodes) {
  // With few nodes a cycle is so short that waiting for each other costs more than it saves, unless the cores are idle.
  constexpr unsigned kNodesOfThread = 8;
  if (given != 0) return given;
  return std::clamp(nodes / kNodesOfThread, 1U, std::max(1U, std::thread::hardware_concurrency()));
}

std::string refuse_negative(const std::string& text) {
  if (text.starts_with('-')) return text + " is negative; expected 0 or more";
  errno = 0;
  std::strtoull(text.c_str(), nullptr, 0);
  return errno == ERANGE ? text + fmt::format(" is too large; expected at most {}", ~std::uint64_t{0}) : "";
}

void RunSettings::add_to(CLI::App& command, std::vector<std::string> checks) {
  check = checks.front();
  command.add_flag("--json", json, "Print one JSON object on standard output, everything else on standard error");
  command.add_option("--check", check, "What to compare with the golden model")
      ->check(CLI::IsMember(checks))
      ->capture_default_str();
  command.add_flag("--golden", golden, "Run on the golden instruction-set model alone, without RTL and without time");
  auto* with_vcd = command.add_option("--vcd", vcd, "Write waves to this VCD file")->type_name("FILE");
  auto* with_fst =
      command.add_option("--fst", fst, "Write waves to this FST file (18 times smaller)")->type_name("FILE");
  with_vcd->excludes(with_fst);
  command.add_option("--trace-from", trace_from, "First cycle of the waves")
      ->type_name("CYCLE")
      ->check(refuse_negative);
  command.add_option("--trace-to", trace_to, "Last cycle of the waves")->type_name("CYCLE")->check(refuse_negative);
  command.add_option("--nodes", nodes, "Nodes of the fabric, or d1: the die, 18x20 with six nodes off")
      ->type_name("WxH")
      ->capture_default_str();
  command.add_option("--dead", dead, "A node that is off; may be repeated")
      ->type_name("X,Y")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--wave-node", wave_node, "The node whose waves are written; default 0,0")->type_name("X,Y");
  command
      .add_option(
          "--host-threads", host_threads,
          "Threads of this computer that step the nodes; 0: one for every eight nodes, at most one for each core. "
          "Results do not depend on it")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
  command
      .add_option("--edge-latency", edge.latency, "Cycles that the memories at the fabric's rim need to answer, from 1")
      ->type_name("CYCLES")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command
      .add_option("--edge-bandwidth", edge.bandwidth, "Bytes a cycle that each of them moves, 1 to 64 (a link's 64)")
      ->type_name("BYTES")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  add_faults_to(command);
  command.add_option("--max-cycles", limits.max_cycles, "Stop a program that has not ended by then; 0: never")
      ->check(refuse_negative)
      ->capture_default_str();
  command.add_option("--watchdog", limits.watchdog_cycles, "Cycles without progress that count as a hang; 0: never")
      ->check(refuse_negative)
      ->capture_default_str();
}

Check RunSettings::check_level() const {
  if (check == "lockstep") return Check::lockstep;
  return check == "result" ? Check::result : Check::none;
}

std::unique_ptr<Device> make_device(const RunSettings& settings) {
  const std::string kind = !settings.vcd.empty() ? "vcd" : !settings.fst.empty() ? "fst" : "";
  if (settings.trace_from > settings.trace_to) {
    throw InputError(fmt::format("--trace-from {} lies after --trace-to {}", settings.trace_from, settings.trace_to));
  }
  if (kind.empty()) {
    const RunSettings none;
    const char* const given = !settings.wave_node.empty()              ? "--wave-node"
                              : settings.trace_from != none.trace_from ? "--trace-from"
                              : settings.trace_to != none.trace_to     ? "--trace-to"
                                                                       : nullptr;
    if (given != nullptr)
      throw InputError(fmt::format("{}: no waves are written; add --fst FILE or --vcd FILE, or leave it out", given));
  }
  if (settings.golden) {
    if (!settings.limits.link_faults.empty() || !settings.limits.link_holds.empty())
      throw InputError("--flip-bit, --hold-link: the golden model has no links; leave out --golden");
    if (!kind.empty()) throw InputError(fmt::format("--{}: the golden model has no waves; leave out --golden", kind));
    return make_golden_device({settings.shape()});
  }
  RtlConfig config;
  config.shape = settings.shape();
  config.host_threads = host_threads_for(settings.host_threads, config.shape.nodes());
  config.edge = settings.edge;
  config.lockstep = settings.check_level() == Check::lockstep;
  if (!kind.empty()) {
    if (rtl_wave_format() != kind) become(kind);
    config.wave =
        WaveConfig{settings.vcd + settings.fst, settings.trace_from, settings.trace_to,
                   settings.wave_node.empty() ? Coordinate{} : parse_coordinate(settings.wave_node, "--wave-node")};
  }
  return make_rtl_device(config);
}

Verdict judge(const RunResult& run, const Program& program, std::uint64_t compared, std::uint64_t mismatches) {
  for (const std::string& note : run.notes) fmt::print(stderr, "warning: {}: {}\n", program.path, note);
  for (const HeldQueue& queue : run.held) {
    fmt::print(stderr, "warning: {}: node {},{}, port {}, {}: a full queue has not moved since cycle {}\n",
               program.path, queue.node.x, queue.node.y, fabric::port_name(queue.port),
               fabric::class_name(queue.response), queue.since);
  }
  switch (run.status) {
    case RunStatus::trapped: {
      const Trap trap = run.trap.value_or(Trap{});
      return {
          "trap",
          fmt::format("{}: {}; set mtvec to handle it, or look at the instruction with riscv64-unknown-elf-objdump -d",
                      program.path, describe(trap, program.describe(trap.pc))),
          Exit::program_failed};
    }
    case RunStatus::hung: return {"hang", program.path + ": " + run.message, Exit::hang};
    case RunStatus::out_of_cycles:
      return {
          "hang",
          fmt::format(
              "{}: not finished at --max-cycles ({} instructions), though still making progress: slow or endless, not "
              "stuck; raise --max-cycles if it needs more",
              program.path, grouped(run.instructions)),
          Exit::hang};
    case RunStatus::diverged: return {"fail", run.message, Exit::wrong_result};
    case RunStatus::link_error:
      return {"error",
              fmt::format("{}: {}; a program can handle it, docs/isa.md, section 3.1", program.path, run.message),
              Exit::program_failed};
    case RunStatus::faulted: return {"error", run.message, Exit::wrong_result};
    case RunStatus::exited: break;
  }
  if (run.exit_code != 0) {
    return {"fail",
            fmt::format("{}: the program ended with exit code {} in node {},{}", program.path, run.exit_code,
                        run.node.x, run.node.y),
            Exit::program_failed};
  }
  if (mismatches != 0) {
    return {"fail", fmt::format("{} of {} elements differ from golden", grouped(mismatches), grouped(compared)),
            Exit::wrong_result};
  }
  if (compared == 0) return {"unchecked", "the program ended with code 0, but nothing was compared", Exit::pass};
  return {"pass", "", Exit::pass};
}

void report_run(Json& json, const RunResult& run, const Program& program) {
  const auto place = [](Coordinate at) -> Json { return {at.x, at.y}; };
  const auto link = [&](const auto& at) -> Json {
    return {{"node", place(at.node)}, {"port", fabric::port_name(at.port)}, {"class", fabric::class_name(at.response)}};
  };
  json["cycles"] = run.cycles;
  json["instructions"] = run.instructions;
  json["exit_code"] = run.status == RunStatus::exited ? Json(run.exit_code) : Json(nullptr);
  json["records_compared"] = run.compared;
  if (run.trap) {
    json["trap"] = {{"node", place(run.trap->node)},
                    {"thread", run.trap->thread},
                    {"hart", run.trap->hart},
                    {"cycle", run.trap->cycle ? Json(*run.trap->cycle) : Json(nullptr)},
                    {"cause", run.trap->cause},
                    {"cause_name", trap_cause_name(run.trap->cause)},
                    {"mepc", fmt::format("{:#x}", run.trap->pc)},
                    {"location", program.describe(run.trap->pc)},
                    {"mtval", fmt::format("{:#x}", run.trap->value)}};
  }
  if (!run.notes.empty()) json["notes"] = run.notes;
  if ((run.status == RunStatus::exited && run.exit_code != 0) || run.status == RunStatus::diverged)
    json["node"] = place(run.node);
  for (const DamagedFlit& flit : run.damaged) {
    json["damaged_flits"].push_back(link(flit));
    json["damaged_flits"].back()["cycle"] = flit.cycle;
  }
  for (const HeldQueue& queue : run.held) {
    json["held_queues"].push_back(link(queue));
    json["held_queues"].back()["since"] = queue.since;
  }
  if (run.status == RunStatus::hung) json["hang"] = "watchdog";
  if (run.status == RunStatus::out_of_cycles) json["hang"] = "max-cycles";
  if (run.edge) {
    json["edge_requests"] = run.edge->requests;
    json["edge_bytes_read"] = run.edge->bytes_read;
    json["edge_bytes_written"] = run.edge->bytes_written;
  }
  json["host_seconds"] = run.seconds;
  json["host_cpu_seconds"] = run.cpu_seconds == 0 ? Json(nullptr) : Json(run.cpu_seconds);
  json["cycles_per_second"] = run.seconds > 0 ? static_cast<double>(run.cycles) / run.seconds : 0.0;
}

void print_json(const Json& json) { std::cout << json.dump(2) << std::endl; }

std::string version_text() { return "tatami " TATAMI_VERSION; }

std::string command_name() { return environment("TATAMI_COMMAND", "tatami"); }

std::filesystem::path kernel_path(const std::string& name) {
  const auto path = std::filesystem::path(environment("TATAMI_SW", TATAMI_SW_DIR)) / (name + ".elf");
  if (!std::filesystem::exists(path)) {
    throw InputError(fmt::format(
        "the kernel {} is not built; start through scripts/tatami, or name its directory in TATAMI_SW", path.string()));
  }
  return path;
}

std::filesystem::path source_directory() { return environment("TATAMI_SOURCE", TATAMI_SOURCE_DIR); }
std::filesystem::path generated_directory() { return environment("TATAMI_GENERATED", TATAMI_GENERATED_DIR); }

std::string grouped(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string scaled(double value) {
  for (const auto& [unit, factor] : {std::pair{"T", 1e12}, {"G", 1e9}, {"M", 1e6}, {"k", 1e3}}) {
    if (value >= factor) return fmt::format("{:.3g} {}", value / factor, unit);
  }
  return fmt::format("{:.3g}", value);
}

}  // namespace tatami::cli
