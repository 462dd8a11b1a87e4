// FP32 operations that finish within one pipeline stage, and the helpers of the others (docs/numerics.md, section 4).
// Functions, not modules: called in loops inside one enabled always_ff they cost a simulator nothing while idle.
// Results that carry flags are {flags[3:0], lane[31:0]}.
package d1_fp32_pkg;

  localparam logic [31:0] CANONICAL_NAN = 32'h7FC0_0000;
  localparam logic [30:0] INF_MAG       = 31'h7F80_0000;
  localparam logic [31:0] ONE           = 32'h3F80_0000;

  // Flags in the order of d1_pkg::FLAG_*: {Underflow, Overflow, Denormal, Invalid}.
  localparam logic [3:0] INVALID   = 4'b0001;
  localparam logic [3:0] DENORMAL  = 4'b0010;
  localparam logic [3:0] OVERFLOW  = 4'b0100;
  localparam logic [3:0] UNDERFLOW = 4'b1000;

  // Leading zeros of a non-zero value, by binary search (0 gives 63).
  function automatic logic [5:0] clz64(input logic [63:0] x);
    logic [63:0] y;
    logic [5:0]  n;
    n = 6'd0;
    y = x;
    if (y[63:32] == 32'd0) begin n = n | 6'd32; y = y << 32; end
    if (y[63:48] == 16'd0) begin n = n | 6'd16; y = y << 16; end
    if (y[63:56] == 8'd0)  begin n = n | 6'd8;  y = y << 8;  end
    if (y[63:60] == 4'd0)  begin n = n | 6'd4;  y = y << 4;  end
    if (y[63:62] == 2'd0)  begin n = n | 6'd2;  y = y << 2;  end
    if (!y[63]) n = n | 6'd1;
    clz64 = n;
  endfunction

  // x >> n with every lost bit ORed into bit 0 ("rounding to odd"): enough for a later rounding two bits higher up.
  function automatic logic [63:0] shift_jam(input logic [63:0] x, input logic [5:0] n);
    logic [63:0] y;
    y = x >> n;
    shift_jam = y | 64'((y << n) != x);
  endfunction

  // Finite magnitude as {biased exponent (signed, 12 bits), significand (24 bits, leading bit set)}; value is
  // significand * 2^(exponent - 150). Subnormals are normalised, so that later stages see one shape only. Zero gets the
  // exponent -300: below every product and every addend, so that it never anchors a sum, and within 12 bits even as
  // a product of two zeros.
  function automatic logic [35:0] unpack(input logic [30:0] mag);
    logic [5:0] n;
    n = 6'd0;
    if (mag[30:23] != 8'd0) begin
      unpack = {4'd0, mag[30:23], 1'b1, mag[22:0]};
    end else if (mag[22:0] == 23'd0) begin
      unpack = {-12'sd300, 24'd0};
    end else begin
      n = clz64({mag[22:0], 41'd0});
      unpack = {12'd0 - {6'd0, n}, 24'({1'b0, mag[22:0]} << (n + 6'd1))};
    end
  endfunction

  function automatic logic is_nan(input logic [31:0] x);
    is_nan = x[30:0] > INF_MAG;
  endfunction

  function automatic logic is_snan(input logic [31:0] x);
    is_snan = x[30:0] > INF_MAG && !x[22];
  endfunction

  function automatic logic is_subnormal(input logic [31:0] x);
    is_subnormal = x[30:23] == 8'd0 && x[22:0] != 23'd0;
  endfunction

  // Order of two numbers, -0 < +0: sign-magnitude to two's complement without adding the one, which orders alike.
  function automatic logic less_total(input logic [31:0] a, input logic [31:0] b);
    less_total = (a ^ {32{a[31]}} ^ {a[31], 31'd0} ^ 32'h8000_0000) < (b ^ {32{b[31]}} ^ {b[31], 31'd0} ^ 32'h8000_0000);
  endfunction

  // minimumNumber (is_max = 0) or maximumNumber.
  function automatic logic [35:0] minmax(input logic [31:0] a, input logic [31:0] b, input logic is_max);
    logic [3:0] flags;
    flags = 4'd0;
    if (is_snan(a) || is_snan(b)) flags = flags | INVALID;
    if (is_subnormal(a) || is_subnormal(b)) flags = flags | DENORMAL;
    if (is_nan(a) && is_nan(b)) minmax = {flags, CANONICAL_NAN};
    else if (is_nan(a)) minmax = {flags, b};
    else if (is_nan(b)) minmax = {flags, a};
    else minmax = {flags, (less_total(b, a) != is_max) ? b : a};
  endfunction

  // feq (quiet), flt, fle (signaling): a mask lane.
  function automatic logic [35:0] compare(input logic [31:0] a, input logic [31:0] b, input logic want_less,
                                          input logic want_equal);
    logic [3:0] flags;
    logic       zeros, equal, less;
    flags = 4'd0;
    zeros = a[30:0] == 31'd0 && b[30:0] == 31'd0;
    equal = a == b || zeros;
    less  = less_total(a, b) && !zeros;
    if (is_subnormal(a) || is_subnormal(b)) flags = flags | DENORMAL;
    if (is_nan(a) || is_nan(b)) begin
      if (want_less || is_snan(a) || is_snan(b)) flags = flags | INVALID;
      compare = {flags, 32'd0};
    end else begin
      compare = {flags, {32{(want_less && less) || (want_equal && equal)}}};
    end
  endfunction

  // To a saturated 32-bit integer, to nearest-even or toward zero.
  function automatic logic [35:0] to_int(input logic [31:0] a, input logic is_unsigned, input logic rtz);
    logic [63:0] wide, kept;  // wide: 56 bits, the significand with 32 zeros below
    logic [7:0]  shift;       // of wide, so that bit 1 weighs 2^0 and bit 0 is the guard bit
    logic [32:0] magnitude;
    logic        up, sticky;
    logic [3:0]  flags;
    logic [31:0] limit, result;
    flags     = is_subnormal(a) ? DENORMAL : 4'd0;
    limit     = is_unsigned ? (a[31] ? 32'd0 : 32'hFFFF_FFFF) : (a[31] ? 32'h8000_0000 : 32'h7FFF_FFFF);
    wide      = 64'd0;
    kept      = 64'd0;
    shift     = 8'd0;
    magnitude = 33'd0;
    up        = 1'b0;
    sticky    = 1'b0;
    result    = limit;
    if (is_nan(a)) begin
      flags  = flags | INVALID;
      result = is_unsigned ? 32'hFFFF_FFFF : 32'h7FFF_FFFF;
    end else if (a[30:23] >= 8'd127 + 8'd32) begin
      flags  = flags | INVALID;
    end else begin
      wide      = {8'd0, a[30:23] != 8'd0, a[22:0], 32'd0};
      shift     = 8'd127 + 8'd54 - a[30:23];
      if (shift > 8'd63) shift = 8'd63;  // below 2^-9: only the sticky bit is left
      kept      = wide >> shift[5:0];
      sticky    = (kept << shift[5:0]) != wide;
      up        = !rtz && kept[0] && (sticky || kept[1]);
      magnitude = kept[33:1] + 33'(up);
      if (is_unsigned ? (a[31] ? magnitude != 33'd0 : magnitude[32])
                      : (a[31] ? magnitude > 33'h0_8000_0000 : magnitude > 33'h0_7FFF_FFFF)) begin
        flags  = flags | INVALID;
      end else begin
        result = a[31] ? -magnitude[31:0] : magnitude[31:0];
      end
    end
    to_int = {flags, result};
  endfunction

  // Seed tables, eight bits an entry.
  function automatic logic [1023:0] build_rec7(input logic unused);
    for (int i = 0; i < 128; i++) build_rec7[8*i +: 8] = 8'(65536 / (257 + 2 * i));
  endfunction

  // Entry {p, i}: the largest T with T^2 (129 + 2i) 2^p <= 2^23, by binary search.
  function automatic logic [1023:0] build_rsqrt7(input logic unused);
    logic [31:0] t, trial;
    for (int i = 0; i < 128; i++) begin
      t = 32'd0;
      for (int b = 7; b >= 0; b--) begin
        trial = t | (32'd1 << b);
        if (((trial * trial * (32'd129 + 32'd2 * (32'(i) & 32'd63))) << (32'(i) >> 6)) <= 32'd8388608) t = trial;
      end
      build_rsqrt7[8*i +: 8] = t[7:0];
    end
  endfunction

  localparam logic [1023:0] REC7   = build_rec7(1'b0);
  localparam logic [1023:0] RSQRT7 = build_rsqrt7(1'b0);

  // Reciprocal (is_sqrt = 0) or reciprocal square root: T/128 * 2^(r - 127), T with its leading bit set.
  function automatic logic [35:0] seed7(input logic [31:0] a, input logic is_sqrt);
    logic [35:0]        u;
    logic signed [11:0] e, r;
    logic [7:0]         t;
    logic [3:0]         flags;
    u     = unpack(a[30:0]);
    e     = $signed(u[35:24]) - 12'sd127;  // E; p = E mod 2 = its bit 0
    t     = is_sqrt ? RSQRT7[{e[0], u[22:17], 3'd0} +: 8] : REC7[{u[22:16], 3'd0} +: 8];
    r     = 12'sd126 - (is_sqrt ? (e - $signed({11'd0, e[0]})) >>> 1 : e);
    flags = is_subnormal(a) ? DENORMAL : 4'd0;
    if (is_nan(a)) seed7 = {is_snan(a) ? INVALID : 4'd0, CANONICAL_NAN};
    else if (a[30:0] == 31'd0) seed7 = {4'd0, a[31], INF_MAG};
    else if (is_sqrt && a[31]) seed7 = {flags | INVALID, CANONICAL_NAN};
    else if (a[30:0] == INF_MAG) seed7 = {4'd0, a[31], 31'd0};
    else if (r >= 12'sd255) seed7 = {flags | OVERFLOW, a[31], INF_MAG};
    else if (r <= 12'sd0) seed7 = {flags | UNDERFLOW, a[31], 31'd0};
    else seed7 = {flags, a[31], r[7:0], t[6:0], 16'd0};
  endfunction

endpackage
