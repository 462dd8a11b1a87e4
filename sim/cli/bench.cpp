// tatami bench: measured rates of the node and of its simulation.
#include <fmt/format.h>

#include "cli/common.h"
#include "cli/formats.h"
#include "host/error.h"
#include "host/matmul.h"

namespace tatami::cli {
namespace {

struct Settings {
  RunSettings run;
  std::vector<std::string> formats;
  std::vector<std::size_t> sizes;
  std::uint64_t seed = 1;
  int threads = kThreadsPerNode;
};

/// One product as one entry of `results`; the keys are those of `tatami matmul --json`.
Json measure(const Settings& settings, golden::Kind kind, std::size_t size, Exit& worst) {
  const golden::Descriptor format(kind, golden::info(kind).clamping ? default_bias(kind) : 0);
  MatmulProblem p;
  p.a = random_matrix(size, size, format, settings.seed, 0);
  p.b = random_matrix(size, size, format, settings.seed, 1);
  p.output = golden::Descriptor(golden::Kind::fp32);
  const Program kernel = load_program(kernel_path("matmul"));
  const auto device = make_device(settings.run);
  const MatmulOutcome outcome = run_matmul(*device, kernel, p, settings.threads, settings.run.limits);
  const MatmulExpectation expected = expected_matmul(p);
  const Comparison comparison = outcome.run.passed() ? compare(expected.c, outcome.c) : Comparison{};
  const Verdict verdict = judge(outcome.run, kernel, comparison.compared, comparison.mismatches);
  if (verdict.exit != Exit::pass && worst == Exit::pass) worst = verdict.exit;

  Json json{{"status", verdict.status}, {"kernel", "matmul"}, {"device", device->info().name}};
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
  json["peak_fraction"] =
      outcome.run.cycles == 0 ? Json(nullptr) : Json(macs / (static_cast<double>(outcome.run.cycles) * peak_macs_per_cycle(p)));
  json["check"] = settings.run.check;
  json["compared"] = comparison.compared;
  json["mismatches"] = comparison.mismatches;
  json["macs_per_second"] = outcome.run.seconds > 0 ? macs / outcome.run.seconds : 0.0;
  json["golden_macs_per_second"] = macs / std::max(expected.seconds, 1e-9);
  json["golden_ratio"] = json["golden_macs_per_second"].get<double>() / std::max(json["macs_per_second"].get<double>(), 1.0);
  return json;
}

void print_row(const Json& row) {
  const Json& fraction = row["peak_fraction"];
  fmt::print("{:<16}{:>6}{:>12}{:>10}{:>12}{:>12}{:>12}  {}\n", row["format_a"].get<std::string>(), row["m"].get<std::size_t>(),
             grouped(row["cycles"].get<std::uint64_t>()), fraction.is_null() ? "-" : fmt::format("{:.1f} %", 100 * fraction.get<double>()),
             scaled(row["cycles_per_second"].get<double>()), scaled(row["macs_per_second"].get<double>()),
             scaled(row["golden_macs_per_second"].get<double>()), row["status"].get<std::string>());
  std::fflush(stdout);
}

Exit run(Settings settings) {
  if (settings.formats.empty()) settings.formats = {"bf16", "shp", "cfloat8_1_4_3", "cfloat8_1_5_2", "fp32"};
  if (settings.sizes.empty()) settings.sizes = {8, 16, 32, 64, 128, 256};
  Exit worst = Exit::pass;
  Json json{{"status", "pass"}, {"version", version_text()}, {"results", Json::array()}};
  if (!settings.run.json) {
    fmt::print("{:<16}{:>6}{:>12}{:>10}{:>12}{:>12}{:>12}\n", "matmul", "size", "cycles", "of peak", "cycles/s", "MAC/s", "golden");
  }
  for (const std::string& name : settings.formats) {
    const golden::Kind kind = parse_kind(name, "--format");
    for (const std::size_t size : settings.sizes) {
      json["results"].push_back(measure(settings, kind, size, worst));
      if (settings.run.json) {
        fmt::print(stderr, "{} {}: {}\n", name, size, json["results"].back()["status"].get<std::string>());
      } else {
        print_row(json["results"].back());
      }
    }
  }
  if (worst != Exit::pass) json["status"] = "fail";
  if (settings.run.json) print_json(json);
  return worst;
}

}  // namespace

Action add_bench(CLI::App& app) {
  auto settings = std::make_shared<Settings>();
  auto* command = app.add_subcommand("bench", "Measure utilisation of the matrix unit and speed of the simulation");
  command->add_option("--format", settings->formats, "Operand formats (default: bf16 shp cfloat8_1_4_3 cfloat8_1_5_2 fp32)");
  command->add_option("--size", settings->sizes, "Square sizes (default: 8 16 32 64 128 256)")->check(CLI::Range(1, 1024));
  command->add_option("--seed", settings->seed, "Seed of the operands")->capture_default_str();
  command->add_option("--threads", settings->threads, "Threads that compute")->check(CLI::Range(1, kThreadsPerNode))->capture_default_str();
  settings->run.add_to(*command, {"result", "lockstep"});
  return [settings] { return run(*settings); };
}

}  // namespace tatami::cli
