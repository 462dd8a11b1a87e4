// Lockstep of the block mover (docs/isa.md, section 8.2): what it reads from the SRAM, and every packet that it sends,
// bit for bit, against the golden meaning of the lists that the threads have started. Blocks are captured from golden
// memory when the RTL reads them; the errors that follow are what the threads must be told.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "debug/fifo.h"
#include "debug/memory_match.h"
#include "golden/node.h"
#include "golden/transfer.h"

namespace tatami::debug {

class ListCheck {
 public:
  static constexpr unsigned kFlitWords = 20;
  using Flit = std::span<const std::uint32_t, kFlitWords>;

  struct Difference {
    unsigned thread = 0;
    Origin origin;  ///< the dn.list
    std::string what, expected, got;
  };
  using Outcome = std::optional<Difference>;

  explicit ListCheck(golden::Node& node) : node_(node) {}
  void reset();

  /// A dn.list that retires.
  void start(unsigned thread, const golden::TransferList& list, const Origin& origin);
  /// The mover reads an 8-byte word of SRAM: of a descriptor, as it says, or of a block.
  Outcome read(std::uint32_t word, bool of_descriptor, std::uint64_t cycle);
  /// It has no list under way.
  void idle() { vain_ = {}; }
  /// It hands a packet to the router: the flit without what the router fills in.
  Outcome packet(Flit flit);
  /// The thread is told of a failed list, with this mtval. Returns the right one, 0 if there is nothing to tell.
  std::uint64_t told(unsigned thread, std::uint64_t tval);
  /// Nothing happens any more: all lists are finished, all errors told.
  Outcome finish();

  std::uint64_t packets() const { return packets_; }

 private:
  struct List {
    unsigned thread;
    golden::TransferList list;
    Origin origin;
    unsigned index = 0;                          // of the descriptor
    std::optional<golden::Transfer> transfer{};  // once it has been read
    std::optional<golden::TransferPacket> next{};
    std::optional<golden::Transfer> ahead{};  // the descriptor after that, read meanwhile
  };
  struct Expected {
    golden::TransferPacket packet;
    std::array<std::uint64_t, 8> data{};
    unsigned thread = 0;
    Origin origin;
  };
  // A block, or descriptor, of which some words have been read.
  struct Capture {
    std::uint32_t first = 0;
    unsigned words = 0;  // 0: none
    unsigned seen = 0;
    std::array<std::uint64_t, 8> data{};
  };
  struct Errors {
    Fifo<std::uint64_t> list;
    bool may_be_lost = false;  // failed while an earlier one had not been told
  };

  List* current();
  Outcome read_descriptor(std::uint32_t word);
  Outcome read_block(std::uint32_t word, std::uint64_t cycle);
  bool capture(Capture& into, std::uint32_t word);
  bool finished(const List& list) const { return !list.transfer && list.index == list.list.count; }
  void fail(unsigned reason);
  std::array<std::uint32_t, kFlitWords> expected_flit(const Expected& expected) const;
  static Difference differ(const List& list, std::string what, std::string expected, std::string got);

  golden::Node& node_;
  Fifo<List> lists_;
  Fifo<Expected> expected_;  // read, not yet sent
  Capture block_, descriptor_;
  struct {
    std::uint32_t first = 0, words = 0;
  } vain_;  // descriptors of a list that has just failed, which may be read in vain
  std::array<Errors, golden::kThreads> errors_;
  std::uint64_t reads_after_error_ = 0;  // until this cycle the block after the one that failed may be read
  std::uint64_t packets_ = 0;
};

}  // namespace tatami::debug
