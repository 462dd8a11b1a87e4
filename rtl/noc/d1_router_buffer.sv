// The flits that wait for one output of a router: Depth places for each input, five write ports that never meet, one read port.
// For synthesis a register file macro: five banks of Depth x 640 bits. Read is combinational; 0 without rd_i.
module d1_router_buffer #(
  parameter int unsigned Depth = d1_noc_pkg::QUEUE_DEPTH
) (
  input  logic                               clk_i,
  input  logic [4:0]                         wr_i,         // input p writes its flit
  input  logic [5*$clog2(Depth)-1:0]         wr_place_i,
  input  logic [4*d1_noc_pkg::FLIT_BITS-1:0] rx_flit_i,    // of the links
  input  logic [d1_noc_pkg::FLIT_BITS-1:0]   inj_flit_i,   // of the node
  input  logic                               rd_i,
  input  logic [2:0]                         rd_input_i,
  input  logic [$clog2(Depth)-1:0]           rd_place_i,
  input  logic [7:0]                         rd_check_i,   // replace these fields of what is read
  input  logic [4:0]                         rd_next_i,
  output logic [d1_noc_pkg::FLIT_BITS-1:0]   flit_o
);

  localparam int unsigned AW = $clog2(Depth);
  localparam int unsigned FB = d1_noc_pkg::FLIT_BITS;

  logic [FB-1:0] mem [5*Depth];

  always_ff @(posedge clk_i) begin
    if (wr_i != '0) begin
      for (int p = 0; p < 4; p++) begin
        if (wr_i[p]) mem[{3'(p), wr_place_i[AW*p +: AW]}] <= rx_flit_i[FB*p +: FB];
      end
      if (wr_i[4]) mem[{3'd4, wr_place_i[AW*4 +: AW]}] <= inj_flit_i;
    end
  end

  always_comb begin : read
    flit_o = '0;
    if (rd_i) begin
      flit_o = mem[{rd_input_i, rd_place_i}];
      flit_o[d1_noc_pkg::F_CHECK +: 8] = rd_check_i;
      flit_o[d1_noc_pkg::F_NEXT +: 5]  = rd_next_i;
    end
  end

endmodule
