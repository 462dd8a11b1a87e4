// Sixteen 32-bit integer lanes and the integer reductions. One stage: operands in the cycle of en_i, result register in the
// next. FP32 flags never arise here.
module d1_simd_int (
  input  logic         clk_i,
  input  logic         en_i,
  input  logic [5:0]   op_i,   // d1_simd_pkg::INT_*
  input  logic [511:0] a_i,
  input  logic [511:0] b_i,
  input  logic [511:0] c_i,    // mask of sel
  output logic [511:0] res_o
);

  function automatic logic [31:0] least(input logic [31:0] a, input logic [31:0] b, input logic is_max,
                                        input logic is_unsigned);
    logic less;
    less  = is_unsigned ? a < b : $signed(a) < $signed(b);
    least = (less != is_max) ? a : b;  // equal operands are the same either way
  endfunction

  always_ff @(posedge clk_i) begin : lanes
    logic [31:0]  a, b, c;
    logic [511:0] tree;
    if (en_i) begin
      if (op_i < d1_simd_pkg::INT_REDSUM) begin
        for (int i = 0; i < 16; i++) begin
          a = a_i[32*i +: 32];
          b = b_i[32*i +: 32];
          c = c_i[32*i +: 32];
          case (op_i)
            d1_simd_pkg::INT_ADD:  c = a + b;
            d1_simd_pkg::INT_SUB:  c = a - b;
            d1_simd_pkg::INT_MUL:  c = a * b;
            d1_simd_pkg::INT_AND:  c = a & b;
            d1_simd_pkg::INT_OR:   c = a | b;
            d1_simd_pkg::INT_XOR:  c = a ^ b;
            d1_simd_pkg::INT_SLL:  c = a << b[4:0];
            d1_simd_pkg::INT_SRL:  c = a >> b[4:0];
            d1_simd_pkg::INT_SRA:  c = $signed(a) >>> b[4:0];
            d1_simd_pkg::INT_MIN:  c = least(a, b, 1'b0, 1'b0);
            d1_simd_pkg::INT_MAX:  c = least(a, b, 1'b1, 1'b0);
            d1_simd_pkg::INT_MINU: c = least(a, b, 1'b0, 1'b1);
            d1_simd_pkg::INT_MAXU: c = least(a, b, 1'b1, 1'b1);
            d1_simd_pkg::INT_SEQ:  c = {32{a == b}};
            d1_simd_pkg::INT_SLT:  c = {32{$signed(a) < $signed(b)}};
            d1_simd_pkg::INT_SLTU: c = {32{a < b}};
            default:               c = c != 32'd0 ? a : b;  // INT_SEL
          endcase
          res_o[32*i +: 32] <= c;
        end
      end else begin
        tree = a_i;
        for (int n = 8; n > 0; n = n / 2) begin
          for (int i = 0; i < n; i++) begin
            a = tree[64*i +: 32];
            b = tree[64*i+32 +: 32];
            case (op_i)
              d1_simd_pkg::INT_REDMIN:  c = least(a, b, 1'b0, 1'b0);
              d1_simd_pkg::INT_REDMAX:  c = least(a, b, 1'b1, 1'b0);
              d1_simd_pkg::INT_REDMINU: c = least(a, b, 1'b0, 1'b1);
              d1_simd_pkg::INT_REDMAXU: c = least(a, b, 1'b1, 1'b1);
              default:                  c = a + b;  // INT_REDSUM
            endcase
            tree[32*i +: 32] = c;
          end
        end
        res_o <= {480'd0, tree[31:0]};
      end
    end
  end

endmodule
