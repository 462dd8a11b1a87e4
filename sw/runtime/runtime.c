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

/// Called by crt0.S with main's result. The fence before the barrier makes "the run has ended" mean that every thread's
/// last store has been performed.
void tatami_thread_return(int code, int thread, int nthreads) {
  if (code != 0) atomic_max_u32(&exit_code, (uint32_t)code);
  tatami_barrier(nthreads);
  if (thread == 0) exit((int)exit_code);
}
