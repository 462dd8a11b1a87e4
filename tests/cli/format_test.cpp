// needs: tatami
// `tatami format` against what is known without the model that it prints: the whitepaper's tables, C's own floats,
// values worked out by hand.
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

nlohmann::json format(const std::string& arguments) {
  const test::Outcome outcome = test::tatami("format " + arguments + " --json");
  EXPECT_EQ(outcome.exit, 0) << arguments << ": " << outcome.err;
  return outcome.json();
}

double number(const nlohmann::json& text) { return std::strtod(text.get<std::string>().c_str(), nullptr); }

/// Code, value and flags of the results, as one line each.
std::vector<std::string> results(const std::string& arguments) {
  std::vector<std::string> lines;
  const nlohmann::json json = format(arguments);
  for (const auto& result : json["results"]) {
    std::string line = result["code"].get<std::string>() + " " + result["value"].get<std::string>();
    for (const auto& flag : result["flags"]) line += " " + flag.get<std::string>();
    lines.push_back(line);
  }
  return lines;
}

using Lines = std::vector<std::string>;

TEST(Format, RangesAreTheWhitepapers) {
  // Tables 4 and 5: biases 0 and 63.
  struct Row {
    const char* arguments;
    double least, most;
  };
  for (const Row& row : {Row{"cfloat8_1_4_3 --bias 0", std::ldexp(1.0, 1), std::ldexp(1.875, 15)},
                         Row{"cfloat8_1_4_3 --bias 63", std::ldexp(1.0, -62), std::ldexp(1.875, -48)},
                         Row{"cfloat8_1_5_2 --bias 0", std::ldexp(1.0, 1), std::ldexp(1.75, 31)},
                         Row{"cfloat8_1_5_2 --bias 63", std::ldexp(1.0, -62), std::ldexp(1.75, -32)},
                         Row{"shp --bias 0", 2.0, std::ldexp(2 - std::ldexp(1.0, -10), 31)},
                         Row{"uhp", std::ldexp(1.0, -30), std::ldexp(2 - std::ldexp(1.0, -10), 31)},
                         Row{"fp32", 0x1p-126, 0x1.fffffep127}, Row{"bf16", 0x1p-126, 0x1.fep127}}) {
    const auto about = format(row.arguments)["format"];
    EXPECT_EQ(number(about["smallest_normal"]), row.least) << row.arguments;
    EXPECT_EQ(number(about["largest"]), row.most) << row.arguments;
    EXPECT_EQ(about["largest_decimal"], row.most) << row.arguments;
  }
}

TEST(Format, SubnormalsAndTheHole) {
  const auto printed = format("cfloat8_1_4_3 --bias 7")["format"];
  EXPECT_EQ(printed["smallest_subnormal"], "0x1p-10");  // 2^-7 / 8
  EXPECT_EQ(printed["largest_subnormal"], "0x1.cp-8");  // 2^-7 * 7/8
  EXPECT_EQ(printed["hole"]["from"], "0x1.cp-8");
  EXPECT_EQ(printed["hole"]["to"], "0x1p-6");
  EXPECT_EQ(printed["hole"]["steps_decimal"], 4.5);  // (2^-6 - 7 * 2^-10) / 2^-9
  const auto gradual = format("cfloat8_1_4_3 --bias 7 --subnormals gradual")["format"];
  EXPECT_EQ(gradual["smallest_subnormal"], "0x1p-9");
  EXPECT_TRUE(gradual["hole"].is_null());
  EXPECT_THAT(test::tatami("format cfloat8_1_4_3 --bias 7").out, HasSubstr("0.0068359375 and 0.015625: 4.5 steps"));
  EXPECT_EQ(format("uhp")["format"]["subnormals"], "flushed");
  EXPECT_EQ(format("fp32")["format"]["smallest_subnormal"], "0x1p-149");
}

