// How a node of matmul_mesh.c gets its rows of A and its panels of B.
//
// The nodes of a logical row hold shares of the same rows of A, those of a logical column shares of the same panels of
// B: each is a *line* of nodes along which shares travel both ways, one place at a time. A node pulls from its lower
// neighbour that one's own share, then what that one has got from its own lower neighbour, and so on to the first
// node's share; likewise from its higher neighbour. With every share that it has got from one side it tells the
// neighbour on the other side, by an arrival counter, so that it may pull it. What is fetched together, 16 rows of A or
// a panel of B, is an *element*. Every thread that fetches deals with the same thread of the neighbours, over counters
// of its own, and all take their elements in the same order.
//
// Nobody waits in a circle: a share waits only for the same element's share one place nearer to its owner, and elements
// wait for earlier elements of the same thread. The second panel, which is fetched among the rows, waits for rows of
// other logical rows, but rows that come before it never wait for a panel. A panel that takes a used place in the ring
// comes after all rows; it waits for the neighbours to have fetched the old panel and for the own threads to have
// multiplied with it, which needs earlier elements only.

// Arrival counters of the node. Two threads fetch the rest (f = 0, 1); every thread t has a line in each direction.
enum {
  ROWS_READY = 0,    // + f: elements of A that fetcher f has got after the first ones
  PANELS_READY = 2,  // + f: the same for panels
  ITEM_DONE = 4,
  TAKEN = 6,    // + 2f + side: panels of fetcher f that the neighbour on that side has fetched from here
  SHARES = 12,  // + 4t + 2*(B) + side: shares from that side that the neighbour there has got
};
enum { LOW = 0, HIGH = 1 };

/// dn.ctr.wait on a counter whose number is not a constant.
static __attribute__((noinline)) void wait_for(uint64_t counter, uint64_t value) {
  // clang-format off
#define WAIT(n) case n: dn_ctr_wait(value, n); break;
  switch (counter) {
    WAIT(6) WAIT(7) WAIT(8) WAIT(9)
    WAIT(12) WAIT(13) WAIT(14) WAIT(15) WAIT(16) WAIT(17) WAIT(18) WAIT(19)
    WAIT(20) WAIT(21) WAIT(22) WAIT(23) WAIT(24) WAIT(25) WAIT(26) WAIT(27)
    default: __builtin_trap();
  }
#undef WAIT
  // clang-format on
}

ALWAYS_INLINE void tell(uint64_t node, uint64_t counter) { dn_sig(node | counter, (uint64_t)1); }

/// `count` blocks of 64 bytes, `from_step` and `to_step` bytes apart.
static void pull_blocks(uint64_t from, uint64_t from_step, uint64_t to, uint64_t to_step, uint64_t count) {
  for (; count >= 4; count -= 4) {
    dn_pull(from, to, 0, 0);
    from += from_step, to += to_step;
    dn_pull(from, to, 0, 0);
    from += from_step, to += to_step;
    dn_pull(from, to, 0, 0);
    from += from_step, to += to_step;
    dn_pull(from, to, 0, 0);
    from += from_step, to += to_step;
  }
  for (; count != 0; --count) {
    dn_pull(from, to, 0, 0);
    from += from_step, to += to_step;
  }
}

/// An element, or a thread's part of it.
typedef struct {
  const MeshArgs* args;
  uint64_t at;           // A: its first row; B: the slot's address
  uint64_t count;        // A: rows; B: the panel's number
  uint64_t part, parts;  // B: the part of each share
} Element;

typedef void PullShare(const Element* element, uint64_t node, uint64_t share, uint64_t own);

/// Chunks of 64 bytes of rows of A; every node holds them in the same place.
static void pull_share_of_a(const Element* element, uint64_t node, uint64_t share, uint64_t own) {
  (void)own;
  const MeshArgs* const args = element->args;
  const uint64_t lda = args->local.lda, chunks = lda / 64, columns = args->grid_columns;
  const uint64_t last = tatami_share(chunks, share + 1, columns);
  for (uint64_t chunk = tatami_share(chunks, share, columns); chunk < last; ++chunk) {
    const uint64_t at = args->local.a + element->at * lda + chunk * 64;
    pull_blocks(node | at, lda, at, lda, element->count);
  }
}

