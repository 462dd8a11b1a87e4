#include "host/collective.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <functional>

#include "golden/fp32.h"
#include "host/error.h"

namespace tatami {
namespace {

constexpr std::array<const char*, 8> kNames{"latency",        "barrier",    "broadcast", "all-reduce",
                                            "reduce-scatter", "all-gather", "transpose", "halo"};

const std::array<const char*, 3> kAlgorithms{"direct", "tree", "mover"};

std::uint64_t blocks_of(const CollectiveProblem& p) { return p.bytes / 64; }
bool has_vector(Collective c) {
  return c == Collective::broadcast || c == Collective::all_reduce || c == Collective::reduce_scatter ||
         c == Collective::all_gather;
}

std::uint64_t halo_pitch(const CollectiveProblem& p) { return p.columns * 4 + 128; }
/// The tile's element (0, 0) in the array, in bytes.
std::uint64_t halo_origin(const CollectiveProblem& p) { return p.halo * halo_pitch(p) + 64; }

/// Words of the array that holds a node's input.
std::uint64_t input_words(const CollectiveProblem& p, const NodeGroup& group) {
  if (p.operation == Collective::transpose) return p.rows / group.count() * p.columns;
  if (p.operation == Collective::halo) return ((p.rows + 2 * p.halo) * halo_pitch(p) + 64) / 4;
  if (p.operation == Collective::latency) return 16;
  return has_vector(p.operation) ? p.bytes / 4 : 0;
}

struct Chunk {
  std::uint64_t begin, end;  // words
};
Chunk chunk(const CollectiveProblem& p, const NodeGroup& group, unsigned rank) {
  return {tatami_chunk_begin(blocks_of(p), rank, group.count()) * 16,
          tatami_chunk_begin(blocks_of(p), rank + 1, group.count()) * 16};
}

/// Where operation `p` leaves its result.
struct Result {
  bool in_out = false;  // in the array `out`, else in `data`
  std::uint64_t words = 0;
};
Result result_of(const CollectiveProblem& p, const NodeGroup& group, unsigned rank) {
  switch (p.operation) {
    case Collective::latency: return {true, rank < 2 ? std::uint64_t{16} : 0};
    case Collective::barrier: return {};
    case Collective::reduce_scatter: {
      const Chunk own = chunk(p, group, rank);
      return {true, own.end - own.begin};
    }
    case Collective::transpose: return {true, p.columns / group.count() * p.rows};
    default: return {false, input_words(p, group)};
  }
}

std::uint64_t work_bytes_of(const CollectiveProblem& p, const NodeGroup& group, tatami_all_reduce_algorithm algorithm) {
  if (p.operation == Collective::reduce_scatter) return tatami_direct_work_bytes(blocks_of(p), group.count());
  if (p.operation != Collective::all_reduce) return 0;
  if (p.work_bytes != 0) return p.work_bytes;
  return tatami_all_reduce_work_bytes(algorithm, blocks_of(p), group.count(), group.most_children());
}
std::uint64_t pass_blocks(const CollectiveProblem& p, const NodeGroup& group, tatami_all_reduce_algorithm algorithm) {
  return tatami_all_reduce_blocks(algorithm, blocks_of(p), work_bytes_of(p, group, algorithm), group.count(),
                                  group.most_children());
}

void add_to(std::vector<std::uint32_t>& sum, const std::vector<std::uint32_t>& x) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = golden::fadd(sum[i], x[i]).bits;
}

/// Chunk r is ((x[r] + x[0]) + x[1]) + ..., without x[r] a second time. A long vector is done in passes of `most`
/// blocks, each cut into chunks by itself.
std::vector<std::uint32_t> sum_of_chunks(const Words& x, std::uint64_t most) {
  std::vector<std::uint32_t> sum(x.front().size());
  const std::uint64_t blocks = sum.size() / 16, count = x.size();
  for (std::uint64_t first = 0; first < blocks; first += most) {
    const std::uint64_t pass = std::min(most, blocks - first);
    for (std::uint64_t owner = 0; owner < count; ++owner) {
      const std::uint64_t begin = (first + tatami_chunk_begin(pass, owner, count)) * 16;
      const std::uint64_t end = (first + tatami_chunk_begin(pass, owner + 1, count)) * 16;
      for (std::uint64_t i = begin; i < end; ++i) {
        std::uint32_t total = x[owner][i];
        for (std::uint64_t rank = 0; rank < count; ++rank) {
          if (rank != owner) total = golden::fadd(total, x[rank][i]).bits;
        }
        sum[i] = total;
      }
    }
  }
  return sum;
}

/// The first half of each pass of `most` blocks up tree 0, the second up tree 1: own + child 0's + child 1's + ...
std::vector<std::uint32_t> sum_of_trees(const Words& x, const NodeGroup& group, std::uint64_t most) {
  const auto rank_at = [&](std::uint64_t address) {
    const auto found = std::ranges::find(group.records, address, &tatami_group::here);
    return static_cast<unsigned>(found - group.records.begin());
  };
  const std::function<std::vector<std::uint32_t>(unsigned, unsigned)> sum_at = [&](unsigned tree, unsigned rank) {
    std::vector<std::uint32_t> sum = x[rank];
    const tatami_tree& place = group.records[rank].tree[tree];
    for (std::uint32_t c = 0; c < place.children; ++c) add_to(sum, sum_at(tree, rank_at(place.child[c])));
    return sum;
  };
  std::vector<std::uint32_t> sum = sum_at(0, 0);
  const std::vector<std::uint32_t> second = sum_at(1, group.count() - 1);
  const std::uint64_t blocks = sum.size() / 16;
  for (std::uint64_t first = 0; first < blocks; first += most) {
    const std::uint64_t pass = std::min(most, blocks - first);
    std::copy(second.begin() + static_cast<std::ptrdiff_t>((first + pass * 2 / 4) * 16),
              second.begin() + static_cast<std::ptrdiff_t>((first + pass) * 16),
              sum.begin() + static_cast<std::ptrdiff_t>((first + pass * 2 / 4) * 16));
  }
  return sum;
}

/// The mover's chunks: blocks / count, rounded up, the last ones what is left. Chunk r is ((x[r] + x[s]) + x[t]) + ...,
/// where s, t, ... are the others in the order of the phases in which they send to r.
std::vector<std::uint32_t> sum_by_phases(const Words& x, const NodeGroup& group, std::uint64_t most) {
  const std::vector<std::vector<unsigned>> senders = group.senders();
  std::vector<std::uint32_t> sum(x.front().size());
  const std::uint64_t blocks = sum.size() / 16, count = x.size();
  for (std::uint64_t first = 0; first < blocks; first += most) {
    const std::uint64_t pass = std::min(most, blocks - first), each = (pass + count - 1) / count;
    for (std::uint64_t block = 0; block < pass; ++block) {
      const std::uint64_t owner = block / each;
      for (std::uint64_t i = (first + block) * 16; i < (first + block + 1) * 16; ++i) {
        std::uint32_t total = x[owner][i];
        for (const unsigned rank : senders[owner]) total = golden::fadd(total, x[rank][i]).bits;
        sum[i] = total;
      }
    }
  }
  return sum;
}

std::vector<std::uint32_t> all_reduced(const CollectiveProblem& p, const NodeGroup& group, const Words& x,
                                       tatami_all_reduce_algorithm algorithm) {
  if (group.count() == 1) return x.front();
  switch (algorithm) {
    case TATAMI_ALL_REDUCE_DIRECT: return sum_of_chunks(x, pass_blocks(p, group, algorithm));
    case TATAMI_ALL_REDUCE_MOVER: return sum_by_phases(x, group, pass_blocks(p, group, algorithm));
    case TATAMI_ALL_REDUCE_TREE: return sum_of_trees(x, group, pass_blocks(p, group, algorithm));
  }
  return {};
}

void transpose(const CollectiveProblem& p, const NodeGroup& group, const Words& from, Words& to) {
  const std::uint64_t own_rows = p.rows / group.count(), own_columns = p.columns / group.count();
  for (std::uint64_t row = 0; row < p.rows; ++row) {
    for (std::uint64_t column = 0; column < p.columns; ++column) {
      to[column / own_columns][column % own_columns * p.rows + row] =
          from[row / own_rows][row % own_rows * p.columns + column];
    }
  }
}

void exchange(const CollectiveProblem& p, const NodeGroup& group, Words& x) {
  const Words before = x;
  const auto width = static_cast<std::int64_t>(group.records.front().width);
  const auto height = static_cast<std::int64_t>(group.records.front().height);
  const auto rows = static_cast<std::int64_t>(p.rows), columns = static_cast<std::int64_t>(p.columns);
  const auto h = static_cast<std::int64_t>(p.halo);
  const auto at = [&](std::int64_t row, std::int64_t column) {
    return static_cast<std::size_t>(static_cast<std::int64_t>(halo_origin(p) / 4) +
                                    row * static_cast<std::int64_t>(halo_pitch(p) / 4) + column);
  };
  // As if all tiles lay beside each other: element (row, column) of tile (tx, ty) is one of the tile it falls into.
  for (std::int64_t rank = 0; rank < width * height; ++rank) {
    for (std::int64_t row = -h; row < rows + h; ++row) {
      for (std::int64_t column = -h; column < columns + h; ++column) {
        const std::int64_t global_row = rank / width * rows + row, global_column = rank % width * columns + column;
        if (global_row < 0 || global_column < 0 || global_row >= rows * height || global_column >= columns * width)
          continue;
        const std::int64_t owner = global_row / rows * width + global_column / columns;
        x[static_cast<std::size_t>(rank)][at(row, column)] =
            before[static_cast<std::size_t>(owner)][at(global_row % rows, global_column % columns)];
      }
    }
  }
}

}  // namespace

