// The node's SRAM, and the interface through which harts reach it.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "golden/record.h"

namespace tatami::golden {

inline constexpr std::uint64_t kMemoryBase = 0x8000'0000;
inline constexpr std::uint32_t kMemoryBytes = 1'310'720;

/// The offset in SRAM of `bytes` bytes at `address`, if all of them lie inside.
constexpr std::optional<std::uint32_t> sram_offset(std::uint64_t address, std::uint32_t bytes) {
  const std::uint64_t offset = address - kMemoryBase;
  if (offset > kMemoryBytes - bytes) return std::nullopt;
  return static_cast<std::uint32_t>(offset);
}

/// Plain bytes.
class Sram {
 public:
  Sram() : bytes_(kMemoryBytes) {}
  void read(std::uint32_t offset, void* to, std::uint32_t bytes) const { std::memcpy(to, &bytes_[offset], bytes); }
  void write(std::uint32_t offset, const void* from, std::uint32_t bytes) { std::memcpy(&bytes_[offset], from, bytes); }
  std::uint32_t word(std::uint32_t offset) const {
    std::uint32_t value = 0;
    std::memcpy(&value, &bytes_[offset], 4);
    return value;
  }
  const std::uint8_t* data() const { return bytes_.data(); }
  void clear() { std::memset(bytes_.data(), 0, bytes_.size()); }

 private:
  std::vector<std::uint8_t> bytes_;
};

struct TransferList;

/// Stands between harts and memory when something else decides the order of accesses (lockstep). Without a port, harts
/// access their node's SRAM at once.
class MemoryPort {
 public:
  virtual ~MemoryPort() = default;

  /// Fills access.data for a load, load_reserved or amo. False: not known yet; the hart leaves everything as it was and
  /// the same step is tried again later.
  virtual bool load(unsigned thread, Access& access) = 0;
  /// Takes what a store, or an amo after its load, writes.
  virtual void store(unsigned thread, const Access& access) = 0;
  /// Decides a store_conditional and, if it succeeds, takes its data. Empty: not known yet.
  virtual std::optional<bool> store_conditional(unsigned thread, const Access& access) = 0;
};

/// Values that the specification leaves to the outside (docs/isa.md, section 9). Without it, a node answers by itself.
class ExternalInputs {
 public:
  virtual ~ExternalInputs() = default;

  /// mcycle, cycle, time or mhpmcounter3..31.
  virtual std::uint64_t counter_csr(unsigned thread, std::uint16_t csr) = 0;
  /// The result of dn.amoadd.d, dn.cas.d or dn.ctr.rd. Whatever these do elsewhere is not the hart's business.
  virtual std::uint64_t network_result(unsigned thread, isa::Op op) = 0;
  /// mtval of the trap of cause 25 that the instruction takes; 0 if it takes none.
  virtual std::uint64_t list_error(unsigned thread) = 0;
  /// The thread hands this list to the block mover.
  virtual void list_started(unsigned thread, const TransferList& list) = 0;
};

}  // namespace tatami::golden
