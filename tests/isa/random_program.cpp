// Random programs: data, start, trap handlers, and the threads that barriers join.
#include "random_program.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "random_thread.h"

namespace tatami::isa_test {
namespace {

Segment segment_of(const Assembler& code) {
  Segment segment;
  segment.address = code.base();
  segment.bytes.resize(4 * code.size());
  std::memcpy(segment.bytes.data(), code.words().data(), segment.bytes.size());
  return segment;
}

/// Memory whose 64-byte blocks hold, in turn, numbers that mean something to some instruction.
Segment data_segment(std::uint64_t address, std::size_t bytes, Random& random) {
  Segment segment;
  segment.address = address;
  segment.bytes.resize(bytes);
  const auto put = [&](std::size_t at, auto value) { std::memcpy(segment.bytes.data() + at, &value, sizeof value); };
  static constexpr std::array<std::uint32_t, 16> kFp32 = {
      0, 0x8000'0000, 0x3F80'0000, 0xBF80'0000, 0x7F80'0000, 0xFF80'0000, 0x7FC0'0000, 0x7F80'0001,
      1, 0x807F'FFFF, 0x0080'0000, 0x7F7F'FFFF, 0x4F00'0000, 0xCF00'0000, 0x3F00'0000, 0x3400'0000};
  for (std::size_t block = 0; block < bytes; block += 64) {
    switch (random.below(8)) {
      case 0:  // corners of integers
        for (std::size_t i = 0; i < 64; i += 8) put(block + i, random.pick(kCorners));
        break;
      case 1:  // small whole numbers
        for (std::size_t i = 0; i < 64; i += 4) put(block + i, static_cast<float>(random.between(-16, 16)));
        break;
      case 2:  // corners of FP32
        for (std::size_t i = 0; i < 64; i += 4) put(block + i, random.pick(kFp32));
        break;
      case 3:  // FP32 of moderate size
        for (std::size_t i = 0; i < 64; i += 4) {
          put(block + i, static_cast<std::uint32_t>((random.bits() & 0x807F'FFFF) |
                                                    static_cast<std::uint64_t>(random.between(112, 142)) << 23));
        }
        break;
      case 4:  // BF16 of moderate size
        for (std::size_t i = 0; i < 64; i += 2) {
          put(block + i, static_cast<std::uint16_t>((random.bits() & 0x807F) |
                                                    static_cast<std::uint64_t>(random.between(118, 136)) << 7));
        }
        break;
      default:
        for (std::size_t i = 0; i < 64; i += 8) put(block + i, random.bits());
    }
  }
  return segment;
}

Assembler start_code() {
  Assembler code(kEntry);
  code.op(Op::csrrs_, kAddress, 0, kCsrDthread);
  code.op(Op::slli_, kAddress, kAddress, std::countr_zero(kCodeBytes));
  code.li(kSecond, static_cast<std::int64_t>(kCode));
  code.op(Op::add_, kAddress, kAddress, kSecond);
  code.op(Op::jalr_, 0, kAddress, 0);
  return code;
}

/// Skips the instruction that trapped; after a fetch from outside SRAM goes to kResume. The second one reads everything
/// first.
Assembler handler(unsigned number) {
  Assembler code(kHandler + 0x100 * number);
  if (number == 1) {
    code.op(Op::csrrs_, kTrap, 0, kCsrMtval);
    code.op(Op::csrrs_, kTrap, 0, kCsrMstatus);
  }
  code.op(Op::csrrs_, kTrap, 0, kCsrMcause);
  code.op(Op::addi_, kTrap, kTrap, -1);
  const std::size_t fetch = code.hole();
  code.op(Op::csrrs_, kTrap, 0, kCsrMepc);
  code.op(Op::addi_, kTrap, kTrap, 4);
  code.op(Op::csrrw_, 0, kTrap, kCsrMepc);
  code.op(Op::mret_);
  code.fill_branch(fetch, Op::beq_, kTrap, 0);
  code.op(Op::csrrw_, 0, kResume, kCsrMepc);
  code.op(Op::mret_);
  return code;
}

}  // namespace

Program random_program(const RandomConfig& config) {
  if (config.length < 1 || config.length > kMaxLength) {
    throw std::invalid_argument("the length of a random program is 1.." + std::to_string(kMaxLength) + " groups");
  }
  Random random(config.seed * 0x9E37'79B9'7F4A'7C15U + 1);
  std::vector<Generator> threads;
  for (unsigned thread = 0; thread < 4; ++thread) threads.emplace_back(config, thread, random);

  // Barriers that all threads agree on; between them everybody is free.
  static constexpr std::array<std::array<unsigned, 4>, 5> kTeams = {
      {{15, 15, 15, 15}, {3, 3, 12, 12}, {5, 10, 5, 10}, {7, 7, 7, 8}, {1, 14, 14, 14}}};
  for (unsigned left = config.length; left > 0;) {
    const unsigned groups = std::min<unsigned>(left, 20 + static_cast<unsigned>(random.below(60)));
    left -= groups;
    for (Generator& thread : threads) thread.segment(groups, left == 0);
    if (left == 0) break;
    const auto teams = random.pick(kTeams);
    for (unsigned i = 0; i < 4; ++i) threads[i].barrier(teams[i]);
  }

  Program program;
  program.path = "random program, seed " + std::to_string(config.seed) + ", length " + std::to_string(config.length);
  program.entry = kEntry;
  program.segments.push_back(data_segment(kSramBase, kLowBytes, random));
  program.segments.push_back(segment_of(start_code()));
  for (unsigned i = 0; i < kHandlers; ++i) program.segments.push_back(segment_of(handler(i)));
  for (unsigned i = 0; i < 4; ++i) {
    threads[i].epilogue();
    program.segments.push_back(segment_of(threads[i].code()));
    program.symbols["thread" + std::to_string(i)] = {threads[i].code().base(), 4 * threads[i].code().size(), true};
    program.segments.push_back(data_segment(kPrivate + i * kRegionBytes, kRegionBytes, random));
  }
  program.segments.push_back(data_segment(kShared, kRegionBytes, random));
  program.segments.push_back(data_segment(kEdge, 0x1000, random));
  program.symbols["handler"] = {kHandler, 0x100 * kHandlers, true};
  program.symbols["tohost"] = {kTohost, 8, false};
  program.symbols["private"] = {kPrivate, 4 * kRegionBytes, false};
  program.symbols["shared"] = {kShared, kRegionBytes, false};
  program.end = kSramEnd;
  return program;
}

}  // namespace tatami::isa_test
