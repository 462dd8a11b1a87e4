// W x H nodes joined at their links. Assembly only: the fabric as plain RTL, for synthesis, and for the proof that
// sim/fabric, which joins single models of d1_node, does the same in every cycle.
//
// Node (x, y) is number y*W + x; vectors with a part for each node have node 0 in the lowest bits. Links that lead out of the
// mesh are ports, numbered clockwise from the north-west corner's north side, but each side from low to high coordinate:
// 0..W-1 north, W..W+H-1 east, W+H..2W+H-1 south, 2W+H..2W+2H-1 west. What stands at them is described in docs/network.md, 6.1
// and 6.2; without anything attached, all their inputs are 0.
module d1_mesh #(
  parameter int W = 2,  // 1..255: nodes know the mesh's size by 8-bit numbers
  parameter int H = 2   // 1..255
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  // The same for all nodes, see d1_node
  input  logic [63:0]       boot_pc_i,
  input  logic [63:0]       cycle_i,
  input  logic [63:0]       tohost_addr_i,
  input  logic              halt_i,
  // Of each node, see d1_node
  input  logic [W*H-1:0]    host_wake_i,
  output logic [W*H-1:0]    tohost_valid_o,
  output logic [64*W*H-1:0] tohost_data_o,
  output logic [W*H-1:0]    quiet_o,
  output logic [4*W*H-1:0]  trap_unhandled_o,
  output logic [8*W*H-1:0]  link_error_o,
  output logic [W*H-1:0]    link_trap_o,
  // Tables of a mesh with dead nodes: the same entry for all nodes of cfg_we_i
  input  logic [W*H-1:0]    cfg_we_i,
  input  logic [d1_noc_pkg::CFG_ADDR_BITS-1:0] cfg_addr_i,
  input  logic [d1_noc_pkg::CFG_DATA_BITS-1:0] cfg_data_i,
  // Links out of the mesh: tx leaves it, rx enters it
  output logic [2*(W+H)-1:0]                        req_tx_valid_o,
  output logic [2*(W+H)*d1_noc_pkg::FLIT_BITS-1:0]  req_tx_flit_o,
  input  logic [5*2*(W+H)-1:0]                      req_tx_credit_i,
  input  logic [2*(W+H)-1:0]                        req_rx_valid_i,
  input  logic [2*(W+H)*d1_noc_pkg::FLIT_BITS-1:0]  req_rx_flit_i,
  output logic [5*2*(W+H)-1:0]                      req_rx_credit_o,
  output logic [2*(W+H)-1:0]                        rsp_tx_valid_o,
  output logic [2*(W+H)*d1_noc_pkg::FLIT_BITS-1:0]  rsp_tx_flit_o,
  input  logic [5*2*(W+H)-1:0]                      rsp_tx_credit_i,
  input  logic [2*(W+H)-1:0]                        rsp_rx_valid_i,
  input  logic [2*(W+H)*d1_noc_pkg::FLIT_BITS-1:0]  rsp_rx_flit_i,
  output logic [5*2*(W+H)-1:0]                      rsp_rx_credit_o
);

  if (W < 1 || W > 255 || H < 1 || H > 255) begin : gen_bad_size
    $error("d1_mesh: W and H must be 1 to 255");
  end

  localparam int F = d1_noc_pkg::FLIT_BITS;

  // What each node drives and receives: link 4*node + port.
  logic [4*W*H-1:0]   req_tx_valid, req_rx_valid, rsp_tx_valid, rsp_rx_valid;
  logic [4*W*H*F-1:0] req_tx_flit, req_rx_flit, rsp_tx_flit, rsp_rx_flit;
  logic [20*W*H-1:0]  req_tx_credit, req_rx_credit, rsp_tx_credit, rsp_rx_credit;

  for (genvar y = 0; y < H; y++) begin : gen_row
    for (genvar x = 0; x < W; x++) begin : gen_column
      localparam int N = y * W + x;

      d1_node u_node (
        .clk_i, .rst_ni, .boot_pc_i, .node_x_i(8'(x)), .node_y_i(8'(y)), .fab_w_i(8'(W)), .fab_h_i(8'(H)),
        .cycle_i, .tohost_addr_i, .tohost_valid_o(tohost_valid_o[N]), .tohost_data_o(tohost_data_o[64*N +: 64]),
        .halt_i, .host_wake_i(host_wake_i[N]), .quiet_o(quiet_o[N]), .trap_unhandled_o(trap_unhandled_o[4*N +: 4]),
        .req_tx_valid_o(req_tx_valid[4*N +: 4]), .req_tx_flit_o(req_tx_flit[4*F*N +: 4*F]),
        .req_tx_credit_i(req_tx_credit[20*N +: 20]), .req_rx_valid_i(req_rx_valid[4*N +: 4]),
        .req_rx_flit_i(req_rx_flit[4*F*N +: 4*F]), .req_rx_credit_o(req_rx_credit[20*N +: 20]),
        .rsp_tx_valid_o(rsp_tx_valid[4*N +: 4]), .rsp_tx_flit_o(rsp_tx_flit[4*F*N +: 4*F]),
        .rsp_tx_credit_i(rsp_tx_credit[20*N +: 20]), .rsp_rx_valid_i(rsp_rx_valid[4*N +: 4]),
        .rsp_rx_flit_i(rsp_rx_flit[4*F*N +: 4*F]), .rsp_rx_credit_o(rsp_rx_credit[20*N +: 20]),
        .link_error_o(link_error_o[8*N +: 8]), .link_trap_o(link_trap_o[N]), .cfg_we_i(cfg_we_i[N]), .cfg_addr_i, .cfg_data_i
      );

      for (genvar p = 0; p < 4; p++) begin : gen_port
        localparam int HERE = 4 * N + p;
        localparam bit OUT = p == 0 ? y == 0 : p == 1 ? x == W - 1 : p == 2 ? y == H - 1 : x == 0;

        if (OUT) begin : gen_outer
          localparam int E = p == 0 ? x : p == 1 ? W + y : p == 2 ? W + H + x : 2 * W + H + y;
          assign req_tx_valid_o[E]           = req_tx_valid[HERE];
          assign req_tx_flit_o[F*E +: F]     = req_tx_flit[F*HERE +: F];
          assign req_tx_credit[5*HERE +: 5]  = req_tx_credit_i[5*E +: 5];
          assign req_rx_valid[HERE]          = req_rx_valid_i[E];
          assign req_rx_flit[F*HERE +: F]    = req_rx_flit_i[F*E +: F];
          assign req_rx_credit_o[5*E +: 5]   = req_rx_credit[5*HERE +: 5];
          assign rsp_tx_valid_o[E]           = rsp_tx_valid[HERE];
          assign rsp_tx_flit_o[F*E +: F]     = rsp_tx_flit[F*HERE +: F];
          assign rsp_tx_credit[5*HERE +: 5]  = rsp_tx_credit_i[5*E +: 5];
          assign rsp_rx_valid[HERE]          = rsp_rx_valid_i[E];
          assign rsp_rx_flit[F*HERE +: F]    = rsp_rx_flit_i[F*E +: F];
          assign rsp_rx_credit_o[5*E +: 5]   = rsp_rx_credit[5*HERE +: 5];
        end else begin : gen_inner
          // The neighbour that way, and its port that leads back.
          localparam int THERE = 4 * (p == 0 ? N - W : p == 1 ? N + 1 : p == 2 ? N + W : N - 1) + (p + 2) % 4;
          assign req_rx_valid[HERE]         = req_tx_valid[THERE];
          assign req_rx_flit[F*HERE +: F]   = req_tx_flit[F*THERE +: F];
          assign req_tx_credit[5*HERE +: 5] = req_rx_credit[5*THERE +: 5];
          assign rsp_rx_valid[HERE]         = rsp_tx_valid[THERE];
          assign rsp_rx_flit[F*HERE +: F]   = rsp_tx_flit[F*THERE +: F];
          assign rsp_tx_credit[5*HERE +: 5] = rsp_rx_credit[5*THERE +: 5];
        end
      end
    end
  end

endmodule
