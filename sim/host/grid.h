// The logical grid of a kernel that divides a matrix in two directions among the nodes of a fabric.
#pragma once

#include <cstddef>
#include <vector>

#include "host/shape.h"

namespace tatami {

/// P rows and Q columns of nodes, and nodes left over that have no part.
///
/// Without dead nodes it is the fabric itself. With dead nodes it is the rectangle that uses most of the nodes, at
/// most eight times as long as wide (a long grid shares little: every node fetches whole rows and columns); among equal
/// ones the nearest to a square, with rows about as long as the fabric's. It is filled row by row from the fabric's
/// rows, so that the neighbours in the grid are near: the die's 354 nodes are 22 x 16, with two left over.
class LogicalGrid {
 public:
  explicit LogicalGrid(const FabricShape& shape);

  /// With dead nodes, logical rows that each lie in a row of the fabric and logical columns that follow the fabric's,
  /// or the other way round, if at most a twentieth of the nodes is lost by it against the grid above: of each row the
  /// first Q live nodes (of each column the first P), rows with fewer left out, Q so that most take part. The die: 19 x
  /// 18, each column without its dead node or its last. For kernels whose nodes send to all of a row and a column.
  static LogicalGrid along_fabric(const FabricShape& shape);

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  Coordinate at(std::size_t row, std::size_t column) const { return nodes_[row * columns_ + column]; }
  /// Nodes without a part.
  const std::vector<Coordinate>& idle() const { return idle_; }

 private:
  LogicalGrid() = default;
  /// `lines`: live nodes of the fabric's rows, or of its columns.
  static LogicalGrid of_lines(const std::vector<std::vector<Coordinate>>& lines, bool are_columns);

  std::size_t rows_ = 0, columns_ = 0;
  std::vector<Coordinate> nodes_, idle_;
};

}  // namespace tatami
