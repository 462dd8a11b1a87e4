// libs: tatami_noc
// labels: mesh
// cost: 30
// Tables: every pair arrives and no table lets channels wait in a circle, for thousands of sets of dead nodes; what is
// disconnected is refused by name; the checks themselves are shown to find what they look for.
#include "fabric/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <stdexcept>

#include "fabric/turn_set.h"
#include "host/error.h"

namespace tatami::fabric {
namespace {

using testing::HasSubstr;

std::string refusal(Shape shape, const std::vector<Place>& dead) {
  try {
    compute_routes(shape, dead);
  } catch (const InputError& error) {
    return error.what();
  }
  return "not refused";
}

std::string fault(const Routes& routes) {
  try {
    verify(routes);
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return "no fault";
}

/// Live nodes reachable from the first one, by flooding: written apart from the library.
bool connected(Shape shape, const std::vector<Place>& dead) {
  std::vector<int> mark(shape.nodes(), 1);
  for (const Place at : dead) mark[shape.index(at)] = 0;
  std::vector<unsigned> stack;
  for (unsigned node = 0; node < shape.nodes() && stack.empty(); ++node) {
    if (mark[node] == 1) stack.push_back(node);
  }
  while (!stack.empty()) {
    const Place at = shape.place(stack.back());
    mark[stack.back()] = 2;
    stack.pop_back();
    if (at.x > 0 && mark[shape.index({at.x - 1, at.y})] == 1) stack.push_back(shape.index({at.x - 1, at.y}));
    if (at.y > 0 && mark[shape.index({at.x, at.y - 1})] == 1) stack.push_back(shape.index({at.x, at.y - 1}));
    if (at.x + 1 < shape.width && mark[shape.index({at.x + 1, at.y})] == 1)
      stack.push_back(shape.index({at.x + 1, at.y}));
    if (at.y + 1 < shape.height && mark[shape.index({at.x, at.y + 1})] == 1)
      stack.push_back(shape.index({at.x, at.y + 1}));
  }
  return std::ranges::find(mark, 1) == mark.end();
}

TEST(Routes, FaultFreeFabricsHaveNoDetours) {
  for (const Shape shape : {Shape{1, 1}, {1, 7}, {9, 1}, {2, 2}, {5, 3}, {8, 8}, {18, 20}}) {
    const Routes routes = compute_routes(shape, {});
    const RouteReport report = verify(routes);
    EXPECT_EQ(report.pairs, std::uint64_t{shape.nodes()} * shape.nodes());
    EXPECT_EQ(report.detours, 0u);
    EXPECT_EQ(report.max_hops, shape.width + shape.height - 2);
  }
}

TEST(Routes, AroundOneDeadNode) {
  // 3x3 without its middle: a ring of eight, whose opposite nodes are four hops apart.
  const Routes routes = compute_routes({3, 3}, std::vector<Place>{{1, 1}});
  const RouteReport report = verify(routes);
  EXPECT_EQ(report.pairs, 64u);
  EXPECT_FALSE(routes.alive(4));
  EXPECT_EQ(routes.next(0, 4), kNoPort);
  EXPECT_EQ(routes.next(4, 0), kNoPort);
  // A ring must be cut somewhere: with legal paths only, some pair takes the long way round.
  EXPECT_GT(report.detours, 0u);
  EXPECT_LE(report.max_hops, 7u);
}

TEST(Routes, RefusalsNameTheNode) {
  EXPECT_THAT(refusal({4, 4}, {{4, 0}}), HasSubstr("dead node (4,0) lies outside the fabric of 4x4"));
  EXPECT_THAT(refusal({2, 1}, {{0, 0}, {1, 0}}), HasSubstr("all 2 nodes"));
  EXPECT_THAT(refusal({4, 4}, {{1, 0}, {0, 1}}), HasSubstr("node (0,0) cannot be reached"));
  EXPECT_THAT(refusal({4, 4}, {{2, 3}, {3, 2}}), HasSubstr("node (3,3) cannot be reached"));
  EXPECT_THAT(refusal({5, 1}, {{3, 0}}), HasSubstr("node (4,0) cannot be reached"));
}

TEST(Routes, TheChecksFindWhatTheyLookFor) {
  const Shape shape{3, 3};
  const unsigned a = shape.index({0, 0}), b = shape.index({2, 2});
  {
    Routes routes = compute_routes(shape, {});
    routes.set_next(a, b, kNorth);
    EXPECT_THAT(fault(routes), HasSubstr("node (0,0): port north leads to no live node"));
  }
  {
    Routes routes = compute_routes(shape, {});
    routes.set_next(b, b, kNorth);
    EXPECT_THAT(fault(routes), HasSubstr("is not delivered"));
  }
  {
    Routes routes = compute_routes(shape, {});
    const Port port = routes.next(a, b);
    const unsigned other = shape.neighbour(a, port);
    routes.set_next(other, b, static_cast<Port>(opposite(port)));
    EXPECT_NE(fault(routes), "no fault") << "back where it came from";
  }
  {
    Routes routes = compute_routes(shape, {});
    routes.children[routes.root] = 0;
    EXPECT_THAT(fault(routes), HasSubstr("multicast tree"));
  }
}

TEST(Routes, CyclesAreFoundInTheGraphItself) {
  // Four packets that turn clockwise round a 2x2 fabric, each two hops: legal by no order of nodes. The ranks are left
  // as they are, so the walk complains of the turn; the search for cycles, told to ignore ranks, must see the circle.
  const Shape shape{2, 2};
  std::vector<std::uint8_t> turns(shape.nodes() * kPorts);
  const unsigned nw = 0, ne = 1, sw = 2, se = 3;
  turns[nw * kPorts + kEast] = 1u << kSouth;
  turns[ne * kPorts + kSouth] = 1u << kWest;
  turns[se * kPorts + kWest] = 1u << kNorth;
  EXPECT_EQ(dependency_cycle(shape, turns), "");
  turns[sw * kPorts + kNorth] = 1u << kEast;
  EXPECT_THAT(dependency_cycle(shape, turns),
              HasSubstr("node (0,0) east -> node (1,0) south -> node (1,1) west -> node (0,1) north -> again"));
}

TEST(Routes, TurnSetsRefuseWhatClosesACircle) {
  // The channels in an order that the turns contradict, so that it must change with each of them.
  const Shape shape{3, 2};
  const Links links(shape, std::vector<bool>(shape.nodes(), true));
  const auto channel = [&](unsigned x, unsigned y, Port port) { return shape.index({x, y}) * kLinks + port; };
  std::vector<unsigned> order;
  for (unsigned c = shape.nodes() * kLinks; c-- > 0;) {
    if (links.end(c) != kFar) order.push_back(c);
  }
  TurnSet turns(links, order);
  EXPECT_TRUE(turns.add(channel(0, 0, kEast), kSouth));
  EXPECT_TRUE(turns.add(channel(1, 0, kSouth), kWest));
  EXPECT_TRUE(turns.add(channel(1, 1, kWest), kNorth));
  EXPECT_FALSE(turns.add(channel(0, 1, kNorth), kEast));
  EXPECT_FALSE(turns.allows(channel(0, 1, kNorth), kEast));
  EXPECT_TRUE(turns.allows(channel(1, 1, kWest), kNorth));
  EXPECT_TRUE(turns.add(channel(1, 1, kWest), kNorth)) << "again";
  // The larger circle shares three channels with the small one, and is closed by a turn elsewhere.
  EXPECT_TRUE(turns.add(channel(0, 0, kEast), kEast));
  EXPECT_TRUE(turns.add(channel(1, 0, kEast), kSouth));
  EXPECT_TRUE(turns.add(channel(2, 0, kSouth), kWest));
  EXPECT_TRUE(turns.add(channel(2, 1, kWest), kWest));
  EXPECT_FALSE(turns.add(channel(0, 1, kNorth), kEast));
  EXPECT_FALSE(turns.add(channel(1, 1, kWest), kEast)) << "back where it came from";
  EXPECT_FALSE(turns.add(channel(1, 1, kWest), kSouth)) << "out of the fabric";
  EXPECT_FALSE(turns.add(channel(0, 0, kWest), kWest)) << "no such channel";
}

struct Found {
  unsigned tables = 0;
  double lowest_limit = 1, sum_of_limits = 0;
  unsigned max_hops = 0;
};

void check(const Routes& routes, Found& found) {
  RouteReport report;
  ASSERT_NO_THROW(report = verify(routes));
  const auto live =
      static_cast<std::uint64_t>(std::ranges::count_if(routes.rank, [](auto r) { return r != Routes::kDead; }));
  ASSERT_EQ(report.pairs, live * live);
  ++found.tables;
  found.lowest_limit = std::min(found.lowest_limit, report.uniform_limit);
  found.sum_of_limits += report.uniform_limit;
  found.max_hops = std::max(found.max_hops, report.max_hops);
}

/// So many connected sets of dead nodes on the die, from a handful to many, scattered and in clumps. Of each a turn
/// table of one orientation, which compute_routes() only rarely may do without; of every fourth the up*/down* table
/// too, of every sixteenth what compute_routes() chooses.
void sample(unsigned sets, unsigned seed) {
  const Shape shape{18, 20};
  std::mt19937 random(seed);
  unsigned refused = 0, checked = 0, without = 0;
  Found turning, rising, chosen;
  for (unsigned i = 0; checked < sets; ++i) {
    std::vector<Place> dead;
    const unsigned count = i % 4 == 0 ? 6 : 1 + random() % (i % 4 == 1 ? 12 : 40);
    Place at{static_cast<unsigned>(random() % shape.width), static_cast<unsigned>(random() % shape.height)};
    for (unsigned k = 0; k < count; ++k) {
      dead.push_back(at);
      if (i % 4 == 3 && random() % 4 != 0) {  // a clump grows
        at.x =
            std::min(shape.width - 1,
                     static_cast<unsigned>(std::max(0, static_cast<int>(at.x) + static_cast<int>(random() % 3) - 1)));
        at.y =
            std::min(shape.height - 1,
                     static_cast<unsigned>(std::max(0, static_cast<int>(at.y) + static_cast<int>(random() % 3) - 1)));
      } else {
        at = {static_cast<unsigned>(random() % shape.width), static_cast<unsigned>(random() % shape.height)};
      }
    }
    std::string where;
    for (const Place d : dead) where += " --dead " + std::to_string(d.x) + "," + std::to_string(d.y);
    SCOPED_TRACE("set " + std::to_string(i) + " of seed " + std::to_string(seed) + ":" + where);
    if (!connected(shape, dead)) {
      ++refused;
      ASSERT_THAT(refusal(shape, dead), HasSubstr("cannot be reached"));
      continue;
    }
    const Port first = static_cast<Port>(checked / 4 % kLinks);
    if (const auto routes = compute_turn_routes(shape, dead, first)) {
      check(*routes, turning);
    } else {
      ++without;
    }
    if (checked % 4 == 0) check(compute_up_down_routes(shape, dead), rising);
    if (checked % 16 == 0) check(compute_routes(shape, dead), chosen);
    if (testing::Test::HasFatalFailure()) return;
    ++checked;
  }
  EXPECT_LT(refused, sets) << "most samples should test routing, not refusal";
  EXPECT_LT(without, 1 + sets / 100) << "hardly any should have no turn table";
  std::printf("%u sets of dead nodes on 18x20, and %u that were disconnected and refused\n", checked, refused);
  const auto print = [](const char* name, const Found& found) {
    std::printf("%s: %u, longest path %u hops, uniform limit %.4f in the mean, at least %.4f\n", name, found.tables,
                found.max_hops, found.sum_of_limits / found.tables, found.lowest_limit);
  };
  print("turn tables", turning);
  print("up*/down* tables", rising);
  print("tables chosen", chosen);
}

TEST(Routes, SampledSetsOfDeadNodes) {
  const char* wanted = std::getenv("TATAMI_ROUTE_SETS");
  sample(wanted != nullptr ? static_cast<unsigned>(std::atoi(wanted)) : 2000, 1);
}

}  // namespace
}  // namespace tatami::fabric
