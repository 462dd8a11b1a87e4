#include "golden/decoder.h"

#include <array>
#include <vector>

namespace tatami::golden {
namespace {

// Bits 6:2 and 14:12 divide the table into short lists; an entry that leaves bits 14:12 open stands in eight of them.
constexpr std::size_t kBuckets = 256;
constexpr std::uint32_t kBucketBits = 0x0000'707C;

constexpr std::size_t bucket(std::uint32_t insn) { return (insn >> 2 & 31) << 3 | (insn >> 12 & 7); }

using Buckets = std::array<std::vector<const isa::Opcode*>, kBuckets>;

Buckets make_buckets() {
  Buckets buckets;
  for (std::size_t b = 0; b < kBuckets; ++b) {
    const auto bits = static_cast<std::uint32_t>(b >> 3 << 2 | (b & 7) << 12);
    for (const isa::Opcode& entry : isa::kOpcodes) {
      if (((bits ^ entry.match) & entry.mask & kBucketBits) == 0) buckets[b].push_back(&entry);
    }
  }
  return buckets;
}

}  // namespace

isa::Op decode_op(std::uint32_t insn) {
  static const Buckets buckets = make_buckets();
  for (const isa::Opcode* entry : buckets[bucket(insn)]) {
    if ((insn & entry->mask) == entry->match) return entry->op;
  }
  return isa::Op::kIllegal;
}

}  // namespace tatami::golden
