// Format conversion of up to 32 elements, one instruction a cycle, latency 3: operands in the cycle of en_i (E1), result
// register in res_o three cycles later (docs/numerics.md, section 2; element positions: dv.cvt in docs/isa.md).
//
//   E1  decode to sign, exponent, normalised significand
//   E2  find the neighbours on the destination's grid
//   E3  round, clamp, encode, merge into the old register
module d1_convert (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         en_i,
  input  logic [15:0]  sdesc_i,
  input  logic [15:0]  ddesc_i,
  input  logic [1:0]   part_i,
  input  logic [511:0] src_i,
  input  logic [511:0] old_i,
  input  logic [511:0] random_i,  // 16 bits an element, in the cycle of E3; read for stochastic destinations only
  output logic [511:0] res_o,
  output logic [3:0]   flags_o
);

  // 32 elements unless one side is FP32.
  logic [2:0] src_size, dst_size;
  logic       wide;
  assign src_size = d1_convert_pkg::size(sdesc_i[3:0]);
  assign dst_size = d1_convert_pkg::size(ddesc_i[3:0]);
  assign wide     = !src_size[2] && !dst_size[2];

  logic          e2_valid_q, e3_valid_q, e2_wide_q, e3_wide_q;
  logic [15:0]   e2_desc_q, e3_desc_q;
  logic [1:0]    e2_part_q, e3_part_q;
  logic [511:0]  e2_old_q, e3_old_q;
  logic [2047:0] e2_element_q;  // 40 bits of 64 used
  logic [2047:0] e3_place_q;    // 63 bits of 64 used
  logic [511:0]  e3_tags_q;     // 6 bits of 16 used

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
    logic [511:0] src;
    logic [31:0]  code;
    if (en_i) begin
      // The side with more elements than the instruction converts uses one part of its register.
      src = src_i;
      if (src_size == 3'd1) begin
        if (wide ? part_i[0] : part_i[1]) src = {256'd0, src[511:256]};
        if (!wide && part_i[0])           src = {128'd0, src[511:128]};
      end else if (src_size == 3'd2 && !wide) begin
        if (part_i[0])                    src = {256'd0, src[511:256]};
      end
      for (int i = 0; i < 32; i++) begin
        if (i < 16 || wide) begin
          case (src_size)
            3'd1:    code = {24'd0, src[8*i +: 8]};
            3'd2:    code = {16'd0, src[16*i +: 16]};
            default: code = src[32*(i%16) +: 32];
          endcase
          e2_element_q[64*i +: 64] <= d1_convert_pkg::decode(code, sdesc_i);
        end
      end
      e2_desc_q <= ddesc_i;
      e2_part_q <= part_i;
      e2_wide_q <= wide;
      if (!dst_size[2]) e2_old_q <= old_i;
    end
  end

  // E2
  always_ff @(posedge clk_i) begin : e2
    if (e2_valid_q) begin
      for (int i = 0; i < 32; i++) begin
        if (i < 16 || e2_wide_q) begin
          e3_place_q[64*i +: 64] <= d1_convert_pkg::locate(e2_element_q[64*i +: 64], e2_desc_q);
          e3_tags_q[16*i +: 16]  <= {10'd0, e2_element_q[64*i+34 +: 6]};
        end
      end
      e3_desc_q <= e2_desc_q;
      e3_part_q <= e2_part_q;
      e3_wide_q <= e2_wide_q;
      e3_old_q  <= e2_old_q;
    end
  end

  // E3
  always_ff @(posedge clk_i) begin : e3
    logic [35:0]  coded;
    logic [3:0]   flags;
    logic [511:0] out;
    logic [2:0]   bytes;
    if (e3_valid_q) begin
      flags = 4'd0;
      out   = 512'd0;
      bytes = d1_convert_pkg::size(e3_desc_q[3:0]);
      for (int i = 0; i < 32; i++) begin
        if (i < 16 || e3_wide_q) begin
          coded = d1_convert_pkg::round(e3_tags_q[16*i +: 16], e3_place_q[64*i +: 64], e3_desc_q, random_i[16*i +: 16]);
          flags = flags | coded[35:32];
          case (bytes)
            3'd1:    out[8*i +: 8]        = coded[7:0];
            3'd2:    out[16*i +: 16]      = coded[15:0];
            default: out[32*(i%16) +: 32] = coded[31:0];
          endcase
        end
      end
      if (bytes == 3'd1 && !e3_wide_q) begin
        case (e3_part_q)
          2'd0:    res_o <= {e3_old_q[511:128], out[127:0]};
          2'd1:    res_o <= {e3_old_q[511:256], out[127:0], e3_old_q[127:0]};
          2'd2:    res_o <= {e3_old_q[511:384], out[127:0], e3_old_q[255:0]};
          default: res_o <= {out[127:0], e3_old_q[383:0]};
        endcase
      end else if (bytes == 3'd1 || (bytes == 3'd2 && !e3_wide_q)) begin
        res_o <= e3_part_q[0] ? {out[255:0], e3_old_q[255:0]} : {e3_old_q[511:256], out[255:0]};
      end else begin
        res_o <= out;
      end
      flags_o <= flags;
    end
  end

endmodule
