// Every cause of docs/isa.md, section 3: mcause, mepc, mtval, and that nothing of the instruction took effect. All four
// threads do the same at the same time, each in its own memory.
#include "isa_test.h"

static uint8_t memory[4][512] __attribute__((aligned(64)));
static uint8_t image[4][64] __attribute__((aligned(64)));

#define V1_PATTERN 0xC5

static void set_v1(int thread) {
  memset(image[thread], V1_PATTERN, 64);
  dv_ld(1, image[thread], 0, 0);
}
static int v1_intact(int thread) {
  dv_st(1, image[thread], 0, 0);
  for (int i = 0; i < 64; ++i) {
    if (((volatile uint8_t*)image[thread])[i] != V1_PATTERN) return 0;
  }
  return 1;
}

/// The word must trap, with these values.
#define EXPECT(word, a0, a1, a2, cause_, value_)                                 \
  do {                                                                           \
    CHECK(run_word(thread, (word), (a0), (a1), (a2), 0) == (cause_));            \
    CHECK((cause_) == NO_TRAP || trap_area[thread].value == (uint64_t)(value_)); \
  } while (0)

static void jumps(int thread) {
  const uint64_t slot = (uint64_t)&execute_slots[thread][0];
  EXPECT(0x006005EF, 0, 1, 2, TARGET_MISALIGNED, slot + 6);   // jal a1, +6
  EXPECT(0xFEFFF5EF, 0, 1, 2, TARGET_MISALIGNED, slot - 18);  // jal a1, -18
  EXPECT(0x00A50363, 5, 1, 2, TARGET_MISALIGNED, slot + 6);   // beq a0, a0, +6
  EXPECT(0x00A51363, 5, 1, 2, NO_TRAP, 0);                    // bne a0, a0, +6 is not taken
  EXPECT(i_type(0x67, 0, A1, A0, 2), slot, 1, 2, TARGET_MISALIGNED, slot + 2);
  EXPECT(i_type(0x67, 0, A1, A0, 3), slot, 1, 2, TARGET_MISALIGNED, slot + 2);
  EXPECT(i_type(0x67, 0, A0, A0, -1), slot + 3, 1, 2, TARGET_MISALIGNED, slot + 2);
  EXPECT(i_type(0x67, 0, A1, A0, 2), 0, 1, 2, TARGET_MISALIGNED, 2);  // also where there is no memory
}

/// Jumps to `target` with a1 as link register; the trap must be the target's.
static void fetch_from(int thread, uint64_t target) {
  struct trap_area* trap = &trap_area[thread];
  const uint64_t before = trap->count;
  uint64_t link, resume;
  __asm__ volatile(
      "lla %[resume], 1f\n"
      "sd %[resume], 48(%[trap])\n"
      "jalr %[link], %[target]\n"
      "1:\n"
      : [link] "=&r"(link), [resume] "=&r"(resume)
      : [trap] "r"(trap), [target] "r"(target)
      : "memory");
  CHECK(trap->count == before + 1);
  CHECK(trap->cause == FETCH_FAULT);
  CHECK(trap->epc == target);
  CHECK(trap->value == target);
  CHECK(link == resume);
}

static void fetches(int thread) {
  fetch_from(thread, SRAM_END);
  fetch_from(thread, SRAM_BASE - 4);
  fetch_from(thread, 0);
  fetch_from(thread, 1UL << 63);
  fetch_from(thread, 1UL << 32 | SRAM_BASE);
  fetch_from(thread, ~3UL);
  if (thread == 0) {
    // Falling off the end: the last word of memory is an instruction and is executed.
    volatile uint32_t* last = (volatile uint32_t*)(SRAM_END - 4);
    const uint32_t keep = *last;
    *last = i_type(0x13, 0, A0, A0, 7);
    struct trap_area* trap = &trap_area[0];
    const uint64_t before = trap->count;
    register uint64_t a0 __asm__("a0") = 35;
    uint64_t resume;
    __asm__ volatile(
        "lla %[resume], 1f\n"
        "sd %[resume], 48(%[trap])\n"
        "fence.i\n"
        "jr %[target]\n"
        "1:\n"
        : [resume] "=&r"(resume), "+r"(a0)
        : [trap] "r"(trap), [target] "r"(last)
        : "memory");
    const uint64_t result = a0;
    *last = keep;
    FENCE_I();
    CHECK(result == 42);
    CHECK(trap->count == before + 1 && trap->cause == FETCH_FAULT && trap->epc == SRAM_END && trap->value == SRAM_END);
  }
}

