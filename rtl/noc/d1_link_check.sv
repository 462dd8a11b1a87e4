// Eight-way parity of a flit: bit k covers bits k, k+8, ... A good flit gives 0; any single wrong bit, and any burst of up to
// eight, gives something else. Combinational, 0 without valid_i.
module d1_link_check (
  input  logic                             valid_i,
  input  logic [d1_noc_pkg::FLIT_BITS-1:0] flit_i,
  output logic [7:0]                       parity_o
);
  always_comb begin : fold
    logic [159:0] quarter;
    logic [31:0]  word;
    parity_o = '0;
    quarter  = '0;
    word     = '0;
    if (valid_i) begin
      quarter  = flit_i[159:0] ^ flit_i[319:160] ^ flit_i[479:320] ^ flit_i[639:480];
      word     = quarter[31:0] ^ quarter[63:32] ^ quarter[95:64] ^ quarter[127:96] ^ quarter[159:128];
      parity_o = word[7:0] ^ word[15:8] ^ word[23:16] ^ word[31:24];
    end
  end
endmodule
