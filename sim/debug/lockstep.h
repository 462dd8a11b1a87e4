// Lockstep: compares everything that the RTL of one node does with the golden model, record by record.
//
// The RTL harness feeds events; each cycle in this order: begin_cycle(), results (gpr_writeback, vector_writeback,
// tile_writeback), commits, memory events (in the SRAM's order), external writes.
//
// How the two models stay together (docs/isa.md, section 9). Commits of a thread queue up in program order. Golden
// memory changes at memory events only. The golden hart executes the head of its thread's queue as soon as the bytes
// that it loads have been captured from golden memory at the load's own memory events; what it stores is matched with
// the store's memory events, which come after the commit. A result that the RTL delivers late waits for the golden one,
// or the other way round, in a queue for each register. Flags are compared with the result that they come with, so a
// difference is reported at the instruction that raised them, not where `dflags` is read.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "debug/list_check.h"
#include "debug/memory_match.h"
#include "debug/result_match.h"
#include "golden/machine.h"

namespace tatami::debug {

/// An instruction that the RTL committed.
struct Commit {
  unsigned thread = 0;
  std::uint64_t pc = 0;
  std::uint32_t insn = 0;
  bool trap = false;  ///< it trapped instead, with the two values below
  std::uint64_t cause = 0;
  std::uint64_t tval = 0;
  bool rd_we = false;  ///< the x register that it wrote at commit; later results come by gpr_writeback()
  unsigned rd = 0;
  std::uint64_t rd_value = 0;
};

/// The first difference.
struct Divergence {
  unsigned thread = 0;
  std::uint64_t cycle = 0;
  std::uint64_t pc = 0;
  std::uint32_t insn = 0;
  std::string instruction;           ///< disassembled
  std::string what;                  ///< what was compared: "a0", "v3 lane 7", "tile 2 element (1, 4)", "memory", ...
  std::string expected;              ///< golden
  std::string got;                   ///< RTL
  std::vector<std::string> history;  ///< the thread's instructions before, oldest first

  /// The report, several lines.
  std::string text() const;
};

/// How much was compared.
struct Compared {
  std::uint64_t instructions = 0;  ///< commits: pc, instruction word, trap or not
  std::uint64_t traps = 0;
  std::uint64_t scalars = 0;          ///< x register writes
  std::uint64_t vector_elements = 0;  ///< 32-bit lanes
  std::uint64_t tile_elements = 0;
  std::uint64_t flags = 0;         ///< results of units that raise flags, none raised included
  std::uint64_t load_bytes = 0;    ///< addresses and order compared; the values are in the results
  std::uint64_t store_bytes = 0;   ///< address, order and value compared
  std::uint64_t list_packets = 0;  ///< packets of the block mover: every bit of the flit
  std::uint64_t external = 0;      ///< values taken from the RTL (docs/isa.md, section 9)

  std::uint64_t total() const {
    return instructions + scalars + vector_elements + tile_elements + store_bytes + list_packets;
  }
};

struct LockstepOptions {
  unsigned history = 16;             ///< instructions before the divergence in the report
  std::uint64_t patience = 100'000;  ///< cycles after which an outstanding result or memory access counts as lost
};

class Lockstep : private golden::MemoryPort, private golden::ExternalInputs {
 public:
  /// Ties itself to `node`, which must outlive it. Load the node's memory and reset the machine before the first event.
  explicit Lockstep(golden::Node& node, LockstepOptions options = {});
  ~Lockstep() override;
  Lockstep(const Lockstep&) = delete;
  Lockstep& operator=(const Lockstep&) = delete;

  /// Forgets everything about an earlier run; the machine has been reset.
  void reset();

  void begin_cycle(std::uint64_t cycle);

  void gpr_writeback(unsigned thread, unsigned reg, std::uint64_t value);
  /// `flags`: what the instruction adds to dflags with this result. One that writes two tiles says so with both.
  void vector_writeback(unsigned thread, unsigned reg, std::span<const std::uint32_t, 16> data, golden::Flags flags);
  void tile_writeback(unsigned thread, unsigned tile, std::span<const std::uint32_t, 64> data, golden::Flags flags);
  /// A unit delivers an x register, which raises no flags (`dv.mv.x.w`), and adds these to dflags. To be reported no
  /// later than in the cycle of the result.
  void scalar_flags(unsigned thread, golden::Flags flags);

  void commit(const Commit& commit);

