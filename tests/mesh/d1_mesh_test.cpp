// The flat RTL mesh and the composed fabric (sim/fabric) are the same machine: they agree on every link, inner and
// outer, of both classes, in every cycle, and at the end on memory, counters and events. Random programs that send
// packets of all kinds to all nodes and to the memories at the outer links; all-to-all traffic with barriers; nodes
// that sleep most of the time, which the fabric skips and the flat mesh does not; requests of all kinds that enter by
// the outer links, and their responses that leave there.
// labels: mesh
// libs: tatami_rtl_device_plain random_program
// needs: tatami_kernels kernel_test_exchange
// opt: -O0
// cost: 60
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>

#include "assembler.h"
#include "fabric/fabric.h"
#include "host/device.h"
#include "isa/random_program.h"
#include "kernels/kernel_device.h"
#include "mesh/flat_mesh.h"
#include "mesh/outside_agent.h"

namespace tatami {
namespace {

using test::Assembler;
using test::FlatMesh;
using test::Op;

constexpr unsigned kNodes = FlatMesh::kNodes;

std::string text(const rtl::Link& link) {
  std::string text = fmt::format("credits {:05b}", link.credit);
  if (!link.valid) return text + ", no flit";
  text += ", flit ";
  for (unsigned i = rtl::kFlitWords; i-- > 0;) text += fmt::format("{:08x}{}", link.flit[i], i % 4 == 0 ? " " : "");
  return text;
}

bool same(const rtl::Link& a, const rtl::Link& b) {
  return a.valid == b.valid && a.credit == b.credit && (!a.valid || a.flit == b.flit);
}

/// Both machines, in step.
class Pair {
 public:
  Pair() : fabric_({FlatMesh::kWidth, FlatMesh::kHeight, {}}, 1) {}

  std::span<std::byte> memory_of_composed(unsigned node) { return std::as_writable_bytes(fabric_.node(node).memory()); }

  /// Every node gets a program of its own; entry and tohost are the same in all.
  void load(unsigned node, const Program& program) {
    fabric_.node(node).clear_memory();
    for (const Segment& segment : program.segments) {
      std::memcpy(memory_of_composed(node).data() + (segment.address - kSramBase), segment.bytes.data(),
                  segment.bytes.size());
    }
    entry_ = program.entry;
    tohost_ = program.address_of("tohost");
  }

  /// Runs until the composed fabric stops, at most `cycles`. The composed fabric's edge memories stand at the outer
  /// links of both. `outside` is called before every cycle. False after a difference, which was reported.
  bool run(std::uint64_t cycles, const std::function<void(std::uint64_t)>& outside = {}) {
    for (unsigned node = 0; node < kNodes; ++node)
      std::ranges::copy(fabric_.node(node).memory(), flat_.memory(node).begin());
    fabric_.clear_edge_memory();
    fabric_.reset(entry_, tohost_);
    flat_.reset(entry_, tohost_);
    flits_ = entered_ = left_ = 0;
    unsigned ended = 0;
    for (std::uint64_t cycle = 0; cycle < cycles; ++cycle) {
      if (outside) outside(cycle);
      stop_ = fabric_.run(cycle + 1);
      for (unsigned i = 0; i < 2 * FlatMesh::kOuter; ++i) {
        const auto [node, port] = FlatMesh::outer(i / 2);
        const rtl::Link& link = fabric_.edge(node % FlatMesh::kWidth, node / FlatMesh::kWidth, port)->driven(i % 2);
        flat_.outer_in(i / 2, i % 2 != 0, link);
        entered_ += link.valid;
      }
      flat_.settle(cycle);
      if (!agree(cycle)) return false;
      for (unsigned i = 0; i < 2 * FlatMesh::kOuter; ++i) {
        const auto [node, port] = FlatMesh::outer(i / 2);
        const rtl::Link seen = flat_.outer_out(i / 2, i % 2 != 0);
        if (!compare(cycle, node, 2 * port + i % 2, seen, "outer port")) return false;
        left_ += seen.valid;
      }
      for (unsigned node = 0; node < kNodes; ++node) {
        if (flat_.tohost(node)) ended |= 1U << node;
        if (fabric_.ended(node) != ((ended >> node & 1) != 0)) {
          ADD_FAILURE() << fmt::format("cycle {}: only one of both has seen node {} end", cycle, node);
          return false;
        }
      }
      flat_.edge();
      if (stop_.stop != fabric::Stop::limit) break;
    }
    return agree_at_the_end();
  }

  /// The composed fabric's port at an outer link.
  fabric::EdgePort& port(unsigned outer) {
    const auto [node, side] = FlatMesh::outer(outer);
    return *fabric_.edge(node % FlatMesh::kWidth, node / FlatMesh::kWidth, side);
  }
  const rtl::RtlNode& composed(unsigned node) const { return fabric_.node(node); }

  fabric::Stop stop() const { return stop_.stop; }
  std::uint64_t cycles() const { return fabric_.cycle(); }
  std::uint64_t flits() const { return flits_; }      ///< on all links
  std::uint64_t entered() const { return entered_; }  ///< by outer links
  std::uint64_t left() const { return left_; }        ///< by outer links
  std::uint64_t skipped() const { return fabric_.cycle() * kNodes - fabric_.evaluated(); }

