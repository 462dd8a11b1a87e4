// Text of values, records and differences, for traces and reports.
#pragma once

#include <cstdint>
#include <string>

#include "debug/memory_match.h"
#include "golden/hart.h"

namespace tatami::debug {

/// "0x1f"
std::string hex(std::uint64_t value);
/// "Invalid Underflow", or "none"
std::string flags_text(golden::Flags flags);
/// A bit for every bit of the bytes in `mask`.
constexpr std::uint64_t byte_bits(std::uint8_t mask) {
  std::uint64_t bits = 0;
  for (unsigned i = 0; i < 8; ++i) bits |= (mask >> i & 1) != 0 ? std::uint64_t{0xFF} << 8 * i : 0;
  return bits;
}
/// "0x80001000 mask 0x0f"
std::string place(std::uint32_t word, std::uint8_t mask);
std::string event_text(const MemoryEvent& event);
/// Little-endian bytes as one hexadecimal number.
std::string bytes_text(const std::uint8_t* data, unsigned bytes);
/// "1234 0x80000010 addi a0, a0, 1"
std::string origin_text(const Origin& origin);

/// The first difference of two values that are not the same.
struct Difference {
  std::string where;  ///< "", " lane 3", " element (1, 4)"
  std::string expected;
  std::string got;
};
Difference describe(std::uint64_t expected, std::uint64_t got);
Difference describe(const golden::Vector& expected, const golden::Vector& got);
Difference describe(const golden::TileData& expected, const golden::TileData& got);

/// One line about an executed instruction: pc, word, text, and what it changed. `hart` as after the step.
std::string record_text(const golden::Record& record, const golden::Hart& hart);

}  // namespace tatami::debug
