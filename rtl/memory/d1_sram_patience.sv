// Patience of d1_sram: a requester that has had a lane waiting for 15 cycles has cycles to itself, until it is given a lane or
// asks for none. That takes three at most: the bank that it waits for may belong to an atomic operation, which needs two to
// end, and no other can begin. Of several requesters the lowest first, with a cycle for everybody in between.
//
// So who asks in every cycle is given a lane in one of 35 (tests/memory/proofs). Outputs depend on registers only.
module d1_sram_patience (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic [4:0] waiting_i,   // the requester has a lane that is not granted in this cycle
  input  logic [4:0] served_i,    // it has one that is
  output logic [4:0] alone_o      // one-hot: the cycle is this requester's; 0: everybody's
);

  localparam logic [3:0] PATIENCE = 4'd15;

  logic [19:0] wait_q, wait_d;    // cycles in a row that a requester has had a lane waiting
  logic [4:0]  alone_q, alone_d;

  always_comb begin : patience
    wait_d  = '0;
    alone_d = alone_q & waiting_i & ~served_i;
    if (waiting_i != '0) begin
      for (int r = 0; r < 5; r++) begin
        if (waiting_i[r] && !alone_d[r]) begin
          if (wait_q[4*r +: 4] != PATIENCE) wait_d[4*r +: 4] = wait_q[4*r +: 4] + 4'd1;
          else if (alone_q != '0 || alone_d != '0) wait_d[4*r +: 4] = PATIENCE;
          else alone_d[r] = 1'b1;
        end
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wait_q  <= '0;
      alone_q <= '0;
    end else begin
      wait_q  <= wait_d;
      alone_q <= alone_d;
    end
  end

  assign alone_o = alone_q;

endmodule