/// Rows of a panel of B: a node's own share lies beside the ring.
static void pull_share_of_b(const Element* element, uint64_t node, uint64_t share, uint64_t own) {
  const MeshArgs* const args = element->args;
  const uint64_t k = args->local.k, rows = args->grid_rows;
  const uint64_t base = tatami_share(k, share, rows), count = tatami_share(k, share + 1, rows) - base;
  const uint64_t first = tatami_share(count, element->part, element->parts);
  const uint64_t last = tatami_share(count, element->part + 1, element->parts);
  const uint64_t to = element->at + (base + first) * 64;
  if (own) {
    const uint64_t from = args->b_share + first * args->pitch + element->count * TATAMI_MESH_PANEL_BYTES;
    pull_blocks(node | from, args->pitch, to, 64, last - first);
  } else {
    pull_blocks(node | to, 64, to, 64, last - first);
  }
}

/// Element number `number` of this thread along a line of `count` nodes, in which this one is at `place`; `counter` is
/// the line's counter of the side LOW.
static __attribute__((noinline)) void fetch(const Element* element, PullShare* pull, const uint64_t* nodes,
                                            uint64_t place, uint64_t count, uint64_t counter, uint64_t number) {
  const uint64_t below = place, above = count - 1 - place;
  for (uint64_t distance = 1; distance <= below || distance <= above; ++distance) {
    if (distance <= below) {
      if (distance > 1) wait_for(counter + LOW, number * (below - 1) + distance - 1);
      pull(element, nodes[place - 1], place - distance, distance == 1);
    }
    if (distance <= above) {
      if (distance > 1) wait_for(counter + HIGH, number * (above - 1) + distance - 1);
      pull(element, nodes[place + 1], place + distance, distance == 1);
    }
    tatami_fence();
    if (distance <= below && above != 0) tell(nodes[place + 1], counter + LOW);
    if (distance <= above && below != 0) tell(nodes[place - 1], counter + HIGH);
  }
}

static void fetch_rows(const MeshArgs* args, uint64_t block, uint64_t thread, uint64_t number) {
  const uint64_t begin = block * BLOCK_M;
  const Element element = {args, begin, BLOCK_M, 0, 1};
  fetch(&element, pull_share_of_a, (const uint64_t*)args->row_nodes, args->q, args->grid_columns, SHARES + 4 * thread,
        number);
}

static void fetch_panel(const MeshArgs* args, uint64_t panel, uint64_t slot_address, uint64_t part, uint64_t parts,
                        uint64_t thread, uint64_t number) {
  const uint64_t* const nodes = (const uint64_t*)args->column_nodes;
  const Element element = {args, slot_address, panel, part, parts};
  pull_share_of_b(&element, nodes[args->p], args->p, 1);
  fetch(&element, pull_share_of_b, nodes, args->p, args->grid_rows, SHARES + 4 * thread + 2, number);
  tatami_fence();  // a line of one node
}

ALWAYS_INLINE uint64_t slot_bytes(const MeshArgs* args) {
  const uint64_t group = tatami_matmul_bytes(args->local.a_format) == 1 ? 8 : 4;
  return (args->local.k + group - 1) / group * group * TATAMI_MESH_PANEL_BYTES;
}

/// Threads that fetch while the others compute. A thread alone cannot keep the matrix unit busy.
ALWAYS_INLINE uint64_t fetchers_of(uint64_t nthreads) { return nthreads == 4 ? 2 : 1; }

/// Every thread: its part of the first panel and, as long as there are any, 16 rows of A.
static void fetch_first(const MeshArgs* args, uint64_t thread, uint64_t nthreads, uint64_t blocks_m) {
  if (args->panels != 0) fetch_panel(args, 0, args->ring, thread, nthreads, thread, 0);
  if (thread < blocks_m) fetch_rows(args, thread, thread, 0);
}

/// Tells the neighbours of the logical column that a panel has been fetched from them.
static void tell_taken(const MeshArgs* args, uint64_t fetcher) {
  const uint64_t* const nodes = (const uint64_t*)args->column_nodes;
  if (args->p != 0) tell(nodes[args->p - 1], TAKEN + 2 * fetcher + HIGH);
  if (args->p + 1U < args->grid_rows) tell(nodes[args->p + 1], TAKEN + 2 * fetcher + LOW);
}

