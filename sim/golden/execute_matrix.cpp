// The matrix unit's instructions (docs/isa.md, section 7).
#include "golden/convert_part.h"
#include "golden/execute.h"
#include "golden/fused_sum.h"

namespace tatami::golden {
namespace {

using isa::Op;

void multiply(Hart& h, const Decoded& d, Record& r) {
  const unsigned an = isa::field_adesc(d.insn), bn = isa::field_bdesc(d.insn);
  const Descriptor a = h.csrs().dfmt[an], b = h.csrs().dfmt[bn];
  if (!mma_operands_valid(a, b)) {
    const bool a_unusable = !a.valid() || a.kind() == Kind::fp32;
    return h.trap(r, Cause::bad_descriptor, a_unusable ? an : bn);
  }
  TileData& tile = h.write_tile(r, isa::field_td(d.insn));
  const Panel left(h.v(d.rs1).bytes(), 64), right(h.v(d.rs2).bytes(), 64);
  h.raise(r, mma(Tile(tile.element), left, right, a, b, isa::field_zfirst(d.insn) != 0));
}

void zero(Hart& h, const Decoded& d, Record& r) {
  const unsigned mask = isa::field_tmask(d.insn);
  for (unsigned t = 0; t < 8; ++t) {
    if (mask >> t & 1) h.write_tile(r, t).element.fill(0);
  }
}

/// A row pair: row `row` of tiles 2*pair and 2*pair + 1.
struct RowPair {
  unsigned tile, row;
  explicit RowPair(unsigned field) : tile(field / 8 * 2), row(field % 8) {}
};

void move_to_vector(Hart& h, const Decoded& d, Record& r) {
  const unsigned number = isa::field_ddesc(d.insn), part = isa::field_part(d.insn);
  if (!check_descriptor(h, r, number)) return;
  const Descriptor to = h.csrs().dfmt[number], fp32(Kind::fp32);
  if (part >= convert_parts(fp32, to)) return h.illegal(r);
  const RowPair rows(isa::field_trow(d.insn));
  Vector values;
  for (unsigned i = 0; i < 16; ++i) values.lane[i] = h.tile(rows.tile + i / 8).element[8 * rows.row + i % 8];
  h.raise(r, convert_part(values, fp32, h.write_v(r, d.rd), to, part, h.csrs()));
}

void move_to_tile(Hart& h, const Decoded& d, Record& r) {
  const unsigned number = isa::field_sdesc(d.insn), part = isa::field_part(d.insn);
  if (!check_descriptor(h, r, number)) return;
  const Descriptor from = h.csrs().dfmt[number], fp32(Kind::fp32);
  if (part >= convert_parts(from, fp32)) return h.illegal(r);
  const RowPair rows(isa::field_trowd(d.insn));
  Vector values;
  h.raise(r, convert_part(h.v(d.rs1), from, values, fp32, part, h.csrs()));
  for (unsigned i = 0; i < 16; ++i) {
    h.write_tile(r, rows.tile + i / 8).element[8 * rows.row + i % 8] = values.lane[i];
  }
}

}  // namespace

bool check_descriptor(Hart& hart, Record& record, unsigned number) {
  if (hart.csrs().dfmt[number].valid()) return true;
  hart.trap(record, Cause::bad_descriptor, number);
  return false;
}

Handler matrix_handler(Op op) {
  switch (op) {
    case Op::dm_mma_: return multiply;
    case Op::dm_zero_: return zero;
    case Op::dm_mv_v_t_: return move_to_vector;
    case Op::dm_mv_t_v_: return move_to_tile;
    default: return nullptr;
  }
}

}  // namespace tatami::golden
