// Collective operations over a group of nodes (tatami/group.h). docs/collectives.md has their costs and orders of
// summation.
//
// All four threads of all nodes of the group call a function with the same arguments; arrays have the same local
// address in all nodes and are aligned to 64 bytes. A function begins with a barrier of the group, so no node's memory
// is touched before all its threads have called it, and ends with a barrier of the node's threads: then its results are
// in this node's memory. It sleeps on arrival counters, never spins, and leaves all counters as they were.
//
// A vector of `blocks` blocks of 64 bytes is cut into one chunk for each rank, tatami_chunk_begin(blocks, rank, count).
#ifndef TATAMI_COLLECTIVES_H
#define TATAMI_COLLECTIVES_H

#include "tatami/group.h"

#define TATAMI_INLINE static inline __attribute__((always_inline))
#define TATAMI_FUNCTION __attribute__((noinline, unused)) static

// --- Parts -----------------------------------------------------------------------------------------------------------

/// Waits until counter base + thread is at least `value` and subtracts it.
#define TATAMI_TAKE(thread, value, base) \
  do {                                   \
    const uint64_t take_ = (value);      \
    if (((thread)&2) == 0) {             \
      if (((thread)&1) == 0) {           \
        dn_ctr_take(take_, (base) + 0);  \
      } else {                           \
        dn_ctr_take(take_, (base) + 1);  \
      }                                  \
    } else {                             \
      if (((thread)&1) == 0) {           \
        dn_ctr_take(take_, (base) + 2);  \
      } else {                           \
        dn_ctr_take(take_, (base) + 3);  \
      }                                  \
    }                                    \
  } while (0)

#define TATAMI_LOAD4(v, p)   \
  dv_ld((v) + 0, p, 0, 0);   \
  dv_ld((v) + 1, p, 64, 0);  \
  dv_ld((v) + 2, p, 128, 0); \
  dv_ld((v) + 3, p, 192, 0)
#define TATAMI_LOADP4(v, p)  \
  dv_ldp((v) + 0, p, 64, 0); \
  dv_ldp((v) + 1, p, 64, 0); \
  dv_ldp((v) + 2, p, 64, 0); \
  dv_ldp((v) + 3, p, 64, 0)
#define TATAMI_STORE4(v, p)  \
  dv_st((v) + 0, p, 0, 0);   \
  dv_st((v) + 1, p, 64, 0);  \
  dv_st((v) + 2, p, 128, 0); \
  dv_st((v) + 3, p, 192, 0)
#define TATAMI_PUSH4(v, to, control)     \
  dn_push((v) + 0, to, control);         \
  dn_push((v) + 1, (to) + 64, control);  \
  dn_push((v) + 2, (to) + 128, control); \
  dn_push((v) + 3, (to) + 192, control)
#define TATAMI_ADD4(v, w)             \
  dv_fadd((v) + 0, (v) + 0, (w) + 0); \
  dv_fadd((v) + 1, (v) + 1, (w) + 1); \
  dv_fadd((v) + 2, (v) + 2, (w) + 2); \
  dv_fadd((v) + 3, (v) + 3, (w) + 3)

/// Blocks of one thread.
struct tatami_range {
  uint64_t begin, count;
};
TATAMI_INLINE struct tatami_range tatami_thread_range(uint64_t blocks, uint64_t thread) {
  const uint64_t begin = blocks * thread / 4;
  return (struct tatami_range){begin, blocks * (thread + 1) / 4 - begin};
}

/// How a vector is cut into chunks: the first `more` have each + 1 blocks, the others `each`.
struct tatami_chunks {
  uint64_t each, more;
};
TATAMI_INLINE struct tatami_chunks tatami_cut(uint64_t blocks, uint64_t parts) {
  const uint64_t each = blocks / parts;
  return (struct tatami_chunks){each, blocks - each * parts};
}
TATAMI_INLINE uint64_t tatami_chunk_at(struct tatami_chunks c, uint64_t i) {
  return i * c.each + (i < c.more ? i : c.more);
}
TATAMI_INLINE uint64_t tatami_chunk_size(struct tatami_chunks c, uint64_t i) { return c.each + (i < c.more); }
/// Pushes `count` blocks to consecutive places.
TATAMI_INLINE void tatami_push_blocks(uint64_t to, uint64_t from, uint64_t count, uint64_t control) {
  const uint64_t end = from + count * 64, wide = from + (count & ~UINT64_C(7)) * 64;
  dv_begin();
  while (from != wide) {
    TATAMI_LOADP4(0, from);
    TATAMI_LOADP4(4, from);
    TATAMI_PUSH4(0, to, control);
    to += 256;
    TATAMI_PUSH4(4, to, control);
    to += 256;
  }
  while (from != end) {
    dv_ldp(0, from, 64, 0);
    dn_push(0, to, control);
    to += 64;
  }
  dv_end();
}

