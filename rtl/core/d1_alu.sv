// Scalar ALU and comparison of branches. Combinational; results are 0 while en_i is low.
module d1_alu (
  input  logic        en_i,
  input  logic [3:0]  op_i,       // d1_core_pkg::ALU_*
  input  logic        word_i,     // on the low 32 bits, result sign-extended
  input  logic [63:0] a_i,
  input  logic [63:0] b_i,
  output logic [63:0] res_o,
  input  logic [2:0]  cmp_i,      // funct3 of the branch
  output logic        cmp_o
);

  always_comb begin : operate
    logic [63:0] a, res;
    logic [5:0]  amount;
    a      = '0;
    res    = '0;
    amount = '0;
    res_o  = '0;
    if (en_i) begin
      amount = {b_i[5] && !word_i, b_i[4:0]};
      // Right shifts of words shift in what the upper half is made of.
      a = a_i;
      if (word_i) a = {op_i[3] ? {32{a_i[31]}} : 32'd0, a_i[31:0]};
      case (op_i)
        d1_core_pkg::ALU_ADD:  res = a_i + b_i;
        d1_core_pkg::ALU_SUB:  res = a_i - b_i;
        d1_core_pkg::ALU_SLL:  res = a_i << amount;
        d1_core_pkg::ALU_SLT:  res = {63'd0, $signed(a_i) < $signed(b_i)};
        d1_core_pkg::ALU_SLTU: res = {63'd0, a_i < b_i};
        d1_core_pkg::ALU_XOR:  res = a_i ^ b_i;
        d1_core_pkg::ALU_SRL:  res = a >> amount;
        d1_core_pkg::ALU_SRA:  res = $unsigned($signed(a) >>> amount);
        d1_core_pkg::ALU_OR:   res = a_i | b_i;
        d1_core_pkg::ALU_AND:  res = a_i & b_i;
        default:               res = '0;
      endcase
      res_o = word_i ? {{32{res[31]}}, res[31:0]} : res;
    end
  end

  always_comb begin : compare
    cmp_o = 1'b0;
    if (en_i) begin
      case (cmp_i)
        3'd0:    cmp_o = a_i == b_i;
        3'd1:    cmp_o = a_i != b_i;
        3'd4:    cmp_o = $signed(a_i) < $signed(b_i);
        3'd5:    cmp_o = $signed(a_i) >= $signed(b_i);
        3'd6:    cmp_o = a_i < b_i;
        default: cmp_o = a_i >= b_i;
      endcase
    end
  end

endmodule
