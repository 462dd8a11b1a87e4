// libs: tatami_router_mesh_assert
// labels: mesh
// cost: 50
// Traffic through meshes of verilated routers, their assertions on: latency without load, saturation, fairness, soak
// under stalls, dead nodes; and that the test bench notices a mesh that misbehaves.
#include "noc/traffic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "noc/traffic_run.h"

namespace tatami::noc {
namespace {

using fabric::Place;
using fabric::Routes;
using fabric::Shape;
using testing::HasSubstr;

TEST(Traffic, OneCycleAHopWithoutLoad) {
  for (const Shape shape : {Shape{1, 1}, {4, 4}, {7, 3}, {8, 8}}) {
    TrafficSettings settings;
    settings.rate = 0.0005;
    settings.packets = 400;
    settings.seed = 3;
    const TrafficResult result = traffic(shape, PatternKind::uniform, settings);
    const double mean = Pattern(PatternKind::uniform, shape, nullptr).analyse().mean_hops + kLatencyConstant;
    EXPECT_NEAR(result.latency_mean, mean, 0.1 * mean);
    // Two packets meet now and then even so; all others take hops + 1 exactly.
    EXPECT_LE(result.delayed, result.measured / 50);
    EXPECT_GE(result.latency_min, kLatencyConstant);
    EXPECT_GE(result.measured, 200u);
  }
  // One sender at a time: nobody to meet, so not one packet may be late.
  TrafficSettings settings;
  settings.rate = 1.0;
  settings.packets = 500;
  const TrafficResult alone = traffic({2, 1}, PatternKind::neighbour, settings);
  EXPECT_EQ(alone.delayed, 0u);
  EXPECT_EQ(alone.latency_max, 1 + kLatencyConstant) << "a link is busy every cycle and costs nothing more";
  EXPECT_DOUBLE_EQ(alone.accepted, 1.0);
}

TEST(Traffic, SaturatesNearTheLimit) {
  expect_carries({4, 4}, PatternKind::uniform, 0.85, 60000);
  expect_carries({4, 4}, PatternKind::transpose, 0.95 / 3, 30000);
  expect_carries({4, 4}, PatternKind::complement, 0.95 / 2, 30000);
  expect_carries({8, 8}, PatternKind::uniform, 0.45, 60000);
  expect_carries({8, 8}, PatternKind::transpose, 0.95 / 7, 30000);
  expect_carries({8, 8}, PatternKind::complement, 0.93 / 4, 30000);
}

TEST(Traffic, OverloadIsShared) {
  TrafficSettings settings;
  settings.rate = 1;
  settings.packets = 200000;
  const TrafficResult result = traffic({8, 8}, PatternKind::uniform, settings);
  EXPECT_GT(result.accepted, 0.45);
  EXPECT_LT(result.accepted, 0.55) << "more than the fabric can carry";
  EXPECT_GT(result.accepted_min, 0.5 * result.accepted) << "node " << result.worst_node;
}

TEST(Traffic, OverloadAroundADeadNode) {
  // With tables the worst node gets less than half of the mean (docs/network.md, section 8), but no less than this.
  const Shape shape{8, 8};
  const Routes routes = fabric::compute_routes(shape, std::vector<Place>{{3, 3}});
  EXPECT_GT(Pattern(PatternKind::uniform, shape, &routes).analyse().limit, 0.27);
  TrafficSettings settings;
  settings.rate = 1;
  settings.packets = 60000;
  settings.warm_up = 1000;
  const TrafficResult result = traffic(shape, PatternKind::uniform, settings, &routes);
  EXPECT_GT(result.accepted, 0.29);
  EXPECT_GT(result.accepted_min, 0.3 * result.accepted) << "node " << result.worst_node;
  expect_carries(shape, PatternKind::uniform, 0.25, 30000, &routes);
}

/// Packets by random patterns, rates, stalls and dead nodes on small and middle fabrics.
void soak(std::uint64_t packets, unsigned seed) {
  std::mt19937 random(seed);
  std::uint64_t delivered = 0, cycles = 0, runs = 0;
  while (delivered < packets) {
    TrafficSettings settings;
    settings.packets = std::min<std::uint64_t>(packets, 1'000'000) / 16;
    settings.seed = random();
    settings.stall = runs % 3 == 0 ? 0 : (1 + random() % 9) / 10.0;
    settings.rate = (1 + random() % 100) / 100.0;
    if (runs % 5 >= 3) {
      settings.multicast = (1 + random() % 3) / 10.0;
      settings.rate /= 8;  // each reaches several nodes
    }
    Shape shape{2 + static_cast<unsigned>(random() % 5), 2 + static_cast<unsigned>(random() % 5)};
    const auto kind = static_cast<PatternKind>(random() % pattern_names().size());
    if (kind == PatternKind::transpose) shape.height = shape.width;
    if (kind == PatternKind::tornado && shape.width == 2) shape.width = 3;  // half a side less one is no way on 2x2
    std::optional<Routes> routes;
    if (runs % 4 == 3) {
      shape = {6, 6};
      std::vector<Place> dead{{static_cast<unsigned>(1 + random() % 4), static_cast<unsigned>(1 + random() % 4)}};
      if (random() % 2 == 0) dead.push_back({0, static_cast<unsigned>(2 + random() % 4)});
      routes = fabric::compute_routes(shape, dead);
      verify(*routes);
    }
    if (runs % 7 == 5) {  // everything fills up
      settings.hold = random() % shape.nodes();
      settings.hold_cycles = 5000;
      settings.rate = 1;
    }
    const TrafficResult result = traffic(shape, kind, settings, routes ? &*routes : nullptr);
    if (testing::Test::HasFailure()) return;
    delivered += result.packets_delivered;
    cycles += result.cycles;
    ++runs;
  }
  std::printf("%llu packets in %llu runs of %llu cycles, each delivered once, in order, unharmed\n",
              static_cast<unsigned long long>(delivered), static_cast<unsigned long long>(runs),
              static_cast<unsigned long long>(cycles));
}

TEST(Traffic, Soak) {
  const auto setting = [](const char* name, std::uint64_t value) {
    const char* const wanted = std::getenv(name);
    return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : value;
  };
  soak(setting("TATAMI_SOAK_PACKETS", 1'000'000), static_cast<unsigned>(setting("TATAMI_SOAK_SEED", 11)));
}

TEST(Traffic, DeadNodesAreAvoidedAtOneCycleAHop) {
  const Shape shape{5, 5};
  const Routes routes = fabric::compute_routes(shape, std::vector<Place>{{2, 2}, {2, 1}, {0, 4}});
  verify(routes);
  TrafficSettings settings;
  settings.rate = 0.001;
  settings.packets = 500;
  const TrafficResult result = traffic(shape, PatternKind::uniform, settings, &routes);
  EXPECT_LE(result.delayed, result.measured / 50);
}

TEST(Traffic, MulticastsAroundDeadNodes) {
  const Shape shape{6, 5};
  for (const auto& dead : {std::vector<Place>{{2, 2}}, {{0, 0}, {3, 1}, {3, 2}, {5, 4}}, {}}) {
    const Routes routes = fabric::compute_routes(shape, dead);
    TrafficSettings settings;
    settings.packets = 4000;
    settings.multicast = 0.5;
    settings.stall = 0.2;
    for (const double rate : {0.02, 1.0}) {
      settings.rate = rate;
      traffic(shape, PatternKind::uniform, settings, &routes);
      if (dead.empty()) traffic(shape, PatternKind::uniform, settings);
    }
  }
}

// A node takes nothing for a million cycles. The queues that are full because of it are named, and when it goes on,
// every packet arrives.
TEST(Traffic, AQueueHeldForAMillionCyclesIsReportedAndLosesNothing) {
  TrafficSettings settings;
  settings.packets = 2000;
  settings.rate = 0.5;
  settings.hold = 3;
  settings.hold_cycles = 1'010'000;
  settings.watchdog = 0;
  const Shape shape{2, 2};
  const TrafficResult result = traffic(shape, PatternKind::uniform, settings);
  EXPECT_GT(result.cycles, settings.hold_cycles);
  ASSERT_FALSE(result.held.empty());
  // The first ones are the queues at the node itself; nothing moved since soon after the beginning.
  for (const Stuck& queue : result.held) {
    EXPECT_LT(queue.since, 1000u);
    EXPECT_GE(queue.flits, 1u);
  }
  EXPECT_TRUE(std::ranges::any_of(result.held, [](const Stuck& queue) { return queue.node == 3; }));
  // Shorter holds are nothing to report.
  settings.hold_cycles = 900'000;
  EXPECT_TRUE(traffic(shape, PatternKind::uniform, settings).held.empty());
}

TEST(Traffic, SameSeedSameResult) {
  TrafficSettings settings;
  settings.rate = 0.4;
  settings.packets = 2000;
  settings.stall = 0.1;
  const TrafficResult a = traffic({4, 4}, PatternKind::uniform, settings),
                      b = traffic({4, 4}, PatternKind::uniform, settings);
  EXPECT_EQ(a.cycles, b.cycles);
  EXPECT_EQ(a.packets_sent, b.packets_sent);
  EXPECT_EQ(a.latency_mean, b.latency_mean);
  settings.seed = 2;
  EXPECT_NE(traffic({4, 4}, PatternKind::uniform, settings).latency_mean, a.latency_mean);
}

/// A mesh of good routers whose deliveries are tampered with.
class FaultyMesh final : public Mesh {
 public:
  enum class Fault { lose, repeat, swap, flip, freeze };
  FaultyMesh(Shape shape, Fault fault) : Mesh(shape), fault_(fault), good_(make_router_mesh(shape, nullptr)) {}

