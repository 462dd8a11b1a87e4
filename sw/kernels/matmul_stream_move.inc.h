// How a node of matmul_stream.c gets its operands and gives away its outputs: lists of transfers for the block mover, and
// the signals that say when a slot may be filled again. One thread does it, docs/streaming.md, section 3.

// Arrival counters of the node. Those of slots: number + slot.
enum {
  ARRIVED = 0,    // blocks of operands, and words that none come from a node
  COMPUTED = 2,   // items
  FREE = 4,       // times that a node of the row or the column said that it needs the slot no more
  SENT = 6,       // lists of steps that are finished
  STORED = 7,     // lists of C that are finished
  PIECE = 8,      // pieces whose places for outputs are free
  PREPARED = 9,   // blocks of bias and of C's old values
};

static void wait_arrived(uint64_t slot, uint64_t value) {
  if (slot == 0) {
    dn_ctr_wait(value, ARRIVED);
  } else {
    dn_ctr_wait(value, ARRIVED + 1);
  }
}
static void wait_computed(uint64_t slot, uint64_t value) {
  if (slot == 0) {
    dn_ctr_wait(value, COMPUTED);
  } else {
    dn_ctr_wait(value, COMPUTED + 1);
  }
}
static void wait_free(uint64_t slot, uint64_t value) {
  if (slot == 0) {
    dn_ctr_wait(value, FREE);
  } else {
    dn_ctr_wait(value, FREE + 1);
  }
}

/// Copies of the arguments for the epilogue of the pieces in both places.
static Args epilogue_args[2];

ALWAYS_INLINE uint64_t accumulates(const Args* local) { return (local->beta << 1) != 0; }

/// A list under construction.
typedef struct {
  struct tatami_transfer* list;
  uint64_t count;
} List;

/// Adds a transfer, of rows `from`..`to` (none if there are none) of a matrix at both addresses.
static __attribute__((noinline)) void add_rows(List* list, uint64_t control, uint64_t global, uint64_t pitch,
                                               uint64_t local, uint64_t local_pitch, uint64_t from, uint64_t to,
                                               uint64_t blocks) {
  if (from >= to || blocks == 0) return;
  struct tatami_transfer* const transfer = &list->list[list->count++];
  *transfer = (struct tatami_transfer){.control = (uint16_t)control,
                                       .blocks = (uint16_t)blocks,
                                       .rows = (uint16_t)(to - from),
                                       .global = global + from * pitch,
                                       .local = local + from * local_pitch,
                                       .global_stride = (uint32_t)pitch,
                                       .local_stride = (uint32_t)local_pitch};
}

/// The same of a matrix whose rows below `half` lie in the memory of global[0], the others in that of global[1].
static void add_halves(List* list, uint64_t control, const uint64_t* global, uint64_t offset, uint64_t pitch,
                       uint64_t local, uint64_t local_pitch, uint64_t from, uint64_t to, uint64_t blocks,
                       uint64_t half) {
  add_rows(list, control, global[0] + offset, pitch, local, local_pitch, from, min_u64(to, half), blocks);
  add_rows(list, control, global[1] + offset, pitch, local, local_pitch, from > half ? from : half, to, blocks);
}

/// Pushes of the own share to all nodes of a line; `here` is the place of this one in it.
static void add_pushes(const StreamArgs* args, List* list, const uint64_t* nodes, uint64_t count, uint64_t here,
                       uint64_t control, uint64_t local, uint64_t pitch, uint64_t from, uint64_t to, uint64_t blocks) {
  if (count == 1) return;
  const uint64_t before = list->count;
  if (args->multicast) {
    add_rows(list, control | TATAMI_TRANSFER_MULTICAST, nodes[0] | local, pitch, local, pitch, from, to, blocks);
    if (list->count != before) {
      list->list[before].x1 = (uint8_t)(nodes[count - 1] >> 32);
      list->list[before].y1 = (uint8_t)(nodes[count - 1] >> 40);
    }
    return;
  }
  for (uint64_t distance = 1; distance < count; ++distance) {
    const uint64_t other = here + distance < count ? here + distance : here + distance - count;
    add_rows(list, control, nodes[other] | local, pitch, local, pitch, from, to, blocks);
  }
}

/// Adds 1 to a counter of all nodes of a line.
static void tell(const uint64_t* nodes, uint64_t count, uint64_t counter) {
  for (uint64_t i = 0; i < count; ++i) dn_sig(nodes[i] | counter, (uint64_t)1);
}

