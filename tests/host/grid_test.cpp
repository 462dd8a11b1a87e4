// Logical grids: every node once, as many as possible, near each other.
#include "host/grid.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

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

// Rows and columns of the fabric, each without a node.
TEST(LogicalGrid, AlongTheFabric) {
  const FabricShape die = parse_shape("d1", {});
  const LogicalGrid grid = LogicalGrid::along_fabric(die);
  ASSERT_EQ(grid.rows(), 19U);
  ASSERT_EQ(grid.columns(), 18U);
  expect_all_nodes_once(grid, die);
  for (std::size_t p = 0; p < 19; ++p) {
    for (std::size_t q = 0; q < 18; ++q) {
      EXPECT_EQ(grid.at(p, q).x, q);
      EXPECT_LE(grid.at(p, q).y - p, 1U);
    }
  }
  // Every row without a node; then, as two are dead in one, all whole rows.
  for (const auto& [dead, height, width] :
       {std::tuple{std::vector<std::string>{"3,7"}, 21U, 28U}, {{"3,7", "5,7"}, 20U, 29U}}) {
    const FabricShape wide = parse_shape("29x21", dead);
    const LogicalGrid rows = LogicalGrid::along_fabric(wide);
    ASSERT_EQ(rows.rows(), height);
    ASSERT_EQ(rows.columns(), width);
    expect_all_nodes_once(rows, wide);
    EXPECT_EQ(rows.at(6, 27), (Coordinate{27, 6}));
    EXPECT_EQ(rows.at(7, 3), height == 21 ? (Coordinate{4, 7}) : (Coordinate{3, 8}));
  }
  // Too many nodes would be lost; and there are none to lose.
  for (const FabricShape& shape : {parse_shape("4x4", {"1,1"}), parse_shape("5x3", {})}) {
    const LogicalGrid most(shape), along = LogicalGrid::along_fabric(shape);
    EXPECT_EQ(along.rows(), most.rows());
    EXPECT_EQ(along.columns(), most.columns());
    expect_all_nodes_once(along, shape);
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
