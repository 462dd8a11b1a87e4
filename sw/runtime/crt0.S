# Start of every program. All four threads of a node begin here; those that take part call main(thread, nthreads), the others
# sleep. The host's loader has cleared .bss, so the way to main is short: kernels are timed from here. Compiled code never
# touches gp and tp; they keep the thread's number and the number of threads for the end of the run.
#include "tatami_csr.h"

    .section .text.init, "ax"
    .globl _start
    .type _start, @function
_start:
    csrr  gp, TATAMI_CSR_DTHREAD
    lla   t0, tatami_nthreads
    lw    tp, 0(t0)
    lla   sp, __stack_top
    slli  t1, gp, 12                    # __stack_bytes is 4 KB a thread, see tatami.ld
    sub   sp, sp, t1
    mv    a0, gp
    mv    a1, tp
    bgeu  gp, tp, tatami_park
    jal   ra, main
    j     tatami_thread_end             # runtime.c, with the result in a0
    .size _start, . - _start

    .globl tatami_park
    .type tatami_park, @function
tatami_park:
    wfi
    j     tatami_park
    .size tatami_park, . - tatami_park
