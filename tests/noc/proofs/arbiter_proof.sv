// Claims on d1_router_arbiter for every sequence of inputs, proven by induction with Yosys's SAT solver: who keeps asking is
// passed over by at most 255 + 4 others; who leaves was ready; one at a time; somebody leaves whenever somebody is ready and
// no multicast's patience is over.
module arbiter_proof (
  input logic        clk_i,
  input logic [4:0]  ready_i,
  input logic [4:0]  some_wait_i,
  input logic [79:0] time_i
);
  logic rst_nq;
  initial rst_nq = 1'b0;
  always_ff @(posedge clk_i) rst_nq <= 1'b1;

  logic [4:0] grant, waiting, asking;
  logic [2:0] chosen;
  assign waiting = some_wait_i & ~ready_i;
  assign asking  = ready_i | waiting;
  d1_router_arbiter u_arbiter (
    .clk_i, .rst_ni(rst_nq), .ready_i, .wait_i(waiting), .time_i, .grant_o(grant), .input_o(chosen)
  );

  // The arbiter's own registers, joined by name when the hierarchy is flattened; and its counters, counted again.
  (* hierconn *) wire [39:0] \u_arbiter.lost_q ;
  (* hierconn *) wire        \u_arbiter.lost_some_q ;
  logic [39:0] lost_q;
  for (genvar p = 0; p < 5; p++) begin : gen_lost
    always_ff @(posedge clk_i) begin
      if (!rst_nq || grant[p]) lost_q[8*p +: 8] <= '0;
      else if (grant != '0 && asking[p] && lost_q[8*p +: 8] != 8'd255) lost_q[8*p +: 8] <= lost_q[8*p +: 8] + 8'd1;
    end
  end

  for (genvar k = 0; k < 5; k++) begin : gen_claim
    // Since k asks without a break: others that left in total, and those that left when k's patience was over.
    logic [9:0] passed_q;
    logic [4:0] late_q;
    logic       over;
    assign over = asking[k] && lost_q[8*k +: 8] == 8'd255;
    always_ff @(posedge clk_i) begin
      if (!rst_nq || !asking[k] || grant[k]) begin
        passed_q <= '0;
        late_q   <= '0;
      end else if (grant != '0) begin
        passed_q <= passed_q + 10'd1;
        if (over) late_q <= late_q | grant;
      end
    end

    always_comb begin
      if (rst_nq) begin
        assert (passed_q <= 10'd259);
        // What makes the claim inductive: late ones are lower ports, each late once, and far from being late again.
        assert (passed_q <= {2'b0, lost_q[8*k +: 8]} + 10'($countones(late_q)));
        assert (late_q == '0 || lost_q[8*k +: 8] == 8'd255);
        for (int j = 0; j < 5; j++) begin
          if (j >= k) assert (!late_q[j]);
          if (late_q[j]) assert (lost_q[8*j +: 8] <= 8'($countones(late_q)));
        end
      end
    end
  end

  always_comb begin
    if (rst_nq) begin
      assert (\u_arbiter.lost_q == lost_q);
      assert (\u_arbiter.lost_some_q == (lost_q != '0));
      assert ((grant & ~ready_i) == '0);
      assert ((grant & (grant - 5'd1)) == '0);
      assert (grant == '0 || grant == 5'b1 << chosen);
      assert (ready_i == '0 || grant != '0 || waiting != '0);
    end
  end
endmodule