/// Waits until panel `panel`, whose place the next one takes, is not needed any more, here or by neighbours.
static void wait_for_slot(const MeshArgs* args, uint64_t panel, uint64_t fetcher, uint64_t fetchers,
                          uint64_t items_of_panel) {
  const uint64_t slot = panel % args->slots;
  const uint32_t items = (uint32_t)(items_of_panel * (panel / args->slots + 1));
  for (;;) {
    uint64_t events;
    dn_ctr_rd(events, ITEM_DONE);
    if (used[slot] >= items) break;
    dn_ctr_wait(events + 1, ITEM_DONE);
  }
  const uint64_t panels = panel / fetchers + 1;
  if (args->p != 0) wait_for(TAKEN + 2 * fetcher + LOW, panels);
  if (args->p + 1U < args->grid_rows) wait_for(TAKEN + 2 * fetcher + HIGH, panels);
}

/// What the threads have not fetched together. The fetchers take turns: rows block by block, panels from the second on.
/// A ring that is shorter than the panels has a multiple of their number of places, so a place belongs to one of them.
static __attribute__((noinline)) void fetch_rest(const MeshArgs* args, uint64_t thread, uint64_t nthreads,
                                                 uint64_t blocks_m, uint64_t items_of_panel) {
  const uint64_t fetchers = fetchers_of(nthreads), fetcher = thread - (nthreads - fetchers);
  const uint64_t bytes = slot_bytes(args);
  uint64_t panel = 1 + fetcher;
  uint64_t rows = 1, panels = 1;  // elements this thread has fetched, the first ones included
  // The first panel, the one before the second, is the last fetcher's.
  if (fetcher == fetchers - 1 && args->panels != 0) tell_taken(args, fetcher);
  for (uint64_t block = nthreads + fetcher;; block += fetchers) {
    // The second panel is needed soon after the last rows.
    const uint64_t rows_left = block < blocks_m;
    if (panel == 1 && panel < args->panels && (!rows_left || 2 * block >= blocks_m)) {
      fetch_panel(args, panel, args->ring + bytes, 0, 1, thread, panels++);
      tell_taken(args, fetcher);
      dn_ctr_add((uint64_t)1, PANELS_READY);
      panel += fetchers;
    }
    if (!rows_left) break;
    fetch_rows(args, block, thread, rows++);
    if (fetcher == 0) {
      dn_ctr_add((uint64_t)1, ROWS_READY);
    } else {
      dn_ctr_add((uint64_t)1, ROWS_READY + 1);
    }
  }
  for (; panel < args->panels; panel += fetchers) {
    if (panel >= args->slots) wait_for_slot(args, panel - args->slots, fetcher, fetchers, items_of_panel);
    fetch_panel(args, panel, args->ring + panel % args->slots * bytes, 0, 1, thread, panels++);
    tell_taken(args, fetcher);
    if (fetcher == 0) {
      dn_ctr_add((uint64_t)1, PANELS_READY);
    } else {
      dn_ctr_add((uint64_t)1, PANELS_READY + 1);
    }
  }
}

/// Waits for rows `block` of those fetched after the first ones.
ALWAYS_INLINE void wait_for_rows(uint64_t block, uint64_t fetchers) {
  if (fetchers == 1) {
    dn_ctr_wait(block + 1, ROWS_READY);
  } else if ((block & 1) == 0) {
    dn_ctr_wait(block / 2 + 1, ROWS_READY);
  } else {
    dn_ctr_wait(block / 2 + 1, ROWS_READY + 1);
  }
}

/// Waits for a panel from the second on.
ALWAYS_INLINE void wait_for_panel(uint64_t panel, uint64_t fetchers) {
  if (fetchers == 1) {
    dn_ctr_wait(panel, PANELS_READY);
  } else if ((panel & 1) != 0) {
    dn_ctr_wait((panel + 1) / 2, PANELS_READY);
  } else {
    dn_ctr_wait(panel / 2, PANELS_READY + 1);
  }
}
