// tatami bench, section fabric: how fast fabrics are simulated.
#include <fmt/format.h>
#include <tatami/matmul_args.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "cli/bench_parts.h"
#include "host/grid.h"

namespace tatami::cli::bench {
namespace {

constexpr std::uint64_t kCycles = 4'000;          // of each run
constexpr std::uint64_t kNodeCycles = 1'500'000;  // of each measurement, at least
constexpr std::size_t kSize = 256;                // of the product that keeps a node busy for 66,000 cycles

/// Loads every node with a product of its own, and lets all but `busy` nodes, spread over the fabric, sleep. Returns
/// the kernel's arguments, in which it counts the work done: a new run needs them again.
tatami_matmul_args load(Device& device, const Program& kernel, unsigned busy) {
  const MatmulProblem problem = random_problem(golden::Kind::bf16, kSize, 1);
  device.load(kernel);
  tatami_matmul_args arguments{};
  arguments.a = device.allocate(problem.a.bytes.size());
  arguments.b = device.allocate(problem.b.bytes.size());
  arguments.c = device.allocate(kSize * kSize * sizeof(float));
  arguments.lda = arguments.ldb = kSize * 2;
  arguments.ldc = kSize * sizeof(float);
  arguments.m = arguments.n = arguments.k = kSize;
  arguments.a_format = arguments.b_format = problem.a.format.packed();
  arguments.c_format = problem.output.packed();
  arguments.alpha = 0x3F80'0000;  // 1.0
  tatami_matmul_prepare(&arguments);
  const std::vector<Coordinate> places = device.info().shape.places();
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto [x, y] = places[i];
    device.write(global_address(x, y, arguments.a), std::as_bytes(std::span(problem.a.bytes)));
    device.write(global_address(x, y, arguments.b), std::as_bytes(std::span(problem.b.bytes)));
    if (i * busy / places.size() != (i + 1) * busy / places.size()) continue;
    // No thread takes part, all are parked.
    device.write_value(global_address(x, y, kernel.address_of("tatami_nthreads")), std::uint32_t{0});
  }
  return arguments;
}

struct Speed {
  double wall = 0;  ///< node-cycles a second
  double cpu = 0;   ///< node-cycles a second of processor time
};

/// The best of some runs from the product's beginning: others on the computer can only slow them down.
Speed measure(Device& device, const tatami_matmul_args& arguments, std::string& failure) {
  const std::uint64_t nodes = device.info().shape.nodes();
  Speed best;
  const std::uint64_t runs = std::max<std::uint64_t>(3, kNodeCycles / (kCycles * nodes));
  for (std::uint64_t i = 0; i < runs; ++i) {
    device.write_arguments(std::as_bytes(std::span(&arguments, 1)));
    RunOptions options;
    options.max_cycles = kCycles;
    const RunResult run = device.run(options);
    // The products are far from done.
    if (run.status != RunStatus::out_of_cycles)
      failure = fmt::format("a node ended after {} cycles: {}", run.cycles, run.message);
    const auto done = static_cast<double>(run.cycles * nodes);
    best.wall = std::max(best.wall, done / run.seconds);
    best.cpu = std::max(best.cpu, done / run.cpu_seconds);
  }
  return best;
}

}  // namespace

Exit fabric(const AddRow& add) {
  const Program kernel = load_program(kernel_path("matmul"));
  std::string failure;
  Speed one, die, die_tenth;
  double threads = 0;
  for (const char* const nodes : {"1x1", "2x2", "4x4", "8x8", "d1"}) {
    const FabricShape shape = parse_shape(nodes, {});
    for (const unsigned host_threads : {1U, 2U}) {
      if (host_threads > shape.nodes()) continue;
      RtlConfig config;
      config.shape = shape;
      config.host_threads = host_threads;
      const auto device = make_rtl_device(config);
      double all = 0;
      for (const bool tenth : {false, true}) {
        if (tenth && shape.nodes() == 1) continue;
        const unsigned busy = tenth ? (shape.nodes() + 9) / 10 : shape.nodes();
        const Speed speed = measure(*device, load(*device, kernel, busy), failure);
        Json row{{"bench", "fabric"},
                 {"status", failure.empty() ? "pass" : "fail"},
                 {"nodes", nodes},
                 {"node_count", shape.nodes()},
                 {"busy_nodes", busy},
                 {"host_threads", host_threads},
                 {"cycles", kCycles},
                 {"node_cycles_per_second", speed.wall},
                 {"node_cycles_per_cpu_second", speed.cpu}};
        if (tenth) row["times_all_busy"] = speed.wall / all;
        if (!failure.empty()) row["message"] = failure;
        add(std::move(row), fmt::format("{}, {} busy, {} host threads", nodes, busy, host_threads));
        if (!tenth) all = speed.wall;
        if (host_threads == 1 && shape.nodes() == 1) one = speed;
        const bool is_die = !shape.dead.empty();
        if (host_threads == 1 && is_die) (tenth ? die_tenth : die) = speed;
        if (host_threads == 2 && is_die && !tenth) threads = speed.wall / die.wall;
      }
    }
  }
  std::array<double, 3> load_average{};
  getloadavg(load_average.data(), 3);
  add(Json{{"bench", "fabric_ratios"},
           {"status", failure.empty() ? "pass" : "fail"},
           {"die_node_cost", one.cpu / die.cpu},
           {"die_tenth_busy_speedup", die_tenth.wall / die.wall},
           {"die_two_threads_speedup", threads},
           {"load_average", load_average[0]}},
      "ratios");
  return failure.empty() ? Exit::pass : Exit::wrong_result;
}

void print_fabric(const Json& row) {
  if (row["bench"] == "fabric_ratios") {
    fmt::print(
        "a node of the die costs {:.2f} times a node alone (processor time); a tenth busy: {:.1f} times as fast; two "
        "host threads: {:.2f} times one; load {:.1f}\n",
        row["die_node_cost"].get<double>(), row["die_tenth_busy_speedup"].get<double>(),
        row["die_two_threads_speedup"].get<double>(), row["load_average"].get<double>());
    return;
  }
  fmt::print(
      "{:<4}{:>4} of {:>3} nodes busy, {} host thread{} {:>10} node-cycles/s, {:>8} a second of processor time\n",
      row["nodes"].get<std::string>(), row["busy_nodes"].get<unsigned>(), row["node_count"].get<unsigned>(),
      row["host_threads"].get<unsigned>(),
      row["host_threads"].get<unsigned>() == 1 ? ": " : "s:", scaled(row["node_cycles_per_second"].get<double>()),
      scaled(row["node_cycles_per_cpu_second"].get<double>()));
}

}  // namespace tatami::cli::bench
