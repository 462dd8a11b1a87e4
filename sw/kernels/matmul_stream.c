// C = epilogue(A * B) with operands in edge memory, on one node or many: docs/streaming.md; arguments in
// tatami/matmul_stream_args.h.
//
// In the order of the steps (matmul_stream_step.inc.h) the threads take items of 16 x 32 outputs from a counter. The
// last thread also moves data (matmul_stream_move.inc.h), and computes while it would have to wait.
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

// --- Accumulators
// ------------------------------------------------------------------------------------------------------ Loads well
// ahead of the moves that use them, as in drain_fp32().
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

// --- Computing
// ---------------------------------------------------------------------------------------------------------

/// For each place of an item in a piece, the last step computed there, plus 1.
static volatile uint32_t computed_step[TATAMI_STREAM_MOST_ITEMS];

/// Waits until the item before, at the same place, has left the accumulators. It is of the step before or is long done:
/// an earlier step's items were all done when this step's slot was filled.
ALWAYS_INLINE void wait_for_sums(const volatile uint32_t* computed, uint64_t step) {
  while (*computed < step) {
  }
}

/// Items of a whole step with which the last thread computes, too. Measured on one node, whether it does or not: with 4
/// items 129,545 and 98,683 cycles, with 8 38,600 and 39,747.
enum { LEAST_ITEMS = 8 };

/// A thread's way through the items.
typedef struct {
  Step at;                                // of the item
  uint64_t arrived[TATAMI_STREAM_SLOTS];  // what has come by counter ARRIVED when the step has everything
  uint64_t rows_before, columns_before;   // of the piece of the step before
  uint64_t first_item;                    // of the step
  uint64_t row_item, row;                 // of the row of items
  uint64_t item;
  uint64_t taken;  // it has an item that is not done
  uint64_t
      computes;  // the last thread: it does not if a step has few items, as one of its own would delay the next step
} Work;

static void begin_work(const StreamArgs* args, Work* work) {
  *work = (Work){.taken = 0};
  first_step(args, &work->at);
  work->arrived[0] = work->at.arrivals;
}

/// Takes an item, if it has none. 0: there are no more.
static __attribute__((noinline)) uint64_t take_item(StreamArgs* args, Work* work) {
  Step* const at = &work->at;
  if (work->taken) return 1;
  if (at->done) return 0;
  work->item = atomic_add_u32(&args->local.next_item, 1);
  while (!at->done && work->item - work->first_item >= at->items) {
    work->first_item += at->items;
    work->rows_before = at->rows;
    work->columns_before = at->columns;
    next_step(args, at);
    work->arrived[slot_of(at)] += at->arrivals;
    work->row_item = work->row = 0;
  }
  work->taken = !at->done;
  return work->taken;
}

static __attribute__((noinline)) void compute_item(StreamArgs* args, Work* work) {
  const Step* const at = &work->at;
  const uint64_t bytes = operand_bytes(args), slot = slot_of(at), place = place_of(at);
  const uint64_t items_of_row = (at->columns + BLOCK_N - 1) / BLOCK_N;
  uint64_t column = work->item - work->first_item - work->row_item;
  while (column >= items_of_row) {
    column -= items_of_row;
    work->row_item += items_of_row;
    work->row += BLOCK_M;
  }
  column *= BLOCK_N;
  const uint64_t row = work->row;
  volatile uint32_t* const computed = &computed_step[row / BLOCK_M * (args->piece_n / BLOCK_N) + column / BLOCK_N];
  if (row < work->rows_before && column < work->columns_before) wait_for_sums(computed, at->step);

  const uint8_t* const a = (const uint8_t*)a_place(args, slot) + row * args->slice_k * bytes;
  const uint8_t* const b = (const uint8_t*)b_place(args, slot) + column * bytes;
  uint8_t* const sums =
      (uint8_t*)(args->sums != 0 ? args->sums : out_place(args, place)) + row * args->piece_n * 4 + column * 4;
  if (bytes == 2) {
    multiply_16(args, at, a, b, row, column, &epilogue_args[place], sums);
  } else {
    multiply_8(args, at, a, b, row, column, &epilogue_args[place], sums);
  }
  *computed = (uint32_t)at->step + 1;
  tatami_fence();  // outputs may be sent, operands overwritten
  if (slot == 0) {
    dn_ctr_add((uint64_t)1, COMPUTED);
  } else {
    dn_ctr_add((uint64_t)1, COMPUTED + 1);
  }
  work->taken = 0;
}

