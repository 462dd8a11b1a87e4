// C = epilogue(A * B) on a grid of nodes: arguments and distribution in tatami/matmul_mesh_args.h.
//
// The block of C is computed panel by panel of B (64 bytes of columns), each panel from the top to the bottom in items
// of 16 x 32 outputs, which the threads take from a counter. Data arrive in this order too: all threads fetch the first
// panel of B and the first rows of A, then the last threads alone fetch the other rows of A and the other panels, while
// the others compute; when all is there they compute as well. An item multiplies for 2*K cycles (16-bit) while its rows
// of A need K/2 pulls. A ring of `slots` panels bounds the memory.
//
// A node fetches from its neighbours in the logical grid only, which pass on what they have fetched themselves
// (matmul_mesh_fetch.inc.h): a block crosses each link once, and no part of a large fabric is a bottleneck.
#include "tatami/matmul_mesh_args.h"

#include "matmul.h"

typedef struct tatami_matmul_mesh_args MeshArgs;

uint8_t matmul_scratch[4][BLOCK_M * BLOCK_N * 4] __attribute__((aligned(64)));

#define MOST_SLOTS 64
/// Items done that used a slot of the ring.
static volatile uint32_t used[MOST_SLOTS];

#define BITS 16
#define NAME block_16
#include "matmul_block.inc.h"
#define BITS 8
#define NAME block_8
#include "matmul_block.inc.h"

#define NAME multiply_16
#define BLOCK block_16
#include "matmul_mesh.inc.h"
#define NAME multiply_8
#define BLOCK block_8
#include "matmul_mesh.inc.h"

#include "matmul_mesh_fetch.inc.h"

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
  fetch_first(args, thread, nthreads, blocks_m);
  tatami_barrier((int64_t)nthreads);
  const uint64_t fetchers = fetchers_of(nthreads);
  if (thread >= nthreads - fetchers) fetch_rest(args, thread, nthreads, blocks_m, items_of_panel);

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
      if (panel != 0) wait_for_panel(panel, fetchers);
      if (block >= nthreads) wait_for_rows(block - nthreads, fetchers);
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
