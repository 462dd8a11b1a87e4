// Collective operations over a group of nodes: inputs, the run, and what must come out, bit for bit. The kernels' side
// is tatami/collectives.h; docs/collectives.md has costs and orders of summation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/device.h"
#include "host/group.h"
#include "host/matmul.h"

namespace tatami {

enum class Collective { latency, barrier, broadcast, all_reduce, reduce_scatter, all_gather, transpose, halo };
/// "all-reduce" and the like.
std::string collective_name(Collective operation);
/// All names, separated by `separator`.
std::string collective_names(const std::string& separator);
/// Throws InputError if there is no such operation.
Collective parse_collective(const std::string& name);

struct CollectiveProblem {
  Collective operation = Collective::all_reduce;
  std::optional<Rectangle> rectangle;  ///< the nodes that take part; default: all live ones
  std::uint64_t bytes = 65'536;        ///< of a node's vector, a multiple of 64 (broadcast, reductions, all-gather)
  /// All-reduce: TATAMI_ALL_REDUCE_*; default: what is faster for so many nodes.
  std::optional<tatami_all_reduce_algorithm> algorithm;
  std::uint64_t work_bytes = 0;  ///< all-reduce: memory for it beside the vector; 0: what one pass needs
  unsigned root = 0;             ///< broadcast: its rank
  std::uint64_t rows = 0;        ///< transpose: of the whole matrix, a multiple of 16 x nodes; halo: of a tile
  std::uint64_t columns = 0;     ///< transpose: a multiple of the nodes; halo: of a tile, a multiple of 16
  std::uint64_t halo = 1;        ///< elements on each side, 1..16
  unsigned rounds = 64;          ///< latency, barrier: how often, a multiple of 4, at least 4
  unsigned repeats = 1;          ///< the whole operation, one after the other
  std::uint64_t seed = 1;
};

/// "direct", "tree".
std::string algorithm_name(tatami_all_reduce_algorithm algorithm);
/// Throws InputError if there is no such algorithm.
tatami_all_reduce_algorithm parse_algorithm(const std::string& name);
/// The one that the problem names, or the fastest for the group.
tatami_all_reduce_algorithm algorithm_of(const CollectiveProblem& problem, const NodeGroup& group);

/// What each rank has in its arrays, 32-bit words.
using Words = std::vector<std::vector<std::uint32_t>>;

/// One repetition of the operation: when the group's first and last node began it and ended it (thread 0, before the
/// call and after the return).
struct CollectiveTimes {
  std::uint64_t earliest_begin = 0, latest_begin = 0, earliest_end = 0, latest_end = 0;
  /// What the operation took: from the first node's beginning to the last node's end.
  std::uint64_t cycles() const { return latest_end - earliest_begin; }
};

struct CollectiveOutcome {
  RunResult run;
  tatami_all_reduce_algorithm algorithm = TATAMI_ALL_REDUCE_DIRECT;
  std::vector<CollectiveTimes> times;  ///< of each repetition; empty without time, or if the run failed
  Words results;

  std::uint64_t first_cycles() const { return times.front().cycles(); }  ///< instructions not fetched yet included
  std::uint64_t least_cycles() const;
  std::uint64_t most_cycles() const;
  std::uint64_t median_cycles() const;  ///< of an even number of repetitions the larger of the two in the middle
};

/// FP32 numbers between 2^-8 and 2^8 of both signs, a function of seed, rank and index: sums of them round nearly
/// always, so that another order of summation gives other bits.
std::vector<std::uint32_t> collective_input(std::uint64_t seed, unsigned rank, std::uint64_t words);

/// Throws InputError unless all sizes fit the operation and the group.
void validate(const CollectiveProblem& problem, const NodeGroup& group);

/// Runs it on the device. Throws InputError as validate() and make_group() do, and if the arrays do not fit in a node.
CollectiveOutcome run_collective(Device& device, const Program& kernel, const CollectiveProblem& problem,
                                 const RunOptions& options);

/// The results by the documented rule, from inputs alone.
Words expected_collective(const CollectiveProblem& problem, const NodeGroup& group,
                          tatami_all_reduce_algorithm algorithm);
Comparison compare(const Words& expected, const Words& got);

/// The least cycles that the network allows: flits that the busiest node must receive, and steps that follow each
/// other, each with the latency of a push, its counter and the wake-up.
struct CollectiveBound {
  double flits = 0;
  unsigned steps = 0;
  double cycles(double latency) const { return flits + steps * latency; }
};
CollectiveBound bound(const CollectiveProblem& problem, const NodeGroup& group, tatami_all_reduce_algorithm algorithm);

}  // namespace tatami
