// sources: rtl/core/d1_core_pkg.sv rtl/core/d1_alu.sv
//
// ALU and branch comparison against C++, corner and random operands, every operation.
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "Vd1_alu.h"
#include "verilated.h"

namespace {

uint64_t extend(uint64_t x) { return static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(x))); }

/// Operation by its number in d1_core_pkg: funct3, plus 8 for SUB and SRA.
uint64_t expected(unsigned op, bool word, uint64_t a, uint64_t b) {
  if (word) {
    const auto w = static_cast<uint32_t>(a);
    const unsigned n = b & 31;
    switch (op) {
      case 0: return extend(a + b);
      case 8: return extend(a - b);
      case 1: return extend(w << n);
      case 5: return extend(w >> n);
      default: return extend(static_cast<uint64_t>(static_cast<int32_t>(w) >> n));
    }
  }
  const unsigned n = b & 63;
  const auto sa = static_cast<int64_t>(a), sb = static_cast<int64_t>(b);
  switch (op) {
    case 0: return a + b;
    case 8: return a - b;
    case 1: return a << n;
    case 2: return sa < sb;
    case 3: return a < b;
    case 4: return a ^ b;
    case 5: return a >> n;
    case 13: return static_cast<uint64_t>(sa >> n);
    case 6: return a | b;
    default: return a & b;
  }
}

bool branch(unsigned funct3, uint64_t a, uint64_t b) {
  const auto sa = static_cast<int64_t>(a), sb = static_cast<int64_t>(b);
  switch (funct3) {
    case 0: return a == b;
    case 1: return a != b;
    case 4: return sa < sb;
    case 5: return sa >= sb;
    case 6: return a < b;
    default: return a >= b;
  }
}

void check(Vd1_alu& top, uint64_t a, uint64_t b) {
  top.en_i = 1;
  top.a_i = a;
  top.b_i = b;
  const auto one = [&](unsigned op, bool word) {
    top.op_i = static_cast<uint8_t>(op);
    top.word_i = word;
    top.eval();
    ASSERT_EQ(top.res_o, expected(op, word, a, b))
        << "op " << op << (word ? " word " : " ") << std::hex << a << ' ' << b;
  };
  for (unsigned op : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 13U}) one(op, false);
  for (unsigned op : {0U, 1U, 5U, 8U, 13U}) one(op, true);
  for (unsigned funct3 : {0U, 1U, 4U, 5U, 6U, 7U}) {
    top.cmp_i = static_cast<uint8_t>(funct3);
    top.eval();
    ASSERT_EQ(top.cmp_o, branch(funct3, a, b)) << "branch " << funct3 << std::hex << ' ' << a << ' ' << b;
  }
}

TEST(Alu, CornersAndRandom) {
  Vd1_alu top;
  std::vector<uint64_t> values;
  for (unsigned i = 0; i < 64; ++i) {
    values.push_back(1ULL << i);
    values.push_back(~(1ULL << i));
    values.push_back((1ULL << i) - 1);
  }
  for (uint64_t a : values) {
    for (uint64_t b : values) check(top, a, b);
    if (HasFatalFailure()) return;
  }
  std::mt19937_64 random(1);
  for (int i = 0; i < 100000 && !HasFatalFailure(); ++i) {
    const uint64_t a = random() >> (random() % 64), b = random() % 4 == 0 ? a : random() >> (random() % 64);
    check(top, random() % 2 != 0 ? a : ~a, b);
  }
}

TEST(Alu, QuietWhileNotEnabled) {
  Vd1_alu top;
  top.en_i = 0;
  top.a_i = 5;
  top.b_i = 7;
  top.op_i = 0;
  top.word_i = 0;
  top.cmp_i = 1;
  top.eval();
  EXPECT_EQ(top.res_o, 0U);
  EXPECT_EQ(top.cmp_o, 0);
}

}  // namespace
