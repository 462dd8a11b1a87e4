// Somebody outside the fabric who writes, reads and counts in the nodes through a port of the rim, and knows what must
// come back: nobody else touches his part of a node's memory, and a node serves his requests in their order
// (docs/network.md, 6.2).
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <random>
#include <vector>

#include "fabric/edge_port.h"

namespace tatami::test {

class OutsideAgent {
 public:
  static constexpr std::uint64_t kBase = 0x40000,
                                 kBytes = 256;  ///< of agent i: from kBase + i * kBytes on, in each node
  static constexpr unsigned kCounter = 8;       ///< of agent i: kCounter + i

  OutsideAgent(unsigned number, unsigned width, unsigned height)
      : number_(number), width_(width), random_(number), nodes_(width * height) {}

  /// Makes one request and has `port` send it.
  void ask(fabric::EdgePort& port) {
    fabric::EdgePort::Flit flit{};
    const unsigned to = below(static_cast<unsigned>(nodes_.size())), kind = below(5), tag = below(128);
    Node& node = nodes_[to];
    Expected expected{.tag = tag};
    std::uint64_t offset = below(kBytes);
    auto* const payload = reinterpret_cast<std::uint8_t*>(&flit[4]);
    for (unsigned i = 0; i < 64; ++i) payload[i] = static_cast<std::uint8_t>(random_());
    unsigned bytes = 8;
    switch (kind) {
      case 0:  // write: a byte of the payload for each byte of the block
        bytes = 1 + below(64 - offset % 64);
        std::memcpy(&node.memory[offset], payload + offset % 64, bytes);
        expected.kind = 8;
        break;
      case 1:  // pull
        offset &= ~63U;
        flit[4] = below(1U << 21);
        expected.kind = 9;
        expected.offset = flit[4];
        std::memcpy(expected.data.data(), &node.memory[offset], 64);
        break;
      case 4:  // increment of a counter
        node.counter += flit[4];
        expected.kind = 8;
        break;
      default: {  // atomics: addition; compare and swap, every other time with the value that is there
        offset &= ~7U;
        std::uint64_t old = 0, operand = 0, compare = 0;
        std::memcpy(&old, &node.memory[offset], 8);
        if (below(2) != 0) std::memcpy(payload + 8, &old, 8);
        std::memcpy(&operand, payload, 8);
        std::memcpy(&compare, payload + 8, 8);
        const std::uint64_t value = kind == 2 ? old + operand : old == compare ? operand : old;
        std::memcpy(&node.memory[offset], &value, 8);
        expected.kind = 10;
        std::memcpy(expected.data.data(), &old, 8);
      }
    }
    flit[0] = to % width_ | to / width_ << 8;
    flit[1] =
        kind | (tag & 3) << 4 | (tag >> 2) << 6 | (kind == 4 ? (kCounter + number_) << 12 | 1 << 11 : 0) | bytes << 17;
    flit[2] = static_cast<std::uint32_t>(kBase + number_ * kBytes + offset);
    node.expected.push_back(expected);
    port.ask(flit);
    ++asked_;
  }

  /// Compares what has come back.
  void check(fabric::EdgePort& port) {
    for (; !port.answers().empty(); port.answers().pop_front()) {
      const fabric::EdgePort::Flit& flit = port.answers().front();
      const unsigned from = (flit[0] >> 16 & 255) + (flit[0] >> 24) * width_;
      ASSERT_LT(from, nodes_.size()) << where();
      ASSERT_FALSE(nodes_[from].expected.empty()) << where() << "node " << from << " answers what it was not asked";
      const Expected expected = nodes_[from].expected.front();
      nodes_[from].expected.pop_front();
      EXPECT_EQ(flit[1] & 15, expected.kind) << where() << "node " << from;
      EXPECT_EQ((flit[1] >> 4 & 3) | (flit[1] >> 6 & 31) << 2, expected.tag) << where() << "node " << from;
      if (expected.kind == 9) {
        EXPECT_EQ(flit[2] & 0x1fffff, expected.offset) << where() << "node " << from;
      }
      if (expected.kind != 8) {
        EXPECT_EQ(std::memcmp(&flit[4], expected.data.data(), expected.kind == 9 ? 64 : 8), 0)
            << where() << "node " << from << ": data of a response of kind " << expected.kind;
      }
      ++answered_;
    }
  }

  std::uint64_t asked() const { return asked_; }
  std::uint64_t answered() const { return answered_; }
  /// What must lie in a node's memory from kBase + number * kBytes on, and its counter's value.
  const std::array<std::uint8_t, kBytes>& memory(unsigned node) const { return nodes_[node].memory; }
  std::uint32_t counter(unsigned node) const { return nodes_[node].counter; }

 private:
  struct Expected {
    unsigned tag = 0, kind = 0, offset = 0;
    std::array<std::uint8_t, 64> data{};
  };
  struct Node {
    std::array<std::uint8_t, kBytes> memory{};
    std::uint32_t counter = 0;
    std::deque<Expected> expected;
  };

  unsigned below(std::uint64_t n) { return static_cast<unsigned>(random_() % n); }
  std::string where() const { return "agent " + std::to_string(number_) + ": "; }

  unsigned number_, width_;
  std::mt19937_64 random_;
  std::vector<Node> nodes_;
  std::uint64_t asked_ = 0, answered_ = 0;
};

}  // namespace tatami::test