std::string collective_name(Collective operation) { return kNames.at(static_cast<std::size_t>(operation)); }

std::string collective_names(const std::string& separator) { return fmt::format("{}", fmt::join(kNames, separator)); }

Collective parse_collective(const std::string& name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end())
    throw InputError(fmt::format("--op {}: no such operation; expected one of {}", name, collective_names(", ")));
  return static_cast<Collective>(found - kNames.begin());
}

std::string algorithm_name(tatami_all_reduce_algorithm algorithm) { return kAlgorithms.at(algorithm); }

tatami_all_reduce_algorithm parse_algorithm(const std::string& name) {
  const auto found = std::ranges::find(kAlgorithms, name);
  if (found == kAlgorithms.end())
    throw InputError(fmt::format("--algorithm {}: expected auto, {}", name, fmt::join(kAlgorithms, ", ")));
  return static_cast<tatami_all_reduce_algorithm>(found - kAlgorithms.begin());
}

tatami_all_reduce_algorithm algorithm_of(const CollectiveProblem& p, const NodeGroup& group) {
  return p.algorithm.value_or(tatami_all_reduce_choice(blocks_of(p), group.count()));
}

std::vector<std::uint32_t> collective_input(std::uint64_t seed, unsigned rank, std::uint64_t words) {
  std::vector<std::uint32_t> list(words);
  for (std::uint64_t i = 0; i < words; ++i) {
    // SplitMix64's finalizer.
    std::uint64_t z = seed * 0x9E37'79B9'7F4A'7C15U + (std::uint64_t{rank} << 40) + i + 0x9E37'79B9'7F4A'7C15U;
    z = (z ^ z >> 30) * 0xBF58'476D'1CE4'E5B9U;
    z = (z ^ z >> 27) * 0x94D0'49BB'1331'11EBU;
    z ^= z >> 31;
    const std::uint64_t exponent = 127 - 8 + (z >> 32) % 16;
    list[i] = static_cast<std::uint32_t>((z >> 63) << 31 | exponent << 23 | (z & 0x7F'FFFF));
  }
  return list;
}

void validate(const CollectiveProblem& p, const NodeGroup& group) {
  const std::string name = collective_name(p.operation);
  const auto refuse = [&](const std::string& why) { throw InputError(fmt::format("{}: {}", name, why)); };
  if (p.repeats == 0) refuse("repeats must be at least 1");
  // Nothing that is computed from sizes overflows below this; whether it fits beside the rest is seen when memory is
  // given out.
  const auto bounded = [&](std::uint64_t rows, std::uint64_t columns, std::uint64_t nodes, const std::string& what) {
    const std::uint64_t most = kSramBytes / 4 * nodes;
    if (rows > most || columns > most || (columns != 0 && rows > most / columns))
      refuse(fmt::format("{} more than the {} bytes of a node's SRAM", what, kSramBytes));
  };
  if (has_vector(p.operation)) bounded(p.bytes / 4, 1, 1, fmt::format("{} bytes are", p.bytes));
  if (p.operation == Collective::all_reduce)
    bounded(p.work_bytes / 4, 1, 1, fmt::format("{} bytes of work memory are", p.work_bytes));
  if (p.operation == Collective::transpose)
    bounded(p.rows, p.columns, group.count(), fmt::format("{} x {}: a node's share is", p.rows, p.columns));
  if (p.operation == Collective::halo)
    bounded(p.rows, p.columns, 1, fmt::format("tile of {} x {}:", p.rows, p.columns));
  if (has_vector(p.operation) && (p.bytes == 0 || p.bytes % 64 != 0)) {
    refuse(fmt::format("{} bytes: a vector is a multiple of 64 bytes, at least 64; pad it with zeros to {}", p.bytes,
                       (p.bytes + 64) / 64 * 64));
  }
  switch (p.operation) {
    case Collective::latency:
      if (group.count() < 2) refuse("takes two nodes or more; use --nodes 2x1");
      [[fallthrough]];
    case Collective::barrier:
      if (p.rounds < 4 || p.rounds % 4 != 0) refuse(fmt::format("{} rounds: expected a multiple of 4", p.rounds));
      break;
    case Collective::broadcast:
      if (p.root >= group.count())
        refuse(fmt::format("root {}: the group has ranks 0 to {}", p.root, group.count() - 1));
      break;
    case Collective::all_reduce: {
      const tatami_all_reduce_algorithm algorithm = algorithm_of(p, group);
      if (algorithm == TATAMI_ALL_REDUCE_MOVER && group.count() > TATAMI_MOVER_MOST_NODES) {
        refuse(fmt::format(
            "by the block mover it takes {} nodes at most, the group has {}; use --algorithm auto, direct or tree",
            TATAMI_MOVER_MOST_NODES, group.count()));
      }
      if (pass_blocks(p, group, algorithm) == 0) {
        refuse(
            fmt::format("{} bytes of work memory are too little for one pass; one for all needs {}", p.work_bytes,
                        tatami_all_reduce_work_bytes(algorithm, blocks_of(p), group.count(), group.most_children())));
      }
      break;
    }
    case Collective::transpose:
      if (p.rows == 0 || p.columns == 0 || p.rows % (16 * std::uint64_t{group.count()}) != 0 ||
          p.columns % group.count() != 0) {
        refuse(fmt::format("{} x {} over {} nodes: rows must be a multiple of {} and columns of {}", p.rows, p.columns,
                           group.count(), 16 * group.count(), group.count()));
      }
      break;
    case Collective::halo:
      if (!group.rectangle) refuse("tiles lie on a rectangle of nodes; choose one without dead nodes (--rectangle)");
      if (p.halo < 1 || p.halo > 16) refuse(fmt::format("{} elements of halo: expected 1 to 16", p.halo));
      if (p.rows < p.halo || p.columns == 0 || p.columns % 16 != 0) {
        refuse(fmt::format("tile of {} x {}: rows must be at least the halo's {}, columns a multiple of 16", p.rows,
                           p.columns, p.halo));
      }
      break;
    default: break;
  }
}

std::uint64_t CollectiveOutcome::least_cycles() const {
  return std::ranges::min(times, {}, &CollectiveTimes::cycles).cycles();
}
std::uint64_t CollectiveOutcome::most_cycles() const {
  return std::ranges::max(times, {}, &CollectiveTimes::cycles).cycles();
}
std::uint64_t CollectiveOutcome::median_cycles() const {
  std::vector<CollectiveTimes> sorted = times;
  std::ranges::sort(sorted, {}, &CollectiveTimes::cycles);
  return sorted[sorted.size() / 2].cycles();
}

CollectiveOutcome run_collective(Device& device, const Program& kernel, const CollectiveProblem& p,
                                 const RunOptions& options) {
  const NodeGroup group = make_group(device.info().shape, p.rectangle);
  CollectiveOutcome outcome;
  validate(p, group);
  outcome.algorithm = algorithm_of(p, group);
  device.load(kernel);

  tatami_collective_args arguments{};
  arguments.operation = static_cast<std::uint32_t>(p.operation);
  arguments.algorithm = outcome.algorithm;
  arguments.repeats = p.repeats;
  arguments.rounds = p.rounds;
  arguments.root = p.root;
  arguments.bytes = p.bytes;
  arguments.rows = p.rows;
  arguments.columns = p.columns;
  arguments.halo = p.halo;
  arguments.pitch = halo_pitch(p);
  const std::uint64_t words = input_words(p, group);
  std::uint64_t most_out = 0;
  for (unsigned rank = 0; rank < group.count(); ++rank) {
    const Result result = result_of(p, group, rank);
    if (result.in_out) most_out = std::max(most_out, result.words);
  }
  arguments.work_bytes = work_bytes_of(p, group, outcome.algorithm);
  const std::uint64_t times_bytes = p.repeats * sizeof(tatami_collective_times);
  const std::uint64_t phases_bytes = group.phases.empty() ? 0 : std::max(group.count(), 16U) * sizeof(tatami_phase);
  const std::uint64_t needed =
      words * 4 + most_out * 4 + arguments.work_bytes + times_bytes + phases_bytes + group.count() * 12 + 448;
  if (needed > device.available()) {
    throw InputError(
        fmt::format("{}: a node needs {} bytes ({} for its data, {} for results, {} for work, {} for times) and has "
                    "{}; use less data{}",
                    collective_name(p.operation), needed, words * 4, most_out * 4, arguments.work_bytes, times_bytes,
                    device.available(), p.operation == Collective::all_reduce ? " or --work-bytes" : ""));
  }
  const std::uint64_t nodes = device.allocate(group.count() * 8);
  const std::uint64_t order = device.allocate(group.count() * 4);
  const std::uint64_t phases = phases_bytes == 0 ? 0 : device.allocate(phases_bytes);
  arguments.data = device.allocate(words * 4);
  arguments.out = device.allocate(most_out * 4);
  arguments.work = device.allocate(arguments.work_bytes);
  arguments.times = device.allocate(times_bytes);

  device.write_arguments(std::as_bytes(std::span(&arguments, 1)));  // nodes outside the group: member = 0
  std::vector<std::uint64_t> addresses;
  for (const auto [x, y] : group.nodes) addresses.push_back(global_address(x, y, 0));
  arguments.member = 1;
  for (unsigned rank = 0; rank < group.count(); ++rank) {
    const Coordinate at = group.nodes[rank];
    arguments.group = group.records[rank];
    arguments.group.nodes = nodes;
    arguments.group.order = order;
    arguments.group.phases = phases;
    device.write_arguments(at, std::as_bytes(std::span(&arguments, 1)));
    device.write(global_address(at.x, at.y, nodes), std::as_bytes(std::span(addresses)));
    device.write(global_address(at.x, at.y, order), std::as_bytes(std::span(group.orders[rank])));
    if (phases != 0) device.write(global_address(at.x, at.y, phases), std::as_bytes(std::span(group.phases[rank])));
    const std::vector<std::uint32_t> input = collective_input(p.seed, rank, words);
    device.write(global_address(at.x, at.y, arguments.data), std::as_bytes(std::span(input)));
  }
  device.set_threads(kThreadsPerNode);
  outcome.run = device.run(options);

  std::vector<CollectiveTimes> times(p.repeats, {.earliest_begin = ~0ULL, .earliest_end = ~0ULL});
  std::vector<tatami_collective_times> of_node(p.repeats);
  for (unsigned rank = 0; rank < group.count(); ++rank) {
    const Coordinate at = group.nodes[rank];
    const Result result = result_of(p, group, rank);
    std::vector<std::uint32_t> got(result.words);
    device.read(global_address(at.x, at.y, result.in_out ? arguments.out : arguments.data),
                std::as_writable_bytes(std::span(got)));
    outcome.results.push_back(std::move(got));
    device.read(global_address(at.x, at.y, arguments.times), std::as_writable_bytes(std::span(of_node)));
    for (unsigned i = 0; i < p.repeats; ++i) {
      times[i].earliest_begin = std::min(times[i].earliest_begin, of_node[i].begin);
      times[i].latest_begin = std::max(times[i].latest_begin, of_node[i].begin);
      times[i].earliest_end = std::min(times[i].earliest_end, of_node[i].end);
      times[i].latest_end = std::max(times[i].latest_end, of_node[i].end);
    }
  }
  if (device.info().has_cycles && outcome.run.passed()) outcome.times = std::move(times);
  return outcome;
}

Words expected_collective(const CollectiveProblem& p, const NodeGroup& group, tatami_all_reduce_algorithm algorithm) {
  Words data;
  for (unsigned rank = 0; rank < group.count(); ++rank)
    data.push_back(collective_input(p.seed, rank, input_words(p, group)));
  Words out;
  for (unsigned rank = 0; rank < group.count(); ++rank) {
    const Result result = result_of(p, group, rank);
    out.emplace_back(result.in_out ? result.words : 0);
  }
  for (unsigned repeat = 0; repeat < p.repeats; ++repeat) {
    switch (p.operation) {
      case Collective::latency:
        out[0] = data[1];
        out[1] = data[0];
        break;
      case Collective::barrier: break;
      case Collective::broadcast: std::ranges::fill(data, std::vector(data[p.root])); break;
      case Collective::all_reduce: std::ranges::fill(data, all_reduced(p, group, data, algorithm)); break;
      case Collective::reduce_scatter: {
        const std::vector<std::uint32_t> sum = sum_of_chunks(data, blocks_of(p));
        for (unsigned rank = 0; rank < group.count(); ++rank) {
          const Chunk own = chunk(p, group, rank);
          std::copy(sum.begin() + static_cast<std::ptrdiff_t>(own.begin),
                    sum.begin() + static_cast<std::ptrdiff_t>(own.end), out[rank].begin());
        }
        break;
      }
      case Collective::all_gather: {
        std::vector<std::uint32_t> all(data.front().size());
        for (unsigned rank = 0; rank < group.count(); ++rank) {
          const Chunk own = chunk(p, group, rank);
          std::copy(data[rank].begin() + static_cast<std::ptrdiff_t>(own.begin),
                    data[rank].begin() + static_cast<std::ptrdiff_t>(own.end),
                    all.begin() + static_cast<std::ptrdiff_t>(own.begin));
        }
        std::ranges::fill(data, all);
        break;
      }
      case Collective::transpose: transpose(p, group, data, out); break;
      case Collective::halo: exchange(p, group, data); break;
    }
  }
  return result_of(p, group, 0).in_out ? out : data;
}

Comparison compare(const Words& expected, const Words& got) {
  Comparison comparison;
  for (std::size_t rank = 0; rank < expected.size(); ++rank) {
    for (std::size_t i = 0; i < expected[rank].size(); ++i) {
      ++comparison.compared;
      const std::optional<std::uint32_t> value = i < got[rank].size() ? std::optional(got[rank][i]) : std::nullopt;
      if (value == expected[rank][i]) continue;
      if (comparison.mismatches++ == 0) {
        comparison.first = fmt::format("rank {}, word {}: expected {:#010x}, got {}", rank, i, expected[rank][i],
                                       value ? fmt::format("{:#010x}", *value) : "nothing");
      }
    }
  }
  return comparison;
}

CollectiveBound bound(const CollectiveProblem& p, const NodeGroup& group, tatami_all_reduce_algorithm algorithm) {
  const double nodes = group.count();
  const double blocks = static_cast<double>(p.bytes) / 64, others = (nodes - 1) / nodes;
  switch (p.operation) {
    case Collective::latency: return {0, 2 * p.rounds};
    case Collective::barrier: return {0, p.rounds * group.records.front().barrier_steps};
    case Collective::broadcast: return {blocks, group.depth() + 1};
    case Collective::all_reduce:
      return {2 * blocks * others, algorithm == TATAMI_ALL_REDUCE_TREE ? 2 * group.depth() : 2};
    case Collective::reduce_scatter:
    case Collective::all_gather: return {blocks * others, 1};
    case Collective::transpose:
      return {static_cast<double>(p.rows) * static_cast<double>(p.columns) / nodes / 16 * others, 1};
    case Collective::halo: {
      // Of a node with neighbours on all sides, as far as the rectangle has such.
      const double vertical = std::min(2U, group.records.front().height - 1);
      const double horizontal = std::min(2U, group.records.front().width - 1);
      return {vertical * static_cast<double>(p.halo * (p.columns / 16)) + horizontal * static_cast<double>(p.rows) +
                  vertical * horizontal * static_cast<double>(p.halo),
              1};
    }
  }
  return {};
}

}  // namespace tatami
