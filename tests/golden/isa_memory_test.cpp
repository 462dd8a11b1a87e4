// Loads, stores and atomics: scalar ones by hand, vector ones against plain loops over the tables of docs/isa.md,
// section 5.
// labels: isa
#include "isa_fixture.h"

namespace tatami::test {
namespace {

using u64 = std::uint64_t;
using s64 = std::int64_t;

class IsaMemory : public IsaTest {
 protected:
  void fill() {
    std::vector<std::uint64_t> words(golden::kMemoryBytes / 8);
    for (auto& word : words) word = random();
    ASSERT_TRUE(machine.write(kBase, std::as_bytes(std::span(words))));
  }
};

TEST_F(IsaMemory, ScalarLoads) {
  poke(kData, u64{0xFEDC'BA98'7654'3210});
  hart.set_x(a1, kData + 100);
  EXPECT_EQ(result(Op::lb_, {a0, a1, -93}), 0xFFFF'FFFF'FFFF'FFFEU);
  EXPECT_EQ(result(Op::lbu_, {a0, a1, -93}), 0xFEU);
  EXPECT_EQ(result(Op::lh_, {a0, a1, -94}), 0xFFFF'FFFF'FFFF'FEDCU);
  EXPECT_EQ(result(Op::lhu_, {a0, a1, -95}), 0xDCBAU);  // misaligned
  EXPECT_EQ(result(Op::lw_, {a0, a1, -96}), 0xFFFF'FFFF'FEDC'BA98U);
  EXPECT_EQ(result(Op::lwu_, {a0, a1, -97}), 0xDCBA'9876U);
  EXPECT_EQ(result(Op::ld_, {a0, a1, -100}), 0xFEDC'BA98'7654'3210U);
  EXPECT_EQ(result(Op::ld_, {a0, a1, -101}), 0xDCBA'9876'5432'1000U);
  EXPECT_EQ(record.access.kind, golden::AccessKind::load);
  EXPECT_EQ(record.access.spans[0].offset, kData - 1 - kBase);
  EXPECT_EQ(record.access.bytes(), 8U);
}

TEST_F(IsaMemory, ScalarStores) {
  hart.set_x(a1, kData);
  hart.set_x(a2, 0x1122'3344'5566'7788);
  run(Op::sd_, {a1, a2, 1});
  EXPECT_EQ(peek<u64>(kData), 0x2233'4455'6677'8800U);
  EXPECT_EQ(peek<u64>(kData + 8), 0x11U);
  run(Op::sw_, {a1, a2, 14});
  EXPECT_EQ(peek<u64>(kData + 8), 0x7788'0000'0000'0011U);
  run(Op::sh_, {a1, a2, 3});
  EXPECT_EQ(peek<u64>(kData), 0x2233'4477'8877'8800U);
  run(Op::sb_, {a1, a2, 0});
  EXPECT_EQ(peek<u64>(kData), 0x2233'4477'8877'8888U);
}

TEST_F(IsaMemory, Atomics) {
  struct Case {
    Op op;
    u64 old, operand, expected;
  };
  constexpr Case cases[] = {
      {Op::amoswap_w_, 5, 7, 7},
      {Op::amoadd_w_, 0xFFFF'FFFF, 2, 1},
      {Op::amoxor_w_, 0xF0, 0xFF, 0x0F},
      {Op::amoand_w_, 0xF0, 0x3F, 0x30},
      {Op::amoor_w_, 0xF0, 0x0F, 0xFF},
      {Op::amomin_w_, 0xFFFF'FFFF, 1, 0xFFFF'FFFF},
      {Op::amomax_w_, 0xFFFF'FFFF, 1, 1},
      {Op::amominu_w_, 0xFFFF'FFFF, 1, 1},
      {Op::amomaxu_w_, 0xFFFF'FFFF, 1, 0xFFFF'FFFF},
      {Op::amoswap_d_, 5, 7ULL << 40, 7ULL << 40},
      {Op::amoadd_d_, 0xFFFF'FFFF, 2, 0x1'0000'0001},
      {Op::amoxor_d_, 1ULL << 60, 3ULL << 60, 2ULL << 60},
      {Op::amoand_d_, 1ULL << 60, 3ULL << 60, 1ULL << 60},
      {Op::amoor_d_, 1ULL << 60, 2ULL << 60, 3ULL << 60},
      {Op::amomin_d_, 1ULL << 63, 1, 1ULL << 63},
      {Op::amomax_d_, 1ULL << 63, 1, 1},
      {Op::amominu_d_, 1ULL << 63, 1, 1},
      {Op::amomaxu_d_, 1ULL << 63, 1, 1ULL << 63},
  };
  for (const Case& c : cases) {
    const bool word = golden::opcode(c.op).name.ends_with(".w");
    poke(kData, word ? c.old | 0xAAAA'AAAA'0000'0000 : c.old);
    hart.set_x(a1, kData);
    hart.set_x(a2, word ? c.operand | 0x5555'5555'0000'0000 : c.operand);
    const u64 old = word ? static_cast<u64>(s64{static_cast<std::int32_t>(c.old)}) : c.old;
    EXPECT_EQ(result(c.op, {a0, a1, a2, 1, 1}), old) << golden::opcode(c.op).name;
    EXPECT_EQ(peek<u64>(kData), word ? c.expected | 0xAAAA'AAAA'0000'0000 : c.expected) << golden::opcode(c.op).name;
  }
}

TEST_F(IsaMemory, ReservationsCoverBlocks) {
  hart.set_x(a1, kData);
  hart.set_x(a2, kData + 60);
  hart.set_x(a3, kData + 64);
  hart.set_x(a4, 9);
  EXPECT_EQ(result(Op::sc_w_, {a0, a1, a4, 0, 0}), 1U);  // none yet
  run(Op::lr_w_, {a0, a1, 0, 0});
  EXPECT_EQ(result(Op::sc_w_, {a0, a2, a4, 0, 0}), 0U);  // anywhere in the block
  EXPECT_EQ(peek<std::uint32_t>(kData + 60), 9U);
  EXPECT_EQ(result(Op::sc_w_, {a0, a2, a4, 0, 0}), 1U);  // spent
  run(Op::lr_w_, {a0, a1, 0, 0});
  EXPECT_EQ(result(Op::sc_w_, {a0, a3, a4, 0, 0}), 1U);  // another block, which ends it too
  EXPECT_EQ(result(Op::sc_w_, {a0, a1, a4, 0, 0}), 1U);
  EXPECT_EQ(peek<std::uint32_t>(kData + 64), 0U);
}

TEST_F(IsaMemory, AnyWriteEndsReservations) {
  hart.set_x(a1, kData);
  hart.set_x(a2, kData + 64 - 8);
  hart.set_x(a3, 64);  // push control: 64 bytes
  golden::Hart& other = machine.hart(1);
  for (unsigned r = 1; r < 32; ++r) other.set_x(r, hart.x(r));
  golden::Record r;
  const std::pair<golden::Hart*, std::uint32_t> writers[] = {
      {&hart, encode(Op::sb_, {a2, a4, 7})},
      {&other, encode(Op::sd_, {a2, a4, -3})},
      {&other, encode(Op::amoor_w_, {0, a2, 0, 0, 0})},
      {&other, encode(Op::dv_st_, {1, a1, -63, 0})},
      {&hart, encode(Op::dv_sts_, {1, a1, 0, 0, 0, 0})},
      {&other, encode(Op::dn_put_d_, {a2, a4, 0, 0})},
      {&hart, encode(Op::dn_push_, {1, a1, a3})},
  };
  for (const auto& [writer, insn] : writers) {
    run(Op::lr_d_, {a0, a1, 0, 0});
    writer->execute(insn, r);
    ASSERT_EQ(r.status, Status::retired) << disassemble(insn, 0);
    EXPECT_EQ(result(Op::sc_d_, {a0, a1, a4, 0, 0}), 1U) << disassemble(insn, 0);
  }
  run(Op::lr_d_, {a0, a1, 0, 0});
  poke(kData + 8, 1);  // the host
  EXPECT_EQ(result(Op::sc_d_, {a0, a1, a4, 0, 0}), 1U);
  run(Op::lr_d_, {a0, a1, 0, 0});
  other.execute(encode(Op::dv_st_, {1, a1, 64, 0}), r);  // the neighbouring block
  EXPECT_EQ(result(Op::sc_d_, {a0, a1, a4, 0, 0}), 0U);
}

/// What docs/isa.md says of a shape: where byte c of row r lies in the register.
struct ShapeRule {
  unsigned rows, bytes;
  unsigned (*place)(unsigned r, unsigned c);
};
const ShapeRule kRules[] = {
    {16, 4, [](unsigned r, unsigned c) { return 4 * r + c; }},
    {8, 8, [](unsigned r, unsigned c) { return 8 * r + c; }},
    {4, 16, [](unsigned r, unsigned c) { return 16 * r + c; }},
    {8, 8, [](unsigned r, unsigned c) { return 8 * c + r; }},
    {8, 8, [](unsigned r, unsigned c) { return 2 * (8 * (c / 2) + r) + c % 2; }},
    {4, 16, [](unsigned r, unsigned c) { return 2 * (4 * (c / 2) + r) + c % 2; }},
    {4, 16, [](unsigned r, unsigned c) { return 4 * (4 * (c / 4) + r) + c % 4; }},
};

TEST_F(IsaMemory, UnitVectors) {
  fill();
  for (int i = 0; i < 2000; ++i) {
    const bool post = random() % 2, store = random() % 2, pad = random() % 2;
    const auto imm = static_cast<std::int64_t>(random() % 2048) - 1024;
    const u64 a = kData + random() % 4096;
    const unsigned limit = static_cast<unsigned>(random() % 80);
    hart.csrs().dvlim = limit << 8;  // rows do not matter
    hart.set_x(s0, a);
    hart.set_v(3, random_vector());
    const u64 address = post ? a : a + static_cast<u64>(imm);
    const unsigned bytes = pad ? std::min(limit, 64U) : 64;
    std::vector<std::uint8_t> expected = memory();
    Vector loaded;
    for (unsigned c = 0; c < 64; ++c) {
      if (store && c < bytes) expected[address - kBase + c] = hart.v(3).bytes()[c];
      loaded.bytes()[c] = c < bytes ? expected[address - kBase + c] : 0;
    }
    run(store ? (post ? Op::dv_stp_ : Op::dv_st_) : (post ? Op::dv_ldp_ : Op::dv_ld_), {3, s0, imm, pad});
    ASSERT_EQ(record.status, Status::retired);
    ASSERT_EQ(record.access.bytes(), bytes);
    if (store) {
      ASSERT_EQ(memory(), expected);
    } else {
      ASSERT_EQ(hart.v(3), loaded);
    }
    ASSERT_EQ(hart.x(s0), post ? a + static_cast<u64>(imm) : a);
  }
}

TEST_F(IsaMemory, ShapedVectors) {
  fill();
  for (int i = 0; i < 6000; ++i) {
    const bool store = random() % 2, pad = random() % 2, indexed = random() % 3 == 0;
    const unsigned shape = static_cast<unsigned>(random() % (indexed ? 3 : 7));
    unsigned amode = static_cast<unsigned>(random() % 7);
    if (indexed && amode == 5) amode = 6;
    const ShapeRule& rule = kRules[shape];
    const u64 a = kData + 0x8000 + random() % 4096;
    const auto stride = static_cast<s64>(random() % (random() % 2 ? 40 : 4001)) - 20;
    const unsigned row_limit = static_cast<unsigned>(random() % 32), byte_limit = static_cast<unsigned>(random() % 24);
    hart.csrs().dvlim = row_limit | byte_limit << 8;
    hart.set_x(s0, a);
    hart.set_x(s1, static_cast<u64>(stride));
    hart.set_v(3, random_vector());
    Vector index;
    for (auto& lane : index.lane) lane = static_cast<std::uint32_t>(static_cast<s64>(random() % 8192) - 4096);
    hart.set_v(4, index);

    const u64 base = amode < 4 ? a + amode * rule.bytes : a;
    const unsigned rows = pad ? std::min(row_limit, rule.rows) : rule.rows;
    const unsigned bytes = pad ? std::min(byte_limit, rule.bytes) : rule.bytes;
    std::vector<std::uint8_t> expected = memory();
    Vector loaded;
    for (unsigned r = 0; r < rows; ++r) {
      const s64 step = indexed ? s64{static_cast<std::int32_t>(index.lane[r])} : s64{r} * stride;
      for (unsigned c = 0; c < bytes; ++c) {
        std::uint8_t& byte = expected[base + static_cast<u64>(step) - kBase + c];
        if (store) byte = hart.v(3).bytes()[rule.place(r, c)];
        loaded.bytes()[rule.place(r, c)] = byte;
      }
    }
    if (indexed) {
      run(store ? Op::dv_stx_ : Op::dv_ldx_, {3, s0, 4, shape, amode, pad});
    } else {
      run(store ? Op::dv_sts_ : Op::dv_lds_, {3, s0, s1, shape, amode, pad});
    }
    ASSERT_EQ(record.status, Status::retired);
    ASSERT_EQ(record.access.bytes(), rows * bytes);
    if (store) {
      ASSERT_EQ(memory(), expected) << disassemble(record.insn, 0);
    } else {
      ASSERT_EQ(hart.v(3), loaded) << disassemble(record.insn, 0);
    }
    const u64 after = amode == 4   ? a + rule.bytes
                      : amode == 5 ? a + rule.rows * static_cast<u64>(stride)
                      : amode == 6 ? a + 4 * rule.bytes
                                   : a;
    ASSERT_EQ(hart.x(s0), after) << disassemble(record.insn, 0);
  }
}

TEST_F(IsaMemory, IncrementOfX0IsDropped) {
  // Address 0 is outside, so nothing may be accessed.
  hart.csrs().dvlim = 0;
  run(Op::dv_ldp_, {1, 0, 64, 1});
  EXPECT_EQ(record.status, Status::retired);
  EXPECT_EQ(record.gpr, -1);
  EXPECT_EQ(hart.x(0), 0U);
}

TEST_F(IsaMemory, NothingIncludedIsALegalAccess) {
  hart.csrs().dvlim = 64 << 8;  // no rows
  hart.set_x(s0, 0);
  hart.set_x(s1, 1000);
  hart.set_v(1, random_vector());
  run(Op::dv_lds_, {1, s0, s1, 1, 5, 1});
  EXPECT_EQ(record.status, Status::retired);
  EXPECT_EQ(hart.v(1), Vector{});
  EXPECT_EQ(hart.x(s0), 8000U);
}

TEST_F(IsaMemory, FaultsNameTheFirstRowOutside) {
  const Vector before = random_vector();
  hart.set_v(1, before);
  hart.set_x(s0, kEnd - 100);
  hart.set_x(s1, 40);
  run(Op::dv_lds_, {1, s0, s1, 1, 4, 0});  // rows at -100, -60, -20, +20
  expect_trap(Cause::load_fault, kEnd + 20);
  run(Op::dv_sts_, {1, s0, s1, 1, 4, 0});
  expect_trap(Cause::store_fault, kEnd + 20);
  EXPECT_EQ(hart.x(s0), kEnd - 100);
  EXPECT_EQ(hart.v(1), before);
  EXPECT_EQ(peek<u64>(kEnd - 100), 0U);
  hart.set_x(s1, static_cast<u64>(-40));
  hart.set_x(s0, kBase + 100);
  run(Op::dv_lds_, {1, s0, s1, 2, 0, 0});  // +100, +60, +20, -20
  expect_trap(Cause::load_fault, kBase - 20);
  hart.csrs().dvlim = 3 | 64 << 8;
  run(Op::dv_lds_, {1, s0, s1, 2, 0, 1});  // padding excludes the row outside
  EXPECT_EQ(record.status, Status::retired);
  hart.set_pc(kBase);

  hart.set_x(s0, kEnd - 60);
  run(Op::dv_ld_, {1, s0, 0, 0});
  expect_trap(Cause::load_fault, kEnd - 60);
  run(Op::dv_stp_, {1, s0, 64, 0});
  expect_trap(Cause::store_fault, kEnd - 60);
  EXPECT_EQ(hart.x(s0), kEnd - 60);
  hart.csrs().dvlim = 60 << 8;
  run(Op::dv_ldp_, {1, s0, 64, 1});
  EXPECT_EQ(record.status, Status::retired);

  Vector index;
  index.lane[5] = 0x8000'0000;  // minus 2 GB
  hart.set_v(2, index);
  hart.set_x(s0, kData);
  hart.set_pc(kBase);
  run(Op::dv_stx_, {1, s0, 2, 0, 0, 0});
  expect_trap(Cause::store_fault, kData - 0x8000'0000);
  hart.set_v(2, Vector{});
}

TEST_F(IsaMemory, VectorCodeIsExecuted) {
  // A loop pushes new code over itself with a vector store.
  Vector code;
  code.lane.fill(encode(Op::addi_, {a0, 0, 3}));
  poke(kBase, encode(Op::addi_, {a0, 0, 1}));
  hart.step(record);
  EXPECT_EQ(hart.x(a0), 1U);
  hart.set_x(s0, kBase);
  hart.set_v(1, code);
  run(Op::dv_st_, {1, s0, 0, 0});
  hart.set_pc(kBase);
  hart.step(record);
  EXPECT_EQ(hart.x(a0), 3U);
}

}  // namespace
}  // namespace tatami::test
