// Brings the register of a vector store into the order of the lanes: the inverse of the layouts of d1_lsu_load. Piece l lies in
// bits 64l+63..64l; s4: lane l in the low half, lane 8+l in the high half. Combinational, quiet without valid_i.
module d1_lsu_store (
  input  logic         valid_i,
  input  logic [2:0]   shape_i,   // layout: unit and scalar accesses are s8
  input  logic [511:0] data_i,
  output logic [511:0] pieces_o
);

  always_comb begin : layout
    pieces_o = data_i;
    if (valid_i) begin
      unique case (shape_i)
        3'd0: begin   // s4
          for (int r = 0; r < 8; r++) begin
            pieces_o[64*r +: 32]      = data_i[32*r +: 32];
            pieces_o[64*r + 32 +: 32] = data_i[256 + 32*r +: 32];
          end
        end
        3'd3: for (int r = 0; r < 8; r++) for (int c = 0; c < 8; c++) pieces_o[8*(8*r + c) +: 8]    = data_i[8*(8*c + r) +: 8];
        3'd4: for (int r = 0; r < 8; r++) for (int c = 0; c < 4; c++) pieces_o[16*(4*r + c) +: 16]  = data_i[16*(8*c + r) +: 16];
        3'd5: for (int r = 0; r < 4; r++) for (int c = 0; c < 8; c++) pieces_o[16*(8*r + c) +: 16]  = data_i[16*(4*c + r) +: 16];
        3'd6: for (int r = 0; r < 4; r++) for (int c = 0; c < 4; c++) pieces_o[32*(4*r + c) +: 32]  = data_i[32*(4*c + r) +: 32];
        default: pieces_o = data_i;
      endcase
    end
  end

endmodule
