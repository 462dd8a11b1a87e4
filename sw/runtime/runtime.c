// What crt0.S and the host need from every program, and the end of a run.
#include "tatami.h"

uint32_t tatami_nthreads __attribute__((section(".data"))) = 4;
uint8_t tatami_args[512] __attribute__((aligned(64), section(".data.args"))) = {0};

volatile uint64_t tohost __attribute__((section(".tohost"), aligned(64))) = 0;
volatile uint64_t fromhost __attribute__((section(".tohost"))) = 0;

static uint32_t exit_code;

void exit(int code) {
  tatami_fence();
  tohost = (uint64_t)(uint32_t)code << 1 | 1;
  for (;;) __asm__ volatile("wfi");
}

/// The end of a thread: main returns here with its result. The fence before the barrier makes "the run has ended" mean
/// that every thread's last store has been performed. Linked beside crt0.S, whose instructions are still at hand.
__attribute__((noreturn, used, section(".text.init.end"))) void tatami_thread_end(int code) {
  register uint64_t thread __asm__("gp");
  register uint64_t nthreads __asm__("tp");
  __asm__ volatile("" : "=r"(thread), "=r"(nthreads));
  if (__builtin_expect(code != 0, 0)) atomic_max_u32(&exit_code, (uint32_t)code);
  tatami_barrier((int)nthreads);
  if (thread == 0) tohost = (uint64_t)exit_code << 1 | 1;
  for (;;) __asm__ volatile("wfi");
}
