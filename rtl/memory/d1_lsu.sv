// Load/store unit: address generation and checks in the cycle of the request, then one access stage per slot.
//
// Slot 0 takes every operation, slot 1 vector loads. Request in cycle t, banks accessed in t+1, result presented in t+2; a
// result presented in t+2 is written at the end of t+2. One operation per slot per cycle as long as banks do not conflict and
// rows are aligned; otherwise the slot repeats the lanes that were not granted and holds its `ready` back. Atomic operations
// occupy slot 0 for three cycles (read, compute, write) with their bank held.
//
// fault*_o are combinational from the request; a faulting request has no effect even if it transfers.
// Results have no ready: the register files take them. Never reorders operations within a slot.
`include "d1_assert.svh"

module d1_lsu (
  input  logic          clk_i,
  input  logic          rst_ni,

  // Slot 0
  input  logic          req_valid0_i,
  output logic          req_ready0_o,
  input  logic [1:0]    req_thread0_i,
  input  logic [3:0]    req_op0_i,
  input  logic [2:0]    req_funct30_i,
  input  logic [4:0]    req_amo0_i,
  input  logic          req_unit0_i,
  input  logic          req_indexed0_i,
  input  logic [2:0]    req_shape0_i,
  input  logic          req_pad0_i,
  input  logic [4:0]    req_rows0_i,
  input  logic [6:0]    req_bytes0_i,
  input  logic [63:0]   req_base0_i,
  input  logic [63:0]   req_stride0_i,
  input  logic [511:0]  req_index0_i,
  input  logic [511:0]  req_data0_i,
  input  logic [4:0]    req_rd0_i,
  output logic          fault0_o,
  output logic [5:0]    fault_cause0_o,
  output logic [63:0]   fault_tval0_o,
  output logic [3:0]    pending0_o,      // per thread: not fully performed by the end of this cycle

  // Slot 1: vector loads
  input  logic          req_valid1_i,
  output logic          req_ready1_o,
  input  logic [1:0]    req_thread1_i,
  input  logic          req_unit1_i,
  input  logic          req_indexed1_i,
  input  logic [2:0]    req_shape1_i,
  input  logic          req_pad1_i,
  input  logic [4:0]    req_rows1_i,
  input  logic [6:0]    req_bytes1_i,
  input  logic [63:0]   req_base1_i,
  input  logic [63:0]   req_stride1_i,
  input  logic [511:0]  req_index1_i,
  input  logic [4:0]    req_rd1_i,
  output logic          fault1_o,
  output logic [5:0]    fault_cause1_o,
  output logic [63:0]   fault_tval1_o,
  output logic [3:0]    pending1_o,

  // Results: vector loads of slot s, and scalar results (loads, LR, SC, AMO)
  output logic [1:0]    vwb_valid_o,
  output logic [3:0]    vwb_thread_o,    // slot s in bits 2s+1..2s
  output logic [9:0]    vwb_reg_o,
  output logic [1023:0] vwb_data_o,
  output logic          gwb_valid_o,
  output logic [1:0]    gwb_thread_o,
  output logic [4:0]    gwb_reg_o,
  output logic [63:0]   gwb_data_o,

  // Reservations: a trap of thread t, and writes of the network (64-byte block), end them
  input  logic [3:0]    resv_clear_i,
  input  logic          snoop_valid_i,
  input  logic [14:0]   snoop_block_i,

  // A scalar store was performed in this cycle: byte offset in the SRAM, data as in the request (`tohost`)
  output logic          store_done_o,
  output logic [20:0]   store_offset_o,
  output logic [63:0]   store_data_o,

  // Event 16: a lane of the thread's access was refused in this cycle
  output logic [3:0]    replay_o,

  // SRAM requesters s0 and s1
  output logic [7:0]    s0_req_o,
  output logic [143:0]  s0_word_o,
  output logic          s0_we_o,
  output logic [63:0]   s0_wmask_o,
  output logic [511:0]  s0_wdata_o,
  output logic          s0_hold_o,
  input  logic [7:0]    s0_gnt_i,
  input  logic [511:0]  s0_rdata_i,
  output logic [7:0]    s1_req_o,
  output logic [143:0]  s1_word_o,
  input  logic [7:0]    s1_gnt_i,
  input  logic [511:0]  s1_rdata_i
);

  // Slot 0
  logic         valid0, plain0;
  logic [287:0] word0;
  logic [47:0]  off0;
  logic [63:0]  cnt0;
  logic [15:0]  lo0, hi0;
  logic [511:0] pieces0;
  logic [2:0]   layout0;

  // Slot 1
  logic         valid1, plain1;
  logic [287:0] word1;
  logic [47:0]  off1;
  logic [63:0]  cnt1;
  logic [15:0]  lo1, hi1;
  logic [2:0]   layout1;

  // Reservations
  logic [3:0]   resv_valid, resv_end;
  logic [59:0]  resv_block;
  logic         resv_set;
  logic [1:0]   resv_thread;
  logic [14:0]  resv_set_block;
  logic [7:0]   resv_write;

  logic [3:0]   replay0, replay1;

  d1_lsu_agen u_agen0 (
    .valid_i(req_valid0_i), .op_i(req_op0_i), .funct3_i(req_funct30_i), .unit_i(req_unit0_i), .indexed_i(req_indexed0_i),
    .shape_i(req_shape0_i), .pad_i(req_pad0_i), .rows_i(req_rows0_i), .bytes_i(req_bytes0_i), .base_i(req_base0_i),
    .stride_i(req_stride0_i), .index_i(req_index0_i), .fault_o(fault0_o), .cause_o(fault_cause0_o), .tval_o(fault_tval0_o),
    .word_o(word0), .off_o(off0), .cnt_o(cnt0), .lo_o(lo0), .hi_o(hi0), .plain_o(plain0)
  );

  assign layout0 = req_op0_i[3] && !req_unit0_i ? req_shape0_i : 3'd1;
  assign valid0  = req_valid0_i && !fault0_o;

  d1_lsu_store u_store (
    .valid_i(req_valid0_i && req_op0_i == d1_pkg::LSU_VSTORE), .shape_i(layout0), .data_i(req_data0_i), .pieces_o(pieces0)
  );

  d1_lsu_slot #(.Full(1'b1)) u_slot0 (
    .clk_i, .rst_ni,
    .valid_i(valid0), .ready_o(req_ready0_o), .thread_i(req_thread0_i), .op_i(req_op0_i), .funct3_i(req_funct30_i),
    .amo_i(req_amo0_i), .shape_i(layout0), .rd_i(req_rd0_i), .pieces_i(pieces0), .word_i(word0), .off_i(off0), .cnt_i(cnt0),
    .lo_i(lo0), .hi_i(hi0), .plain_i(plain0), .pending_o(pending0_o), .replay_o(replay0),
    .vwb_valid_o(vwb_valid_o[0]), .gwb_valid_o, .wb_thread_o(vwb_thread_o[1:0]), .wb_reg_o(vwb_reg_o[4:0]),
    .vwb_data_o(vwb_data_o[511:0]), .gwb_data_o,
    .resv_valid_i(resv_valid), .resv_block_i(resv_block), .resv_clear_i, .resv_set_o(resv_set), .resv_thread_o(resv_thread),
    .resv_block_o(resv_set_block), .resv_clear_o(resv_end), .resv_write_o(resv_write),
    .store_done_o, .store_offset_o, .store_data_o,
    .req_o(s0_req_o), .word_o(s0_word_o), .we_o(s0_we_o), .wmask_o(s0_wmask_o), .wdata_o(s0_wdata_o), .hold_o(s0_hold_o),
    .gnt_i(s0_gnt_i), .rdata_i(s0_rdata_i)
  );

  assign gwb_thread_o = vwb_thread_o[1:0];
  assign gwb_reg_o    = vwb_reg_o[4:0];

  d1_lsu_resv u_resv (
    .clk_i, .rst_ni, .set_i(resv_set), .set_thread_i(resv_thread), .set_block_i(resv_set_block), .clear_i(resv_end),
    .write_i(resv_write), .write_word_i(s0_word_o), .snoop_valid_i, .snoop_block_i, .valid_o(resv_valid), .block_o(resv_block)
  );

  d1_lsu_agen u_agen1 (
    .valid_i(req_valid1_i), .op_i(d1_pkg::LSU_VLOAD), .funct3_i(3'd0), .unit_i(req_unit1_i), .indexed_i(req_indexed1_i),
    .shape_i(req_shape1_i), .pad_i(req_pad1_i), .rows_i(req_rows1_i), .bytes_i(req_bytes1_i), .base_i(req_base1_i),
    .stride_i(req_stride1_i), .index_i(req_index1_i), .fault_o(fault1_o), .cause_o(fault_cause1_o), .tval_o(fault_tval1_o),
    .word_o(word1), .off_o(off1), .cnt_o(cnt1), .lo_o(lo1), .hi_o(hi1), .plain_o(plain1)
  );

  assign layout1 = req_unit1_i ? 3'd1 : req_shape1_i;
  assign valid1  = req_valid1_i && !fault1_o;

  d1_lsu_slot #(.Full(1'b0)) u_slot1 (
    .clk_i, .rst_ni,
    .valid_i(valid1), .ready_o(req_ready1_o), .thread_i(req_thread1_i), .op_i(d1_pkg::LSU_VLOAD), .funct3_i(3'd0),
    .amo_i(5'd0), .shape_i(layout1), .rd_i(req_rd1_i), .pieces_i('0), .word_i(word1), .off_i(off1), .cnt_i(cnt1),
    .lo_i(lo1), .hi_i(hi1), .plain_i(plain1), .pending_o(pending1_o), .replay_o(replay1),
    .vwb_valid_o(vwb_valid_o[1]), .gwb_valid_o(), .wb_thread_o(vwb_thread_o[3:2]), .wb_reg_o(vwb_reg_o[9:5]),
    .vwb_data_o(vwb_data_o[1023:512]), .gwb_data_o(),
    .resv_valid_i('0), .resv_block_i('0), .resv_clear_i('0), .resv_set_o(), .resv_thread_o(),
    .resv_block_o(), .resv_clear_o(), .resv_write_o(),
    .store_done_o(), .store_offset_o(), .store_data_o(),
    .req_o(s1_req_o), .word_o(s1_word_o), .we_o(), .wmask_o(), .wdata_o(), .hold_o(), .gnt_i(s1_gnt_i), .rdata_i(s1_rdata_i)
  );

  assign replay_o = replay0 | replay1;

  `D1_ASSERT(ThreadInOneSlot, (pending0_o & pending1_o) == '0)

endmodule
