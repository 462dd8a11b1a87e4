// The core: four threads, their vector registers, issue, multiplier/divider, SIMD unit, matrix unit. Assembly, the node's event
// counters and the trace.
//
// Ports lsu_*, net_*, sync_* go to the blocks of the same names (docs/architecture.md, section 2), f_* to the SRAM.
module d1_core (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic [63:0]   boot_pc_i,
  input  logic [7:0]    node_x_i,
  input  logic [7:0]    node_y_i,
  input  logic [7:0]    fab_w_i,
  input  logic [7:0]    fab_h_i,
  input  logic [63:0]   cycle_i,
  input  logic          halt_i,
  input  logic          wake_i,           // ends wfi
  output logic          idle_o,           // all threads asleep or halted, nothing under way in the core
  output logic [3:0]    trap_unhandled_o,
  output logic [3:0]    trap_o,           // the thread traps in this cycle

  // LSU
  output logic          lsu_valid0_o,
  input  logic          lsu_ready0_i,
  output logic [1:0]    lsu_thread0_o,
  output logic [3:0]    lsu_op0_o,
  output logic [2:0]    lsu_funct30_o,
  output logic [4:0]    lsu_amo0_o,
  output logic          lsu_unit0_o,
  output logic          lsu_indexed0_o,
  output logic [2:0]    lsu_shape0_o,
  output logic          lsu_pad0_o,
  output logic [4:0]    lsu_rows0_o,
  output logic [6:0]    lsu_bytes0_o,
  output logic [63:0]   lsu_base0_o,
  output logic [63:0]   lsu_stride0_o,
  output logic [511:0]  lsu_index0_o,
  output logic [511:0]  lsu_data0_o,
  output logic [4:0]    lsu_rd0_o,
  input  logic          lsu_fault0_i,
  input  logic [5:0]    lsu_cause0_i,
  input  logic [63:0]   lsu_tval0_i,
  input  logic [3:0]    lsu_pending0_i,
  output logic          lsu_valid1_o,
  input  logic          lsu_ready1_i,
  output logic [1:0]    lsu_thread1_o,
  output logic          lsu_unit1_o,
  output logic          lsu_indexed1_o,
  output logic [2:0]    lsu_shape1_o,
  output logic          lsu_pad1_o,
  output logic [4:0]    lsu_rows1_o,
  output logic [6:0]    lsu_bytes1_o,
  output logic [63:0]   lsu_base1_o,
  output logic [63:0]   lsu_stride1_o,
  output logic [511:0]  lsu_index1_o,
  output logic [4:0]    lsu_rd1_o,
  input  logic          lsu_fault1_i,
  input  logic [5:0]    lsu_cause1_i,
  input  logic [63:0]   lsu_tval1_i,
  input  logic [3:0]    lsu_pending1_i,
  input  logic [1:0]    lsu_vwb_valid_i,
  input  logic [3:0]    lsu_vwb_thread_i,
  input  logic [9:0]    lsu_vwb_reg_i,
  input  logic [1023:0] lsu_vwb_data_i,
  input  logic          lsu_gwb_valid_i,
  input  logic [1:0]    lsu_gwb_thread_i,
  input  logic [4:0]    lsu_gwb_reg_i,
  input  logic [63:0]   lsu_gwb_data_i,
  input  logic [3:0]    lsu_replay_i,

  // Instruction fetch
  output logic [7:0]    f_req_o,
  output logic [143:0]  f_word_o,
  input  logic [7:0]    f_gnt_i,
  input  logic [511:0]  f_rdata_i,

  // Network interface, synchronisation
  output logic          net_valid_o,
  input  logic          net_ready_i,
  output logic [1:0]    net_thread_o,
  output logic [2:0]    net_op_o,
  output logic [63:0]   net_gaddr_o,
  output logic [63:0]   net_local_o,
  output logic [511:0]  net_data_o,
  output logic [63:0]   net_cmp_o,
  output logic [6:0]    net_nbytes_o,
  output logic          net_sig_o,
  output logic [4:0]    net_ctr_o,
  output logic [4:0]    net_rd_o,
  input  logic          net_fault_i,
  input  logic [5:0]    net_cause_i,
  input  logic [63:0]   net_tval_i,
  input  logic          net_gwb_valid_i,
  output logic          net_gwb_ready_o,
  input  logic [1:0]    net_gwb_thread_i,
  input  logic [4:0]    net_gwb_reg_i,
  input  logic [63:0]   net_gwb_data_i,
  input  logic [3:0]    net_outstanding_i,
  input  logic [3:0]    list_error_i,
  input  logic [255:0]  list_tval_i,
  output logic [3:0]    list_taken_o,
  output logic          sync_valid_o,
  output logic [1:0]    sync_thread_o,
  output logic [1:0]    sync_op_o,
  output logic [4:0]    sync_ctr_o,
  output logic [31:0]   sync_value_o,
  output logic [3:0]    sync_mask_o,
  output logic [3:0]    sync_cancel_o,
  input  logic [3:0]    sync_done_i,
  input  logic [1023:0] sync_counters_i,

  // Events of the node: words that waited for a bank, flits sent, received, waiting
  input  logic [5:0]    wait_words_i,
  input  logic [1:0]    sent_i,
  input  logic [1:0]    received_i,
  input  logic          waiting_i,

  // Links of the node: counters 23..31, CSRs dlinkerr and dlinkfirst; a damaged flit; threads that handle them
  input  logic [575:0]  link_events_i,
  input  logic [63:0]   link_errors_i,
  input  logic [63:0]   link_first_i,
  input  logic          link_error_i,
  output logic [3:0]    link_handler_o
);

  // ---- Threads
  logic [3:0]   asleep, idle, fill_req, fill_gnt, fill_valid;
  logic [59:0]  fill_line;
  logic [511:0] fill_data;
  logic         fill_busy;
  logic [3:0]   want_lsu, want_muldiv, want_simd, want_mma, want_zero, want_net, want_sync, late, waited, urgent, done, fault;
  logic [63:0]  hartid;
  logic [3:0]   x_ctr_read, x_word, x_vload, x_vs1, x_vs2, x_vd, x_to_x, x_tile_read;
  logic [127:0] x_insn, counter, vdone;
  logic [255:0] x_a, x_b, x_c, x_addr, tval, seed, count, late_data;
  logic [15:0]  lsu_op, flags;
  logic [11:0]  net_op, tdone;
  logic [7:0]   sync_op, pdone;
  logic [23:0]  cause;
  logic [63:0]  sdesc, ddesc;
  logic [19:0]  rows, late_reg;
  logic [27:0]  bytes;
  logic [3:0]   mem_idle, late_valid, tdone_valid, pdone_valid;
  logic [319:0] node_events;

  // ---- Vector registers
  logic [3:0]    vrf_en1, vrf_en2, vrf_en3, vrf_we0, vrf_we1, vrf_we2;
  logic [2047:0] vrf_rd1, vrf_rd2, vrf_rd3;

  // ---- Units
  logic         muldiv_valid, mul_ready, div_ready, muldiv_word, md_valid, md_ready, md_busy;
  logic [1:0]   muldiv_thread, md_thread;
  logic [4:0]   muldiv_rd, md_reg;
  logic [2:0]   muldiv_funct3;
  logic [63:0]  muldiv_a, muldiv_b, md_data;

  logic         simd_valid, simd_ready, simd_tile_read, simd_busy, simd_active, res_valid;
  logic [1:0]   simd_thread, res_thread, res_kind;
  logic [31:0]  simd_insn, simd_x;
  logic [511:0] simd_vs1, simd_vs2, simd_vd, simd_tile, res_data;
  logic [15:0]  simd_sdesc, simd_ddesc;
  logic [63:0]  simd_seed, simd_count;
  logic [4:0]   res_reg;
  logic [3:0]   res_flags, to_x_busy, to_x_issue;
  logic         res_vector, res_scalar, res_tile;

  logic         mma_valid, mma_ready, mma_zero_first, zero_valid, mat_done, mat_busy, mat_active;
  logic [1:0]   mma_thread, zero_thread, mat_done_thread;
  logic [2:0]   mma_tile, mat_done_tile;
  logic [15:0]  mma_adesc, mma_bdesc;
  logic [511:0] mma_a, mma_b;
  logic [7:0]   zero_mask;
  logic [3:0]   mat_done_flags;

