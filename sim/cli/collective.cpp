// tatami collective: one operation over many nodes, checked bit for bit, with its cycles and what the network allows.
#include "host/collective.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/collective_report.h"
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
  const CLI::App* options = nullptr;

  void add_to(CLI::App& command) {
    options = &command;
    run.nodes = "4x4";
    command.add_option("--op", operation, "What to do: " + collective_names(", "))->capture_default_str();
    command.add_option("--rectangle", rectangle, "The nodes that take part: the first, and the size; default: all")
        ->type_name("X,Y,WxH");
    command.add_option("--bytes", problem.bytes, "A node's vector of FP32 numbers, a multiple of 64")
        ->check(refuse_negative)
        ->capture_default_str();
    command
        .add_option("--algorithm", algorithm, "How all-reduce works: auto, direct, mover or tree (docs/collectives.md)")
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
    command.add_option("--repeats", problem.repeats, "Do it so many times, one after the other; each is timed")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command.add_option("--seed", problem.seed, "Of the numbers")->check(refuse_negative)->capture_default_str();
    run.add_to(command, {"result", "lockstep", "none"});
  }

  /// An option that the operation has no use for is a mistake.
  void refuse_unused(Collective chosen) const {
    using enum Collective;
    const std::vector<std::pair<const char*, std::vector<Collective>>> uses = {
        {"--bytes", {broadcast, all_reduce, reduce_scatter, all_gather}},
        {"--algorithm", {all_reduce}},
        {"--work-bytes", {all_reduce}},
        {"--root", {broadcast}},
        {"--rows", {transpose, halo}},
        {"--columns", {transpose, halo}},
        {"--halo", {halo}},
        {"--rounds", {latency, barrier}}};
    for (const auto& [option, operations] : uses) {
      if (options->get_option(option)->count() == 0 || std::ranges::find(operations, chosen) != operations.end())
        continue;
      std::string names;
      for (const Collective one : operations) names += (names.empty() ? "" : ", ") + collective_name(one);
      throw InputError(fmt::format("{}: {} has no use for it, only {}; leave it out", option, operation, names));
    }
  }

  CollectiveProblem finished() const {
    CollectiveProblem p = problem;
    p.operation = parse_collective(operation);
    refuse_unused(p.operation);
    if (!rectangle.empty()) p.rectangle = parse_rectangle(rectangle, "--rectangle");
    if (algorithm != "auto") p.algorithm = parse_algorithm(algorithm);
    const unsigned nodes = p.rectangle ? p.rectangle->width * p.rectangle->height : run.shape().nodes();
    choose_sizes(p, nodes);
    return p;
  }
};

Exit run(const Settings& settings) {
  const CollectiveProblem p = settings.finished();
  const NodeGroup group = make_group(settings.run.shape(), p.rectangle);
  validate(p, group);
  const Program kernel = load_program(kernel_path("collective"));
  const auto device = make_device(settings.run);
  const CollectiveOutcome outcome = run_collective(*device, kernel, p, settings.run.limits);
  const bool timed = !outcome.times.empty();

  Comparison comparison;
  if (settings.run.check_level() != Check::none) comparison = check_collective(p, group, outcome);
  const Verdict verdict = judge(outcome.run, kernel, comparison.compared, comparison.mismatches);
  const double latency = timed ? measure_push_latency(kernel) : 0;
  const std::string algorithm = algorithm_text(p, outcome);

  Json json;
  json["status"] = verdict.status;
  if (!verdict.reason.empty()) json["message"] = verdict.reason;
  json["kernel"] = "collective";
  json["device"] = device->info().name;
  report_problem(json, settings.operation, p, group, outcome, device->info().shape);
  report_run(json, outcome.run, kernel);
  report_times(json, p, group, outcome, latency);
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
    const CollectiveBound least = bound(p, group, outcome.algorithm);
    const double allowed = least.cycles(latency);
    const unsigned rounds = rounds_of(p);
    const auto line = [&](const char* what, std::uint64_t cycles) {
      fmt::print("  {:<16}{:>14}   {:.2f} times what the network allows", what, grouped(cycles),
                 static_cast<double>(cycles) / allowed);
      if (rounds != 0) fmt::print("; {:.1f} a round", static_cast<double>(cycles) / rounds);
      fmt::print("\n");
    };
    if (p.repeats == 1) {
      line("cycles", outcome.first_cycles());
    } else {
      line("cycles, first", outcome.first_cycles());
      line(fmt::format("median of {}", p.repeats).c_str(), outcome.median_cycles());
      line("worst", outcome.most_cycles());
    }
    fmt::print("  network allows  {:>14.0f}   {:.0f} flits + {} steps of {:.1f} cycles\n", allowed, least.flits,
               least.steps, latency);
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
  command->footer(
      "The cycles of the operation are counted in each repetition, from the cycle before the call in the node that is\n"
      "first (all have just left a barrier) to the cycle after the return in the node that is last. With --json:\n"
      "  cycles                   of the whole run: reset, start, all repetitions and the barriers between them\n"
      "  operation_cycles         the operation's, a list with one number for each repetition\n"
      "  operation_cycles_min, _median, _max   of that list; the median of an even number is the larger in the middle\n"
      "  bound_cycles             what the network allows: bound_flits + bound_steps * latency_cycles\n"
      "  bound_ratio              operation_cycles_max / bound_cycles: the worst repetition's\n"
      "  bound_ratio_median       operation_cycles_median / bound_cycles\n"
      "The golden model has no cycles: there these keys are null (but bound_flits, bound_steps), and cycles is 0.");
  return [settings] { return run(*settings); };
}

}  // namespace tatami::cli
