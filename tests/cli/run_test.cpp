// needs: tatami
// labels: kernel
// Programs that end in every way a program can: exit codes, messages, JSON. On both devices.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/program.h"
#include "host/npy.h"

namespace tatami {
namespace {

using testing::HasSubstr;

class Run : public testing::TestWithParam<const char*> {
 protected:
  /// Compiles a program whose main has the given body, and runs it.
  test::Outcome run(const std::string& body, const std::string& options = "") {
    const std::string source = (directory_ / "k.c").string();
    test::write_text(source, "#include <tatami.h>\nint main(int thread, int nthreads) {\n" + body + "\n}\n");
    elf_ = (directory_ / "k.elf").string();
    const test::Outcome compiled = test::tatami("cc " + source + " -o " + elf_);
    EXPECT_EQ(compiled.exit, 0) << compiled.err;
    return test::tatami("run " + elf_ + " --json " + GetParam() + " " + options);
  }

  test::TemporaryDirectory directory_;
  std::string elf_;
};

TEST_P(Run, Ends) {
  const test::Outcome outcome = run("return 0;");
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  const auto json = outcome.json();
  EXPECT_EQ(json["exit_code"], 0);
  EXPECT_GT(json["instructions"], 10);
  // Golden alone has nobody to be compared with, and says so.
  const bool golden = std::string(GetParam()) == "--golden";
  EXPECT_EQ(json["status"], golden ? "unchecked" : "pass");
  if (!golden) {
    EXPECT_GT(json["records_compared"], 10);
  }
}

TEST_P(Run, Fails) {
  const test::Outcome outcome = run("return thread == 2 ? 5 : 0;");
  EXPECT_EQ(outcome.exit, 3);
  EXPECT_EQ(outcome.json()["status"], "fail");
  EXPECT_EQ(outcome.json()["exit_code"], 5);
  EXPECT_THAT(outcome.err, HasSubstr("exit code 5"));
}

TEST_P(Run, WritesOutsideMemory) {
  const test::Outcome outcome = run("if (thread == 1) *(volatile int *)0x1000 = 1; return 0;");
  EXPECT_EQ(outcome.exit, 3);
  const auto json = outcome.json();
  EXPECT_EQ(json["status"], "trap");
  EXPECT_EQ(json["trap"]["hart"], 1);
  EXPECT_EQ(json["trap"]["cause"], 7);
  EXPECT_EQ(json["trap"]["mtval"], "0x1000");
  EXPECT_THAT(outcome.err, HasSubstr("main+"));
}

TEST_P(Run, TrapsWhileAllOthersSleep) {
  const test::Outcome outcome = run(R"(
    if (thread != 0 || csr_read(TATAMI_CSR_DNODEX) != 1) return 0;
    for (volatile int i = 0; i < 500; ++i) {}
    *(volatile uint64_t *)0x1000 = 1;
    return 0;)",
                                    "--nodes 2x1");
  EXPECT_EQ(outcome.exit, 3) << outcome.err;
  const auto json = outcome.json();
  ASSERT_EQ(json["status"], "trap");
  const auto& trap = json["trap"];
  EXPECT_EQ(trap["node"], (std::vector<int>{1, 0}));
  EXPECT_EQ(trap["thread"], 0);
  EXPECT_EQ(trap["hart"], 4);
  EXPECT_EQ(trap["cause"], 7);
  const bool golden = std::string(GetParam()) == "--golden";
  EXPECT_THAT(outcome.err, HasSubstr("thread 0 of node 1,0 (hart 4) trapped without a handler"));
  if (golden) {
    EXPECT_TRUE(trap["cycle"].is_null());
  } else {
    EXPECT_EQ(trap["cycle"].get<unsigned>() + 2, json["cycles"].get<unsigned>());
    EXPECT_THAT(outcome.err, HasSubstr("in cycle " + std::to_string(trap["cycle"].get<unsigned>())));
  }
}

TEST_P(Run, TrapsOnAnIllegalInstruction) {
  const test::Outcome outcome = run("__asm__ volatile(\".word 0xffffffff\"); return 0;");
  EXPECT_EQ(outcome.exit, 3);
  EXPECT_EQ(outcome.json()["trap"]["cause"], 2);
  EXPECT_EQ(outcome.json()["trap"]["mtval"], "0xffffffff");
}

TEST_P(Run, HandlesItsOwnTraps) {
  const test::Outcome outcome = run(R"(
    uint64_t cause;
    __asm__ volatile("lla t0, 1f\n csrw mtvec, t0\n ecall\n 1: csrr %0, mcause" : "=r"(cause) : : "t0");
    return cause == 11 ? 0 : 1;)");
  // The handler's address must be a multiple of 4, which every instruction's is.
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
}

TEST_P(Run, Spins) {
  const test::Outcome outcome =
      run("volatile uint8_t *p = tatami_args; while (*p == 0) {} return 0;", "--watchdog 20000");
  EXPECT_EQ(outcome.exit, 4);
  EXPECT_EQ(outcome.json()["status"], "hang");
  EXPECT_EQ(outcome.json()["hang"], "watchdog");
  // Where it hangs, and what to do about it.
  EXPECT_THAT(outcome.err, HasSubstr("(main+"));
  EXPECT_THAT(outcome.err, HasSubstr("--watchdog 0"));
}

TEST_P(Run, SleepsForEver) {
  const test::Outcome outcome = run("if (thread == 0) dn_ctr_wait(1, 3); return 0;");
  EXPECT_EQ(outcome.exit, 4);
  EXPECT_EQ(outcome.json()["hang"], "watchdog");
}

// The last thing that happens before all sleep is a tile that is written: lockstep sees it.
TEST_P(Run, SleepsAfterATileWasWritten) {
  const test::Outcome outcome = run(R"(
    if (thread != 0) return 0;
    for (volatile int i = 0; i < 300; ++i) {}
    dv_begin();
    dv_ld(1, tatami_args, 0, 0);
    dm_mv_t_v(0, 1, 0, 0);
    dn_ctr_wait(1, 3);
    dv_end();
    return 0;)");
  EXPECT_EQ(outcome.exit, 4) << outcome.err;
  EXPECT_EQ(outcome.json()["status"], "hang");
}

TEST_P(Run, IsSlowButNotStuck) {
  const test::Outcome outcome = run("for (long i = 0; i < 1000000000; i++) __asm__ volatile(\"\"); return 0;",
                                    "--watchdog 5000 --max-cycles 50000");
  EXPECT_EQ(outcome.exit, 4);
  EXPECT_EQ(outcome.json()["hang"], "max-cycles");
  EXPECT_THAT(outcome.err, HasSubstr("--max-cycles"));
}

TEST_P(Run, HonoursThreads) { EXPECT_EQ(run("return nthreads == 2 ? 0 : 1;", "--threads 2").exit, 0); }

// A signature of 20 bytes; `code` runs before main returns `status`.
std::string with_signature(const std::string& code) {
  return R"(
    __asm__ volatile(".pushsection .data\n .balign 8\n .globl begin_signature\n begin_signature: .dword 0x0123456789abcdef\n"
                     ".globl second\n second: .dword 0\n .word 0x55\n .globl end_signature\n end_signature:\n .word -1\n .popsection");
    extern volatile uint64_t second;
    if (thread == 0) second = 7;
)" + code;
}

