// tatami matmul: one matrix product, checked against golden.
#include <fmt/format.h>

#include <cinttypes>
#include <cstdio>

#include "cli/common.h"
#include "cli/formats.h"
#include "cli/stream_report.h"
#include "host/error.h"
#include "host/grid.h"
#include "host/matmul_mesh.h"

namespace tatami::cli {
namespace {

struct Settings {
  RunSettings run;
  FormatOptions formats;
  std::optional<std::size_t> size, m, n, k;
  std::string a, b, c_in, bias_vector, out, out_codes;
  float alpha = 1.0F;
  float beta = 0.0F;
  std::uint64_t seed = 1;
  int threads = kThreadsPerNode;
  bool transpose_a = false, transpose_b = false;
  std::string operands = "auto";
  std::string pieces;

  void add_to(CLI::App& command) {
    const auto positive = CLI::Range(std::size_t{1}, std::size_t{1} << 24);
    command
        .add_option("--size", size,
                    "m, n and k at once (default 128; on many nodes, without any size, 128 x 256 outputs for each node "
                    "and k = 512)")
        ->check(positive);
    command.add_option("-m", m, "Rows of A and C")->check(positive);
    command.add_option("-n", n, "Columns of B and C")->check(positive);
    command.add_option("-k", k, "Columns of A, rows of B")->check(positive);
    command
        .add_option("--a", a,
                    "A from a NumPy file: float or signed values are rounded into the format, unsigned integers of the "
                    "format's width are codes")
        ->type_name("A.npy");
    command.add_option("--b", b, "B from a NumPy file")->type_name("B.npy");
    command.add_flag("--transpose-a", transpose_a,
                     "A is stored as its transpose, k x m, in --a and in memory: one node reads it with transposing "
                     "loads, for many nodes the host transposes it when it deals it out");
    command.add_flag("--transpose-b", transpose_b, "B is stored as its transpose, n x k; likewise");
    command.add_option("--c", c_in, "Initial C for --beta, in C's format (default random)")->type_name("C.npy");
    command.add_option("--out", out, "Write C as float32 values")->type_name("C.npy");
    command.add_option("--out-codes", out_codes, "Write C as codes of its format")->type_name("C.npy");
    command.add_option("--alpha", alpha, "C = alpha*A*B + beta*C + bias")->capture_default_str();
    command.add_option("--beta", beta, "See --alpha")->capture_default_str();
    command.add_option("--bias-vector", bias_vector, "n values added to every row of C: a NumPy file, or 'random'")
        ->type_name("V.npy");
    command.add_option("--seed", seed, "Seed of random operands and of stochastic rounding")
        ->check(refuse_negative)
        ->capture_default_str();
    command.add_option("--threads", threads, "Threads of the node that compute")
        ->check(CLI::Range(1, kThreadsPerNode))
        ->capture_default_str();
    command
        .add_option(
            "--operands", operands,
            "Where A, B and C lie: resident in the nodes' SRAM, in edge memory, from which they are streamed, or "
            "auto: in SRAM if they fit (docs/streaming.md)")
        ->check(CLI::IsMember({"auto", "resident", "edge"}))
        ->capture_default_str();
    command
        .add_option(
            "--pieces", pieces,
            "Operands in edge memory: outputs of a node's pieces and the length of slices of K, multiples of 16, of 64 "
            "and of 64 bytes of A (default: what the host's model says is fastest)")
        ->type_name("MxNxK");
    formats.add_to(command);
    run.add_to(command, {"result", "lockstep", "none"});
  }

  /// One dimension: what the files say, else its option, else --size, else the default. They must not contradict each
  /// other.
  std::size_t dimension(const char* option, const std::optional<std::size_t>& given,
                        const std::optional<std::size_t>& file, std::size_t otherwise) const {
    if (given && file && *given != *file) {
      throw InputError(fmt::format("{} {}: the .npy file has {} there; leave {} out", option, *given, *file, option));
    }
    return file.value_or(given.value_or(size.value_or(otherwise)));
  }

  /// m, n and k that give every node of a fabric work for 65,536 cycles of its matrix unit, several times what fetching
  /// the operands takes.
  static std::array<std::size_t, 3> default_sizes(const FabricShape& shape) {
    constexpr std::size_t kRows = 128, kColumns = 256, kDepth = 512;
    const LogicalGrid grid(shape);
    return {grid.rows() * kRows, grid.columns() * kColumns, kDepth};
  }

