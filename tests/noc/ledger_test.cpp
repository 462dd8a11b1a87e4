// libs: tatami_noc
// labels: mesh
// The accounts notice every way in which a packet can go wrong, and name packet, node and cycle; patterns and their
// limits.
#include "noc/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/error.h"
#include "noc/pattern.h"

namespace tatami::noc {
namespace {

using fabric::Shape;
using testing::HasSubstr;

constexpr Shape kShape{3, 2};

TEST(Ledger, AcceptsWhatIsRight) {
  Ledger ledger(kShape);
  const Flit a = ledger.send(1, 5, 7, 9), b = ledger.send(1, 5, 8, 9), c = ledger.send(1, 4, 8, 9);
  EXPECT_EQ(get(a, kTime), 9u);
  EXPECT_FALSE(ledger.receive(4, c, 20));
  EXPECT_FALSE(ledger.receive(5, a, 20));
  EXPECT_EQ(ledger.last_source(), 1u);
  EXPECT_EQ(ledger.last_created(), 7u);
  EXPECT_THAT(ledger.missing(30).value_or(""),
              HasSubstr("packet 1 from (1,0) to (2,1) is lost: not received by cycle 30"));
  EXPECT_FALSE(ledger.receive(5, b, 20));
  EXPECT_FALSE(ledger.missing(30));
  EXPECT_EQ(ledger.sent(), 3u);
  EXPECT_EQ(ledger.received(), 3u);
}

TEST(Ledger, MulticastsAreForAllLiveNodesOfTheirRectangle) {
  const fabric::Routes routes = fabric::compute_routes(kShape, std::vector<fabric::Place>{{1, 1}});
  const auto verdict = [&](auto&& deliver) {
    Ledger ledger(kShape, &routes);
    const Flit first = ledger.send_multicast(0, {1, 0}, {2, 1}, 5, 0),
               second = ledger.send_multicast(0, {2, 1}, {2, 1}, 5, 0);
    EXPECT_EQ(ledger.sent(), 4u);  // (1,0), (2,0), (2,1); (2,1)
    return deliver(ledger, first, second).value_or("accepted");
  };
  EXPECT_EQ(verdict([](Ledger& l, Flit first, Flit second) {
              for (const unsigned node : {5u, 1u, 2u}) EXPECT_FALSE(l.receive(node, first, 9));
              EXPECT_TRUE(l.last_multicast());
              EXPECT_TRUE(l.missing(9));
              EXPECT_FALSE(l.receive(5, second, 9));
              EXPECT_EQ(l.received(), 4u);
              return l.missing(9);
            }),
            "accepted");
  EXPECT_THAT(verdict([](Ledger& l, Flit, Flit second) { return l.receive(5, second, 44); }),
              HasSubstr("multicast 1 from (0,0) overtook multicast 0 from (0,0), or that one is lost"));
  EXPECT_THAT(verdict([](Ledger& l, Flit first, Flit) {
                l.receive(1, first, 40);
                return l.receive(1, first, 44);
              }),
              HasSubstr("multicast 0 from (0,0) is there for the second time"));
  EXPECT_THAT(verdict([](Ledger& l, Flit first, Flit) { return l.receive(4, first, 44); }),
              HasSubstr("or went to the wrong node: received at node (1,1) in cycle 44"));
  EXPECT_THAT(verdict([](Ledger& l, Flit first, Flit) {
                first.words[10] ^= 1;
                return l.receive(5, first, 44);
              }),
              HasSubstr("multicast 0 from (0,0) is corrupted: word 6"));
  EXPECT_THAT(verdict([](Ledger& l, Flit first, Flit) {
                set(first, kLastX, 1);
                return l.receive(5, first, 44);
              }),
              HasSubstr("its header names other nodes"));
  EXPECT_THAT(verdict([](Ledger& l, Flit, Flit) { return l.missing(30); }),
              HasSubstr("multicast 0 from (0,0) to (1,0) .. (2,1) is lost: not received at (1,0) by cycle 30"));
}

TEST(Ledger, NamesWhatIsWrong) {
  const auto verdict = [](auto&& deliver) {
    Ledger ledger(kShape);
    const Flit first = ledger.send(0, 5, 0, 0), second = ledger.send(0, 5, 0, 0);
    return deliver(ledger, first, second).value_or("accepted");
  };
  EXPECT_THAT(
      verdict([](Ledger& l, Flit, Flit second) { return l.receive(5, second, 44); }),
      HasSubstr(
          "packet 1 from (0,0) to (2,1) overtook packet 0, or that one is lost: received at node (2,1) in cycle 44"));
  EXPECT_THAT(verdict([](Ledger& l, Flit first, Flit) {
                l.receive(5, first, 40);
                return l.receive(5, first, 44);
              }),
              HasSubstr("packet 0 from (0,0) to (2,1) is there for the second time"));
  EXPECT_THAT(verdict([](Ledger& l, Flit first, Flit) { return l.receive(4, first, 44); }),
              HasSubstr("went to the wrong node: received at node (1,1) in cycle 44"));
  EXPECT_THAT(verdict([](Ledger& l, Flit, Flit) {
                Ledger other(kShape);
                return l.receive(5, other.send(2, 5, 0, 0), 44);
              }),
              HasSubstr("packet 0 from (2,0) to (2,1) was never sent"));
}

TEST(Ledger, EveryBitOfThePayloadAndOfTheAddressesCounts) {
  for (unsigned bit = 0; bit < 640; ++bit) {
    if (bit >= 32 && bit < 32 * kPayloadWord) continue;  // fields that are the router's, or that this traffic leaves 0
    Ledger ledger(kShape);
    Flit flit = ledger.send(3, 2, 1000, 1001);
    flit.words[bit / 32] ^= 1u << (bit % 32);
    EXPECT_THAT(ledger.receive(2, flit, 44).value_or("accepted"), HasSubstr("corrupted")) << "bit " << bit;
  }
}

double limit(PatternKind kind, Shape shape) { return Pattern(kind, shape, nullptr).analyse().limit; }

TEST(Pattern, LimitsByHand) {
  // Uniform: half of all packets of the smaller half cross the middle: limit 4/width, at most 1.
  EXPECT_NEAR(limit(PatternKind::uniform, {4, 4}), 1.0, 1e-12);
  EXPECT_NEAR(limit(PatternKind::uniform, {8, 8}), 0.5, 1e-12);
  EXPECT_NEAR(limit(PatternKind::uniform, {18, 20}), 0.2, 1e-12);
  // Transpose: in the last row, all but one packet run along the last link.
  EXPECT_NEAR(limit(PatternKind::transpose, {8, 8}), 1.0 / 7, 1e-12);
  // Complement: half a row crosses the middle.
  EXPECT_NEAR(limit(PatternKind::complement, {8, 8}), 1.0 / 4, 1e-12);
  EXPECT_NEAR(limit(PatternKind::complement, {18, 20}), 1.0 / 10, 1e-12);
  // Hotspot: its ejection, a fifth of everything and its share of the rest.
  EXPECT_NEAR(limit(PatternKind::hotspot, {8, 8}), 1 / (64 * kHotspotShare + 1 - kHotspotShare), 1e-12);
  EXPECT_NEAR(limit(PatternKind::neighbour, {8, 8}), 1.0 / 1, 1e-12);
}

TEST(Pattern, WhoSends) {
  EXPECT_EQ(Pattern(PatternKind::transpose, {4, 4}, nullptr).senders(), 12u);
  EXPECT_EQ(Pattern(PatternKind::complement, {3, 3}, nullptr).senders(), 8u);
  EXPECT_EQ(Pattern(PatternKind::uniform, {1, 1}, nullptr).senders(), 1u);
  EXPECT_NEAR(Pattern(PatternKind::uniform, {8, 8}, nullptr).analyse().mean_hops, 5.25, 1e-12);
  EXPECT_THROW(Pattern(PatternKind::transpose, {4, 3}, nullptr), InputError);
  EXPECT_THROW(Pattern(PatternKind::complement, {1, 1}, nullptr), InputError);
  EXPECT_THROW(pattern_kind("zigzag"), InputError);
  const std::vector<fabric::Place> dead{{0, 1}};
  const fabric::Routes routes = fabric::compute_routes({4, 4}, dead);
  const Pattern pattern(PatternKind::transpose, {4, 4}, &routes);
  EXPECT_EQ(pattern.senders(), 10u) << "a dead node and its partner are silent";
  EXPECT_FALSE(pattern.sends(1));
  const Pattern uniform(PatternKind::uniform, {4, 4}, &routes);
  std::uint32_t state = 0;
  for (int i = 0; i < 1000; ++i) EXPECT_NE(uniform.destination(0, [&] { return state += 0x9e3779b9u; }), 4u);
}

}  // namespace
}  // namespace tatami::noc
