// Shapes of fabrics from the command line.
#include "host/shape.h"

#include <gmock/gmock.h>

#include "host/error.h"

namespace tatami {
namespace {

std::string refusal(const std::string& nodes, const std::vector<std::string>& dead = {}) {
  try {
    parse_shape(nodes, dead);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Shape, Rectangles) {
  const FabricShape shape = parse_shape("18x20", {});
  EXPECT_EQ(shape.width, 18U);
  EXPECT_EQ(shape.height, 20U);
  EXPECT_EQ(shape.nodes(), 360U);
  EXPECT_EQ(shape.text(), "18x20");
  EXPECT_EQ(parse_shape("255x255", {}).nodes(), 65025U);
}

TEST(Shape, DeadNodesAreLeftOut) {
  const FabricShape shape = parse_shape("3x2", {"2,1", "2,0", "2,1"});
  EXPECT_THAT(shape.places(),
              testing::ElementsAre(Coordinate{0, 0}, Coordinate{1, 0}, Coordinate{0, 1}, Coordinate{1, 1}));
  EXPECT_EQ(shape.nodes(), 4U);
  EXPECT_FALSE(shape.live(2, 0));
  EXPECT_TRUE(shape.live(1, 1));
  EXPECT_FALSE(shape.live(3, 0));
}

TEST(Shape, Die) {
  const FabricShape shape = parse_shape("d1", {});
  EXPECT_EQ(shape.text(), "18x20");
  EXPECT_EQ(shape.nodes(), 354U);
  EXPECT_EQ(parse_shape("d1", {"0,0"}).nodes(), 353U);
}

TEST(Shape, RefusesWithAReason) {
  for (const char* nodes : {"", "4", "x4", "4x", "0x4", "4x0", "256x1", "4x4x4", "-1x2", "4 x4", "d2"}) {
    EXPECT_THAT(refusal(nodes), testing::HasSubstr("expected WxH")) << nodes;
  }
  for (const char* dead : {"", "1", "1,", ",1", "1x1", "1,1,1", "-1,0"}) {
    EXPECT_THAT(refusal("2x2", {dead}), testing::HasSubstr("expected x,y")) << dead;
  }
  EXPECT_THAT(refusal("2x2", {"2,0"}), testing::HasSubstr("x is below 2"));
  EXPECT_THAT(refusal("1x1", {"0,0"}), testing::HasSubstr("no node is left"));
  // The part that is cut off is at fault, wherever it lies; of equal parts the later one.
  EXPECT_THAT(refusal("3x2", {"1,0", "1,1"}), testing::HasSubstr("cannot reach node 2,0"));
  EXPECT_THAT(refusal("4x4", {"1,0", "0,1"}), testing::HasSubstr("cannot reach node 0,0"));
  EXPECT_THAT(refusal("4x4", {"2,3", "3,2"}), testing::HasSubstr("cannot reach node 3,3"));
  EXPECT_THAT(refusal("5x1", {"1,0", "3,0"}), testing::HasSubstr("cannot reach node 2,0"));
  EXPECT_THAT(refusal("7x1", {"1,0", "3,0"}), testing::HasSubstr("cannot reach node 0,0"));
}

}  // namespace
}  // namespace tatami
