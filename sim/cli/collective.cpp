// tatami collective: one operation over many nodes, checked bit for bit, with its cycles and what the network allows.
#include "host/collective.h"

#include <fmt/format.h>

#include "cli/common.h"
#include "host/error.h"

namespace tatami::cli {
namespace {

struct Settings {
  RunSettings run;
  CollectiveProblem problem;
  std::string operation = "all-reduce";
  std::string algorithm = "auto";
  std::string rectangle;

  void add_to(CLI::App& command) {
    run.nodes = "4x4";
    command.add_option("--op", operation, "What to do: " + collective_names(", "))->capture_default_str();
    command.add_option("--rectangle", rectangle, "The nodes that take part: the first, and the size; default: all")
        ->type_name("X,Y,WxH");
    command.add_option("--bytes", problem.bytes, "A node's vector of FP32 numbers, a multiple of 64")
        ->check(refuse_negative)
        ->capture_default_str();
    command.add_option("--algorithm", algorithm, "How all-reduce works: auto, direct or tree (docs/collectives.md)")
        ->capture_default_str();
    command
        .add_option("--work-bytes", problem.work_bytes, "Memory of all-reduce beside the vector; 0: as one pass needs")
        ->check(refuse_negative)
        ->capture_default_str();
    command.add_option("--root", problem.root, "Rank that broadcasts")->check(refuse_negative)->capture_default_str();
    command.add_option("--rows", problem.rows, "Rows: of the whole matrix (transpose), of a tile (halo)")
        ->check(refuse_negative);
    command.add_option("--columns", problem.columns, "Columns, likewise")->check(refuse_negative);
    command.add_option("--halo", problem.halo, "Elements of halo on each side, 1 to 16")
        ->check(refuse_negative)
        ->capture_default_str();
    command.add_option("--rounds", problem.rounds, "Rounds of latency and barrier, a multiple of 4")
        ->check(refuse_negative)
        ->capture_default_str();
    command.add_option("--repeats", problem.repeats, "Do it so many times, one after the other")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command.add_option("--seed", problem.seed, "Of the numbers")->check(refuse_negative)->capture_default_str();
    run.add_to(command, {"result", "lockstep", "none"});
  }

