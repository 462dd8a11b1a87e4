// All-reduce by block mover, for few nodes: every node sends every other its part of the vector by lists of transfers;
// the threads sum, and the sums are spread by lists again. Included by tatami/collectives.h.
//
// All nodes send to the others in the same order of phases: in each, no two send to the same (tatami_group_set_phases).
// They send pieces of some blocks to each in turn, so that all links carry something at all times, and each is added
// when it comes, to sums in registers.
#ifndef TATAMI_MOVER_H
#define TATAMI_MOVER_H

#include "tatami_list.h"

/// How a group shares a vector.
struct tatami_plan {
  uint64_t partners;       // the other nodes
  uint64_t blocks, each;   // of the vector, and of a chunk; the last ones have less
  uint64_t scale, pieces;  // a piece is `scale` times TATAMI_PIECE_BLOCKS; so many has a chunk
  uint64_t step;           // bytes of a chunk, or a slot
  uint64_t slots;          // where contributions come, the first to come to the last slot
  uint64_t own, size;      // the own chunk of the vector, and its blocks
  struct tatami_transfer* lists;
};

/// The plan for a vector of `blocks` blocks with slots and lists at `work`.
TATAMI_INLINE struct tatami_plan tatami_mover_plan(const struct tatami_group* group, uint64_t data, uint64_t blocks,
                                                   uint64_t each, uint64_t work) {
  struct tatami_plan plan;
  plan.partners = group->count - 1;
  plan.blocks = blocks;
  plan.each = each;
  plan.scale = tatami_piece_scale(each);
  plan.pieces = tatami_pieces(each);
  plan.step = each * 64;
  plan.slots = work;
  plan.own = data + group->rank * plan.step;
  plan.size = tatami_in_part(blocks, group->rank * each, each);
  plan.lists = (struct tatami_transfer*)(work + plan.partners * plan.step);
  return plan;
}

/// Blocks of a chunk, as SRAMs hold them: blocks / count, rounded up, without a division.
TATAMI_INLINE uint64_t tatami_chunk_blocks(const struct tatami_group* group, uint64_t blocks) {
  return (blocks + group->count - 1) * group->inverse >> 32;
}

// --- Lists of transfers ----------------------------------------------------------------------------------------------

/// A list has one transfer for every partner in each of some parts of a chunk, one part after the other. It is one
/// thread's work: it writes 16 descriptors at a time, as they are in vectors, and what is too many is overwritten by
/// the next part's, or is the room behind the list (TATAMI_LIST_ROOM).
struct tatami_list {
  struct tatami_transfer* transfers;
  uint64_t first_part, end_part;
};

/// The list behind another one, in memory.
TATAMI_INLINE struct tatami_list tatami_list_behind(const struct tatami_plan* plan, struct tatami_list list,
                                                    uint64_t first_part, uint64_t end_part) {
  const uint64_t used = (list.end_part - list.first_part) * plan->partners;
  return (struct tatami_list){list.transfers + used + TATAMI_LIST_ROOM, first_part, end_part};
}

/// Starts a list, which may be empty.
TATAMI_INLINE void tatami_start(const struct tatami_plan* plan, struct tatami_list list) {
  tatami_list_start(list.transfers, (list.end_part - list.first_part) * plan->partners, TATAMI_CTR_LIST);
}

/// What all partners are sent alike.
struct tatami_flow {
  uint64_t control, counters;  // of the transfers; and what is added to it for each of the partner's counters
  uint64_t size;               // blocks; the list's last part may have less than a piece
  uint64_t global, slot;       // local address there; and bytes from one slot there to the next
  uint64_t local, chunk;       // address here; and bytes from one rank's chunk to the next one's
};

