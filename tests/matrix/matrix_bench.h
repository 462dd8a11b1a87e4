// Drives d1_matrix cycle by cycle and checks it against the golden model: every done tile bit by bit, flags, and the
// exact cycle of ready, done and its announcement, busy and active.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "Vd1_matrix.h"
#include "Vd1_matrix___024root.h"
#include "golden/fused_sum.h"
#include "verilated.h"

namespace tatami::test {

inline constexpr int kThreads = 4;
inline constexpr int kTiles = 8;
inline constexpr int kElements = 64;

using TileBits = std::array<std::uint32_t, kElements>;
using PanelBytes = std::array<std::uint8_t, 64>;

/// One `dm.mma`.
struct Mma {
  int thread = 0;
  int tile = 0;
  bool zero_first = false;
  golden::Descriptor da, db;
  PanelBytes a{}, b{};
};

/// What else happens in a cycle: at most one row-pair write, one zeroing, one row-pair read.
struct Side {
  bool write = false, zero = false, read = false;
  int write_thread = 0, write_pair = 0, write_row = 0;
  std::array<std::uint32_t, 16> data{};
  int zero_thread = 0, zero_mask = 0;
  int read_thread = 0, read_pair = 0, read_row = 0;
};

class MatrixBench {
 public:
  explicit MatrixBench(std::string replay) : replay_(std::move(replay)), top_(&context_) {
    top_.rst_ni = 1;
    top_.eval();
    top_.rst_ni = 0;
    top_.eval();
    edge();
    top_.rst_ni = 1;
    for (auto& thread : tiles_) {
      for (auto& tile : thread) tile.fill(0);
    }
  }
  ~MatrixBench() { top_.final(); }

  /// True while an instruction that uses the tile is under way.
  bool in_flight(int thread, int tile) const { return busy_until_[thread][tile] > cycle_; }
  bool any_in_flight() const { return !pending_.empty(); }
  TileBits& tile(int thread, int tile) { return tiles_[thread][tile]; }
  std::uint64_t groups() const { return groups_; }
  std::uint64_t cycle() const { return cycle_; }
  golden::Flags last_flags() const { return last_flags_; }

  /// One cycle. `mma` (may be null) is presented with valid; returns true if the unit takes it.
  bool step(const Mma* mma, const Side& side = {}) {
    drive(mma, side);
    top_.clk_i = 0;
    top_.eval();
    const bool second = !second_starts_.empty() && second_starts_.front() == cycle_;
    if (second) second_starts_.pop_front();
    expect("ready_o", top_.ready_o, !second);
    const bool issued = mma != nullptr && !second;
    expect("active_o", top_.active_o, issued || second);
    expect("busy_o", top_.busy_o, !pending_.empty());
    check_done();
    if (side.read) check_read(side);
    if (issued) issue(*mma);
    if (side.write) {
      for (int lane = 0; lane < 16; ++lane) {
        tiles_[side.write_thread][2 * side.write_pair + lane / 8][8 * side.write_row + lane % 8] = side.data[lane];
      }
    }
    for (int t = 0; side.zero && t < kTiles; ++t) {
      if (side.zero_mask >> t & 1) tiles_[side.zero_thread][t].fill(0);
    }
    edge();
    ++cycle_;
    return issued;
  }

  /// Steps without issuing until nothing is under way.
  void drain() {
    while (any_in_flight()) step(nullptr);
  }

  /// Issues `mma` with the tile's content set to `tile`, waits for it and returns the new tile.
  TileBits run(const Mma& mma, const TileBits& tile) {
    write_tile(mma.thread, mma.tile, tile);
    while (!step(&mma)) {
    }
    drain();
    return tiles_[mma.thread][mma.tile];
  }

  void write_tile(int thread, int tile, const TileBits& value) {
    for (int row = 0; row < 8; ++row) {
      Side side{.write = true, .write_thread = thread, .write_pair = tile / 2, .write_row = row};
      for (int lane = 0; lane < 16; ++lane) {
        side.data[lane] =
            lane / 8 == tile % 2 ? value[8 * row + lane % 8] : tiles_[thread][tile ^ 1][8 * row + lane % 8];
      }
      step(nullptr, side);
    }
  }

  /// Compares every tile through the read port.
  void check_all_tiles() {
    for (int n = 0; n < kThreads * 4 * 8; ++n) {
      step(nullptr, {.read = true, .read_thread = n / 32, .read_pair = n / 8 % 4, .read_row = n % 8});
    }
  }

 private:
  struct Pending {
    std::uint64_t done_cycle;
    Mma mma;
    TileBits before, after;
    golden::Flags flags;
  };

  void edge() {
    top_.clk_i = 1;
    top_.eval();
    top_.clk_i = 0;
    top_.eval();
  }

  void drive(const Mma* mma, const Side& side) {
    top_.valid_i = mma != nullptr;
    if (mma != nullptr) {
      top_.thread_i = mma->thread;
      top_.tile_i = mma->tile;
      top_.zero_first_i = mma->zero_first;
      top_.desc_a_i = mma->da.packed();
      top_.desc_b_i = mma->db.packed();
      for (int w = 0; w < 16; ++w) {
        top_.a_i[w] = word(mma->a, w);
        top_.b_i[w] = word(mma->b, w);
      }
    }
    top_.wr_valid_i = side.write;
    top_.wr_thread_i = side.write_thread;
    top_.wr_pair_i = side.write_pair;
    top_.wr_row_i = side.write_row;
    for (int w = 0; side.write && w < 16; ++w) top_.wr_data_i[w] = side.data[w];
    top_.zero_valid_i = side.zero;
    top_.zero_thread_i = side.zero_thread;
    top_.zero_mask_i = side.zero_mask;
    top_.rd_en_i = side.read;
    top_.rd_thread_i = side.read_thread;
    top_.rd_pair_i = side.read_pair;
    top_.rd_row_i = side.read_row;
  }

