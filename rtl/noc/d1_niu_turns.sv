// Whose request is next on its way into the network: a thread's, a trigger's that has fired, or the block mover's.
//
// The mover's packets come first, but when one has kept a thread or a trigger waiting, the next is not prepared: who asks is passed
// over by two of them at most. A trigger comes before a thread that waits, but not twice: the next place is offered to the
// thread. The mover needs two free places, the others one, so they could take every place of a network that gives one at a
// time: when 15 of their packets have passed one of the mover's, they wait for it.
// go_o and first_o depend on registers, free_i and full_i only.
module d1_niu_turns (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic [2:0] free_i,      // places for requests
  input  logic       full_i,      // too many acknowledgements to come: nobody sends but triggers, which have none
  input  logic       want_i,      // the mover has a packet to prepare
  input  logic       ask_i,       // a packet that it prepared in the last cycle goes now
  input  logic       request_i,   // a thread has a request
  input  logic       accept_i,    // a thread's packet goes now, not with tell_o
  input  logic       tell_i,      // a trigger's signal waits
  output logic       tell_o,      // it goes now
  output logic       go_o,        // a packet prepared in this cycle finds a place in the next
  output logic       first_o      // the mover's packet comes first, threads and triggers wait
);

  localparam logic [3:0] PATIENCE = 4'd15;

  logic       kept_q;             // a thread or a trigger waited for the mover's packet
  logic       told_q;             // a thread waited for a trigger's, and has not been offered a place since
  logic       place;              // there is one for a thread or a trigger
  logic [3:0] passed_q;           // packets of theirs, while it might go, since the mover has its next one to prepare

  assign go_o    = free_i > 3'd1 && !full_i && !kept_q;
  assign first_o = passed_q == PATIENCE;
  assign place   = free_i != '0 && !ask_i && !first_o;
  assign tell_o  = tell_i && place && (!told_q || full_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      kept_q   <= 1'b0;
      told_q   <= 1'b0;
      passed_q <= '0;
    end else begin
      kept_q <= ask_i && (request_i || tell_i);
      if (tell_o)                  told_q <= request_i;
      else if (place && !full_i)   told_q <= 1'b0;
      if (ask_i || !want_i)                                   passed_q <= '0;
      else if ((accept_i || tell_o) && !first_o && !full_i)   passed_q <= passed_q + 4'd1;
    end
  end

endmodule
