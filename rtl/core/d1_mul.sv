// Pipelined multiplier of the M extension: one multiplication a cycle, result presented two cycles after the request.
//
// Four unsigned 32x32 products, then their sum; the high half of signed factors is the unsigned one minus the other factor
// where a factor is negative. Stands still while a result is not taken. Never reorders.
module d1_mul (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        valid_i,
  output logic        ready_o,
  input  logic [6:0]  tag_i,       // {thread, rd}
  input  logic [1:0]  op_i,        // funct3 bits 1:0: mul, mulh, mulhsu, mulhu
  input  logic        word_i,
  input  logic [63:0] a_i,
  input  logic [63:0] b_i,
  output logic        res_valid_o,
  input  logic        res_ready_i,
  output logic [6:0]  res_tag_o,
  output logic [63:0] res_o,
  output logic        busy_o
);

  logic        m1_valid_q, m2_valid_q, m1_go, m2_go;
  logic [63:0] ll_q, lh_q, hl_q, hh_q, less_q, m2_q, sum, high;
  logic [6:0]  m1_tag_q, m2_tag_q;
  logic        m1_high_q, m1_word_q;

  assign m2_go   = !m2_valid_q || res_ready_i;
  assign m1_go   = !m1_valid_q || m2_go;
  assign ready_o = m1_go;

  always_ff @(posedge clk_i or negedge rst_ni) begin : valids
    if (!rst_ni) begin
      m1_valid_q <= 1'b0;
      m2_valid_q <= 1'b0;
    end else begin
      if (m1_go) m1_valid_q <= valid_i;
      if (m2_go) m2_valid_q <= m1_valid_q;
    end
  end

  always_ff @(posedge clk_i) begin : products
    if (m1_go && valid_i) begin
      m1_tag_q  <= tag_i;
      m1_high_q <= op_i != 2'd0;
      m1_word_q <= word_i;
      ll_q      <= {32'd0, a_i[31:0]} * {32'd0, b_i[31:0]};
      lh_q      <= {32'd0, a_i[31:0]} * {32'd0, b_i[63:32]};
      hl_q      <= {32'd0, a_i[63:32]} * {32'd0, b_i[31:0]};
      hh_q      <= {32'd0, a_i[63:32]} * {32'd0, b_i[63:32]};
      less_q    <= (a_i[63] && op_i != 2'd3 ? b_i : 64'd0) + (b_i[63] && op_i == 2'd1 ? a_i : 64'd0);
    end
  end

  always_comb begin : add
    logic [63:0] middle;
    sum    = '0;
    high   = '0;
    middle = '0;
    if (m1_valid_q) begin
      // Below 2^64: (2^32-1) + 2 * (2^32-1)
      middle = {32'd0, ll_q[63:32]} + {32'd0, lh_q[31:0]} + {32'd0, hl_q[31:0]};
      sum    = {middle[31:0], ll_q[31:0]};
      high   = hh_q + {32'd0, lh_q[63:32]} + {32'd0, hl_q[63:32]} + {32'd0, middle[63:32]} - less_q;
    end
  end

  always_ff @(posedge clk_i) begin : result
    if (m2_go && m1_valid_q) begin
      m2_tag_q <= m1_tag_q;
      m2_q     <= m1_high_q ? high : m1_word_q ? {{32{sum[31]}}, sum[31:0]} : sum;
    end
  end

  assign res_valid_o = m2_valid_q;
  assign res_tag_o   = m2_tag_q;
  assign res_o       = m2_q;
  assign busy_o      = m1_valid_q || m2_valid_q;

endmodule
