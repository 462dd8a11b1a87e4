// Claims on the data path of a router's output: five d1_vc_fifo and the d1_router_buffer that holds their flits, of two places
// each, for every sequence of writes and reads that keeps the contract, proven by induction: a flit leaves as it came but for
// the two fields that are replaced, once, in its queue's turn, with its own side entry. Of each flit sixteen bits are
// followed: the ends of the flit, of the header, of the two fields, and their neighbours; the others are wired alike.
module buffer_proof (
  input logic        clk_i,
  input logic [4:0]  push_i,
  input logic [14:0] side_i,      // three bits of each input
  input logic [79:0] data_i,      // sixteen bits of each input's flit
  input logic        rd_i,
  input logic [2:0]  rd_input_i,
  input logic [7:0]  rd_check_i,
  input logic [4:0]  rd_next_i
);
  localparam int unsigned FB = d1_noc_pkg::FLIT_BITS;
  localparam int unsigned CHECK = d1_noc_pkg::F_CHECK, NEXT = d1_noc_pkg::F_NEXT;

  logic rst_nq;
  initial rst_nq = 1'b0;
  always_ff @(posedge clk_i) rst_nq <= 1'b1;

  logic [4:0]      valid, push, pop, tail, head;
  logic [5*FB-1:0] flits;
  logic [FB-1:0]   flit;
  logic [15:0]     expected;     // of the head that is read
  logic [79:0]     heads;
  logic            rd, place;

  // The contract: one head is read, and leaves. (The other half, no write without a free place, is queue_claims'.)
  assign pop = rd_i && rst_nq && rd_input_i < 3'd5 ? valid & (5'b1 << rd_input_i) : '0;
  assign rd  = pop != '0;
  assign place = (head & pop) != '0;

  d1_router_buffer #(.Depth(2)) u_buffer (
    .clk_i, .wr_i(push), .wr_place_i(tail), .rx_flit_i(flits[4*FB-1:0]), .inj_flit_i(flits[5*FB-1:4*FB]), .rd_i(rd),
    .rd_input_i, .rd_place_i(place), .rd_check_i, .rd_next_i, .flit_o(flit)
  );

  // Its words, joined by name when the hierarchy is flattened.
  (* hierconn *) wire [FB-1:0] \u_buffer.mem[0] ;
  (* hierconn *) wire [FB-1:0] \u_buffer.mem[1] ;
  (* hierconn *) wire [FB-1:0] \u_buffer.mem[2] ;
  (* hierconn *) wire [FB-1:0] \u_buffer.mem[3] ;
  (* hierconn *) wire [FB-1:0] \u_buffer.mem[4] ;
  (* hierconn *) wire [FB-1:0] \u_buffer.mem[5] ;
  (* hierconn *) wire [FB-1:0] \u_buffer.mem[6] ;
  (* hierconn *) wire [FB-1:0] \u_buffer.mem[7] ;
  (* hierconn *) wire [FB-1:0] \u_buffer.mem[8] ;
  (* hierconn *) wire [FB-1:0] \u_buffer.mem[9] ;

  wire [FB-1:0] word_0_0 = \u_buffer.mem[0] ;
  wire [FB-1:0] word_0_1 = \u_buffer.mem[1] ;
  wire [FB-1:0] word_1_0 = \u_buffer.mem[2] ;
  wire [FB-1:0] word_1_1 = \u_buffer.mem[3] ;
  wire [FB-1:0] word_2_0 = \u_buffer.mem[4] ;
  wire [FB-1:0] word_2_1 = \u_buffer.mem[5] ;
  wire [FB-1:0] word_3_0 = \u_buffer.mem[6] ;
  wire [FB-1:0] word_3_1 = \u_buffer.mem[7] ;
  wire [FB-1:0] word_4_0 = \u_buffer.mem[8] ;
  wire [FB-1:0] word_4_1 = \u_buffer.mem[9] ;

  function automatic logic [15:0] followed(input logic [639:0] f);
    followed = {f[FB - 1], f[511], f[320], f[319], f[128], f[127],
                f[NEXT + 5], f[NEXT + 4], f[NEXT], f[NEXT - 1], f[CHECK + 8], f[CHECK + 7],
                f[CHECK], f[CHECK - 1], f[31], f[0]};
  endfunction

  queue_claims u_queue_0 (
    .clk_i, .rst_ni(rst_nq), .push_i(push_i[0]), .pop_i(pop[0]), .side_i(side_i[0 +: 3]), .data_i(data_i[0 +: 16]),
    .word_0_i(followed(word_0_0)), .word_1_i(followed(word_0_1)), .push_o(push[0]), .valid_o(valid[0]), .tail_o(tail[0]),
    .head_o(head[0]), .first_o(heads[0 +: 16])
  );
  queue_claims u_queue_1 (
    .clk_i, .rst_ni(rst_nq), .push_i(push_i[1]), .pop_i(pop[1]), .side_i(side_i[3 +: 3]), .data_i(data_i[16 +: 16]),
    .word_0_i(followed(word_1_0)), .word_1_i(followed(word_1_1)), .push_o(push[1]), .valid_o(valid[1]), .tail_o(tail[1]),
    .head_o(head[1]), .first_o(heads[16 +: 16])
  );
  queue_claims u_queue_2 (
    .clk_i, .rst_ni(rst_nq), .push_i(push_i[2]), .pop_i(pop[2]), .side_i(side_i[6 +: 3]), .data_i(data_i[32 +: 16]),
    .word_0_i(followed(word_2_0)), .word_1_i(followed(word_2_1)), .push_o(push[2]), .valid_o(valid[2]), .tail_o(tail[2]),
    .head_o(head[2]), .first_o(heads[32 +: 16])
  );
  queue_claims u_queue_3 (
    .clk_i, .rst_ni(rst_nq), .push_i(push_i[3]), .pop_i(pop[3]), .side_i(side_i[9 +: 3]), .data_i(data_i[48 +: 16]),
    .word_0_i(followed(word_3_0)), .word_1_i(followed(word_3_1)), .push_o(push[3]), .valid_o(valid[3]), .tail_o(tail[3]),
    .head_o(head[3]), .first_o(heads[48 +: 16])
  );
  queue_claims u_queue_4 (
    .clk_i, .rst_ni(rst_nq), .push_i(push_i[4]), .pop_i(pop[4]), .side_i(side_i[12 +: 3]), .data_i(data_i[64 +: 16]),
    .word_0_i(followed(word_4_0)), .word_1_i(followed(word_4_1)), .push_o(push[4]), .valid_o(valid[4]), .tail_o(tail[4]),
    .head_o(head[4]), .first_o(heads[64 +: 16])
  );

  always_comb begin : spread
    flits = '0;
    for (int p = 0; p < 5; p++) begin
      flits[FB*p + 0] = data_i[16*p + 0];
      flits[FB*p + 31] = data_i[16*p + 1];
      flits[FB*p + CHECK - 1] = data_i[16*p + 2];
      flits[FB*p + CHECK] = data_i[16*p + 3];
      flits[FB*p + CHECK + 7] = data_i[16*p + 4];
      flits[FB*p + CHECK + 8] = data_i[16*p + 5];
      flits[FB*p + NEXT - 1] = data_i[16*p + 6];
      flits[FB*p + NEXT] = data_i[16*p + 7];
      flits[FB*p + NEXT + 4] = data_i[16*p + 8];
      flits[FB*p + NEXT + 5] = data_i[16*p + 9];
      flits[FB*p + 127] = data_i[16*p + 10];
      flits[FB*p + 128] = data_i[16*p + 11];
      flits[FB*p + 319] = data_i[16*p + 12];
      flits[FB*p + 320] = data_i[16*p + 13];
      flits[FB*p + 511] = data_i[16*p + 14];
      flits[FB*p + FB - 1] = data_i[16*p + 15];
    end
  end

  always_comb begin : claims
    expected = '0;
    for (int p = 0; p < 5; p++) if (pop[p]) expected = heads[16*p +: 16];
    // The fields are replaced: bits 3 and 4 of the followed ones lie in check, 7 and 8 in next.
    if (rd) begin
      expected[3] = rd_check_i[0];
      expected[4] = rd_check_i[7];
      expected[7] = rd_next_i[0];
      expected[8] = rd_next_i[4];
      assert (flit[CHECK +: 8] == rd_check_i);
      assert (flit[NEXT +: 5] == rd_next_i);
    end
    assert (followed(flit) == expected);
    if (!rd) assert (flit == '0);
  end
endmodule

// One queue beside a list of its entries: a first and a second one.
module queue_claims (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        push_i,
  input  logic        pop_i,
  input  logic [2:0]  side_i,
  input  logic [15:0] data_i,
  input  logic [15:0] word_0_i,    // what its places in the buffer hold
  input  logic [15:0] word_1_i,
  output logic        push_o,      // only with a free place
  output logic        valid_o,
  output logic        tail_o,
  output logic        head_o,
  output logic [15:0] first_o
);
  logic       full;
  logic [2:0] side;
  assign push_o = push_i && !full && rst_ni;
  d1_vc_fifo #(.Width(3), .Depth(2)) u_queue (
    .clk_i, .rst_ni, .push_i(push_o), .side_i, .pop_i, .valid_o, .side_o(side), .tail_o, .head_o, .full_o(full)
  );

  logic        some_q, two_q;
  logic [18:0] first_q, second_q;
  assign first_o = first_q[15:0];
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      some_q <= 1'b0;
      two_q  <= 1'b0;
    end else begin
      some_q <= push_o || two_q || (some_q && !pop_i);
      two_q  <= (two_q && !pop_i) || (push_o && some_q && !pop_i);
      if (pop_i && two_q)                     first_q <= second_q;
      else if (push_o && (!some_q || pop_i))  first_q <= {side_i, data_i};
      if (push_o)                             second_q <= {side_i, data_i};
    end
  end

  (* hierconn *) wire [1:0] \u_queue.count ;
  (* hierconn *) wire [2:0] \u_queue.side[0] , \u_queue.side[1] ;
  wire [18:0] entry_0 = {\u_queue.side[0] , word_0_i};
  wire [18:0] entry_1 = {\u_queue.side[1] , word_1_i};

  always_comb begin
    if (rst_ni) begin
      assert (\u_queue.count == {two_q, some_q && !two_q});
      assert (some_q || !two_q);
      assert (valid_o == some_q);
      assert (full == two_q);
      assert (tail_o == (head_o ^ (some_q && !two_q)));
      if (some_q) assert ((head_o ? entry_1 : entry_0) == first_q);
      if (two_q)  assert ((head_o ? entry_0 : entry_1) == second_q);
      assert (side == (some_q ? first_q[18:16] : 3'd0));
    end
  end
endmodule
