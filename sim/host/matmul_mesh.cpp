#include "host/matmul_mesh.h"

#include <fmt/format.h>
#include <tatami/matmul_mesh_args.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "host/error.h"
#include "host/grid.h"
#include "host/ranges.h"

namespace tatami {
namespace {

constexpr std::uint64_t kPanelBytes = TATAMI_MESH_PANEL_BYTES;
constexpr std::uint64_t kMostSlots = 64;

class Distribution {
 public:
  Distribution(Device& device, const MatmulProblem& problem)
      : device_(device),
        problem_(problem),
        grid_(device.info().shape),
        a_bytes_(static_cast<std::uint64_t>(problem.a.format.bytes())),
        b_bytes_(static_cast<std::uint64_t>(problem.b.format.bytes())),
        c_bytes_(static_cast<std::uint64_t>(problem.output.bytes())),
        lda_(round_up(problem.k() * a_bytes_, 64)),
        slot_bytes_(round_up(problem.k(), a_bytes_ == 1 ? 8 : 4) * kPanelBytes) {
    std::uint64_t most_rows = 0, most_columns = 0, most_depth = 0;
    for (std::uint64_t p = 0; p < grid_.rows(); ++p) {
      most_rows = std::max(most_rows, rows(p).size());
      most_depth = std::max(most_depth, depth(p).size());
    }
    for (std::uint64_t q = 0; q < grid_.columns(); ++q) most_columns = std::max(most_columns, columns(q).size());
    pitch_ = round_up(most_columns * b_bytes_, kPanelBytes);
    ldc_ = round_up(most_columns * c_bytes_, 64);
    panels_ = pitch_ / kPanelBytes;
    places_ = {{&a_, round_up(most_rows, TATAMI_MATMUL_BLOCK_M) * lda_},
               {&b_share_, most_depth * pitch_},
               {&c_, most_rows * ldc_},
               {&bias_, problem.bias.empty() ? 0 : most_columns * sizeof(float)},
               {&row_nodes_, grid_.columns() * 8},
               {&column_nodes_, grid_.rows() * 8}};
  }

  /// Is there room for everything in a node's SRAM?
  bool fits() const {
    std::uint64_t bytes = 64 + least_panels() * slot_bytes_;
    for (const Place& place : places_) bytes += round_up(place.bytes, 64);
    return bytes <= device_.available();
  }

  /// Throws InputError if there is not.
  void allocate() {
    for (const Place& place : places_) {
      if (place.bytes != 0) *place.address = device_.allocate(place.bytes);
    }
    slots_ = std::min(
        {panels_, kMostSlots, (device_.available() - std::min<std::uint64_t>(device_.available(), 64)) / slot_bytes_});
    // Two threads take turns at fetching panels, and a place belongs to one of them.
    if (slots_ < panels_) slots_ -= slots_ % 2;
    if (slots_ < least_panels()) {
      throw InputError(fmt::format(
          "{}x{}x{} on {} nodes: {} bytes of a node's SRAM are left for panels of B of {} bytes, which takes two; use "
          "smaller matrices, narrower formats or more nodes, or keep operands in edge memory",
          problem_.m(), problem_.n(), problem_.k(), device_.info().shape.text(), device_.available(), slot_bytes_));
    }
    ring_ = device_.allocate(slots_ * slot_bytes_);
  }

  void place_operands(const Matrix* c_in) {
    for (std::uint64_t p = 0; p < grid_.rows(); ++p) {
      for (std::uint64_t q = 0; q < grid_.columns(); ++q) place_operands(p, q, c_in);
    }
    for (const Coordinate at : grid_.idle()) {
      const tatami_matmul_mesh_args nothing = arguments_of({}, {}, 0, 0);
      device_.write_arguments(at, std::as_bytes(std::span(&nothing, 1)));
    }
  }

