#include "golden/csr.h"

#include <algorithm>

namespace tatami::golden {
namespace {

constexpr std::uint64_t kMisaValue = 0x8000'0000'0080'1101;  // RV64 I M A X
constexpr std::uint32_t kDvlimMask = 0x7F1F;
constexpr std::uint32_t kDvlimReset = 0x4010;

constexpr bool in(std::uint16_t address, std::uint16_t first, std::uint16_t last) {
  return address >= first && address <= last;
}

}  // namespace

bool csr_exists(std::uint16_t address) {
  switch (address) {
    case csr::kMstatus:
    case csr::kMisa:
    case csr::kMie:
    case csr::kMtvec:
    case csr::kMcountinhibit:
    case csr::kMscratch:
    case csr::kMepc:
    case csr::kMcause:
    case csr::kMtval:
    case csr::kMip:
    case csr::kDflags:
    case csr::kDseed:
    case csr::kDcount:
    case csr::kDvlim:
    case csr::kMcycle:
    case csr::kMinstret:
    case csr::kDlinkerr:
    case csr::kDlinkfirst:
    case csr::kCycle:
    case csr::kTime:
    case csr::kInstret: return true;
    default:
      return in(address, csr::kMhpmevent3, csr::kMhpmevent31) || in(address, csr::kDfmt0, csr::kDfmt15) ||
             in(address, csr::kMhpmcounter3, csr::kMhpmcounter31) || in(address, csr::kMvendorid, csr::kMconfigptr) ||
             in(address, csr::kDnodex, csr::kDthread);
  }
}

void CsrState::reset() {
  mie = mpie = link_enabled = false;
  mtvec = mscratch = mepc = mcause = mtval = dseed = dcount = 0;
  dflags = 0;
  dvlim = kDvlimReset;
  dfmt.fill(Descriptor(Kind::fp32));
  dfmt[1] = Descriptor(Kind::bf16);
  dfmt[2] = Descriptor(Kind::cfloat8_1_4_3, 7);
  dfmt[3] = Descriptor(Kind::cfloat8_1_5_2, 15);
  dfmt[4] = Descriptor(Kind::shp, 15);
  dfmt[5] = Descriptor(Kind::uhp);
}

unsigned CsrState::rows() const { return std::min(dvlim & 31U, 16U); }
unsigned CsrState::bytes() const { return std::min(dvlim >> 8 & 127U, 64U); }

std::uint64_t CsrState::read(std::uint16_t address) const {
  switch (address) {
    case csr::kMstatus: return 0x1800U | (mie ? 1U << 3 : 0U) | (mpie ? 1U << 7 : 0U);
    case csr::kMisa: return kMisaValue;
    case csr::kMie: return link_enabled ? std::uint64_t{1} << kLinkInterrupt : 0;
    case csr::kMtvec: return mtvec;
    case csr::kMscratch: return mscratch;
    case csr::kMepc: return mepc;
    case csr::kMcause: return mcause;
    case csr::kMtval: return mtval;
    case csr::kDflags: return dflags;
    case csr::kDseed: return dseed;
    case csr::kDcount: return dcount;
    case csr::kDvlim: return dvlim;
    case csr::kMimpid: return 1;
    default: break;
  }
  if (in(address, csr::kMhpmevent3, csr::kMhpmevent31)) return address - (csr::kMhpmevent3 - 3U);
  if (in(address, csr::kDfmt0, csr::kDfmt15)) return dfmt[address - csr::kDfmt0].packed();
  return 0;
}

std::uint64_t CsrState::write(std::uint16_t address, std::uint64_t value) {
  switch (address) {
    case csr::kMstatus:
      mie = value >> 3 & 1;
      mpie = value >> 7 & 1;
      break;
    case csr::kMie: link_enabled = (value >> kLinkInterrupt & 1) != 0; break;
    case csr::kMtvec: mtvec = value & ~std::uint64_t{3}; break;
    case csr::kMscratch: mscratch = value; break;
    case csr::kMepc: mepc = value & ~std::uint64_t{3}; break;
    case csr::kMcause: mcause = value; break;
    case csr::kMtval: mtval = value; break;
    case csr::kDflags: dflags = static_cast<Flags>(value & 15); break;
    case csr::kDseed: dseed = value; break;
    case csr::kDcount: dcount = value; break;
    case csr::kDvlim: dvlim = static_cast<std::uint32_t>(value) & kDvlimMask; break;
    default:
      if (in(address, csr::kDfmt0, csr::kDfmt15)) {
        dfmt[address - csr::kDfmt0] = Descriptor(static_cast<std::uint16_t>(value));
      }
  }
  return read(address);
}

}  // namespace tatami::golden
