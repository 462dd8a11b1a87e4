#include "host/matmul_stream.h"

#include <fmt/format.h>
#include <tatami/matmul_stream_args.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <iterator>
#include <map>

#include "host/error.h"
#include "host/grid.h"
#include "host/ranges.h"

namespace tatami {
namespace {

constexpr std::uint64_t kBlock = 64;    // bytes of a block of the network
constexpr std::uint64_t kColumns = 64;  // columns are given to nodes in units of: 64-byte blocks of every format
constexpr std::uint64_t kRows = TATAMI_MATMUL_BLOCK_M;
constexpr std::uint64_t kItemColumns = TATAMI_MATMUL_BLOCK_N;
constexpr std::uint64_t kDescriptor = 32;  // bytes
enum Side : unsigned { kNorth = 0, kEast = 1, kSouth = 2, kWest = 3 };

/// The problem's measures, as the nodes see them.
struct Measures {
  std::uint64_t m, n, k;          ///< of the whole
  std::uint64_t rows, columns;    ///< the most that a node has
  std::uint64_t operand, output;  ///< bytes of an element
  std::uint64_t group;            ///< steps of K that are multiplied together
  bool sums_apart;                ///< accumulators between slices have a place of their own
  bool bias, accumulates;

  Measures(const MatmulProblem& problem, const LogicalGrid& grid)
      : m(problem.m()),
        n(problem.n()),
        k(problem.k()),
        rows(0),
        columns(0),
        operand(static_cast<std::uint64_t>(problem.a.format.bytes())),
        output(static_cast<std::uint64_t>(problem.output.bytes())),
        group(operand == 1 ? 8 : 4),
        bias(!problem.bias.empty()),
        accumulates(problem.beta != 0) {
    sums_apart = output != 4 || problem.alpha != 1 || accumulates || bias;
    for (std::uint64_t p = 0; p < grid.rows(); ++p) rows = std::max(rows, units(m, kRows, p, grid.rows()).size());
    for (std::uint64_t q = 0; q < grid.columns(); ++q)
      columns = std::max(columns, units(n, kColumns, q, grid.columns()).size());
  }

