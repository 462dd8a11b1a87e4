// Vector registers of a thread: 32 x 512 bits, three read and three write ports. A read port delivers 0 while it is not
// enabled, so that nothing toggles. What is written in a cycle is read from the next on.
//
// A register reads 0 until it is written after reset.
`include "d1_assert.svh"
module d1_vrf (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         en1_i,
  input  logic         en2_i,
  input  logic         en3_i,
  input  logic [4:0]   ra1_i,
  input  logic [4:0]   ra2_i,
  input  logic [4:0]   ra3_i,
  output logic [511:0] rd1_o,
  output logic [511:0] rd2_o,
  output logic [511:0] rd3_o,
  input  logic         we0_i,
  input  logic         we1_i,
  input  logic         we2_i,
  input  logic [4:0]   wa0_i,
  input  logic [4:0]   wa1_i,
  input  logic [4:0]   wa2_i,
  input  logic [511:0] wd0_i,
  input  logic [511:0] wd1_i,
  input  logic [511:0] wd2_i
);

  logic [511:0] mem [32];
  logic [31:0]  seen_q;

  assign rd1_o = en1_i && seen_q[ra1_i] ? mem[ra1_i] : '0;
  assign rd2_o = en2_i && seen_q[ra2_i] ? mem[ra2_i] : '0;
  assign rd3_o = en3_i && seen_q[ra3_i] ? mem[ra3_i] : '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin : mark
    if (!rst_ni) begin
      seen_q <= '0;
    end else begin
      if (we0_i) seen_q[wa0_i] <= 1'b1;
      if (we1_i) seen_q[wa1_i] <= 1'b1;
      if (we2_i) seen_q[wa2_i] <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin : write
    if (we0_i) mem[wa0_i] <= wd0_i;
    if (we1_i) mem[wa1_i] <= wd1_i;
    if (we2_i) mem[wa2_i] <= wd2_i;
  end

  `D1_ASSERT(NoTwoWritesToOneRegister, !(we0_i && we1_i && wa0_i == wa1_i) && !(we0_i && we2_i && wa0_i == wa2_i) &&
             !(we1_i && we2_i && wa1_i == wa2_i))

endmodule
