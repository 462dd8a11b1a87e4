// C = epilogue(A * B) on a grid of nodes: arguments and distribution in tatami/matmul_mesh_args.h.
//
// The block of C is computed panel by panel of B (64 bytes of columns), each panel from the top to the bottom in items
// of 16 x 32 outputs, which the threads take from a counter. Data arrive in this order too: all threads pull the first
// panel of B and the first rows of A, then the last thread alone pulls the other rows of A and the other panels, while
// the others compute; when all is there it computes as well. An item multiplies for 2*K cycles (16-bit) while its rows
// of A need K/2 pulls, so the network is never the limit, and pulls need no agreement with the node that has the data.
// A ring of `slots` panels bounds the memory.
#include "tatami/matmul_mesh_args.h"

#include "matmul.h"

typedef struct tatami_matmul_mesh_args MeshArgs;

uint8_t matmul_scratch[4][BLOCK_M * BLOCK_N * 4] __attribute__((aligned(64)));

// Arrival counters, all told by the own node.
enum { ROWS_READY = 0, PANELS_READY = 1, ITEM_DONE = 2 };

#define MOST_SLOTS 64
/// Items done that used a slot of the ring.
static volatile uint32_t used[MOST_SLOTS];

#define BITS 16
#define NAME multiply_16
#include "matmul_mesh.inc.h"
#define BITS 8
#define NAME multiply_8
#include "matmul_mesh.inc.h"

// --- Pulling -------------------------------------------------------------------------------------------------------

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

/// Rows 16*block and up of A. Every node begins with another neighbour, so that none is asked by all.
static __attribute__((noinline)) void pull_rows(const MeshArgs* args, uint64_t block) {
  const uint64_t* nodes = (const uint64_t*)args->row_nodes;
  const uint64_t chunks = args->local.lda / 64, columns = args->grid_columns;
  const uint64_t begin = block * BLOCK_M, end = min_u64(begin + BLOCK_M, args->local.m);
  uint64_t q = args->q;
  for (uint64_t i = 1; i < columns; ++i) {
    q = q + 1 == columns ? 0 : q + 1;
    const uint64_t first = tatami_mesh_share(chunks, q, columns), last = tatami_mesh_share(chunks, q + 1, columns);
    for (uint64_t row = begin; row < end; ++row) {
      const uint64_t at = args->local.a + row * args->local.lda + first * 64;
      pull_blocks(nodes[q] | at, 64, at, 64, last - first);
    }
  }
}

/// Part `part` of `parts` of a panel of B, of every node's rows.
static __attribute__((noinline)) void pull_panel(const MeshArgs* args, uint64_t panel, uint64_t slot_address,
                                                 uint64_t part, uint64_t parts) {
  const uint64_t* nodes = (const uint64_t*)args->column_nodes;
  const uint64_t k = args->local.k, rows = args->grid_rows;
  const uint64_t pitch = args->pitch;
  uint64_t p = args->p;
  for (uint64_t i = 0; i < rows; ++i) {
    const uint64_t base = tatami_mesh_share(k, p, rows), count = tatami_mesh_share(k, p + 1, rows) - base;
    const uint64_t first = tatami_mesh_share(count, part, parts), last = tatami_mesh_share(count, part + 1, parts);
    const uint64_t from = args->b_share + first * pitch + panel * TATAMI_MESH_PANEL_BYTES;
    pull_blocks(nodes[p] | from, pitch, slot_address + (base + first) * 64, 64, last - first);
    p = p + 1 == rows ? 0 : p + 1;
  }
}

ALWAYS_INLINE uint64_t slot_bytes(const MeshArgs* args) {
  const uint64_t group = tatami_matmul_bytes(args->local.a_format) == 1 ? 8 : 4;
  return (args->local.k + group - 1) / group * group * TATAMI_MESH_PANEL_BYTES;
}

/// Sleeps until `items` items have used the slot.
static void wait_for_slot(uint64_t slot, uint32_t items) {
  for (;;) {
    uint64_t events;
    dn_ctr_rd(events, ITEM_DONE);
    if (used[slot] >= items) return;
    dn_ctr_wait(events + 1, ITEM_DONE);
  }
}