/// Blocks of the first half of a chunk. Contributions to all first halves go before those to the second ones, so that
/// sums of the first begin while the second are on the way. A multiple of 4, as sums are taken by 4 blocks.
TATAMI_INLINE uint64_t tatami_first_half(uint64_t size, uint64_t most) {
  const uint64_t half = ((most + 1) / 2 + 3) & ~UINT64_C(3);
  return size < half ? size : half;
}

/// v0..v[width-1] <- `width` blocks of the own vector, plus those in the slots of the work memory, one after the other.
#define TATAMI_SUM_SLOTS(LOAD, ADD, own, slots, step, others) \
  do {                                                        \
    uint64_t from_ = (slots), left_ = (others);               \
    LOAD(0, own);                                             \
    if ((left_ & 1) != 0) {                                   \
      LOAD(8, from_);                                         \
      ADD(0, 8);                                              \
      from_ += (step);                                        \
    }                                                         \
    for (left_ >>= 1; left_ != 0; --left_) {                  \
      const uint64_t second_ = from_ + (step);                \
      LOAD(8, from_);                                         \
      LOAD(12, second_);                                      \
      ADD(0, 8);                                              \
      ADD(0, 12);                                             \
      from_ = second_ + (step);                               \
    }                                                         \
  } while (0)
#define TATAMI_LOAD1(v, p) dv_ld(v, p, 0, 0)
#define TATAMI_LOADP1(v, p) dv_ldp(v, p, 64, 0)
#define TATAMI_ADD1(v, w) dv_fadd(v, v, w)

/// Sends every other rank its chunk of `data`, to its work memory: there is a slot of a chunk's size for every other
/// rank. The threads take one half of a chunk after the other, in the group's order: the units serve some threads
/// first, and equal shares would not end together. The next one is taken before the last is sent, so that the answer is
/// there.
TATAMI_INLINE void tatami_scatter_contributions(struct tatami_group* group, uint64_t data, struct tatami_chunks chunks,
                                                uint64_t work) {
  const uint64_t* const nodes = (const uint64_t*)group->nodes;
  const uint32_t* const order = (const uint32_t*)group->order;
  const uint64_t rank = group->rank, step = (chunks.each + (chunks.more != 0)) * 64;
  const uint64_t half = tatami_first_half(step / 64, step / 64);
  const int64_t others = (int64_t)group->count - 1;
  uint64_t slot = work + rank * step, control = TATAMI_PUSH_COUNTED(64, TATAMI_CTR_DATA);
  int second = 0;
  int64_t task = atomic_add_s32(&group->sent, 1);
  for (;;) {
    if (task >= others) {
      if (task >= 2 * others) return;
      task -= others;
      if (!second) {
        second = 1;
        slot += half * 64;
        data += half * 64;
        control = TATAMI_PUSH_COUNTED(64, TATAMI_CTR_DATA + 1);
      }
    }
    const uint64_t to = order[task];
    task = atomic_add_s32(&group->sent, 1);
    const uint64_t there = nodes[to] | (slot - (rank > to ? step : 0));
    const uint64_t size = tatami_chunk_size(chunks, to), first = size < half ? size : half;
    tatami_push_blocks(there, data + tatami_chunk_at(chunks, to) * 64, second ? size - first : first, control);
  }
}

