// needs: tatami
// labels: slow
// Waves, through the script that builds the tracing models when they are asked for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <vector>

#include "cli/program.h"

namespace tatami {
namespace {

class Waves : public testing::TestWithParam<const char*> {};

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

/// The time stamps of a VCD file.
std::vector<std::uint64_t> times(const std::string& vcd) {
  std::vector<std::uint64_t> list;
  for (std::size_t at = vcd.find("\n#"); at != std::string::npos; at = vcd.find("\n#", at + 1))
    list.push_back(std::strtoull(vcd.c_str() + at + 2, nullptr, 10));
  return list;
}

/// The full names of its signals, as GTKWave writes them.
std::vector<std::string> signals(const std::string& vcd) {
  std::vector<std::string> names, scopes;
  std::istringstream text(vcd);
  for (std::string line; std::getline(text, line);) {
    std::istringstream words(line);
    std::vector<std::string> w(std::istream_iterator<std::string>(words), {});
    if (w.empty()) continue;
    if (w[0] == "$enddefinitions") break;
    if (w[0] == "$scope") scopes.push_back(w[2]);
    if (w[0] == "$upscope") scopes.pop_back();
    if (w[0] != "$var") continue;
    std::string name;
    for (const std::string& scope : scopes) name += scope + ".";
    names.push_back(name + w[4] + (w[5] == "$end" ? "" : w[5]));
  }
  return names;
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
    EXPECT_THAT(whole, testing::HasSubstr("$enddefinitions"));
    EXPECT_EQ(times(part).front(), 100U);
    EXPECT_EQ(times(part).back(), 120U);
    EXPECT_EQ(times(part).size(), 21U) << "every cycle of the window, both ends included";
    EXPECT_EQ(times(whole).front(), 0U);
    // What docs/node.gtkw shows is there.
    const std::vector<std::string> names = signals(whole);
    std::ifstream saved(TATAMI_SOURCE_DIR "/docs/node.gtkw");
    unsigned shown = 0;
    for (std::string line; std::getline(saved, line);) {
      if (!line.starts_with("node.")) continue;
      ++shown;
      EXPECT_THAT(names, testing::Contains(line));
    }
    EXPECT_GT(shown, 20U);
  }
}

TEST_P(Waves, OfOneNodeOfMany) {
  const std::string kind = GetParam();
  const test::TemporaryDirectory directory;
  const std::string base =
      TATAMI_BINARY_DIR "/bin/tatami-" + kind + " matmul --nodes 2x1 --size 32 --format bf16 --" + kind;
  EXPECT_EQ(std::system((base + " " + (directory / "w").string() + " --wave-node 1,0 >/dev/null 2>&1").c_str()), 0);
  EXPECT_GT(contents(directory / "w").size(), 1000U);
  if (kind == "vcd") {
    EXPECT_GT(times(contents(directory / "w")).size(), 100U);
  }
  EXPECT_EQ(
      WEXITSTATUS(std::system((base + " " + (directory / "w").string() + " --wave-node 2,0 2>/dev/null").c_str())), 2);
  EXPECT_EQ(WEXITSTATUS(std::system((base + " " + (directory / "absent/w").string() + " 2>/dev/null").c_str())), 2)
      << "a wave that cannot be written is an error";
}

INSTANTIATE_TEST_SUITE_P(Kinds, Waves, testing::Values("vcd", "fst"), [](const auto& kind) { return kind.param; });

}  // namespace
}  // namespace tatami
