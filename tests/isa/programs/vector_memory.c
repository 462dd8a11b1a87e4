// Vector loads and stores (docs/isa.md, section 5): every shape, address mode and pad, loads and stores, at random
// addresses, strides, indices and limits, against loops over bytes. The four threads share the cases out. The exit code
// of a failure is 1000 + 100 * instruction + 10 * shape + amode.
#include "isa_test.h"

enum { LD, LDP, LDS, LDX, ST, STP, STS, STX };
enum { WINDOW = 1024, MIDDLE = 256, ROUNDS = 2 };

static const uint8_t kRows[7] = {16, 8, 4, 8, 8, 4, 4}, kBytes[7] = {4, 8, 16, 8, 8, 16, 16},
                     kElement[7] = {4, 8, 16, 1, 2, 2, 4};

static uint8_t window[4][WINDOW] __attribute__((aligned(64)));
static uint8_t model[4][WINDOW] __attribute__((aligned(64)));
static uint8_t vector[4][64] __attribute__((aligned(64))), expected[4][64] __attribute__((aligned(64)));
static int32_t lanes[4][16] __attribute__((aligned(64)));

/// Where byte c of row r stands in the register.
static unsigned place(unsigned shape, unsigned row, unsigned c) {
  const unsigned element = kElement[shape], of_row = c / element, byte = c % element;
  switch (shape) {
    case 0: return 4 * row + c;
    case 1: return 8 * row + c;
    case 2: return 16 * row + c;
    case 3: return 8 * c + row;
    case 4: return 2 * (8 * of_row + row) + byte;
    case 5: return 2 * (4 * of_row + row) + byte;
    default: return 4 * (4 * of_row + row) + byte;
  }
}

static void fill(uint8_t* to, unsigned bytes, uint64_t* seed) {
  for (unsigned i = 0; i < bytes; i += 8) *(volatile uint64_t*)(to + i) = random64(seed);
}

static void one(int thread, unsigned op, unsigned shape, unsigned amode, unsigned pad, unsigned round, uint64_t* seed) {
  const int number = 1000 + 100 * (int)op + 10 * (int)shape + (int)amode;
  static const int16_t kStrides[] = {64, 8, 4, 16, -8, 1, 0, 24, -16, 20, 3, -4};
  volatile uint8_t *memory = window[thread], *shadow = model[thread], *v = vector[thread], *want = expected[thread];
  const int store = op >= ST, unit = (op & 3) < LDS, indexed = (op & 3) == LDX;
  fill(vector[thread], 64, seed);
  dv_ld(1, vector[thread], 0, 0);

  uint64_t r = random64(seed);
  const unsigned rows = unit ? 1 : kRows[shape], bytes = unit ? 64 : kBytes[shape];
  unsigned limit_rows = r & 31, limit_bytes = r >> 8 & 127;
  switch (r >> 16 & 3) {
    case 0:
      limit_rows %= 17;
      limit_bytes %= bytes + 2;
      break;
    case 1: limit_rows %= rows + 1; break;
    case 2: limit_bytes %= bytes + 1; break;
    default: break;
  }
  CSR_WRITE(TATAMI_CSR_DVLIM, limit_rows | limit_bytes << 8);
  if (limit_rows > 16) limit_rows = 16;
  if (limit_bytes > 64) limit_bytes = 64;
  if (!pad || unit) limit_rows = 16;
  if (!pad) limit_bytes = 64;

  // The first round is aligned to 64 bytes, half of the second to 8.
  const unsigned align = round == 0 ? 64 : r >> 63 ? 8 : 1;
  int64_t stride = round == 0 ? 8 << (r >> 20 & 3) : kStrides[(r >> 24) % (sizeof kStrides / sizeof *kStrides)];
  if (rows == 16 && stride > 32) stride = 32;
  const uint64_t a = (uint64_t)window[thread] + MIDDLE + ((r >> 32) % 64 & -align);
  const int immediate = unit ? (int)((r >> 40) % 401 - 200) & (round == 0 ? -64 : -1) : 0;
  if (indexed) {
    for (int i = 0; i < 16; ++i) lanes[thread][i] = (int32_t)(random64(seed) % 600) - 200;
    __asm__ volatile("" : : : "memory");
    dv_ld(2, lanes[thread], 0, 0);
  }

  uint64_t base = a, after = a;
  if (unit) {
    if (op == LD || op == ST) {
      base += (uint64_t)(int64_t)immediate;
    } else {
      after += (uint64_t)(int64_t)immediate;
    }
  } else if (amode < 4) {
    base += amode * bytes;
  } else {
    after += amode == 4 ? bytes : amode == 6 ? 4 * bytes : (uint64_t)(int64_t)rows * (uint64_t)stride;
  }

  // The model.
  for (unsigned i = 0; i < 64; ++i) want[i] = store ? v[i] : 0;
  for (unsigned row = 0; row < rows && row < limit_rows; ++row) {
    const uint64_t at = base + (unit ? 0 : indexed ? (uint64_t)(int64_t)lanes[thread][row] : row * (uint64_t)stride);
    for (unsigned c = 0; c < bytes && c < limit_bytes; ++c) {
      const unsigned p = unit ? c : place(shape, row, c);
      const uint64_t offset = at + c - (uint64_t)window[thread];
      if (offset >= WINDOW) test_fail(9000);
      if (store) {
        shadow[offset] = v[p];
      } else {
        want[p] = memory[offset];
      }
    }
  }

  const uint32_t word = unit ? CUSTOM0 | 1 << 7 | op << 12 | A0 << 15 | ((uint32_t)immediate & 0x7FF) << 20 | pad << 31
                             : CUSTOM0 | 1 << 7 | op << 12 | A0 << 15 | (uint32_t)(indexed ? 2 : A1) << 20 |
                                   amode << 25 | shape << 28 | pad << 31;
  uint64_t x[6];
  if (run_word(thread, word, a, (uint64_t)stride, 2, x) != NO_TRAP) test_fail(number);
  if (x[0] != after || x[1] != (uint64_t)stride) test_fail(number);
  dv_st(1, vector[thread], 0, 0);
  for (unsigned i = 0; i < 64; i += 8) {
    if (*(volatile uint64_t*)(v + i) != *(volatile uint64_t*)(want + i)) test_fail(number);
  }
  for (unsigned i = 0; i < WINDOW; i += 8) {
    if (*(volatile uint64_t*)(memory + i) != *(volatile uint64_t*)(shadow + i)) test_fail(number);
  }
}