  static std::uint32_t word(const PanelBytes& bytes, int w) {
    std::uint32_t value = 0;
    for (int b = 3; b >= 0; --b) value = value << 8 | bytes[4 * w + b];
    return value;
  }

  void issue(const Mma& mma) {
    const bool eight = mma.da.bits() == 8;
    TileBits& tile = tiles_[mma.thread][mma.tile];
    Pending next{cycle_ + (eight ? 7 : 3), mma, tile, {}, 0};
    next.flags = golden::mma(tile, mma.a, mma.b, mma.da, mma.db, mma.zero_first);
    next.after = tile;
    auto place = pending_.end();
    while (place != pending_.begin() && (place - 1)->done_cycle > next.done_cycle) --place;
    busy_until_[mma.thread][mma.tile] = next.done_cycle + 1;
    pending_.insert(place, next);
    if (eight) second_starts_.push_back(cycle_ + 4);
    groups_ += eight ? 2 * kElements : kElements;
  }

  void check_done() {
    const bool done = !pending_.empty() && pending_.front().done_cycle == cycle_;
    const Pending* next = nullptr;
    for (const Pending& p : pending_) {
      if (p.done_cycle == cycle_ + 1) next = &p;
    }
    expect("done_next_valid_o", top_.done_next_valid_o, next != nullptr);
    if (next != nullptr) {
      expect("done_next_thread_o", top_.done_next_thread_o, next->mma.thread);
      expect("done_next_tile_o", top_.done_next_tile_o, next->mma.tile);
    }
    expect("done_valid_o", top_.done_valid_o, done);
    if (!done) return;
    const Pending& p = pending_.front();
    expect("done_thread_o", top_.done_thread_o, p.mma.thread);
    expect("done_tile_o", top_.done_tile_o, p.mma.tile);
    last_flags_ = top_.done_flags_o;
    if (top_.done_flags_o != p.flags) report(p, -1);
    for (int e = 0; e < kElements; ++e) {
      if (result(e) != p.after[e]) {
        report(p, e);
        break;
      }
    }
    pending_.pop_front();
  }

  std::uint32_t result(int element) const { return top_.rootp->d1_matrix__DOT__result[element]; }

  void check_read(const Side& side) {
    for (int lane = 0; lane < 16; ++lane) {
      const int tile = 2 * side.read_pair + lane / 8;
      const std::uint32_t want = tiles_[side.read_thread][tile][8 * side.read_row + lane % 8];
      if (top_.rd_data_o[lane] != want) {
        ADD_FAILURE() << "cycle " << cycle_ << ": row " << side.read_row << " of tile " << tile << ", thread "
                      << side.read_thread << ", column " << lane % 8 << ": expected " << hex(want) << ", got "
                      << hex(top_.rd_data_o[lane]) << "\nreplay: " << replay_;
        return;
      }
    }
  }

  void expect(const char* port, int got, int want) {
    if (got != want) {
      ADD_FAILURE() << "cycle " << cycle_ << ": " << port << ": expected " << want << ", got " << got
                    << "\nreplay: " << replay_;
    }
  }

  static std::string hex(std::uint32_t value) {
    char text[16];
    snprintf(text, sizeof text, "0x%08x", value);
    return text;
  }

  // element < 0: the flags differ.
  void report(const Pending& p, int element) {
    std::string text = "cycle " + std::to_string(cycle_) + ", thread " + std::to_string(p.mma.thread) + ", tile " +
                       std::to_string(p.mma.tile) + ", descriptors " + hex(p.mma.da.packed()) + " " +
                       hex(p.mma.db.packed()) + (p.mma.zero_first ? ", z" : "");
    if (element < 0) {
      text += ": flags expected " + hex(p.flags) + ", got " + hex(top_.done_flags_o);
    } else {
      const int i = element / 8, j = element % 8;
      const int depth = golden::mma_depth(p.mma.da), bytes = p.mma.da.bytes();
      text += ", element (" + std::to_string(i) + ", " + std::to_string(j) + "): accumulator " +
              hex(p.before[element]) + ", products";
      for (int k = 0; k < depth; ++k) {
        text += " " + hex(code(p.mma.a, i * depth + k, bytes)) + "*" + hex(code(p.mma.b, 8 * k + j, bytes));
      }
      text += ": expected " + hex(p.after[element]) + ", got " + hex(result(element));
    }
    ADD_FAILURE() << text << "\nreplay: " << replay_;
  }

  static std::uint32_t code(const PanelBytes& bytes, int index, int size) {
    return size == 1 ? bytes[index] : bytes[2 * index] | bytes[2 * index + 1] << 8;
  }

  std::string replay_;
  VerilatedContext context_;
  Vd1_matrix top_;
  std::uint64_t cycle_ = 0, groups_ = 0;
  golden::Flags last_flags_ = 0;
  TileBits tiles_[kThreads][kTiles];
  std::uint64_t busy_until_[kThreads][kTiles] = {};
  std::deque<Pending> pending_;  // by done_cycle
  std::deque<std::uint64_t> second_starts_;
};

}  // namespace tatami::test
