// Permutations and moves of a 64-byte vector. One stage: operands in the cycle of en_i, result register in the next.
module d1_simd_perm (
  input  logic         clk_i,
  input  logic         en_i,
  input  logic [5:0]   op_i,    // d1_simd_pkg::PERM_*
  input  logic [3:0]   lane_i,
  input  logic [511:0] a_i,
  input  logic [511:0] b_i,     // vs2, or the scalar operand in every lane
  input  logic [511:0] c_i,     // old vd of ins
  output logic [511:0] res_o
);

  always_ff @(posedge clk_i) begin : permute
    logic [255:0]  ha, hb;
    logic [511:0]  r;
    logic [31:0]   word;
    if (en_i) begin
      ha   = op_i[0] ? a_i[511:256] : a_i[255:0];  // zip: odd operations take the high halves
      hb   = op_i[0] ? b_i[511:256] : b_i[255:0];
      r    = a_i;
      word = a_i[{lane_i, 5'd0} +: 32];
      case (op_i)
        d1_simd_pkg::PERM_W:
          for (int i = 0; i < 16; i++) r[32*i +: 32] = a_i[{b_i[32*i +: 4], 5'd0} +: 32];
        d1_simd_pkg::PERM_B:
          for (int i = 0; i < 64; i++) r[8*i +: 8] = a_i[{b_i[8*i +: 6], 3'd0} +: 8];
        d1_simd_pkg::PERM_ZIPLO_B, d1_simd_pkg::PERM_ZIPHI_B:
          for (int i = 0; i < 32; i++) r[16*i +: 16] = {hb[8*i +: 8], ha[8*i +: 8]};
        d1_simd_pkg::PERM_ZIPLO_H, d1_simd_pkg::PERM_ZIPHI_H:
          for (int i = 0; i < 16; i++) r[32*i +: 32] = {hb[16*i +: 16], ha[16*i +: 16]};
        d1_simd_pkg::PERM_ZIPLO_W, d1_simd_pkg::PERM_ZIPHI_W:
          for (int i = 0; i < 8; i++) r[64*i +: 64] = {hb[32*i +: 32], ha[32*i +: 32]};
        d1_simd_pkg::PERM_EXT:    r = 512'({b_i, a_i} >> {lane_i, 5'd0});
        d1_simd_pkg::PERM_BCAST:  r = {16{word}};
        d1_simd_pkg::PERM_COPY_B: r = b_i;
        d1_simd_pkg::PERM_INS: begin
          r = c_i;
          r[{lane_i, 5'd0} +: 32] = b_i[31:0];
        end
        d1_simd_pkg::PERM_TO_X:   r = {448'd0, {32{word[31]}}, word};
        default:                  r = a_i;  // PERM_COPY_A
      endcase
      res_o <= r;
    end
  end

endmodule
