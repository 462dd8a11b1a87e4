// Matches the words that the RTL's SRAM performs with the bytes of one golden access.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "debug/result_match.h"
#include "golden/record.h"

namespace tatami::debug {

/// One word as performed by the SRAM.
struct MemoryEvent {
  std::uint32_t word = 0;  ///< SRAM offset / 8
  std::uint8_t mask = 0;   ///< bytes accessed
  bool is_write = false;
  std::uint64_t data = 0;  ///< written
};

/// An access of one instruction, and which of its bytes the RTL has performed so far.
///
/// The RTL may perform the pieces (at most 8 bytes of a row, within a word) in any order and split them further, each
/// byte once. When rows of a store overlap, the lower row's bytes may be left out, but not come after the higher row's.
class MemoryOperation {
 public:
  MemoryOperation(const golden::Access& access, const Origin& origin);

  const golden::Access& access() const { return access_; }
  golden::Access& access() { return access_; }
  const Origin& origin() const { return origin_; }
  /// All bytes that must be performed have been.
  bool done() const { return left_ == 0; }

  /// Takes the event's bytes. For reads, `memory` is the word's value, which becomes the bytes' loaded value; for
  /// writes the event's data must equal the bytes to be stored. False: the event does not belong to this access, or
  /// stores another value.
  bool take(const MemoryEvent& event, std::uint64_t memory);
  /// Bytes not performed yet, as "0x80001000[0..7]"; for reports.
  std::string remaining() const;
  /// The value that this access stores to the word's bytes of `mask`, if all of them are still to come.
  bool expected_data(std::uint32_t word, std::uint8_t mask, std::uint64_t& data) const;

  /// Cycle of a fence behind this access: it must not be performed later.
  std::uint64_t fence_cycle = ~std::uint64_t{0};

 private:
  struct Piece {
    std::uint32_t word;
    std::uint8_t mask;         // bytes of the word
    std::uint8_t left;         // those not performed yet
    std::uint8_t overwritten;  // those that a later piece stores again
    std::uint8_t at;           // place in access.data of the mask's lowest byte
  };

  void add_pieces(const golden::Span& span);
  std::uint8_t byte(const Piece& piece, unsigned bit) const;
  bool stores(const Piece& piece, std::uint8_t mask, std::uint64_t data) const;
  bool in_order(unsigned piece, std::uint8_t mask) const;
  void perform(Piece& piece, std::uint8_t mask, std::uint64_t memory);

  golden::Access access_;
  Origin origin_;
  bool writes_;
  unsigned count_ = 0;
  unsigned left_ = 0;  // bytes that must still be performed
  std::array<Piece, 40> pieces_;
};

}  // namespace tatami::debug
