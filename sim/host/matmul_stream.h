// One matrix product whose operands and result lie in edge memory (docs/streaming.md), on one node or many.
#pragma once

#include <cstdint>
#include <optional>

#include "host/matmul.h"

namespace tatami {

/// How the work is cut: C into pieces of m x n outputs of a node, K into slices of k.
struct StreamSizes {
  std::uint64_t m = 0;  ///< a multiple of 16
  std::uint64_t n = 0;  ///< a multiple of 64; m/16 * n/32 is at most 1024
  std::uint64_t k = 0;  ///< a multiple of 64 bytes of an operand
};

/// What a plan asks of edge memory.
struct StreamTraffic {
  std::uint64_t bytes_read = 0, bytes_written = 0;  ///< of all ports
  std::uint64_t busiest_port = 0;                   ///< bytes read and written by the one that moves most
};

struct StreamOutcome : MatmulOutcome {
  std::size_t grid_rows = 0, grid_columns = 0;  ///< the logical grid (host/grid.h)
  StreamSizes sizes;
  StreamTraffic traffic;
};

/// Throws InputError if the problem cannot be streamed: fp32 operands.
void validate_stream(const MatmulProblem& problem);

/// Loads the kernel `matmul_stream` into the device, places the operands in edge memory, runs with `threads` threads
/// and fetches the result. `edge_bandwidth`, bytes a cycle and port, and SRAM decide about the sizes, unless they are
/// given, and with dead nodes about the logical grid. Throws InputError if sizes are not as above or do not fit in
/// SRAM, or matrices not in edge memory.
StreamOutcome run_matmul_stream(Device& device, const Program& kernel, const MatmulProblem& problem, int threads,
                                const RunOptions& options, unsigned edge_bandwidth = EdgeConfig{}.bandwidth,
                                std::optional<StreamSizes> sizes = {});

}  // namespace tatami
