// What a list of transfers does (docs/isa.md, section 8.2): the packets that the block mover sends for it, in order,
// and what is wrong with it. For the rig of d1_network_test; nodes lie in one row.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "network_op.h"

namespace network_test {

struct ListWork {
  std::vector<Op> packets;
  std::optional<uint64_t> error;  // mtval of the trap: the descriptor's address plus the reason
};

/// `memory` is that of node `x` of `nodes`, from kBase. Blocks to push are read now: they lie where nobody writes.
inline ListWork work_of(const Op& list, const std::vector<uint8_t>& memory, int x, unsigned nodes) {
  const auto read = [&](uint64_t address) {
    uint64_t value = 0;
    for (size_t i = 8; i-- > 0;) value = value << 8 | memory[address - kBase + i];
    return value;
  };
  ListWork work;
  const auto packet = [&](int kind) {
    Op op;
    op.mover = true;
    op.kind = kind;
    op.source = x;
    return op;
  };
  for (uint64_t i = 0; i < (list.local & 0xffff); ++i) {
    const uint64_t at = list.gaddr + 32 * i, head = read(at);
    const unsigned kind = head & 3, blocks = head >> 32 & 0xffff, rows = head >> 48;
    const bool sig = head >> 4 & 1, mcast = head >> 3 & 1;
    bool malformed = kind == 3 || (head & 0xe0e0);
    if (kind == 2)
      malformed |= sig || mcast || head >> 32;
    else
      malformed |= !blocks || !rows || (mcast && kind != 0);
    if (malformed) {
      work.error = at + 2;
      return work;
    }
    const unsigned packets = kind == 2 ? 1 : rows * blocks;
    for (unsigned p = 0; p < packets; ++p) {
      const auto moved = [&](uint64_t base, uint64_t stride) {
        const uint64_t block = kind == 2 ? 0 : p % blocks, row = kind == 2 ? 0 : p / blocks;
        return (base & ~0xffff'ffffull) | uint32_t(base + 64 * block + row * stride);
      };
      Op op = packet(kind == 0 ? PUSH : kind == 1 ? PULL : SIG);
      op.gaddr = kind == 2 ? read(at + 8) : moved(read(at + 8), read(at + 24) & 0xffff'ffff);
      op.local = moved(read(at + 16), read(at + 24) >> 32);
      op.target = int(op.gaddr >> 32 & 0xff);
      op.nbytes = 64;
      op.sig = kind != 2 && sig;
      op.ctr = int(kind == 2 ? op.gaddr & 31 : head >> 8 & 31);
      op.mcast = mcast;
      op.x1 = int(head >> 16 & 0xff);
      op.y1 = int(head >> 24 & 0xff);
      auto wrong = fault_of(op, nodes, 1);
      if (op.kind == PUSH && op.local % 64)
        wrong = Fault{4, 0};
      else if (op.kind == PUSH && op.local - kBase >= kBytes)
        wrong = Fault{5, 0};
      if (wrong) {
        work.error = at + uint64_t(wrong->cause);
        return work;
      }
      const uint64_t from = op.kind == PUSH ? op.local : at + 16;
      for (size_t b = 0; b < (op.kind == PUSH ? 64 : op.kind == SIG ? 4 : 8); ++b)
        op.data[b] = memory[from - kBase + b];
      work.packets.push_back(op);
    }
  }
  if (list.local >> 23 & 1) {
    Op op = packet(SIG);
    op.target = x;
    op.ctr = int(list.local >> 16 & 31);
    op.gaddr = uint64_t(x) << 32 | uint64_t(op.ctr);
    op.data[0] = 1;
    work.packets.push_back(op);
  }
  return work;
}

}  // namespace network_test
