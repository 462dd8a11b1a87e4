// Decodes lines of four operands, rows of A or columns of B, into registers, for d1_matrix_decode (docs/numerics.md, section
// 1.1). Latency one cycle; the registers hold without en_i. Significand and exponent of Inf and NaN mean nothing.
module d1_matrix_operands #(
  parameter int unsigned Lines = 8
) (
  input  logic                clk_i,
  input  logic                en_i,
  input  logic [11:0]         desc_i,      // docs/numerics.md, section 1
  input  logic [64*Lines-1:0] codes_i,     // lane k of line i at 64*i + 16*k; 8-bit codes in the lower half of a lane
  output logic [64*Lines-1:0] sig_o,       // lane: {0 [5], significand [11]}
  output logic [64*Lines-1:0] exp_o,       // lane: {sign, 0 [5], encoded exponent [10]}, see d1_matrix_pkg
  output logic [4*Lines-1:0]  inf_o,       // bit 4*i + k
  output logic [4*Lines-1:0]  nan_o,
  output logic                special_o,   // some element is Inf or NaN
  output logic                signaling_o, // some element is a signaling NaN
  output logic                denormal_o   // some element is a subnormal encoding
);

  localparam logic [63:0] ONES = 64'h0001_0001_0001_0001;

  // The fields of four elements, one a 16-bit lane: {mantissa, left-aligned to 10 bits}, {sign at 15, exponent field}.
  function automatic logic [63:0] mantissas(input logic [3:0] kind, input logic [63:0] codes);
    case (kind)
      d1_pkg::FMT_BF16:    mantissas = (codes & (64'h7F * ONES)) << 3;
      d1_pkg::FMT_CF8_143: mantissas = (codes & (64'h07 * ONES)) << 7;
      d1_pkg::FMT_CF8_152: mantissas = (codes & (64'h03 * ONES)) << 8;
      default:             mantissas = codes & (64'h3FF * ONES);
    endcase
  endfunction

  function automatic logic [63:0] exponents(input logic [3:0] kind, input logic [63:0] codes);
    case (kind)
      d1_pkg::FMT_BF16:    exponents = (codes & (64'h8000 * ONES)) | ((codes >> 7) & (64'hFF * ONES));
      d1_pkg::FMT_CF8_143: exponents = ((codes & (64'h80 * ONES)) << 8) | ((codes >> 3) & (64'h0F * ONES));
      d1_pkg::FMT_CF8_152: exponents = ((codes & (64'h80 * ONES)) << 8) | ((codes >> 2) & (64'h1F * ONES));
      d1_pkg::FMT_SHP:     exponents = (codes & (64'h8000 * ONES)) | ((codes >> 10) & (64'h1F * ONES));
      default:             exponents = (codes >> 10) & (64'h3F * ONES);  // uhp has no sign
    endcase
  endfunction

  // What encoding offset and bias add to a normal's exponent field, and how much more a subnormal gets.
  function automatic logic [9:0] offset(input logic [11:0] desc);
    case (desc[3:0])
      d1_pkg::FMT_BF16: offset = d1_matrix_pkg::OPERAND_OFFSET - 10'd127;
      d1_pkg::FMT_UHP:  offset = d1_matrix_pkg::OPERAND_OFFSET - 10'd31;
      default:          offset = d1_matrix_pkg::OPERAND_OFFSET - {4'd0, desc[9:4]};
    endcase
  endfunction

  // One element from its fields: {encoded exponent [10], significand [11]}.
  function automatic logic [20:0] operand(input logic [7:0] exponent, input logic [9:0] mantissa,
                                          input logic [9:0] add, input logic [9:0] add_subnormal, input logic flush);
    if (exponent != 8'd0)                    operand = {{2'd0, exponent} + add, 1'b1, mantissa};
    else if (mantissa == 10'd0 || flush)     operand = 21'd0;
    else                                     operand = {add_subnormal, 1'b0, mantissa};
  endfunction

  // Four lanes. other: {denormal, signaling, NaN [4], Inf [4]}.
  task automatic decode(input logic [11:0] desc, input logic [63:0] codes,
                        output logic [63:0] sig, output logic [63:0] exp, output logic [9:0] other);
    /*verilator no_inline_task*/
    logic [63:0] man, fields;
    logic [9:0]  add, add_subnormal;
    logic [20:0] x0, x1, x2, x3;
    logic        is_uhp, ieee, denormal, signaling;
    logic [3:0]  inf, nan;
    logic [7:0]  top;
    is_uhp = desc[3:0] == d1_pkg::FMT_UHP;
    ieee   = is_uhp || desc[3:0] == d1_pkg::FMT_BF16;
    man    = mantissas(desc[3:0], codes);
    fields = exponents(desc[3:0], codes);
    add    = offset(desc);
    add_subnormal = add + {9'd0, ieee || desc[11]};

    x0  = operand(fields[7:0],   man[9:0],   add, add_subnormal, is_uhp);
    x1  = operand(fields[23:16], man[25:16], add, add_subnormal, is_uhp);
    x2  = operand(fields[39:32], man[41:32], add, add_subnormal, is_uhp);
    x3  = operand(fields[55:48], man[57:48], add, add_subnormal, is_uhp);
    sig = {5'd0, x3[10:0], 5'd0, x2[10:0], 5'd0, x1[10:0], 5'd0, x0[10:0]};
    exp = {fields[63], 5'd0, x3[20:11], fields[47], 5'd0, x2[20:11],
           fields[31], 5'd0, x1[20:11], fields[15], 5'd0, x0[20:11]};

    denormal  = 1'b0;
    signaling = 1'b0;
    inf       = 4'd0;
    nan       = 4'd0;
    for (int k = 0; k < 4; k++) denormal = denormal | (fields[16*k +: 8] == 8'd0 && man[16*k +: 10] != 10'd0);
    if (ieee) begin
      top = is_uhp ? 8'd63 : 8'd255;
      for (int k = 0; k < 4; k++) begin
        if (fields[16*k +: 8] == top) begin
          inf[k]    = man[16*k +: 10] == 10'd0;
          nan[k]    = man[16*k +: 10] != 10'd0;
          signaling = signaling | (nan[k] && !man[16*k + 9]);
        end
      end
    end
    other = {denormal, signaling, nan, inf};
  endtask

  always_ff @(posedge clk_i) begin : lines
    logic [64*Lines-1:0] sigs, exps;
    logic [4*Lines-1:0]  infs, nans;
    logic                signaling, denormal;
    logic [63:0]         sig, exp;
    logic [9:0]          other;
    if (en_i) begin
      signaling = 1'b0;
      denormal  = 1'b0;
      for (int i = 0; i < Lines; i++) begin
        decode(desc_i, codes_i[64*i +: 64], sig, exp, other);
        sigs[64*i +: 64] = sig;
        exps[64*i +: 64] = exp;
        infs[4*i +: 4]   = other[3:0];
        nans[4*i +: 4]   = other[7:4];
        signaling = signaling | other[8];
        denormal  = denormal | other[9];
      end
      sig_o       <= sigs;
      exp_o       <= exps;
      inf_o       <= infs;
      nan_o       <= nans;
      special_o   <= (infs | nans) != '0;
      signaling_o <= signaling;
      denormal_o  <= denormal;
    end
  end

endmodule
