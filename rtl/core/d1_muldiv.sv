// Multiplier and divider shared by the threads: a multiplication a cycle, latency 3 (request in t, result presented in t+2,
// used in t+3); one division at a time. Multiplications overtake divisions. Results wait until they are taken.
module d1_muldiv (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        valid_i,
  output logic        mul_ready_o,   // ready for a multiplication; depends on res_ready_i
  output logic        div_ready_o,   // ready for a division
  input  logic [1:0]  thread_i,
  input  logic [4:0]  rd_i,
  input  logic [2:0]  funct3_i,      // as in the instruction; bit 2: division
  input  logic        word_i,
  input  logic [63:0] a_i,
  input  logic [63:0] b_i,
  output logic        res_valid_o,
  input  logic        res_ready_i,
  output logic [1:0]  res_thread_o,
  output logic [4:0]  res_reg_o,
  output logic [63:0] res_data_o,
  output logic        busy_o
);

  logic        mul_valid, div_valid, mul_busy;
  logic [6:0]  mul_tag, div_tag;
  logic [63:0] mul_res, div_res;

  d1_mul u_mul (
    .clk_i, .rst_ni, .valid_i(valid_i && !funct3_i[2]), .ready_o(mul_ready_o), .tag_i({thread_i, rd_i}), .op_i(funct3_i[1:0]),
    .word_i, .a_i, .b_i, .res_valid_o(mul_valid), .res_ready_i, .res_tag_o(mul_tag), .res_o(mul_res), .busy_o(mul_busy)
  );

  d1_div u_div (
    .clk_i, .rst_ni, .valid_i(valid_i && funct3_i[2]), .ready_o(div_ready_o), .tag_i({thread_i, rd_i}), .op_i(funct3_i[1:0]),
    .word_i, .a_i, .b_i, .res_valid_o(div_valid), .res_ready_i(res_ready_i && !mul_valid), .res_tag_o(div_tag), .res_o(div_res)
  );

  assign res_valid_o = mul_valid || div_valid;
  assign res_data_o  = mul_valid ? mul_res : div_res;
  assign {res_thread_o, res_reg_o} = mul_valid ? mul_tag : div_tag;
  assign busy_o      = mul_busy || !div_ready_o;

endmodule