TEST(Format, TablesFollowTheFormula) {
  const auto codes = format("cfloat8_1_4_3 --bias 7 --table")["codes"];
  ASSERT_EQ(codes.size(), 256U);
  for (int code = 0; code < 256; ++code) {
    const int e = code >> 3 & 15, m = code & 7;
    const double magnitude = e == 0 ? std::ldexp(m / 8.0, -7) : std::ldexp(1 + m / 8.0, e - 7);
    const auto& entry = codes[static_cast<std::size_t>(code)];
    ASSERT_EQ(std::stoi(entry["code"].get<std::string>(), nullptr, 16), code);
    ASSERT_EQ(number(entry["value"]), code < 128 ? magnitude : -magnitude);
    ASSERT_EQ(entry["decimal"], code < 128 ? magnitude : -magnitude);
  }
  EXPECT_EQ(codes[0]["value"], "0x0p+0");
  EXPECT_EQ(codes[128]["value"], "-0x0p+0");
  EXPECT_EQ(codes[0x5a]["code"], "0x5a");
  EXPECT_EQ(codes[0x5a]["value"], "0x1.4p+4");  // e 11, m 2: 2^4 * 1.25
  EXPECT_EQ(codes[3]["class"], "subnormal");
  EXPECT_EQ(format("1_5_2 --bias 15 --subnormals gradual --table")["codes"][1]["value"], "0x1p-16");
}

TEST(Format, TablesOfSixteenBits) {
  const auto codes = format("bf16 --table")["codes"];
  ASSERT_EQ(codes.size(), 65536U);
  for (std::uint32_t code = 0; code < 65536; ++code) {
    const auto value = static_cast<double>(std::bit_cast<float>(code << 16));
    if (std::isnan(value)) {
      ASSERT_EQ(codes[code]["value"], "nan");
      ASSERT_TRUE(codes[code]["decimal"].is_null());
    } else {
      ASSERT_EQ(number(codes[code]["value"]), value);
    }
  }
  EXPECT_EQ(codes[0x7f80]["value"], "inf");
  EXPECT_EQ(codes[0xff80]["value"], "-inf");
  EXPECT_EQ(codes[0x3f80]["code"], "0x3f80");
}

TEST(Format, EncodesNumbersHoweverWritten) {
  EXPECT_EQ(results("cfloat8_1_4_3 --bias 7 --encode 3.14 -3.14 -0x1.8p-3 1e-9 -.5 inf -inf nan 1e400 -0"),
            (Lines{"0x45 0x1.ap+1", "0xc5 -0x1.ap+1", "0xa4 -0x1.8p-3", "0x00 0x0p+0 underflow", "0xb0 -0x1p-1",
                   "0x7f 0x1.ep+8 invalid", "0xff -0x1.ep+8 invalid", "0x7f 0x1.ep+8 invalid", "0x7f 0x1.ep+8 overflow",
                   "0x80 -0x0p+0"}));
  EXPECT_EQ(results("fp32 --encode inf -inf nan 1e-46"),
            (Lines{"0x7f800000 inf", "0xff800000 -inf", "0x7fc00000 nan", "0x00000000 0x0p+0 underflow"}));
  // The format's name may follow the numbers.
  EXPECT_EQ(results("--encode -1 -2 bf16"), (Lines{"0xbf80 -0x1p+0", "0xc000 -0x1p+1"}));
}

TEST(Format, EncodesFp32AsTheHost) {
  for (const char* text : {"3.14", "-0.1", "16777217", "1.00000005960464477539", "3.4028235677973366e38",
                           "1.401298464324817e-45", "7.006492321624085354618e-46", "1e-40"}) {
    const float value = std::strtof(text, nullptr);
    char code[16];
    std::snprintf(code, sizeof code, "0x%08x", std::bit_cast<std::uint32_t>(value));
    EXPECT_EQ(format(std::string("fp32 --encode ") + text)["results"][0]["code"], code) << text;
  }
}

TEST(Format, RoundsOnceUnlessTold) {
  // Just above the tie between 1 and 1 + 2^-7 by less than a double shows: exact rounds up, a double loses the
  // difference.
  const std::string text = "1.003906250000000000000000000001";
  EXPECT_EQ(results("bf16 --encode " + text), Lines{"0x3f81 0x1.02p+0"});
  EXPECT_EQ(results("bf16 --from double --encode " + text), Lines{"0x3f80 0x1p+0"});
  EXPECT_EQ(results("bf16 --from fp32 --encode 1.00390625001"), Lines{"0x3f80 0x1p+0"});
  EXPECT_EQ(results("bf16 --from double --encode 1.00390625001"), Lines{"0x3f81 0x1.02p+0"});
  // The source's own subnormal encodings raise Denormal; bf16's largest is far beyond 1_4_3.
  EXPECT_EQ(results("bf16 --from fp32 --encode 1e-40"), Lines{"0x0001 0x1p-133 denormal underflow"});
  EXPECT_EQ(results("1_4_3 --bias 7 --from 1_5_2 --bias-from 15 --encode 3.1 1e9"),
            (Lines{"0x44 0x1.8p+1", "0x7f 0x1.ep+8 overflow"}));
}

