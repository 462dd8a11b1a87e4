// Random bits of stochastic rounding: Threefry-4x32-12 for 32 elements from any count (docs/numerics.md, section 3).
// Operands in the cycle of en_i, random_o two cycles later: 16 bits for element count + i at 16*i. One vector a cycle.
// A block serves eight elements, so 32 elements from an arbitrary count touch up to five blocks, 16 up to three;
// blocks that are not touched are not computed.
module d1_threefry (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         en_i,
  input  logic         wide_i,   // 32 elements, otherwise 16
  input  logic [63:0]  seed_i,
  input  logic [63:0]  count_i,
  output logic [511:0] random_o
);

  // Round r mod 8; the partner of X0 is X1 in even rounds, X3 in odd ones. State {X3, X2, X1, X0}.
  function automatic logic [127:0] round(input logic [127:0] x, input logic [2:0] r);
    logic [31:0] x0, x1, x2, x3, p, q;
    logic [4:0]  a, b;
    case (r)
      3'd0:    {a, b} = {5'd10, 5'd26};
      3'd1:    {a, b} = {5'd11, 5'd21};
      3'd2:    {a, b} = {5'd13, 5'd27};
      3'd3:    {a, b} = {5'd23, 5'd5};
      3'd4:    {a, b} = {5'd6, 5'd20};
      3'd5:    {a, b} = {5'd17, 5'd11};
      3'd6:    {a, b} = {5'd25, 5'd10};
      default: {a, b} = {5'd18, 5'd20};
    endcase
    {x3, x2, x1, x0} = x;
    p  = r[0] ? x3 : x1;
    q  = r[0] ? x1 : x3;
    x0 = x0 + p;
    x2 = x2 + q;
    p  = ((p << a) | (p >> (6'd32 - {1'b0, a}))) ^ x0;
    q  = ((q << b) | (q >> (6'd32 - {1'b0, b}))) ^ x2;
    round = r[0] ? {p, x2, q, x0} : {q, x2, p, x0};
  endfunction

  // Key words are K0, K1 = seed, K2 = K3 = 0 and the parity word K4. After round 4j - 1: X_i += K_((i+j) mod 5), X3 += j.
  function automatic logic [127:0] inject(input logic [127:0] x, input logic [63:0] seed, input logic [1:0] j);
    logic [31:0] k0, k1, k4;
    k0 = seed[31:0];
    k1 = seed[63:32];
    k4 = 32'h1BD1_1BDA ^ k0 ^ k1;
    case (j)
      2'd0:    inject = {x[127:96], x[95:64], x[63:32] + k1, x[31:0] + k0};
      2'd1:    inject = {x[127:96] + k4 + 32'd1, x[95:64], x[63:32], x[31:0] + k1};
      2'd2:    inject = {x[127:96] + k0 + 32'd2, x[95:64] + k4, x[63:32], x[31:0]};
      default: inject = {x[127:96] + k1 + 32'd3, x[95:64] + k0, x[63:32] + k4, x[31:0]};
    endcase
  endfunction

  // Rounds 0 to 5, and 6 to 11.
  function automatic logic [127:0] first_half(input logic [60:0] block, input logic [63:0] seed);
    logic [127:0] x;
    x = inject({64'd0, 3'd0, block}, seed, 2'd0);
    x = round(round(round(round(x, 3'd0), 3'd1), 3'd2), 3'd3);
    x = inject(x, seed, 2'd1);
    first_half = round(round(x, 3'd4), 3'd5);
  endfunction

  function automatic logic [127:0] second_half(input logic [127:0] half, input logic [63:0] seed);
    logic [127:0] x;
    x = round(round(half, 3'd6), 3'd7);
    x = inject(x, seed, 2'd2);
    x = round(round(round(round(x, 3'd0), 3'd1), 3'd2), 3'd3);
    second_half = inject(x, seed, 2'd3);
  endfunction

  logic         e2_valid_q;
  logic [4:0]   need, e2_need_q;
  logic [639:0] e2_half_q;
  logic [63:0]  e2_seed_q;
  logic [2:0]   e2_offset_q;

  assign need = {wide_i && count_i[2:0] != 3'd0, wide_i, wide_i || count_i[2:0] != 3'd0, 2'b11};

  always_ff @(posedge clk_i or negedge rst_ni) begin : valids
    if (!rst_ni) e2_valid_q <= 1'b0;
    else         e2_valid_q <= en_i;
  end

  always_ff @(posedge clk_i) begin : e1
    if (en_i) begin
      for (int b = 0; b < 5; b++)
        if (need[b]) e2_half_q[128*b +: 128] <= first_half(count_i[63:3] + 61'(b), seed_i);
      e2_need_q   <= need;
      e2_seed_q   <= seed_i;
      e2_offset_q <= count_i[2:0];
    end
  end

  always_ff @(posedge clk_i) begin : e2
    logic [639:0] bits;
    if (e2_valid_q) begin
      bits = 640'd0;
      for (int b = 0; b < 5; b++)
        if (e2_need_q[b]) bits[128*b +: 128] = second_half(e2_half_q[128*b +: 128], e2_seed_q);
      random_o <= 512'(bits >> {e2_offset_q, 4'd0});
    end
  end

endmodule
