// Network interface of a node: turns dn.* instructions into packets, serves the packets of others.
//
// Request in cycle t leaves on the link in t+1 at the earliest. Faults are combinational from the request; a faulting request
// has no effect even if it transfers. Requests of the network are served in order, one a cycle for writes that the banks grant;
// a request is started only when its response has room, and responses are consumed whatever the requests do, so the two
// classes cannot block each other. Link outputs depend on registers only.
module d1_niu (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [7:0]   node_x_i,
  input  logic [7:0]   node_y_i,
  input  logic [7:0]   fab_w_i,
  input  logic [7:0]   fab_h_i,
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

  // Link: request and response class
  output logic                             req_tx_valid_o,
  output logic [d1_noc_pkg::FLIT_BITS-1:0] req_tx_flit_o,
  input  logic                             req_tx_credit_i,
  input  logic                             req_rx_valid_i,
  input  logic [d1_noc_pkg::FLIT_BITS-1:0] req_rx_flit_i,
  output logic                             req_rx_credit_o,
  output logic                             rsp_tx_valid_o,
  output logic [d1_noc_pkg::FLIT_BITS-1:0] rsp_tx_flit_o,
  input  logic                             rsp_tx_credit_i,
  input  logic                             rsp_rx_valid_i,
  input  logic [d1_noc_pkg::FLIT_BITS-1:0] rsp_rx_flit_i,
  output logic                             rsp_rx_credit_o,

  // State and events
  output logic         arrived_o,       // a packet arrived in this cycle (ends wfi)
  output logic         quiet_o,         // nothing stored, nothing outstanding: the next cycle changes nothing by itself
  output logic [1:0]   sent_o,          // flits sent in this cycle (event 19)
  output logic [1:0]   received_o,      // flits received (event 20)
  output logic         waiting_o        // a flit is ready and has no credit (event 21)
);
endmodule
