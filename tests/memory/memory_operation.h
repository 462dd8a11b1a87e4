// Operations of the LSU and their meaning byte by byte (docs/isa.md, sections 4 and 5).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace memory_test {

constexpr uint64_t kBase = 0x8000'0000;
constexpr uint64_t kBytes = 1310720;

enum OpKind { LOAD = 0, STORE = 1, LR = 2, SC = 3, AMO = 4, VLOAD = 8, VSTORE = 9 };

inline int bank_of(uint64_t word) { return int((word + 3 * (word >> 6)) % 64); }

struct Op {
  int kind = LOAD;
  int thread = 0;
  int funct3 = 3;
  int amo = 0;
  bool unit = false, indexed = false, pad = false;
  int shape = 1;
  int rows = 16, bytes = 64;
  uint64_t base = kBase, stride = 0;
  std::array<int32_t, 16> index{};
  std::array<uint8_t, 64> data{};
  int rd = 0;

  bool vector() const { return kind >= 8; }
  bool atomic() const { return kind == LR || kind == SC || kind == AMO; }
  bool writes() const { return kind == STORE || kind == VSTORE; }
  uint64_t scalar() const {
    uint64_t value = 0;
    for (int i = 7; i >= 0; --i) value = value << 8 | data[size_t(i)];
    return value;
  }
  std::string text() const {
    static const std::map<int, const char*> names{{LOAD, "load"}, {STORE, "store"}, {LR, "lr"},        {SC, "sc"},
                                                  {AMO, "amo"},   {VLOAD, "vload"}, {VSTORE, "vstore"}};
    char line[300];
    std::snprintf(line, sizeof line,
                  "%s thread %d funct3 %d amo %d %s%s shape %d pad %d rows %d bytes %d base %llx stride %llx rd %d",
                  names.at(kind), thread, funct3, amo, unit ? "unit " : "", indexed ? "indexed " : "", shape, pad, rows,
                  bytes, (unsigned long long)base, (unsigned long long)stride, rd);
    return line;
  }
};

// One byte that an operation accesses: where it is, where it goes in the register, to which row and 8-byte piece it
// belongs.
struct Byte {
  uint64_t address;
  int position, row, lane;
};

inline std::vector<Byte> bytes_of(const Op& op) {
  std::vector<Byte> list;
  if (!op.vector()) {
    for (int i = 0; i < 1 << (op.funct3 & 3); ++i) list.push_back({op.base + uint64_t(i), i, 0, 0});
    return list;
  }
  const int limit = op.pad ? op.bytes : 64;
  if (op.unit) {
    for (int i = 0; i < std::min(64, limit); ++i) list.push_back({op.base + uint64_t(i), i, 0, i / 8});
    return list;
  }
  static const int sizes[] = {4, 8, 16, 8, 8, 16, 16};
  const int size = sizes[op.shape], rows = 64 / size;
  for (int r = 0; r < rows; ++r) {
    if (op.pad && r >= op.rows) continue;
    const uint64_t row = op.base + (op.indexed ? uint64_t(int64_t(op.index[size_t(r)])) : uint64_t(r) * op.stride);
    for (int c = 0; c < std::min(size, limit); ++c) {
      int position = size * r + c;
      switch (op.shape) {
        case 3: position = 8 * c + r; break;
        case 4: position = 2 * (8 * (c / 2) + r) + c % 2; break;
        case 5: position = 2 * (4 * (c / 2) + r) + c % 2; break;
        case 6: position = 4 * (4 * (c / 4) + r) + c % 4; break;
        default: break;
      }
      list.push_back({row + uint64_t(c), position, r, size == 16 ? 2 * r + c / 8 : r});
    }
  }
  return list;
}

struct Fault {
  int cause;
  uint64_t tval;
};

inline std::optional<Fault> fault_of(const Op& op) {
  const bool store = op.writes() || op.kind == SC || op.kind == AMO;
  if (op.atomic() && op.base % (1u << op.funct3) != 0) return Fault{op.kind == LR ? 4 : 6, op.base};
  for (const Byte& byte : bytes_of(op)) {
    if (byte.address - kBase >= kBytes) {
      uint64_t row = op.base;
      if (op.vector() && !op.unit)
        row += op.indexed ? uint64_t(int64_t(op.index[size_t(byte.row)])) : uint64_t(byte.row) * op.stride;
      return Fault{store ? 7 : 5, row};
    }
  }
  return std::nullopt;
}

inline uint64_t amo_result(int amo, bool wide, uint64_t old, uint64_t value) {
  auto choose = [&](auto a, auto b) -> uint64_t {
    switch (amo) {
      case 0: return uint64_t(a + b);
      case 4: return uint64_t(a ^ b);
      case 12: return uint64_t(a & b);
      case 8: return uint64_t(a | b);
      case 16:
      case 24: return uint64_t(a < b ? a : b);
      case 20:
      case 28: return uint64_t(a > b ? a : b);
      default: return uint64_t(b);
    }
  };
  if (amo >= 24 || amo == 0) return wide ? choose(old, value) : choose(uint32_t(old), uint32_t(value));
  return wide ? choose(int64_t(old), int64_t(value)) : choose(int32_t(old), int32_t(value));
}

// One word of an operation under way.
struct Access {
  uint64_t word;
  uint8_t mask = 0;
  std::vector<Byte> bytes;
  bool done = false;
};

// An operation in a slot.
struct Flight {
  Op op;
  uint64_t accepted = 0;
  std::array<std::deque<Access>, 8> lanes;  // in the order in which a lane must perform them
  std::array<uint8_t, 64> result{};
  std::map<uint64_t, int> writer;  // byte -> row that wrote it last
  bool read_done = false, complete = false, trapped = false;
  uint64_t old_value = 0;

  explicit Flight(const Op& o, uint64_t cycle) : op(o), accepted(cycle) {
    std::map<std::pair<int, uint64_t>, Access> words;
    std::map<int, uint64_t> first;
    for (const Byte& byte : bytes_of(op)) {
      const uint64_t offset = byte.address - kBase;
      Access& access = words[{byte.lane, offset / 8}];
      access.word = offset / 8;
      access.mask = uint8_t(access.mask | 1u << offset % 8);
      access.bytes.push_back(byte);
    }
    for (auto& [key, access] : words) lanes[size_t(key.first % 8)].push_back(access);
  }
  bool empty() const {
    return std::all_of(lanes.begin(), lanes.end(), [](const auto& lane) { return lane.empty(); });
  }
};

struct Result {
  bool vector;
  int thread, reg;
  std::array<uint8_t, 64> data;
};

}  // namespace memory_test
