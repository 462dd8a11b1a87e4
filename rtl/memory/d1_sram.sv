// The node's local memory: 64 banks of 2,560 x 8 bytes, five requesters of eight lanes, one access a bank a cycle.
//
// Word w (8 bytes) lies in bank (w + 3*(w >> 6)) mod 64, row w >> 6. Requesters in order of priority: NIU write (nw), LSU
// slot 0 (s0, reads or writes), LSU slot 1 (s1), fetch (f), NIU read (nr). Each lane is granted on its own, in the cycle of
// the request; read data follow in the next cycle and are there for that cycle only. A lane that is not granted asks again.
//
// Lanes of one requester in one bank: the lowest first; lanes that read the same word share the access.
// nw_hold_i / s0_hold_i refuse the bank of that requester's lane 0 word to everybody else (atomic read-modify-write).
// A requester that has had a lane waiting for 15 cycles has the next cycle to itself, so that nobody waits for ever.
//
// Latency 1, 40 lanes a cycle at most. Never drops or reorders the accesses of a lane; never writes a byte outside wmask.
module d1_sram (
  input  logic         clk_i,
  input  logic         rst_ni,
  // NIU write
  input  logic [7:0]   nw_req_i,
  input  logic [143:0] nw_word_i,
  input  logic [63:0]  nw_wmask_i,
  input  logic [511:0] nw_wdata_i,
  input  logic         nw_hold_i,
  output logic [7:0]   nw_gnt_o,
  // LSU slot 0: s0_we_i makes all its lanes writes
  input  logic [7:0]   s0_req_i,
  input  logic [143:0] s0_word_i,
  input  logic         s0_we_i,
  input  logic [63:0]  s0_wmask_i,
  input  logic [511:0] s0_wdata_i,
  input  logic         s0_hold_i,
  output logic [7:0]   s0_gnt_o,
  output logic [511:0] s0_rdata_o,
  // LSU slot 1
  input  logic [7:0]   s1_req_i,
  input  logic [143:0] s1_word_i,
  output logic [7:0]   s1_gnt_o,
  output logic [511:0] s1_rdata_o,
  // Instruction fetch
  input  logic [7:0]   f_req_i,
  input  logic [143:0] f_word_i,
  output logic [7:0]   f_gnt_o,
  output logic [511:0] f_rdata_o,
  // NIU read
  input  logic [7:0]   nr_req_i,
  input  logic [143:0] nr_word_i,
  output logic [7:0]   nr_gnt_o,
  output logic [511:0] nr_rdata_o,
  // Lanes that asked and were not granted in this cycle (event 18)
  output logic [5:0]   wait_words_o
);
endmodule
