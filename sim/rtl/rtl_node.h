// One verilated node, without Verilator's types: clocking, memory, links, and the trace that lockstep compares.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tatami::debug {
class Lockstep;
}

namespace tatami::rtl {

inline constexpr unsigned kThreads = 4;
inline constexpr std::uint32_t kSramWords = 163'840;  ///< words of 8 bytes
inline constexpr unsigned kFlitWords = 20;            ///< 32-bit words of a flit: header and payload

/// Where the node stands and where its threads start.
struct NodeConfig {
  unsigned x = 0, y = 0;
  unsigned width = 1, height = 1;
  std::uint64_t boot_pc = 0;
  std::uint64_t tohost = 0;  ///< address whose scalar stores are reported; 0: none
};

/// What one end of a link drives in one cycle: a flit if `valid`, and credits for what it has received, one bit a
/// queue.
struct Link {
  bool valid = false;
  std::uint8_t credit = 0;
  std::array<std::uint32_t, kFlitWords> flit{};

  bool idle() const { return !valid && credit == 0; }
};

/// Links of a node: number 2 * port + class, ports N, E, S, W, class 0 requests, 1 responses.
inline constexpr unsigned kLinks = 8;
/// Where a link leads: to the node at (x + dx, y + dy), whose link `other` it is there.
struct LinkEnd {
  int dx, dy;
  unsigned other;
};
constexpr LinkEnd link_end(unsigned link) {
  constexpr std::array<std::array<int, 2>, 4> kStep = {{{0, -1}, {1, 0}, {0, 1}, {-1, 0}}};
  const auto step = kStep[link / 2];
  return {step[0], step[1], (link + 4) % 8};
}

/// The last trap of a thread.
struct NodeTrap {
  unsigned thread = 0;
  std::uint64_t cause = 0, pc = 0, value = 0;
  std::uint64_t cycle = 0;
};

class RtlNode {
 public:
  RtlNode();
  ~RtlNode();
  RtlNode(const RtlNode&) = delete;
  RtlNode& operator=(const RtlNode&) = delete;

  /// Memory survives; everything else starts again.
  void reset(const NodeConfig& config);

  /// First half of a cycle: sets the inputs and settles the logic. Everything below until finish_cycle() speaks of this
  /// cycle. A quiet node with nothing at its inputs is not evaluated: the time is an input, so it cannot tell.
  void begin_cycle(std::uint64_t cycle);
  /// Whether quiet cycles are skipped (the default); off only to measure what they would cost.
  void skip_quiet(bool on);
  /// Second half: the clock edge.
  void finish_cycle();

  /// The node will do nothing until a packet arrives or the host acts.
  bool quiet() const;
  /// The value of a scalar store to `tohost` performed in this cycle.
  bool tohost(std::uint64_t& value) const;
  /// Threads that commit an instruction (bit t), and of these the ones that trap.
  unsigned commits() const;
  unsigned traps() const;
  /// The instruction that a thread of commits() commits.
  std::uint32_t instruction(unsigned thread) const;
  /// The matrix unit starts a pass.
  bool matrix_starts() const;
  /// The LSU writes a word that has a byte in the `bytes` from local address `address` on.
  bool stores_into(std::uint64_t address, std::uint64_t bytes) const;
  /// Threads that stand still for good after a trap that found mtvec 0.
  unsigned unhandled() const;
  NodeTrap trap(unsigned thread) const;
  /// mtval of the trap that tells a thread of a failed list of transfers, if it is still to come; else 0.
  std::uint64_t list_error(unsigned thread) const;
  /// The list of transfers under way, if there is one.
  struct ListState {
    unsigned thread = 0;           ///< that started it
    std::uint64_t descriptor = 0;  ///< local address of the descriptor under way, or of the end of the list
    unsigned outstanding = 0;      ///< packets of lists that are not acknowledged
  };
  std::optional<ListState> list() const;
  struct TriggerState {
    unsigned counter = 0, count = 0;
  };
  /// What a trigger is armed with; nothing if it is not.
  std::optional<TriggerState> trigger(unsigned number) const;
  /// Feeds the records of this cycle to lockstep.
  void report(debug::Lockstep& lockstep) const;

  /// Writes a word of the tables (docs/network.md, section 6.6); after reset() and before the first cycle.
  void configure(unsigned address, unsigned data);
  /// Links on which a flit with wrong parity arrived in the cycle before, a bit each.
  unsigned link_errors() const;
  /// Some thread of the node will take the interrupt of link errors.
  bool link_errors_handled() const;

  /// This cycle was not evaluated.
  bool skipped() const;
  /// What the node drives in this cycle; false if all links are idle.
  bool link_out(std::array<Link, kLinks>& links) const;
  /// What a link brings in the next cycle, and in those after it until the next call.
  void link_in(unsigned link, const Link& driven);
  /// Tells the node that the host wrote its memory (ends `wfi`); holds until the next cycle.
  void wake();

  void clear_memory();
  /// Where the model's state lies, SRAM included.
  std::span<const std::byte> storage() const;
  /// What every cycle of the node uses: registers and signals, without memories; and lines of the cache that lead
  /// there.
  struct Footprint {
    std::array<const void*, 2> lines;
    std::span<const std::byte> registers;
  };
  Footprint footprint() const;
  /// Brings a node's state into the cache while the calling thread evaluates its next node, a little between any two
  /// parts of that (cmake/between_parts.py).
  static void fetch_ahead(const Footprint& footprint);
  /// The words of SRAM, for bulk access.
  std::span<std::uint64_t> memory();

  /// pc of the instruction that thread executes or waits with, and its scalar registers (for the watchdog).
  std::uint64_t pc(unsigned thread) const;
  std::uint64_t scalar(unsigned thread, unsigned reg) const;
  /// Arrival counter 0..31.
  std::uint32_t counter(unsigned number) const;
  /// Event counter 3..31 (docs/isa.md, section 2.1); counters of the node are the same in every thread.
  std::uint64_t event(unsigned thread, unsigned number) const;

  /// "vcd", "fst" or "": the waves that this model can write.
  static std::string wave_format();
  /// False if the file cannot be written.
  bool open_wave(const std::string& path);
  void close_wave();
  /// Writes this cycle to the wave; between begin_cycle() and finish_cycle().
  void dump();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tatami::rtl