/// v8 to v15 <- 16 partners' struct tatami_phase, times v0.
#define TATAMI_LOAD_PRODUCTS(p) \
  dv_ld(8, p, 0, 0);            \
  dv_ld(9, p, 64, 0);           \
  dv_ld(10, p, 128, 0);         \
  dv_ld(11, p, 192, 0);         \
  dv_ld(12, p, 256, 0);         \
  dv_ld(13, p, 320, 0);         \
  dv_ld(14, p, 384, 0);         \
  dv_ld(15, p, 448, 0);         \
  dv_mul(8, 8, 0);              \
  dv_mul(9, 9, 0);              \
  dv_mul(10, 10, 0);            \
  dv_mul(11, 11, 0);            \
  dv_mul(12, 12, 0);            \
  dv_mul(13, 13, 0);            \
  dv_mul(14, 14, 0);            \
  dv_mul(15, 15, 0)
/// Stores them, plus v1.
#define TATAMI_STORE_SUMS(p) \
  dv_add(16, 8, 1);          \
  dv_add(17, 9, 1);          \
  dv_add(18, 10, 1);         \
  dv_add(19, 11, 1);         \
  dv_add(20, 12, 1);         \
  dv_add(21, 13, 1);         \
  dv_add(22, 14, 1);         \
  dv_add(23, 15, 1);         \
  dv_st(16, p, 0, 0);        \
  dv_st(17, p, 64, 0);       \
  dv_st(18, p, 128, 0);      \
  dv_st(19, p, 192, 0);      \
  dv_st(20, p, 256, 0);      \
  dv_st(21, p, 320, 0);      \
  dv_st(22, p, 384, 0);      \
  dv_st(23, p, 448, 0)

/// Describes the transfers of a list, all of whose parts hold blocks. 32-bit word w of a descriptor is word w of the
/// partner's struct tatami_phase times v0, plus v1; v2 leads from v1 of a part to the next.
TATAMI_INLINE void tatami_describe(const struct tatami_group* group, const struct tatami_plan* plan,
                                   const struct tatami_flow* flow, struct tatami_list list) {
  const uint64_t partners = plan->partners, piece = plan->scale * TATAMI_PIECE_BLOCKS, bytes = piece * 64;
  const uint64_t begin = list.first_part * piece, one = 1, one_row = 1 << 16, global = flow->global + begin * 64,
                 local = flow->local + begin * 64;
  uint64_t to = (uint64_t)list.transfers, left = list.end_part - list.first_part;
  uint64_t blocks = flow->size - begin;
  dv_begin();
  dv_mv_v_x(0, 0);
  dv_mv_v_x(1, 0);
  dv_mv_v_x(2, 0);
  dv_ins_w(0, flow->counters, 0);
  dv_ins_w(1, flow->control, 0);
  dv_ins_w(2, bytes, 2);
  dv_ins_w(0, flow->slot, 2);
  dv_ins_w(1, global, 2);
  dv_ins_w(2, bytes, 4);
  dv_ins_w(0, one, 3);
  dv_ins_w(1, local, 4);
  dv_ext_w(6, 2, 2, 8);
  dv_ins_w(0, flow->chunk, 4);
  dv_ext_w(5, 1, 1, 8);
  dv_or(2, 2, 6);
  dv_ext_w(4, 0, 0, 8);
  dv_or(1, 1, 5);
  dv_or(0, 0, 4);
  TATAMI_LOAD_PRODUCTS(group->phases);
  for (; left != 0; --left, blocks -= piece) {
    const uint64_t size = (blocks < piece ? blocks : piece) + one_row;
    dv_ins_w(1, size, 1);
    dv_ins_w(1, size, 9);
    TATAMI_STORE_SUMS(to);
    to += partners * 32;
    dv_add(1, 1, 2);
  }
  dv_end();
}

