// Control of one output queue of a router's input: places in the output's buffer, and what arbitration must know of the head
// (Width bits), kept here so that the buffer is read only for a flit that leaves. An entry pushed in t is at the head in t+1.
// Never takes a push without a free place: the sender counts credits.
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

  if (Depth != 2**AW) begin : gen_illegal
    $error("d1_vc_fifo: Depth must be a power of two");
  end

  logic [Width-1:0] side [Depth];
  logic [AW-1:0]    head_q, tail_q;
  logic [AW:0]      count_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin : places
    if (!rst_ni) begin
      head_q  <= '0;
      tail_q  <= '0;
      count_q <= '0;
    end else if (push_i || pop_i) begin
      if (push_i) tail_q <= tail_q + 1'b1;
      if (pop_i)  head_q <= head_q + 1'b1;
      count_q <= count_q + (AW + 1)'(push_i) - (AW + 1)'(pop_i);
    end
  end

  // Blocking: the entry written is never the one read in that cycle, and the simulator is spared delayed copies.
  always_ff @(posedge clk_i) begin : entries
    if (push_i) side[tail_q] = side_i;
  end

  assign valid_o = count_q != '0;
  assign full_o  = count_q == (AW + 1)'(Depth);
  assign tail_o  = tail_q;
  assign head_o  = head_q;

  always_comb begin : head
    side_o = '0;
    if (valid_o) side_o = side[head_q];
  end

  `D1_ASSERT(NoOverflow, !(push_i && full_o))
  `D1_ASSERT(NeverPoppedWhenEmpty, !(pop_i && !valid_o))

endmodule
