// Free places of the five queues behind one output: spent by the flits that leave, returned by the receiver. At the node's own
// port only queue 4 exists. Outputs depend on registers only.
`include "d1_assert.svh"

module d1_router_credits #(
  parameter int unsigned Depth = d1_noc_pkg::QUEUE_DEPTH
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic [4:0] spend_i,
  input  logic [4:0] credit_i,
  output logic [4:0] some_o       // the queue has a free place
);

  localparam int unsigned CW = $clog2(Depth) + 1;

  logic [5*CW-1:0] count_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      count_q <= {5{CW'(Depth)}};
    end else if ((spend_i | credit_i) != '0) begin
      for (int p = 0; p < 5; p++) count_q[CW*p +: CW] <= count_q[CW*p +: CW] + CW'(credit_i[p]) - CW'(spend_i[p]);
    end
  end

  always_comb begin
    for (int p = 0; p < 5; p++) some_o[p] = count_q[CW*p +: CW] != '0;
  end

  logic [4:0] all;   // every place is free
  always_comb begin
    for (int p = 0; p < 5; p++) all[p] = count_q[CW*p +: CW] == CW'(Depth);
  end

  `D1_ASSERT(NeverSpentWithoutCredit, (spend_i & ~some_o) == '0)
  `D1_ASSERT(NeverMoreCreditsThanPlaces, (credit_i & all) == '0)

endmodule
