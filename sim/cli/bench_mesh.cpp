// tatami bench, sections mesh and scaling: what products on many nodes reach, in cycles of the RTL.
#include <fmt/format.h>

#include <algorithm>

#include "cli/bench_parts.h"
#include "cli/formats.h"
#include "cli/svg.h"
#include "host/matmul_mesh.h"

namespace tatami::cli::bench {
namespace {

/// Rows from..from + count of the product.
MatmulProblem rows_of(const MatmulProblem& whole, std::size_t from, std::size_t count) {
  MatmulProblem part;
  part.a = Matrix{count, whole.a.columns, whole.a.format, {}};
  const std::size_t row = whole.a.bytes.size() / whole.a.rows;
  const auto begin = whole.a.bytes.begin() + static_cast<std::ptrdiff_t>(from * row);
  part.a.bytes.assign(begin, begin + static_cast<std::ptrdiff_t>(count * row));
  part.b = whole.b;
  part.output = whole.output;
  return part;
}

/// The product on `nodes`, in `parts` parts of equal height that follow each other, as if each were a program of its
/// own whose operands are in place: what one memory cannot hold.
Json measure(const MeshOptions& options, golden::Kind kind, std::size_t size, const std::string& nodes,
             std::size_t parts, Exit& worst) {
  const MatmulProblem whole = random_problem(kind, size, options.seed);
  RtlConfig config;
  config.shape = parse_shape(nodes, {});
  config.host_threads = host_threads_for(options.host_threads, config.shape.nodes());
  const auto device = make_rtl_device(config);
  const bool one = config.shape.nodes() == 1;
  const Program kernel = load_program(kernel_path(one ? "matmul" : "matmul_mesh"));
  Json json{{"bench", "mesh"}, {"status", "pass"}, {"kernel", one ? "matmul" : "matmul_mesh"}};
  std::uint64_t cycles = 0, compared = 0, mismatches = 0;
  double seconds = 0;
  for (std::size_t part = 0; part < parts; ++part) {
    const MatmulProblem p = parts == 1 ? whole : rows_of(whole, part * size / parts, size / parts);
    const MatmulOutcome outcome =
        (one ? run_matmul : run_matmul_mesh)(*device, kernel, p, options.threads, options.limits);
    const Comparison comparison = outcome.run.passed() ? compare(expected_matmul(p).c, outcome.c) : Comparison{};
    const Verdict verdict = judge(outcome.run, kernel, comparison.compared, comparison.mismatches);
    if (verdict.exit != Exit::pass) {
      json["status"] = verdict.status;
      json["message"] = verdict.reason;
      if (worst == Exit::pass) worst = verdict.exit;
    }
    cycles += outcome.run.cycles;
    compared += comparison.compared;
    mismatches += comparison.mismatches;
    seconds += outcome.run.seconds;
  }
  const unsigned peak = config.shape.nodes() * peak_macs_per_cycle(whole);
  json["format_a"] = json["format_b"] = golden::name(kind);
  json["format_out"] = "fp32";
  json["m"] = json["n"] = json["k"] = size;
  json["nodes"] = nodes;
  json["node_count"] = config.shape.nodes();
  json["threads"] = options.threads;
  json["seed"] = options.seed;
  json["parts"] = parts;
  json["cycles"] = cycles;
  json["macs"] = whole.macs();
  json["peak_macs_per_cycle"] = peak;
  json["peak_fraction"] =
      cycles == 0 ? Json(nullptr) : Json(static_cast<double>(whole.macs()) / (static_cast<double>(cycles) * peak));
  json["compared"] = compared;
  json["mismatches"] = mismatches;
  json["host_seconds"] = seconds;
  return json;
}

std::string name_of(const Json& row) {
  return fmt::format("{} {} cubed on {}", row["format_a"].get<std::string>(), row["m"].get<int>(),
                     row["nodes"].get<std::string>());
}

}  // namespace

MatmulProblem random_problem(golden::Kind kind, std::size_t size, std::uint64_t seed) {
  const golden::Descriptor format(kind, golden::info(kind).clamping ? default_bias(kind) : 0);
  MatmulProblem p;
  p.a = random_matrix(size, size, format, seed, 0);
  p.b = random_matrix(size, size, format, seed, 1);
  p.output = golden::Descriptor(golden::Kind::fp32);
  return p;
}

Exit mesh(const MeshOptions& options, bool large, const AddRow& add) {
  Exit worst = Exit::pass;
  for (const auto& [nodes, size] : {std::pair{"2x2", 512}, {"4x4", 1024}}) {
    if (size > 512 && !large) continue;
    for (const std::string& format : options.formats) {
      Json row = measure(options, parse_kind(format, "--format"), static_cast<std::size_t>(size), nodes, 1, worst);
      const std::string name = name_of(row);
      add(std::move(row), name);
    }
  }
  return worst;
}

Exit scaling(const MeshOptions& options, const AddRow& add) {
  // Operands, ring and result of 512 cubed need two megabytes and more: one and two nodes compute it in parts.
  struct Point {
    const char* nodes;
    std::size_t parts;
  };
  constexpr Point kPoints[] = {{"1x1", 4}, {"2x1", 4}, {"2x2", 1}, {"4x2", 1}, {"4x4", 1}};
  Exit worst = Exit::pass;
  svg::Chart chart;
  chart.title = "512 x 512 x 512 on 1 to 16 nodes";
  chart.subtitle = "cycles of the RTL, FP32 output included, every bit compared; one and two nodes: in four parts";
  chart.x = {"nodes", false, 0.0, 16.0};
  chart.y = {"times as fast as one node", false, 0.0, 16.0};
  for (const std::string& format : options.formats) {
    svg::Series series{format, {}};
    double one = 0;
    for (const Point& point : kPoints) {
      Json row = measure(options, parse_kind(format, "--format"), 512, point.nodes, point.parts, worst);
      row["bench"] = "scaling";
      const auto cycles = static_cast<double>(row["cycles"].get<std::uint64_t>());
      if (one == 0) one = cycles;
      row["speedup"] = cycles == 0 ? Json(nullptr) : Json(one / cycles);
      if (cycles != 0) series.points.emplace_back(row["node_count"].get<double>(), one / cycles);
      const std::string name = name_of(row);
      add(std::move(row), name);
    }
    chart.series.push_back(std::move(series));
  }
  chart.series.push_back({"ideal", {{1, 1}, {16, 16}}, true, false});
  if (!options.svg.empty() && worst == Exit::pass) svg::write(chart, options.svg);
  return worst;
}

void print_mesh(const Json& row) {
  const Json& fraction = row["peak_fraction"];
  fmt::print("{:<16}{:>5} cubed on {:<4}{:>12} cycles{:>9} of peak{}  {}\n", row["format_a"].get<std::string>(),
             row["m"].get<int>(), row["nodes"].get<std::string>(), grouped(row["cycles"].get<std::uint64_t>()),
             fraction.is_null() ? "-" : fmt::format("{:.1f} %", 100 * fraction.get<double>()),
             row.contains("speedup") && row["speedup"].is_number()
                 ? fmt::format(", {:.2f} times one node", row["speedup"].get<double>())
                 : "",
             row["status"].get<std::string>());
}

}  // namespace tatami::cli::bench