TEST_P(Run, WritesTheSignature) {
  const std::string file = (directory_ / "signature").string();
  // The last line is filled up with zeros, not with what lies behind the signature.
  const std::string expected = "0123456789abcdef\n0000000000000007\n0000000000000055\n";
  const auto text = [&] {
    std::ifstream stream(file);
    return std::string((std::istreambuf_iterator<char>(stream)), {});
  };
  const test::Outcome outcome = run(with_signature("return 0;"), "--signature " + file);
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_EQ(text(), expected);
  // Also of a program that fails, traps or hangs: never the signature of an earlier run.
  test::write_text(file, "stale\n");
  EXPECT_EQ(run(with_signature("return 3;"), "--signature " + file).exit, 3);
  EXPECT_EQ(text(), expected);
  test::write_text(file, "stale\n");
  EXPECT_EQ(run(with_signature("__asm__ volatile(\"fence\\n ebreak\"); return 0;"), "--signature " + file).exit, 3);
  EXPECT_EQ(text(), expected);
  test::write_text(file, "stale\n");
  EXPECT_EQ(
      run(with_signature("while (second == 7) {} return 0;"), "--watchdog 20000 --threads 1 --signature " + file).exit,
      4);
  EXPECT_EQ(text(), expected);
}

TEST_P(Run, MultipliesMatricesOfFiles) {
  // A counts, B is the identity: C is A.
  NpyArray a{'i', 4, {3, 5}, std::vector<std::byte>(60)};
  for (std::size_t i = 0; i < 15; ++i) a.data[4 * i] = static_cast<std::byte>(i);
  NpyArray b{'f', 2, {5, 5}, std::vector<std::byte>(50)};
  for (std::size_t i = 0; i < 5; ++i) b.data[2 * (6 * i) + 1] = std::byte{0x3C};
  const std::string base = (directory_ / "").string();
  write_npy(base + "a.npy", a);
  write_npy(base + "b.npy", b);
  const std::string options =
      std::string(" --format bf16 --json ") + GetParam() + " --a " + base + "a.npy --b " + base + "b.npy";
  const test::Outcome outcome =
      test::tatami("matmul" + options + " --out " + base + "c.npy --out-codes " + base + "codes.npy");
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  const auto json = outcome.json();
  EXPECT_EQ(json["status"], "pass");
  EXPECT_EQ(json["compared"], 15);
  EXPECT_EQ(json["mismatches"], 0);
  EXPECT_EQ(json["m"], 3);
  EXPECT_EQ(json["n"], 5);
  EXPECT_EQ(json["k"], 5);
  const NpyArray c = read_npy(base + "c.npy");
  EXPECT_EQ(c.shape, (std::vector<std::size_t>{3, 5}));
  for (std::size_t i = 0; i < 15; ++i) EXPECT_EQ(c.value(i), static_cast<double>(i));
  EXPECT_EQ(read_npy(base + "codes.npy").dtype(), "uint32");
}