  void gather(Matrix& c, golden::Flags& flags) {
    for (std::uint64_t p = 0; p < grid_.rows(); ++p) {
      for (std::uint64_t q = 0; q < grid_.columns(); ++q) {
        each_row_of_c(p, q, std::span(c.bytes), [&](std::uint64_t address, std::span<std::uint8_t> row) {
          device_.read(address, std::as_writable_bytes(row));
        });
        tatami_matmul_mesh_args arguments;
        device_.read(on(p, q, device_.program().address_of("tatami_args")),
                     std::as_writable_bytes(std::span(&arguments, 1)));
        flags = static_cast<golden::Flags>(flags | tatami_matmul_flags(&arguments.local));
      }
    }
  }

 private:
  struct Place {
    std::uint64_t* address;
    std::uint64_t bytes;
  };

  /// With one place there would be nothing to compute while a panel is pulled.
  std::uint64_t least_panels() const { return std::min<std::uint64_t>(panels_, 2); }
  Range rows(std::uint64_t p) const { return units(problem_.m(), TATAMI_MATMUL_BLOCK_M, p, grid_.rows()); }
  Range columns(std::uint64_t q) const { return units(problem_.n(), kPanelBytes / b_bytes_, q, grid_.columns()); }
  /// Rows of K whose part of B node (p, q) holds at the start.
  Range depth(std::uint64_t p) const {
    return {tatami_share(problem_.k(), p, grid_.rows()), tatami_share(problem_.k(), p + 1, grid_.rows())};
  }
  std::uint64_t on(std::uint64_t p, std::uint64_t q, std::uint64_t local) const {
    const Coordinate at = grid_.at(p, q);
    return global_address(at.x, at.y, local);
  }

  /// Calls action(global address, bytes) for each row of a node's block of C; `c` are the bytes of the whole.
  template <typename Byte, typename Action>
  void each_row_of_c(std::uint64_t p, std::uint64_t q, std::span<Byte> c, Action&& action) {
    const Range i = rows(p), j = columns(q);
    for (std::uint64_t row = i.begin; row < i.end && j.size() != 0; ++row) {
      action(on(p, q, c_ + (row - i.begin) * ldc_),
             c.subspan((row * problem_.n() + j.begin) * c_bytes_, j.size() * c_bytes_));
    }
  }

  void place_operands(std::uint64_t p, std::uint64_t q, const Matrix* c_in) {
    const Range i = rows(p), j = columns(q), l = depth(p);
    const std::span<const std::uint8_t> a(problem_.a.bytes), b(problem_.b.bytes);
    const std::uint64_t row_bytes = problem_.k() * a_bytes_;
    const std::uint64_t first = 64 * tatami_share(lda_ / 64, q, grid_.columns());
    const std::uint64_t last = std::min(row_bytes, 64 * tatami_share(lda_ / 64, q + 1, grid_.columns()));
    // What fills up the last block repeats the last row, and likewise the last column: zeros would meet infinities
    // there.
    const std::uint64_t filled = i.size() == 0 ? 0 : round_up(i.size(), TATAMI_MATMUL_BLOCK_M);
    for (std::uint64_t at = 0; at < filled && first < last; ++at) {
      device_.write(on(p, q, a_ + at * lda_ + first),
                    std::as_bytes(a.subspan(std::min(i.begin + at, i.end - 1) * row_bytes + first, last - first)));
    }
    for (std::uint64_t k = l.begin; k < l.end && j.size() != 0; ++k) {
      const auto own = b.subspan((k * problem_.n() + j.begin) * b_bytes_, j.size() * b_bytes_);
      std::vector<std::uint8_t> b_row(own.begin(), own.end());
      while (b_row.size() % kPanelBytes != 0) b_row.push_back(b_row[b_row.size() - b_bytes_]);
      device_.write(on(p, q, b_share_ + (k - l.begin) * pitch_), std::as_bytes(std::span(b_row)));
    }
    if (c_in != nullptr) {
      each_row_of_c(p, q, std::span(c_in->bytes), [&](std::uint64_t address, std::span<const std::uint8_t> row) {
        device_.write(address, std::as_bytes(row));
      });
    }
    if (bias_ != 0) device_.write(on(p, q, bias_), std::as_bytes(std::span(problem_.bias).subspan(j.begin, j.size())));
    for (std::uint64_t other = 0; other < grid_.columns(); ++other) {
      device_.write_value(on(p, q, row_nodes_ + 8 * other), on(p, other, 0));
    }
    for (std::uint64_t other = 0; other < grid_.rows(); ++other) {
      device_.write_value(on(p, q, column_nodes_ + 8 * other), on(other, q, 0));
    }
    const tatami_matmul_mesh_args arguments = arguments_of(i, j, p, q);
    device_.write_arguments(grid_.at(p, q), std::as_bytes(std::span(&arguments, 1)));
  }

