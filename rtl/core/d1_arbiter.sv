// Fixed priority: the lowest requesting thread, one-hot and as a number. Makes threads drift apart, so that they drain their
// tiles at different times. Combinational.
module d1_arbiter (
  input  logic [3:0] req_i,
  output logic [3:0] gnt_o,
  output logic       valid_o,
  output logic [1:0] thread_o
);
  assign gnt_o    = req_i & (~req_i + 4'd1);
  assign valid_o  = req_i != '0;
  assign thread_o = {gnt_o[3] || gnt_o[2], gnt_o[3] || gnt_o[1]};
endmodule