/// The transfers of contributions, a part a piece.
TATAMI_INLINE void tatami_describe_sends(const struct tatami_group* group, const struct tatami_plan* plan,
                                         uint64_t data, struct tatami_list list) {
  const uint64_t push = TATAMI_TRANSFER_PUSH | TATAMI_TRANSFER_SIG(TATAMI_CTR_ARRIVED), partners = plan->partners;
  const struct tatami_flow flow = {push, 256, plan->each, plan->slots, plan->step, data, plan->step};
  tatami_describe(group, plan, &flow, list);
  if (partners * plan->each + plan->each == plan->blocks) return;
  // Of the last chunks there may be less.
  const struct tatami_phase* const phases = (const struct tatami_phase*)group->phases;
  const uint64_t piece = plan->scale * TATAMI_PIECE_BLOCKS;
  for (uint64_t i = 0; i < partners; ++i) {
    const uint64_t size = tatami_in_part(plan->blocks, phases[i].rank * plan->each, plan->each);
    if (size == plan->each) continue;
    for (uint64_t part = list.first_part; part < list.end_part; ++part) {
      struct tatami_transfer* const transfer = &list.transfers[(part - list.first_part) * partners + i];
      const uint64_t blocks = tatami_in_part(size, part * piece, piece);
      if (blocks == 0) {
        *transfer = tatami_transfer_signal(transfer->global, 0);  // a push must not be empty
      } else {
        transfer->blocks = (uint16_t)blocks;
      }
    }
  }
}

/// The transfers of the own chunk, a part a piece.
TATAMI_INLINE void tatami_describe_spread(const struct tatami_group* group, const struct tatami_plan* plan,
                                          struct tatami_list list) {
  const uint64_t push = TATAMI_TRANSFER_PUSH | TATAMI_TRANSFER_SIG(TATAMI_CTR_RESULT);
  const struct tatami_flow flow = {push, 0, plan->size, plan->own, 0, plan->own, 0};
  tatami_describe(group, plan, &flow, list);
}

/// Pieces of the own chunk.
TATAMI_INLINE uint64_t tatami_own_pieces(const struct tatami_plan* plan) {
  if (plan->size == plan->each) return plan->pieces;
  uint64_t pieces = 0;
  while (pieces * plan->scale * TATAMI_PIECE_BLOCKS < plan->size) ++pieces;
  return pieces;
}

// --- Sums ------------------------------------------------------------------------------------------------------------

/// INSTRUCTION(value, counter) for counter number `k` of TATAMI_CTR_ARRIVED.
#define TATAMI_COUNTER2(INSTRUCTION, k, value, c)       \
  do {                                                  \
    if (((k)&1) == 0) {                                 \
      INSTRUCTION(value, TATAMI_CTR_ARRIVED + (c));     \
    } else {                                            \
      INSTRUCTION(value, TATAMI_CTR_ARRIVED + (c) + 1); \
    }                                                   \
  } while (0)
#define TATAMI_COUNTER4(INSTRUCTION, k, value, c)      \
  do {                                                 \
    if (((k)&2) == 0) {                                \
      TATAMI_COUNTER2(INSTRUCTION, k, value, c);       \
    } else {                                           \
      TATAMI_COUNTER2(INSTRUCTION, k, value, (c) + 2); \
    }                                                  \
  } while (0)
#define TATAMI_COUNTER(INSTRUCTION, k, value)        \
  do {                                               \
    const uint64_t value_ = (value);                 \
    if (((k)&8) == 0) {                              \
      if (((k)&4) == 0) {                            \
        TATAMI_COUNTER4(INSTRUCTION, k, value_, 0);  \
      } else {                                       \
        TATAMI_COUNTER4(INSTRUCTION, k, value_, 4);  \
      }                                              \
    } else {                                         \
      if (((k)&4) == 0) {                            \
        TATAMI_COUNTER4(INSTRUCTION, k, value_, 8);  \
      } else {                                       \
        TATAMI_COUNTER4(INSTRUCTION, k, value_, 12); \
      }                                              \
    }                                                \
  } while (0)

/// v0..v3 <- 4 blocks at `own` plus those of all slots, the last slot first, whose blocks are at `from`, when `arrived`
/// blocks of each have come. The threads together can issue hardly more instructions than this takes while the blocks
/// arrive: no loop, and no choice of the counter.
#define TATAMI_SUM_SLOT(k)                        \
  dn_ctr_wait(arrived, TATAMI_CTR_ARRIVED + (k)); \
  TATAMI_LOAD4(8, from);                          \
  from -= step;                                   \
  TATAMI_ADD4(0, 8)
