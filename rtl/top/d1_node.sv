// One node: core, local memory, network interface, counters, triggers, a router for each class. Assembly only.
//
// The links' outputs depend on registers only, so nodes may be evaluated in any order. time is an input (cycle_i): a node
// that was not stepped while quiet_o was set reads the same time as one that was.
module d1_node (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [63:0]  boot_pc_i,        // where all threads start after reset
  input  logic [7:0]   node_x_i,
  input  logic [7:0]   node_y_i,
  input  logic [7:0]   fab_w_i,
  input  logic [7:0]   fab_h_i,
  input  logic [63:0]  cycle_i,          // cycles since reset
  input  logic [63:0]  tohost_addr_i,    // scalar stores to this address are reported
  output logic         tohost_valid_o,
  output logic [63:0]  tohost_data_o,
  input  logic         halt_i,           // while set, no thread starts an instruction
  input  logic         host_wake_i,      // the host wrote memory: ends wfi
  output logic         quiet_o,          // nothing changes until a packet arrives or the host acts: cycles may be skipped
  output logic [3:0]   trap_unhandled_o, // the thread trapped without a handler and has halted

  // Links to the neighbours N, E, S, W (slice p of each vector: port p of d1_noc_pkg), request and response class
  output logic [3:0]                         req_tx_valid_o,
  output logic [4*d1_noc_pkg::FLIT_BITS-1:0] req_tx_flit_o,
  input  logic [19:0]                        req_tx_credit_i,
  input  logic [3:0]                         req_rx_valid_i,
  input  logic [4*d1_noc_pkg::FLIT_BITS-1:0] req_rx_flit_i,
  output logic [19:0]                        req_rx_credit_o,
  output logic [3:0]                         rsp_tx_valid_o,
  output logic [4*d1_noc_pkg::FLIT_BITS-1:0] rsp_tx_flit_o,
  input  logic [19:0]                        rsp_tx_credit_i,
  input  logic [3:0]                         rsp_rx_valid_i,
  input  logic [4*d1_noc_pkg::FLIT_BITS-1:0] rsp_rx_flit_i,
  output logic [19:0]                        rsp_rx_credit_o,
  output logic [7:0]                         link_error_o,     // a flit with wrong parity arrived: requests 3:0, responses 7:4
  output logic                               link_trap_o,      // some thread has a handler for that (docs/isa.md, section 3.1)

  // Tables of a fabric with dead nodes (docs/network.md, section 6.6)
  input  logic                                 cfg_we_i,
  input  logic [d1_noc_pkg::CFG_ADDR_BITS-1:0] cfg_addr_i,
  input  logic [d1_noc_pkg::CFG_DATA_BITS-1:0] cfg_data_i
);

  // ---- LSU requests and results
  logic          lsu_valid0, lsu_ready0, lsu_unit0, lsu_indexed0, lsu_pad0, lsu_fault0;
  logic [1:0]    lsu_thread0;
  logic [3:0]    lsu_op0, lsu_pending0;
  logic [2:0]    lsu_funct30, lsu_shape0;
  logic [4:0]    lsu_amo0, lsu_rows0, lsu_rd0;
  logic [6:0]    lsu_bytes0;
  logic [63:0]   lsu_base0, lsu_stride0, lsu_tval0;
  logic [511:0]  lsu_index0, lsu_data0;
  logic [5:0]    lsu_cause0;
  logic          lsu_valid1, lsu_ready1, lsu_unit1, lsu_indexed1, lsu_pad1, lsu_fault1;
  logic [1:0]    lsu_thread1;
  logic [3:0]    lsu_pending1;
  logic [2:0]    lsu_shape1;
  logic [4:0]    lsu_rows1, lsu_rd1;
  logic [6:0]    lsu_bytes1;
  logic [63:0]   lsu_base1, lsu_stride1, lsu_tval1;
  logic [511:0]  lsu_index1;
  logic [5:0]    lsu_cause1;
  logic [1:0]    vwb_valid, gwb_thread;
  logic [3:0]    vwb_thread, replay, trap;
  logic [9:0]    vwb_reg;
  logic [1023:0] vwb_data;
  logic          gwb_valid, store_done;
  logic [4:0]    gwb_reg;
  logic [63:0]   gwb_data, store_data;
  logic [20:0]   store_offset;

  // ---- SRAM requesters
  logic [7:0]    nw_req, nw_gnt, s0_req, s0_gnt, s1_req, s1_gnt, f_req, f_gnt, nr_req, nr_gnt;
  logic [143:0]  nw_word, s0_word, s1_word, f_word, nr_word;
  logic [63:0]   nw_wmask, s0_wmask;
  logic [511:0]  nw_wdata, s0_wdata, s0_rdata, s1_rdata, f_rdata, nr_rdata;
  logic          nw_hold, s0_hold, s0_we;
  logic [5:0]    wait_words;

  // ---- Network interface, counters
  logic          net_valid, net_ready, net_sig, net_fault, net_gwb_valid, net_gwb_ready;
  logic [1:0]    net_thread, net_gwb_thread, sent, received;
  logic [2:0]    net_op;
  logic [63:0]   net_gaddr, net_local, net_cmp, net_tval, net_gwb_data;
  logic [511:0]  net_data;
  logic [6:0]    net_nbytes;
  logic [4:0]    net_ctr, net_rd, net_gwb_reg;
  logic [5:0]    net_cause;
  logic [3:0]    outstanding, list_error, list_taken;
  logic [255:0]  list_tval;
  logic          inc_valid, snoop_valid, arrived, niu_quiet, waiting, changed;
  logic [4:0]    inc_ctr, sync_ctr;
  logic [31:0]   inc_value, sync_value;
  logic [14:0]   snoop_block;
  logic          sync_valid;
  logic [1:0]    sync_thread, sync_op;
  logic [3:0]    sync_mask, sync_done, sync_cancel;
  logic [1023:0] counters;

  // ---- Triggers
  logic          arm, tell_valid, tell_ready, trg_take, trg_quiet;
  logic [20:0]   tell_where;
  logic [16:0]   tell_rectangle;
  logic [4:0]    trg_ctr;
  logic [31:0]   trg_value;

  // ---- Routers
  logic                             req_inj_valid, req_inj_ready, req_ej_valid, req_ej_credit, req_quiet;
  logic                             rsp_inj_valid, rsp_inj_ready, rsp_ej_valid, rsp_ej_credit, rsp_quiet;
  logic                             tables;
  logic [7:0]                       link_sent, link_blocked;
  logic [575:0]                     link_events;
  logic [63:0]                      link_errors, link_first;
  logic [3:0]                       link_handlers;
  logic [d1_noc_pkg::FLIT_BITS-1:0] req_inj_flit, req_ej_flit, rsp_inj_flit, rsp_ej_flit;

  logic          core_idle, wake;

  // ---- Inputs that hold still, or may come a cycle later, are registered: no long path begins at a pin, and a simulator that
  // evaluates what depends on inputs has little to do. The time is registered as the next cycle's number; after cycles that
  // were skipped it is right again before a thread can read it.
  logic [63:0]   boot_pc_q, cycle_q, tohost_addr_q;
  logic [7:0]    node_x_q, node_y_q, fab_w_q, fab_h_q;
  logic          halt_q, host_wake_q;

  always_ff @(posedge clk_i) begin : settings
    boot_pc_q     <= boot_pc_i;
    tohost_addr_q <= tohost_addr_i;
    node_x_q      <= node_x_i;
    node_y_q      <= node_y_i;
    fab_w_q       <= fab_w_i;
    fab_h_q       <= fab_h_i;
    cycle_q       <= cycle_i + 64'd1;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : host
    if (!rst_ni) begin
      halt_q      <= 1'b1;
      host_wake_q <= 1'b0;
    end else begin
      halt_q      <= halt_i;
      host_wake_q <= host_wake_i;
    end
  end

  assign wake = changed || arrived || host_wake_q;

  d1_core u_core (
    .clk_i, .rst_ni, .boot_pc_i(boot_pc_q), .node_x_i(node_x_q), .node_y_i(node_y_q), .fab_w_i(fab_w_q), .fab_h_i(fab_h_q),
    .cycle_i(cycle_q), .halt_i(halt_q), .wake_i(wake), .idle_o(core_idle),
    .trap_unhandled_o, .trap_o(trap),
    .lsu_valid0_o(lsu_valid0), .lsu_ready0_i(lsu_ready0), .lsu_thread0_o(lsu_thread0), .lsu_op0_o(lsu_op0),
    .lsu_funct30_o(lsu_funct30), .lsu_amo0_o(lsu_amo0), .lsu_unit0_o(lsu_unit0), .lsu_indexed0_o(lsu_indexed0),
    .lsu_shape0_o(lsu_shape0), .lsu_pad0_o(lsu_pad0), .lsu_rows0_o(lsu_rows0), .lsu_bytes0_o(lsu_bytes0),
    .lsu_base0_o(lsu_base0), .lsu_stride0_o(lsu_stride0), .lsu_index0_o(lsu_index0), .lsu_data0_o(lsu_data0),
    .lsu_rd0_o(lsu_rd0), .lsu_fault0_i(lsu_fault0), .lsu_cause0_i(lsu_cause0), .lsu_tval0_i(lsu_tval0),
    .lsu_pending0_i(lsu_pending0),
    .lsu_valid1_o(lsu_valid1), .lsu_ready1_i(lsu_ready1), .lsu_thread1_o(lsu_thread1), .lsu_unit1_o(lsu_unit1),
    .lsu_indexed1_o(lsu_indexed1), .lsu_shape1_o(lsu_shape1), .lsu_pad1_o(lsu_pad1), .lsu_rows1_o(lsu_rows1),
    .lsu_bytes1_o(lsu_bytes1), .lsu_base1_o(lsu_base1), .lsu_stride1_o(lsu_stride1), .lsu_index1_o(lsu_index1),
    .lsu_rd1_o(lsu_rd1), .lsu_fault1_i(lsu_fault1), .lsu_cause1_i(lsu_cause1), .lsu_tval1_i(lsu_tval1),
    .lsu_pending1_i(lsu_pending1),
    .lsu_vwb_valid_i(vwb_valid), .lsu_vwb_thread_i(vwb_thread), .lsu_vwb_reg_i(vwb_reg), .lsu_vwb_data_i(vwb_data),
    .lsu_gwb_valid_i(gwb_valid), .lsu_gwb_thread_i(gwb_thread), .lsu_gwb_reg_i(gwb_reg), .lsu_gwb_data_i(gwb_data),
    .lsu_replay_i(replay),
    .f_req_o(f_req), .f_word_o(f_word), .f_gnt_i(f_gnt), .f_rdata_i(f_rdata),
    .net_valid_o(net_valid), .net_ready_i(net_ready), .net_thread_o(net_thread), .net_op_o(net_op), .net_gaddr_o(net_gaddr),
    .net_local_o(net_local), .net_data_o(net_data), .net_cmp_o(net_cmp), .net_nbytes_o(net_nbytes), .net_sig_o(net_sig),
    .net_ctr_o(net_ctr), .net_rd_o(net_rd), .net_fault_i(net_fault), .net_cause_i(net_cause), .net_tval_i(net_tval),
    .net_gwb_valid_i(net_gwb_valid), .net_gwb_ready_o(net_gwb_ready), .net_gwb_thread_i(net_gwb_thread),
    .net_gwb_reg_i(net_gwb_reg), .net_gwb_data_i(net_gwb_data), .net_outstanding_i(outstanding),
    .list_error_i(list_error), .list_tval_i(list_tval), .list_taken_o(list_taken),
    .sync_valid_o(sync_valid), .sync_thread_o(sync_thread), .sync_op_o(sync_op), .sync_ctr_o(sync_ctr),
    .sync_value_o(sync_value), .sync_mask_o(sync_mask), .sync_cancel_o(sync_cancel), .sync_done_i(sync_done),
    .sync_counters_i(counters),
    .wait_words_i(wait_words), .sent_i(sent), .received_i(received), .waiting_i(waiting), .link_events_i(link_events),
    .link_errors_i(link_errors), .link_first_i(link_first), .link_error_i(link_error_o != '0), .link_handler_o(link_handlers)
  );

  d1_lsu u_lsu (
    .clk_i, .rst_ni,
    .req_valid0_i(lsu_valid0), .req_ready0_o(lsu_ready0), .req_thread0_i(lsu_thread0), .req_op0_i(lsu_op0),
    .req_funct30_i(lsu_funct30), .req_amo0_i(lsu_amo0), .req_unit0_i(lsu_unit0), .req_indexed0_i(lsu_indexed0),
    .req_shape0_i(lsu_shape0), .req_pad0_i(lsu_pad0), .req_rows0_i(lsu_rows0), .req_bytes0_i(lsu_bytes0),
    .req_base0_i(lsu_base0), .req_stride0_i(lsu_stride0), .req_index0_i(lsu_index0), .req_data0_i(lsu_data0),
    .req_rd0_i(lsu_rd0), .fault0_o(lsu_fault0), .fault_cause0_o(lsu_cause0), .fault_tval0_o(lsu_tval0),
    .pending0_o(lsu_pending0),
    .req_valid1_i(lsu_valid1), .req_ready1_o(lsu_ready1), .req_thread1_i(lsu_thread1), .req_unit1_i(lsu_unit1),
    .req_indexed1_i(lsu_indexed1), .req_shape1_i(lsu_shape1), .req_pad1_i(lsu_pad1), .req_rows1_i(lsu_rows1),
    .req_bytes1_i(lsu_bytes1), .req_base1_i(lsu_base1), .req_stride1_i(lsu_stride1), .req_index1_i(lsu_index1),
    .req_rd1_i(lsu_rd1), .fault1_o(lsu_fault1), .fault_cause1_o(lsu_cause1), .fault_tval1_o(lsu_tval1),
    .pending1_o(lsu_pending1),
    .vwb_valid_o(vwb_valid), .vwb_thread_o(vwb_thread), .vwb_reg_o(vwb_reg), .vwb_data_o(vwb_data),
    .gwb_valid_o(gwb_valid), .gwb_thread_o(gwb_thread), .gwb_reg_o(gwb_reg), .gwb_data_o(gwb_data),
    .resv_clear_i(trap), .snoop_valid_i(snoop_valid), .snoop_block_i(snoop_block),
    .store_done_o(store_done), .store_offset_o(store_offset), .store_data_o(store_data), .replay_o(replay),
    .s0_req_o(s0_req), .s0_word_o(s0_word), .s0_we_o(s0_we), .s0_wmask_o(s0_wmask), .s0_wdata_o(s0_wdata), .s0_hold_o(s0_hold),
    .s0_gnt_i(s0_gnt), .s0_rdata_i(s0_rdata),
    .s1_req_o(s1_req), .s1_word_o(s1_word), .s1_gnt_i(s1_gnt), .s1_rdata_i(s1_rdata)
  );

  d1_sram u_sram (
    .clk_i, .rst_ni,
    .nw_req_i(nw_req), .nw_word_i(nw_word), .nw_wmask_i(nw_wmask), .nw_wdata_i(nw_wdata), .nw_hold_i(nw_hold), .nw_gnt_o(nw_gnt),
    .s0_req_i(s0_req), .s0_word_i(s0_word), .s0_we_i(s0_we), .s0_wmask_i(s0_wmask), .s0_wdata_i(s0_wdata), .s0_hold_i(s0_hold),
    .s0_gnt_o(s0_gnt), .s0_rdata_o(s0_rdata),
    .s1_req_i(s1_req), .s1_word_i(s1_word), .s1_gnt_o(s1_gnt), .s1_rdata_o(s1_rdata),
    .f_req_i(f_req), .f_word_i(f_word), .f_gnt_o(f_gnt), .f_rdata_o(f_rdata),
    .nr_req_i(nr_req), .nr_word_i(nr_word), .nr_gnt_o(nr_gnt), .nr_rdata_o(nr_rdata),
    .wait_words_o(wait_words)
  );

  d1_niu u_niu (
    .clk_i, .rst_ni, .node_x_i(node_x_q), .node_y_i(node_y_q), .fab_w_i(fab_w_q), .fab_h_i(fab_h_q), .tables_i(tables),
    .cfg_we_i, .cfg_addr_i, .cfg_data_i(cfg_data_i[10:0]), .time_i(cycle_q[15:0]),
    .req_valid_i(net_valid), .req_ready_o(net_ready), .req_thread_i(net_thread), .req_op_i(net_op), .req_gaddr_i(net_gaddr),
    .req_local_i(net_local), .req_data_i(net_data), .req_cmp_i(net_cmp), .req_nbytes_i(net_nbytes), .req_sig_i(net_sig),
    .req_ctr_i(net_ctr), .req_rd_i(net_rd), .fault_o(net_fault), .fault_cause_o(net_cause), .fault_tval_o(net_tval),
    .gwb_valid_o(net_gwb_valid), .gwb_ready_i(net_gwb_ready), .gwb_thread_o(net_gwb_thread), .gwb_reg_o(net_gwb_reg),
    .gwb_data_o(net_gwb_data), .outstanding_o(outstanding),
    .list_error_o(list_error), .list_tval_o(list_tval), .list_taken_i(list_taken),
    .arm_o(arm), .tell_valid_i(tell_valid), .tell_where_i(tell_where), .tell_rectangle_i(tell_rectangle), .tell_ready_o(tell_ready),
    .inc_valid_o(inc_valid), .inc_ctr_o(inc_ctr), .inc_value_o(inc_value),
    .nw_req_o(nw_req), .nw_word_o(nw_word), .nw_wmask_o(nw_wmask), .nw_wdata_o(nw_wdata), .nw_hold_o(nw_hold), .nw_gnt_i(nw_gnt),
    .nr_req_o(nr_req), .nr_word_o(nr_word), .nr_gnt_i(nr_gnt), .nr_rdata_i(nr_rdata),
    .snoop_valid_o(snoop_valid), .snoop_block_o(snoop_block),
    .req_tx_valid_o(req_inj_valid), .req_tx_flit_o(req_inj_flit), .req_tx_ready_i(req_inj_ready),
    .req_rx_valid_i(req_ej_valid), .req_rx_flit_i(req_ej_flit), .req_rx_credit_o(req_ej_credit),
    .rsp_tx_valid_o(rsp_inj_valid), .rsp_tx_flit_o(rsp_inj_flit), .rsp_tx_ready_i(rsp_inj_ready),
    .rsp_rx_valid_i(rsp_ej_valid), .rsp_rx_flit_i(rsp_ej_flit), .rsp_rx_credit_o(rsp_ej_credit),
    .arrived_o(arrived), .quiet_o(niu_quiet), .sent_o(sent), .received_o(received), .waiting_o(waiting)
  );

  d1_router u_req_router (
    .clk_i, .rst_ni, .node_x_i(node_x_q), .node_y_i(node_y_q),
    .tx_valid_o(req_tx_valid_o), .tx_flit_o(req_tx_flit_o), .tx_credit_i(req_tx_credit_i),
    .rx_valid_i(req_rx_valid_i), .rx_flit_i(req_rx_flit_i), .rx_credit_o(req_rx_credit_o), .link_error_o(link_error_o[3:0]),
    .inj_valid_i(req_inj_valid), .inj_flit_i(req_inj_flit), .inj_ready_o(req_inj_ready),
    .ej_valid_o(req_ej_valid), .ej_flit_o(req_ej_flit), .ej_credit_i(req_ej_credit),
    .cfg_we_i, .cfg_addr_i, .cfg_data_i, .tables_o(tables), .blocked_o(link_blocked[3:0]), .quiet_o(req_quiet)
  );

  d1_router u_rsp_router (
    .clk_i, .rst_ni, .node_x_i(node_x_q), .node_y_i(node_y_q),
    .tx_valid_o(rsp_tx_valid_o), .tx_flit_o(rsp_tx_flit_o), .tx_credit_i(rsp_tx_credit_i),
    .rx_valid_i(rsp_rx_valid_i), .rx_flit_i(rsp_rx_flit_i), .rx_credit_o(rsp_rx_credit_o), .link_error_o(link_error_o[7:4]),
    .inj_valid_i(rsp_inj_valid), .inj_flit_i(rsp_inj_flit), .inj_ready_o(rsp_inj_ready),
    .ej_valid_o(rsp_ej_valid), .ej_flit_o(rsp_ej_flit), .ej_credit_i(rsp_ej_credit),
    .cfg_we_i, .cfg_addr_i, .cfg_data_i, .tables_o(), .blocked_o(link_blocked[7:4]), .quiet_o(rsp_quiet)
  );

  assign link_sent   = {rsp_tx_valid_o, req_tx_valid_o};
  assign link_trap_o = link_handlers != '0;
  d1_link_events u_link_events (
    .clk_i, .rst_ni, .cycle_i(cycle_q[47:0]), .sent_i(link_sent), .blocked_i(link_blocked), .broken_i(link_error_o),
    .events_o(link_events), .errors_o(link_errors), .first_o(link_first)
  );

  d1_sync u_sync (
    .clk_i, .rst_ni, .req_valid_i(sync_valid), .req_thread_i(sync_thread), .req_op_i(sync_op), .req_ctr_i(sync_ctr),
    .req_value_i(sync_value), .req_mask_i(sync_mask), .cancel_i(sync_cancel), .done_o(sync_done), .counters_o(counters),
    .inc_valid_i(inc_valid), .inc_ctr_i(inc_ctr), .inc_value_i(inc_value),
    .take_valid_i(trg_take), .take_ctr_i(trg_ctr), .take_value_i(trg_value), .changed_o(changed), .waiting_o()
  );

  d1_trigger u_trigger (
    .clk_i, .rst_ni, .arm_valid_i(arm), .arm_trigger_i(net_rd[1:0]), .arm_ctr_i(net_ctr), .arm_count_i(net_local[15:0]),
    .arm_where_i({net_gaddr[47:32], net_gaddr[4:0]}), .arm_rectangle_i({net_local[39:24], net_local[16]}),
    .counters_i(counters), .changed_i(changed), .take_valid_o(trg_take), .take_ctr_o(trg_ctr), .take_value_o(trg_value),
    .out_valid_o(tell_valid), .out_where_o(tell_where), .out_rectangle_o(tell_rectangle), .out_ready_i(tell_ready),
    .quiet_o(trg_quiet)
  );

  // ---- A scalar store to the tohost address was performed.
  assign tohost_valid_o = store_done && tohost_addr_q[63:21] == d1_pkg::SRAM_BASE[63:21] && store_offset == tohost_addr_q[20:0];
  assign tohost_data_o  = store_data;

  // ---- Quiet: the LSU asks for no word and owes none; nothing else is under way or at the door. (Results of the LSU are
  // awaited by the core.)
  assign quiet_o = core_idle && niu_quiet && trg_quiet && req_quiet && rsp_quiet && !wake && !host_wake_i && sync_done == '0 && !sync_valid &&
                   (lsu_pending0 | lsu_pending1) == '0 && (s0_req | s1_req) == '0 && (req_rx_valid_i | rsp_rx_valid_i) == '0 &&
                   (req_tx_credit_i | rsp_tx_credit_i) == '0;

endmodule