  std::uint64_t slot_bytes(const StreamSizes& s) const { return (s.m + s.n) * s.k * operand; }
  std::uint64_t sums_bytes(const StreamSizes& s) const { return sums_apart && s.k < k ? s.m * s.n * 4 : 0; }
  std::uint64_t bias_bytes(const StreamSizes& s) const { return bias ? 2 * s.n * 4 : 0; }
  std::uint64_t sram_bytes(const StreamSizes& s) const {
    return TATAMI_STREAM_SLOTS * slot_bytes(s) + 2 * s.m * s.n * output + sums_bytes(s) + bias_bytes(s);
  }
};

/// Cycles for each block that a node receives of A and of B, and gives of C, when all nodes do the same at a time.
struct BlockCycles {
  double a = 1, b = 1, c = 1;
};

/// Multicasts are limited by what a node can receive. Around dead nodes every block crosses the fabric once for each
/// receiver and by the tables, and the busiest link decides: counted link by link on fabrics of 4x4 to the die, what it
/// carries grows with the fabric's side, by these factors (but that the die took 1.5 times as long, which they
/// include).
BlockCycles block_cycles(const FabricShape& shape, bool along_fabric) {
  if (shape.dead.empty()) return {};
  const double side = std::max(shape.width, shape.height);
  const auto cycles = [&](double factor) { return std::max(1.0, factor * side); };
  return {cycles(along_fabric ? 0.65 : 0.7), cycles(along_fabric ? 0.7 : 1.1), cycles(1.2)};
}

/// A model of the cycles that sizes take, good enough to choose by: docs/streaming.md, section 5.
double estimated_cycles(const Measures& of, const LogicalGrid& grid, const StreamSizes& s, unsigned bandwidth,
                        const BlockCycles& block) {
  constexpr double kItem = 25, kStep = 300;  // cycles that an item and a step cost besides, as measured
  const auto ceil = [](std::uint64_t a, std::uint64_t b) { return static_cast<double>((a + b - 1) / b); };
  const auto real = [](std::uint64_t value) { return static_cast<double>(value); };
  const double pieces_m = ceil(of.rows, s.m), pieces_n = ceil(of.columns, s.n), slices = ceil(of.k, s.k);
  const double rows = real(round_up(of.rows, kRows)), columns = real(round_up(of.columns, kItemColumns));
  const double items = rows / kRows * columns / kItemColumns;
  const double depth = real(round_up(of.k, of.group)), steps = pieces_m * pieces_n * slices;
  const double multiply = items * depth * kRows * kItemColumns / 256 + items * slices * kItem;
  // What a step fetches while the one before is computed: its operands are pulled, A before B, then pushed; and what it
  // gives away of C, for which a row's nodes share two ports.
  const double in_step = real(of.slot_bytes(s)), out_piece = real(s.m * s.n * of.output) * (of.accumulates ? 2 : 1);
  const double shares =
      real(s.m * s.k * of.operand) / real(grid.columns()) + real(s.n * s.k * of.operand) / real(grid.rows());
  const double pushed = (real(s.m) * block.a + real(s.n) * block.b) * real(s.k * of.operand) / kBlock;
  const double fetch =
      std::max(shares / kBlock, in_step / 2 / bandwidth) + (grid.rows() * grid.columns() == 1 ? 0 : pushed);
  const double store = std::max(out_piece / kBlock * block.c, out_piece / 2 * real(grid.columns()) / bandwidth);
  // Nothing hides the first step's operands and the last piece's outputs.
  return steps * std::max(multiply / steps, fetch + store / slices) + steps * kStep + fetch + store;
}

StreamSizes choose_sizes(const Measures& of, const LogicalGrid& grid, std::uint64_t sram, unsigned bandwidth,
                         const BlockCycles& block) {
  const std::uint64_t unit = kBlock / of.operand;
  std::optional<StreamSizes> best;
  double least = 0;
  for (std::uint64_t k = unit; k < round_up(of.k, unit) + unit; k += unit) {
    for (std::uint64_t m = kRows; m < round_up(of.rows, kRows) + kRows; m += kRows) {
      if (of.sram_bytes({m, kColumns, k}) > sram) break;
      for (std::uint64_t n = kColumns; n < round_up(of.columns, kColumns) + kColumns; n += kColumns) {
        const StreamSizes sizes{m, n, k};
        if (of.sram_bytes(sizes) > sram || m / kRows * (n / kItemColumns) > TATAMI_STREAM_MOST_ITEMS) break;
        const double cycles = estimated_cycles(of, grid, sizes, bandwidth, block);
        if (best && cycles >= least) continue;
        best = sizes;
        least = cycles;
      }
    }
    if (of.sram_bytes({kRows, kColumns, k}) > sram) break;
  }
  if (!best)
    throw InputError(fmt::format("{} bytes of a node's SRAM are left, too few for a piece of the product", sram));
  return *best;
}

void check_sizes(const Measures& of, const StreamSizes& s, std::uint64_t sram) {
  const std::uint64_t unit = kBlock / of.operand;
  if (s.m == 0 || s.n == 0 || s.k == 0 || s.m % kRows != 0 || s.n % kColumns != 0 || s.k % unit != 0) {
    throw InputError(fmt::format("pieces of {}x{} in slices of {}: expected multiples of {}, {} and {}, from 1 of each",
                                 s.m, s.n, s.k, kRows, kColumns, unit));
  }
  if (s.m / kRows * (s.n / kItemColumns) > TATAMI_STREAM_MOST_ITEMS) {
    throw InputError(fmt::format("pieces of {}x{} have more than {} blocks of {}x{}; use smaller pieces", s.m, s.n,
                                 TATAMI_STREAM_MOST_ITEMS, kRows, kItemColumns));
  }
  if (of.sram_bytes(s) > sram) {
    throw InputError(
        fmt::format("pieces of {}x{} in slices of {} take {} bytes of a node's SRAM, which has {} free; use "
                    "smaller ones",
                    s.m, s.n, s.k, of.sram_bytes(s), sram));
  }
}

std::uint64_t list_bytes(const LogicalGrid& grid) {
  return kDescriptor *
         (TATAMI_STREAM_SLOTS * TATAMI_STREAM_LIST(grid.rows(), grid.columns()) + 2 * TATAMI_STREAM_C_LIST);
}

/// How a product is cut: among the nodes, and in pieces.
struct Plan {
  LogicalGrid grid;
  Measures of;
  StreamSizes sizes;
};

/// What the model says is fastest, of the logical grid with most nodes and the one along the fabric's rows and columns,
/// and of all sizes, if they are not given. `free`: bytes of SRAM.
Plan make_plan(const FabricShape& shape, const MatmulProblem& problem, std::uint64_t free, unsigned bandwidth,
               const std::optional<StreamSizes>& sizes) {
  std::optional<Plan> best;
  double least = 0;
  for (const bool along_fabric : {false, true}) {
    const LogicalGrid grid = along_fabric ? LogicalGrid::along_fabric(shape) : LogicalGrid(shape);
    const Measures of(problem, grid);
    // 64 bytes for each of eight places, which begin at multiples of 64.
    const std::uint64_t others = (grid.rows() + grid.columns()) * 8 + list_bytes(grid) + 8 * kBlock;
    const std::uint64_t sram = free - std::min(free, others);
    const BlockCycles block = block_cycles(shape, along_fabric);
    const StreamSizes chosen = sizes ? *sizes : choose_sizes(of, grid, sram, bandwidth, block);
    check_sizes(of, chosen, sram);
    const double cycles = estimated_cycles(of, grid, chosen, bandwidth, block);
    if (!best || cycles < least) {
      best.emplace(Plan{grid, of, chosen});
      least = cycles;
    }
    if (shape.dead.empty()) break;  // there is one grid
  }
  return *best;
}

/// Places the operands, and gets the result.
class Stream {
 public:
  Stream(Device& device, const MatmulProblem& problem, unsigned bandwidth, std::optional<StreamSizes> sizes)
      : Stream(device, problem, make_plan(device.info().shape, problem, device.available(), bandwidth, sizes)) {}

