// Groups of nodes for kernels: the description of a rectangle, and the barrier. See docs/collectives.md.
#ifndef TATAMI_GROUP_H
#define TATAMI_GROUP_H

#include "tatami.h"
#include "tatami/collective_args.h"

/// Arrival counters that groups and collectives use; the others are the program's. A program that needs other numbers
/// defines the first before it includes this file.
#ifndef TATAMI_COLLECTIVE_COUNTERS
#define TATAMI_COLLECTIVE_COUNTERS 8
#endif
#define TATAMI_CTR_DATA (TATAMI_COLLECTIVE_COUNTERS + 0)     // 2, one a half of the chunk: blocks to be summed
#define TATAMI_CTR_LIST (TATAMI_COLLECTIVE_COUNTERS + 1)     // mover: finished lists
#define TATAMI_CTR_RESULT (TATAMI_COLLECTIVE_COUNTERS + 2)   // blocks of the result
#define TATAMI_CTR_GATHER (TATAMI_COLLECTIVE_COUNTERS + 3)   // barrier: at the nodes that gather
#define TATAMI_CTR_RELEASE (TATAMI_COLLECTIVE_COUNTERS + 4)  // barrier: at every node; 5 is not used
#define TATAMI_CTR_ARRIVED (TATAMI_COLLECTIVE_COUNTERS + 6)  // mover: 16, blocks to be summed by the slot they come to
#define TATAMI_CTR_DOWN (TATAMI_COLLECTIVE_COUNTERS + 6)     // 4, one a thread: what comes down the tree
#define TATAMI_CTR_CHILD (TATAMI_COLLECTIVE_COUNTERS + 10)   // 12: 4*child + thread, sums that come up the tree
#define TATAMI_COLLECTIVE_COUNTER_COUNT 22

/// The trigger that barriers use, from their beginning to their end; the other three are the program's. A program that
/// needs another number defines it before it includes this file.
#ifndef TATAMI_COLLECTIVE_TRIGGER
#define TATAMI_COLLECTIVE_TRIGGER 0
#endif

/// Control word of a dn.push of `bytes` bytes that adds 1 to counter `counter`.
#define TATAMI_PUSH_COUNTED(bytes, counter) ((uint64_t)(bytes) | (uint64_t)(counter) << 8 | 1u << 15)
/// Control bits of a dn.push to all nodes from the address's to (last_x, last_y).
#define TATAMI_PUSH_RECTANGLE(last_x, last_y) (1u << 16 | (uint64_t)(last_x) << 24 | (uint64_t)(last_y) << 32)

static inline uint64_t tatami_global(uint64_t x, uint64_t y) { return y << 40 | x << 32; }

/// Describes the width x height rectangle whose first node is (x0, y0). `nodes` has room for all its global addresses,
/// `order` for one rank less than there are. Call it in one thread of each of its nodes, before a barrier of the
/// threads; `group` must have the same local address in all of them (a static variable). Returns 0, or 1 if the
/// rectangle is empty or not inside the fabric, or this node not in the rectangle. The rectangle must not hold dead
/// nodes.
__attribute__((unused)) static int tatami_group_rectangle(struct tatami_group* group, uint64_t* nodes, uint32_t* order,
                                                          uint64_t x0, uint64_t y0, uint64_t width, uint64_t height) {
  const uint64_t x = csr_read(TATAMI_CSR_DNODEX), y = csr_read(TATAMI_CSR_DNODEY);
  if (width == 0 || height == 0 || x0 + width > csr_read(TATAMI_CSR_DFABW) || y0 + height > csr_read(TATAMI_CSR_DFABH))
    return 1;
  if (x < x0 || x >= x0 + width || y < y0 || y >= y0 + height) return 1;
  for (uint64_t j = 0, i = 0; j < height; ++j) {
    for (uint64_t k = 0; k < width; ++k) nodes[i++] = tatami_global(x0 + k, y0 + j);
  }
  tatami_group_order(order, (uint32_t)width, (uint32_t)height, (uint32_t)(x - x0), (uint32_t)(y - y0));
  group->nodes = (uint64_t)nodes;
  group->order = (uint64_t)order;
  group->here = tatami_global(x, y);
  group->multicast = TATAMI_PUSH_RECTANGLE(x0 + width - 1, y0 + height - 1);
  group->first = nodes[0];
  group->count = (uint32_t)(width * height);
  group->rank = (uint32_t)((y - y0) * width + x - x0);
  group->width = (uint32_t)width;
  group->height = (uint32_t)height;
  // Rows lead to the first column and it to the first row; and to the last column, and it to the last row.
  const int west = x > x0, east = x + 1 < x0 + width, north = y > y0, south = y + 1 < y0 + height;
  const uint64_t here = group->here, one_x = tatami_global(1, 0), one_y = tatami_global(0, 1);
  struct tatami_tree* const first = &group->tree[0];
  struct tatami_tree* const last = &group->tree[1];
  first->children = last->children = 0;
  if (east) first->child[first->children++] = here + one_x;
  if (!west && south) first->child[first->children++] = here + one_y;
  first->parent = west ? here - one_x : north ? here - one_y : here;
  first->slot = !west && width > 1;
  if (west) last->child[last->children++] = here - one_x;
  if (!east && north) last->child[last->children++] = here - one_y;
  last->parent = east ? here + one_x : south ? here + one_y : here;
  last->slot = !east && width > 1;
  group->most_children = (width > 1) + (height > 1);
  group->depth = (uint32_t)(width + height - 2);
  tatami_group_set_barrier(group, nodes);
  group->phases = 0;
  return 0;
}

/// Prepares a group of up to TATAMI_MOVER_MOST_NODES nodes for all-reduce by block mover. `phases` has room for all
/// nodes, for 16 at least: so many are read at a time. In one thread of each node, before a barrier of the threads.
__attribute__((unused)) static void tatami_group_phases(struct tatami_group* group, struct tatami_phase* phases) {
  tatami_group_set_phases(group, (const uint64_t*)group->nodes, phases);
  group->phases = (uint64_t)phases;
}

/// What thread 0 of a node tells when all its threads are here, and for what it waits.
struct tatami_group_message {
  uint64_t to, control;
};
static inline struct tatami_group_message tatami_group_message(const struct tatami_group* group) {
  const uint64_t control = group->barrier_control;
  const uint64_t counter = (control >> 16 & 1) != 0 ? TATAMI_CTR_RELEASE : TATAMI_CTR_GATHER;
  return (struct tatami_group_message){group->barrier_to | counter, control};
}
static inline void tatami_group_meet(struct tatami_group_message message) {
  if (message.control == 0) {
    dn_sig(message.to, (uint64_t)1);
  } else {
    dn_arm(message.to, message.control, TATAMI_CTR_GATHER, TATAMI_COLLECTIVE_TRIGGER);
  }
  dn_ctr_take((uint64_t)1, TATAMI_CTR_RELEASE);
}

/// All four threads of all nodes of the group wait for each other. What each has stored in its own memory, and pushed
/// or put anywhere, is there when any of them returns. Gathered and released by triggers, which a node that gathers
/// arms each time: once all four threads of all nodes are here, no instruction is executed before the release.
static inline void tatami_group_barrier(const struct tatami_group* group, uint64_t thread) {
  if (thread != 0 || group->count == 1) {
    tatami_barrier(4);
  } else {
    const struct tatami_group_message message = tatami_group_message(group);
    tatami_barrier(4);
    tatami_group_meet(message);
  }
  dn_bar(15);
}

#endif
