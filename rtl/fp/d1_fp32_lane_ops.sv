// Lanes of d1_fp32_lanes, without its reductions: min, max, comparisons, sign injection, to integer, seeds. Operands in the
// cycle of en_i, result register in the next (docs/numerics.md, section 4). Lanes do not know of each other, except that their
// flags are one word.
module d1_fp32_lane_ops #(
  parameter int unsigned Lanes = 16
) (
  input  logic                clk_i,
  input  logic                en_i,
  input  logic [5:0]          op_i,   // d1_simd_pkg::FP_*, no reduction
  input  logic [32*Lanes-1:0] a_i,
  input  logic [32*Lanes-1:0] b_i,
  output logic [32*Lanes-1:0] res_o,
  output logic [3:0]          flags_o
);

  always_ff @(posedge clk_i) begin : lanes
    logic [31:0] a, b;
    logic [35:0] r;
    logic [3:0]  flags;
    if (en_i) begin
      flags = 4'd0;
      for (int i = 0; i < Lanes; i++) begin
        a = a_i[32*i +: 32];
        b = b_i[32*i +: 32];
        // One call for each kind of operation, shared by its variants.
        case (op_i)
          d1_simd_pkg::FP_MIN, d1_simd_pkg::FP_MAX:
            r = d1_fp32_pkg::minmax(a, b, op_i == d1_simd_pkg::FP_MAX);
          d1_simd_pkg::FP_EQ, d1_simd_pkg::FP_LT, d1_simd_pkg::FP_LE:
            r = d1_fp32_pkg::compare(a, b, op_i != d1_simd_pkg::FP_EQ, op_i != d1_simd_pkg::FP_LT);
          d1_simd_pkg::FP_SGNJ:  r = {4'd0, b[31], a[30:0]};
          d1_simd_pkg::FP_SGNJN: r = {4'd0, !b[31], a[30:0]};
          d1_simd_pkg::FP_SGNJX: r = {4'd0, a[31] ^ b[31], a[30:0]};
          d1_simd_pkg::FP_REC7, d1_simd_pkg::FP_RSQRT7:
            r = d1_fp32_pkg::seed7(a, op_i == d1_simd_pkg::FP_RSQRT7);
          default:
            r = d1_fp32_pkg::to_int(a, op_i == d1_simd_pkg::FP_TO_UINT || op_i == d1_simd_pkg::FP_TO_UINT_RTZ,
                                    op_i == d1_simd_pkg::FP_TO_INT_RTZ || op_i == d1_simd_pkg::FP_TO_UINT_RTZ);
        endcase
        flags = flags | r[35:32];
        res_o[32*i +: 32] <= r[31:0];
      end
      flags_o <= flags;
    end
  end

endmodule
