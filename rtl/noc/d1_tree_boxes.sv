// What a router knows of the multicast tree of a fabric with dead nodes: for each of its own links, and for each link of the
// routers behind them, a box around the live nodes that the tree reaches through it. Written by the host before the first
// packet, docs/network.md, section 6.6. Views 0..3: the routers behind N, E, S, W; 4: this one.
module d1_tree_boxes (
  input  logic                               clk_i,
  input  logic                               rst_ni,
  input  logic                               we_i,
  input  logic [4:0]                         addr_i,     // 4*view + link
  input  logic [d1_noc_pkg::BOX_BITS-1:0]    data_i,
  output logic [20*d1_noc_pkg::BOX_BITS-1:0] boxes_o     // box i: bits BOX_BITS*i + BOX_BITS-1 .. BOX_BITS*i
);

  localparam int unsigned BB = d1_noc_pkg::BOX_BITS;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      boxes_o <= '0;
    end else if (we_i) begin
      for (int i = 0; i < 20; i++) if (addr_i == 5'(i)) boxes_o[BB*i +: BB] <= data_i;
    end
  end

endmodule
