// Fill engine: reads 64-byte instruction lines for the four fetch buffers, one thread's at a time, lowest thread first, but every
// eighth line in turns: code that jumps from line to line asks as often as it is served, and three such threads would keep a
// fourth from its instructions. (All lines in turns would keep threads in step, which drain their tiles at once then.)
//
// Accepted in t, asked of the SRAM in t+1, delivered in t+2 if no bank was taken; one line a cycle. Words that are not granted
// are asked for again.
module d1_ifill (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [3:0]   req_i,
  input  logic [59:0]  line_i,         // thread t: bits 15t+14..15t
  output logic [3:0]   gnt_o,
  output logic [3:0]   valid_o,        // the line of this thread arrives
  output logic [511:0] data_o,
  output logic         busy_o,

  output logic [7:0]   f_req_o,
  output logic [143:0] f_word_o,
  input  logic [7:0]   f_gnt_i,
  input  logic [511:0] f_rdata_i
);

  logic [7:0]   left_q;                // words of the line not granted yet
  logic [14:0]  line_q;
  logic [3:0]   thread_q;              // one-hot
  logic [4:0]   lines_q;               // counts lines: thread 4:3 comes first when 2:0 are 0
  logic         ret_q, ret_last_q;     // words arrive in this cycle; the last ones of the line
  logic [3:0]   ret_thread_q;
  logic [511:0] acc_q;                 // words of earlier cycles
  logic         accept;
  logic [3:0]   favoured, first;

  assign accept  = (left_q & ~f_gnt_i) == '0;
  assign favoured = lines_q[2:0] == '0 ? req_i & (4'd1 << lines_q[4:3]) : '0;
  assign first    = favoured != '0 ? favoured : req_i;
  assign gnt_o    = accept ? first & (~first + 4'd1) : '0;
  assign busy_o  = left_q != '0 || ret_q;
  assign f_req_o = left_q;

  always_comb begin : words
    f_word_o = '0;
    if (left_q != '0) begin
      for (int l = 0; l < 8; l++) f_word_o[18*l +: 18] = {line_q, 3'(l)};
    end
  end

  always_comb begin : deliver
    valid_o = '0;
    data_o  = '0;
    if (ret_q) begin
      data_o  = acc_q | f_rdata_i;     // words that were not granted read 0
      valid_o = ret_last_q ? ret_thread_q : '0;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : control
    if (!rst_ni) begin
      left_q  <= '0;
      ret_q   <= 1'b0;
      lines_q <= '0;
    end else begin
      left_q <= gnt_o != '0 ? 8'hff : left_q & ~f_gnt_i;
      ret_q  <= f_gnt_i != '0;
      if (gnt_o != '0) lines_q <= lines_q + 5'd1;
    end
  end

  always_ff @(posedge clk_i) begin : payload
    if (gnt_o != '0) begin
      thread_q <= gnt_o;
      case (1'b1)
        gnt_o[0]: line_q <= line_i[14:0];
        gnt_o[1]: line_q <= line_i[29:15];
        gnt_o[2]: line_q <= line_i[44:30];
        default:  line_q <= line_i[59:45];
      endcase
    end
    if (left_q != '0) begin
      ret_last_q   <= accept;
      ret_thread_q <= thread_q;
    end
    if (ret_q) begin
      if (ret_last_q) acc_q <= '0;
      else            acc_q <= data_o;
    end
    if (!rst_ni) acc_q <= '0;
  end

endmodule
