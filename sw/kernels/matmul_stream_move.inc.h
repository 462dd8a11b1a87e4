// How a node of matmul_stream.c gets its operands and gives away its outputs: lists of transfers for the block mover,
// and the signals that say when a slot may be filled again. One thread does it, docs/streaming.md, section 3.

// Arrival counters of the node. Those of slots: number + slot.
enum {
  ARRIVED = 0,   // blocks of operands, and words that none come from a node
  COMPUTED = 2,  // items
  FREE = 4,      // times that a node of the row or the column said that it needs the slot no more
  SENT = 6,      // lists of steps that are finished
  STORED = 7,    // lists of C that are finished
};

#define EACH_COUNTER(ACTION)      \
  switch (counter) {              \
    case ARRIVED: ACTION(0);      \
    case ARRIVED + 1: ACTION(1);  \
    case COMPUTED: ACTION(2);     \
    case COMPUTED + 1: ACTION(3); \
    case FREE: ACTION(4);         \
    case FREE + 1: ACTION(5);     \
    case SENT: ACTION(6);         \
    case STORED: ACTION(7);       \
    default: __builtin_trap();    \
  }

/// dn.ctr.wait on a counter whose number is not a constant.
static __attribute__((noinline)) void wait_for(uint64_t counter, uint64_t value) {
#define WAIT(n)          \
  dn_ctr_wait(value, n); \
  break
  EACH_COUNTER(WAIT)
#undef WAIT
}

/// Would it return at once?
static __attribute__((noinline)) int reached(uint64_t counter, uint64_t value) {
  uint64_t now = 0;
#define READ(n)      \
  dn_ctr_rd(now, n); \
  break
  EACH_COUNTER(READ)
#undef READ
  return (int32_t)((uint32_t)now - (uint32_t)value) >= 0;
}
#undef EACH_COUNTER

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

