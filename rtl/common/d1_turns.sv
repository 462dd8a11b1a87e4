// Two share a port in turns. A turn begins with a cycle in which its owner asks, and ends when the port has done something for
// him or he asks no more; then the other comes first. So whoever asks in every cycle is passed over by one turn at most.
module d1_turns (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic [1:0] ask_i,
  input  logic [1:0] keep_i,     // asks, and has the port to himself: one at most
  input  logic       done_i,     // what the owner of this cycle's turn asked for is done, or a part of it
  output logic [1:0] turn_o      // one-hot; 0 if nobody asks
);

  logic second_q;                // the second comes first

  always_comb begin : choose
    turn_o = ask_i;
    if (keep_i != '0)       turn_o = keep_i;
    else if (ask_i == 2'd3) turn_o = second_q ? 2'd2 : 2'd1;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)             second_q <= 1'b0;
    else if (turn_o != '0)   second_q <= turn_o[1] != done_i;
  end

endmodule
