// Network, counters and barriers, on fabrics of several nodes whose network acts at once.
// labels: isa
#include "isa_fixture.h"

namespace tatami::test {
namespace {

using u64 = std::uint64_t;
using s64 = std::int64_t;

constexpr u64 global(unsigned x, unsigned y, u64 local) { return u64{y} << 40 | u64{x} << 32 | local; }

class IsaNetwork : public testing::Test {
 protected:
  static constexpr u64 kBase = golden::kMemoryBase, kData = kBase + 0x1000, kHandler = kBase + 0x800;

  IsaNetwork() {
    machine.reset(kBase, 0);
    for (unsigned t = 0; t < 4; ++t) hart(t).csrs().mtvec = kHandler;
  }
  golden::Hart& hart(unsigned t = 0) { return machine.node(1, 0).hart(t); }
  golden::Status run(Op op, std::initializer_list<std::int64_t> operands, unsigned t = 0) {
    hart(t).execute(encode(op, operands), record);
    return record.status;
  }
  void expect_trap(golden::Cause cause, u64 tval) {
    EXPECT_EQ(record.status, golden::Status::trapped);
    EXPECT_EQ(record.cause, cause) << disassemble(record.insn, 0);
    EXPECT_EQ(record.tval, tval) << disassemble(record.insn, 0);
  }
  u64 peek(unsigned x, unsigned y, u64 local) {
    u64 value = 0;
    EXPECT_TRUE(machine.read(global(x, y, local), std::as_writable_bytes(std::span(&value, 1))));
    return value;
  }

