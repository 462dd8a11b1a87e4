// Iterative divider of the M extension: one division at a time, one quotient bit a cycle, leading zeros skipped.
//
// Request in t, operands aligned in t+1, then one cycle a quotient bit (bits of |a| minus bits of |b|, plus one; none if
// |a| < |b| or b = 0), result presented in the cycle after. Magnitudes are divided, signs applied at the end; the overflow
// -2^63 / -1 needs no case of its own.
module d1_div (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        valid_i,
  output logic        ready_o,
  input  logic [6:0]  tag_i,       // {thread, rd}
  input  logic [1:0]  op_i,        // funct3 bits 1:0: div, divu, rem, remu
  input  logic        word_i,
  input  logic [63:0] a_i,
  input  logic [63:0] b_i,
  output logic        res_valid_o,
  input  logic        res_ready_i,
  output logic [6:0]  res_tag_o,
  output logic [63:0] res_o
);

  typedef enum logic [1:0] {IDLE, ALIGN, DIVIDE, DONE} state_e;
  state_e state_q, state_d;

  logic [63:0] rem_q, rem_d, div_q, div_d, quo_q, quo_d;
  logic [6:0]  count_q, count_d, tag_q;
  logic        rem_op_q, word_q, quo_neg_q, rem_neg_q;
  logic [63:0] a, b;
  logic        a_neg, b_neg;

  function automatic logic [6:0] leading_zeros(input logic [63:0] x);
    logic [63:0] y;
    logic [6:0]  n;
    y = x;
    n = 7'd0;
    if (y[63:32] == '0) begin n = n + 7'd32; y = y << 32; end
    if (y[63:48] == '0) begin n = n + 7'd16; y = y << 16; end
    if (y[63:56] == '0) begin n = n + 7'd8;  y = y << 8;  end
    if (y[63:60] == '0) begin n = n + 7'd4;  y = y << 4;  end
    if (y[63:62] == '0) begin n = n + 7'd2;  y = y << 2;  end
    if (!y[63])         begin n = n + 7'd1;  y = y << 1;  end
    if (!y[63])         n = n + 7'd1;
    leading_zeros = n;
  endfunction

  // ---- Operands: words extended by their sign or zeros, then magnitudes.
  always_comb begin : operands
    a     = '0;
    b     = '0;
    a_neg = 1'b0;
    b_neg = 1'b0;
    if (valid_i) begin
      a = word_i ? {{32{a_i[31] && !op_i[0]}}, a_i[31:0]} : a_i;
      b = word_i ? {{32{b_i[31] && !op_i[0]}}, b_i[31:0]} : b_i;
      a_neg = a[63] && !op_i[0];
      b_neg = b[63] && !op_i[0];
      if (a_neg) a = -a;
      if (b_neg) b = -b;
    end
  end

  always_comb begin : step
    logic [6:0] shift;
    state_d = state_q;
    rem_d   = rem_q;
    div_d   = div_q;
    quo_d   = quo_q;
    count_d = count_q;
    shift   = '0;
    unique case (state_q)
      IDLE: begin
        if (valid_i) begin
          state_d = ALIGN;
          rem_d   = a;
          div_d   = b;
          quo_d   = '0;
        end
      end
      ALIGN: begin
        state_d = DONE;
        if (div_q == '0) begin
          quo_d = '1;                       // the sign was not recorded: all ones
        end else if (rem_q >= div_q) begin
          shift   = leading_zeros(div_q) - leading_zeros(rem_q);
          div_d   = div_q << shift;
          count_d = shift;
          state_d = DIVIDE;
        end
      end
      DIVIDE: begin
        quo_d = {quo_q[62:0], rem_q >= div_q};
        if (rem_q >= div_q) rem_d = rem_q - div_q;
        div_d   = div_q >> 1;
        count_d = count_q - 7'd1;
        if (count_q == '0) state_d = DONE;
      end
      default: if (res_ready_i) state_d = IDLE;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : control
    if (!rst_ni) state_q <= IDLE;
    else         state_q <= state_d;
  end

  always_ff @(posedge clk_i) begin : data
    if (state_q != IDLE || valid_i) begin
      rem_q   <= rem_d;
      div_q   <= div_d;
      quo_q   <= quo_d;
      count_q <= count_d;
    end
    if (state_q == IDLE && valid_i) begin
      tag_q     <= tag_i;
      rem_op_q  <= op_i[1];
      word_q    <= word_i;
      quo_neg_q <= a_neg != b_neg && b != '0;
      rem_neg_q <= a_neg;
    end
  end

  always_comb begin : sign
    logic [63:0] res;
    res   = '0;
    res_o = '0;
    if (state_q == DONE) begin
      res = rem_op_q ? rem_q : quo_q;
      if (rem_op_q ? rem_neg_q : quo_neg_q) res = -res;
      res_o = word_q ? {{32{res[31]}}, res[31:0]} : res;
    end
  end

  assign ready_o     = state_q == IDLE;
  assign res_valid_o = state_q == DONE;
  assign res_tag_o   = tag_q;

endmodule
