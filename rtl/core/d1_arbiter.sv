// Chooses the requesting thread that comes first in an order (d1_order), one-hot and as a number. Combinational.
module d1_arbiter (
  input  logic [3:0]  req_i,
  input  logic [15:0] before_i,       // bit 4t + u: thread u comes before t; a total order
  output logic [3:0]  gnt_o,
  output logic        valid_o,
  output logic [1:0]  thread_o
);
  always_comb begin : choose
    gnt_o = '0;
    for (int t = 0; t < 4; t++) gnt_o[t] = req_i[t] && (req_i & before_i[4*t +: 4]) == '0;
  end
  assign valid_o  = req_i != '0;
  assign thread_o = {gnt_o[3] || gnt_o[2], gnt_o[3] || gnt_o[1]};
endmodule
