// FP32 fused multiply-adds, one a lane: (-1)^neg_p a*b + (-1)^neg_c c, IEEE 754 binary32, nearest-even (docs/numerics.md,
// section 4). Also integer to FP32, which enters behind the multiplier. Latency 3 (E1, E2, E3), one vector a cycle;
// operands in the cycle of en_i, result register in res_o three cycles later. Registers hold when unused.
//
//   E1  unpack (subnormals normalised), multiply, compare exponents
//   E2  align the smaller term, add, magnitude
//   E3  normalise, round, pack
//
// The sum lives in 64 bits. The term with the larger exponent stands with its leading bit at 60 (a product may have it at
// 59), with at least 13 zero bits below; the other is shifted right, lost bits jammed into bit 0. Bits are lost only if
// the shift exceeds the zeros below it: 13 for a product below an addend, 37 for an addend below a product. Then at
// most one bit cancels, and rounding to odd at bit 0 is far below the rounding position: exact.
module d1_fp32_fma #(
  parameter int unsigned Lanes = 16
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                en_i,
  input  logic                neg_p_i,
  input  logic                neg_c_i,
  input  logic                mul_i,       // no addend: c counts as a zero with the product's sign
  input  logic                add_i,       // no multiplication: b is 1.0
  input  logic                from_int_i,  // a is an integer
  input  logic                from_uint_i, // ... unsigned
  input  logic [32*Lanes-1:0] a_i,
  input  logic [32*Lanes-1:0] b_i,
  input  logic [32*Lanes-1:0] c_i,
  output logic [32*Lanes-1:0] res_o,
  output logic [3:0]          flags_o
);

  // Words of 32 or 64 bits a lane, whatever they use, because a simulator accesses aligned words fastest; constant bits
  // cost no hardware.
  logic                e2_valid_q, e3_valid_q;
  logic [64*Lanes-1:0] e2_prod_q;   // 48 bits
  logic [32*Lanes-1:0] e2_addend_q; // 24 bits
  logic [32*Lanes-1:0] e2_meta_q;   // {addend is larger, shift[5:0], NaN, Inf, addend's sign, product's sign, exponent[11:0]}
  logic [3:0]          e2_flags_q;
  logic [64*Lanes-1:0] e3_sum_q;    // magnitude, 62 bits
  logic [32*Lanes-1:0] e3_meta_q;   // {NaN, Inf, sign, exponent[11:0]}
  logic [3:0]          e3_flags_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin : valids
    if (!rst_ni) begin
      e2_valid_q <= 1'b0;
      e3_valid_q <= 1'b0;
    end else begin
      e2_valid_q <= en_i;
      e3_valid_q <= e2_valid_q;
    end
  end

  // E1
  always_ff @(posedge clk_i) begin : e1
    logic [31:0]        a, b, c;
    logic [35:0]        ua, ub, uc;
    logic signed [11:0] exp_p, exp_c, diff;
    logic               sign_p, sign_c, nan, inf, addend_larger;
    logic               inf_p, inf_c, bad;
    logic [5:0]         shift;
    logic [3:0]         flags;
    if (en_i && !from_int_i) begin
      flags = 4'd0;
      for (int i = 0; i < Lanes; i++) begin
        a      = a_i[32*i +: 32];
        b      = add_i ? d1_fp32_pkg::ONE : b_i[32*i +: 32];
        c      = mul_i ? 32'd0 : c_i[32*i +: 32];
        sign_p = a[31] ^ b[31] ^ neg_p_i;
        sign_c = mul_i ? sign_p : c[31] ^ neg_c_i;
        ua     = d1_fp32_pkg::unpack(a[30:0]);
        ub     = d1_fp32_pkg::unpack(b[30:0]);
        uc     = d1_fp32_pkg::unpack(c[30:0]);
        // Exponents of bit 60: a product's leading bit is there or one below, an addend's is there.
        exp_p         = $signed(ua[35:24]) + $signed(ub[35:24]) - 12'sd126;
        exp_c         = $signed(uc[35:24]);
        diff          = exp_p - exp_c;
        addend_larger = diff < 12'sd0;
        if (addend_larger) diff = -diff;
        shift         = diff > 12'sd63 ? 6'd63 : diff[5:0];
        nan = 1'b0;
        inf = 1'b0;
        if (a[30:23] == 8'hFF || b[30:23] == 8'hFF || c[30:23] == 8'hFF) begin
          inf_p = a[30:0] == d1_fp32_pkg::INF_MAG || b[30:0] == d1_fp32_pkg::INF_MAG;
          inf_c = c[30:0] == d1_fp32_pkg::INF_MAG;
          nan   = d1_fp32_pkg::is_nan(a) || d1_fp32_pkg::is_nan(b) || d1_fp32_pkg::is_nan(c);
          // 0 * Inf is invalid even if the addend is NaN; Inf - Inf only where no operand is.
          bad   = (a[30:0] == d1_fp32_pkg::INF_MAG && b[30:0] == 31'd0) ||
                  (b[30:0] == d1_fp32_pkg::INF_MAG && a[30:0] == 31'd0) ||
                  (inf_p && inf_c && sign_p != sign_c && !nan);
          if (bad || d1_fp32_pkg::is_snan(a) || d1_fp32_pkg::is_snan(b) || d1_fp32_pkg::is_snan(c))
            flags = flags | d1_fp32_pkg::INVALID;
          nan   = nan || bad;
          inf   = !nan;
          sign_p = inf_p ? sign_p : sign_c;
        end
        if ((ua[23:0] != 24'd0 && a[30:23] == 8'd0) || (ub[23:0] != 24'd0 && b[30:23] == 8'd0) ||
            (uc[23:0] != 24'd0 && c[30:23] == 8'd0))
          flags = flags | d1_fp32_pkg::DENORMAL;
        e2_prod_q[64*i +: 64]   <= {16'd0, 48'(ua[23:0]) * 48'(ub[23:0])};
        e2_addend_q[32*i +: 32] <= {8'd0, uc[23:0]};
        e2_meta_q[32*i +: 32]   <= {9'd0, addend_larger, shift, nan, inf, sign_c, sign_p, addend_larger ? exp_c : exp_p};
      end
      e2_flags_q <= flags;
    end else if (en_i) begin
      // |integer| as a product whose bit 47 weighs 2^31.
      for (int i = 0; i < Lanes; i++) begin
        a      = a_i[32*i +: 32];
        sign_p = a[31] && !from_uint_i;
        if (sign_p) a = -a;
        e2_prod_q[64*i +: 64]   <= {16'd0, a, 16'd0};
        e2_addend_q[32*i +: 32] <= 32'd0;
        e2_meta_q[32*i +: 32]   <= {16'd0, 2'b00, sign_p, sign_p, 12'd158};
      end
      e2_flags_q <= 4'd0;
    end
  end

  // E2
  always_ff @(posedge clk_i) begin : e2
    logic [31:0] meta;
    logic [63:0] product, addend, big, little, sum;
    logic        sign;
    if (e2_valid_q) begin
      for (int i = 0; i < Lanes; i++) begin
        meta    = e2_meta_q[32*i +: 32];
        product = e2_prod_q[64*i +: 64] << 13;
        addend  = {32'd0, e2_addend_q[32*i +: 32]} << 37;
        big   = meta[22] ? addend : product;
        little   = d1_fp32_pkg::shift_jam(meta[22] ? product : addend, meta[21:16]);
        sum     = meta[12] != meta[13] ? big - little : big + little;
        sign    = meta[22] ? meta[13] : meta[12];
        if (sum[63]) begin  // possible only where nothing was lost
          sum  = -sum;
          sign = !sign;
        end
        // A zero sum is negative only if both terms are; an Inf took its sign from the product's place.
        if (sum == 64'd0) sign = meta[12] && meta[13];
        if (meta[14]) sign = meta[12];
        e3_sum_q[64*i +: 64]  <= sum;
        e3_meta_q[32*i +: 32] <= {17'd0, meta[15:14], sign, meta[11:0]};
      end
      e3_flags_q <= e2_flags_q;
    end
  end

  // E3
  always_ff @(posedge clk_i) begin : e3
    logic [31:0]        meta, code;
    logic [63:0]        sum, kept;
    logic [5:0]         zeros;
    logic signed [11:0] exponent;
    logic               up, inexact, tiny;
    logic [3:0]         flags;
    if (e3_valid_q) begin
      flags = e3_flags_q;
      for (int i = 0; i < Lanes; i++) begin
        meta     = e3_meta_q[32*i +: 32];
        sum      = e3_sum_q[64*i +: 64];
        zeros    = d1_fp32_pkg::clz64(sum);
        sum      = sum << zeros;  // leading bit at 63
        exponent = $signed(meta[11:0]) + 12'sd3 - $signed({6'd0, zeros});
        kept     = sum;
        tiny     = 1'b0;
        if (exponent <= 12'sd0) begin
          // Tiny after rounding: unless rounding to 24 bits, the exponent unbounded, reaches 2^-126.
          tiny     = !(exponent == 12'sd0 && (&sum[63:39]));
          kept     = d1_fp32_pkg::shift_jam(sum, exponent < -12'sd62 ? 6'd63 : 6'(12'sd1 - exponent));
          exponent = 12'sd1;
        end
        up      = kept[39] && (kept[38:0] != 39'd0 || kept[40]);
        inexact = kept[39:0] != 40'd0;
        // The leading bit, and the carry of rounding, count the exponent up.
        code    = {exponent[8:0] - 9'd1, 23'd0} + {8'd0, kept[63:40]} + 32'(up);
        if (meta[14] || meta[13]) begin
          code  = meta[14] ? d1_fp32_pkg::CANONICAL_NAN : {meta[12], d1_fp32_pkg::INF_MAG};
        end else if (sum == 64'd0) begin
          code  = {meta[12], 31'd0};
        end else if (code >= {1'b0, d1_fp32_pkg::INF_MAG}) begin
          code  = {meta[12], d1_fp32_pkg::INF_MAG};
          flags = flags | d1_fp32_pkg::OVERFLOW;
        end else begin
          code  = {meta[12], code[30:0]};
          if (tiny && inexact) flags = flags | d1_fp32_pkg::UNDERFLOW;
        end
        res_o[32*i +: 32] <= code;
      end
      flags_o <= flags;
    end
  end

endmodule