/// Takes the next 4 blocks of the own chunk to sum and waits for the contributions to them. Returns the first of them,
/// or `size` or more if all are taken. `ready`: blocks whose contributions this thread knows to be there, first 0.
TATAMI_INLINE uint64_t tatami_take_sums(struct tatami_group* group, uint64_t size, uint64_t half, uint64_t* ready) {
  const uint64_t others = group->count - 1;
  const uint64_t block = (uint64_t)atomic_add_s32(&group->summed, 4);
  if (block < size && block >= *ready) {
    if (block < half) {
      dn_ctr_wait(others * half, TATAMI_CTR_DATA);
      *ready = half;
    } else {
      dn_ctr_wait(others * (size - half), TATAMI_CTR_DATA + 1);
      *ready = size;
    }
  }
  return block;
}

/// Sums the own chunk at `own`. What is done with the sums: `multicast` != 0: a push with these control bits to `to`;
/// else a store to local `to`.
TATAMI_INLINE void tatami_sum_contributions(struct tatami_group* group, uint64_t own, uint64_t size, uint64_t step,
                                            uint64_t work, uint64_t to, uint64_t multicast) {
  const uint64_t others = group->count - 1, half = tatami_first_half(size, step / 64);
  const uint64_t control = multicast | TATAMI_PUSH_COUNTED(64, TATAMI_CTR_RESULT);
  uint64_t ready = 0, block;
  while ((block = tatami_take_sums(group, size, half, &ready)) < size) {
    uint64_t at = own + block * 64, slots = work + block * 64, there = to + block * 64;
    dv_begin();
    if (block + 4 <= size) {
      TATAMI_SUM_SLOTS(TATAMI_LOAD4, TATAMI_ADD4, at, slots, step, others);
      if (multicast != 0) {
        TATAMI_PUSH4(0, there, control);
      } else {
        TATAMI_STORE4(0, there);
      }
    } else {
      for (uint64_t left = size - block; left != 0; --left, at += 64, slots += 64, there += 64) {
        TATAMI_SUM_SLOTS(TATAMI_LOAD1, TATAMI_ADD1, at, slots, step, others);
        if (multicast != 0) {
          dn_push(0, there, control);
        } else {
          dv_st(0, there, 0, 0);
        }
      }
    }
    dv_end();
  }
}

/// Thread 0, when all have summed: the counters back to 0.
TATAMI_INLINE void tatami_end_sums(const struct tatami_group* group, uint64_t size, uint64_t step) {
  const uint64_t half = tatami_first_half(size, step / 64);
  dn_ctr_take((group->count - 1) * half, TATAMI_CTR_DATA);
  dn_ctr_take((group->count - 1) * (size - half), TATAMI_CTR_DATA + 1);
}

/// Sends the own chunk to all nodes, the own one too: this thread's part of it. One block every `count` cycles, all
/// threads together: as many as arrive. Bursts would get in each other's way.
TATAMI_INLINE void tatami_spread_chunk(const struct tatami_group* group, uint64_t thread, uint64_t at, uint64_t size) {
  const uint64_t control = group->multicast | TATAMI_PUSH_COUNTED(64, TATAMI_CTR_RESULT);
  const struct tatami_range mine = tatami_thread_range(size, thread);
  at += mine.begin * 64;
  for (uint64_t left = mine.count; left != 0; --left, at += 64) {
    tatami_push_blocks(group->first | at, at, 1, control);
    for (uint64_t i = group->count; i != 0; --i) __asm__ volatile("nop");
  }
}

/// Thread 0 sleeps until all chunks have come, the others until it has.
TATAMI_INLINE void tatami_await_chunks(uint64_t thread, uint64_t blocks) {
  if (thread == 0) dn_ctr_take(blocks, TATAMI_CTR_RESULT);
  dn_bar(15);
}

/// The barrier with which contributions begin: nothing has been taken yet.
TATAMI_INLINE void tatami_begin_sums(struct tatami_group* group, uint64_t thread) {
  if (thread == 0) group->sent = group->summed = 0;
  tatami_group_barrier(group, thread);
}

// --- Reduce-scatter, all-gather --------------------------------------------------------------------------------------

