// Reservations of the four threads: one 64-byte block each. Within a cycle slot 0 comes first, then the network's write.
// Set and cleared at the end of the cycle in which the access is performed.
module d1_lsu_resv (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         set_i,           // an LR is performed
  input  logic [1:0]   set_thread_i,
  input  logic [14:0]  set_block_i,
  input  logic [3:0]   clear_i,         // an SC is performed, or a trap
  input  logic [7:0]   write_i,         // slot 0 writes these lanes
  input  logic [143:0] write_word_i,
  input  logic         snoop_valid_i,   // the network writes
  input  logic [14:0]  snoop_block_i,
  output logic [3:0]   valid_o,
  output logic [59:0]  block_o          // thread t: bits 15t+14..15t
);

  logic [3:0]  valid_q, valid_d;
  logic [59:0] block_q, block_d;

  always_comb begin : update
    valid_d = valid_q & ~clear_i;
    block_d = block_q;
    if (set_i) begin
      valid_d[set_thread_i] = 1'b1;
      for (int t = 0; t < 4; t++) if (set_thread_i == 2'(t)) block_d[15*t +: 15] = set_block_i;
    end
    if (valid_d != '0) begin
      for (int t = 0; t < 4; t++) begin
        if (write_i != '0) begin
          for (int l = 0; l < 8; l++)
            if (write_i[l] && write_word_i[18*l + 3 +: 15] == block_d[15*t +: 15]) valid_d[t] = 1'b0;
        end
        if (snoop_valid_i && snoop_block_i == block_d[15*t +: 15]) valid_d[t] = 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= '0;
    else         valid_q <= valid_d;
  end

  always_ff @(posedge clk_i) begin
    block_q <= block_d;
  end

  assign valid_o = valid_q;
  assign block_o = block_q;

endmodule
