// Consumes the packets of the response class, in order: acknowledgements at once, values as soon as the register file takes
// them, pulled data as fast as the banks grant. Nothing here waits for the network, so responses always drain.
`include "d1_assert.svh"

module d1_niu_collect (
  input  logic                             clk_i,
  input  logic                             rst_ni,
  input  logic                             valid_i,
  input  logic [d1_noc_pkg::FLIT_BITS-1:0] flit_i,
  output logic                             pop_o,
  output logic [4:0]                       ended_o,       // a request of the thread, or of the block mover (bit 4), is acknowledged

  // Write port, when it is this side's turn
  output logic                             want_o,
  input  logic                             turn_i,
  output logic [7:0]                       wr_req_o,
  output logic [143:0]                     wr_word_o,
  input  logic [7:0]                       wr_gnt_i,

  // Values of atomics
  output logic                             gwb_valid_o,
  input  logic                             gwb_ready_i,
  output logic [1:0]                       gwb_thread_o,
  output logic [4:0]                       gwb_reg_o,
  output logic [63:0]                      gwb_data_o,

  output logic                             inc_o,
  output logic [4:0]                       inc_ctr_o
);

  logic [3:0]  kind;
  logic [20:0] offset;
  logic [7:0]  done_q, done_d;
  assign kind   = flit_i[d1_noc_pkg::F_KIND +: 4];
  assign offset = flit_i[d1_noc_pkg::F_OFFSET +: 21];

  assign want_o       = valid_i && kind == d1_noc_pkg::K_DATA;
  assign wr_req_o     = want_o && turn_i ? ~done_q : '0;
  assign gwb_valid_o  = valid_i && kind == d1_noc_pkg::K_VALUE;
  assign gwb_thread_o = flit_i[d1_noc_pkg::F_THREAD +: 2];
  assign gwb_reg_o    = flit_i[d1_noc_pkg::F_REG +: 5];
  assign gwb_data_o   = flit_i[d1_noc_pkg::F_DATA +: 64];

  always_comb begin : words
    wr_word_o = '0;
    if (want_o) begin
      for (int l = 0; l < 8; l++) wr_word_o[18*l +: 18] = {offset[20:6], 3'(l)};
    end
  end

  always_comb begin : take
    done_d  = done_q;
    pop_o   = 1'b0;
    ended_o = '0;
    if (valid_i) begin
      unique case (kind)
        d1_noc_pkg::K_DATA: begin
          done_d = done_q | wr_gnt_i;
          pop_o  = done_d == 8'hff;
        end
        d1_noc_pkg::K_VALUE: pop_o = gwb_ready_i;
        default:             pop_o = 1'b1;
      endcase
      if (pop_o) begin
        done_d = '0;
        ended_o[flit_i[d1_noc_pkg::F_MOVER] ? 3'd4 : {1'b0, gwb_thread_o}] = 1'b1;
      end
    end
  end

  assign inc_o     = pop_o && want_o && flit_i[d1_noc_pkg::F_SIG];
  assign inc_ctr_o = flit_i[d1_noc_pkg::F_CTR +: 5];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) done_q <= '0;
    else         done_q <= done_d;
  end

  `D1_ASSERT(OnlyResponsesArrive, !valid_i || (kind >= d1_noc_pkg::K_ACK && kind <= d1_noc_pkg::K_VALUE))

endmodule
