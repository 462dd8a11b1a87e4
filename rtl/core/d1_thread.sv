// One hardware thread: fetch, decode, execute, in order, at most one instruction a cycle.
//
//   F  looks pc up in the fetch buffer and decodes; predicts jal and backward branches taken, without a bubble
//   D  holds decoded control bits; waits for the scoreboard; reads the scalar registers, with what is written in this cycle
//   X  ALU, branch, CSR; or issue to a shared unit, with its checks. Commits or traps at the end of X.
//
// A mispredicted branch or jalr costs two cycles. Results of units are written through the scalar register file's second port
// (late_*) and the vector registers; the scoreboard holds dependent instructions in D.
//
// Requests to units (want_*) depend on registers only; unit_done_i says that the request was taken in this cycle,
// unit_fault_i that it faults. Nothing of a faulting instruction has an effect.
`include "d1_assert.svh"
module d1_thread #(
  parameter logic [1:0] Thread = 2'd0
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic [63:0]        boot_pc_i,
  input  logic [63:0]        hartid_i,
  input  logic [7:0]         node_x_i,
  input  logic [7:0]         node_y_i,
  input  logic [7:0]         fab_w_i,
  input  logic [7:0]         fab_h_i,
  input  logic [63:0]        cycle_i,
  input  logic [319:0]       node_events_i,
  input  logic [575:0]       link_events_i,
  input  logic [63:0]        link_errors_i,
  input  logic [63:0]        link_first_i,
  input  logic               link_error_i,    // a damaged flit arrived at the node
  output logic               link_handler_o,  // the thread handles that
  input  logic               halt_i,
  input  logic               wake_i,          // something happened that ends wfi
  output logic               trap_unhandled_o,
  output logic               asleep_o,        // waits in X for an event outside the thread, or has halted
  output logic               idle_o,          // asleep, and no result or line under way

  // Fetch
  output logic               fill_req_o,
  output logic [14:0]        fill_line_o,
  input  logic               fill_gnt_i,
  input  logic               fill_valid_i,
  input  logic [511:0]       fill_data_i,

  // Issue: the instruction in X and its operands
  output logic [31:0]        x_insn_o,
  output logic               x_word_o,        // muldiv: 32-bit operation
  output logic               x_vload_o,       // vector load: may use slot 1 of the LSU
  output logic               x_vs1_o,         // vector registers that are read
  output logic               x_vs2_o,
  output logic               x_vd_o,
  output logic               x_ctr_read_o,    // dn.ctr.rd
  output logic               x_to_x_o,        // simd: dv.mv.x.w
  output logic               x_tile_read_o,   // simd: dm.mv.v.t
  output logic [3:0]         x_lsu_op_o,
  output logic [2:0]         x_net_op_o,
  output logic [1:0]         x_sync_op_o,
  output logic [63:0]        x_a_o,           // x[rs1]
  output logic [63:0]        x_b_o,           // x[rs2]
  output logic [63:0]        x_c_o,           // x[rd], dn.cas.d only
  output logic [63:0]        x_addr_o,        // effective base address
  output logic               want_lsu_o,
  output logic               want_muldiv_o,
  output logic               want_simd_o,
  output logic               want_mma_o,
  output logic               want_zero_o,
  output logic               want_net_o,
  output logic               want_sync_o,
  output logic               late_o,          // has waited 63 cycles for a unit (d1_patience)
  output logic               waited_o,        // 255 cycles
  input  logic               unit_done_i,
  input  logic               unit_fault_i,
  input  logic [5:0]         unit_cause_i,
  input  logic [63:0]        unit_tval_i,
  output logic               sync_cancel_o,   // wait, take or barrier is given up
  input  logic               sync_done_i,     // wait, take or barrier is over
  input  logic               mem_idle_i,      // all memory operations performed, all network requests acknowledged
  input  logic               list_error_i,    // a list of transfers that this thread started has failed
  input  logic [63:0]        list_tval_i,
  output logic               list_taken_o,    // the thread traps for it
  input  logic [31:0]        counter_i,       // arrival counter named by bits 29:25 of the instruction in X

  // Formats and limits for the units
  output logic [15:0]        sdesc_o,         // named by bits 31:28; dm.mma: A
  output logic [15:0]        ddesc_o,         // named by bits 27:24; dm.mma: B
  output logic [63:0]        seed_o,
  output logic [63:0]        count_o,
  output logic [4:0]         rows_o,
  output logic [6:0]         bytes_o,

  // Results
  input  logic               late_valid_i,
  input  logic [4:0]         late_reg_i,
  input  logic [63:0]        late_data_i,
  input  logic [31:0]        vdone_i,
  input  logic               tdone_valid_i,
  input  logic [2:0]         tdone_i,
  input  logic               pdone_valid_i,
  input  logic [1:0]         pdone_i,
  input  logic [3:0]         flags_i,
  input  logic               replay_i,        // event 16

  output logic               trap_o           // ends reservations
`ifndef SYNTHESIS
  ,
  output logic               tr_commit_o,     // an instruction commits or traps
  output logic [63:0]        tr_pc_o,
  output logic [31:0]        tr_insn_o,
  output logic [5:0]         tr_cause_o,
  output logic [63:0]        tr_tval_o,
  output logic               tr_rd_we_o,
  output logic [4:0]         tr_rd_o,
  output logic [63:0]        tr_rd_data_o