 private:
  bool compare(std::uint64_t cycle, unsigned node, unsigned link, const rtl::Link& flat, const char* where) {
    const rtl::Link composed = fabric_.driven(node, link);
    if (same(composed, flat)) return true;
    ADD_FAILURE() << fmt::format("cycle {}: node {},{} port {} {}, {}:\n  composed: {}\n  flat:     {}", cycle,
                                 node % FlatMesh::kWidth, node / FlatMesh::kWidth, fabric::port_name(link / 2),
                                 link % 2 == 0 ? "requests" : "responses", where, text(composed), text(flat));
    return false;
  }

  bool agree(std::uint64_t cycle) {
    for (unsigned node = 0; node < kNodes; ++node) {
      for (unsigned link = 0; link < rtl::kLinks; ++link) {
        const rtl::Link flat = flat_.driven(node, link);
        if (!compare(cycle, node, link, flat, "link")) return false;
        flits_ += flat.valid;
      }
    }
    if (flat_.link_errors() != 0) ADD_FAILURE() << fmt::format("cycle {}: a flit with wrong parity arrived", cycle);
    return flat_.link_errors() == 0;
  }

  bool agree_at_the_end() {
    for (unsigned node = 0; node < kNodes; ++node) {
      const auto composed = fabric_.node(node).memory();
      const auto flat = flat_.memory(node);
      const auto [a, b] = std::ranges::mismatch(composed, flat);
      if (a != composed.end()) {
        ADD_FAILURE() << fmt::format("node {}: word {:#x}: composed {:#x}, flat {:#x}", node,
                                     kSramBase + 8 * static_cast<std::uint64_t>(a - composed.begin()), *a, *b);
        return false;
      }
      for (unsigned i = 0; i < 32; ++i) {
        EXPECT_EQ(fabric_.node(node).counter(i), flat_.counter(node, i)) << "node " << node << ", counter " << i;
      }
      for (unsigned thread = 0; thread < rtl::kThreads; ++thread) {
        for (unsigned event = kFirstEvent; event <= kLastEvent; ++event) {
          EXPECT_EQ(fabric_.node(node).event(thread, event), flat_.event(node, thread, event))
              << "node " << node << ", thread " << thread << ", " << event_name(event);
        }
      }
    }
    return true;
  }

  fabric::Fabric fabric_;
  FlatMesh flat_;
  fabric::StopReport stop_;
  std::uint64_t entry_ = 0, tohost_ = 0, flits_ = 0, entered_ = 0, left_ = 0;
};

class D1Mesh : public testing::Test {
 protected:
  static void SetUpTestSuite() { pair_ = new Pair; }
  static void TearDownTestSuite() {
    delete pair_;
    pair_ = nullptr;
  }
  static Pair& pair() { return *pair_; }