`ifndef SYNTHESIS
  // The trace: docs/architecture.md, section 3.
  logic [3:0]    tr_commit     /* verilator public_flat_rd */;
  logic [255:0]  tr_pc         /* verilator public_flat_rd */;
  logic [127:0]  tr_insn       /* verilator public_flat_rd */;
  logic [3:0]    tr_trap       /* verilator public_flat_rd */;
  logic [23:0]   tr_cause      /* verilator public_flat_rd */;
  logic [255:0]  tr_tval       /* verilator public_flat_rd */;
  logic [3:0]    tr_rd_we      /* verilator public_flat_rd */;
  logic [19:0]   tr_rd         /* verilator public_flat_rd */;
  logic [255:0]  tr_rd_data    /* verilator public_flat_rd */;
  logic [3:0]    tr_gwb        /* verilator public_flat_rd */;
  logic [19:0]   tr_gwb_reg    /* verilator public_flat_rd */;
  logic [255:0]  tr_gwb_data   /* verilator public_flat_rd */;
  logic [2:0]    tr_vwb        /* verilator public_flat_rd */;
  logic [5:0]    tr_vwb_thread /* verilator public_flat_rd */;
  logic [14:0]   tr_vwb_reg    /* verilator public_flat_rd */;
  logic [1535:0] tr_vwb_data   /* verilator public_flat_rd */;
  // Results with flags: bit 0 SIMD, bit 1 matrix
  logic [1:0]    tr_flags_valid  /* verilator public_flat_rd */;
  logic [7:0]    tr_flags        /* verilator public_flat_rd */;
  logic [3:0]    tr_flags_thread /* verilator public_flat_rd */;
  // A tile row pair written by dm.mv.t.v; the data are tr_vwb_data's SIMD part
  logic          tr_row        /* verilator public_flat_rd */;
  logic [1:0]    tr_row_thread /* verilator public_flat_rd */;
  logic [4:0]    tr_row_reg    /* verilator public_flat_rd */;
  logic [3:0]    tr_asleep     /* verilator public_flat_rd */;
`endif

  for (genvar t = 0; t < 4; t++) begin : gen_thread
    d1_thread #(.Thread(2'(t))) u_thread (
      .clk_i, .rst_ni, .boot_pc_i, .hartid_i(hartid + 64'(t)), .node_x_i, .node_y_i, .fab_w_i, .fab_h_i, .cycle_i,
      .node_events_i(node_events), .link_events_i, .link_errors_i, .link_first_i, .link_error_i,
      .link_handler_o(link_handler_o[t]), .halt_i, .wake_i, .trap_unhandled_o(trap_unhandled_o[t]), .asleep_o(asleep[t]),
      .idle_o(idle[t]),
      .fill_req_o(fill_req[t]), .fill_line_o(fill_line[15*t +: 15]), .fill_gnt_i(fill_gnt[t]), .fill_valid_i(fill_valid[t]),
      .fill_data_i(fill_data),
      .x_insn_o(x_insn[32*t +: 32]), .x_word_o(x_word[t]), .x_vload_o(x_vload[t]), .x_vs1_o(x_vs1[t]), .x_vs2_o(x_vs2[t]),
      .x_vd_o(x_vd[t]), .x_ctr_read_o(x_ctr_read[t]), .x_to_x_o(x_to_x[t]), .x_tile_read_o(x_tile_read[t]), .x_lsu_op_o(lsu_op[4*t +: 4]),
      .x_net_op_o(net_op[3*t +: 3]), .x_sync_op_o(sync_op[2*t +: 2]), .x_a_o(x_a[64*t +: 64]), .x_b_o(x_b[64*t +: 64]),
      .x_c_o(x_c[64*t +: 64]), .x_addr_o(x_addr[64*t +: 64]),
      .want_lsu_o(want_lsu[t]), .want_muldiv_o(want_muldiv[t]), .want_simd_o(want_simd[t]), .want_mma_o(want_mma[t]),
      .want_zero_o(want_zero[t]), .want_net_o(want_net[t]), .want_sync_o(want_sync[t]), .late_o(late[t]), .waited_o(waited[t]),
      .unit_done_i(done[t]), .unit_fault_i(fault[t]), .unit_cause_i(cause[6*t +: 6]), .unit_tval_i(tval[64*t +: 64]),
      .sync_cancel_o(sync_cancel_o[t]), .sync_done_i(sync_done_i[t]), .mem_idle_i(mem_idle[t]), .counter_i(counter[32*t +: 32]),
      .list_error_i(list_error_i[t]), .list_tval_i(list_tval_i[64*t +: 64]), .list_taken_o(list_taken_o[t]),
      .sdesc_o(sdesc[16*t +: 16]), .ddesc_o(ddesc[16*t +: 16]), .seed_o(seed[64*t +: 64]), .count_o(count[64*t +: 64]),
      .rows_o(rows[5*t +: 5]), .bytes_o(bytes[7*t +: 7]),
      .late_valid_i(late_valid[t]), .late_reg_i(late_reg[5*t +: 5]), .late_data_i(late_data[64*t +: 64]),
      .vdone_i(vdone[32*t +: 32]), .tdone_valid_i(tdone_valid[t]), .tdone_i(tdone[3*t +: 3]),
      .pdone_valid_i(pdone_valid[t]), .pdone_i(pdone[2*t +: 2]), .flags_i(flags[4*t +: 4]), .replay_i(lsu_replay_i[t]),
      .trap_o(trap_o[t])
`ifndef SYNTHESIS
      ,
      .tr_commit_o(tr_commit[t]), .tr_pc_o(tr_pc[64*t +: 64]), .tr_insn_o(tr_insn[32*t +: 32]), .tr_cause_o(tr_cause[6*t +: 6]),
      .tr_tval_o(tr_tval[64*t +: 64]), .tr_rd_we_o(tr_rd_we[t]), .tr_rd_o(tr_rd[5*t +: 5]), .tr_rd_data_o(tr_rd_data[64*t +: 64])
`endif
    );

    d1_vrf u_vrf (
      .clk_i, .rst_ni, .en1_i(vrf_en1[t]), .en2_i(vrf_en2[t]), .en3_i(vrf_en3[t]),
      .ra1_i(x_insn[32*t + 15 +: 5]), .ra2_i(x_insn[32*t + 20 +: 5]), .ra3_i(x_insn[32*t + 7 +: 5]),
      .rd1_o(vrf_rd1[512*t +: 512]), .rd2_o(vrf_rd2[512*t +: 512]), .rd3_o(vrf_rd3[512*t +: 512]),
      .we0_i(vrf_we0[t]), .we1_i(vrf_we1[t]), .we2_i(vrf_we2[t]),
      .wa0_i(lsu_vwb_reg_i[4:0]), .wa1_i(lsu_vwb_reg_i[9:5]), .wa2_i(res_reg),
      .wd0_i(lsu_vwb_data_i[511:0]), .wd1_i(lsu_vwb_data_i[1023:512]), .wd2_i(res_data)
    );

    // For dn.ctr.rd: the counter is named by bits 29:25 of the instruction.
    assign counter[32*t +: 32] = x_ctr_read[t] ? sync_counters_i[{x_insn[32*t + 25 +: 5], 5'd0} +: 32] : '0;
  end

  // mhartid = 4 * (y * W + x) + thread
  assign hartid = {46'd0, 16'(node_y_i) * 16'(fab_w_i) + 16'(node_x_i), 2'd0};

  assign mem_idle = ~(lsu_pending0_i | lsu_pending1_i | net_outstanding_i);

  d1_ifill u_ifill (
    .clk_i, .rst_ni, .req_i(fill_req), .line_i(fill_line), .gnt_o(fill_gnt), .valid_o(fill_valid), .data_o(fill_data),
    .busy_o(fill_busy), .f_req_o, .f_word_o, .f_gnt_i, .f_rdata_i
  );

  // ---- Results to vector registers and tiles, and what they release.
  assign res_vector = res_valid && res_kind == d1_simd_pkg::RES_VREG;
  assign res_scalar = res_valid && res_kind == d1_simd_pkg::RES_GPR;
  assign res_tile   = res_valid && res_kind == d1_simd_pkg::RES_TILE;
  assign vrf_we0    = {3'd0, lsu_vwb_valid_i[0]} << lsu_vwb_thread_i[1:0];
  assign vrf_we1    = {3'd0, lsu_vwb_valid_i[1]} << lsu_vwb_thread_i[3:2];
  assign vrf_we2    = {3'd0, res_vector} << res_thread;

  always_comb begin : release_registers
    vdone       = '0;
    tdone_valid = {3'd0, mat_done} << mat_done_thread;
    tdone       = {4{mat_done_tile}};
    pdone_valid = {3'd0, res_tile} << res_thread;
    pdone       = {4{res_reg[4:3]}};
    flags       = '0;
    if ((vrf_we0 | vrf_we1 | vrf_we2) != '0) begin
      for (int t = 0; t < 4; t++) begin
        if (vrf_we0[t]) vdone[32*t +: 32] = vdone[32*t +: 32] | (32'd1 << lsu_vwb_reg_i[4:0]);
        if (vrf_we1[t]) vdone[32*t +: 32] = vdone[32*t +: 32] | (32'd1 << lsu_vwb_reg_i[9:5]);
        if (vrf_we2[t]) vdone[32*t +: 32] = vdone[32*t +: 32] | (32'd1 << res_reg);
      end
    end
    if (res_valid) flags = flags | ({12'd0, res_flags} << {res_thread, 2'd0});
    if (mat_done)  flags = flags | ({12'd0, mat_done_flags} << {mat_done_thread, 2'd0});
  end

  logic [15:0] order;
  d1_order u_order (
    .clk_i, .rst_ni, .mma_i(mma_valid && mma_ready), .thread_i(mma_thread), .zero_first_i(mma_zero_first), .before_o(order)
  );

  d1_patience u_patience (.clk_i, .rst_ni, .late_i(late), .waited_i(waited), .served_i(done), .urgent_o(urgent));

  d1_issue u_issue (
    .want_lsu_i(want_lsu), .want_muldiv_i(want_muldiv), .want_simd_i(want_simd), .want_mma_i(want_mma), .want_zero_i(want_zero),
    .want_net_i(want_net), .want_sync_i(want_sync), .urgent_i(urgent), .before_i(order), .insn_i(x_insn), .a_i(x_a), .b_i(x_b), .c_i(x_c), .addr_i(x_addr),
    .word_i(x_word), .vload_i(x_vload), .vs1_i(x_vs1), .vs2_i(x_vs2), .vd_i(x_vd), .to_x_i(x_to_x), .tile_read_i(x_tile_read),
    .lsu_op_i(lsu_op), .net_op_i(net_op), .sync_op_i(sync_op), .sdesc_i(sdesc), .ddesc_i(ddesc), .seed_i(seed), .count_i(count),
    .rows_i(rows), .bytes_i(bytes), .done_o(done), .fault_o(fault), .cause_o(cause), .tval_o(tval),
    .vrf_en1_o(vrf_en1), .vrf_en2_o(vrf_en2), .vrf_en3_o(vrf_en3), .vrf_rd1_i(vrf_rd1), .vrf_rd2_i(vrf_rd2), .vrf_rd3_i(vrf_rd3),
    .lsu_valid0_o, .lsu_ready0_i, .lsu_thread0_o, .lsu_op0_o, .lsu_funct30_o, .lsu_amo0_o, .lsu_unit0_o, .lsu_indexed0_o,
    .lsu_shape0_o, .lsu_pad0_o, .lsu_rows0_o, .lsu_bytes0_o, .lsu_base0_o, .lsu_stride0_o, .lsu_index0_o, .lsu_data0_o,
    .lsu_rd0_o, .lsu_fault0_i, .lsu_cause0_i, .lsu_tval0_i, .lsu_pending0_i,
    .lsu_valid1_o, .lsu_ready1_i, .lsu_thread1_o, .lsu_unit1_o, .lsu_indexed1_o, .lsu_shape1_o, .lsu_pad1_o, .lsu_rows1_o,
    .lsu_bytes1_o, .lsu_base1_o, .lsu_stride1_o, .lsu_index1_o, .lsu_rd1_o, .lsu_fault1_i, .lsu_cause1_i, .lsu_tval1_i,
    .lsu_pending1_i,
    .muldiv_valid_o(muldiv_valid), .mul_ready_i(mul_ready), .div_ready_i(div_ready), .muldiv_thread_o(muldiv_thread),
    .muldiv_rd_o(muldiv_rd), .muldiv_funct3_o(muldiv_funct3), .muldiv_word_o(muldiv_word), .muldiv_a_o(muldiv_a),
    .muldiv_b_o(muldiv_b),
    .simd_valid_o(simd_valid), .simd_ready_i(simd_ready), .simd_thread_o(simd_thread), .simd_insn_o(simd_insn),
    .simd_vs1_o(simd_vs1), .simd_vs2_o(simd_vs2), .simd_vd_o(simd_vd), .simd_x_o(simd_x), .simd_sdesc_o(simd_sdesc),
    .simd_ddesc_o(simd_ddesc), .simd_seed_o(simd_seed), .simd_count_o(simd_count), .simd_tile_read_o(simd_tile_read),
    .to_x_busy_i(to_x_busy), .to_x_issue_o(to_x_issue),
    .mma_valid_o(mma_valid), .mma_ready_i(mma_ready), .mma_thread_o(mma_thread), .mma_tile_o(mma_tile),
    .mma_zero_first_o(mma_zero_first), .mma_adesc_o(mma_adesc), .mma_bdesc_o(mma_bdesc), .mma_a_o(mma_a), .mma_b_o(mma_b),
    .zero_valid_o(zero_valid), .zero_thread_o(zero_thread), .zero_mask_o(zero_mask),
    .net_valid_o, .net_ready_i, .net_thread_o, .net_op_o, .net_gaddr_o, .net_local_o, .net_data_o, .net_cmp_o, .net_nbytes_o,
    .net_sig_o, .net_ctr_o, .net_rd_o, .net_fault_i, .net_cause_i, .net_tval_i,
    .sync_valid_o, .sync_thread_o, .sync_op_o, .sync_ctr_o, .sync_value_o, .sync_mask_o
  );

  d1_muldiv u_muldiv (
    .clk_i, .rst_ni, .valid_i(muldiv_valid), .mul_ready_o(mul_ready), .div_ready_o(div_ready), .thread_i(muldiv_thread),
    .rd_i(muldiv_rd), .funct3_i(muldiv_funct3), .word_i(muldiv_word), .a_i(muldiv_a), .b_i(muldiv_b),
    .res_valid_o(md_valid), .res_ready_i(md_ready), .res_thread_o(md_thread), .res_reg_o(md_reg), .res_data_o(md_data),
    .busy_o(md_busy)
  );

  d1_simd u_simd (
    .clk_i, .rst_ni, .valid_i(simd_valid), .ready_o(simd_ready), .thread_i(simd_thread), .insn_i(simd_insn), .vs1_i(simd_vs1),
    .vs2_i(simd_vs2), .vd_i(simd_vd), .x_i(simd_x), .tile_i(simd_tile), .sdesc_i(simd_sdesc), .ddesc_i(simd_ddesc),
    .seed_i(simd_seed), .count_i(simd_count),
    .res_next_valid_o(), .res_next_thread_o(), .res_next_kind_o(), .res_next_reg_o(),
    .res_valid_o(res_valid), .res_thread_o(res_thread), .res_kind_o(res_kind), .res_reg_o(res_reg), .res_data_o(res_data),
    .res_flags_o(res_flags), .busy_o(simd_busy), .active_o(simd_active)
  );

  d1_matrix u_matrix (
    .clk_i, .rst_ni, .valid_i(mma_valid), .ready_o(mma_ready), .thread_i(mma_thread), .tile_i(mma_tile),
    .zero_first_i(mma_zero_first), .desc_a_i(mma_adesc), .desc_b_i(mma_bdesc), .a_i(mma_a), .b_i(mma_b),
    .done_valid_o(mat_done), .done_thread_o(mat_done_thread), .done_tile_o(mat_done_tile), .done_flags_o(mat_done_flags),
    .done_next_valid_o(), .done_next_thread_o(), .done_next_tile_o(),
    .zero_valid_i(zero_valid), .zero_thread_i(zero_thread), .zero_mask_i(zero_mask),
    .rd_en_i(simd_tile_read), .rd_thread_i(simd_thread), .rd_pair_i(simd_insn[19:18]), .rd_row_i(simd_insn[17:15]),
    .rd_data_o(simd_tile),
    .wr_valid_i(res_tile), .wr_thread_i(res_thread), .wr_pair_i(res_reg[4:3]), .wr_row_i(res_reg[2:0]), .wr_data_i(res_data),
    .busy_o(mat_busy), .active_o(mat_active)
  );

  d1_late u_late (
    .clk_i, .rst_ni,
    .lsu_valid_i(lsu_gwb_valid_i), .lsu_thread_i(lsu_gwb_thread_i), .lsu_reg_i(lsu_gwb_reg_i), .lsu_data_i(lsu_gwb_data_i),
    .simd_issue_i(to_x_issue), .simd_valid_i(res_scalar), .simd_thread_i(res_thread), .simd_reg_i(res_reg),
    .simd_data_i(res_data[63:0]), .busy_o(to_x_busy),
    .muldiv_valid_i(md_valid), .muldiv_ready_o(md_ready), .muldiv_thread_i(md_thread), .muldiv_reg_i(md_reg),
    .muldiv_data_i(md_data),
    .net_valid_i(net_gwb_valid_i), .net_ready_o(net_gwb_ready_o), .net_thread_i(net_gwb_thread_i), .net_reg_i(net_gwb_reg_i),
    .net_data_i(net_gwb_data_i),
    .valid_o(late_valid), .reg_o(late_reg), .data_o(late_data)
  );

  // ---- Events of the node: 17 passes of the matrix unit, 18 words that wait for a bank, 19 and 20 flits sent and received,
  // 21 cycles a flit waits.
  always_ff @(posedge clk_i or negedge rst_ni) begin : count_events
    if (!rst_ni) begin
      node_events <= '0;
    end else begin
      if (mat_active)          node_events[63:0]    <= node_events[63:0] + 64'd1;
      if (wait_words_i != '0)  node_events[127:64]  <= node_events[127:64] + 64'(wait_words_i);
      if (sent_i != '0)        node_events[191:128] <= node_events[191:128] + 64'(sent_i[0]) + 64'(sent_i[1]);
      if (received_i != '0)    node_events[255:192] <= node_events[255:192] + 64'(received_i[0]) + 64'(received_i[1]);
      if (waiting_i)           node_events[319:256] <= node_events[319:256] + 64'd1;
    end
  end

  assign idle_o = idle == '1 && !fill_busy && !md_busy && !simd_busy && !simd_active && !mat_busy && !mat_active;

`ifndef SYNTHESIS
  assign tr_trap     = trap_o;
  assign tr_asleep   = asleep;
  assign tr_gwb      = late_valid;
  assign tr_gwb_reg  = late_reg;
  assign tr_gwb_data = late_data;

  always_comb begin : trace_vectors
    tr_vwb          = {res_vector, lsu_vwb_valid_i};
    tr_vwb_thread   = {res_thread, lsu_vwb_thread_i};
    tr_vwb_reg      = {res_reg, lsu_vwb_reg_i};
    tr_flags_valid  = {mat_done, res_valid};
    tr_flags        = {mat_done_flags, res_flags};
    tr_flags_thread = {mat_done_thread, res_thread};
    tr_row          = res_tile;
    tr_row_thread   = res_thread;
    tr_row_reg      = res_reg;
    tr_vwb_data     = '0;
    if (lsu_vwb_valid_i[0]) tr_vwb_data[511:0]     = lsu_vwb_data_i[511:0];
    if (lsu_vwb_valid_i[1]) tr_vwb_data[1023:512]  = lsu_vwb_data_i[1023:512];
    if (res_valid)          tr_vwb_data[1535:1024] = res_data;
  end
`endif

endmodule
