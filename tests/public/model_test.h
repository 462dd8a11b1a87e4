// clang-format off
// What the public architecture tests (riscv-arch-test, frameworks 2 and 3) ask of a target, for one Tatami node: how a test
// starts, how it ends, and where its signature lies. arch_test.h of the checkout includes nothing of ours but this file.
#ifndef TATAMI_MODEL_TEST_H
#define TATAMI_MODEL_TEST_H

#ifndef XLEN
#define XLEN 64
#endif

// The tests are written for one hart; the node's other three wait for ever.
#define RVMODEL_BOOT \
  csrr t0, mhartid;  \
  9:                 \
  bnez t0, 9b;

// The run ends with the store to tohost. The signature says whether the test passed, so the exit code is always 0.
#define RVMODEL_HALT \
  fence;             \
  li t0, 1;          \
  la t1, tohost;     \
  sd t0, 0(t1);      \
  9:                 \
  j 9b;

// 16-byte alignment is what the reference signatures have. tohost has a 64-byte block of its own, so that no reservation of
// a test covers it.
#define RVMODEL_DATA_BEGIN   \
  .balign 16;                \
  .global begin_signature;   \
  begin_signature:

#define RVMODEL_DATA_END                  \
  .balign 16;                             \
  .global end_signature;                  \
  end_signature:                          \
  .pushsection .tohost, "aw", @progbits;  \
  .balign 64;                             \
  .global tohost;                         \
  tohost:                                 \
  .dword 0;                               \
  .balign 64;                             \
  .global fromhost;                       \
  fromhost:                               \
  .dword 0;                               \
  .popsection;

// No console: the signature is the whole result.
#define RVMODEL_IO_INIT
#define RVMODEL_IO_WRITE_STR(scratch, text)
#define RVMODEL_IO_CHECK()
#define RVMODEL_IO_ASSERT_GPR_EQ(scratch, reg, value)
#define RVMODEL_IO_ASSERT_SFPR_EQ(scratch, reg, value)
#define RVMODEL_IO_ASSERT_DFPR_EQ(scratch, reg, value)

// A node has no software, timer or external interrupt (docs/isa.md, section 2: mie, mip).
#define RVMODEL_SET_MSW_INT
#define RVMODEL_CLEAR_MSW_INT
#define RVMODEL_CLR_MSW_INT
#define RVMODEL_CLEAR_MTIMER_INT
#define RVMODEL_CLR_MTIMER_INT
#define RVMODEL_CLEAR_MEXT_INT
#define RVMODEL_CLR_MEXT_INT

#endif
