// Groups of nodes, and the arguments of the kernel `collective.elf`. Plain C, shared by kernels and the host.
//
// A group is a set of nodes that call the functions of tatami/collectives.h together: a rectangle without dead nodes,
// which a kernel can describe by itself (tatami_group_rectangle), or all live nodes of a fabric, which the host
// describes (sim/host/group.h). Its nodes are numbered row by row from the one nearest to (0, 0): the rank.
#ifndef TATAMI_COLLECTIVE_ARGS_H
#define TATAMI_COLLECTIVE_ARGS_H

#include <stdint.h>

#define TATAMI_GROUP_MOST_CHILDREN 3u
/// Up to this many nodes a barrier is gathered by one node, above in two levels.
#define TATAMI_GROUP_FLAT 12u

/// A node's place in a tree whose edges are links. Tree 0 has rank 0 as its root; a node's parent is the neighbour that
/// is nearest to the root, of several W, then N, E, S; children are numbered in the order E, S, W, N. Tree 1 is the
/// same turned by half a circle: root the last rank, parents E, S, W, N, children W, N, E, S. So the nodes that have
/// two children lie in the first column of one and the last of the other.
struct tatami_tree {
  uint64_t parent;
  uint64_t child[TATAMI_GROUP_MOST_CHILDREN];
  uint32_t children, slot;  // slot: which child of its parent this node is
};

/// To whom a node sends in a phase of all-reduce by block mover. The words stand where those are of a descriptor that
/// are made from them (tatami_describe).
struct tatami_phase {
  uint32_t counter, none0;      // which arrival counter there counts what this node sends
  uint32_t slot, node;          // where there is room for it; y << 8 | x
  uint32_t rank, across, down;  // across, down: of phase number i, the own one included; not used afterwards
  uint32_t none1;
};

struct tatami_group {
  uint64_t nodes;      // local address of `count` global addresses {y, x, 0}, in the order of ranks
  uint64_t order;      // local address of count - 1 ranks (32 bits), the order in which all others are sent to
  uint64_t here;       // the own one
  uint64_t multicast;  // control bits of a dn.push to all nodes of the group and no other
  uint64_t first;      // global address of the first corner of the multicast's rectangle, which may be dead
  uint64_t phases;  // local address of `count` struct tatami_phase, the last the own one, or 0: tatami_group_set_phases
  uint32_t count, rank;
  uint32_t inverse;            // 2^32 / count, rounded up: a division takes its time
  uint32_t first_pieces;       // pieces of TATAMI_PIECE_BLOCKS in the first list of contributions
  uint32_t width, height;      // of the rectangle; 0 if the group is none
  struct tatami_tree tree[2];  // of threads 0 and 1, and of threads 2 and 3
  uint32_t most_children;      // of any node of the group
  uint32_t depth;              // links from a root to the node that is farthest from it
  // Barriers (tatami_group_set_barrier): the node that this one tells, and, of a node that gathers, operands of dn.arm:
  // x[rs2] is what it waits for, with the multicast if it is the one that releases all; of others 0.
  uint64_t barrier_to, barrier_control;
  uint32_t barrier_steps;  // signals that follow each other
  // Work that the threads take: ranks to send to, and blocks of the own chunk; how many are taken.
  uint32_t sent, summed;
} __attribute__((aligned(64)));

/// Share `part` of `parts` of `blocks` blocks begins here: all have blocks / parts, the first blocks % parts one more.
static inline uint64_t tatami_chunk_begin(uint64_t blocks, uint64_t part, uint64_t parts) {
  const uint64_t each = blocks / parts, more = blocks % parts;
  return part * each + (part < more ? part : more);
}

/// Least r with r * r >= count.
static inline uint32_t tatami_group_root(uint32_t count) {
  uint32_t r = 1;
  while (r * r < count) ++r;
  return r;
}

/// Consecutive ranks that one node gathers: all of a small group, of others about the square root of their number,
/// whole rows or an even part of one if the group is a rectangle.
static inline uint32_t tatami_group_team(const struct tatami_group* group) {
  const uint32_t count = group->count, root = tatami_group_root(count), width = group->width;
  if (count <= TATAMI_GROUP_FLAT) return count;
  if (width == 0) return root;
  if (width <= root) return root / width * width;
  const uint32_t parts = (width + root - 1) / root;
  return (width + parts - 1) / parts;
}

