// Programs: statically linked 64-bit RISC-V ELF files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tatami {

/// A node's SRAM as programs see it (docs/isa.md, section 1).
inline constexpr std::uint64_t kSramBase = 0x8000'0000;
inline constexpr std::uint64_t kSramBytes = 1'310'720;

struct Segment {
  std::uint64_t address = 0;
  std::vector<std::byte> bytes;  ///< file contents, then zeros up to the size in memory
};

struct Symbol {
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  bool function = false;
};

/// A program ready to be placed in a node's memory.
struct Program {
  std::string path;
  std::uint64_t entry = 0;
  std::uint64_t end = 0;  ///< first address after the last segment
  std::vector<Segment> segments;
  std::map<std::string, Symbol, std::less<>> symbols;
  std::vector<std::string> warnings;

  std::optional<Symbol> find(std::string_view name) const;
  /// The address of a symbol that must be there; throws InputError naming file and symbol.
  std::uint64_t address_of(std::string_view name) const;
  /// "name+0x12" of the nearest function or label at or below `address`, or the bare address.
  std::string describe(std::uint64_t address) const;
};

/// Reads `path`. Throws InputError if it is no ELF file, truncated, not 64-bit little-endian RISC-V, not statically
/// linked, or has a segment outside the SRAM. Float-ABI flags are ignored. A missing `tohost` is a warning only.
Program load_program(const std::filesystem::path& path);

}  // namespace tatami
