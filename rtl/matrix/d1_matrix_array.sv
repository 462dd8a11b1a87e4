// Side x Side elements of the matrix unit, stages P2 to P4 of d1_matrix: products, aligned sum, rounding (docs/numerics.md,
// section 5). Elements share nothing but their operands and the flags. Registers hold without their stage's enable.
//
// Side is 8, or 1 for a single element: the figures of synthesis are those of one element, of which the unit has 64.
module d1_matrix_array #(
  parameter int unsigned Side = 8
) (
  input  logic                    clk_i,
  input  logic [2:0]              en_i,         // stages P2, P3, P4

  // Operands in P2, as d1_matrix_decode delivers them: rows of A, columns of B, four lanes k each
  input  logic [64*Side-1:0]      a_sig_i,
  input  logic [64*Side-1:0]      a_exp_i,
  input  logic [4*Side-1:0]       a_inf_i,
  input  logic [4*Side-1:0]       a_nan_i,
  input  logic [64*Side-1:0]      b_sig_i,
  input  logic [64*Side-1:0]      b_exp_i,
  input  logic [4*Side-1:0]       b_inf_i,
  input  logic [4*Side-1:0]       b_nan_i,
  input  logic                    special_i,    // some operand of the whole pass is Inf or NaN
  input  logic                    signaling_i,  // ... a signaling NaN
  input  logic                    denormal_i,   // ... a subnormal encoding
  input  logic [32*Side*Side-1:0] acc_i,        // element (i, j) at 32*(Side*i + j)

  // In P4, 0 without its enable
  output logic [32*Side*Side-1:0] result_o,
  output logic [3:0]              flags_o       // d1_pkg::FLAG_*; holds the register's part without the enable
);

  localparam int unsigned N = Side * Side;

  // P2 ----------------------------------------------------------------------------------------------------------------
  // Elements e = Side*i + j in 64-bit lanes, as d1_matrix_pkg::multiply delivers them
  logic [N*64-1:0] p3_terms10_q, p3_terms32_q, p3_other_q;
  logic [2*N-1:0]  p3_special_q;  // d1_matrix_pkg::SPECIAL_*
  logic            p3_any_special_q;
  logic [1:0]      p3_flags_q;    // {Denormal, Invalid}

  always_ff @(posedge clk_i) begin : p2
    logic [63:0]    terms10, terms32, other, any;
    logic [2*N-1:0] specials;
    logic [2:0]     element;
    logic           invalid, any_special;
    if (en_i[0]) begin
      any = '0;
      for (int i = 0; i < Side; i++) begin
        for (int j = 0; j < Side; j++) begin
          d1_matrix_pkg::multiply(a_sig_i[64*i +: 64], a_exp_i[64*i +: 64], b_sig_i[64*j +: 64], b_exp_i[64*j +: 64],
                                  acc_i[32*(Side*i + j) +: 32], terms10, terms32, other);
          p3_terms10_q[64*(Side*i + j) +: 64] <= terms10;
          p3_terms32_q[64*(Side*i + j) +: 64] <= terms32;
          p3_other_q[64*(Side*i + j) +: 64]   <= other;
          any = any | other;
        end
      end
      invalid     = signaling_i | any[48];
      any_special = special_i | any[49];
      if (any_special) begin
        for (int i = 0; i < Side; i++) begin
          for (int j = 0; j < Side; j++) begin
            element = d1_matrix_pkg::special(a_exp_i[64*i +: 64], a_inf_i[4*i +: 4], a_nan_i[4*i +: 4],
                                             b_exp_i[64*j +: 64], b_inf_i[4*j +: 4], b_nan_i[4*j +: 4],
                                             acc_i[32*(Side*i + j) +: 32]);
            specials[2*(Side*i + j) +: 2] = element[1:0];
            invalid = invalid | element[2];
          end
        end
        p3_special_q <= specials;
      end
      p3_any_special_q <= any_special;
      p3_flags_q       <= {denormal_i | any[50], invalid};
    end
  end

  // P3 ----------------------------------------------------------------------------------------------------------------
  logic [N*64-1:0] p4_sum_q;      // d1_matrix_pkg::align_add
  logic [N*32-1:0] p4_exp_q;      // multiply's other[63:32]
  logic [2*N-1:0]  p4_special_q;
  logic            p4_any_special_q;
  logic [1:0]      p4_flags_q;

  always_ff @(posedge clk_i) begin : p3
    if (en_i[1]) begin
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
      p4_flags_q       <= p3_flags_q;
    end
  end

  // P4 ----------------------------------------------------------------------------------------------------------------
  always_comb begin : p4
    logic [33:0] rounded, any;
    result_o = '0;
    any      = '0;
    rounded  = '0;
    if (en_i[2]) begin
      for (int e = 0; e < N; e++) begin
        rounded = d1_matrix_pkg::round(p4_sum_q[64*e +: 64], p4_exp_q[32*e +: 16]);
        any     = any | rounded;
        result_o[32*e +: 32] = rounded[31:0];
      end
      if (p4_any_special_q) begin
        for (int e = 0; e < N; e++) begin
          case (p4_special_q[2*e +: 2])
            d1_matrix_pkg::SPECIAL_NAN:       result_o[32*e +: 32] = 32'h7FC0_0000;
            d1_matrix_pkg::SPECIAL_PLUS_INF:  result_o[32*e +: 32] = 32'h7F80_0000;
            d1_matrix_pkg::SPECIAL_MINUS_INF: result_o[32*e +: 32] = 32'hFF80_0000;
            default:                          ;
          endcase
        end
      end
    end
    flags_o = {any[33:32], p4_flags_q};
  end

endmodule
