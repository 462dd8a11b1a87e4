// libs: tatami_router_mesh_plain
// labels: slow
// The die's 18x20 routers under uniform traffic: saturation, and what every node gets in overload, without dead nodes
// and with those of --nodes d1.
#include <gtest/gtest.h>

#include "noc/traffic.h"
#include "noc/traffic_run.h"

namespace tatami::noc {
namespace {

using fabric::Place;
using fabric::Routes;

constexpr fabric::Shape kDie{18, 20};

Routes die_routes() {
  return fabric::compute_routes(kDie, std::vector<Place>{{13, 2}, {4, 5}, {9, 9}, {16, 12}, {2, 15}, {11, 17}});
}

TrafficResult overload(double rate, const Routes* routes) {
  TrafficSettings settings;
  settings.rate = rate;
  settings.warm_up = 3000;
  settings.packets = static_cast<std::uint64_t>(2000 * 360 * rate);
  return traffic(kDie, PatternKind::uniform, settings, routes);
}

TEST(DieTraffic, SaturatesNearTheLimit) { expect_carries(kDie, PatternKind::uniform, 0.185, 200000); }

TEST(DieTraffic, OverloadIsShared) {
  const TrafficResult result = overload(1, nullptr);
  EXPECT_GT(result.accepted, 0.185);
  EXPECT_GT(result.accepted_min, 0.5 * result.accepted) << "node " << result.worst_node;
}

TEST(DieTraffic, AroundDeadNodes) {
  const Routes routes = die_routes();
  EXPECT_GT(Pattern(PatternKind::uniform, kDie, &routes).analyse().limit, 0.11);
  expect_carries(kDie, PatternKind::uniform, 0.105, 100000, &routes);
  // Below the limit every node gets what it asks for; far above it the mean holds, but the worst node falls behind.
  const TrafficResult below = overload(0.1, &routes);
  EXPECT_GT(below.accepted_min, 0.75 * below.accepted) << "node " << below.worst_node;
  const TrafficResult above = overload(0.5, &routes);
  EXPECT_GT(above.accepted, 0.09);
  EXPECT_GT(above.accepted_min, 0.1 * above.accepted) << "node " << above.worst_node;
}

}  // namespace
}  // namespace tatami::noc
