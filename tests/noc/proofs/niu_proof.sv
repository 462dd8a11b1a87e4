// Claims on the turns of d1_niu at the SRAM, for every traffic and every network, proven by induction with Yosys's SAT solver.
// What the SRAM promises is assumed (tests/memory/proofs/sram_proof.sv): who asks in every cycle is given a lane in one of any 35,
// and who holds a bank writes at once. Then
//   - a response with pulled data is given a lane in one of any 109 cycles in a row,
//   - the request at the head, once its response has room, is given one, or is done, in one of any 106,
//   - the block mover, asking in every cycle, is given one in one of any 70.
// Links, checks of requests and the block mover are replaced by modules that do anything they might do (below).
module niu_proof (
  input logic       clk_i,
  input logic [7:0] nw_gnt_i,
  input logic [7:0] nr_gnt_i,
  input logic [511:0] rdata_i,
  input logic [1:0]   arrives_i,           // a request, a response, if there is place for it
  input logic [d1_noc_pkg::FLIT_BITS-1:0] request_i,
  input logic [d1_noc_pkg::FLIT_BITS-1:0] response_i,
  input logic         leaves_i,            // a response
  input logic         tell_i,              // a trigger's signal waits
  input logic         gwb_ready_i
);
  localparam logic [6:0] VAIN = 7'd34;     // cycles in a row that the SRAM lets somebody ask in vain

  logic rst_nq;
  initial rst_nq = 1'b0;
  always_ff @(posedge clk_i) rst_nq <= 1'b1;

  logic [7:0] nw_req, nr_req, nw_gnt, nr_gnt;
  logic       hold;
  assign nw_gnt = nw_req & nw_gnt_i;
  assign nr_gnt = nr_req & nr_gnt_i;
  d1_niu u_niu (
    .clk_i, .rst_ni(rst_nq), .node_x_i('0), .node_y_i('0), .fab_w_i(8'd1), .fab_h_i(8'd1), .tables_i(1'b0), .cfg_we_i(1'b0), .cfg_addr_i('0),
    .cfg_data_i('0), .time_i('0), .nw_req_o(nw_req), .nw_gnt_i(nw_gnt), .nw_hold_o(hold), .nr_req_o(nr_req), .nr_gnt_i(nr_gnt), .nr_rdata_i(rdata_i),
    .req_valid_i(1'b0), .tell_valid_i(tell_i), .tell_where_i('0), .tell_rectangle_i('0), .list_taken_i('0), .gwb_ready_i, .req_tx_ready_i(1'b1), .rsp_tx_ready_i(leaves_i),
    .req_rx_valid_i(arrives_i[0]), .req_rx_flit_i(request_i), .rsp_rx_valid_i(arrives_i[1]), .rsp_rx_flit_i(response_i)
  );

  logic [6:0] nw_vain_q, nr_vain_q;
  always_ff @(posedge clk_i) begin
    nw_vain_q <= rst_nq && nw_req != '0 && nw_gnt == '0 ? nw_vain_q + 7'd1 : '0;
    nr_vain_q <= rst_nq && nr_req != '0 && nr_gnt == '0 ? nr_vain_q + 7'd1 : '0;
  end
  always_comb begin
    assume (request_i[d1_noc_pkg::F_KIND +: 4] <= d1_noc_pkg::K_TELL);
    assume (response_i[d1_noc_pkg::F_KIND +: 4] >= d1_noc_pkg::K_ACK && response_i[d1_noc_pkg::F_KIND +: 4] <= d1_noc_pkg::K_VALUE);
    assume (!(nw_vain_q == VAIN && nw_req != '0 && nw_gnt == '0));
    assume (!(nr_vain_q == VAIN && nr_req != '0 && nr_gnt == '0));
    assume (!(hold && nw_req != '0 && nw_gnt == '0));
  end

  // Wires and registers inside, joined by name when the hierarchy is flattened.
  (* hierconn *) wire       \u_niu.serve_turn , \u_niu.collect_turn , \u_niu.collect_want , \u_niu.serve_want ;
  (* hierconn *) wire       \u_niu.mover_turn , \u_niu.serve_rd_turn , \u_niu.rsp_pop , \u_niu.req_pop ;
  (* hierconn *) wire [7:0] \u_niu.mover_req , \u_niu.mover_gnt , \u_niu.serve_rd_gnt ;
  (* hierconn *) wire       \u_niu.u_write_turns.second_q , \u_niu.u_read_turns.second_q ;
  (* hierconn *) wire       \u_niu.u_serve.room , \u_niu.u_serve.valid_i , \u_niu.u_serve.is_pull , \u_niu.u_serve.is_atomic , \u_niu.u_serve.data_q ;
  (* hierconn *) wire [1:0] \u_niu.u_serve.state_q ;
  wire       serve_first      = \u_niu.u_write_turns.second_q ;
  wire       serve_reads_first = \u_niu.u_read_turns.second_q ;
  wire [1:0] state            = \u_niu.u_serve.state_q ;            // of an atomic: read, compute, write
  wire       atomic           = \u_niu.u_serve.is_atomic ;
  wire       wants            = \u_niu.collect_want ;
  wire       head             = \u_niu.u_serve.valid_i && \u_niu.u_serve.room ;

  (* hierconn *) wire [d1_noc_pkg::FLIT_BITS-1:0] \u_niu.req_in_flit , \u_niu.rsp_in_flit ;
  (* hierconn *) wire       \u_niu.req_in , \u_niu.rsp_in ;
  (* hierconn *) wire [7:0] \u_niu.u_serve.done_q , \u_niu.u_serve.words , \u_niu.u_collect.done_q ;
  (* hierconn *) wire       \u_niu.u_serve.is_write ;
  (* hierconn *) wire [2:0] \u_niu.rsp_free ;
  wire [3:0] request_kind  = \u_niu.req_in_flit [d1_noc_pkg::F_KIND +: 4];
  wire [3:0] response_kind = \u_niu.rsp_in_flit [d1_noc_pkg::F_KIND +: 4];
  wire [7:0] done          = \u_niu.u_serve.done_q ;
  wire [7:0] words         = \u_niu.u_serve.words ;

  logic [6:0] collect_q, serve_q, mover_q;   // cycles in a row without a lane, or whatever else was asked for
  wire serve_progress = \u_niu.req_pop || (\u_niu.serve_turn && nw_gnt != '0) || \u_niu.serve_rd_gnt != '0 || state != '0;
  always_ff @(posedge clk_i) begin
    collect_q <= rst_nq && wants && !(\u_niu.collect_turn && nw_gnt != '0) ? collect_q + 7'd1 : '0;
    serve_q   <= rst_nq && head && !serve_progress ? serve_q + 7'd1 : '0;
    mover_q   <= rst_nq && \u_niu.mover_req != '0 && \u_niu.mover_gnt == '0 ? mover_q + 7'd1 : '0;
  end

  always_comb begin
    if (rst_nq) begin
      assert (collect_q <= 7'd108);
      assert (serve_q <= 7'd105);
      assert (mover_q <= 7'd69);
      // What makes the claims inductive: who comes first, and how long the port has been asked in vain.
      assert (nw_vain_q <= VAIN && nr_vain_q <= VAIN);
      assert (state != 2'd3);
      assert (state == '0 || (serve_first && \u_niu.u_serve.room && atomic));
      if (!serve_first)                                  assert (collect_q <= 7'd74 + nw_vain_q);
      else if (atomic && state == 2'd2)                  assert (collect_q <= 7'd73);
      else if (atomic && state == 2'd1)                  assert (collect_q <= 7'd72);
      else if (atomic)                                   assert (collect_q <= nr_vain_q + (serve_reads_first ? 7'd36 : 7'd1));
      else                                               assert (collect_q <= nw_vain_q + 7'd1);
      if (serve_q != '0) begin
        if (\u_niu.u_serve.is_pull ) assert (serve_q <= nr_vain_q + (serve_reads_first ? 7'd35 : 7'd0));
        else if (!serve_first)       assert (serve_q <= 7'd1 + nw_vain_q);
        else if (atomic)             assert (serve_q <= nr_vain_q + (serve_reads_first ? 7'd71 : 7'd36));
        else                         assert (serve_q <= 7'd36 + nw_vain_q);
      end
      if (\u_niu.req_in ) assert (request_kind <= d1_noc_pkg::K_TELL);
      if (\u_niu.rsp_in ) assert (response_kind >= d1_noc_pkg::K_ACK && response_kind <= d1_noc_pkg::K_VALUE);
      assert (\u_niu.rsp_free <= 3'd4);
      if (\u_niu.u_serve.data_q ) assert (\u_niu.rsp_free != '0 && serve_q == '0);
      // Something is left to do of what is begun.
      if (\u_niu.u_serve.is_write )     assert ((done & ~words) == '0 && (done == '0 || done != words));
      else if (\u_niu.u_serve.is_pull ) assert (done != '1);
      else                              assert (done == '0);
      assert (wants ? \u_niu.u_collect.done_q != '1 : \u_niu.u_collect.done_q == '0);
      if (mover_q != '0 && !serve_reads_first)           assert (mover_q <= 7'd35 + nr_vain_q);
      if (mover_q != '0 && serve_reads_first)            assert (mover_q <= nr_vain_q);
    end
  end
endmodule

// A flit that stays until it is taken, then another or none.
module d1_link_rx (
  input  logic                             clk_i,
  input  logic                             rst_ni,
  input  logic                             rx_valid_i,
  input  logic [d1_noc_pkg::FLIT_BITS-1:0] rx_flit_i,
  output logic                             rx_credit_o,
  output logic                             valid_o,
  output logic [d1_noc_pkg::FLIT_BITS-1:0] flit_o,
  input  logic                             pop_i,
  output logic                             quiet_o
);
  logic                             valid_q;
  logic [d1_noc_pkg::FLIT_BITS-1:0] flit_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= 1'b0;
    else if (!valid_q || pop_i) begin
      valid_q <= rx_valid_i;
      flit_q  <= rx_flit_i;
    end
  end
  assign valid_o     = valid_q;
  assign flit_o      = valid_q ? flit_q : '0;
  assign rx_credit_o = 1'b0;
  assign quiet_o     = 1'b0;
endmodule

// A FIFO of four places which the network empties as it likes (tx_ready_i).
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
  output logic                             waiting_o,
  output logic                             quiet_o
);
  logic [2:0] free_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) free_q <= 3'd4;
    else         free_q <= free_q - 3'(push_i) + 3'(sent_o);
  end
  assign free_o     = free_q;
  assign tx_valid_o = free_q != 3'd4;
  assign sent_o     = tx_valid_o && tx_ready_i;
  assign tx_flit_o  = '0;
  assign waiting_o  = 1'b0;
  assign quiet_o    = 1'b0;
endmodule

// Asks for any words at any time; a grant may be for any of them.
module d1_mover (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [7:0]   node_x_i,
  input  logic [7:0]   node_y_i,
  input  logic         tables_i,
  input  logic         start_i,
  input  logic [1:0]   start_thread_i,
  input  logic [15:0]  start_first_i,
  input  logic [15:0]  start_count_i,
  input  logic         start_sig_i,
  input  logic [4:0]   start_ctr_i,
  output logic         ready_o,
  output logic [3:0]   error_o,
  output logic [75:0]  error_where_o,
  input  logic [3:0]   error_taken_i,
  output logic [7:0]   rd_req_o,
  output logic [143:0] rd_word_o,
  input  logic [7:0]   rd_gnt_i,
  input  logic [511:0] rd_data_i,
  input  logic         go_i,
  output logic         want_o,
  output logic         packet_o,
  output logic [2:0]   op_o,
  output logic [63:0]  global_o,
  output logic [63:0]  operand_o,
  output logic [511:0] data_o,
  output logic         sig_o,
  output logic [4:0]   ctr_o,
  input  logic         fault_i,
  input  logic [5:0]   fault_cause_i,
  input  logic         acknowledged_i,
  output logic         quiet_o
);
  assign rd_req_o = rd_data_i[511:504];   // nobody else looks at these bits here
  assign {ready_o, error_o, error_where_o, rd_word_o, want_o, packet_o, op_o, global_o, operand_o, data_o, sig_o, ctr_o, quiet_o} = '0;
endmodule

// Nothing is requested here.
module d1_niu_request (
  input  logic                             valid_i,
  input  logic [7:0]                       node_x_i,
  input  logic [7:0]                       node_y_i,
  input  logic [7:0]                       fab_w_i,
  input  logic [7:0]                       fab_h_i,
  input  logic                             tables_i,
  input  logic [10:0]                      live_i,
  input  logic [15:0]                      time_i,
  input  logic [1:0]                       thread_i,
  input  logic [2:0]                       op_i,
  input  logic [63:0]                      gaddr_i,
  input  logic [63:0]                      local_i,
  input  logic [511:0]                     data_i,
  input  logic [63:0]                      cmp_i,
  input  logic [6:0]                       nbytes_i,
  input  logic                             sig_i,
  input  logic [4:0]                       ctr_i,
  input  logic [4:0]                       rd_i,
  output logic                             fault_o,
  output logic [5:0]                       cause_o,
  output logic [63:0]                      tval_o,
  output logic                             mcast_o,
  output logic [19:0]                      corners_o,
  output logic [16:0]                      answers_o,
  output logic [d1_noc_pkg::FLIT_BITS-1:0] flit_o
);
  assign {fault_o, cause_o, tval_o, mcast_o, corners_o, answers_o, flit_o} = '0;
endmodule

module d1_live_count (
  input  logic        clk_i,
  input  logic        we_i,
  input  logic [9:0]  addr_i,
  input  logic [10:0] data_i,
  input  logic        en_i,
  input  logic [4:0]  x0_i,
  input  logic [4:0]  y0_i,
  input  logic [4:0]  x1_i,
  input  logic [4:0]  y1_i,
  output logic [10:0] count_o
);
  assign count_o = '0;
endmodule
