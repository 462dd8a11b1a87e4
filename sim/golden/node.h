// One node: SRAM, four harts, arrival counters, reservations.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "golden/hart.h"
#include "golden/memory.h"

namespace tatami::golden {

class Machine;

inline constexpr unsigned kThreads = 4;
inline constexpr unsigned kCounters = 32;
inline constexpr unsigned kTriggers = 4;

/// What a trigger is armed with (docs/isa.md, section 8.3).
struct Trigger {
  std::uint32_t count = 0;  ///< what it waits for, and takes; 0: not armed
  unsigned counter = 0;
  std::uint64_t address = 0, control = 0;  ///< operands of the dn.arm
};

class Node {
 public:
  Node(Machine& machine, unsigned x, unsigned y);

  unsigned x() const { return x_; }
  unsigned y() const { return y_; }
  Machine& machine() { return machine_; }
  Hart& hart(unsigned thread) { return harts_[thread]; }
  const Hart& hart(unsigned thread) const { return harts_[thread]; }
  const Sram& sram() const { return sram_; }

  /// Registers, counters and reservations to their reset values; memory stays.
  void reset(std::uint64_t pc);
  void clear_memory();

  /// A write to SRAM by anybody: ends reservations and forgets decoded instructions.
  void write(std::uint32_t offset, const void* from, std::uint32_t bytes);
  /// A write from outside the node's harts (host, packet): also ends `wfi`.
  void write_external(std::uint32_t offset, const void* from, std::uint32_t bytes) {
    write(offset, from, bytes);
    wake();
  }

  /// Where harts' accesses go instead of sram(); nullptr for none.
  void set_port(MemoryPort* port) { port_ = port; }
  MemoryPort* port() { return port_; }
  void set_external(ExternalInputs* external) { external_ = external; }
  ExternalInputs* external() { return external_; }

  /// Performs a load, load_reserved or the reading half of an amo. False if the port has no data yet.
  bool load(unsigned thread, Access& access);
  void store(unsigned thread, const Access& access);
  /// Empty if the port does not know yet. Ends the reservation in any case but that.
  std::optional<bool> store_conditional(unsigned thread, const Access& access);

  void reserve(unsigned thread, std::uint32_t offset) {
    reservations_[thread] = static_cast<std::int32_t>(offset >> 6);
  }
  void end_reservation(unsigned thread) { reservations_[thread] = -1; }
  bool reserved(unsigned thread, std::uint32_t offset) const {
    return reservations_[thread] == static_cast<std::int32_t>(offset >> 6);
  }

  std::uint32_t counter(unsigned number) const { return counters_[number]; }
  /// Also fires the triggers whose counts are reached now.
  void add_counter(unsigned number, std::uint32_t value);
  void arm(unsigned number, const Trigger& trigger);
  /// What ends `wfi`: a counter changed, a packet arrived, the host wrote.
  void wake() { ++wakes_; }
  std::uint64_t wakes() const { return wakes_; }

  /// The address of `tohost`; 0 for none.
  void set_tohost(std::uint64_t address) { tohost_ = address; }
  std::uint64_t tohost() const { return tohost_; }

  /// The instruction at an offset, from the cache of decoded ones.
  const Decoded& decoded(std::uint32_t offset);
  /// Stand-alone "time": instructions that the node's harts retired.
  std::uint64_t cycles() const;

 private:
  static constexpr std::uint32_t kPageBytes = 4096;
  using Page = std::array<Decoded, kPageBytes / 4>;

  void forget(std::uint32_t offset, std::uint32_t bytes);
  void fire_triggers();

  std::array<Hart, kThreads> harts_;
  Machine& machine_;
  unsigned x_, y_;
  Sram sram_;
  MemoryPort* port_ = nullptr;
  ExternalInputs* external_ = nullptr;
  std::array<std::int32_t, kThreads> reservations_{-1, -1, -1, -1};  // 64-byte block, -1 for none
  std::array<std::uint32_t, kCounters> counters_{};
  std::array<Trigger, kTriggers> triggers_{};
  std::uint64_t wakes_ = 0;
  std::uint64_t tohost_ = 0;
  std::vector<std::unique_ptr<Page>> pages_;
};

}  // namespace tatami::golden