  Stream(Device& device, const MatmulProblem& problem, Plan plan)
      : device_(device), problem_(problem), grid_(std::move(plan.grid)), of_(plan.of), sizes_(plan.sizes) {
    row_nodes_ = device.allocate(grid_.columns() * 8);
    column_nodes_ = device.allocate(grid_.rows() * 8);
    lists_ = device.allocate(list_bytes(grid_));
    slots_ = device.allocate(TATAMI_STREAM_SLOTS * of_.slot_bytes(sizes_));
    out_ = device.allocate(2 * sizes_.m * sizes_.n * of_.output);
    if (of_.sums_bytes(sizes_) != 0) sums_ = device.allocate(of_.sums_bytes(sizes_));
    if (of_.bias) bias_ = device.allocate(of_.bias_bytes(sizes_));
    a_pitch_ = round_up(of_.k * of_.operand, kBlock);
    c_pitch_ = round_up(of_.n * of_.output, kBlock);
    choose_ports();
    place_rows();
    place_columns();
  }

  const LogicalGrid& grid() const { return grid_; }
  const StreamSizes& sizes() const { return sizes_; }
  const StreamTraffic& traffic() const { return traffic_; }

  void start() {
    for (std::uint64_t p = 0; p < grid_.rows(); ++p) {
      for (std::uint64_t q = 0; q < grid_.columns(); ++q) {
        for (std::uint64_t other = 0; other < grid_.columns(); ++other)
          device_.write_value(on(p, q, row_nodes_ + 8 * other), on(p, other, 0));
        for (std::uint64_t other = 0; other < grid_.rows(); ++other)
          device_.write_value(on(p, q, column_nodes_ + 8 * other), on(other, q, 0));
        write_arguments(grid_.at(p, q), arguments_of(p, q));
      }
    }
    tatami_matmul_stream_args nothing = arguments_of(0, 0);
    nothing.pieces_m = 0;
    for (const Coordinate at : grid_.idle()) write_arguments(at, nothing);
  }

