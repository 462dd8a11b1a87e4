// Block mover: works off lists of transfers in SRAM without the threads (docs/isa.md, section 8.2). One list after the other, in
// the order in which they came; four wait.
//
// One block a cycle: a block to push is read in one cycle, and in the next its packet goes through the NIU's checks; a pull or
// signal is a packet alone. go_i promises that a packet prepared in this cycle has a place in the next, so nothing waits here.
// The next descriptor is read ahead, in a cycle in which no block can be read; if there was none until two blocks are left, it
// takes one. So the first block of a transfer follows the last one of that before, unless that had one block only, or it has to wait.
// What is wrong ends the list; when all it has sent is acknowledged, its thread is told. The mover never writes SRAM itself.
`include "d1_assert.svh"

module d1_mover (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [7:0]   node_x_i,
  input  logic [7:0]   node_y_i,
  input  logic         tables_i,         // the fabric has dead nodes: multicasts go other ways than single packets

  // Lists of the threads
  input  logic         start_i,          // only with ready_o
  input  logic [1:0]   start_thread_i,
  input  logic [15:0]  start_first_i,    // first descriptor: offset in SRAM / 32
  input  logic [15:0]  start_count_i,    // how many
  input  logic         start_sig_i,      // increment an own counter when the list is finished
  input  logic [4:0]   start_ctr_i,
  output logic         ready_o,

  // Threads that have to be told of an error
  output logic [3:0]   error_o,
  output logic [75:0]  error_where_o,    // for each {descriptor: offset in SRAM / 32, reason[2:0]}
  input  logic [3:0]   error_taken_i,

  // SRAM: a grant in one cycle, the words in the next, 0 where none were granted
  output logic [7:0]   rd_req_o,
  output logic [143:0] rd_word_o,
  input  logic [7:0]   rd_gnt_i,
  input  logic [511:0] rd_data_i,

  // Packets: operands as of the instructions, for the NIU's checks and flits
  input  logic         go_i,             // the packet of the next cycle has a place
  output logic         want_o,           // a packet is prepared as soon as it has one
  output logic         packet_o,         // taken in this cycle, unless it has a fault
  output logic [2:0]   op_o,
  output logic [63:0]  global_o,
  output logic [63:0]  operand_o,
  output logic [511:0] data_o,
  output logic         sig_o,
  output logic [4:0]   ctr_o,
  input  logic         fault_i,
  input  logic [5:0]   fault_cause_i,
  input  logic         acknowledged_i,   // everything sent in earlier cycles
  output logic         quiet_o           // nothing changes until a list or an acknowledgement comes
);

  localparam logic [2:0] MALFORMED = 3'd2;   // reason; the others are causes
  localparam logic [1:0] PUSH = 2'd0, SIGNAL = 2'd2;

  typedef enum logic [2:0] {IDLE, NEXT, CHECK, MOVE, DRAIN, FINISH} state_e;   // NEXT: without a descriptor
  state_e state_q, state_d;

  // ---- Lists that wait: {thread, first, sig, counter, count}
  logic        next_valid, next_pop;
  logic [39:0] next_list;
  logic [2:0]  next_free;
  d1_fifo #(.Width(40), .Depth(4)) u_lists (
    .clk_i, .rst_ni, .push_i(start_i), .data_i({start_thread_i, start_first_i, start_sig_i, start_ctr_i, start_count_i}),
    .pop_i(next_pop), .valid_o(next_valid), .data_o(next_list), .free_o(next_free)
  );
  assign ready_o  = next_free != '0;
  assign next_pop = state_q == IDLE && next_valid;

  // ---- The list under way
  logic [1:0]  thread_q;
  logic [15:0] index_q, left_q;      // the descriptor, or in NEXT the one to come, and how many are left with it
  logic        signals_q, failed_q;
  logic [4:0]  counter_q;
  logic [18:0] where_q;              // of the error

  // ---- The descriptor under way, and the one read ahead
  logic [63:0]  head_q;                         // its first doubleword
  logic [31:0]  global_high_q, local_high_q;    // bits 63:32 of its addresses
  logic [63:0]  strides_q;
  logic [255:0] ahead_q;
  logic [3:0]   ahead_done_q;                   // words of ahead_q that have been granted
  logic         ahead_valid_q, ahead_plain;     // plain: may begin at once
  logic [1:0]   kind;
  logic         take, waits, mcast_q;           // take: the one ahead becomes that under way; mcast_q: of the descriptor before
  assign kind  = head_q[1:0];
  // So that packets take effect in order, one that changes between multicast and single packets waits in fabrics with tables.
  assign waits = head_q[2] || (tables_i && head_q[3] != mcast_q);

  // Of a first doubleword: bits 1:0; 3; 4; 7:5 and 15:13; 63:32.
  function automatic logic malformed(
    input logic [1:0] transfer, input logic mcast, input logic sig, input logic [5:0] reserved, input logic [31:0] size
  );
    malformed = transfer == 2'd3 || reserved != '0;
    if (transfer == SIGNAL) begin
      if (mcast || sig || size != '0) malformed = 1'b1;
    end else begin
      if (size[15:0] == '0 || size[31:16] == '0 || (mcast && transfer != PUSH)) malformed = 1'b1;
    end
  endfunction

  logic wrong;                                  // what is under way is malformed
  always_comb begin : form
    wrong = 1'b0;
    if (state_q == CHECK) wrong = malformed(head_q[1:0], head_q[3], head_q[4], {head_q[15:13], head_q[7:5]}, head_q[63:32]);
  end

  always_comb begin : plain
    ahead_plain = 1'b0;
    if (ahead_valid_q)
      ahead_plain = !malformed(ahead_q[1:0], ahead_q[3], ahead_q[4], {ahead_q[15:13], ahead_q[7:5]}, ahead_q[63:32])
                    && !ahead_q[2] && !(tables_i && ahead_q[3] != (state_q == MOVE ? head_q[3] : mcast_q));
  end

  // ---- Its blocks
  logic        step, last, near;
  logic [63:0] global, local_addr;
  d1_mover_steps u_steps (
    .clk_i, .load_i(take), .blocks_i(ahead_q[47:32]), .rows_i(ahead_q[63:48]), .global_i(ahead_q[95:64]), .local_i(ahead_q[159:128]),
    .step_i(step), .row_blocks_i(head_q[47:32]), .global_stride_i(strides_q[31:0]), .local_stride_i(strides_q[63:32]),
    .global_o(global[31:0]), .local_o(local_addr[31:0]), .near_o(near), .last_o(last)
  );
  assign global[63:32]     = global_high_q;
  assign local_addr[63:32] = local_high_q;

  // ---- Reading: a block to push, or 32 bytes of a descriptor in lanes 3..0
  logic [7:0]   done_q, done_d, read_q;
  logic         fetch, fetch_q;                 // the words of this cycle, and of the last, are a descriptor's
  logic [15:0]  ahead_index;
  logic [63:0]  local_offset;
  logic         misplaced, settled;
  logic [511:0] partial_q, words;
  assign local_offset = local_addr - d1_pkg::SRAM_BASE;
  assign misplaced    = local_addr[5:0] != '0 || local_offset >= 64'(d1_pkg::SRAM_BYTES);
  assign settled      = !out_q || out_op_q == d1_pkg::NET_PUSH;   // no pull or signal before the block is still to be checked
  assign ahead_index  = state_q == NEXT ? index_q : index_q + 16'd1;

  always_comb begin : read
    rd_req_o  = '0;
    rd_word_o = '0;
    fetch     = 1'b0;
    if (ahead_done_q != '1) begin
      unique case (state_q)
        NEXT:    fetch = 1'b1;
        CHECK:   fetch = left_q > 16'd1;
        MOVE:    fetch = left_q > 16'd1 && done_q == '0 && (kind != PUSH || !go_i || near);
        default: fetch = 1'b0;
      endcase
    end
    if (fetch) begin
      rd_req_o = {4'd0, ~ahead_done_q};
      for (int l = 0; l < 4; l++) rd_word_o[18*l +: 18] = {ahead_index, 2'(l)};
    end else if (state_q == MOVE && kind == PUSH) begin
      if (go_i && !misplaced && settled) rd_req_o = ~done_q;
      for (int l = 0; l < 8; l++) rd_word_o[18*l +: 18] = {local_offset[20:6], 3'(l)};
    end
  end

  always_comb begin : collect
    words = '0;
    if (read_q != '0 && !fetch_q) words = partial_q | rd_data_i;
  end

  // ---- The packet of this cycle, prepared in the last
  logic         out_q, out_d;
  logic [2:0]   out_op_q;
  logic [63:0]  out_global_q, out_local_q;
  logic [22:0]  out_control_q;     // y1, x1, multicast, sig, counter: bits 22:15, 14:7, 6, 5, 4:0
  logic [15:0]  out_index_q;
  assign packet_o = out_q;
  assign op_o     = out_op_q;
  assign global_o = out_global_q;
  assign sig_o    = out_control_q[5];
  assign ctr_o    = out_control_q[4:0];

  always_comb begin : operands
    operand_o = out_local_q;
    data_o    = '0;
    if (out_q && out_op_q == d1_pkg::NET_PUSH) begin
      operand_o = {24'd0, out_control_q[22:7], 7'd0, out_control_q[6], 16'd0};
      data_o    = words;
    end else if (out_q) begin
      data_o[31:0] = out_local_q[31:0];
    end
  end

  assign want_o = state_q == MOVE || state_q == FINISH;

  // ---- Control
  logic        fail;
  logic [18:0] where;
  logic        drained;
  assign drained = acknowledged_i && !out_q;

  always_comb begin : control
    state_d = state_q;
    done_d  = done_q;
    step    = 1'b0;
    take    = 1'b0;
    out_d   = 1'b0;
    fail    = 1'b0;
    where   = '0;
    if (state_q != IDLE || next_valid) begin
      unique case (state_q)
        IDLE: state_d = next_list[15:0] == '0 ? DRAIN : NEXT;
        NEXT: begin
          take = ahead_valid_q;
          if (take) state_d = ahead_plain ? MOVE : CHECK;
        end
        CHECK: begin
          if (wrong) begin
            fail  = 1'b1;
            where = {index_q, MALFORMED};
          end else if (!waits || drained) begin
            state_d = MOVE;
          end
        end
        MOVE: begin
          if (kind == PUSH) begin
            if (!fetch) done_d = done_q | rd_gnt_i;
            step   = done_d == '1;
            fail   = misplaced;
            where  = {index_q, 3'(local_addr[5:0] != '0 ? d1_pkg::CAUSE_LOAD_MISALIGNED : d1_pkg::CAUSE_LOAD_ACCESS)};
          end else begin
            step = go_i;
          end
          if (step) begin
            done_d = '0;
            out_d  = 1'b1;
            if (last) begin
              take = ahead_valid_q;
              if (left_q == 16'd1) state_d = DRAIN;
              else if (!take)      state_d = NEXT;
              else                 state_d = ahead_plain ? MOVE : CHECK;
            end
          end
        end
        DRAIN: if (drained) state_d = signals_q && !failed_q ? FINISH : IDLE;
        default: begin   // FINISH: the packet that increments the own counter
          out_d = go_i;
          if (go_i) state_d = IDLE;
        end
      endcase
    end
    // A packet's own fault comes before what was found while it was on its way.
    if (out_q && fault_i) begin
      fail  = 1'b1;
      where = {out_index_q, fault_cause_i[2:0]};
    end
    if (fail) begin
      state_d = DRAIN;
      step    = 1'b0;
      take    = 1'b0;
      out_d   = 1'b0;
      done_d  = '0;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      state_q   <= IDLE;
      done_q    <= '0;
      read_q    <= '0;
      fetch_q   <= 1'b0;
      out_q     <= 1'b0;
      failed_q  <= 1'b0;
      error_o   <= '0;
      partial_q <= '0;
      ahead_q       <= '0;
      ahead_done_q  <= '0;
      ahead_valid_q <= 1'b0;
    end else begin
      state_q <= state_d;
      done_q  <= done_d;
      read_q  <= rd_gnt_i;
      fetch_q <= fetch && rd_gnt_i != '0;
      out_q   <= out_d;
      // A list that ends early may have left words behind.
      if ((read_q != '0 && !fetch_q) || state_q == DRAIN) partial_q <= state_q == DRAIN || out_q ? '0 : words;
      if (take || state_q == DRAIN) begin
        ahead_q       <= '0;
        ahead_done_q  <= '0;
        ahead_valid_q <= 1'b0;
      end else begin
        if (fetch)              ahead_done_q  <= ahead_done_q | rd_gnt_i[3:0];
        if (fetch_q)            ahead_q       <= ahead_q | rd_data_i[255:0];
        if (ahead_done_q == '1) ahead_valid_q <= 1'b1;
      end
      if (next_pop)  failed_q <= 1'b0;
      else if (fail) failed_q <= 1'b1;
      for (int t = 0; t < 4; t++) begin
        if (error_taken_i[t]) error_o[t] <= 1'b0;
        if (state_q == DRAIN && drained && failed_q && thread_q == 2'(t)) error_o[t] <= 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i) begin : data
    if (next_pop) begin
      thread_q  <= next_list[39:38];
      index_q   <= next_list[37:22];
      signals_q <= next_list[21];
      counter_q <= next_list[20:16];
      left_q    <= next_list[15:0];
    end else if (step && last) begin
      index_q <= index_q + 16'd1;
      left_q  <= left_q - 16'd1;
    end
    if (next_pop)              mcast_q <= 1'b0;   // all is acknowledged then
    else if (state_q == MOVE)  mcast_q <= head_q[3];
    if (fail) where_q <= where;
    if (take) begin
      head_q        <= ahead_q[63:0];
      global_high_q <= ahead_q[127:96];
      local_high_q  <= ahead_q[191:160];
      strides_q     <= ahead_q[255:192];
    end
    if (out_d) begin
      if (state_q == FINISH) begin
        out_op_q      <= d1_pkg::NET_SIG;
        out_global_q  <= {16'd0, node_y_i, node_x_i, 27'd0, counter_q};
        out_local_q   <= 64'd1;
        out_control_q <= '0;
      end else begin
        out_op_q      <= kind == PUSH ? d1_pkg::NET_PUSH : kind == SIGNAL ? d1_pkg::NET_SIG : d1_pkg::NET_PULL;
        out_global_q  <= global;
        out_local_q   <= local_addr;
        out_control_q <= {head_q[31:16], head_q[3], head_q[4], head_q[12:8]};
      end
      out_index_q <= index_q;
    end
    for (int t = 0; t < 4; t++) begin
      if (state_q == DRAIN && drained && failed_q && thread_q == 2'(t) && (!error_o[t] || error_taken_i[t])) error_where_o[19*t +: 19] <= where_q;
    end
  end

  // Waiting for acknowledgements is nothing but that.
  always_comb begin : quiet
    unique case (state_q)
      IDLE:    quiet_o = !next_valid;
      CHECK:   quiet_o = !wrong && waits && !acknowledged_i && !fetch && (ahead_valid_q || ahead_done_q == '0);
      DRAIN:   quiet_o = !acknowledged_i;
      default: quiet_o = 1'b0;
    endcase
    if (out_q) quiet_o = 1'b0;
  end

  `D1_ASSERT(ListsHavePlace, !start_i || ready_o)
  `D1_ASSERT(OwnSignalHasNoFault, !(out_q && fault_i) || state_q != IDLE)

endmodule
