#include "golden/threefry.h"

#include <gtest/gtest.h>

#include <vector>

namespace tatami::golden {
namespace {

// Known-answer vectors published with Random123 (tests/kat_vectors): rounds, counter, key, result.
struct Known {
  int rounds;
  Words4 counter;
  Words4 key;
  Words4 result;
};

constexpr std::uint32_t kOnes = 0xFFFF'FFFF;
constexpr Words4 kZeros = {0, 0, 0, 0};
constexpr Words4 kAllOnes = {kOnes, kOnes, kOnes, kOnes};
constexpr Words4 kPiCounter = {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344};
constexpr Words4 kPiKey = {0xa4093822, 0x299f31d0, 0x082efa98, 0xec4e6c89};

const std::vector<Known> kVectors = {
    {13, kZeros, kZeros, {0x531c7e4f, 0x39491ee5, 0x2c855a92, 0x3d6abf9a}},
    {13, kAllOnes, kAllOnes, {0xc4189358, 0x1c9cc83a, 0xd5881c67, 0x6a0a89e0}},
    {13, kPiCounter, kPiKey, {0x4aa71d8f, 0x734738c2, 0x431fc6a8, 0xae6debf1}},
    {20, kZeros, kZeros, {0x9c6ca96a, 0xe17eae66, 0xfc10ecd4, 0x5256a7d8}},
    {20, kAllOnes, kAllOnes, {0x2a881696, 0x57012287, 0xf6c7446e, 0xa16a6732}},
    {20, kPiCounter, kPiKey, {0x59cd1dbb, 0xb8879579, 0x86b5d00c, 0xac8b6d84}},
    {72, kZeros, kZeros, {0x93171da6, 0x9220326d, 0xb392b7b1, 0xff58a002}},
    {72, kAllOnes, kAllOnes, {0x60743f3d, 0x9961e684, 0xaab21c34, 0x8c65fb7d}},
    {72, kPiCounter, kPiKey, {0x09930adf, 0x7f27bd55, 0x9ed68ce1, 0x97f803f6}},
};

TEST(Threefry, KnownAnswers) {
  for (const Known& k : kVectors)
    EXPECT_EQ(threefry4x32(k.counter, k.key, k.rounds), k.result) << k.rounds << " rounds";
}

// Round 12 has no key injection after it, so undoing it by hand ties our 12 rounds to the published 13.
TEST(Threefry, TwelveRoundsAreThePublishedThirteenLessOne) {
  for (const Known& k : kVectors) {
    if (k.rounds != 13) continue;
    Words4 x = k.result;  // round 12 is even, column 4: rotations 6 and 20
    x[1] = std::rotr(x[1] ^ x[0], 6);
    x[0] -= x[1];
    x[3] = std::rotr(x[3] ^ x[2], 20);
    x[2] -= x[3];
    EXPECT_EQ(threefry4x32(k.counter, k.key, kThreefryRounds), x);
  }
}

TEST(RandomBits, AreTheEightHalvesOfABlock) {
  const std::uint64_t seed = 0x0123'4567'89AB'CDEF;
  for (const std::uint64_t block : {std::uint64_t{0}, std::uint64_t{77}, (std::uint64_t{1} << 61) - 1}) {
    const Words4 words =
        threefry4x32({static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), 0, 0},
                     {0x89AB'CDEF, 0x0123'4567, 0, 0});
    for (std::uint64_t i = 0; i < 8; ++i) {
      const std::uint32_t word = words[i / 2];
      EXPECT_EQ(random_bits(seed, 8 * block + i), i % 2 == 0 ? word & 0xFFFF : word >> 16);
    }
  }
}

TEST(RandomBits, LookUniform) {
  constexpr int kDraws = 1 << 20;
  std::vector<int> bins(256);
  for (std::uint64_t n = 0; n < kDraws; ++n) ++bins[random_bits(1, n) >> 8];
  double chi2 = 0;
  const double expected = kDraws / 256.0;
  for (const int count : bins) chi2 += (count - expected) * (count - expected) / expected;
  EXPECT_GT(chi2, 170);  // 255 degrees of freedom: mean 255, standard deviation 22.6
  EXPECT_LT(chi2, 350);
}

}  // namespace
}  // namespace tatami::golden
