// Sending end of one class: a FIFO before the router. A flit pushed in t is offered in t+1 at the earliest and stays until the
// router takes it; one a cycle. Valid and flit depend on registers only.
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
  input  logic                             tx_ready_i,
  output logic                             sent_o,
  output logic                             waiting_o,   // a flit is there, the router has no place for it
  output logic                             quiet_o
);

  d1_fifo #(.Width(d1_noc_pkg::FLIT_BITS), .Depth(Depth)) u_fifo (
    .clk_i, .rst_ni, .push_i, .data_i(flit_i), .pop_i(sent_o), .valid_o(tx_valid_o), .data_o(tx_flit_o), .free_o
  );

  assign sent_o    = tx_valid_o && tx_ready_i;
  assign waiting_o = tx_valid_o && !tx_ready_i;
  assign quiet_o   = !tx_valid_o;

endmodule
