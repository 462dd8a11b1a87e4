// verilate: d1_router
// sources: rtl/pkg/d1_pkg.sv rtl/noc/d1_noc_pkg.sv rtl/common/d1_fifo_control.sv rtl/noc/d1_route.sv rtl/noc/d1_tree_route.sv
// sources: rtl/noc/d1_tree_boxes.sv rtl/noc/d1_vc_fifo.sv rtl/noc/d1_link_check.sv
// sources: rtl/noc/d1_router_buffer.sv rtl/noc/d1_router_arbiter.sv rtl/noc/d1_router_credits.sv rtl/noc/d1_router_output.sv
// sources: rtl/noc/d1_router.sv
// libs: tatami_noc
// cost: 20
//
// Fabrics of routers joined here, against docs/network.md, section 6: every packet is accounted for at every
// destination, in order, in the time that the page promises. TATAMI_SEED=n replays one seed.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <random>
#include <vector>

#include "noc/router_mesh.h"

namespace router_test {
namespace {

std::vector<uint64_t> seeds(int count) {
  if (const char* one = std::getenv("TATAMI_SEED")) return {std::strtoull(one, nullptr, 0)};
  std::vector<uint64_t> all;
  for (int i = 1; i <= count; ++i) all.push_back(uint64_t(i));
  return all;
}

TEST(Router, OneCycleAHop) {
  Mesh mesh(4, 3, 1);
  for (int s = 0; s < 12; ++s)
    for (int d = 0; d < 12; ++d) {
      uint64_t sent = mesh.cycle, got = 0;
      mesh.on_arrival = [&](int, const Packet&) { got = mesh.cycle; };
      mesh.send({s % 4, s / 4, d % 4, d / 4, 0, 0, false, 0, uint16_t(mesh.cycle)});
      mesh.drain(30);
      const int hops = std::abs(s % 4 - d % 4) + std::abs(s / 4 - d / 4);
      EXPECT_EQ(got - sent, uint64_t(1 + hops)) << s << " -> " << d;
    }
}

TEST(Router, OneFlitACycleOnEveryLink) {
  // A row: everybody sends to the neighbour on the right, the last one to itself.
  Mesh mesh(4, 1, 1);
  std::map<int, uint64_t> last;
  mesh.on_arrival = [&](int n, const Packet&) { last[n] = mesh.cycle; };
  for (int i = 0; i < 200; ++i)
    for (int x = 0; x < 4; ++x) mesh.send({x, 0, std::min(x + 1, 3), 0, 0, 0, false, 0, uint16_t(i)});
  mesh.drain(1000);
  EXPECT_LE(last[1], 205u);
  EXPECT_LE(last[2], 205u);
  EXPECT_LE(last[3], 405u);  // two senders share its port
}

TEST(Router, MulticastReachesEveryNodeOfTheRectangleOnce) {
  Mesh mesh(4, 4, 1);
  for (int s = 0; s < 16; ++s)
    for (int x0 = 0; x0 < 4; ++x0)
      for (int x1 = x0; x1 < 4; ++x1)
        for (int y0 = 0; y0 < 4; ++y0)
          for (int y1 = y0; y1 < 4; ++y1) {
            const uint64_t sent = mesh.cycle;
            mesh.on_arrival = [&](int n, const Packet&) {
              const int hops = std::abs(s % 4 - n % 4) + std::abs(s / 4 - n / 4);
              EXPECT_EQ(mesh.cycle - sent, uint64_t(1 + hops)) << s << " -> " << n;
            };
            mesh.send({s % 4, s / 4, x0, y0, x1, y1, true, 0, uint16_t(mesh.cycle)});
            for (int i = 0; i < 12; ++i) mesh.step();
            ASSERT_EQ(mesh.arrived, mesh.expected) << s << " -> " << x0 << "," << y0 << " .. " << x1 << "," << y1;
          }
  mesh.on_arrival = nullptr;
  mesh.drain(10);
}

void random_traffic(uint64_t seed, int w, int h, int packets, int mcast_percent, int inject, int take) {
  Mesh mesh(w, h, seed);
  mesh.inject_percent = inject;
  mesh.take_delay = take;
  auto coordinate = [&](int size) { return int(mesh.random() % uint64_t(size)); };
  for (int i = 0; i < packets; ++i) {
    Packet p{coordinate(w), coordinate(h), coordinate(w), coordinate(h), 0, 0, false, 0, uint16_t(mesh.random())};
    p.time = uint16_t(65000 + i / (w * h));  // wraps on the way
    if (int(mesh.random() % 100) < mcast_percent) {
      p.mcast = true;
      p.x1 = p.x0 + coordinate(w - p.x0);
      p.y1 = p.y0 + coordinate(h - p.y0);
    }
    mesh.send(p);
  }
  mesh.hold_until = 300;  // everything fills up first
  mesh.drain(uint64_t(packets) * 200 + 10000);
}

TEST(Router, RandomUnicast) {
  for (uint64_t seed : seeds(6)) random_traffic(seed, 4, 4, 6000, 0, 100, seed % 2 ? 1 : 12);
}
TEST(Router, RandomMulticast) {
  for (uint64_t seed : seeds(6)) random_traffic(seed, 4, 3, 3000, 40, seed % 3 ? 100 : 30, seed % 2 ? 1 : 12);
}
TEST(Router, MulticastOnly) {
  for (uint64_t seed : seeds(3)) random_traffic(seed, 3, 4, 1500, 100, 100, 3);
}
TEST(Router, LongRows) {
  for (uint64_t seed : seeds(2)) random_traffic(seed, 9, 2, 6000, 10, 100, 4);
}

using Dead = std::vector<tatami::fabric::Place>;

TEST(RouterWithTables, EveryPairAtOneCycleAHop) {
  Mesh mesh(4, 4, 1, {{1, 1}, {3, 2}});
  for (int s = 0; s < 16; ++s)
    for (int d = 0; d < 16; ++d) {
      if (!mesh.live(s) || !mesh.live(d)) continue;
      uint64_t sent = mesh.cycle, got = 0;
      mesh.on_arrival = [&](int, const Packet&) { got = mesh.cycle; };
      mesh.send({s % 4, s / 4, d % 4, d / 4, 0, 0, false, 0, uint16_t(mesh.cycle)});
      mesh.drain(30);
      EXPECT_EQ(got - sent, uint64_t(1 + mesh.hops(s, d, false))) << s << " -> " << d;
    }
}

// Every source, every rectangle with a live node: who is alive in it gets the packet once, along the tree without
// delay.
TEST(RouterWithTables, MulticastReachesTheLiveNodesOfEveryRectangleOnce) {
  for (const Dead& dead : {Dead{{1, 1}}, Dead{{0, 0}, {2, 1}, {2, 2}}, Dead{{1, 0}, {2, 2}, {0, 3}}}) {
    Mesh mesh(4, 4, 1, dead);
    for (int s = 0; s < 16; ++s)
      for (int x0 = 0; x0 < 4; ++x0)
        for (int x1 = x0; x1 < 4; ++x1)
          for (int y0 = 0; y0 < 4; ++y0)
            for (int y1 = y0; y1 < 4; ++y1) {
              if (!mesh.live(s)) continue;
              const uint64_t sent = mesh.cycle, before = mesh.expected;
              mesh.on_arrival = [&](int n, const Packet&) {
                EXPECT_EQ(mesh.cycle - sent, uint64_t(1 + mesh.hops(s, n, true))) << s << " -> " << n;
              };
              mesh.send({s % 4, s / 4, x0, y0, x1, y1, true, 0, uint16_t(mesh.cycle)});
              if (mesh.expected == before) {  // nobody there: the sender would not have sent it
                mesh.nodes[size_t(s)]->source.clear();
                continue;
              }
              for (int i = 0; i < 20; ++i) mesh.step();
              ASSERT_EQ(mesh.arrived, mesh.expected) << s << " -> " << x0 << "," << y0 << " .. " << x1 << "," << y1;
            }
    mesh.on_arrival = nullptr;
    mesh.drain(10);
  }
}

void random_traffic_with_tables(uint64_t seed, int w, int h, const Dead& dead, int packets, int mcast_percent,
                                int inject, int take) {
  Mesh mesh(w, h, seed, dead);
  mesh.inject_percent = inject;
  mesh.take_delay = take;
  auto coordinate = [&](int size) { return int(mesh.random() % uint64_t(size)); };
  for (int i = 0; i < packets;) {
    Packet p{coordinate(w), coordinate(h), coordinate(w), coordinate(h), 0, 0, false, 0, 0};
    p.time = uint16_t(65000 + i / (w * h));
    p.mcast = int(mesh.random() % 100) < mcast_percent;
    p.x1 = p.mcast ? p.x0 + coordinate(w - p.x0) : p.x0;
    p.y1 = p.mcast ? p.y0 + coordinate(h - p.y0) : p.y0;
    bool any = false;
    for (int y = p.y0; y <= p.y1; ++y)
      for (int x = p.x0; x <= p.x1; ++x) any = any || mesh.live(y * w + x);
    if (!any || !mesh.live(p.sy * w + p.sx)) continue;
    mesh.send(p);
    ++i;
  }
  mesh.hold_until = 300;
  mesh.drain(uint64_t(packets) * 400 + 10000);
}

TEST(RouterWithTables, RandomTraffic) {
  for (uint64_t seed : seeds(4))
    random_traffic_with_tables(seed, 4, 4, {{1, 2}, {3, 0}}, 3000, 0, 100, seed % 2 ? 1 : 12);
  for (uint64_t seed : seeds(4))
    random_traffic_with_tables(seed, 5, 4, {{2, 1}, {2, 2}}, 2000, 30, 100, seed % 2 ? 1 : 9);
  for (uint64_t seed : seeds(2)) random_traffic_with_tables(seed, 3, 3, {{1, 1}}, 1500, 100, seed % 2 ? 100 : 30, 3);
}

// The node in the middle gets flits from its neighbours and from itself; all wait for it, then leave by age. `rank[p]`
// says which of five times of injection in a row the flits of port p have.
void oldest_leaves_first(const std::array<int, 5>& rank) {
  constexpr std::array<int, 5> kFrom{1, 5, 7, 3, 4};  // N, E, S, W of the middle, the middle
  constexpr int kEach = 6;
  Mesh mesh(3, 3, 1);
  mesh.hold_until = 60;
  std::vector<uint16_t> order;
  mesh.on_arrival = [&](int, const Packet& p) {
    if (mesh.cycle >= 60) order.push_back(p.time);
  };
  for (int i = 0; i < kPlaces; ++i) mesh.send({1, 1, 1, 1, 0, 0, false, 0, 0});  // fill the node's queue
  for (int i = 0; i < 10; ++i) mesh.step();
  const auto time = [](int i) { return uint16_t(65520 + i); };  // wraps on the way
  for (int i = 0; i < kEach; ++i)
    for (size_t p = 0; p < 5; ++p) mesh.send({kFrom[p] % 3, kFrom[p] / 3, 1, 1, 0, 0, false, 0, time(5 * i + rank[p])});
  mesh.drain(500);
  ASSERT_EQ(order.size(), size_t(5 * kEach));
  for (size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], time(int(i))) << testing::PrintToString(rank);
}

TEST(Router, OldestLeavesFirst) {
  std::array<int, 5> rank{0, 1, 2, 3, 4};
  do oldest_leaves_first(rank);
  while (std::next_permutation(rank.begin(), rank.end()));
}

TEST(Router, BackPressureIsSeenInEveryCycleInWhichAFlitWaits) {
  // One sender, one link: what was injected and has not left waits, and the link is blocked unless one leaves.
  Mesh mesh(2, 1, 1);
  mesh.hold_until = 200;
  auto& top = mesh.nodes[0]->top;
  for (int i = 0; i < 60; ++i) mesh.send({0, 0, 1, 0, 0, 0, false, 0, uint16_t(i)});
  int waiting = 0, blocked = 0, left = 0;
  for (int i = 0; i < 400; ++i) {
    const size_t before = mesh.nodes[0]->source.size();
    const bool leaves = top.tx_valid_o >> 1 & 1;
    EXPECT_EQ(bool(top.blocked_o >> 1 & 1), waiting != 0 && !leaves) << "cycle " << i;
    EXPECT_EQ(top.blocked_o & ~2, 0) << "cycle " << i;
    EXPECT_FALSE(waiting != 0 && top.quiet_o) << "cycle " << i << ": " << waiting << " flits wait";
    blocked += top.blocked_o >> 1 & 1;
    left += leaves;
    mesh.step();
    waiting += int(before - mesh.nodes[0]->source.size()) - leaves;
  }
  EXPECT_EQ(left, 60);
  EXPECT_GT(blocked, 150);
  mesh.drain(10);
}

TEST(Router, PatienceEndsAfter255Others) {
  // Node 0 of a row keeps sending what claims to be older than the one packet of node 1: it must come through all the
  // same.
  Mesh mesh(3, 1, 1);
  uint64_t passed = 0, others = 0;
  mesh.on_arrival = [&](int, const Packet& p) {
    others += p.sx == 0;
    if (p.sx == 1) passed = others;
  };
  for (int i = 0; i < 600; ++i) mesh.send({0, 0, 2, 0, 0, 0, false, 0, 100});
  for (int i = 0; i < 8; ++i) mesh.step();
  mesh.send({1, 0, 2, 0, 0, 0, false, 0, 200});
  mesh.drain(1000);
  EXPECT_GE(passed, 255u);
  EXPECT_LE(passed, 270u);
}

TEST(Router, AMulticastThatNeedsTwoQueuesIsNotStarved) {
  // At node 1,1 of a 3x3 fabric the multicast needs the queues N, S and node; younger unicasts of the same row take
  // every place as it comes, but at most 255 of them at each of its hops.
  Mesh mesh(3, 3, 5);
  mesh.take_delay = 2;
  uint64_t before = 0;
  int got = 0;
  mesh.on_arrival = [&](int, const Packet& p) {
    if (p.mcast)
      ++got;
    else if (got < 3)
      ++before;
  };
  for (int i = 0; i < 100; ++i) mesh.send({0, 1, 1, int(mesh.random() % 3), 0, 0, false, 0, uint16_t(i)});
  mesh.send({0, 1, 1, 0, 1, 2, true, 0, 30000});  // the youngest of all
  for (int i = 0; i < 3000; ++i) mesh.send({0, 1, 1, int(mesh.random() % 3), 0, 0, false, 0, uint16_t(i)});
  // Other columns' flits for the same nodes keep the queues full.
  for (int i = 0; i < 3000; ++i)
    for (int y = 0; y < 3; ++y) mesh.send({2, y, 1, y, 0, 0, false, 0, uint16_t(i)});
  mesh.drain(40000);
  EXPECT_EQ(got, 3);
  EXPECT_LE(before, 4000u);
}

TEST(Router, AFlippedBitIsReportedAndNotDelivered) {
  std::mt19937_64 random(7);
  for (unsigned bit = 0; bit < 640; ++bit) {
    Mesh mesh(3, 1, bit);
    int flipped = 0;
    mesh.on_link = [&](int n, int port, Flit& f) {
      if (n == 1 && port == 1 && flipped == 0) {
        f[bit / 32] ^= 1u << bit % 32;
        ++flipped;
      }
    };
    mesh.send({0, 0, 2, 0, 0, 0, false, 0, 0});
    uint64_t when = 0;
    for (int i = 0; i < 20; ++i) {
      mesh.step();
      if (mesh.errors && !when) when = mesh.cycle;
    }
    EXPECT_EQ(flipped, 1);
    EXPECT_EQ(mesh.errors, 1u) << "bit " << bit;
    EXPECT_EQ(when, 4u) << "bit " << bit;
    EXPECT_EQ(mesh.arrived, 0u) << "bit " << bit;
  }
}

TEST(Router, EdgeTrafficLeavesAndEnters) {
  Mesh mesh(2, 2, 1);
  // From node 0,1 to the memory at the east side of node 1,0: out in cycle 3 (two hops and the exit), with next = node.
  Flit f = Packet{0, 1, 1, 0, 0, 0, false, 9, 0}.flit();
  put(f, 91, 1, 1);
  put(f, 112, 2, 1);
  auto& source = mesh.nodes[2]->top;
  bool gone = false;
  for (int i = 0; i < 8; ++i) {
    source.inj_valid_i = i == 0;
    for (int k = 0; k < kWords; ++k) source.inj_flit_i[size_t(k)] = f[size_t(k)];
    for (auto& n : mesh.nodes) n->top.eval();
    auto& exit = mesh.nodes[1]->top;
    if (exit.tx_valid_o & 2) {
      Flit out;
      for (int k = 0; k < kWords; ++k) out[size_t(k)] = exit.tx_flit_o[size_t(kWords + k)];
      EXPECT_EQ(field(out, 85, 5), 16u);
      EXPECT_EQ(out[4], 9u);
      EXPECT_EQ(i, 3);
      gone = true;
    }
    // Wires of the two hops: 0,1 -> 1,1 -> 1,0.
    auto& turn = mesh.nodes[3]->top;
    turn.rx_valid_i = uint8_t((source.tx_valid_o >> 1 & 1) << 3);
    exit.rx_valid_i = uint8_t((turn.tx_valid_o & 1) << 2);
    for (int k = 0; k < kWords; ++k) {
      turn.rx_flit_i[size_t(3 * kWords + k)] = source.tx_flit_o[size_t(kWords + k)];
      exit.rx_flit_i[size_t(2 * kWords + k)] = turn.tx_flit_o[size_t(k)];
    }
    for (auto& n : mesh.nodes) {
      n->top.eval();
      n->top.clk_i = 1;
      n->top.eval();
      n->top.clk_i = 0;
      n->top.eval();
      EXPECT_EQ(n->top.link_error_o, 0);
    }
  }
  EXPECT_TRUE(gone);
}

}  // namespace
}  // namespace router_test
