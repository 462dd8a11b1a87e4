// The CSR list of docs/isa.md, section 2: which exist, which are read-only, what can be written, reset values. Thread t
// tries every fourth address.
#include "csr_list.h"
#include "isa_test.h"

enum { RW = 1, RS, RC, RWI = 5, RSI, RCI };

static void every_address(int thread) {
  struct trap_area* trap = &trap_area[thread];
  uint64_t x[6];
  for (uint32_t csr = (uint32_t)thread; csr < 0x1000; csr += 4) {
    const int there = csr_exists(csr), read_only = csr >> 10 == 3;
    uint32_t word = csr_word(RS, A0, 0, csr);  // reads
    int cause = run_word(thread, word, 0x123, 0x456, 0, x);
    if (cause != (there ? NO_TRAP : ILLEGAL)) test_fail(0x10000 | (int)csr);
    if (!there && trap->value != word) test_fail(0x20000 | (int)csr);
    if (csr == 0x305 || csr == 0x340) continue;  // the handler's
    if (!there && csr % 32 >= 4) continue;       // enough of those
    word = csr_word(RW, A0, A1, csr);            // writes, even x0
    if (there && !read_only) {
      // Writes back what it reads.
      if (run_word(thread, word, 0, x[0], 0, 0) != NO_TRAP) test_fail(0x30000 | (int)csr);
    } else {
      if (run_word(thread, word, 0, 0, 0, 0) != ILLEGAL) test_fail(0x40000 | (int)csr);
      if (run_word(thread, csr_word(RW, 0, 0, csr), 0, 0, 0, 0) != ILLEGAL) test_fail(0x50000 | (int)csr);
    }
    if (!read_only && !there) continue;
    const int write = there && !read_only ? NO_TRAP : ILLEGAL, read = there ? NO_TRAP : ILLEGAL;
    if (run_word(thread, csr_word(RC, A0, 0, csr), 0, 0, 0, 0) != read) test_fail(0x60000 | (int)csr);
    if (run_word(thread, csr_word(RSI, A0, 0, csr), 0, 0, 0, 0) != read) test_fail(0x70000 | (int)csr);
    if (!read_only) continue;
    if (run_word(thread, csr_word(RS, A0, A1, csr), 0, 0, 0, 0) != write)
      test_fail(0x80000 | (int)csr);  // x11 = 0 is still a write
    if (run_word(thread, csr_word(RCI, 0, 1, csr), 0, 0, 0, 0) != write) test_fail(0x90000 | (int)csr);
    if (run_word(thread, csr_word(RWI, 0, 0, csr), 0, 0, 0, 0) != write) test_fail(0xA0000 | (int)csr);
  }
}

/// A write of `value` to a CSR must read back as `expected`.
#define WARL(csr, value, expected)                \
  do {                                            \
    CSR_WRITE(csr, value);                        \
    CHECK(CSR_READ(csr) == (uint64_t)(expected)); \
  } while (0)

static void reset_values(int thread) {
  static const uint16_t kFormats[16] = {0, 1, 2 | 7 << 4, 3 | 15 << 4, 4 | 15 << 4, 5};
  CHECK(CSR_READ(0x300) == 0x1800);
  CHECK(CSR_READ(0x341) == 0);
  CHECK(CSR_READ(0x342) == 0);
  CHECK(CSR_READ(0x343) == 0);
#define FORMAT(n) CHECK(CSR_READ(0x7C0 + n) == kFormats[n])
  FORMAT(0);
  FORMAT(1);
  FORMAT(2);
  FORMAT(3);
  FORMAT(4);
  FORMAT(5);
  FORMAT(6);
  FORMAT(7);
  FORMAT(8);
  FORMAT(9);
  FORMAT(10);
  FORMAT(11);
  FORMAT(12);
  FORMAT(13);
  FORMAT(14);
  FORMAT(15);
  CHECK(CSR_READ(0x7D0) == 0);
  CHECK(CSR_READ(0x7D1) == 0);
  CHECK(CSR_READ(0x7D2) == 0);
  CHECK(CSR_READ(0x7D3) == 0x4010);
  CHECK(CSR_READ(0xFC4) == (uint64_t)thread);
  const uint64_t x = CSR_READ(0xFC0), y = CSR_READ(0xFC1), width = CSR_READ(0xFC2), height = CSR_READ(0xFC3);
  CHECK(x < width && y < height);
  CHECK(CSR_READ(0xF14) == 4 * (y * width + x) + (uint64_t)thread);
  CHECK(CSR_READ(0xF11) == 0 && CSR_READ(0xF12) == 0 && CSR_READ(0xF13) == 1 && CSR_READ(0xF15) == 0);
}

