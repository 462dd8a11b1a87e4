// Lists of transfers, which the node's block mover works off without the threads (docs/isa.md, section 8.2).
//
//   static struct tatami_transfer list[2];
//   list[0] = tatami_pull_rows(from, to, 4, 16, 1024, 256);  // 16 rows of 4 blocks of 64 bytes
//   list[1] = tatami_transfer_signal(there, 1);              // then one more of a counter there
//   tatami_list_start(list, 2, 5);                           // adds 1 to the own counter 5 when all is done
//   ...
//   dn_ctr_take((uint64_t)1, 5);
//
// Descriptors are read while the list runs: leave them alone until it has finished. A list that is wrong ends where it
// is, and the thread gets a trap with cause TATAMI_LIST_FAILED at its next fence, wait or list.
#ifndef TATAMI_LIST_H
#define TATAMI_LIST_H

#include "tatami.h"

#define TATAMI_LIST_FAILED 25

struct tatami_transfer {
  uint16_t control;  // bits 1:0 kind, 2 wait, 3 multicast, 4 sig, 12:8 counter
  uint8_t x1, y1;    // multicast: the last column and row
  uint16_t blocks;   // in a row, of 64 bytes
  uint16_t rows;
  uint64_t global;
  uint64_t local;  // signal: the addend
  uint32_t global_stride, local_stride;
} __attribute__((aligned(32)));
_Static_assert(sizeof(struct tatami_transfer) == 32, "a descriptor has 32 bytes");

/// Bits of `control`.
#define TATAMI_TRANSFER_PUSH 0
#define TATAMI_TRANSFER_PULL 1
#define TATAMI_TRANSFER_SIGNAL 2
#define TATAMI_TRANSFER_WAIT (1 << 2)  // begins when all before it is acknowledged
#define TATAMI_TRANSFER_MULTICAST (1 << 3)
#define TATAMI_TRANSFER_SIG(counter) (1 << 4 | (counter) << 8)  // every block adds 1: there (push), here (pull)

/// `rows` rows of `blocks` blocks from the global address to the local one; rows are `from_stride` and `to_stride`
/// bytes apart.
static inline struct tatami_transfer tatami_pull_rows(uint64_t from, const void* to, uint16_t blocks, uint16_t rows,
                                                      uint32_t from_stride, uint32_t to_stride) {
  return (struct tatami_transfer){.control = TATAMI_TRANSFER_PULL,
                                  .blocks = blocks,
                                  .rows = rows,
                                  .global = from,
                                  .local = (uint64_t)to,
                                  .global_stride = from_stride,
                                  .local_stride = to_stride};
}
/// From the local address to the global one.
static inline struct tatami_transfer tatami_push_rows(const void* from, uint64_t to, uint16_t blocks, uint16_t rows,
                                                      uint32_t from_stride, uint32_t to_stride) {
  return (struct tatami_transfer){.control = TATAMI_TRANSFER_PUSH,
                                  .blocks = blocks,
                                  .rows = rows,
                                  .global = to,
                                  .local = (uint64_t)from,
                                  .global_stride = to_stride,
                                  .local_stride = from_stride};
}
/// As dn_sig: adds to counter bits 4:0 of the node that the address names.
static inline struct tatami_transfer tatami_transfer_signal(uint64_t there, uint32_t value) {
  return (struct tatami_transfer){.control = TATAMI_TRANSFER_SIGNAL, .global = there, .local = value};
}

/// Waits as a fence does, then hands the list over. When it is finished, counter `counter` of this node gets 1 more.
static inline __attribute__((always_inline)) void tatami_list_start(const struct tatami_transfer* list, uint64_t count,
                                                                    uint64_t counter) {
  dn_list(list, count | counter << 16 | 1 << 23);
}

#endif
