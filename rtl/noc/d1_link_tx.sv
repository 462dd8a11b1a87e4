// Sending end of one class of a link: a FIFO and the credits for the places at the receiver. A flit pushed in t leaves in t+1
// at the earliest, one a cycle while there are credits. Outputs depend on registers only. Never sends without a credit.
`include "d1_assert.svh"

module d1_link_tx #(
  parameter int unsigned Depth = 4
) (
  input  logic                             clk_i,
  input  logic                             rst_ni,
  input  logic                             push_i,
  input  logic [d1_noc_pkg::FLIT_BITS-1:0] flit_i,
  output logic [$clog2(Depth):0]           free_o,
  output logic                             tx_valid_o,
  output logic [d1_noc_pkg::FLIT_BITS-1:0] tx_flit_o,
  input  logic                             tx_credit_i,
  output logic                             waiting_o,   // a flit is there, a credit is not
  output logic                             quiet_o
);

  localparam int unsigned CW = $clog2(d1_noc_pkg::LINK_DEPTH) + 1;

  logic [CW-1:0] credits_q;
  logic          valid;

  d1_fifo #(.Width(d1_noc_pkg::FLIT_BITS), .Depth(Depth)) u_fifo (
    .clk_i, .rst_ni, .push_i, .data_i(flit_i), .pop_i(tx_valid_o), .valid_o(valid), .data_o(tx_flit_o), .free_o
  );

  assign tx_valid_o = valid && credits_q != '0;
  assign waiting_o  = valid && credits_q == '0;
  assign quiet_o    = !valid;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) credits_q <= CW'(d1_noc_pkg::LINK_DEPTH);
    else         credits_q <= credits_q + CW'(tx_credit_i) - CW'(tx_valid_o);
  end

  `D1_ASSERT(NeverMoreCreditsThanPlaces, credits_q <= CW'(d1_noc_pkg::LINK_DEPTH))

endmodule
