// Control and status registers of one hart (docs/isa.md, section 2).
#pragma once

#include <array>
#include <cstdint>

#include "golden/formats.h"

namespace tatami::golden {

namespace csr {
inline constexpr std::uint16_t kMstatus = 0x300, kMisa = 0x301, kMie = 0x304, kMtvec = 0x305, kMcountinhibit = 0x320,
                               kMhpmevent3 = 0x323, kMhpmevent31 = 0x33F, kMscratch = 0x340, kMepc = 0x341,
                               kMcause = 0x342, kMtval = 0x343, kMip = 0x344, kDfmt0 = 0x7C0, kDfmt15 = 0x7CF,
                               kDflags = 0x7D0, kDseed = 0x7D1, kDcount = 0x7D2, kDvlim = 0x7D3, kMcycle = 0xB00,
                               kMinstret = 0xB02, kMhpmcounter3 = 0xB03, kMhpmcounter31 = 0xB1F, kCycle = 0xC00,
                               kTime = 0xC01, kInstret = 0xC02, kMvendorid = 0xF11, kMarchid = 0xF12, kMimpid = 0xF13,
                               kMhartid = 0xF14, kMconfigptr = 0xF15, kDnodex = 0xFC0, kDnodey = 0xFC1, kDfabw = 0xFC2,
                               kDfabh = 0xFC3, kDthread = 0xFC4, kDlinkerr = 0xFC8, kDlinkfirst = 0xFC9;
}  // namespace csr

/// Bits 11:10 of the address are 11.
constexpr bool csr_read_only(std::uint16_t address) { return (address >> 10 & 3) == 3; }
bool csr_exists(std::uint16_t address);
/// What says of link errors: mip, dlinkerr, dlinkfirst. There are none without hardware.
constexpr bool csr_is_of_links(std::uint16_t address) {
  return address == csr::kMip || address == csr::kDlinkerr || address == csr::kDlinkfirst;
}
/// The CSRs whose value comes from outside the instruction stream: mcycle, cycle, time, mhpmcounter3..31, and those
/// above.
constexpr bool csr_is_external(std::uint16_t address) {
  return address == csr::kMcycle || address == csr::kCycle || address == csr::kTime || csr_is_of_links(address) ||
         (address >= csr::kMhpmcounter3 && address <= csr::kMhpmcounter31);
}

/// Bit of mie and mip, and number of the cause, of the interrupt of link errors.
inline constexpr unsigned kLinkInterrupt = 16;

/// The state behind the writable CSRs.
struct CsrState {
  bool mie = false;           ///< mstatus.MIE
  bool mpie = false;          ///< mstatus.MPIE
  bool link_enabled = false;  ///< mie, bit 16
  std::uint64_t mtvec = 0;
  std::uint64_t mscratch = 0;
  std::uint64_t mepc = 0;
  std::uint64_t mcause = 0;
  std::uint64_t mtval = 0;
  std::array<Descriptor, 16> dfmt;
  Flags dflags = 0;
  std::uint64_t dseed = 0;
  std::uint64_t dcount = 0;
  std::uint32_t dvlim = 0;

  CsrState() { reset(); }
  void reset();
  /// dvlim's limits, as accesses use them.
  unsigned rows() const;
  unsigned bytes() const;

  /// Value of a CSR of this structure or of a constant one; 0 for all others.
  std::uint64_t read(std::uint16_t address) const;
  /// Writes with WARL rules; ignored where the specification says so. Returns the new value.
  std::uint64_t write(std::uint16_t address, std::uint64_t value);
};

}  // namespace tatami::golden
