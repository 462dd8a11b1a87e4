// What one bank of the SRAM is told in this cycle: the command and the write data of the lane that was granted its bank. The
// netlist has 64 of them; a simulator gets the same from the functions of d1_sram. Combinational.
//
// Lanes whose accesses meet in a bank read the same word, so the bits of all hits may be ORed. Requesters in the order nw, s0,
// s1, f, nr, eight lanes each; only the first two write.
module d1_sram_bank #(
  parameter int unsigned Bank = 0
) (
  input  logic [39:0]   gnt_i,
  input  logic [239:0]  bank_i,
  input  logic [479:0]  row_i,      // 12 bits a lane
  input  logic [127:0]  wmask_i,
  input  logic [1023:0] wdata_i,
  input  logic [15:0]   we_i,       // the lane writes if it is granted
  output logic [31:0]   cmd_o,      // the format of d1_sram_array
  output logic [63:0]   wdata_o
);

  logic [39:0] hit;
  for (genvar l = 0; l < 40; l++) begin : gen_hit
    assign hit[l] = gnt_i[l] && bank_i[6*l +: 6] == 6'(Bank);
  end

  always_comb begin : merge
    logic [11:0] row;
    logic [7:0]  mask;
    row     = '0;
    mask    = '0;
    wdata_o = '0;
    for (int l = 0; l < 40; l++) row = row | ({12{hit[l]}} & row_i[12*l +: 12]);
    for (int l = 0; l < 16; l++) begin
      mask    = mask | ({8{hit[l]}} & wmask_i[8*l +: 8]);
      wdata_o = wdata_o | ({64{hit[l] && we_i[l]}} & wdata_i[64*l +: 64]);
    end
    cmd_o = {8'd0, mask, 4'd0, row};
  end

endmodule
