// SIMD unit: every xd1vec instruction and the tile moves dm.mv.v.t, dm.mv.t.v (docs/isa.md, sections 6 and 7;
// arithmetic: docs/numerics.md, sections 1 to 4). Shared by the four threads.
//
// Timing. An instruction issues in cycle t when valid_i & ready_o; all other inputs belong to it and are not used later.
//   t      operands are registered
//   t+1..3 execution stages E1, E2, E3
//   t+3    res_next_valid_o, res_next_{thread,kind,reg}_o announce the result of cycle t+4
//   t+4    res_valid_o with data and flags; the register file (or tile) writes at the end of t+4
//   t+5    the first cycle in which an instruction that reads the new value may issue
// The announcement comes early enough for a scoreboard that clears its pending bit at the end of t+3, decodes the
// dependent instruction in t+4 and issues it in t+5.
// dv.fredsum makes four passes: res_valid_o comes in t+16 (the announcement in t+15). It takes the issue slot three more
// times: ready_o is low in t+4, t+8 and t+12, and only then. Several reductions may be under way. Results of other
// instructions overtake it.
//
// Throughput: one instruction a cycle (fredsum: one in four). ready_o depends on registers only. The result port has no
// back-pressure; there is one result for every issued instruction, flags included (0 where none can arise).
// The unit never traps: the instruction is legal and its descriptors are good when it arrives here.
`include "d1_assert.svh"

module d1_simd (
  input  logic         clk_i,
  input  logic         rst_ni,

  // Issue
  input  logic         valid_i,
  output logic         ready_o,
  input  logic [1:0]   thread_i,
  input  logic [31:0]  insn_i,
  input  logic [511:0] vs1_i,
  input  logic [511:0] vs2_i,
  input  logic [511:0] vd_i,      // vd before the instruction: accumulator, mask, or what a part leaves alone
  input  logic [31:0]  x_i,       // scalar rs1
  input  logic [511:0] tile_i,    // dm.mv.v.t: row of tile 2*pair in lanes 0..7, of tile 2*pair+1 in lanes 8..15
  input  logic [15:0]  sdesc_i,   // source descriptor (dm.mv.v.t: not read, fp32 is implied)
  input  logic [15:0]  ddesc_i,   // destination descriptor (dm.mv.t.v: not read, fp32 is implied)
  input  logic [63:0]  seed_i,    // dseed
  input  logic [63:0]  count_i,   // dcount

  // Announcement, one cycle before the result
  output logic         res_next_valid_o,
  output logic [1:0]   res_next_thread_o,
  output logic [1:0]   res_next_kind_o,
  output logic [4:0]   res_next_reg_o,

  // Result
  output logic         res_valid_o,
  output logic [1:0]   res_thread_o,
  output logic [1:0]   res_kind_o,   // d1_simd_pkg::RES_*
  output logic [4:0]   res_reg_o,    // instruction bits 11:7: vd, rd or trowd
  output logic [511:0] res_data_o,   // RES_GPR: bits 63:0, others 0; RES_TILE: lanes as tile_i
  output logic [3:0]   res_flags_o,  // d1_pkg::FLAG_*

  output logic         busy_o,       // an instruction is under way (issued, result not yet delivered)
  output logic         active_o      // an instruction issues in this cycle
);

  // Cycle t: decode and operand registers -----------------------------------------------------------------------------
  logic       issue, again;
  logic [4:0] dec_class;
  logic [5:0] dec_op;
  logic [1:0] dec_kind;
  logic       dec_lane, dec_red, dec_imm, dec_scalar, dec_from_tile, dec_to_tile;

  assign issue    = valid_i && ready_o;
  assign active_o = issue;

  d1_simd_decode u_decode (
    .en_i        (issue),
    .insn_i,
    .class_o     (dec_class),
    .op_o        (dec_op),
    .kind_o      (dec_kind),
    .lane_o      (dec_lane),
    .red_o       (dec_red),
    .imm_o       (dec_imm),
    .scalar_o    (dec_scalar),
    .from_tile_o (dec_from_tile),
    .to_tile_o   (dec_to_tile)
  );

  // What travels with an instruction: {passes still to come [2 bits], flags so far, kind, register, thread}.
  logic        e1_valid_q, e2_valid_q, e3_valid_q, res_valid_q;
  logic [4:0]  e1_class_q, e2_class_q, e3_class_q, res_class_q;
  logic [14:0] e1_tag_q, e2_tag_q, e3_tag_q, res_tag_q;
  logic [5:0]  e1_op_q;
  logic [3:0]  e1_lane_q;
  logic [1:0]  e1_part_q;
  logic [15:0] e1_sdesc_q, e1_ddesc_q;
  logic        e1_random_q;
  logic [63:0] e1_seed_q, e1_count_q;
  // The multiply-add has its own operand registers: other instructions do not toggle the multipliers.
  logic [511:0] fma_a_q, fma_b_q, fma_c_q;
  logic [5:0]   fma_op_q;
  logic [511:0] e1_a_q, e1_b_q, e1_c_q;

  logic [511:0] fma_res, lanes_res, int_res, perm_res, cvt_res;
  logic [3:0]   fma_flags, lanes_flags, cvt_flags;
  logic [3:0]   res_flags;

  // A fredsum that is not finished takes the issue slot instead of a new instruction.
  assign again   = res_valid_q && res_tag_q[14:13] != 2'd0;
  assign ready_o = !again;

  always_ff @(posedge clk_i or negedge rst_ni) begin : valids
    if (!rst_ni) begin
      e1_valid_q  <= 1'b0;
      e2_valid_q  <= 1'b0;
      e3_valid_q  <= 1'b0;
      res_valid_q <= 1'b0;
    end else begin
      e1_valid_q  <= issue || again;
      e2_valid_q  <= e1_valid_q;
      e3_valid_q  <= e2_valid_q;
      res_valid_q <= e3_valid_q;
    end
  end

  always_ff @(posedge clk_i) begin : operands
    if (again) begin
      e1_class_q <= res_class_q;
      e1_tag_q   <= {res_tag_q[14:13] - 2'd1, res_flags, res_tag_q[8:0]};
      fma_op_q   <= 6'd1 << d1_simd_pkg::FMA_ADD;
      for (int i = 0; i < 16; i++) begin
        fma_a_q[32*i +: 32] <= i < 8 ? fma_res[64*(i%8) +: 32] : 32'd0;
        fma_c_q[32*i +: 32] <= i < 8 ? fma_res[64*(i%8)+32 +: 32] : 32'd0;
      end
    end else if (issue) begin
      e1_class_q <= dec_class;
      e1_tag_q   <= {dec_red ? 2'd3 : 2'd0, 4'd0, dec_kind, insn_i[11:7], thread_i};
      if (dec_class[d1_simd_pkg::CLASS_FMA]) begin
        fma_op_q <= dec_op;
        if (dec_red) begin
          for (int i = 0; i < 16; i++) begin
            fma_a_q[32*i +: 32] <= i < 8 ? vs1_i[64*(i%8) +: 32] : 32'd0;
            fma_c_q[32*i +: 32] <= i < 8 ? vs1_i[64*(i%8)+32 +: 32] : 32'd0;
          end
        end else begin
          fma_a_q <= dec_lane ? {16{vs1_i[{insn_i[28:25], 5'd0} +: 32]}} : vs1_i;
          fma_b_q <= vs2_i;
          fma_c_q <= dec_op[d1_simd_pkg::FMA_ADD] ? vs2_i : vd_i;
        end
      end else begin
        e1_op_q   <= dec_op;
        e1_lane_q <= insn_i[28:25];
        e1_a_q    <= dec_from_tile ? tile_i : vs1_i;
        e1_b_q    <= dec_imm ? {16{{27{insn_i[24]}}, insn_i[24:20]}} : dec_scalar ? {16{x_i}} : vs2_i;
        e1_c_q    <= vd_i;
      end
      if (dec_class[d1_simd_pkg::CLASS_CVT]) begin
        e1_part_q   <= insn_i[23:22];
        e1_sdesc_q  <= dec_from_tile ? 16'd0 : sdesc_i;
        e1_ddesc_q  <= dec_to_tile ? 16'd0 : ddesc_i;
        e1_random_q <= ddesc_i[10] && !dec_to_tile;
        if (ddesc_i[10]) begin
          e1_seed_q  <= seed_i;
          e1_count_q <= count_i;
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin : tags
    if (e1_valid_q) begin
      e2_class_q <= e1_class_q;
      e2_tag_q   <= e1_tag_q;
    end
    if (e2_valid_q) begin
      e3_class_q <= e2_class_q;
      e3_tag_q   <= e2_tag_q;
    end
    if (e3_valid_q) begin
      res_class_q <= e3_class_q;
      res_tag_q   <= e3_tag_q;
    end
  end

  // E1 to E3: the parts -----------------------------------------------------------------------------------------------
  // A simulator is fastest with a loop over all lanes, synthesis with one lane that it maps once.
`ifdef SYNTHESIS
  localparam int unsigned LANES = 1;
