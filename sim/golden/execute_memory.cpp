// Loads and stores of both kinds, and atomics (docs/isa.md, sections 4 and 5).
#include <algorithm>
#include <type_traits>

#include "golden/execute.h"
#include "golden/node.h"

namespace tatami::golden {
namespace {

using isa::Op;
using u64 = std::uint64_t;
using s64 = std::int64_t;

constexpr u64 imm(const Decoded& d) { return static_cast<u64>(static_cast<s64>(d.imm)); }

template <typename T>
T get(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// The access of `bytes` neighbouring bytes at `address`; traps if they are not all in SRAM.
bool plan_scalar(Hart& h, Record& r, AccessKind kind, u64 address, unsigned bytes) {
  const auto offset = sram_offset(address, bytes);
  if (!offset) {
    h.trap(r, kind == AccessKind::load || kind == AccessKind::load_reserved ? Cause::load_fault : Cause::store_fault,
           address);
    return false;
  }
  r.access.kind = kind;
  r.access.vector = false;
  r.access.unit = 8;
  r.access.count = 1;
  r.access.spans[0] = {*offset, static_cast<std::uint8_t>(bytes), 0};
  return true;
}

// For instructions that the memory port holds back.
void block(Record& r) { r.status = Status::blocked; }

template <typename T>
void load(Hart& h, const Decoded& d, Record& r) {
  if (!plan_scalar(h, r, AccessKind::load, h.x(d.rs1) + imm(d), sizeof(T))) return;
  if (!h.node().load(h.thread(), r.access)) return block(r);
  h.write_x(r, d.rd, static_cast<u64>(static_cast<s64>(get<T>(r.access.data.data()))));
}

template <typename T>
void store(Hart& h, const Decoded& d, Record& r) {
  const u64 address = h.x(d.rs1) + imm(d);
  if (!plan_scalar(h, r, AccessKind::store, address, sizeof(T))) return;
  const auto value = static_cast<T>(h.x(d.rs2));
  std::memcpy(r.access.data.data(), &value, sizeof value);
  h.node().store(h.thread(), r.access);
  if (address == h.node().tohost() && (value & 1) != 0) [[unlikely]] {
    r.exit = true;
    r.exit_value = static_cast<std::uint32_t>(value);
  }
}

// T: the signed type of the operand; results are sign-extended.
template <typename T>
bool check_atomic(Hart& h, Record& r, AccessKind kind, u64 address) {
  if (address % sizeof(T) != 0) {
    h.trap(r, kind == AccessKind::load_reserved ? Cause::load_misaligned : Cause::store_misaligned, address);
    return false;
  }
  return plan_scalar(h, r, kind, address, sizeof(T));
}

template <typename T>
void load_reserved(Hart& h, const Decoded& d, Record& r) {
  if (!check_atomic<T>(h, r, AccessKind::load_reserved, h.x(d.rs1))) return;
  if (!h.node().load(h.thread(), r.access)) return block(r);
  h.write_x(r, d.rd, static_cast<u64>(s64{get<T>(r.access.data.data())}));
}

template <typename T>
void store_conditional(Hart& h, const Decoded& d, Record& r) {
  if (!check_atomic<T>(h, r, AccessKind::store_conditional, h.x(d.rs1))) return;
  const u64 value = h.x(d.rs2);
  std::memcpy(r.access.data.data(), &value, sizeof(T));
  const std::optional<bool> success = h.node().store_conditional(h.thread(), r.access);
  if (!success) return block(r);
  if (!*success) {
    r.access.kind = AccessKind::none;
    r.access.count = 0;
  }
  h.write_x(r, d.rd, *success ? 0 : 1);
}

template <typename T, auto F>
void amo(Hart& h, const Decoded& d, Record& r) {
  if (!check_atomic<T>(h, r, AccessKind::amo, h.x(d.rs1))) return;
  if (!h.node().load(h.thread(), r.access)) return block(r);
  const T old = get<T>(r.access.data.data());
  const T value = F(old, static_cast<T>(h.x(d.rs2)));
  std::memcpy(r.access.amo_new.data(), &value, sizeof value);
  h.node().store(h.thread(), r.access);
  h.write_x(r, d.rd, static_cast<u64>(s64{old}));
}

template <typename T>
T amo_swap(T, T b) {
  return b;
}
template <typename T>
T amo_add(T a, T b) {
  return static_cast<T>(static_cast<u64>(a) + static_cast<u64>(b));
}
template <typename T>
T amo_xor(T a, T b) {
  return a ^ b;
}
template <typename T>
T amo_and(T a, T b) {
  return a & b;
}
template <typename T>
T amo_or(T a, T b) {
  return a | b;
}
template <typename T>
T amo_min(T a, T b) {
  return std::min(a, b);
}
template <typename T>
T amo_max(T a, T b) {
  return std::max(a, b);
}
template <typename T>
T amo_minu(T a, T b) {
  using U = std::make_unsigned_t<T>;
  return static_cast<U>(a) < static_cast<U>(b) ? a : b;
}
template <typename T>
T amo_maxu(T a, T b) {
  using U = std::make_unsigned_t<T>;
  return static_cast<U>(a) < static_cast<U>(b) ? b : a;
}

// ---- Vector accesses ----

/// Rows of `row_bytes` bytes; (row r, byte c) of memory order lies at byte place(r, c) of the register.
struct Shape {
  unsigned rows;
  unsigned row_bytes;
  unsigned element;  ///< bytes that stay together when transposing; 0: no transposition

  unsigned place(unsigned r, unsigned c) const {
    if (element == 0) return row_bytes * r + c;
    return (rows * (c / element) + r) * element + c % element;
  }
};

constexpr Shape kUnit{1, 64, 0};
constexpr std::array<Shape, 7> kShapes = {
    {{16, 4, 0}, {8, 8, 0}, {4, 16, 0}, {8, 8, 1}, {8, 8, 2}, {4, 16, 2}, {4, 16, 4}}};
constexpr unsigned kIndexedShapes = 3;

/// An access being put together: where it lies and what it leaves in x[rs1].
struct Plan {
  Shape shape = kUnit;
  bool pad = false;
  bool increments = false;
  u64 incremented = 0;
  std::array<u64, 16> row_address{};
};

// Makes the spans of the access, or traps at the first row that has a byte outside SRAM.
bool plan_vector(Hart& h, Record& r, const Plan& plan, AccessKind kind) {
  const Shape& shape = plan.shape;
  unsigned rows = shape.rows, bytes = shape.row_bytes;
  if (plan.pad) {
    if (shape.rows > 1) rows = std::min(rows, h.csrs().rows());
    bytes = std::min(bytes, h.csrs().bytes());
  }
  Access& access = r.access;
  access.kind = kind;
  access.vector = true;
  access.unit = static_cast<std::uint8_t>(std::min(shape.row_bytes, 8U));
  access.count = 0;
  if (bytes == 0) return true;
  for (unsigned row = 0; row < rows; ++row) {
    const auto offset = sram_offset(plan.row_address[row], bytes);
    if (!offset) {
      h.trap(r, kind == AccessKind::load ? Cause::load_fault : Cause::store_fault, plan.row_address[row]);
      access.kind = AccessKind::none;
      access.count = 0;
      return false;
    }
    access.spans[access.count++] = {*offset, static_cast<std::uint8_t>(bytes),
                                    static_cast<std::uint8_t>(row * shape.row_bytes)};
  }
  return true;
}

// Loads and stores through a finished plan; data in memory order stand in access.data.
void perform(Hart& h, const Decoded& d, Record& r, const Plan& plan, bool store) {
  if (!plan_vector(h, r, plan, store ? AccessKind::store : AccessKind::load)) return;
  const Shape& shape = plan.shape;
  std::array<std::uint8_t, 64>& data = r.access.data;
  if (store) {
    const std::uint8_t* from = h.v(d.rd).bytes();
    if (shape.element == 0) {
      std::memcpy(data.data(), from, 64);
    } else {
      for (unsigned i = 0; i < 64; ++i) data[i] = from[shape.place(i / shape.row_bytes, i % shape.row_bytes)];
    }
    h.node().store(h.thread(), r.access);
  } else {
    if (plan.pad) data.fill(0);  // what is not accessed reads as 0
    if (!h.node().load(h.thread(), r.access)) return block(r);
    std::uint8_t* to = h.write_v(r, d.rd).bytes();
    if (shape.element == 0) {
      std::memcpy(to, data.data(), 64);
    } else {
      for (unsigned i = 0; i < 64; ++i) to[shape.place(i / shape.row_bytes, i % shape.row_bytes)] = data[i];
    }
  }
  if (plan.increments) h.write_x(r, d.rs1, plan.incremented);
}

template <bool Store, bool PostIncrement>
void unit(Hart& h, const Decoded& d, Record& r) {
  Plan plan;
  plan.pad = isa::field_pad(d.insn) != 0;
  const u64 a = h.x(d.rs1);
  plan.row_address[0] = PostIncrement ? a : a + imm(d);
  plan.increments = PostIncrement;
  plan.incremented = a + imm(d);
  perform(h, d, r, plan, Store);
}

template <bool Store, bool Indexed>
void shaped(Hart& h, const Decoded& d, Record& r) {
  constexpr unsigned kNextElement = 4, kNextRows = 5, kNextFour = 6;
  const unsigned shape = isa::field_shape(d.insn), amode = isa::field_amode(d.insn);
  if (shape >= (Indexed ? kIndexedShapes : kShapes.size()) || amode > kNextFour || (Indexed && amode == kNextRows)) {
    return h.illegal(r);
  }
  Plan plan;
  plan.shape = kShapes[shape];
  plan.pad = isa::field_pad(d.insn) != 0;
  const u64 a = h.x(d.rs1), element = plan.shape.row_bytes;
  const u64 base = amode < kNextElement ? a + amode * element : a;
  for (unsigned row = 0; row < plan.shape.rows; ++row) {
    const u64 distance =
        Indexed ? static_cast<u64>(s64{static_cast<std::int32_t>(h.v(d.rs2).lane[row])}) : row * h.x(d.rs2);
    plan.row_address[row] = base + distance;
  }
  plan.increments = amode >= kNextElement;
  plan.incremented = a + (amode == kNextElement ? element
                          : amode == kNextRows  ? plan.shape.rows * h.x(d.rs2)
                                                : 4 * element);
  perform(h, d, r, plan, Store);
}

}  // namespace

#define TATAMI_AMO(NAME)                                                       \
  case Op::amo##NAME##_w_: return amo<std::int32_t, amo_##NAME<std::int32_t>>; \
  case Op::amo##NAME##_d_: return amo<std::int64_t, amo_##NAME<std::int64_t>>

Handler memory_handler(Op op) {
  switch (op) {
    case Op::lb_: return load<std::int8_t>;
    case Op::lh_: return load<std::int16_t>;
    case Op::lw_: return load<std::int32_t>;
    case Op::ld_: return load<std::int64_t>;
    case Op::lbu_: return load<std::uint8_t>;
    case Op::lhu_: return load<std::uint16_t>;
    case Op::lwu_: return load<std::uint32_t>;
    case Op::sb_: return store<std::uint8_t>;
    case Op::sh_: return store<std::uint16_t>;
    case Op::sw_: return store<std::uint32_t>;
    case Op::sd_: return store<std::uint64_t>;
    case Op::lr_w_: return load_reserved<std::int32_t>;
    case Op::lr_d_: return load_reserved<std::int64_t>;
    case Op::sc_w_: return store_conditional<std::int32_t>;
    case Op::sc_d_:
      return store_conditional<std::int64_t>;
      TATAMI_AMO(swap);
      TATAMI_AMO(add);
      TATAMI_AMO(xor);
      TATAMI_AMO(and);
      TATAMI_AMO(or);
      TATAMI_AMO(min);
      TATAMI_AMO(max);
      TATAMI_AMO(minu);
      TATAMI_AMO(maxu);
    case Op::dv_ld_: return unit<false, false>;
    case Op::dv_ldp_: return unit<false, true>;
    case Op::dv_st_: return unit<true, false>;
    case Op::dv_stp_: return unit<true, true>;
    case Op::dv_lds_: return shaped<false, false>;
    case Op::dv_ldx_: return shaped<false, true>;
    case Op::dv_sts_: return shaped<true, false>;
    case Op::dv_stx_: return shaped<true, true>;
    default: return nullptr;
  }
}

#undef TATAMI_AMO

}  // namespace tatami::golden
