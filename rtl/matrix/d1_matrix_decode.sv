// P1 of the matrix unit: chooses one pass's operands, 32 elements of A and 32 of B, and decodes them (docs/numerics.md,
// section 1.1) into registers, once for all 256 products. Keeps the second half of 8-bit panels for four cycles, the time
// after which the second pass starts: slot_i, which names the place, counts modulo 4 while anything is under way.
//
// Row i of A and column j of B come out as vectors of four 16-bit lanes, k = 0 in the lowest. Latency one cycle; the
// registers keep their values unless a pass starts. Significand and exponent of Inf and NaN mean nothing.
module d1_matrix_decode (
  input  logic         clk_i,
  input  logic         issue_i,     // an instruction's first pass starts
  input  logic         again_i,     // the second pass of the instruction issued four cycles ago starts; excludes issue_i
  input  logic [1:0]   slot_i,
  input  logic [11:0]  desc_a_i,    // docs/numerics.md, section 1; both of 16-bit or both of 8-bit kinds
  input  logic [11:0]  desc_b_i,
  input  logic [511:0] a_i,         // element (i, k): half 4*i + k or byte 8*i + k
  input  logic [511:0] b_i,         // element (k, j): half or byte 8*k + j

  output logic [511:0] a_sig_o,     // lane 4*i + k: {0 [5], significand [11]}
  output logic [511:0] a_exp_o,     // lane 4*i + k: {sign, 0 [5], encoded exponent [10]}, see d1_matrix_pkg
  output logic [511:0] b_sig_o,     // lane 4*j + k
  output logic [511:0] b_exp_o,
  output logic [31:0]  a_inf_o,     // bit 4*i + k
  output logic [31:0]  a_nan_o,
  output logic [31:0]  b_inf_o,     // bit 4*j + k
  output logic [31:0]  b_nan_o,
  output logic         special_o,   // some element is Inf or NaN
  output logic         signaling_o, // some element is a signaling NaN
  output logic         denormal_o   // some element is a subnormal encoding
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

  // Second halves of 8-bit panels: {desc_b, desc_a, B's byte 8*k + j, A's byte 4*i + k}.
  logic [535:0] half_q [4];

  always_ff @(posedge clk_i) begin : decode_panels
    logic [535:0] half;
    logic [511:0] a_lanes, b_lanes, a_sig, a_exp, b_sig, b_exp;
    logic [31:0]  a_inf, a_nan, b_inf, b_nan;
    logic [11:0]  desc_a, desc_b;
    logic         signaling, denormal;
    logic [63:0]  sig, exp;
    logic [9:0]   other;
    if (issue_i || again_i) begin
      if (again_i || d1_matrix_pkg::is_8bit(desc_a_i[3:0])) begin
        half = half_q[slot_i];
        if (issue_i) begin
          half[535:256] = {desc_b_i, desc_a_i, b_i[511:256]};
          for (int i = 0; i < 8; i++) half[32*i +: 32] = a_i[64*i + 32 +: 32];
          half_q[slot_i] <= half;
          half[535:256] = {desc_b_i, desc_a_i, b_i[255:0]};
          for (int i = 0; i < 8; i++) half[32*i +: 32] = a_i[64*i +: 32];
        end
        {desc_b, desc_a} = half[535:512];
        for (int i = 0; i < 8; i++) begin
          for (int k = 0; k < 4; k++) begin
            a_lanes[64*i + 16*k +: 16] = {8'd0, half[32*i + 8*k +: 8]};
            b_lanes[64*i + 16*k +: 16] = {8'd0, half[256 + 64*k + 8*i +: 8]};
          end
        end
      end else begin
        desc_a  = desc_a_i;
        desc_b  = desc_b_i;
        a_lanes = a_i;
        for (int j = 0; j < 8; j++) begin
          for (int k = 0; k < 4; k++) b_lanes[64*j + 16*k +: 16] = b_i[128*k + 16*j +: 16];
        end
      end

      signaling = 1'b0;
      denormal  = 1'b0;
      for (int i = 0; i < 8; i++) begin
        decode(desc_a, a_lanes[64*i +: 64], sig, exp, other);
        a_sig[64*i +: 64] = sig;
        a_exp[64*i +: 64] = exp;
        a_inf[4*i +: 4]   = other[3:0];
        a_nan[4*i +: 4]   = other[7:4];
        signaling = signaling | other[8];
        denormal  = denormal | other[9];
        decode(desc_b, b_lanes[64*i +: 64], sig, exp, other);
        b_sig[64*i +: 64] = sig;
        b_exp[64*i +: 64] = exp;
        b_inf[4*i +: 4]   = other[3:0];
        b_nan[4*i +: 4]   = other[7:4];
        signaling = signaling | other[8];
        denormal  = denormal | other[9];
      end
      a_sig_o     <= a_sig;
      a_exp_o     <= a_exp;
      b_sig_o     <= b_sig;
      b_exp_o     <= b_exp;
      a_inf_o     <= a_inf;
      a_nan_o     <= a_nan;
      b_inf_o     <= b_inf;
      b_nan_o     <= b_nan;
      special_o   <= (a_inf | a_nan | b_inf | b_nan) != 32'd0;
      signaling_o <= signaling;
      denormal_o  <= denormal;
    end
  end

endmodule
