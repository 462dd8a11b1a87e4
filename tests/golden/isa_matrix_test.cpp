// Matrix instructions: panels, tile moves, zeroing.
// labels: isa
#include "golden/convert.h"
#include "golden/fused_sum.h"
#include "isa_fixture.h"

namespace tatami::test {
namespace {

using golden::TileData;

class IsaMatrix : public IsaTest {
 protected:
  TileData random_tile() {
    TileData tile;
    for (auto& element : tile.element) {
      element = (static_cast<std::uint32_t>(random()) & 0x807F'FFFF) | static_cast<std::uint32_t>(110 + random() % 30)
                                                                           << 23;
    }
    return tile;
  }
};

TEST_F(IsaMatrix, MultiplyAgreesWithTheReference) {
  constexpr std::pair<unsigned, unsigned> pairs[] = {{1, 1}, {4, 4}, {5, 5}, {1, 4}, {4, 5},
                                                     {2, 2}, {3, 3}, {2, 3}, {3, 2}};
  for (const auto& [a, b] : pairs) {
    for (unsigned n = 0; n < 64; ++n) {
      const unsigned td = n % 8, va = static_cast<unsigned>(random() % 32), vb = static_cast<unsigned>(random() % 32);
      const bool zero_first = random() % 2;
      hart.set_v(va, random_vector());
      hart.set_v(vb, random_vector());
      const TileData start = random_tile();
      for (unsigned t = 0; t < 8; ++t) hart.set_tile(t, start);
      TileData expected = start;
      const golden::Flags flags = golden::mma_reference(expected.element, golden::Panel(hart.v(va).bytes(), 64),
                                                        golden::Panel(hart.v(vb).bytes(), 64), hart.csrs().dfmt[a],
                                                        hart.csrs().dfmt[b], zero_first);
      hart.csrs().dflags = 0;
      run(Op::dm_mma_, {td, va, vb, a, b, zero_first});
      ASSERT_EQ(record.status, Status::retired);
      ASSERT_EQ(record.tile_mask, 1U << td);
      ASSERT_EQ(record.flags, flags);
      ASSERT_EQ(hart.csrs().dflags, flags);
      for (unsigned t = 0; t < 8; ++t) ASSERT_EQ(hart.tile(t), t == td ? expected : start);
    }
  }
}

TEST_F(IsaMatrix, PanelsLieAsSpecified) {
  // A row of A and a column of B single out one element: A[i][k] = 1, B[k][j] = 1 gives element (i, j) = 1.
  for (unsigned i = 0; i < 8; ++i) {
    for (unsigned j = 0; j < 8; ++j) {
      for (unsigned k = 0; k < 8; ++k) {
        Vector a, b;
        a.bytes()[8 * i + k] = 7 << 3;  // 1.0 as cfloat8_1_4_3 with bias 7
        b.bytes()[8 * k + j] = 7 << 3;
        hart.set_v(1, a);
        hart.set_v(2, b);
        run(Op::dm_mma_, {0, 1, 2, 2, 2, 1});
        for (unsigned e = 0; e < 64; ++e) EXPECT_EQ(hart.tile(0).element[e], e == 8 * i + j ? 0x3F80'0000U : 0U);
        if (k >= 4) continue;
        Vector c, d;
        c.bytes()[2 * (4 * i + k) + 1] = 0x3F;  // 1.0 as bf16
        c.bytes()[2 * (4 * i + k)] = 0x80;
        d.bytes()[2 * (8 * k + j) + 1] = 0x3F;
        d.bytes()[2 * (8 * k + j)] = 0x80;
        hart.set_v(1, c);
        hart.set_v(2, d);
        run(Op::dm_mma_, {0, 1, 2, 1, 1, 1});
        for (unsigned e = 0; e < 64; ++e) EXPECT_EQ(hart.tile(0).element[e], e == 8 * i + j ? 0x3F80'0000U : 0U);
      }
    }
  }
}

TEST_F(IsaMatrix, ZeroClearsTheTilesOfTheMask) {
  const TileData start = random_tile();
  for (unsigned mask = 0; mask < 256; mask += 5) {
    for (unsigned t = 0; t < 8; ++t) hart.set_tile(t, start);
    run(Op::dm_zero_, {mask});
    EXPECT_EQ(record.tile_mask, mask);
    for (unsigned t = 0; t < 8; ++t) EXPECT_EQ(hart.tile(t), (mask >> t & 1) != 0 ? TileData{} : start);
  }
}

TEST_F(IsaMatrix, RowPairsMoveWithConversion) {
  for (unsigned format = 0; format < 6; ++format) {
    const auto descriptor = hart.csrs().dfmt[format];
    const auto size = static_cast<unsigned>(descriptor.bytes());
    for (unsigned row = 0; row < 32; ++row) {
      for (unsigned part = 0; part < 4 / size; ++part) {
        for (unsigned t = 0; t < 8; ++t) hart.set_tile(t, random_tile());
        const Vector old = random_vector();
        hart.set_v(1, old);
        Vector expected = old;
        for (unsigned i = 0; i < 16; ++i) {
          const std::uint32_t value = hart.tile(row / 8 * 2 + i / 8).element[row % 8 * 8 + i % 8];
          const auto coded = golden::convert(value, golden::Descriptor(golden::Kind::fp32), descriptor);
          std::memcpy(expected.bytes() + (part * 16 + i) * size, &coded.code, size);
        }
        run(Op::dm_mv_v_t_, {1, row, format, part});
        ASSERT_EQ(record.status, Status::retired);
        ASSERT_EQ(hart.v(1), expected);

        const Vector source = random_vector();
        hart.set_v(2, source);
        std::array<TileData, 8> tiles;
        for (unsigned t = 0; t < 8; ++t) tiles[t] = hart.tile(t);
        for (unsigned i = 0; i < 16; ++i) {
          std::uint32_t code = 0;
          std::memcpy(&code, source.bytes() + (part * 16 + i) * size, size);
          tiles[row / 8 * 2 + i / 8].element[row % 8 * 8 + i % 8] =
              golden::convert(code, descriptor, golden::Descriptor(golden::Kind::fp32)).code;
        }
        run(Op::dm_mv_t_v_, {row, 2, format, part});
        ASSERT_EQ(record.status, Status::retired);
        ASSERT_EQ(record.tile_mask, 3U << (row / 8 * 2));
        for (unsigned t = 0; t < 8; ++t) ASSERT_EQ(hart.tile(t), tiles[t]);
      }
    }
  }
}

}  // namespace
}  // namespace tatami::test
