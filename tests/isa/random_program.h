// Random programs for four threads that race through shared memory.
#pragma once

#include <cstdint>

#include "host/elf.h"

namespace tatami::isa_test {

struct RandomConfig {
  std::uint64_t seed = 1;
  bool lists = true;      ///< lists of transfers among them
  unsigned length = 120;  ///< groups of instructions a thread; a group has 1 to about 30, loops repeat them
  /// Of the fabric in which it runs, all nodes live; packets go to any node, and pushes to rectangles of nodes.
  unsigned width = 1, height = 1;
};

inline constexpr unsigned kMaxLength = 3000;

/// A program that ends by itself with code 0. The same configuration gives the same program.
Program random_program(const RandomConfig& config);

}  // namespace tatami::isa_test
