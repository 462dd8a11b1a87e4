// CSRs of a thread: trap state, formats and limits of Xd1, event counters. Which CSRs exist is known to decode.
//
// Reads are combinational; a write, a trap and mret take effect at the end of the cycle. The cycles asleep are counted with
// time stamps, so that a node that is not stepped while asleep reads the same.
module d1_csr (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [63:0]  hartid_i,
  input  logic [1:0]   thread_i,
  input  logic [7:0]   node_x_i,
  input  logic [7:0]   node_y_i,
  input  logic [7:0]   fab_w_i,
  input  logic [7:0]   fab_h_i,
  input  logic [63:0]  cycle_i,
  input  logic [319:0] node_events_i,    // counters 17..21
  input  logic [575:0] link_events_i,    // counters 23..31
  input  logic [63:0]  link_errors_i,    // dlinkerr
  input  logic [63:0]  link_first_i,     // dlinkfirst
  input  logic         link_error_i,     // a damaged flit arrived at the node

  // Access
  input  logic         en_i,
  input  logic [11:0]  addr_i,
  input  logic [2:0]   funct3_i,
  input  logic [4:0]   zimm_i,           // rs1 or immediate: bits 19:15
  input  logic [63:0]  rs1_i,
  input  logic         commit_i,         // the access takes effect
  output logic [63:0]  rdata_o,

  // Traps
  input  logic         trap_i,
  input  logic         mret_i,
  input  logic [63:0]  pc_i,
  input  logic [5:0]   cause_i,          // bit 5: an interrupt
  input  logic [63:0]  tval_i,
  output logic [63:0]  mtvec_o,
  output logic [63:0]  mepc_o,
  output logic         irq_o,            // the interrupt of link errors is pending and enabled
  output logic         handler_o,        // it has a handler: enabled in mie, mtvec set

  // Xd1
  input  logic [3:0]   flags_i,          // raised in this cycle
  output logic [255:0] fmt_o,            // descriptor d: bits 16d+15..16d
  output logic [63:0]  seed_o,
  output logic [63:0]  count_o,
  output logic [4:0]   rows_o,
  output logic [6:0]   bytes_o,

  // Events
  input  logic         retire_i,
  input  logic [16:3]  event_i,          // as numbered in the ISA; 15: asleep
  input  logic         muldiv_i          // event 22
);

  // Reset values of the descriptors: fp32, bf16, cfloat8_1_4_3 bias 7, cfloat8_1_5_2 bias 15, shp bias 15, uhp, fp32...
  localparam logic [255:0] FMT_RESET = {160'd0, 16'h0005, 16'h00f4, 16'h00f3, 16'h0072, 16'h0001, 16'h0000};

  logic         mie_q, mpie_q;            // of mstatus
  logic         link_en_q, link_pend_q;   // bit 16 of mie and mip
  logic [61:0]  mtvec_q, mepc_q;
  logic [63:0]  mscratch_q, mcause_q, mtval_q, seed_q, count_q;
  logic [255:0] fmt_q;
  logic [3:0]   flags_q;
  logic [4:0]   rows_q;
  logic [6:0]   bytes_q;

  logic [63:0]  instret_q, asleep_since_q, asleep_total_q, muldiv_q;
  logic         asleep_q;
  logic [63:0]  count3_q, count4_q, count5_q, count6_q, count7_q, count8_q, count9_q, count10_q, count11_q, count12_q,
                count13_q, count14_q, count16_q;

  // ---- Read
  always_comb begin : read
    rdata_o = '0;
    if (en_i) begin
      casez (addr_i)
        12'h300: rdata_o = {51'd0, 2'b11, 3'd0, mpie_q, 3'd0, mie_q, 3'd0};
        12'h301: rdata_o = 64'h8000_0000_0080_1101;
        12'h304: rdata_o = {47'd0, link_en_q, 16'd0};
        12'h305: rdata_o = {mtvec_q, 2'd0};
        12'h344: rdata_o = {47'd0, link_pend_q, 16'd0};
        12'b0011_001?_????: rdata_o = {59'd0, addr_i[4:0]};       // mhpmevent n; mcountinhibit 0
        12'h340: rdata_o = mscratch_q;
        12'h341: rdata_o = {mepc_q, 2'd0};
        12'h342: rdata_o = mcause_q;
        12'h343: rdata_o = mtval_q;
        12'hB00, 12'hC00, 12'hC01: rdata_o = cycle_i;
        12'hB02, 12'hC02: rdata_o = instret_q;
        12'hB03: rdata_o = count3_q;
        12'hB04: rdata_o = count4_q;
        12'hB05: rdata_o = count5_q;
        12'hB06: rdata_o = count6_q;
        12'hB07: rdata_o = count7_q;
        12'hB08: rdata_o = count8_q;
        12'hB09: rdata_o = count9_q;
        12'hB0A: rdata_o = count10_q;
        12'hB0B: rdata_o = count11_q;
        12'hB0C: rdata_o = count12_q;
        12'hB0D: rdata_o = count13_q;
        12'hB0E: rdata_o = count14_q;
        12'hB0F: rdata_o = asleep_total_q;
        12'hB10: rdata_o = count16_q;
        12'hB11: rdata_o = node_events_i[63:0];
        12'hB12: rdata_o = node_events_i[127:64];
        12'hB13: rdata_o = node_events_i[191:128];
        12'hB14: rdata_o = node_events_i[255:192];
        12'hB15: rdata_o = node_events_i[319:256];
        12'hB16: rdata_o = muldiv_q;
        12'hB17: rdata_o = link_events_i[63:0];
        12'hB18: rdata_o = link_events_i[127:64];
        12'hB19: rdata_o = link_events_i[191:128];
        12'hB1A: rdata_o = link_events_i[255:192];
        12'hB1B: rdata_o = link_events_i[319:256];
        12'hB1C: rdata_o = link_events_i[383:320];
        12'hB1D: rdata_o = link_events_i[447:384];
        12'hB1E: rdata_o = link_events_i[511:448];
        12'hB1F: rdata_o = link_events_i[575:512];
        12'hF13: rdata_o = 64'd1;
        12'hF14: rdata_o = hartid_i;
        12'b0111_1100_????: rdata_o = {48'd0, fmt_q[{addr_i[3:0], 4'd0} +: 16]};
        12'h7D0: rdata_o = {60'd0, flags_q};
        12'h7D1: rdata_o = seed_q;
        12'h7D2: rdata_o = count_q;
        12'h7D3: rdata_o = {49'd0, bytes_q, 3'd0, rows_q};
        12'hFC0: rdata_o = {56'd0, node_x_i};
        12'hFC1: rdata_o = {56'd0, node_y_i};
        12'hFC2: rdata_o = {56'd0, fab_w_i};
        12'hFC3: rdata_o = {56'd0, fab_h_i};
        12'hFC4: rdata_o = {62'd0, thread_i};
        12'hFC8: rdata_o = link_errors_i;
        12'hFC9: rdata_o = link_first_i;
        default: rdata_o = '0;
      endcase
    end
  end

  // ---- Write
  logic [63:0] operand, wdata;
  logic        write;
  assign operand = funct3_i[2] ? {59'd0, zimm_i} : rs1_i;
  assign write   = en_i && commit_i && (funct3_i[1:0] == 2'd1 || zimm_i != 5'd0);

  always_comb begin : modify
    wdata = '0;
    if (write) begin
      case (funct3_i[1:0])
        2'd1:    wdata = operand;
        2'd2:    wdata = rdata_o | operand;
        default: wdata = rdata_o & ~operand;
      endcase
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      mie_q      <= 1'b0;
      mpie_q     <= 1'b0;
      link_en_q  <= 1'b0;
      mtvec_q    <= '0;
      mepc_q     <= '0;
      mscratch_q <= '0;
      mcause_q   <= '0;
      mtval_q    <= '0;
      fmt_q      <= FMT_RESET;
      flags_q    <= '0;
      seed_q     <= '0;
      count_q    <= '0;
      rows_q     <= 5'd16;
      bytes_q    <= 7'd64;
    end else begin
      if (flags_i != '0) flags_q <= flags_q | flags_i;
      if (trap_i) begin
        mepc_q   <= pc_i[63:2];
        mcause_q <= {cause_i[5], 58'd0, cause_i[4:0]};
        mtval_q  <= tval_i;
        mpie_q   <= mie_q;
        mie_q    <= 1'b0;
      end else if (mret_i) begin
        mie_q  <= mpie_q;
        mpie_q <= 1'b1;
      end else if (write) begin
        casez (addr_i)
          12'h300: begin
            mie_q  <= wdata[3];
            mpie_q <= wdata[7];
          end
          12'h304: link_en_q  <= wdata[16];
          12'h305: mtvec_q    <= wdata[63:2];
          12'h340: mscratch_q <= wdata;
          12'h341: mepc_q     <= wdata[63:2];
          12'h342: mcause_q   <= wdata;
          12'h343: mtval_q    <= wdata;
          12'b0111_1100_????: fmt_q[{addr_i[3:0], 4'd0} +: 16] <= wdata[15:0];
          12'h7D0: flags_q <= wdata[3:0];        // waits in X until nothing can raise a flag
          12'h7D1: seed_q  <= wdata;
          12'h7D2: count_q <= wdata;
          12'h7D3: begin
            rows_q  <= wdata[4:0];
            bytes_q <= wdata[14:8];
          end
          default: ;
        endcase
      end
    end
  end

  // ---- The interrupt: what comes in the cycle of a write or a trap is not lost.
  always_ff @(posedge clk_i or negedge rst_ni) begin : pending
    if (!rst_ni)                                               link_pend_q <= 1'b0;
    else if (link_error_i)                                     link_pend_q <= 1'b1;
    else if (trap_i && cause_i[5])                             link_pend_q <= 1'b0;
    else if (write && addr_i == 12'h344 && !wdata[16])         link_pend_q <= 1'b0;
  end

  assign irq_o     = link_pend_q && link_en_q && mie_q;
  assign handler_o = link_en_q && mtvec_q != '0;

  // ---- Counters
  always_ff @(posedge clk_i or negedge rst_ni) begin : counters
    if (!rst_ni) begin
      instret_q <= '0;
      count3_q  <= '0;
      count4_q  <= '0;
      count5_q  <= '0;
      count6_q  <= '0;
      count7_q  <= '0;
      count8_q  <= '0;
      count9_q  <= '0;
      count10_q <= '0;
      count11_q <= '0;
      count12_q <= '0;
      count13_q <= '0;
      count14_q <= '0;
      count16_q <= '0;
      muldiv_q  <= '0;
      asleep_q  <= 1'b0;
      asleep_since_q <= '0;
      asleep_total_q <= '0;
    end else begin
      if (retire_i) begin
        instret_q <= instret_q + 64'd1;
        if (event_i[3])  count3_q  <= count3_q + 64'd1;
        if (event_i[4])  count4_q  <= count4_q + 64'd1;
        if (event_i[5])  count5_q  <= count5_q + 64'd1;
        if (event_i[6])  count6_q  <= count6_q + 64'd1;
        if (event_i[7])  count7_q  <= count7_q + 64'd1;
        if (event_i[8])  count8_q  <= count8_q + 64'd1;
        if (event_i[9])  count9_q  <= count9_q + 64'd1;
        if (muldiv_i)    muldiv_q  <= muldiv_q + 64'd1;
      end
      if (event_i[14:10] != '0) begin
        if (event_i[10]) count10_q <= count10_q + 64'd1;
        if (event_i[11]) count11_q <= count11_q + 64'd1;
        if (event_i[12]) count12_q <= count12_q + 64'd1;
        if (event_i[13]) count13_q <= count13_q + 64'd1;
        if (event_i[14]) count14_q <= count14_q + 64'd1;
      end
      if (event_i[16]) count16_q <= count16_q + 64'd1;
      if (event_i[15] != asleep_q) begin
        asleep_q <= event_i[15];
        if (event_i[15]) asleep_since_q <= cycle_i;
        else             asleep_total_q <= asleep_total_q + (cycle_i - asleep_since_q);
      end
    end
  end

  assign mtvec_o = {mtvec_q, 2'd0};
  assign mepc_o  = {mepc_q, 2'd0};
  assign fmt_o   = fmt_q;
  assign seed_o  = seed_q;
  assign count_o = count_q;
  assign rows_o  = rows_q;
  assign bytes_o = bytes_q;

endmodule
