// Turns a dn.* instruction into a packet of the request class and checks its addresses. Combinational, quiet without valid_i.
//
// Order of the checks: alignment of the global address (and number of bytes), alignment of the local one, range of the global
// address, range of the local one. A write's payload is already in its place within the destination's 64-byte block.
// A push carries its control word in local_i: bit 16 multicast, 31:24 and 39:32 the last column and row of its rectangle.
// So do an arming (dn.arm) and the signal of a trigger, whose gaddr_i is that of a dn.sig; an arming's flit is the signal's.
// For a list (dn.list) gaddr_i is the local address of its first descriptor and local_i the control word; its flit is none.
// Bit 48 of gaddr_i names edge memory (docs/isa.md, section 8.1): behind port 50:49 of the node, 32 bits of offset.
module d1_niu_request (
  input  logic                             valid_i,
  input  logic [7:0]                       node_x_i,
  input  logic [7:0]                       node_y_i,
  input  logic [7:0]                       fab_w_i,
  input  logic [7:0]                       fab_h_i,
  input  logic                             tables_i,     // the fabric has dead nodes
  input  logic [10:0]                      live_i,       // then: nodes of the request's rectangle that are alive
  input  logic [15:0]                      time_i,
  input  logic [1:0]                       thread_i,
  input  logic [2:0]                       op_i,
  input  logic [63:0]                      gaddr_i,
  input  logic [63:0]                      local_i,
  input  logic [511:0]                     data_i,
  input  logic [63:0]                      cmp_i,
  input  logic [6:0]                       nbytes_i,
  input  logic                             sig_i,
  input  logic [4:0]                       ctr_i,
  input  logic [4:0]                       rd_i,
  output logic                             fault_o,
  output logic [5:0]                       cause_o,
  output logic [63:0]                      tval_o,
  output logic                             mcast_o,      // a multicast; the corners of its rectangle, or the node asked
  output logic [19:0]                      corners_o,    // low bits: first column 4:0, first row 9:5, last column 14:10, last row 19:15
  output logic [16:0]                      answers_o,    // acknowledgements that the request will have
  output logic [d1_noc_pkg::FLIT_BITS-1:0] flit_o
);

  localparam logic [31:0] BASE  = d1_pkg::SRAM_BASE[31:0];
  localparam logic [31:0] BYTES = d1_pkg::SRAM_BYTES;

  logic [31:0] offset;          // in the destination's SRAM
  logic [63:0] local_offset;    // in the own one
  logic        is_pull, is_write, is_sig, is_arm, is_mcast, is_edge, is_list;
  logic [1:0]  side;            // of edge memory
  logic [7:0]  x0, y0, x1, y1;  // rectangle of a multicast
  assign offset       = gaddr_i[31:0] - BASE;
  assign local_offset = local_i - d1_pkg::SRAM_BASE;
  assign is_pull      = op_i == d1_pkg::NET_PULL;
  assign is_write     = op_i == d1_pkg::NET_PUSH || op_i == d1_pkg::NET_PUT;
  assign is_sig       = op_i == d1_pkg::NET_SIG;
  assign is_arm       = op_i == d1_pkg::NET_ARM;
  assign is_mcast     = (op_i == d1_pkg::NET_PUSH || is_arm) && local_i[16];
  assign is_list      = op_i == d1_pkg::NET_LIST;
  assign is_edge      = gaddr_i[48] && !is_sig && !is_arm;
  assign side         = gaddr_i[50:49];
  assign x0           = gaddr_i[39:32];
  assign y0           = gaddr_i[47:40];
  assign x1           = is_mcast ? local_i[31:24] : x0;
  assign y1           = is_mcast ? local_i[39:32] : y0;
  assign mcast_o      = valid_i && is_mcast;
  assign corners_o    = valid_i ? {y1[4:0], x1[4:0], y0[4:0], x0[4:0]} : '0;

  always_comb begin : answers
    logic [7:0] columns, rows;   // less one
    columns   = x1 - x0;
    rows      = y1 - y0;
    answers_o = 17'd1;
    if (valid_i && tables_i)      answers_o = 17'(live_i);
    else if (valid_i && is_mcast) answers_o = (17'(columns) + 17'd1) * (17'(rows) + 17'd1);
  end

  always_comb begin : check
    logic misaligned, no_node, outside, no_port;
    logic [63:0] list_offset, list_end;
    misaligned = 1'b0;
    no_port    = 1'b0;
    list_offset = '0;
    list_end    = '0;
    no_node    = 1'b0;
    outside    = 1'b0;
    fault_o    = 1'b0;
    cause_o    = is_pull ? d1_pkg::CAUSE_LOAD_ACCESS : d1_pkg::CAUSE_STORE_ACCESS;
    tval_o     = gaddr_i;
    if (valid_i && is_list) begin
      list_offset = gaddr_i - d1_pkg::SRAM_BASE;
      list_end    = list_offset + {43'd0, local_i[15:0], 5'd0};
      if (gaddr_i[4:0] != '0) begin
        fault_o = 1'b1;
        cause_o = d1_pkg::CAUSE_LOAD_MISALIGNED;
      end else if (list_offset >= 64'(BYTES) || list_end > 64'(BYTES)) begin
        fault_o = 1'b1;
        cause_o = d1_pkg::CAUSE_LOAD_ACCESS;
      end
    end else if (valid_i && !(is_arm && local_i[15:0] == '0)) begin   // who disarms names no node
      unique case (op_i)
        d1_pkg::NET_PUSH: misaligned = nbytes_i == '0 || nbytes_i > 7'd64 || 8'(gaddr_i[5:0]) + 8'(nbytes_i) > 8'd64;
        d1_pkg::NET_PUT:  misaligned = nbytes_i[3] ? gaddr_i[2:0] != '0 : gaddr_i[1:0] != '0;
        d1_pkg::NET_PULL: misaligned = gaddr_i[5:0] != '0;
        d1_pkg::NET_SIG:  misaligned = 1'b0;
        d1_pkg::NET_ARM:  misaligned = 1'b0;
        default:          misaligned = gaddr_i[2:0] != '0;
      endcase
      no_node = x0 >= fab_w_i || y0 >= fab_h_i;
      if (is_mcast && (x1 < x0 || x1 >= fab_w_i || y1 < y0 || y1 >= fab_h_i)) no_node = 1'b1;
      if (tables_i && live_i == '0) no_node = 1'b1;
      // Edge memory is where the fabric ends; it has no counters and no part in multicasts.
      case (side)
        2'(d1_noc_pkg::PORT_N): no_port = y0 != '0;
        2'(d1_noc_pkg::PORT_E): no_port = x0 + 8'd1 != fab_w_i;
        2'(d1_noc_pkg::PORT_S): no_port = y0 + 8'd1 != fab_h_i;
        default:                no_port = x0 != '0;
      endcase
      if (is_edge) outside = gaddr_i[63:51] != '0 || no_port || is_mcast || (is_write && sig_i);
      else         outside = gaddr_i[63:48] != '0 || offset >= BYTES;
      if (misaligned) begin
        fault_o = 1'b1;
        cause_o = is_pull ? d1_pkg::CAUSE_LOAD_MISALIGNED : d1_pkg::CAUSE_STORE_MISALIGNED;
      end else if (is_pull && local_i[5:0] != '0) begin
        fault_o = 1'b1;
        cause_o = d1_pkg::CAUSE_LOAD_MISALIGNED;
        tval_o  = local_i;
      end else if (no_node || (outside && !is_sig && !is_arm)) begin
        fault_o = 1'b1;
      end else if (is_pull && local_offset >= 64'(BYTES)) begin
        fault_o = 1'b1;
        tval_o  = local_i;
      end
    end
  end

  always_comb begin : build
    flit_o = '0;
    if (valid_i) begin
      flit_o[d1_noc_pkg::F_DST_X +: 8]  = x0;
      flit_o[d1_noc_pkg::F_DST_Y +: 8]  = y0;
      flit_o[d1_noc_pkg::F_SRC_X +: 8]  = node_x_i;
      flit_o[d1_noc_pkg::F_SRC_Y +: 8]  = node_y_i;
      flit_o[d1_noc_pkg::F_THREAD +: 2] = thread_i;
      flit_o[d1_noc_pkg::F_REG +: 5]    = rd_i;
      flit_o[d1_noc_pkg::F_SIG]         = sig_i;
      flit_o[d1_noc_pkg::F_CTR +: 5]    = ctr_i;
      flit_o[d1_noc_pkg::F_OFFSET +: 21] = offset[20:0];
      flit_o[d1_noc_pkg::F_TIME +: 16]  = time_i;
      unique case (op_i)
        d1_pkg::NET_PUSH: begin
          flit_o[d1_noc_pkg::F_KIND +: 4]   = d1_noc_pkg::K_WRITE;
          flit_o[d1_noc_pkg::F_NBYTES +: 7] = nbytes_i;
          flit_o[d1_noc_pkg::F_DATA +: 512] = data_i << {gaddr_i[5:0], 3'b0};
          flit_o[d1_noc_pkg::F_MCAST]       = is_mcast;
          flit_o[d1_noc_pkg::F_X1 +: 8]     = is_mcast ? x1 : '0;
          flit_o[d1_noc_pkg::F_Y1 +: 8]     = is_mcast ? y1 : '0;
        end
        d1_pkg::NET_PUT: begin
          flit_o[d1_noc_pkg::F_KIND +: 4]   = d1_noc_pkg::K_WRITE;
          flit_o[d1_noc_pkg::F_NBYTES +: 7] = nbytes_i;
          flit_o[d1_noc_pkg::F_DATA +: 512] = {448'd0, data_i[63:0]} << {gaddr_i[5:0], 3'b0};
        end
        d1_pkg::NET_PULL: begin
          flit_o[d1_noc_pkg::F_KIND +: 4]   = d1_noc_pkg::K_PULL;
          flit_o[d1_noc_pkg::F_DATA +: 21]  = local_offset[20:0];
        end
        d1_pkg::NET_AMOADD: begin
          flit_o[d1_noc_pkg::F_KIND +: 4]   = d1_noc_pkg::K_AMOADD;
          flit_o[d1_noc_pkg::F_DATA +: 64]  = data_i[63:0];
        end
        d1_pkg::NET_CAS: begin
          flit_o[d1_noc_pkg::F_KIND +: 4]   = d1_noc_pkg::K_CAS;
          flit_o[d1_noc_pkg::F_DATA +: 128] = {cmp_i, data_i[63:0]};
        end
        d1_pkg::NET_LIST: flit_o = '0;
        default: begin   // NET_SIG, NET_ARM: the counter is named by the address
          flit_o[d1_noc_pkg::F_KIND +: 4]   = is_arm ? d1_noc_pkg::K_TELL : d1_noc_pkg::K_SIG;
          flit_o[d1_noc_pkg::F_SIG]         = 1'b1;
          flit_o[d1_noc_pkg::F_CTR +: 5]    = gaddr_i[4:0];
          flit_o[d1_noc_pkg::F_OFFSET +: 21] = '0;
          flit_o[d1_noc_pkg::F_DATA +: 32]  = is_arm ? 32'd1 : data_i[31:0];
          flit_o[d1_noc_pkg::F_MCAST]       = is_mcast;
          flit_o[d1_noc_pkg::F_X1 +: 8]     = is_mcast ? x1 : '0;
          flit_o[d1_noc_pkg::F_Y1 +: 8]     = is_mcast ? y1 : '0;
        end
      endcase
      if (is_edge && !is_list) begin
        flit_o[d1_noc_pkg::F_EDGE]         = 1'b1;
        flit_o[d1_noc_pkg::F_SIDE +: 2]    = side;
        flit_o[d1_noc_pkg::F_OFFSET +: 21] = gaddr_i[20:0];
        flit_o[d1_noc_pkg::F_HIGH +: 11]   = gaddr_i[31:21];
      end
    end
  end

endmodule