/// out <- the sum over all ranks of this rank's chunk of `data`, FP32: the own one, then the others in the order of
/// ranks,
/// ((x[rank] + x[0]) + x[1]) + ... `work` has room for tatami_direct_work_bytes(blocks, count). `out` may be the
/// chunk's place in `data`, not another part of it.
TATAMI_FUNCTION void tatami_reduce_scatter(struct tatami_group* group, uint64_t thread, const float* data, float* out,
                                           uint64_t blocks, void* work) {
  const struct tatami_chunks chunks = tatami_cut(blocks, group->count);
  const uint64_t size = tatami_chunk_size(chunks, group->rank), step = (chunks.each + (chunks.more != 0)) * 64;
  tatami_begin_sums(group, thread);
  tatami_scatter_contributions(group, (uint64_t)data, chunks, (uint64_t)work);
  tatami_sum_contributions(group, (uint64_t)data + tatami_chunk_at(chunks, group->rank) * 64, size, step,
                           (uint64_t)work, (uint64_t)out, 0);
  tatami_barrier(4);
  if (thread == 0) tatami_end_sums(group, size, step);
}

/// Each rank gives its chunk of `data`; afterwards all have all chunks. Any type of element.
TATAMI_FUNCTION void tatami_all_gather(struct tatami_group* group, uint64_t thread, void* data, uint64_t blocks) {
  const struct tatami_chunks chunks = tatami_cut(blocks, group->count);
  const uint64_t size = tatami_chunk_size(chunks, group->rank);
  tatami_group_barrier(group, thread);
  tatami_spread_chunk(group, thread, (uint64_t)data + tatami_chunk_at(chunks, group->rank) * 64, size);
  tatami_await_chunks(thread, blocks);
}

// --- Broadcast -------------------------------------------------------------------------------------------------------

/// Calls FUNCTION(group, thread, children, ...) with both as constants, so that the loops in it have no branch on them,
/// and counters, which are part of an instruction, no choice.
#define TATAMI_BY_CHILDREN(FUNCTION, thread, children, ...) \
  do {                                                      \
    if ((children) == 0) {                                  \
      TATAMI_BY_THREAD(FUNCTION, thread, 0, __VA_ARGS__);   \
    } else if ((children) == 1) {                           \
      TATAMI_BY_THREAD(FUNCTION, thread, 1, __VA_ARGS__);   \
    } else if ((children) == 2) {                           \
      TATAMI_BY_THREAD(FUNCTION, thread, 2, __VA_ARGS__);   \
    } else {                                                \
      TATAMI_BY_THREAD(FUNCTION, thread, 3, __VA_ARGS__);   \
    }                                                       \
  } while (0)
#define TATAMI_BY_THREAD(FUNCTION, thread, children, ...) \
  do {                                                    \
    if ((thread) == 0) {                                  \
      FUNCTION(group, 0, children, __VA_ARGS__);          \
    } else if ((thread) == 1) {                           \
      FUNCTION(group, 1, children, __VA_ARGS__);          \
    } else if ((thread) == 2) {                           \
      FUNCTION(group, 2, children, __VA_ARGS__);          \
    } else {                                              \
      FUNCTION(group, 3, children, __VA_ARGS__);          \
    }                                                     \
  } while (0)

/// Passes on `width` blocks that have come down the tree.
#define TATAMI_PASS(width, LOAD, PUSH)                                 \
  do {                                                                 \
    if (!top) TATAMI_TAKE(thread, (uint64_t)(width), TATAMI_CTR_DOWN); \
    LOAD(0, at);                                                       \
    PUSH(0, first, control);                                           \
    first += (width)*64;                                               \
    if (children > 1) {                                                \
      PUSH(0, second, control);                                        \
      second += (width)*64;                                            \
    }                                                                  \
    if (children > 2) {                                                \
      PUSH(0, third, control);                                         \
      third += (width)*64;                                             \
    }                                                                  \
  } while (0)

TATAMI_INLINE void tatami_pass_down_to(const struct tatami_group* group, const uint64_t thread, const uint64_t children,
                                       uint64_t at, uint64_t blocks) {
  const struct tatami_tree* const tree = &group->tree[thread / 2];
  const uint64_t control = TATAMI_PUSH_COUNTED(64, TATAMI_CTR_DOWN + thread);
  const int top = tree->parent == group->here;
  uint64_t first = tree->child[0] | at, second = tree->child[1] | at, third = tree->child[2] | at;
  if (children == 0) {
    if (!top) TATAMI_TAKE(thread, blocks, TATAMI_CTR_DOWN);
    return;
  }
  dv_begin();
  for (; blocks >= 4; blocks -= 4) TATAMI_PASS(4, TATAMI_LOADP4, TATAMI_PUSH4);
  for (; blocks != 0; --blocks) TATAMI_PASS(1, TATAMI_LOADP1, dn_push);
  dv_end();
}

