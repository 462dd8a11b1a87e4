// Integer benchmark: what ordinary C code costs on the scalar side. Every thread runs the same mix - linked lists, a
// small matrix product, a state machine over text, checksums, strings, sorting, bit fiddling - on data of its own and
// checks the result. It prints nothing; cycles and instructions of the timed part stand in tatami_result.
#include "tatami.h"

#ifndef ITERATIONS
#define ITERATIONS 4
#endif

/// For each thread: cycles, instructions, checksum. Read by the host.
struct result {
  uint64_t cycles, instructions, checksum, reserved;
};
struct result tatami_result[4] __attribute__((aligned(64)));

#define NODES 64
#define SIZE 12
#define TEXT 256
#define SORTED 96

struct node {
  struct node* next;
  int32_t key;
  int32_t data;
};

struct work {
  struct node nodes[NODES];
  struct node* head;
  int16_t a[SIZE][SIZE], b[SIZE][SIZE];
  int32_t c[SIZE][SIZE];
  char text[TEXT];
  char copy[TEXT];
  int32_t sorted[SORTED];
};
static struct work works[4] __attribute__((aligned(64)));

static uint32_t next_random(uint32_t* state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

// --- Lists: reverse, find, sort by merging
// -----------------------------------------------------------------------------

static struct node* reverse(struct node* list) {
  struct node* done = 0;
  while (list) {
    struct node* next = list->next;
    list->next = done;
    done = list;
    list = next;
  }
  return done;
}

static const struct node* find(const struct node* list, int32_t key) {
  while (list && list->key != key) list = list->next;
  return list;
}

static struct node* merge_sort(struct node* list) {
  for (int size = 1;; size *= 2) {
    struct node *rest = list, *tail = 0;
    int merges = 0;
    list = 0;
    while (rest) {
      struct node *left = rest, *right = rest;
      int left_size = 0, right_size = size;
      ++merges;
      for (; left_size < size && right; ++left_size) right = right->next;
      while (left_size > 0 || (right_size > 0 && right)) {
        struct node* take;
        if (left_size == 0 || (right_size > 0 && right && right->key < left->key)) {
          take = right, right = right->next, --right_size;
        } else {
          take = left, left = left->next, --left_size;
        }
        if (tail) {
          tail->next = take;
        } else {
          list = take;
        }
        tail = take;
      }
      rest = right;
    }
    tail->next = 0;
    if (merges <= 1) return list;
  }
}

// --- A matrix product in 16-bit integers
// ------------------------------------------------------------------------------------

static int32_t multiply(struct work* w) {
  int32_t sum = 0;
  for (int i = 0; i < SIZE; ++i) {
    for (int j = 0; j < SIZE; ++j) {
      int32_t dot = 0;
      for (int k = 0; k < SIZE; ++k) dot += w->a[i][k] * w->b[k][j];
      w->c[i][j] = dot;
      sum += dot >> 3;
    }
  }
  return sum;
}

// --- A state machine: which kind of number is each word?
// ----------------------------------------------------------------------

enum state { START, SIGN, INTEGER, POINT, FRACTION, EXPONENT, EXPONENT_SIGN, SCIENTIFIC, INVALID, STATES };

static enum state step(enum state state, char c) {
  const int digit = c >= '0' && c <= '9', sign = c == '+' || c == '-';
  switch (state) {
    case START: return digit ? INTEGER : sign ? SIGN : c == '.' ? POINT : INVALID;
    case SIGN: return digit ? INTEGER : c == '.' ? POINT : INVALID;
    case INTEGER: return digit ? INTEGER : c == '.' ? FRACTION : c == 'e' ? EXPONENT : INVALID;
    case POINT: return digit ? FRACTION : INVALID;
    case FRACTION: return digit ? FRACTION : c == 'e' ? EXPONENT : INVALID;
    case EXPONENT: return digit ? SCIENTIFIC : sign ? EXPONENT_SIGN : INVALID;
    case EXPONENT_SIGN: return digit ? SCIENTIFIC : INVALID;
    case SCIENTIFIC: return digit ? SCIENTIFIC : INVALID;
    default: return INVALID;
  }
}

static uint32_t classify(const char* text, int length) {
  uint32_t counts[STATES] = {0};
  enum state state = START;
  for (int i = 0; i < length; ++i) {
    if (text[i] == ' ') {
      ++counts[state];
      state = START;
    } else {
      state = step(state, text[i]);
    }
  }
  uint32_t sum = 0;
  for (int i = 0; i < STATES; ++i) sum = sum * 31 + counts[i];
  return sum;
}

// --- Checksums, sorting, bits
// ----------------------------------------------------------------------------------------------------

static uint16_t crc16(const void* data, int length, uint16_t crc) {
  const uint8_t* bytes = data;
  for (int i = 0; i < length; ++i) {
    crc ^= (uint16_t)(bytes[i] << 8);
    for (int bit = 0; bit < 8; ++bit) crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
  }
  return crc;
}

static void insertion_sort(int32_t* values, int count) {
  for (int i = 1; i < count; ++i) {
    const int32_t value = values[i];
    int at = i;
    for (; at > 0 && values[at - 1] > value; --at) values[at] = values[at - 1];
    values[at] = value;
  }
}

static uint32_t bits(uint32_t seed) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < 64; ++i) {
    uint32_t x = seed + i * 0x9E3779B9u;
    x ^= x >> 15;
    uint32_t count = 0;
    for (uint32_t rest = x; rest != 0; rest &= rest - 1) ++count;
    sum = sum * 33 + (count ^ x % 1000);
  }
  return sum;
}