TATAMI_INLINE void tatami_sum_4(uint64_t partners, uint64_t own, uint64_t from, uint64_t step, uint64_t arrived) {
  TATAMI_LOAD4(0, own);
  switch (partners) {
    default: TATAMI_SUM_SLOT(15); __attribute__((fallthrough));
    case 15: TATAMI_SUM_SLOT(14); __attribute__((fallthrough));
    case 14: TATAMI_SUM_SLOT(13); __attribute__((fallthrough));
    case 13: TATAMI_SUM_SLOT(12); __attribute__((fallthrough));
    case 12: TATAMI_SUM_SLOT(11); __attribute__((fallthrough));
    case 11: TATAMI_SUM_SLOT(10); __attribute__((fallthrough));
    case 10: TATAMI_SUM_SLOT(9); __attribute__((fallthrough));
    case 9: TATAMI_SUM_SLOT(8); __attribute__((fallthrough));
    case 8: TATAMI_SUM_SLOT(7); __attribute__((fallthrough));
    case 7: TATAMI_SUM_SLOT(6); __attribute__((fallthrough));
    case 6: TATAMI_SUM_SLOT(5); __attribute__((fallthrough));
    case 5: TATAMI_SUM_SLOT(4); __attribute__((fallthrough));
    case 4: TATAMI_SUM_SLOT(3); __attribute__((fallthrough));
    case 3: TATAMI_SUM_SLOT(2); __attribute__((fallthrough));
    case 2: TATAMI_SUM_SLOT(1); __attribute__((fallthrough));
    case 1: TATAMI_SUM_SLOT(0);
  }
}

/// This thread's part of the sums of the own chunk's blocks begin .. end - 1, in their place. `begin` is a multiple of
/// TATAMI_SUM_BLOCKS. Sums are formed by so many blocks, as they come, 4 a thread.
TATAMI_INLINE void tatami_sum_blocks(const struct tatami_plan* plan, uint64_t thread, uint64_t begin, uint64_t end) {
  const uint64_t last = plan->slots + (plan->partners - 1) * plan->step,
                 whole = end & ~(uint64_t)(TATAMI_SUM_BLOCKS - 1);
  uint64_t at = (begin + 4 * thread) * 64, arrived = begin + TATAMI_SUM_BLOCKS;
  if (begin == end) return;
  dv_begin();
  for (; arrived <= whole; arrived += TATAMI_SUM_BLOCKS, at += TATAMI_SUM_BLOCKS * 64) {
    tatami_sum_4(plan->partners, plan->own + at, last + at, plan->step, arrived);
    TATAMI_STORE4(0, plan->own + at);
  }
  const struct tatami_range mine = tatami_thread_range(end - whole, thread);
  if (mine.count != 0) {
    for (uint64_t k = 0; k < plan->partners; ++k) TATAMI_COUNTER(dn_ctr_wait, k, end);
  }
  at = (whole + mine.begin) * 64;
  for (uint64_t left = mine.count; left != 0; --left, at += 64) {
    uint64_t from = last + at;
    dv_ld(0, plan->own + at, 0, 0);
    for (uint64_t slots = plan->partners; slots != 0; --slots, from -= plan->step) {
      dv_ld(8, from, 0, 0);
      dv_fadd(0, 0, 8);
    }
    dv_st(0, plan->own + at, 0, 0);
  }
  dv_end();
}

/// When all have summed, one thread: the counters back to 0.
TATAMI_INLINE void tatami_mover_end_sums(const struct tatami_plan* plan) {
  for (uint64_t k = 0; k < plan->partners; ++k) TATAMI_COUNTER(dn_ctr_take, k, plan->size);
}

// --- Operations ------------------------------------------------------------------------------------------------------

