// Load/store unit: address generation and checks in the cycle of the request, then one access stage per slot.
//
// Slot 0 takes every operation, slot 1 vector loads. Request in cycle t, banks accessed in t+1, result presented in t+2; a
// result presented in t+2 is written at the end of t+2. One operation per slot per cycle as long as banks do not conflict and
// rows are aligned; otherwise the slot repeats the lanes that were not granted and holds its `ready` back. Atomic operations
// occupy slot 0 for three cycles (read, compute, write) with their bank held.
//
// fault*_o are combinational from the request; a faulting request has no effect even if it transfers.
// Results have no ready: the register files take them. Never reorders operations within a slot.
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
endmodule
