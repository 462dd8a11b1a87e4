// needs: tatami
// Bad usage and bad input: exit code 2, a message that names the culprit and what to try, nothing on standard output.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/program.h"
#include "host/npy.h"

namespace tatami {
namespace {

using testing::HasSubstr;

void expect_refused(const std::string& arguments, const std::string& message) {
  SCOPED_TRACE(arguments);
  const test::Outcome outcome = test::tatami(arguments);
  EXPECT_EQ(outcome.exit, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr(message));
  // The same for scripts: one JSON object, and nothing else.
  const test::Outcome script = test::tatami(arguments + " --json");
  EXPECT_EQ(script.exit, 2);
  const auto json = script.json();
  ASSERT_TRUE(json.is_object()) << script.out;
  EXPECT_EQ(json["status"], "error");
  EXPECT_THAT(json["message"].get<std::string>(), HasSubstr(message));
}

TEST(Usage, Commands) {
  EXPECT_THAT(test::tatami("").err, HasSubstr("a subcommand is required: matmul, run"));
  expect_refused("frobnicate", "frobnicate");
  expect_refused("matmul --frobnicate", "--frobnicate");
  expect_refused("run", "run: program is required; see tatami run --help");
  expect_refused("matmul --fromat bf16", "did you mean --format?");
  expect_refused("cc", "usage");
  EXPECT_EQ(test::tatami("completion zsh").exit, 2);
}

TEST(Usage, Formats) {
  expect_refused("matmul --format float7", "expected one of fp32, bf16");
  expect_refused("matmul --format-out float7", "--format-out float7");
  expect_refused("matmul --bias 64", "0..63");
  expect_refused("matmul --bias -1", "0..63");
  expect_refused("matmul --bias-a 64", "--bias-a 64");
  expect_refused("matmul --bias seven", "--bias");
  expect_refused("matmul --format bf16 --bias-b 3", "the bias of bf16 is fixed");
  expect_refused("matmul --format bf16 --bias 7", "--bias 7: none of bf16, bf16 and fp32 has a bias to choose");
  expect_refused("matmul --format bf16 --subnormals gradual", "--subnormals gradual: none of bf16");
  expect_refused("matmul --format-a bf16 --format-b 1_4_3", "two 8-bit formats");
  expect_refused("matmul --format-a fp32 --format-b bf16", "fp32 with fp32");
  expect_refused("matmul --round up", "--round");
  expect_refused("matmul --subnormals none", "--subnormals");
  expect_refused("format float7", "unknown format");
  expect_refused("format bf16 --bias 7", "fixed");
  expect_refused("format 1_4_3 --bias 64", "0..63");
  expect_refused("format 1_4_3 --decode 0x100", "0..0xff");
  expect_refused("format 1_4_3 --decode -1", "0..0xff");
  expect_refused("format 1_4_3 --encode one", "not a number");
  expect_refused("format --encode 1", "name the format");
}

TEST(Usage, Sizes) {
  expect_refused("matmul --size 0", "--size");
  expect_refused("matmul -m -3", "-m");
  expect_refused("matmul --threads 5", "--threads");
  expect_refused("matmul --threads 0", "--threads");
  expect_refused("matmul --size 1000 --operands resident", "SRAM");
  expect_refused("matmul --size 1000 --format fp32", "SRAM");
  expect_refused("matmul --size 16000000", "edge memory at the 4 ports");
  expect_refused("matmul --size 16 --operands disk", "--operands");
  expect_refused("matmul --size 16 --format fp32 --operands edge", "fp32 operands cannot be streamed");
  expect_refused("matmul --size 16 --operands edge --pieces 16x64", "--pieces 16x64: expected MxNxK");
  expect_refused("matmul --size 16 --operands edge --pieces 16x64x-32", "expected MxNxK");
  expect_refused("matmul --size 16 --operands edge --pieces 8x64x64", "multiples of 16, 64 and 64");
  expect_refused("matmul --size 16 --pieces 16x64x64", "add --operands edge");
  expect_refused("matmul --check maybe", "--check");
  for (const char* option : {"--seed", "--max-cycles", "--watchdog", "--trace-from", "--trace-to"})
    expect_refused(std::string("matmul --size 8 ") + option + " -1", "-1 is negative");
  expect_refused("matmul --size 8 --trace-from 9 --trace-to 8", "--trace-from 9");
  for (const char* option : {"--trace-from 9", "--trace-to 9", "--wave-node 0,0"})
    expect_refused(std::string("matmul --size 8 ") + option, "no waves are written");
  expect_refused("matmul --size 8 --vcd a --fst b", "--fst");
  expect_refused("matmul --size 8 --golden --vcd a", "no waves");
}

// Before the fabric is built: how much it needs, and what is there.
TEST(Usage, FabricsThatDoNotFitInMemory) {
  for (const char* device : {"--check none", "--check lockstep", "--golden"}) {
    const std::string errors = testing::TempDir() + "/memory_errors";
    const std::string command = std::string("ulimit -v 3000000; exec " TATAMI_BINARY_DIR "/bin/tatami matmul ") +
                                device + " --size 16 --nodes 255x255 >/dev/null 2>" + errors;
    EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 2);
    std::ifstream file(errors);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    EXPECT_THAT(text,
                testing::ContainsRegex("--nodes 255x255: 65025 nodes need about [0-9]+ MB of this computer's memory "
                                       ".[0-9.]+ MB each., [0-9]+ MB are left, enough for [0-9]+; use fewer nodes"));
    EXPECT_EQ(text.find("no lockstep") != std::string::npos, std::string(device) == "--check lockstep");
  }
}

class UsageFiles : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (directory_ / name).string(); }
  void npy(const std::string& name, char kind, std::size_t item, std::vector<std::size_t> shape) const {
    NpyArray array{kind, item, std::move(shape), {}};
    array.data.resize(array.size() * item);
    write_npy(path(name), array);
  }

  test::TemporaryDirectory directory_;
};

