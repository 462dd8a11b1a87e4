// The blocks of a transfer, row by row: global and local address of the one that is next. Loaded from a descriptor (docs/isa.md,
// section 8.2), one step a cycle. Bits 63:32 of the addresses stay, bits 31:0 go on modulo 2^32. A signal is one block.
module d1_mover_steps (
  input  logic         clk_i,
  input  logic         load_i,
  input  logic [255:32] desc_i,     // holds still from load_i on
  input  logic         step_i,
  output logic [63:0]  global_o,
  output logic [63:0]  local_o,
  output logic         last_o       // no block after this one
);

  logic [31:0] global_q, local_q, global_row_q, local_row_q;   // this block; the first of its row
  logic [15:0] block_q, row_q;                                 // left with this one; 0 acts as 1
  logic        row_end;
  logic [31:0] global_next, local_next;                        // the next row

  assign row_end     = block_q <= 16'd1;
  assign last_o      = row_end && row_q <= 16'd1;
  assign global_next = global_row_q + desc_i[223:192];
  assign local_next  = local_row_q + desc_i[255:224];

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      global_q     <= desc_i[95:64];
      global_row_q <= desc_i[95:64];
      local_q      <= desc_i[159:128];
      local_row_q  <= desc_i[159:128];
      block_q      <= desc_i[47:32];
      row_q        <= desc_i[63:48];
    end else if (step_i) begin
      if (row_end) begin
        global_q     <= global_next;
        global_row_q <= global_next;
        local_q      <= local_next;
        local_row_q  <= local_next;
        block_q      <= desc_i[47:32];
        row_q        <= row_q - 16'd1;
      end else begin
        global_q <= global_q + 32'd64;
        local_q  <= local_q + 32'd64;
        block_q  <= block_q - 16'd1;
      end
    end
  end

  assign global_o = {desc_i[127:96], global_q};
  assign local_o  = {desc_i[191:160], local_q};

endmodule
