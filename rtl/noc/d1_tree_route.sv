// Way of a multicast in a fabric with dead nodes: the outputs that it takes in a router which it enters by port From. It
// follows a tree of links; boxes_i bounds, for each link of the tree, the nodes that lie behind it, and a branch is taken if
// the multicast's rectangle meets the box. Combinational, 0 without valid_i.
//
// A box may promise more than there is, so a flit can come to a router that has nothing to do with it. Such a flit goes to the
// node (there is no output "nowhere"), and the output there drops it: docs/network.md, section 6.6.
module d1_tree_route #(
  parameter int unsigned From = d1_noc_pkg::PORT_L
) (
  input  logic                               valid_i,
  input  logic [7:0]                         x_i,         // the router entered
  input  logic [7:0]                         y_i,
  input  logic [4*d1_noc_pkg::BOX_BITS-1:0]  boxes_i,     // its links N, E, S, W
  input  logic [31:0]                        rectangle_i, // first column 7:0, first row 15:8, last column 23:16, last row 31:24
  output logic [4:0]                         outputs_o,
  output logic                               member_o     // the router's node is one of the destinations
);

  localparam int unsigned BB = d1_noc_pkg::BOX_BITS;

  always_comb begin : route
    logic [7:0]    x0, y0, x1, y1;
    logic [BB-1:0] box;
    outputs_o = '0;
    member_o  = 1'b0;
    x0  = '0;
    y0  = '0;
    x1  = '0;
    y1  = '0;
    box = '0;
    if (valid_i) begin
      x0 = rectangle_i[7:0];
      y0 = rectangle_i[15:8];
      x1 = rectangle_i[23:16];
      y1 = rectangle_i[31:24];
      for (int p = 0; p < 4; p++) begin
        box = boxes_i[BB*p +: BB];
        if (p != From && box[20] && x0 <= {3'd0, box[14:10]} && x1 >= {3'd0, box[4:0]} && y0 <= {3'd0, box[19:15]} &&
            y1 >= {3'd0, box[9:5]})
          outputs_o[p] = 1'b1;
      end
      member_o = x0 <= x_i && x_i <= x1 && y0 <= y_i && y_i <= y1;
      outputs_o[d1_noc_pkg::PORT_L] = member_o || outputs_o == '0;
    end
  end

endmodule