/// Sets barrier_to, barrier_control and barrier_steps; `nodes` are the `count` global addresses of the group. Teams
/// tell the node in their middle; those tell the one of the team in the middle, which releases all.
static inline void tatami_group_set_barrier(struct tatami_group* group, const uint64_t* nodes) {
  const uint32_t count = group->count, team = tatami_group_team(group), teams = (count + team - 1) / team;
  const uint32_t mine = group->rank / team, first = mine * team;
  const uint32_t size = count - first < team ? count - first : team;
  const uint32_t leader = first + size / 2;
  const uint32_t middle = teams / 2 * team;
  const uint32_t root = middle + (count - middle < team ? count - middle : team) / 2;
  if (group->rank == root) {
    group->barrier_to = group->first;
    group->barrier_control = (size - 1 + teams - 1) | group->multicast;
  } else if (group->rank == leader) {
    group->barrier_to = nodes[root];
    group->barrier_control = size - 1;
  } else {
    group->barrier_to = nodes[leader];
    group->barrier_control = 0;
  }
  group->barrier_steps = teams > 1 ? 3 : 2;
}

/// Distance `k` of the distances 0..size-1 on a ring of `size` nodes, the farthest first.
static inline uint32_t tatami_group_distance(uint32_t size, uint32_t k) {
  return (k & 1) != 0 ? size / 2 - (k + 1) / 2 : (size / 2 + k / 2) % size;
}

/// The order in which rank x + y * width of a width x height grid sends to all others, into `order`, width * height - 1
/// long: every node in the same order of offsets, so that at any time each is the destination of as many nodes, and
/// those that are far in x take turns with those that are far in y, so that all links carry something at all times.
static inline void tatami_group_order(uint32_t* order, uint32_t width, uint32_t height, uint32_t x, uint32_t y) {
  const uint32_t count = width * height, taken = UINT32_C(1) << 31;
  for (uint32_t i = 0; i + 1 < count; ++i) order[i] = 0;
  uint32_t next[2] = {0, 0};  // of the offsets sorted by x, then y; and of those sorted by y, then x
  for (uint32_t i = 0; i + 1 < count; ++i) {
    for (;;) {
      const uint32_t k = next[i & 1]++;
      const uint32_t dx = tatami_group_distance(width, (i & 1) == 0 ? k / height : k % width);
      const uint32_t dy = tatami_group_distance(height, (i & 1) == 0 ? k % height : k / width);
      const uint32_t offset = dy * width + dx;
      if (offset == 0 || (order[offset - 1] & taken) != 0) continue;
      order[offset - 1] |= taken;
      order[i] |= (y + dy) % height * width + (x + dx) % width;
      break;
    }
  }
  for (uint32_t i = 0; i + 1 < count; ++i) order[i] &= ~taken;
}

// --- All-reduce by block mover ---------------------------------------------------------------------------------------

/// Nodes of a group for which there are arrival counters: one for each other.
#define TATAMI_MOVER_MOST_NODES 17u
/// Blocks of a chunk that are sent to one node at a time, or a multiple; and that are summed at a time, 4 a thread.
#define TATAMI_PIECE_BLOCKS 8u
#define TATAMI_SUM_BLOCKS 16u
/// A chunk has so many pieces at most.
#define TATAMI_MOST_PIECES 16u

/// Where position `p` of a line of `size` nodes sends in step `k`: in each step every position is sent to once, and
/// over all steps each sends to all, itself included.
static inline uint32_t tatami_phase_partner(uint32_t size, uint32_t k, uint32_t p) {
  // Of four, one of each half always crosses the middle, so that no link ever carries two. Of other numbers, all are as
  // far apart, the farthest first.
  if (size == 4) return ((p >> 1) ^ (k >> 1) ^ (p & 1)) << 1 | ((p ^ k) & 1);
  return (p + tatami_group_distance(size, k)) % size;
}

/// Whom each rank of a width x height grid sends to in a phase of this step.
static inline uint32_t tatami_phase_receiver(const struct tatami_phase* step, uint32_t width, uint32_t height,
                                             uint32_t rank) {
  return tatami_phase_partner(height, step->down, rank / width) * width +
         tatami_phase_partner(width, step->across, rank % width);
}

