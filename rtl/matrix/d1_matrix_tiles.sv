// The tiles of all threads: 32 words of 2,048 bits, element (i, j) at bit 32*(8*i + j). One whole-tile read and write (the
// accumulator), one read and one write of a row pair (the moves). Everything written in a cycle is read from the next on.
//
// Zeroing sets one bit a row instead of 2,048: rows whose bit is set read as +0 until they are written. Reset zeroes all.
// Two writes of one cycle must not name the same row: the core's scoreboard sees to it.
module d1_matrix_tiles (
  input  logic          clk_i,
  input  logic          rst_ni,

  // Accumulator into the register acc_o, kept while acc_en_i is low
  input  logic          acc_en_i,
  input  logic          acc_zero_i,  // load +0 instead
  input  logic [4:0]    acc_tile_i,  // {thread, tile}
  output logic [2047:0] acc_o,

  input  logic          result_en_i,
  input  logic [4:0]    result_tile_i,
  input  logic [2047:0] result_i,

  input  logic          zero_valid_i,
  input  logic [1:0]    zero_thread_i,
  input  logic [7:0]    zero_mask_i,

  // Row pair: tile 2*pair in bits 255:0, tile 2*pair + 1 in bits 511:256
  input  logic          rd_en_i,
  input  logic [1:0]    rd_thread_i,
  input  logic [1:0]    rd_pair_i,
  input  logic [2:0]    rd_row_i,
  output logic [511:0]  rd_data_o,

  input  logic          wr_valid_i,
  input  logic [1:0]    wr_thread_i,
  input  logic [1:0]    wr_pair_i,
  input  logic [2:0]    wr_row_i,
  input  logic [511:0]  wr_data_i
);

  logic [2047:0] tile_q [32];
  logic [255:0]  zero_q;  // bit 32*row + {thread, tile}

  // Storage -----------------------------------------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin : storage
    if (result_en_i) tile_q[result_tile_i] <= result_i;
    if (wr_valid_i) begin
      tile_q[{wr_thread_i, wr_pair_i, 1'b0}][{wr_row_i, 8'd0} +: 256] <= wr_data_i[255:0];
      tile_q[{wr_thread_i, wr_pair_i, 1'b1}][{wr_row_i, 8'd0} +: 256] <= wr_data_i[511:256];
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : zero_bits
    logic [31:0] row;
    if (!rst_ni) begin
      zero_q <= '1;
    end else if (result_en_i || wr_valid_i || zero_valid_i) begin
      for (int r = 0; r < 8; r++) begin
        row = zero_q[32*r +: 32];
        if (zero_valid_i) row = row | ({24'd0, zero_mask_i} << {zero_thread_i, 3'd0});
        if (result_en_i) row = row & ~(32'd1 << result_tile_i);
        if (wr_valid_i && wr_row_i == r[2:0]) row = row & ~(32'd3 << {wr_thread_i, wr_pair_i, 1'b0});
        zero_q[32*r +: 32] <= row;
      end
    end
  end

  // Reads -------------------------------------------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin : accumulator
    if (acc_en_i) begin
      acc_o <= acc_zero_i ? '0 : tile_q[acc_tile_i];
      for (int r = 0; r < 8; r++) begin
        if (zero_q[{r[2:0], acc_tile_i}]) acc_o[256*r +: 256] <= '0;
      end
    end
  end

  always_comb begin : row_pair
    rd_data_o = '0;
    if (rd_en_i) begin
      if (!zero_q[{rd_row_i, rd_thread_i, rd_pair_i, 1'b0}])
        rd_data_o[255:0] = tile_q[{rd_thread_i, rd_pair_i, 1'b0}][{rd_row_i, 8'd0} +: 256];
      if (!zero_q[{rd_row_i, rd_thread_i, rd_pair_i, 1'b1}])
        rd_data_o[511:256] = tile_q[{rd_thread_i, rd_pair_i, 1'b1}][{rd_row_i, 8'd0} +: 256];
    end
  end

endmodule
