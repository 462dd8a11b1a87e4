// Network interface of a node: turns dn.* instructions into packets, serves the packets of others, works off lists of transfers,
// checks what triggers are armed with and sends their signals.
//
// Request in cycle t leaves on the link in t+1 at the earliest. Faults are combinational from the request; a faulting request
// has no effect even if it transfers. Requests of the network are served in order, one a cycle for writes that the banks grant;
// a request is started only when its response has room, and responses are consumed whatever the requests do, so the two
// classes cannot block each other. What the routers see depends on registers only.
`include "d1_assert.svh"

module d1_niu (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [7:0]   node_x_i,
  input  logic [7:0]   node_y_i,
  input  logic [7:0]   fab_w_i,
  input  logic [7:0]   fab_h_i,
  input  logic         tables_i,        // the fabric has dead nodes
  input  logic         cfg_we_i,        // sums of live nodes, at CFG_LIVE
  input  logic [d1_noc_pkg::CFG_ADDR_BITS-1:0] cfg_addr_i,
  input  logic [10:0]  cfg_data_i,
  input  logic [15:0]  time_i,          // low bits of the cycle count, stamped on packets

  // Instructions
  input  logic         req_valid_i,
  output logic         req_ready_o,
  input  logic [1:0]   req_thread_i,
  input  logic [2:0]   req_op_i,
  input  logic [63:0]  req_gaddr_i,
  input  logic [63:0]  req_local_i,
  input  logic [511:0] req_data_i,
  input  logic [63:0]  req_cmp_i,
  input  logic [6:0]   req_nbytes_i,
  input  logic         req_sig_i,
  input  logic [4:0]   req_ctr_i,
  input  logic [4:0]   req_rd_i,
  output logic         fault_o,
  output logic [5:0]   fault_cause_o,
  output logic [63:0]  fault_tval_o,
  output logic         gwb_valid_o,
  input  logic         gwb_ready_i,
  output logic [1:0]   gwb_thread_o,
  output logic [4:0]   gwb_reg_o,
  output logic [63:0]  gwb_data_o,
  output logic [3:0]   outstanding_o,   // the thread has requests that are not acknowledged
  output logic [3:0]   list_error_o,    // a list of the thread has failed, and it has not been told
  output logic [255:0] list_tval_o,     // then: mtval of its trap
  input  logic [3:0]   list_taken_i,    // it is told now

  // Triggers (d1_trigger): an instruction arms one, its operands are those of the request; one has fired
  output logic         arm_o,
  input  logic         tell_valid_i,
  input  logic [20:0]  tell_where_i,      // y, x, counter: bits 20:13, 12:5, 4:0
  input  logic [16:0]  tell_rectangle_i,  // y1, x1, multicast: bits 16:9, 8:1, 0
  output logic         tell_ready_o,

  // Own counters (d1_sync)
  output logic         inc_valid_o,
  output logic [4:0]   inc_ctr_o,
  output logic [31:0]  inc_value_o,

  // SRAM requesters nw and nr; writes performed, for the reservations of the LSU
  output logic [7:0]   nw_req_o,
  output logic [143:0] nw_word_o,
  output logic [63:0]  nw_wmask_o,
  output logic [511:0] nw_wdata_o,
  output logic         nw_hold_o,
  input  logic [7:0]   nw_gnt_i,
  output logic [7:0]   nr_req_o,
  output logic [143:0] nr_word_o,
  input  logic [7:0]   nr_gnt_i,
  input  logic [511:0] nr_rdata_i,
  output logic         snoop_valid_o,
  output logic [14:0]  snoop_block_o,

  // The node's routers, request and response class: injection and ejection
  output logic                             req_tx_valid_o,
  output logic [d1_noc_pkg::FLIT_BITS-1:0] req_tx_flit_o,
  input  logic                             req_tx_ready_i,
  input  logic                             req_rx_valid_i,
  input  logic [d1_noc_pkg::FLIT_BITS-1:0] req_rx_flit_i,
  output logic                             req_rx_credit_o,
  output logic                             rsp_tx_valid_o,
  output logic [d1_noc_pkg::FLIT_BITS-1:0] rsp_tx_flit_o,
  input  logic                             rsp_tx_ready_i,
  input  logic                             rsp_rx_valid_i,
  input  logic [d1_noc_pkg::FLIT_BITS-1:0] rsp_rx_flit_i,
  output logic                             rsp_rx_credit_o,

  // State and events
  output logic         arrived_o,       // the effects of a packet are performed in this cycle (ends wfi)
  output logic         quiet_o,         // nothing stored: without requests and arrivals the next cycle changes nothing
  output logic [1:0]   sent_o,          // flits sent in this cycle (event 19)
  output logic [1:0]   received_o,      // flits received (event 20)
  output logic         waiting_o        // a flit is ready and the router has no place (event 21)
);

  localparam int unsigned REQ_DEPTH = 4;
  localparam int unsigned RSP_DEPTH = 4;

  // ---- Instructions become packets of the request class.
  logic [2:0]                       req_free, rsp_free;
  logic [d1_noc_pkg::FLIT_BITS-1:0] req_flit, rsp_flit, req_in_flit, rsp_in_flit;
  logic                             accept, rsp_push, req_in, rsp_in, req_pop, rsp_pop;
  logic                             req_wait, rsp_wait, req_sent, rsp_sent, req_tx_quiet, rsp_tx_quiet, req_rx_quiet, rsp_rx_quiet, serve_quiet;
  logic [4:0]                       ended;     // bit 4: the block mover's
  logic [16:0]                      answers;
  logic [10:0]                      live;
  logic [19:0]                      corners;
  logic                             mcast;
  logic                             is_list, is_arm, list_ready, packet, mover_quiet;   // packet: of the block mover
  logic                             tell, busy;                                         // tell: of a trigger; busy: one of the two

  // The block mover's packets have the first place, then those of triggers, and go through the same checks.
  logic         ask, request_fault, mover_sig;
  logic         mover_want, mover_first, go;
  logic [2:0]   mover_op;
  logic [63:0]  mover_global, mover_operand;
  logic [511:0] mover_data;
  logic [4:0]   mover_ctr;
  logic [d1_noc_pkg::FLIT_BITS-1:0] flit;

  // Operands of a trigger's signal, as those of its arming.
  logic [63:0] tell_global, tell_operand;
  assign tell_global  = {16'd0, tell_where_i[20:5], 27'd0, tell_where_i[4:0]};
  assign tell_operand = {24'd0, tell_rectangle_i[16:1], 7'd0, tell_rectangle_i[0], 16'd1};
  assign tell_ready_o = tell;
  assign busy         = ask || tell;

  d1_niu_request u_request (
    .valid_i(busy || req_valid_i), .node_x_i, .node_y_i, .fab_w_i, .fab_h_i, .tables_i, .live_i(live), .time_i,
    .thread_i(busy ? '0 : req_thread_i), .op_i(ask ? mover_op : tell ? d1_pkg::NET_ARM : req_op_i),
    .gaddr_i(ask ? mover_global : tell ? tell_global : req_gaddr_i), .local_i(ask ? mover_operand : tell ? tell_operand : req_local_i),
    .data_i(ask ? mover_data : req_data_i), .cmp_i(req_cmp_i),
    .nbytes_i(ask ? 7'd64 : req_nbytes_i), .sig_i(ask ? mover_sig : req_sig_i), .ctr_i(ask ? mover_ctr : req_ctr_i),
    .rd_i(busy ? '0 : req_rd_i), .fault_o(request_fault), .cause_o(fault_cause_o), .tval_o(fault_tval_o), .mcast_o(mcast), .corners_o(corners),
    .answers_o(answers), .flit_o(flit)
  );
  assign fault_o = request_fault && !busy;
  assign packet  = ask && !request_fault;

  always_comb begin : mark
    req_flit = flit;
    if (ask) req_flit[d1_noc_pkg::F_MOVER] = 1'b1;
  end

  // ---- Fabrics with dead nodes: who is alive. (Corners beyond 31 or in the wrong order fault whatever the count.)
  d1_live_count u_live (
    .clk_i, .we_i(cfg_we_i && cfg_addr_i[11:10] == d1_noc_pkg::CFG_LIVE[11:10]), .addr_i(cfg_addr_i[9:0]), .data_i(cfg_data_i),
    .en_i((busy || req_valid_i) && tables_i), .x0_i(corners[4:0]), .y0_i(corners[9:5]), .x1_i(corners[14:10]), .y1_i(corners[19:15]),
    .count_o(live)
  );

  // A multicast follows the tree there, other packets the shortest ways: a thread changes from one to the other only when
  // all that it asked for is acknowledged, so its requests still take effect in order.
  logic [3:0] last_mcast_q;
  logic       turn;
  assign turn = tables_i && req_valid_i && !ask && outstanding_o[req_thread_i] && last_mcast_q[req_thread_i] != mcast;

  always_ff @(posedge clk_i or negedge rst_ni) begin : order
    if (!rst_ni)     last_mcast_q <= '0;
    else if (accept) last_mcast_q[req_thread_i] <= mcast;
  end

  // Acknowledgements to come, per thread and (4) for the block mover. From 1,023 on the unit waits; a multicast may add 65,025 to
  // 1,023.
  logic [84:0] count_q, count_d;
  logic        full;

  always_comb begin : outstanding
    count_d = count_q;
    full    = 1'b0;
    for (int t = 0; t < 4; t++) outstanding_o[t] = count_q[17*t +: 17] != '0;
    for (int t = 0; t < 5; t++) begin
      if (count_q[17*t +: 17] >= 17'd1023) full = 1'b1;
    end
    if (accept || packet || ended != '0) begin
      for (int t = 0; t < 4; t++)
        count_d[17*t +: 17] = count_q[17*t +: 17] + (accept && req_thread_i == 2'(t) ? answers : '0) - 17'(ended[t]);
      count_d[68 +: 17] = count_q[68 +: 17] + (packet ? answers : '0) - 17'(ended[4]);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) count_q <= '0;
    else         count_q <= count_d;
  end

  // Lists and armings are no packets; an arming needs the checks only.
  assign is_list     = req_op_i == d1_pkg::NET_LIST;
  assign is_arm      = req_op_i == d1_pkg::NET_ARM;
  assign req_ready_o = !busy && (is_list ? list_ready : is_arm || (req_free != '0 && !full && !turn && !mover_first));
  assign accept      = req_valid_i && req_ready_o && !fault_o && !is_list && !is_arm;
  assign arm_o       = req_valid_i && req_ready_o && !fault_o && is_arm;

  d1_niu_turns u_turns (
    .clk_i, .rst_ni, .free_i(req_free), .full_i(full), .want_i(mover_want), .ask_i(ask), .request_i(req_valid_i), .accept_i(accept),
    .tell_i(tell_valid_i), .tell_o(tell), .go_o(go), .first_o(mover_first)
  );

  // ---- The block mover.
  logic [75:0]  error_where;
  logic [7:0]   mover_req, serve_rd_req, mover_gnt, serve_rd_gnt;
  logic [143:0] mover_word, serve_rd_word;

  d1_mover u_mover (
    .clk_i, .rst_ni, .node_x_i, .node_y_i, .tables_i,
    .start_i(req_valid_i && req_ready_o && is_list && !fault_o), .start_thread_i(req_thread_i), .start_first_i(16'((req_gaddr_i - d1_pkg::SRAM_BASE) >> 5)),
    .start_count_i(req_local_i[15:0]), .start_sig_i(req_local_i[23]), .start_ctr_i(req_local_i[20:16]), .ready_o(list_ready),
    .error_o(list_error_o), .error_where_o(error_where), .error_taken_i(list_taken_i),
    .rd_req_o(mover_req), .rd_word_o(mover_word), .rd_gnt_i(mover_gnt), .rd_data_i(nr_rdata_i),
    .go_i(go), .want_o(mover_want), .packet_o(ask), .op_o(mover_op), .global_o(mover_global), .operand_o(mover_operand), .data_o(mover_data),
    .sig_o(mover_sig), .ctr_o(mover_ctr), .fault_i(request_fault), .fault_cause_i(fault_cause_o), .acknowledged_i(count_q[68 +: 17] == '0),
    .quiet_o(mover_quiet)
  );

  always_comb begin : told
    list_tval_o = '0;
    if (list_error_o != '0) begin
      for (int t = 0; t < 4; t++)
        list_tval_o[64*t +: 64] = d1_pkg::SRAM_BASE + {43'd0, error_where[19*t + 3 +: 16], 2'd0, error_where[19*t +: 3]};
    end
  end

  // The mover and the requests of others read in turns.
  logic mover_turn, serve_rd_turn;
  d1_turns u_read_turns (
    .clk_i, .rst_ni, .ask_i({serve_rd_req != '0, mover_req != '0}), .keep_i('0), .done_i(nr_gnt_i != '0),
    .turn_o({serve_rd_turn, mover_turn})
  );
  assign nr_req_o     = mover_turn ? mover_req : serve_rd_req;
  assign nr_word_o    = mover_turn ? mover_word : serve_rd_word;
  assign mover_gnt    = mover_turn ? nr_gnt_i : '0;
  assign serve_rd_gnt = serve_rd_turn ? nr_gnt_i : '0;

  // ---- The routers.
  d1_link_tx #(.Depth(REQ_DEPTH)) u_req_tx (
    .clk_i, .rst_ni, .push_i(accept || packet || tell), .flit_i(req_flit), .free_o(req_free), .tx_valid_o(req_tx_valid_o),
    .tx_flit_o(req_tx_flit_o), .tx_ready_i(req_tx_ready_i), .sent_o(req_sent), .waiting_o(req_wait),
    .quiet_o(req_tx_quiet)
  );
  d1_link_tx #(.Depth(RSP_DEPTH)) u_rsp_tx (
    .clk_i, .rst_ni, .push_i(rsp_push), .flit_i(rsp_flit), .free_o(rsp_free), .tx_valid_o(rsp_tx_valid_o),
    .tx_flit_o(rsp_tx_flit_o), .tx_ready_i(rsp_tx_ready_i), .sent_o(rsp_sent), .waiting_o(rsp_wait),
    .quiet_o(rsp_tx_quiet)
  );
  d1_link_rx u_req_rx (
    .clk_i, .rst_ni, .rx_valid_i(req_rx_valid_i), .rx_flit_i(req_rx_flit_i), .rx_credit_o(req_rx_credit_o), .valid_o(req_in),
    .flit_o(req_in_flit), .pop_i(req_pop), .quiet_o(req_rx_quiet)
  );
  d1_link_rx u_rsp_rx (
    .clk_i, .rst_ni, .rx_valid_i(rsp_rx_valid_i), .rx_flit_i(rsp_rx_flit_i), .rx_credit_o(rsp_rx_credit_o), .valid_o(rsp_in),
    .flit_o(rsp_in_flit), .pop_i(rsp_pop), .quiet_o(rsp_rx_quiet)
  );

  // ---- Serving requests and collecting responses share the write port in turns; an atomic keeps it.
  logic         serve_want, serve_hold, serve_turn, serve_done, collect_want, collect_turn;
  logic [7:0]   serve_req, collect_req;
  logic [143:0] serve_word, collect_word;
  logic [63:0]  serve_mask;
  logic [511:0] serve_data;
  logic         serve_inc, collect_inc;
  logic [4:0]   serve_ctr, collect_ctr;
  logic [31:0]  serve_value;

  d1_turns u_write_turns (
    .clk_i, .rst_ni, .ask_i({serve_want, collect_want}), .keep_i({serve_hold, 1'b0}), .done_i(serve_turn ? serve_done : nw_gnt_i != '0),
    .turn_o({serve_turn, collect_turn})
  );

  d1_niu_serve u_serve (
    .clk_i, .rst_ni, .node_x_i, .node_y_i, .time_i, .valid_i(req_in), .flit_i(req_in_flit), .pop_o(req_pop),
    .free_i(rsp_free), .push_o(rsp_push), .flit_o(rsp_flit),
    .want_o(serve_want), .hold_o(serve_hold), .done_o(serve_done), .turn_i(serve_turn), .wr_req_o(serve_req), .wr_word_o(serve_word),
    .wr_mask_o(serve_mask), .wr_data_o(serve_data), .wr_gnt_i(serve_turn ? nw_gnt_i : '0),
    .rd_req_o(serve_rd_req), .rd_word_o(serve_rd_word), .rd_gnt_i(serve_rd_gnt), .rd_data_i(nr_rdata_i),
    .inc_o(serve_inc), .inc_ctr_o(serve_ctr), .inc_value_o(serve_value), .quiet_o(serve_quiet)
  );

  d1_niu_collect u_collect (
    .clk_i, .rst_ni, .valid_i(rsp_in), .flit_i(rsp_in_flit), .pop_o(rsp_pop), .ended_o(ended),
    .want_o(collect_want), .turn_i(collect_turn), .wr_req_o(collect_req), .wr_word_o(collect_word),
    .wr_gnt_i(collect_turn ? nw_gnt_i : '0),
    .gwb_valid_o, .gwb_ready_i, .gwb_thread_o, .gwb_reg_o, .gwb_data_o, .inc_o(collect_inc), .inc_ctr_o(collect_ctr)
  );

  always_comb begin : write_port
    nw_req_o   = '0;
    nw_word_o  = '0;
    nw_wmask_o = '0;
    nw_wdata_o = '0;
    if (serve_turn) begin
      nw_req_o   = serve_req;
      nw_word_o  = serve_word;
      nw_wmask_o = serve_mask;
      nw_wdata_o = serve_data;
    end else if (collect_turn) begin
      nw_req_o   = collect_req;
      nw_word_o  = collect_word;
      nw_wmask_o = '1;
      nw_wdata_o = rsp_in_flit[d1_noc_pkg::F_DATA +: 512];
    end
  end

  assign nw_hold_o     = serve_hold;
  assign snoop_valid_o = nw_gnt_i != '0;
  assign snoop_block_o = nw_word_o[17:3];

  // Both sides increment in their own turn only.
  assign inc_valid_o = serve_inc || collect_inc;
  assign inc_ctr_o   = serve_inc ? serve_ctr : collect_ctr;
  assign inc_value_o = serve_inc ? serve_value : 32'd1;

  // ---- State and events.
  assign arrived_o  = req_pop || rsp_pop;
  assign quiet_o    = req_tx_quiet && rsp_tx_quiet && req_rx_quiet && rsp_rx_quiet && serve_quiet && mover_quiet;
  assign sent_o     = {1'b0, req_sent} + {1'b0, rsp_sent};
  assign received_o = {1'b0, req_rx_valid_i} + {1'b0, rsp_rx_valid_i};
  assign waiting_o  = req_wait || rsp_wait;

  `D1_ASSERT(OneIncrementACycle, !(serve_inc && collect_inc))
  `D1_ASSERT(HoldKeepsThePort, !serve_hold || serve_turn)
  `D1_ASSERT(AcknowledgedOnlyWhatWasAsked, (ended & ~{count_q[68 +: 17] != '0, outstanding_o}) == '0)
  `D1_ASSERT(OnePacketACycle, $onehot0({accept, packet, tell}))
  `D1_ASSERT(TriggersAreCheckedWhenArmed, !(tell && request_fault))

endmodule
