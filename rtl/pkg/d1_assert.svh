// Assertions, named as claims: `D1_ASSERT(NeverBothWrite, !(a && b))` holds at every rising edge of clk_i outside reset.
// Empty for synthesis. Modules that use them have the ports clk_i and rst_ni.
`ifndef D1_ASSERT_SVH
`define D1_ASSERT_SVH

`ifdef SYNTHESIS
`define D1_ASSERT(Name, Claim)
`else
`define D1_ASSERT(Name, Claim) \
  Name: assert property (@(posedge clk_i) disable iff (!rst_ni) (Claim)) \
    else $error("claim %s does not hold in %m", `"Name`");
`endif

`endif
