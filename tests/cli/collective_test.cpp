// needs: tatami
// labels: mesh
// tatami collective as scripts use it: keys, figures that must agree, refusals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "cli/program.h"

namespace tatami {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Collective, AllReduce) {
  const test::Outcome outcome = test::tatami("collective --op all-reduce --nodes 2x2 --bytes 8192 --repeats 4 --json");
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
  const double latency = json["latency_cycles"], bound = json["bound_cycles"];
  EXPECT_GT(latency, 4);
  EXPECT_LT(latency, 12);
  EXPECT_DOUBLE_EQ(bound, 192 + 2 * latency);
  // Every repetition counts, none is longer than the worst, and all of them fit into the run.
  auto cycles = json["operation_cycles"].get<std::vector<double>>();
  ASSERT_EQ(cycles.size(), 4U);
  EXPECT_LT(std::accumulate(cycles.begin(), cycles.end(), 0.0), json["cycles"].get<double>());
  std::ranges::sort(cycles);
  EXPECT_GT(cycles.front(), bound);
  EXPECT_EQ(json["operation_cycles_min"].get<double>(), cycles.front());
  EXPECT_EQ(json["operation_cycles_median"].get<double>(), cycles[2]);
  EXPECT_EQ(json["operation_cycles_max"].get<double>(), cycles.back());
  EXPECT_DOUBLE_EQ(json["bound_ratio"].get<double>(), cycles.back() / bound);
  EXPECT_DOUBLE_EQ(json["bound_ratio_median"].get<double>(), cycles[2] / bound);
}

TEST(Collective, TextNamesTheWorstRepetition) {
  const std::string command = "collective --op all-gather --nodes 2x2 --bytes 1024 ";
  const test::Outcome once = test::tatami(command), often = test::tatami(command + "--repeats 3");
  EXPECT_EQ(once.exit, 0) << once.err;
  EXPECT_THAT(once.out, HasSubstr("times what the network allows"));
  EXPECT_THAT(once.out, Not(HasSubstr("worst")));
  EXPECT_EQ(often.exit, 0) << often.err;
  for (const char* text : {"cycles, first", "median of 3", "worst"}) EXPECT_THAT(often.out, HasSubstr(text));
}

TEST(Collective, BenchSection) {
  const auto rows_of = [](const std::string& arguments) {
    const test::Outcome outcome = test::tatami("bench --section collectives --json " + arguments);
    EXPECT_EQ(outcome.exit, 0) << outcome.err;
    EXPECT_EQ(outcome.json()["status"], "pass") << outcome.out;
    return outcome.json()["results"];
  };
  std::set<std::string> operations;
  for (const auto& row : rows_of("--nodes 4x4 --repeat 1")) {
    operations.insert(row["operation"]);
    EXPECT_EQ(row["bench"], "collectives");
    EXPECT_EQ(row["status"], "pass");
    EXPECT_EQ(row["nodes"], "4x4");
    EXPECT_GT(row["compared"], 0) << row;
    EXPECT_EQ(row["mismatches"], 0) << row;
    EXPECT_EQ(row["operation_cycles"].size(), 1U);
    EXPECT_GT(row["operation_cycles_min"].get<double>(), row["bound_cycles"].get<double>()) << row;
    const bool aimed = row["operation"] == "all-reduce" && row["algorithm"] != "tree";
    EXPECT_EQ(row["aim_ratio"].is_number(), aimed) << row;
    if (aimed) {
      EXPECT_EQ(row["aim_met"], row["bound_ratio"].get<double>() <= 1.5) << row;
    }
    EXPECT_EQ(row["round_cycles"].is_number(), row["operation"] == "barrier") << row;
  }
  EXPECT_THAT(operations, testing::UnorderedElementsAre("all-reduce", "barrier", "broadcast", "reduce-scatter",
                                                        "all-gather", "transpose", "halo"));
  const auto first = rows_of("--nodes 2x1 --repeat 3")[0];
  EXPECT_TRUE(first["aim_ratio"].is_null());
  EXPECT_EQ(first["operation_cycles"].size(), 3U);
  const test::Outcome text = test::tatami("bench --section collectives --repeat 2 --nodes 2x1");
  EXPECT_EQ(text.exit, 0) << text.err;
  for (const char* part : {"all-reduce (", "the worst of 2; median", "halo 1, 64x64", "a round"})
    EXPECT_THAT(text.out, HasSubstr(part));
}

TEST(Collective, EveryOperation) {
  for (const char* operation :
       {"latency", "broadcast", "reduce-scatter", "all-gather", "transpose", "halo", "all-reduce --algorithm tree"}) {
    const test::Outcome outcome = test::tatami(std::string("collective --golden --nodes 3x2 --json --op ") + operation);
    EXPECT_EQ(outcome.exit, 0) << operation << ": " << outcome.err;
    EXPECT_EQ(outcome.json()["status"], "pass") << operation;
    EXPECT_TRUE(outcome.json().at("operation_cycles").is_null());
  }
  const test::Outcome barrier = test::tatami("collective --nodes 3x2 --op barrier --rounds 4 --repeats 2 --json");
  EXPECT_EQ(barrier.exit, 0) << barrier.err;
  EXPECT_EQ(barrier.json()["compared"], 6 * 2);
}

TEST(Collective, Refusals) {
  for (const auto& [arguments, text] :
       {std::pair{"--bytes 100", "multiple of 64"},
        {"--op sum", "expected one of latency, barrier"},
        {"--op halo --rectangle 3,3,2x2", "does not lie inside"},
        {"--algorithm ring", "expected auto, direct, tree"},
        {"--op transpose --rows 100", "multiple of 256"},
        {"--bytes 1048576", "use less data"},
        // Sizes whose products or bytes would wrap.
        {"--bytes 18446744073709551615", "more than the 1310720 bytes"},
        {"--bytes 18446744073709551552", "more than the 1310720 bytes"},
        {"--work-bytes 18446744073709551552", "more than the 1310720 bytes"},
        {"--op halo --rows 288230376151711744", "more than the 1310720 bytes"},
        {"--op halo --columns 4611686018427387904", "more than the 1310720 bytes"},
        {"--op transpose --rows 4294967296 --columns 4294967296", "more than the 1310720 bytes"},
        {"--op transpose --rows 18446744073709551360", "more than the 1310720 bytes"},
        // What an operation has no use for.
        {"--op halo --bytes 128", "--bytes: halo has no use for it, only broadcast,"},
        {"--op broadcast --rows 5", "--rows: broadcast has no use for it"},
        {"--op barrier --algorithm tree", "only all-reduce"},
        {"--op all-gather --root 1", "only broadcast"},
        {"--rounds 8", "--rounds: all-reduce has no use for it"}}) {
    const test::Outcome outcome = test::tatami(std::string("collective --golden --json ") + arguments);
    EXPECT_EQ(outcome.exit, 2) << arguments;
    EXPECT_THAT(outcome.err, HasSubstr(text)) << arguments;
    EXPECT_EQ(outcome.json()["status"], "error") << arguments;
  }
}

}  // namespace
}  // namespace tatami
