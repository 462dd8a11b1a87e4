// The worked examples of docs/numerics.md: every line of its `examples` blocks is read and computed.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <utility>

#include "golden/convert.h"
#include "golden/fp32.h"
#include "golden/fused_sum.h"
#include "golden/threefry.h"

namespace tatami::golden {
namespace {

std::uint32_t code_of(const std::string& text) { return static_cast<std::uint32_t>(std::stoul(text, nullptr, 16)); }

std::string names(Flags flags) {
  std::string text;
  for (const auto& [flag, name] : {std::pair{kInvalid, "invalid"}, std::pair{kDenormal, "denormal"},
                                   std::pair{kOverflow, "overflow"}, std::pair{kUnderflow, "underflow"}})
    if ((flags & flag) != 0) text += (text.empty() ? "" : "+") + std::string(name);
  return text.empty() ? "none" : text;
}

struct Line {
  std::istringstream in;
  std::string word() {
    std::string w;
    EXPECT_TRUE(in >> w) << "the line is too short";
    return w;
  }
  double value() { return std::stod(word()); }
  Descriptor format(bool with_reading) {
    const auto kind = kind_from_name(word());
    EXPECT_TRUE(kind.has_value());
    const int bias = std::stoi(word());
    const bool gradual = with_reading && word() == "gradual";
    return {kind.value_or(Kind::fp32), bias, Rounding::nearest_even,
            gradual ? Subnormals::gradual : Subnormals::printed};
  }
};

void range(Line& line) {
  const Descriptor d = line.format(false);
  const Descriptor gradual(d.kind(), d.bias_field(), Rounding::nearest_even, Subnormals::gradual);
  EXPECT_EQ(largest(d), line.value());
  EXPECT_EQ(smallest_normal(d), line.value());
  EXPECT_EQ(smallest_positive(d), line.value());
  EXPECT_EQ(smallest_positive(gradual), line.value());
}

void decoding(Line& line) {
  const Descriptor d = line.format(true);
  const std::uint32_t code = code_of(line.word());
  EXPECT_EQ(to_double(code, d), line.value());
}

void encoding(Line& line) {
  Descriptor d = line.format(true);
  const std::string rounding = line.word();
  std::uint16_t random = 0;
  if (rounding != "nearest") {
    random = static_cast<std::uint16_t>(code_of(rounding));
    d = Descriptor(d.kind(), d.bias_field(), Rounding::stochastic, d.subnormals());
  }
  const Coded got = encode_double(line.value(), d, random);
  EXPECT_EQ(got.code, code_of(line.word()));
  EXPECT_EQ(names(got.flags), line.word());
}

void fused(Line& line) {
  const Descriptor da = line.format(false), db = line.format(false);
  const std::uint32_t acc = code_of(line.word());
  std::array<Unpacked, kGroup> a, b;
  for (std::size_t k = 0; k < kGroup; ++k) {
    const std::string product = line.word();
    const std::size_t star = product.find('*');
    ASSERT_NE(star, std::string::npos);
    a[k] = decode(code_of(product.substr(0, star)), da);
    b[k] = decode(code_of(product.substr(star + 1)), db);
  }
  const Lane got = fused_group(acc, a, da, b, db);
  EXPECT_EQ(got.bits, code_of(line.word()));
  EXPECT_EQ(names(got.flags), line.word());
}

void random_number(Line& line) {
  const std::uint64_t seed = std::stoull(line.word(), nullptr, 0), index = std::stoull(line.word(), nullptr, 0);
  EXPECT_EQ(random_bits(seed, index), code_of(line.word()));
}

void lane(Line& line) {
  using Word = std::uint32_t;
  static const std::map<std::string, std::pair<int, std::function<Lane(Word, Word, Word)>>> operations = {
      {"fadd", {2, [](Word a, Word b, Word) { return fadd(a, b); }}},
      {"fmul", {2, [](Word a, Word b, Word) { return fmul(a, b); }}},
      {"fma", {3, [](Word a, Word b, Word c) { return fma(a, b, c); }}},
      {"fmin", {2, [](Word a, Word b, Word) { return fmin(a, b); }}},
      {"fmax", {2, [](Word a, Word b, Word) { return fmax(a, b); }}},
      {"feq", {2, [](Word a, Word b, Word) { return feq(a, b); }}},
      {"flt", {2, [](Word a, Word b, Word) { return flt(a, b); }}},
      {"fcvt.w", {1, [](Word a, Word, Word) { return fcvt_w(a); }}},
      {"fcvt.wu", {1, [](Word a, Word, Word) { return fcvt_wu(a); }}},
      {"fcvt.w.rtz", {1, [](Word a, Word, Word) { return fcvt_w_rtz(a); }}},
      {"fcvt.s.w", {1, [](Word a, Word, Word) { return fcvt_s_w(a); }}},
      {"frec7", {1, [](Word a, Word, Word) { return frec7(a); }}},
      {"frsqrt7", {1, [](Word a, Word, Word) { return frsqrt7(a); }}}};
  const std::string name = line.word();
  const auto found = operations.find(name);
  ASSERT_NE(found, operations.end()) << name;
  std::array<Word, 3> operands{};
  for (int i = 0; i < found->second.first; ++i) operands[static_cast<std::size_t>(i)] = code_of(line.word());
  const Lane got = found->second.second(operands[0], operands[1], operands[2]);
  EXPECT_EQ(got.bits, code_of(line.word()));
  EXPECT_EQ(names(got.flags), line.word());
}

TEST(NumericsExamples, AreTrue) {
  std::ifstream file(TATAMI_SOURCE_DIR "/docs/numerics.md");
  ASSERT_TRUE(file) << "docs/numerics.md cannot be read";
  std::map<std::string, int> seen;
  bool inside = false;
  int number = 0;
  for (std::string text; std::getline(file, text);) {
    ++number;
    if (text.rfind("```", 0) == 0) {
      inside = text == "```examples";
      continue;
    }
    if (!inside) continue;
    SCOPED_TRACE("docs/numerics.md:" + std::to_string(number) + ": " + text);
    Line line{std::istringstream(text)};
    const std::string what = line.word();
    ++seen[what];
    if (what == "range")
      range(line);
    else if (what == "decode")
      decoding(line);
    else if (what == "encode")
      encoding(line);
    else if (what == "sum")
      fused(line);
    else if (what == "random")
      random_number(line);
    else if (what == "lane")
      lane(line);
    else
      ADD_FAILURE() << "unknown example";
    std::string rest;
    EXPECT_FALSE(line.in >> rest) << "left over: " << rest;
  }
  EXPECT_GE(seen["range"], 9);
  EXPECT_GE(seen["decode"], 8);
  EXPECT_GE(seen["encode"], 20);
  EXPECT_GE(seen["sum"], 7);
  EXPECT_GE(seen["random"], 4);
  EXPECT_GE(seen["lane"], 15);
}

}  // namespace
}  // namespace tatami::golden
