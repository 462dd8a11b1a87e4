// Which CSRs exist (docs/isa.md, section 2), for tests in C++ and programs in C.
#pragma once
#include <stdint.h>

static inline int csr_exists(uint32_t csr) {
  switch (csr) {
    case 0x300:
    case 0x301:
    case 0x304:
    case 0x305:
    case 0x320:
    case 0x340:
    case 0x341:
    case 0x342:
    case 0x343:
    case 0x344:
    case 0xB00:
    case 0xB02:
    case 0xC00:
    case 0xC01:
    case 0xC02: return 1;
    default:
      return (csr >= 0x323 && csr <= 0x33F) || (csr >= 0xB03 && csr <= 0xB1F) || (csr >= 0xF11 && csr <= 0xF15) ||
             (csr >= 0x7C0 && csr <= 0x7D3) || (csr >= 0xFC0 && csr <= 0xFC4) || csr == 0xFC8 || csr == 0xFC9;
  }
}
