// Address generation and checks of one LSU slot, in the cycle of the request. Combinational, quiet without valid_i.
//
// An access is cut into pieces of at most 8 bytes, one a lane: a scalar access is lane 0; a unit access lanes 0..7; a row of
// 8 bytes one lane, a row of 16 two; the sixteen 4-byte rows of s4 lanes 0..15 (the slot performs lanes 8..15 after 0..7). A
// piece that crosses a word boundary needs its low word and its high word.
//
// Every accessed byte is checked, on 64-bit addresses modulo 2^64; bytes that the padding limits exclude are not.
module d1_lsu_agen (
  input  logic         valid_i,
  input  logic [3:0]   op_i,
  input  logic [2:0]   funct3_i,
  input  logic         unit_i,
  input  logic         indexed_i,
  input  logic [2:0]   shape_i,
  input  logic         pad_i,
  input  logic [4:0]   rows_i,
  input  logic [6:0]   bytes_i,
  input  logic [63:0]  base_i,
  input  logic [63:0]  stride_i,
  input  logic [511:0] index_i,

  output logic         fault_o,
  output logic [5:0]   cause_o,
  output logic [63:0]  tval_o,
  output logic [287:0] word_o,    // lane l: index of the piece's low word, 18l+17..18l
  output logic [47:0]  off_o,     // lane l: the piece's first byte in that word, 3l+2..3l
  output logic [63:0]  cnt_o,     // lane l: bytes of the piece, 0..8, 4l+3..4l
  output logic [15:0]  lo_o,      // lanes that access their low word
  output logic [15:0]  hi_o,      // ... their high word
  output logic         plain_o    // no lane beyond 7, every piece 8 bytes and aligned
);

  localparam logic [63:0] BASE  = d1_pkg::SRAM_BASE;
  localparam logic [63:0] BYTES = 64'(d1_pkg::SRAM_BYTES);

  logic vector, is_store, is_atomic;
  assign vector    = op_i[3];
  assign is_store  = op_i == d1_pkg::LSU_STORE || op_i == d1_pkg::LSU_VSTORE || op_i == d1_pkg::LSU_SC || op_i == d1_pkg::LSU_AMO;
  assign is_atomic = op_i == d1_pkg::LSU_LR || op_i == d1_pkg::LSU_SC || op_i == d1_pkg::LSU_AMO;

  always_comb begin : generate_addresses
    logic [63:0] start;              // offset of row 0 from the start of the SRAM
    logic [63:0] mult [4];           // 0..3 strides
    logic [63:0] quad [4];           // row 0, 4, 8, 12
    logic [63:0] row [16];
    logic [15:0] active;             // rows with an accessed byte
    logic [6:0]  limit;              // bytes of a row (unit, scalar: of the access) that are accessed
    logic [63:0] last;               // highest offset at which such a row fits
    logic        long_row, short_row, misaligned, all_plain;
    logic [20:0] at;
    logic [6:0]  rest;
    logic [3:0]  cnt;

    fault_o = 1'b0;
    cause_o = is_store ? d1_pkg::CAUSE_STORE_ACCESS : d1_pkg::CAUSE_LOAD_ACCESS;
    tval_o  = base_i;
    word_o  = '0;
    off_o   = '0;
    cnt_o   = '0;
    lo_o    = '0;
    hi_o    = '0;
    plain_o = 1'b0;
    start = '0;
    active = '0;
    limit = '0;
    last = '0;
    long_row = 1'b0;
    short_row = 1'b0;
    misaligned = 1'b0;
    all_plain = 1'b1;
    at = '0;
    rest = '0;
    cnt = '0;
    for (int i = 0; i < 4; i++) mult[i] = '0;
    for (int i = 0; i < 4; i++) quad[i] = '0;
    for (int i = 0; i < 16; i++) row[i] = '0;

    if (valid_i) begin
      start = base_i - BASE;

      if (!vector) begin
        limit = 7'd1 << funct3_i[1:0];
      end else begin
        limit = 7'd64;
        if (!unit_i) begin
          // s4 has rows of 4 bytes; s16, t16h, t16w of 16; the others of 8.
          short_row = shape_i == 3'd0;
          long_row  = shape_i == 3'd2 || shape_i == 3'd5 || shape_i == 3'd6;
          limit     = short_row ? 7'd4 : long_row ? 7'd16 : 7'd8;
        end
        if (pad_i && bytes_i < limit) limit = bytes_i;
      end
      last = BYTES - 64'(limit);

      if (!vector || unit_i) begin
        active[0] = limit != '0;
        row[0]    = start;
      end else if (limit != '0) begin
        active = short_row ? 16'hffff : long_row ? 16'h000f : 16'h00ff;
        if (pad_i) begin
          for (int r = 0; r < 16; r++) if (5'(r) >= rows_i) active[r] = 1'b0;
        end
        if (indexed_i) begin
          for (int r = 0; r < 16; r++)
            if (active[r]) row[r] = start + {{32{index_i[32*r + 31]}}, index_i[32*r +: 32]};
        end else begin
          mult[1] = stride_i;
          mult[2] = {stride_i[62:0], 1'b0};
          mult[3] = mult[2] + stride_i;
          quad[0] = start;
          quad[1] = start + {stride_i[61:0], 2'b0};
          if (short_row || !long_row) begin
            quad[2] = start + {stride_i[60:0], 3'b0};
            quad[3] = start + {mult[3][61:0], 2'b0};
          end
          for (int r = 0; r < 16; r++)
            if (active[r]) row[r] = quad[r / 4] + mult[r % 4];
        end
      end

      // ---- Checks: misalignment of atomics comes first, then the first row outside.
      if (is_atomic) misaligned = funct3_i[0] ? base_i[2:0] != '0 : base_i[1:0] != '0;
      if (misaligned) begin
        fault_o = 1'b1;
        cause_o = op_i == d1_pkg::LSU_LR ? d1_pkg::CAUSE_LOAD_MISALIGNED : d1_pkg::CAUSE_STORE_MISALIGNED;
      end else begin
        for (int r = 0; r < 16; r++) begin
          if (active[r] && row[r] > last && !fault_o) begin
            fault_o = 1'b1;
            tval_o  = row[r] + BASE;
          end
        end
      end

      // ---- Pieces.
      for (int l = 0; l < 16; l++) begin
        if (l < 8 || short_row) begin
          cnt = '0;
          at  = '0;
          if (!vector || unit_i) begin
            rest = limit - 7'(8 * l);
            if (limit > 7'(8 * l)) cnt = rest > 7'd8 ? 4'd8 : rest[3:0];
            at = start[20:0] + 21'(8 * l);
          end else if (long_row) begin
            rest = limit - 7'd8;
            if (active[l / 2]) begin
              if (l % 2 == 0) cnt = limit > 7'd8 ? 4'd8 : limit[3:0];
              else if (limit > 7'd8) cnt = rest[3:0];
            end
            at = row[l / 2][20:0] + 21'(8 * (l % 2));
          end else begin
            if (active[l]) cnt = limit[3:0];
            at = row[l][20:0];
          end
          word_o[18*l +: 18] = at[20:3];
          off_o[3*l +: 3]    = at[2:0];
          cnt_o[4*l +: 4]    = cnt;
          lo_o[l]            = cnt != '0;
          hi_o[l]            = 5'(at[2:0]) + 5'(cnt) > 5'd8;
          if (at[2:0] != '0 || cnt != 4'd8) all_plain = 1'b0;
        end
      end
      plain_o = all_plain && !short_row;
    end
  end

endmodule
