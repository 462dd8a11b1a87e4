// Scalar registers of a thread: three read ports, write port a (commit), write port b (results of units). Ports 1 and 2 read
// what is written in the same cycle; port 3 does not.
//
// A register reads 0 until it is written after reset; x0 is never written.
`include "d1_assert.svh"
module d1_xrf (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        en_i,       // ports 1 and 2 are used
  input  logic [4:0]  ra1_i,
  input  logic [4:0]  ra2_i,
  output logic [63:0] rd1_o,
  output logic [63:0] rd2_o,
  input  logic        en3_i,
  input  logic [4:0]  ra3_i,
  output logic [63:0] rd3_o,
  input  logic        wea_i,
  input  logic [4:0]  wa_i,
  input  logic [63:0] wda_i,
  input  logic        web_i,
  input  logic [4:0]  wb_i,
  input  logic [63:0] wdb_i
);

  logic [63:0] mem [32];
  logic [31:0] seen_q, seen_d;

  always_comb begin : read
    rd1_o = '0;
    rd2_o = '0;
    if (en_i) begin
      if (wea_i && wa_i == ra1_i)      rd1_o = wda_i;
      else if (web_i && wb_i == ra1_i) rd1_o = wdb_i;
      else if (seen_q[ra1_i])          rd1_o = mem[ra1_i];
      if (wea_i && wa_i == ra2_i)      rd2_o = wda_i;
      else if (web_i && wb_i == ra2_i) rd2_o = wdb_i;
      else if (seen_q[ra2_i])          rd2_o = mem[ra2_i];
    end
  end

  assign rd3_o = en3_i && seen_q[ra3_i] ? mem[ra3_i] : '0;

  always_comb begin : mark
    seen_d = seen_q;
    if (wea_i) seen_d[wa_i] = 1'b1;
    if (web_i) seen_d[wb_i] = 1'b1;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) seen_q <= '0;
    else         seen_q <= seen_d;
  end

  always_ff @(posedge clk_i) begin
    if (wea_i) mem[wa_i] <= wda_i;
    if (web_i) mem[wb_i] <= wdb_i;
  end

  `D1_ASSERT(X0IsNeverWritten, !(wea_i && wa_i == 5'd0) && !(web_i && wb_i == 5'd0))
  `D1_ASSERT(NoTwoWritesToOneRegister, !(wea_i && web_i && wa_i == wb_i))

endmodule
