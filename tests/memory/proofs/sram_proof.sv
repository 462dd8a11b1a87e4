// Claims on the grants of d1_sram, for every sequence of requests, proven by induction with Yosys's SAT solver: a requester that
// asks in every cycle is given a lane in one of any 35 cycles in a row, and one that holds a bank for an atomic operation writes
// when it asks, whoever has the cycle to himself.
//
// Requesters in the order nw, s0, s1, f, nr. What they keep to: a hold begins in the cycle after its word was read (s0 itself, or
// nr for nw), lasts a cycle for the computing, then until the write; it names the same word all the time, in lane 0, and its
// requester asks for nothing else. (d1_niu_serve, d1_lsu_slot.)
module sram_proof (
  input logic         clk_i,
  input logic [39:0]  req_i,     // requester r in bits 8r+7..8r
  input logic [719:0] word_i,
  input logic [1:0]   hold_i,    // nw, s0 begin or go on with a hold, where they may
  input logic         s0_we_i
);
  logic rst_nq;
  initial rst_nq = 1'b0;
  always_ff @(posedge clk_i) rst_nq <= 1'b1;

  // ---- Holds of nw (0) and s0 (1): none, computing, writing.
  logic [1:0]  computing_q, writing_q, hold, may_hold_q, wrote;
  logic [35:0] held_q;                     // the words
  logic [39:0] req, gnt;
  logic [719:0] word;
  assign hold = computing_q | writing_q;

  always_comb begin : asked
    req  = req_i;
    word = word_i;
    if (!rst_nq) req = '0;
    for (int h = 0; h < 2; h++) begin
      if (hold[h]) begin
        req[8*h +: 8]    = {7'd0, writing_q[h]};
        word[144*h +: 18] = held_q[18*h +: 18];
      end
    end
  end

  assign wrote = {gnt[8], gnt[0]} & writing_q;
  always_ff @(posedge clk_i) begin : holds
    if (!rst_nq) begin
      computing_q <= '0;
      writing_q   <= '0;
    end else begin
      // Lane 0 alone was read for it.
      computing_q <= hold_i & ~hold & {gnt[8] && !s0_we_i, gnt[32]};
      writing_q   <= computing_q | (writing_q & ~wrote);
      if (!hold[0]) held_q[17:0]  <= word[593:576];
      if (!hold[1]) held_q[35:18] <= word[161:144];
    end
  end

  logic [5:0] waits;
  d1_sram u_sram (
    .clk_i, .rst_ni(rst_nq),
    .nw_req_i(req[7:0]),   .nw_word_i(word[143:0]),   .nw_wmask_i('0), .nw_wdata_i('0), .nw_hold_i(hold[0]), .nw_gnt_o(gnt[7:0]),
    .s0_req_i(req[15:8]),  .s0_word_i(word[287:144]), .s0_we_i(s0_we_i || writing_q[1]), .s0_wmask_i('0), .s0_wdata_i('0),
    .s0_hold_i(hold[1]),   .s0_gnt_o(gnt[15:8]),  .s0_rdata_o(),
    .s1_req_i(req[23:16]), .s1_word_i(word[431:288]), .s1_gnt_o(gnt[23:16]), .s1_rdata_o(),
    .f_req_i(req[31:24]),  .f_word_i(word[575:432]),  .f_gnt_o(gnt[31:24]),  .f_rdata_o(),
    .nr_req_i(req[39:32]), .nr_word_i(word[719:576]), .nr_gnt_o(gnt[39:32]), .nr_rdata_o(),
    .wait_words_o(waits)
  );

  // Registers of the patience, joined by name when the hierarchy is flattened.
  (* hierconn *) wire [19:0] \u_sram.u_patience.wait_q ;
  (* hierconn *) wire [4:0]  \u_sram.u_patience.alone_q ;
  wire [19:0] wait_q  = \u_sram.u_patience.wait_q ;
  wire [4:0]  alone_q = \u_sram.u_patience.alone_q ;

  // ---- Cycles in a row in which r asked and was given nothing.
  logic [4:0] unserved, patient;
  for (genvar r = 0; r < 5; r++) begin : gen_unserved
    assign unserved[r] = req[8*r +: 8] != '0 && gnt[8*r +: 8] == '0;
    assign patient[r]  = wait_q[4*r +: 4] == 4'd15;
  end

  logic [1:0] age_q;                       // cycles that the one who is alone has asked in vain
  always_ff @(posedge clk_i) begin
    if (!rst_nq || (alone_q & unserved) == '0) age_q <= '0;
    else                                       age_q <= age_q + 2'd1;
  end

  for (genvar r = 0; r < 5; r++) begin : gen_claim
    logic [5:0] vain_q, late_q;            // in vain; of these with patience over, before the cycle of its own
    logic [4:0] passed_q;                  // who has been alone meanwhile
    always_ff @(posedge clk_i) begin
      vain_q <= rst_nq && unserved[r] ? vain_q + 6'd1 : '0;
      if (!rst_nq || !unserved[r] || !patient[r]) begin
        late_q   <= '0;
        passed_q <= '0;
      end else begin
        late_q   <= late_q + 6'd1;
        passed_q <= passed_q | alone_q;
      end
    end

    logic [4:0] passed;
    logic [5:0] others;
    assign passed = patient[r] ? passed_q | alone_q : '0;
    assign others = {1'b0, 3'($countones(passed)), 2'd0};

    always_comb begin
      if (rst_nq) begin
        assert (vain_q <= 6'd34);
        // What makes the claim inductive: the others come once, four cycles each, and then are far from being patient again.
        if (alone_q[r]) assert (wait_q[4*r +: 4] == '0);
        if (alone_q[r]) assert (vain_q <= 6'd32 + {4'd0, age_q});
        else            assert (vain_q <= {2'd0, wait_q[4*r +: 4]} + late_q);
        if (!patient[r] && !alone_q[r]) assert (late_q == '0 && passed_q == '0);
        if (patient[r]) begin
          assert (!alone_q[r] && !passed_q[r]);
          if (alone_q != '0) assert (late_q + 6'd3 <= others + {4'd0, age_q});
          else               assert (late_q <= others);
        end
        for (int j = 0; j < 5; j++) begin
          if (passed[j] && !alone_q[j]) begin
            if (alone_q != '0) assert ({2'd0, wait_q[4*j +: 4]} + 6'd6 <= others + {4'd0, age_q});
            else               assert ({2'd0, wait_q[4*j +: 4]} + 6'd3 <= others);
          end
        end
      end
    end
  end

  always_comb begin
    if (rst_nq) begin
      assert ((alone_q & (alone_q - 5'd1)) == '0);
      assert (age_q <= 2'd2);
      assert (alone_q != '0 || age_q == '0);
      assert ((computing_q & writing_q) == '0);
      // Two never hold the same bank, so who has read can write.
      assert (hold != 2'd3 || held_q[5:0] + held_q[11:6] + {held_q[10:6], 1'b0} != held_q[23:18] + held_q[29:24] + {held_q[28:24], 1'b0});
      assert ((writing_q & ~wrote) == '0);
      // After a cycle in vain a hold is at its write, after two there is none that began before.
      if (age_q != '0) assert (computing_q == '0);
      if (age_q == 2'd2) assert (hold == '0);
      for (int r = 0; r < 5; r++) assert ((gnt[8*r +: 8] & ~req[8*r +: 8]) == '0);
    end
  end
endmodule

// What does not matter for the grants.
module d1_sram_array (
  input  logic          clk_i,
  input  logic [63:0]   en_i,
  input  logic [63:0]   we_i,
  input  logic [2047:0] cmd_i,
  input  logic [4095:0] wdata_i,
  output logic [4095:0] rdata_o
);
  assign rdata_o = '0;
endmodule

module d1_sram_return (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic [7:0]    gnt_i,
  input  logic [47:0]   bank_i,
  input  logic [4095:0] bank_rdata_i,
  output logic [511:0]  rdata_o
);
  assign rdata_o = '0;
endmodule

module d1_sram_bank #(
  parameter int unsigned Bank = 0
) (
  input  logic [39:0]   gnt_i,
  input  logic [239:0]  bank_i,
  input  logic [479:0]  row_i,
  input  logic [127:0]  wmask_i,
  input  logic [1023:0] wdata_i,
  input  logic [15:0]   we_i,
  output logic [31:0]   cmd_o,
  output logic [63:0]   wdata_o
);
  assign cmd_o   = '0;
  assign wdata_o = '0;
endmodule
