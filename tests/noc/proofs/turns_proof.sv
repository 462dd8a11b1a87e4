// Claims on d1_turns for every sequence of requests, proven by induction with Yosys's SAT solver: who asks without a break is
// passed over by one turn of the other at most; a turn goes on until it is done; the port is never idle while somebody asks.
// The second may keep the port from his own turn on until it is done (an atomic operation).
module turns_proof (
  input logic       clk_i,
  input logic [1:0] ask_i,
  input logic       keep_i,
  input logic       done_i
);
  logic rst_nq;
  initial rst_nq = 1'b0;
  always_ff @(posedge clk_i) rst_nq <= 1'b1;

  logic [1:0] ask, turn, last_q;
  logic       keep;
  assign keep = keep_i && last_q[1];       // last_q: has had a turn that is not done
  assign ask  = ask_i | {keep, 1'b0};
  d1_turns u_turns (.clk_i, .rst_ni(rst_nq), .ask_i(ask), .keep_i({keep, 1'b0}), .done_i, .turn_o(turn));

  always_ff @(posedge clk_i) last_q <= rst_nq && !done_i ? turn : '0;

  for (genvar k = 0; k < 2; k++) begin : gen_claim
    logic [1:0] passed_q;                  // turns of the other that were done since this one asks
    always_ff @(posedge clk_i) begin
      if (!rst_nq || !ask[k] || turn[k]) passed_q <= '0;
      else if (done_i)                   passed_q <= passed_q + 2'd1;
    end
    always_comb begin
      if (rst_nq) begin
        assert (passed_q <= 2'd1);
        if (last_q[k] && ask[k]) assert (turn[k]);
        // What makes the claim inductive.
        if (passed_q != '0) assert (\u_turns.second_q == 1'(k) && !last_q[1 - k]);
      end
    end
  end
  (* hierconn *) wire \u_turns.second_q ;

  always_comb begin
    if (rst_nq) begin
      assert ((turn & ~ask) == '0);
      assert (turn != 2'd3);
      assert (ask == '0 || turn != '0);
      if (last_q != '0) assert (\u_turns.second_q == last_q[1]);
      assert (last_q != 2'd3);
    end
  end
endmodule