static const uint32_t kIllegal[] = {
    0x00000000,
    0xFFFFFFFF,
    0x00000001,
    0x0000A001,
    0x00000007,
    0x00000027,
    0x00000043,
    0x00000053,
    0x00000057,
    0x0000001F,
    0x0000003F,
    0x0000007F,
    0x00000077,
    0x0000006B,
    0x40B51533,  // sll with bit 30
    0x04B50533,
    0x80B50533,           // add with other bits of funct7
    0x40B52533,           // slt with bit 30
    0x0000F503 | 0x7000,  // load, funct3 7
    0x00B54023,
    0x00B57023,  // store, funct3 4, 7
    0x00B52063,
    0x00B53063,  // branch, funct3 2, 3
    0x00051567,
    0x00057567,               // jalr, funct3 1, 7
    0x02051513 | 0x80000000,  // slli with bit 31
    0x0205151B,               // slliw by 32
    0x4205551B,               // sraiw by 32
    0x0005251B,
    0x0005651B,  // OP-IMM-32, funct3 2, 6
    0x00B5253B,
    0x02B5153B,  // OP-32: no slt, no mulhw
    0x00B5052F,
    0x00B5152F,
    0x00B5452F,  // atomics of other widths
    0x10B5252F,  // lr.w with rs2
    0x28B5252F,
    0xF8B5252F,  // no such atomic operations
    0x000000F3,
    0x00008073,
    0x00200073,  // ecall and ebreak with registers; uret
    0x10200073,
    0x12000073,
    0x7B200073,  // sret, sfence.vma, dret
    0x302000F3,
    0x105000F3,
    0x30208073,  // mret and wfi with registers
    0x00054573,  // system, funct3 4
    0x0000200F,
    0x0000700F,  // misc-mem, funct3 2, 7
    0x7005208B,
    0x8E05208B | 0x0E000000,
    0x0E05208B,  // dv.lds: shape 7, amode 7
    0x7005608B,
    0x0E05608B,  // dv.sts
    0x3025308B,
    0x4025308B,
    0x6025308B,
    0x7025308B,
    0x0A25308B,
    0x0E25308B,  // dv.ldx: shapes 3..7, amodes 5, 7
    0x3025708B,
    0x0A25708B,
    0x0E25708B,  // dv.stx
    0x0E2100AB,
    0xFE2100AB,  // FP lanes: holes in the table
    0x208100AB,
    0x223080AB,         // conversions and reductions that do not exist
    0x8021102B | 0x80,  // lane forms 4..7
    0x225120AB,
    0x20A120AB | 0x80000000,  // integer lanes
    0x042130AB,
    0x102140AB,
    0xC02140AB,
    0x801150AB,
    0x021150AB,
    0x600150AB,
    0x001160AB,
    0x0021E0AB | 0x00200000,  // dv.cvt with bits 21:20
    0x0000705B,
    0x0001105B,
    0x0000115B,  // matrix: funct3 7, dm.zero with other bits
    0x1000205B,
    0x0100305B,
    0x0200007B,
    0x000070FB,
    0x0000017B | 0x1000,
    0x8000207B,
    0x0400307B,
    0x0200407B,
    0x0010507B,
    0x0100607B,
    0x000060FB,
};