  void gather(Matrix& c, golden::Flags& flags) {
    for (std::uint64_t p = 0; p < grid_.rows(); ++p) {
      each_row(p, [&](std::uint64_t row, std::uint64_t at, unsigned half) {
        device_.read(lines_[p].c[half] + at * c_pitch_,
                     std::as_writable_bytes(std::span(c.bytes).subspan(row * of_.n * of_.output, of_.n * of_.output)));
      });
      for (std::uint64_t q = 0; q < grid_.columns(); ++q) {
        tatami_matmul_stream_args arguments;
        device_.read(on(p, q, device_.program().address_of("tatami_args")),
                     std::as_writable_bytes(std::span(&arguments, 1)));
        flags = static_cast<golden::Flags>(flags | tatami_matmul_flags(&arguments.local));
      }
    }
  }

 private:
  /// The memories of a logical row or column: its ports, and what lies where.
  struct Line {
    std::array<RimPort, 2> port;
    std::array<std::uint64_t, 2> operand{}, c{};
    std::uint64_t bias = 0, pitch = 0;
  };

  Range rows(std::uint64_t p) const { return units(of_.m, kRows, p, grid_.rows()); }
  Range columns(std::uint64_t q) const { return units(of_.n, kColumns, q, grid_.columns()); }
  std::uint64_t on(std::uint64_t p, std::uint64_t q, std::uint64_t local) const {
    const Coordinate at = grid_.at(p, q);
    return global_address(at.x, at.y, local);
  }
  std::uint64_t pieces_m() const { return (of_.rows + sizes_.m - 1) / sizes_.m; }
  std::uint64_t pieces_n() const { return (of_.columns + sizes_.n - 1) / sizes_.n; }

  void write_arguments(Coordinate node, const tatami_matmul_stream_args& arguments) {
    device_.write_arguments(node, std::as_bytes(std::span(&arguments, 1)));
  }

  /// Logical rows get the ports of sides W and E, columns those of N and S, spread evenly along the side: without dead
  /// nodes the ports at their own ends, with dead nodes ports that are near, as logical rows are filled from the
  /// fabric's rows. A side whose nodes are all dead is replaced by all ports.
  void choose_ports() {
    const std::vector<RimPort> all = device_.info().shape.rim_ports();
    const auto spread = [&](std::vector<Line>& lines, std::size_t half, unsigned side) {
      std::vector<RimPort> ports;
      std::ranges::copy_if(all, std::back_inserter(ports), [&](const RimPort& port) { return port.side == side; });
      if (ports.empty()) ports = all;
      for (std::size_t i = 0; i < lines.size(); ++i) lines[i].port[half] = ports[i * ports.size() / lines.size()];
    };
    lines_.resize(grid_.rows());
    columns_.resize(grid_.columns());
    spread(lines_, 0, kWest);
    spread(lines_, 1, kEast);
    spread(columns_, 0, kNorth);
    spread(columns_, 1, kSouth);
  }

  void count(const RimPort& port, std::uint64_t read, std::uint64_t written) {
    traffic_.bytes_read += read;
    traffic_.bytes_written += written;
    traffic_.busiest_port = std::max(traffic_.busiest_port, port_bytes_[port] += read + written);
  }

  /// Calls action(row of the whole, row of line p, half) for the rows of line p.
  template <typename Action>
  void each_row(std::uint64_t p, Action&& action) const {
    const Range range = rows(p);
    for (std::uint64_t row = range.begin; row < range.end; ++row) {
      const std::uint64_t at = row - range.begin;
      action(row, at, half_of_row(at));
    }
  }
  unsigned half_of_row(std::uint64_t at) const { return at % sizes_.m < sizes_.m / 2 ? 0 : 1; }