  MatmulProblem problem() const {
    MatmulProblem p;
    const auto format_a = formats.descriptor_a();
    const auto format_b = formats.descriptor_b();
    p.output = formats.descriptor_out();
    check_choices(format_a, format_b, p.output);
    std::optional<Matrix> from_a, from_b;
    const auto read = [](const std::string& file, golden::Descriptor format, const char* option, bool transpose) {
      const Matrix matrix = matrix_from_npy(file, format, option);
      return transpose ? transposed(matrix) : matrix;
    };
    if (!a.empty()) from_a = read(a, format_a, "--a", transpose_a);
    if (!b.empty()) from_b = read(b, format_b, "--b", transpose_b);
    const auto rows = [](const std::optional<Matrix>& matrix) {
      return matrix ? std::optional(matrix->rows) : std::nullopt;
    };
    const auto columns = [](const std::optional<Matrix>& matrix) {
      return matrix ? std::optional(matrix->columns) : std::nullopt;
    };
    const FabricShape shape = run.shape();
    std::array<std::size_t, 3> otherwise = {128, 128, 128};
    if (shape.nodes() > 1 && !size && !m && !n && !k && !from_a && !from_b) otherwise = default_sizes(shape);
    const std::size_t rows_a = dimension("-m", m, rows(from_a), otherwise[0]);
    const std::size_t columns_b = dimension("-n", n, columns(from_b), otherwise[1]);
    const std::size_t depth = dimension("-k", k, from_a ? columns(from_a) : rows(from_b), otherwise[2]);
    check_capacity(rows_a, columns_b, depth, format_a, format_b, p.output, shape);
    p.a = from_a ? std::move(*from_a) : random_matrix(rows_a, depth, format_a, seed, 0);
    p.b = from_b ? std::move(*from_b) : random_matrix(depth, columns_b, format_b, seed, 1);
    p.transpose_a = transpose_a;
    p.transpose_b = transpose_b;
    p.alpha = alpha;
    p.beta = beta;
    p.seed = seed;
    const auto nearest = golden::Descriptor(p.output.kind(), p.output.bias_field(), golden::Rounding::nearest_even,
                                            p.output.subnormals());
    if (!c_in.empty() && beta == 0) throw InputError("--c is read only with --beta other than 0");
    if (beta != 0)
      p.c_in =
          c_in.empty() ? random_matrix(rows_a, columns_b, nearest, seed, 2) : matrix_from_npy(c_in, nearest, "--c");
    if (!bias_vector.empty()) {
      const golden::Descriptor fp32(golden::Kind::fp32);
      const Matrix bias = bias_vector == "random" ? random_matrix(1, columns_b, fp32, seed, 3)
                                                  : matrix_from_npy(bias_vector, fp32, "--bias-vector");
      for (std::size_t i = 0; i < bias.size(); ++i) p.bias.push_back(static_cast<float>(bias.value(i)));
    }
    validate(p);
    return p;
  }

  /// Options for CFloat formats are for nothing if there is none.
  void check_choices(golden::Descriptor format_a, golden::Descriptor format_b, golden::Descriptor format_out) const {
    for (const golden::Descriptor format : {format_a, format_b, format_out}) {
      if (golden::info(format.kind()).clamping) return;
    }
    const std::string none = fmt::format("none of {}, {} and {}", golden::name(format_a.kind()),
                                         golden::name(format_b.kind()), golden::name(format_out.kind()));
    if (formats.bias)
      throw InputError(fmt::format("--bias {}: {} has a bias to choose; leave the option out", *formats.bias, none));
    if (formats.subnormals != "printed") {
      throw InputError(fmt::format("--subnormals {}: {} has a reading of subnormals to choose; leave the option out",
                                   formats.subnormals, none));
    }
  }

