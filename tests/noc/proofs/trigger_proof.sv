// Claims on d1_trigger for every sequence of armings and every behaviour of the counters, proven by induction with Yosys's SAT
// solver: an armed trigger whose counter has come to its count is looked at, and fires, after three cycles at most in which no
// signal waits, so after three of the other triggers; nothing else takes; what fires is not armed afterwards, unless anew; and the
// unit is quiet only if nothing can fire.
module trigger_proof (
  input logic          clk_i,
  input logic          arm_i,
  input logic [1:0]    trigger_i,
  input logic [4:0]    ctr_i,
  input logic [15:0]   count_i,
  input logic [1023:0] counters_i,
  input logic          changed_i,
  input logic          ready_i
);
  logic rst_nq;
  initial rst_nq = 1'b0;
  always_ff @(posedge clk_i) rst_nq <= 1'b1;

  logic        take, out_valid, quiet;
  logic [4:0]  take_ctr;
  logic [31:0] take_value;
  d1_trigger u_trigger (
    .clk_i, .rst_ni(rst_nq), .arm_valid_i(arm_i && rst_nq), .arm_trigger_i(trigger_i), .arm_ctr_i(ctr_i), .arm_count_i(count_i),
    .arm_where_i('0), .arm_rectangle_i('0), .counters_i, .changed_i(changed_i || take), .take_valid_o(take), .take_ctr_o(take_ctr),
    .take_value_o(take_value), .out_valid_o(out_valid), .out_ready_i(ready_i), .quiet_o(quiet)
  );

  (* hierconn *) wire [3:0]  \u_trigger.armed_q , \u_trigger.look_q ;
  (* hierconn *) wire [1:0]  \u_trigger.last_q , \u_trigger.at ;
  (* hierconn *) wire [19:0] \u_trigger.ctr_q ;
  (* hierconn *) wire [63:0] \u_trigger.count_q ;

  // d1_sync says when counters change.
  logic [1023:0] counters_q;
  logic          changed_q;
  always_ff @(posedge clk_i) begin
    counters_q <= counters_i;
    changed_q  <= changed_i || take || !rst_nq;
  end
  always_comb assume (!rst_nq || changed_q || counters_i == counters_q);

  logic [3:0] reached;
  for (genvar k = 0; k < 4; k++) begin : gen_trigger
    wire [31:0] counter = counters_i >> {\u_trigger.ctr_q [5*k +: 5], 5'd0};
    wire [31:0] ahead   = counter - {16'd0, \u_trigger.count_q [16*k +: 16]};
    wire [1:0]  before  = 2'(k) - \u_trigger.last_q - 2'd1;    // triggers that may be looked at before this one
    assign reached[k]   = \u_trigger.armed_q [k] && !ahead[31];

    logic [2:0] waits_q, passed_q;   // cycles since, without a signal that waits; triggers that have fired since
    always_ff @(posedge clk_i) begin
      if (!rst_nq || !reached[k] || (take && \u_trigger.at == 2'(k)) || (arm_i && trigger_i == 2'(k))) begin
        waits_q  <= '0;
        passed_q <= '0;
      end else begin
        if (!out_valid) waits_q <= waits_q + 3'd1;
        if (take)       passed_q <= passed_q + 3'd1;
      end
    end

    always_comb begin
      if (rst_nq) begin
        assert (waits_q <= 3'd3);
        assert (passed_q <= 3'd3);
        if (take && \u_trigger.at == 2'(k)) begin
          assert (reached[k] && !out_valid);
          assert (take_ctr == \u_trigger.ctr_q [5*k +: 5] && take_value == {16'd0, \u_trigger.count_q [16*k +: 16]} && take_value != '0);
        end
        if (quiet) assert (!reached[k] && !out_valid);
        // What makes this inductive.
        if (reached[k]) assert (\u_trigger.look_q [k]);
        if (reached[k]) assert (waits_q <= 3'd3 - 3'(before) && passed_q <= waits_q);
        if (!reached[k]) assert (\u_trigger.armed_q [k] || !\u_trigger.look_q [k]);
        if (\u_trigger.armed_q [k]) assert (\u_trigger.count_q [16*k +: 16] != '0);
      end
    end

    logic fired_q;
    always_ff @(posedge clk_i) fired_q <= rst_nq && take && \u_trigger.at == 2'(k) && !(arm_i && trigger_i == 2'(k));
    always_comb if (rst_nq && fired_q) assert (!\u_trigger.armed_q [k] && out_valid);
  end
endmodule
