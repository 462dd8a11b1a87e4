// tatami bench: what the node reaches (matmul, scalar code) and how fast it is simulated.
#include <fmt/format.h>

#include <algorithm>

#include "cli/bench_parts.h"
#include "cli/formats.h"
#include "host/error.h"
#include "host/matmul.h"
#include "rtl/quiet_cost.h"

namespace tatami::cli {
namespace {

struct Settings {
  RunSettings run;
  std::vector<std::string> formats;
  std::vector<std::size_t> sizes;
  std::vector<std::string> sections;
  std::uint64_t seed = 1;
  int threads = kThreadsPerNode;
  int repeat = 3;
  bool large = false;
  std::string svg;

  bool has(const std::string& section) const { return std::ranges::find(sections, section) != sections.end(); }
  /// Formats of the sections with many nodes.
  bench::MeshOptions mesh() const {
    bench::MeshOptions options;
    options.formats = mesh_formats;
    options.seed = seed;
    options.threads = threads;
    options.host_threads = run.host_threads;
    options.limits = run.limits;
    options.edge = run.edge;
    options.svg = svg;
    return options;
  }
  bench::CollectiveOptions collectives() const {
    bench::CollectiveOptions options;
    if (run.nodes != "1x1") options.nodes = run.nodes;
    options.seed = seed;
    options.repeats = repeat;
    options.host_threads = run.host_threads;
    options.limits = run.limits;
    return options;
  }
  std::vector<std::string> mesh_formats = {"bf16", "cfloat8_1_4_3"};
};

/// Sum of a counter over threads, or the node's.
std::uint64_t counter(const Device& device, const std::string& name) {
  std::uint64_t sum = 0;
  for (const Counter& c : device.counters()) {
    if (c.name == name) sum += c.value;
  }
  return sum;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// One product as one entry of `results`; the keys are those of `tatami matmul --json`.
Json measure(const Settings& settings, golden::Kind kind, std::size_t size, Exit& worst) {
  const MatmulProblem p = bench::random_problem(kind, size, settings.seed);
  const Program kernel = load_program(kernel_path("matmul"));
  const auto device = make_device(settings.run);
  const MatmulOutcome outcome = run_matmul_watched(*device, kernel, p, settings.threads, settings.run.limits);
  const MatmulExpectation expected = expected_matmul(p);
  const Comparison comparison = outcome.run.passed() ? compare(expected.c, outcome.c) : Comparison{};
  const Verdict verdict = judge(outcome.run, kernel, comparison.compared, comparison.mismatches);
  if (verdict.exit != Exit::pass && worst == Exit::pass) worst = verdict.exit;

  Json json{{"bench", "matmul"}, {"status", verdict.status}, {"kernel", "matmul"}, {"device", device->info().name}};
  if (!verdict.reason.empty()) json["message"] = verdict.reason;
  json["format_a"] = json["format_b"] = golden::name(kind);
  json["format_out"] = "fp32";
  json["m"] = json["n"] = json["k"] = size;
  json["nodes"] = "1x1";
  json["threads"] = settings.threads;
  json["seed"] = settings.seed;
  report_run(json, outcome.run, kernel);
  const auto macs = static_cast<double>(p.macs());
  json["macs"] = p.macs();
  json["peak_macs_per_cycle"] = peak_macs_per_cycle(p);
  json["peak_fraction"] = outcome.run.cycles == 0
                              ? Json(nullptr)
                              : Json(macs / (static_cast<double>(outcome.run.cycles) * peak_macs_per_cycle(p)));
  if (kind != golden::Kind::fp32) {
    // A pass is one cycle of the matrix unit; in the others it waits for operands, or for tiles to drain.
    const std::uint64_t passes = counter(*device, event_name(17));
    json["matrix_passes"] = passes;
    json["matrix_idle_cycles"] = outcome.run.cycles - std::min(outcome.run.cycles, passes);
    // From the kernel's first instruction to its last store; see MatrixUse.
    if (const auto& use = outcome.run.matrix_use) {
      json["kernel_cycles"] = use->cycles;
      json["kernel_peak_fraction"] = macs / (static_cast<double>(use->cycles) * peak_macs_per_cycle(p));
      json["matrix_idle_start"] = use->idle_start;
      json["matrix_idle_drain"] = use->idle_drain;
      json["matrix_idle_other"] = use->idle_other;
    }
  }
  json["check"] = settings.run.check;
  json["compared"] = comparison.compared;
  json["mismatches"] = comparison.mismatches;
  json["macs_per_second"] = outcome.run.seconds > 0 ? macs / outcome.run.seconds : 0.0;
  json["golden_macs_per_second"] = macs / std::max(expected.seconds, 1e-9);
  json["golden_ratio"] =
      json["golden_macs_per_second"].get<double>() / std::max(json["macs_per_second"].get<double>(), 1.0);
  return json;
}

void print_row(const Json& row) {
  const Json& fraction = row["peak_fraction"];
  fmt::print("{:<16}{:>6}{:>12}{:>10}{:>12}{:>12}{:>12}  {}\n", row["format_a"].get<std::string>(),
             row["m"].get<std::size_t>(), grouped(row["cycles"].get<std::uint64_t>()),
             fraction.is_null() ? "-" : fmt::format("{:.1f} %", 100 * fraction.get<double>()),
             scaled(row["cycles_per_second"].get<double>()), scaled(row["macs_per_second"].get<double>()),
             scaled(row["golden_macs_per_second"].get<double>()), row["status"].get<std::string>());
  std::fflush(stdout);
}

/// Speed of the simulation with the matrix unit busy: the RTL alone, the golden instruction-set model and lockstep by
/// turns, so that a change of the machine's load meets all of them; medians, and the ratios within one turn.
Json measure_simulation(const Settings& settings, Exit& worst) {
  constexpr std::size_t kSize = 256;
  const MatmulProblem p = bench::random_problem(golden::Kind::bf16, kSize, settings.seed);
  const Program kernel = load_program(kernel_path("matmul"));
  const auto macs = static_cast<double>(p.macs());
  const auto rtl = make_rtl_device({});
  RtlConfig with_lockstep;
  with_lockstep.lockstep = true;
  const auto lockstep = make_rtl_device(with_lockstep);
  const auto golden = make_golden_device({});
  std::vector<double> rtl_speed, golden_speed, functional_speed, slowdown, ratio, cycles_speed;
  std::string status = "pass";
  for (int i = 0; i < settings.repeat; ++i) {
    std::array<double, 3> seconds{};
    int device = 0;
    for (Device* d : {rtl.get(), golden.get(), lockstep.get()}) {
      const MatmulOutcome outcome = run_matmul(*d, kernel, p, settings.threads, settings.run.limits);
      if (!outcome.run.passed()) status = "fail";
      if (d == rtl.get()) cycles_speed.push_back(static_cast<double>(outcome.run.cycles) / outcome.run.seconds);
      seconds[static_cast<std::size_t>(device++)] = outcome.run.seconds;
    }
    rtl_speed.push_back(macs / seconds[0]);
    golden_speed.push_back(macs / seconds[1]);
    functional_speed.push_back(macs / std::max(expected_matmul(p).seconds, 1e-9));
    ratio.push_back(seconds[0] / seconds[1]);
    slowdown.push_back(seconds[2] / seconds[0]);
  }
  const rtl::QuietSpeed quiet = rtl::measure_quiet(200'000);
  if (status != "pass" && worst == Exit::pass) worst = Exit::wrong_result;
  const double busy = median(cycles_speed);
  return Json{{"bench", "simulation"},
              {"status", status},
              {"kernel", "matmul"},
              {"format_a", "bf16"},
              {"format_b", "bf16"},
              {"m", kSize},
              {"n", kSize},
              {"k", kSize},
              {"repeats", settings.repeat},
              {"macs_per_second", median(rtl_speed)},
              {"cycles_per_second", busy},
              {"golden_macs_per_second", median(golden_speed)},
              {"golden_functional_macs_per_second", median(functional_speed)},
              {"golden_ratio", median(ratio)},
              {"lockstep_slowdown", median(slowdown)},
              {"quiet_cycles_per_second", quiet.skipped},
              {"quiet_speedup", quiet.skipped / busy},
              {"idle_evaluated_cycles_per_second", quiet.evaluated},
              {"idle_evaluated_speedup", quiet.evaluated / busy}};
}

void print_simulation(const Json& row) {
  const auto value = [&](const char* key) { return row[key].get<double>(); };
  fmt::print("\nsimulation, bf16 {} cubed, median of {}\n", row["m"].get<int>(), row["repeats"].get<int>());
  fmt::print("  RTL alone                {:>10} MAC/s, {} cycles/s\n", scaled(value("macs_per_second")),
             scaled(value("cycles_per_second")));
  fmt::print(
      "  golden model             {:>10} MAC/s as instruction-set model, {:.1f} times the RTL; {} MAC/s as function\n",
      scaled(value("golden_macs_per_second")), value("golden_ratio"),
      scaled(value("golden_functional_macs_per_second")));
  fmt::print("  lockstep                 {:>10.2f} times slower than the RTL alone\n", value("lockstep_slowdown"));
  fmt::print(
      "  quiet node               {:>10} cycles/s, {:.0f} times a busy one; {} cycles/s, {:.0f} times, if it were "
      "evaluated\n",
      scaled(value("quiet_cycles_per_second")), value("quiet_speedup"),
      scaled(value("idle_evaluated_cycles_per_second")), value("idle_evaluated_speedup"));
}

/// Integer C code on `threads` threads: instructions a cycle in the timed part, from what the program leaves in
/// tatami_result.
Json measure_scalar(const Settings& settings, int threads, Exit& worst) {
  struct Result {
    std::uint64_t cycles, instructions, checksum, reserved;
  };
  const Program program = load_program(kernel_path("integer"));
  const auto device = make_device(settings.run);
  device->load(program);
  device->set_threads(threads);
  const RunResult run = device->run(settings.run.limits);
  const std::uint64_t address = program.address_of("tatami_result");
  std::uint64_t cycles = 0;
  std::uint64_t instructions = 0;
  for (int t = 0; t < threads; ++t) {
    const auto result = device->read_value<Result>(address + static_cast<std::uint64_t>(t) * sizeof(Result));
    cycles = std::max(cycles, result.cycles);
    instructions += result.instructions;
  }
  if (!run.passed() && worst == Exit::pass) worst = Exit::wrong_result;
  return Json{
      {"bench", "scalar"},
      {"status", run.passed() ? "pass" : "fail"},
      {"kernel", "integer"},
      {"threads", threads},
      {"cycles", cycles},
      {"instructions", instructions},
      {"instructions_per_cycle", cycles == 0 ? 0.0 : static_cast<double>(instructions) / static_cast<double>(cycles)},
      {"host_seconds", run.seconds},
      {"cycles_per_second", static_cast<double>(run.cycles) / run.seconds}};
}

Exit run(Settings settings) {
  if (settings.sections.empty()) settings.sections = {"matmul", "scalar", "simulation", "mesh"};
  if (!settings.svg.empty() && !settings.has("scaling"))
    throw InputError("--svg draws the section scaling; add --section scaling");
  if (!settings.formats.empty()) settings.mesh_formats = settings.formats;
  if (settings.formats.empty()) settings.formats = {"bf16", "shp", "cfloat8_1_4_3", "cfloat8_1_5_2", "fp32"};
  const bool default_sizes = settings.sizes.empty();
  if (default_sizes) settings.sizes = {8, 16, 32, 64, 128, 256, 384};
  Exit worst = Exit::pass;
  Json json{{"status", "pass"}, {"version", version_text()}, {"results", Json::array()}};
  const auto add = [&](Json row, const std::string& what, auto&& print) {
    if (settings.run.json) {
      fmt::print(stderr, "{}: {}\n", what, row["status"].get<std::string>());
    } else {
      print(row);
      std::fflush(stdout);
    }
    json["results"].push_back(std::move(row));
  };
  if (settings.has("matmul")) {
    if (!settings.run.json) {
      fmt::print("{:<16}{:>6}{:>12}{:>10}{:>12}{:>12}{:>12}\n", "matmul", "size", "cycles", "of peak", "cycles/s",
                 "MAC/s", "golden");
    }
    for (const std::string& name : settings.formats) {
      const golden::Kind kind = parse_kind(name, "--format");
      for (const std::size_t size : settings.sizes) {
        if (default_sizes && kind == golden::Kind::fp32 && size > 128) continue;  // 16 MACs a cycle: minutes
        add(measure(settings, kind, size, worst), fmt::format("{} {}", name, size), print_row);
      }
    }
  }
  if (settings.has("scalar")) {
    for (const int threads : {1, kThreadsPerNode}) {
      add(measure_scalar(settings, threads, worst), fmt::format("scalar, {} threads", threads), [&](const Json& row) {
        fmt::print("{}integer C code, {} thread{}: {:.2f} instructions a cycle\n", threads == 1 ? "\n" : "", threads,
                   threads == 1 ? "" : "s", row["instructions_per_cycle"].get<double>());
      });
    }
  }
  if (settings.has("simulation")) add(measure_simulation(settings, worst), "simulation", print_simulation);
  const auto note = [&worst](Exit exit) {
    if (worst == Exit::pass) worst = exit;
  };
  const auto add_mesh = [&](Json row, const std::string& what) { add(std::move(row), what, bench::print_mesh); };
  const auto add_stream = [&](Json row, const std::string& what) { add(std::move(row), what, bench::print_stream); };
  const auto add_fabric = [&](Json row, const std::string& what) { add(std::move(row), what, bench::print_fabric); };
  if (settings.has("mesh")) note(bench::mesh(settings.mesh(), settings.large, add_mesh));
  if (settings.has("scaling")) note(bench::scaling(settings.mesh(), add_mesh));
  if (settings.has("stream")) note(bench::stream(settings.mesh(), settings.large, add_stream));
  if (settings.has("collectives")) {
    note(bench::collectives(settings.collectives(), [&](Json row, const std::string& what) {
      add(std::move(row), what, bench::print_collective);
    }));
  }
  if (settings.has("fabric")) note(bench::fabric(add_fabric));
  if (worst != Exit::pass) json["status"] = "fail";
  if (settings.run.json) print_json(json);
  return worst;
}

}  // namespace

Action add_bench(CLI::App& app) {
  auto settings = std::make_shared<Settings>();
  auto* command = app.add_subcommand("bench", "Measure utilisation of the matrix unit and speed of the simulation");
  command->add_option("--format", settings->formats,
                      "Operand formats (default: bf16 shp cfloat8_1_4_3 cfloat8_1_5_2 fp32)");
  command->add_option("--size", settings->sizes, "Square sizes (default: 8 16 32 64 128 256 384)")
      ->check(CLI::Range(1, 1024));
  command->add_option("--seed", settings->seed, "Seed of the operands")->check(refuse_negative)->capture_default_str();
  command->add_option("--threads", settings->threads, "Threads that compute")
      ->check(CLI::Range(1, kThreadsPerNode))
      ->capture_default_str();
  command
      ->add_option(
          "--section", settings->sections,
          "What to measure (default: matmul scalar simulation mesh): mesh: products on 2x2 nodes; scaling: one "
          "product on 1 to 16; stream: 1024 cubed on 2x2 with operands in edge memory; collectives: all-reduce on "
          "2x2, 4x4, 8x8 and the die, the other operations on 4x4, or with --nodes all on these, two minutes; fabric: "
          "speed of simulation from one node to the die, a minute or two")
      ->check(CLI::IsMember(bench::kSections));
  command->add_flag("--large", settings->large, "Sections mesh and stream: products on 4x4 nodes as well, minutes");
  command->add_option("--svg", settings->svg, "Draw the section scaling into this file")->type_name("FILE");
  command
      ->add_option("--repeat", settings->repeat,
                   "Runs of each measurement of simulation speed; repetitions of each collective operation")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  settings->run.add_to(*command, {"result", "lockstep"});
  return [settings] { return run(*settings); };
}

}  // namespace tatami::cli
