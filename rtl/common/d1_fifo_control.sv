// Pointers of a FIFO of Depth entries whose memory lies elsewhere: where the next entry goes, where the head lies, how many
// there are. An entry pushed in cycle t is at the head in t+1 at the earliest; one push and one pop a cycle, also when full.
// Outputs depend on registers only. Never takes a push without a free place: the caller sees count_o.
`include "d1_assert.svh"

module d1_fifo_control #(
  parameter int unsigned Depth = 4      // power of two
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     push_i,
  input  logic                     pop_i,
  output logic [$clog2(Depth)-1:0] tail_o,    // place of the entry pushed now
  output logic [$clog2(Depth)-1:0] head_o,    // place of the head
  output logic [$clog2(Depth):0]   count_o    // entries
);

  localparam int unsigned AW = $clog2(Depth);

  if (Depth != 2**AW) begin : gen_illegal
    $error("d1_fifo_control: Depth must be a power of two");
  end

  logic [AW-1:0] head_q, tail_q;
  logic [AW:0]   count_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
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

  assign tail_o  = tail_q;
  assign head_o  = head_q;
  assign count_o = count_q;

  `D1_ASSERT(NeverPushedWhenFull, !(push_i && count_q == (AW + 1)'(Depth) && !pop_i))
  `D1_ASSERT(NeverPoppedWhenEmpty, !(pop_i && count_q == '0))

endmodule
