// needs: tatami
// labels: slow
// Waves, through the script that builds the tracing models when they are asked for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/program.h"

namespace tatami {
namespace {

class Waves : public testing::TestWithParam<const char*> {};

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

TEST_P(Waves, AreWrittenInsideTheWindow) {
  const std::string kind = GetParam();
  const test::TemporaryDirectory directory;
  const auto run = [&](const std::string& name, const std::string& window) {
    const std::string command = "TATAMI_OFFLINE=1 TATAMI_BUILD=" TATAMI_BINARY_DIR " " TATAMI_SOURCE_DIR
                                "/scripts/tatami matmul --size 16 --" +
                                kind + " " + (directory / name).string() + " " + window + " 2>&1";
    return std::system(command.c_str());
  };
  ASSERT_EQ(run("whole", ""), 0);
  ASSERT_EQ(run("part", "--trace-from 100 --trace-to 120"), 0);
  const std::string whole = contents(directory / "whole");
  const std::string part = contents(directory / "part");
  EXPECT_GT(part.size(), 1000U);
  EXPECT_LT(part.size(), whole.size());
  if (kind == "vcd") {
    EXPECT_THAT(whole, testing::HasSubstr("tohost_valid_o"));
    EXPECT_THAT(whole, testing::HasSubstr("$enddefinitions"));
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Waves, testing::Values("vcd", "fst"), [](const auto& kind) { return kind.param; });

}  // namespace
}  // namespace tatami
