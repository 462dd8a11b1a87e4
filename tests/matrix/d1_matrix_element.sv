// One element of the matrix unit with its own operands, for the test of the synthesized netlist: one row's and one column's
// decoder and the element of d1_matrix_array, wired as in d1_matrix.
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

  logic [63:0] a, b, a_sig, a_exp, b_sig, b_exp;
  logic [3:0]  a_inf, a_nan, b_inf, b_nan, flags;
  logic [1:0]  special, signaling, denormal;
  logic [31:0] acc_q, result;

  always_comb begin
    a = a_i;
    b = b_i;
    if (d1_matrix_pkg::is_8bit(desc_a_i[3:0])) begin
      for (int k = 0; k < 4; k++) begin
        a[16*k +: 16] = {8'd0, a_i[8*k +: 8]};
        b[16*k +: 16] = {8'd0, b_i[8*k +: 8]};
      end
    end
  end

  d1_matrix_operands #(.Lines(1)) u_a (
    .clk_i, .en_i(1'b1), .desc_i(desc_a_i[11:0]), .codes_i(a), .sig_o(a_sig), .exp_o(a_exp), .inf_o(a_inf), .nan_o(a_nan),
    .special_o(special[0]), .signaling_o(signaling[0]), .denormal_o(denormal[0])
  );
  d1_matrix_operands #(.Lines(1)) u_b (
    .clk_i, .en_i(1'b1), .desc_i(desc_b_i[11:0]), .codes_i(b), .sig_o(b_sig), .exp_o(b_exp), .inf_o(b_inf), .nan_o(b_nan),
    .special_o(special[1]), .signaling_o(signaling[1]), .denormal_o(denormal[1])
  );
  d1_matrix_array #(.Side(1)) u_element (
    .clk_i, .en_i(3'b111), .a_sig_i(a_sig), .a_exp_i(a_exp), .a_inf_i(a_inf), .a_nan_i(a_nan), .b_sig_i(b_sig), .b_exp_i(b_exp),
    .b_inf_i(b_inf), .b_nan_i(b_nan), .special_i(special != '0), .signaling_i(signaling != '0), .denormal_i(denormal != '0),
    .acc_i(acc_q), .result_o(result), .flags_o(flags)
  );

  always_ff @(posedge clk_i) begin : ends
    acc_q    <= acc_i;
    result_o <= result;
    flags_o  <= flags;
  end

endmodule
