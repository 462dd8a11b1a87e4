// The steps of matmul_stream.c, in the order in which every node takes them: pieces row by row, each slice by slice.

/// Where a walk through the steps is, and how much there is to do.
typedef struct {
  uint64_t step;   // number
  uint64_t piece;  // number
  uint64_t i, j;   // row and column of pieces
  uint64_t slice;  // of K
  uint64_t rows;   // of the piece; the node's own block may end in it, or before
  uint64_t columns;
  uint64_t depth;     // of the slice
  uint64_t items;     // of 16 x 32 outputs
  uint64_t arrivals;  // blocks of 64 bytes that come for the step, and words of those nodes that have none to send
  uint64_t done;      // no such step
} Step;

enum { LANE_BYTES = 64 };  // a block of the network

typedef struct tatami_matmul_stream_args StreamArgs;

ALWAYS_INLINE uint64_t operand_bytes(const StreamArgs* args) { return tatami_matmul_bytes(args->local.a_format); }
ALWAYS_INLINE uint64_t slot_of(const Step* at) { return at->step % TATAMI_STREAM_SLOTS; }
ALWAYS_INLINE uint64_t place_of(const Step* at) { return at->piece & 1; }
ALWAYS_INLINE uint64_t last_slice(const StreamArgs* args, const Step* at) {
  return (at->slice + 1) * args->slice_k >= args->local.k;
}
ALWAYS_INLINE uint64_t blocks_of(uint64_t bytes) { return (bytes + LANE_BYTES - 1) / LANE_BYTES; }

/// Blocks in a row of a step's A and B; rows of them, filled up.
ALWAYS_INLINE uint64_t a_row_blocks(const StreamArgs* args, const Step* at) {
  return blocks_of(at->depth * operand_bytes(args));
}
ALWAYS_INLINE uint64_t b_row_blocks(const StreamArgs* args, const Step* at) {
  return blocks_of(at->columns * operand_bytes(args));
}
ALWAYS_INLINE uint64_t a_rows(const Step* at) { return (at->rows + BLOCK_M - 1) / BLOCK_M * BLOCK_M; }
ALWAYS_INLINE uint64_t b_rows(const StreamArgs* args, const Step* at) {
  if (at->columns == 0) return 0;
  const uint64_t group = operand_bytes(args) == 1 ? 8 : 4;
  return (at->depth + group - 1) / group * group;
}

/// Places of a step's operands; rows of A are slice_k, rows of B piece_n elements long.
ALWAYS_INLINE uint64_t a_place(const StreamArgs* args, uint64_t slot) {
  return args->slots + slot * operand_bytes(args) * args->slice_k * (args->piece_m + args->piece_n);
}
ALWAYS_INLINE uint64_t b_place(const StreamArgs* args, uint64_t slot) {
  return a_place(args, slot) + operand_bytes(args) * args->slice_k * args->piece_m;
}
ALWAYS_INLINE uint64_t out_place(const StreamArgs* args, uint64_t place) {
  return args->out + place * args->piece_m * args->piece_n * tatami_format_bytes(args->local.c_format);
}
ALWAYS_INLINE uint64_t bias_place(const StreamArgs* args, uint64_t place) {
  return args->local.bias + place * args->piece_n * 4;
}

static __attribute__((noinline)) void measure_step(const StreamArgs* args, Step* at) {
  at->rows = remaining(args->local.m, at->i * args->piece_m, args->piece_m);
  at->columns = remaining(args->columns, at->j * args->piece_n, args->piece_n);
  at->depth = remaining(args->local.k, at->slice * args->slice_k, args->slice_k);
  at->items = a_rows(at) / BLOCK_M * ((at->columns + BLOCK_N - 1) / BLOCK_N);
  at->arrivals = a_rows(at) * a_row_blocks(args, at) + remaining(args->grid_columns, a_rows(at), args->grid_columns) +
                 b_rows(args, at) * b_row_blocks(args, at) +
                 remaining(args->grid_rows, b_rows(args, at), args->grid_rows);
  at->done = at->i >= args->pieces_m;
}

static void first_step(const StreamArgs* args, Step* at) {
  at->step = at->piece = at->i = at->j = at->slice = 0;
  measure_step(args, at);
}

static void next_step(const StreamArgs* args, Step* at) {
  ++at->step;
  if (!last_slice(args, at)) {
    ++at->slice;
  } else {
    at->slice = 0;
    ++at->piece;
    if (++at->j == args->pieces_n) {
      at->j = 0;
      ++at->i;
    }
  }
  measure_step(args, at);
}
