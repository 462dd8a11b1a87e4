// The arithmetic of RISC-V atomic memory operations. Combinational. 32-bit operations use and deliver the low halves.
module d1_lsu_amo (
  input  logic [4:0]  amo_i,      // instruction bits 31:27
  input  logic        double_i,   // 64 bits
  input  logic [63:0] memory_i,
  input  logic [63:0] operand_i,
  output logic [63:0] result_o
);

  // Comparisons on 64 bits: 32-bit values are extended according to the operation.
  logic [63:0] a, b;
  logic        is_unsigned, less;
  assign is_unsigned = amo_i[3];
  assign a = double_i ? memory_i  : {{32{memory_i[31] & !is_unsigned}}, memory_i[31:0]};
  assign b = double_i ? operand_i : {{32{operand_i[31] & !is_unsigned}}, operand_i[31:0]};
  assign less = is_unsigned ? a < b : $signed(a) < $signed(b);

  always_comb begin
    unique case (amo_i)
      5'b00000: result_o = memory_i + operand_i;           // amoadd
      5'b00100: result_o = memory_i ^ operand_i;           // amoxor
      5'b01100: result_o = memory_i & operand_i;           // amoand
      5'b01000: result_o = memory_i | operand_i;           // amoor
      5'b10000, 5'b11000: result_o = less ? memory_i : operand_i;   // amomin, amominu
      5'b10100, 5'b11100: result_o = less ? operand_i : memory_i;   // amomax, amomaxu
      default:  result_o = operand_i;                      // amoswap
    endcase
  end

endmodule