  void step() override {
    for (unsigned node = 0; node < shape.nodes(); ++node) {
      good_->sides[node].offer = sides[node].offer;
      good_->sides[node].in = sides[node].in;
      good_->sides[node].credit = sides[node].credit;
      if (fault_ == Fault::freeze && cycle > 300) good_->sides[node].credit = false;
    }
    good_->step();
    for (unsigned node = 0; node < shape.nodes(); ++node) {
      NodeSide& side = sides[node];
      const NodeSide& from = good_->sides[node];
      side.accepted = from.accepted;
      side.delivered = from.delivered;
      side.out = from.out;
      if (node != 2 || cycle < 300) continue;
      if (!from.delivered) {
        if (fault_ == Fault::repeat && last_ && !done_) {
          side.delivered = done_ = true;
          side.out = *last_;
        }
        continue;
      }
      if (fault_ == Fault::flip) side.out.words[11] ^= 0x100;
      if (fault_ == Fault::lose && !done_) side.delivered = !(done_ = true);
      if (fault_ == Fault::swap && !done_) {
        if (!last_) {  // kept back until the next one, which goes first
          side.delivered = false;
          last_ = from.out;
        }
      }
      if (fault_ == Fault::repeat) last_ = from.out;
    }
    link_flits = good_->link_flits;
    ++cycle;
  }
  std::vector<Stuck> waiting() const override { return good_->waiting(); }
  std::optional<LinkError> link_error() const override { return good_->link_error(); }
  std::uint64_t evaluations() const override { return good_->evaluations(); }

