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
#include <array>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "Vd1_router.h"
#include "fabric/router_config.h"
#include "verilated.h"

namespace router_test {
namespace {

constexpr int kWords = 20, kLocal = 4;
constexpr int kPlaces = 8;  // docs/network.md: places of the node's queue, and of each queue of a link
using Flit = std::array<uint32_t, kWords>;

uint32_t field(const Flit& f, unsigned low, unsigned width) {
  uint64_t two = f[low / 32];
  if (low / 32 + 1 < kWords) two |= uint64_t(f[low / 32 + 1]) << 32;
  return uint32_t(two >> low % 32 & ((uint64_t(1) << width) - 1));
}

void put(Flit& f, unsigned low, unsigned width, uint32_t value) {
  for (unsigned i = 0; i < width; ++i) {
    uint32_t& word = f[(low + i) / 32];
    word = (word & ~(1u << (low + i) % 32)) | (value >> i & 1) << (low + i) % 32;
  }
}

struct Packet {
  int sx = 0, sy = 0, x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  bool mcast = false;
  uint64_t serial = 0;
  uint16_t time = 0;

  Flit flit() const {
    Flit f{};
    put(f, 0, 8, uint32_t(x0));
    put(f, 8, 8, uint32_t(y0));
    put(f, 16, 8, uint32_t(sx));
    put(f, 24, 8, uint32_t(sy));
    put(f, 96, 16, time);
    if (mcast) {
      put(f, 90, 1, 1);
      put(f, 112, 8, uint32_t(x1));
      put(f, 120, 8, uint32_t(y1));
    }
    std::mt19937_64 fill(serial);
    for (int i = 4; i < kWords; ++i) f[size_t(i)] = uint32_t(fill());
    f[4] = uint32_t(serial);
    f[5] = uint32_t(serial >> 32);
    return f;
  }
};

struct Router {
  std::unique_ptr<VerilatedContext> context = std::make_unique<VerilatedContext>();
  Vd1_router top{context.get(), "router"};
  std::deque<Packet> source;
  int stored = 0;                // flits that the node has not taken yet
  std::deque<uint64_t> credits;  // cycles in which it takes them
};

class Mesh {
 public:
  /// With dead nodes all routers get tables.
  Mesh(int w, int h, uint64_t seed, const std::vector<tatami::fabric::Place>& dead = {})
      : w_(w), h_(h), seed_(seed), random(seed) {
    for (int n = 0; n < w * h; ++n) {
      nodes.push_back(std::make_unique<Router>());
      auto& top = nodes.back()->top;
      top.node_x_i = uint8_t(n % w);
      top.node_y_i = uint8_t(n / w);
      top.rst_ni = 0;
      for (int i = 0; i < 2; ++i) {
        top.clk_i = 0;
        top.eval();
        top.clk_i = 1;
        top.eval();
      }
      top.clk_i = 0;
      top.rst_ni = 1;
      top.eval();
    }
    if (dead.empty()) return;
    routes = tatami::fabric::compute_routes({unsigned(w), unsigned(h)}, dead);
    verify(*routes);
    const auto boxes = tree_boxes(*routes);
    for (int n = 0; n < w * h; ++n) {
      if (!live(n)) continue;
      auto& top = nodes[size_t(n)]->top;
      top.cfg_we_i = 1;
      for (const auto word : router_config(*routes, boxes, unsigned(n))) {
        top.cfg_addr_i = uint16_t(word.address);
        top.cfg_data_i = word.data;
        top.eval();
        top.clk_i = 1;
        top.eval();
        top.clk_i = 0;
        top.eval();
      }
      top.cfg_we_i = 0;
      top.eval();
    }
  }

  bool live(int n) const { return !routes || routes->alive(unsigned(n)); }
  /// Hops of a packet from s to d, of a multicast along the tree.
  int hops(int s, int d, bool mcast) const {
    const auto up = [&](int n) { return int(routes->shape.neighbour(unsigned(n), routes->parent[size_t(n)])); };
    int count = 0;
    if (!routes) return std::abs(s % w_ - d % w_) + std::abs(s / w_ - d / w_);
    if (!mcast) {
      for (; s != d; ++count) s = int(routes->shape.neighbour(unsigned(s), routes->next(unsigned(s), unsigned(d))));
      return count;
    }
    std::vector<int> above{s};  // ancestors of s; the first ancestor of d among them is where the way turns down
    while (routes->parent[size_t(above.back())] != tatami::fabric::kLocal) above.push_back(up(above.back()));
    for (;; d = up(d), ++count)
      for (size_t i = 0; i < above.size(); ++i)
        if (above[i] == d) return count + int(i);
  }

