// The 64 SRAM banks of a node, 2,560 x 8 bytes each: the macro. One access a bank a cycle; read data in the next cycle, valid
// for that cycle. For synthesis this is a black box.
//
// The simulation model keeps the words in the order of their addresses: mem[w] is the word at 0x8000_0000 + 8w, byte 0 least
// significant, whatever bank it lies in. The harness loads and reads it directly.
`ifdef SYNTHESIS
(* blackbox *)
`endif
module d1_sram_array (
  input  logic          clk_i,
  input  logic [63:0]   en_i,      // bank b is accessed
  input  logic [63:0]   we_i,      // ... and written
  input  logic [2047:0] cmd_i,     // bank b: row in bits 32b+11..32b, byte mask in 32b+23..32b+16
  input  logic [4095:0] wdata_i,   // bank b: bits 64b+63..64b
  output logic [4095:0] rdata_o
);
`ifndef SYNTHESIS

  logic [63:0] mem [d1_pkg::BANKS * d1_pkg::BANK_WORDS] /* verilator public_flat_rw */;

  // A bank that is not read keeps its output; nobody looks at it.
  always_ff @(posedge clk_i) begin : access
    logic [11:0] row;
    logic [17:0] word;
    logic [63:0] bits;
    if (en_i != '0) begin
      for (int b = 0; b < 64; b++) begin
        if (en_i[b]) begin
          row  = cmd_i[32*b +: 12];
          word = {row, 6'(b) - row[5:0] - {row[4:0], 1'b0}};
          if (we_i[b]) begin
            for (int i = 0; i < 8; i++) bits[8*i +: 8] = {8{cmd_i[32*b + 16 + i]}};
            mem[word] = (mem[word] & ~bits) | (wdata_i[64*b +: 64] & bits);
          end else begin
            rdata_o[64*b +: 64] <= mem[word];
          end
        end
      end
    end
  end

`endif
endmodule
