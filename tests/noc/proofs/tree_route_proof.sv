// Claims on d1_tree_route for every position, rectangle, set of boxes and port of entry, proven by Yosys's SAT solver.
module tree_route_proof (
  input logic        valid_i,
  input logic [7:0]  x_i,
  input logic [7:0]  y_i,
  input logic [83:0] boxes_i,
  input logic [31:0] rectangle_i
);
  logic [24:0] outputs;   // five for each port of entry
  logic [4:0]  member;
  for (genvar p = 0; p < 5; p++) begin : gen_from
    d1_tree_route #(.From(p)) u_route (
      .valid_i, .x_i, .y_i, .boxes_i, .rectangle_i, .outputs_o(outputs[5*p +: 5]), .member_o(member[p])
    );
  end

  logic       within;
  logic [3:0] apart;      // the box and the rectangle have no node in common: one lies wholly on one side of the other
  assign within = rectangle_i[7:0] <= x_i && x_i <= rectangle_i[23:16] && rectangle_i[15:8] <= y_i && y_i <= rectangle_i[31:24];
  for (genvar q = 0; q < 4; q++) begin : gen_box
    assign apart[q] = {3'd0, boxes_i[21*q + 10 +: 5]} < rectangle_i[7:0] || {3'd0, boxes_i[21*q +: 5]} > rectangle_i[23:16] ||
                      {3'd0, boxes_i[21*q + 15 +: 5]} < rectangle_i[15:8] || {3'd0, boxes_i[21*q + 5 +: 5]} > rectangle_i[31:24];
  end

  always_comb begin
    for (int p = 0; p < 5; p++) begin
      assert (member[p] == (valid_i && within));
      if (!valid_i) assert (outputs[5*p +: 5] == '0);
      if (valid_i) begin
        // Somewhere it always goes; to the node if that is meant, or if nothing else is.
        assert (outputs[5*p +: 5] != '0);
        assert (outputs[5*p + 4] == (within || outputs[5*p +: 4] == '0));
        // Never back, only along the tree, and along all of it that the rectangle may need.
        for (int q = 0; q < 4; q++) assert (outputs[5*p + q] == (p != q && boxes_i[21*q + 20] && !apart[q]));
      end
    end
  end
endmodule
