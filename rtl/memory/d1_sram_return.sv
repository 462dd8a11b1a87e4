// Read data of one requester: remembers the banks of the lanes granted in the last cycle and picks their outputs. Lanes that
// were not granted deliver 0. Latency 1.
module d1_sram_return (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic [7:0]    gnt_i,
  input  logic [47:0]   bank_i,
  input  logic [4095:0] bank_rdata_i,
  output logic [511:0]  rdata_o
);

  logic [7:0]  gnt_q;
  logic [47:0] bank_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) gnt_q <= '0;
    else         gnt_q <= gnt_i;
  end

  always_ff @(posedge clk_i) begin
    bank_q <= bank_i;
  end

  always_comb begin : pick
    rdata_o = '0;
    if (gnt_q != '0) begin
      for (int l = 0; l < 8; l++)
        if (gnt_q[l]) rdata_o[64*l +: 64] = bank_rdata_i[{bank_q[6*l +: 6], 6'd0} +: 64];
    end
  end

endmodule