  /// Before gigabytes of random numbers are drawn for matrices that no memory can hold.
  void check_capacity(std::size_t m, std::size_t n, std::size_t k, golden::Descriptor a, golden::Descriptor b,
                      golden::Descriptor c, const FabricShape& shape) const {
    const double bytes = static_cast<double>(m) * static_cast<double>(k) * a.bytes() +
                         static_cast<double>(k) * static_cast<double>(n) * b.bytes() +
                         static_cast<double>(m) * static_cast<double>(n) * c.bytes();
    const bool fp32 = a.kind() == golden::Kind::fp32;
    const double sram = static_cast<double>(kSramBytes) * shape.nodes();
    const double edge = static_cast<double>(kEdgeBytes) * static_cast<double>(shape.rim_ports().size());
    const bool resident = operands == "resident" || (operands == "auto" && fp32);
    if (bytes <= (resident ? sram : edge)) return;
    throw InputError(
        resident
            ? fmt::format("{}x{}x{} needs {:.0f} bytes for A, B and C; a node's SRAM has {}: use smaller matrices, "
                          "narrower formats or more nodes{}",
                          m, n, k, bytes, kSramBytes, fp32 ? "" : ", or leave out --operands resident")
            : fmt::format("{}x{}x{} needs {:.0f} bytes for A, B and C; the edge memory at the {} ports of {} nodes has "
                          "{:.0f}: use smaller matrices, narrower formats or more nodes",
                          m, n, k, bytes, shape.rim_ports().size(), shape.text(), edge));
  }

  /// --pieces, if it is given.
  std::optional<StreamSizes> sizes() const {
    if (pieces.empty()) return {};
    StreamSizes sizes;
    int end = 0;
    if (std::sscanf(pieces.c_str(), "%" SCNu64 "x%" SCNu64 "x%" SCNu64 "%n", &sizes.m, &sizes.n, &sizes.k, &end) != 3 ||
        static_cast<std::size_t>(end) != pieces.size() || pieces.find('-') != std::string::npos) {
      throw InputError(fmt::format("--pieces {}: expected MxNxK, for example 128x256x128", pieces));
    }
    return sizes;
  }

