// Decoding and encoding of the number formats (docs/numerics.md, sections 1 and 2), as functions of one element.
// Everything that differs between formats stands in the tables at the top.
//
// An unpacked element is a 64-bit word:
//   23:0 significand, leading bit set (0 for zero, Inf and NaN)   33:24 exponent, signed: value = significand * 2^(e-23)
//   34 sign   35 zero   36 Inf   37 NaN   38 signaling   39 subnormal encoding
package d1_convert_pkg;

  // Kinds, as in d1_pkg (packages do not refer to each other: the synthesis tool refuses it).
  localparam logic [3:0] FP32 = 4'd0, BF16 = 4'd1, CF8_143 = 4'd2, CF8_152 = 4'd3, SHP = 4'd4, UHP = 4'd5;

  // Bits of the mantissa.
  function automatic logic [4:0] mantissa_bits(input logic [3:0] kind);
    case (kind)
      BF16:    mantissa_bits = 5'd7;
      CF8_143: mantissa_bits = 5'd3;
      CF8_152: mantissa_bits = 5'd2;
      SHP:     mantissa_bits = 5'd10;
      UHP:     mantissa_bits = 5'd10;
      default: mantissa_bits = 5'd23;
    endcase
  endfunction

  // Bytes of an element: 1, 2 or 4.
  function automatic logic [2:0] size(input logic [3:0] kind);
    case (kind)
      FP32:             size = 3'd4;
      CF8_143, CF8_152: size = 3'd1;
      default:          size = 3'd2;
    endcase
  endfunction

  function automatic logic is_fp32(input logic [3:0] kind);
    is_fp32 = kind == FP32;
  endfunction

  // Formats without Inf and NaN.
  function automatic logic clamping(input logic [3:0] kind);
    clamping = kind == CF8_143 || kind == CF8_152 || kind == SHP;
  endfunction

  // The bias in force.
  function automatic logic [6:0] bias(input logic [15:0] desc);
    case (desc[3:0])
      CF8_143, CF8_152, SHP: bias = {1'b0, desc[9:4]};
      UHP:                   bias = 7'd31;
      default:               bias = 7'd127;
    endcase
  endfunction

  // Subnormal encodings weigh 2^(1-bias): not for `printed`, nor for uhp, which has none.
  function automatic logic gradual(input logic [15:0] desc);
    gradual = clamping(desc[3:0]) ? desc[11] : desc[3:0] != UHP;
  endfunction

  // The code, without sign, of the virtual point above the largest magnitude: Inf where there is one.
  function automatic logic [30:0] virtual_code(input logic [3:0] kind);
    case (kind)
      BF16:             virtual_code = 31'h7F80;
      CF8_143, CF8_152: virtual_code = 31'h80;
      SHP:              virtual_code = 31'h8000;
      UHP:              virtual_code = 31'hFC00;
      default:          virtual_code = 31'h7F80_0000;
    endcase
  endfunction

  // Canonical NaN, or the largest magnitude of a format that has none.
  function automatic logic [30:0] nan_code(input logic [3:0] kind);
    case (kind)
      BF16:             nan_code = 31'h7FC0;
      CF8_143, CF8_152: nan_code = 31'h7F;
      SHP:              nan_code = 31'h7FFF;
      UHP:              nan_code = 31'hFE00;
      default:          nan_code = 31'h7FC0_0000;
    endcase
  endfunction

  // The lowest bits of `code` as an unpacked element.
  function automatic logic [63:0] decode(input logic [31:0] code, input logic [15:0] desc);
    logic        sign, top, special, sub;
    logic [7:0]  field;
    logic [22:0] fraction;
    logic [9:0]  exponent;
    logic [4:0]  zeros;
    logic [23:0] y;
    case (desc[3:0])
      BF16:    {sign, field, fraction} = {code[15:0], 16'd0};
      CF8_143: {sign, field, fraction} = {code[7], 4'd0, code[6:3], code[2:0], 20'd0};
      CF8_152: {sign, field, fraction} = {code[7], 3'd0, code[6:2], code[1:0], 21'd0};
      SHP:     {sign, field, fraction} = {code[15], 3'd0, code[14:10], code[9:0], 13'd0};
      UHP:     {sign, field, fraction} = {1'b0, 2'd0, code[15:10], code[9:0], 13'd0};
      default: {sign, field, fraction} = code;
    endcase
    top      = desc[3:0] == UHP ? field == 8'd63 : !clamping(desc[3:0]) && field == 8'd255;
    special  = 1'b0;
    sub      = field == 8'd0 && fraction != 23'd0;
    exponent = {2'd0, field} - {3'd0, bias(desc)};
    y        = {1'b1, fraction};
    if (field == 8'd0) begin
      special = fraction == 23'd0 || desc[3:0] == UHP;
      y       = {1'b0, fraction};
      zeros   = 5'd0;
      if (y[23:8] == 16'd0) begin zeros = zeros | 5'd16; y = y << 16; end
      if (y[23:16] == 8'd0) begin zeros = zeros | 5'd8;  y = y << 8;  end
      if (y[23:20] == 4'd0) begin zeros = zeros | 5'd4;  y = y << 4;  end
      if (y[23:22] == 2'd0) begin zeros = zeros | 5'd2;  y = y << 2;  end
      if (!y[23])           begin zeros = zeros | 5'd1;  y = y << 1;  end
      exponent = exponent + {9'd0, gradual(desc)} - {5'd0, zeros};
    end
    if (special || top) y = 24'd0;
    decode = {24'd0, sub, top && fraction != 23'd0 && !fraction[22], top && fraction != 23'd0,
              top && fraction == 23'd0, special, sign, exponent, y};
  endfunction

  // Encoding, first step: where a finite non-zero element lies on the destination's grid. Result (80 bits):
  //   26:0 distance above the lower neighbour in 2^-16 of the code's last place (floor)   27 sticky below that
  //   28 the neighbours enclose the hole of `printed`   29 of uhp   30 magnitude below the smallest normal
  //   62:32 code of the lower neighbour, without sign
  function automatic logic [63:0] locate(input logic [63:0] element, input logic [15:0] desc);
    logic [4:0]         m;
    logic signed [10:0] field;     // exponent field that a normal would have
    logic signed [10:0] base;
    logic [10:0]        shift;
    logic [63:0]        scaled, units;  // 40 bits
    logic               sticky, below, hole, hole_uhp;
    logic [26:0]        distance;
    logic [30:0]        lower, largest_sub;
    m        = mantissa_bits(desc[3:0]);
    field    = $signed({element[33], element[33:24]}) + $signed({4'd0, bias(desc)});
    below    = field <= 11'sd0;
    base     = below ? 11'sd0 : field - 11'sd1;
    // Units of the last place: 2^(e-M); below the normals 2^(1-bias-M), `printed` 2^(-bias-M); uhp 2^(1-bias).
    shift    = 11'd23 - {6'd0, m};
    if (below) begin
      shift  = shift + 11'd1 - field - {10'd0, !gradual(desc) && desc[3:0] != UHP};
      if (desc[3:0] == UHP) shift = shift + {6'd0, m};
    end
    if (shift > 11'd63) shift = 11'd63;
    units    = {24'd0, element[23:0], 16'd0};
    scaled   = units >> shift[5:0];
    sticky   = (scaled << shift[5:0]) != units;
    lower    = (31'(base) << m) + {7'd0, scaled[39:16]};
    distance = {11'd0, scaled[15:0]};
    hole_uhp = below && desc[3:0] == UHP;
    // Above the largest subnormal of `printed`: the next grid point is the smallest normal, 2^M + 1 units up.
    largest_sub = (31'd1 << m) - 31'd1;
    hole     = 1'b0;
    if (below && !gradual(desc) && !hole_uhp && lower >= largest_sub) begin
      distance = scaled[26:0] - {largest_sub[10:0], 16'd0};
      lower    = largest_sub;
      hole     = distance != 27'd0 || sticky;
    end
    locate = {1'b0, lower, 1'b0, below, hole_uhp, hole, sticky, distance};
  endfunction

  // Encoding, second step: round, clamp, special operands. {flags[3:0], code[31:0]}
  function automatic logic [35:0] round(input logic [15:0] tags, input logic [63:0] place, input logic [15:0] desc,
                                        input logic [15:0] random);
    // tags: bits 39:34 of the unpacked element in 5:0
    logic [3:0]  kind;
    logic [26:0] distance;
    logic [27:0] ceiling;
    logic [26:0] gap;
    logic        up, sign, invalid, overflow, underflow;
    logic [30:0] code;
    kind      = desc[3:0];
    distance  = place[26:0];
    ceiling   = {1'b0, distance} + 28'(place[27]);
    sign      = tags[0];
    invalid   = 1'b0;
    overflow  = 1'b0;
    underflow = 1'b0;
    up        = 1'b0;
    code      = 31'd0;
    gap       = 27'd0;
    if (tags[5:1] == 5'd0 || tags[5:1] == 5'b10000) begin  // finite, not zero
      // R * gap < distance * 2^16 on exact values: an integer is below x exactly if it is below ceil(x).
      if (place[28]) begin
        gap = 27'd1 | (27'd1 << mantissa_bits(kind));
        up  = desc[10] ? {1'b0, 27'(random) + (27'(random) << mantissa_bits(kind))} < ceiling
                       : {distance, 1'b0} >= {1'b0, gap[10:0], 16'd0};  // the upper code is even
      end else begin
        up  = desc[10] ? {12'd0, random} < ceiling
                       : distance[15] && (distance[14:0] != 15'd0 || place[27] || place[32]);
      end
      code      = place[62:32] + (up ? (place[29] ? 31'h400 : 31'd1) : 31'd0);
      underflow = place[30] && (distance != 27'd0 || place[27]);
      if (code >= virtual_code(kind)) begin
        overflow = 1'b1;
        code     = clamping(kind) ? nan_code(kind) : virtual_code(kind);
      end
      if (kind == UHP && sign) begin
        code      = nan_code(kind);
        invalid   = 1'b1;
        overflow  = 1'b0;
        underflow = 1'b0;
      end
    end else if (tags[3]) begin  // NaN
      code    = nan_code(kind);
      invalid = clamping(kind) || tags[4];
      sign    = sign && clamping(kind);
    end else if (tags[2]) begin  // Inf
      invalid = clamping(kind) || (kind == UHP && sign);
      code    = invalid ? nan_code(kind) : virtual_code(kind);
    end
    case (size(kind))
      3'd1:    round = {underflow, overflow, tags[5], invalid, 24'd0, sign, code[6:0]};
      3'd2:    round = {underflow, overflow, tags[5], invalid, 16'd0, kind == UHP ? code[15] : sign, code[14:0]};
      default: round = {underflow, overflow, tags[5], invalid, sign, code};
    endcase
  endfunction

endpackage
