// The reductions min and max of sixteen FP32 lanes, a tree of fifteen comparisons. Operands in the cycle of en_i, result register
// in the next: the result in lane 0, the others 0 (docs/numerics.md, section 4).
module d1_fp32_reduce (
  input  logic         clk_i,
  input  logic         en_i,
  input  logic         is_max_i,
  input  logic [511:0] a_i,
  output logic [31:0]  res_o,
  output logic [3:0]   flags_o
);

  // One pass suffices: comparing needs no rounding, and all flags arise from the first level's operands.
  always_ff @(posedge clk_i) begin : reduce
    logic [35:0]  r;
    logic [3:0]   flags;
    logic [511:0] tree;
    if (en_i) begin
      flags = 4'd0;
      tree  = a_i;
      for (int n = 8; n > 0; n = n / 2) begin
        for (int i = 0; i < n; i++) begin
          r     = d1_fp32_pkg::minmax(tree[64*i +: 32], tree[64*i+32 +: 32], is_max_i);
          flags = flags | r[35:32];
          tree[32*i +: 32] = r[31:0];
        end
      end
      res_o   <= tree[31:0];
      flags_o <= flags;
    end
  end

endmodule
