#include "cli/collective_report.h"

#include <algorithm>
#include <stdexcept>

namespace tatami::cli {

double measure_push_latency(const Program& kernel) {
  RtlConfig config;
  config.shape = parse_shape("2x1", {});
  const auto device = make_rtl_device(config);
  CollectiveProblem p;
  p.operation = Collective::latency;
  p.repeats = 2;  // the second time instructions are there
  const CollectiveOutcome outcome = run_collective(*device, kernel, p, {.max_cycles = 1'000'000});
  if (!outcome.run.passed()) throw std::runtime_error("the measurement of the latency failed: " + outcome.run.message);
  return static_cast<double>(outcome.times.back().cycles()) / (2.0 * p.rounds);
}

Comparison check_collective(const CollectiveProblem& p, const NodeGroup& group, const CollectiveOutcome& outcome) {
  if (!outcome.run.passed()) return {};
  Comparison comparison = compare(expected_collective(p, group, outcome.algorithm), outcome.results);
  if (p.operation == Collective::barrier) {
    comparison.compared = group.count() * outcome.times.size();
    comparison.mismatches = static_cast<std::uint64_t>(
        std::ranges::count_if(outcome.times, [](const CollectiveTimes& t) { return t.earliest_end < t.latest_begin; }));
  }
  return comparison;
}

std::string algorithm_text(const CollectiveProblem& p, const CollectiveOutcome& outcome) {
  return p.operation == Collective::all_reduce ? algorithm_name(outcome.algorithm) : "";
}

void choose_sizes(CollectiveProblem& p, unsigned nodes) {
  if (p.operation != Collective::transpose && p.operation != Collective::halo) return;
  const std::uint64_t size = p.operation == Collective::transpose ? 16 * std::uint64_t{nodes} : 64;
  if (p.rows == 0) p.rows = size;
  if (p.columns == 0) p.columns = size;
}

unsigned rounds_of(const CollectiveProblem& p) {
  if (p.operation == Collective::latency) return 2 * p.rounds;  // to and fro
  return p.operation == Collective::barrier ? p.rounds : 0;
}

void report_problem(Json& json, const std::string& operation, const CollectiveProblem& p, const NodeGroup& group,
                    const CollectiveOutcome& outcome, const FabricShape& shape) {
  const std::string algorithm = algorithm_text(p, outcome);
  json["operation"] = operation;
  json["algorithm"] = algorithm.empty() ? Json(nullptr) : Json(algorithm);
  json["nodes"] = shape.text();
  json["node_count"] = shape.nodes();
  json["group_nodes"] = group.count();
  json["rectangle"] = p.rectangle ? Json(p.rectangle->text()) : Json(nullptr);
  json["bytes"] = p.bytes;
  json["rows"] = p.rows;
  json["columns"] = p.columns;
  json["halo"] = p.halo;
  json["rounds"] = p.rounds;
  json["repeats"] = p.repeats;
  json["seed"] = p.seed;
}

void report_times(Json& json, const CollectiveProblem& p, const NodeGroup& group, const CollectiveOutcome& outcome,
                  double latency) {
  const CollectiveBound least = bound(p, group, outcome.algorithm);
  const bool timed = !outcome.times.empty();
  for (const char* key :
       {"operation_cycles", "operation_cycles_min", "operation_cycles_median", "operation_cycles_max"})
    json[key] = nullptr;
  if (timed) {
    json["operation_cycles"] = Json::array();
    for (const CollectiveTimes& times : outcome.times) json["operation_cycles"].push_back(times.cycles());
    json["operation_cycles_min"] = outcome.least_cycles();
    json["operation_cycles_median"] = outcome.median_cycles();
    json["operation_cycles_max"] = outcome.most_cycles();
  }
  const double allowed = least.cycles(latency);
  const auto ratio = [&](std::uint64_t cycles) { return static_cast<double>(cycles) / allowed; };
  json["latency_cycles"] = timed ? Json(latency) : Json(nullptr);
  json["bound_flits"] = least.flits;
  json["bound_steps"] = least.steps;
  json["bound_cycles"] = timed ? Json(allowed) : Json(nullptr);
  json["bound_ratio"] = timed ? Json(ratio(outcome.most_cycles())) : Json(nullptr);
  json["bound_ratio_median"] = timed ? Json(ratio(outcome.median_cycles())) : Json(nullptr);
}

}  // namespace tatami::cli
