#include "debug/format.h"

#include <bit>
#include <cinttypes>
#include <cstdio>

#include "golden/disasm.h"
#include "golden/memory.h"

namespace tatami::debug {
namespace {

std::string lane_text(std::uint32_t bits) {
  char text[48];
  std::snprintf(text, sizeof text, "0x%08x (%.9g)", bits, static_cast<double>(std::bit_cast<float>(bits)));
  return text;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string access_text(const golden::Access& access) {
  std::string text = access.kind == golden::AccessKind::amo ? " amo" : access.writes() ? " store" : " load";
  for (unsigned i = 0; i < access.count; ++i) {
    const golden::Span& span = access.spans[i];
    text += " [" + hex(golden::kMemoryBase + span.offset) + "]=" + bytes_text(&access.data[span.at], span.bytes);
    if (access.kind == golden::AccessKind::amo) text += "->" + bytes_text(access.amo_new.data(), span.bytes);
  }
  return text;
}

}  // namespace

std::string hex(std::uint64_t value) {
  char text[20];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

std::string flags_text(golden::Flags flags) {
  std::string text;
  if (flags & golden::kInvalid) text += " Invalid";
  if (flags & golden::kDenormal) text += " Denormal";
  if (flags & golden::kOverflow) text += " Overflow";
  if (flags & golden::kUnderflow) text += " Underflow";
  return text.empty() ? "none" : text.substr(1);
}

std::string place(std::uint32_t word, std::uint8_t mask) {
  char text[40];
  std::snprintf(text, sizeof text, "0x%08" PRIx64 " mask 0x%02x", golden::kMemoryBase + std::uint64_t{word} * 8, mask);
  return text;
}

std::string event_text(const MemoryEvent& event) {
  return std::string(event.is_write ? "write " : "read ") + place(event.word, event.mask) +
         (event.is_write ? " data " + hex(event.data & byte_bits(event.mask)) : "");
}

std::string bytes_text(const std::uint8_t* data, unsigned bytes) {
  std::string text = "0x";
  for (unsigned i = bytes; i-- > 0;) {
    text += "0123456789abcdef"[data[i] >> 4];
    text += "0123456789abcdef"[data[i] & 15];
  }
  return text;
}

std::string origin_text(const Origin& origin) {
  char text[64];
  std::snprintf(text, sizeof text, "%8llu  0x%08llx  ", static_cast<unsigned long long>(origin.cycle),
                static_cast<unsigned long long>(origin.pc));
  return text + disassemble(origin.insn, origin.pc);
}

Difference describe(std::uint64_t expected, std::uint64_t got) { return {"", hex(expected), hex(got)}; }

Difference describe(const golden::Vector& expected, const golden::Vector& got) {
  unsigned i = 0, count = 0;
  for (unsigned k = 16; k-- > 0;) {
    if (expected.lane[k] != got.lane[k]) i = k, ++count;
  }
  return {" lane " + std::to_string(i) + (count > 1 ? " (and " + std::to_string(count - 1) + " more)" : ""),
          lane_text(expected.lane[i]), lane_text(got.lane[i])};
}

Difference describe(const golden::TileData& expected, const golden::TileData& got) {
  unsigned i = 0, count = 0;
  for (unsigned k = 64; k-- > 0;) {
    if (expected.element[k] != got.element[k]) i = k, ++count;
  }
  return {" element (" + std::to_string(i / 8) + ", " + std::to_string(i % 8) + ")" +
              (count > 1 ? " (and " + std::to_string(count - 1) + " more)" : ""),
          lane_text(expected.element[i]), lane_text(got.element[i])};
}

std::string record_text(const golden::Record& record, const golden::Hart& hart) {
  char head[48];
  std::snprintf(head, sizeof head, "%u 0x%08llx %08x  ", hart.thread(), static_cast<unsigned long long>(record.pc),
                record.insn);
  std::string text = head + padded(disassemble(record.insn, record.pc), 40);
  if (record.status == golden::Status::trapped) {
    return text + " trap cause " + std::to_string(static_cast<unsigned>(record.cause)) + " mtval " + hex(record.tval) +
           (record.unhandled ? " unhandled" : "");
  }
  if (record.status == golden::Status::asleep) return text + " asleep";
  if (record.gpr >= 0) {
    text += " " + std::string(register_name(static_cast<unsigned>(record.gpr))) + "=" + hex(record.gpr_value);
  }
  if (record.vector_reg >= 0) {
    const auto reg = static_cast<unsigned>(record.vector_reg);
    text += " v" + std::to_string(reg) + "=" + bytes_text(hart.v(reg).bytes(), 64);
  }
  for (unsigned tile = 0; tile < 8; ++tile) {
    if (record.tile_mask >> tile & 1) text += " t" + std::to_string(tile);
  }
  if (record.access.kind != golden::AccessKind::none) text += access_text(record.access);
  if (record.csr_written) text += " " + csr_name(record.csr) + "=" + hex(record.csr_value);
  if (record.flags != 0) text += " flags " + flags_text(record.flags);
  if (record.exit) text += " exit " + hex(record.exit_value);
  return text;
}

}  // namespace tatami::debug
