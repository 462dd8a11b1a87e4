// Claims on d1_patience with d1_issue, for every sequence of requests and services, proven by induction with Yosys's SAT solver:
// a thread that has waited 255 cycles at a unit is served after six services of others' at most (three of a group that is there,
// three of its own), all of threads that have waited 255 cycles themselves; and a unit serves nobody else while one of the urgent
// asks for what it can do. So if each unit serves one of the urgent within S cycles, nobody waits more than 255 + 1 + 7 S.
module patience_proof (
  input logic        clk_i,
  input logic [11:0] unit_i,     // of each thread: 0 none, 1 LSU, 2 multiplier/divider, 3 SIMD, 4 matrix, 5 dm.zero, 6 network, 7 synchronisation
  input logic [3:0]  late_i,     // 63 cycles are over, 255
  input logic [3:0]  long_i,
  input logic [7:0]  rank_i,     // the order of the threads; of equal ones the lower thread first
  input logic [6:0]  ready_i,    // LSU slots 0 and 1, multiplier, divider, SIMD, matrix, network
  input logic [3:0]  pending0_i,
  input logic [3:0]  pending1_i,
  input logic [3:0]  vload_i,
  input logic [3:0]  to_x_i,
  input logic [3:0]  to_x_busy_i,
  input logic [3:0]  divides_i
);
  logic rst_nq;
  initial rst_nq = 1'b0;
  always_ff @(posedge clk_i) rst_nq <= 1'b1;

  logic [31:0]  want;            // unit u in bits 4u+3..4u
  logic [3:0]   asks, waited_q, late, urgent, done;
  logic [15:0]  before;
  logic [127:0] insn;
  always_comb begin : requests
    want = '0;
    insn = '0;
    for (int t = 0; t < 4; t++) begin
      asks[t] = rst_nq && unit_i[3*t +: 3] != '0;
      if (asks[t]) want[{unit_i[3*t +: 3], 2'(t)}] = 1'b1;
      insn[32*t + 14] = divides_i[t];
      for (int u = 0; u < 4; u++) before[4*t + u] = {rank_i[2*u +: 2], 2'(u)} < {rank_i[2*t +: 2], 2'(t)};
    end
  end

  d1_patience u_patience (.clk_i, .rst_ni(rst_nq), .late_i(late), .waited_i(waited_q), .served_i(done), .urgent_o(urgent));
  d1_issue u_issue (
    .want_lsu_i(want[7:4]), .want_muldiv_i(want[11:8]), .want_simd_i(want[15:12]), .want_mma_i(want[19:16]), .want_zero_i(want[23:20]),
    .want_net_i(want[27:24]), .want_sync_i(want[31:28]), .urgent_i(urgent), .before_i(before), .insn_i(insn), .vload_i, .to_x_i, .to_x_busy_i,
    .lsu_ready0_i(ready_i[0]), .lsu_ready1_i(ready_i[1]), .lsu_pending0_i(pending0_i), .lsu_pending1_i(pending1_i), .mul_ready_i(ready_i[2]),
    .div_ready_i(ready_i[3]), .simd_ready_i(ready_i[4]), .mma_ready_i(ready_i[5]), .net_ready_i(ready_i[6]), .done_o(done)
  );

  // Who waits goes on waiting until he is served or asks no more.
  assign late = waited_q | late_i;
  always_ff @(posedge clk_i) waited_q <= asks & ~done & (waited_q | long_i);

  // Units where one of the urgent asks for what can be done now, and those where one of them is served.
  logic [3:0] possible;
  always_comb begin : can
    possible = '0;
    for (int t = 0; t < 4; t++) begin
      case (unit_i[3*t +: 3])
        3'd1:    possible[t] = (ready_i[0] && !pending1_i[t]) || (ready_i[1] && !pending0_i[t] && vload_i[t]);
        3'd2:    possible[t] = divides_i[t] ? ready_i[3] : ready_i[2];
        3'd3:    possible[t] = ready_i[4] && !(to_x_i[t] && to_x_busy_i[t]);
        3'd4:    possible[t] = ready_i[5];
        3'd6:    possible[t] = ready_i[6];
        default: possible[t] = 1'b1;
      endcase
    end
  end

  (* hierconn *) wire [3:0] \u_patience.group_q ;
  wire [3:0] group = \u_patience.group_q & waited_q;

  for (genvar u = 1; u < 8; u++) begin : gen_unit
    wire [3:0] here = want[4*u +: 4];
    always_comb begin
      if ((here & urgent & possible) != '0) assert ((here & urgent & done) != '0);
      // The LSU takes two, the others one.
      if (u != 1) begin
        assert ($countones(here & done) <= 1);
        if ((here & urgent & possible) != '0) assert ((here & done & ~urgent) == '0);
      end
      assert ((here & done & ~possible) == '0);
    end
  end

  for (genvar t = 0; t < 4; t++) begin : gen_claim
    localparam logic [3:0] OTHERS = ~(4'd1 << t);
    logic [3:0] passed_q;         // services of others out of groups since t has waited 255 cycles
    always_ff @(posedge clk_i) begin
      if (!rst_nq || !waited_q[t] || done[t] || !asks[t]) passed_q <= '0;
      else                                                passed_q <= passed_q + 4'($countones(done & group & OTHERS));
    end
    always_comb begin
      if (rst_nq) begin
        assert (passed_q <= 4'd6);
        if (group != '0) assert (urgent == group);
        // What makes the claim inductive.
        if (!waited_q[t])                   assert (passed_q == '0);
        else if (group[t])                  assert (passed_q + 4'($countones(group & OTHERS)) <= 4'd6);
        else                                assert (passed_q + 4'($countones(group)) <= 4'd3);
      end
    end
  end
endmodule