/// Computes while a counter has not reached a value, and sleeps if there is nothing to compute with. It may hold an
/// item then, but of a step that waits for what this thread waits for, or for something later.
static void work_until(StreamArgs* args, Work* work, uint64_t counter, uint64_t value) {
  while (!reached(counter, value)) {
    if (work->computes && take_item(args, work) &&
        reached(ARRIVED + slot_of(&work->at), work->arrived[slot_of(&work->at)])) {
      compute_item(args, work);
    } else {
      wait_for(counter, value);
    }
  }
}

/// The last thread: all steps' transport, and items while it waits.
static __attribute__((noinline)) void move(StreamArgs* args, Work* work) {
  const uint64_t tellers = (uint64_t)args->grid_rows + args->grid_columns;
  Step ahead;  // the next one to send
  first_step(args, &ahead);
  for (; ahead.step < TATAMI_STREAM_SLOTS && !ahead.done; next_step(args, &ahead)) {
    if (ahead.slice == 0) begin_piece(args, &ahead);
    send_step(args, &ahead);
  }
  uint64_t arrived[TATAMI_STREAM_SLOTS] = {0}, computed[TATAMI_STREAM_SLOTS] = {0};
  Step at;
  for (first_step(args, &at); !at.done; next_step(args, &at)) {
    const uint64_t slot = slot_of(&at);
    arrived[slot] += at.arrivals;
    computed[slot] += at.items;
    work_until(args, work, ARRIVED + slot, arrived[slot]);
    work_until(args, work, COMPUTED + slot, computed[slot]);
    tell((const uint64_t*)args->row_nodes, args->grid_columns, FREE + slot);
    tell((const uint64_t*)args->column_nodes, args->grid_rows, FREE + slot);
    if (last_slice(args, &at)) store_piece(args, &at);
    if (ahead.done) continue;
    work_until(args, work, SENT, at.step + 1);  // its descriptors are needed no more
    work_until(args, work, FREE + slot, (at.step / TATAMI_STREAM_SLOTS + 1) * tellers);
    if (ahead.slice == 0) {
      if (ahead.piece >= 2) work_until(args, work, STORED, ahead.piece - 1);
      begin_piece(args, &ahead);
    }
    send_step(args, &ahead);
    next_step(args, &ahead);
  }
  wait_for(STORED, at.piece);
  wait_for(SENT, at.step);
}

int main(int thread_, int nthreads_) {
  StreamArgs* const args = TATAMI_ARGS(StreamArgs);
  Args* const local = &args->local;
  const uint64_t thread = (uint64_t)thread_, nthreads = (uint64_t)nthreads_;
  const uint64_t bytes = operand_bytes(args);
  if ((bytes != 1 && bytes != 2) || bytes != tatami_matmul_bytes(local->b_format)) return TATAMI_MATMUL_BAD_FORMATS;
  if (local->k == 0 || args->slice_k == 0 ||
      args->piece_m / BLOCK_M * (args->piece_n / BLOCK_N) > TATAMI_STREAM_MOST_ITEMS) {
    return TATAMI_MATMUL_BAD_SHAPE;
  }
  tatami_set_format(FMT_A, local->a_format);
  tatami_set_format(FMT_B, local->b_format);
  set_output_format(local);
  Work work;
  begin_work(args, &work);
  if (thread == nthreads - 1) {
    work.computes = nthreads == 1 || args->piece_m / BLOCK_M * (args->piece_n / BLOCK_N) >= LEAST_ITEMS;
    move(args, &work);
  } else {
    for (; take_item(args, &work); compute_item(args, &work))
      wait_for(ARRIVED + slot_of(&work.at), work.arrived[slot_of(&work.at)]);
  }
  local->dflags[thread] = (uint8_t)csr_read(TATAMI_CSR_DFLAGS);
  return 0;
}
