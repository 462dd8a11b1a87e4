// What crt0.S and the host need from every program, and the end of a run.
#include "tatami.h"

uint32_t tatami_nthreads __attribute__((section(".data"))) = 4;
uint8_t tatami_args[512] __attribute__((aligned(64), section(".data.args"))) = {0};

volatile uint64_t tohost __attribute__((section(".tohost"), aligned(64))) = 0;
volatile uint64_t fromhost __attribute__((section(".tohost"))) = 0;

void exit(int code) {
  tatami_fence();
  tohost = (uint64_t)(uint32_t)code << 1 | 1;
  for (;;) __asm__ volatile("wfi");
}

/// The end of a thread: main returns here with its result. A failure ends the run at once.
__attribute__((noreturn, used, section(".text.init.end"))) void tatami_thread_end(int code) {
  register uint64_t thread __asm__("gp");
  register int64_t nthreads __asm__("tp");
  __asm__ volatile("" : "=r"(thread), "=r"(nthreads));
  if (__builtin_expect(code != 0, 0)) exit(code);
  tatami_end(thread, nthreads);
}
