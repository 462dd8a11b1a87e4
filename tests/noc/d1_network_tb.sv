// Harness of d1_network_test: network interface, SRAM, counters and triggers of a node. The link is joined to itself by d1_loopback
// (loop_i) or left to the test. Counters of the places at the other end stand for the router's readiness.
module d1_network_tb (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          loop_i,
  input  logic [7:0]    node_x_i,
  input  logic [7:0]    node_y_i,
  input  logic [7:0]    fab_w_i,
  input  logic [7:0]    fab_h_i,
  input  logic          tables_i,
  input  logic          cfg_we_i,
  input  logic [11:0]   cfg_addr_i,
  input  logic [10:0]   cfg_data_i,
  input  logic          req_valid_i,
  output logic          req_ready_o,
  input  logic [1:0]    req_thread_i,
  input  logic [2:0]    req_op_i,
  input  logic [63:0]   req_gaddr_i,
  input  logic [63:0]   req_local_i,
  input  logic [511:0]  req_data_i,
  input  logic [63:0]   req_cmp_i,
  input  logic [6:0]    req_nbytes_i,
  input  logic          req_sig_i,
  input  logic [4:0]    req_ctr_i,
  input  logic [4:0]    req_rd_i,
  output logic          fault_o,
  output logic [5:0]    fault_cause_o,
  output logic [63:0]   fault_tval_o,
  output logic          gwb_valid_o,
  input  logic          gwb_ready_i,
  output logic [1:0]    gwb_thread_o,
  output logic [4:0]    gwb_reg_o,
  output logic [63:0]   gwb_data_o,
  output logic [3:0]    outstanding_o,
  output logic [3:0]    list_error_o,
  output logic [255:0]  list_tval_o,
  input  logic [3:0]    list_taken_i,
  output logic [1023:0] counters_o,
  output logic          take_valid_o,     // a trigger takes
  output logic [4:0]    take_ctr_o,
  output logic [31:0]   take_value_o,
  output logic          tell_valid_o,     // its signal waits
  output logic          changed_o,
  output logic          snoop_valid_o,
  output logic [14:0]   snoop_block_o,
  output logic          arrived_o,
  output logic          quiet_o,
  output logic [1:0]    sent_o,
  output logic [1:0]    received_o,
  output logic          waiting_o,

  output logic          req_tx_valid_o,
  output logic [639:0]  req_tx_flit_o,
  input  logic          req_tx_credit_i,
  input  logic          req_rx_valid_i,
  input  logic [639:0]  req_rx_flit_i,
  output logic          req_rx_credit_o,
  output logic          rsp_tx_valid_o,
  output logic [639:0]  rsp_tx_flit_o,
  input  logic          rsp_tx_credit_i,
  input  logic          rsp_rx_valid_i,
  input  logic [639:0]  rsp_rx_flit_i,
  output logic          rsp_rx_credit_o,

  // Traffic of the node's threads, to disturb
  input  logic [7:0]    s0_req_i,
  input  logic [143:0]  s0_word_i,
  output logic [7:0]    s0_gnt_o
);

  logic [7:0]   nw_req, nw_gnt, nr_req, nr_gnt;
  logic [143:0] nw_word, nr_word;
  logic [63:0]  nw_wmask;
  logic [511:0] nw_wdata, nr_rdata;
  logic         nw_hold, inc_valid;
  logic [4:0]   inc_ctr;
  logic [31:0]  inc_value;
  logic         arm, tell_ready, niu_quiet, trg_quiet;
  logic [20:0]  tell_where;
  logic [16:0]  tell_rectangle;

  logic         req_credit, req_valid, rsp_credit, rsp_valid;
  logic [639:0] req_flit, rsp_flit;

  logic         req_offer, rsp_offer, req_ready, rsp_ready;
  logic [3:0]   req_places_q, rsp_places_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      req_places_q <= 4'(d1_noc_pkg::LINK_DEPTH);
      rsp_places_q <= 4'(d1_noc_pkg::LINK_DEPTH);
    end else begin
      req_places_q <= req_places_q + 4'(loop_i ? req_credit : req_tx_credit_i) - 4'(req_tx_valid_o);
      rsp_places_q <= rsp_places_q + 4'(loop_i ? rsp_credit : rsp_tx_credit_i) - 4'(rsp_tx_valid_o);
    end
  end
  assign req_ready      = req_places_q != '0;
  assign rsp_ready      = rsp_places_q != '0;
  assign req_tx_valid_o = req_offer && req_ready;
  assign rsp_tx_valid_o = rsp_offer && rsp_ready;

  d1_niu u_niu (
    .clk_i, .rst_ni, .node_x_i, .node_y_i, .fab_w_i, .fab_h_i, .tables_i, .cfg_we_i, .cfg_addr_i, .cfg_data_i, .time_i('0),
    .req_valid_i, .req_ready_o, .req_thread_i, .req_op_i, .req_gaddr_i, .req_local_i, .req_data_i, .req_cmp_i, .req_nbytes_i,
    .req_sig_i, .req_ctr_i, .req_rd_i, .fault_o, .fault_cause_o, .fault_tval_o,
    .gwb_valid_o, .gwb_ready_i, .gwb_thread_o, .gwb_reg_o, .gwb_data_o, .outstanding_o,
    .list_error_o, .list_tval_o, .list_taken_i,
    .arm_o(arm), .tell_valid_i(tell_valid_o), .tell_where_i(tell_where), .tell_rectangle_i(tell_rectangle), .tell_ready_o(tell_ready),
    .inc_valid_o(inc_valid), .inc_ctr_o(inc_ctr), .inc_value_o(inc_value),
    .nw_req_o(nw_req), .nw_word_o(nw_word), .nw_wmask_o(nw_wmask), .nw_wdata_o(nw_wdata), .nw_hold_o(nw_hold), .nw_gnt_i(nw_gnt),
    .nr_req_o(nr_req), .nr_word_o(nr_word), .nr_gnt_i(nr_gnt), .nr_rdata_i(nr_rdata), .snoop_valid_o, .snoop_block_o,
    .req_tx_valid_o(req_offer), .req_tx_flit_o, .req_tx_ready_i(req_ready),
    .req_rx_valid_i(loop_i ? req_valid : req_rx_valid_i), .req_rx_flit_i(loop_i ? req_flit : req_rx_flit_i), .req_rx_credit_o,
    .rsp_tx_valid_o(rsp_offer), .rsp_tx_flit_o, .rsp_tx_ready_i(rsp_ready),
    .rsp_rx_valid_i(loop_i ? rsp_valid : rsp_rx_valid_i), .rsp_rx_flit_i(loop_i ? rsp_flit : rsp_rx_flit_i), .rsp_rx_credit_o,
    .arrived_o, .quiet_o(niu_quiet), .sent_o, .received_o, .waiting_o
  );
  assign quiet_o = niu_quiet && trg_quiet;

  d1_loopback u_req_loop (
    .clk_i, .rst_ni, .tx_valid_i(req_tx_valid_o && loop_i), .tx_flit_i(req_tx_flit_o), .tx_credit_o(req_credit),
    .rx_valid_o(req_valid), .rx_flit_o(req_flit), .rx_credit_i(req_rx_credit_o && loop_i), .quiet_o()
  );
  d1_loopback u_rsp_loop (
    .clk_i, .rst_ni, .tx_valid_i(rsp_tx_valid_o && loop_i), .tx_flit_i(rsp_tx_flit_o), .tx_credit_o(rsp_credit),
    .rx_valid_o(rsp_valid), .rx_flit_o(rsp_flit), .rx_credit_i(rsp_rx_credit_o && loop_i), .quiet_o()
  );

  d1_sync u_sync (
    .clk_i, .rst_ni, .req_valid_i(1'b0), .req_thread_i('0), .req_op_i('0), .req_ctr_i('0), .req_value_i('0), .req_mask_i('0), .cancel_i('0),
    .done_o(), .counters_o, .inc_valid_i(inc_valid), .inc_ctr_i(inc_ctr), .inc_value_i(inc_value),
    .take_valid_i(take_valid_o), .take_ctr_i(take_ctr_o), .take_value_i(take_value_o), .changed_o, .waiting_o()
  );

  // As in d1_node.
  d1_trigger u_trigger (
    .clk_i, .rst_ni, .arm_valid_i(arm), .arm_trigger_i(req_rd_i[1:0]), .arm_ctr_i(req_ctr_i), .arm_count_i(req_local_i[15:0]),
    .arm_where_i({req_gaddr_i[47:32], req_gaddr_i[4:0]}), .arm_rectangle_i({req_local_i[39:24], req_local_i[16]}),
    .counters_i(counters_o), .changed_i(changed_o), .take_valid_o, .take_ctr_o, .take_value_o,
    .out_valid_o(tell_valid_o), .out_where_o(tell_where), .out_rectangle_o(tell_rectangle), .out_ready_i(tell_ready),
    .quiet_o(trg_quiet)
  );

  d1_sram u_sram (
    .clk_i, .rst_ni,
    .nw_req_i(nw_req), .nw_word_i(nw_word), .nw_wmask_i(nw_wmask), .nw_wdata_i(nw_wdata), .nw_hold_i(nw_hold), .nw_gnt_o(nw_gnt),
    .s0_req_i, .s0_word_i, .s0_we_i(1'b0), .s0_wmask_i('0), .s0_wdata_i('0), .s0_hold_i(1'b0), .s0_gnt_o, .s0_rdata_o(),
    .s1_req_i('0), .s1_word_i('0), .s1_gnt_o(), .s1_rdata_o(),
    .f_req_i('0), .f_word_i('0), .f_gnt_o(), .f_rdata_o(),
    .nr_req_i(nr_req), .nr_word_i(nr_word), .nr_gnt_o(nr_gnt), .nr_rdata_o(nr_rdata),
    .wait_words_o()
  );

endmodule