/// Fills the phases of a group whose other fields are set, and what else follows from the number of nodes; `nodes` are
/// their global addresses. `phases` has room for all nodes. The group's field of that name, an address, is left as it
/// is. A phase is a step of the rows and one of the columns, so every node is sent to once. Rows that send far take
/// turns with columns that do, so that all links carry something at all times.
static inline void tatami_group_set_phases(struct tatami_group* group, const uint64_t* nodes,
                                           struct tatami_phase* phases) {
  const uint32_t count = group->count;
  const uint32_t width = group->width != 0 ? group->width : count, height = group->width != 0 ? group->height : 1;
  uint32_t next[2] = {0, 0}, partners = 0;  // next: of the steps sorted by row, then column; and by column, then row
  for (uint32_t phase = 0; phase < count; ++phase) {
    uint32_t across, down, taken;
    do {
      const uint32_t k = next[phase & 1]++;
      across = (phase & 1) == 0 ? k / height : k % width;
      down = (phase & 1) == 0 ? k % height : k / width;
      taken = 0;
      for (uint32_t p = 0; p < phase; ++p) taken |= phases[p].across == across && phases[p].down == down;
    } while (taken);
    phases[phase].across = across;
    phases[phase].down = down;
  }
  for (uint32_t phase = 0; phase < count; ++phase) {
    const uint32_t to = tatami_phase_receiver(&phases[phase], width, height, group->rank);
    uint32_t own = 0;  // the phase in which it would send to itself, and gets nothing
    while (tatami_phase_receiver(&phases[own], width, height, to) != to) ++own;
    // What comes to it first has the last slot.
    struct tatami_phase* const entry = &phases[to == group->rank ? count - 1 : partners++];
    entry->slot = entry->counter = to == group->rank ? 0 : count - 1 - phase - (own > phase);
    entry->rank = to;
    entry->node = (uint32_t)(nodes[to] >> 32);
  }
  group->inverse = count == 1 ? 0xFFFFFFFFu : (uint32_t)(((UINT64_C(1) << 32) + count - 1) / count);
  const uint32_t sent = (count - 1) * TATAMI_PIECE_BLOCKS;  // the first list sends for some 360 cycles
  group->first_pieces = sent == 0 ? 1 : (360 + sent - 1) / sent;
}

static inline uint64_t tatami_parts(uint64_t blocks, uint64_t part) { return (blocks + part - 1) / part; }
/// Blocks of part `begin` and up, at most `part`, of `size`.
static inline uint64_t tatami_in_part(uint64_t size, uint64_t begin, uint64_t part) {
  const uint64_t left = size > begin ? size - begin : 0;
  return left < part ? left : part;
}
/// How many times TATAMI_PIECE_BLOCKS a piece of a chunk of `each` blocks is; and how many pieces it has.
static inline uint64_t tatami_piece_scale(uint64_t each) {
  return tatami_parts(each, TATAMI_MOST_PIECES * TATAMI_PIECE_BLOCKS);
}
static inline uint64_t tatami_pieces(uint64_t each) {
  const uint64_t scale = tatami_piece_scale(each);
  return scale <= 1 ? tatami_parts(each, TATAMI_PIECE_BLOCKS) : tatami_parts(each, scale * TATAMI_PIECE_BLOCKS);
}
/// Descriptors for which there must be room behind each of the four lists.
#define TATAMI_LIST_ROOM 16u
/// Bytes of work memory for chunks of `each` blocks: a chunk from each other rank, and lists with a transfer for each
/// other rank and piece, of what is sent and of what is spread.
static inline uint64_t tatami_mover_chunk_bytes(uint64_t each, uint64_t count) {
  return (count - 1) * each * 64 + ((count - 1) * 2 * tatami_pieces(each) + 4 * TATAMI_LIST_ROOM) * 32;
}
/// Blocks of a vector for which so much is enough, a multiple of `count`.
static inline uint64_t tatami_mover_blocks(uint64_t work_bytes, uint64_t count) {
  uint64_t each = work_bytes / ((count - 1) * 64);
  while (each != 0 && tatami_mover_chunk_bytes(each, count) > work_bytes) --each;
  return each * count;
}
static inline uint64_t tatami_mover_work_bytes(uint64_t blocks, uint64_t count) {
  return tatami_mover_chunk_bytes(tatami_parts(blocks, count), count);
}

