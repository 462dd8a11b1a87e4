// Router of one class: four links and the node. Single-flit packets, one cycle a hop, virtual output queues, oldest first,
// multicast to rectangles. docs/network.md describes it.
//
// A flit that arrives on a link (or is injected) in cycle t is in its queue in t+1 and on the next link in t+1 if nothing is
// older. Link outputs depend on registers only. A flit whose parity is wrong is not stored: link_error_o reports it one cycle
// later, and its place is lost for good, so that a corrupted header can do nothing.
// Vectors: slice p belongs to port p of d1_noc_pkg, N, E, S, W; credits have five bits a link, one for each queue.
`include "d1_assert.svh"

module d1_router (
  input  logic                               clk_i,
  input  logic                               rst_ni,
  input  logic [7:0]                         node_x_i,       // hold still
  input  logic [7:0]                         node_y_i,

  // Links
  output logic [3:0]                         tx_valid_o,
  output logic [4*d1_noc_pkg::FLIT_BITS-1:0] tx_flit_o,
  input  logic [19:0]                        tx_credit_i,
  input  logic [3:0]                         rx_valid_i,
  input  logic [4*d1_noc_pkg::FLIT_BITS-1:0] rx_flit_i,
  output logic [19:0]                        rx_credit_o,
  output logic [3:0]                         link_error_o,   // a flit with wrong parity arrived in the last cycle

  // Node: injection (ready depends on registers and the flit's header), ejection (LINK_DEPTH credits)
  input  logic                               inj_valid_i,
  input  logic [d1_noc_pkg::FLIT_BITS-1:0]   inj_flit_i,
  output logic                               inj_ready_o,
  output logic                               ej_valid_o,
  output logic [d1_noc_pkg::FLIT_BITS-1:0]   ej_flit_o,
  input  logic                               ej_credit_i,

  // Tables for fabrics with dead nodes, written before the first packet: a destination's entry at 32*y + x, output here 2:0,
  // output in the next router 5:3; boxes of the multicast tree; the switch. Other addresses are not the router's.
  input  logic                                 cfg_we_i,
  input  logic [d1_noc_pkg::CFG_ADDR_BITS-1:0] cfg_addr_i,
  input  logic [d1_noc_pkg::CFG_DATA_BITS-1:0] cfg_data_i,

  output logic                               tables_o,       // routes come from the tables
  output logic [3:0]                         blocked_o,      // flits wait for the link and none leaves
  output logic                               quiet_o         // without arrivals the next cycle changes nothing
);

  localparam int unsigned FB = d1_noc_pkg::FLIT_BITS;
  localparam int unsigned HB = d1_noc_pkg::HEADER_BITS;
  localparam int unsigned BB = d1_noc_pkg::BOX_BITS;

  // ---- Tables.
  logic        table_q;
  assign tables_o = table_q;
  logic [5:0]  entries [1024];
  logic [9:0]  inj_index;
  logic [5:0]  inj_entry;
  logic [24:0] table_next;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)                                                 table_q <= 1'b0;
    else if (cfg_we_i && cfg_addr_i == d1_noc_pkg::CFG_CONTROL)  table_q <= cfg_data_i[0];
  end
  always_ff @(posedge clk_i) begin
    if (cfg_we_i && cfg_addr_i[11:10] == 2'd0) entries[cfg_addr_i[9:0]] <= cfg_data_i[5:0];
  end

  logic [20*d1_noc_pkg::BOX_BITS-1:0] boxes;
  d1_tree_boxes u_boxes (
    .clk_i, .rst_ni, .we_i(cfg_we_i && cfg_addr_i[11:5] == d1_noc_pkg::CFG_BOXES[11:5]), .addr_i(cfg_addr_i[4:0]),
    .data_i(cfg_data_i), .boxes_o(boxes)
  );

  assign inj_index = {inj_flit_i[d1_noc_pkg::F_DST_Y +: 5], inj_flit_i[d1_noc_pkg::F_DST_X +: 5]};

  always_comb begin : look_up
    logic [5:0] entry;
    table_next = '0;
    inj_entry  = '0;
    entry      = '0;
    if (table_q) begin
      for (int p = 0; p < 4; p++) begin
        if (rx_valid_i[p]) begin
          entry = entries[{rx_flit_i[FB*p + d1_noc_pkg::F_DST_Y +: 5], rx_flit_i[FB*p + d1_noc_pkg::F_DST_X +: 5]}];
          table_next[5*p +: 5] = 5'b1 << entry[5:3];
        end
      end
      if (inj_valid_i) inj_entry = entries[inj_index];
      table_next[24:20] = 5'b1 << inj_entry[5:3];
    end
  end

  // ---- What arrives.
  logic [31:0] parity;
  logic [3:0]  broken;
  logic [24:0] ways;             // five outputs of each input's flit
  for (genvar p = 0; p < 4; p++) begin : gen_arrival
    d1_link_check u_check (.valid_i(rx_valid_i[p]), .flit_i(rx_flit_i[FB*p +: FB]), .parity_o(parity[8*p +: 8]));
    assign broken[p] = parity[8*p +: 8] != '0;
    assign ways[5*p +: 5] = rx_valid_i[p] && !broken[p] ? rx_flit_i[FB*p + d1_noc_pkg::F_NEXT +: 5] : '0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) link_error_o <= '0;
    else         link_error_o <= broken;
  end

  // ---- What the node sends. Its check field is computed here, over all but the field itself.
  logic [4:0] inj_route, inj_tree, inj_ways, inj_full;
  logic [7:0] inj_parity, inj_check;
  logic       inj_edge, inj_mcast;
  d1_route #(.From(d1_noc_pkg::PORT_L)) u_route (
    .valid_i(inj_valid_i), .x_i(node_x_i), .y_i(node_y_i), .header_i(inj_flit_i[HB-1:0]), .outputs_o(inj_route)
  );
  d1_link_check u_inj_check (.valid_i(inj_valid_i), .flit_i(inj_flit_i), .parity_o(inj_parity));
  assign inj_check   = inj_parity ^ inj_flit_i[d1_noc_pkg::F_CHECK +: 8];
  assign inj_edge    = inj_flit_i[d1_noc_pkg::F_EDGE] && inj_flit_i[15:0] == {node_y_i, node_x_i};
  assign inj_mcast   = inj_valid_i && table_q && inj_flit_i[d1_noc_pkg::F_MCAST];
  d1_tree_route #(.From(d1_noc_pkg::PORT_L)) u_tree_route (
    .valid_i(inj_mcast), .x_i(node_x_i), .y_i(node_y_i), .boxes_i(boxes[BB*16 +: 4*BB]),
    .rectangle_i({inj_flit_i[d1_noc_pkg::F_X1 +: 16], inj_flit_i[d1_noc_pkg::F_DST_X +: 16]}), .outputs_o(inj_tree), .member_o()
  );
  always_comb begin : inject
    inj_ways = inj_route;
    if (inj_mcast)                                 inj_ways = inj_tree;
    else if (inj_valid_i && table_q && !inj_edge)  inj_ways = 5'b1 << inj_entry[2:0];
  end
  assign inj_ready_o = inj_valid_i && (inj_ways & inj_full) == '0;
  assign ways[24:20] = inj_ready_o ? inj_ways : '0;

  // ---- Outputs.
  logic [24:0] pop;        // five inputs of each output
  logic [4:0]  occupied;

  for (genvar o = 0; o < 5; o++) begin : gen_output
    localparam logic [4:0] TURNS = o == 4 ? 5'b11111 : ~(5'b1 << o);
    logic [4:0] wr;
    for (genvar p = 0; p < 5; p++) begin : gen_way
      assign wr[p] = ways[5*p + o];
    end
    if (o == 4) begin : gen_node
      d1_router_output #(.Port(o), .Turns(TURNS)) u_output (
        .clk_i, .rst_ni, .node_x_i, .node_y_i, .wr_i(wr), .rx_flit_i, .inj_flit_i, .inj_check_i(inj_check), .table_i(table_q),
        .table_next_i(table_next), .boxes_i(boxes[BB*16 +: 4*BB]), .inj_full_o(inj_full[o]), .tx_valid_o(ej_valid_o),
        .tx_flit_o(ej_flit_o), .tx_credit_i({ej_credit_i, 4'b0}), .pop_o(pop[5*o +: 5]), .occupied_o(occupied[o]), .blocked_o()
      );
    end else begin : gen_link
      d1_router_output #(.Port(o), .Turns(TURNS)) u_output (
        .clk_i, .rst_ni, .node_x_i, .node_y_i, .wr_i(wr), .rx_flit_i, .inj_flit_i, .inj_check_i(inj_check), .table_i(table_q),
        .table_next_i(table_next), .boxes_i(boxes[BB*4*o +: 4*BB]), .inj_full_o(inj_full[o]), .tx_valid_o(tx_valid_o[o]),
        .tx_flit_o(tx_flit_o[FB*o +: FB]), .tx_credit_i(tx_credit_i[5*o +: 5]), .pop_o(pop[5*o +: 5]), .occupied_o(occupied[o]),
        .blocked_o(blocked_o[o])
      );
    end
  end

  // ---- Credits for the senders, one cycle after the flit left.
  logic [19:0] popped;
  always_comb begin : credits
    for (int p = 0; p < 4; p++) begin
      for (int o = 0; o < 5; o++) popped[5*p + o] = pop[5*o + p];
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) rx_credit_o <= '0;
    else         rx_credit_o <= popped;
  end

  assign quiet_o = occupied == '0 && rx_credit_o == '0 && link_error_o == '0;

endmodule
