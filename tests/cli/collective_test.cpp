// needs: tatami
// labels: mesh
// tatami collective as scripts use it: keys, figures that must agree, refusals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/program.h"

namespace tatami {
namespace {

using testing::HasSubstr;

TEST(Collective, AllReduce) {
  const test::Outcome outcome = test::tatami("collective --op all-reduce --nodes 2x2 --bytes 8192 --json");
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  const auto json = outcome.json();
  ASSERT_TRUE(json.is_object()) << outcome.out;
  EXPECT_EQ(json["status"], "pass");
  EXPECT_EQ(json["operation"], "all-reduce");
  EXPECT_EQ(json["algorithm"], "direct");
  EXPECT_EQ(json["nodes"], "2x2");
  EXPECT_EQ(json["group_nodes"], 4);
  EXPECT_EQ(json["compared"], 4 * 2048);
  EXPECT_EQ(json["mismatches"], 0);
  EXPECT_DOUBLE_EQ(json["bound_flits"].get<double>(), 2 * 128 * 0.75);
  const double latency = json["latency_cycles"], bound = json["bound_cycles"], cycles = json["collective_cycles"];
  EXPECT_GT(latency, 4);
  EXPECT_LT(latency, 12);
  EXPECT_DOUBLE_EQ(bound, 192 + 2 * latency);
  EXPECT_DOUBLE_EQ(json["bound_ratio"].get<double>(), cycles / bound);
  EXPECT_GT(cycles, bound);
  EXPECT_LT(cycles, json["cycles"].get<double>());
}

TEST(Collective, EveryOperation) {
  for (const char* operation :
       {"latency", "broadcast", "reduce-scatter", "all-gather", "transpose", "halo", "all-reduce --algorithm tree"}) {
    const test::Outcome outcome = test::tatami(std::string("collective --golden --nodes 3x2 --json --op ") + operation);
    EXPECT_EQ(outcome.exit, 0) << operation << ": " << outcome.err;
    EXPECT_EQ(outcome.json()["status"], "pass") << operation;
    EXPECT_TRUE(outcome.json()["collective_cycles"].is_null());
  }
  EXPECT_EQ(test::tatami("collective --nodes 3x2 --op barrier --rounds 4").exit, 0);
}

TEST(Collective, Refusals) {
  for (const auto& [arguments, text] : {std::pair{"--bytes 100", "multiple of 64"},
                                        {"--op sum", "expected one of latency, barrier"},
                                        {"--op halo --rectangle 3,3,2x2", "does not lie inside"},
                                        {"--algorithm ring", "expected auto, direct, tree"},
                                        {"--op transpose --rows 100", "multiple of 256"},
                                        {"--bytes 1048576", "use less data"}}) {
    const test::Outcome outcome = test::tatami(std::string("collective --golden --json ") + arguments);
    EXPECT_EQ(outcome.exit, 2) << arguments;
    EXPECT_THAT(outcome.err, HasSubstr(text)) << arguments;
    EXPECT_EQ(outcome.json()["status"], "error") << arguments;
  }
}

}  // namespace
}  // namespace tatami