// Bytes of work memory with which a function needs one pass; `blocks` are the 64-byte blocks of the whole vector.
static inline uint64_t tatami_direct_work_bytes(uint64_t blocks, uint64_t count) {
  return (blocks + count - 1) / count * (count - 1) * 64;
}
static inline uint64_t tatami_tree_work_bytes(uint64_t blocks, uint64_t most_children) {
  return blocks * (most_children == 0 ? 1 : most_children) * 64;
}

enum tatami_all_reduce_algorithm {
  TATAMI_ALL_REDUCE_DIRECT = 0,
  TATAMI_ALL_REDUCE_TREE = 1,
  TATAMI_ALL_REDUCE_MOVER = 2
};

/// The fastest algorithm as measured (docs/collectives.md). Trees' flits go to neighbours only; lists for the block
/// mover are worth their while for vectors that are not too short.
static inline enum tatami_all_reduce_algorithm tatami_all_reduce_choice(uint64_t blocks, uint64_t count) {
  if (count == 16 && blocks >= 256 && blocks <= 2048) return TATAMI_ALL_REDUCE_MOVER;
  return count <= 32 ? TATAMI_ALL_REDUCE_DIRECT : TATAMI_ALL_REDUCE_TREE;
}

/// Bytes of work memory with which all-reduce needs one pass.
static inline uint64_t tatami_all_reduce_work_bytes(enum tatami_all_reduce_algorithm algorithm, uint64_t blocks,
                                                    uint64_t count, uint64_t most_children) {
  if (algorithm == TATAMI_ALL_REDUCE_MOVER) return count <= 1 ? 0 : tatami_mover_work_bytes(blocks, count);
  return algorithm == TATAMI_ALL_REDUCE_DIRECT ? tatami_direct_work_bytes(blocks, count)
                                               : tatami_tree_work_bytes(blocks, most_children);
}
/// Blocks of one pass with so much work memory, at most `blocks`; 0: too little.
static inline uint64_t tatami_all_reduce_blocks(enum tatami_all_reduce_algorithm algorithm, uint64_t blocks,
                                                uint64_t work_bytes, uint64_t count, uint64_t most_children) {
  if (count <= 1) return blocks;  // nothing to do
  const uint64_t room = work_bytes / 64;
  const uint64_t most = algorithm == TATAMI_ALL_REDUCE_MOVER  ? tatami_mover_blocks(work_bytes, count)
                        : algorithm == TATAMI_ALL_REDUCE_TREE ? room / most_children
                                                              : room / (count - 1) * count;
  return most < blocks ? most : blocks;
}

// --- collective.elf --------------------------------------------------------------------------------------------------

enum tatami_collective {
  TATAMI_COLLECTIVE_LATENCY = 0,  // rank 0 and rank 1 push 64 bytes to and fro, `rounds` times
  TATAMI_COLLECTIVE_BARRIER = 1,  // `rounds` barriers
  TATAMI_COLLECTIVE_BROADCAST = 2,
  TATAMI_COLLECTIVE_ALL_REDUCE = 3,
  TATAMI_COLLECTIVE_REDUCE_SCATTER = 4,
  TATAMI_COLLECTIVE_ALL_GATHER = 5,
  TATAMI_COLLECTIVE_TRANSPOSE = 6,
  TATAMI_COLLECTIVE_HALO = 7,
};

/// When a node was in a repetition of the operation: thread 0's cycles before its call and after its return.
struct tatami_collective_times {
  uint64_t begin, end;
};

struct tatami_collective_args {
  struct tatami_group group;
  uint32_t member;  // 0: this node is not of the group
  uint32_t operation;
  uint32_t algorithm;
  uint32_t repeats;  // the operation is done so many times
  uint32_t rounds;
  uint32_t root;
  uint64_t bytes;
  uint64_t data, out, work, work_bytes;
  uint64_t rows, columns;  // transpose: of the whole matrix; halo: of a node's tile
  uint64_t pitch, halo;
  uint64_t times;  // local address of `repeats` struct tatami_collective_times, which the kernel writes
};

#endif