  /// Arguments of the node of rows i and columns j, at (p, q).
  tatami_matmul_mesh_args arguments_of(Range i, Range j, std::uint64_t p, std::uint64_t q) const {
    tatami_matmul_mesh_args arguments{};
    tatami_matmul_args& local = arguments.local;
    local.a = a_;
    local.c = c_;
    local.lda = lda_;
    local.ldc = ldc_;
    local.m = static_cast<std::uint32_t>(i.size());
    local.n = static_cast<std::uint32_t>(problem_.n());
    local.k = static_cast<std::uint32_t>(problem_.k());
    local.a_format = problem_.a.format.packed();
    local.b_format = problem_.b.format.packed();
    local.c_format = problem_.output.packed();
    local.alpha = std::bit_cast<std::uint32_t>(problem_.alpha);
    local.beta = std::bit_cast<std::uint32_t>(problem_.beta);
    local.bias = bias_;
    local.seed = problem_.seed;
    local.first_index = i.begin * problem_.n() + j.begin;
    tatami_matmul_prepare(&local);
    arguments.b_share = b_share_;
    arguments.ring = ring_;
    arguments.row_nodes = row_nodes_;
    arguments.column_nodes = column_nodes_;
    arguments.columns = static_cast<std::uint32_t>(j.size());
    // Without rows a node only passes panels on, without columns only rows of A.
    arguments.panels = static_cast<std::uint32_t>((j.size() * b_bytes_ + kPanelBytes - 1) / kPanelBytes);
    arguments.pitch = pitch_;
    arguments.slots = static_cast<std::uint32_t>(slots_);
    arguments.grid_rows = static_cast<std::uint16_t>(grid_.rows());
    arguments.grid_columns = static_cast<std::uint16_t>(grid_.columns());
    arguments.p = static_cast<std::uint16_t>(p);
    arguments.q = static_cast<std::uint16_t>(q);
    return arguments;
  }

  Device& device_;
  const MatmulProblem& problem_;
  LogicalGrid grid_;
  std::uint64_t a_bytes_, b_bytes_, c_bytes_, lda_, slot_bytes_;
  std::uint64_t pitch_ = 0, ldc_ = 0, panels_ = 0, slots_ = 0;
  std::uint64_t a_ = 0, b_share_ = 0, c_ = 0, bias_ = 0, row_nodes_ = 0, column_nodes_ = 0, ring_ = 0;
  std::vector<Place> places_;
};

}  // namespace

bool fits_matmul_mesh(Device& device, const MatmulProblem& problem) { return Distribution(device, problem).fits(); }

MatmulOutcome run_matmul_mesh(Device& device, const Program& kernel, const MatmulProblem& problem, int threads,
                              const RunOptions& options) {
  validate(problem);
  if (peak_macs_per_cycle(problem) != 256) {
    throw InputError("fp32 operands are multiplied on one node only; use --nodes 1x1 or a format of 8 or 16 bits");
  }
  if (threads < 2)
    throw InputError("one thread of each node fetches operands, so --threads must be 2 to 4 on several nodes");
  device.load(kernel);
  Distribution distribution(device, problem);
  distribution.allocate();
  MatmulOutcome outcome;
  outcome.c = problem.beta != 0 ? *problem.c_in : zero_matrix(problem.m(), problem.n(), problem.output);
  distribution.place_operands(problem.beta != 0 ? &outcome.c : nullptr);
  device.set_threads(threads);
  outcome.run = device.run(options);
  distribution.gather(outcome.c, outcome.flags);
  return outcome;
}

}  // namespace tatami