static void illegal(int thread) {
  for (unsigned i = 0; i < sizeof kIllegal / sizeof *kIllegal; ++i) {
    const int cause = run_word(thread, kIllegal[i], (uint64_t)memory[thread], 64, 2, 0);
    if (cause != ILLEGAL) test_fail(10000 + (int)i);
    if (trap_area[thread].value != kIllegal[i]) test_fail(20000 + (int)i);
  }
  CHECK(v1_intact(thread));
  // A part that the conversion does not have: fp32 to bf16 has 2, fp32 to fp32 1, an 8-bit format to fp32 4, to bf16 2.
  const uint32_t convert = 0x0000602B | 1 << 7 | 2 << 15;
  for (uint32_t part = 0; part < 4; ++part) {
    const uint32_t p = part << 22;
    EXPECT(convert | 0U << 28 | 1U << 24 | p, 0, 1, 2, part < 2 ? NO_TRAP : ILLEGAL, convert | 0U << 28 | 1U << 24 | p);
    EXPECT(convert | 0U << 28 | 0U << 24 | p, 0, 1, 2, part < 1 ? NO_TRAP : ILLEGAL, convert | 0U << 28 | 0U << 24 | p);
    EXPECT(convert | 2U << 28 | 0U << 24 | p, 0, 1, 2, NO_TRAP, 0);
    EXPECT(convert | 2U << 28 | 1U << 24 | p, 0, 1, 2, part < 2 ? NO_TRAP : ILLEGAL, convert | 2U << 28 | 1U << 24 | p);
    EXPECT(convert | 1U << 28 | 4U << 24 | p, 0, 1, 2, part < 1 ? NO_TRAP : ILLEGAL, convert | 1U << 28 | 4U << 24 | p);
    EXPECT(convert | 2U << 28 | 3U << 24 | p, 0, 1, 2, part < 2 ? NO_TRAP : ILLEGAL, convert | 2U << 28 | 3U << 24 | p);
    // Tile moves convert from and to fp32.
    EXPECT(0x0000205BU | 1 << 7 | 1U << 24 | p, 0, 1, 2, part < 2 ? NO_TRAP : ILLEGAL,
           0x0000205BU | 1 << 7 | 1U << 24 | p);
    EXPECT(0x0000305BU | 1 << 15 | 2U << 28 | p, 0, 1, 2, NO_TRAP, 0);
    EXPECT(0x0000305BU | 1 << 15 | 0U << 28 | p, 0, 1, 2, part < 1 ? NO_TRAP : ILLEGAL,
           0x0000305BU | 1 << 15 | 0U << 28 | p);
  }
  set_v1(thread);
  // A barrier without the own thread.
  for (uint32_t mask = 0; mask < 16; ++mask) {
    if (mask >> thread & 1) continue;
    EXPECT(0x0000607BU | mask << 20, 0, 1, 2, ILLEGAL, 0x0000607BU | mask << 20);
  }
}

static void scalar_accesses(int thread) {
  static const uint64_t kBad[] = {SRAM_END, SRAM_BASE - 1, 0, ~0UL, 1UL << 63, 1UL << 32 | SRAM_BASE, SRAM_END - 1};
  static const uint8_t kSize[] = {1, 2, 4, 8, 1, 2, 4};
  for (uint32_t width = 0; width < 7; ++width) {
    for (unsigned i = 0; i < sizeof kBad / sizeof *kBad; ++i) {
      const int outside = i != 6 || kSize[width] > 1;
      EXPECT(i_type(0x03, width, A1, A0, 0), kBad[i], 1, 2, outside ? LOAD_FAULT : NO_TRAP, kBad[i]);
      if (outside && width < 4) EXPECT(r_type(0x23, width, 0, 0, A0, A1), kBad[i], 1, 2, STORE_FAULT, kBad[i]);
    }
    // The offset belongs to the address.
    EXPECT(i_type(0x03, width, A0, A0, 2047), SRAM_END - 2047, 1, 2, LOAD_FAULT, SRAM_END);
    EXPECT(i_type(0x03, width, A1, A0, -2048), SRAM_BASE, 1, 2, LOAD_FAULT, SRAM_BASE - 2048);
    // Across the end: nothing of the store happens. Only thread 0 writes there, and only here.
    for (uint64_t in = 1; width < 4 && in < kSize[width]; ++in) {
      uint64_t last, after;
      __asm__ volatile("ld %0, -8(%1)" : "=r"(last) : "r"(SRAM_END) : "memory");
      EXPECT(r_type(0x23, width, 0, 0, A0, A1), SRAM_END - in, ~last, 2, STORE_FAULT, SRAM_END - in);
      __asm__ volatile("ld %0, -8(%1)" : "=r"(after) : "r"(SRAM_END) : "memory");
      CHECK(after == last || thread != 0);
    }
  }
}

