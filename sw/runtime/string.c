// The functions that GCC may call for plain C code, and a few more of <string.h>. Doublewords where both sides are
// aligned.
#include "tatami.h"

// Loops must stay loops: not recognised as calls of the functions they implement.
#pragma GCC optimize("no-tree-loop-distribute-patterns")

typedef uint64_t __attribute__((may_alias)) word;

void* memcpy(void* restrict to, const void* restrict from, size_t bytes) {
  uint8_t* d = to;
  const uint8_t* s = from;
  if ((((uintptr_t)d | (uintptr_t)s) & 7) == 0) {
    for (; bytes >= 32; bytes -= 32, d += 32, s += 32) {
      word a = ((const word*)s)[0], b = ((const word*)s)[1], c = ((const word*)s)[2], e = ((const word*)s)[3];
      ((word*)d)[0] = a;
      ((word*)d)[1] = b;
      ((word*)d)[2] = c;
      ((word*)d)[3] = e;
    }
    for (; bytes >= 8; bytes -= 8, d += 8, s += 8) *(word*)d = *(const word*)s;
  }
  for (; bytes != 0; --bytes) *d++ = *s++;
  return to;
}

void* memmove(void* to, const void* from, size_t bytes) {
  uint8_t* d = to;
  const uint8_t* s = from;
  if ((uintptr_t)d - (uintptr_t)s >= bytes) return memcpy(to, from, bytes);
  while (bytes-- != 0) d[bytes] = s[bytes];
  return to;
}

void* memset(void* to, int value, size_t bytes) {
  uint8_t* d = to;
  for (; bytes != 0 && ((uintptr_t)d & 7) != 0; --bytes) *d++ = (uint8_t)value;
  word fill = (uint8_t)value * UINT64_C(0x0101010101010101);
  for (; bytes >= 8; bytes -= 8, d += 8) *(word*)d = fill;
  for (; bytes != 0; --bytes) *d++ = (uint8_t)value;
  return to;
}

int memcmp(const void* a, const void* b, size_t bytes) {
  const uint8_t *x = a, *y = b;
  for (; bytes != 0; --bytes, ++x, ++y)
    if (*x != *y) return *x - *y;
  return 0;
}

size_t strlen(const char* s) {
  const char* end = s;
  while (*end != 0) ++end;
  return (size_t)(end - s);
}

int strcmp(const char* a, const char* b) {
  while (*a != 0 && *a == *b) ++a, ++b;
  return (uint8_t)*a - (uint8_t)*b;
}

char* strcpy(char* restrict to, const char* restrict from) {
  char* d = to;
  while ((*d++ = *from++) != 0) {
  }
  return to;
}