// --- The mix
// ---------------------------------------------------------------------------------------------------------------------------

static void prepare(struct work* w) {
  static const char sample[] = "12 -7 3.5 .25 1e9 6.02e+23 abc +4 -1.5e-3 x1 77 0.001 9e 5. ";
  uint32_t random = 12345;
  for (int i = 0; i < NODES; ++i) {
    w->nodes[i].next = i + 1 < NODES ? &w->nodes[i + 1] : 0;
    w->nodes[i].key = (int32_t)(next_random(&random) & 1023);
    w->nodes[i].data = i;
  }
  w->head = w->nodes;
  for (int i = 0; i < SIZE; ++i) {
    for (int j = 0; j < SIZE; ++j) {
      w->a[i][j] = (int16_t)((int32_t)(next_random(&random) & 255) - 128);
      w->b[i][j] = (int16_t)((int32_t)(next_random(&random) & 255) - 128);
    }
  }
  for (int i = 0; i < TEXT; ++i) w->text[i] = sample[i % (int)(sizeof sample - 1)];
  w->text[TEXT - 1] = 0;
}

static uint64_t iterate(struct work* w, uint32_t round) {
  uint64_t sum = round;
  w->head = merge_sort(w->head);
  sum = sum * 131 + (uint64_t)w->head->key;
  w->head = reverse(w->head);
  for (int32_t key = 0; key < 1024; key += 64) {
    const struct node* found = find(w->head, key);
    sum = sum * 131 + (found ? (uint64_t)found->data : 999);
  }
  for (struct node* n = w->head; n; n = n->next) n->key = (n->key * 13 + n->data) & 1023;
  sum = sum * 131 + (uint32_t)multiply(w);
  w->a[round % SIZE][3] = (int16_t)(w->a[round % SIZE][3] + 1);
  sum = sum * 131 + classify(w->text, TEXT - 1);
  strcpy(w->copy, w->text);
  sum = sum * 131 + (uint64_t)(strcmp(w->copy, w->text) == 0) + strlen(w->copy);
  w->copy[round % TEXT] ^= 1;
  sum = sum * 131 + (uint64_t)(memcmp(w->copy, w->text, TEXT) < 0);
  for (int i = 0; i < SORTED; ++i) w->sorted[i] = w->c[i % SIZE][i * 5 % SIZE] + i;
  insertion_sort(w->sorted, SORTED);
  sum = crc16(w->sorted, SORTED * 4, (uint16_t)sum) + (sum << 16);
  return sum * 131 + bits((uint32_t)sum);
}

/// iterate() summed over 4 rounds; computed by this program compiled for the host.
#define EXPECTED UINT64_C(0x93C6A02A79E4ABF8)

int main(int thread, int nthreads) {
  struct work* const w = &works[thread];
  prepare(w);
  tatami_barrier(nthreads);
  const uint64_t cycles = tatami_cycles(), instructions = tatami_instructions();
  uint64_t checksum = 0;
  for (uint32_t round = 0; round < ITERATIONS; ++round) checksum = checksum * 1000003 + iterate(w, round);
  tatami_result[thread].instructions = tatami_instructions() - instructions;
  tatami_result[thread].cycles = tatami_cycles() - cycles;
  tatami_result[thread].checksum = checksum;
  return ITERATIONS != 4 || checksum == EXPECTED ? 0 : 1;
}
