// Triggers of a node (docs/isa.md, section 8.3): wait for counters, take from them and send signals without the threads.
//
// What is armed is looked at when a counter may have changed, one trigger a cycle, in turns; nothing happens while none can fire.
// In the cycle of its look a trigger takes from d1_sync's counters, which never refuses, and its signal waits for the network
// interface from the next on (out_valid_o until out_ready_i). Nothing fires while a signal waits, so takes are two cycles apart.
// Arming is always accepted; an arming in the cycle of a look at the same trigger comes after it.
`include "d1_assert.svh"

module d1_trigger (
  input  logic          clk_i,
  input  logic          rst_ni,

  // Arming: operands as of dn.arm, checked
  input  logic          arm_valid_i,
  input  logic [1:0]    arm_trigger_i,
  input  logic [4:0]    arm_ctr_i,        // own counter
  input  logic [15:0]   arm_count_i,      // 0 disarms
  input  logic [20:0]   arm_where_i,      // y, x, counter there: bits 20:13, 12:5, 4:0
  input  logic [16:0]   arm_rectangle_i,  // y1, x1, multicast: bits 16:9, 8:1, 0

  // Counters (d1_sync)
  input  logic [1023:0] counters_i,
  input  logic          changed_i,        // one changes at the end of this cycle
  output logic          take_valid_o,
  output logic [4:0]    take_ctr_o,
  output logic [31:0]   take_value_o,

  // The signal of one that has fired
  output logic          out_valid_o,
  output logic [20:0]   out_where_o,      // as arm_where_i
  output logic [16:0]   out_rectangle_o,
  input  logic          out_ready_i,
  output logic          quiet_o           // nothing to look at and nothing to send
);

  logic [3:0]  armed_q, look_q;           // look_q: its counter may have changed since the last look; only if armed
  logic [1:0]  last_q;                    // the trigger that was looked at last
  logic [19:0] ctr_q;                     // trigger t: bits 5t+4..5t
  logic [63:0] count_q;
  logic [83:0] where_q;
  logic [67:0] rectangle_q;

  // ---- The next to look at: the first after the last one.
  logic       looks;
  logic [1:0] at;
  always_comb begin : choose
    logic [1:0] next;
    at    = last_q;
    next  = '0;
    looks = look_q != '0 && !out_valid_o;
    if (looks) begin
      for (int i = 3; i >= 0; i--) begin
        next = last_q + 2'd1 + 2'(i);
        if (look_q[next]) at = next;
      end
    end
  end

  always_comb begin : look
    logic [31:0] ahead;
    ahead        = '0;
    take_valid_o = 1'b0;
    take_ctr_o   = '0;
    take_value_o = '0;
    if (looks) begin
      take_ctr_o   = ctr_q[5*at +: 5];
      take_value_o = {16'd0, count_q[{at, 4'd0} +: 16]};
      ahead        = counters_i[{take_ctr_o, 5'd0} +: 32] - take_value_o;
      take_valid_o = !ahead[31];
    end
  end

  logic [3:0] armed_d, look_d;
  always_comb begin : next_state
    armed_d = armed_q;
    look_d  = look_q;
    if (looks) look_d[at] = 1'b0;
    if (take_valid_o) armed_d[at] = 1'b0;
    if (changed_i) look_d = armed_d;
    if (arm_valid_i) begin
      armed_d[arm_trigger_i] = arm_count_i != '0;
      look_d[arm_trigger_i]  = arm_count_i != '0;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      armed_q     <= '0;
      look_q      <= '0;
      last_q      <= '0;
      out_valid_o <= 1'b0;
    end else begin
      if (looks || changed_i || arm_valid_i) begin
        armed_q <= armed_d;
        look_q  <= look_d;
      end
      last_q <= at;
      if (take_valid_o)     out_valid_o <= 1'b1;
      else if (out_ready_i) out_valid_o <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin : data
    if (take_valid_o) begin
      out_where_o     <= where_q[21*at +: 21];
      out_rectangle_o <= rectangle_q[17*at +: 17];
    end
    if (arm_valid_i) begin
      for (int t = 0; t < 4; t++) begin
        if (arm_trigger_i == 2'(t)) begin
          ctr_q[5*t +: 5]         <= arm_ctr_i;
          count_q[16*t +: 16]     <= arm_count_i;
          where_q[21*t +: 21]     <= arm_where_i;
          rectangle_q[17*t +: 17] <= arm_rectangle_i;
        end
      end
    end
  end

  assign quiet_o = look_q == '0 && !out_valid_o;

  `D1_ASSERT(OnlyTheArmedAreLookedAt, (look_q & ~armed_q) == '0)
  `D1_ASSERT(NothingFiresWhileASignalWaits, !(take_valid_o && out_valid_o))
  `D1_ASSERT(WhatFiresIsCounted, !take_valid_o || take_value_o != '0)

endmodule
