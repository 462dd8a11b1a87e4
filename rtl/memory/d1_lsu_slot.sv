// One access slot of the LSU: holds an operation, asks the SRAM for its words until all are granted, delivers the result.
//
// Accepted in t, first access in t+1, result in t+2 of the last access. One operation a cycle when every word is granted at
// once. Order of the words: low words of lanes 0..7, high words of lanes 0..7, then lanes 8..15 likewise. A store whose rows
// overlap across word boundaries is performed row by row, so that higher rows win.
//
// With Full = 0 the slot performs vector loads only. Never accesses a word twice, except to read and write it (AMO).
`include "d1_assert.svh"

module d1_lsu_slot #(
  parameter bit Full = 1'b1
) (
  input  logic         clk_i,
  input  logic         rst_ni,

  // Checked operation from address generation
  input  logic         valid_i,
  output logic         ready_o,
  input  logic [1:0]   thread_i,
  input  logic [3:0]   op_i,
  input  logic [2:0]   funct3_i,
  input  logic [4:0]   amo_i,
  input  logic [2:0]   shape_i,        // layout: s8 for unit and scalar accesses
  input  logic [4:0]   rd_i,
  input  logic [511:0] pieces_i,       // store data in the order of the lanes
  input  logic [287:0] word_i,
  input  logic [47:0]  off_i,
  input  logic [63:0]  cnt_i,
  input  logic [15:0]  lo_i,
  input  logic [15:0]  hi_i,
  input  logic         plain_i,
  output logic [3:0]   pending_o,
  output logic [3:0]   replay_o,

  // Results
  output logic         vwb_valid_o,
  output logic         gwb_valid_o,
  output logic [1:0]   wb_thread_o,
  output logic [4:0]   wb_reg_o,
  output logic [511:0] vwb_data_o,
  output logic [63:0]  gwb_data_o,

  // Reservations
  input  logic [3:0]   resv_valid_i,
  input  logic [59:0]  resv_block_i,
  input  logic [3:0]   resv_clear_i,   // traps
  output logic         resv_set_o,
  output logic [1:0]   resv_thread_o,
  output logic [14:0]  resv_block_o,
  output logic [3:0]   resv_clear_o,
  output logic [7:0]   resv_write_o,

  // A scalar store is performed
  output logic         store_done_o,
  output logic [20:0]  store_offset_o,
  output logic [63:0]  store_data_o,

  // SRAM
  output logic [7:0]   req_o,
  output logic [143:0] word_o /* verilator public_flat_rd */,
  output logic         we_o,
  output logic [63:0]  wmask_o /* verilator public_flat_rd */,   // reads too: the bytes used
  output logic [511:0] wdata_o /* verilator public_flat_rd */,
  output logic         hold_o,
  input  logic [7:0]   gnt_i,
  input  logic [511:0] rdata_i
);

  typedef enum logic [1:0] {AMO_READ, AMO_COMPUTE, AMO_WRITE} amo_state_e;

  // ---- The operation under way.
  logic         busy_q, busy_d;
  logic [1:0]   thread_q;
  logic [3:0]   op_q;
  logic [2:0]   funct3_q, shape_q;
  logic [4:0]   amo_q, rd_q;
  logic [511:0] pieces_q;
  logic [287:0] word_q;
  logic [47:0]  off_q;
  logic [63:0]  cnt_q;
  logic [15:0]  lo_q, hi_q;            // words still to be performed
  logic         plain_q, first_q, dead_q;
  amo_state_e   amo_state_q, amo_state_d;

  logic is_store, is_vstore, is_lr, is_sc, is_amo, is_vload;
  assign is_vload  = !Full || op_q == d1_pkg::LSU_VLOAD;
  assign is_vstore = Full && op_q == d1_pkg::LSU_VSTORE;
  assign is_store  = Full && (op_q == d1_pkg::LSU_STORE || op_q == d1_pkg::LSU_VSTORE);
  assign is_lr     = Full && op_q == d1_pkg::LSU_LR;
  assign is_sc     = Full && op_q == d1_pkg::LSU_SC;
  assign is_amo    = Full && op_q == d1_pkg::LSU_AMO;

  logic sc_ok;
  assign sc_ok = resv_valid_i[thread_q] && resv_block_i[15*thread_q +: 15] == word_q[17:3];

  // ---- Which words to ask for.
  logic         upper, high;           // lanes 8..15; high words
  logic [7:0]   todo_lo, todo_hi;
  logic [23:0]  off;
  logic [31:0]  cnt;
  logic         overlap;

  assign upper   = {hi_q[7:0], lo_q[7:0]} == '0 && {hi_q[15:8], lo_q[15:8]} != '0;
  assign todo_lo = upper ? lo_q[15:8] : lo_q[7:0];
  assign todo_hi = upper ? hi_q[15:8] : hi_q[7:0];
  assign off     = upper ? off_q[47:24] : off_q[23:0];
  assign cnt     = upper ? cnt_q[63:32] : cnt_q[31:0];

  // Bytes of lane l's two words that its piece uses: low word in bits 7:0, high word in bits 15:8.
  function automatic logic [15:0] span(input logic [2:0] first, input logic [3:0] count);
    span = ((16'd1 << count) - 16'd1) << first;
  endfunction

  // A higher row's low word overwritten late by a lower row's high word?
  always_comb begin : find_overlap
    logic [15:0] low_span, high_span;
    overlap   = 1'b0;
    low_span  = '0;
    high_span = '0;
    if (busy_q && is_vstore && todo_hi != '0) begin
      for (int i = 0; i < 7; i++) begin
        if (todo_hi[i]) begin
          high_span = span(off[3*i +: 3], cnt[4*i +: 4]);
          for (int j = i + 1; j < 8; j++) begin
            low_span = span(off[3*j +: 3], cnt[4*j +: 4]);
            if (todo_lo[j] && (high_span[15:8] & low_span[7:0]) != '0 &&
                word_of(upper, 4'(i)) + 18'd1 == word_of(upper, 4'(j))) overlap = 1'b1;
          end
        end
      end
    end
  end

  function automatic logic [17:0] word_of(input logic up, input logic [3:0] lane);
    word_of = up ? word_q[144 + 18*lane +: 18] : word_q[18*lane +: 18];
  endfunction

  always_comb begin : ask
    logic [7:0]  lanes;
    logic [15:0] used;
    logic [63:0] piece;
    req_o   = '0;
    word_o  = '0;
    we_o    = 1'b0;
    wmask_o = '1;
    wdata_o = '0;
    hold_o  = 1'b0;
    high    = 1'b0;
    lanes   = '0;
    used    = '0;
    piece   = '0;
    if (busy_q) begin
      word_o = upper ? word_q[287:144] : word_q[143:0];
      high  = todo_lo == '0;
      lanes = high ? todo_hi : todo_lo;
      if (overlap) begin
        // Row by row: the lowest lane that has anything left, its low word first.
        lanes = todo_lo | todo_hi;
        lanes = lanes & (~lanes + 8'd1);
        high  = (lanes & todo_lo) == '0;
      end
      if (high) begin
        for (int l = 0; l < 8; l++) word_o[18*l +: 18] = word_of(upper, 4'(l)) + 18'd1;
      end
      req_o = lanes;
      we_o  = is_store;
      if (is_amo) begin
        req_o  = amo_state_q == AMO_COMPUTE ? '0 : lanes;
        we_o   = amo_state_q == AMO_WRITE;
        hold_o = amo_state_q != AMO_READ;
      end
      if (is_sc) begin
        req_o = sc_ok ? lanes : '0;
        we_o  = 1'b1;
      end
      if (!plain_q) begin
        for (int l = 0; l < 8; l++) begin
          used = span(off[3*l +: 3], cnt[4*l +: 4]);
          wmask_o[8*l +: 8] = high ? used[15:8] : used[7:0];
        end
      end
      if (Full && we_o) begin
        if (plain_q) begin
          wdata_o = pieces_q;
        end else begin
          for (int l = 0; l < 8; l++) begin
            piece = pieces_q[64*l +: 64];
            if (upper) piece = {32'b0, piece[63:32]};
            if (high) piece = piece >> (7'd64 - {1'b0, off[3*l +: 3], 3'b0});
            else      piece = piece << {off[3*l +: 3], 3'b0};
            wdata_o[64*l +: 64] = piece;
          end
        end
      end
    end
  end

  // ---- What was granted, what remains.
  logic        done, beat, last, accept;
  logic [15:0] lo_d, hi_d;

  always_comb begin : take
    logic all_done;
    lo_d        = lo_q;
    hi_d        = hi_q;
    amo_state_d = amo_state_q;
    done        = 1'b0;
    beat        = 1'b0;     // data (or the result) for the result stage in the next cycle
    last        = 1'b0;     // ... complete
    all_done    = 1'b0;
    replay_o    = '0;
    if (busy_q) begin
      if (upper) begin
        if (high) hi_d[15:8] = hi_q[15:8] & ~gnt_i; else lo_d[15:8] = lo_q[15:8] & ~gnt_i;
      end else begin
        if (high) hi_d[7:0] = hi_q[7:0] & ~gnt_i; else lo_d[7:0] = lo_q[7:0] & ~gnt_i;
      end
      all_done = {hi_d, lo_d} == '0;
      done     = all_done;
      beat     = !is_store && (gnt_i != '0 || all_done);
      last     = all_done;
      if (is_amo) begin
        done = 1'b0;
        lo_d = lo_q;
        unique case (amo_state_q)
          AMO_READ:    if (all_done) amo_state_d = AMO_COMPUTE;
          AMO_COMPUTE: amo_state_d = AMO_WRITE;
          default: begin
            done = all_done;
            beat = 1'b0;
          end
        endcase
      end
      if (is_sc) begin
        if (!sc_ok) done = 1'b1;
        beat = done;
        last = done;
      end
      replay_o[thread_q] = (req_o & ~gnt_i) != '0;
    end
    busy_d = busy_q && !done;
  end

  assign ready_o = !busy_q || done;
  assign accept  = valid_i && ready_o;

  always_comb begin : outcome
    pending_o = '0;
    if (busy_d) pending_o[thread_q] = 1'b1;
  end

  assign resv_set_o     = is_lr && done && !dead_q && !resv_clear_i[thread_q];
  assign resv_thread_o  = thread_q;
  assign resv_block_o   = word_q[17:3];
  assign resv_write_o   = we_o ? gnt_i : '0;
  assign store_done_o   = is_store && !is_vstore && done;
  assign store_offset_o = {word_q[17:0], off_q[2:0]};
  assign store_data_o   = pieces_q[63:0];

  // A trap ends reservations of instructions before it. A store-conditional that still waits came before the trap.
  always_comb begin : end_reservations
    resv_clear_o = resv_clear_i;
    if (busy_q && is_sc) resv_clear_o[thread_q] = done;
  end

  // ---- Result stage.
  logic         r_valid_q, r_last_q, r_first_q, r_high_q, r_upper_q, r_plain_q, r_vector_q, r_sc_q, r_sc_ok_q;
  logic [1:0]   r_thread_q;
  logic [4:0]   r_rd_q;
  logic [2:0]   r_shape_q, r_funct3_q;
  logic [23:0]  r_off_q;
  logic [31:0]  r_cnt_q;
  logic [511:0] acc_q, acc_d, result;

  d1_lsu_load u_load (
    .valid_i(r_valid_q), .first_i(r_first_q), .plain_i(r_plain_q), .hi_i(r_high_q), .upper_i(r_upper_q), .shape_i(r_shape_q), .off_i(r_off_q),
    .cnt_i(r_cnt_q), .rdata_i, .acc_i(acc_q), .acc_o(acc_d), .result_o(result)
  );

  assign vwb_valid_o = r_valid_q && r_last_q && r_vector_q;
  assign gwb_valid_o = r_valid_q && r_last_q && !r_vector_q;
  assign wb_thread_o = r_thread_q;
  assign wb_reg_o    = r_rd_q;
  assign vwb_data_o  = result;

  always_comb begin : scalar_result
    gwb_data_o = '0;
    if (gwb_valid_o) begin
      unique case (r_funct3_q)
        3'd0: gwb_data_o = {{56{acc_d[7]}}, acc_d[7:0]};
        3'd1: gwb_data_o = {{48{acc_d[15]}}, acc_d[15:0]};
        3'd2: gwb_data_o = {{32{acc_d[31]}}, acc_d[31:0]};
        default: gwb_data_o = acc_d[63:0];    // ld; unsigned loads: the bytes not loaded are 0
      endcase
      if (r_sc_q) gwb_data_o = {63'd0, !r_sc_ok_q};
    end
  end

  logic [63:0] amo_result;
  if (Full) begin : gen_amo
    d1_lsu_amo u_amo (.amo_i(amo_q), .double_i(funct3_q[0]), .memory_i(acc_d[63:0]), .operand_i(pieces_q[63:0]), .result_o(amo_result));
  end else begin : gen_no_amo
    assign amo_result = '0;
  end

  // ---- Registers.
  always_ff @(posedge clk_i or negedge rst_ni) begin : control
    if (!rst_ni) begin
      busy_q    <= 1'b0;
      r_valid_q <= 1'b0;
    end else begin
      busy_q    <= busy_d || accept;
      r_valid_q <= beat;
    end
  end

  always_ff @(posedge clk_i) begin : operation
    if (accept) begin
      thread_q    <= thread_i;
      op_q        <= op_i;
      funct3_q    <= funct3_i;
      amo_q       <= amo_i;
      shape_q     <= shape_i;
      rd_q        <= rd_i;
      word_q      <= word_i;
      off_q       <= off_i;
      cnt_q       <= cnt_i;
      lo_q        <= lo_i;
      hi_q        <= hi_i;
      plain_q     <= plain_i;
      first_q     <= 1'b1;
      dead_q      <= 1'b0;
      amo_state_q <= AMO_READ;
    end else if (busy_q) begin
      lo_q        <= lo_d;
      hi_q        <= hi_d;
      first_q     <= first_q && !beat;
      dead_q      <= dead_q || resv_clear_i[thread_q];
      amo_state_q <= amo_state_d;
    end
  end

  if (Full) begin : gen_store
    always_ff @(posedge clk_i) begin : store_data
      if (accept) begin
        if (op_i[0] || op_i == d1_pkg::LSU_AMO || op_i == d1_pkg::LSU_SC) pieces_q <= pieces_i;   // LSU_STORE, LSU_VSTORE are odd
      end else if (is_amo && amo_state_q == AMO_COMPUTE) begin
        pieces_q <= {pieces_q[511:64], amo_result};   // the whole, as partial assignments cost a simulator a copy a cycle
      end
    end
  end else begin : gen_no_store
    assign pieces_q = '0;
  end

  always_ff @(posedge clk_i) begin : result_stage
    if (beat) begin
      r_last_q   <= last;
      r_first_q  <= first_q;
      r_high_q   <= high;
      r_upper_q  <= upper;
      r_plain_q  <= plain_q;
      r_vector_q <= is_vload;
      r_sc_q     <= is_sc;
      r_sc_ok_q  <= sc_ok;
      r_thread_q <= thread_q;
      r_rd_q     <= rd_q;
      r_shape_q  <= shape_q;
      r_funct3_q <= funct3_q;
      r_off_q    <= off;
      r_cnt_q    <= cnt;
    end
    if (r_valid_q && !r_last_q) acc_q <= acc_d;
  end

  `D1_ASSERT(GrantsFollowRequests, (gnt_i & ~req_o) == '0)
  `D1_ASSERT(HeldWriteIsAlone, !hold_o || (todo_lo == 8'd1 && todo_hi == '0))

`ifndef SYNTHESIS
  // For the trace, with the ports word_o, wmask_o and wdata_o: lanes performed in this cycle, for whom, and how.
  logic [7:0] tr_lanes  /* verilator public_flat_rd */;
  logic [1:0] tr_thread /* verilator public_flat_rd */;
  logic       tr_we     /* verilator public_flat_rd */;
  assign tr_lanes  = gnt_i;
  assign tr_thread = thread_q;
  assign tr_we     = we_o;
`endif

endmodule
