// One run of random traffic on verilated routers, in which every packet must arrive, and what tests ask of it.
#pragma once

#include <gtest/gtest.h>

#include "noc/traffic.h"

namespace tatami::noc {

inline TrafficResult traffic(fabric::Shape shape, PatternKind kind, TrafficSettings settings,
                             const fabric::Routes* routes = nullptr) {
  const auto mesh = make_router_mesh(shape, routes);
  const Pattern pattern(kind, shape, routes);
  TrafficResult result = run_traffic(*mesh, pattern, routes, settings);
  EXPECT_EQ(result.status, TrafficStatus::pass)
      << result.message << "\n"
      << pattern_names()[static_cast<std::size_t>(kind)] << " on " << shape.width << "x" << shape.height << ", rate "
      << settings.rate << ", stall " << settings.stall << ", seed " << settings.seed;
  EXPECT_EQ(result.packets_sent, result.packets_delivered);
  return result;
}

/// At this rate the mean latency must stay under three times that without load.
inline void expect_carries(fabric::Shape shape, PatternKind kind, double rate, std::uint64_t packets,
                           const fabric::Routes* routes = nullptr) {
  TrafficSettings settings;
  settings.rate = rate;
  settings.packets = packets;
  const TrafficResult result = traffic(shape, kind, settings, routes);
  const double zero_load = Pattern(kind, shape, routes).analyse().mean_hops + kLatencyConstant;
  EXPECT_FALSE(result.backlog);
  EXPECT_LE(result.latency_mean, 3 * zero_load);
  EXPECT_NEAR(result.accepted, rate, 0.02 * rate);
}

}  // namespace tatami::noc
