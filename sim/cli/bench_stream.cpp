// tatami bench, section stream: what products reach whose operands come from edge memory, in cycles of the RTL.
#include <fmt/format.h>

#include "cli/bench_parts.h"
#include "cli/formats.h"
#include "cli/stream_report.h"

namespace tatami::cli::bench {
namespace {

/// m = n = size.
struct Shape {
  const char* nodes;
  std::size_t size, depth;
};

Json measure(const MeshOptions& options, golden::Kind kind, const Shape& shape, Exit& worst) {
  const golden::Descriptor format(kind, golden::info(kind).clamping ? default_bias(kind) : 0);
  MatmulProblem p;
  p.a = random_matrix(shape.size, shape.depth, format, options.seed, 0);
  p.b = random_matrix(shape.depth, shape.size, format, options.seed, 1);
  p.output = golden::Descriptor(golden::Kind::fp32);
  RtlConfig config;
  config.shape = parse_shape(shape.nodes, {});
  config.host_threads = host_threads_for(options.host_threads, config.shape.nodes());
  config.edge = options.edge;
  const auto device = make_rtl_device(config);
  const Program kernel = load_program(kernel_path("matmul_stream"));
  const StreamOutcome outcome =
      run_matmul_stream(*device, kernel, p, options.threads, options.limits, options.edge.bandwidth);
  const Comparison comparison = outcome.run.passed() ? compare(expected_matmul(p).c, outcome.c) : Comparison{};
  const Verdict verdict = judge(outcome.run, kernel, comparison.compared, comparison.mismatches);
  if (verdict.exit != Exit::pass && worst == Exit::pass) worst = verdict.exit;

  const unsigned peak = config.shape.nodes() * peak_macs_per_cycle(p);
  const auto cycles = static_cast<double>(outcome.run.cycles);
  Json json{{"bench", "stream"}, {"status", verdict.status}, {"kernel", "matmul_stream"}};
  if (!verdict.reason.empty()) json["message"] = verdict.reason;
  json["format_a"] = json["format_b"] = golden::name(kind);
  json["format_out"] = "fp32";
  json["m"] = json["n"] = shape.size;
  json["k"] = shape.depth;
  json["nodes"] = shape.nodes;
  json["node_count"] = config.shape.nodes();
  json["threads"] = options.threads;
  json["seed"] = options.seed;
  report_stream(json, outcome, options.edge.bandwidth);
  report_run(json, outcome.run, kernel);
  json["macs"] = p.macs();
  json["peak_macs_per_cycle"] = peak;
  json["peak_fraction"] = cycles == 0 ? Json(nullptr) : Json(static_cast<double>(p.macs()) / (cycles * peak));
  json["compared"] = comparison.compared;
  json["mismatches"] = comparison.mismatches;
  return json;
}

}  // namespace

Exit stream(const MeshOptions& options, bool large, const AddRow& add) {
  Exit worst = Exit::pass;
  for (const Shape& shape : {Shape{"2x2", 1024, 1024}, Shape{"4x4", 2048, 512}}) {
    if (shape.size > 1024 && !large) continue;
    for (const std::string& format : options.formats) {
      add(measure(options, parse_kind(format, "--format"), shape, worst),
          fmt::format("{} {}x{}x{} on {}, streamed", format, shape.size, shape.size, shape.depth, shape.nodes));
    }
  }
  return worst;
}

void print_stream(const Json& row) {
  const Json& fraction = row["peak_fraction"];
  fmt::print(
      "{:<16}{}x{}x{} on {}, streamed: {} cycles, {} of peak; edge memory busy for {}; pieces {}x{}, slices {}  {}\n",
      row["format_a"].get<std::string>(), row["m"].get<int>(), row["n"].get<int>(), row["k"].get<int>(),
      row["nodes"].get<std::string>(), grouped(row["cycles"].get<std::uint64_t>()),
      fraction.is_null() ? "-" : fmt::format("{:.1f} %", 100 * fraction.get<double>()),
      grouped(row["edge_bound_cycles"].get<std::uint64_t>()), row["piece_m"].get<int>(), row["piece_n"].get<int>(),
      row["slice_k"].get<int>(), row["status"].get<std::string>());
}

}  // namespace tatami::cli::bench
