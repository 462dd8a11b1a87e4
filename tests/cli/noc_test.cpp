// needs: tatami
// labels: mesh
// tatami noc as scripts use it: keys, sums that must hold, the sweep's curve, refusals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/program.h"

namespace tatami {
namespace {

using testing::HasSubstr;

TEST(Noc, OnePoint) {
  const test::Outcome outcome = test::tatami("noc --nodes 4x4 --rate 0.3 --packets 3000 --seed 5 --json");
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  const auto json = outcome.json();
  ASSERT_TRUE(json.is_object()) << outcome.out;
  EXPECT_EQ(json["status"], "pass");
  EXPECT_EQ(json["packets_sent"], json["packets_delivered"]);
  EXPECT_GE(json["packets_sent"].get<int>(), 2700);
  EXPECT_NEAR(json["offered"].get<double>(), 0.3, 0.03);
  EXPECT_NEAR(json["accepted"].get<double>(), json["offered"].get<double>(), 0.01);
  EXPECT_LE(json["accepted_min"].get<double>(), json["accepted"].get<double>());
  EXPECT_EQ(json["worst_node"].size(), 2u);
  EXPECT_DOUBLE_EQ(json["limit"].get<double>(), 1.0);
  EXPECT_DOUBLE_EQ(json["latency_zero_load"].get<double>(), 2.5 + 1);
  EXPECT_GT(json["latency_mean"].get<double>(), 3.4);
  EXPECT_LT(json["latency_mean"].get<double>(), 3 * 3.5);
  EXPECT_GE(json["latency_p99"].get<double>(), json["latency_mean"].get<double>());
  EXPECT_GE(json["cycles"].get<int>(), json["measured_cycles"].get<int>());
  EXPECT_EQ(json["saturated"], false);
  // The same again, but for what is the host's; another seed is another run.
  const auto again = test::tatami("noc --nodes 4x4 --rate 0.3 --packets 3000 --seed 5 --json").json();
  EXPECT_EQ(again["latency_mean"], json["latency_mean"]);
  EXPECT_EQ(again["cycles"], json["cycles"]);
  const auto other = test::tatami("noc --nodes 4x4 --rate 0.3 --packets 3000 --seed 6 --json").json();
  EXPECT_NE(other["latency_mean"], json["latency_mean"]);
}

TEST(Noc, DeadNodesAndStalls) {
  const test::Outcome outcome = test::tatami(
      "noc --nodes 5x4 --dead 2,1 --dead 2,2 --pattern uniform --rate 0.5 --stall 0.3 --packets 3000 --json");
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_EQ(outcome.json()["senders"], 18);
  EXPECT_EQ(outcome.json()["packets_sent"], outcome.json()["packets_delivered"]);
}

TEST(Noc, TheDieAndMulticasts) {
  const test::Outcome outcome =
      test::tatami("noc --nodes d1 --rate 0.01 --multicast 0.1 --packets 2000 --warm-up 100 --json");
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  const auto json = outcome.json();
  EXPECT_EQ(json["senders"], 354);
  EXPECT_EQ(json["nodes"], "d1");
  EXPECT_EQ(json["packets_sent"], json["packets_delivered"]);
  EXPECT_GT(json["packets_delivered"], 4000) << "a multicast counts once for each of its nodes";
  EXPECT_TRUE(json["held"].empty());
}

TEST(Noc, HeldQueuesAreNamedAndLoseNothing) {
  const test::Outcome outcome = test::tatami(
      "noc --nodes 2x2 --rate 0.5 --packets 2000 --hold 1,0 --hold-cycles 30000 --held 10000 --watchdog 0 --json");
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  const auto json = outcome.json();
  EXPECT_EQ(json["status"], "pass");
  EXPECT_EQ(json["packets_sent"], json["packets_delivered"]);
  ASSERT_FALSE(json["held"].empty());
  EXPECT_THAT(outcome.err,
              testing::ContainsRegex("router .1,0., port (west|south), queue for local: [0-9]+ flits did not move for "
                                     "10000 cycles, from cycle [0-9]+ on"));
}

/// The queues that `noc` reports as held.
std::vector<std::string> held(const std::string& arguments) {
  const test::Outcome outcome = test::tatami("noc --json " + arguments);
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  const auto json = outcome.json();
  EXPECT_EQ(json["packets_sent"], json["packets_delivered"]);
  std::vector<std::string> list;
  for (const auto& queue : json["held"]) {
    list.push_back(queue["node"].dump() + " " + queue["port"].get<std::string>() + " " +
                   queue["queue"].get<std::string>());
    EXPECT_GE(queue["flits"], 1);
  }
  return list;
}

// The queue for node 2,0 stands still while others at the same port, for 3,0, keep moving; and the watchdog, which is
// shorter, leaves alone what is held on purpose.
TEST(Noc, EachQueueOfAPortIsWatched) {
  const std::vector<std::string> queues =
      held("--nodes 4x1 --pattern complement --hold 2,0 --hold-cycles 50000 --held 20000 --rate 0.2 --packets 12000");
  EXPECT_THAT(queues, testing::Contains("[2,0] west local"));
  EXPECT_THAT(queues, testing::Not(testing::Contains("[2,0] west east")));
  // So is what a node injects: here nothing else.
  EXPECT_THAT(held("--nodes 1x1 --rate 0.5 --packets 2000 --hold 0,0 --hold-cycles 30000 --held 10000"),
              testing::ElementsAre("[0,0] local local"));
  EXPECT_THAT(held("--nodes 1x1 --rate 0.5 --packets 2000 --hold 0,0 --hold-cycles 8000 --held 10000"),
              testing::IsEmpty());
}

TEST(Noc, NothingMeasuredIsNoPass) {
  // Two cycles are measured; by this seed nobody sends in them.
  const test::Outcome outcome = test::tatami("noc --nodes 2x1 --rate 0.3 --packets 1 --seed 10 --json");
  EXPECT_EQ(outcome.exit, 1);
  EXPECT_EQ(outcome.json()["status"], "fail");
  EXPECT_EQ(outcome.json()["packets_measured"], 0);
  EXPECT_THAT(outcome.err, HasSubstr("nothing was measured"));
}

// A search measures long enough whatever it is asked for.
TEST(Noc, ASearchDoesNotTrustFewPackets) {
  const auto json = test::tatami("noc --nodes 4x4 --rate max --packets 100 --json").json();
  ASSERT_FALSE(json["results"].empty());
  for (const auto& point : json["results"]) EXPECT_GE(point["measured_cycles"], 160 * 8);
  EXPECT_GE(json["overload"]["measured_cycles"], 160 * 8);
  EXPECT_NEAR(json["saturation"].get<double>(), 0.9, 0.03);
}

TEST(Noc, Sweep) {
  const test::TemporaryDirectory directory;
  const std::filesystem::path svg = directory / "curve.svg";
  const test::Outcome outcome =
      test::tatami("noc --nodes 3x3 --pattern complement --sweep --packets 3000 --json --svg " + svg.string());
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  const auto json = outcome.json();
  const double saturation = json["saturation"], limit = json["limit"];
  EXPECT_GT(saturation, 0.8 * limit);
  EXPECT_LE(saturation, limit);
  ASSERT_GE(json["results"].size(), 10u);
  double before = 0;
  for (const auto& point : json["results"]) {
    EXPECT_GE(point["offered"].get<double>(), before) << "sorted by load";
    before = point["offered"];
    EXPECT_EQ(point["packets_sent"], point["packets_delivered"]);
  }
  EXPECT_GE(json["overload"]["offered"].get<double>(), limit);
  std::ifstream file(svg);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(text, HasSubstr("<svg"));
  EXPECT_THAT(text, HasSubstr("limit"));
}

TEST(Noc, WatchdogNamesWhereItWaits) {
  const std::string arguments = "noc --nodes 2x2 --rate 1 --packets 20000 --stall 0.99999 --watchdog 100";
  const test::Outcome outcome = test::tatami(arguments);
  EXPECT_EQ(outcome.exit, 4) << outcome.out;
  EXPECT_THAT(outcome.err, HasSubstr("nothing moved for 100 cycles while"));
  EXPECT_THAT(outcome.err, testing::ContainsRegex(
                               "longest at router .[01],[01]., port [a-z]+, queue for [a-z]+: [0-9]+ flits since"));
  EXPECT_EQ(test::tatami(arguments + " --json").json()["status"], "hang");
}

TEST(Noc, Refusals) {
  const std::pair<const char*, const char*> cases[] = {
      {"--nodes 4", "--nodes 4: expected WxH"},
      {"--nodes 0x4", "--nodes 0x4"},
      {"--nodes 33x4", "1 to 32 nodes each way"},
      {"--nodes 4x3 --pattern transpose", "transpose needs a square fabric"},
      {"--pattern zigzag", "zigzag"},
      {"--rate 0", "--rate 0: expected flits/node/cycle above 0"},
      {"--rate 1.5", "--rate 1.5"},
      {"--rate fast", "--rate fast"},
      {"--stall 1", "--stall 1"},
      {"--packets 0", "--packets 0"},
      {"--dead 1", "--dead 1: expected x,y"},
      {"--dead 8,0", "--dead 8,0: the fabric is 8x8"},
      {"--dead 1,0 --dead 0,1", "cannot reach node 0,0"},
      {"--multicast 1", "--multicast 1"},
      {"--hold 8,0 --hold-cycles 9", "--hold 8,0"},
      {"--hold 1,1 --hold-cycles 9 --dead 1,1", "--hold 1,1"},
      {"--hold 1,1", "--hold requires --hold-cycles"},
      {"--hold-cycles 9", "--hold-cycles requires --hold"},
      {"--hold 1,1 --hold-cycles 0", "--hold-cycles 0"},
      {"--packets -5", "-5 is negative"},
      {"--seed -1", "-1 is negative"},
      {"--seed 99999999999999999999", "99999999999999999999 is too large"},
      {"--warm-up -1", "-1 is negative"},
      {"--watchdog -1", "-1 is negative"},
      {"--held -1", "-1 is negative"},
      {"--held 0", "--held 0"},
      {"--svg a.svg", "--svg"},
      {"--rate max --nodes 2x2 --packets 100 --svg /nonexistent/a.svg", "cannot write /nonexistent/a.svg"},
  };
  for (const auto& [arguments, message] : cases) {
    SCOPED_TRACE(arguments);
    const test::Outcome outcome = test::tatami(std::string("noc ") + arguments);
    EXPECT_EQ(outcome.exit, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, HasSubstr(message));
  }
}

}  // namespace
}  // namespace tatami
