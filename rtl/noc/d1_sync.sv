// Arrival counters, barriers and sleeping threads of a node.
//
// 32 counters of 32 bits. An add is done at the end of its cycle. A wait, take or barrier puts the thread to sleep; done_o
// pulses for one cycle when it is satisfied, at the earliest in the cycle after the request. A take subtracts its value in the
// cycle of its done_o; takes are served one a cycle, a trigger's first (never in two cycles in a row), then the lowest thread's.
// Wait and take compare wrap-safely:
// (counter - value) mod 2^32 < 2^31. An increment of the network and an add of a thread in one cycle are both applied.
// A thread has at most one request in flight; an add needs no answer and gets none. A sleeping thread can give up.
`include "d1_assert.svh"

module d1_sync (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          req_valid_i,      // always accepted
  input  logic [1:0]    req_thread_i,
  input  logic [1:0]    req_op_i,         // SYNC_ADD, SYNC_WAIT, SYNC_TAKE, SYNC_BAR
  input  logic [4:0]    req_ctr_i,
  input  logic [31:0]   req_value_i,
  input  logic [3:0]    req_mask_i,       // barrier: threads that take part, the own bit set
  input  logic [3:0]    cancel_i,         // the thread gives up its wait, take or barrier; never with its done_o
  output logic [3:0]    done_o,           // pulse per thread: its wait, take or barrier is over
  output logic [1023:0] counters_o,       // counter c in bits 32c+31..32c
  input  logic          inc_valid_i,      // increment by the network
  input  logic [4:0]    inc_ctr_i,
  input  logic [31:0]   inc_value_i,
  input  logic          take_valid_i,     // a trigger takes (d1_trigger has looked whether it may)
  input  logic [4:0]    take_ctr_i,
  input  logic [31:0]   take_value_i,
  output logic          changed_o,        // a counter changes at the end of this cycle
  output logic [3:0]    waiting_o         // the thread sleeps in a wait, take or barrier
);

  // ---- Threads that wait.
  localparam logic [1:0] ASLEEP_WAIT = 2'd1, ASLEEP_TAKE = 2'd2, ASLEEP_BAR = 2'd3;   // 0: not asleep; as SYNC_*

  logic [7:0]   sleep_q;             // thread t: bits 2t+1..2t
  logic [19:0]  ctr_q;
  logic [127:0] value_q;
  logic [15:0]  mask_q;
  logic [3:0]   done;
  logic         take;                // a take is served, of a trigger or a thread
  logic [4:0]   take_ctr;
  logic [31:0]  take_value;

  logic [1023:0] counters_q;

  always_comb begin : wake
    logic [31:0] ahead;
    logic        together;
    done       = '0;
    take       = take_valid_i;
    take_ctr   = take_ctr_i;
    take_value = take_value_i;
    ahead      = '0;
    together   = 1'b0;
    if (sleep_q != '0) begin
      for (int t = 0; t < 4; t++) begin
        unique case (sleep_q[2*t +: 2])
          ASLEEP_WAIT, ASLEEP_TAKE: begin
            ahead = counters_q[{ctr_q[5*t +: 5], 5'd0} +: 32] - value_q[32*t +: 32];
            if (!ahead[31]) begin
              if (sleep_q[2*t +: 2] == ASLEEP_WAIT) begin
                done[t] = 1'b1;
              end else if (!take) begin
                done[t]    = 1'b1;
                take       = 1'b1;
                take_ctr   = ctr_q[5*t +: 5];
                take_value = value_q[32*t +: 32];
              end
            end
          end
          ASLEEP_BAR: begin
            together = 1'b1;
            for (int u = 0; u < 4; u++) begin
              if (mask_q[4*t + u] && (sleep_q[2*u +: 2] != ASLEEP_BAR || mask_q[4*u +: 4] != mask_q[4*t +: 4])) together = 1'b0;
            end
            done[t] = together;
          end
          default: done[t] = 1'b0;
        endcase
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : sleepers
    if (!rst_ni) begin
      sleep_q <= '0;
    end else begin
      for (int t = 0; t < 4; t++) begin
        if (done[t] || cancel_i[t]) sleep_q[2*t +: 2] <= '0;
        if (req_valid_i && req_thread_i == 2'(t) && req_op_i != d1_pkg::SYNC_ADD) sleep_q[2*t +: 2] <= req_op_i;
      end
    end
  end

  always_ff @(posedge clk_i) begin : operands
    if (req_valid_i) begin
      for (int t = 0; t < 4; t++) begin
        if (req_thread_i == 2'(t)) begin
          ctr_q[5*t +: 5]     <= req_ctr_i;
          value_q[32*t +: 32] <= req_value_i;
          mask_q[4*t +: 4]    <= req_mask_i;
        end
      end
    end
  end

  // ---- Counters: a thread's add, the network's increment and a take may meet in one cycle, also on one counter.
  logic add;
  assign add = req_valid_i && req_op_i == d1_pkg::SYNC_ADD;

  logic [1023:0] counters_d;
  always_comb begin : count
    counters_d = '0;
    if (changed_o) begin
      for (int c = 0; c < 32; c++) begin
        counters_d[32*c +: 32] = counters_q[32*c +: 32] + (add && req_ctr_i == 5'(c) ? req_value_i : '0)
                                 + (inc_valid_i && inc_ctr_i == 5'(c) ? inc_value_i : '0)
                                 - (take && take_ctr == 5'(c) ? take_value : '0);
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : counters
    if (!rst_ni)        counters_q <= '0;
    else if (changed_o) counters_q <= counters_d;
  end

  assign done_o     = done;
  assign counters_o = counters_q;
  assign changed_o  = add || inc_valid_i || take;

  always_comb begin : asleep
    for (int t = 0; t < 4; t++) waiting_o[t] = sleep_q[2*t +: 2] != '0;
  end

  `D1_ASSERT(WhatIsDoneIsNotGivenUp, (done & cancel_i) == '0)
  `D1_ASSERT(SleepersAskNothing, !req_valid_i || !waiting_o[req_thread_i] || done[req_thread_i])
  `D1_ASSERT(BarrierNamesItself, !req_valid_i || req_op_i != d1_pkg::SYNC_BAR || req_mask_i[req_thread_i])

endmodule
