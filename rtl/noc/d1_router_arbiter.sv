// Chooses which input's head leaves by one output: the oldest by its time of injection (compared wrap-safely), at equal age the
// lower port. Combinational from its inputs and the counters of losses; one choice a cycle.
//
// No starvation, whatever the ages say (after 32,768 cycles they wrap): a head that was passed over by 255 others goes next, and
// while it lacks places (a multicast needs several queues at once) nobody else goes, so that the places it needs come free.
// So a head is passed over by at most 255 + 4 others. One that is neither ready nor a waiting multicast is not counted as passed over.
`include "d1_assert.svh"

module d1_router_arbiter (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [4:0]  ready_i,     // the head may leave
  input  logic [4:0]  wait_i,      // a multicast head lacks places; never with ready_i
  input  logic [79:0] time_i,      // 16 bits an input
  output logic [4:0]  grant_o,     // one-hot, only ready ones
  output logic [2:0]  input_o      // its number
);

  localparam logic [7:0] PATIENCE = 8'd255;

  logic [39:0] lost_q, lost_d;     // by how many others the head was passed over
  logic [4:0]  asking, urgent;
  logic        lost_some_q;        // a counter is not 0

  assign asking = ready_i | wait_i;

  // ---- Heads whose patience is over.
  always_comb begin : patience
    urgent = '0;
    if (lost_some_q) begin
      for (int p = 0; p < 5; p++) urgent[p] = asking[p] && lost_q[8*p +: 8] == PATIENCE;
    end
  end

  // ---- The oldest: a tournament of 0 with 1, 2 with 3, the winners, and 4.
  logic [2:0] oldest;
  always_comb begin : tournament
    logic [2:0]  a, b;
    logic [15:0] time_a, time_b, age;
    logic        any_a, any_b;
    oldest = '0;
    a = '0;
    b = '0;
    time_a = '0;
    time_b = '0;
    age    = '0;
    any_a  = 1'b0;
    any_b  = 1'b0;
    if (ready_i != '0) begin
      age    = time_i[31:16] - time_i[15:0];    // negative: 1 is older than 0
      a      = ready_i[1] && (!ready_i[0] || age[15]) ? 3'd1 : 3'd0;
      any_a  = ready_i[1:0] != '0;
      time_a = a[0] ? time_i[31:16] : time_i[15:0];
      age    = time_i[63:48] - time_i[47:32];
      b      = ready_i[3] && (!ready_i[2] || age[15]) ? 3'd3 : 3'd2;
      any_b  = ready_i[3:2] != '0;
      time_b = b[0] ? time_i[63:48] : time_i[47:32];
      age    = time_b - time_a;
      if (any_b && (!any_a || age[15])) begin
        a      = b;
        time_a = time_b;
      end
      any_a  = any_a || any_b;
      age    = time_i[79:64] - time_a;
      oldest = ready_i[4] && (!any_a || age[15]) ? 3'd4 : a;
    end
  end

  always_comb begin : choose
    input_o = oldest;
    grant_o = '0;
    if (ready_i != '0) begin
      for (int p = 4; p >= 0; p--) if (urgent[p]) input_o = 3'(p);
      grant_o[input_o] = ready_i[input_o];
    end
  end

  // ---- Losses.
  always_comb begin : losses
    lost_d = lost_q;
    if (grant_o != '0) begin
      for (int p = 0; p < 5; p++) begin
        if (grant_o[p]) lost_d[8*p +: 8] = '0;
        else if (asking[p] && lost_q[8*p +: 8] != PATIENCE) lost_d[8*p +: 8] = lost_q[8*p +: 8] + 8'd1;
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      lost_q      <= '0;
      lost_some_q <= 1'b0;
    end else if (grant_o != '0 && (lost_some_q || asking != grant_o)) begin
      lost_q      <= lost_d;
      lost_some_q <= lost_d != '0;
    end
  end

  `D1_ASSERT(OnlyReadyHeadsLeave, (grant_o & ~ready_i) == '0)
  `D1_ASSERT(OneHeadLeaves, $onehot0(grant_o))
  `D1_ASSERT(SomebodyLeavesUnlessAMulticastWaits, ready_i == '0 || grant_o != '0 || (urgent & wait_i) != '0)
  `D1_ASSERT(WaitingIsNotReady, (ready_i & wait_i) == '0)

endmodule
