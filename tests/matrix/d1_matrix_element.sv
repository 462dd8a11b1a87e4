// One element of the matrix unit with its own operands, for the test of the synthesized netlist: the decoder and the
// functions of the stages, wired as in d1_matrix. Row of A and column of B are the first ones of the panels.
module d1_matrix_element (
  input  logic        clk_i,
  input  logic [15:0] desc_a_i,
  input  logic [15:0] desc_b_i,
  input  logic [63:0] a_i,       // lanes k = 0..3: halves or bytes as the kind has it
  input  logic [63:0] b_i,
  input  logic [31:0] acc_i,
  output logic [31:0] result_o,  // four edges after the inputs
  output logic [3:0]  flags_o
);

  logic [511:0] a, b, a_sig, a_exp, b_sig, b_exp;
  logic [31:0]  a_inf, a_nan, b_inf, b_nan;
  logic         any_special, signaling, denormal;
  logic         eight;

  assign eight = d1_matrix_pkg::is_8bit(desc_a_i[3:0]);
  assign a     = {448'd0, a_i};
  always_comb begin
    b = '0;
    for (int k = 0; k < 4; k++) begin
      if (eight) b[64*k +: 8] = b_i[8*k +: 8];
      else       b[128*k +: 16] = b_i[16*k +: 16];
    end
  end

  d1_matrix_decode u_decode (
    .clk_i, .issue_i(1'b1), .again_i(1'b0), .slot_i(2'd0), .desc_a_i(desc_a_i[11:0]), .desc_b_i(desc_b_i[11:0]),
    .a_i(a), .b_i(b), .a_sig_o(a_sig), .a_exp_o(a_exp), .b_sig_o(b_sig), .b_exp_o(b_exp), .a_inf_o(a_inf),
    .a_nan_o(a_nan), .b_inf_o(b_inf), .b_nan_o(b_nan), .special_o(any_special), .signaling_o(signaling),
    .denormal_o(denormal)
  );

  logic [31:0] acc_q;
  logic [63:0] terms10_q, terms32_q, other_q, sum_q;
  logic [11:0] exp_q;
  logic [2:0]  special_q, p4_special_q;
  logic [1:0]  flags_q, p4_flags_q;  // Denormal, Invalid

  always_ff @(posedge clk_i) begin : stages
    logic [63:0] terms10, terms32, other;
    logic [2:0]  element;
    logic [33:0] rounded;
    acc_q <= acc_i;

    d1_matrix_pkg::multiply(a_sig[63:0], a_exp[63:0], b_sig[63:0], b_exp[63:0], acc_q, terms10, terms32, other);
    element = d1_matrix_pkg::special(a_exp[63:0], a_inf[3:0], a_nan[3:0], b_exp[63:0], b_inf[3:0], b_nan[3:0], acc_q);
    terms10_q <= terms10;
    terms32_q <= terms32;
    other_q   <= other;
    special_q <= element;
    flags_q   <= {denormal || (acc_q[30:23] == 8'd0 && acc_q[22:0] != 23'd0),
                  signaling || element[2] || (acc_q[30:22] == 9'h1FE && acc_q[21:0] != 22'd0)};

    sum_q        <= d1_matrix_pkg::align_add(terms10_q, terms32_q, other_q[31:0]);
    exp_q        <= other_q[43:32];
    p4_special_q <= special_q;
    p4_flags_q   <= flags_q;

    rounded = d1_matrix_pkg::round(p4_special_q[1:0] == d1_matrix_pkg::SPECIAL_NONE ? sum_q : 64'd0, {4'd0, exp_q});
    case (p4_special_q[1:0])
      d1_matrix_pkg::SPECIAL_NONE:      rounded = rounded;
      d1_matrix_pkg::SPECIAL_PLUS_INF:  rounded = {2'b00, 32'h7F80_0000};
      d1_matrix_pkg::SPECIAL_MINUS_INF: rounded = {2'b00, 32'hFF80_0000};
      default:                          rounded = {2'b00, 32'h7FC0_0000};
    endcase
    result_o <= rounded[31:0];
    flags_o  <= {rounded[33:32], p4_flags_q};
  end

endmodule
