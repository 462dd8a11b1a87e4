// Receiving end of one class of a link: stores what arrives and returns a credit, one cycle after the pop, for every place that
// becomes free. A flit that arrives in t is at the head in t+1 at the earliest.
module d1_link_rx (
  input  logic                             clk_i,
  input  logic                             rst_ni,
  input  logic                             rx_valid_i,
  input  logic [d1_noc_pkg::FLIT_BITS-1:0] rx_flit_i,
  output logic                             rx_credit_o,
  output logic                             valid_o,
  output logic [d1_noc_pkg::FLIT_BITS-1:0] flit_o,      // 0 unless valid
  input  logic                             pop_i,
  output logic                             quiet_o
);

  d1_fifo #(.Width(d1_noc_pkg::FLIT_BITS), .Depth(d1_noc_pkg::LINK_DEPTH)) u_fifo (
    .clk_i, .rst_ni, .push_i(rx_valid_i), .data_i(rx_flit_i), .pop_i, .valid_o, .data_o(flit_o), .free_o()
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) rx_credit_o <= 1'b0;
    else         rx_credit_o <= pop_i;
  end

  assign quiet_o = !valid_o && !rx_credit_o;

endmodule
