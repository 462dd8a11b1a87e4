// Fabrics of routers joined link by link, and an account of every packet: where it must arrive, in what order, how long
// it took. Of places and credits too: no queue holds more than it has places for, and every credit comes back.
#pragma once

#include <array>
#include <cstdint>
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

constexpr int kWords = 20, kLocal = 4;
constexpr int kPlaces = 8;  // docs/network.md: places of the node's queue, and of each queue of a link
using Flit = std::array<uint32_t, kWords>;

inline uint32_t field(const Flit& f, unsigned low, unsigned width) {
  uint64_t two = f[low / 32];
  if (low / 32 + 1 < kWords) two |= uint64_t(f[low / 32 + 1]) << 32;
  return uint32_t(two >> low % 32 & ((uint64_t(1) << width) - 1));
}

inline void put(Flit& f, unsigned low, unsigned width, uint32_t value) {
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
    put(f, 56, 8, uint32_t(serial * 37));  // the router's to fill in, whatever stands there
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

}  // namespace router_test
