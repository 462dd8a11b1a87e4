// verilate: d1_network_tb
// sources: rtl/pkg/d1_pkg.sv rtl/noc/d1_noc_pkg.sv rtl/common/d1_fifo_control.sv rtl/common/d1_fifo.sv rtl/common/d1_turns.sv rtl/memory/d1_sram_grant.sv rtl/memory/d1_sram_patience.sv rtl/memory/d1_sram_array.sv
// sources: rtl/memory/d1_sram_return.sv rtl/memory/d1_sram.sv rtl/noc/d1_link_tx.sv rtl/noc/d1_link_rx.sv
// sources: rtl/noc/d1_live_count.sv rtl/noc/d1_niu_request.sv rtl/noc/d1_niu_serve.sv rtl/noc/d1_niu_collect.sv
// sources: rtl/noc/d1_mover_steps.sv rtl/noc/d1_mover.sv rtl/noc/d1_niu_turns.sv rtl/noc/d1_niu.sv rtl/noc/d1_sync.sv rtl/noc/d1_trigger.sv
// sources: tests/noc/d1_loopback.sv
// cost: 20
//
// Two nodes' network interfaces, SRAMs and counters, joined by links with random delays and credits, against byte
// arrays and the meaning of docs/isa.md, section 8. TATAMI_SEED=n replays one seed.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include <gtest/gtest.h>

#include "network_rig.h"

