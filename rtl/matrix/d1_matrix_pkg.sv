// Arithmetic of one element of the matrix unit (docs/numerics.md, section 5), as functions of one pipeline stage each:
// multiply (P2), align_add (P3), round (P4). d1_matrix calls them for all 64 elements of a tile.
//
// Encoded exponents. Inside the unit an operand of exponent e carries e + 512 and a zero operand carries 0; a product then
// carries e + 1024, the accumulator too. Operands reach from -126 to +128 (the top code of bf16), clamping formats from
// -63 to 31, so non-zero products lie in [772, 1280], zero ones in [0, 640], and a plain maximum never picks a zero term.
//
// The functions are not inlined by Verilator: 64 copies of each would not fit into the host's instruction cache.
package d1_matrix_pkg;

  localparam int unsigned ELEMENTS = 64;

  localparam logic [9:0]  OPERAND_OFFSET = 10'd512;
  localparam logic [10:0] TERM_OFFSET    = 11'd1024;
  localparam logic [10:0] LEAST_TERM     = 11'd768;  // all non-zero terms are above, all zero ones below

  function automatic logic is_8bit(input logic [3:0] kind);
    is_8bit = kind == d1_pkg::FMT_CF8_143 || kind == d1_pkg::FMT_CF8_152;
  endfunction

  // What an element with an infinite or NaN term becomes.
  localparam logic [1:0] SPECIAL_NONE      = 2'd0;
  localparam logic [1:0] SPECIAL_NAN       = 2'd1;
  localparam logic [1:0] SPECIAL_PLUS_INF  = 2'd2;
  localparam logic [1:0] SPECIAL_MINUS_INF = 2'd3;

  // P2: four exact products, the largest exponent and every term's distance to it. A term leaves as 32 bits: {sign, 0, distance
  // to the largest exponent [6], magnitude [24]}; terms10 = {term 1, term 0}, terms32 = {term 3, term 2}.
  // Operands are vectors of four 16-bit lanes: a_sig, b_sig {0 [5], significand [11]}; a_exp, b_exp {sign, 0 [5], encoded
  // exponent [10]}. acc is the accumulator as FP32. other: {0 [13], accumulator is subnormal, is Inf or NaN, is a signaling
  // NaN, 0 [4], minus zero, largest exponent [11], accumulator's term [32]}.
  task automatic multiply(
      input logic [63:0] a_sig, input logic [63:0] a_exp, input logic [63:0] b_sig, input logic [63:0] b_exp,
      input logic [31:0] acc, output logic [63:0] terms10, output logic [63:0] terms32, output logic [63:0] other);
    /*verilator no_inline_task*/
    logic [23:0] p0, p1, p2, p3;
    logic [10:0] e0, e1, e2, e3, ea, e01, e23, largest;
    logic [63:0] signs, exps;
    logic        minus_zero, acc_subnormal, acc_special, acc_signaling;

    p0 = {13'd0, a_sig[10:0]}  * {13'd0, b_sig[10:0]};
    p1 = {13'd0, a_sig[26:16]} * {13'd0, b_sig[26:16]};
    p2 = {13'd0, a_sig[42:32]} * {13'd0, b_sig[42:32]};
    p3 = {13'd0, a_sig[58:48]} * {13'd0, b_sig[58:48]};
    signs = a_exp ^ b_exp;

    // Four sums at once: a lane never carries into the next.
    exps = (a_exp & {4{16'h03FF}}) + (b_exp & {4{16'h03FF}});
    e0   = exps[10:0];
    e1   = exps[26:16];
    e2   = exps[42:32];
    e3   = exps[58:48];
    // The exponent field of a subnormal counts as 1.
    acc_subnormal = acc[30:23] == 8'd0 && acc[22:0] != 23'd0;
    acc_special   = acc[30:23] == 8'd255;
    acc_signaling = acc_special && !acc[22] && acc[21:0] != 22'd0;
    if (acc[30:23] != 8'd0) ea = {3'd0, acc[30:23]} + (TERM_OFFSET - 11'd127);
    else if (acc_subnormal) ea = TERM_OFFSET - 11'd126;
    else                    ea = 11'd0;

    e01     = e0 > e1 ? e0 : e1;
    e23     = e2 > e3 ? e2 : e3;
    largest = e01 > e23 ? e01 : e23;
    largest = largest > ea ? largest : ea;

    // From 53 on a term lies below the window, so 63 stands for every larger distance.
    e0 = largest - e0;
    e1 = largest - e1;
    e2 = largest - e2;
    e3 = largest - e3;
    ea = largest - ea;
    if (e0 > 11'd63) e0 = 11'd63;
    if (e1 > 11'd63) e1 = 11'd63;
    if (e2 > 11'd63) e2 = 11'd63;
    if (e3 > 11'd63) e3 = 11'd63;
    if (ea > 11'd63) ea = 11'd63;

    minus_zero = largest < LEAST_TERM && signs[15] && signs[31] && signs[47] && signs[63] && acc[31];
    terms10  = {signs[31], 1'b0, e1[5:0], p1, signs[15], 1'b0, e0[5:0], p0};
    terms32  = {signs[63], 1'b0, e3[5:0], p3, signs[47], 1'b0, e2[5:0], p2};
    other    = {13'd0, acc_subnormal, acc_special, acc_signaling, 4'd0, minus_zero, largest,
                acc[31], 1'b0, ea[5:0], acc[30:23] != 8'd0, acc[22:0]};
  endtask

  // P2, the rare part: {Invalid, SPECIAL_*}. a_exp, b_exp as above; the other operands are bits of k = 0..3. Invalid does not
  // cover signaling NaN.
  function automatic logic [2:0] special(
      input logic [63:0] a_exp, input logic [3:0] a_inf, input logic [3:0] a_nan,
      input logic [63:0] b_exp, input logic [3:0] b_inf, input logic [3:0] b_nan, input logic [31:0] acc);
    /*verilator no_inline_task*/
    logic operand_nan, invalid, plus_inf, minus_inf, is_inf, negative;
    operand_nan = acc[30:23] == 8'd255 && acc[22:0] != 23'd0;
    plus_inf    = acc == 32'h7F80_0000;
    minus_inf   = acc == 32'hFF80_0000;
    invalid     = 1'b0;
    for (int k = 0; k < 4; k++) begin
      is_inf      = a_inf[k] || b_inf[k];
      negative    = a_exp[16*k + 15] ^ b_exp[16*k + 15];
      operand_nan = operand_nan | a_nan[k] | b_nan[k];
      // Encoded exponent 0: the factor is zero.
      invalid     = invalid | (is_inf && (a_exp[16*k +: 10] == 10'd0 || b_exp[16*k +: 10] == 10'd0));
      plus_inf    = plus_inf | (is_inf && !negative);
      minus_inf   = minus_inf | (is_inf && negative);
    end
    invalid = !operand_nan && (invalid || (plus_inf && minus_inf));
    if (operand_nan || invalid) special = {invalid, SPECIAL_NAN};
    else if (plus_inf)          special = {1'b0, SPECIAL_PLUS_INF};
    else if (minus_inf)         special = {1'b0, SPECIAL_MINUS_INF};
    else                        special = {1'b0, SPECIAL_NONE};
  endfunction

  // P3: the sum of the five aligned terms in units of the window's last bit 2^(E-50); bits below it are dropped from each
  // magnitude. Products (unit 2^(e-20)) start 30 bits above it, the accumulator (unit 2^(e-23)) 27. Each product is below
  // 2^52, the accumulator below 2^51, the sum below 2^55: 56 bits in two's complement, sign-extended to 64.
  function automatic logic [63:0] align_add(
      input logic [63:0] terms10, input logic [63:0] terms32, input logic [31:0] term_acc);
    /*verilator no_inline_task*/
    logic [63:0] t0, t1, t2, t3, ta;
    t0 = {10'd0, terms10[23:0], 30'd0}  >> terms10[29:24];
    t1 = {10'd0, terms10[55:32], 30'd0} >> terms10[61:56];
    t2 = {10'd0, terms32[23:0], 30'd0}  >> terms32[29:24];
    t3 = {10'd0, terms32[55:32], 30'd0} >> terms32[61:56];
    ta = {13'd0, term_acc[23:0], 27'd0} >> term_acc[29:24];
    if (terms10[31])  t0 = -t0;
    if (terms10[63])  t1 = -t1;
    if (terms32[31])  t2 = -t2;
    if (terms32[63])  t3 = -t3;
    if (term_acc[31]) ta = -ta;
    align_add = (t0 + t1) + (t2 + t3) + ta;
  endfunction

  // P4: sum * 2^(largest - TERM_OFFSET - 50) as FP32, rounded once to nearest-even. exp is multiply's other[47:32].
  // Returns {underflow, overflow, FP32 [32]}.
  //
  // With the magnitude's 55 bits at the left of a 64-bit word, bit 63 weighs 2^(largest - 1020). The word is shifted left
  // until bit 63 is set, but not beyond the weight 2^-126 of the subnormal range: by at most limit = largest - 1020 + 126.
  // Where limit is negative it is shifted right instead.
  function automatic logic [33:0] round(input logic [63:0] sum, input logic [15:0] exp);
    /*verilator no_inline_task*/
    logic [63:0] word, scan;
    logic [5:0]  left;
    logic [11:0] limit, right;
    logic [31:0] exponent;
    logic [31:0] packed_bits;
    logic        up, overflow, underflow;

    word = (sum[63] ? -sum : sum) << 9;

    scan = word;
    left = 6'd0;
    if (scan[63:32] == 32'd0) begin left = 6'd32; scan = scan << 32; end
    if (scan[63:48] == 16'd0) begin left = left | 6'd16; scan = scan << 16; end
    if (scan[63:56] == 8'd0)  begin left = left | 6'd8; scan = scan << 8; end
    if (scan[63:60] == 4'd0)  begin left = left | 6'd4; scan = scan << 4; end
    if (scan[63:62] == 2'd0)  begin left = left | 6'd2; scan = scan << 2; end
    if (!scan[63])            left = left | 6'd1;

    limit    = {1'b0, exp[10:0]} - ({1'b0, TERM_OFFSET} - 12'd4 - 12'd126);
    exponent = 32'd0;  // exponent field - 1; the significand's leading bit adds the 1
    if (limit[11]) begin
      right = -limit;
      if (right > 12'd63) right = 12'd63;
      scan = word >> right[5:0];
      word = scan | {63'd0, (scan << right[5:0]) != word};  // bit 0 stands for all that is lost
    end else begin
      if ({6'd0, left} > limit) left = limit[5:0];
      word     = word << left;
      exponent = {20'd0, limit} - {26'd0, left};
    end

    up          = word[39] && (word[40] || word[38:0] != 39'd0);
    packed_bits = (exponent << 23) + {8'd0, word[63:40]} + {31'd0, up};

    overflow  = 1'b0;
    underflow = 1'b0;
    // The exponent reaches 386 at most, so 32 bits hold what lies above the range.
    if (packed_bits >= 32'h7F80_0000 || packed_bits <= 32'h0080_0000) begin
      if (packed_bits >= 32'h7F80_0000) begin
        overflow    = 1'b1;
        packed_bits = 32'h7F80_0000;
      end
      // Tiny after rounding with an unbounded exponent: 2^-126 is reached there only from 2^-126 - 2^-151 on, whose first 25
      // bits below the leading weight are ones.
      underflow = word[39:0] != 40'd0 &&
                  (packed_bits < 32'h0080_0000 || (packed_bits == 32'h0080_0000 && !word[63] && !word[38]));
    end
    if (sum == 64'd0) begin
      packed_bits = 32'd0;
      overflow    = 1'b0;
      underflow   = 1'b0;
    end
    round = {underflow, overflow, sum[63] | exp[11], packed_bits[30:0]};
  endfunction

endpackage