TEST(Format, ReadsSubnormalsBothWays) {
  // 0.75 of the least normal, bias 7: in the hole of `printed`, above its middle (0.71875); a value of `gradual`.
  EXPECT_EQ(results("1_4_3 --bias 7 --encode 0x1.8p-7"), Lines{"0x08 0x1p-6 underflow"});
  EXPECT_EQ(results("1_4_3 --bias 7 --subnormals gradual --encode 0x1.8p-7"), Lines{"0x06 0x1.8p-7"});
  EXPECT_EQ(results("1_4_3 --bias 7 --decode 0x06 0x5a"), (Lines{"0x06 0x1.8p-8 denormal", "0x5a 0x1.4p+4"}));
  EXPECT_EQ(results("1_4_3 --bias 7 --subnormals gradual --decode 6"), Lines{"0x06 0x1.8p-7 denormal"});
}

TEST(Format, RoundsStochasticallyAtTheThreshold) {
  // A quarter of the way from 1 to 1.125: up exactly for R < 0x4000.
  const std::string at = "1_4_3 --bias 7 --round stochastic --encode 1.03125 --random-bits ";
  EXPECT_EQ(results(at + "0x3fff"), Lines{"0x39 0x1.2p+0"});
  EXPECT_EQ(results(at + "0x4000"), Lines{"0x38 0x1p+0"});
  EXPECT_EQ(results(at + "0"), Lines{"0x39 0x1.2p+0"});
  // The seed decides, the same way each time; the list draws one number after the other from --index on.
  const std::string many = "1_4_3 --bias 7 --round stochastic --seed 5 --encode 1.06 1.06 1.06 1.06 1.06 1.06";
  const auto all = format(many)["results"];
  EXPECT_EQ(format(many)["results"], all);
  EXPECT_EQ(format("1_4_3 --bias 7 --round stochastic --seed 5 --index 4 --encode 1.06")["results"][0]["random_bits"],
            all[4]["random_bits"]);
  EXPECT_NE(all[0]["random_bits"], all[1]["random_bits"]);
}

class FormatFiles : public testing::Test {
 protected:
  std::string npy(const std::string& name, const std::vector<double>& values) const {
    NpyArray array{'f', 8, {values.size()}, std::vector<std::byte>(values.size() * 8)};
    std::memcpy(array.data.data(), values.data(), array.data.size());
    write_npy(directory_ / name, array);
    return (directory_ / name).string();
  }
  test::TemporaryDirectory directory_;
};

TEST_F(FormatFiles, ComparesOnAFile) {
  // 1_5_2 with bias 15: 1.125 -> 1 (a tie, to even), 3 exactly, 2^-20 -> 0, 1e9 clamped to 114688, -Inf left out.
  const std::string file = npy("x.npy", {1.125, 3, 0x1p-20, 1e9, 0, -INFINITY});
  const auto json = format("--compare 1_5_2,bf16 " + file);
  EXPECT_EQ(json["elements"], 6);
  EXPECT_EQ(json["finite"], 5);
  const auto& e = json["results"][0];
  EXPECT_EQ(e["bias"], 15);
  EXPECT_EQ(number(e["max_abs_error"]), 1e9 - 114688);
  EXPECT_DOUBLE_EQ(number(e["mean_abs_error"]), (0.125 + 0x1p-20 + 1e9 - 114688) / 5);
  EXPECT_EQ(number(e["max_rel_error"]), 1);
  EXPECT_DOUBLE_EQ(number(e["mean_rel_error"]), (0.125 / 1.125 + 1 + (1e9 - 114688) / 1e9) / 4);
  EXPECT_EQ(e["clamped"], 1);
  EXPECT_EQ(e["flushed"], 1);
  EXPECT_EQ(number(e["share_clamped"]), 0.2);
  EXPECT_EQ(json["results"][1]["format"], "bf16");
  EXPECT_TRUE(json["results"][1]["best_bias"].is_null());
  EXPECT_EQ(json["results"][1]["clamped"], 0);
}

