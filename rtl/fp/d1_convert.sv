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

  logic         e2_valid_q, e3_valid_q, e2_wide_q, e3_wide_q;
  logic [15:0]  e2_desc_q, e3_desc_q;
  logic [1:0]   e2_part_q, e3_part_q;
  logic [511:0] e2_old_q, e3_old_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin : valids
    if (!rst_ni) begin
      e2_valid_q <= 1'b0;
      e3_valid_q <= 1'b0;
    end else begin
      e2_valid_q <= en_i;
      e3_valid_q <= e2_valid_q;
    end
  end

  // E1: the elements that the instruction converts, 32 bits each.
  logic [1023:0] codes;

  always_comb begin : choose
    logic [511:0] src;
    codes = '0;
    src   = '0;
    if (en_i) begin
      // The side with more elements than the instruction converts uses one part of its register.
      src = src_i;
      if (src_size == 3'd1) begin
        if (wide ? part_i[0] : part_i[1]) src = {256'd0, src[511:256]};
        if (!wide && part_i[0])           src = {128'd0, src[511:128]};
      end else if (src_size == 3'd2 && !wide) begin
        if (part_i[0])                    src = {256'd0, src[511:256]};
      end
      case (src_size)
        3'd1:    for (int i = 0; i < 32; i++) codes[32*i +: 32] = {24'd0, src[8*i +: 8]};
        3'd2:    for (int i = 0; i < 32; i++) codes[32*i +: 32] = {16'd0, src[16*i +: 16]};
        default: codes[511:0] = src;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin : e1
    if (en_i) begin
      e2_desc_q <= ddesc_i;
      e2_part_q <= part_i;
      e2_wide_q <= wide;
      if (!dst_size[2]) e2_old_q <= old_i;
    end
  end

  // E2
  always_ff @(posedge clk_i) begin : e2
    if (e2_valid_q) begin
      e3_desc_q <= e2_desc_q;
      e3_part_q <= e2_part_q;
      e3_wide_q <= e2_wide_q;
      e3_old_q  <= e2_old_q;
    end
  end

  // The lanes; those above 16 rest unless the instruction is wide. A simulator is fastest with loops over many lanes,
  // synthesis with one lane that it maps once.
`ifdef SYNTHESIS
  localparam int unsigned LANES = 1;
`else
  localparam int unsigned LANES = 16;
`endif

  logic [2047:0] coded;
  for (genvar s = 0; s < 32/LANES; s++) begin : gen_lanes
    localparam bit LOW = s < 16/LANES;
    d1_convert_lanes #(.Lanes(LANES)) u_lanes (
      .clk_i,
      .en_i      ({e3_valid_q && (LOW || e3_wide_q), e2_valid_q && (LOW || e2_wide_q), en_i && (LOW || wide)}),
      .sdesc_i,
      .e2_desc_i (e2_desc_q),
      .e3_desc_i (e3_desc_q),
      .code_i    (codes[32*LANES*s +: 32*LANES]),
      .random_i  (random_i[16*LANES*s +: 16*LANES]),
      .coded_o   (coded[64*LANES*s +: 64*LANES])
    );
  end

  // E3
  always_ff @(posedge clk_i) begin : e3
    logic [3:0]   flags;
    logic [511:0] out;
    logic [2:0]   bytes;
    if (e3_valid_q) begin
      flags = 4'd0;
      out   = 512'd0;
      bytes = d1_convert_pkg::size(e3_desc_q[3:0]);
      for (int i = 0; i < 32; i++) flags = flags | coded[64*i + 32 +: 4];
      case (bytes)
        3'd1:    for (int i = 0; i < 32; i++) out[8*i +: 8]   = coded[64*i +: 8];
        3'd2:    for (int i = 0; i < 32; i++) out[16*i +: 16] = coded[64*i +: 16];
        default: for (int i = 0; i < 16; i++) out[32*i +: 32] = coded[64*i +: 32];
      endcase
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
