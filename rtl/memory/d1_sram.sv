// The node's local memory: 64 banks of 2,560 x 8 bytes, five requesters of eight lanes, one access a bank a cycle.
//
// Word w (8 bytes) lies in bank (w + 3*(w >> 6)) mod 64, row w >> 6. Requesters in order of priority: NIU read (nr), NIU
// write (nw), LSU slot 0 (s0, reads or writes), LSU slot 1 (s1), fetch (f). Each lane is granted on its own, in the cycle of
// the request; read data follow in the next cycle and are there for that cycle only. A lane that is not granted asks again.
//
// Lanes of one requester in one bank: the lowest first; lanes that read the same word share the access.
// nw_hold_i / s0_hold_i refuse the bank of that requester's lane 0 word to everybody else (atomic read-modify-write).
// A requester that has had a lane waiting for 15 cycles has the next ones to itself, but for the write of an atomic operation,
// until it is given a lane (d1_sram_patience): nobody waits for ever.
//
// Latency 1, 40 lanes a cycle at most. Never drops or reorders the accesses of a lane; never writes a byte outside wmask.
`include "d1_assert.svh"

module d1_sram (
  input  logic         clk_i,
  input  logic         rst_ni,
  // NIU write
  input  logic [7:0]   nw_req_i,
  input  logic [143:0] nw_word_i,
  input  logic [63:0]  nw_wmask_i,
  input  logic [511:0] nw_wdata_i,
  input  logic         nw_hold_i,
  output logic [7:0]   nw_gnt_o,
  // LSU slot 0: s0_we_i makes all its lanes writes
  input  logic [7:0]   s0_req_i,
  input  logic [143:0] s0_word_i,
  input  logic         s0_we_i,
  input  logic [63:0]  s0_wmask_i,
  input  logic [511:0] s0_wdata_i,
  input  logic         s0_hold_i,
  output logic [7:0]   s0_gnt_o,
  output logic [511:0] s0_rdata_o,
  // LSU slot 1
  input  logic [7:0]   s1_req_i,
  input  logic [143:0] s1_word_i,
  output logic [7:0]   s1_gnt_o,
  output logic [511:0] s1_rdata_o,
  // Instruction fetch
  input  logic [7:0]   f_req_i,
  input  logic [143:0] f_word_i,
  output logic [7:0]   f_gnt_o,
  output logic [511:0] f_rdata_o,
  // NIU read
  input  logic [7:0]   nr_req_i,
  input  logic [143:0] nr_word_i,
  output logic [7:0]   nr_gnt_o,
  output logic [511:0] nr_rdata_o,
  // Lanes that asked and were not granted in this cycle (event 18)
  output logic [5:0]   wait_words_o
);

  // ---- Arbitration: each requester chooses among the banks that those before it left.
  logic [4:0]  alone;                    // one-hot: this requester has the cycle to itself (order nw, s0, s1, f, nr)
  logic [4:0]  turn;
  logic [63:0] nw_held, s0_held;         // bank of an atomic operation under way
  logic [63:0] nw_free, s0_free, s1_free, f_free, nr_free;
  logic [63:0] nw_take, s0_take, s1_take, f_take, nr_take;
  logic [47:0] nw_bank, s0_bank, s1_bank, f_bank, nr_bank;

  function automatic logic [63:0] bank_bit(input logic [11:0] word);
    bank_bit = 64'd1 << 6'(word[5:0] + word[11:6] + {word[10:6], 1'b0});
  endfunction

  // Who holds a bank asks for nothing else; the one that waits for this bank has it the sooner.
  assign turn    = (alone == '0) ? 5'b11111 : alone | {3'd0, s0_hold_i, nw_hold_i};
  assign nw_held = nw_hold_i ? bank_bit(nw_word_i[11:0]) : '0;
  assign s0_held = s0_hold_i ? bank_bit(s0_word_i[11:0]) : '0;

  assign nr_free = turn[4] ? ~(nw_held | s0_held) : '0;
  assign nw_free = turn[0] ? ~(s0_held | nr_take) : '0;
  assign s0_free = turn[1] ? ~(nw_held | nw_take | nr_take) : '0;
  assign s1_free = turn[2] ? ~(nw_held | s0_held | nw_take | nr_take | s0_take) : '0;
  assign f_free  = turn[3] ? ~(nw_held | s0_held | nw_take | nr_take | s0_take | s1_take) : '0;

  d1_sram_grant #(.Share(1'b0)) u_nw (.req_i(nw_req_i), .word_i(nw_word_i), .share_i(1'b0), .free_i(nw_free),
                                      .gnt_o(nw_gnt_o), .bank_o(nw_bank), .take_o(nw_take));
  d1_sram_grant u_s0 (.req_i(s0_req_i), .word_i(s0_word_i), .share_i(!s0_we_i), .free_i(s0_free),
                      .gnt_o(s0_gnt_o), .bank_o(s0_bank), .take_o(s0_take));
  d1_sram_grant u_s1 (.req_i(s1_req_i), .word_i(s1_word_i), .share_i(1'b1), .free_i(s1_free),
                      .gnt_o(s1_gnt_o), .bank_o(s1_bank), .take_o(s1_take));
  d1_sram_grant u_f  (.req_i(f_req_i), .word_i(f_word_i), .share_i(1'b1), .free_i(f_free),
                      .gnt_o(f_gnt_o), .bank_o(f_bank), .take_o(f_take));
  d1_sram_grant u_nr (.req_i(nr_req_i), .word_i(nr_word_i), .share_i(1'b1), .free_i(nr_free),
                      .gnt_o(nr_gnt_o), .bank_o(nr_bank), .take_o(nr_take));

  // ---- Who has waited too long.
  logic [39:0] waits;
  logic [4:0]  waiting, served;

  assign waits   = {nr_req_i & ~nr_gnt_o, f_req_i & ~f_gnt_o, s1_req_i & ~s1_gnt_o, s0_req_i & ~s0_gnt_o, nw_req_i & ~nw_gnt_o};
  assign waiting = {waits[39:32] != '0, waits[31:24] != '0, waits[23:16] != '0, waits[15:8] != '0, waits[7:0] != '0};
  assign served  = {nr_gnt_o != '0, f_gnt_o != '0, s1_gnt_o != '0, s0_gnt_o != '0, nw_gnt_o != '0};
  d1_sram_patience u_patience (.clk_i, .rst_ni, .waiting_i(waiting), .served_i(served), .alone_o(alone));

  always_comb begin : count_waits
    wait_words_o = '0;
    if (waits != '0) begin
      for (int i = 0; i < 40; i++) wait_words_o = wait_words_o + 6'(waits[i]);
    end
  end

  // ---- Crossbar to the banks.
  logic [63:0]   bank_en, bank_we;
  logic [2047:0] bank_cmd;
  logic [4095:0] bank_wdata, bank_rdata;

  assign bank_we = nw_take | (s0_we_i ? s0_take : '0);
  assign bank_en = nw_take | s0_take | s1_take | f_take | nr_take;

  // In two spellings: a simulator is fastest with indexed writes, of which a synthesis tool would build a 64-way multiplexer
  // for every entry; the netlist gathers what each bank is told (d1_sram_bank).
`ifdef SYNTHESIS
  logic [479:0] rows;
  always_comb begin : row_of_lane
    for (int l = 0; l < 8; l++) begin
      rows[12*l +: 12]       = nw_word_i[18*l + 6 +: 12];
      rows[96 + 12*l +: 12]  = s0_word_i[18*l + 6 +: 12];
      rows[192 + 12*l +: 12] = s1_word_i[18*l + 6 +: 12];
      rows[288 + 12*l +: 12] = f_word_i[18*l + 6 +: 12];
      rows[384 + 12*l +: 12] = nr_word_i[18*l + 6 +: 12];
    end
  end
  for (genvar b = 0; b < 64; b++) begin : gen_bank
    d1_sram_bank #(.Bank(b)) u_bank (
      .gnt_i({nr_gnt_o, f_gnt_o, s1_gnt_o, s0_gnt_o, nw_gnt_o}), .bank_i({nr_bank, f_bank, s1_bank, s0_bank, nw_bank}),
      .row_i(rows), .wmask_i({s0_wmask_i, nw_wmask_i}), .wdata_i({s0_wdata_i, nw_wdata_i}),
      .we_i({{8{s0_we_i}}, 8'hFF}), .cmd_o(bank_cmd[32*b +: 32]), .wdata_o(bank_wdata[64*b +: 64])
    );
  end
`else
  // Row and byte mask for each bank (the format of d1_sram_array). Functions, so that quiet cycles touch no array.
  function automatic logic [2047:0] commands(input logic unused);
    logic [31:0] cmd [64];
    for (int b = 0; b < 64; b++) cmd[b] = {31'd0, unused & 1'b0};
    if (nw_gnt_o != '0) begin
      for (int l = 0; l < 8; l++)
        if (nw_gnt_o[l]) cmd[nw_bank[6*l +: 6]] = {8'd0, nw_wmask_i[8*l +: 8], 4'd0, nw_word_i[18*l + 6 +: 12]};
    end
    if (s0_gnt_o != '0) begin
      for (int l = 0; l < 8; l++)
        if (s0_gnt_o[l]) cmd[s0_bank[6*l +: 6]] = {8'd0, s0_wmask_i[8*l +: 8], 4'd0, s0_word_i[18*l + 6 +: 12]};
    end
    if (s1_gnt_o != '0) begin
      for (int l = 0; l < 8; l++)
        if (s1_gnt_o[l]) cmd[s1_bank[6*l +: 6]] = {20'd0, s1_word_i[18*l + 6 +: 12]};
    end
    if (f_gnt_o != '0) begin
      for (int l = 0; l < 8; l++)
        if (f_gnt_o[l]) cmd[f_bank[6*l +: 6]] = {20'd0, f_word_i[18*l + 6 +: 12]};
    end
    if (nr_gnt_o != '0) begin
      for (int l = 0; l < 8; l++)
        if (nr_gnt_o[l]) cmd[nr_bank[6*l +: 6]] = {20'd0, nr_word_i[18*l + 6 +: 12]};
    end
    for (int b = 0; b < 64; b++) commands[32*b +: 32] = cmd[b];
  endfunction

  function automatic logic [4095:0] write_data(input logic unused);
    logic [63:0] data [64];
    for (int b = 0; b < 64; b++) data[b] = {63'd0, unused & 1'b0};
    for (int l = 0; l < 8; l++)
      if (nw_gnt_o[l]) data[nw_bank[6*l +: 6]] = nw_wdata_i[64*l +: 64];
    for (int l = 0; l < 8; l++)
      if (s0_we_i && s0_gnt_o[l]) data[s0_bank[6*l +: 6]] = s0_wdata_i[64*l +: 64];
    for (int b = 0; b < 64; b++) write_data[64*b +: 64] = data[b];
  endfunction

  always_comb begin : drive_banks
    bank_cmd   = '0;
    bank_wdata = '0;
    if (bank_en != '0) bank_cmd   = commands(1'b0);
    if (bank_we != '0) bank_wdata = write_data(1'b0);
  end
`endif

  d1_sram_array u_array (
    .clk_i, .en_i(bank_en), .we_i(bank_we), .cmd_i(bank_cmd), .wdata_i(bank_wdata), .rdata_o(bank_rdata)
  );

  // ---- Way back: each reading requester remembers the banks of its lanes.
  d1_sram_return u_s0_return (.clk_i, .rst_ni, .gnt_i(s0_we_i ? '0 : s0_gnt_o), .bank_i(s0_bank), .bank_rdata_i(bank_rdata),
                              .rdata_o(s0_rdata_o));
  d1_sram_return u_s1_return (.clk_i, .rst_ni, .gnt_i(s1_gnt_o), .bank_i(s1_bank), .bank_rdata_i(bank_rdata), .rdata_o(s1_rdata_o));
  d1_sram_return u_f_return  (.clk_i, .rst_ni, .gnt_i(f_gnt_o), .bank_i(f_bank), .bank_rdata_i(bank_rdata), .rdata_o(f_rdata_o));
  d1_sram_return u_nr_return (.clk_i, .rst_ni, .gnt_i(nr_gnt_o), .bank_i(nr_bank), .bank_rdata_i(bank_rdata), .rdata_o(nr_rdata_o));

  `D1_ASSERT(OneRequesterPerBank, (nw_take & s0_take) == '0 && ((nw_take | s0_take) & (s1_take | f_take | nr_take)) == '0 &&
             (s1_take & (f_take | nr_take)) == '0 && (f_take & nr_take) == '0)
  `D1_ASSERT(HeldBankIsRefused, (s0_held & (nw_take | s1_take | f_take | nr_take)) == '0 &&
             (nw_held & (s0_take | s1_take | f_take | nr_take)) == '0)
  `D1_ASSERT(GrantsOnlyRequests, (nw_gnt_o & ~nw_req_i) == '0 && (s0_gnt_o & ~s0_req_i) == '0 && (s1_gnt_o & ~s1_req_i) == '0)

endmodule