 private:
  static Pair* pair_;
};
Pair* D1Mesh::pair_ = nullptr;

TEST_F(D1Mesh, RandomProgramsAndTraffic) {
  const char* const wish = std::getenv("TATAMI_MESH_PROGRAMS");
  const unsigned programs = wish != nullptr ? static_cast<unsigned>(std::atoi(wish)) : 6;
  std::uint64_t flits = 0, entered = 0, left = 0;
  for (unsigned i = 0; i < programs; ++i) {
    SCOPED_TRACE("program " + std::to_string(i));
    for (unsigned node = 0; node < kNodes; ++node) {
      isa_test::RandomConfig config;
      config.seed = 7'000 + kNodes * i + node;
      config.length = 20 + 20 * node;
      config.width = FlatMesh::kWidth;
      config.height = FlatMesh::kHeight;
      pair().load(node, isa_test::random_program(config));
    }
    ASSERT_TRUE(pair().run(400'000));
    EXPECT_EQ(pair().stop(), fabric::Stop::ended);
    flits += pair().flits();
    entered += pair().entered();
    left += pair().left();
  }
  // The comparison was of something.
  EXPECT_GT(flits, 300U * programs);
  EXPECT_GT(entered, 3U * programs);
  EXPECT_GT(left, 3U * programs);
  RecordProperty("flits", std::to_string(flits));
}

TEST_F(D1Mesh, AllToAll) {
  struct Arguments {
    std::uint32_t mode = 0, x = 0, y = 0, nodes = kNodes;
    std::array<std::uint64_t, kNodes> node{};
  } arguments;
  for (unsigned node = 0; node < kNodes; ++node)
    arguments.node[node] = global_address(node % FlatMesh::kWidth, node / FlatMesh::kWidth, 0);
  const Program program = load_program(test::kernel_path("test_exchange"));
  for (unsigned node = 0; node < kNodes; ++node) {
    pair().load(node, program);
    std::memcpy(pair().memory_of_composed(node).data() + (program.address_of("tatami_args") - kSramBase), &arguments,
                sizeof arguments);
  }
  ASSERT_TRUE(pair().run(100'000));
  EXPECT_EQ(pair().stop(), fabric::Stop::ended);
  EXPECT_GT(pair().flits(), 100U);
}

/// A token goes round; who has it pushes, pulls and adds, the others sleep.
Program token_program(unsigned node) {
  constexpr unsigned kRounds = 30, kToken = 5, kData = 6, kNever = 31;
  constexpr std::int64_t kMemory = kSramBase + 0x8000, kTohost = kSramBase + 0x9000;
  const auto coordinates = [](unsigned of) {
    return static_cast<std::int64_t>(global_address(of % FlatMesh::kWidth, of / FlatMesh::kWidth, 0));
  };
  Assembler code(kSramBase);
  code.op(Op::csrrs_, 5, 0, 0xFC4);  // dthread
  const std::size_t others = code.hole();
  code.li(8, 1);
  code.li(9, coordinates((node + 1) % kNodes) | kMemory);   // the next one
  code.li(10, coordinates((node + 3) % kNodes) | kMemory);  // the one before
  code.li(11, coordinates((node + 1) % kNodes) | kToken);
  code.li(12, 64 | 1 << 15 | kData << 8);  // a whole block, with an increment
  code.li(13, kMemory + 0x400);
  code.li(14, 1);  // round
  code.li(15, kRounds + 1);
  if (node == 0) code.op(Op::dn_ctr_add_, 8, kToken);
  const std::size_t top = code.size();
  code.op(Op::dn_ctr_wait_, 14, kToken);
  code.op(Op::dv_mv_v_x_, 1, 14);
  code.op(Op::dn_push_, 1, 9, 12);
  code.op(Op::dn_pull_, 10, 13, kData, 1);
  code.op(Op::dn_amoadd_d_, 16, 10, 14);
  code.op(Op::fence_, 0, 15, 15, 0, 0);
  code.op(Op::dn_sig_, 11, 8);
  code.op(Op::addi_, 14, 14, 1);
  code.branch_back(Op::bne_, 14, 15, top);
  code.li(17, kTohost);
  code.op(Op::sw_, 17, 8, 0);
  code.fill_branch(others, Op::bne_, 5, 0);
  code.li(8, 1);
  code.op(Op::dn_ctr_wait_, 8, kNever);
  code.op(Op::jal_, 0, 0);

  Segment segment;
  segment.address = code.base();
  segment.bytes.resize(4 * code.size());
  std::memcpy(segment.bytes.data(), code.words().data(), segment.bytes.size());
  Program program;
  program.entry = kSramBase;
  program.segments.push_back(segment);
  program.symbols["tohost"] = {static_cast<std::uint64_t>(kTohost), 8, false};
  return program;
}

TEST_F(D1Mesh, SleepingNodes) {
  for (unsigned node = 0; node < kNodes; ++node) pair().load(node, token_program(node));
  ASSERT_TRUE(pair().run(100'000));
  EXPECT_EQ(pair().stop(), fabric::Stop::ended);
  EXPECT_GT(pair().flits(), 500U);
  // Most nodes sleep most of the time, and the fabric skips them.
  EXPECT_GT(pair().skipped(), pair().cycles());
}

// Somebody at each outer link, while the token goes round: in bursts, so that queues fill, with pauses in which nodes
// sleep.
TEST_F(D1Mesh, RequestsFromOutside) {
  std::vector<test::OutsideAgent> agents;
  for (unsigned i = 0; i < FlatMesh::kOuter; ++i) agents.emplace_back(i, FlatMesh::kWidth, FlatMesh::kHeight);
  for (unsigned node = 0; node < kNodes; ++node) pair().load(node, token_program(node));
  std::mt19937_64 random(1);
  ASSERT_TRUE(pair().run(100'000, [&](std::uint64_t cycle) {
    for (unsigned i = 0; i < FlatMesh::kOuter; ++i) {
      agents[i].check(pair().port(i));
      if (cycle > 10 && cycle < 1500 && cycle % 300 < 100 && random() % 2 == 0) agents[i].ask(pair().port(i));
    }
  }));
  EXPECT_EQ(pair().stop(), fabric::Stop::ended);
  for (unsigned i = 0; i < FlatMesh::kOuter; ++i) {
    agents[i].check(pair().port(i));
    EXPECT_GT(agents[i].asked(), 200U);
    EXPECT_EQ(agents[i].answered(), agents[i].asked()) << "agent " << i;
    for (unsigned node = 0; node < kNodes; ++node) {
      EXPECT_EQ(pair().composed(node).counter(test::OutsideAgent::kCounter + i), agents[i].counter(node))
          << "agent " << i;
      const std::byte* const there =
          pair().memory_of_composed(node).data() + test::OutsideAgent::kBase + i * test::OutsideAgent::kBytes;
      EXPECT_EQ(std::memcmp(there, agents[i].memory(node).data(), test::OutsideAgent::kBytes), 0)
          << "agent " << i << ", node " << node;
    }
  }
  EXPECT_GT(pair().entered(), 8U * 200);
  EXPECT_EQ(pair().left(), pair().entered());
}

}  // namespace
}  // namespace tatami