namespace network_test {
namespace {

std::vector<uint64_t> seeds(uint64_t first, uint64_t count) {
  if (const char* text = std::getenv("TATAMI_SEED")) return {std::strtoull(text, nullptr, 0)};
  std::vector<uint64_t> list;
  for (uint64_t i = 0; i < count; ++i) list.push_back(first + i);
  return list;
}

// An arming of one of the four triggers, now and then disarming. Counts of different triggers are different, modulo 4,
// so that what a trigger takes names it.
Op random_arming(Net& net, int source, int faults) {
  auto below = [&](uint64_t n) { return net.random() % n; };
  Op op;
  op.kind = ARM;
  op.source = source;
  op.thread = int(below(4));
  op.ctr = int(below(4));
  op.rd = int(below(32));
  op.sig = below(2);
  op.target = int(below(net.node.size()));
  op.mcast = below(3) == 0;
  op.x1 = op.mcast ? op.target + int(below(net.node.size() - size_t(op.target))) : int(below(4));
  if (int(below(100)) < faults) {
    op.target = int(below(3));
    op.x1 = int(below(4));
    op.y1 = below(4) == 0;
  }
  const uint64_t count = below(5) == 0 ? 0 : below(200) == 0 ? 0xfffc + (op.rd & 3) : 4 * (1 + below(3)) + (op.rd & 3);
  const uint64_t ignored = net.random() & 0xffff'ff00'00fe'0000;
  op.local = count | uint64_t(op.mcast) << 16 | uint64_t(op.x1) << 24 | uint64_t(op.y1) << 32 | ignored;
  // Of the address only the node and the counter matter.
  op.gaddr = uint64_t(op.target) << 32 | (net.random() & 0xffff'0000'ffff'ffe0) | below(4);
  return op;
}

// Requests go to the first 2 KB of a node, pulls bring blocks to the next, so that the two classes do not meet.
Op random_op(Net& net, int source, int faults) {
  auto below = [&](uint64_t n) { return net.random() % n; };
  if (below(8) == 0) return random_arming(net, source, faults);
  Op op;
  op.source = source;
  op.kind = int(below(6));
  op.thread = int(below(4));
  op.target = int(below(net.node.size()));
  op.sig = below(2);
  op.ctr = int(below(32));
  op.rd = int(below(32));
  for (auto& byte : op.data) byte = uint8_t(net.random());
  uint64_t local = kBase + below(2048);
  op.local = kBase + 4096 + 64 * below(32);
  op.nbytes = op.kind == PUT ? (below(2) ? 4 : 8) : int(1 + below(64));
  op.mcast = op.kind == PUSH && below(3) == 0;
  if (op.mcast) op.x1 = op.target + int(below(net.node.size() - size_t(op.target)));
  if (int(below(100)) < faults) {
    if (op.mcast) {
      op.x1 = int(below(3));
      op.y1 = below(4) == 0;
    }
    op.nbytes = op.kind == PUT ? op.nbytes : int(below(128));
    switch (below(5)) {
      case 0: local = kBase + kBytes - 64 + below(80); break;
      case 1: local = kBase - 1 - below(64); break;
      case 2: op.local = below(2) ? kBase + kBytes + 64 * below(3) : net.random() & ~63ull; break;
      case 3: op.local += below(64); break;
      default: break;
    }
    op.gaddr = local | uint64_t(op.target) << 32;
    if (below(3) == 0) op.gaddr |= 1ull << (32 + below(32));
    if (net.loop()) op.gaddr &= ~(1ull << 48);
    if (!net.loop() && below(3) == 0) op.gaddr |= (1 | below(8) << 1) << 48;
    op.target = int(op.gaddr >> 32 & 0xff);
    return op;
  }
  switch (op.kind) {
    case PUSH: op.nbytes = std::min(op.nbytes, 64 - int(local & 63)); break;
    case PUT: local &= ~uint64_t(op.nbytes - 1); break;
    case PULL: local &= ~63ull; break;
    case SIG: local = below(32); break;
    default:
      local = kBase + 8 * below(4);
      op.cmp = net.random();
      if (op.kind == CAS && below(2)) {  // sometimes the value that is there
        const auto& memory = net.node[size_t(op.target)]->memory;
        op.cmp = 0;
        for (size_t i = 8; i-- > 0;) op.cmp = op.cmp << 8 | memory[local - kBase + i];
      }
      break;
  }
  op.gaddr = local | uint64_t(op.target) << 32;
  // Now and then edge memory: any offset, north and south of both nodes, west of the first or east of the last.
  if (!net.loop() && op.kind != SIG && below(8) == 0) {
    const uint64_t outwards = op.target == 0 ? 3 : 1, side = below(3);
    op.gaddr = (op.gaddr & ~0xffff'f000ull) | (below(1 << 20) << 12) | (1 | (side == 1 ? outwards : side) << 1) << 48;
    op.mcast = false;
    op.sig = op.sig && op.kind == PULL;
  }
  return op;
}

// A list of up to three transfers between the same places as random_op's, from blocks that nobody writes. `faults`
// percent of the descriptors are wrong. Descriptors lie where no list that may still run has its own.
/// Stores descriptor `d` at `at`, an offset, in both memories: the unit's and the model's.
void store_descriptor(Node& node, uint64_t at, const std::array<uint64_t, 4>& d) {
  for (size_t w = 0; w < 4; ++w) {
    Net::words(node)[at / 8 + w] = d[w];
    for (size_t b = 0; b < 8; ++b) node.memory[at + 8 * w + b] = uint8_t(d[w] >> 8 * b);
  }
}

/// Stores a list of one descriptor and returns the request to work it off.
Op list_of(Node& node, const std::array<uint64_t, 4>& d) {
  constexpr uint64_t kAt = 0x80000;
  store_descriptor(node, kAt, d);
  Op op;
  op.kind = LIST;
  op.gaddr = kBase + kAt;
  op.local = 1;
  return op;
}

Op random_list(Net& net, int source, int faults) {
  auto below = [&](uint64_t n) { return net.random() % n; };
  Node& node = *net.node[size_t(source)];
  Op op;
  op.kind = LIST;
  op.source = source;
  op.thread = int(below(4));
  op.gaddr = kBase + 65536 + 128 * (net.lists % 64);
  const uint64_t count = below(4);
  op.local = count | below(32) << 16 | below(2) << 23;
  for (uint64_t i = 0; i < count; ++i) {
    std::array<uint64_t, 4> d{};
    const uint64_t kind = below(5) / 2, target = below(net.node.size()) << 32;
    d[0] = kind | below(32) << 8 | below(2) << 2;
    if (kind == 2) {
      d[1] = target | below(32);
      d[2] = net.random();
    } else {
      d[0] |= below(2) << 4 | (1 + below(3)) << 32 | (1 + below(3)) << 48;
      d[1] = target | (kBase + 64 * below(32));
      d[2] = kBase + (kind == 0 ? 8192 : 4096) + 64 * below(32);
      d[3] = 64 * below(5) | (64 * below(5)) << 32;
      if (!net.loop() && below(8) == 0) {  // edge memory, north or south
        d[1] = (d[1] & ~0xffff'f000ull) | below(1 << 20) << 12 | (1 | below(2) << 2) << 48;
        if (kind == 0) d[0] &= ~16ull;
      } else if (kind == 0 && below(4) == 0) {
        d[0] |= 8 | ((target >> 32) + below(net.node.size() - (target >> 32))) << 16;
      }
    }
    if (int(below(100)) < faults) {
      switch (below(6)) {
        case 0: d[0] |= 3; break;
        case 1: d[0] ^= 1ull << below(64); break;
        case 2: d[1] ^= 1ull << (below(2) ? below(6) : 21 + below(43)); break;
        case 3: d[3] ^= 1ull << (2 + below(4)) << 32 * below(2); break;
        case 4: d[3] ^= 0x4000'0000ull << 32 * below(2); break;
        default: d[0] = (d[0] & ~3ull) | below(3); break;
      }
      // Not so many blocks that the test never ends, nor to where others lie.
      d[0] &= 0x0003'0003'ffff'ffff;
      if ((d[0] & 3) < 2) d[2] = kBase + ((d[0] & 3) == 0 ? 8192 : 4096) + 64 * below(32);
    }
    store_descriptor(node, op.gaddr - kBase + 32 * i, d);
  }
  if (int(below(100)) < faults) op.gaddr += below(2) ? 8 * below(4) : kBytes - 65536 - 32 * below(4);
  for (const auto& error : node.errors)
    if (error.first == op.thread) op.local &= ~0xffffull;  // nothing that could go wrong as well
  return op;
}

TEST(Network, RandomListsBesideRandomOperations) {
  uint64_t errors = 0;
  for (uint64_t seed : seeds(60, 16)) {
    Net net(seed, 2, false);
    net.delay = seed % 3 ? 20 : 2;
    net.disturb_percent = int(seed % 4) * 25;
    for (int i = 0; i < 6000 && !net.failed(); ++i) {
      for (int n = 0; n < 2; ++n) {
        Node& here = *net.node[size_t(n)];
        if (!here.request && net.random() % 100 < 50)
          here.request = net.random() % 12 ? random_op(net, n, 3) : random_list(net, n, seed % 2 ? 10 : 0);
        for (size_t c = 0; c < 2; ++c)
          if (net.random() % 200 == 0) here.keep_credits[c] = !here.keep_credits[c] && net.random() % 2;
      }
      net.step();
    }
    for (auto& here : net.node) here->keep_credits = {};
    net.drain(20000);
    EXPECT_GT(net.lists, 30u);
    EXPECT_GT(net.tells, 5u);
    errors += net.list_errors;
    if (net.failed()) break;
  }
  if (!std::getenv("TATAMI_SEED")) {
    EXPECT_GT(errors, 15u);
  }
}

TEST(Network, ListsThroughTheLoopback) {
  Net net(80, 1, true);
  for (int i = 0; i < 6000 && !net.failed(); ++i) {
    if (!net.node[0]->request) net.node[0]->request = net.random() % 12 ? random_op(net, 0, 0) : random_list(net, 0, 5);
    net.step();
  }
  net.drain(20000);
  EXPECT_GT(net.lists, 50u);
}

// One block a cycle to push, and one to pull: 32 rows of 16 blocks.
TEST(Network, ListsMoveOneBlockACycle) {
  for (const uint64_t kind : {0, 1}) {
    Net net(90 + kind, 1, true);
    Node& here = *net.node[0];
    here.request = list_of(here, {kind | 16ull << 32 | 32ull << 48, kBase, kBase + 0x10000, 1024 | 1024ull << 32});
    const uint64_t start = net.cycle;
    do net.step();
    while (!net.empty() && net.cycle < start + 3000 && !net.failed());
    EXPECT_LE(net.cycle - start, 512u + 20);
    net.drain();
  }
}

// A network that takes less than threads ask for: of their requests 15 at most pass a block of the mover's.
TEST(Network, ThreadsLeaveTheMoverItsTurns) {
  constexpr uint64_t kBlocks = 40;  // some go before the network is full
  Net net(95, 2, false);
  net.delay = 60;
  Node& here = *net.node[0];
  here.request = list_of(here, {kBlocks << 32 | 1ull << 48, kBase | 1ull << 32, kBase + 0x10000, 0});
  while (here.request && net.cycle < 100) net.step();
  uint64_t accepted = 0;
  while (!here.mover.empty() && net.cycle < 20'000 && !net.failed()) {
    Op push;
    push.kind = PUSH;
    push.target = 1;
    push.thread = 1 + int(accepted % 3);
    push.nbytes = 64;
    push.gaddr = (kBase + 0x4000 + 64 * (accepted % 64)) | 1ull << 32;
    if (!here.request) here.request = push;
    net.step();
    accepted += !here.request;
  }
  EXPECT_TRUE(here.mover.empty()) << "the list is not finished after " << accepted << " requests of threads";
  EXPECT_GT(accepted, 4 * kBlocks) << "too few to matter";
  EXPECT_LE(accepted, 15 * kBlocks);
  net.drain();
}

// docs/network.md, 5.2.
TEST(Network, ATriggerTakesTwoCyclesAfterASignalAndSendsTwoCyclesLater) {
  Net net(98, 2, false);
  net.delay = 1;
  Node &sender = *net.node[0], &here = *net.node[1];
  Op arm;
  arm.kind = ARM;
  arm.source = 1;
  arm.ctr = 3;
  arm.rd = 1;
  arm.local = 5;
  arm.gaddr = 7;
  here.request = arm;
  for (int i = 0; i < 5; ++i) net.step();
  Op sig;
  sig.kind = SIG;
  sig.target = 1;
  sig.gaddr = 1ull << 32 | 3;
  sig.data[0] = 5;
  sender.request = sig;
  uint64_t arrived = 0;
  while (net.tells == 0 && net.cycle < 100) {
    net.step();
    if (here.top.req_rx_valid_i) arrived = net.cycle - 1;
  }
  ASSERT_EQ(net.tells, 1u);
  EXPECT_EQ(here.told_at - arrived, 2u);
  while (!here.telling.empty() && net.cycle < 100) net.step();
  EXPECT_EQ(net.cycle - 1 - here.told_at, 2u);
  net.drain();
}

// Beside a list of which a block goes every cycle, and threads that always ask, a signal waits a few cycles, and
// threads go on.
TEST(Network, TriggersHaveTheirTurns) {
  Net net(97, 1, true);
  Node& here = *net.node[0];
  here.request = list_of(here, {16ull << 32 | 64ull << 48, kBase, kBase + 0x10000, 1024 | 1024ull << 32});
  while (here.request && net.cycle < 100) net.step();
  uint64_t signals = 0, pushes = 0, armings = 0;
  const uint64_t start = net.cycle;
  while (!here.mover.empty() && net.cycle < start + 5000 && !net.failed()) {
    if (!here.request) {
      Op op;
      if (net.random() % 2) {  // each trigger signals what it waits for: it can be fired at once when it is armed again
        op.kind = ARM;
        op.rd = int(net.random() % 4);
        op.ctr = 8 + op.rd;
        op.local = uint64_t(4 + op.rd);
        op.gaddr = uint64_t(op.ctr);
        ++armings;
      } else {
        op.kind = SIG;
        op.ctr = 8 + int(net.random() % 4);
        op.gaddr = uint64_t(op.ctr);
        op.data[0] = 8;
        ++pushes;
      }
      here.request = op;
    }
    net.step();
    signals = net.tells;
  }
  EXPECT_TRUE(here.mover.empty());
  EXPECT_GT(signals, 100u);
  EXPECT_GT(armings + pushes, 500u);
  EXPECT_LE(net.longest_tell, 5u) << "two packets of the mover and one of a thread, at most";
  net.drain();
}

TEST(Network, FaultsAreCheckedBySender) {
  for (uint64_t seed : seeds(1, 1)) {
    Net net(seed, 2, false);
    for (int i = 0; i < 40000 && !net.failed(); ++i) {
      for (int n = 0; n < 2; ++n)
        if (!net.node[size_t(n)]->request) net.node[size_t(n)]->request = random_op(net, n, 100);
      net.step();
    }
    net.drain();
    EXPECT_GT(net.faults, 5000u);
  }
}

TEST(Network, RandomOperationsBetweenTwoNodes) {
  for (uint64_t seed : seeds(10, 12)) {
    Net net(seed, 2, false);
    net.delay = seed % 3 ? 20 : 2;
    net.disturb_percent = int(seed % 4) * 25;
    net.gwb_percent = seed % 2 ? 100 : 30;
    for (int i = 0; i < 5000 && !net.failed(); ++i) {
      for (int n = 0; n < 2; ++n) {
        Node& here = *net.node[size_t(n)];
        if (!here.request && net.random() % 100 < 70) here.request = random_op(net, n, 3);
        for (size_t c = 0; c < 2; ++c)
          if (net.random() % 100 == 0) here.keep_credits[c] = !here.keep_credits[c] && net.random() % 2;
      }
      net.step();
    }
    for (auto& here : net.node) here->keep_credits = {};
    net.drain();
    EXPECT_GT(net.served, 500u);
    EXPECT_GT(net.values, 50u);
    EXPECT_GT(net.multicasts, 20u);
    EXPECT_GT(net.edges, 50u);
    EXPECT_GT(net.cas_hits, 0u);
    EXPECT_GT(net.tells, 30u);
    if (net.failed()) break;
  }
}

TEST(Network, OneNodeThroughTheLoopback) {
  Net net(30, 1, true);
  for (int i = 0; i < 5000 && !net.failed(); ++i) {
    if (!net.node[0]->request) net.node[0]->request = random_op(net, 0, 2);
    net.step();
  }
  net.drain();
  EXPECT_GT(net.served, 1500u);
}

// docs/network.md, 5.
TEST(Network, PushThroughTheLoopbackIsAcknowledgedAfterSevenCycles) {
  Net net(32, 1, true);
  Op op;
  op.kind = PUSH;
  op.gaddr = kBase;
  net.node[0]->request = op;
  const uint64_t accepted = net.cycle;
  net.step();
  while (net.node[0]->top.outstanding_o && net.cycle < accepted + 50) net.step();
  EXPECT_EQ(net.cycle - accepted, 7u);
  net.drain();
}

TEST(Network, LoopbackCarriesOnePushACycle) {
  Net net(31, 1, true);
  Node& here = *net.node[0];
  const uint64_t count = 200;
  uint64_t issued = 0, start = 0;
  for (start = net.cycle; net.served < count && net.cycle < start + 1000 && !net.failed();) {
    if (!here.request && issued < count) {
      Op op;
      op.kind = PUSH;
      op.nbytes = 64;
      op.gaddr = kBase + 64 * (issued % 32);
      op.sig = true;
      here.request = op;
      ++issued;
    }
    net.step();
  }
  EXPECT_LE(net.cycle - start, count + 8) << "one push a cycle";
  net.drain();
}

TEST(Network, BlockedRequestsDoNotBlockResponses) {
  // Node 0 cannot send requests any more; node 1's requests to it must still be answered.
  Net net(40, 2, false);
  net.node[0]->keep_credits[REQ] = true;
  for (int i = 0; i < 400; ++i) {
    if (!net.node[0]->request) net.node[0]->request = random_op(net, 0, 0);
    net.step();
  }
  EXPECT_FALSE(net.node[0]->top.req_ready_o);
  EXPECT_TRUE(net.node[0]->top.waiting_o);
  const uint64_t before = net.served;
  for (int i = 0; i < 1000; ++i) {
    if (!net.node[1]->request) {
      net.node[1]->request = random_op(net, 1, 0);
      net.node[1]->request->target = 0;
      net.node[1]->request->gaddr &= ~(0xffull << 32);
    }
    net.step();
  }
  EXPECT_GT(net.served - before, 200u);
  net.node[0]->keep_credits = {};
  net.drain();
}

TEST(Network, BlockedResponsesStopServingButNotConsuming) {
  // Node 0 cannot send responses: it stops taking requests, yet takes the responses to its own.
  Net net(41, 2, false);
  net.node[0]->keep_credits[RSP] = true;
  for (int i = 0; i < 600; ++i) {
    for (int n = 0; n < 2; ++n) {
      if (!net.node[size_t(n)]->request) {
        Op op = random_op(net, n, 0);
        op.target = 1 - n;
        op.gaddr = (op.gaddr & ~(0xffull << 32)) | uint64_t(1 - n) << 32;
        net.node[size_t(n)]->request = op;
      }
    }
    net.step();
  }
  EXPECT_EQ(net.node[0]->inside[REQ].size(), size_t(kPlaces)) << "requests wait at the node that cannot answer";
  EXPECT_TRUE(net.node[0]->inside[RSP].size() < 3) << "responses are consumed";
  EXPECT_GT(net.served, 300u);
  net.node[0]->keep_credits = {};
  net.drain();
}

}  // namespace
}  // namespace network_test