  std::string where(int n) const {
    return "seed " + std::to_string(seed_) + " cycle " + std::to_string(cycle) + " node " + std::to_string(n % w_) +
           "," + std::to_string(n / w_) + ": ";
  }
  int neighbour(int n, int port) const {
    const int x = n % w_ + (port == 1) - (port == 3), y = n / w_ + (port == 2) - (port == 0);
    return x < 0 || y < 0 || x >= w_ || y >= h_ ? -1 : y * w_ + x;
  }
  static int back(int port) { return (port + 2) % 4; }

  /// Puts a packet into its source's queue and notes where it must arrive.
  void send(Packet p) {
    p.serial = ++serial_;
    if (!p.mcast) {
      p.x1 = p.x0;
      p.y1 = p.y0;
    }
    for (int y = p.y0; y <= p.y1; ++y)
      for (int x = p.x0; x <= p.x1; ++x) {
        if (!live(y * w_ + x)) continue;
        due_[{flow(p.sy * w_ + p.sx, p.mcast), y * w_ + x}].push_back(p);
        ++expected;
      }
    nodes[size_t(p.sy * w_ + p.sx)]->source.push_back(p);
  }

  void step() {
    for (int n = 0; n < w_ * h_; ++n) drive(n);
    for (int n = 0; n < w_ * h_; ++n) observe(n);
    for (int n = 0; n < w_ * h_; ++n) wires(n);
    for (auto& node : nodes) {
      node->top.eval();  // claims are checked with what was seen before the edge
      node->top.clk_i = 1;
      node->top.eval();
      node->top.clk_i = 0;
      node->top.eval();
    }
    ++cycle;
  }

  void drain(uint64_t limit) {
    for (uint64_t i = 0; i < limit && arrived < expected; ++i) step();
    EXPECT_EQ(arrived, expected) << where(0) << "packets are missing";
    for (int i = 0; i < 40; ++i) step();
    for (int n = 0; n < w_ * h_; ++n) EXPECT_TRUE(nodes[size_t(n)]->top.quiet_o) << where(n) << "not quiet";
    for (const auto& [link, sent] : credit_balance)
      EXPECT_EQ(sent, 0) << where(link / 20) << "port " << link / 5 % 4 << " queue " << link % 5 << ": credits lost";
  }

  // With tables multicasts go other ways than single packets, so order is kept among each.
  int flow(int source, bool mcast) const { return source + (routes && mcast ? 1000 : 0); }

  int w_, h_;
  uint64_t seed_;
  std::optional<tatami::fabric::Routes> routes;
  std::mt19937_64 random;
  std::vector<std::unique_ptr<Router>> nodes;
  uint64_t cycle = 0, expected = 0, arrived = 0, errors = 0;
  int inject_percent = 100, take_delay = 1;  // the node takes a flit after 1..take_delay cycles
  uint64_t hold_until = 0;                   // no node takes anything before
  std::function<void(int, const Packet&)> on_arrival;
  std::function<void(int, int, Flit&)> on_link;  // node, port, flit: may disturb it
  std::map<int, int> credit_balance;             // places in use, (node, port, queue) of the sender

 private:
  void drive(int n) {
    Router& r = *nodes[size_t(n)];
    r.top.inj_valid_i = !r.source.empty() && int(random() % 100) < inject_percent;
    if (r.top.inj_valid_i) {
      const Flit f = r.source.front().flit();
      for (int i = 0; i < kWords; ++i) r.top.inj_flit_i[size_t(i)] = f[size_t(i)];
    }
    r.top.ej_credit_i = !r.credits.empty() && r.credits.front() <= cycle && cycle >= hold_until;
    if (r.top.ej_credit_i) {
      r.credits.pop_front();
      --r.stored;
    }
    r.top.eval();
  }