  CollectiveProblem finished() const {
    CollectiveProblem p = problem;
    p.operation = parse_collective(operation);
    if (!rectangle.empty()) p.rectangle = parse_rectangle(rectangle, "--rectangle");
    if (algorithm != "auto") p.algorithm = parse_algorithm(algorithm);
    const unsigned nodes = p.rectangle ? p.rectangle->width * p.rectangle->height : run.shape().nodes();
    if (p.operation == Collective::transpose) {
      if (p.rows == 0) p.rows = 16 * std::uint64_t{nodes};
      if (p.columns == 0) p.columns = 16 * std::uint64_t{nodes};
    } else if (p.operation == Collective::halo) {
      if (p.rows == 0) p.rows = 64;
      if (p.columns == 0) p.columns = 64;
    }
    return p;
  }
};

/// Cycles of a push with counter to the neighbour, up to the instruction after the wait there.
double measure_latency(const Program& kernel) {
  RtlConfig config;
  config.shape = parse_shape("2x1", {});
  const auto device = make_rtl_device(config);
  CollectiveProblem p;
  p.operation = Collective::latency;
  p.repeats = 2;  // the second time instructions are there
  const CollectiveOutcome outcome = run_collective(*device, kernel, p, {.max_cycles = 1'000'000});
  if (!outcome.run.passed()) throw std::runtime_error("the measurement of the latency failed: " + outcome.run.message);
  return static_cast<double>(outcome.last_cycles) / (2.0 * p.rounds);
}

Exit run(const Settings& settings) {
  const CollectiveProblem p = settings.finished();
  const NodeGroup group = make_group(settings.run.shape(), p.rectangle);
  validate(p, group);
  const Program kernel = load_program(kernel_path("collective"));
  const auto device = make_device(settings.run);
  const CollectiveOutcome outcome = run_collective(*device, kernel, p, settings.run.limits);
  const bool timed = outcome.first_cycles != 0;

  Comparison comparison;
  if (settings.run.check_level() != Check::none && outcome.run.passed()) {
    comparison = compare(expected_collective(p, group, outcome.algorithm), outcome.results);
    if (p.operation == Collective::barrier && timed) {
      comparison.compared = group.count();
      comparison.mismatches = outcome.earliest_end < outcome.latest_begin ? 1 : 0;
    }
  }
  const Verdict verdict = judge(outcome.run, kernel, comparison.compared, comparison.mismatches);
  const CollectiveBound least = bound(p, group, outcome.algorithm);
  const double latency = timed ? measure_latency(kernel) : 0;
  const double allowed = least.cycles(latency);
  const std::string algorithm = p.operation == Collective::all_reduce ? algorithm_name(outcome.algorithm) : "";
  const double last = static_cast<double>(outcome.last_cycles);

  Json json;
  json["status"] = verdict.status;
  if (!verdict.reason.empty()) json["message"] = verdict.reason;
  json["kernel"] = "collective";
  json["device"] = device->info().name;
  json["operation"] = settings.operation;
  json["algorithm"] = algorithm.empty() ? Json(nullptr) : Json(algorithm);
  json["nodes"] = device->info().shape.text();
  json["node_count"] = device->info().shape.nodes();
  json["group_nodes"] = group.count();
  json["rectangle"] = p.rectangle ? Json(p.rectangle->text()) : Json(nullptr);
  json["bytes"] = p.bytes;
  json["rows"] = p.rows;
  json["columns"] = p.columns;
  json["halo"] = p.halo;
  json["rounds"] = p.rounds;
  json["repeats"] = p.repeats;
  json["seed"] = p.seed;
  report_run(json, outcome.run, kernel);
  json["collective_cycles"] = timed ? Json(outcome.first_cycles) : Json(nullptr);
  json["collective_cycles_last"] = timed ? Json(outcome.last_cycles) : Json(nullptr);
  json["latency_cycles"] = timed ? Json(latency) : Json(nullptr);
  json["bound_flits"] = least.flits;
  json["bound_steps"] = least.steps;
  json["bound_cycles"] = timed ? Json(allowed) : Json(nullptr);
  json["bound_ratio"] = timed ? Json(static_cast<double>(outcome.first_cycles) / allowed) : Json(nullptr);
  json["check"] = settings.run.check;
  json["compared"] = comparison.compared;
  json["mismatches"] = comparison.mismatches;
  if (!comparison.first.empty()) json["first_mismatch"] = comparison.first;
  if (settings.run.json) {
    print_json(json);
    if (!verdict.reason.empty()) fmt::print(stderr, "{}: {}\n", verdict.status, verdict.reason);
    return verdict.exit;
  }

  fmt::print("{}{}: {} of {} nodes ({}), {}\n", settings.operation, algorithm.empty() ? "" : " (" + algorithm + ")",
             group.count(), device->info().shape.nodes(), device->info().shape.text(),
             settings.run.golden ? "golden model" : "RTL");
  if (timed) {
    fmt::print("  cycles          {:>14}", grouped(outcome.first_cycles));
    if (p.repeats > 1) fmt::print("   the last time {}", grouped(outcome.last_cycles));
    if (p.operation == Collective::barrier || p.operation == Collective::latency)
      fmt::print("   {:.1f} a round", last / (p.rounds * (p.operation == Collective::latency ? 2 : 1)));
    fmt::print("\n  network allows  {:>14.0f}   {:.0f} flits + {} steps of {:.1f} cycles; ratio {:.2f}\n", allowed,
               least.flits, least.steps, latency, static_cast<double>(outcome.first_cycles) / allowed);
  }
  fmt::print("  instructions    {:>14}\n", grouped(outcome.run.instructions));
  if (outcome.run.compared != 0)
    fmt::print("  lockstep        {:>14}   records compared\n", grouped(outcome.run.compared));
  if (comparison.compared != 0) {
    fmt::print("  against the rule{:>14}   bit mismatches in {} words\n", grouped(comparison.mismatches),
               grouped(comparison.compared));
    if (comparison.mismatches != 0) fmt::print("  first mismatch: {}\n", comparison.first);
  }
  fmt::print("  simulation      {:>14}\n", fmt::format("{:.2f} s", outcome.run.seconds));
  if (verdict.status == "pass") fmt::print("PASS\n");
  std::fflush(stdout);
  if (!verdict.reason.empty())
    fmt::print(stderr, "{}: {}\n", verdict.status == "unchecked" ? "UNCHECKED" : "FAIL", verdict.reason);
  return verdict.exit;
}

}  // namespace

Action add_collective(CLI::App& app) {
  auto settings = std::make_shared<Settings>();
  auto* command = app.add_subcommand(
      "collective",
      "Run a collective operation over many nodes, check it bit for bit and compare its cycles with the bound");
  settings->add_to(*command);
  return [settings] { return run(*settings); };
}

}  // namespace tatami::cli
