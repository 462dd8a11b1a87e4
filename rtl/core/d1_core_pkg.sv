// Types of the core: what decode hands down the pipeline.
package d1_core_pkg;

  // Operations of the ALU.
  localparam logic [3:0] ALU_ADD  = 4'd0;
  localparam logic [3:0] ALU_SLL  = 4'd1;
  localparam logic [3:0] ALU_SLT  = 4'd2;
  localparam logic [3:0] ALU_SLTU = 4'd3;
  localparam logic [3:0] ALU_XOR  = 4'd4;
  localparam logic [3:0] ALU_SRL  = 4'd5;
  localparam logic [3:0] ALU_OR   = 4'd6;
  localparam logic [3:0] ALU_AND  = 4'd7;
  localparam logic [3:0] ALU_SUB  = 4'd8;
  localparam logic [3:0] ALU_SRA  = 4'd13;

  // Control bits of a decoded instruction. At most 64 bits: the simulator keeps them in one machine word.
  typedef struct packed {
    // Where it goes; none set: the thread's own ALU.
    logic       lsu;         // d1_lsu
    logic       vload;       // ... and may use slot 1
    logic       muldiv;
    logic       simd;
    logic       matrix;      // dm.mma, dm.zero
    logic       net;         // d1_niu
    logic       sync;        // d1_sync
    // Executed in the thread
    logic       csr;
    logic       ctr_read;    // dn.ctr.rd
    logic       jal;
    logic       jalr;
    logic       branch;
    logic       fence;       // fence, fence.i
    logic       fence_i;
    logic       wfi;
    logic       mret;
    // ALU
    logic [3:0] alu;
    logic       word;        // 32-bit operation
    logic       a_pc;        // first operand is the pc, else x[rs1]
    logic       a_zero;      // ... or zero
    logic       b_imm;       // second operand is the immediate, else x[rs2]
    // Registers
    logic       rs1;
    logic       rs2;
    logic       rs3;         // x[rd] is read (dn.cas.d)
    logic       rd_we;       // x[rd] is written at commit
    logic       rd_late;     // x[rd] is written later by a unit
    logic       postinc;     // x[rs1] is written at commit
    logic       inc_rows;    // ... with rows * x[rs2] added
    logic       vs1;
    logic       vs2;
    logic       vd_r;        // v[vd] (vs3) is read
    logic       vd_w;        // v[vd] is written by a unit
    logic       mma;
    logic       tile_zero;
    logic       tile_read;   // dm.mv.v.t
    logic       tile_write;  // dm.mv.t.v
    logic       desc_s;      // bits 31:28 name a source descriptor
    logic       desc_d;      // bits 27:24 name a destination descriptor
    // Operation of the unit
    logic [3:0] lsu_op;      // d1_pkg::LSU_*
    logic [2:0] net_op;      // d1_pkg::NET_*
    logic [1:0] sync_op;     // d1_pkg::SYNC_*
    // Exceptions known from the instruction alone
    logic       exc;
    logic [3:0] exc_cause;
  } ctrl_t;

endpackage
