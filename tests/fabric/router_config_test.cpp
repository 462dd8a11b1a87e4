// libs: tatami_noc
// labels: mesh
// What is loaded into the routers of fabrics with dead nodes: a multicast that follows the boxes of the tree comes to
// every live node of its rectangle once, from every source; the sums count live nodes; each router knows its neighbours
// rightly.
#include "fabric/router_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "host/error.h"

namespace tatami::fabric {
namespace {

constexpr unsigned kControl = 1024, kBoxes = 1056, kLive = 2048;  // docs/network.md, section 6.6

struct Rectangle {
  unsigned x0, y0, x1, y1;
  bool has(Place at) const { return x0 <= at.x && at.x <= x1 && y0 <= at.y && at.y <= y1; }
};

/// The configuration words of all live nodes, by node and address.
class Loaded {
 public:
  explicit Loaded(const Routes& fabric) : routes(fabric) {
    const auto boxes = tree_boxes(routes);
    for (unsigned node = 0; node < routes.shape.nodes(); ++node) {
      if (!routes.alive(node)) continue;
      const auto list = router_config(routes, boxes, node);
      EXPECT_EQ(list.back().address, kControl) << "the switch comes last";
      EXPECT_EQ(list.back().data, 1U);
      for (const ConfigWord word : list) {
        EXPECT_LT(word.address, 1U << 12);
        EXPECT_LT(word.data, 1U << 21);
        EXPECT_TRUE(words[node].emplace(word.address, word.data).second) << "written twice: " << word.address;
      }
    }
  }
  unsigned word(unsigned node, unsigned address) const { return words.at(node).at(address); }

  /// Does the box of `port`, as `node` sees it in `view` (4: its own), meet the rectangle?
  bool meets(unsigned node, unsigned view, unsigned port, const Rectangle& r) const {
    const unsigned box = word(node, kBoxes + 4 * view + port);
    return (box >> 20) != 0 && r.x0 <= (box >> 10 & 31) && r.x1 >= (box & 31) && r.y0 <= (box >> 15 & 31) &&
           r.y1 >= (box >> 5 & 31);
  }

  /// Follows a multicast, deciding for each router what its neighbour decides for it. Counts deliveries and visits.
  void walk(unsigned source, const Rectangle& r, std::vector<unsigned>& delivered, unsigned& visits) const {
    struct Step {
      unsigned node, from, seer, view;
    };
    std::vector<Step> open{{source, kLocal, source, kLocal}};
    while (!open.empty()) {
      const auto [node, from, seer, view] = open.back();
      open.pop_back();
      ASSERT_LE(++visits, 4 * routes.shape.nodes()) << "goes round in a circle";
      if (r.has(routes.shape.place(node))) ++delivered[node];
      for (unsigned port = 0; port < kLinks; ++port) {
        if (port == from || !meets(seer, view, port, r)) continue;
        const unsigned next = routes.shape.neighbour(node, port);
        ASSERT_TRUE(next < routes.shape.nodes() && routes.alive(next)) << "leads nowhere";
        open.push_back({next, opposite(port), node, port});
      }
    }
  }

  const Routes& routes;
  std::map<unsigned, std::map<unsigned, unsigned>> words;
};

void check(Shape shape, const std::vector<Place>& dead, unsigned rectangles, unsigned seed) {
  const Routes routes = compute_routes(shape, dead);
  verify(routes);
  const Loaded loaded(routes);
  std::mt19937 random(seed);
  const auto live = [&](const Rectangle& r) {
    unsigned count = 0;
    for (unsigned node = 0; node < shape.nodes(); ++node)
      count += routes.alive(node) && r.has(shape.place(node)) ? 1 : 0;
    return count;
  };
  for (unsigned i = 0; i < rectangles; ++i) {
    Rectangle r{};
    r.x0 = random() % shape.width;
    r.y0 = random() % shape.height;
    r.x1 = r.x0 + random() % (shape.width - r.x0);
    r.y1 = r.y0 + random() % (shape.height - r.y0);
    unsigned source = random() % shape.nodes();
    while (!routes.alive(source)) source = random() % shape.nodes();
    SCOPED_TRACE(testing::Message() << "from " << source << " to " << r.x0 << "," << r.y0 << " .. " << r.x1 << ","
                                    << r.y1);
    const auto sum = [&](unsigned x, unsigned y) { return loaded.word(source, kLive + 32 * y + x); };
    const unsigned count = sum(r.x1, r.y1) - (r.x0 != 0 ? sum(r.x0 - 1, r.y1) : 0) -
                           (r.y0 != 0 ? sum(r.x1, r.y0 - 1) : 0) +
                           (r.x0 != 0 && r.y0 != 0 ? sum(r.x0 - 1, r.y0 - 1) : 0);
    ASSERT_EQ(count, live(r));
    std::vector<unsigned> delivered(shape.nodes());
    unsigned visits = 0;
    loaded.walk(source, r, delivered, visits);
    for (unsigned node = 0; node < shape.nodes(); ++node) {
      ASSERT_EQ(delivered[node], routes.alive(node) && r.has(shape.place(node)) ? 1U : 0U) << "node " << node;
    }
    ASSERT_LE(visits, shape.nodes() - dead.size()) << "no router twice";
  }
}

TEST(RouterConfig, MulticastsFollowTheBoxes) {
  check({2, 1}, {}, 50, 1);
  check({3, 3}, {{1, 1}}, 500, 2);
  check({5, 4}, {{0, 0}, {2, 1}, {2, 2}}, 500, 3);
  check({18, 20}, {{13, 2}, {4, 5}, {9, 9}, {16, 12}, {2, 15}, {11, 17}}, 1000, 4);
  check({32, 32}, {{31, 30}, {7, 7}}, 200, 5);
}

TEST(RouterConfig, TightBoxesSpareTheRest) {
  // A multicast within the subtree below one link of a leaf's parent does not visit the whole fabric.
  const Routes routes = compute_routes({18, 20}, std::vector<Place>{{9, 9}});
  const Loaded loaded(routes);
  std::vector<unsigned> delivered(360);
  unsigned visits = 0;
  loaded.walk(0, {0, 0, 1, 1}, delivered, visits);
  EXPECT_LT(visits, 60U);
}

TEST(RouterConfig, FabricsBeyondTheTablesAreRefused) {
  const Routes routes = compute_routes({33, 1}, {});
  try {
    router_config(routes, tree_boxes(routes), 0);
    FAIL() << "not refused";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("at most 32x32 nodes, this one has 33x1"));
  }
}

}  // namespace
}  // namespace tatami::fabric
