// Instruction to class, operation and operand choice of the SIMD unit. Combinational; all outputs 0 while en_i is low.
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
      // Class
      casez (insn_i)
        d1_opcodes_pkg::OP_DV_FADD, d1_opcodes_pkg::OP_DV_FSUB, d1_opcodes_pkg::OP_DV_FMUL,
        d1_opcodes_pkg::OP_DV_FMACC, d1_opcodes_pkg::OP_DV_FNMACC, d1_opcodes_pkg::OP_DV_FMSAC,
        d1_opcodes_pkg::OP_DV_FNMSAC, d1_opcodes_pkg::OP_DV_FMACC_L, d1_opcodes_pkg::OP_DV_FNMSAC_L,
        d1_opcodes_pkg::OP_DV_FMUL_L, d1_opcodes_pkg::OP_DV_FADD_L, d1_opcodes_pkg::OP_DV_FREDSUM,
        d1_opcodes_pkg::OP_DV_FCVT_S_W, d1_opcodes_pkg::OP_DV_FCVT_S_WU: begin
          class_o[d1_simd_pkg::CLASS_FMA] = 1'b1;
          casez (insn_i)
            d1_opcodes_pkg::OP_DV_FADD:     op_o[d1_simd_pkg::FMA_ADD] = 1'b1;
            d1_opcodes_pkg::OP_DV_FSUB: begin
              op_o[d1_simd_pkg::FMA_ADD]   = 1'b1;
              op_o[d1_simd_pkg::FMA_NEG_C] = 1'b1;
            end
            d1_opcodes_pkg::OP_DV_FMUL:     op_o[d1_simd_pkg::FMA_MUL] = 1'b1;
            d1_opcodes_pkg::OP_DV_FNMACC: begin
              op_o[d1_simd_pkg::FMA_NEG_P] = 1'b1;
              op_o[d1_simd_pkg::FMA_NEG_C] = 1'b1;
            end
            d1_opcodes_pkg::OP_DV_FMSAC:    op_o[d1_simd_pkg::FMA_NEG_C] = 1'b1;
            d1_opcodes_pkg::OP_DV_FNMSAC:   op_o[d1_simd_pkg::FMA_NEG_P] = 1'b1;
            d1_opcodes_pkg::OP_DV_FMACC_L:  lane_o = 1'b1;
            d1_opcodes_pkg::OP_DV_FNMSAC_L: begin
              lane_o = 1'b1;
              op_o[d1_simd_pkg::FMA_NEG_P] = 1'b1;
            end
            d1_opcodes_pkg::OP_DV_FMUL_L: begin
              lane_o = 1'b1;
              op_o[d1_simd_pkg::FMA_MUL] = 1'b1;
            end
            d1_opcodes_pkg::OP_DV_FADD_L: begin
              lane_o = 1'b1;
              op_o[d1_simd_pkg::FMA_ADD] = 1'b1;
            end
            d1_opcodes_pkg::OP_DV_FREDSUM: begin
              red_o = 1'b1;
              op_o[d1_simd_pkg::FMA_ADD] = 1'b1;
            end
            d1_opcodes_pkg::OP_DV_FCVT_S_W: op_o[d1_simd_pkg::FMA_FROM_INT] = 1'b1;
            d1_opcodes_pkg::OP_DV_FCVT_S_WU: begin
              op_o[d1_simd_pkg::FMA_FROM_INT]  = 1'b1;
              op_o[d1_simd_pkg::FMA_FROM_UINT] = 1'b1;
            end
            default: ;  // fmacc
          endcase
        end

        d1_opcodes_pkg::OP_DV_FMIN, d1_opcodes_pkg::OP_DV_FMAX, d1_opcodes_pkg::OP_DV_FEQ,
        d1_opcodes_pkg::OP_DV_FLT, d1_opcodes_pkg::OP_DV_FLE, d1_opcodes_pkg::OP_DV_FSGNJ,
        d1_opcodes_pkg::OP_DV_FSGNJN, d1_opcodes_pkg::OP_DV_FSGNJX, d1_opcodes_pkg::OP_DV_FCVT_W_S,
        d1_opcodes_pkg::OP_DV_FCVT_WU_S, d1_opcodes_pkg::OP_DV_FCVT_W_S_RTZ, d1_opcodes_pkg::OP_DV_FCVT_WU_S_RTZ,
        d1_opcodes_pkg::OP_DV_FREC7, d1_opcodes_pkg::OP_DV_FRSQRT7, d1_opcodes_pkg::OP_DV_FREDMIN,
        d1_opcodes_pkg::OP_DV_FREDMAX: begin
          class_o[d1_simd_pkg::CLASS_FP] = 1'b1;
          casez (insn_i)
            d1_opcodes_pkg::OP_DV_FMAX:          op_o = d1_simd_pkg::FP_MAX;
            d1_opcodes_pkg::OP_DV_FEQ:           op_o = d1_simd_pkg::FP_EQ;
            d1_opcodes_pkg::OP_DV_FLT:           op_o = d1_simd_pkg::FP_LT;
            d1_opcodes_pkg::OP_DV_FLE:           op_o = d1_simd_pkg::FP_LE;
            d1_opcodes_pkg::OP_DV_FSGNJ:         op_o = d1_simd_pkg::FP_SGNJ;
            d1_opcodes_pkg::OP_DV_FSGNJN:        op_o = d1_simd_pkg::FP_SGNJN;
            d1_opcodes_pkg::OP_DV_FSGNJX:        op_o = d1_simd_pkg::FP_SGNJX;
            d1_opcodes_pkg::OP_DV_FCVT_W_S:      op_o = d1_simd_pkg::FP_TO_INT;
            d1_opcodes_pkg::OP_DV_FCVT_WU_S:     op_o = d1_simd_pkg::FP_TO_UINT;
            d1_opcodes_pkg::OP_DV_FCVT_W_S_RTZ:  op_o = d1_simd_pkg::FP_TO_INT_RTZ;
            d1_opcodes_pkg::OP_DV_FCVT_WU_S_RTZ: op_o = d1_simd_pkg::FP_TO_UINT_RTZ;
            d1_opcodes_pkg::OP_DV_FREC7:         op_o = d1_simd_pkg::FP_REC7;
            d1_opcodes_pkg::OP_DV_FRSQRT7:       op_o = d1_simd_pkg::FP_RSQRT7;
            d1_opcodes_pkg::OP_DV_FREDMIN:       op_o = d1_simd_pkg::FP_REDMIN;
            d1_opcodes_pkg::OP_DV_FREDMAX:       op_o = d1_simd_pkg::FP_REDMAX;
            default:                             op_o = d1_simd_pkg::FP_MIN;
          endcase
        end

        d1_opcodes_pkg::OP_DV_PERM_W, d1_opcodes_pkg::OP_DV_PERM_B, d1_opcodes_pkg::OP_DV_ZIPLO_B,
        d1_opcodes_pkg::OP_DV_ZIPHI_B, d1_opcodes_pkg::OP_DV_ZIPLO_H, d1_opcodes_pkg::OP_DV_ZIPHI_H,
        d1_opcodes_pkg::OP_DV_ZIPLO_W, d1_opcodes_pkg::OP_DV_ZIPHI_W, d1_opcodes_pkg::OP_DV_EXT_W,
        d1_opcodes_pkg::OP_DV_BCAST_W, d1_opcodes_pkg::OP_DV_MV_V_X, d1_opcodes_pkg::OP_DV_INS_W,
        d1_opcodes_pkg::OP_DV_MV_X_W, d1_opcodes_pkg::OP_DV_MV_V_V: begin
          class_o[d1_simd_pkg::CLASS_PERM] = 1'b1;
          casez (insn_i)
            d1_opcodes_pkg::OP_DV_PERM_W:  op_o = d1_simd_pkg::PERM_W;
            d1_opcodes_pkg::OP_DV_PERM_B:  op_o = d1_simd_pkg::PERM_B;
            d1_opcodes_pkg::OP_DV_ZIPLO_B: op_o = d1_simd_pkg::PERM_ZIPLO_B;
            d1_opcodes_pkg::OP_DV_ZIPHI_B: op_o = d1_simd_pkg::PERM_ZIPHI_B;
            d1_opcodes_pkg::OP_DV_ZIPLO_H: op_o = d1_simd_pkg::PERM_ZIPLO_H;
            d1_opcodes_pkg::OP_DV_ZIPHI_H: op_o = d1_simd_pkg::PERM_ZIPHI_H;
            d1_opcodes_pkg::OP_DV_ZIPLO_W: op_o = d1_simd_pkg::PERM_ZIPLO_W;
            d1_opcodes_pkg::OP_DV_ZIPHI_W: op_o = d1_simd_pkg::PERM_ZIPHI_W;
            d1_opcodes_pkg::OP_DV_EXT_W:   op_o = d1_simd_pkg::PERM_EXT;
            d1_opcodes_pkg::OP_DV_BCAST_W: op_o = d1_simd_pkg::PERM_BCAST;
            d1_opcodes_pkg::OP_DV_MV_V_X: begin
              op_o     = d1_simd_pkg::PERM_COPY_B;
              scalar_o = 1'b1;
            end
            d1_opcodes_pkg::OP_DV_INS_W: begin
              op_o     = d1_simd_pkg::PERM_INS;
              scalar_o = 1'b1;
            end
            d1_opcodes_pkg::OP_DV_MV_X_W: begin
              op_o   = d1_simd_pkg::PERM_TO_X;
              kind_o = d1_simd_pkg::RES_GPR;
            end
            default:                       op_o = d1_simd_pkg::PERM_COPY_A;
          endcase
        end

        d1_opcodes_pkg::OP_DV_CVT:    class_o[d1_simd_pkg::CLASS_CVT] = 1'b1;
        d1_opcodes_pkg::OP_DM_MV_V_T: begin
          class_o[d1_simd_pkg::CLASS_CVT] = 1'b1;
          from_tile_o = 1'b1;
        end
        d1_opcodes_pkg::OP_DM_MV_T_V: begin
          class_o[d1_simd_pkg::CLASS_CVT] = 1'b1;
          to_tile_o = 1'b1;
          kind_o    = d1_simd_pkg::RES_TILE;
        end

        default: begin  // the integer lanes
          class_o[d1_simd_pkg::CLASS_INT] = 1'b1;
          casez (insn_i)
            d1_opcodes_pkg::OP_DV_ADD:     op_o = d1_simd_pkg::INT_ADD;
            d1_opcodes_pkg::OP_DV_SUB:     op_o = d1_simd_pkg::INT_SUB;
            d1_opcodes_pkg::OP_DV_MUL:     op_o = d1_simd_pkg::INT_MUL;
            d1_opcodes_pkg::OP_DV_AND:     op_o = d1_simd_pkg::INT_AND;
            d1_opcodes_pkg::OP_DV_OR:      op_o = d1_simd_pkg::INT_OR;
            d1_opcodes_pkg::OP_DV_XOR:     op_o = d1_simd_pkg::INT_XOR;
            d1_opcodes_pkg::OP_DV_SLL:     op_o = d1_simd_pkg::INT_SLL;
            d1_opcodes_pkg::OP_DV_SRL:     op_o = d1_simd_pkg::INT_SRL;
            d1_opcodes_pkg::OP_DV_SRA:     op_o = d1_simd_pkg::INT_SRA;
            d1_opcodes_pkg::OP_DV_MIN:     op_o = d1_simd_pkg::INT_MIN;
            d1_opcodes_pkg::OP_DV_MAX:     op_o = d1_simd_pkg::INT_MAX;
            d1_opcodes_pkg::OP_DV_MINU:    op_o = d1_simd_pkg::INT_MINU;
            d1_opcodes_pkg::OP_DV_MAXU:    op_o = d1_simd_pkg::INT_MAXU;
            d1_opcodes_pkg::OP_DV_SEQ:     op_o = d1_simd_pkg::INT_SEQ;
            d1_opcodes_pkg::OP_DV_SLT:     op_o = d1_simd_pkg::INT_SLT;
            d1_opcodes_pkg::OP_DV_SLTU:    op_o = d1_simd_pkg::INT_SLTU;
            d1_opcodes_pkg::OP_DV_SEL:     op_o = d1_simd_pkg::INT_SEL;
            d1_opcodes_pkg::OP_DV_REDSUM:  op_o = d1_simd_pkg::INT_REDSUM;
            d1_opcodes_pkg::OP_DV_REDMIN:  op_o = d1_simd_pkg::INT_REDMIN;
            d1_opcodes_pkg::OP_DV_REDMAX:  op_o = d1_simd_pkg::INT_REDMAX;
            d1_opcodes_pkg::OP_DV_REDMINU: op_o = d1_simd_pkg::INT_REDMINU;
            d1_opcodes_pkg::OP_DV_REDMAXU: op_o = d1_simd_pkg::INT_REDMAXU;
            d1_opcodes_pkg::OP_DV_ADDI: begin op_o = d1_simd_pkg::INT_ADD; imm_o = 1'b1; end
            d1_opcodes_pkg::OP_DV_ANDI: begin op_o = d1_simd_pkg::INT_AND; imm_o = 1'b1; end
            d1_opcodes_pkg::OP_DV_SLLI: begin op_o = d1_simd_pkg::INT_SLL; imm_o = 1'b1; end
            d1_opcodes_pkg::OP_DV_SRLI: begin op_o = d1_simd_pkg::INT_SRL; imm_o = 1'b1; end
            default:                    begin op_o = d1_simd_pkg::INT_SRA; imm_o = 1'b1; end  // srai
          endcase
        end
      endcase
    end
  end

endmodule
