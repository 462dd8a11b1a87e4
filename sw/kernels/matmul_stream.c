// C = epilogue(A * B) with operands in edge memory, on one node or many: docs/streaming.md; arguments in
// tatami/matmul_stream_args.h.
//
// The last thread moves data (matmul_stream_move.inc.h), the others compute: in the order of the steps
// (matmul_stream_step.inc.h) they take items of 16 x 32 outputs from a counter.
#include "tatami/matmul_stream_args.h"

#include "matmul.h"
#include "tatami_list.h"

uint8_t matmul_scratch[4][BLOCK_M * BLOCK_N * 4] __attribute__((aligned(64)));

#include "matmul_stream_step.inc.h"
//
#include "matmul_stream_move.inc.h"

#define BITS 16
#define NAME block_16
#include "matmul_block.inc.h"
#define BITS 8
#define NAME block_8
#include "matmul_block.inc.h"

// --- Accumulators ------------------------------------------------------------------------------------------------------
// Loads well ahead of the moves that use them, as in drain_fp32().
#define LOAD_SUMS(r)                      \
  dv_ld(12 + 2 * ((r) % 8), sums, 0, 0);  \
  dv_ld(13 + 2 * ((r) % 8), sums, 64, 0); \
  sums += pitch
#define MOVE_SUMS(r)                                  \
  dm_mv_t_v(TROW(r, 0), 12 + 2 * ((r) % 8), FP32, 0); \
  dm_mv_t_v(TROW(r, 1), 13 + 2 * ((r) % 8), FP32, 0)
#define MOVE_LOAD_SUMS(r) \
  MOVE_SUMS(r);           \
  LOAD_SUMS((r) + 8)

/// Tiles <- the 16 x 32 FP32 values at `sums`, rows `pitch` bytes apart.
ALWAYS_INLINE void load_sums(const uint8_t* sums, uint64_t pitch) {
  OPAQUE(sums);
  REPEAT_8(LOAD_SUMS, 0);
  REPEAT_8(MOVE_LOAD_SUMS, 0);
  REPEAT_8(MOVE_SUMS, 8);
}

#define NAME multiply_16
#define BLOCK block_16
#include "matmul_stream.inc.h"
#define NAME multiply_8
#define BLOCK block_8
#include "matmul_stream.inc.h"

// --- Computing ---------------------------------------------------------------------------------------------------------

/// For each place of an item in a piece, the last step computed there, plus 1.
static volatile uint32_t computed_step[TATAMI_STREAM_MOST_ITEMS];

/// Waits until the item before, at the same place, has left the accumulators. It is of the step before or is long done: an
/// earlier step's items were all done when this step's slot was filled.
ALWAYS_INLINE void wait_for_sums(const volatile uint32_t* computed, uint64_t step) {
  while (*computed < step) {
  }
}

static __attribute__((noinline)) void compute(StreamArgs* args) {
  Args* const local = &args->local;
  const uint64_t bytes = operand_bytes(args);
  tatami_set_format(FMT_A, local->a_format);
  tatami_set_format(FMT_B, local->b_format);
  set_output_format(local);

  uint64_t arrived[TATAMI_STREAM_SLOTS] = {0}, prepared = 0, first_item = 0, row_item = 0, row = 0, waited = 0;
  uint64_t rows_before = 0, columns_before = 0;  // of the piece of the step before
  Step at;
  first_step(args, &at);
  arrived[0] = at.arrivals;
  prepared = prepared_blocks(args, &at);
  for (;;) {
    const uint64_t item = atomic_add_u32(&local->next_item, 1);
    while (!at.done && item - first_item >= at.items) {
      first_item += at.items;
      rows_before = at.rows;
      columns_before = at.columns;
      next_step(args, &at);
      arrived[slot_of(&at)] += at.arrivals;
      if (at.slice == 0 && !at.done) prepared += prepared_blocks(args, &at);
      row_item = row = waited = 0;
    }
    if (at.done) break;
    const uint64_t slot = slot_of(&at), items_of_row = (at.columns + BLOCK_N - 1) / BLOCK_N;
    if (!waited) {
      wait_arrived(slot, arrived[slot]);
      if (at.slice == 0) dn_ctr_wait(at.piece + 1, PIECE);
      if (last_slice(args, &at)) dn_ctr_wait(prepared, PREPARED);
      waited = 1;
    }
    while (item - first_item - row_item >= items_of_row) {
      row_item += items_of_row;
      row += BLOCK_M;
    }
    const uint64_t column = (item - first_item - row_item) * BLOCK_N;
    volatile uint32_t* const computed = &computed_step[row / BLOCK_M * (args->piece_n / BLOCK_N) + column / BLOCK_N];
    if (row < rows_before && column < columns_before) wait_for_sums(computed, at.step);

    const uint8_t* const a = (const uint8_t*)a_place(args, slot) + row * args->slice_k * bytes;
    const uint8_t* const b = (const uint8_t*)b_place(args, slot) + column * bytes;
    uint8_t* const sums = (uint8_t*)(args->sums != 0 ? args->sums : out_place(args, place_of(&at))) +
                          row * args->piece_n * 4 + column * 4;
    if (bytes == 2) {
      multiply_16(args, &at, a, b, row, column, &epilogue_args[place_of(&at)], sums);
    } else {
      multiply_8(args, &at, a, b, row, column, &epilogue_args[place_of(&at)], sums);
    }
    *computed = (uint32_t)at.step + 1;
    tatami_fence();  // outputs may be sent, operands overwritten
    if (slot == 0) {
      dn_ctr_add((uint64_t)1, COMPUTED);
    } else {
      dn_ctr_add((uint64_t)1, COMPUTED + 1);
    }
  }
}

int main(int thread_, int nthreads_) {
  StreamArgs* const args = TATAMI_ARGS(StreamArgs);
  Args* const local = &args->local;
  const uint64_t thread = (uint64_t)thread_, nthreads = (uint64_t)nthreads_;
  const uint64_t bytes = operand_bytes(args);
  if ((bytes != 1 && bytes != 2) || bytes != tatami_matmul_bytes(local->b_format)) return TATAMI_MATMUL_BAD_FORMATS;
  if (local->k == 0 || nthreads < 2 || args->slice_k == 0 ||
      args->piece_m / BLOCK_M * (args->piece_n / BLOCK_N) > TATAMI_STREAM_MOST_ITEMS) {
    return TATAMI_MATMUL_BAD_SHAPE;
  }
  if (thread == nthreads - 1) {
    move(args);
  } else {
    compute(args);
  }
  local->dflags[thread] = (uint8_t)csr_read(TATAMI_CSR_DFLAGS);
  return 0;
}