TEST_F(FormatFiles, FindsTheBestBias) {
  // Powers of two from 2^-20 to 2^-6 are normals of 1_4_3 for bias 21 only: [2^(1-b), 2^(15-b)].
  std::vector<double> values;
  for (int e = -20; e <= -6; ++e) values.push_back(std::ldexp(1.0, e));
  const std::string file = npy("x.npy", values);
  for (const char* by : {"relative", "absolute"}) {
    const auto json = format("cfloat8_1_4_3:3 --best-by " + std::string(by) + " --compare " + file);
    const auto& entry = json["results"][0];
    EXPECT_EQ(entry["bias"], 3);
    EXPECT_GT(number(entry["mean_rel_error"]), 0.5);
    EXPECT_EQ(entry["best_bias"], 21);
    EXPECT_EQ(entry["best"]["mean_rel_error"], "0x0p+0");
  }
  EXPECT_THAT(test::tatami("format --compare cfloat8_1_4_3,uhp " + file).out, HasSubstr("best bias 21"));
}

TEST_F(FormatFiles, LeavesOutWhatHasNoValue) {
  const auto json = format("--compare uhp " + npy("x.npy", {-1, 2}));
  EXPECT_EQ(json["results"][0]["invalid"], 1);
  EXPECT_EQ(json["results"][0]["mean_abs_error"], "0x0p+0");
}

TEST_F(FormatFiles, Draws) {
  const std::string density = (directory_ / "density.svg").string(), error = (directory_ / "error.svg").string();
  const test::Outcome outcome =
      test::tatami("format --compare cfloat8_1_4_3:7,bf16 --plot-density " + density + " --plot-error " + error);
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  for (const std::string& path : {density, error}) {
    std::ifstream stream(path);
    const std::string text((std::istreambuf_iterator<char>(stream)), {});
    EXPECT_THAT(text, testing::StartsWith("<svg"));
    EXPECT_THAT(text, HasSubstr("cfloat8_1_4_3 bias 7"));
    EXPECT_THAT(text, HasSubstr("log2 of the magnitude"));
    EXPECT_THAT(text, HasSubstr("</svg>"));
    EXPECT_THAT(text, testing::Not(HasSubstr("nan")));
    if (path == density) {
      EXPECT_THAT(text, HasSubstr(">8<"));  // of 1_4_3
      EXPECT_THAT(text, HasSubstr(">128<"));
    }
  }
}

void expect_refused(const std::string& arguments, const std::string& message) {
  const test::Outcome outcome = test::tatami("format " + arguments + " --json");
  EXPECT_EQ(outcome.exit, 2) << arguments;
  EXPECT_EQ(outcome.json()["status"], "error") << arguments;
  EXPECT_THAT(outcome.json()["message"].get<std::string>(), HasSubstr(message)) << arguments;
}

TEST_F(FormatFiles, RefusesBadInput) {
  expect_refused("fp8", "expected one of fp32, bf16, cfloat8_1_4_3, cfloat8_1_5_2, shp, uhp");
  expect_refused("cfloat8_1_4_3 --bias 64", "--bias 64: a bias is 0..63");
  expect_refused("cfloat8_1_4_3:64 --encode 1", "expected a whole number 0..0x3f");
  expect_refused("bf16:3", "fixed");
  expect_refused("fp32 --table", "8 and 16 bits");
  expect_refused("bf16 --encode 3.14x", "--encode 3.14x: not a number");
  expect_refused("bf16 --encode ' 3'", "not a number");
  expect_refused("bf16 --from fp16 --encode 1", "--from fp16: unknown format");
  expect_refused("bf16 --bias-from 3 --encode 1", "--bias-from 3");
  expect_refused("1_4_3 --random-bits 1 --encode 1", "add --round stochastic");
  expect_refused("1_4_3 --round stochastic --random-bits 0x10000 --encode 1", "--random-bits 0x10000");
  expect_refused("1_4_3 --seed -1 --encode 1", "--seed");
  expect_refused("1_4_3 --decode 5g", "a code of cfloat8_1_4_3: 5g");
  expect_refused("--table", "name the format");
  expect_refused("--compare bf16", "name a .npy file");
  expect_refused("--compare bf16 absent.npy", "absent.npy: cannot open");
  expect_refused("--compare bf16 a.npy b.npy", "one file");
  expect_refused("--compare bf16 " + npy("nan.npy", {NAN}), "no finite number");
  expect_refused("bf16 --plot-error " + (directory_ / "none" / "x.svg").string(), "cannot write");
}

}  // namespace
}  // namespace tatami
