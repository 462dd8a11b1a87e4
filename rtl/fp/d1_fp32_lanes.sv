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

  always_ff @(posedge clk_i) begin : lanes
    logic [31:0]  a, b;
    logic [35:0]  r;
    logic [3:0]   flags;
    logic [511:0] tree;
    if (en_i) begin
      flags = 4'd0;
      if (op_i < d1_simd_pkg::FP_REDMIN) begin
        for (int i = 0; i < 16; i++) begin
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
      end else begin
        // One pass suffices: comparing needs no rounding, and all flags arise from the first level's operands.
        tree = a_i;
        for (int n = 8; n > 0; n = n / 2) begin
          for (int i = 0; i < n; i++) begin
            r     = d1_fp32_pkg::minmax(tree[64*i +: 32], tree[64*i+32 +: 32], op_i == d1_simd_pkg::FP_REDMAX);
            flags = flags | r[35:32];
            tree[32*i +: 32] = r[31:0];
          end
        end
        res_o <= {480'd0, tree[31:0]};
      end
      flags_o <= flags;
    end
  end

endmodule