/// Everything that the threads have not pulled together. `rows` blocks of rows of A are there.
static __attribute__((noinline)) void pull_all(const MeshArgs* args, uint64_t rows, uint64_t blocks_m,
                                               uint64_t items_of_panel) {
  for (; rows < blocks_m; ++rows) {
    pull_rows(args, rows);
    tatami_fence();
    dn_ctr_add((uint64_t)1, ROWS_READY);
  }
  const uint64_t bytes = slot_bytes(args);
  uint64_t slot = 0, uses = 0;
  for (uint64_t panel = 1; panel < args->panels; ++panel) {
    if (++slot == args->slots) {
      slot = 0;
      uses += items_of_panel;
    }
    wait_for_slot(slot, (uint32_t)uses);
    pull_panel(args, panel, args->ring + slot * bytes, 0, 1);
    tatami_fence();
    dn_ctr_add((uint64_t)1, PANELS_READY);
  }
}

// --- Computing -----------------------------------------------------------------------------------------------------

int main(int thread_, int nthreads_) {
  MeshArgs* const args = TATAMI_ARGS(MeshArgs);
  Args* const local = &args->local;
  const uint64_t thread = (uint64_t)thread_, nthreads = (uint64_t)nthreads_;
  const uint64_t bytes = tatami_matmul_bytes(local->a_format);
  if ((bytes != 1 && bytes != 2) || bytes != tatami_matmul_bytes(local->b_format)) return TATAMI_MATMUL_BAD_FORMATS;
  if (local->k == 0 || nthreads < 2 || args->slots > MOST_SLOTS) return TATAMI_MATMUL_BAD_SHAPE;
  const uint64_t blocks_m = (local->m + BLOCK_M - 1) / BLOCK_M;
  const uint64_t halves = bytes == 1 ? 2 : 1;  // 32-column items of a panel
  const uint64_t items_of_panel = blocks_m * halves, items = items_of_panel * args->panels;
  const uint64_t panel_bytes = slot_bytes(args);

  tatami_set_format(FMT_A, local->a_format);
  tatami_set_format(FMT_B, local->b_format);
  set_output_format(local);
  if (items != 0) {
    pull_panel(args, 0, args->ring, thread, nthreads);
    if (thread < blocks_m) pull_rows(args, thread);
  }
  tatami_barrier((int64_t)nthreads);
  if (thread == 0) {
    dn_ctr_add(min_u64(nthreads, blocks_m), ROWS_READY);
    dn_ctr_add((uint64_t)1, PANELS_READY);
  }
  if (thread == nthreads - 1 && items != 0) pull_all(args, nthreads, blocks_m, items_of_panel);

  uint64_t panel = 0, first_item = 0, slot = 0;
  for (;;) {
    const uint64_t item = atomic_add_u32(&local->next_item, 1);
    if (item >= items) break;
    while (item - first_item >= items_of_panel) {
      first_item += items_of_panel;
      ++panel;
      if (++slot == args->slots) slot = 0;
    }
    uint64_t block = item - first_item, half = 0;
    if (block >= blocks_m) {
      block -= blocks_m;
      half = 1;
    }
    const uint64_t row = block * BLOCK_M;
    const uint64_t column = panel * TATAMI_MESH_PANEL_BYTES / bytes + half * BLOCK_N;
    if (column < args->columns) {
      dn_ctr_wait(panel + 1, PANELS_READY);
      if (panel == 0) dn_ctr_wait(block + 1, ROWS_READY);
      const uint8_t* a = (const uint8_t*)local->a + row * local->lda;
      const uint8_t* b = (const uint8_t*)args->ring + slot * panel_bytes + half * BLOCK_N * bytes;
      if (bytes == 2) {
        multiply_16(args, a, b, row, column);
      } else {
        multiply_8(args, a, b, row, column);
      }
    }
    atomic_add_u32(&used[slot], 1);
    dn_ctr_add((uint64_t)1, ITEM_DONE);
  }
  local->dflags[thread] = (uint8_t)csr_read(TATAMI_CSR_DFLAGS);
  return 0;
}