  /// A, and the places of C.
  void place_rows() {
    const std::uint64_t row_bytes = of_.k * of_.operand, c_row_bytes = of_.n * of_.output;
    for (std::uint64_t p = 0; p < grid_.rows(); ++p) {
      Line& line = lines_[p];
      const Range range = rows(p);
      if (range.size() == 0) continue;
      const std::uint64_t filled = round_up(range.size(), kRows);
      for (unsigned half = 0; half < 2; ++half) {
        line.operand[half] = device_.allocate_edge(line.port[half], filled * a_pitch_);
        line.c[half] = device_.allocate_edge(line.port[half], range.size() * c_pitch_);
      }
      for (std::uint64_t at = 0; at < filled; ++at) {
        // Below the last row its copies.
        const std::uint64_t row = std::min(range.begin + at, range.end - 1);
        device_.write(line.operand[half_of_row(at)] + at * a_pitch_,
                      std::as_bytes(std::span(problem_.a.bytes).subspan(row * row_bytes, row_bytes)));
        count(line.port[half_of_row(at)], a_pitch_ * pieces_n(), 0);
      }
      std::uint64_t c_blocks = 0;
      for (std::uint64_t q = 0; q < grid_.columns(); ++q) c_blocks += round_up(columns(q).size() * of_.output, kBlock);
      each_row(p, [&](std::uint64_t row, std::uint64_t at, unsigned half) {
        if (of_.accumulates) {
          device_.write(line.c[half] + at * c_pitch_,
                        std::as_bytes(std::span(problem_.c_in->bytes).subspan(row * c_row_bytes, c_row_bytes)));
        }
        count(line.port[half], of_.accumulates ? c_blocks : 0, c_blocks);
      });
    }
  }

  /// B and the bias.
  void place_columns() {
    for (std::uint64_t q = 0; q < grid_.columns(); ++q) {
      Line& line = columns_[q];
      const Range range = columns(q);
      if (range.size() == 0) continue;
      const std::uint64_t bytes = range.size() * of_.operand;
      const std::uint64_t filled = round_up(of_.k, of_.group);
      line.pitch = round_up(bytes, kBlock);
      for (unsigned half = 0; half < 2; ++half)
        line.operand[half] = device_.allocate_edge(line.port[half], filled * line.pitch);
      std::vector<std::uint8_t> row(line.pitch);
      for (std::uint64_t at = 0; at < filled; ++at) {
        const unsigned half = at % sizes_.k < sizes_.k / 2 ? 0 : 1;
        count(line.port[half], line.pitch * pieces_m(), 0);
        if (at >= of_.k) continue;
        std::memcpy(row.data(), &problem_.b.bytes[(at * of_.n + range.begin) * of_.operand], bytes);
        // To the right of the last column its copies.
        for (std::uint64_t to = bytes; to < row.size(); ++to) row[to] = row[to - of_.operand];
        device_.write(line.operand[half] + at * line.pitch, std::as_bytes(std::span(row)));
      }
      if (!of_.bias) continue;
      const std::uint64_t bias_bytes = round_up(range.size() * sizeof(float), kBlock);
      line.bias = device_.allocate_edge(line.port[0], bias_bytes);
      device_.write(line.bias, std::as_bytes(std::span(problem_.bias).subspan(range.begin, range.size())));
      for (std::uint64_t p = 0; p < grid_.rows(); ++p) {
        const std::uint64_t pieces = (rows(p).size() + sizes_.m - 1) / sizes_.m;
        count(line.port[0], bias_bytes * pieces, 0);
      }
    }
  }