 private:
  Fault fault_;
  std::unique_ptr<Mesh> good_;
  std::optional<Flit> last_;
  bool done_ = false;
};

TrafficResult tampered(FaultyMesh::Fault fault, PatternKind kind) {
  const Shape shape{3, 3};
  FaultyMesh mesh(shape, fault);
  TrafficSettings settings;
  settings.rate = 0.3;
  settings.packets = 3000;
  settings.watchdog = 500;
  const Pattern pattern(kind, shape, nullptr);
  return run_traffic(mesh, pattern, nullptr, settings);
}

TEST(Traffic, AMeshThatMisbehavesIsNoticed) {
  using Fault = FaultyMesh::Fault;
  const TrafficResult lost = tampered(Fault::lose, PatternKind::complement);
  EXPECT_EQ(lost.status, TrafficStatus::wrong);
  EXPECT_THAT(lost.message, HasSubstr("from (0,2) to (2,0) overtook packet"));
  EXPECT_THAT(lost.message, HasSubstr("or that one is lost: received at node (2,0) in cycle"));
  const TrafficResult repeated = tampered(Fault::repeat, PatternKind::complement);
  EXPECT_EQ(repeated.status, TrafficStatus::wrong);
  EXPECT_THAT(repeated.message, HasSubstr("is there for the second time"));
  const TrafficResult swapped = tampered(Fault::swap, PatternKind::complement);
  EXPECT_EQ(swapped.status, TrafficStatus::wrong);
  EXPECT_THAT(swapped.message, HasSubstr("overtook"));
  const TrafficResult flipped = tampered(Fault::flip, PatternKind::uniform);
  EXPECT_EQ(flipped.status, TrafficStatus::wrong);
  EXPECT_THAT(flipped.message, HasSubstr("is corrupted: word 7 of its payload"));
  const TrafficResult frozen = tampered(Fault::freeze, PatternKind::uniform);
  EXPECT_EQ(frozen.status, TrafficStatus::hang);
  EXPECT_THAT(frozen.message, HasSubstr("nothing moved for 500 cycles"));
  EXPECT_THAT(
      frozen.message,
      testing::ContainsRegex(
          "longest at router \\([0-2],[0-2]\\), port [a-z]+, queue for [a-z]+: [0-9]+ flits since cycle [0-9]+"));
}

TEST(Traffic, AClockwiseTableDeadlocksAndIsNamed) {
  // Around a dead node, always clockwise: what no table may do. The routers must lock up, and the watchdog must say
  // where.
  const Shape shape{3, 3};
  Routes routes = fabric::compute_routes(shape, std::vector<Place>{{1, 1}});
  using enum fabric::Port;
  const std::pair<unsigned, fabric::Port> ring[] = {{0, kEast}, {1, kEast}, {2, kSouth}, {5, kSouth},
                                                    {8, kWest}, {7, kWest}, {6, kNorth}, {3, kNorth}};
  for (const auto& [node, out] : ring) {
    for (const auto& [to, unused] : ring) {
      if (to != node) routes.set_next(node, to, out);
    }
  }
  EXPECT_THROW(verify(routes), std::logic_error);
  const auto mesh = make_router_mesh(shape, &routes);
  const Pattern pattern(PatternKind::complement, shape, &routes);
  TrafficSettings settings;
  settings.rate = 1;
  settings.packets = 100000;
  settings.stall = 0.9;  // oldest first keeps a ring moving as long as what is old is not held up
  settings.watchdog = 2000;
  const TrafficResult result = run_traffic(*mesh, pattern, &routes, settings);
  EXPECT_EQ(result.status, TrafficStatus::hang) << result.message;
  EXPECT_THAT(result.message, HasSubstr("longest at router ("));
}

}  // namespace
}  // namespace tatami::noc
