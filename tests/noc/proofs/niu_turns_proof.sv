// Claims on d1_niu_turns for every sequence of requests and every network, proven by induction with Yosys's SAT solver: a thread
// that asks without a break is passed over by two packets of the block mover at most; one of the mover's by 15 packets of threads;
// a packet that is prepared finds a place; and when the network takes flits, somebody who asks may go.
module niu_turns_proof (
  input logic clk_i,
  input logic request_i,    // a thread has a request
  input logic blocked_i,    // which has to wait for something else (a list's place, acknowledgements)
  input logic want_i,       // the mover has a packet to prepare
  input logic read_i,       // and its words are granted now
  input logic faulty_i,     // the mover's packet is not sent
  input logic full_i,
  input logic take_i        // the network takes a flit
);
  logic rst_nq;
  initial rst_nq = 1'b0;
  always_ff @(posedge clk_i) rst_nq <= 1'b1;

  // As in d1_niu, d1_mover and d1_link_tx (4 places).
  logic       ask_q, want, go, first, accept, packet;
  logic [2:0] count_q, free;
  assign free   = 3'd4 - count_q;
  assign accept = request_i && !blocked_i && !ask_q && free != '0 && !full_i && !first;
  assign packet = ask_q && !faulty_i;
  d1_niu_turns u_turns (
    .clk_i, .rst_ni(rst_nq), .free_i(free), .full_i, .want_i, .ask_i(ask_q), .request_i, .accept_i(accept), .go_o(go), .first_o(first)
  );
  assign want = want_i && read_i && go;

  always_ff @(posedge clk_i) begin
    if (!rst_nq) begin
      ask_q   <= 1'b0;
      count_q <= '0;
    end else begin
      ask_q   <= want;
      count_q <= count_q + 3'(accept || packet) - 3'(take_i && count_q != '0);
    end
  end

  logic [1:0] kept_q;       // packets of the mover since the thread asks
  logic [4:0] passed_q;     // packets of threads since the mover wants
  logic [1:0] idle_q;       // cycles in a row with two places and somebody who asks, in which nobody could go
  always_ff @(posedge clk_i) begin
    if (!rst_nq || !request_i || blocked_i || accept) kept_q <= '0;
    else if (ask_q)                                   kept_q <= kept_q + 2'd1;
    if (!rst_nq || !want_i || ask_q)                  passed_q <= '0;
    else if (accept)                                  passed_q <= passed_q + 5'd1;
    if (!rst_nq || full_i || free <= 3'd1 || !(want_i || (request_i && !blocked_i)) || ask_q || accept || go) idle_q <= '0;
    else                                                                                                    idle_q <= idle_q + 2'd1;
  end

  (* hierconn *) wire       \u_turns.kept_q ;
  (* hierconn *) wire [3:0] \u_turns.passed_q ;

  always_comb begin
    if (rst_nq) begin
      assert (kept_q <= 2'd2);
      // What makes this inductive: after the first the second is prepared already, if at all.
      if (kept_q == 2'd1) assert (\u_turns.kept_q || !ask_q);
      if (kept_q == 2'd2) assert (!ask_q);
      if (kept_q != '0) assert (\u_turns.passed_q == '0);
      assert (passed_q <= 5'd15);
      assert (count_q <= 3'd4);
      assert (idle_q <= 2'd1);
      assert (!(ask_q && free == '0));
      assert (passed_q == {1'b0, \u_turns.passed_q });
    end
  end
endmodule
