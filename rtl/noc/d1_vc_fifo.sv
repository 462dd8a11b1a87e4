// Control of one output queue of a router's input: places in the output's buffer, and what arbitration must know of the head
// (Width bits), kept here so that the buffer is read only for a flit that leaves. An entry pushed in t is at the head in t+1.
// Never takes a push without a free place, not even while another leaves: the sender counts credits.
`include "d1_assert.svh"

module d1_vc_fifo #(
  parameter int unsigned Width = 32,
  parameter int unsigned Depth = d1_noc_pkg::QUEUE_DEPTH   // power of two
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     push_i,
  input  logic [Width-1:0]         side_i,
  input  logic                     pop_i,
  output logic                     valid_o,   // there is a head
  output logic [Width-1:0]         side_o,    // of the head; 0 without one
  output logic [$clog2(Depth)-1:0] tail_o,    // place of the entry pushed now
  output logic [$clog2(Depth)-1:0] head_o,    // place of the head
  output logic                     full_o
);

  localparam int unsigned AW = $clog2(Depth);

  logic [Width-1:0] side [Depth];
  logic [AW:0]      count;

  d1_fifo_control #(.Depth(Depth)) u_control (.clk_i, .rst_ni, .push_i, .pop_i, .tail_o, .head_o, .count_o(count));

  always_ff @(posedge clk_i) begin : entries
    if (push_i) side[tail_o] <= side_i;
  end

  assign valid_o = count != '0;
  assign full_o  = count == (AW + 1)'(Depth);

  always_comb begin : head
    side_o = '0;
    if (valid_o) side_o = side[head_o];
  end

  `D1_ASSERT(NoOverflow, !(push_i && full_o))

endmodule
