// Random programs: where things stand in memory and registers, and the random numbers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>

#include "host/device.h"

namespace tatami::isa_test {

// Memory. Both ends of SRAM are data, so that accesses across them, also with the largest strides, hurt no code.
inline constexpr std::uint64_t kLowBytes = 0x5000;
inline constexpr std::uint64_t kEntry = kSramBase + 0xA000;
inline constexpr std::uint64_t kHandler = kSramBase + 0xA800;  // handlers, 0x100 bytes apart
inline constexpr unsigned kHandlers = 2;
inline constexpr std::uint64_t kCode = kSramBase + 0x1'0000;  // 0x2'0000 a thread
inline constexpr std::uint64_t kCodeBytes = 0x2'0000;
inline constexpr std::uint64_t kShared = kSramBase + 0xA'0000;   // 32 KB, races
inline constexpr std::uint64_t kPrivate = kSramBase + 0xB'0000;  // 32 KB a thread
inline constexpr std::uint64_t kRegionBytes = 0x8000;
inline constexpr std::uint64_t kRegionMiddle = 0x4000;
inline constexpr std::uint64_t kTohost = kSramBase + 0xE'0000;
inline constexpr std::uint64_t kDone = kTohost + 64;
inline constexpr std::uint64_t kSramEnd = kSramBase + kSramBytes;
inline constexpr std::uint64_t kEdge = kSramEnd - 0x1000;

// Scalar registers with a purpose. The others, x8..x27, hold random data.
inline constexpr unsigned kLoop = 1;  // loop counter
inline constexpr unsigned kMine = 2;  // middle of the thread's own memory
inline constexpr unsigned kOurs = 3;  // middle of the shared memory
inline constexpr unsigned kLink = 4;
inline constexpr unsigned kAddress = 5;
inline constexpr unsigned kSecond = 6;  // second operand of an access: stride, length
inline constexpr unsigned kEnd = 7;     // first address after SRAM
inline constexpr unsigned kFirstData = 8;
inline constexpr unsigned kLastData = 27;
inline constexpr unsigned kStride = 28;
inline constexpr unsigned kResume = 29;  // where the handler goes after a fetch from outside SRAM
inline constexpr unsigned kTrap = 30;    // the handler's
inline constexpr unsigned kNode = 31;    // this node's coordinates in place of a global address

inline constexpr unsigned kIndex = 31;  // vector register of small indices

// Descriptors as every thread sets them up; see Generator::descriptors().
inline constexpr unsigned kFirst16 = 1, kLast16 = 5, kFirst8 = 6, kLast8 = 12, kBadDescriptor = 14;

// Arrival counters: everybody's, one of each thread's own to wait for, one that thread 0 beats at the end, one nobody
// touches.
inline constexpr unsigned kCommonCounters = 24, kOwnCounter = 24, kBeatCounter = 30, kSilentCounter = 31;

inline constexpr unsigned kCsrMstatus = 0x300, kCsrMtvec = 0x305, kCsrMepc = 0x341, kCsrMcause = 0x342,
                          kCsrMtval = 0x343;
inline constexpr unsigned kCsrDthread = 0xFC4, kCsrDnodex = 0xFC0, kCsrDnodey = 0xFC1;

inline constexpr std::array<std::uint64_t, 18> kCorners = {0,
                                                           1,
                                                           2,
                                                           ~std::uint64_t{0},
                                                           ~std::uint64_t{0} - 1,
                                                           0x7FFF'FFFF'FFFF'FFFF,
                                                           0x8000'0000'0000'0000,
                                                           0x8000'0000'0000'0001,
                                                           0x7FFF'FFFF,
                                                           0x8000'0000,
                                                           0xFFFF'FFFF,
                                                           0xFFFF'FFFF'8000'0000,
                                                           0x1'0000'0000,
                                                           0xAAAA'AAAA'AAAA'AAAA,
                                                           0x5555'5555'5555'5555,
                                                           0xFF,
                                                           0xFFFF,
                                                           63};

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t bits() { return engine_(); }
  /// 0..n-1
  std::uint64_t below(std::uint64_t n) { return engine_() % n; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
  }
  bool percent(unsigned p) { return below(100) < p; }
  template <typename Container>
  auto pick(const Container& choices) {
    return *(std::begin(choices) + static_cast<std::ptrdiff_t>(below(std::size(choices))));
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace tatami::isa_test
