// Joins the link port of a single node to itself: one cycle of latency for flits and credits. Throughput one flit a cycle a
// class. Never stores more than the flit under way, because the sender's credits stand for the receiver's places.
module d1_loopback (
  input  logic                             clk_i,
  input  logic                             rst_ni,
  input  logic                             tx_valid_i,
  input  logic [d1_noc_pkg::FLIT_BITS-1:0] tx_flit_i,
  output logic                             tx_credit_o,
  output logic                             rx_valid_o,
  output logic [d1_noc_pkg::FLIT_BITS-1:0] rx_flit_o,
  input  logic                             rx_credit_i,
  output logic                             quiet_o
);
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rx_valid_o  <= 1'b0;
      tx_credit_o <= 1'b0;
    end else begin
      rx_valid_o  <= tx_valid_i;
      tx_credit_o <= rx_credit_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (tx_valid_i) rx_flit_o <= tx_flit_i;
  end

  assign quiet_o = !rx_valid_o && !tx_credit_o && !tx_valid_i && !rx_credit_i;
endmodule
