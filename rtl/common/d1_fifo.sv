// FIFO of Depth entries. An entry pushed in cycle t is at the head in t+1 at the earliest; one push and one pop a cycle, also
// when full. Outputs depend on registers only. Never takes a push without a free place: the caller sees free_o.
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

  logic [Width-1:0] mem [Depth];
  logic [AW-1:0]    head, tail;
  logic [AW:0]      count;

  d1_fifo_control #(.Depth(Depth)) u_control (.clk_i, .rst_ni, .push_i, .pop_i, .tail_o(tail), .head_o(head), .count_o(count));

  always_ff @(posedge clk_i) begin
    if (push_i) mem[tail] <= data_i;
  end

  assign valid_o = count != '0;
  assign free_o  = (AW + 1)'(Depth) - count;

  always_comb begin : read
    data_o = '0;
    if (valid_o) data_o = mem[head];
  end

endmodule
