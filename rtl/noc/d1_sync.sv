// Arrival counters, barriers and sleeping threads of a node.
//
// 32 counters of 32 bits. An add is done at the end of its cycle. A wait, take or barrier puts the thread to sleep; done_o
// pulses for one cycle when it is satisfied, at the earliest in the cycle after the request. A take subtracts its value in the
// cycle of its done_o; takes are served lowest thread first, one a cycle. Wait and take compare wrap-safely:
// (counter - value) mod 2^32 < 2^31. An increment of the network and an add of a thread in one cycle are both applied.
// A thread has at most one request in flight; an add needs no answer and gets none.
module d1_sync (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          req_valid_i,      // always accepted
  input  logic [1:0]    req_thread_i,
  input  logic [1:0]    req_op_i,         // SYNC_ADD, SYNC_WAIT, SYNC_TAKE, SYNC_BAR
  input  logic [4:0]    req_ctr_i,
  input  logic [31:0]   req_value_i,
  input  logic [3:0]    req_mask_i,       // barrier: threads that take part, the own bit set
  output logic [3:0]    done_o,           // pulse per thread: its wait, take or barrier is over
  output logic [1023:0] counters_o,       // counter c in bits 32c+31..32c
  input  logic          inc_valid_i,      // increment by the network
  input  logic [4:0]    inc_ctr_i,
  input  logic [31:0]   inc_value_i,
  output logic          changed_o,        // a counter changes at the end of this cycle
  output logic [3:0]    waiting_o         // the thread sleeps in a wait, take or barrier
);
endmodule
