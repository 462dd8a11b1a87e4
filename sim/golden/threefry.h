// Threefry-4x32, the counter-based generator behind stochastic rounding (docs/numerics.md, section 3).
// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace tatami::golden {

using Words4 = std::array<std::uint32_t, 4>;

/// Rounds that the specification uses; other numbers serve published test vectors.
inline constexpr int kThreefryRounds = 12;

/// Threefry-4x32 of `counter` under `key`, with any number of rounds.
constexpr Words4 threefry4x32(Words4 counter, const Words4& key, int rounds = kThreefryRounds) {
  constexpr std::array<int, 8> a = {10, 11, 13, 23, 6, 17, 25, 18};
  constexpr std::array<int, 8> b = {26, 21, 27, 5, 20, 11, 10, 20};
  const std::array<std::uint32_t, 5> k = {key[0], key[1], key[2], key[3],
                                          0x1BD11BDAU ^ key[0] ^ key[1] ^ key[2] ^ key[3]};
  Words4 x = counter;
  for (std::size_t i = 0; i < 4; ++i) x[i] += k[i];
  for (int r = 0; r < rounds; ++r) {
    const std::size_t first = r % 2 == 0 ? 1 : 3;  // the partner of X0; X2 takes the other one
    const std::size_t second = 4 - first;
    const std::size_t column = static_cast<std::size_t>(r) % 8;
    x[0] += x[first];
    x[first] = std::rotl(x[first], a[column]) ^ x[0];
    x[2] += x[second];
    x[second] = std::rotl(x[second], b[column]) ^ x[2];
    if (r % 4 == 3) {
      const auto j = static_cast<std::uint32_t>(r + 1) / 4;
      for (std::size_t i = 0; i < 4; ++i) x[i] += k[(i + j) % 5];
      x[3] += j;
    }
  }
  return x;
}

/// R: the 16 random bits of element `index` under `seed`.
constexpr std::uint16_t random_bits(std::uint64_t seed, std::uint64_t index) {
  const std::uint64_t block = index >> 3;
  const Words4 words = threefry4x32({static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), 0, 0},
                                    {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32), 0, 0});
  return static_cast<std::uint16_t>(words[index % 8 / 2] >> (index % 2 * 16));
}

}  // namespace tatami::golden
