// Operations of the network interface and their faults (docs/isa.md, section 8). For the rig of d1_network_test.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

namespace network_test {

inline constexpr uint64_t kBase = 0x8000'0000, kBytes = 1310720;
inline constexpr int kPlaces = 8;                                  // docs/network.md: flits a receiver stores per class
enum Kind { PUSH, PUT, PULL, AMOADD, CAS, SIG, LIST, ARM, TELL };  // TELL: the signal of a trigger, no operation
enum Class { REQ = 0, RSP = 1 };

using Block = std::array<uint8_t, 64>;

struct Op {
  int kind = PUT, thread = 0, source = 0, target = 0, nbytes = 8, ctr = 0, rd = 0;
  bool sig = false, mcast = false;
  bool mover = false;  // a packet of a list
  int x1 = 0, y1 = 0;  // last node of a multicast
  uint64_t gaddr = 0, local = 0, cmp = 0;
  Block data{};
  Block answer{};  // filled where the request is served

  uint64_t word() const { return pack(data); }
  int last() const { return mcast ? x1 : target; }
  // Edge memory: behind a port of the target.
  bool edge() const { return kind < SIG && (gaddr >> 48 & 1); }
  // The push's control word, as far as the interface takes it from there.
  uint64_t control() const { return uint64_t(mcast) << 16 | uint64_t(x1) << 24 | uint64_t(y1) << 32; }
  static uint64_t pack(const Block& bytes) {
    uint64_t value = 0;
    for (size_t i = 8; i-- > 0;) value = value << 8 | bytes[i];
    return value;
  }
  uint64_t offset() const { return (gaddr & 0xffff'ffff) - kBase; }
  std::string text() const {
    static const char* names[] = {"push", "put", "pull", "amoadd", "cas", "sig", "list", "arm", "tell"};
    char line[200];
    std::snprintf(line, sizeof line, "%s node %d thread %d gaddr %llx local %llx nbytes %d sig %d ctr %d rd %d",
                  names[kind], source, thread, (unsigned long long)gaddr, (unsigned long long)local, nbytes, sig, ctr,
                  rd);
    return line;
  }
};

struct Fault {
  int cause;
  uint64_t tval;
};

inline std::optional<Fault> fault_of(const Op& op, unsigned w, unsigned h) {
  const uint64_t offset = uint32_t(op.gaddr - kBase);
  const bool no_node = (op.gaddr >> 32 & 0xff) >= w || (op.gaddr >> 40 & 0xff) >= h;
  bool outside = offset >= kBytes || op.gaddr >> 48 != 0;
  if (op.edge()) {
    const unsigned x = op.gaddr >> 32 & 0xff, y = op.gaddr >> 40 & 0xff;
    const bool rim[] = {y == 0, x == w - 1, y == h - 1, x == 0};
    outside =
        op.gaddr >> 51 != 0 || !rim[op.gaddr >> 49 & 3] || op.mcast || (op.sig && (op.kind == PUSH || op.kind == PUT));
  }
  switch (op.kind) {
    case PUSH:
      if (op.nbytes < 1 || op.nbytes > 64 || (op.gaddr & 63) + uint64_t(op.nbytes) > 64) return Fault{6, op.gaddr};
      break;
    case PUT:
      if (op.gaddr % uint64_t(op.nbytes)) return Fault{6, op.gaddr};
      break;
    case PULL:
      if (op.gaddr % 64) return Fault{4, op.gaddr};
      if (op.local % 64) return Fault{4, op.local};
      if (no_node || outside) return Fault{5, op.gaddr};
      if (op.local - kBase >= kBytes) return Fault{5, op.local};
      return std::nullopt;
    case SIG:
      if (no_node) return Fault{7, op.gaddr};
      return std::nullopt;
    case LIST: {
      const uint64_t at = op.gaddr - kBase;
      if (op.gaddr % 32) return Fault{4, op.gaddr};
      if (at >= kBytes || at + 32 * (op.local & 0xffff) > kBytes) return Fault{5, op.gaddr};
      return std::nullopt;
    }
    case ARM:
      if ((op.local & 0xffff) == 0) return std::nullopt;
      outside = false;
      break;
    default:
      if (op.gaddr % 8) return Fault{6, op.gaddr};
      break;
  }
  if (no_node || outside) return Fault{7, op.gaddr};
  if (op.mcast && (op.x1 < op.target || unsigned(op.x1) >= w || op.y1 < 0 || unsigned(op.y1) >= h))
    return Fault{7, op.gaddr};
  return std::nullopt;
}

}  // namespace network_test