static void atomics(int thread) {
  const uint64_t here = (uint64_t)memory[thread];
  volatile uint64_t* words = (volatile uint64_t*)here;
  words[0] = 0x1111111111111111;
  words[1] = 0x2222222222222222;
  for (uint32_t wide = 0; wide < 2; ++wide) {
    const uint32_t width = 2 + wide;
    static const uint8_t kOps[] = {1, 0, 4, 12, 8, 16, 20, 24, 28, 3};
    for (uint32_t offset = 1; offset < 8; ++offset) {
      const int misaligned = (offset & ((4U << wide) - 1)) != 0;
      if (!misaligned) continue;
      EXPECT(r_type(AMO, width, 2 << 2, A1, A0, 0), here + offset, 1, 2, LOAD_MISALIGNED, here + offset);
      EXPECT(r_type(AMO, width, 2 << 2, A1, A0, 0), offset, 1, 2, LOAD_MISALIGNED, offset);  // before the access fault
      for (unsigned i = 0; i < sizeof kOps; ++i) {
        EXPECT(r_type(AMO, width, (uint32_t)kOps[i] << 2, A1, A0, A2), here + offset, 1, 2, STORE_MISALIGNED,
               here + offset);
        EXPECT(r_type(AMO, width, (uint32_t)kOps[i] << 2, A1, A0, A2), SRAM_END + offset, 1, 2, STORE_MISALIGNED,
               SRAM_END + offset);
      }
    }
    EXPECT(r_type(AMO, width, 2 << 2, A1, A0, 0), SRAM_END, 1, 2, LOAD_FAULT, SRAM_END);
    EXPECT(r_type(AMO, width, 2 << 2, A1, A0, 0), SRAM_BASE - 8, 1, 2, LOAD_FAULT, SRAM_BASE - 8);
    for (unsigned i = 0; i < sizeof kOps; ++i) {
      // A failing sc is checked, too.
      EXPECT(r_type(AMO, width, (uint32_t)kOps[i] << 2, A1, A0, A2), SRAM_END, 1, 2, STORE_FAULT, SRAM_END);
      EXPECT(r_type(AMO, width, (uint32_t)kOps[i] << 2, A1, A0, A2), 0, 1, 2, STORE_FAULT, 0);
    }
  }
  CHECK(words[0] == 0x1111111111111111 && words[1] == 0x2222222222222222);
}

static uint32_t unit(uint32_t funct3, int32_t imm, uint32_t pad) {
  return CUSTOM0 | 1 << 7 | funct3 << 12 | A0 << 15 | ((uint32_t)imm & 0x7FF) << 20 | pad << 31;
}
static uint32_t strided(uint32_t funct3, uint32_t shape, uint32_t amode, uint32_t pad) {
  return CUSTOM0 | 1 << 7 | funct3 << 12 | A0 << 15 | A1 << 20 | amode << 25 | shape << 28 | pad << 31;
}
static uint32_t indexed(uint32_t funct3, uint32_t shape, uint32_t amode, uint32_t pad) {
  return CUSTOM0 | 1 << 7 | funct3 << 12 | A0 << 15 | 2 << 20 | amode << 25 | shape << 28 | pad << 31;
}

static void limits(uint64_t rows, uint64_t bytes) { CSR_WRITE(TATAMI_CSR_DVLIM, rows | bytes << 8); }

