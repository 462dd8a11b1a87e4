// Late results for the scalar registers: each thread's register file takes one a cycle, from the LSU, the SIMD unit, the
// multiplier/divider or the network interface, in this order.
//
// The LSU's results cannot wait. A SIMD result that meets one of the LSU is kept here; a thread has at most one dv.mv.x.w under
// way (busy_o), so one place a thread is enough. The others wait in their units. Results for x0 are dropped.
`include "d1_assert.svh"
module d1_late (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         lsu_valid_i,
  input  logic [1:0]   lsu_thread_i,
  input  logic [4:0]   lsu_reg_i,
  input  logic [63:0]  lsu_data_i,
  input  logic [3:0]   simd_issue_i,     // the thread issues a dv.mv.x.w
  input  logic         simd_valid_i,
  input  logic [1:0]   simd_thread_i,
  input  logic [4:0]   simd_reg_i,
  input  logic [63:0]  simd_data_i,
  output logic [3:0]   busy_o,
  input  logic         muldiv_valid_i,
  output logic         muldiv_ready_o,
  input  logic [1:0]   muldiv_thread_i,
  input  logic [4:0]   muldiv_reg_i,
  input  logic [63:0]  muldiv_data_i,
  input  logic         net_valid_i,
  output logic         net_ready_o,
  input  logic [1:0]   net_thread_i,
  input  logic [4:0]   net_reg_i,
  input  logic [63:0]  net_data_i,

  output logic [3:0]   valid_o,          // thread t's register is written
  output logic [19:0]  reg_o,
  output logic [255:0] data_o
);

  logic [3:0]   lsu, simd, muldiv, net, use_lsu, use_held, use_simd, use_muldiv, use_net;
  logic [3:0]   held_q, held_d, busy_q;
  logic [19:0]  held_reg_q;
  logic [255:0] held_data_q;

  assign lsu    = {3'd0, lsu_valid_i} << lsu_thread_i;
  assign simd   = {3'd0, simd_valid_i} << simd_thread_i;
  assign muldiv = {3'd0, muldiv_valid_i} << muldiv_thread_i;
  assign net    = {3'd0, net_valid_i} << net_thread_i;

  assign use_lsu    = lsu;
  assign use_held   = held_q & ~lsu;
  assign use_simd   = simd & ~lsu;                             // the thread's place is empty: one under way at most
  assign use_muldiv = muldiv & ~(lsu | held_q | simd);
  assign use_net    = net & ~(lsu | held_q | simd | muldiv);
  assign held_d     = (held_q | simd) & lsu;

  // Ready does not look at valid: is the port of the result's thread free?
  assign muldiv_ready_o = !(lsu[muldiv_thread_i] || held_q[muldiv_thread_i] || simd[muldiv_thread_i]);
  assign net_ready_o    = !(lsu[net_thread_i] || held_q[net_thread_i] || simd[net_thread_i] || muldiv[net_thread_i]);
  assign busy_o         = busy_q;

  always_comb begin : choose
    valid_o = '0;
    reg_o   = '0;
    data_o  = '0;
    if ((use_lsu | use_held | use_simd | use_muldiv | use_net) != '0) begin
      for (int t = 0; t < 4; t++) begin
        if (use_lsu[t]) begin
          reg_o[5*t +: 5]    = lsu_reg_i;
          data_o[64*t +: 64] = lsu_data_i;
        end else if (use_held[t]) begin
          reg_o[5*t +: 5]    = held_reg_q[5*t +: 5];
          data_o[64*t +: 64] = held_data_q[64*t +: 64];
        end else if (use_simd[t]) begin
          reg_o[5*t +: 5]    = simd_reg_i;
          data_o[64*t +: 64] = simd_data_i;
        end else if (use_muldiv[t]) begin
          reg_o[5*t +: 5]    = muldiv_reg_i;
          data_o[64*t +: 64] = muldiv_data_i;
        end else if (use_net[t]) begin
          reg_o[5*t +: 5]    = net_reg_i;
          data_o[64*t +: 64] = net_data_i;
        end
        valid_o[t] = reg_o[5*t +: 5] != 5'd0;
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : control
    if (!rst_ni) begin
      held_q <= '0;
      busy_q <= '0;
    end else begin
      held_q <= held_d;
      busy_q <= (busy_q & ~(use_held | use_simd)) | simd_issue_i;
    end
  end

  always_ff @(posedge clk_i) begin : hold
    if ((simd & lsu) != '0) begin
      for (int t = 0; t < 4; t++) begin
        if (simd[t]) begin
          held_reg_q[5*t +: 5]    <= simd_reg_i;
          held_data_q[64*t +: 64] <= simd_data_i;
        end
      end
    end
  end

  `D1_ASSERT(OnePlaceIsEnough, (simd & held_q) == '0)

endmodule