  tatami_matmul_stream_args arguments_of(std::uint64_t p, std::uint64_t q) const {
    const Range i = rows(p), j = columns(q);
    const Line &row = lines_[p], &column = columns_[q];
    tatami_matmul_stream_args arguments{};
    tatami_matmul_args& local = arguments.local;
    local.m = static_cast<std::uint32_t>(i.size());
    local.n = static_cast<std::uint32_t>(of_.n);
    local.k = static_cast<std::uint32_t>(of_.k);
    local.a_format = problem_.a.format.packed();
    local.b_format = problem_.b.format.packed();
    local.c_format = problem_.output.packed();
    local.alpha = std::bit_cast<std::uint32_t>(problem_.alpha);
    local.beta = std::bit_cast<std::uint32_t>(problem_.beta);
    local.bias = bias_;
    local.seed = problem_.seed;
    local.first_index = i.begin * of_.n + j.begin;
    tatami_matmul_prepare(&local);
    for (unsigned half = 0; half < 2; ++half) {
      arguments.a[half] = row.operand[half];
      arguments.b[half] = column.operand[half];
      arguments.c[half] = row.c[half] + j.begin * of_.output;
    }
    arguments.bias = column.bias;
    arguments.a_pitch = static_cast<std::uint32_t>(a_pitch_);
    arguments.b_pitch = static_cast<std::uint32_t>(column.pitch);
    arguments.c_pitch = static_cast<std::uint32_t>(c_pitch_);
    arguments.columns = static_cast<std::uint32_t>(j.size());
    arguments.slots = slots_;
    arguments.out = out_;
    arguments.sums = sums_;
    arguments.lists = lists_;
    arguments.row_nodes = row_nodes_;
    arguments.column_nodes = column_nodes_;
    arguments.piece_m = static_cast<std::uint32_t>(sizes_.m);
    arguments.piece_n = static_cast<std::uint32_t>(sizes_.n);
    arguments.slice_k = static_cast<std::uint32_t>(sizes_.k);
    arguments.pieces_m = static_cast<std::uint32_t>(pieces_m());
    arguments.pieces_n = static_cast<std::uint32_t>(pieces_n());
    arguments.grid_rows = static_cast<std::uint16_t>(grid_.rows());
    arguments.grid_columns = static_cast<std::uint16_t>(grid_.columns());
    arguments.p = static_cast<std::uint16_t>(p);
    arguments.q = static_cast<std::uint16_t>(q);
    arguments.multicast = device_.info().shape.dead.empty() ? 1 : 0;
    return arguments;
  }

  Device& device_;
  const MatmulProblem& problem_;
  LogicalGrid grid_;
  Measures of_;
  StreamSizes sizes_;
  StreamTraffic traffic_;
  std::map<RimPort, std::uint64_t> port_bytes_;
  std::vector<Line> lines_, columns_;  // logical rows, logical columns
  std::uint64_t a_pitch_ = 0, c_pitch_ = 0;
  std::uint64_t row_nodes_ = 0, column_nodes_ = 0, lists_ = 0, slots_ = 0, out_ = 0, sums_ = 0, bias_ = 0;
};

}  // namespace

void validate_stream(const MatmulProblem& problem) {
  validate(problem);
  if (peak_macs_per_cycle(problem) != 256) {
    throw InputError(
        "fp32 operands cannot be streamed from edge memory; use a format of 8 or 16 bits, or matrices that fit in one "
        "node");
  }
}

StreamOutcome run_matmul_stream(Device& device, const Program& kernel, const MatmulProblem& problem, int threads,
                                const RunOptions& options, unsigned edge_bandwidth, std::optional<StreamSizes> sizes) {
  validate_stream(problem);
  device.load(kernel);
  Stream stream(device, problem, edge_bandwidth, sizes);
  stream.start();
  device.set_threads(threads);
  StreamOutcome outcome;
  outcome.c = zero_matrix(problem.m(), problem.n(), problem.output);
  outcome.grid_rows = stream.grid().rows();
  outcome.grid_columns = stream.grid().columns();
  outcome.sizes = stream.sizes();
  outcome.traffic = stream.traffic();
  outcome.run = device.run(options);
  stream.gather(outcome.c, outcome.flags);
  return outcome;
}

}  // namespace tatami