`endif
);

  // ---- F
  logic [63:0]        f_pc_q, f_target, f_next;
  logic [31:0]        f_insn, f_imm;
  logic               f_hit, f_outside, f_go, f_taken, f_busy;
  d1_core_pkg::ctrl_t f_ctrl;
  logic               halted_q;

  // ---- D
  logic               d_valid_q, d_taken_q, d_go, d_ready, hazard;
  logic [63:0]        d_pc_q, d_target_q, d_rs1, d_rs2;
  logic [31:0]        d_insn_q, d_imm_q;
  d1_core_pkg::ctrl_t d_ctrl_q;

  // ---- X
  logic               x_valid_q, x_first_q, x_taken_q, x_wait_q, event_q;
  logic [1:0]         x_boot_q;
  logic [63:0]        x_pc_q, x_target_q, x_a_q, x_b_q;
  logic [31:0]        x_insn_q, x_imm_q;
  d1_core_pkg::ctrl_t x_ctrl_q;
  logic               done, commit, trap, redirect, unit, sleeping, irq, irq_now;
  logic [63:0]        redirect_pc, mtvec, mepc;

  // ================================================================================================ F: fetch, decode
  d1_ibuf u_ibuf (
    .clk_i, .rst_ni, .en_i(!halted_q), .pc_i(f_pc_q), .flush_i(commit && x_ctrl_q.fence_i),
    .hit_o(f_hit), .insn_o(f_insn), .outside_o(f_outside), .busy_o(f_busy),
    .fill_req_o, .fill_line_o, .fill_gnt_i, .fill_valid_i, .fill_data_i
  );

  assign d_ready = !d_valid_q || d_go;
  assign f_go    = (f_hit || f_outside) && d_ready && !redirect && !halted_q;

  d1_decode u_decode (.en_i(f_go && f_hit), .insn_i(f_insn), .thread_i(Thread), .ctrl_o(f_ctrl), .imm_o(f_imm));

  always_comb begin : predict
    f_target = '0;
    f_taken  = 1'b0;
    f_next   = f_pc_q + 64'd4;
    if (f_ctrl.jal || f_ctrl.branch) begin
      f_target = f_pc_q + {{32{f_imm[31]}}, f_imm};
      f_taken  = f_ctrl.jal || f_imm[31];
      if (f_taken) f_next = f_target;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : fetch
    if (!rst_ni) begin
      f_pc_q    <= '0;
      d_valid_q <= 1'b0;
    end else begin
      if (redirect)  f_pc_q <= redirect_pc;
      else if (f_go) f_pc_q <= f_next;
      if (redirect)     d_valid_q <= 1'b0;
      else if (d_ready) d_valid_q <= f_go;
    end
  end

  always_ff @(posedge clk_i) begin : to_d
    if (f_go) begin
      d_pc_q     <= f_pc_q;
      d_insn_q   <= f_insn;
      d_imm_q    <= f_imm;
      d_target_q <= f_target;
      d_taken_q  <= f_taken;
      d_ctrl_q   <= f_ctrl;
      if (f_outside) begin
        d_ctrl_q.exc       <= 1'b1;
        d_ctrl_q.exc_cause <= 4'(d1_pkg::CAUSE_FETCH_ACCESS);
      end
    end
  end

  // ================================================================================================ D: operands
  assign d_go = d_valid_q && !hazard && (!x_valid_q || done) && !redirect && !halt_i;

  logic        wb_valid;
  logic [4:0]  wb_reg;
  logic [63:0] wb_data;

  d1_xrf u_xrf (
    .clk_i, .rst_ni,
    .en_i(d_go), .ra1_i(d_insn_q[19:15]), .ra2_i(d_insn_q[24:20]), .rd1_o(d_rs1), .rd2_o(d_rs2),
    .en3_i(x_ctrl_q.rs3), .ra3_i(x_insn_q[11:7]), .rd3_o(x_c_o),
    .wea_i(wb_valid), .wa_i(wb_reg), .wda_i(wb_data),
    .web_i(late_valid_i), .wb_i(late_reg_i), .wdb_i(late_data_i)
  );

  logic flags_idle, results_idle;
  d1_scoreboard u_scoreboard (
    .clk_i, .rst_ni, .valid_i(d_valid_q), .ctrl_i(d_ctrl_q), .insn_i(d_insn_q), .hazard_o(hazard),
    .commit_i(commit), .x_ctrl_i(x_ctrl_q), .x_insn_i(x_insn_q),
    .xdone_valid_i(late_valid_i), .xdone_reg_i(late_reg_i), .vdone_i, .tdone_valid_i, .tdone_i, .pdone_valid_i, .pdone_i,
    .flags_idle_o(flags_idle), .idle_o(results_idle)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin : issue
    if (!rst_ni) begin
      x_valid_q <= 1'b0;
      x_first_q <= 1'b0;
    end else begin
      x_valid_q <= d_go || (x_valid_q && !done);
      x_first_q <= d_go;
    end
  end

  always_ff @(posedge clk_i) begin : to_x
    if (d_go) begin
      x_pc_q     <= d_pc_q;
      x_insn_q   <= d_insn_q;
      x_imm_q    <= d_imm_q;
      x_target_q <= d_target_q;
      x_taken_q  <= d_taken_q;
      x_ctrl_q   <= d_ctrl_q;
      x_a_q      <= d_ctrl_q.a_pc ? d_pc_q : d_ctrl_q.a_zero ? '0 : d_rs1;
      x_b_q      <= d_ctrl_q.b_imm ? {{32{d_imm_q[31]}}, d_imm_q} : d_rs2;
    end
  end

  // ================================================================================================ X: execute
  logic        run;                 // an instruction is in X and has no exception from decode
  logic [63:0] sum, alu_res, target, pc_4, step;
  logic        cmp, taken, bad_target, bad_desc, bad_part;
  logic [3:0]  bad_desc_number;

  // ---- The interrupt: an instruction gives way in its first cycle in X, before it asks for anything, and while it only waits.
  // A request that the network interface has not taken waits, perhaps for acknowledgements that are lost.
  assign irq_now       = irq && x_valid_q &&
                         (x_first_q || x_ctrl_q.wfi || x_ctrl_q.fence || x_ctrl_q.net || (x_wait_q && !sync_done_i));

  assign run  = x_valid_q && !x_ctrl_q.exc && !irq_now;
  assign unit = x_ctrl_q.lsu || x_ctrl_q.muldiv || x_ctrl_q.simd || x_ctrl_q.matrix || x_ctrl_q.net;
  assign sum  = x_a_q + {{32{x_imm_q[31]}}, x_imm_q};
  assign pc_4 = x_pc_q + 64'd4;

  d1_alu u_alu (
    .en_i(run && !unit), .op_i(x_ctrl_q.alu), .word_i(x_ctrl_q.word), .a_i(x_a_q), .b_i(x_b_q), .res_o(alu_res),
    .cmp_i(x_insn_q[14:12]), .cmp_o(cmp)
  );

  always_comb begin : branch
    target     = x_ctrl_q.jalr ? {sum[63:1], 1'b0} : x_target_q;
    taken      = run && (x_ctrl_q.jal || x_ctrl_q.jalr || (x_ctrl_q.branch && cmp));
    bad_target = taken && target[1];
  end

  // ---- Descriptors
  logic [255:0] fmt;
  d1_descriptors u_descriptors (
    .en_i(run && (x_ctrl_q.desc_s || x_ctrl_q.desc_d || x_ctrl_q.mma)), .source_i(x_ctrl_q.desc_s), .dest_i(x_ctrl_q.desc_d),
    .mma_i(x_ctrl_q.mma), .insn_i(x_insn_q), .fmt_i(fmt), .sdesc_o, .ddesc_o, .bad_o(bad_desc), .bad_number_o(bad_desc_number),
    .bad_part_o(bad_part)
  );

  // ---- Failed lists: the thread is told at the instructions that wait for something or look at what has arrived.
  logic is_list, learns, list_trap;
  assign is_list       = x_ctrl_q.net && x_ctrl_q.net_op == d1_pkg::NET_LIST;
  assign learns        = x_ctrl_q.fence || x_ctrl_q.wfi || x_ctrl_q.ctr_read || is_list ||
                         (x_ctrl_q.sync && x_ctrl_q.sync_op != d1_pkg::SYNC_ADD);
  assign list_trap     = run && list_error_i && learns && !(x_wait_q && sync_done_i);
  assign list_taken_o  = list_trap;
  assign sync_cancel_o = (irq_now || list_trap) && x_wait_q;

  // ---- Requests to units
  logic go;
  assign go            = run && !bad_desc && !bad_part && !list_trap;
  assign want_lsu_o    = go && x_ctrl_q.lsu;
  assign want_muldiv_o = go && x_ctrl_q.muldiv;
  assign want_simd_o   = go && x_ctrl_q.simd;
  assign want_mma_o    = go && x_ctrl_q.mma;
  assign want_zero_o   = go && x_ctrl_q.tile_zero;
  assign want_net_o    = go && x_ctrl_q.net && (!is_list || mem_idle_i);   // a list finds what was stored before
  assign want_sync_o   = go && x_ctrl_q.sync && !x_wait_q;
  assign x_word_o      = x_ctrl_q.word;
  assign x_vload_o     = x_ctrl_q.vload;
  assign x_vs1_o       = x_ctrl_q.vs1;
  assign x_vs2_o       = x_ctrl_q.vs2;
  assign x_vd_o        = x_ctrl_q.vd_r;
  assign x_ctr_read_o  = run && x_ctrl_q.ctr_read;
  assign x_to_x_o      = x_ctrl_q.rd_late;
  assign x_tile_read_o = x_ctrl_q.tile_read;
  assign x_lsu_op_o    = x_ctrl_q.lsu_op;
  assign x_net_op_o    = x_ctrl_q.net_op;
  assign x_sync_op_o   = x_ctrl_q.sync_op;
  assign x_insn_o      = x_insn_q;
  assign x_a_o         = x_a_q;
  assign x_b_o         = x_b_q;
  assign x_addr_o      = x_ctrl_q.postinc ? x_a_q : sum;

  // ---- Patience: what is asked of a unit, not sleep, which may be for ever.
  logic [7:0] waited_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin : patience
    if (!rst_ni)                                    waited_q <= '0;
    else if (!x_valid_q || done)                    waited_q <= '0;
    else if (waited_q != '1 && (unit || (x_ctrl_q.sync && !x_wait_q))) waited_q <= waited_q + 8'd1;
  end
  assign late_o   = waited_q >= 8'd63;
  assign waited_o = waited_q == '1;

  // ---- Outcome
  logic [5:0]  cause;
  logic [63:0] tval;
  logic        dflags_access;
  assign dflags_access = x_ctrl_q.csr && x_insn_q[31:20] == 12'h7D0;

  always_comb begin : exceptions
    trap  = 1'b0;
    cause = '0;
    tval  = '0;
    if (x_valid_q) begin
      if (irq_now) begin
        trap  = 1'b1;
        cause = d1_pkg::CAUSE_LINK_ERROR;
        tval  = link_first_i;
      end else if (x_ctrl_q.exc) begin
        trap  = 1'b1;
        cause = {2'd0, x_ctrl_q.exc_cause};
        case (x_ctrl_q.exc_cause)
          4'(d1_pkg::CAUSE_ILLEGAL): tval = {32'd0, x_insn_q};
          4'(d1_pkg::CAUSE_ECALL_M): tval = '0;
          default:                   tval = x_pc_q;
        endcase
      end else if (list_trap) begin
        trap  = 1'b1;
        cause = d1_pkg::CAUSE_LIST_FAILED;
        tval  = list_tval_i;
      end else if (bad_target) begin
        trap  = 1'b1;
        cause = d1_pkg::CAUSE_FETCH_MISALIGNED;
        tval  = target;
      end else if (bad_desc) begin
        trap  = 1'b1;
        cause = d1_pkg::CAUSE_BAD_DESCRIPTOR;
        tval  = {60'd0, bad_desc_number};
      end else if (bad_part) begin
        trap  = 1'b1;
        cause = d1_pkg::CAUSE_ILLEGAL;
        tval  = {32'd0, x_insn_q};
      end else if (unit_fault_i) begin
        trap  = 1'b1;
        cause = unit_cause_i;
        tval  = unit_tval_i;
      end
    end
  end

  always_comb begin : finish
    commit = 1'b0;
    if (run && !trap) begin
      if (unit)                commit = unit_done_i;
      else if (x_ctrl_q.sync)  commit = x_wait_q ? sync_done_i : unit_done_i && x_ctrl_q.sync_op == d1_pkg::SYNC_ADD;
      else if (x_ctrl_q.fence) commit = mem_idle_i;
      else if (x_ctrl_q.wfi)   commit = event_q;
      else if (dflags_access)  commit = flags_idle;
      else                     commit = 1'b1;
    end
    done = commit || trap;
  end

  assign sleeping = run && !list_trap && ((x_ctrl_q.wfi && !event_q) || (x_wait_q && !sync_done_i));

  always_comb begin : steer
    redirect    = 1'b0;
    redirect_pc = '0;
    if (x_boot_q[0]) begin
      redirect    = 1'b1;
      redirect_pc = boot_pc_i;
    end else if (trap) begin
      redirect    = 1'b1;
      redirect_pc = mtvec;
    end else if (commit) begin
      if (x_ctrl_q.branch || x_ctrl_q.jal || x_ctrl_q.jalr) begin
        redirect    = taken != x_taken_q;      // jalr is never predicted taken, jal always
        redirect_pc = taken ? target : pc_4;
      end else if (x_ctrl_q.mret) begin
        redirect    = 1'b1;
        redirect_pc = mepc;
      end else if (x_ctrl_q.fence_i) begin
        redirect    = 1'b1;
        redirect_pc = pc_4;
      end
    end
  end

  // ---- Write back
  logic [63:0] csr_rdata;

  always_comb begin : write_back
    wb_valid = 1'b0;
    wb_reg   = x_ctrl_q.postinc ? x_insn_q[19:15] : x_insn_q[11:7];
    wb_data  = alu_res;
    step     = '0;
    if (commit && (x_ctrl_q.rd_we || x_ctrl_q.postinc)) begin
      wb_valid = wb_reg != 5'd0;
      if (x_ctrl_q.csr)                         wb_data = csr_rdata;
      else if (x_ctrl_q.ctr_read)               wb_data = {32'd0, counter_i};
      else if (x_ctrl_q.jal || x_ctrl_q.jalr)   wb_data = pc_4;
      else if (x_ctrl_q.postinc) begin
        // rows * stride: 16 rows of 4 bytes, 4 of 16, else 8.
        case (x_insn_q[30:28])
          3'd0:             step = {x_b_q[59:0], 4'd0};
          3'd2, 3'd5, 3'd6: step = {x_b_q[61:0], 2'd0};
          default:          step = {x_b_q[60:0], 3'd0};
        endcase
        wb_data = x_ctrl_q.inc_rows ? x_a_q + step : sum;
      end
    end
  end

  // ---- State of X: after reset a redirect to boot_pc_i; waiting for d1_sync; events for wfi.
  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      x_boot_q <= 2'b11;        // boot_pc_i is there from the second cycle on
      x_wait_q <= 1'b0;
      event_q  <= 1'b0;
      halted_q <= 1'b0;
    end else begin
      x_boot_q <= {1'b0, x_boot_q[1]};
      if (x_wait_q)         x_wait_q <= !sync_done_i && !irq_now && !list_trap;
      else if (want_sync_o) x_wait_q <= unit_done_i && x_ctrl_q.sync_op != d1_pkg::SYNC_ADD;
      // An event that comes between the program's last look and its wfi must not be lost.
      if (wake_i)                        event_q <= 1'b1;
      else if (commit && x_ctrl_q.wfi)   event_q <= 1'b0;
      if (trap && mtvec == '0)           halted_q <= 1'b1;
    end
  end

  // ---- CSRs and events
  logic [16:3]  events;

  always_comb begin : count_events
    events = '0;
    if (commit) begin
      events[3] = x_ctrl_q.vload;
      events[4] = x_ctrl_q.vd_r && x_ctrl_q.lsu;
      events[5] = x_ctrl_q.simd;
      events[6] = x_ctrl_q.mma;
      events[7] = x_ctrl_q.lsu && !x_ctrl_q.lsu_op[3];
      events[8] = x_ctrl_q.branch || x_ctrl_q.jal || x_ctrl_q.jalr;
      events[9] = taken;
    end
    events[15] = sleeping;
    events[16] = replay_i;
    // One cause a cycle: what holds X, else what holds D, else fetch.
    if (x_valid_q && !done) begin
      events[11] = dflags_access;
      events[12] = x_ctrl_q.lsu || x_ctrl_q.fence;
      events[13] = x_ctrl_q.simd;
      events[14] = x_ctrl_q.matrix;
    end else if (!halted_q && !halt_i) begin
      events[10] = !d_valid_q;
      events[11] = hazard;
    end
  end

  d1_csr u_csr (
    .clk_i, .rst_ni, .hartid_i, .thread_i(Thread), .node_x_i, .node_y_i, .fab_w_i, .fab_h_i, .cycle_i, .node_events_i,
    .link_events_i, .link_errors_i, .link_first_i, .link_error_i,
    .en_i(run && x_ctrl_q.csr), .addr_i(x_insn_q[31:20]), .funct3_i(x_insn_q[14:12]), .zimm_i(x_insn_q[19:15]), .rs1_i(x_a_q),
    .commit_i(commit), .rdata_o(csr_rdata),
    .trap_i(trap), .mret_i(commit && x_ctrl_q.mret), .pc_i(x_pc_q), .cause_i(cause), .tval_i(tval), .mtvec_o(mtvec), .mepc_o(mepc),
    .irq_o(irq), .handler_o(link_handler_o),
    .flags_i, .fmt_o(fmt), .seed_o, .count_o, .rows_o, .bytes_o,
    .retire_i(commit), .event_i(events), .muldiv_i(x_ctrl_q.muldiv)
  );

  assign trap_o           = trap;
  assign trap_unhandled_o = halted_q;
  assign asleep_o         = halted_q || sleeping;
  assign idle_o           = asleep_o && results_idle && (halted_q || !f_busy) && !wake_i;

`ifndef SYNTHESIS
  assign tr_commit_o  = done;
  assign tr_pc_o      = x_pc_q;
  assign tr_insn_o    = x_insn_q;
  assign tr_cause_o   = cause;
  assign tr_tval_o    = tval;
  assign tr_rd_we_o   = wb_valid;
  assign tr_rd_o      = wb_reg;
  assign tr_rd_data_o = wb_data;
`endif

  `D1_ASSERT(OnlyOneUnit, $onehot0({want_lsu_o, want_muldiv_o, want_simd_o, want_mma_o, want_zero_o, want_net_o, want_sync_o}))
  `D1_ASSERT(FaultIsOfARequest, !unit_fault_i || want_lsu_o || want_net_o)

endmodule