/// Passes on what comes down the tree: this thread's blocks, a leaf's only counted.
TATAMI_FUNCTION void tatami_pass_down(const struct tatami_group* group, uint64_t thread, uint64_t at, uint64_t blocks) {
  TATAMI_BY_CHILDREN(tatami_pass_down_to, thread, group->tree[thread / 2].children, at, blocks);
}

/// All nodes get rank `root`'s `data`. Any type of element. It goes to the roots of the trees and down, not by
/// multicast: every node acknowledges every block of a multicast, and one sender of all blocks takes one
/// acknowledgement a cycle.
TATAMI_FUNCTION void tatami_broadcast(struct tatami_group* group, uint64_t thread, void* data_, uint64_t blocks,
                                      uint64_t root) {
  const uint64_t data = (uint64_t)data_, rank = group->rank;
  tatami_group_barrier(group, thread);
  const struct tatami_range mine = tatami_thread_range(blocks, thread);
  const uint64_t at = data + mine.begin * 64, top = thread < 2 ? 0 : group->count - 1;
  if (root != top && rank == root) {
    tatami_push_blocks(((const uint64_t*)group->nodes)[top] | at, at, mine.count,
                       TATAMI_PUSH_COUNTED(64, TATAMI_CTR_CHILD + thread));
  }
  if (root != top && rank == top) TATAMI_TAKE(thread, mine.count, TATAMI_CTR_CHILD);
  tatami_pass_down(group, thread, at, mine.count);
  dn_bar(15);
}

// --- All-reduce ------------------------------------------------------------------------------------------------------

#include "tatami/mover.h"

/// One pass of the direct algorithm: contributions to the ranks, each sums its chunk and spreads it.
TATAMI_INLINE void tatami_all_reduce_direct(struct tatami_group* group, uint64_t thread, uint64_t data, uint64_t blocks,
                                            uint64_t work) {
  const struct tatami_chunks chunks = tatami_cut(blocks, group->count);
  const uint64_t own = data + tatami_chunk_at(chunks, group->rank) * 64, step = (chunks.each + (chunks.more != 0)) * 64;
  const uint64_t size = tatami_chunk_size(chunks, group->rank);
  tatami_begin_sums(group, thread);
  tatami_scatter_contributions(group, data, chunks, work);
  tatami_sum_contributions(group, own, size, step, work, group->first | own, group->multicast);
  tatami_await_chunks(thread, blocks);
  if (thread == 0) tatami_end_sums(group, size, step);
}