  void observe(int n) {
    Router& r = *nodes[size_t(n)];
    if (r.top.inj_valid_i && r.top.inj_ready_o) r.source.pop_front();
    for (int p = 0; p < 4; ++p) errors += r.top.link_error_o >> p & 1;
    EXPECT_EQ(r.top.blocked_o & r.top.tx_valid_o, 0) << where(n) << "blocked, yet a flit leaves";
    if (!r.top.ej_valid_o) return;
    EXPECT_LE(++r.stored, kPlaces) << where(n) << "more flits than places";
    r.credits.push_back(cycle + 1 + random() % uint64_t(take_delay));
    Flit f;
    for (int i = 0; i < kWords; ++i) f[size_t(i)] = r.top.ej_flit_o[size_t(i)];
    auto& due = due_[{flow(int(field(f, 24, 8)) * w_ + int(field(f, 16, 8)), field(f, 90, 1) != 0), n}];
    if (due.empty()) {
      ADD_FAILURE() << where(n) << "a packet that is not for here, or arrived before";
      return;
    }
    const Packet p = due.front();
    due.pop_front();
    Flit want = p.flit();
    for (auto* flit : {&want, &f}) {
      put(*flit, 85, 5, 0);
      put(*flit, 56, 8, 0);
    }
    EXPECT_EQ(f, want) << where(n) << "packet " << p.serial << " out of order or changed";
    ++arrived;
    if (on_arrival) on_arrival(n, p);
  }

  // What leaves goes to the neighbours' inputs of the same cycle.
  void wires(int n) {
    auto& top = nodes[size_t(n)]->top;
    for (int p = 0; p < 4; ++p) {
      const bool valid = top.tx_valid_o >> p & 1;
      const int m = neighbour(n, p);
      if (m < 0 || !live(m) || !live(n)) {
        EXPECT_FALSE(valid) << where(n) << "a flit leaves the fabric, or for a dead node, at port " << p;
        continue;
      }
      auto& other = nodes[size_t(m)]->top;
      const int q = back(p);
      other.rx_valid_i = uint8_t((other.rx_valid_i & ~(1 << q)) | valid << q);
      const uint32_t credits = other.rx_credit_o >> 5 * q & 31;
      top.tx_credit_i = (top.tx_credit_i & ~(31u << 5 * p)) | credits << 5 * p;
      uint32_t spent = 0;
      if (valid) {
        Flit f;
        for (int i = 0; i < kWords; ++i) f[size_t(i)] = top.tx_flit_o[size_t(kWords * p + i)];
        spent = field(f, 85, 5);
        check_parity(n, p, f);
        if (on_link) on_link(n, p, f);
        for (int i = 0; i < kWords; ++i) other.rx_flit_i[size_t(kWords * q + i)] = f[size_t(i)];
      }
      for (int k = 0; k < 5; ++k) {
        int& used = credit_balance[20 * n + 5 * p + k];
        used += int(spent >> k & 1) - int(credits >> k & 1);
        EXPECT_TRUE(used >= 0 && used <= kPlaces)
            << where(n) << "port " << p << " queue " << k << ": " << used << " places used";
      }
    }
  }

  void check_parity(int n, int p, const Flit& f) {
    uint32_t parity = 0;
    for (uint32_t word : f)
      for (int i = 0; i < 4; ++i) parity ^= word >> 8 * i & 0xff;
    EXPECT_EQ(parity, 0u) << where(n) << "parity at port " << p;
  }

  std::map<std::pair<int, int>, std::deque<Packet>> due_;  // source, destination
  uint64_t serial_ = 0;
};

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

TEST(Router, OldestLeavesFirst) {
  // Three sources for one destination; all wait for it, then leave by age.
  Mesh mesh(3, 1, 1);
  mesh.hold_until = 60;
  std::vector<uint16_t> order;
  mesh.on_arrival = [&](int n, const Packet& p) {
    if (n == 1 && mesh.cycle >= 60) order.push_back(p.time);
  };
  for (int i = 0; i < 8; ++i) mesh.send({1, 0, 1, 0, 0, 0, false, 0, 0});  // fill the node's queue
  for (int i = 0; i < 10; ++i) mesh.step();
  for (int i = 0; i < 6; ++i)
    for (int x = 0; x < 3; ++x) mesh.send({x, 0, 1, 0, 0, 0, false, 0, uint16_t(65530 + 3 * i + (x + 1) % 3)});
  mesh.drain(500);
  ASSERT_EQ(order.size(), 18u);
  for (size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], uint16_t(65530 + i));
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
