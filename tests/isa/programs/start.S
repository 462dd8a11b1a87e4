# Start, end and trap handler of the instruction-set tests, and the execution of instruction words made at run time.
#include "tatami_csr.h"

    .section .text.init, "ax"
    .globl _start
_start:
    csrr  s11, TATAMI_CSR_DTHREAD
    lla   sp, __stack_top
    slli  t0, s11, 12
    sub   sp, sp, t0
    lla   t1, trap_area
    slli  t0, s11, 7
    add   t1, t1, t0
    csrw  mscratch, t1
    lla   t1, trap_entry
    csrw  mtvec, t1
    mv    a0, s11
    call  test_main
    bnez  a0, test_fail
    fence
    lla   t0, threads_passed
    li    t1, 1
    amoadd.d t1, t1, (t0)
    addi  t1, t1, -3
    beqz  t1, test_pass           # the last of four
1:  wfi
    j     1b

test_pass:
    lla   t0, tohost
    li    t1, 1
    sw    t1, 0(t0)
    j     .

# test_fail(number): ends the run with it as exit code.
    .globl test_fail
test_fail:
    fence
    lla   t0, tohost
    slli  a0, a0, 1
    ori   a0, a0, 1
    sw    a0, 0(t0)
    j     .

# Records the trap in the thread's struct trap_area and goes on at `resume`, or after the instruction if that is 0.
    .align 2
trap_entry:
    csrrw t6, mscratch, t6
    sd    t5, 0(t6)
    csrr  t5, mcause
    sd    t5, 16(t6)
    csrr  t5, mepc
    sd    t5, 24(t6)
    csrr  t5, mtval
    sd    t5, 32(t6)
    csrr  t5, mstatus
    sd    t5, 40(t6)
    ld    t5, 8(t6)
    addi  t5, t5, 1
    sd    t5, 8(t6)
    ld    t5, 48(t6)
    sd    zero, 48(t6)
    bnez  t5, 1f
    csrr  t5, mepc
    addi  t5, t5, 4
1:  csrw  mepc, t5
    ld    t5, 0(t6)
    csrrw t6, mscratch, t6
    mret

    .text
# execute(registers, word): a0..a5 from registers[0..5], then the word, then a0..a5 back.
    .globl execute
execute:
    addi  sp, sp, -32
    sd    ra, 0(sp)
    sd    s0, 8(sp)
    sd    s1, 16(sp)
    mv    s0, a0
    csrr  t0, TATAMI_CSR_DTHREAD
    slli  t0, t0, 6
    lla   s1, execute_slots
    add   s1, s1, t0
    sw    a1, 0(s1)
    fence.i
    ld    a0, 0(s0)
    ld    a1, 8(s0)
    ld    a2, 16(s0)
    ld    a3, 24(s0)
    ld    a4, 32(s0)
    ld    a5, 40(s0)
    jalr  s1
    sd    a0, 0(s0)
    sd    a1, 8(s0)
    sd    a2, 16(s0)
    sd    a3, 24(s0)
    sd    a4, 32(s0)
    sd    a5, 40(s0)
    ld    ra, 0(sp)
    ld    s0, 8(sp)
    ld    s1, 16(sp)
    addi  sp, sp, 32
    ret

    .globl execute_slots
    .align 6
execute_slots:
    .rept 4
    nop
    ret
    .align 6
    .endr

    .data
    .globl trap_area
    .align 7
trap_area:
    .space 4 * 128
    .align 6
threads_passed:
    .dword 0

    .section .tohost, "aw", @progbits
    .globl tohost, fromhost
    .align 6
tohost:
    .dword 0
fromhost:
    .dword 0
