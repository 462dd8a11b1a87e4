// The format descriptors that an instruction in X names: their values, and whether they are known kinds with zero upper bits, fit
// each other, and have the part asked for (docs/isa.md, sections 3, 6 and 7). Combinational; all outputs 0 without en_i.
module d1_descriptors (
  input  logic         en_i,
  input  logic         source_i,       // it names a source descriptor
  input  logic         dest_i,         // a destination descriptor
  input  logic         mma_i,          // or it is dm.mma, with one for each operand
  input  logic [31:0]  insn_i,
  input  logic [255:0] fmt_i,          // dfmt0..15
  output logic [15:0]  sdesc_o,        // dm.mma: of A
  output logic [15:0]  ddesc_o,        // of B
  output logic         bad_o,
  output logic [3:0]   bad_number_o,   // the descriptor to blame
  output logic         bad_part_o      // looked at with good descriptors only
);

  function automatic logic bad(input logic [15:0] desc);
    bad = desc[3:0] > d1_pkg::FMT_UHP || desc[15:12] != 4'd0;
  endfunction
  function automatic logic is_byte(input logic [15:0] desc);
    is_byte = desc[3:0] == d1_pkg::FMT_CF8_143 || desc[3:0] == d1_pkg::FMT_CF8_152;
  endfunction
  function automatic logic is_fp32(input logic [15:0] desc);
    is_fp32 = desc[3:0] == d1_pkg::FMT_FP32;
  endfunction

  always_comb begin : check
    logic [3:0] s, d;
    logic       s_byte, d_byte, s_word, d_word;
    sdesc_o      = '0;
    ddesc_o      = '0;
    bad_o        = 1'b0;
    bad_part_o   = 1'b0;
    bad_number_o = '0;
    s = insn_i[31:28];
    d = mma_i ? {insn_i[27:25], insn_i[11]} : insn_i[27:24];
    s_byte = 1'b0;
    d_byte = 1'b0;
    s_word = 1'b0;
    d_word = 1'b0;
    if (en_i) begin
      // Tile moves: the tile's side is fp32, which is what descriptor 0 stands for.
      if (source_i || mma_i) sdesc_o = fmt_i[{s, 4'd0} +: 16];
      if (dest_i || mma_i)   ddesc_o = fmt_i[{d, 4'd0} +: 16];
      s_byte = is_byte(sdesc_o);
      d_byte = is_byte(ddesc_o);
      s_word = is_fp32(sdesc_o);
      d_word = is_fp32(ddesc_o);
      if (mma_i) begin
        bad_o        = bad(sdesc_o) || bad(ddesc_o) || s_word || d_word || s_byte != d_byte;
        bad_number_o = bad(sdesc_o) || s_word ? s : d;
      end else begin
        bad_o        = bad(sdesc_o) || bad(ddesc_o);
        bad_number_o = bad(sdesc_o) ? s : d;
        // Parts: 4 between 8 and 32 bits, 2 between 16 and 32 and wherever else 8 bits take part, else 1.
        if ((s_byte && d_word) || (d_byte && s_word)) bad_part_o = 1'b0;
        else if (s_byte || d_byte || s_word != d_word) bad_part_o = insn_i[23];
        else                                           bad_part_o = insn_i[23:22] != 2'd0;
      end
    end
  end

endmodule
