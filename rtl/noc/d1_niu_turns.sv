// Whose request is next on its way into the network: a thread's or the block mover's.
//
// The mover's packets come first, but when one has kept a thread waiting, the next is not prepared: a thread that asks is passed
// over by two of them at most. The mover needs two free places, a thread one, so threads could take every place of a network
// that gives one at a time: when 15 of their packets have passed one of the mover's, threads wait for it.
// Outputs depend on registers, free_i and full_i only.
module d1_niu_turns (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic [2:0] free_i,      // places for requests
  input  logic       full_i,      // too many acknowledgements to come: nobody sends
  input  logic       want_i,      // the mover has a packet to prepare
  input  logic       ask_i,       // a packet that it prepared in the last cycle goes now
  input  logic       request_i,   // a thread has a request
  input  logic       accept_i,    // a thread's packet goes now
  output logic       go_o,        // a packet prepared in this cycle finds a place in the next
  output logic       first_o      // the mover's packet comes first, threads wait
);

  localparam logic [3:0] PATIENCE = 4'd15;

  logic       kept_q;             // a thread waited for the mover's packet
  logic [3:0] passed_q;           // threads' packets since the mover has its next one to prepare

  assign go_o    = free_i > 3'd1 && !full_i && !kept_q;
  assign first_o = passed_q == PATIENCE;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      kept_q   <= 1'b0;
      passed_q <= '0;
    end else begin
      kept_q <= ask_i && request_i;
      if (ask_i || !want_i)           passed_q <= '0;
      else if (accept_i && !first_o)  passed_q <= passed_q + 4'd1;
    end
  end

endmodule