TEST_P(Run, MultipliesTransposedMatrices) {
  const std::string base = (directory_ / "").string();
  constexpr std::size_t kM = 20, kN = 45, kK = 37;
  // Small numbers whose products tell rows and columns apart, and their transposes.
  const auto write = [&](const std::string& name, std::size_t rows, std::size_t columns, std::size_t step) {
    NpyArray plain{'i', 1, {rows, columns}, std::vector<std::byte>(rows * columns)};
    NpyArray turned{'i', 1, {columns, rows}, std::vector<std::byte>(rows * columns)};
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) {
        const auto value = static_cast<std::byte>((i * step + j * j) % 11);
        plain.data[i * columns + j] = turned.data[j * rows + i] = value;
      }
    }
    write_npy(base + name + ".npy", plain);
    write_npy(base + name + "t.npy", turned);
  };
  write("a", kM, kK, 5);
  write("b", kK, kN, 3);
  const std::string first = base + "first.npy", second = base + "second.npy";
  const auto product = [&](const std::string& a, const std::string& b, const std::string& more,
                           const std::string& out) {
    return test::tatami(std::string("matmul --json --check result --format bf16 ") + GetParam() + " --a " + base + a +
                        ".npy --b " + base + b + ".npy --out " + out + more);
  };
  EXPECT_EQ(product("a", "b", "", first).exit, 0);
  const NpyArray expected = read_npy(first);
  for (const char* where : {"", " --operands edge", " --nodes 2x1", " --nodes 2x1 --operands edge"}) {
    for (const auto& [a, b, flags] : {std::tuple{"at", "b", " --transpose-a"},
                                      {"a", "bt", " --transpose-b"},
                                      {"at", "bt", " --transpose-a --transpose-b"}}) {
      const test::Outcome outcome = product(a, b, std::string(flags) + where, second);
      EXPECT_EQ(outcome.exit, 0) << where << flags << outcome.err;
      const auto json = outcome.json();
      EXPECT_EQ(json["m"], kM);
      EXPECT_EQ(json["k"], kK);
      EXPECT_EQ(json["compared"], kM * kN);
      EXPECT_EQ(json["transpose_a"], a[1] != 0);
      EXPECT_EQ(json["transpose_b"], b[1] != 0);
      EXPECT_EQ(json["transposed_by"], *where == 0 ? "loads" : "host");
      EXPECT_EQ(read_npy(second).data, expected.data) << where << flags;
    }
  }
  // What is stored decides what the dimensions are.
  const test::Outcome refused = product("at", "b", "", second);
  EXPECT_EQ(refused.exit, 2);
  EXPECT_THAT(refused.err, HasSubstr("A's columns (20) must equal B's rows (37)"));
}

