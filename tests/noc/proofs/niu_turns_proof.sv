// Claims on d1_niu_turns for every sequence of requests and every network, proven by induction with Yosys's SAT solver: a thread
// that asks without a break is passed over by one packet of a trigger at most while it may go, and by two of the block mover
// before and two after that; a trigger's signal by one packet of a thread, and by two of the mover before and two after that; one
// of the mover's by 15 of threads and triggers; a packet that is prepared finds a place; and when the network takes flits, somebody
// who asks may go.
module niu_turns_proof (
  input logic clk_i,
  input logic request_i,    // a thread has a request
  input logic blocked_i,    // which has to wait for something else (a list's place, acknowledgements)
  input logic fire_i,       // a trigger fires if none waits
  input logic want_i,       // the mover has a packet to prepare
  input logic read_i,       // and its words are granted now
  input logic faulty_i,     // the mover's packet is not sent
  input logic full_i,
  input logic take_i        // the network takes a flit
);
  logic rst_nq;
  initial rst_nq = 1'b0;
  always_ff @(posedge clk_i) rst_nq <= 1'b1;

  // As in d1_niu, d1_mover, d1_trigger and d1_link_tx (4 places).
  logic       ask_q, tell_q, want, go, first, accept, tell, packet;
  logic [2:0] count_q, free;
  assign free   = 3'd4 - count_q;
  assign accept = request_i && !blocked_i && !ask_q && !tell && free != '0 && !full_i && !first;
  assign packet = ask_q && !faulty_i;
  d1_niu_turns u_turns (
    .clk_i, .rst_ni(rst_nq), .free_i(free), .full_i, .want_i, .ask_i(ask_q), .request_i, .accept_i(accept), .tell_i(tell_q), .tell_o(tell),
    .go_o(go), .first_o(first)
  );
  assign want = want_i && read_i && go;

  always_ff @(posedge clk_i) begin
    if (!rst_nq) begin
      ask_q   <= 1'b0;
      tell_q  <= 1'b0;
      count_q <= '0;
    end else begin
      ask_q   <= want;
      tell_q  <= tell_q ? !tell : fire_i;
      count_q <= count_q + 3'(accept || packet || tell) - 3'(take_i && count_q != '0);
    end
  end

  wire thread = request_i && !blocked_i && !full_i;
  logic [1:0] kept_q [2];   // packets of the mover since the thread asks, before and after that of a trigger
  logic [1:0] told_q;       // packets of triggers since the thread asks and may go
  logic [1:0] held_q [2];   // packets of the mover since the trigger's signal waits, after and before the thread is offered a place
  logic [1:0] over_q;       // packets of threads since the trigger's signal waits
  logic [4:0] passed_q;     // packets of threads and triggers since the mover wants and may go
  logic [1:0] idle_q;       // cycles in a row with two places and somebody who asks, in which nobody could go
  always_ff @(posedge clk_i) begin
    if (!rst_nq || !thread || accept)                 told_q <= '0;
    else if (tell)                                    told_q <= told_q + 2'd1;
    if (!rst_nq || !tell_q || tell)                   over_q <= '0;
    else if (accept)                                  over_q <= over_q + 2'd1;
    if (!rst_nq || !want_i || ask_q)                  passed_q <= '0;
    else if ((accept || tell) && !full_i)             passed_q <= passed_q + 5'd1;
    if (!rst_nq || full_i || free <= 3'd1 || !(want_i || (request_i && !blocked_i)) || ask_q || accept || tell || go) idle_q <= '0;
    else                                                                                                            idle_q <= idle_q + 2'd1;
  end

  for (genvar k = 0; k < 2; k++) begin : gen_count
    always_ff @(posedge clk_i) begin
      if (!rst_nq || !request_i || blocked_i || accept)     kept_q[k] <= '0;
      else if (ask_q && \u_turns.told_q == 1'(k))           kept_q[k] <= kept_q[k] + 2'd1;
      if (!rst_nq || !tell_q || tell)                       held_q[k] <= '0;
      else if (ask_q && \u_turns.told_q == 1'(k))           held_q[k] <= held_q[k] + 2'd1;
    end
    always_comb begin
      if (rst_nq) begin
        assert (kept_q[k] <= 2'd2);
        assert (held_q[k] <= 2'd2);
        // What makes this inductive: after the first the second is prepared already, if at all.
        if (\u_turns.told_q == 1'(k)) begin
          if (kept_q[k] == 2'd1) assert (\u_turns.kept_q || !ask_q);
          if (kept_q[k] == 2'd2) assert (!ask_q);
          if (held_q[k] == 2'd1) assert (\u_turns.kept_q || !ask_q);
          if (held_q[k] == 2'd2) assert (!ask_q);
          if (kept_q[k] != '0 || held_q[k] != '0) assert (\u_turns.passed_q == '0);
        end
      end
    end
  end

  (* hierconn *) wire       \u_turns.kept_q ;
  (* hierconn *) wire       \u_turns.told_q ;
  (* hierconn *) wire [3:0] \u_turns.passed_q ;

  always_comb begin
    if (rst_nq) begin
      assert (told_q <= 2'd1);
      assert (over_q <= 2'd1);
      assert (passed_q <= 5'd15);
      assert (idle_q <= 2'd1);
      assert (count_q <= 3'd4);
      assert (!(ask_q && free == '0));
      // Who was passed over goes next.
      if (told_q != '0)   assert (\u_turns.told_q );
      if (over_q != '0)   assert (!\u_turns.told_q );
      if (held_q[0] != '0 && \u_turns.told_q ) assert (1'b0);   // after its chance the thread has none before the trigger's
      if (kept_q[1] != '0 && !\u_turns.told_q ) assert (1'b0);
      assert (passed_q == {1'b0, \u_turns.passed_q });
    end
  end
endmodule
