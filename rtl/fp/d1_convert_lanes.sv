// Lanes of d1_convert: one element each, through decode, locate and round of d1_convert_pkg (docs/numerics.md, section 2).
// The enables of the three stages come from outside; registers hold without them. Result combinational in E3, 0 without it.
module d1_convert_lanes #(
  parameter int unsigned Lanes = 16
) (
  input  logic                clk_i,
  input  logic [2:0]          en_i,      // stages E1, E2, E3
  input  logic [15:0]         sdesc_i,   // in E1
  input  logic [15:0]         e2_desc_i, // destination, in E2
  input  logic [15:0]         e3_desc_i,
  input  logic [32*Lanes-1:0] code_i,    // in E1, the element in the lowest bits
  input  logic [16*Lanes-1:0] random_i,  // in E3
  output logic [64*Lanes-1:0] coded_o    // in E3: {0 [28], flags [4], code [32]}
);

  logic [64*Lanes-1:0] e2_element_q;  // 40 bits of 64 used
  logic [64*Lanes-1:0] e3_place_q;    // 63 bits of 64 used
  logic [16*Lanes-1:0] e3_tags_q;     // 6 bits of 16 used

  always_ff @(posedge clk_i) begin : e1
    if (en_i[0]) begin
      for (int i = 0; i < Lanes; i++) e2_element_q[64*i +: 64] <= d1_convert_pkg::decode(code_i[32*i +: 32], sdesc_i);
    end
  end

  always_ff @(posedge clk_i) begin : e2
    if (en_i[1]) begin
      for (int i = 0; i < Lanes; i++) begin
        e3_place_q[64*i +: 64] <= d1_convert_pkg::locate(e2_element_q[64*i +: 64], e2_desc_i);
        e3_tags_q[16*i +: 16]  <= {10'd0, e2_element_q[64*i+34 +: 6]};
      end
    end
  end

  always_comb begin : e3
    coded_o = '0;
    if (en_i[2]) begin
      for (int i = 0; i < Lanes; i++)
        coded_o[64*i +: 64] = {28'd0, d1_convert_pkg::round(e3_tags_q[16*i +: 16], e3_place_q[64*i +: 64], e3_desc_i,
                                                            random_i[16*i +: 16])};
    end
  end

endmodule
