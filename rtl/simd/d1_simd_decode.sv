// Instruction to class, operation and operand choice of the SIMD unit. Combinational; all outputs 0 while en_i is low.
//
// One pattern an item, never a list: of a list of named patterns Yosys 0.23 honours the wildcards of the first only, without a
// warning.

module d1_simd_decode (
  input  logic        en_i,
  input  logic [31:0] insn_i,
  output logic [4:0]  class_o,       // one-hot, d1_simd_pkg::CLASS_*
  output logic [5:0]  op_o,          // d1_simd_pkg::{FMA,FP,INT,PERM}_*
  output logic [1:0]  kind_o,        // d1_simd_pkg::RES_*
  output logic        lane_o,        // first operand: lane insn[28:25] of vs1 in every lane
  output logic        red_o,         // dv.fredsum
  output logic        imm_o,         // second operand: immediate
  output logic        scalar_o,      // second operand: scalar register
  output logic        from_tile_o,   // source is the tile row pair in fp32
  output logic        to_tile_o      // destination is the tile row pair in fp32
);


  // Classes one-hot, and the bits of CLASS_FMA's operations, as words.
  localparam logic [4:0] FMA  = 5'd1 << d1_simd_pkg::CLASS_FMA;
  localparam logic [4:0] FP   = 5'd1 << d1_simd_pkg::CLASS_FP;
  localparam logic [4:0] INT  = 5'd1 << d1_simd_pkg::CLASS_INT;
  localparam logic [4:0] PERM = 5'd1 << d1_simd_pkg::CLASS_PERM;
  localparam logic [4:0] CVT  = 5'd1 << d1_simd_pkg::CLASS_CVT;
  localparam logic [5:0] ACC       = 6'd0;
  localparam logic [5:0] NEG_P     = 6'd1 << d1_simd_pkg::FMA_NEG_P;
  localparam logic [5:0] NEG_C     = 6'd1 << d1_simd_pkg::FMA_NEG_C;
  localparam logic [5:0] MUL       = 6'd1 << d1_simd_pkg::FMA_MUL;
  localparam logic [5:0] ADD       = 6'd1 << d1_simd_pkg::FMA_ADD;
  localparam logic [5:0] FROM_INT  = 6'd1 << d1_simd_pkg::FMA_FROM_INT;
  localparam logic [5:0] FROM_UINT = 6'd1 << d1_simd_pkg::FMA_FROM_UINT;

  always_comb begin
    class_o     = 5'd0;
    op_o        = 6'd0;
    kind_o      = d1_simd_pkg::RES_VREG;
    lane_o      = 1'b0;
    red_o       = 1'b0;
    imm_o       = 1'b0;
    scalar_o    = 1'b0;
    from_tile_o = 1'b0;
    to_tile_o   = 1'b0;
    if (en_i) begin
      casez (insn_i)
        d1_opcodes_pkg::OP_DV_FMACC_L:   begin class_o = FMA; op_o = ACC; lane_o = 1'b1; end
        d1_opcodes_pkg::OP_DV_FMACC:     begin class_o = FMA; op_o = ACC; end
        d1_opcodes_pkg::OP_DV_FADD:      begin class_o = FMA; op_o = ADD; end
        d1_opcodes_pkg::OP_DV_FSUB:      begin class_o = FMA; op_o = ADD | NEG_C; end
        d1_opcodes_pkg::OP_DV_FMUL:      begin class_o = FMA; op_o = MUL; end
        d1_opcodes_pkg::OP_DV_FNMACC:    begin class_o = FMA; op_o = NEG_P | NEG_C; end
        d1_opcodes_pkg::OP_DV_FMSAC:     begin class_o = FMA; op_o = NEG_C; end
        d1_opcodes_pkg::OP_DV_FNMSAC:    begin class_o = FMA; op_o = NEG_P; end
        d1_opcodes_pkg::OP_DV_FNMSAC_L:  begin class_o = FMA; op_o = NEG_P; lane_o = 1'b1; end
        d1_opcodes_pkg::OP_DV_FMUL_L:    begin class_o = FMA; op_o = MUL; lane_o = 1'b1; end
        d1_opcodes_pkg::OP_DV_FADD_L:    begin class_o = FMA; op_o = ADD; lane_o = 1'b1; end
        d1_opcodes_pkg::OP_DV_FREDSUM:   begin class_o = FMA; op_o = ADD; red_o = 1'b1; end
        d1_opcodes_pkg::OP_DV_FCVT_S_W:  begin class_o = FMA; op_o = FROM_INT; end
        d1_opcodes_pkg::OP_DV_FCVT_S_WU: begin class_o = FMA; op_o = FROM_INT | FROM_UINT; end

        d1_opcodes_pkg::OP_DM_MV_V_T: begin class_o = CVT; op_o = 6'd0; from_tile_o = 1'b1; end
        d1_opcodes_pkg::OP_DM_MV_T_V: begin class_o = CVT; op_o = 6'd0; to_tile_o = 1'b1; kind_o = d1_simd_pkg::RES_TILE; end
        d1_opcodes_pkg::OP_DV_CVT:    begin class_o = CVT; op_o = 6'd0; end

        d1_opcodes_pkg::OP_DV_FMIN:          begin class_o = FP; op_o = d1_simd_pkg::FP_MIN; end
        d1_opcodes_pkg::OP_DV_FMAX:          begin class_o = FP; op_o = d1_simd_pkg::FP_MAX; end
        d1_opcodes_pkg::OP_DV_FEQ:           begin class_o = FP; op_o = d1_simd_pkg::FP_EQ; end
        d1_opcodes_pkg::OP_DV_FLT:           begin class_o = FP; op_o = d1_simd_pkg::FP_LT; end
        d1_opcodes_pkg::OP_DV_FLE:           begin class_o = FP; op_o = d1_simd_pkg::FP_LE; end
        d1_opcodes_pkg::OP_DV_FSGNJ:         begin class_o = FP; op_o = d1_simd_pkg::FP_SGNJ; end
        d1_opcodes_pkg::OP_DV_FSGNJN:        begin class_o = FP; op_o = d1_simd_pkg::FP_SGNJN; end
        d1_opcodes_pkg::OP_DV_FSGNJX:        begin class_o = FP; op_o = d1_simd_pkg::FP_SGNJX; end
        d1_opcodes_pkg::OP_DV_FCVT_W_S:      begin class_o = FP; op_o = d1_simd_pkg::FP_TO_INT; end
        d1_opcodes_pkg::OP_DV_FCVT_WU_S:     begin class_o = FP; op_o = d1_simd_pkg::FP_TO_UINT; end
        d1_opcodes_pkg::OP_DV_FCVT_W_S_RTZ:  begin class_o = FP; op_o = d1_simd_pkg::FP_TO_INT_RTZ; end
        d1_opcodes_pkg::OP_DV_FCVT_WU_S_RTZ: begin class_o = FP; op_o = d1_simd_pkg::FP_TO_UINT_RTZ; end
        d1_opcodes_pkg::OP_DV_FREC7:         begin class_o = FP; op_o = d1_simd_pkg::FP_REC7; end
        d1_opcodes_pkg::OP_DV_FRSQRT7:       begin class_o = FP; op_o = d1_simd_pkg::FP_RSQRT7; end
        d1_opcodes_pkg::OP_DV_FREDMIN:       begin class_o = FP; op_o = d1_simd_pkg::FP_REDMIN; end
        d1_opcodes_pkg::OP_DV_FREDMAX:       begin class_o = FP; op_o = d1_simd_pkg::FP_REDMAX; end

        d1_opcodes_pkg::OP_DV_ADD:     begin class_o = INT; op_o = d1_simd_pkg::INT_ADD; end
        d1_opcodes_pkg::OP_DV_SUB:     begin class_o = INT; op_o = d1_simd_pkg::INT_SUB; end
        d1_opcodes_pkg::OP_DV_MUL:     begin class_o = INT; op_o = d1_simd_pkg::INT_MUL; end
        d1_opcodes_pkg::OP_DV_AND:     begin class_o = INT; op_o = d1_simd_pkg::INT_AND; end
        d1_opcodes_pkg::OP_DV_OR:      begin class_o = INT; op_o = d1_simd_pkg::INT_OR; end
        d1_opcodes_pkg::OP_DV_XOR:     begin class_o = INT; op_o = d1_simd_pkg::INT_XOR; end
        d1_opcodes_pkg::OP_DV_SLL:     begin class_o = INT; op_o = d1_simd_pkg::INT_SLL; end
        d1_opcodes_pkg::OP_DV_SRL:     begin class_o = INT; op_o = d1_simd_pkg::INT_SRL; end
        d1_opcodes_pkg::OP_DV_SRA:     begin class_o = INT; op_o = d1_simd_pkg::INT_SRA; end
        d1_opcodes_pkg::OP_DV_MIN:     begin class_o = INT; op_o = d1_simd_pkg::INT_MIN; end
        d1_opcodes_pkg::OP_DV_MAX:     begin class_o = INT; op_o = d1_simd_pkg::INT_MAX; end
        d1_opcodes_pkg::OP_DV_MINU:    begin class_o = INT; op_o = d1_simd_pkg::INT_MINU; end
        d1_opcodes_pkg::OP_DV_MAXU:    begin class_o = INT; op_o = d1_simd_pkg::INT_MAXU; end
        d1_opcodes_pkg::OP_DV_SEQ:     begin class_o = INT; op_o = d1_simd_pkg::INT_SEQ; end
        d1_opcodes_pkg::OP_DV_SLT:     begin class_o = INT; op_o = d1_simd_pkg::INT_SLT; end
        d1_opcodes_pkg::OP_DV_SLTU:    begin class_o = INT; op_o = d1_simd_pkg::INT_SLTU; end
        d1_opcodes_pkg::OP_DV_SEL:     begin class_o = INT; op_o = d1_simd_pkg::INT_SEL; end
        d1_opcodes_pkg::OP_DV_REDSUM:  begin class_o = INT; op_o = d1_simd_pkg::INT_REDSUM; end
        d1_opcodes_pkg::OP_DV_REDMIN:  begin class_o = INT; op_o = d1_simd_pkg::INT_REDMIN; end
        d1_opcodes_pkg::OP_DV_REDMAX:  begin class_o = INT; op_o = d1_simd_pkg::INT_REDMAX; end
        d1_opcodes_pkg::OP_DV_REDMINU: begin class_o = INT; op_o = d1_simd_pkg::INT_REDMINU; end
        d1_opcodes_pkg::OP_DV_REDMAXU: begin class_o = INT; op_o = d1_simd_pkg::INT_REDMAXU; end
        d1_opcodes_pkg::OP_DV_ADDI:    begin class_o = INT; op_o = d1_simd_pkg::INT_ADD; imm_o = 1'b1; end
        d1_opcodes_pkg::OP_DV_ANDI:    begin class_o = INT; op_o = d1_simd_pkg::INT_AND; imm_o = 1'b1; end
        d1_opcodes_pkg::OP_DV_SLLI:    begin class_o = INT; op_o = d1_simd_pkg::INT_SLL; imm_o = 1'b1; end
        d1_opcodes_pkg::OP_DV_SRLI:    begin class_o = INT; op_o = d1_simd_pkg::INT_SRL; imm_o = 1'b1; end
        d1_opcodes_pkg::OP_DV_SRAI:    begin class_o = INT; op_o = d1_simd_pkg::INT_SRA; imm_o = 1'b1; end

        d1_opcodes_pkg::OP_DV_PERM_W:  begin class_o = PERM; op_o = d1_simd_pkg::PERM_W; end
        d1_opcodes_pkg::OP_DV_PERM_B:  begin class_o = PERM; op_o = d1_simd_pkg::PERM_B; end
        d1_opcodes_pkg::OP_DV_ZIPLO_B: begin class_o = PERM; op_o = d1_simd_pkg::PERM_ZIPLO_B; end
        d1_opcodes_pkg::OP_DV_ZIPHI_B: begin class_o = PERM; op_o = d1_simd_pkg::PERM_ZIPHI_B; end
        d1_opcodes_pkg::OP_DV_ZIPLO_H: begin class_o = PERM; op_o = d1_simd_pkg::PERM_ZIPLO_H; end
        d1_opcodes_pkg::OP_DV_ZIPHI_H: begin class_o = PERM; op_o = d1_simd_pkg::PERM_ZIPHI_H; end
        d1_opcodes_pkg::OP_DV_ZIPLO_W: begin class_o = PERM; op_o = d1_simd_pkg::PERM_ZIPLO_W; end
        d1_opcodes_pkg::OP_DV_ZIPHI_W: begin class_o = PERM; op_o = d1_simd_pkg::PERM_ZIPHI_W; end
        d1_opcodes_pkg::OP_DV_EXT_W:   begin class_o = PERM; op_o = d1_simd_pkg::PERM_EXT; end
        d1_opcodes_pkg::OP_DV_BCAST_W: begin class_o = PERM; op_o = d1_simd_pkg::PERM_BCAST; end
        d1_opcodes_pkg::OP_DV_MV_V_V:  begin class_o = PERM; op_o = d1_simd_pkg::PERM_COPY_A; end
        d1_opcodes_pkg::OP_DV_MV_V_X:  begin class_o = PERM; op_o = d1_simd_pkg::PERM_COPY_B; scalar_o = 1'b1; end
        d1_opcodes_pkg::OP_DV_INS_W:   begin class_o = PERM; op_o = d1_simd_pkg::PERM_INS; scalar_o = 1'b1; end
        d1_opcodes_pkg::OP_DV_MV_X_W:  begin class_o = PERM; op_o = d1_simd_pkg::PERM_TO_X; kind_o = d1_simd_pkg::RES_GPR; end

        default: ;  // never issued here
      endcase
    end
  end

endmodule
