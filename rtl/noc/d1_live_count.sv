// How many nodes of a rectangle are alive, in a fabric with dead nodes: 0 for a dead node, and as many as will answer a
// multicast. From a table of sums: entry 32*y + x says how many live nodes have a column up to x and a row up to y. Written by
// the host before the first packet. Combinational, 0 without en_i; the rectangle's corners are in order and below 32.
module d1_live_count (
  input  logic        clk_i,
  input  logic        we_i,
  input  logic [9:0]  addr_i,
  input  logic [10:0] data_i,
  input  logic        en_i,
  input  logic [4:0]  x0_i,
  input  logic [4:0]  y0_i,
  input  logic [4:0]  x1_i,
  input  logic [4:0]  y1_i,
  output logic [10:0] count_o
);

  logic [10:0] sums [1024];

  always_ff @(posedge clk_i) begin
    if (we_i) sums[addr_i] <= data_i;
  end

  always_comb begin : count
    logic [4:0]  left, above;     // the column and the row before the rectangle
    logic [10:0] whole, beside, over, both;
    left    = x0_i - 5'd1;
    above   = y0_i - 5'd1;
    whole   = '0;
    beside  = '0;
    over    = '0;
    both    = '0;
    count_o = '0;
    if (en_i) begin
      whole = sums[{y1_i, x1_i}];
      if (x0_i != '0) beside = sums[{y1_i, left}];
      if (y0_i != '0) over   = sums[{above, x1_i}];
      if (x0_i != '0 && y0_i != '0) both = sums[{above, left}];
      count_o = whole - beside - over + both;
    end
  end

endmodule
