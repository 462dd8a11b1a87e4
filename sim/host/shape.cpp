#include "host/shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "host/connected.h"
#include "host/error.h"

namespace tatami {
namespace {

constexpr unsigned kLargest = 255;  // the node knows the fabric by 8-bit numbers (fab_w_i, fab_h_i)

/// Two decimal numbers joined by `separator`; false if the text is anything else.
bool two_numbers(const std::string& text, char separator, unsigned& first, unsigned& second) {
  const char* const end = text.data() + text.size();
  const auto head = std::from_chars(text.data(), end, first);
  if (head.ec != std::errc{} || head.ptr == end || *head.ptr != separator) return false;
  const auto tail = std::from_chars(head.ptr + 1, end, second);
  return tail.ec == std::errc{} && tail.ptr == end;
}

/// The die: 18 x 20 of which six are off, as D1 uses 354 of 360. Which six is our choice, see docs/fabric.md.
FabricShape die() { return {18, 20, {{13, 2}, {4, 5}, {9, 9}, {16, 12}, {2, 15}, {11, 17}}}; }

void check_connected(const FabricShape& shape) {
  const std::vector<Coordinate> places = shape.places();
  if (places.empty()) throw InputError("--dead: no node is left");
  std::vector<bool> live(std::size_t{shape.width} * shape.height);
  for (const Coordinate at : places) live[at.y * shape.width + at.x] = true;
  if (const auto node = cut_off_node(shape.width, live)) {
    throw InputError(fmt::format(
        "--dead: the rest of the fabric cannot reach node {},{}; declare it dead too, or fewer of the nodes "
        "around it",
        *node % shape.width, *node / shape.width));
  }
}

}  // namespace

bool FabricShape::live(unsigned x, unsigned y) const {
  return x < width && y < height && std::ranges::find(dead, Coordinate{x, y}) == dead.end();
}

unsigned FabricShape::nodes() const { return width * height - static_cast<unsigned>(dead.size()); }

std::vector<Coordinate> FabricShape::places() const {
  std::vector<bool> off(std::size_t{width} * height);
  for (const Coordinate at : dead) off[at.y * width + at.x] = true;
  std::vector<Coordinate> list;
  for (unsigned y = 0; y < height; ++y) {
    for (unsigned x = 0; x < width; ++x) {
      if (!off[y * width + x]) list.push_back({x, y});
    }
  }
  return list;
}

bool FabricShape::has_rim_port(unsigned x, unsigned y, unsigned side) const {
  if (!live(x, y)) return false;
  switch (side) {
    case 0: return y == 0;
    case 1: return x == width - 1;
    case 2: return y == height - 1;
    case 3: return x == 0;
    default: return false;
  }
}

std::vector<RimPort> FabricShape::rim_ports() const {
  std::vector<RimPort> ports;
  for (const Coordinate at : places()) {
    for (unsigned side = 0; side < 4; ++side) {
      if (has_rim_port(at.x, at.y, side)) ports.push_back({at, side});
    }
  }
  return ports;
}

std::string FabricShape::text() const { return fmt::format("{}x{}", width, height); }

Coordinate parse_coordinate(const std::string& text, const std::string& option) {
  Coordinate at;
  if (!two_numbers(text, ',', at.x, at.y)) throw InputError(fmt::format("{} {}: expected x,y, as 1,2", option, text));
  return at;
}

FabricShape parse_shape(const std::string& nodes, const std::vector<std::string>& dead) {
  FabricShape shape;
  if (nodes == "d1") {
    shape = die();
  } else if (!two_numbers(nodes, 'x', shape.width, shape.height) || shape.width == 0 || shape.height == 0 ||
             shape.width > kLargest || shape.height > kLargest) {
    throw InputError(fmt::format("--nodes {}: expected WxH with 1 to {} each, as 4x4, or d1 (18x20 with six nodes off)",
                                 nodes, kLargest));
  }
  for (const std::string& text : dead) {
    const Coordinate at = parse_coordinate(text, "--dead");
    if (at.x >= shape.width || at.y >= shape.height) {
      throw InputError(fmt::format("--dead {}: the fabric is {}, so x is below {} and y below {}", text, shape.text(),
                                   shape.width, shape.height));
    }
    if (shape.live(at.x, at.y)) shape.dead.push_back(at);
  }
  std::ranges::sort(shape.dead, {}, [](Coordinate at) { return std::pair(at.y, at.x); });
  check_connected(shape);
  return shape;
}

}  // namespace tatami
