// Claims on d1_fifo of depths 2, 4 and 8, for every sequence of pushes and pops that keeps the contract, proven by induction:
// what is pushed comes out unchanged, once, in its turn. One entry is watched; which one, the solver chooses.
module fifo_proof (
  input logic       clk_i,
  input logic [2:0] push_i,
  input logic [2:0] pop_i,
  input logic [5:0] data_i,
  input logic       watch_i     // the entry pushed now is the one to watch
);
  logic rst_nq;
  initial rst_nq = 1'b0;
  always_ff @(posedge clk_i) rst_nq <= 1'b1;

  fifo_claims #(.Depth(2)) u_two   (.clk_i, .rst_ni(rst_nq), .push_i(push_i[0]), .pop_i(pop_i[0]), .data_i(data_i[1:0]), .watch_i);
  fifo_claims #(.Depth(4)) u_four  (.clk_i, .rst_ni(rst_nq), .push_i(push_i[1]), .pop_i(pop_i[1]), .data_i(data_i[3:2]), .watch_i);
  fifo_claims #(.Depth(8)) u_eight (.clk_i, .rst_ni(rst_nq), .push_i(push_i[2]), .pop_i(pop_i[2]), .data_i(data_i[5:4]), .watch_i);
endmodule

module fifo_claims #(
  parameter int unsigned Depth = 4
) (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       push_i,
  input logic       pop_i,
  input logic [1:0] data_i,
  input logic       watch_i
);
  localparam int unsigned AW = $clog2(Depth);
  logic          push, pop, valid;
  logic [1:0]    data;
  logic [AW:0]   free;
  // The contract: no push without a free place, no pop of nothing. (A push while the last place becomes free is allowed too.)
  assign pop  = pop_i && valid;
  assign push = push_i && (free != '0 || pop);
  d1_fifo #(.Width(2), .Depth(Depth)) u_fifo (
    .clk_i, .rst_ni, .push_i(push), .data_i, .pop_i(pop), .valid_o(valid), .data_o(data), .free_o(free)
  );

  // Entries counted here, those before the watched one, and what it holds.
  logic [AW:0] count_q, ahead_q;
  logic        watching_q, seen_q;
  logic [1:0]  value_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q    <= '0;
      ahead_q    <= '0;
      watching_q <= 1'b0;
      seen_q     <= 1'b0;
      value_q    <= '0;
    end else begin
      count_q <= count_q + (AW + 1)'(push) - (AW + 1)'(pop);
      if (!seen_q && push && watch_i) begin
        watching_q <= 1'b1;
        seen_q     <= 1'b1;
        value_q    <= data_i;
        ahead_q    <= count_q - (AW + 1)'(pop);
      end else if (watching_q && pop) begin
        ahead_q    <= ahead_q - 1'b1;
        watching_q <= ahead_q != '0;
      end
    end
  end

  // The pointers and the memory's words, joined by name when the hierarchy is flattened.
  (* hierconn *) wire [AW:0]   \u_fifo.count ;
  (* hierconn *) wire [AW-1:0] \u_fifo.head ;
  (* hierconn *) wire [AW-1:0] \u_fifo.tail ;
  (* hierconn *) wire [1:0]    \u_fifo.mem[0] , \u_fifo.mem[1] , \u_fifo.mem[2] , \u_fifo.mem[3] ;
  (* hierconn *) wire [1:0]    \u_fifo.mem[4] , \u_fifo.mem[5] , \u_fifo.mem[6] , \u_fifo.mem[7] ;
  wire [15:0]   words = {\u_fifo.mem[7] , \u_fifo.mem[6] , \u_fifo.mem[5] , \u_fifo.mem[4] ,
                         \u_fifo.mem[3] , \u_fifo.mem[2] , \u_fifo.mem[1] , \u_fifo.mem[0] };
  wire [AW-1:0] place = \u_fifo.head + ahead_q[AW-1:0];

  always_comb begin
    if (rst_ni) begin
      assert (\u_fifo.count == count_q);
      assert (count_q <= (AW + 1)'(Depth));
      assert (\u_fifo.tail == AW'(\u_fifo.head + count_q[AW-1:0]));
      assert (valid == (count_q != '0));
      assert (free == (AW + 1)'(Depth) - count_q);
      if (watching_q) assert (ahead_q < count_q);
      if (watching_q) assert (words[2*place +: 2] == value_q);
      if (watching_q && ahead_q == '0) assert (data == value_q);
      if (!valid) assert (data == '0);
    end
  end
endmodule
