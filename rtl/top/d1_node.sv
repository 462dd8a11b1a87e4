// One node: core, local memory, network interface, counters. Assembly only.
//
// The link port's outputs depend on registers only, so nodes may be evaluated in any order. time is an input (cycle_i): a node
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

  // Link port: request and response class
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
  output logic                             rsp_rx_credit_o
);
endmodule
