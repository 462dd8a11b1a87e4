// P1 of the matrix unit: chooses one pass's operands, 32 elements of A and 32 of B, and decodes them (docs/numerics.md,
// section 1.1) into registers, once for all 256 products. Keeps the second half of 8-bit panels for four cycles, the time
// after which the second pass starts: slot_i, which names the place, counts modulo 4 while anything is under way.
//
// Row i of A and column j of B come out as vectors of four 16-bit lanes, k = 0 in the lowest. Latency one cycle; the
// registers keep their values unless a pass starts. Significand and exponent of Inf and NaN mean nothing.
module d1_matrix_decode (
  input  logic         clk_i,
  input  logic         issue_i,     // an instruction's first pass starts
  input  logic         again_i,     // the second pass of the instruction issued four cycles ago starts; excludes issue_i
  input  logic [1:0]   slot_i,
  input  logic [11:0]  desc_a_i,    // docs/numerics.md, section 1; both of 16-bit or both of 8-bit kinds
  input  logic [11:0]  desc_b_i,
  input  logic [511:0] a_i,         // element (i, k): half 4*i + k or byte 8*i + k
  input  logic [511:0] b_i,         // element (k, j): half or byte 8*k + j

  output logic [511:0] a_sig_o,     // lane 4*i + k: {0 [5], significand [11]}
  output logic [511:0] a_exp_o,     // lane 4*i + k: {sign, 0 [5], encoded exponent [10]}, see d1_matrix_pkg
  output logic [511:0] b_sig_o,     // lane 4*j + k
  output logic [511:0] b_exp_o,
  output logic [31:0]  a_inf_o,     // bit 4*i + k
  output logic [31:0]  a_nan_o,
  output logic [31:0]  b_inf_o,     // bit 4*j + k
  output logic [31:0]  b_nan_o,
  output logic         special_o,   // some element is Inf or NaN
  output logic         signaling_o, // some element is a signaling NaN
  output logic         denormal_o   // some element is a subnormal encoding
);

  // Second halves of 8-bit panels: {desc_b, desc_a, B's byte 8*k + j, A's byte 4*i + k}.
  logic [535:0] half_q [4];

  logic         en, keep;          // keep: the first pass of two
  logic [535:0] later;             // what is kept for the second
  logic [11:0]  desc_a, desc_b;
  logic [511:0] a_lanes, b_lanes;  // row i, column j in lanes of 64 bits

  assign en   = issue_i || again_i;
  assign keep = issue_i && d1_matrix_pkg::is_8bit(desc_a_i[3:0]);

  always_comb begin : choose
    logic [535:0] half;
    half    = '0;
    later   = '0;
    desc_a  = '0;
    desc_b  = '0;
    a_lanes = '0;
    b_lanes = '0;
    if (again_i || keep) begin
      half = half_q[slot_i];
      if (issue_i) begin
        later[535:256] = {desc_b_i, desc_a_i, b_i[511:256]};
        half[535:256]  = {desc_b_i, desc_a_i, b_i[255:0]};
        for (int i = 0; i < 8; i++) begin
          later[32*i +: 32] = a_i[64*i + 32 +: 32];
          half[32*i +: 32]  = a_i[64*i +: 32];
        end
      end
      {desc_b, desc_a} = half[535:512];
      for (int i = 0; i < 8; i++) begin
        for (int k = 0; k < 4; k++) begin
          a_lanes[64*i + 16*k +: 16] = {8'd0, half[32*i + 8*k +: 8]};
          b_lanes[64*i + 16*k +: 16] = {8'd0, half[256 + 64*k + 8*i +: 8]};
        end
      end
    end else if (issue_i) begin
      desc_a  = desc_a_i;
      desc_b  = desc_b_i;
      a_lanes = a_i;
      for (int j = 0; j < 8; j++) begin
        for (int k = 0; k < 4; k++) b_lanes[64*j + 16*k +: 16] = b_i[128*k + 16*j +: 16];
      end
    end
  end

  always_ff @(posedge clk_i) begin : second_halves
    if (keep) half_q[slot_i] <= later;
  end

  // A simulator is fastest with loops over all rows and columns, synthesis with one that it maps once.
`ifdef SYNTHESIS
  localparam int unsigned LINES = 1;
`else
  localparam int unsigned LINES = 8;
`endif
  localparam int unsigned SLICES = 8 / LINES;

  logic [2*SLICES-1:0] special, signaling, denormal;

  for (genvar s = 0; s < SLICES; s++) begin : gen_lines
    d1_matrix_operands #(.Lines(LINES)) u_a (
      .clk_i, .en_i(en), .desc_i(desc_a), .codes_i(a_lanes[64*LINES*s +: 64*LINES]), .sig_o(a_sig_o[64*LINES*s +: 64*LINES]),
      .exp_o(a_exp_o[64*LINES*s +: 64*LINES]), .inf_o(a_inf_o[4*LINES*s +: 4*LINES]), .nan_o(a_nan_o[4*LINES*s +: 4*LINES]),
      .special_o(special[2*s]), .signaling_o(signaling[2*s]), .denormal_o(denormal[2*s])
    );
    d1_matrix_operands #(.Lines(LINES)) u_b (
      .clk_i, .en_i(en), .desc_i(desc_b), .codes_i(b_lanes[64*LINES*s +: 64*LINES]), .sig_o(b_sig_o[64*LINES*s +: 64*LINES]),
      .exp_o(b_exp_o[64*LINES*s +: 64*LINES]), .inf_o(b_inf_o[4*LINES*s +: 4*LINES]), .nan_o(b_nan_o[4*LINES*s +: 4*LINES]),
      .special_o(special[2*s + 1]), .signaling_o(signaling[2*s + 1]), .denormal_o(denormal[2*s + 1])
    );
  end

  assign special_o   = special != '0;
  assign signaling_o = signaling != '0;
  assign denormal_o  = denormal != '0;

endmodule
