// What GCC expects of a freestanding environment.
#include "isa_test.h"

void* memcpy(void* to, const void* from, unsigned long bytes) {
  for (unsigned long i = 0; i < bytes; ++i) ((volatile char*)to)[i] = ((const char*)from)[i];
  return to;
}

void* memset(void* to, int value, unsigned long bytes) {
  for (unsigned long i = 0; i < bytes; ++i) ((volatile char*)to)[i] = (char)value;
  return to;
}