static void vector_accesses(int thread) {
  uint8_t* here = memory[thread];
  for (int i = 0; i < 512; ++i) here[i] = (uint8_t)i;
  set_v1(thread);
  limits(16, 64);
  for (uint32_t store = 0; store < 2; ++store) {
    const int fault = store ? STORE_FAULT : LOAD_FAULT;
    const uint32_t ld = store ? 4 : 0, ldp = store ? 5 : 1, lds = store ? 6 : 2, ldx = store ? 7 : 3;
    // Unit: the address is that of the whole access.
    EXPECT(unit(ld, 0, 0), SRAM_END - 63, 64, 2, fault, SRAM_END - 63);
    EXPECT(unit(ld, 1, 0), SRAM_END - 64, 64, 2, fault, SRAM_END - 63);
    EXPECT(unit(ldp, 64, 0), SRAM_END - 1, 64, 2, fault, SRAM_END - 1);
    EXPECT(unit(ld, -1, 0), SRAM_BASE, 64, 2, fault, SRAM_BASE - 1);
    EXPECT(unit(ld, 0, 0), ~0UL, 64, 2, fault, ~0UL);
    EXPECT(unit(ldp, 0, 0), 1UL << 32 | SRAM_BASE, 64, 2, fault, 1UL << 32 | SRAM_BASE);
    // Rows: the first that leaves memory, whatever its place in the address space.
    EXPECT(strided(lds, 1, 0, 0), SRAM_END - 5 * 512, 512, 2, fault, SRAM_END);  // row 5 of 8
    EXPECT(strided(lds, 1, 4, 0), SRAM_END - 5 * 512 + 1, 512, 2, fault, SRAM_END - 512 + 1 + 512);
    EXPECT(strided(lds, 0, 0, 0), SRAM_END - 40 + 2, 4, 2, fault, SRAM_END - 2);   // row 9 of 16
    EXPECT(strided(lds, 2, 6, 0), SRAM_BASE + 32, -16, 2, fault, SRAM_BASE - 16);  // row 3 of 4
    EXPECT(strided(lds, 3, 5, 0), SRAM_BASE, -1, 2, fault, SRAM_BASE - 1);
    EXPECT(strided(lds, 6, 3, 0), SRAM_END - 48 - 32, 16, 2, fault, SRAM_END);  // base + 3 * 16
    EXPECT(strided(lds, 5, 0, 0), 0, (int64_t)SRAM_BASE, 2, fault, 0);          // row 0 is outside, row 1 is not
    // Indexed.
    uint32_t lanes[16] __attribute__((aligned(64)));
    for (int i = 0; i < 16; ++i) lanes[i] = (uint32_t)(16 * i);
    lanes[3] = 0x80000000;
    lanes[6] = 0x7FFFFFFF;
    __asm__ volatile("" : : "r"(lanes) : "memory");
    dv_ld(2, lanes, 0, 0);
    EXPECT(indexed(ldx, 0, 0, 0), (uint64_t)here, 64, 2, fault, (uint64_t)here - 0x80000000);
    EXPECT(indexed(ldx, 1, 4, 0), (uint64_t)here, 64, 2, fault, (uint64_t)here - 0x80000000);
    EXPECT(indexed(ldx, 2, 1, 0), (uint64_t)here, 64, 2, fault, (uint64_t)here + 16 - 0x80000000);
    // Excluded bytes are not checked.
    limits(3, 64);
    if (store == 0) EXPECT(indexed(ldx, 0, 0, 1), (uint64_t)here, 64, 2, NO_TRAP, 0);
    EXPECT(indexed(ldx, 0, 0, 0), (uint64_t)here, 64, 2, fault, (uint64_t)here - 0x80000000);
    limits(4, 64);
    EXPECT(indexed(ldx, 0, 0, 1), (uint64_t)here, 64, 2, fault, (uint64_t)here - 0x80000000);
    limits(5, 64);
    if (store == 0) EXPECT(strided(lds, 1, 0, 1), SRAM_END - 5 * 512, 512, 2, NO_TRAP, 0);
    limits(6, 0);
    EXPECT(strided(lds, 1, 0, 1), SRAM_END - 5 * 512, 512, 2, NO_TRAP, 0);
    limits(16, 7);
    EXPECT(unit(ld, 0, 1), SRAM_END - 6, 64, 2, fault, SRAM_END - 6);
    if (store == 0) EXPECT(unit(ld, 0, 1), SRAM_END - 7, 64, 2, NO_TRAP, 0);
    if (store == 0) EXPECT(strided(lds, 1, 0, 1), SRAM_END - 7 * 8 - 7, 8, 2, NO_TRAP, 0);
    limits(16, 8);
    EXPECT(strided(lds, 1, 0, 1), SRAM_END - 7 * 8 - 7, 8, 2, fault, SRAM_END - 7);
    // Nothing included: no access anywhere, but the increment.
    limits(16, 0);
    uint64_t out[6];
    CHECK(run_word(thread, unit(ldp, 64, 1), 0, 1, 2, out) == NO_TRAP && out[0] == 64);
    limits(0, 64);
    CHECK(run_word(thread, strided(lds, 1, 5, 1), 8, 100, 2, out) == NO_TRAP && out[0] == 808);
    limits(16, 64);
    set_v1(thread);
  }
  // Memory is as it was.
  for (int i = 0; i < 512; ++i) CHECK(here[i] == (uint8_t)i);
  // A load that traps changes no register.
  EXPECT(unit(0, 0, 0), SRAM_END - 1, 1, 2, LOAD_FAULT, SRAM_END - 1);
  EXPECT(strided(2, 1, 4, 0), SRAM_END - 8, 8, 2, LOAD_FAULT, SRAM_END);
  CHECK(v1_intact(thread));
}

