// The instruction-set model: a fabric of W x H nodes whose network acts at once.
//
//   Machine machine({.width = 1, .height = 1});
//   machine.write(0x8000'0000, bytes);
//   machine.reset(entry, tohost);
//   const Outcome outcome = machine.run(1'000'000);
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "golden/node.h"
#include "golden/sparse_memory.h"

namespace tatami::golden {

struct MachineConfig {
  unsigned width = 1;                                 ///< 1..255 nodes
  unsigned height = 1;                                ///< 1..255 nodes
  std::vector<std::pair<unsigned, unsigned>> dead{};  ///< (x, y) of nodes that are not there
};

/// A global address: {16'b0, y[7:0], x[7:0], local[31:0]} (docs/isa.md, section 8).
struct GlobalAddress {
  unsigned x, y;
  std::uint64_t local;
};
constexpr GlobalAddress split_global(std::uint64_t address) {
  return {static_cast<unsigned>(address >> 32 & 255), static_cast<unsigned>(address >> 40 & 255),
          address & 0xFFFF'FFFF};
}

/// An address of edge memory (docs/isa.md, section 8.1): bit 48 of a global address.
constexpr bool names_edge(std::uint64_t address) { return (address >> 48 & 1) != 0; }

enum class Ending {
  exited,      ///< every node stored 1 to `tohost`, or one stored another odd value
  trapped,     ///< a trap found mtvec 0
  hung,        ///< every hart sleeps or is halted, and none can wake another
  step_limit,  ///< still running after the given number of instructions
};

/// How a run ended.
struct Outcome {
  Ending ending = Ending::step_limit;
  std::uint64_t exit_code = 0;  ///< exited: value >> 1, 0 is success
  std::uint64_t hart = 0;       ///< hartid of the hart that ended the run
  unsigned x = 0, y = 0;        ///< its node
  Record record;                ///< its last step: the store to `tohost`, or the trap
};

class Machine {
 public:
  explicit Machine(const MachineConfig& config = {});
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  unsigned width() const { return config_.width; }
  unsigned height() const { return config_.height; }
  Node& node(unsigned x = 0, unsigned y = 0) { return *nodes_[y * config_.width + x]; }
  const Node& node(unsigned x = 0, unsigned y = 0) const { return *nodes_[y * config_.width + x]; }
  Hart& hart(unsigned thread) { return node().hart(thread); }
  bool live(unsigned x, unsigned y) const { return x < width() && y < height() && !dead_[y * width() + x]; }
  /// The node of a global address whose `bytes` bytes lie in its SRAM, and nullptr otherwise.
  Node* find(std::uint64_t address, std::uint32_t bytes);
  /// The edge memory that a global address names; nullptr if it names none, or a port that does not exist.
  SparseMemory* find_edge(std::uint64_t address);

  /// Host access at a global address. False if it is not all in one node's SRAM or one port's memory; then nothing is
  /// done.
  [[nodiscard]] bool write(std::uint64_t address, std::span<const std::byte> bytes);
  [[nodiscard]] bool read(std::uint64_t address, std::span<std::byte> bytes);
  void clear_memory();

  /// All harts of all nodes to reset, at `entry`. `tohost` 0: no program can end the run.
  void reset(std::uint64_t entry, std::uint64_t tohost);
  /// Runs all harts in turns until something ends the run or about `max_steps` instructions are done (0: no limit).
  /// Can be called again to go on after step_limit.
  Outcome run(std::uint64_t max_steps = 0);

  /// Instructions retired since reset by all harts.
  std::uint64_t instructions() const;

 private:
  MachineConfig config_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<bool> dead_;           // by y * width + x
  std::vector<SparseMemory> edges_;  // N by x, S by x, W by y, E by y; those of dead nodes are never found
  std::vector<Node*> running_;       // nodes that are not dead
  std::vector<bool> ended_;          // of those, the ones that stored 1 to tohost
  std::size_t left_ = 0;             // how many have not
  std::size_t next_ = 0;             ///< hart whose turn it is
};

}  // namespace tatami::golden
