// Constants shared by the parts of the SIMD unit and by those who use it.
package d1_simd_pkg;

  // Cycles from issue (valid_i & ready_o) to res_valid_o, for all instructions but dv.fredsum.
  localparam int unsigned LATENCY = 4;

  // Where a result goes (res_kind_o).
  localparam logic [1:0] RES_VREG = 2'd0;  // vector register res_reg_o
  localparam logic [1:0] RES_GPR  = 2'd1;  // scalar register res_reg_o, 64 bits
  localparam logic [1:0] RES_TILE = 2'd2;  // tile row pair res_reg_o = {pair[1:0], row[2:0]}

  // Classes: which part executes the instruction, one-hot.
  localparam int unsigned CLASS_FMA  = 0;
  localparam int unsigned CLASS_FP   = 1;  // FP32 operations of one stage
  localparam int unsigned CLASS_INT  = 2;
  localparam int unsigned CLASS_PERM = 3;
  localparam int unsigned CLASS_CVT  = 4;

  // Operations of CLASS_FMA: independent bits.
  localparam int unsigned FMA_NEG_P     = 0;
  localparam int unsigned FMA_NEG_C     = 1;
  localparam int unsigned FMA_MUL       = 2;
  localparam int unsigned FMA_ADD       = 3;
  localparam int unsigned FMA_FROM_INT  = 4;
  localparam int unsigned FMA_FROM_UINT = 5;

  // Operations of CLASS_FP.
  localparam logic [5:0] FP_MIN = 6'd0, FP_MAX = 6'd1, FP_EQ = 6'd2, FP_LT = 6'd3, FP_LE = 6'd4, FP_SGNJ = 6'd5,
                         FP_SGNJN = 6'd6, FP_SGNJX = 6'd7, FP_TO_INT = 6'd8, FP_TO_UINT = 6'd9, FP_TO_INT_RTZ = 6'd10,
                         FP_TO_UINT_RTZ = 6'd11, FP_REC7 = 6'd12, FP_RSQRT7 = 6'd13, FP_REDMIN = 6'd14,
                         FP_REDMAX = 6'd15;

  // Operations of CLASS_INT.
  localparam logic [5:0] INT_ADD = 6'd0, INT_SUB = 6'd1, INT_MUL = 6'd2, INT_AND = 6'd3, INT_OR = 6'd4, INT_XOR = 6'd5,
                         INT_SLL = 6'd6, INT_SRL = 6'd7, INT_SRA = 6'd8, INT_MIN = 6'd9, INT_MAX = 6'd10,
                         INT_MINU = 6'd11, INT_MAXU = 6'd12, INT_SEQ = 6'd13, INT_SLT = 6'd14, INT_SLTU = 6'd15,
                         INT_SEL = 6'd16, INT_REDSUM = 6'd17, INT_REDMIN = 6'd18, INT_REDMAX = 6'd19,
                         INT_REDMINU = 6'd20, INT_REDMAXU = 6'd21;

  // Operations of CLASS_PERM.
  localparam logic [5:0] PERM_W = 6'd0, PERM_B = 6'd1, PERM_ZIPLO_B = 6'd2, PERM_ZIPHI_B = 6'd3, PERM_ZIPLO_H = 6'd4,
                         PERM_ZIPHI_H = 6'd5, PERM_ZIPLO_W = 6'd6, PERM_ZIPHI_W = 6'd7, PERM_EXT = 6'd8,
                         PERM_BCAST = 6'd9, PERM_COPY_A = 6'd10, PERM_COPY_B = 6'd11, PERM_INS = 6'd12,
                         PERM_TO_X = 6'd13;

endpackage
