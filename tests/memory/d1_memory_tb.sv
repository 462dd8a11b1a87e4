// Harness of d1_memory_test: LSU and SRAM joined as in a node; the other requesters of the SRAM are ports.
module d1_memory_tb (
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

  // Reservations: a trap of thread t ends its own
  input  logic [3:0]    resv_clear_i,

  // A scalar store was performed in this cycle: byte offset in the SRAM, data as in the request (`tohost`)
  output logic          store_done_o,
  output logic [20:0]   store_offset_o,
  output logic [63:0]   store_data_o,

  // Event 16: a lane of the thread's access was refused in this cycle
  output logic [3:0]    replay_o,

  // NIU write, fetch, NIU read
  input  logic [7:0]    nw_req_i,
  input  logic [143:0]  nw_word_i,
  input  logic [63:0]   nw_wmask_i,
  input  logic [511:0]  nw_wdata_i,
  input  logic          nw_hold_i,
  output logic [7:0]    nw_gnt_o,
  input  logic [7:0]    f_req_i,
  input  logic [143:0]  f_word_i,
  output logic [7:0]    f_gnt_o,
  output logic [511:0]  f_rdata_o,
  input  logic [7:0]    nr_req_i,
  input  logic [143:0]  nr_word_i,
  output logic [7:0]    nr_gnt_o,
  output logic [511:0]  nr_rdata_o,
  output logic [5:0]    wait_words_o
);

  logic [7:0]   s0_req, s1_req, s0_gnt, s1_gnt;
  logic [143:0] s0_word, s1_word;
  logic         s0_we, s0_hold;
  logic [63:0]  s0_wmask;
  logic [511:0] s0_wdata, s0_rdata, s1_rdata;

  d1_lsu u_lsu (
    .clk_i,
    .rst_ni,
    .req_valid0_i,
    .req_ready0_o,
    .req_thread0_i,
    .req_op0_i,
    .req_funct30_i,
    .req_amo0_i,
    .req_unit0_i,
    .req_indexed0_i,
    .req_shape0_i,
    .req_pad0_i,
    .req_rows0_i,
    .req_bytes0_i,
    .req_base0_i,
    .req_stride0_i,
    .req_index0_i,
    .req_data0_i,
    .req_rd0_i,
    .fault0_o,
    .fault_cause0_o,
    .fault_tval0_o,
    .pending0_o,
    .req_valid1_i,
    .req_ready1_o,
    .req_thread1_i,
    .req_unit1_i,
    .req_indexed1_i,
    .req_shape1_i,
    .req_pad1_i,
    .req_rows1_i,
    .req_bytes1_i,
    .req_base1_i,
    .req_stride1_i,
    .req_index1_i,
    .req_rd1_i,
    .fault1_o,
    .fault_cause1_o,
    .fault_tval1_o,
    .pending1_o,
    .vwb_valid_o,
    .vwb_thread_o,
    .vwb_reg_o,
    .vwb_data_o,
    .gwb_valid_o,
    .gwb_thread_o,
    .gwb_reg_o,
    .gwb_data_o,
    .resv_clear_i,
    .store_done_o,
    .store_offset_o,
    .store_data_o,
    .replay_o,
    .snoop_valid_i(nw_gnt_o != '0), .snoop_block_i(nw_word_i[17:3]),
    .s0_req_o(s0_req), .s0_word_o(s0_word), .s0_we_o(s0_we), .s0_wmask_o(s0_wmask), .s0_wdata_o(s0_wdata), .s0_hold_o(s0_hold),
    .s0_gnt_i(s0_gnt), .s0_rdata_i(s0_rdata), .s1_req_o(s1_req), .s1_word_o(s1_word), .s1_gnt_i(s1_gnt), .s1_rdata_i(s1_rdata)
  );

  d1_sram u_sram (
    .clk_i, .rst_ni,
    .nw_req_i, .nw_word_i, .nw_wmask_i, .nw_wdata_i, .nw_hold_i, .nw_gnt_o,
    .s0_req_i(s0_req), .s0_word_i(s0_word), .s0_we_i(s0_we), .s0_wmask_i(s0_wmask), .s0_wdata_i(s0_wdata), .s0_hold_i(s0_hold),
    .s0_gnt_o(s0_gnt), .s0_rdata_o(s0_rdata),
    .s1_req_i(s1_req), .s1_word_i(s1_word), .s1_gnt_o(s1_gnt), .s1_rdata_o(s1_rdata),
    .f_req_i, .f_word_i, .f_gnt_o, .f_rdata_o,
    .nr_req_i, .nr_word_i, .nr_gnt_o, .nr_rdata_o,
    .wait_words_o
  );

endmodule
