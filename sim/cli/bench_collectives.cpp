// tatami bench, section collectives: cycles of operations over many nodes, the worst and the median of some
// repetitions, beside what the network allows and what is aimed at.
#include <fmt/format.h>

#include <optional>

#include "cli/bench_parts.h"
#include "cli/collective_report.h"

namespace tatami::cli::bench {
namespace {

struct Point {
  std::string nodes;
  Collective operation;
  std::optional<tatami_all_reduce_algorithm> algorithm;  ///< of all-reduce; default: the fastest
  /// At most so many times what the network allows, in the worst repetition.
  std::optional<double> aim;
};

/// docs/collectives.md: all-reduce of 64 KB over 16 nodes and over the die.
std::optional<double> aim_of(const FabricShape& shape) {
  if (shape.text() == parse_shape("4x4", {}).text()) return 1.5;
  if (shape.text() == parse_shape("d1", {}).text()) return 3.0;
  return {};
}

std::vector<Point> points(const std::string& only) {
  std::vector<Point> list;
  for (const char* const nodes : {"2x2", "4x4", "8x8", "d1"}) {
    if (only.empty()) list.push_back({nodes, Collective::all_reduce, {}, aim_of(parse_shape(nodes, {}))});
  }
  const std::string nodes = only.empty() ? "4x4" : only;
  const FabricShape shape = parse_shape(nodes, {});
  if (!only.empty()) list.push_back({nodes, Collective::all_reduce, {}, aim_of(shape)});
  if (algorithm_of({}, make_group(shape, {})) != TATAMI_ALL_REDUCE_TREE)
    list.push_back({nodes, Collective::all_reduce, TATAMI_ALL_REDUCE_TREE, {}});
  for (const Collective operation : {Collective::barrier, Collective::broadcast, Collective::reduce_scatter,
                                     Collective::all_gather, Collective::transpose, Collective::halo}) {
    // Tiles lie on a rectangle.
    if (operation != Collective::halo || shape.dead.empty()) list.push_back({nodes, operation, {}, {}});
  }
  return list;
}

Json measure(const CollectiveOptions& options, const Point& point, const Program& kernel, double latency, Exit& worst) {
  RtlConfig config;
  config.shape = parse_shape(point.nodes, {});
  config.host_threads = host_threads_for(options.host_threads, config.shape.nodes());
  const auto device = make_rtl_device(config);
  CollectiveProblem p;
  p.operation = point.operation;
  p.algorithm = point.algorithm;
  p.repeats = static_cast<unsigned>(options.repeats);
  p.seed = options.seed;
  choose_sizes(p, config.shape.nodes());
  const NodeGroup group = make_group(config.shape, {});
  const CollectiveOutcome outcome = run_collective(*device, kernel, p, options.limits);
  const Comparison comparison = check_collective(p, group, outcome);
  const Verdict verdict = judge(outcome.run, kernel, comparison.compared, comparison.mismatches);
  if (verdict.exit != Exit::pass && worst == Exit::pass) worst = verdict.exit;

  Json json{{"bench", "collectives"}, {"status", verdict.status}, {"kernel", "collective"}};
  if (!verdict.reason.empty()) json["message"] = verdict.reason;
  report_problem(json, collective_name(p.operation), p, group, outcome, config.shape);
  report_run(json, outcome.run, kernel);
  report_times(json, p, group, outcome, latency);
  json["round_cycles"] = nullptr;
  if (const unsigned rounds = rounds_of(p); rounds != 0 && !outcome.times.empty())
    json["round_cycles"] = static_cast<double>(outcome.median_cycles()) / rounds;
  json["aim_ratio"] = point.aim ? Json(*point.aim) : Json(nullptr);
  json["aim_met"] = nullptr;
  if (point.aim && json["bound_ratio"].is_number()) json["aim_met"] = json["bound_ratio"].get<double>() <= *point.aim;
  json["compared"] = comparison.compared;
  json["mismatches"] = comparison.mismatches;
  return json;
}

/// "all-reduce (tree), 64 KB", "halo 1, 64x64".
std::string what(const Json& row) {
  const std::string operation = row["operation"];
  const std::string size =
      row["rows"] == 0 ? fmt::format("{} KB", row["bytes"].get<std::uint64_t>() / 1024)
                       : fmt::format("{}x{}", row["rows"].get<std::uint64_t>(), row["columns"].get<std::uint64_t>());
  if (operation == collective_name(Collective::barrier)) return operation;
  if (operation == collective_name(Collective::halo))
    return fmt::format("{} {}, {}", operation, row["halo"].get<std::uint64_t>(), size);
  return fmt::format("{}{}, {}", operation,
                     row["algorithm"].is_null() ? "" : fmt::format(" ({})", row["algorithm"].get<std::string>()), size);
}

}  // namespace

Exit collectives(const CollectiveOptions& options, const AddRow& add) {
  const Program kernel = load_program(kernel_path("collective"));
  const double latency = measure_push_latency(kernel);
  Exit worst = Exit::pass;
  for (const Point& point : points(options.nodes)) {
    Json row = measure(options, point, kernel, latency, worst);
    const std::string name = fmt::format("{} on {}", what(row), point.nodes);
    add(std::move(row), name);
  }
  return worst;
}

void print_collective(const Json& row) {
  fmt::print("{:<28} on {:<6}", what(row), row["nodes"].get<std::string>());
  if (row["operation_cycles"].is_null()) {
    fmt::print("  {}: {}\n", row["status"].get<std::string>(), row["message"].get<std::string>());
    return;
  }
  fmt::print("{:>8} cycles, the worst of {}; median {:>6}; the network allows {:>5.0f}; ratio {:.2f}",
             grouped(row["operation_cycles_max"].get<std::uint64_t>()), row["repeats"].get<unsigned>(),
             grouped(row["operation_cycles_median"].get<std::uint64_t>()), row["bound_cycles"].get<double>(),
             row["bound_ratio"].get<double>());
  if (row["round_cycles"].is_number()) fmt::print("; {:.1f} a round", row["round_cycles"].get<double>());
  if (row["aim_ratio"].is_number()) {
    fmt::print(", aim {:.1f} {}", row["aim_ratio"].get<double>(), row["aim_met"].get<bool>() ? "reached" : "missed");
  }
  fmt::print("  {}\n", row["status"].get<std::string>());
}

}  // namespace tatami::cli::bench
