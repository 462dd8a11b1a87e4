// Fetch buffer of a thread: 16 lines of 64 bytes, direct-mapped, next line prefetched. Looked up in the cycle of the request.
//
// A miss asks the node's fill engine for the line; while the line of pc_i is there, the one after it is asked for. One line is
// under way at a time. flush_i (fence.i) discards everything, also what is under way. Not coherent otherwise.
`include "d1_assert.svh"
module d1_ibuf (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         en_i,          // the thread runs
  input  logic [63:0]  pc_i,
  input  logic         flush_i,
  output logic         hit_o,
  output logic [31:0]  insn_o,
  output logic         outside_o,     // pc is not in the SRAM
  output logic         busy_o,        // a line is under way or asked for

  output logic         fill_req_o,
  output logic [14:0]  fill_line_o,   // offset in the SRAM / 64
  input  logic         fill_gnt_i,
  input  logic         fill_valid_i,  // the line asked for arrives
  input  logic [511:0] fill_data_i
);

  localparam logic [42:0] BASE_HIGH  = d1_pkg::SRAM_BASE[63:21];
  localparam logic [14:0] LAST_LINE  = 15'(d1_pkg::SRAM_BYTES / 64 - 1);

  logic [511:0] line_q [16];
  logic [10:0]  tag_q [16];           // offset bits 20:10
  logic [15:0]  valid_q;
  logic         busy_q, dead_q;       // a line is under way; ... and will be discarded
  logic [14:0]  fill_line_q;

  logic [14:0]  line, next_line;
  assign line      = pc_i[20:6];
  assign next_line = line + 15'd1;
  assign outside_o = pc_i[63:21] != BASE_HIGH || line > LAST_LINE;

  always_comb begin : look_up
    hit_o  = 1'b0;
    insn_o = '0;
    if (en_i && !outside_o && valid_q[line[3:0]] && tag_q[line[3:0]] == line[14:4]) begin
      hit_o  = 1'b1;
      insn_o = line_q[line[3:0]][{pc_i[5:2], 5'd0} +: 32];
    end
  end

  always_comb begin : ask
    fill_req_o  = 1'b0;
    fill_line_o = line;
    if (en_i && !busy_q && !outside_o) begin
      if (!hit_o) begin
        fill_req_o = 1'b1;
      end else if (line != LAST_LINE && !(valid_q[next_line[3:0]] && tag_q[next_line[3:0]] == next_line[14:4])) begin
        fill_req_o  = 1'b1;
        fill_line_o = next_line;
      end
    end
  end

  assign busy_o = busy_q || fill_req_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      valid_q <= '0;
      busy_q  <= 1'b0;
      dead_q  <= 1'b0;
    end else begin
      if (fill_req_o && fill_gnt_i) begin
        busy_q <= 1'b1;
        dead_q <= flush_i;
      end else if (fill_valid_i) begin
        busy_q <= 1'b0;
      end else if (flush_i) begin
        dead_q <= 1'b1;
      end
      if (flush_i)                       valid_q <= '0;
      else if (fill_valid_i && !dead_q)  valid_q[fill_line_q[3:0]] <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin : lines
    if (fill_req_o && fill_gnt_i) fill_line_q <= fill_line_o;
    if (fill_valid_i) begin
      line_q[fill_line_q[3:0]] <= fill_data_i;
      tag_q[fill_line_q[3:0]]  <= fill_line_q[14:4];
    end
  end

  `D1_ASSERT(FillOnlyWhenAsked, !fill_valid_i || busy_q)

endmodule
