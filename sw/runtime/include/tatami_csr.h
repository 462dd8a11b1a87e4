// Numbers of Tatami's own CSRs (docs/isa.md, section 2). Usable from C and assembly.
#ifndef TATAMI_CSR_H
#define TATAMI_CSR_H

#define TATAMI_CSR_DFMT0 0x7C0  // ..0x7CF: format descriptors 0..15
#define TATAMI_CSR_DFLAGS 0x7D0
#define TATAMI_CSR_DSEED 0x7D1
#define TATAMI_CSR_DCOUNT 0x7D2
#define TATAMI_CSR_DVLIM 0x7D3
#define TATAMI_CSR_DNODEX 0xFC0
#define TATAMI_CSR_DNODEY 0xFC1
#define TATAMI_CSR_DFABW 0xFC2
#define TATAMI_CSR_DFABH 0xFC3
#define TATAMI_CSR_DTHREAD 0xFC4
#define TATAMI_CSR_DLINKERR 0xFC8    // damaged flits that arrived, a byte a link
#define TATAMI_CSR_DLINKFIRST 0xFC9  // the first of them: link and cycle
#define TATAMI_LINK_INTERRUPT 16     // its bit of mie and mip, and mcause without bit 63

#endif