TEST_F(UsageFiles, Matrices) {
  expect_refused("matmul --a " + path("absent.npy"), "absent.npy: cannot open");
  test::write_text(path("text.npy"), "1 2 3\n");
  expect_refused("matmul --a " + path("text.npy"), "not a .npy file");
  npy("a.npy", 'f', 4, {8, 6});
  npy("b.npy", 'f', 4, {5, 8});
  expect_refused("matmul --a " + path("a.npy") + " --b " + path("b.npy"), "A's columns (6) must equal B's rows (5)");
  expect_refused("matmul --a " + path("a.npy") + " -m 9", "-m 9");
  expect_refused("matmul --a " + path("a.npy") + " -k 9", "-k 9");
  npy("cube.npy", 'f', 4, {2, 2, 2});
  expect_refused("matmul --a " + path("cube.npy"), "(2, 2, 2)");
  npy("bool.npy", 'b', 1, {8, 8});
  expect_refused("matmul --a " + path("bool.npy"), "dtype bool, expected numbers");
  npy("complex.npy", 'c', 8, {8, 8});
  expect_refused("matmul --a " + path("complex.npy"),
                 "has dtype '<c8', expected float16, float32, float64 or an integer");
  npy("codes.npy", 'u', 4, {8, 8});
  expect_refused("matmul --format bf16 --b " + path("codes.npy"), "codes of bf16 are uint16");
  npy("bias.npy", 'f', 4, {7});
  expect_refused("matmul --size 8 --bias-vector " + path("bias.npy"), "7 elements");
  expect_refused("matmul --size 8 --beta 1 --c " + path("a.npy"), "initial C of 8x8");
  expect_refused("matmul --size 8 --c " + path("a.npy"), "--beta");
}

TEST_F(UsageFiles, Programs) {
  expect_refused("run " + path("absent.elf"), "absent.elf: cannot open");
  test::write_text(path("text.elf"), "hello");
  expect_refused("run " + path("text.elf"), "not an ELF file");
  const std::string whole = test::ElfFile().bytes();
  test::write_text(path("cut.elf"), whole.substr(0, 100));
  expect_refused("run " + path("cut.elf"), "truncated");
  expect_refused("run /bin/sh", "expected 243 (RISC-V)");
  test::ElfFile outside;
  outside.segment.p_paddr = 0x1000;
  outside.write(path("outside.elf"));
  expect_refused("run " + path("outside.elf"), "outside the node's SRAM");
  test::ElfFile().write(path("plain.elf"));
  expect_refused("run --signature x " + path("plain.elf"), "has no symbol `begin_signature`");
  // Larger than the SRAM, as one of the public architecture tests is.
  test::ElfFile large;
  large.segment.p_memsz = 1'310'720 + 8;
  large.write(path("large.elf"));
  expect_refused("run " + path("large.elf"), "segment 0 has 1310728 bytes, more than the node's SRAM holds (1310720");
  expect_refused("run --check result " + path("plain.elf"), "--check");
}