/// One pass, between the meeting of the nodes and a barrier of the threads. Returns how many blocks it has done, all or
/// those for which `work_bytes` are enough.
TATAMI_FUNCTION uint64_t tatami_mover_pass(const struct tatami_group* group, uint64_t thread, uint64_t data,
                                           uint64_t blocks, uint64_t work, uint64_t work_bytes) {
  uint64_t each = tatami_chunk_blocks(group, blocks);
  if (tatami_mover_chunk_bytes(each, group->count) > work_bytes) {
    blocks = tatami_mover_blocks(work_bytes, group->count);
    each = tatami_chunk_blocks(group, blocks);
  }
  const struct tatami_plan made = tatami_mover_plan(group, data, blocks, each, work), *const plan = &made;
  // The first contributions should be on their way as soon as all nodes are ready: thread 1 describes and starts them
  // before all else. Then thread 2 describes the others', 0 and 1 how the sums of the first half and of the second are
  // spread. Thread 3 begins with the sums, as the units serve it last.
  const uint64_t first_pieces = plan->scale <= 1 ? group->first_pieces : tatami_parts(group->first_pieces, plan->scale);
  const struct tatami_list first = {plan->lists, 0, first_pieces < plan->pieces ? first_pieces : plan->pieces};
  const uint64_t started = 1;
  if (thread == 1) {
    tatami_describe_sends(group, plan, data, first);
    tatami_fence();
    dn_bar(3);
    tatami_start(plan, first);
    dn_ctr_add(started, TATAMI_CTR_DATA);
  }
  const uint64_t pieces = tatami_own_pieces(plan), half = pieces >> 1;
  const struct tatami_list rest = tatami_list_behind(plan, first, first.end_part, plan->pieces);
  const struct tatami_list early = tatami_list_behind(plan, rest, 0, half);
  const struct tatami_list late = tatami_list_behind(plan, early, half, pieces);
  if (thread == 0) {
    dn_bar(3);
    tatami_describe_spread(group, plan, early);
  } else if (thread == 1) {
    tatami_describe_spread(group, plan, late);
  } else if (thread == 2) {
    tatami_describe_sends(group, plan, data, rest);
    dn_ctr_take(started, TATAMI_CTR_DATA);
    tatami_start(plan, rest);
  }
  // The sums of the first half are spread as soon as the contributions have been sent, while those of the second are
  // formed.
  const uint64_t early_blocks = half * plan->scale * TATAMI_PIECE_BLOCKS + TATAMI_SUM_BLOCKS - 1;
  const uint64_t rounded = early_blocks & ~(uint64_t)(TATAMI_SUM_BLOCKS - 1);
  const uint64_t middle = rounded < plan->size ? rounded : plan->size;
  tatami_sum_blocks(plan, thread, 0, middle);
  tatami_barrier(4);
  if (thread == 1) tatami_start(plan, early);
  tatami_sum_blocks(plan, thread, middle, plan->size);
  tatami_barrier(4);
  if (thread == 1) tatami_start(plan, late);
  if (thread == 2) tatami_mover_end_sums(plan);
  // Own lists too: they read what the caller may change next.
  const uint64_t lists = 4;
  if (thread == 1) dn_ctr_take(lists, TATAMI_CTR_LIST);
  if (thread == 0) dn_ctr_take(blocks - plan->size, TATAMI_CTR_RESULT);
  return blocks;
}

/// All-reduce of the first blocks, at most `blocks`; returns how many. Thread 0 meets the other nodes, and the threads
/// tell each other by barriers in the pass; they plan meanwhile.
TATAMI_INLINE uint64_t tatami_all_reduce_mover(const struct tatami_group* group, uint64_t thread, uint64_t data,
                                               uint64_t blocks, uint64_t work, uint64_t work_bytes) {
  tatami_barrier(4);
  if (thread == 0) tatami_group_meet(tatami_group_message(group));
  const uint64_t done = tatami_mover_pass(group, thread, data, blocks, work, work_bytes);
  dn_bar(15);
  return done;
}

#endif