  /// A thread's access to the 8-byte word `word` of SRAM; bit i of `mask`: byte i. Lanes that share one access are
  /// reported one by one. An AMO is a read followed by a write, or the write alone.
  void mem_event(unsigned thread, std::uint32_t word, std::uint8_t mask, bool is_write, std::uint64_t data);

  /// A write by the network or the host.
  void external_write(std::uint32_t word, std::uint8_t mask, std::uint64_t data);

  /// The block mover reads a word of SRAM, of a descriptor or a block; hands a packet to the router.
  void list_read(std::uint32_t word, bool of_descriptor);
  void list_idle() { lists_.idle(); }
  void list_packet(ListCheck::Flit flit);

  /// After the last cycle: nothing may be outstanding. `drained` false leaves out what may be under way when a
  /// program ends by a store to `tohost` while other threads run.
  void finish(bool drained);

  /// The first difference; from then on events are ignored.
  const std::optional<Divergence>& divergence() const { return divergence_; }
  bool diverged() const { return divergence_.has_value(); }
  const Compared& compared() const { return compared_; }
  /// The golden model's store to `tohost`, if it has executed one that ends the run.
  std::optional<std::uint64_t> exit_value() const { return exit_value_; }

 private:
  struct Pending {
    Commit commit;
    std::uint64_t cycle = 0;
  };
  struct Thread {
    Fifo<Pending> queue;
    Fifo<MemoryOperation> operations;         // not fully performed, in program order
    bool waits_for_load = false;              // the queue's head is the last of them
    bool load_ready = false;                  // its bytes have been captured
    const MemoryEvent* performing = nullptr;  // the write of the queue's head, an AMO or SC
    bool amo_read = false;                    // its reading half has been seen
    std::array<ResultQueue<std::uint64_t>, 32> scalars;
    std::array<ResultQueue<golden::Vector>, 32> vectors;
    std::array<ResultQueue<golden::TileData>, 8> tiles;
    std::uint64_t fence_i = 0;      // time stamp of the last fence.i
    std::uint64_t last_access = 0;  // cycle of the last memory event
    Fifo<Origin> history;
  };

  // golden::MemoryPort
  bool load(unsigned thread, golden::Access& access) override;
  void store(unsigned thread, const golden::Access& access) override;
  std::optional<bool> store_conditional(unsigned thread, const golden::Access& access) override;
  // golden::ExternalInputs
  std::uint64_t counter_csr(unsigned thread, std::uint16_t csr) override;
  std::uint64_t network_result(unsigned thread, isa::Op op) override;
  std::uint64_t list_error(unsigned thread) override;
  void list_started(unsigned thread, const golden::TransferList& list) override;

  void advance(unsigned thread);
  bool execute(unsigned thread, const Pending& pending);
  bool interrupt(unsigned thread, const Pending& pending);
  bool check_word(unsigned thread, const Pending& pending);
  void compare_trap(unsigned thread, const Pending& pending);
  void compare_results(unsigned thread, const Pending& pending);
  void compare_scalar(unsigned thread, const Pending& pending);
  void check_fence(unsigned thread, const Pending& pending);
  void perform(unsigned thread, MemoryOperation& operation, const MemoryEvent& event);
  void perform_atomic(unsigned thread, MemoryOperation& operation, const MemoryEvent& event);
  bool check_atomic_data(unsigned thread, const std::uint8_t* data, unsigned bytes);
  void retry_conditionals();
  void write_word(std::uint32_t word, std::uint8_t mask, std::uint64_t data);
  std::uint64_t read_word(std::uint32_t word) const;
  template <typename T>
  void match(unsigned thread, ResultQueue<T>& queue, const std::string& name);
  void check_outstanding(std::uint64_t before);
  void diverge(const ListCheck::Outcome& outcome);
  void diverge(unsigned thread, const Origin& origin, std::string what, std::string expected, std::string got);
  Origin origin_of(const Pending& pending) const;

  golden::Node& node_;
  LockstepOptions options_;
  std::array<Thread, golden::kThreads> threads_;
  const Pending* current_ = nullptr;  // being executed
  bool external_taken_ = false;       // its external result has already been delivered
  golden::Record record_;
  ListCheck lists_;
  std::uint64_t cycle_ = 0;
  std::uint64_t writes_ = 0;                 // counts memory writes: time stamps of code lines
  std::vector<std::uint64_t> line_written_;  // by 64-byte line
  std::optional<Divergence> divergence_;
  Compared compared_;
  std::optional<std::uint64_t> exit_value_;
};

}  // namespace tatami::debug