/// Adds the blocks that child c has sent to v0..v3 (or v0).
#define TATAMI_ADD_CHILD(c, width, LOADP, ADD)                          \
  do {                                                                  \
    TATAMI_TAKE(thread, (uint64_t)(width), TATAMI_CTR_CHILD + 4 * (c)); \
    LOADP(8, from_child##c);                                            \
    ADD(0, 8);                                                          \
  } while (0)
#define TATAMI_ADD_CHILDREN(width, LOAD, LOADP, ADD)          \
  do {                                                        \
    LOAD(0, at);                                              \
    if (children > 0) TATAMI_ADD_CHILD(0, width, LOADP, ADD); \
    if (children > 1) TATAMI_ADD_CHILD(1, width, LOADP, ADD); \
    if (children > 2) TATAMI_ADD_CHILD(2, width, LOADP, ADD); \
  } while (0)

TATAMI_INLINE void tatami_sum_up_from(const struct tatami_group* group, const uint64_t thread, const uint64_t children,
                                      uint64_t data, uint64_t blocks, uint64_t work) {
  const struct tatami_range mine = tatami_thread_range(blocks, thread);
  const struct tatami_tree* const tree = &group->tree[thread / 2];
  const uint64_t control = TATAMI_PUSH_COUNTED(64, TATAMI_CTR_CHILD + 4 * tree->slot + thread);
  uint64_t at = data + mine.begin * 64, left = mine.count;
  uint64_t from_child0 = work + mine.begin * 64, from_child1 = from_child0 + blocks * 64,
           from_child2 = from_child1 + blocks * 64;
  const int top = tree->parent == group->here;
  uint64_t to = tree->parent | (from_child0 + tree->slot * blocks * 64);
  dv_begin();
  for (; left >= 4; left -= 4, at += 256, to += 256) {
    TATAMI_ADD_CHILDREN(4, TATAMI_LOAD4, TATAMI_LOADP4, TATAMI_ADD4);
    if (!top) {
      TATAMI_PUSH4(0, to, control);
    } else {
      TATAMI_STORE4(0, at);
    }
  }
  for (; left != 0; --left, at += 64, to += 64) {
    TATAMI_ADD_CHILDREN(1, TATAMI_LOAD1, TATAMI_LOADP1, TATAMI_ADD1);
    if (!top) {
      dn_push(0, to, control);
    } else {
      dv_st(0, at, 0, 0);
    }
  }
  dv_end();
}

/// One pass up the trees: every node adds its children's sums to its own vector, in the order of the children, and
/// sends them to its parent; the root keeps them.
TATAMI_FUNCTION void tatami_sum_up(const struct tatami_group* group, uint64_t thread, uint64_t data, uint64_t blocks,
                                   uint64_t work) {
  TATAMI_BY_CHILDREN(tatami_sum_up_from, thread, group->tree[thread / 2].children, data, blocks, work);
}

/// One pass up the tree and down again.
TATAMI_INLINE void tatami_all_reduce_tree(struct tatami_group* group, uint64_t thread, uint64_t data, uint64_t blocks,
                                          uint64_t work) {
  const struct tatami_range mine = tatami_thread_range(blocks, thread);
  tatami_group_barrier(group, thread);
  tatami_sum_up(group, thread, data, blocks, work);
  tatami_pass_down(group, thread, data + mine.begin * 64, mine.count);
  tatami_barrier(4);
}

/// All-reduce by threads, direct or by trees.
TATAMI_FUNCTION int tatami_all_reduce_threads(struct tatami_group* group, uint64_t thread, uint64_t data,
                                              uint64_t blocks, uint64_t work, uint64_t work_bytes,
                                              enum tatami_all_reduce_algorithm algorithm) {
  const uint64_t count = group->count;
  const uint64_t most = tatami_all_reduce_blocks(algorithm, blocks, work_bytes, count, group->most_children);
  if (most == 0) return 1;
  while (blocks != 0) {
    const uint64_t pass = blocks < most ? blocks : most;
    if (algorithm == TATAMI_ALL_REDUCE_DIRECT) {
      tatami_all_reduce_direct(group, thread, data, pass, work);
    } else {
      tatami_all_reduce_tree(group, thread, data, pass, work);
    }
    data += pass * 64;
    blocks -= pass;
  }
  return 0;
}

/// data <- the sum of all ranks' `data`, FP32, in all nodes. `work` has `work_bytes`; with less than
/// tatami_all_reduce_work_bytes the vector is done in several passes, each cut by itself, so sums may differ in their
/// order. Returns 0, or 1 and does nothing if that is not enough for one block a node, or if the algorithm is the
/// mover's and the group has no phases (tatami_group_phases). Direct sums chunk r as tatami_reduce_scatter does, ((x[r]
/// + x[0]) + x[1]) + ...; mover likewise, but the others in the order of the phases in which they send to r; tree as
/// its nodes do: own vector, then the sums of children 0, 1, 2. tatami_all_reduce_choice has the fastest.
TATAMI_INLINE int tatami_all_reduce(struct tatami_group* group, uint64_t thread, float* data_, uint64_t blocks,
                                    void* work, uint64_t work_bytes, enum tatami_all_reduce_algorithm algorithm) {
  uint64_t data = (uint64_t)data_;
  if (group->count == 1) return 0;
  if (algorithm != TATAMI_ALL_REDUCE_MOVER)
    return tatami_all_reduce_threads(group, thread, data, blocks, (uint64_t)work, work_bytes, algorithm);
  if (group->phases == 0 || work_bytes < tatami_mover_chunk_bytes(1, group->count)) return 1;
  while (blocks != 0) {
    const uint64_t pass = tatami_all_reduce_mover(group, thread, data, blocks, (uint64_t)work, work_bytes);
    data += pass * 64;
    blocks -= pass;
  }
  return 0;
}

#include "tatami/exchanges.h"

#endif
