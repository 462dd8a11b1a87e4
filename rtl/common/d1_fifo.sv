// FIFO of Depth entries. An entry pushed in cycle t is at the head in t+1 at the earliest; one push and one pop a cycle, also
// when full. Outputs depend on registers only. Never takes a push without a free place: the caller sees free_o.
`include "d1_assert.svh"

module d1_fifo #(
  parameter int unsigned Width = 32,
  parameter int unsigned Depth = 4      // power of two
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     push_i,
  input  logic [Width-1:0]         data_i,
  input  logic                     pop_i,
  output logic                     valid_o,   // there is a head
  output logic [Width-1:0]         data_o,    // the head; 0 without one
  output logic [$clog2(Depth):0]   free_o     // free places
);

  localparam int unsigned AW = $clog2(Depth);

  if (Depth != 2**AW) begin : gen_illegal
    $error("d1_fifo: Depth must be a power of two");
  end

  logic [Width-1:0] mem [Depth];
  logic [AW-1:0]    head_q, tail_q;
  logic [AW:0]      count_q;

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

  always_ff @(posedge clk_i) begin
    if (push_i) mem[tail_q] <= data_i;
  end

  assign valid_o = count_q != '0;
  assign free_o  = (AW + 1)'(Depth) - count_q;

  always_comb begin : head
    data_o = '0;
    if (valid_o) data_o = mem[head_q];
  end

  `D1_ASSERT(NeverPushedWhenFull, !(push_i && free_o == '0 && !pop_i))
  `D1_ASSERT(NeverPoppedWhenEmpty, !(pop_i && !valid_o))

endmodule
