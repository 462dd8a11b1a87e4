// Issue: chooses for every shared unit the thread whose instruction it gets in this cycle, and hands over the operands.
//
// The thread that comes first in the order of d1_order (for dm.zero and synchronisation, which take every cycle what they are
// given, lowest thread first), but those that d1_patience names come before the others: threads that spin on a lock would starve
// its owner. A thread requests one unit a cycle; several threads issue in the same cycle to different
// units, and vector loads of two threads to the two slots of the LSU. A thread uses a slot only while the other slot has none
// of its operations pending, so its operations stay in order; the LSU's ready does not depend on requests, so a request is made
// only to a slot that takes it. Vectors per thread are flat: thread t of a w-bit signal in bits w*t+w-1..w*t.
module d1_issue (
  // From the threads
  input  logic [3:0]    want_lsu_i,
  input  logic [3:0]    want_muldiv_i,
  input  logic [3:0]    want_simd_i,
  input  logic [3:0]    want_mma_i,
  input  logic [3:0]    want_zero_i,
  input  logic [3:0]    want_net_i,
  input  logic [3:0]    want_sync_i,
  input  logic [3:0]    urgent_i,
  input  logic [15:0]   before_i,       // the order of the threads
  input  logic [127:0]  insn_i,
  input  logic [255:0]  a_i,
  input  logic [255:0]  b_i,
  input  logic [255:0]  c_i,
  input  logic [255:0]  addr_i,
  input  logic [3:0]    word_i,
  input  logic [3:0]    vload_i,
  input  logic [3:0]    vs1_i,
  input  logic [3:0]    vs2_i,
  input  logic [3:0]    vd_i,
  input  logic [3:0]    to_x_i,
  input  logic [3:0]    tile_read_i,
  input  logic [15:0]   lsu_op_i,
  input  logic [11:0]   net_op_i,
  input  logic [7:0]    sync_op_i,
  input  logic [63:0]   sdesc_i,
  input  logic [63:0]   ddesc_i,
  input  logic [255:0]  seed_i,
  input  logic [255:0]  count_i,
  input  logic [19:0]   rows_i,
  input  logic [27:0]   bytes_i,
  output logic [3:0]    done_o,
  output logic [3:0]    fault_o,
  output logic [23:0]   cause_o,
  output logic [255:0]  tval_o,

  // Vector registers
  output logic [3:0]    vrf_en1_o,
  output logic [3:0]    vrf_en2_o,
  output logic [3:0]    vrf_en3_o,
  input  logic [2047:0] vrf_rd1_i,
  input  logic [2047:0] vrf_rd2_i,
  input  logic [2047:0] vrf_rd3_i,

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

  // Multiplier/divider
  output logic          muldiv_valid_o,
  input  logic          mul_ready_i,
  input  logic          div_ready_i,
  output logic [1:0]    muldiv_thread_o,
  output logic [4:0]    muldiv_rd_o,
  output logic [2:0]    muldiv_funct3_o,
  output logic          muldiv_word_o,
  output logic [63:0]   muldiv_a_o,
  output logic [63:0]   muldiv_b_o,

  // SIMD; to_x_busy_i: a dv.mv.x.w of the thread is under way, a second one waits (d1_late can hold one)
  output logic          simd_valid_o,
  input  logic          simd_ready_i,
  output logic [1:0]    simd_thread_o,
  output logic [31:0]   simd_insn_o,
  output logic [511:0]  simd_vs1_o,
  output logic [511:0]  simd_vs2_o,
  output logic [511:0]  simd_vd_o,
  output logic [31:0]   simd_x_o,
  output logic [15:0]   simd_sdesc_o,
  output logic [15:0]   simd_ddesc_o,
  output logic [63:0]   simd_seed_o,
  output logic [63:0]   simd_count_o,
  output logic          simd_tile_read_o,
  input  logic [3:0]    to_x_busy_i,
  output logic [3:0]    to_x_issue_o,

  // Matrix
  output logic          mma_valid_o,
  input  logic          mma_ready_i,
  output logic [1:0]    mma_thread_o,
  output logic [2:0]    mma_tile_o,
  output logic          mma_zero_first_o,
  output logic [15:0]   mma_adesc_o,
  output logic [15:0]   mma_bdesc_o,
  output logic [511:0]  mma_a_o,
  output logic [511:0]  mma_b_o,
  output logic          zero_valid_o,
  output logic [1:0]    zero_thread_o,
  output logic [7:0]    zero_mask_o,

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
  output logic          sync_valid_o,
  output logic [1:0]    sync_thread_o,
  output logic [1:0]    sync_op_o,
  output logic [4:0]    sync_ctr_o,
  output logic [31:0]   sync_value_o,
  output logic [3:0]    sync_mask_o
);

  localparam logic [15:0] LOWEST_FIRST = 16'h7310;

  // ---- Who
  function automatic logic [3:0] urgent_first(input logic [3:0] req, input logic [3:0] urgent);
    urgent_first = (req & urgent) != '0 ? req & urgent : req;
  endfunction

  logic [3:0] lsu0_gnt, lsu1_gnt, muldiv_gnt, simd_gnt, mma_gnt, zero_gnt, net_gnt, sync_gnt;
  logic [3:0] muldiv_req, divides;

  // Vector loads prefer slot 1 and leave slot 0 to those who have no choice.
  d1_arbiter u_lsu1 (
    .before_i, .req_i(lsu_ready1_i ? urgent_first(want_lsu_i & vload_i & ~lsu_pending0_i, urgent_i) : '0),
    .gnt_o(lsu1_gnt), .valid_o(lsu_valid1_o), .thread_o(lsu_thread1_o)
  );
  d1_arbiter u_lsu0 (
    .before_i, .req_i(lsu_ready0_i ? urgent_first(want_lsu_i & ~lsu_pending1_i & ~lsu1_gnt, urgent_i) : '0),
    .gnt_o(lsu0_gnt), .valid_o(lsu_valid0_o), .thread_o(lsu_thread0_o)
  );

  assign divides    = {insn_i[110], insn_i[78], insn_i[46], insn_i[14]};   // funct3 bit 2
  assign muldiv_req = want_muldiv_i & ((divides & {4{div_ready_i}}) | (~divides & {4{mul_ready_i}}));
  d1_arbiter u_muldiv (.before_i, .req_i(urgent_first(muldiv_req, urgent_i)), .gnt_o(muldiv_gnt), .valid_o(muldiv_valid_o), .thread_o(muldiv_thread_o));

  d1_arbiter u_simd (.before_i, .req_i(urgent_first(want_simd_i & ~(to_x_i & to_x_busy_i), urgent_i)), .gnt_o(simd_gnt),
                     .valid_o(simd_valid_o), .thread_o(simd_thread_o));
  d1_arbiter u_mma  (.before_i, .req_i(urgent_first(want_mma_i, urgent_i)), .gnt_o(mma_gnt), .valid_o(mma_valid_o),
                     .thread_o(mma_thread_o));
  d1_arbiter u_zero (.before_i(LOWEST_FIRST), .req_i(urgent_first(want_zero_i, urgent_i)), .gnt_o(zero_gnt), .valid_o(zero_valid_o), .thread_o(zero_thread_o));
  d1_arbiter u_net  (.before_i, .req_i(urgent_first(want_net_i, urgent_i)), .gnt_o(net_gnt), .valid_o(net_valid_o), .thread_o(net_thread_o));
  d1_arbiter u_sync (.before_i(LOWEST_FIRST), .req_i(urgent_first(want_sync_i, urgent_i)), .gnt_o(sync_gnt), .valid_o(sync_valid_o), .thread_o(sync_thread_o));

  assign done_o = lsu0_gnt | lsu1_gnt | muldiv_gnt | (simd_ready_i ? simd_gnt : '0) | (mma_ready_i ? mma_gnt : '0) |
                  zero_gnt | (net_ready_i ? net_gnt : '0) | sync_gnt;
  assign to_x_issue_o = simd_ready_i ? simd_gnt & to_x_i : '0;

  // ---- Faults
  assign fault_o = (lsu_valid0_o && lsu_fault0_i ? lsu0_gnt : '0) | (lsu_valid1_o && lsu_fault1_i ? lsu1_gnt : '0) |
                   (net_valid_o && net_fault_i ? net_gnt : '0);

  always_comb begin : faults
    cause_o = '0;
    tval_o  = '0;
    if (fault_o != '0) begin
      for (int t = 0; t < 4; t++) begin
        if (lsu0_gnt[t]) begin
          cause_o[6*t +: 6]  = lsu_cause0_i;
          tval_o[64*t +: 64] = lsu_tval0_i;
        end else if (lsu1_gnt[t]) begin
          cause_o[6*t +: 6]  = lsu_cause1_i;
          tval_o[64*t +: 64] = lsu_tval1_i;
        end else begin
          cause_o[6*t +: 6]  = net_cause_i;
          tval_o[64*t +: 64] = net_tval_i;
        end
      end
    end
  end

  // ---- Vector registers are read only for an instruction that is chosen.
  assign vrf_en1_o = vs1_i & (simd_gnt | mma_gnt);
  assign vrf_en2_o = vs2_i & (simd_gnt | mma_gnt | lsu0_gnt | lsu1_gnt);
  assign vrf_en3_o = vd_i & (simd_gnt | lsu0_gnt | net_gnt);

  // ---- LSU
  always_comb begin : lsu0
    logic [31:0] insn;
    insn           = '0;
    lsu_op0_o      = '0;
    lsu_base0_o    = '0;
    lsu_stride0_o  = '0;
    lsu_rows0_o    = '0;
    lsu_bytes0_o   = '0;
    lsu_index0_o   = '0;
    lsu_data0_o    = '0;
    if (lsu_valid0_o) begin
      insn          = insn_i[{lsu_thread0_o, 5'd0} +: 32];
      lsu_op0_o     = lsu_op_i[{lsu_thread0_o, 2'd0} +: 4];
      lsu_base0_o   = addr_i[{lsu_thread0_o, 6'd0} +: 64];
      lsu_stride0_o = b_i[{lsu_thread0_o, 6'd0} +: 64];
      lsu_rows0_o   = rows_i[5*lsu_thread0_o +: 5];
      lsu_bytes0_o  = bytes_i[7*lsu_thread0_o +: 7];
      lsu_data0_o[63:0] = lsu_stride0_o;
      if (lsu_op0_o == d1_pkg::LSU_VSTORE) begin
        case (lsu_thread0_o)
          2'd0:    lsu_data0_o = vrf_rd3_i[511:0];
          2'd1:    lsu_data0_o = vrf_rd3_i[1023:512];
          2'd2:    lsu_data0_o = vrf_rd3_i[1535:1024];
          default: lsu_data0_o = vrf_rd3_i[2047:1536];
        endcase
      end
      if ((vs2_i & lsu0_gnt) != '0) begin
        case (lsu_thread0_o)
          2'd0:    lsu_index0_o = vrf_rd2_i[511:0];
          2'd1:    lsu_index0_o = vrf_rd2_i[1023:512];
          2'd2:    lsu_index0_o = vrf_rd2_i[1535:1024];
          default: lsu_index0_o = vrf_rd2_i[2047:1536];
        endcase
      end
    end
    lsu_funct30_o  = insn[14:12];
    lsu_amo0_o     = insn[31:27];
    lsu_unit0_o    = !insn[13];
    lsu_indexed0_o = insn[13:12] == 2'd3;
    lsu_shape0_o   = insn[30:28];
    lsu_pad0_o     = insn[31];
    lsu_rd0_o      = insn[11:7];
  end

  always_comb begin : lsu1
    logic [31:0] insn;
    insn           = '0;
    lsu_base1_o    = '0;
    lsu_stride1_o  = '0;
    lsu_rows1_o    = '0;
    lsu_bytes1_o   = '0;
    lsu_index1_o   = '0;
    if (lsu_valid1_o) begin
      insn          = insn_i[{lsu_thread1_o, 5'd0} +: 32];
      lsu_base1_o   = addr_i[{lsu_thread1_o, 6'd0} +: 64];
      lsu_stride1_o = b_i[{lsu_thread1_o, 6'd0} +: 64];
      lsu_rows1_o   = rows_i[5*lsu_thread1_o +: 5];
      lsu_bytes1_o  = bytes_i[7*lsu_thread1_o +: 7];
      if ((vs2_i & lsu1_gnt) != '0) begin
        case (lsu_thread1_o)
          2'd0:    lsu_index1_o = vrf_rd2_i[511:0];
          2'd1:    lsu_index1_o = vrf_rd2_i[1023:512];
          2'd2:    lsu_index1_o = vrf_rd2_i[1535:1024];
          default: lsu_index1_o = vrf_rd2_i[2047:1536];
        endcase
      end
    end
    lsu_unit1_o    = !insn[13];
    lsu_indexed1_o = insn[13:12] == 2'd3;
    lsu_shape1_o   = insn[30:28];
    lsu_pad1_o     = insn[31];
    lsu_rd1_o      = insn[11:7];
  end

  // ---- Multiplier/divider
  always_comb begin : muldiv
    logic [31:0] insn;
    insn          = '0;
    muldiv_word_o = 1'b0;
    muldiv_a_o    = '0;
    muldiv_b_o    = '0;
    if (muldiv_valid_o) begin
      insn          = insn_i[{muldiv_thread_o, 5'd0} +: 32];
      muldiv_word_o = word_i[muldiv_thread_o];
      muldiv_a_o    = a_i[{muldiv_thread_o, 6'd0} +: 64];
      muldiv_b_o    = b_i[{muldiv_thread_o, 6'd0} +: 64];
    end
    muldiv_rd_o     = insn[11:7];
    muldiv_funct3_o = insn[14:12];
  end

  // ---- SIMD
  always_comb begin : simd
    simd_insn_o  = '0;
    simd_vs1_o   = '0;
    simd_vs2_o   = '0;
    simd_vd_o    = '0;
    simd_x_o     = '0;
    simd_sdesc_o = '0;
    simd_ddesc_o = '0;
    simd_seed_o  = '0;
    simd_count_o = '0;
    simd_tile_read_o = 1'b0;
    if (simd_valid_o) begin
      simd_insn_o  = insn_i[{simd_thread_o, 5'd0} +: 32];
      simd_x_o     = a_i[{simd_thread_o, 6'd0} +: 32];
      simd_sdesc_o = sdesc_i[{simd_thread_o, 4'd0} +: 16];
      simd_ddesc_o = ddesc_i[{simd_thread_o, 4'd0} +: 16];
      simd_seed_o  = seed_i[{simd_thread_o, 6'd0} +: 64];
      simd_count_o = count_i[{simd_thread_o, 6'd0} +: 64];
      simd_tile_read_o = tile_read_i[simd_thread_o];
      case (simd_thread_o)
        2'd0: begin
          simd_vs1_o = vrf_rd1_i[511:0];
          simd_vs2_o = vrf_rd2_i[511:0];
          simd_vd_o  = vrf_rd3_i[511:0];
        end
        2'd1: begin
          simd_vs1_o = vrf_rd1_i[1023:512];
          simd_vs2_o = vrf_rd2_i[1023:512];
          simd_vd_o  = vrf_rd3_i[1023:512];
        end
        2'd2: begin
          simd_vs1_o = vrf_rd1_i[1535:1024];
          simd_vs2_o = vrf_rd2_i[1535:1024];
          simd_vd_o  = vrf_rd3_i[1535:1024];
        end
        default: begin
          simd_vs1_o = vrf_rd1_i[2047:1536];
          simd_vs2_o = vrf_rd2_i[2047:1536];
          simd_vd_o  = vrf_rd3_i[2047:1536];
        end
      endcase
    end
  end

  // ---- Matrix
  always_comb begin : matrix
    logic [31:0] insn;
    insn        = '0;
    mma_a_o     = '0;
    mma_b_o     = '0;
    mma_adesc_o = '0;
    mma_bdesc_o = '0;
    zero_mask_o = '0;
    if (mma_valid_o) begin
      insn        = insn_i[{mma_thread_o, 5'd0} +: 32];
      mma_adesc_o = sdesc_i[{mma_thread_o, 4'd0} +: 16];
      mma_bdesc_o = ddesc_i[{mma_thread_o, 4'd0} +: 16];
      case (mma_thread_o)
        2'd0: begin
          mma_a_o = vrf_rd1_i[511:0];
          mma_b_o = vrf_rd2_i[511:0];
        end
        2'd1: begin
          mma_a_o = vrf_rd1_i[1023:512];
          mma_b_o = vrf_rd2_i[1023:512];
        end
        2'd2: begin
          mma_a_o = vrf_rd1_i[1535:1024];
          mma_b_o = vrf_rd2_i[1535:1024];
        end
        default: begin
          mma_a_o = vrf_rd1_i[2047:1536];
          mma_b_o = vrf_rd2_i[2047:1536];
        end
      endcase
    end
    mma_tile_o       = insn[9:7];
    mma_zero_first_o = insn[10];
    if (zero_valid_o) zero_mask_o = insn_i[{zero_thread_o, 5'd24} +: 8];
  end

  // ---- Network interface
  always_comb begin : net
    logic [31:0] insn;
    insn         = '0;
    net_op_o     = '0;
    net_gaddr_o  = '0;
    net_local_o  = '0;
    net_data_o   = '0;
    net_cmp_o    = '0;
    net_nbytes_o = '0;
    net_sig_o    = 1'b0;
    net_ctr_o    = '0;
    if (net_valid_o) begin
      insn         = insn_i[{net_thread_o, 5'd0} +: 32];
      net_op_o     = net_op_i[3*net_thread_o +: 3];
      net_gaddr_o  = a_i[{net_thread_o, 6'd0} +: 64];
      net_local_o  = b_i[{net_thread_o, 6'd0} +: 64];
      net_cmp_o    = c_i[{net_thread_o, 6'd0} +: 64];
      net_data_o[63:0] = net_local_o;
      net_nbytes_o = 7'd8;
      case (net_op_o)
        d1_pkg::NET_PUSH: begin
          net_nbytes_o = net_local_o[6:0];
          net_sig_o    = net_local_o[15];
          net_ctr_o    = net_local_o[12:8];
          case (net_thread_o)
            2'd0:    net_data_o = vrf_rd3_i[511:0];
            2'd1:    net_data_o = vrf_rd3_i[1023:512];
            2'd2:    net_data_o = vrf_rd3_i[1535:1024];
            default: net_data_o = vrf_rd3_i[2047:1536];
          endcase
        end
        d1_pkg::NET_PUT: begin
          net_nbytes_o = insn[31] ? 7'd8 : 7'd4;
          net_sig_o    = insn[30];
          net_ctr_o    = insn[29:25];
        end
        d1_pkg::NET_PULL: begin
          net_nbytes_o = 7'd64;
          net_sig_o    = insn[30];
          net_ctr_o    = insn[29:25];
        end
        d1_pkg::NET_SIG: net_ctr_o = net_gaddr_o[4:0];
        d1_pkg::NET_ARM: net_ctr_o = insn[29:25];
        default: ;
      endcase
    end
    net_rd_o = insn[11:7];
  end

  // ---- Synchronisation
  always_comb begin : sync
    sync_op_o    = '0;
    sync_ctr_o   = '0;
    sync_value_o = '0;
    sync_mask_o  = '0;
    if (sync_valid_o) begin
      sync_op_o    = sync_op_i[{sync_thread_o, 1'b0} +: 2];
      sync_ctr_o   = insn_i[{sync_thread_o, 5'd25} +: 5];
      sync_value_o = a_i[{sync_thread_o, 6'd0} +: 32];
      sync_mask_o  = insn_i[{sync_thread_o, 5'd20} +: 4];
    end
  end

endmodule