static void written_values(void) {
  const uint64_t ones = ~0UL, mixed = 0x123456789ABCDEF3;
  WARL(0x300, ones, 0x1888);
  WARL(0x300, 0x80, 0x1880);
  WARL(0x300, 0, 0x1800);
  WARL(0x301, 0, 0x8000000000801101);
  WARL(0x301, ones, 0x8000000000801101);
  WARL(0x304, ones, 0x10000);
  WARL(0x304, 0, 0);
  WARL(0x344, ones, 0);
  WARL(0x320, ones, 0);
  WARL(0x323, ones, 3);
  WARL(0x32B, 0, 11);
  WARL(0x33F, 0, 31);
  WARL(0x341, ones, ~3UL);
  WARL(0x341, mixed, mixed & ~3UL);
  WARL(0x342, ones, ones);
  WARL(0x342, mixed, mixed);
  WARL(0x343, mixed, mixed);
  WARL(0x7C0, ones, 0xFFFF);
  WARL(0x7CF, mixed, 0xDEF3);
  WARL(0x7C0, 0, 0);
  WARL(0x7CF, 0, 0);
  WARL(0x7D0, ones, 15);
  WARL(0x7D0, 0, 0);
  WARL(0x7D1, mixed, mixed);
  WARL(0x7D2, mixed, mixed);
  WARL(0x7D3, ones, 0x7F1F);
  WARL(0x7D3, 0x1234, 0x1214);
  // mtvec and mscratch belong to the handler: put back at once.
  const uint64_t vector = CSR_READ(0x305), scratch = CSR_READ(0x340);
  uint64_t read;
  __asm__ volatile("csrw mtvec, %1\n csrr %0, mtvec\n csrw mtvec, %2" : "=&r"(read) : "r"(mixed), "r"(vector));
  CHECK(read == (mixed & ~3UL));
  __asm__ volatile("csrw mtvec, %1\n csrr %0, mtvec\n csrw mtvec, %2" : "=&r"(read) : "r"(ones), "r"(vector));
  CHECK(read == ~3UL);
  __asm__ volatile("csrw mscratch, %1\n csrr %0, mscratch\n csrw mscratch, %2"
                   : "=&r"(read)
                   : "r"(mixed), "r"(scratch));
  CHECK(read == mixed);
}

/// Swap, set, clear, with registers and immediates, and rd = rs1.
static void forms(void) {
  uint64_t old;
  CSR_WRITE(0x343, 0xF0F0);
  __asm__ volatile("csrrw %0, mtval, %1" : "=&r"(old) : "r"(0x1234UL));
  CHECK(old == 0xF0F0 && CSR_READ(0x343) == 0x1234);
  __asm__ volatile("csrrs %0, mtval, %1" : "=&r"(old) : "r"(0x8001UL));
  CHECK(old == 0x1234 && CSR_READ(0x343) == 0x9235);
  __asm__ volatile("csrrc %0, mtval, %1" : "=&r"(old) : "r"(0x0235UL));
  CHECK(old == 0x9235 && CSR_READ(0x343) == 0x9000);
  __asm__ volatile("csrrwi %0, mtval, 21" : "=&r"(old));
  CHECK(old == 0x9000 && CSR_READ(0x343) == 21);
  __asm__ volatile("csrrsi %0, mtval, 10" : "=&r"(old));
  CHECK(old == 21 && CSR_READ(0x343) == 31);
  __asm__ volatile("csrrci %0, mtval, 17" : "=&r"(old));
  CHECK(old == 31 && CSR_READ(0x343) == 14);
  old = 99;
  __asm__ volatile("csrrw %0, mtval, %0" : "+r"(old));
  CHECK(old == 14 && CSR_READ(0x343) == 99);
  old = 3;
  __asm__ volatile("csrrs %0, mtval, %0" : "+r"(old));
  CHECK(old == 99 && CSR_READ(0x343) == 99);
  __asm__ volatile("csrrw x0, mtval, %0" : : "r"(5UL));
  CHECK(CSR_READ(0x343) == 5);
}

/// dflags: sticky, and read after everything before it has raised its flags.
static void flags(void) {
  static const uint32_t kInfinity[16] __attribute__((aligned(64))) = {0x7F800000},
                                      kMinus[16] __attribute__((aligned(64))) = {0xFF800000},
                                      kTiny[16] __attribute__((aligned(64))) = {1},
                                      kLarge[16] __attribute__((aligned(64))) = {0x7F7FFFFF};
  CSR_WRITE(0x7D0, 0);
  dv_ld(1, kInfinity, 0, 0);
  dv_ld(2, kMinus, 0, 0);
  dv_ld(3, kTiny, 0, 0);
  dv_ld(4, kLarge, 0, 0);
  dv_fadd(5, 1, 2);
  CHECK(CSR_READ(0x7D0) == 1);
  dv_fadd(5, 3, 1);
  CHECK(CSR_READ(0x7D0) == 3);
  dv_fadd(5, 4, 4);
  CHECK(CSR_READ(0x7D0) == 7);
  CSR_WRITE(0x7D0, 0);
  dv_fadd(5, 4, 4);
  CSR_WRITE(0x7D0, 0);  // after the flag of the addition
  CHECK(CSR_READ(0x7D0) == 0);
  dv_fmul(5, 3, 3);
  uint64_t old;
  __asm__ volatile("csrrci %0, 0x7D0, 2" : "=&r"(old));
  CHECK(old == (2 | 8) && CSR_READ(0x7D0) == 8);
  CSR_WRITE(0x7D0, 0);
}

static void counters(void) {
  const uint64_t cycle = CSR_READ(0xB00), instructions = CSR_READ(0xB02);
  CSR_WRITE(0xB00, 0);
  CSR_WRITE(0xB02, ~0UL);
  CSR_WRITE(0xB03, 0);
  CHECK(CSR_READ(0xC00) > cycle);
  CHECK(CSR_READ(0xC01) > cycle);
  CHECK(CSR_READ(0xC02) > instructions && CSR_READ(0xC02) < instructions + 100);
  // minstret counts what retired before it, a trapped instruction not.
  uint64_t before, after;
  __asm__ volatile("csrr %0, minstret\n nop\n nop\n nop\n csrr %1, minstret" : "=&r"(before), "=&r"(after));
  CHECK(after - before == 4);
  CHECK(CSR_READ(0xB17) == 0 && CSR_READ(0xB1F) == 0);
  CHECK(CSR_READ(0xFC8) == 0 && CSR_READ(0xFC9) == 0);  // no damaged flit
}

int test_main(int thread) {
  reset_values(thread);
  written_values();
  forms();
  flags();
  counters();
  every_address(thread);
  return 0;
}