static void descriptors(int thread) {
  CSR_WRITE(TATAMI_CSR_DFMT0 + 8, 6);  // reserved kinds
  CSR_WRITE(TATAMI_CSR_DFMT0 + 9, 15);
  CSR_WRITE(TATAMI_CSR_DFMT0 + 10, 0x1001);  // reserved bits
  CSR_WRITE(TATAMI_CSR_DFMT0 + 11, 0x8002);
  set_v1(thread);
  CSR_WRITE(TATAMI_CSR_DFLAGS, 0);
  for (uint32_t bad = 8; bad < 12; ++bad) {
    const uint32_t convert = 0x0000602B | 1 << 7 | 1 << 15;
    EXPECT(convert | bad << 28 | 0U << 24, 0, 1, 2, BAD_DESCRIPTOR, bad);
    EXPECT(convert | 0U << 28 | bad << 24, 0, 1, 2, BAD_DESCRIPTOR, bad);
    EXPECT(0x0000205BU | 1 << 7 | bad << 24, 0, 1, 2, BAD_DESCRIPTOR, bad);
    EXPECT(0x0000305BU | 1 << 15 | bad << 28, 0, 1, 2, BAD_DESCRIPTOR, bad);
  }
#define MMA(a, b) \
  (0x0000005BU | 1 << 15 | 1 << 20 | (uint32_t)(a) << 28 | ((uint32_t)(b) >> 1) << 25 | ((uint32_t)(b)&1) << 11)
  for (uint32_t bad = 8; bad < 12; ++bad) {
    EXPECT(MMA(bad, 1), 0, 1, 2, BAD_DESCRIPTOR, bad);
    EXPECT(MMA(1, bad), 0, 1, 2, BAD_DESCRIPTOR, bad);
    EXPECT(MMA(0, bad), 0, 1, 2, BAD_DESCRIPTOR, 0);
    EXPECT(MMA(bad, 0), 0, 1, 2, BAD_DESCRIPTOR, bad);
  }
  EXPECT(MMA(0, 1), 0, 1, 2, BAD_DESCRIPTOR, 0);  // fp32
  EXPECT(MMA(1, 0), 0, 1, 2, BAD_DESCRIPTOR, 0);
  EXPECT(MMA(12, 0), 0, 1, 2, BAD_DESCRIPTOR, 12);
  EXPECT(MMA(1, 2), 0, 1, 2, BAD_DESCRIPTOR, 2);  // 16 bits with 8
  EXPECT(MMA(3, 4), 0, 1, 2, BAD_DESCRIPTOR, 4);
  for (uint32_t a = 1; a < 6; ++a) {
    for (uint32_t b = 1; b < 6; ++b) {
      const int same = (a == 2 || a == 3) == (b == 2 || b == 3);
      if (!same) EXPECT(MMA(a, b), 0, 1, 2, BAD_DESCRIPTOR, b);
    }
  }
  CHECK(CSR_READ(TATAMI_CSR_DFLAGS) == 0);
  CHECK(v1_intact(thread));
  CSR_WRITE(TATAMI_CSR_DFMT0 + 8, 0);
}

