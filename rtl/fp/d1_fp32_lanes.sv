// Sixteen lanes of the FP32 operations that need one stage: min, max, comparisons, sign injection, to integer, seeds; and the
// reductions min and max. Operands in the cycle of en_i, result register in the next (docs/numerics.md, section 4).
module d1_fp32_lanes (
  input  logic         clk_i,
  input  logic         en_i,
  input  logic [5:0]   op_i,   // d1_simd_pkg::FP_*
  input  logic [511:0] a_i,
  input  logic [511:0] b_i,
  output logic [511:0] res_o,
  output logic [3:0]   flags_o
);

  // A simulator is fastest with a loop over all lanes, synthesis with one lane that it maps once.
`ifdef SYNTHESIS
  localparam int unsigned LANES = 1;
`else
  localparam int unsigned LANES = 16;
`endif
  localparam int unsigned SLICES = 16 / LANES;

  // The lanes and the reduction have a result register each; reduces_q says whose counts.
  logic                reduces, reduces_q;
  logic [511:0]        lanes_res;
  logic [4*SLICES-1:0] lanes_flags;
  logic [31:0]         reduce_res;
  logic [3:0]          reduce_flags;

  assign reduces = op_i >= d1_simd_pkg::FP_REDMIN;

  always_ff @(posedge clk_i) begin : choice
    if (en_i) reduces_q <= reduces;
  end

  for (genvar s = 0; s < SLICES; s++) begin : gen_lanes
    d1_fp32_lane_ops #(.Lanes(LANES)) u_ops (
      .clk_i,
      .en_i    (en_i && !reduces),
      .op_i,
      .a_i     (a_i[32*LANES*s +: 32*LANES]),
      .b_i     (b_i[32*LANES*s +: 32*LANES]),
      .res_o   (lanes_res[32*LANES*s +: 32*LANES]),
      .flags_o (lanes_flags[4*s +: 4])
    );
  end

  d1_fp32_reduce u_reduce (
    .clk_i,
    .en_i     (en_i && reduces),
    .is_max_i (op_i == d1_simd_pkg::FP_REDMAX),
    .a_i,
    .res_o    (reduce_res),
    .flags_o  (reduce_flags)
  );

  always_comb begin : result
    res_o   = lanes_res;
    flags_o = reduces_q ? reduce_flags : 4'd0;
    if (reduces_q) res_o = {480'd0, reduce_res};
    for (int s = 0; s < SLICES; s++) begin
      if (!reduces_q) flags_o = flags_o | lanes_flags[4*s +: 4];
    end
  end

endmodule
