// Instruction to control bits and immediate. Combinational; all outputs are 0 while en_i is low.
//
// Encodings come from the generated package; the outer case sorts by major opcode (bits 6:2), so that the simulator compares an
// instruction with few patterns. What no pattern matches is illegal. Conditions on register values and CSRs are checked in X.
//
// One pattern an item, never a list: of a list of named patterns Yosys 0.23 honours the wildcards of the first only (literals are
// well), without a warning. That makes the file long: one line an instruction.
module d1_decode (
  input  logic                en_i,
  input  logic [31:0]         insn_i,
  input  logic [1:0]          thread_i,
  output d1_core_pkg::ctrl_t  ctrl_o,
  output logic [31:0]         imm_o     // sign-extended to 32 bits: every immediate fits
);

  logic       illegal;
  logic [3:0] row_bytes;     // log2 of the bytes of a row of the shape
  logic       shape_ok, amode_ok;
  logic       csr_ok;
  logic       shaped;        // dv.lds and its like

  // ---- Shapes of vector accesses: s4 has rows of 4 bytes, s16, t16h, t16w of 16, the others of 8.
  always_comb begin : shapes
    case (insn_i[30:28])
      3'd0:             row_bytes = 4'd2;
      3'd2, 3'd5, 3'd6: row_bytes = 4'd4;
      default:          row_bytes = 4'd3;
    endcase
    // Indexed accesses (funct3 3 and 7): shapes 0..2, no step by rows.
    shape_ok = insn_i[30:28] != 3'd7 && !(insn_i[13:12] == 2'd3 && insn_i[30:28] > 3'd2);
    amode_ok = insn_i[27:25] != 3'd7 && !(insn_i[13:12] == 2'd3 && insn_i[27:25] == 3'd5);
  end

  // ---- CSRs that exist; read-only ones (bits 11:10 set) must not be written.
  always_comb begin : csrs
    csr_ok = 1'b0;
    casez (insn_i[31:20])
      12'h300, 12'h301, 12'h304, 12'h305, 12'h340, 12'h341, 12'h342, 12'h343, 12'h344,
      12'hC00, 12'hC01, 12'hC02, 12'h7D0, 12'h7D1, 12'h7D2, 12'h7D3,
      12'hF11, 12'hF12, 12'hF13, 12'hF14, 12'hF15, 12'hFC0, 12'hFC1, 12'hFC2, 12'hFC3, 12'hFC4, 12'hFC8, 12'hFC9: csr_ok = 1'b1;
      12'b0111_1100_????: csr_ok = 1'b1;                        // dfmt0..15
      12'b0011_001?_????: csr_ok = insn_i[24:20] != 5'd1 && insn_i[24:20] != 5'd2;   // mcountinhibit, mhpmevent3..31
      12'b1011_000?_????: csr_ok = insn_i[24:20] != 5'd1;       // mcycle, minstret, mhpmcounter3..31
      default: ;
    endcase
    if (insn_i[31:30] == 2'b11 && (insn_i[13:12] == 2'b01 || insn_i[19:15] != 5'd0)) csr_ok = 1'b0;
  end

  always_comb begin : decode
    ctrl_o  = '0;
    imm_o   = '0;
    illegal = 1'b0;
    shaped  = 1'b0;
    if (en_i) begin
      case (insn_i[6:2])
        // ---- Scalar arithmetic
        d1_opcodes_pkg::OP_LUI[6:2]: begin
          ctrl_o.a_zero = 1'b1;
          ctrl_o.b_imm  = 1'b1;
          ctrl_o.rd_we  = 1'b1;
          imm_o = {insn_i[31:12], 12'd0};
          casez (insn_i)
            d1_opcodes_pkg::OP_LUI: ;
            default: illegal = 1'b1;
          endcase
        end
        d1_opcodes_pkg::OP_AUIPC[6:2]: begin
          ctrl_o.a_pc  = 1'b1;
          ctrl_o.b_imm = 1'b1;
          ctrl_o.rd_we = 1'b1;
          imm_o = {insn_i[31:12], 12'd0};
          casez (insn_i)
            d1_opcodes_pkg::OP_AUIPC: ;
            default: illegal = 1'b1;
          endcase
        end
        d1_opcodes_pkg::OP_ADDI[6:2]: begin
          ctrl_o.rs1   = 1'b1;
          ctrl_o.b_imm = 1'b1;
          ctrl_o.rd_we = 1'b1;
          ctrl_o.alu   = {1'b0, insn_i[14:12]};
          imm_o = {{20{insn_i[31]}}, insn_i[31:20]};
          casez (insn_i)
            d1_opcodes_pkg::OP_ADDI: ;
            d1_opcodes_pkg::OP_SLTI: ;
            d1_opcodes_pkg::OP_SLTIU: ;
            d1_opcodes_pkg::OP_XORI: ;
            d1_opcodes_pkg::OP_ORI: ;
            d1_opcodes_pkg::OP_ANDI: ;
            d1_opcodes_pkg::OP_SLLI: ;
            d1_opcodes_pkg::OP_SRLI: ;
            d1_opcodes_pkg::OP_SRAI: ctrl_o.alu = d1_core_pkg::ALU_SRA;
            default: illegal = 1'b1;
          endcase
        end
        d1_opcodes_pkg::OP_ADDIW[6:2]: begin
          ctrl_o.rs1   = 1'b1;
          ctrl_o.b_imm = 1'b1;
          ctrl_o.word  = 1'b1;
          ctrl_o.rd_we = 1'b1;
          ctrl_o.alu   = {1'b0, insn_i[14:12]};
          imm_o = {{20{insn_i[31]}}, insn_i[31:20]};
          casez (insn_i)
            d1_opcodes_pkg::OP_ADDIW: ;
            d1_opcodes_pkg::OP_SLLIW: ;
            d1_opcodes_pkg::OP_SRLIW: ;
            d1_opcodes_pkg::OP_SRAIW: ctrl_o.alu = d1_core_pkg::ALU_SRA;
            default: illegal = 1'b1;
          endcase
        end
        d1_opcodes_pkg::OP_ADD[6:2]: begin
          ctrl_o.rs1 = 1'b1;
          ctrl_o.rs2 = 1'b1;
          ctrl_o.alu = {1'b0, insn_i[14:12]};
          casez (insn_i)
            d1_opcodes_pkg::OP_ADD: ;
            d1_opcodes_pkg::OP_SUB: ctrl_o.alu = d1_core_pkg::ALU_SUB;
            d1_opcodes_pkg::OP_SLL: ;
            d1_opcodes_pkg::OP_SLT: ;
            d1_opcodes_pkg::OP_SLTU: ;
            d1_opcodes_pkg::OP_XOR: ;
            d1_opcodes_pkg::OP_SRL: ;
            d1_opcodes_pkg::OP_SRA: ctrl_o.alu = d1_core_pkg::ALU_SRA;
            d1_opcodes_pkg::OP_OR: ;
            d1_opcodes_pkg::OP_AND: ;
            d1_opcodes_pkg::OP_MUL: ctrl_o.muldiv = 1'b1;
            d1_opcodes_pkg::OP_MULH: ctrl_o.muldiv = 1'b1;
            d1_opcodes_pkg::OP_MULHSU: ctrl_o.muldiv = 1'b1;
            d1_opcodes_pkg::OP_MULHU: ctrl_o.muldiv = 1'b1;
            d1_opcodes_pkg::OP_DIV: ctrl_o.muldiv = 1'b1;
            d1_opcodes_pkg::OP_DIVU: ctrl_o.muldiv = 1'b1;
            d1_opcodes_pkg::OP_REM: ctrl_o.muldiv = 1'b1;
            d1_opcodes_pkg::OP_REMU: ctrl_o.muldiv = 1'b1;
            default: illegal = 1'b1;
          endcase
          ctrl_o.rd_we   = !ctrl_o.muldiv;
          ctrl_o.rd_late = ctrl_o.muldiv;
        end
        d1_opcodes_pkg::OP_ADDW[6:2]: begin
          ctrl_o.rs1  = 1'b1;
          ctrl_o.rs2  = 1'b1;
          ctrl_o.word = 1'b1;
          ctrl_o.alu  = {1'b0, insn_i[14:12]};
          casez (insn_i)
            d1_opcodes_pkg::OP_ADDW: ;
            d1_opcodes_pkg::OP_SUBW: ctrl_o.alu = d1_core_pkg::ALU_SUB;
            d1_opcodes_pkg::OP_SLLW: ;
            d1_opcodes_pkg::OP_SRLW: ;
            d1_opcodes_pkg::OP_SRAW: ctrl_o.alu = d1_core_pkg::ALU_SRA;
            d1_opcodes_pkg::OP_MULW: ctrl_o.muldiv = 1'b1;
            d1_opcodes_pkg::OP_DIVW: ctrl_o.muldiv = 1'b1;
            d1_opcodes_pkg::OP_DIVUW: ctrl_o.muldiv = 1'b1;
            d1_opcodes_pkg::OP_REMW: ctrl_o.muldiv = 1'b1;
            d1_opcodes_pkg::OP_REMUW: ctrl_o.muldiv = 1'b1;
            default: illegal = 1'b1;
          endcase
          ctrl_o.rd_we   = !ctrl_o.muldiv;
          ctrl_o.rd_late = ctrl_o.muldiv;
        end

        // ---- Jumps and branches
        d1_opcodes_pkg::OP_JAL[6:2]: begin
          ctrl_o.jal   = 1'b1;
          ctrl_o.rd_we = 1'b1;
          imm_o = {{12{insn_i[31]}}, insn_i[19:12], insn_i[20], insn_i[30:21], 1'b0};
          casez (insn_i)
            d1_opcodes_pkg::OP_JAL: ;
            default: illegal = 1'b1;
          endcase
        end
        d1_opcodes_pkg::OP_JALR[6:2]: begin
          ctrl_o.jalr  = 1'b1;
          ctrl_o.rs1   = 1'b1;
          ctrl_o.rd_we = 1'b1;
          imm_o = {{20{insn_i[31]}}, insn_i[31:20]};
          casez (insn_i)
            d1_opcodes_pkg::OP_JALR: ;
            default: illegal = 1'b1;
          endcase
        end
        d1_opcodes_pkg::OP_BEQ[6:2]: begin
          ctrl_o.branch = 1'b1;
          ctrl_o.rs1    = 1'b1;
          ctrl_o.rs2    = 1'b1;
          imm_o = {{20{insn_i[31]}}, insn_i[7], insn_i[30:25], insn_i[11:8], 1'b0};
          casez (insn_i)
            d1_opcodes_pkg::OP_BEQ: ;
            d1_opcodes_pkg::OP_BNE: ;
            d1_opcodes_pkg::OP_BLT: ;
            d1_opcodes_pkg::OP_BGE: ;
            d1_opcodes_pkg::OP_BLTU: ;
            d1_opcodes_pkg::OP_BGEU: ;
            default: illegal = 1'b1;
          endcase
        end

        // ---- Scalar memory
        d1_opcodes_pkg::OP_LD[6:2]: begin
          ctrl_o.lsu     = 1'b1;
          ctrl_o.lsu_op  = d1_pkg::LSU_LOAD;
          ctrl_o.rs1     = 1'b1;
          ctrl_o.rd_late = 1'b1;
          imm_o = {{20{insn_i[31]}}, insn_i[31:20]};
          casez (insn_i)
            d1_opcodes_pkg::OP_LB: ;
            d1_opcodes_pkg::OP_LH: ;
            d1_opcodes_pkg::OP_LW: ;
            d1_opcodes_pkg::OP_LD: ;
            d1_opcodes_pkg::OP_LBU: ;
            d1_opcodes_pkg::OP_LHU: ;
            d1_opcodes_pkg::OP_LWU: ;
            default: illegal = 1'b1;
          endcase
        end
        d1_opcodes_pkg::OP_SD[6:2]: begin
          ctrl_o.lsu    = 1'b1;
          ctrl_o.lsu_op = d1_pkg::LSU_STORE;
          ctrl_o.rs1    = 1'b1;
          ctrl_o.rs2    = 1'b1;
          imm_o = {{20{insn_i[31]}}, insn_i[31:25], insn_i[11:7]};
          casez (insn_i)
            d1_opcodes_pkg::OP_SB: ;
            d1_opcodes_pkg::OP_SH: ;
            d1_opcodes_pkg::OP_SW: ;
            d1_opcodes_pkg::OP_SD: ;
            default: illegal = 1'b1;
          endcase
        end
        d1_opcodes_pkg::OP_LR_W[6:2]: begin
          ctrl_o.lsu     = 1'b1;
          ctrl_o.lsu_op  = d1_pkg::LSU_AMO;
          ctrl_o.rs1     = 1'b1;
          ctrl_o.rs2     = 1'b1;
          ctrl_o.rd_late = 1'b1;
          casez (insn_i)
            d1_opcodes_pkg::OP_LR_W: ctrl_o.lsu_op = d1_pkg::LSU_LR;
            d1_opcodes_pkg::OP_LR_D: ctrl_o.lsu_op = d1_pkg::LSU_LR;
            d1_opcodes_pkg::OP_SC_W: ctrl_o.lsu_op = d1_pkg::LSU_SC;
            d1_opcodes_pkg::OP_SC_D: ctrl_o.lsu_op = d1_pkg::LSU_SC;
            d1_opcodes_pkg::OP_AMOSWAP_W: ;
            d1_opcodes_pkg::OP_AMOADD_W: ;
            d1_opcodes_pkg::OP_AMOXOR_W: ;
            d1_opcodes_pkg::OP_AMOAND_W: ;
            d1_opcodes_pkg::OP_AMOOR_W: ;
            d1_opcodes_pkg::OP_AMOMIN_W: ;
            d1_opcodes_pkg::OP_AMOMAX_W: ;
            d1_opcodes_pkg::OP_AMOMINU_W: ;
            d1_opcodes_pkg::OP_AMOMAXU_W: ;
            d1_opcodes_pkg::OP_AMOSWAP_D: ;
            d1_opcodes_pkg::OP_AMOADD_D: ;
            d1_opcodes_pkg::OP_AMOXOR_D: ;
            d1_opcodes_pkg::OP_AMOAND_D: ;
            d1_opcodes_pkg::OP_AMOOR_D: ;
            d1_opcodes_pkg::OP_AMOMIN_D: ;
            d1_opcodes_pkg::OP_AMOMAX_D: ;
            d1_opcodes_pkg::OP_AMOMINU_D: ;
            d1_opcodes_pkg::OP_AMOMAXU_D: ;
            default: illegal = 1'b1;
          endcase
          if (ctrl_o.lsu_op == d1_pkg::LSU_LR) ctrl_o.rs2 = 1'b0;
        end

        // ---- Order, system
        d1_opcodes_pkg::OP_FENCE[6:2]: begin
          ctrl_o.fence = 1'b1;
          casez (insn_i)
            d1_opcodes_pkg::OP_FENCE: ;
            d1_opcodes_pkg::OP_FENCE_I: ctrl_o.fence_i = 1'b1;
            default: illegal = 1'b1;
          endcase
        end
        d1_opcodes_pkg::OP_CSRRW[6:2]: begin
          casez (insn_i)
            d1_opcodes_pkg::OP_CSRRW: ctrl_o.csr = 1'b1;
            d1_opcodes_pkg::OP_CSRRS: ctrl_o.csr = 1'b1;
            d1_opcodes_pkg::OP_CSRRC: ctrl_o.csr = 1'b1;
            d1_opcodes_pkg::OP_CSRRWI: ctrl_o.csr = 1'b1;
            d1_opcodes_pkg::OP_CSRRSI: ctrl_o.csr = 1'b1;
            d1_opcodes_pkg::OP_CSRRCI: ctrl_o.csr = 1'b1;
            d1_opcodes_pkg::OP_ECALL: begin
              ctrl_o.exc       = 1'b1;
              ctrl_o.exc_cause = 4'(d1_pkg::CAUSE_ECALL_M);
            end
            d1_opcodes_pkg::OP_EBREAK: begin
              ctrl_o.exc       = 1'b1;
              ctrl_o.exc_cause = 4'(d1_pkg::CAUSE_BREAKPOINT);
            end
            d1_opcodes_pkg::OP_MRET: ctrl_o.mret = 1'b1;
            d1_opcodes_pkg::OP_WFI:  ctrl_o.wfi  = 1'b1;
            default: illegal = 1'b1;
          endcase
          if (ctrl_o.csr) begin
            ctrl_o.rs1   = !insn_i[14];     // else the field is an immediate
            ctrl_o.rd_we = 1'b1;
            illegal      = !csr_ok;
          end
        end

        // ---- Vector memory
        d1_opcodes_pkg::OP_DV_LD[6:2]: begin
          ctrl_o.lsu    = 1'b1;
          ctrl_o.rs1    = 1'b1;
          ctrl_o.vload  = !insn_i[14];
          ctrl_o.lsu_op = insn_i[14] ? d1_pkg::LSU_VSTORE : d1_pkg::LSU_VLOAD;
          ctrl_o.vd_r   = insn_i[14];
          ctrl_o.vd_w   = !insn_i[14];
          imm_o = {{21{insn_i[30]}}, insn_i[30:20]};
          casez (insn_i)
            d1_opcodes_pkg::OP_DV_LD: ;
            d1_opcodes_pkg::OP_DV_ST: ;
            d1_opcodes_pkg::OP_DV_LDP: ctrl_o.postinc = 1'b1;
            d1_opcodes_pkg::OP_DV_STP: ctrl_o.postinc = 1'b1;
            d1_opcodes_pkg::OP_DV_LDS: shaped = 1'b1;
            d1_opcodes_pkg::OP_DV_STS: shaped = 1'b1;
            d1_opcodes_pkg::OP_DV_LDX: shaped = 1'b1;
            d1_opcodes_pkg::OP_DV_STX: shaped = 1'b1;
            default: illegal = 1'b1;
          endcase
          if (shaped) begin
            ctrl_o.rs2      = !insn_i[12];
            ctrl_o.vs2      = insn_i[12];
            ctrl_o.postinc  = insn_i[27];
            ctrl_o.inc_rows = insn_i[27:25] == 3'd5;
            // amode 0..3: offset amode * E; 4: step E; 6: step 4 * E.
            if (!insn_i[27])         imm_o = {30'd0, insn_i[26:25]} << row_bytes;
            else if (insn_i[26])     imm_o = 32'd4 << row_bytes;
            else                     imm_o = 32'd1 << row_bytes;
            illegal = !shape_ok || !amode_ok;
          end
        end

        // ---- Vector arithmetic
        d1_opcodes_pkg::OP_DV_FADD[6:2]: begin
          ctrl_o.simd = 1'b1;
          ctrl_o.vs1  = 1'b1;
          ctrl_o.vd_w = 1'b1;
          casez (insn_i)
            d1_opcodes_pkg::OP_DV_FMACC: {ctrl_o.vs2, ctrl_o.vd_r} = 2'b11;
            d1_opcodes_pkg::OP_DV_FNMACC: {ctrl_o.vs2, ctrl_o.vd_r} = 2'b11;
            d1_opcodes_pkg::OP_DV_FMSAC: {ctrl_o.vs2, ctrl_o.vd_r} = 2'b11;
            d1_opcodes_pkg::OP_DV_FNMSAC: {ctrl_o.vs2, ctrl_o.vd_r} = 2'b11;
            d1_opcodes_pkg::OP_DV_FMACC_L: {ctrl_o.vs2, ctrl_o.vd_r} = 2'b11;
            d1_opcodes_pkg::OP_DV_FNMSAC_L: {ctrl_o.vs2, ctrl_o.vd_r} = 2'b11;
            d1_opcodes_pkg::OP_DV_SEL: {ctrl_o.vs2, ctrl_o.vd_r} = 2'b11;
            d1_opcodes_pkg::OP_DV_FADD: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_FSUB: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_FMUL: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_FMIN: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_FMAX: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_FEQ: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_FLT: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_FLE: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_FSGNJ: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_FSGNJN: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_FSGNJX: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_FMUL_L: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_FADD_L: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_ADD: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_SUB: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_MUL: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_AND: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_OR: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_XOR: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_SLL: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_SRL: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_SRA: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_MIN: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_MAX: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_MINU: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_MAXU: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_SEQ: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_SLT: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_SLTU: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_PERM_W: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_PERM_B: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_ZIPLO_B: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_ZIPHI_B: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_ZIPLO_H: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_ZIPHI_H: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_ZIPLO_W: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_ZIPHI_W: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_EXT_W: ctrl_o.vs2 = 1'b1;
            d1_opcodes_pkg::OP_DV_FCVT_W_S: ;
            d1_opcodes_pkg::OP_DV_FCVT_WU_S: ;
            d1_opcodes_pkg::OP_DV_FCVT_W_S_RTZ: ;
            d1_opcodes_pkg::OP_DV_FCVT_WU_S_RTZ: ;
            d1_opcodes_pkg::OP_DV_FCVT_S_W: ;
            d1_opcodes_pkg::OP_DV_FCVT_S_WU: ;
            d1_opcodes_pkg::OP_DV_FREC7: ;
            d1_opcodes_pkg::OP_DV_FRSQRT7: ;
            d1_opcodes_pkg::OP_DV_FREDSUM: ;
            d1_opcodes_pkg::OP_DV_FREDMIN: ;
            d1_opcodes_pkg::OP_DV_FREDMAX: ;
            d1_opcodes_pkg::OP_DV_REDSUM: ;
            d1_opcodes_pkg::OP_DV_REDMIN: ;
            d1_opcodes_pkg::OP_DV_REDMAX: ;
            d1_opcodes_pkg::OP_DV_REDMINU: ;
            d1_opcodes_pkg::OP_DV_REDMAXU: ;
            d1_opcodes_pkg::OP_DV_ADDI: ;
            d1_opcodes_pkg::OP_DV_ANDI: ;
            d1_opcodes_pkg::OP_DV_SLLI: ;
            d1_opcodes_pkg::OP_DV_SRLI: ;
            d1_opcodes_pkg::OP_DV_SRAI: ;
            d1_opcodes_pkg::OP_DV_BCAST_W: ;
            d1_opcodes_pkg::OP_DV_MV_V_V: ;
            d1_opcodes_pkg::OP_DV_MV_V_X: begin
              ctrl_o.vs1 = 1'b0;
              ctrl_o.rs1 = 1'b1;
            end
            d1_opcodes_pkg::OP_DV_INS_W: begin
              ctrl_o.vs1  = 1'b0;
              ctrl_o.rs1  = 1'b1;
              ctrl_o.vd_r = 1'b1;
            end
            d1_opcodes_pkg::OP_DV_MV_X_W: begin
              ctrl_o.vd_w    = 1'b0;
              ctrl_o.rd_late = 1'b1;
            end
            d1_opcodes_pkg::OP_DV_CVT: begin
              ctrl_o.vd_r   = 1'b1;
              ctrl_o.desc_s = 1'b1;
              ctrl_o.desc_d = 1'b1;
            end
            default: illegal = 1'b1;
          endcase
        end

        // ---- Matrix
        d1_opcodes_pkg::OP_DM_MMA[6:2]: begin
          casez (insn_i)
            d1_opcodes_pkg::OP_DM_MMA: begin
              ctrl_o.matrix = 1'b1;
              ctrl_o.mma    = 1'b1;
              ctrl_o.vs1    = 1'b1;
              ctrl_o.vs2    = 1'b1;
            end
            d1_opcodes_pkg::OP_DM_ZERO: begin
              ctrl_o.matrix    = 1'b1;
              ctrl_o.tile_zero = 1'b1;
            end
            d1_opcodes_pkg::OP_DM_MV_V_T: begin
              ctrl_o.simd      = 1'b1;
              ctrl_o.tile_read = 1'b1;
              ctrl_o.desc_d    = 1'b1;
              ctrl_o.vd_r      = 1'b1;
              ctrl_o.vd_w      = 1'b1;
            end
            d1_opcodes_pkg::OP_DM_MV_T_V: begin
              ctrl_o.simd       = 1'b1;
              ctrl_o.tile_write = 1'b1;
              ctrl_o.desc_s     = 1'b1;
              ctrl_o.vs1        = 1'b1;
            end
            default: illegal = 1'b1;
          endcase
        end

        // ---- Network and synchronisation
        d1_opcodes_pkg::OP_DN_PUSH[6:2]: begin
          ctrl_o.rs1 = 1'b1;
          casez (insn_i)
            d1_opcodes_pkg::OP_DN_PUSH: begin
              ctrl_o.net    = 1'b1;
              ctrl_o.net_op = d1_pkg::NET_PUSH;
              ctrl_o.rs2    = 1'b1;
              ctrl_o.vd_r   = 1'b1;
            end
            d1_opcodes_pkg::OP_DN_PUT_W: begin
              ctrl_o.net    = 1'b1;
              ctrl_o.net_op = d1_pkg::NET_PUT;
              ctrl_o.rs2    = 1'b1;
            end
            d1_opcodes_pkg::OP_DN_PUT_D: begin
              ctrl_o.net    = 1'b1;
              ctrl_o.net_op = d1_pkg::NET_PUT;
              ctrl_o.rs2    = 1'b1;
            end
            d1_opcodes_pkg::OP_DN_PULL: begin
              ctrl_o.net    = 1'b1;
              ctrl_o.net_op = d1_pkg::NET_PULL;
              ctrl_o.rs2    = 1'b1;
            end
            d1_opcodes_pkg::OP_DN_AMOADD_D: begin
              ctrl_o.net     = 1'b1;
              ctrl_o.net_op  = d1_pkg::NET_AMOADD;
              ctrl_o.rs2     = 1'b1;
              ctrl_o.rd_late = 1'b1;
            end
            d1_opcodes_pkg::OP_DN_CAS_D: begin
              ctrl_o.net     = 1'b1;
              ctrl_o.net_op  = d1_pkg::NET_CAS;
              ctrl_o.rs2     = 1'b1;
              ctrl_o.rs3     = 1'b1;
              ctrl_o.rd_late = 1'b1;
            end
            d1_opcodes_pkg::OP_DN_SIG: begin
              ctrl_o.net    = 1'b1;
              ctrl_o.net_op = d1_pkg::NET_SIG;
              ctrl_o.rs2    = 1'b1;
            end
            d1_opcodes_pkg::OP_DN_LIST: begin
              ctrl_o.net    = 1'b1;
              ctrl_o.net_op = d1_pkg::NET_LIST;
              ctrl_o.rs2    = 1'b1;
            end
            d1_opcodes_pkg::OP_DN_ARM: begin
              ctrl_o.net    = 1'b1;
              ctrl_o.net_op = d1_pkg::NET_ARM;
              ctrl_o.rs2    = 1'b1;
            end
            d1_opcodes_pkg::OP_DN_CTR_RD: begin
              ctrl_o.ctr_read = 1'b1;
              ctrl_o.rs1      = 1'b0;
              ctrl_o.rd_we    = 1'b1;
            end
            d1_opcodes_pkg::OP_DN_CTR_ADD: begin
              ctrl_o.sync    = 1'b1;
              ctrl_o.sync_op = d1_pkg::SYNC_ADD;
            end
            d1_opcodes_pkg::OP_DN_CTR_WAIT: begin
              ctrl_o.sync    = 1'b1;
              ctrl_o.sync_op = d1_pkg::SYNC_WAIT;
            end
            d1_opcodes_pkg::OP_DN_CTR_TAKE: begin
              ctrl_o.sync    = 1'b1;
              ctrl_o.sync_op = d1_pkg::SYNC_TAKE;
            end
            d1_opcodes_pkg::OP_DN_BAR: begin
              ctrl_o.sync    = 1'b1;
              ctrl_o.sync_op = d1_pkg::SYNC_BAR;
              ctrl_o.rs1     = 1'b0;
              illegal        = !insn_i[5'd20 + {3'd0, thread_i}];   // the own bit must be set
            end
            default: illegal = 1'b1;
          endcase
        end
        default: illegal = 1'b1;
      endcase

      if (illegal) begin
        ctrl_o           = '0;
        ctrl_o.exc       = 1'b1;
        ctrl_o.exc_cause = 4'(d1_pkg::CAUSE_ILLEGAL);
      end
    end
  end

endmodule
