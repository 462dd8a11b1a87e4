// Claims on d1_route for every position, header and port of entry, proven by Yosys's SAT solver.
module route_proof (
  input logic         valid_i,
  input logic [7:0]   x_i,
  input logic [7:0]   y_i,
  input logic [127:0] header_i
);
  logic [24:0] outputs;   // five for each port of entry
  for (genvar p = 0; p < 5; p++) begin : gen_from
    d1_route #(.From(p)) u_route (.valid_i, .x_i, .y_i, .header_i, .outputs_o(outputs[5*p +: 5]));
  end

  logic       edge_here, x_inside, y_inside;
  logic [7:0] x1, y1;
  assign x1        = header_i[90] ? header_i[119:112] : header_i[7:0];
  assign y1        = header_i[90] ? header_i[127:120] : header_i[15:8];
  assign x_inside  = header_i[7:0] <= x_i && x_i <= x1;
  assign y_inside  = header_i[15:8] <= y_i && y_i <= y1;
  assign edge_here = header_i[91] && x_inside && y_inside;

  always_comb begin
    // From a column (N, S) never into a row (E, W), and never back where it came from, unless the flit leaves the fabric here.
    if (!edge_here) begin
      assert ((outputs[4:0] & 5'b01010) == '0);
      assert ((outputs[14:10] & 5'b01010) == '0);
      for (int p = 0; p < 4; p++) assert (!outputs[6*p]);
      // Delivered exactly in the rectangle.
      for (int p = 0; p < 5; p++) assert (outputs[5*p + 4] == (valid_i && x_inside && y_inside));
      // A single destination has a single way, from where it was sent and from where its row and its column lead.
      if (valid_i && !header_i[90]) begin
        assert ($countones(outputs[24:20]) == 1);
        if (header_i[7:0] >= x_i) assert ($countones(outputs[19:15]) == 1);
        if (header_i[7:0] <= x_i) assert ($countones(outputs[9:5]) == 1);
        if (x_inside && header_i[15:8] >= y_i) assert ($countones(outputs[4:0]) == 1);
        if (x_inside && header_i[15:8] <= y_i) assert ($countones(outputs[14:10]) == 1);
      end
    end
    if (!valid_i) assert (outputs == '0);
  end
endmodule