static void network(int thread) {
  const uint64_t x = CSR_READ(TATAMI_CSR_DNODEX), y = CSR_READ(TATAMI_CSR_DNODEY);
  const uint64_t width = CSR_READ(TATAMI_CSR_DFABW), height = CSR_READ(TATAMI_CSR_DFABH);
  const uint64_t node = y << 40 | x << 32;
  const uint64_t here = node | (uint64_t)memory[thread];
  volatile uint64_t* words = (volatile uint64_t*)memory[thread];
  for (int i = 0; i < 16; ++i) words[i] = (uint64_t)i;
  const uint64_t kElsewhere[] = {width << 32 | y << 40 | SRAM_BASE,
                                 x << 32 | height << 40 | SRAM_BASE,
                                 here | 9UL << 48,  // edge memory has bit 51 clear
                                 here | 1UL << 63,
                                 node | SRAM_END,
                                 node | (SRAM_BASE - 64),
                                 node};
  const uint32_t push = r_type(CUSTOM3, 0, 0, 1, A0, A1), put_w = CUSTOM3 | 1 << 12 | A0 << 15 | A1 << 20 | 5U << 25,
                 put_d = put_w | 1U << 31;
  const uint32_t pull = CUSTOM3 | 2 << 12 | A0 << 15 | A1 << 20 | 5U << 25;
  const uint32_t add = r_type(CUSTOM3, 3, 0, A2, A0, A1), cas = r_type(CUSTOM3, 3, 1, A2, A0, A1),
                 sig = r_type(CUSTOM3, 4, 0, 0, A0, A1);
  for (unsigned i = 0; i < sizeof kElsewhere / sizeof *kElsewhere; ++i) {
    const uint64_t a = kElsewhere[i];
    EXPECT(push, a, 64, 2, STORE_FAULT, a);
    EXPECT(put_w, a, 7, 2, STORE_FAULT, a);
    EXPECT(put_d, a, 7, 2, STORE_FAULT, a);
    EXPECT(add, a, 7, 2, STORE_FAULT, a);
    EXPECT(cas, a, 7, 2, STORE_FAULT, a);
    EXPECT(pull, a & ~63UL, (uint64_t)memory[thread], 2, LOAD_FAULT, a & ~63UL);
    if (i < 2) EXPECT(sig, a, 7, 2, STORE_FAULT, a);
  }
  // Lists: where the descriptors lie.
  const uint32_t list = CUSTOM3 | 7 << 12 | A0 << 15 | A1 << 20;
  EXPECT(list, (uint64_t)words + 16, 1, 2, LOAD_MISALIGNED, (uint64_t)words + 16);
  EXPECT(list, SRAM_END, 0, 2, LOAD_FAULT, SRAM_END);
  EXPECT(list, SRAM_END - 64, 3, 2, LOAD_FAULT, SRAM_END - 64);
  EXPECT(list, SRAM_BASE - 32, 1, 2, LOAD_FAULT, SRAM_BASE - 32);
  EXPECT(list, 64, 1, 2, LOAD_FAULT, 64);
  EXPECT(list, SRAM_END - 32, 0, 2, NO_TRAP, 0);
  // Edge memory at the north side, if there is one; it has no counters and no part in multicasts.
  const uint64_t edge = here | 1UL << 48, control = 64 | 5 << 8;
  EXPECT(push, edge, control | 1UL << 15, 2, STORE_FAULT, edge);
  EXPECT(push, edge, control | 1UL << 16 | x << 24 | y << 32, 2, STORE_FAULT, edge);
  EXPECT(put_w | 1U << 30, edge, 7, 2, STORE_FAULT, edge);
  EXPECT(put_d | 1U << 30, edge, 7, 2, STORE_FAULT, edge);
  EXPECT(push, edge + 1, 64, 2, STORE_MISALIGNED, edge + 1);
  EXPECT(add, edge + 4, 7, 2, STORE_MISALIGNED, edge + 4);
  EXPECT(pull, edge + 8, (uint64_t)memory[thread], 2, LOAD_MISALIGNED, edge + 8);
  EXPECT(push, here, 0, 2, STORE_MISALIGNED, here);
  EXPECT(push, here, 65, 2, STORE_MISALIGNED, here);
  EXPECT(push, here, 127, 2, STORE_MISALIGNED, here);
  EXPECT(push, here + 1, 64, 2, STORE_MISALIGNED, here + 1);
  EXPECT(push, here + 63, 2, 2, STORE_MISALIGNED, here + 63);
  for (uint64_t i = 1; i < 8; ++i) {
    if (i % 4) EXPECT(put_w, here + i, 7, 2, STORE_MISALIGNED, here + i);
    EXPECT(put_d, here + i, 7, 2, STORE_MISALIGNED, here + i);
    EXPECT(add, here + i, 7, 2, STORE_MISALIGNED, here + i);
    EXPECT(cas, here + i, 7, 2, STORE_MISALIGNED, here + i);
  }
  for (uint64_t i = 1; i < 64; i += i) {
    EXPECT(pull, here + i, (uint64_t)memory[thread], 2, LOAD_MISALIGNED, here + i);
    EXPECT(pull, here, (uint64_t)memory[thread] + i, 2, LOAD_MISALIGNED, (uint64_t)memory[thread] + i);
  }
  EXPECT(pull, here, SRAM_END, 2, LOAD_FAULT, SRAM_END);
  EXPECT(pull, here, SRAM_BASE - 64, 2, LOAD_FAULT, SRAM_BASE - 64);
  EXPECT(pull, here, 0, 2, LOAD_FAULT, 0);
  FENCE();
  for (int i = 0; i < 16; ++i) CHECK(words[i] == (uint64_t)i);
}

