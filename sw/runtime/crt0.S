# Start of every program. All four threads of a node begin here; those that take part call main(thread, nthreads), the others
# sleep. The host's loader has cleared .bss, and gp is not used, so the way to main is short: kernels are timed from here.
#include "tatami_csr.h"

    .section .text.init, "ax"
    .globl _start
    .type _start, @function
_start:
    csrr  a0, TATAMI_CSR_DTHREAD
    lla   t0, tatami_nthreads
    lw    a1, 0(t0)
    lla   sp, __stack_top
    slli  t1, a0, 12                    # __stack_bytes is 4 KB a thread, see tatami.ld
    sub   sp, sp, t1
    bgeu  a0, a1, park
    call  main                          # it may use every other register, see the kernels' flags
    csrr  a1, TATAMI_CSR_DTHREAD
    lla   t0, tatami_nthreads
    lw    a2, 0(t0)
    call  tatami_thread_return          # (exit code, thread, threads); returns in threads other than 0
park:
    wfi
    j     park
    .size _start, . - _start
