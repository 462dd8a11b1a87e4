#include "debug/memory_match.h"

#include <algorithm>
#include <bit>
#include <cinttypes>
#include <cstdio>
#include <string>

#include "golden/memory.h"

namespace tatami::debug {

MemoryOperation::MemoryOperation(const golden::Access& access, const Origin& origin)
    : access_(access), origin_(origin), writes_(access.writes()) {
  for (unsigned i = 0; i < access_.count; ++i) add_pieces(access_.spans[i]);
  for (unsigned i = 0; i < count_; ++i) {
    Piece& piece = pieces_[i];
    if (access_.kind == golden::AccessKind::store) {
      for (unsigned j = i + 1; j < count_; ++j) {
        if (pieces_[j].word == piece.word) piece.overwritten |= pieces_[j].mask;
      }
    }
    left_ += static_cast<unsigned>(std::popcount(static_cast<unsigned>(piece.mask & ~piece.overwritten)));
  }
}

void MemoryOperation::add_pieces(const golden::Span& span) {
  const unsigned unit = access_.unit;
  for (unsigned byte = 0; byte < span.bytes;) {
    const std::uint32_t offset = span.offset + byte;
    const unsigned to_word_end = 8 - offset % 8, to_unit_end = unit - byte % unit;
    const unsigned bytes = std::min({to_word_end, to_unit_end, span.bytes - byte});
    const auto mask = static_cast<std::uint8_t>(((1U << bytes) - 1) << offset % 8);
    pieces_[count_++] = {offset / 8, mask, mask, 0, static_cast<std::uint8_t>(span.at + byte)};
    byte += bytes;
  }
}

std::uint8_t MemoryOperation::byte(const Piece& piece, unsigned bit) const {
  const unsigned at = piece.at + bit - static_cast<unsigned>(std::countr_zero(piece.mask));
  return access_.kind == golden::AccessKind::amo ? access_.amo_new[at] : access_.data[at];
}

bool MemoryOperation::stores(const Piece& piece, std::uint8_t mask, std::uint64_t data) const {
  for (unsigned bit = 0; bit < 8; ++bit) {
    if ((mask >> bit & 1) != 0 && byte(piece, bit) != static_cast<std::uint8_t>(data >> 8 * bit)) return false;
  }
  return true;
}

// True unless a higher row has stored one of the bytes already.
bool MemoryOperation::in_order(unsigned piece, std::uint8_t mask) const {
  if ((pieces_[piece].overwritten & mask) == 0) return true;
  for (unsigned j = piece + 1; j < count_; ++j) {
    if (pieces_[j].word == pieces_[piece].word && (pieces_[j].mask & ~pieces_[j].left & mask) != 0) return false;
  }
  return true;
}

void MemoryOperation::perform(Piece& piece, std::uint8_t mask, std::uint64_t memory) {
  piece.left &= static_cast<std::uint8_t>(~mask);
  left_ -= static_cast<unsigned>(std::popcount(static_cast<unsigned>(mask & ~piece.overwritten)));
  if (writes_) return;
  const unsigned lowest = static_cast<unsigned>(std::countr_zero(piece.mask));
  for (unsigned bit = 0; bit < 8; ++bit) {
    if (mask >> bit & 1) access_.data[piece.at + bit - lowest] = static_cast<std::uint8_t>(memory >> 8 * bit);
  }
}

bool MemoryOperation::take(const MemoryEvent& event, std::uint64_t memory) {
  if (event.mask == 0 || event.is_write != writes_) return false;
  const auto fits = [&](unsigned i, std::uint8_t mask) {
    return !writes_ || (stores(pieces_[i], mask, event.data) && in_order(i, mask));
  };
  for (unsigned i = 0; i < count_; ++i) {
    Piece& piece = pieces_[i];
    if (piece.word == event.word && piece.left == event.mask && fits(i, event.mask)) {
      perform(piece, event.mask, memory);
      return true;
    }
  }
  // The word is split in another way: byte by byte.
  for (unsigned bit = 0; bit < 8; ++bit) {
    const auto one = static_cast<std::uint8_t>(1U << bit);
    if ((event.mask & one) == 0) continue;
    bool found = false;
    for (unsigned i = 0; i < count_ && !found; ++i) {
      Piece& piece = pieces_[i];
      if (piece.word != event.word || (piece.left & one) == 0 || !fits(i, one)) continue;
      perform(piece, one, memory);
      found = true;
    }
    if (!found) return false;
  }
  return true;
}

std::string MemoryOperation::remaining() const {
  std::string text;
  for (unsigned i = 0; i < count_; ++i) {
    const unsigned left = pieces_[i].left & ~pieces_[i].overwritten;
    if (left == 0) continue;
    char word[48];
    std::snprintf(word, sizeof word, "%s0x%08" PRIx64 " mask 0x%02x", text.empty() ? "" : ", ",
                  golden::kMemoryBase + std::uint64_t{pieces_[i].word} * 8, left);
    text += word;
  }
  return text.empty() ? "nothing" : text;
}

bool MemoryOperation::expected_data(std::uint32_t word, std::uint8_t mask, std::uint64_t& data) const {
  data = 0;
  for (unsigned bit = 0; bit < 8; ++bit) {
    if ((mask >> bit & 1) == 0) continue;
    bool found = false;
    for (unsigned i = count_; i-- > 0 && !found;) {
      const Piece& piece = pieces_[i];
      if (piece.word != word || (piece.left >> bit & 1) == 0) continue;
      data |= std::uint64_t{byte(piece, bit)} << 8 * bit;
      found = true;
    }
    if (!found) return false;
  }
  return true;
}

}  // namespace tatami::debug
