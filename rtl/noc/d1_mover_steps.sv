// The blocks of a transfer, row by row: bits 31:0 of the global and local address of the one that is next, modulo 2^32. Loaded
// from a descriptor (docs/isa.md, section 8.2), one step a cycle. A signal is one block.
module d1_mover_steps (
  input  logic         clk_i,
  input  logic         load_i,
  input  logic [15:0]  blocks_i,         // of what is loaded: in a row; rows; addresses of the first block
  input  logic [15:0]  rows_i,
  input  logic [31:0]  global_i,
  input  logic [31:0]  local_i,
  input  logic         step_i,
  input  logic [15:0]  row_blocks_i,     // of what has been loaded: blocks in a row; bytes from one row to the next
  input  logic [31:0]  global_stride_i,
  input  logic [31:0]  local_stride_i,
  output logic [31:0]  global_o,
  output logic [31:0]  local_o,
  output logic         near_o,      // one block after this one at most
  output logic         last_o       // none
);

  logic [31:0] global_q, local_q, global_row_q, local_row_q;   // this block; the first of its row
  logic [15:0] block_q, row_q;                                 // left with this one; 0 acts as 1
  logic        row_end;
  logic [31:0] global_next, local_next;                        // the next row

  assign row_end     = block_q <= 16'd1;
  assign last_o      = row_end && row_q <= 16'd1;
  assign near_o      = row_q <= 16'd1 ? block_q <= 16'd2 : row_end && row_q == 16'd2 && row_blocks_i == 16'd1;
  assign global_next = global_row_q + global_stride_i;
  assign local_next  = local_row_q + local_stride_i;

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      global_q     <= global_i;
      global_row_q <= global_i;
      local_q      <= local_i;
      local_row_q  <= local_i;
      block_q      <= blocks_i;
      row_q        <= rows_i;
    end else if (step_i) begin
      if (row_end) begin
        global_q     <= global_next;
        global_row_q <= global_next;
        local_q      <= local_next;
        local_row_q  <= local_next;
        block_q      <= row_blocks_i;
        row_q        <= row_q - 16'd1;
      end else begin
        global_q <= global_q + 32'd64;
        local_q  <= local_q + 32'd64;
        block_q  <= block_q - 16'd1;
      end
    end
  end

  assign global_o = global_q;
  assign local_o  = local_q;

endmodule
