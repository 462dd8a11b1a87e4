// One output of a router: its queue of every input, the choice among their heads, the credits of the next router. A flit written
// in cycle t can leave in t+1, one a cycle. What leaves depends on registers only. Turns: the inputs that may go this way.
//
// While a flit is written, the outputs that it takes in the next router are computed (its "next" field), so that a head knows
// the queues it needs places in, and the receiver writes it straight into them.
`include "d1_assert.svh"

module d1_router_output #(
  parameter int unsigned Port  = d1_noc_pkg::PORT_L,
  parameter logic [4:0]  Turns = 5'b11111
) (
  input  logic                               clk_i,
  input  logic                               rst_ni,
  input  logic [7:0]                         node_x_i,
  input  logic [7:0]                         node_y_i,
  input  logic [4:0]                         wr_i,         // the flit of input p goes this way
  input  logic [4*d1_noc_pkg::FLIT_BITS-1:0] rx_flit_i,
  input  logic [d1_noc_pkg::FLIT_BITS-1:0]   inj_flit_i,   // input 4
  input  logic [7:0]                         inj_check_i,  // what makes its parity even
  input  logic                               table_i,      // routes come from the table
  input  logic [24:0]                        table_next_i, // then: outputs in the next router, of each input's flit
  input  logic [4*d1_noc_pkg::BOX_BITS-1:0]  boxes_i,      // then: the multicast tree in the next router (of the node: here)
  output logic                               inj_full_o,   // no place for the node's flits
  output logic                               tx_valid_o,
  output logic [d1_noc_pkg::FLIT_BITS-1:0]   tx_flit_o,
  input  logic [4:0]                         tx_credit_i,
  output logic [4:0]                         pop_o,
  output logic                               occupied_o,
  output logic                               blocked_o     // flits wait here and none leaves
);

  localparam int unsigned FB   = d1_noc_pkg::FLIT_BITS;
  localparam int unsigned HB   = d1_noc_pkg::HEADER_BITS;
  localparam int unsigned AW   = $clog2(d1_noc_pkg::QUEUE_DEPTH);
  localparam int unsigned L    = d1_noc_pkg::PORT_L;
  localparam int unsigned FROM = Port == L ? L : (Port + 2) % 4;   // the port of the next router
  localparam int unsigned SIDE = 32;                               // 0 31:30, check 29:22, next 21:17, multicast 16, time 15:0

  // ---- The router at the other end.
  logic [7:0] next_x, next_y;
  assign next_x = Port == d1_noc_pkg::PORT_E ? node_x_i + 8'd1 : Port == d1_noc_pkg::PORT_W ? node_x_i - 8'd1 : node_x_i;
  assign next_y = Port == d1_noc_pkg::PORT_S ? node_y_i + 8'd1 : Port == d1_noc_pkg::PORT_N ? node_y_i - 8'd1 : node_y_i;

  logic [4:0]        valid, some, full;
  logic [5*AW-1:0]   tail, head;
  logic [5*SIDE-1:0] side;

  for (genvar p = 0; p < 5; p++) begin : gen_input
    if (Turns[p]) begin : gen_queue
      logic [HB-1:0]   header;
      logic [4:0]      next, route;
      logic [7:0]      check;
      logic [SIDE-1:0] side_in;
      if (p == L) begin : gen_local
        assign header = inj_flit_i[HB-1:0];
        assign check  = inj_check_i;
      end else begin : gen_link
        assign header = rx_flit_i[FB*p +: HB];
        assign check  = header[d1_noc_pkg::F_CHECK +: 8];
      end

      // A multicast along the tree may come to a node that it is not for: nothing leaves then, and no credit is spent.
      logic        along_tree;
      logic [31:0] rectangle;
      assign along_tree = wr_i[p] && table_i && header[d1_noc_pkg::F_MCAST];
      assign rectangle  = {header[d1_noc_pkg::F_X1 +: 16], header[d1_noc_pkg::F_DST_X +: 16]};
      if (Port == L) begin : gen_eject
        logic member;
        d1_tree_route #(.From(FROM)) u_tree_route (
          .valid_i(along_tree), .x_i(next_x), .y_i(next_y), .boxes_i, .rectangle_i(rectangle), .outputs_o(), .member_o(member)
        );
        assign route = along_tree && !member ? '0 : 5'b1 << L;
      end else begin : gen_ahead
        logic [4:0] straight, entry, tree;
        d1_tree_route #(.From(FROM)) u_tree_route (
          .valid_i(along_tree), .x_i(next_x), .y_i(next_y), .boxes_i, .rectangle_i(rectangle), .outputs_o(tree), .member_o()
        );
        d1_route #(.From(FROM)) u_route (
          .valid_i(wr_i[p] && !table_i), .x_i(next_x), .y_i(next_y), .header_i(header), .outputs_o(straight)
        );
        // The tables know of no way out of the fabric: it is the last hop's.
        assign entry = header[d1_noc_pkg::F_EDGE] && header[15:0] == {next_y, next_x} ? 5'b1 << header[d1_noc_pkg::F_SIDE +: 2]
                                                                                      : table_next_i[5*p +: 5];
        assign route = along_tree ? tree : table_i ? entry : straight;
      end

      // Out of the fabric the receiver has one queue, as a node has. The check follows the next field; positions modulo 8.
      always_comb begin : write
        logic [4:0] change;
        next    = '0;
        change  = '0;
        side_in = '0;
        if (wr_i[p]) begin
          next = route;
          if (header[d1_noc_pkg::F_EDGE] && header[15:0] == {node_y_i, node_x_i}) next = 5'b1 << L;
          change  = next ^ header[d1_noc_pkg::F_NEXT +: 5];
          side_in = {2'b0, check ^ {change[2:0], 3'b0, change[4:3]}, next, header[d1_noc_pkg::F_MCAST], header[d1_noc_pkg::F_TIME +: 16]};
        end
      end

      d1_vc_fifo #(.Width(SIDE)) u_queue (
        .clk_i, .rst_ni, .push_i(wr_i[p]), .side_i(side_in), .pop_i(pop_o[p]), .valid_o(valid[p]), .side_o(side[SIDE*p +: SIDE]),
        .tail_o(tail[AW*p +: AW]), .head_o(head[AW*p +: AW]), .full_o(full[p])
      );

      `D1_ASSERT(FlitHasAWay, !wr_i[p] || next != '0 || (Port == L && along_tree))
      `D1_ASSERT(NeverBack, !wr_i[p] || Port == L || !next[FROM])
      if (p % 2 == 0 && p != L && Port % 2 == 1) begin : gen_claim
        // Out of the fabric, or into it: then in the router of the port only.
        `D1_ASSERT(NoYToXTurn, !wr_i[p] || table_i || header[d1_noc_pkg::F_EDGE] ||
                               (header[d1_noc_pkg::F_SRC_EDGE] && header[31:16] == {node_y_i, node_x_i}))
      end
    end else begin : gen_no_turn
      assign valid[p]              = 1'b0;
      assign side[SIDE*p +: SIDE]  = '0;
      assign tail[AW*p +: AW]      = '0;
      assign head[AW*p +: AW]      = '0;
      assign full[p]               = 1'b0;
      `D1_ASSERT(NoIllegalTurn, !wr_i[p])
    end
  end

  assign inj_full_o = full[L];
  assign occupied_o = valid != '0;
  assign blocked_o  = valid != '0 && pop_o == '0;

  // ---- Heads that have places in all queues they need.
  logic [4:0]  ready, waiting;
  logic [79:0] times;
  always_comb begin : places
    ready   = '0;
    waiting = '0;
    times   = '0;
    if (valid != '0) begin
      for (int p = 0; p < 5; p++) begin
        ready[p]   = valid[p] && (side[SIDE*p + 17 +: 5] & ~some) == '0;
        waiting[p] = valid[p] && !ready[p] && side[SIDE*p + 16];
        times[16*p +: 16] = side[SIDE*p +: 16];
      end
    end
  end

  logic [2:0] chosen;
  d1_router_arbiter u_arbiter (
    .clk_i, .rst_ni, .ready_i(ready), .wait_i(waiting), .time_i(times), .grant_o(pop_o), .input_o(chosen)
  );

  // ---- What leaves.
  logic [SIDE-1:0] chosen_side;
  logic [AW-1:0]   chosen_place;
  assign tx_valid_o = pop_o != '0 && chosen_side[21:17] != '0;

  always_comb begin : select
    chosen_side  = '0;
    chosen_place = '0;
    if (pop_o != '0) begin
      for (int p = 0; p < 5; p++) begin
        if (pop_o[p]) begin
          chosen_side  = side[SIDE*p +: SIDE];
          chosen_place = head[AW*p +: AW];
        end
      end
    end
  end

  d1_router_buffer u_buffer (
    .clk_i, .wr_i, .wr_place_i(tail), .rx_flit_i, .inj_flit_i, .rd_i(tx_valid_o), .rd_input_i(chosen), .rd_place_i(chosen_place),
    .rd_check_i(chosen_side[29:22]), .rd_next_i(chosen_side[21:17]), .flit_o(tx_flit_o)
  );

  d1_router_credits #(.Depth(Port == L ? d1_noc_pkg::LINK_DEPTH : d1_noc_pkg::QUEUE_DEPTH)) u_credits (
    .clk_i, .rst_ni, .spend_i(chosen_side[21:17]), .credit_i(tx_credit_i), .some_o(some)
  );

endmodule
