// needs: tatami
// `tatami convert`: files through the RTL's converters. Values worked out by hand or by C's own floats, not by the
// golden model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "cli/program.h"
#include "host/npy.h"

namespace tatami {
namespace {

using testing::HasSubstr;

class Convert : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (directory_ / name).string(); }

  template <typename T>
  void write(const std::string& name, std::vector<std::size_t> shape, const std::vector<T>& values) const {
    NpyArray array{std::is_floating_point_v<T> ? 'f' : 'u', sizeof(T), std::move(shape), {}};
    array.data.resize(array.size() * sizeof(T));
    ASSERT_EQ(array.size(), values.size());
    if (!values.empty()) std::memcpy(array.data.data(), values.data(), array.data.size());
    write_npy(path(name), array);
  }

  /// Converts in.npy to out.npy.
  nlohmann::json convert(const std::string& options, int exit = 0) const {
    const test::Outcome outcome =
        test::tatami("convert " + path("in.npy") + " " + path("out.npy") + " --json " + options);
    EXPECT_EQ(outcome.exit, exit) << options << ": " << outcome.err;
    return outcome.json();
  }

  std::vector<std::uint32_t> codes() const {
    const NpyArray out = read_npy(path("out.npy"));
    std::vector<std::uint32_t> all(out.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint32_t>(out.code(i));
    return all;
  }

  test::TemporaryDirectory directory_;
};

using Codes = std::vector<std::uint32_t>;

TEST_F(Convert, RoundsClampsAndFlushes) {
  write<float>("in.npy", {2, 2, 2}, {1.0F, -3.14F, 1.0625F, 1.1875F, 1e9F, -INFINITY, 1e-9F, -0.0F});
  const auto json = convert("--from fp32 --to cfloat8_1_4_3 --bias 7 --check");
  // Ties at 1.0625 and 1.1875 go to the even codes 0x38 and 0x3a.
  EXPECT_EQ(codes(), (Codes{0x38, 0xc5, 0x38, 0x3a, 0x7f, 0xff, 0x00, 0x80}));
  EXPECT_EQ(json["status"], "pass");
  EXPECT_EQ(json["compared"], 8);
  EXPECT_EQ(json["mismatches"], 0);
  EXPECT_EQ(json["flags"], (nlohmann::json{"invalid", "overflow", "underflow"}));
  const NpyArray out = read_npy(path("out.npy"));
  EXPECT_EQ(out.dtype(), "uint8");
  EXPECT_EQ(out.shape, (std::vector<std::size_t>{2, 2, 2}));
}

TEST_F(Convert, EverySizeAndDirection) {
  // bf16 and fp32 hold each other's values as the host does; a size of every remainder of a register, and some of
  // several batches.
  for (const std::size_t n : {1U, 15U, 16U, 17U, 31U, 32U, 33U, 63U, 65U, 1000U, 140000U}) {
    std::vector<std::uint16_t> in(n);
    for (std::size_t i = 0; i < n; ++i) in[i] = static_cast<std::uint16_t>(0x3c00 + i * 7 % 0x300);
    write("in.npy", {n}, in);
    const auto json = convert("--from bf16 --to fp32");
    EXPECT_EQ(json["instructions"], (n + 15) / 16);
    Codes want(n);
    for (std::size_t i = 0; i < n; ++i) want[i] = std::uint32_t{in[i]} << 16;
    ASSERT_EQ(codes(), want) << n;
    EXPECT_EQ(read_npy(path("out.npy")).dtype(), "float32");
    std::filesystem::rename(path("out.npy"), path("in.npy"));
    convert("--from fp32 --to bf16");
    ASSERT_EQ(codes(), Codes(in.begin(), in.end())) << n;
  }
}

TEST_F(Convert, EveryFormatThereAndBack) {
  // Every code of the 8-bit formats survives a wider format; bias 20 keeps all of them within shp.
  std::vector<std::uint8_t> all(256);
  for (std::size_t i = 0; i < 256; ++i) all[i] = static_cast<std::uint8_t>(i);
  for (const char* narrow : {"cfloat8_1_4_3", "cfloat8_1_5_2"}) {
    for (const char* wide : {"fp32", "bf16", "shp"}) {
      const std::string there = std::string("--bias 20 --subnormals gradual --from ") + narrow + " --to " + wide;
      write("in.npy", {256}, all);
      convert(there);
      std::filesystem::rename(path("out.npy"), path("in.npy"));
      convert(std::string("--bias 20 --subnormals gradual --from ") + wide + " --to " + narrow);
      EXPECT_EQ(codes(), Codes(all.begin(), all.end())) << there;
    }
  }
}

TEST_F(Convert, TakesABiasForEachSide) {
  write<std::uint8_t>("in.npy", {3}, {0x38, 0x40, 0xb8});  // 1, 2, -1 with bias 7
  convert("--from 1_4_3 --to 1_4_3 --bias-from 7 --bias-to 9");
  EXPECT_EQ(codes(), (Codes{0x48, 0x50, 0xc8}));
  convert("--from 1_4_3 --bias 7 --to uhp");  // 1 is 2^(31 - 31)
  EXPECT_EQ(codes(), (Codes{0x7c00, 0x8000, 0xfe00}));
}

TEST_F(Convert, StochasticRoundingIsFairAndRepeats) {
  const std::vector<float> in(10000, 1.03125F);  // a quarter of the way from 1 to 1.125
  write("in.npy", {100, 100}, in);
  const std::string options = "--from fp32 --to 1_4_3 --bias 7 --round stochastic --seed ";
  convert(options + "3");
  const Codes three = codes();
  const auto up = std::count(three.begin(), three.end(), 0x39U);
  EXPECT_EQ(up + std::count(three.begin(), three.end(), 0x38U), 10000);
  EXPECT_NEAR(static_cast<double>(up), 2500, 5 * std::sqrt(10000 * 0.25 * 0.75));
  convert(options + "3");
  EXPECT_EQ(codes(), three);
  convert(options + "4");
  EXPECT_NE(codes(), three);
  // More than a batch of instructions: each element keeps its index, which --check knows.
  write("in.npy", {140000}, std::vector<float>(140000, 1.03125F));
  EXPECT_EQ(convert(options + "3")["compared"], 140000);
  const Codes many = codes();
  EXPECT_TRUE(std::equal(three.begin(), three.end(), many.begin()));
  EXPECT_NE(Codes(many.begin() + 65536, many.end()), Codes(many.begin(), many.end() - 65536)) << "does not repeat";
}

TEST_F(Convert, TakesTheRandomBits) {
  // A quarter of the way up: the numbers below 0x4000 round up, the others do not. In the hole of `printed`, 2^-7 is
  // one ninth of the way from 0x07 to 0x08: up to 0x1c71.
  write<float>("in.npy", {5}, {1.03125F, -1.03125F, 0x1p-7F, 1.0F, 1e9F});
  const std::string options = "--from fp32 --to 1_4_3 --bias 7 --round stochastic --random-bits ";
  EXPECT_EQ(convert(options + "0x3fff")["compared"], 5);
  EXPECT_EQ(codes(), (Codes{0x39, 0xb9, 0x07, 0x38, 0x7f}));
  convert(options + "16384");
  EXPECT_EQ(codes(), (Codes{0x38, 0xb8, 0x07, 0x38, 0x7f}));
  convert(options + "0x1c71");
  EXPECT_EQ(codes(), (Codes{0x39, 0xb9, 0x08, 0x38, 0x7f}));
  convert(options + "0x1c72 --seed 5");
  EXPECT_EQ(codes(), (Codes{0x39, 0xb9, 0x07, 0x38, 0x7f}));
}

TEST_F(Convert, SaysWhatWasNotCompared) {
  write<float>("in.npy", {2}, {1, 2});
  EXPECT_EQ(convert("--from fp32 --to bf16 --no-check")["status"], "unchecked");
  write<float>("in.npy", {0, 3}, {});
  EXPECT_EQ(convert("--from fp32 --to bf16")["status"], "unchecked");
  EXPECT_EQ(read_npy(path("out.npy")).shape, (std::vector<std::size_t>{0, 3}));
  write<float>("in.npy", {}, {2});
  convert("--from fp32 --to bf16");
  EXPECT_EQ(codes(), Codes{0x4000});
  EXPECT_THAT(test::tatami("convert " + path("in.npy") + " " + path("out.npy") + " --from fp32 --to bf16").out,
              HasSubstr("PASS"));
}

TEST_F(Convert, RefusesBadInput) {
  write<float>("in.npy", {2}, {1, 2});
  write<std::uint16_t>("wide.npy", {2}, {1, 2});
  const auto refused = [&](const std::string& arguments, const std::string& message) {
    const test::Outcome outcome = test::tatami("convert " + arguments + " --json");
    EXPECT_EQ(outcome.exit, 2) << arguments;
    EXPECT_EQ(outcome.json()["status"], "error");
    EXPECT_THAT(outcome.json()["message"].get<std::string>(), HasSubstr(message)) << arguments;
  };
  const std::string in = path("in.npy") + " " + path("out.npy");
  refused(in + " --from bf16 --to fp32", "has dtype float32, expected uint16");
  refused(path("wide.npy") + " " + path("out.npy") + " --from fp32 --to bf16", "has dtype uint16, expected float32");
  refused(path("wide.npy") + " " + path("out.npy") + " --from 1_4_3 --to bf16", "has dtype uint16, expected uint8");
  refused(in + " --from fp32 --to fp8", "--to fp8: unknown format");
  refused(in + " --from fp32 --to 1_4_3 --bias 64", "--bias 64: a bias is 0..63");
  refused(in + " --from fp32 --to bf16 --bias-to 3", "the bias of bf16 is fixed");
  refused(in + " --from fp32", "--to");
  refused(in + " --from fp32 --to bf16 --round up", "--round");
  refused(in + " --from fp32 --to bf16 --seed x", "--seed x");
  refused(in + " --from fp32 --to bf16 --random-bits 7", "--random-bits 7: only stochastic rounding");
  refused(in + " --from fp32 --to bf16 --round stochastic --random-bits 65536", "--random-bits 65536");
  refused(path("absent.npy") + " x.npy --from fp32 --to bf16", "absent.npy: cannot open");
  refused(path("in.npy") + " " + path("none/out.npy") + " --from fp32 --to bf16", "cannot be written");
  refused(path("in.npy") + " --from fp32 --to bf16", "out");
}

}  // namespace
}  // namespace tatami
