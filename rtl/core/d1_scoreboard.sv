// Scoreboard of a thread: which registers and tiles wait for a result of a shared unit.
//
// set_* come from the instruction that commits, done_* from the results written in this cycle. hazard_o looks at the state after
// both, so a dependent instruction leaves D in the cycle in which the result is written and reads it in X.
// Tile row pairs written by dm.mv.t.v are counted, as several rows of a pair may be under way; they arrive in order.
`include "d1_assert.svh"
module d1_scoreboard (
  input  logic                clk_i,
  input  logic                rst_ni,

  // The instruction in D
  input  logic                valid_i,
  input  d1_core_pkg::ctrl_t  ctrl_i,
  input  logic [31:0]         insn_i,
  output logic                hazard_o,

  // The instruction that commits in X
  input  logic                commit_i,
  input  d1_core_pkg::ctrl_t  x_ctrl_i,
  input  logic [31:0]         x_insn_i,

  // Results
  input  logic                xdone_valid_i,
  input  logic [4:0]          xdone_reg_i,
  input  logic [31:0]         vdone_i,
  input  logic                tdone_valid_i,
  input  logic [2:0]          tdone_i,
  input  logic                pdone_valid_i,   // a row of the pair was written
  input  logic [1:0]          pdone_i,

  output logic                flags_idle_o,    // no instruction under way can raise a flag
  output logic                idle_o           // nothing is awaited
);

  logic [31:0] x_q, x_d, v_q, v_d;
  logic [7:0]  t_q, t_d, busy;
  logic [11:0] pair_q, pair_d;                 // pair p: count in bits 3p+2..3p; SIMD latency 4 keeps it below 5

  always_comb begin : scalar
    x_d = x_q;
    if (xdone_valid_i) x_d[xdone_reg_i] = 1'b0;
    if (commit_i && x_ctrl_i.rd_late) x_d[x_insn_i[11:7]] = 1'b1;
    x_d[0] = 1'b0;
  end

  always_comb begin : vector
    v_d = v_q & ~vdone_i;
    if (commit_i && x_ctrl_i.vd_w) v_d[x_insn_i[11:7]] = 1'b1;
  end

  always_comb begin : tiles
    logic up, down;
    t_d    = t_q;
    pair_d = pair_q;
    up     = 1'b0;
    down   = 1'b0;
    if (tdone_valid_i) t_d[tdone_i] = 1'b0;
    if (commit_i && x_ctrl_i.mma) t_d[x_insn_i[9:7]] = 1'b1;
    if (pdone_valid_i || (commit_i && x_ctrl_i.tile_write)) begin
      for (int p = 0; p < 4; p++) begin
        up   = commit_i && x_ctrl_i.tile_write && x_insn_i[11:10] == 2'(p);
        down = pdone_valid_i && pdone_i == 2'(p);
        if (up && !down) pair_d[3*p +: 3] = pair_q[3*p +: 3] + 3'd1;
        if (down && !up) pair_d[3*p +: 3] = pair_q[3*p +: 3] - 3'd1;
      end
    end
    busy = t_d;
    for (int p = 0; p < 4; p++) if (pair_d[3*p +: 3] != '0) busy[2*p +: 2] = 2'b11;
  end

  always_comb begin : check
    hazard_o = 1'b0;
    if (valid_i) begin
      if (x_d != '0) begin
        if (ctrl_i.rs1 && x_d[insn_i[19:15]]) hazard_o = 1'b1;
        if (ctrl_i.rs2 && x_d[insn_i[24:20]]) hazard_o = 1'b1;
        if ((ctrl_i.rs3 || ctrl_i.rd_we || ctrl_i.rd_late) && x_d[insn_i[11:7]]) hazard_o = 1'b1;
      end
      if (v_d != '0) begin
        if (ctrl_i.vs1 && v_d[insn_i[19:15]]) hazard_o = 1'b1;
        if (ctrl_i.vs2 && v_d[insn_i[24:20]]) hazard_o = 1'b1;
        if ((ctrl_i.vd_r || ctrl_i.vd_w) && v_d[insn_i[11:7]]) hazard_o = 1'b1;
      end
      if (busy != '0) begin
        if (ctrl_i.mma && busy[insn_i[9:7]]) hazard_o = 1'b1;
        if (ctrl_i.tile_zero && (busy & insn_i[31:24]) != '0) hazard_o = 1'b1;
        if (ctrl_i.tile_read && busy[{insn_i[19:18], 1'b0} +: 2] != '0) hazard_o = 1'b1;
        if (ctrl_i.tile_write && t_d[{insn_i[11:10], 1'b0} +: 2] != '0) hazard_o = 1'b1;
      end
    end
  end

  assign flags_idle_o = v_q == '0 && t_q == '0 && pair_q == '0;
  assign idle_o       = flags_idle_o && x_q == '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      x_q    <= '0;
      v_q    <= '0;
      t_q    <= '0;
      pair_q <= '0;
    end else begin
      x_q    <= x_d;
      v_q    <= v_d;
      t_q    <= t_d;
      pair_q <= pair_d;
    end
  end

  `D1_ASSERT(ResultsAreAwaited, !(xdone_valid_i && xdone_reg_i != 5'd0 && !x_q[xdone_reg_i]) && (vdone_i & ~v_q) == '0)
  `D1_ASSERT(TileResultsAreAwaited, !(tdone_valid_i && !t_q[tdone_i]))

endmodule
