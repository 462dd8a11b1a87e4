// Constants shared by the parts of the SIMD unit and by those who use it.
package d1_simd_pkg;

  // Cycles from issue (valid_i & ready_o) to res_valid_o, for all instructions but dv.fredsum.
  localparam int unsigned LATENCY = 4;

  // Where a result goes (res_kind_o).
  localparam logic [1:0] RES_VREG = 2'd0;  // vector register res_reg_o
  localparam logic [1:0] RES_GPR  = 2'd1;  // scalar register res_reg_o, 64 bits
  localparam logic [1:0] RES_TILE = 2'd2;  // tile row pair res_reg_o = {pair[1:0], row[2:0]}

endpackage