  /// Are the operands streamed? Loads the kernel for resident ones into the device, to see what it leaves free.
  bool streamed(Device& device, const Program& resident, const MatmulProblem& p) const {
    if (operands != "auto") return operands == "edge";
    if (peak_macs_per_cycle(p) != 256) return false;  // fp32: the lanes' kernel is resident
    device.load(resident);
    return device.info().shape.nodes() == 1 ? !fits_matmul(device, p) : !fits_matmul_mesh(device, p);
  }
};

void print_report(const Settings& settings, const MatmulProblem& p, const Json& json, const Verdict& verdict,
                  const Comparison& comparison) {
  const unsigned nodes = settings.run.shape().nodes();
  const bool timed = json["cycles"].get<std::uint64_t>() != 0;
  fmt::print("matmul {}x{}x{}: {} x {} -> {}, {}, {} thread{}, {}\n", p.m(), p.n(), p.k(), format_text(p.a.format),
             format_text(p.b.format), format_text(p.output), nodes == 1 ? "one node" : fmt::format("{} nodes", nodes),
             settings.threads, settings.threads == 1 ? "" : "s", settings.run.golden ? "golden model" : "RTL");
  if (p.transpose_a || p.transpose_b) {
    fmt::print("  stored transposed{:>13}   {}\n",
               p.transpose_a && p.transpose_b ? "A and B"
               : p.transpose_a                ? "A"
                                              : "B",
               json["transposed_by"] == "loads" ? "read with transposing loads"
                                                : "transposed by the host when it deals them out, before the run");
  }
  if (json["operands"] == "edge") {
    fmt::print("  operands        {:>14}   pieces of {}x{} outputs a node, slices of {}{}\n", "in edge memory",
               json["piece_m"].get<unsigned>(), json["piece_n"].get<unsigned>(), json["slice_k"].get<unsigned>(),
               settings.run.shape().dead.empty()
                   ? ""
                   : fmt::format("; {} rows and columns of nodes", json["grid"].get<std::string>()));
  }
  if (timed) {
    fmt::print("  cycles          {:>14}\n", grouped(json["cycles"].get<std::uint64_t>()));
  }
  if (timed && json["operands"] == "edge") {
    fmt::print("  edge memory     {:>14}   cycles the busiest port needs for its {} bytes\n",
               grouped(json["edge_bound_cycles"].get<std::uint64_t>()),
               grouped(json["edge_busiest_port_bytes"].get<std::uint64_t>()));
  }
  if (json["peak_fraction"].is_number()) {
    fmt::print("  multiply-adds   {:>14}   {:.1f} % of peak ({} a cycle)\n", grouped(p.macs()),
               100 * json["peak_fraction"].get<double>(), json["peak_macs_per_cycle"].get<unsigned>());
  } else if (verdict.status != "trap" && verdict.status != "hang") {
    fmt::print("  multiply-adds   {:>14}\n", grouped(p.macs()));
  }
  fmt::print("  instructions    {:>14}\n", grouped(json["instructions"].get<std::uint64_t>()));
  if (json["records_compared"].get<std::uint64_t>() != 0) {
    fmt::print("  lockstep        {:>14}   records compared\n", grouped(json["records_compared"].get<std::uint64_t>()));
  }
  if (comparison.compared != 0) {
    fmt::print("  against golden  {:>14}   bit mismatches in {} elements\n", grouped(comparison.mismatches),
               grouped(comparison.compared));
    fmt::print("  against FP64    {:>14.3g}   largest relative error ({:.3g} of the sum of magnitudes)\n",
               json["max_rel_err_fp64"].get<double>(), json["max_scaled_err_fp64"].get<double>());
  }
  fmt::print("  simulation      {:>14}   ", fmt::format("{:.2f} s", json["host_seconds"].get<double>()));
  if (timed) fmt::print("{} cycles/s, ", scaled(json["cycles_per_second"].get<double>()));
  fmt::print("{} MAC/s", scaled(json["macs_per_second"].get<double>()));
  if (json["golden_macs_per_second"].is_number())
    fmt::print(" (golden: {} MAC/s)", scaled(json["golden_macs_per_second"].get<double>()));
  fmt::print("\n");
  if (comparison.mismatches != 0) fmt::print("  first mismatch: {}\n", comparison.first);
  if (verdict.status == "pass") {
    fmt::print("PASS\n");
    fmt::print("Try next: {} matmul --format bf16 --size 256, or {} matmul --size 16 --fst wave.fst\n", command_name(),
               command_name());
  } else {
    std::fflush(stdout);
    fmt::print(stderr, "{}: {}\n", verdict.status == "unchecked" ? "UNCHECKED" : "FAIL", verdict.reason);
  }
}

/// Does the kernel read transposed operands as they are, with transposing loads?
bool kernel_transposes(unsigned nodes, bool streamed) { return nodes == 1 && !streamed; }

/// Says on standard error every ten seconds how far a run is.
RunOptions with_progress(RunOptions options, std::uint64_t least_cycles) {
  options.progress = [least_cycles, next = 10.0](std::uint64_t cycles, double seconds) mutable {
    if (seconds < next) return;
    next = seconds + 10;
    fmt::print(stderr, "{:.0f} s: {} cycles; at the peak rate the product takes {}\n", seconds, grouped(cycles),
               grouped(least_cycles));
  };
  return options;
}

Exit run(const Settings& settings) {
  const MatmulProblem p = settings.problem();
  const unsigned nodes = settings.run.shape().nodes();
  const std::string resident = nodes == 1 ? "matmul" : "matmul_mesh";
  Program kernel = load_program(kernel_path(resident));
  const auto device = make_device(settings.run);
  const bool streamed = settings.streamed(*device, kernel, p);
  const std::optional<StreamSizes> sizes = settings.sizes();
  if (sizes && !streamed) throw InputError("--pieces is for operands in edge memory; add --operands edge");
  if (streamed) kernel = load_program(kernel_path("matmul_stream"));
  const unsigned peak = nodes * peak_macs_per_cycle(p);
  const RunOptions options = with_progress(settings.run.limits, p.macs() / peak);
  StreamOutcome outcome;
  if (streamed) {
    outcome = run_matmul_stream(*device, kernel, p, settings.threads, options, settings.run.edge.bandwidth, sizes);
  } else {
    static_cast<MatmulOutcome&>(outcome) =
        (nodes == 1 ? run_matmul : run_matmul_mesh)(*device, kernel, p, settings.threads, options);
  }

  Comparison comparison;
  ErrorFp64 error;
  double golden_rate = 0;
  std::optional<golden::Flags> expected_flags;
  if (settings.run.check_level() != Check::none && outcome.run.passed()) {
    if (outcome.run.seconds > 10) fmt::print(stderr, "comparing with golden: {} elements\n", grouped(p.m() * p.n()));
    const MatmulExpectation expected = expected_matmul(p);
    comparison = compare(expected.c, outcome.c);
    expected_flags = expected.flags;
    error = error_fp64(p, outcome.c);
    golden_rate = static_cast<double>(p.macs()) / std::max(expected.seconds, 1e-9);
  }
  Verdict verdict = judge(outcome.run, kernel, comparison.compared, comparison.mismatches);
  if (verdict.exit == Exit::pass && expected_flags && *expected_flags != outcome.flags) {
    verdict = {"fail",
               fmt::format("the elements agree, but the sticky flags do not: expected {:#x}, got {:#x}",
                           *expected_flags, outcome.flags),
               Exit::wrong_result};
  }
  if (outcome.run.passed()) {
    if (!settings.out.empty()) matrix_to_npy(settings.out, outcome.c);
    if (!settings.out_codes.empty()) matrix_codes_to_npy(settings.out_codes, outcome.c);
  }

  Json json;
  json["status"] = verdict.status;
  if (!verdict.reason.empty()) json["message"] = verdict.reason;
  json["kernel"] = streamed ? "matmul_stream" : resident;
  json["device"] = device->info().name;
  json["format_a"] = golden::name(p.a.format.kind());
  json["format_b"] = golden::name(p.b.format.kind());
  json["format_out"] = golden::name(p.output.kind());
  json["bias_a"] = p.a.format.bias();
  json["bias_b"] = p.b.format.bias();
  json["bias_out"] = p.output.bias();
  json["subnormals"] = settings.formats.subnormals;
  json["round"] = settings.formats.round;
  json["m"] = p.m();
  json["n"] = p.n();
  json["k"] = p.k();
  json["nodes"] = device->info().shape.text();
  json["node_count"] = nodes;
  json["threads"] = settings.threads;
  json["seed"] = settings.seed;
  json["transpose_a"] = p.transpose_a;
  json["transpose_b"] = p.transpose_b;
  json["transposed_by"] = !p.transpose_a && !p.transpose_b     ? Json(nullptr)
                          : kernel_transposes(nodes, streamed) ? Json("loads")
                                                               : Json("host");
  json["operands"] = streamed ? "edge" : "resident";
  if (streamed) report_stream(json, outcome, settings.run.edge.bandwidth);
  report_run(json, outcome.run, kernel);
  // Rates are of a product that was finished.
  const bool finished = outcome.run.status == RunStatus::exited;
  json["macs"] = p.macs();
  json["peak_macs_per_cycle"] = peak;
  json["peak_fraction"] = outcome.run.cycles == 0 || !finished
                              ? Json(nullptr)
                              : Json(static_cast<double>(p.macs()) / (static_cast<double>(outcome.run.cycles) * peak));
  json["check"] = settings.run.check;
  json["compared"] = comparison.compared;
  json["mismatches"] = comparison.mismatches;
  if (!comparison.first.empty()) json["first_mismatch"] = comparison.first;
  const bool compared = comparison.compared != 0;
  json["max_rel_err_fp64"] = compared ? Json(error.relative) : Json(nullptr);
  json["max_scaled_err_fp64"] = compared ? Json(error.scaled) : Json(nullptr);
  json["flags"] = outcome.flags;
  json["flags_expected"] = expected_flags ? Json(*expected_flags) : Json(nullptr);
  json["macs_per_second"] =
      finished && outcome.run.seconds > 0 ? static_cast<double>(p.macs()) / outcome.run.seconds : 0.0;
  json["golden_macs_per_second"] = compared ? Json(golden_rate) : Json(nullptr);
  if (settings.run.json) {
    print_json(json);
    if (!verdict.reason.empty()) fmt::print(stderr, "{}: {}\n", verdict.status, verdict.reason);
  } else {
    print_report(settings, p, json, verdict, comparison);
  }
  return verdict.exit;
}

}  // namespace

Action add_matmul(CLI::App& app) {
  auto settings = std::make_shared<Settings>();
  auto* command = app.add_subcommand(
      "matmul", "Multiply two matrices on a simulated node, or many, and check the result bit for bit");
  settings->add_to(*command);
  return [settings] { return run(*settings); };
}

}  // namespace tatami::cli