/// Pushes of the own share to all nodes of a line, or the word that there is none; `here` is the place of this one in
/// it.
static void add_pushes(const StreamArgs* args, List* list, const uint64_t* nodes, uint64_t count, uint64_t here,
                       uint64_t counter, uint64_t local, uint64_t pitch, uint64_t from, uint64_t to, uint64_t blocks) {
  if (from == to) {
    for (uint64_t i = 0; i < count; ++i) list->list[list->count++] = tatami_transfer_signal(nodes[i] | counter, 1);
    return;
  }
  if (count == 1) return;
  const uint64_t control = TATAMI_TRANSFER_SIG(counter), before = list->count;
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

/// Starts the list that brings the own shares of a step's operands to all who need them. A node without a share says
/// so: nobody of the row or column can be further than the next step of the slot, so counts of different steps do not
/// mix.
static __attribute__((noinline)) void send_step(const StreamArgs* args, const Step* at) {
  const uint64_t slot = slot_of(at), bytes = operand_bytes(args), rows = args->grid_rows, columns = args->grid_columns;
  List list = {(struct tatami_transfer*)args->lists + slot * TATAMI_STREAM_LIST(rows, columns), 0};
  const uint64_t arrival = TATAMI_TRANSFER_SIG(ARRIVED + slot);
  // A multicast comes back to its sender and is counted then; what is not pushed to the own node is counted when
  // pulled.
  const uint64_t pull_a = TATAMI_TRANSFER_PULL | (args->multicast && columns > 1 ? 0 : arrival);
  const uint64_t pull_b = TATAMI_TRANSFER_PULL | (args->multicast && rows > 1 ? 0 : arrival);

  const uint64_t a = a_place(args, slot), lda = args->slice_k * bytes, a_blocks = a_row_blocks(args, at);
  const uint64_t a_from = tatami_share(a_rows(at), args->q, columns);
  const uint64_t a_to = tatami_share(a_rows(at), args->q + 1U, columns);
  add_halves(&list, pull_a, args->a, at->i * args->piece_m * args->a_pitch + at->slice * lda, args->a_pitch, a, lda,
             a_from, a_to, a_blocks, args->piece_m / 2);
  const uint64_t b = b_place(args, slot), ldb = args->piece_n * bytes, b_blocks = b_row_blocks(args, at);
  const uint64_t b_from = tatami_share(b_rows(args, at), args->p, rows);
  const uint64_t b_to = tatami_share(b_rows(args, at), args->p + 1U, rows);
  add_halves(&list, pull_b, args->b, at->slice * args->slice_k * args->b_pitch + at->j * ldb, args->b_pitch, b, ldb,
             b_from, b_to, b_blocks, args->slice_k / 2);
  const uint64_t pulls = list.count;
  const uint64_t* const row_nodes = (const uint64_t*)args->row_nodes;
  const uint64_t* const column_nodes = (const uint64_t*)args->column_nodes;
  add_pushes(args, &list, row_nodes, columns, args->q, ARRIVED + slot, a, lda, a_from, a_to, a_blocks);
  add_pushes(args, &list, column_nodes, rows, args->p, ARRIVED + slot, b, ldb, b_from, b_to, b_blocks);
  // Without pulls there is nothing to wait for.
  if (list.count != pulls && pulls != 0) list.list[pulls].control |= TATAMI_TRANSFER_WAIT;
  tatami_list_start(list.list, list.count, SENT);
}

/// Descriptors for the piece in a place.
ALWAYS_INLINE struct tatami_transfer* c_list(const StreamArgs* args, uint64_t place) {
  return (struct tatami_transfer*)args->lists +
         TATAMI_STREAM_SLOTS * TATAMI_STREAM_LIST(args->grid_rows, args->grid_columns) + place * TATAMI_STREAM_C_LIST;
}

/// Adds the rows of a piece's outputs, between edge memory and their place.
static void add_outputs(const StreamArgs* args, const Step* at, List* list, uint64_t control) {
  const uint64_t c_bytes = tatami_format_bytes(args->local.c_format), ldc = args->piece_n * c_bytes;
  add_halves(list, control, args->c, at->i * args->piece_m * args->c_pitch + at->j * ldc, args->c_pitch,
             out_place(args, place_of(at)), ldc, 0, at->rows, blocks_of(at->columns * c_bytes), args->piece_m / 2);
}

/// Makes the place of a new piece's outputs ready, the one of the piece before the last, whose list is finished. Bias
/// and C's old values are pulled by a list of their own, which is finished before the step's operands begin to come.
static __attribute__((noinline)) void begin_piece(const StreamArgs* args, const Step* at) {
  const uint64_t place = place_of(at), c_bytes = tatami_format_bytes(args->local.c_format);
  Args* const local = &epilogue_args[place];
  *local = args->local;
  local->c = out_place(args, place);
  local->ldc = args->piece_n * c_bytes;
  local->bias = args->local.bias == 0 ? 0 : bias_place(args, place);
  local->first_index += at->i * args->piece_m * args->local.n + at->j * args->piece_n;
  // In the place of the list that stores the piece, which comes later.
  List list = {c_list(args, place), 0};
  if (args->local.bias != 0 && at->rows != 0) {
    add_rows(&list, TATAMI_TRANSFER_PULL, args->bias + at->j * args->piece_n * 4, 0, bias_place(args, place), 0, 0, 1,
             blocks_of(at->columns * 4));
  }
  if (accumulates(&args->local)) add_outputs(args, at, &list, TATAMI_TRANSFER_PULL);
  if (list.count != 0) dn_list(list.list, list.count);
}

/// Starts the list that stores a piece's outputs.
static __attribute__((noinline)) void store_piece(const StreamArgs* args, const Step* at) {
  List list = {c_list(args, place_of(at)), 0};
  add_outputs(args, at, &list, TATAMI_TRANSFER_PUSH);
  tatami_list_start(list.list, list.count, STORED);
}