  golden::Machine machine{{.width = 3, .height = 2}};
  golden::Record record;
};

TEST_F(IsaNetwork, Push) {
  golden::Vector v;
  for (unsigned i = 0; i < 64; ++i) v.bytes()[i] = static_cast<std::uint8_t>(i + 1);
  hart().set_v(5, v);
  for (unsigned n = 1; n <= 64; ++n) {
    machine.clear_memory();
    hart().set_x(a0, global(2, 1, kData + 64 - n));
    hart().set_x(a1, n | 7 << 8 | 1 << 15);
    ASSERT_EQ(run(Op::dn_push_, {5, a0, a1}), golden::Status::retired);
    EXPECT_EQ(machine.node(2, 1).counter(7), n);
    for (unsigned i = 0; i < 64; ++i) {
      const auto byte = machine.node(2, 1).sram().data()[kData - kBase + i];
      EXPECT_EQ(byte, i < 64 - n ? 0 : i - (64 - n) + 1);
    }
    EXPECT_EQ(peek(1, 0, kData + 56), 0U);  // not here
  }
  hart().set_x(a1, 8 | 7 << 8);  // no counter
  ASSERT_EQ(run(Op::dn_push_, {5, a0, a1}), golden::Status::retired);
  EXPECT_EQ(machine.node(2, 1).counter(7), 64U);
}

TEST_F(IsaNetwork, MulticastPush) {
  golden::Vector v;
  for (unsigned i = 0; i < 64; ++i) v.bytes()[i] = static_cast<std::uint8_t>(i + 1);
  hart().set_v(5, v);
  hart().set_x(a0, global(1, 0, kData));
  hart().set_x(a1, 8 | 7 << 8 | 1 << 15 | 1 << 16 | u64{2} << 24 | u64{1} << 32);
  ASSERT_EQ(run(Op::dn_push_, {5, a0, a1}), golden::Status::retired);
  for (unsigned y = 0; y < 2; ++y) {
    for (unsigned x = 0; x < 3; ++x) {
      EXPECT_EQ(machine.node(x, y).counter(7), x >= 1 ? 1U : 0U) << x << "," << y;
      EXPECT_EQ(peek(x, y, kData), x >= 1 ? 0x0807060504030201U : 0U) << x << "," << y;
    }
  }
  // The rectangle ends before it begins, or outside the fabric.
  for (const u64 corner : {u64{0} << 24, u64{3} << 24, u64{2} << 24 | u64{2} << 32}) {
    hart().set_x(a0, global(1, 0, kData));
    hart().set_x(a1, 8 | 1 << 16 | corner);
    run(Op::dn_push_, {5, a0, a1});
    expect_trap(golden::Cause::store_fault, global(1, 0, kData));
  }
  hart().set_x(a0, global(1, 1, kData));
  hart().set_x(a1, 8 | 1 << 16 | u64{2} << 24);
  run(Op::dn_push_, {5, a0, a1});
  expect_trap(golden::Cause::store_fault, global(1, 1, kData));
}

TEST_F(IsaNetwork, PushTraps) {
  const auto push = [&](u64 address, u64 control) {
    hart().set_x(a0, address);
    hart().set_x(a1, control);
    run(Op::dn_push_, {5, a0, a1});
  };
  push(global(0, 0, kData), 0);
  expect_trap(golden::Cause::store_misaligned, global(0, 0, kData));
  push(global(0, 0, kData), 65);
  expect_trap(golden::Cause::store_misaligned, global(0, 0, kData));
  push(global(0, 0, kData + 60), 5);
  expect_trap(golden::Cause::store_misaligned, global(0, 0, kData + 60));
  for (const u64 bad :
       {global(3, 0, kData), global(0, 2, kData), global(0, 0, 0), global(0, 0, kBase + golden::kMemoryBytes),
        global(0, 0, kData) | u64{1} << 49, global(0, 0, kData) | u64{1} << 63}) {
    push(bad, 8);
    expect_trap(golden::Cause::store_fault, bad);
  }
}

TEST_F(IsaNetwork, Put) {
  hart().set_x(a0, global(0, 1, kData));
  hart().set_x(a1, 0x1122'3344'5566'7788);
  ASSERT_EQ(run(Op::dn_put_w_, {a0, a1, 3, 0}), golden::Status::retired);
  EXPECT_EQ(peek(0, 1, kData), 0x5566'7788U);
  EXPECT_EQ(machine.node(0, 1).counter(3), 0U);
  ASSERT_EQ(run(Op::dn_put_d_, {a0, a1, 3, 1}), golden::Status::retired);
  EXPECT_EQ(peek(0, 1, kData), 0x1122'3344'5566'7788U);
  EXPECT_EQ(machine.node(0, 1).counter(3), 1U);
  hart().set_x(a0, global(0, 1, kData + 4));
  ASSERT_EQ(run(Op::dn_put_w_, {a0, a1, 3, 0}), golden::Status::retired);
  run(Op::dn_put_d_, {a0, a1, 3, 0});
  expect_trap(golden::Cause::store_misaligned, global(0, 1, kData + 4));
  hart().set_x(a0, global(0, 1, kData + 2));
  run(Op::dn_put_w_, {a0, a1, 3, 0});
  expect_trap(golden::Cause::store_misaligned, global(0, 1, kData + 2));
  hart().set_x(a0, global(9, 1, kData));
  run(Op::dn_put_w_, {a0, a1, 3, 0});
  expect_trap(golden::Cause::store_fault, global(9, 1, kData));
}

TEST_F(IsaNetwork, Pull) {
  std::array<u64, 8> block{};
  for (unsigned i = 0; i < 8; ++i) block[i] = i + 100;
  ASSERT_TRUE(machine.write(global(2, 0, kData), std::as_bytes(std::span(block))));
  hart().set_x(a0, global(2, 0, kData));
  hart().set_x(a1, kData + 128);
  ASSERT_EQ(run(Op::dn_pull_, {a0, a1, 31, 1}), golden::Status::retired);
  for (unsigned i = 0; i < 8; ++i) EXPECT_EQ(peek(1, 0, kData + 128 + 8 * i), i + 100);
  EXPECT_EQ(machine.node(1, 0).counter(31), 1U);
  EXPECT_EQ(machine.node(2, 0).counter(31), 0U);

  const auto pull = [&](u64 from, u64 to) {
    hart().set_x(a0, from);
    hart().set_x(a1, to);
    run(Op::dn_pull_, {a0, a1, 0, 0});
  };
  pull(global(7, 0, kData + 8), kData + 4);
  expect_trap(golden::Cause::load_misaligned, global(7, 0, kData + 8));
  pull(global(7, 0, kData), kData + 4);
  expect_trap(golden::Cause::load_misaligned, kData + 4);
  pull(global(7, 0, kData), 0);
  expect_trap(golden::Cause::load_fault, global(7, 0, kData));
  pull(global(2, 0, kData), 64);
  expect_trap(golden::Cause::load_fault, 64);
  pull(global(2, 0, kData), global(1, 0, kData));  // the destination is a local address, not a global one
  expect_trap(golden::Cause::load_fault, global(1, 0, kData));
}

TEST_F(IsaNetwork, Atomics) {
  hart().set_x(a0, global(0, 0, kData));
  hart().set_x(a1, 5);
  run(Op::dn_amoadd_d_, {a2, a0, a1});
  EXPECT_EQ(hart().x(a2), 0U);
  run(Op::dn_amoadd_d_, {a2, a0, a1});
  EXPECT_EQ(hart().x(a2), 5U);
  EXPECT_EQ(peek(0, 0, kData), 10U);
  hart().set_x(a2, 9);
  run(Op::dn_cas_d_, {a2, a0, a1});
  EXPECT_EQ(hart().x(a2), 10U);
  EXPECT_EQ(peek(0, 0, kData), 10U);
  run(Op::dn_cas_d_, {a2, a0, a1});
  EXPECT_EQ(hart().x(a2), 10U);
  EXPECT_EQ(peek(0, 0, kData), 5U);
  hart().set_x(a0, global(0, 0, kData + 4));
  run(Op::dn_cas_d_, {a2, a0, a1});
  expect_trap(golden::Cause::store_misaligned, global(0, 0, kData + 4));
  hart().set_x(a0, global(0, 0, kData - 0x2000));
  run(Op::dn_amoadd_d_, {a2, a0, a1});
  expect_trap(golden::Cause::store_fault, global(0, 0, kData - 0x2000));
}

constexpr u64 edge(unsigned x, unsigned y, unsigned side, u64 offset) {
  return global(x, y, offset) | u64{1} << 48 | u64{side} << 49;
}

TEST_F(IsaNetwork, EdgeMemoryKeepsWhatIsSent) {
  // The fabric is 3x2, the hart's node (1, 0).
  const u64 far = edge(2, 1, 1, 0xFFFF'FFC0);
  golden::Vector v;
  for (unsigned i = 0; i < 64; ++i) v.bytes()[i] = static_cast<std::uint8_t>(i + 1);
  hart().set_v(5, v);
  hart().set_x(a0, far + 8);
  hart().set_x(a1, 16);
  ASSERT_EQ(run(Op::dn_push_, {5, a0, a1}), golden::Status::retired);
  hart().set_x(a0, far + 32);
  hart().set_x(a1, 0x1122'3344'5566'7788);
  ASSERT_EQ(run(Op::dn_put_d_, {a0, a1, 3, 0}), golden::Status::retired);
  hart().set_x(a0, far + 40);
  ASSERT_EQ(run(Op::dn_put_w_, {a0, a1, 3, 0}), golden::Status::retired);
  hart().set_x(a1, 5);
  ASSERT_EQ(run(Op::dn_amoadd_d_, {a2, a0, a1}), golden::Status::retired);
  EXPECT_EQ(hart().x(a2), 0x5566'7788U);
  hart().set_x(a2, 0x5566'778D);
  hart().set_x(a1, 99);
  ASSERT_EQ(run(Op::dn_cas_d_, {a2, a0, a1}), golden::Status::retired);
  hart().set_x(a0, far);
  hart().set_x(a1, kData + 64);
  ASSERT_EQ(run(Op::dn_pull_, {a0, a1, 4, 1}), golden::Status::retired);
  const std::array<u64, 8> want = {0, 0x0807060504030201, 0x100F0E0D0C0B0A09, 0, 0x1122'3344'5566'7788, 99, 0, 0};
  for (unsigned i = 0; i < 8; ++i) EXPECT_EQ(peek(1, 0, kData + 64 + 8 * i), want[i]) << i;
  EXPECT_EQ(machine.node(1, 0).counter(4), 1U);
  EXPECT_EQ(machine.node(1, 0).counter(3), 0U);
  // Every port has a memory of its own, and nodes' SRAM is another thing.
  for (const u64 other : {edge(2, 1, 2, 0xFFFF'FFC0), edge(2, 0, 1, 0xFFFF'FFC0)}) {
    u64 value = 1;
    ASSERT_TRUE(machine.read(other + 8, std::as_writable_bytes(std::span(&value, 1))));
    EXPECT_EQ(value, 0U);
  }
  u64 value = 0;
  ASSERT_TRUE(machine.read(far + 8, std::as_writable_bytes(std::span(&value, 1))));
  EXPECT_EQ(value, want[1]);
  EXPECT_FALSE(machine.read(far + 60, std::as_writable_bytes(std::span(&value, 1))));
  machine.clear_memory();
  ASSERT_TRUE(machine.read(far + 8, std::as_writable_bytes(std::span(&value, 1))));
  EXPECT_EQ(value, 0U);
}

TEST_F(IsaNetwork, EdgeMemoryIsAtTheRimOnly) {
  hart().set_x(a1, kData);
  for (unsigned y = 0; y < 3; ++y) {
    for (unsigned x = 0; x < 4; ++x) {
      for (unsigned side = 0; side < 4; ++side) {
        const bool exists =
            x < 3 && y < 2 &&
            ((side == 0 && y == 0) || (side == 1 && x == 2) || (side == 2 && y == 1) || (side == 3 && x == 0));
        const u64 address = edge(x, y, side, 0);
        hart().set_x(a0, address);
        if (run(Op::dn_pull_, {a0, a1, 0, 0}) == golden::Status::trapped)
          expect_trap(golden::Cause::load_fault, address);
        EXPECT_EQ(record.status == golden::Status::retired, exists) << x << "," << y << " side " << side;
        if (run(Op::dn_put_w_, {a0, a1, 0, 0}) == golden::Status::trapped)
          expect_trap(golden::Cause::store_fault, address);
        EXPECT_EQ(record.status == golden::Status::retired, exists);
        u64 value = 0;
        EXPECT_EQ(machine.read(address, std::as_writable_bytes(std::span(&value, 1))), exists);
      }
    }
  }
  const u64 good = edge(0, 0, 3, 64);
  for (unsigned bit = 51; bit < 64; ++bit) {
    hart().set_x(a0, good | u64{1} << bit);
    run(Op::dn_pull_, {a0, a1, 0, 0});
    expect_trap(golden::Cause::load_fault, good | u64{1} << bit);
  }
  // No counters, no multicast.
  for (const u64 control : {u64{64} | 1 << 15, u64{64} | 1 << 16 | u64{2} << 24 | u64{1} << 32}) {
    hart().set_x(a0, good);
    hart().set_x(a1, control);
    run(Op::dn_push_, {5, a0, a1});
    expect_trap(golden::Cause::store_fault, good);
  }
  run(Op::dn_put_d_, {a0, a1, 3, 1});
  expect_trap(golden::Cause::store_fault, good);
  // A dead node's ports lead nowhere.
  golden::Machine holed{{.width = 3, .height = 2, .dead = {{0, 0}}}};
  EXPECT_EQ(holed.find_edge(edge(0, 0, 3, 0)), nullptr);
  EXPECT_EQ(holed.find_edge(edge(0, 1, 0, 0)), nullptr);  // leads to the dead node
  EXPECT_NE(holed.find_edge(edge(0, 1, 3, 0)), nullptr);
}

TEST_F(IsaNetwork, CountersAndSignals) {
  hart().set_x(a0, global(2, 1, 0xFFFF'FF00 | 9));
  hart().set_x(a1, 0xFFFF'FFFF'FFFF'FFFF);
  ASSERT_EQ(run(Op::dn_sig_, {a0, a1}), golden::Status::retired);  // only the coordinates are checked
  EXPECT_EQ(machine.node(2, 1).counter(9), 0xFFFF'FFFFU);
  hart().set_x(a0, global(3, 1, 9));
  run(Op::dn_sig_, {a0, a1});
  expect_trap(golden::Cause::store_fault, global(3, 1, 9));

  ASSERT_EQ(run(Op::dn_ctr_add_, {a1, 4}), golden::Status::retired);
  run(Op::dn_ctr_rd_, {a2, 4});
  EXPECT_EQ(hart().x(a2), 0xFFFF'FFFFU);
}

TEST_F(IsaNetwork, WaitAndTake) {
  golden::Node& node = machine.node(1, 0);
  hart().set_x(a0, 3);
  const u64 pc = hart().pc();
  for (unsigned value = 0; value < 3; ++value) {
    EXPECT_EQ(run(Op::dn_ctr_wait_, {a0, 2}), golden::Status::asleep);
    EXPECT_EQ(hart().pc(), pc);
    node.add_counter(2, 1);
  }
  EXPECT_EQ(run(Op::dn_ctr_wait_, {a0, 2}), golden::Status::retired);
  EXPECT_EQ(node.counter(2), 3U);
  EXPECT_EQ(run(Op::dn_ctr_take_, {a0, 2}), golden::Status::retired);
  EXPECT_EQ(node.counter(2), 0U);
  EXPECT_EQ(run(Op::dn_ctr_take_, {a0, 2}), golden::Status::asleep);
  // Wrap-safe: a counter past the wrap is "later" than a target before it.
  hart().set_x(a0, 0xFFFF'FFF0);
  node.add_counter(2, 5);
  EXPECT_EQ(run(Op::dn_ctr_wait_, {a0, 2}), golden::Status::retired);
  hart().set_x(a0, 0x8000'0005);
  EXPECT_EQ(run(Op::dn_ctr_wait_, {a0, 2}), golden::Status::asleep);
}

// Control word of dn.arm.
constexpr u64 to_rectangle(unsigned last_x, unsigned last_y) { return 1 << 16 | u64{last_x} << 24 | u64{last_y} << 32; }

TEST_F(IsaNetwork, TriggerTakesAndSignalsOnce) {
  golden::Node& node = machine.node(1, 0);
  hart().set_x(a0, 0xFFFF'0000'FFFF'FF00 | global(2, 1, 9));  // only the node and the counter matter
  hart().set_x(a1, 3 | u64{0xFF} << 40 | 0xFE'0000);
  ASSERT_EQ(run(Op::dn_arm_, {a0, a1, 5, 2}), golden::Status::retired);
  node.add_counter(5, 2);
  node.add_counter(9, 100);  // another one
  EXPECT_EQ(node.counter(5), 2U);
  EXPECT_EQ(machine.node(2, 1).counter(9), 0U);
  node.add_counter(5, 5);
  EXPECT_EQ(node.counter(5), 4U);
  EXPECT_EQ(machine.node(2, 1).counter(9), 1U);
  node.add_counter(5, 5);  // not armed any more
  EXPECT_EQ(node.counter(5), 9U);
  // Armed when the count is there already.
  ASSERT_EQ(run(Op::dn_arm_, {a0, a1, 5, 2}), golden::Status::retired);
  EXPECT_EQ(node.counter(5), 6U);
  EXPECT_EQ(machine.node(2, 1).counter(9), 2U);
  // Wrap-safe, as dn.ctr.take.
  node.add_counter(6, 0x8000'0002);
  ASSERT_EQ(run(Op::dn_arm_, {a0, a1, 6, 2}), golden::Status::retired);
  EXPECT_EQ(node.counter(6), 0x7FFF'FFFFU);
  ASSERT_EQ(run(Op::dn_arm_, {a0, a1, 7, 2}), golden::Status::retired);
  node.add_counter(7, 0x8000'0003);
  EXPECT_EQ(node.counter(7), 0x8000'0003U);
  EXPECT_EQ(machine.node(2, 1).counter(9), 3U);
  EXPECT_EQ(run(Op::wfi_, {}), golden::Status::retired);  // counters changed
}

TEST_F(IsaNetwork, TriggersAreReplacedAndDisarmed) {
  golden::Node& node = machine.node(1, 0);
  const auto arm = [&](u64 address, u64 control, unsigned counter, unsigned trigger) {
    hart().set_x(a0, address);
    hart().set_x(a1, control);
    return run(Op::dn_arm_, {a0, a1, counter, trigger});
  };
  ASSERT_EQ(arm(global(0, 0, 1), 2, 5, 0), golden::Status::retired);
  ASSERT_EQ(arm(global(0, 0, 2), 1, 6, 0), golden::Status::retired);
  node.add_counter(5, 4);
  EXPECT_EQ(node.counter(5), 4U);
  ASSERT_EQ(arm(global(9, 9, 0), 0xFFFF'FFFF'FFFF'0000, 6, 0), golden::Status::retired);  // nothing is checked
  node.add_counter(6, 1);
  EXPECT_EQ(node.counter(6), 1U);
  // Four at once, two of them on one counter with enough for one, a chain back to this node among them.
  node.add_counter(6, 1);
  node.add_counter(5, 0U - 4);
  ASSERT_EQ(arm(global(1, 0, 8), 2, 5, 0), golden::Status::retired);
  ASSERT_EQ(arm(global(1, 0, 8), 3, 5, 1), golden::Status::retired);
  ASSERT_EQ(arm(global(0, 1, 10), 2, 9, 3), golden::Status::retired);
  ASSERT_EQ(arm(global(1, 0, 9), 1, 8, 2), golden::Status::retired);
  node.add_counter(9, 1);
  node.add_counter(5, 3);
  EXPECT_EQ(node.counter(5) == 0 || node.counter(5) == 1, true);
  EXPECT_EQ(node.counter(8), 0U);
  EXPECT_EQ(node.counter(9), 0U);
  EXPECT_EQ(machine.node(0, 1).counter(10), 1U);
  // Reset disarms.
  ASSERT_EQ(arm(global(1, 0, 8), 1, 20, 0), golden::Status::retired);
  machine.reset(kBase, 0);
  node.add_counter(20, 1);
  EXPECT_EQ(node.counter(20), 1U);
}

TEST_F(IsaNetwork, TriggersSignalRectangles) {
  hart().set_x(a0, global(1, 0, 30));
  hart().set_x(a1, 1 | to_rectangle(2, 1));
  ASSERT_EQ(run(Op::dn_arm_, {a0, a1, 4, 0}), golden::Status::retired);
  machine.node(1, 0).add_counter(4, 1);
  for (unsigned y = 0; y < 2; ++y) {
    for (unsigned x = 0; x < 3; ++x) EXPECT_EQ(machine.node(x, y).counter(30), x >= 1 ? 1U : 0U) << x << "," << y;
  }
  const auto refused = [&](u64 address, u64 control) {
    hart().set_x(a0, address);
    hart().set_x(a1, control);
    run(Op::dn_arm_, {a0, a1, 4, 0});
    expect_trap(golden::Cause::store_fault, address);
  };
  refused(global(3, 0, 4), 1);
  refused(global(0, 2, 4), 1);
  refused(global(1, 0, 4), 1 | to_rectangle(0, 1));
  refused(global(1, 1, 4), 1 | to_rectangle(2, 0));
  refused(global(1, 0, 4), 1 | to_rectangle(3, 0));
  refused(global(1, 0, 4), 1 | to_rectangle(2, 2));
  // What was refused has not armed it, or changed what it was armed with.
  machine.node(1, 0).add_counter(4, 1);
  EXPECT_EQ(machine.node(1, 0).counter(4), 1U);

  golden::Machine holed{{.width = 3, .height = 2, .dead = {{0, 0}, {1, 0}}}};
  holed.reset(kBase, 0);
  golden::Hart& there = holed.node(2, 1).hart(0);
  there.csrs().mtvec = kHandler;
  const auto arm = [&](u64 address, u64 control) {
    there.set_x(a0, address);
    there.set_x(a1, control);
    there.execute(encode(Op::dn_arm_, {a0, a1, 4, 0}), record);
    return record.status;
  };
  EXPECT_EQ(arm(global(1, 0, 4), 1), golden::Status::trapped);
  EXPECT_EQ(arm(global(0, 0, 4), 1 | to_rectangle(1, 0)), golden::Status::trapped);
  EXPECT_EQ(arm(global(0, 0, 4), 0), golden::Status::retired);
  ASSERT_EQ(arm(global(0, 0, 4), 7 | to_rectangle(2, 1)), golden::Status::retired);
  holed.node(2, 1).add_counter(4, 7);
  for (const auto& [x, y] : {std::pair{2U, 0U}, {0U, 1U}, {1U, 1U}, {2U, 1U}}) {
    EXPECT_EQ(holed.node(x, y).counter(4), 1U) << x << "," << y;
  }
}

TEST_F(IsaNetwork, BarrierReleasesItsThreadsTogether) {
  EXPECT_EQ(run(Op::dn_bar_, {0b1011}, 0), golden::Status::asleep);
  EXPECT_EQ(run(Op::dn_bar_, {0b1011}, 1), golden::Status::asleep);
  EXPECT_EQ(run(Op::dn_bar_, {0b1011}, 0), golden::Status::asleep);
  EXPECT_EQ(run(Op::dn_bar_, {0b0100}, 2), golden::Status::retired);  // a barrier of its own
  EXPECT_EQ(run(Op::dn_bar_, {0b1011}, 3), golden::Status::retired);
  EXPECT_EQ(run(Op::dn_bar_, {0b1011}, 1), golden::Status::retired);
  EXPECT_EQ(run(Op::dn_bar_, {0b1011}, 1), golden::Status::asleep);  // the next round
  EXPECT_EQ(run(Op::dn_bar_, {0b1011}, 0), golden::Status::retired);
  EXPECT_EQ(run(Op::dn_bar_, {0b1011}, 0), golden::Status::asleep);
  EXPECT_EQ(run(Op::dn_bar_, {0b1011}, 3), golden::Status::retired);
}

TEST_F(IsaNetwork, DifferentMasksDoNotMeet) {
  EXPECT_EQ(run(Op::dn_bar_, {0b0011}, 0), golden::Status::asleep);
  EXPECT_EQ(run(Op::dn_bar_, {0b0111}, 1), golden::Status::asleep);
  EXPECT_EQ(run(Op::dn_bar_, {0b0011}, 0), golden::Status::asleep);
}

TEST_F(IsaNetwork, WfiEndsWhenSomethingArrives) {
  EXPECT_EQ(run(Op::wfi_, {}), golden::Status::asleep);
  machine.node(1, 0).add_counter(0, 1);
  EXPECT_EQ(run(Op::wfi_, {}), golden::Status::retired);
  EXPECT_EQ(run(Op::wfi_, {}), golden::Status::asleep);
  hart(1).set_x(a0, global(1, 0, kData));
  run(Op::dn_put_d_, {a0, a1, 0, 0}, 1);
  EXPECT_EQ(run(Op::wfi_, {}), golden::Status::retired);
  EXPECT_EQ(run(Op::wfi_, {}), golden::Status::asleep);
  const u64 value = 1;
  ASSERT_TRUE(machine.write(global(1, 0, kData), std::as_bytes(std::span(&value, 1))));
  EXPECT_EQ(run(Op::wfi_, {}), golden::Status::retired);
}

TEST_F(IsaNetwork, NodesTalkWhileRunning) {
  // Thread 0 of node (0, 0) sends 100 signals to node (2, 1), whose thread 0 waits for them and ends the run
  // with code 3: anything but 1 in tohost does, whatever the other nodes do.
  const u64 tohost = kBase + 0x3000;
  Assembler as;
  as(Op::csrrs_, {t0, 0, golden::csr::kMhartid});
  const u64 branch = as.pc();
  as.word(0);
  as.li(t1, global(2, 1, 6)).li(t2, 1).li(t3, 100);
  const u64 loop = as.pc();
  as(Op::dn_sig_, {t1, t2})(Op::addi_, {t3, t3, -1})(Op::bne_, {t3, 0, static_cast<s64>(loop - as.pc())});
  as(Op::wfi_, {})(Op::jal_, {0, -4});
  const u64 others = as.pc();
  as.li(t1, 4 * 5);
  as(Op::bne_, {t0, t1, -8 - static_cast<s64>(4 * 1)});  // everybody else sleeps
  as.li(t1, 100)(Op::dn_ctr_take_, {t1, 6}).li(t1, tohost).li(t2, 7)(Op::sd_, {t1, t2, 0});
  std::vector<std::uint32_t> words = as.words();
  words[(branch - kBase) / 4] = encode(Op::bne_, {t0, 0, static_cast<s64>(others - branch)});
  for (unsigned y = 0; y < 2; ++y) {
    for (unsigned x = 0; x < 3; ++x) {
      ASSERT_TRUE(machine.write(global(x, y, kBase), std::as_bytes(std::span(words))));
    }
  }
  machine.reset(kBase, tohost);
  const golden::Outcome outcome = machine.run(100'000);
  EXPECT_EQ(outcome.ending, golden::Ending::exited);
  EXPECT_EQ(outcome.exit_code, 3U);
  EXPECT_EQ(outcome.hart, 20U);
  EXPECT_EQ(outcome.x, 2U);
  EXPECT_EQ(outcome.y, 1U);
}

TEST_F(IsaNetwork, EveryNodeEnds) {
  // Thread 0 of each node stores 1 to tohost; then all sleep.
  const u64 tohost = kBase + 0x3000;
  Assembler as;
  as(Op::csrrs_, {t0, 0, golden::csr::kDthread});
  const u64 branch = as.pc();
  as.word(0);
  as.li(t1, tohost).li(t2, 1)(Op::sd_, {t1, t2, 0});
  const u64 sleep = as.pc();
  as(Op::wfi_, {})(Op::jal_, {0, -4});
  std::vector<std::uint32_t> words = as.words();
  words[(branch - kBase) / 4] = encode(Op::bne_, {t0, 0, static_cast<s64>(sleep - branch)});
  const auto load = [&](unsigned x, unsigned y) {
    ASSERT_TRUE(machine.write(global(x, y, kBase), std::as_bytes(std::span(words))));
  };
  for (unsigned node = 0; node < 5; ++node) load(node % 3, node / 3);
  // The last node has no program but a jump to itself: the run goes on.
  const std::uint32_t spin = encode(Op::jal_, {0, 0});
  ASSERT_TRUE(machine.write(global(2, 1, kBase), std::as_bytes(std::span(&spin, 1))));
  machine.reset(kBase, tohost);
  EXPECT_EQ(machine.run(100'000).ending, golden::Ending::step_limit);
  load(2, 1);
  machine.reset(kBase, tohost);
  const golden::Outcome outcome = machine.run(100'000);
  EXPECT_EQ(outcome.ending, golden::Ending::exited);
  EXPECT_EQ(outcome.exit_code, 0U);
}

}  // namespace
}  // namespace tatami::test