/// Increments of x0 are dropped; a load may overwrite its own index register; rs1 = rs2.
static void specials(int thread) {
  uint64_t x[6];
  uint64_t* to = (uint64_t*)(void*)vector[thread];
  CSR_WRITE(TATAMI_CSR_DVLIM, 0);
  CHECK(run_word(thread, CUSTOM0 | 1 << 7 | LDP << 12 | 0 << 15 | 64 << 20 | 1U << 31, 0, 0, 0, x) == NO_TRAP &&
        x[0] == 0);  // nothing included
  dv_st(1, to, 0, 0);
  for (int i = 0; i < 8; ++i) CHECK(((volatile uint64_t*)to)[i] == 0);
  CSR_WRITE(TATAMI_CSR_DVLIM, 0x4010);
  for (int i = 0; i < 16; ++i) lanes[thread][i] = 4 * (15 - i);
  __asm__ volatile("" : : : "memory");
  dv_ld(2, lanes[thread], 0, 0);
  const void* from = lanes[thread];
  dv_ldx(2, from, 2, 0, 0, 0);
  dv_st(2, to, 0, 0);
  for (int i = 0; i < 16; ++i) CHECK(((volatile int32_t*)(void*)to)[i] == lanes[thread][15 - i]);
  // rs1 = rs2 = a0, post-increment by rows * a0: the stride is the value before.
  CHECK(run_word(thread, CUSTOM0 | 1 << 7 | LDS << 12 | A0 << 15 | A0 << 20 | 5 << 25 | 2U << 28 | 1U << 31, 0, 0, 0,
                 x) == LOAD_FAULT);
  CSR_WRITE(TATAMI_CSR_DVLIM, 1 | 64 << 8);
  const uint64_t a = (uint64_t)window[thread];
  CHECK(run_word(thread, CUSTOM0 | 1 << 7 | LDS << 12 | A0 << 15 | A0 << 20 | 5 << 25 | 2U << 28 | 1U << 31, a, 0, 0,
                 x) == NO_TRAP);
  CHECK(x[0] == 5 * a);
  // The new pointer is there for the next instruction.
  register uint64_t p __asm__("a0") = a;
  uint64_t q;
  __asm__ volatile(
      ".4byte 0x0400100B | 1 << 7 | 10 << 15\n"  // dv.ldp v1, (a0), 64
      "addi %1, %0, 1\n"
      : "+r"(p), "=r"(q)
      :
      : "memory");
  CHECK(q == a + 65);
  // Overlapping rows of a store: higher rows win.
  volatile uint64_t* words = (volatile uint64_t*)(void*)window[thread];
  for (int i = 0; i < 16; ++i) ((volatile uint64_t*)to)[i & 7] = 0x0101010101010101UL * (uint64_t)(i & 7);
  dv_ld(1, to, 0, 0);
  uint8_t* at = window[thread];
  dv_sts(1, at, 0L, 1, 0, 0);
  CHECK(words[0] == 0x0707070707070707);
  dv_sts(1, at, 4L, 1, 0, 0);
  CHECK(words[0] == 0x0101010100000000 && words[3] == 0x0707070706060606 && (uint32_t)words[4] == 0x07070707);
  dv_sts(1, at, -1L, 1, 3, 0);  // base at + 24; row r's lowest byte is the last written at its place
  CHECK(words[2] >> 8 == 0x07070707070707 && words[3] == 0x0001020304050607);
}

int test_main(int thread) {
  uint64_t seed = 0x9E3779B97F4A7C15UL + (uint64_t)thread;
  unsigned turn = 0;
  fill(window[thread], WINDOW, &seed);
  for (unsigned i = 0; i < WINDOW; ++i) model[thread][i] = window[thread][i];
  for (unsigned round = 0; round < ROUNDS; ++round) {
    for (unsigned pad = 0; pad < 2; ++pad) {
      for (unsigned op = LD; op <= STX; ++op) {
        const int unit = (op & 3) < LDS, indexed = (op & 3) == LDX;
        for (unsigned shape = 0; shape < (unit ? 1 : indexed ? 3 : 7); ++shape) {
          for (unsigned amode = 0; amode < (unit ? 4 : 7); ++amode) {
            if (indexed && amode == 5) continue;
            if ((int)(turn++ & 3) == thread) one(thread, op, shape, amode, pad, round, &seed);
          }
        }
      }
    }
  }
  specials(thread);
  return 0;
}
