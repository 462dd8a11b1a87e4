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

  logic [5*CW-1:0] count_q, count_d;
  logic [4:0]      some_d;

  always_comb begin : count
    count_d = count_q;
    some_d  = some_o;
    if ((spend_i | credit_i) != '0) begin
      for (int p = 0; p < 5; p++) begin
        count_d[CW*p +: CW] = count_q[CW*p +: CW] + CW'(credit_i[p]) - CW'(spend_i[p]);
        some_d[p]           = count_d[CW*p +: CW] != '0;
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      count_q <= {5{CW'(Depth)}};
      some_o  <= '1;
    end else begin
      count_q <= count_d;
      some_o  <= some_d;
    end
  end

  for (genvar p = 0; p < 5; p++) begin : gen_claims
    `D1_ASSERT(NeverSpentWithoutCredit, !(spend_i[p] && count_q[CW*p +: CW] == '0))
    `D1_ASSERT(NeverMoreCreditsThanPlaces, !(credit_i[p] && count_q[CW*p +: CW] == CW'(Depth)))
  end

endmodule
