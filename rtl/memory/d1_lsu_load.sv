// Assembles the result of a load from the words that the SRAM delivered in this cycle and those collected before; gives it the
// register layout of its shape. Combinational, quiet without valid_i.
module d1_lsu_load (
  input  logic         valid_i,
  input  logic         first_i,   // nothing was collected before
  input  logic         plain_i,   // pieces are aligned 8-byte words
  input  logic         hi_i,      // the words are the high words of their pieces
  input  logic         upper_i,   // ... of lanes 8..15 (s4)
  input  logic [2:0]   shape_i,   // layout: unit accesses are s8
  input  logic [23:0]  off_i,
  input  logic [31:0]  cnt_i,
  input  logic [511:0] rdata_i,   // 0 in lanes that were not granted
  input  logic [511:0] acc_i,     // pieces collected before; s4: lane l in the low half, lane 8+l in the high half
  output logic [511:0] acc_o,
  output logic [511:0] result_o
);

  always_comb begin : align
    logic [63:0] piece;
    logic [5:0]  shift;
    piece = '0;
    shift = '0;
    acc_o = '0;
    if (valid_i) begin
      if (plain_i) begin
        acc_o = rdata_i;
        if (!first_i) acc_o = acc_i | rdata_i;
      end else begin
        if (!first_i) acc_o = acc_i;
        for (int l = 0; l < 8; l++) begin
          shift = {off_i[3*l +: 3], 3'b0};
          piece = rdata_i[64*l +: 64];
          // The low word gives the bytes from its offset on; the high word follows behind them.
          if (hi_i) piece = piece << (7'd64 - 7'(shift));
          else      piece = piece >> shift;
          piece = piece & (64'hffff_ffff_ffff_ffff >> (7'd64 - {cnt_i[4*l +: 4], 3'b0}));
          if (upper_i) piece = {piece[31:0], 32'b0};
          acc_o[64*l +: 64] = acc_o[64*l +: 64] | piece;
        end
      end
    end
  end

  always_comb begin : layout
    result_o = '0;
    if (valid_i) begin
      unique case (shape_i)
        3'd0: begin   // s4
          for (int r = 0; r < 8; r++) begin
            result_o[32*r +: 32]       = acc_o[64*r +: 32];
            result_o[256 + 32*r +: 32] = acc_o[64*r + 32 +: 32];
          end
        end
        3'd3: for (int r = 0; r < 8; r++) for (int c = 0; c < 8; c++) result_o[8*(8*c + r) +: 8]    = acc_o[8*(8*r + c) +: 8];
        3'd4: for (int r = 0; r < 8; r++) for (int c = 0; c < 4; c++) result_o[16*(8*c + r) +: 16]  = acc_o[16*(4*r + c) +: 16];
        3'd5: for (int r = 0; r < 4; r++) for (int c = 0; c < 8; c++) result_o[16*(4*c + r) +: 16]  = acc_o[16*(8*r + c) +: 16];
        3'd6: for (int r = 0; r < 4; r++) for (int c = 0; c < 4; c++) result_o[32*(4*c + r) +: 32]  = acc_o[32*(4*r + c) +: 32];
        default: result_o = acc_o;
      endcase
    end
  end

endmodule
