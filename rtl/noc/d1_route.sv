// Dimension-ordered route: the outputs that a flit takes in the router at (x_i, y_i) which it enters by port From. Along the row
// first, then along columns; a multicast leaves the row in every column of its rectangle. Combinational, 0 without valid_i.
// Never turns from a column into a row, except out of the fabric (F_EDGE), where the flit's way ends.
module d1_route #(
  parameter int unsigned From = d1_noc_pkg::PORT_L
) (
  input  logic                               valid_i,
  input  logic [7:0]                         x_i,
  input  logic [7:0]                         y_i,
  input  logic [d1_noc_pkg::HEADER_BITS-1:0] header_i,
  output logic [4:0]                         outputs_o
);

  localparam bit FROM_ROW = From == d1_noc_pkg::PORT_L || From == d1_noc_pkg::PORT_E || From == d1_noc_pkg::PORT_W;

  always_comb begin : route
    logic [7:0] x0, y0, x1, y1;
    logic       column;       // the flit leaves the row here, or has left it
    outputs_o = '0;
    x0 = '0;
    y0 = '0;
    x1 = '0;
    y1 = '0;
    column = 1'b0;
    if (valid_i) begin
      x0 = header_i[d1_noc_pkg::F_DST_X +: 8];
      y0 = header_i[d1_noc_pkg::F_DST_Y +: 8];
      x1 = header_i[d1_noc_pkg::F_MCAST] ? header_i[d1_noc_pkg::F_X1 +: 8] : x0;
      y1 = header_i[d1_noc_pkg::F_MCAST] ? header_i[d1_noc_pkg::F_Y1 +: 8] : y0;
      column = x0 <= x_i && x_i <= x1;
      outputs_o[d1_noc_pkg::PORT_E] = FROM_ROW && From != d1_noc_pkg::PORT_E && x1 > x_i;
      outputs_o[d1_noc_pkg::PORT_W] = FROM_ROW && From != d1_noc_pkg::PORT_W && x0 < x_i;
      outputs_o[d1_noc_pkg::PORT_N] = From != d1_noc_pkg::PORT_N && column && y0 < y_i;
      outputs_o[d1_noc_pkg::PORT_S] = From != d1_noc_pkg::PORT_S && column && y1 > y_i;
      outputs_o[d1_noc_pkg::PORT_L] = column && y0 <= y_i && y_i <= y1;
      if (header_i[d1_noc_pkg::F_EDGE] && outputs_o[d1_noc_pkg::PORT_L])
        outputs_o = 5'b1 << header_i[d1_noc_pkg::F_SIDE +: 2];
    end
  end

endmodule