static void status(int thread) {
  struct trap_area* trap = &trap_area[thread];
  EXPECT(0x00000073, 0, 1, 2, ECALL, 0);
  EXPECT(0x00100073, 0, 1, 2, BREAKPOINT, (uint64_t)&execute_slots[thread][0]);
  CSR_WRITE(0x300, 8);  // MIE
  EXPECT(0x00000073, 0, 1, 2, ECALL, 0);
  CHECK(trap->status == 0x1880);
  CHECK(CSR_READ(0x300) == 0x1888);  // after mret
  CSR_WRITE(0x300, 0x80);
  EXPECT(0x00000073, 0, 1, 2, ECALL, 0);
  CHECK(trap->status == 0x1800);
  CHECK(CSR_READ(0x300) == 0x1880);
  // mret by itself: to mepc, bits 1:0 of which read 0.
  uint64_t reached;
  CSR_WRITE(0x300, 0);
  __asm__ volatile(
      "lla %0, 1f\n"
      "addi %0, %0, 3\n"
      "csrw mepc, %0\n"
      "li %0, 0\n"
      "mret\n"
      "li %0, 1\n"
      "1: addi %0, %0, 2\n"
      : "=&r"(reached)
      :
      : "memory");
  CHECK(reached == 2);
  CHECK(CSR_READ(0x300) == 0x1880);
  CSR_WRITE(0x300, 0);
}

int test_main(int thread) {
  set_v1(thread);
  status(thread);
  jumps(thread);
  fetches(thread);
  illegal(thread);
  scalar_accesses(thread);
  atomics(thread);
  vector_accesses(thread);
  descriptors(thread);
  network(thread);
  return 0;
}
