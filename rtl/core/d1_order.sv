// The order in which threads are served by the shared units: by the age of the block of outputs that a thread works on. A block
// begins with a dm.mma that starts from zero (z bit) after one that does not; the thread that begins one goes to the end.
//
// So threads finish their blocks one after the other: one drains its tiles while the others keep the matrix unit busy, and at the
// end of a product the last blocks do not finish all at once. Threads that never multiply keep the order of their numbers, lowest
// first. before_o[4t + u]: u comes before t. A new order holds from the next cycle on.
`include "d1_assert.svh"
module d1_order (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        mma_i,          // a dm.mma is issued
  input  logic [1:0]  thread_i,
  input  logic        zero_first_i,
  output logic [15:0] before_o
);

  localparam logic [15:0] LOWEST_FIRST = 16'h7310;   // before thread t: all threads with lower numbers

  logic [3:0]  zero_q;                // the thread's last dm.mma started from zero
  logic [15:0] before_q;
  logic        begins;

  assign begins   = mma_i && zero_first_i && !zero_q[thread_i];
  assign before_o = before_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      zero_q   <= '0;
      before_q <= LOWEST_FIRST;
    end else if (mma_i) begin
      zero_q[thread_i] <= zero_first_i;
      if (begins) begin
        for (int t = 0; t < 4; t++) begin
          for (int u = 0; u < 4; u++) begin
            if (2'(t) == thread_i)      before_q[4*t + u] <= 2'(u) != thread_i;
            else if (2'(u) == thread_i) before_q[4*t + u] <= 1'b0;
          end
        end
      end
    end
  end

  // Of two threads exactly one comes first, and no thread before itself.
  `D1_ASSERT(OrderIsTotal, !before_q[0] && !before_q[5] && !before_q[10] && !before_q[15] && before_q[1] != before_q[4] &&
             before_q[2] != before_q[8] && before_q[3] != before_q[12] && before_q[6] != before_q[9] &&
             before_q[7] != before_q[13] && before_q[11] != before_q[14])

endmodule
