// tatami noc: random traffic through the network alone, on verilated routers.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/common.h"
#include "cli/svg.h"
#include "fabric/router_config.h"
#include "host/error.h"
#include "host/shape.h"
#include "noc/traffic.h"

namespace tatami::cli {
namespace {

using fabric::Place;
using fabric::Shape;

struct Settings {
  std::string nodes = "8x8";
  std::vector<std::string> dead;
  std::string pattern = "uniform";
  std::string rate = "0.1";
  noc::TrafficSettings traffic;
  std::string hold;
  bool sweep = false;
  std::string svg;
  bool json = false;
};

/// The fabric of the options; dead nodes need tables.
struct Layout {
  FabricShape given;
  Shape shape;
  std::optional<fabric::Routes> routes;

  explicit Layout(const Settings& settings) : given(parse_shape(settings.nodes, settings.dead)) {
    shape = {given.width, given.height};
    // Accounts of all pairs of nodes; and the most that the routers' tables address.
    if (shape.width > fabric::kMostWithTables || shape.height > fabric::kMostWithTables) {
      throw InputError(fmt::format("--nodes {}: traffic is for fabrics of 1 to {} nodes each way", settings.nodes,
                                   fabric::kMostWithTables));
    }
    if (given.dead.empty()) return;
    std::vector<Place> places;
    for (const Coordinate at : given.dead) places.push_back({at.x, at.y});
    routes = fabric::compute_routes(shape, places);
    verify(*routes);
  }
};

/// What all points of one command share.
struct Bench {
  Layout layout;
  Shape shape;
  noc::Pattern pattern;
  noc::Pattern::Analysis analysis;
  double zero_load = 0;
  std::optional<Coordinate> hold;

  const fabric::Routes* table() const { return layout.routes ? &*layout.routes : nullptr; }

  explicit Bench(const Settings& settings)
      : layout(settings),
        shape(layout.shape),
        pattern(noc::pattern_kind(settings.pattern), shape, table()),
        analysis(pattern.analyse()),
        zero_load(analysis.mean_hops + noc::kLatencyConstant) {
    if (settings.hold.empty()) return;
    hold = parse_coordinate(settings.hold, "--hold");
    if (!layout.given.live(hold->x, hold->y)) {
      throw InputError(
          fmt::format("--hold {}: there is no such node in {}, or it is dead", settings.hold, layout.given.text()));
    }
  }