/// Starts the list that brings the own shares of a step's operands to all who need them. A node without a share says so:
/// nobody of the row or column can be further than the next step of the slot, so counts of different steps do not mix.
static __attribute__((noinline)) void send_step(const StreamArgs* args, const Step* at) {
  const uint64_t slot = slot_of(at), bytes = operand_bytes(args), rows = args->grid_rows, columns = args->grid_columns;
  List list = {(struct tatami_transfer*)args->lists + slot * TATAMI_STREAM_LIST(rows, columns), 0};
  const uint64_t arrival = TATAMI_TRANSFER_SIG(ARRIVED + slot);
  // A multicast comes back to its sender and is counted then; what is not pushed to the own node is counted when pulled.
  const uint64_t pull_a = TATAMI_TRANSFER_PULL | (args->multicast && columns > 1 ? 0 : arrival);
  const uint64_t pull_b = TATAMI_TRANSFER_PULL | (args->multicast && rows > 1 ? 0 : arrival);

  const uint64_t a = a_place(args, slot), lda = args->slice_k * bytes, a_blocks = a_row_blocks(args, at);
  const uint64_t a_from = tatami_stream_share(a_rows(at), args->q, columns);
  const uint64_t a_to = tatami_stream_share(a_rows(at), args->q + 1U, columns);
  add_halves(&list, pull_a, args->a, at->i * args->piece_m * args->a_pitch + at->slice * lda, args->a_pitch, a, lda,
             a_from, a_to, a_blocks, args->piece_m / 2);
  const uint64_t b = b_place(args, slot), ldb = args->piece_n * bytes, b_blocks = b_row_blocks(args, at);
  const uint64_t b_from = tatami_stream_share(b_rows(args, at), args->p, rows);
  const uint64_t b_to = tatami_stream_share(b_rows(args, at), args->p + 1U, rows);
  add_halves(&list, pull_b, args->b, at->slice * args->slice_k * args->b_pitch + at->j * ldb, args->b_pitch, b, ldb,
             b_from, b_to, b_blocks, args->slice_k / 2);
  const uint64_t pulls = list.count;
  const uint64_t* const row_nodes = (const uint64_t*)args->row_nodes;
  const uint64_t* const column_nodes = (const uint64_t*)args->column_nodes;
  add_pushes(args, &list, row_nodes, columns, args->q, arrival, a, lda, a_from, a_to, a_blocks);
  add_pushes(args, &list, column_nodes, rows, args->p, arrival, b, ldb, b_from, b_to, b_blocks);
  if (list.count != pulls) list.list[pulls].control |= TATAMI_TRANSFER_WAIT;
  tatami_list_start(list.list, list.count, SENT);
  if (a_from == a_to) tell(row_nodes, columns, ARRIVED + slot);
  if (b_from == b_to) tell(column_nodes, rows, ARRIVED + slot);
}

/// Bias and old values of C of a piece, which its last slice needs: blocks of 64 bytes.
ALWAYS_INLINE uint64_t prepared_blocks(const StreamArgs* args, const Step* at) {
  if (at->rows == 0 || at->columns == 0) return 0;
  const uint64_t c_blocks = blocks_of(at->columns * tatami_format_bytes(args->local.c_format));
  return (args->local.bias != 0 ? blocks_of(at->columns * 4) : 0) + (accumulates(&args->local) ? at->rows * c_blocks : 0);
}

/// Adds the rows of a piece's outputs, between edge memory and their place.
static void add_outputs(const StreamArgs* args, const Step* at, List* list, uint64_t control) {
  const uint64_t c_bytes = tatami_format_bytes(args->local.c_format), ldc = args->piece_n * c_bytes;
  add_halves(list, control, args->c, at->i * args->piece_m * args->c_pitch + at->j * ldc, args->c_pitch,
             out_place(args, place_of(at)), ldc, 0, at->rows, blocks_of(at->columns * c_bytes), args->piece_m / 2);
}

/// Makes the place of a new piece's outputs ready: the one of the piece before the last.
static __attribute__((noinline)) void begin_piece(const StreamArgs* args, const Step* at) {
  const uint64_t place = place_of(at), c_bytes = tatami_format_bytes(args->local.c_format);
  if (at->piece >= 2) dn_ctr_wait(at->piece - 1, STORED);
  Args* const local = &epilogue_args[place];
  *local = args->local;
  local->c = out_place(args, place);
  local->ldc = args->piece_n * c_bytes;
  local->bias = args->local.bias == 0 ? 0 : bias_place(args, place);
  local->first_index += at->i * args->piece_m * args->local.n + at->j * args->piece_n;
  if (prepared_blocks(args, at) != 0) {
    // In the place of the list that stores the piece, which comes later.
    List list = {(struct tatami_transfer*)args->lists +
                     TATAMI_STREAM_SLOTS * TATAMI_STREAM_LIST(args->grid_rows, args->grid_columns) +
                     place * TATAMI_STREAM_C_LIST,
                 0};
    const uint64_t control = TATAMI_TRANSFER_PULL | TATAMI_TRANSFER_SIG(PREPARED);
    if (args->local.bias != 0) {
      add_rows(&list, control, args->bias + at->j * args->piece_n * 4, 0, bias_place(args, place), 0, 0, 1,
               blocks_of(at->columns * 4));
    }
    if (accumulates(&args->local)) add_outputs(args, at, &list, control);
    dn_list(list.list, list.count);
  }
  tatami_fence();  // before a thread that computes sees what was stored
  dn_ctr_add((uint64_t)1, PIECE);
}

/// Starts the list that stores a piece's outputs.
static __attribute__((noinline)) void store_piece(const StreamArgs* args, const Step* at) {
  List list = {(struct tatami_transfer*)args->lists +
                   TATAMI_STREAM_SLOTS * TATAMI_STREAM_LIST(args->grid_rows, args->grid_columns) +
                   place_of(at) * TATAMI_STREAM_C_LIST,
               0};
  add_outputs(args, at, &list, TATAMI_TRANSFER_PUSH);
  tatami_list_start(list.list, list.count, STORED);
}

/// What one thread does from the beginning to the end.
static __attribute__((noinline)) void move(const StreamArgs* args) {
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
    wait_arrived(slot, arrived[slot]);
    wait_computed(slot, computed[slot]);
    tell((const uint64_t*)args->row_nodes, args->grid_columns, FREE + slot);
    tell((const uint64_t*)args->column_nodes, args->grid_rows, FREE + slot);
    if (last_slice(args, &at)) store_piece(args, &at);
    if (ahead.done) continue;
    if (ahead.slice == 0) begin_piece(args, &ahead);
    dn_ctr_wait(at.step + 1, SENT);  // its descriptors are needed no more
    wait_free(slot, (at.step / TATAMI_STREAM_SLOTS + 1) * tellers);
    send_step(args, &ahead);
    next_step(args, &ahead);
  }
  dn_ctr_wait(at.piece, STORED);
  dn_ctr_wait(at.step, SENT);
}
