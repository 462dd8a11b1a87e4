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

  // P2 to P4 ----------------------------------------------------------------------------------------------------------
  // A simulator is fastest with loops over all elements, synthesis with one element that it maps once.
`ifdef SYNTHESIS
  localparam int unsigned SIDE = 1;
`else
  localparam int unsigned SIDE = 8;
`endif
  localparam int unsigned BLOCKS = 8 / SIDE;

  // Each block of SIDE x SIDE elements has its share of the tile and of the flags. Element (i, j) stands at 8*i + j, so the
  // elements of a block lie in strips of SIDE.
  logic [4*BLOCKS*BLOCKS-1:0] block_flags;

  for (genvar r = 0; r < BLOCKS; r++) begin : gen_rows
    for (genvar c = 0; c < BLOCKS; c++) begin : gen_columns
      d1_matrix_array #(.Side(SIDE)) u_array (
        .clk_i,
        .en_i        ({p4_valid_q, p3_valid_q, p2_valid_q}),
        .a_sig_i     (p2_a_sig_q[64*SIDE*r +: 64*SIDE]),
        .a_exp_i     (p2_a_exp_q[64*SIDE*r +: 64*SIDE]),
        .a_inf_i     (p2_a_inf_q[4*SIDE*r +: 4*SIDE]),
        .a_nan_i     (p2_a_nan_q[4*SIDE*r +: 4*SIDE]),
        .b_sig_i     (p2_b_sig_q[64*SIDE*c +: 64*SIDE]),
        .b_exp_i     (p2_b_exp_q[64*SIDE*c +: 64*SIDE]),
        .b_inf_i     (p2_b_inf_q[4*SIDE*c +: 4*SIDE]),
        .b_nan_i     (p2_b_nan_q[4*SIDE*c +: 4*SIDE]),
        .special_i   (p2_special_q),
        .signaling_i (p2_signaling_q),
        .denormal_i  (p2_denormal_q),
        .acc_i       (p2_acc_q[32*SIDE*SIDE*(BLOCKS*r + c) +: 32*SIDE*SIDE]),
        .result_o    (result[32*SIDE*SIDE*(BLOCKS*r + c) +: 32*SIDE*SIDE]),
        .flags_o     (block_flags[4*(BLOCKS*r + c) +: 4])
      );
    end
  end

  always_comb begin : flags
    p4_flags = p4_tag_q[8:5];
    for (int e = 0; e < BLOCKS*BLOCKS; e++) p4_flags = p4_flags | block_flags[4*e +: 4];
  end

  always_ff @(posedge clk_i) begin : tags
    if (p2_valid_q) p3_tag_q <= p2_tag_q;
    if (p3_valid_q) p4_tag_q <= p3_tag_q;
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