TEST_P(Run, ReportsAMatmul) {
  const test::Outcome text = test::tatami(std::string("matmul --size 16 ") + GetParam());
  EXPECT_EQ(text.exit, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("PASS"));
  const auto json = test::tatami(std::string("matmul --size 16 --json --check result ") + GetParam()).json();
  for (const char* key : {"status",
                          "kernel",
                          "format_a",
                          "format_b",
                          "format_out",
                          "m",
                          "n",
                          "k",
                          "nodes",
                          "threads",
                          "seed",
                          "cycles",
                          "instructions",
                          "macs",
                          "peak_macs_per_cycle",
                          "peak_fraction",
                          "compared",
                          "mismatches",
                          "max_rel_err_fp64",
                          "host_seconds",
                          "cycles_per_second",
                          "macs_per_second",
                          "golden_macs_per_second",
                          "check"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  // A product that was not finished has no rate.
  const auto cut = test::tatami(std::string("matmul --size 32 --json --max-cycles 100 ") + GetParam());
  EXPECT_EQ(cut.exit, 4);
  EXPECT_TRUE(cut.json()["peak_fraction"].is_null());
  EXPECT_EQ(cut.json()["macs_per_second"], 0.0);
  // Nothing compared, nothing passed.
  const auto unchecked = test::tatami(std::string("matmul --size 16 --json --check none ") + GetParam()).json();
  EXPECT_EQ(unchecked["status"], "unchecked");
}

TEST_P(Run, StreamsMatricesThatDoNotFit) {
  const auto small = test::tatami(std::string("matmul --size 32 --json ") + GetParam()).json();
  EXPECT_EQ(small["operands"], "resident");
  EXPECT_FALSE(small.contains("edge_bound_cycles"));
  const std::string options =
      std::string("matmul -m 17 -n 600 -k 1100 --format bf16 --edge-bandwidth 32 ") + GetParam();
  const test::Outcome outcome = test::tatami(options + " --check result --json");
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  const auto json = outcome.json();
  EXPECT_EQ(json["operands"], "edge");
  EXPECT_EQ(json["kernel"], "matmul_stream");
  EXPECT_EQ(json["status"], "pass");
  EXPECT_EQ(json["compared"], 17 * 600);
  EXPECT_EQ(json["edge_bandwidth"], 32);
  EXPECT_GT(json["edge_busiest_port_bytes"], 550 * 600 * 2);  // half of B
  EXPECT_EQ(json["edge_bound_cycles"], (json["edge_busiest_port_bytes"].get<unsigned>() + 31) / 32);
  const test::Outcome text = test::tatami(options + " --check result --pieces 32x64x1120");
  EXPECT_EQ(text.exit, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("in edge memory   pieces of 32x64 outputs a node, slices of 1120"));
}

TEST_P(Run, CompilesWithOptionsAtO0) {
  const std::string source = (directory_ / "k.c").string();
  test::write_text(
      source,
      "#include <tatami.h>\nint main(int thread, int nthreads) { return N - 4 + (thread < nthreads ? 0 : 1); }\n");
  const std::string elf = (directory_ / "k.elf").string();
  EXPECT_EQ(test::tatami("cc -O0 -DN=4 " + source + " -o " + elf).exit, 0);
  EXPECT_EQ(test::tatami("run " + elf + " " + GetParam()).exit, 0);
}

INSTANTIATE_TEST_SUITE_P(Devices, Run, testing::Values("--golden", ""),
                         [](const auto& device) { return std::string(device.param).empty() ? "rtl" : "golden"; });

}  // namespace
}  // namespace tatami