  /// One point, on routers fresh from reset.
  noc::TrafficResult run(noc::TrafficSettings settings, double rate) const {
    const auto mesh = noc::make_router_mesh(shape, table());
    settings.rate = rate;
    if (hold) settings.hold = shape.index({hold->x, hold->y});
    return noc::run_traffic(*mesh, pattern, table(), settings);
  }
  bool saturated(const noc::TrafficResult& result) const {
    return result.backlog || result.latency_mean > 3 * zero_load;
  }
};

/// Little above the saturation, queues grow so slowly that a short measurement does not see it. So the points of a
/// search last this long for each hop across the fabric, if --packets asks for less.
constexpr std::uint64_t kSearchCyclesPerHop = 160;

Exit exit_of(noc::TrafficStatus status) {
  switch (status) {
    case noc::TrafficStatus::pass: return Exit::pass;
    case noc::TrafficStatus::wrong: return Exit::wrong_result;
    case noc::TrafficStatus::hang: return Exit::hang;
  }
  return Exit::wrong_result;
}

const char* status_name(noc::TrafficStatus status) {
  return status == noc::TrafficStatus::pass ? "pass" : status == noc::TrafficStatus::wrong ? "fail" : "hang";
}

Json place_json(Shape shape, unsigned node) {
  const Place at = shape.place(node);
  return {at.x, at.y};
}

Json point_json(const Bench& bench, const noc::TrafficResult& r) {
  Json json;
  json["offered"] = r.offered;
  json["accepted"] = r.accepted;
  json["accepted_min"] = r.accepted_min;
  json["worst_node"] = place_json(bench.shape, r.worst_node);
  json["latency_mean"] = r.latency_mean;
  json["latency_p99"] = r.latency_p99;
  json["latency_min"] = r.latency_min;
  json["latency_max"] = r.latency_max;
  json["latency_zero_load"] = bench.zero_load;
  json["latency_is_lower_bound"] = r.backlog;
  json["packets_delayed"] = r.delayed;
  json["saturated"] = bench.saturated(r);
  json["limit"] = bench.analysis.limit;
  json["packets_sent"] = r.packets_sent;
  json["packets_delivered"] = r.packets_delivered;
  json["packets_measured"] = r.measured;
  json["cycles"] = r.cycles;
  json["measured_cycles"] = r.measured_cycles;
  json["busiest_link"] = {{"node", place_json(bench.shape, r.busiest_node)},
                          {"port", fabric::port_name(r.busiest_port)},
                          {"flits_per_cycle", r.busiest_link}};
  json["held"] = Json::array();
  for (const noc::Stuck& queue : r.held) {
    json["held"].push_back({{"node", place_json(bench.shape, queue.node)},
                            {"port", fabric::port_name(queue.port)},
                            {"queue", fabric::port_name(queue.out)},
                            {"flits", queue.flits},
                            {"since", queue.since}});
  }
  json["host_seconds"] = r.seconds;
  const double seconds = std::max(r.seconds, 1e-9);
  json["router_cycles_per_second"] = static_cast<double>(r.cycles) * bench.shape.nodes() / seconds;
  json["evaluated_router_cycles_per_second"] = static_cast<double>(r.evaluations) / seconds;
  return json;
}

Json head_json(const Bench& bench, const Settings& settings, noc::TrafficStatus status, const std::string& message) {
  Json json;
  json["status"] = status_name(status);
  if (!message.empty()) json["message"] = message;
  json["nodes"] = settings.nodes;
  json["pattern"] = settings.pattern;
  json["seed"] = settings.traffic.seed;
  json["stall"] = settings.traffic.stall;
  json["senders"] = bench.pattern.senders();
  json["mean_hops"] = bench.analysis.mean_hops;
  json["limiting_channel"] = {{"node", place_json(bench.shape, bench.analysis.node)},
                              {"port", fabric::port_name(bench.analysis.port)}};
  return json;
}

void print_point(const Bench& bench, const noc::TrafficResult& r) {
  fmt::print(stderr, "  offered {:.4f}  accepted {:.4f}  least {:.4f}  latency mean {:8.2f}  p99 {:6}{}\n", r.offered,
             r.accepted, r.accepted_min, r.latency_mean, r.latency_p99, bench.saturated(r) ? "  saturated" : "");
}

/// Reports a fault of the network; false if there was none. Queues that were held for long are no fault, but told.
bool faulty(const Bench& bench, const Settings& settings, const noc::TrafficResult& result) {
  for (const noc::Stuck& queue : result.held) {
    const Place at = bench.shape.place(queue.node);
    fmt::print(stderr,
               "tatami: noc: router ({},{}), port {}, queue for {}: {} flits did not move for {} cycles, from cycle {} "
               "on\n",
               at.x, at.y, fabric::port_name(queue.port), fabric::port_name(queue.out), queue.flits,
               settings.traffic.held, queue.since);
  }
  if (result.status == noc::TrafficStatus::pass) return false;
  fmt::print(stderr, "tatami: noc: {}\n", result.message);
  if (settings.json) {
    Json json = head_json(bench, settings, result.status, result.message);
    json.update(point_json(bench, result));
    print_json(json);
  }
  return true;
}

Exit run_point(const Bench& bench, const Settings& settings, double rate) {
  const noc::TrafficResult r = bench.run(settings.traffic, rate);
  if (faulty(bench, settings, r)) return exit_of(r.status);
  if (settings.json) {
    Json json = head_json(bench, settings, r.status, "");
    json.update(point_json(bench, r));
    print_json(json);
    return Exit::pass;
  }
  const Place worst = bench.shape.place(r.worst_node), hot = bench.shape.place(r.busiest_node);
  fmt::print("{} on {}: {} packets sent, {} delivered, each once, in order, unharmed\n", settings.pattern,
             settings.nodes, grouped(r.packets_sent), grouped(r.packets_delivered));
  fmt::print("  offered    {:.4f} flits/node/cycle (limit {:.4f})\n", r.offered, bench.analysis.limit);
  fmt::print("  accepted   {:.4f}, least {:.4f} from node ({},{})\n", r.accepted, r.accepted_min, worst.x, worst.y);
  fmt::print("  latency    mean {:.2f} cycles{}, 99 % within {}; {:.2f} without load\n", r.latency_mean,
             r.backlog ? " at least" : "", r.latency_p99, bench.zero_load);
  fmt::print("  busiest    ({},{}) {}: {:.3f} flits a cycle\n", hot.x, hot.y, fabric::port_name(r.busiest_port),
             r.busiest_link);
  fmt::print("  {} cycles; {} router cycles a second\n", grouped(r.cycles),
             scaled(static_cast<double>(r.cycles) * bench.shape.nodes() / std::max(r.seconds, 1e-9)));
  fmt::print("Next: {} noc --nodes {} --pattern {} --sweep --svg noc.svg\n", command_name(), settings.nodes,
             settings.pattern);
  return Exit::pass;
}

/// Points up to the limit, then ever nearer to the saturation; the highest rate below it is the result.
Exit run_search(const Bench& bench, const Settings& given) {
  Settings settings = given;
  settings.traffic.measure = kSearchCyclesPerHop * (bench.shape.width + bench.shape.height);
  const double limit = bench.analysis.limit;
  std::vector<noc::TrafficResult> points;
  double good = 0, bad = 0;
  Exit fault = Exit::pass;
  const auto measure = [&](double rate) {
    const noc::TrafficResult r = bench.run(settings.traffic, rate);
    if (faulty(bench, settings, r)) {
      fault = exit_of(r.status);
      return false;
    }
    print_point(bench, r);
    points.push_back(r);
    if (bench.saturated(r)) {
      bad = bad == 0 ? rate : std::min(bad, rate);
    } else {
      good = std::max(good, rate);
    }
    return true;
  };
  if (settings.sweep) {
    for (const double share : {0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97}) {
      if (!measure(share * limit)) return fault;
      if (bad != 0) break;
    }
  }
  if (bad == 0) {
    if (!measure(limit)) return fault;
    if (bad == 0) bad = limit;  // a network at its limit that still keeps latency: nothing above can be carried
  }
  while (good != limit && bad - good > 0.005 * limit) {
    if (!measure((good + bad) / 2)) return fault;
  }
  // What everybody gets when all ask for more than there is.
  const noc::TrafficResult overload = bench.run(settings.traffic, std::min(1.0, 1.5 * limit));
  if (faulty(bench, settings, overload)) return exit_of(overload.status);

  std::ranges::sort(points, {}, &noc::TrafficResult::offered);
  if (!settings.svg.empty()) {
    svg::Chart chart;
    chart.title = fmt::format("{} on {}", settings.pattern, settings.nodes);
    chart.subtitle = fmt::format(
        "verilated routers, one class, {} packets or {} cycles a point, seed {}; saturation (3 x zero load) "
        "at {:.3f}",
        settings.traffic.packets, settings.traffic.measure, settings.traffic.seed, good);
    chart.x = {"offered, flits/node/cycle", false, 0.0, 1.08 * limit};
    chart.y = {"latency, cycles", false, 0.0, 8 * bench.zero_load};
    svg::Series mean{"mean", {}}, tail{"99th percentile", {}}, three{"3 x zero load", {}, true, false};
    for (const noc::TrafficResult& r : points) {
      mean.points.emplace_back(r.offered, r.latency_mean);
      tail.points.emplace_back(r.offered, static_cast<double>(r.latency_p99));
    }
    three.points = {{0, 3 * bench.zero_load}, {1.08 * limit, 3 * bench.zero_load}};
    chart.series = {mean, tail, three};
    chart.marks.push_back({limit, fmt::format("limit {:.3f}", limit)});
    svg::write(chart, settings.svg);
  }
  const Place worst = bench.shape.place(overload.worst_node);
  if (settings.json) {
    Json json = head_json(bench, settings, noc::TrafficStatus::pass, "");
    json["limit"] = limit;
    json["latency_zero_load"] = bench.zero_load;
    json["saturation"] = good;
    json["saturation_of_limit"] = good / limit;
    json["overload"] = point_json(bench, overload);
    json["results"] = Json::array();
    for (const noc::TrafficResult& r : points) json["results"].push_back(point_json(bench, r));
    print_json(json);
    return Exit::pass;
  }
  fmt::print("{} on {} saturates at {:.4f} flits/node/cycle, {:.1f} % of the limit {:.4f}\n", settings.pattern,
             settings.nodes, good, 100 * good / limit, limit);
  fmt::print("overloaded ({:.3f} offered): accepted {:.4f}, least {:.4f} from node ({},{}), {:.0f} % of the average\n",
             overload.offered, overload.accepted, overload.accepted_min, worst.x, worst.y,
             100 * overload.accepted_min / overload.accepted);
  return Exit::pass;
}

double rate_of(const std::string& text) {
  std::size_t used = 0;
  double rate = 0;
  try {
    rate = std::stod(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  if (used != text.size() || !(rate > 0) || rate > 1)
    throw InputError(
        fmt::format("--rate {}: expected flits/node/cycle above 0, at most 1, or max to search the saturation", text));
  return rate;
}

Exit run(const Settings& settings) {
  if (settings.traffic.packets == 0) throw InputError("--packets 0: expected at least 1");
  if (!(settings.traffic.stall >= 0) || settings.traffic.stall >= 1)
    throw InputError(fmt::format("--stall {}: expected a chance from 0 to below 1", settings.traffic.stall));
  if (!(settings.traffic.multicast >= 0) || settings.traffic.multicast >= 1)
    throw InputError(fmt::format("--multicast {}: expected a chance from 0 to below 1", settings.traffic.multicast));
  if (settings.traffic.held == 0) throw InputError("--held 0: expected at least 1 cycle");
  if (!settings.hold.empty() && settings.traffic.hold_cycles == 0)
    throw InputError("--hold-cycles 0: expected at least 1 cycle");
  const bool search = settings.sweep || settings.rate == "max";
  if (!settings.svg.empty() && !search) throw InputError("--svg: one rate is no curve; add --sweep");
  const double rate = search ? 0 : rate_of(settings.rate);
  const Bench bench(settings);
  return search ? run_search(bench, settings) : run_point(bench, settings, rate);
}

}  // namespace

Action add_noc(CLI::App& app) {
  auto settings = std::make_shared<Settings>();
  auto* command = app.add_subcommand("noc", "Random traffic through the network alone: rates, latency, saturation");
  Settings& s = *settings;
  command->add_option("--nodes", s.nodes, "Size of the fabric, or d1: 18x20 of which 354 nodes work")
      ->type_name("WxH|d1")
      ->capture_default_str();
  command->add_option("--dead", s.dead, "A node that is mapped out; repeatable. Then tables route around it")
      ->type_name("X,Y");
  command->add_option("--pattern", s.pattern, "uniform, transpose, tornado, complement, hotspot or neighbour")
      ->check(CLI::IsMember(noc::pattern_names()))
      ->capture_default_str();
  command->add_option("--rate", s.rate, "Flits a cycle that each sender creates, at most 1; max: search the saturation")
      ->type_name("R")
      ->capture_default_str();
  command
      ->add_option("--packets", s.traffic.packets,
                   "Packets created while measuring, of each point; a search measures at least 160 cycles for each hop "
                   "across, with more packets if needed")
      ->check(refuse_negative)
      ->capture_default_str();
  command->add_option("--seed", s.traffic.seed, "Of the random numbers")->check(refuse_negative)->capture_default_str();
  command->add_option("--stall", s.traffic.stall, "Chance that a node takes no packet in a cycle")
      ->capture_default_str();
  command->add_option("--multicast", s.traffic.multicast, "Chance that a packet goes to a random rectangle of nodes")
      ->capture_default_str();
  auto* hold = command
                   ->add_option("--hold", s.hold,
                                "This node takes nothing for --hold-cycles from the measurement's beginning on")
                   ->type_name("X,Y");
  auto* hold_cycles =
      command->add_option("--hold-cycles", s.traffic.hold_cycles, "See --hold")->check(refuse_negative)->needs(hold);
  hold->needs(hold_cycles);
  command->add_option("--held", s.traffic.held, "Queues that do not move for so many cycles are reported")
      ->check(refuse_negative)
      ->capture_default_str();
  command
      ->add_option("--warm-up", s.traffic.warm_up, "Cycles before measuring; 0: 16 for each hop across, at least 500")
      ->check(refuse_negative)
      ->capture_default_str();
  command
      ->add_option("--watchdog", s.traffic.watchdog,
                   "Cycles without movement that count as a deadlock, those of --hold left out; 0: never")
      ->check(refuse_negative)
      ->capture_default_str();
  command->add_flag("--sweep", s.sweep, "Latency over load up to the saturation");
  command->add_option("--svg", s.svg, "With --sweep: draw the curve into this file")->type_name("FILE");
  command->add_flag("--json", s.json, "Print one JSON object on standard output");
  return [settings] { return run(*settings); };
}

}  // namespace tatami::cli
