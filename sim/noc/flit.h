// One flit as the RTL's wires carry it: 640 bits, fields by the positions of docs/network.md.
#pragma once

#include <array>
#include <cstdint>

namespace tatami::noc {

struct Flit {
  std::array<std::uint32_t, 20> words{};

  bool operator==(const Flit&) const = default;
};

/// Where a header field lies: its lowest bit and its width; none crosses a 32-bit word.
struct Field {
  unsigned low;
  unsigned width;
};

inline constexpr Field kDstX{0, 8}, kDstY{8, 8}, kSrcX{16, 8}, kSrcY{24, 8}, kTime{96, 16}, kMulticast{90, 1},
    kLastX{112, 8}, kLastY{120, 8};
inline constexpr unsigned kPayloadWord = 4;  ///< first 32-bit word of the payload

constexpr std::uint32_t get(const Flit& flit, Field field) {
  return flit.words[field.low / 32] >> (field.low % 32) & ((1u << field.width) - 1);
}

constexpr void set(Flit& flit, Field field, std::uint32_t value) {
  const std::uint32_t mask = ((1u << field.width) - 1) << (field.low % 32);
  std::uint32_t& word = flit.words[field.low / 32];
  word = (word & ~mask) | (value << (field.low % 32) & mask);
}

}  // namespace tatami::noc
