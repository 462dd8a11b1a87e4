// What a node counts of its links: flits that leave, cycles of back-pressure, damaged flits that arrive, and where and when
// the first of these came. docs/isa.md, sections 2 and 2.1. A count includes a cycle's events from the next cycle on.
module d1_link_events (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [47:0]  cycle_i,
  input  logic [7:0]   sent_i,        // a flit leaves: requests by N, E, S, W in bits 3:0, responses in 7:4; below as here
  input  logic [7:0]   blocked_i,     // flits wait for the link and none leaves
  input  logic [7:0]   broken_i,      // a damaged flit arrived in the cycle before
  output logic [575:0] events_o,      // counters 23..31
  output logic [63:0]  errors_o,      // CSR dlinkerr
  output logic [63:0]  first_o        // CSR dlinkfirst
);

  logic [3:0]  total;                 // damaged flits of this cycle
  logic [2:0]  lowest;                // link 2*port + class of the first of them
  logic [47:0] arrival;
  assign arrival = cycle_i - 48'd1;

  always_comb begin : damaged
    total  = '0;
    lowest = '0;
    if (broken_i != '0) begin
      for (int i = 7; i >= 0; i--) begin
        if (broken_i[4*(i%2) + i/2]) begin
          total  = total + 4'd1;
          lowest = 3'(i);
        end
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : counters
    if (!rst_ni) begin
      events_o <= '0;
    end else if ((sent_i | blocked_i | broken_i) != '0) begin
      for (int p = 0; p < 4; p++) begin
        events_o[64*p +: 64]       <= events_o[64*p +: 64] + 64'(sent_i[p]) + 64'(sent_i[4 + p]);
        events_o[64*(4 + p) +: 64] <= events_o[64*(4 + p) +: 64] + 64'(blocked_i[p]) + 64'(blocked_i[4 + p]);
      end
      events_o[64*8 +: 64] <= events_o[64*8 +: 64] + 64'(total);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : errors
    if (!rst_ni) begin
      errors_o <= '0;
      first_o  <= '0;
    end else if (broken_i != '0) begin
      for (int i = 0; i < 8; i++) begin
        if (broken_i[4*(i%2) + i/2] && errors_o[8*i +: 8] != '1) errors_o[8*i +: 8] <= errors_o[8*i +: 8] + 8'd1;
      end
      if (!first_o[63]) first_o <= {1'b1, 12'd0, lowest, arrival};
    end
  end

endmodule
