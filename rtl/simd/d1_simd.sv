// SIMD unit: every xd1vec instruction and the tile moves dm.mv.v.t, dm.mv.t.v (docs/isa.md, sections 6 and 7;
// arithmetic: docs/numerics.md, sections 1 to 4). Shared by the four threads.
//
// Timing. An instruction issues in cycle t when valid_i & ready_o; all other inputs belong to it and are not used later.
//   t      operands are registered
//   t+1..3 execution stages E1, E2, E3
//   t+3    res_next_valid_o, res_next_{thread,kind,reg}_o announce the result of cycle t+4
//   t+4    res_valid_o with data and flags; the register file (or tile) writes at the end of t+4
//   t+5    the first cycle in which an instruction that reads the new value may issue
// The announcement comes early enough for a scoreboard that clears its pending bit at the end of t+3, decodes the
// dependent instruction in t+4 and issues it in t+5.
// dv.fredsum makes four passes: res_valid_o comes in t+16 (the announcement in t+15). It takes the issue slot three more
// times: ready_o is low in t+4, t+8 and t+12, and only then. Several reductions may be under way. Results of other
// instructions overtake it.
//
// Throughput: one instruction a cycle (fredsum: one in four). ready_o depends on registers only. The result port has no
// back-pressure; there is one result for every issued instruction, flags included (0 where none can arise).
// The unit never traps: the instruction is legal and its descriptors are good when it arrives here.
module d1_simd (
  input  logic         clk_i,
  input  logic         rst_ni,

  // Issue
  input  logic         valid_i,
  output logic         ready_o,
  input  logic [1:0]   thread_i,
  input  logic [31:0]  insn_i,
  input  logic [511:0] vs1_i,
  input  logic [511:0] vs2_i,
  input  logic [511:0] vd_i,      // vd before the instruction: accumulator, mask, or what a part leaves alone
  input  logic [31:0]  x_i,       // scalar rs1
  input  logic [511:0] tile_i,    // dm.mv.v.t: row of tile 2*pair in lanes 0..7, of tile 2*pair+1 in lanes 8..15
  input  logic [15:0]  sdesc_i,   // source descriptor (dm.mv.v.t: not read, fp32 is implied)
  input  logic [15:0]  ddesc_i,   // destination descriptor (dm.mv.t.v: not read, fp32 is implied)
  input  logic [63:0]  seed_i,    // dseed
  input  logic [63:0]  count_i,   // dcount

  // Announcement, one cycle before the result
  output logic         res_next_valid_o,
  output logic [1:0]   res_next_thread_o,
  output logic [1:0]   res_next_kind_o,
  output logic [4:0]   res_next_reg_o,

  // Result
  output logic         res_valid_o,
  output logic [1:0]   res_thread_o,
  output logic [1:0]   res_kind_o,   // d1_simd_pkg::RES_*
  output logic [4:0]   res_reg_o,    // instruction bits 11:7: vd, rd or trowd
  output logic [511:0] res_data_o,   // RES_GPR: bits 63:0, others 0; RES_TILE: lanes as tile_i
  output logic [3:0]   res_flags_o,  // d1_pkg::FLAG_*

  output logic         busy_o,       // an instruction is under way (issued, result not yet delivered)
  output logic         active_o      // an instruction issues in this cycle
);

  assign ready_o = 1'b0;
  assign res_next_valid_o = 1'b0;
  assign res_next_thread_o = 2'd0;
  assign res_next_kind_o = 2'd0;
  assign res_next_reg_o = 5'd0;
  assign res_valid_o = 1'b0;
  assign res_thread_o = 2'd0;
  assign res_kind_o = 2'd0;
  assign res_reg_o = 5'd0;
  assign res_data_o = 512'd0;
  assign res_flags_o = 4'd0;
  assign busy_o = 1'b0;
  assign active_o = 1'b0;

endmodule