`else
  localparam int unsigned LANES = 16;
`endif
  localparam int unsigned SLICES = 16 / LANES;

  logic [4*SLICES-1:0] fma_slice_flags;
  for (genvar s = 0; s < SLICES; s++) begin : gen_lanes
    d1_fp32_fma #(.Lanes(LANES)) u_fma (
      .clk_i, .rst_ni,
      .en_i        (e1_valid_q && e1_class_q[d1_simd_pkg::CLASS_FMA]),
      .neg_p_i     (fma_op_q[d1_simd_pkg::FMA_NEG_P]),
      .neg_c_i     (fma_op_q[d1_simd_pkg::FMA_NEG_C]),
      .mul_i       (fma_op_q[d1_simd_pkg::FMA_MUL]),
      .add_i       (fma_op_q[d1_simd_pkg::FMA_ADD]),
      .from_int_i  (fma_op_q[d1_simd_pkg::FMA_FROM_INT]),
      .from_uint_i (fma_op_q[d1_simd_pkg::FMA_FROM_UINT]),
      .a_i         (fma_a_q[32*LANES*s +: 32*LANES]),
      .b_i         (fma_b_q[32*LANES*s +: 32*LANES]),
      .c_i         (fma_c_q[32*LANES*s +: 32*LANES]),
      .res_o       (fma_res[32*LANES*s +: 32*LANES]),
      .flags_o     (fma_slice_flags[4*s +: 4])
    );
  end

  always_comb begin : collect_fma_flags
    fma_flags = '0;
    for (int s = 0; s < SLICES; s++) fma_flags = fma_flags | fma_slice_flags[4*s +: 4];
  end

  logic [511:0] random;

  d1_threefry u_threefry (
    .clk_i, .rst_ni,
    .en_i     (e1_valid_q && e1_class_q[d1_simd_pkg::CLASS_CVT] && e1_random_q),
    .wide_i   (!d1_convert_pkg::is_fp32(e1_sdesc_q[3:0]) && !d1_convert_pkg::is_fp32(e1_ddesc_q[3:0])),
    .seed_i   (e1_seed_q),
    .count_i  (e1_count_q),
    .random_o (random)
  );

  d1_convert u_convert (
    .clk_i, .rst_ni,
    .en_i     (e1_valid_q && e1_class_q[d1_simd_pkg::CLASS_CVT]),
    .sdesc_i  (e1_sdesc_q),
    .ddesc_i  (e1_ddesc_q),
    .part_i   (e1_part_q),
    .src_i    (e1_a_q),
    .old_i    (e1_c_q),
    .random_i (random),
    .res_o    (cvt_res),
    .flags_o  (cvt_flags)
  );

  d1_fp32_lanes u_lanes (
    .clk_i,
    .en_i    (e1_valid_q && e1_class_q[d1_simd_pkg::CLASS_FP]),
    .op_i    (e1_op_q),
    .a_i     (e1_a_q),
    .b_i     (e1_b_q),
    .res_o   (lanes_res),
    .flags_o (lanes_flags)
  );

  d1_simd_int u_int (
    .clk_i,
    .en_i  (e1_valid_q && e1_class_q[d1_simd_pkg::CLASS_INT]),
    .op_i  (e1_op_q),
    .a_i   (e1_a_q),
    .b_i   (e1_b_q),
    .c_i   (e1_c_q),
    .res_o (int_res)
  );

  d1_simd_perm u_perm (
    .clk_i,
    .en_i   (e1_valid_q && e1_class_q[d1_simd_pkg::CLASS_PERM]),
    .op_i   (e1_op_q),
    .lane_i (e1_lane_q),
    .a_i    (e1_a_q),
    .b_i    (e1_b_q),
    .c_i    (e1_c_q),
    .res_o  (perm_res)
  );

  // Results of one-stage parts wait so that all latencies are equal and the result port cannot collide.
  logic [511:0] e3_short_q, res_short_q;
  logic [3:0]   e3_short_flags_q, res_short_flags_q;

  always_ff @(posedge clk_i) begin : short_results
    if (e2_valid_q && (e2_class_q[d1_simd_pkg::CLASS_FP] || e2_class_q[d1_simd_pkg::CLASS_INT] ||
                       e2_class_q[d1_simd_pkg::CLASS_PERM])) begin
      if (e2_class_q[d1_simd_pkg::CLASS_INT])       e3_short_q <= int_res;
      else if (e2_class_q[d1_simd_pkg::CLASS_PERM]) e3_short_q <= perm_res;
      else                                          e3_short_q <= lanes_res;
      e3_short_flags_q <= e2_class_q[d1_simd_pkg::CLASS_FP] ? lanes_flags : 4'd0;
    end
    if (e3_valid_q && !e3_class_q[d1_simd_pkg::CLASS_FMA] && !e3_class_q[d1_simd_pkg::CLASS_CVT]) begin
      res_short_q       <= e3_short_q;
      res_short_flags_q <= e3_short_flags_q;
    end
  end

  // Result -----------------------------------------------------------------------------------------------------------
  always_comb begin
    res_data_o = res_short_q;
    res_flags  = res_short_flags_q;
    if (res_class_q[d1_simd_pkg::CLASS_FMA]) begin
      res_data_o = fma_res;
      res_flags  = fma_flags | res_tag_q[12:9];  // of earlier passes
    end else if (res_class_q[d1_simd_pkg::CLASS_CVT]) begin
      res_data_o = cvt_res;
      res_flags  = cvt_flags;
    end
  end

  assign res_valid_o  = res_valid_q && !again;
  assign res_flags_o  = res_flags;
  assign {res_kind_o, res_reg_o, res_thread_o} = res_tag_q[8:0];

  assign res_next_valid_o = e3_valid_q && e3_tag_q[14:13] == 2'd0;
  assign {res_next_kind_o, res_next_reg_o, res_next_thread_o} = e3_tag_q[8:0];

  assign busy_o = e1_valid_q || e2_valid_q || e3_valid_q || res_valid_q;

  `D1_ASSERT(EveryInstructionHasOneClass, !issue || $onehot(dec_class))
  `D1_ASSERT(PassesBelongToTheMultiplyAdd, !again || res_class_q[d1_simd_pkg::CLASS_FMA])
  `D1_ASSERT(DescriptorsAreGood, !(issue && dec_class[d1_simd_pkg::CLASS_CVT]) ||
             ((dec_from_tile || (sdesc_i[3:0] <= d1_pkg::FMT_UHP && sdesc_i[15:12] == 4'd0)) &&
              (dec_to_tile || (ddesc_i[3:0] <= d1_pkg::FMT_UHP && ddesc_i[15:12] == 4'd0))))
`ifndef SYNTHESIS
  logic announced_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin : announced
    if (!rst_ni) announced_q <= 1'b0;
    else         announced_q <= res_next_valid_o;
  end
  `D1_ASSERT(ResultFollowsItsAnnouncement, res_valid_o == announced_q)
`endif

endmodule
