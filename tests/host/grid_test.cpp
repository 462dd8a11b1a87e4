// Logical grids: every node once, as many as possible, near each other.
#include "host/grid.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace tatami {
namespace {

/// Every live node is in the grid or idle, once.
void expect_all_nodes_once(const LogicalGrid& grid, const FabricShape& shape) {
  std::set<Coordinate> seen(grid.idle().begin(), grid.idle().end());
  for (std::size_t row = 0; row < grid.rows(); ++row) {
    for (std::size_t column = 0; column < grid.columns(); ++column)
      EXPECT_TRUE(seen.insert(grid.at(row, column)).second);
  }
  const auto places = shape.places();
  EXPECT_EQ(seen, std::set<Coordinate>(places.begin(), places.end()));
}

TEST(LogicalGrid, IsTheFabricWithoutDeadNodes) {
  for (const char* nodes : {"1x1", "2x3", "18x20", "1x40"}) {
    const FabricShape shape = parse_shape(nodes, {});
    const LogicalGrid grid(shape);
    EXPECT_EQ(grid.rows(), shape.height);
    EXPECT_EQ(grid.columns(), shape.width);
    for (unsigned y = 0; y < shape.height; ++y) {
      for (unsigned x = 0; x < shape.width; ++x) EXPECT_EQ(grid.at(y, x), (Coordinate{x, y}));
    }
    EXPECT_TRUE(grid.idle().empty());
  }
}

TEST(LogicalGrid, OfTheDieLeavesTwoNodesOut) {
  const FabricShape die = parse_shape("d1", {});
  const LogicalGrid grid(die);
  EXPECT_EQ(grid.rows(), 22U);
  EXPECT_EQ(grid.columns(), 16U);
  EXPECT_EQ(grid.idle().size(), 2U);
  expect_all_nodes_once(grid, die);
}

TEST(LogicalGrid, WithDeadNodes) {
  struct Case {
    const char* nodes;
    std::vector<std::string> dead;
    std::size_t rows, columns;
  };
  for (const Case& c : {Case{"2x2", {"0,0"}, 1, 3},
                        {"4x2", {"3,1"}, 1, 7},
                        {"3x3", {"1,1"}, 2, 4},
                        {"4x4", {"1,1"}, 3, 5},
                        {"2x1", {"0,0"}, 1, 1}}) {
    const FabricShape shape = parse_shape(c.nodes, c.dead);
    const LogicalGrid grid(shape);
    EXPECT_EQ(grid.rows(), c.rows) << c.nodes;
    EXPECT_EQ(grid.columns(), c.columns) << c.nodes;
    expect_all_nodes_once(grid, shape);
  }
}

// Eleven nodes in a row would fetch everything from everybody: 5 x 2 with one left out share more.
TEST(LogicalGrid, IsNotTooLong) {
  const FabricShape shape = parse_shape("3x4", {"1,1"});
  const LogicalGrid grid(shape);
  EXPECT_EQ(grid.rows() * grid.columns(), 10U);
  EXPECT_EQ(grid.idle().size(), 1U);
  expect_all_nodes_once(grid, shape);
}

}  // namespace
}  // namespace tatami
