// The matrix unit: tile += A * B (docs/numerics.md, section 5; dm.mma of docs/isa.md), shared by the four threads, and the
// accumulator tiles, eight 8x8 FP32 ones a thread.
//
// A pass is one group step of all 64 elements: 256 multiply-accumulates. 16-bit kinds take one pass, 8-bit kinds two. A new
// pass can start every cycle. Timing of a pass that starts in cycle t:
//   P1  t    operands are chosen and decoded, the accumulator tile is read into a register
//   P2  t+1  products, largest exponent, distances to it, special operands
//   P3  t+2  alignment and sum of the five terms
//   P4  t+3  normalisation and rounding; the tile is written at the end of the cycle
// The second pass of an 8-bit instruction starts in t+4, when it finds the first one's result in the tile. It needs no
// arbitration: it takes the issue slot four cycles after its instruction, ready_o is low in that cycle and in no other,
// and other tiles' instructions fill the three cycles between.
//
// Latency L (issue to issue of an instruction that reads or writes the tile): 4 cycles for 16-bit kinds, 8 for 8-bit ones.
// done_valid_o in cycle t+L-1 with the flags of the whole instruction; done_next_valid_o announces it one cycle earlier.
//
// The unit never traps and never checks: descriptors are good and of one width, and the core does not use a tile (issue,
// row read or write, zero) that has an instruction in flight, i.e. from its issue to its done_valid_o inclusive.
`include "d1_assert.svh"

module d1_matrix (
  input  logic         clk_i,
  input  logic         rst_ni,

  // Issue: transfer when valid_i & ready_o. ready_o depends on registers only.
  input  logic         valid_i,
  output logic         ready_o,
  input  logic [1:0]   thread_i,
  input  logic [2:0]   tile_i,
  input  logic         zero_first_i,  // the z bit: the first group's accumulator is +0
  input  logic [15:0]  desc_a_i,
  input  logic [15:0]  desc_b_i,
  input  logic [511:0] a_i,           // element (i, k): half 4*i + k or byte 8*i + k
  input  logic [511:0] b_i,           // element (k, j): half or byte 8*k + j

  // Completion: an instruction that uses the tile may issue in the next cycle. No back-pressure.
  output logic         done_valid_o /*verilator public_flat_rd*/,
  output logic [1:0]   done_thread_o /*verilator public_flat_rd*/,
  output logic [2:0]   done_tile_o /*verilator public_flat_rd*/,
  output logic [3:0]   done_flags_o /*verilator public_flat_rd*/,  // d1_pkg::FLAG_*
  // The same one cycle earlier, for a scoreboard that needs a cycle
  output logic         done_next_valid_o,
  output logic [1:0]   done_next_thread_o,
  output logic [2:0]   done_next_tile_o,

  // dm.zero: tiles whose mask bit is set are +0 from the next cycle on
  input  logic         zero_valid_i,
  input  logic [1:0]   zero_thread_i,
  input  logic [7:0]   zero_mask_i,

  // Row pair, read in the same cycle: row of tile 2*pair in bits 255:0, of tile 2*pair + 1 in bits 511:256
  input  logic         rd_en_i,
  input  logic [1:0]   rd_thread_i,
  input  logic [1:0]   rd_pair_i,
  input  logic [2:0]   rd_row_i,
  output logic [511:0] rd_data_o,     // 0 while rd_en_i is low

  // Row pair, written at the end of the cycle
  input  logic         wr_valid_i,
  input  logic [1:0]   wr_thread_i,
  input  logic [1:0]   wr_pair_i,
  input  logic [2:0]   wr_row_i,
  input  logic [511:0] wr_data_i,

  output logic         busy_o,        // an instruction is under way: issued, not yet done
  output logic         active_o       // a pass starts in this cycle
);

  localparam int unsigned N = d1_matrix_pkg::ELEMENTS;

  // Registers are named after the stage that reads them.
  logic       p2_valid_q, p3_valid_q, p4_valid_q, again_q;
  // What travels with a pass: {a second pass follows, flags so far [4], thread [2], tile [3]}.
  logic [9:0] p2_tag_q, p3_tag_q, p4_tag_q, again_tag_q;
  logic [1:0] slot_q;

  // Calendar ----------------------------------------------------------------------------------------------------------
  logic issue;
  assign ready_o  = !again_q;
  assign issue    = valid_i && !again_q;
  assign active_o = issue || again_q;
  assign busy_o   = again_q || p2_valid_q || p3_valid_q || p4_valid_q;

  logic [3:0] p4_flags;

  always_ff @(posedge clk_i or negedge rst_ni) begin : calendar
    if (!rst_ni) begin
      p2_valid_q <= 1'b0;
      p3_valid_q <= 1'b0;
      p4_valid_q <= 1'b0;
      again_q    <= 1'b0;
      slot_q     <= 2'd0;
    end else begin
      p2_valid_q <= active_o;
      p3_valid_q <= p2_valid_q;
      p4_valid_q <= p3_valid_q;
      again_q    <= p4_valid_q && p4_tag_q[9];
      if (active_o || busy_o) slot_q <= slot_q + 2'd1;
    end
  end

  assign done_valid_o       = p4_valid_q && !p4_tag_q[9];
  assign done_thread_o      = p4_tag_q[4:3];
  assign done_tile_o        = p4_tag_q[2:0];
  assign done_flags_o       = p4_flags;
  assign done_next_valid_o  = p3_valid_q && !p3_tag_q[9];
  assign done_next_thread_o = p3_tag_q[4:3];
  assign done_next_tile_o   = p3_tag_q[2:0];

  // P1 ----------------------------------------------------------------------------------------------------------------
  logic [511:0]  p2_a_sig_q, p2_a_exp_q, p2_b_sig_q, p2_b_exp_q;
  logic [31:0]   p2_a_inf_q, p2_a_nan_q, p2_b_inf_q, p2_b_nan_q;
  logic          p2_special_q, p2_signaling_q, p2_denormal_q;
  logic [2047:0] p2_acc_q;
  // The new tile, element (i, j) at bit 32*(8*i + j); lockstep reads it with done_*_o.
  logic [2047:0] result /*verilator public_flat_rd*/;

  d1_matrix_decode u_decode (
    .clk_i,
    .issue_i     (issue),
    .again_i     (again_q),
    .slot_i      (slot_q),
    .desc_a_i    (desc_a_i[11:0]),
    .desc_b_i    (desc_b_i[11:0]),
    .a_i,
    .b_i,
    .a_sig_o     (p2_a_sig_q),
    .a_exp_o     (p2_a_exp_q),
    .b_sig_o     (p2_b_sig_q),
    .b_exp_o     (p2_b_exp_q),
    .a_inf_o     (p2_a_inf_q),
    .a_nan_o     (p2_a_nan_q),
    .b_inf_o     (p2_b_inf_q),
    .b_nan_o     (p2_b_nan_q),
    .special_o   (p2_special_q),
    .signaling_o (p2_signaling_q),
    .denormal_o  (p2_denormal_q)
  );

  d1_matrix_tiles u_tiles (
    .clk_i,
    .rst_ni,
    .acc_en_i      (active_o),
    .acc_zero_i    (!again_q && zero_first_i),
    .acc_tile_i    (again_q ? again_tag_q[4:0] : {thread_i, tile_i}),
    .acc_o         (p2_acc_q),
    .result_en_i   (p4_valid_q),
    .result_tile_i (p4_tag_q[4:0]),
    .result_i      (result),
    .zero_valid_i,
    .zero_thread_i,
    .zero_mask_i,
    .rd_en_i,
    .rd_thread_i,
    .rd_pair_i,
    .rd_row_i,
    .rd_data_o,
    .wr_valid_i,
    .wr_thread_i,
    .wr_pair_i,
    .wr_row_i,
    .wr_data_i
  );

  always_ff @(posedge clk_i) begin : p1
    if (again_q) p2_tag_q <= again_tag_q;
    else if (issue) p2_tag_q <= {d1_matrix_pkg::is_8bit(desc_a_i[3:0]), 4'd0, thread_i, tile_i};
  end

  // P2 ----------------------------------------------------------------------------------------------------------------
  // Elements e = 8*i + j in 64-bit lanes, as d1_matrix_pkg::multiply delivers them
  logic [N*64-1:0] p3_terms10_q, p3_terms32_q, p3_other_q;
  logic [2*N-1:0]  p3_special_q;  // d1_matrix_pkg::SPECIAL_*
  logic            p3_any_special_q;

  always_ff @(posedge clk_i) begin : p2
    logic [63:0]    terms10, terms32, other, any;
    logic [2*N-1:0] specials;
    logic [2:0]     element;
    logic           invalid, any_special;
    if (p2_valid_q) begin
      any = '0;
      for (int i = 0; i < 8; i++) begin
        for (int j = 0; j < 8; j++) begin
          d1_matrix_pkg::multiply(p2_a_sig_q[64*i +: 64], p2_a_exp_q[64*i +: 64], p2_b_sig_q[64*j +: 64],
                                  p2_b_exp_q[64*j +: 64], p2_acc_q[32*(8*i + j) +: 32], terms10, terms32, other);
          p3_terms10_q[64*(8*i + j) +: 64] <= terms10;
          p3_terms32_q[64*(8*i + j) +: 64] <= terms32;
          p3_other_q[64*(8*i + j) +: 64]   <= other;
          any = any | other;
        end
      end
      invalid     = p2_signaling_q | any[48];
      any_special = p2_special_q | any[49];
      if (any_special) begin
        for (int i = 0; i < 8; i++) begin
          for (int j = 0; j < 8; j++) begin
            element = d1_matrix_pkg::special(p2_a_exp_q[64*i +: 64], p2_a_inf_q[4*i +: 4], p2_a_nan_q[4*i +: 4],
                                             p2_b_exp_q[64*j +: 64], p2_b_inf_q[4*j +: 4], p2_b_nan_q[4*j +: 4],
                                             p2_acc_q[32*(8*i + j) +: 32]);
            specials[2*(8*i + j) +: 2] = element[1:0];
            invalid = invalid | element[2];
          end
        end
        p3_special_q <= specials;
      end
      p3_any_special_q <= any_special;
      p3_tag_q         <= p2_tag_q | {3'd0, p2_denormal_q | any[50], invalid, 5'd0};
    end
  end

  // P3 ----------------------------------------------------------------------------------------------------------------
  logic [N*64-1:0] p4_sum_q;      // d1_matrix_pkg::align_add
  logic [N*32-1:0] p4_exp_q;      // multiply's other[63:32]
  logic [2*N-1:0]  p4_special_q;
  logic            p4_any_special_q;

  always_ff @(posedge clk_i) begin : p3
    if (p3_valid_q) begin
      for (int e = 0; e < N; e++) begin
        p4_sum_q[64*e +: 64] <= d1_matrix_pkg::align_add(p3_terms10_q[64*e +: 64], p3_terms32_q[64*e +: 64],
                                                         p3_other_q[64*e +: 32]);
        p4_exp_q[32*e +: 32] <= p3_other_q[64*e + 32 +: 32];
      end
      if (p3_any_special_q) begin
        p4_special_q <= p3_special_q;
        // A sum of zero raises no flag in P4; what it gives is replaced there.
        for (int e = 0; e < N; e++) begin
          if (p3_special_q[2*e +: 2] != d1_matrix_pkg::SPECIAL_NONE) p4_sum_q[64*e +: 64] <= '0;
        end
      end
      p4_any_special_q <= p3_any_special_q;
      p4_tag_q         <= p3_tag_q;
    end
  end

  // P4 ----------------------------------------------------------------------------------------------------------------
  always_comb begin : p4
    logic [33:0] rounded, any;
    result  = '0;
    any     = '0;
    rounded = '0;
    if (p4_valid_q) begin
      for (int e = 0; e < N; e++) begin
        rounded = d1_matrix_pkg::round(p4_sum_q[64*e +: 64], p4_exp_q[32*e +: 16]);
        any     = any | rounded;
        result[32*e +: 32] = rounded[31:0];
      end
      if (p4_any_special_q) begin
        for (int e = 0; e < N; e++) begin
          case (p4_special_q[2*e +: 2])
            d1_matrix_pkg::SPECIAL_NAN:       result[32*e +: 32] = 32'h7FC0_0000;
            d1_matrix_pkg::SPECIAL_PLUS_INF:  result[32*e +: 32] = 32'h7F80_0000;
            d1_matrix_pkg::SPECIAL_MINUS_INF: result[32*e +: 32] = 32'hFF80_0000;
            default:                          ;
          endcase
        end
      end
    end
    p4_flags = p4_tag_q[8:5] | {any[33:32], 2'b00};
  end

  always_ff @(posedge clk_i) begin : second_pass
    if (p4_valid_q) again_tag_q <= {1'b0, p4_flags, p4_tag_q[4:0]};
  end

  // What the core promises --------------------------------------------------------------------------------------------
`ifndef SYNTHESIS
  logic [31:0] in_flight_q;  // {thread, tile}
  always_ff @(posedge clk_i or negedge rst_ni) begin : in_flight
    if (!rst_ni) in_flight_q <= '0;
    else in_flight_q <= (in_flight_q & ~({31'd0, done_valid_o} << {done_thread_o, done_tile_o})) |
                        ({31'd0, issue} << {thread_i, tile_i});
  end
  `D1_ASSERT(IssuedTileIsFree, !issue || !in_flight_q[{thread_i, tile_i}])
  `D1_ASSERT(ZeroedTilesAreFree, !zero_valid_i || (in_flight_q[{zero_thread_i, 3'd0} +: 8] & zero_mask_i) == '0)
  `D1_ASSERT(ReadPairIsFree, !rd_en_i || in_flight_q[{rd_thread_i, rd_pair_i, 1'b0} +: 2] == '0)
  `D1_ASSERT(WrittenPairIsFree, !wr_valid_i || in_flight_q[{wr_thread_i, wr_pair_i, 1'b0} +: 2] == '0)
  `D1_ASSERT(WrittenPairIsNotIssued, !(wr_valid_i && issue) || {wr_thread_i, wr_pair_i} != {thread_i, tile_i[2:1]})
  `D1_ASSERT(DescriptorsAreGood, !issue || (desc_a_i[15:12] == '0 && desc_a_i[3:0] inside {[4'd1:4'd5]} &&
                                            desc_b_i[15:12] == '0 && desc_b_i[3:0] inside {[4'd1:4'd5]}))
  `D1_ASSERT(OperandsHaveOneWidth, !issue || d1_matrix_pkg::is_8bit(desc_a_i[3:0]) == d1_matrix_pkg::is_8bit(desc_b_i[3:0]))
`endif

endmodule
