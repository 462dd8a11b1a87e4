// needs: tatami
// labels: mesh
// Links disturbed from the command line: what is reported of damaged flits and held queues, and what is refused.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/program.h"

namespace tatami {
namespace {

using testing::HasSubstr;

class Faults : public testing::Test {
 protected:
  /// Node 0,0 sends node 1,0 one increment after the other.
  Faults() {
    const std::string source = (directory_ / "k.c").string();
    test::write_text(source, R"(#include <tatami.h>
int main(int thread, int nthreads) {
  if (thread != 0) return 0;
  if (csr_read(TATAMI_CSR_DNODEX) != 0) {
    dn_ctr_wait((uint64_t)40, 3);
    return 0;
  }
  for (int i = 0; i < 40; ++i) dn_sig((uint64_t)1 << 32 | 3, (uint64_t)1);
  tatami_fence();
  return 0;
}
)");
    elf_ = (directory_ / "k.elf").string();
    const test::Outcome compiled = test::tatami("cc " + source + " -o " + elf_);
    EXPECT_EQ(compiled.exit, 0) << compiled.err;
  }
  test::Outcome run(const std::string& options) {
    return test::tatami("run " + elf_ + " --json --nodes 2x1 " + options);
  }

  test::TemporaryDirectory directory_;
  std::string elf_;
};

TEST_F(Faults, ADamagedFlitIsNamedByNodePortClassAndCycle) {
  for (const auto& [node, port, kind] : {std::tuple{1, "west", "requests"}, std::tuple{0, "east", "responses"}}) {
    const test::Outcome outcome = run(fmt::format("--flip-bit {},0,{},{},5,200", node, port, kind));
    EXPECT_EQ(outcome.exit, 3) << outcome.err;
    const auto json = outcome.json();
    EXPECT_EQ(json["status"], "error");
    ASSERT_EQ(json["damaged_flits"].size(), 1U);
    const auto& flit = json["damaged_flits"][0];
    EXPECT_EQ(flit["node"], (std::vector<int>{node, 0}));
    EXPECT_EQ(flit["port"], port);
    EXPECT_EQ(flit["class"], kind);
    EXPECT_EQ(flit["cycle"].get<unsigned>() + 2, json["cycles"].get<unsigned>());
    EXPECT_THAT(outcome.err, HasSubstr(fmt::format("arrived at node {},0 in cycle {} on: port {}, {}", node,
                                                   flit["cycle"].get<unsigned>(), port, kind)));
  }
  // So many do not come.
  const test::Outcome none = run("--flip-bit 1,0,west,requests,40,0");
  EXPECT_EQ(none.exit, 0) << none.err;
  EXPECT_THAT(none.err, HasSubstr("no bit was flipped in flit 40 of node 1,0, port west, requests"));
  EXPECT_EQ(none.json()["notes"].size(), 1U);
  const test::Outcome last = run("--flip-bit 1,0,west,requests,39,0");
  EXPECT_EQ(last.exit, 3);
}

TEST_F(Faults, AHeldQueueIsNamedAndLosesNothing) {
  const test::Outcome outcome = run("--hold-link 1,0,west,requests,0,30000 --held 10000 --watchdog 0");
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  const auto json = outcome.json();
  EXPECT_GT(json["cycles"], 30000);
  ASSERT_EQ(json["held_queues"].size(), 1U);
  const auto& queue = json["held_queues"][0];
  EXPECT_EQ(queue["node"], (std::vector<int>{1, 0}));
  EXPECT_EQ(queue["port"], "west");
  EXPECT_EQ(queue["class"], "requests");
  EXPECT_LT(queue["since"], 1000);
  EXPECT_THAT(outcome.err, HasSubstr("node 1,0, port west, requests: a full queue has not moved since cycle"));
  EXPECT_FALSE(run("--hold-link 1,0,west,requests,0,30000 --watchdog 0").json().contains("held_queues"));
}

TEST_F(Faults, Refusals) {
  for (const auto& [options, text] : {
           std::pair{"--flip-bit 1,0,west,requests,0", "expected X,Y,PORT,CLASS,FLIT,BIT"},
           {"--flip-bit 1,0,west,requests,0,1,2", "not six fields"},
           {"--flip-bit 1,0,up,requests,0,1", "'up' is none of north, east, south, west"},
           {"--flip-bit 1,0,local,requests,0,1", "'local' is none of"},
           {"--flip-bit 1,0,west,both,0,1", "'both' is neither requests nor responses"},
           {"--flip-bit 1,0,west,requests,-1,1", "'-1' is no number"},
           {"--flip-bit 1,0,west,requests,0,640", "bits 0 to 639"},
           {"--flip-bit 2,0,west,requests,0,0", "node 2,0, port west: the fabric (2x1) has no link"},
           // Links out of the fabric.
           {"--flip-bit 1,0,east,requests,0,0", "node 1,0, port east: the fabric (2x1) has no link"},
           {"--flip-bit 0,0,north,responses,0,0", "port north: the fabric (2x1) has no link"},
           {"--hold-link 0,0,west,requests,0,5", "port west: the fabric (2x1) has no link"},
           {"--hold-link 1,0,south,requests,0,5", "port south: the fabric (2x1) has no link"},
           {"--hold-link 1,0,west,requests,0,0", "expected 1 cycle or more"},
           {"--held 0", "--held"},
           {"--flip-bit 1,0,west,requests,0,0 --golden", "the golden model has no links"},
       }) {
    const test::Outcome outcome = run(options);
    EXPECT_EQ(outcome.exit, 2) << options;
    EXPECT_THAT(outcome.err, HasSubstr(text)) << options;
  }
}

}  // namespace
}  // namespace tatami
