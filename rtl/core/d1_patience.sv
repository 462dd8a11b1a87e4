// Who comes before the order of d1_order: threads that have waited 63 cycles at a shared unit. They alone would not do: a thread
// whose own requests take long, a row of divisions say, has again and again waited 63 cycles itself. So those that have waited
// 255 cycles come first of all, in groups: all that have when the group before has been served form the next one, and nobody
// joins a group that is there, so everybody in it is served.
module d1_patience (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic [3:0] late_i,       // the thread has waited 63 cycles
  input  logic [3:0] waited_i,     // 255 cycles; both are 0 from the cycle after it was served
  input  logic [3:0] served_i,     // in this cycle
  output logic [3:0] urgent_o
);

  logic [3:0] group_q, group, patient, left;

  assign group    = group_q & waited_i;
  assign urgent_o = group != '0 ? group : late_i;
  assign patient  = waited_i & ~served_i;
  assign left     = group_q & patient;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)                             group_q <= '0;
    else if (group_q != '0 || patient != '0) group_q <= left != '0 ? left : patient;
  end

endmodule