TEST_F(UsageFiles, Signatures) {
  // begin_signature and end_signature are given to the linker, so that they can be wrong in every way.
  const auto program = [this](const std::string& begin, const std::string& end) {
    test::write_text(path("s.c"), "int main(int thread, int nthreads) { return thread == nthreads; }\n");
    const std::string symbols = (begin.empty() ? "" : " -Wl,--defsym=begin_signature=" + begin) +
                                (end.empty() ? "" : " -Wl,--defsym=end_signature=" + end);
    const test::Outcome compiled = test::tatami("cc " + path("s.c") + " -o " + path("s.elf") + symbols);
    EXPECT_EQ(compiled.exit, 0) << compiled.err;
    return "run " + path("s.elf") + " --signature ";
  };
  expect_refused(program("0x80001000", "") + path("s.sig"), "has no symbol `end_signature`");
  expect_refused(program("0x80001000", "0x80000ff8") + path("s.sig"), "lies before begin_signature");
  expect_refused(program("0x1000", "0x1008") + path("s.sig"), "outside the node's SRAM");
  expect_refused(program("0x8013fff8", "0x80140008") + path("s.sig"), "outside the node's SRAM");
  EXPECT_FALSE(std::filesystem::exists(path("s.sig")));
  expect_refused(program("0x80001000", "0x80001008") + path("absent/s.sig"), "cannot be written");
  // The last word of the SRAM can be one.
  EXPECT_EQ(test::tatami(program("0x8013fff8", "0x80140000") + path("s.sig") + " --golden").exit, 0);
}

TEST_F(UsageFiles, Compiler) {
  expect_refused("cc absent.c -o " + path("x.elf"), "the compilation failed");
  test::write_text(path("bad.c"), "int main(int thread, int nthreads) { return undefined; }\n");
  expect_refused("cc " + path("bad.c") + " -o " + path("x.elf"), "the compilation failed");
  EXPECT_FALSE(std::filesystem::exists(path("x.elf")));
}

TEST(Usage, HelpAndVersion) {
  for (const char* arguments :
       {"--help", "matmul --help", "run --help", "cc --help", "info --help", "format --help", "bench --help"}) {
    const test::Outcome outcome = test::tatami(arguments);
    EXPECT_EQ(outcome.exit, 0) << arguments;
    EXPECT_THAT(outcome.out, HasSubstr("Usage")) << arguments;
  }
  EXPECT_THAT(test::tatami("--version").out, testing::StartsWith("tatami "));
}

TEST(Usage, InfoAndFormats) {
  EXPECT_EQ(test::tatami("info").exit, 0);
  const auto info = test::tatami("info --json").json();
  EXPECT_EQ(info["threads_per_node"], 4);
  EXPECT_EQ(info["sram_bytes"], 1'310'720);
  EXPECT_EQ(test::tatami("format").exit, 0);
  // The whitepaper's tables 4 and 5 at the ends of the bias.
  const auto low = test::tatami("format 1_4_3 --bias 0 --json").json()["results"][0];
  EXPECT_EQ(low["largest"], "0x1.ep+15");
  EXPECT_EQ(low["smallest_normal_decimal"], 2.0);
  const auto one = test::tatami("format 1_5_2 --bias 15 --encode 1.0 --decode 0xBC --json").json()["results"];
  EXPECT_EQ(one[0]["code"], "0x3c");
  EXPECT_EQ(one[1]["value"], "-0x1p+0");
}

TEST(Usage, CompletionIsValidBash) {
  const test::Outcome outcome = test::tatami("completion bash | bash -n");
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_THAT(test::tatami("completion bash").out, HasSubstr("--trace-from"));
}

}  // namespace
}  // namespace tatami
