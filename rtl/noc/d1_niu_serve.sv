// Serves the packets of the request class, in order: writes, pulls, atomics, counters. Each gets one response, but for those of
// triggers, which get none.
//
// A write takes one cycle when all its banks are free, a counter one, a pull one plus one for its data (the next pull
// overlaps), an atomic three: read, compute, write, with its bank held. Nothing is started before its response has room.
// What writes, atomics from their read on, has the write port while it is this side's turn, and a turn goes on until a word is
// granted; so nobody waits for ever (network.md, section 4).
`include "d1_assert.svh"

module d1_niu_serve (
  input  logic                             clk_i,
  input  logic                             rst_ni,
  input  logic [7:0]                       node_x_i,
  input  logic [7:0]                       node_y_i,
  input  logic [15:0]                      time_i,

  // Head of the request class
  input  logic                             valid_i,
  input  logic [d1_noc_pkg::FLIT_BITS-1:0] flit_i,
  output logic                             pop_o,

  // Responses
  input  logic [2:0]                       free_i,        // places of the response FIFO
  output logic                             push_o,
  output logic [d1_noc_pkg::FLIT_BITS-1:0] flit_o,

  // Write port, when it is this side's turn (turn_i follows from want_o)
  output logic                             want_o,
  output logic                             done_o,        // something is performed, an atomic as a whole: the turn may go to the other side
  output logic                             hold_o,        // an atomic is between its read and its write
  input  logic                             turn_i,
  output logic [7:0]                       wr_req_o,
  output logic [143:0]                     wr_word_o,
  output logic [63:0]                      wr_mask_o,
  output logic [511:0]                     wr_data_o,
  input  logic [7:0]                       wr_gnt_i,

  // Read port
  output logic [7:0]                       rd_req_o,
  output logic [143:0]                     rd_word_o,
  input  logic [7:0]                       rd_gnt_i,
  input  logic [511:0]                     rd_data_i,

  // Counters
  output logic                             inc_o,
  output logic [4:0]                       inc_ctr_o,
  output logic [31:0]                      inc_value_o,
  output logic                             quiet_o
);

  typedef enum logic [1:0] {READ, COMPUTE, WRITE} atomic_e;

  // ---- The packet at the head.
  logic [3:0]  kind;
  logic [20:0] offset;
  logic        is_write, is_pull, is_sig, is_tell, is_atomic;   // a tell is a sig as well
  assign kind      = flit_i[d1_noc_pkg::F_KIND +: 4];
  assign offset    = flit_i[d1_noc_pkg::F_OFFSET +: 21];
  assign is_write  = valid_i && kind == d1_noc_pkg::K_WRITE;
  assign is_pull   = valid_i && kind == d1_noc_pkg::K_PULL;
  assign is_tell   = valid_i && kind == d1_noc_pkg::K_TELL;
  assign is_sig    = valid_i && (kind == d1_noc_pkg::K_SIG || is_tell);
  assign is_atomic = valid_i && (kind == d1_noc_pkg::K_AMOADD || kind == d1_noc_pkg::K_CAS);

  logic [7:0]   done_q, done_d;         // words of the head that are performed
  logic         data_q, data_d;         // the last words of a pull arrive in this cycle
  logic [127:0] pull_q;                 // its header
  logic [511:0] partial_q, partial;     // its words that arrived before
  logic [7:0]   read_q;                 // lanes read in the last cycle
  atomic_e      state_q, state_d;
  logic [63:0]  old_q, new_q;
  logic         write_q;                // the atomic writes

  // A pull's data go into the response FIFO in this cycle; everything else waits then, except the next pull's read.
  logic room;
  assign room = free_i > 3'(data_q);

  // ---- What is asked for.
  logic [63:0] bytes;
  logic [7:0]  words;
  always_comb begin : written_bytes
    bytes = '0;
    words = '0;
    if (is_write) begin
      bytes = (64'hffff_ffff_ffff_ffff >> (7'd64 - flit_i[d1_noc_pkg::F_NBYTES +: 7])) << offset[5:0];
      for (int l = 0; l < 8; l++) words[l] = bytes[8*l +: 8] != '0;
    end
  end

  assign hold_o = is_atomic && state_q != READ;
  assign want_o = (((is_write || is_sig || is_atomic) && !data_q) || hold_o) && room;

  always_comb begin : ask
    wr_req_o  = '0;
    wr_word_o = '0;
    wr_mask_o = '0;
    wr_data_o = '0;
    rd_req_o  = '0;
    rd_word_o = '0;
    if (valid_i) begin
      if (is_atomic) begin
        // Lane 0 alone, for the hold.
        wr_word_o[17:0] = offset[20:3];
        rd_word_o[17:0] = offset[20:3];
        wr_mask_o[7:0]  = 8'hff;
        wr_data_o[63:0] = new_q;
        rd_req_o[0]     = turn_i && state_q == READ;
        wr_req_o[0]     = turn_i && state_q == WRITE && write_q;
      end else begin
        for (int l = 0; l < 8; l++) begin
          wr_word_o[18*l +: 18] = {offset[20:6], 3'(l)};
          rd_word_o[18*l +: 18] = {offset[20:6], 3'(l)};
        end
        wr_mask_o = bytes;
        wr_data_o = flit_i[d1_noc_pkg::F_DATA +: 512];
        if (is_write && want_o && turn_i) wr_req_o = words & ~done_q;
        if (is_pull && room) rd_req_o = ~done_q;
      end
    end
  end

  // ---- What was granted.
  always_comb begin : take
    done_d  = done_q;
    data_d  = 1'b0;
    state_d = state_q;
    pop_o   = 1'b0;
    if (valid_i) begin
      unique case (kind)
        d1_noc_pkg::K_WRITE: begin
          done_d = done_q | wr_gnt_i;
          pop_o  = want_o && turn_i && done_d == words;
        end
        d1_noc_pkg::K_SIG, d1_noc_pkg::K_TELL: pop_o = want_o && turn_i;
        d1_noc_pkg::K_PULL: begin
          done_d = done_q | rd_gnt_i;
          pop_o  = done_d == 8'hff;
          data_d = pop_o;
        end
        default: begin
          unique case (state_q)
            READ:    if (rd_gnt_i[0]) state_d = COMPUTE;
            COMPUTE: state_d = WRITE;
            default: begin
              pop_o = turn_i && (wr_gnt_i[0] || !write_q);
              if (pop_o) state_d = READ;
            end
          endcase
        end
      endcase
      if (pop_o) done_d = '0;
    end
  end

  assign inc_o       = pop_o && (is_write || is_sig) && flit_i[d1_noc_pkg::F_SIG];
  assign inc_ctr_o   = flit_i[d1_noc_pkg::F_CTR +: 5];
  assign inc_value_o = is_sig ? flit_i[d1_noc_pkg::F_DATA +: 32] : 32'd1;

  assign done_o = pop_o || wr_gnt_i != '0;

  // ---- Responses.
  assign push_o = data_q || (pop_o && !is_pull && !is_tell);

  always_comb begin : collect_words
    partial = '0;
    if (read_q != '0) partial = partial_q | rd_data_i;   // words not read in the last cycle come as 0
  end

  always_comb begin : respond
    logic [127:0] request;
    flit_o  = '0;
    request = '0;
    if (push_o) begin
      request = data_q ? pull_q : flit_i[127:0];
      flit_o[d1_noc_pkg::F_DST_X +: 16] = request[d1_noc_pkg::F_SRC_X +: 16];
      flit_o[d1_noc_pkg::F_SRC_X +: 8]  = node_x_i;
      flit_o[d1_noc_pkg::F_SRC_Y +: 8]  = node_y_i;
      flit_o[d1_noc_pkg::F_THREAD +: 2] = request[d1_noc_pkg::F_THREAD +: 2];
      flit_o[d1_noc_pkg::F_REG +: 5]    = request[d1_noc_pkg::F_REG +: 5];
      flit_o[d1_noc_pkg::F_MOVER]       = request[d1_noc_pkg::F_MOVER];
      flit_o[d1_noc_pkg::F_TIME +: 16]  = time_i;
      flit_o[d1_noc_pkg::F_KIND +: 4]   = d1_noc_pkg::K_ACK;
      if (request[d1_noc_pkg::F_SRC_EDGE]) begin   // out of the fabric, where the request came in
        flit_o[d1_noc_pkg::F_EDGE]       = 1'b1;
        flit_o[d1_noc_pkg::F_SIDE +: 2]  = request[d1_noc_pkg::F_SRC_SIDE +: 2];
      end
      if (data_q) begin
        flit_o[d1_noc_pkg::F_KIND +: 4]    = d1_noc_pkg::K_DATA;
        flit_o[d1_noc_pkg::F_SIG]          = request[d1_noc_pkg::F_SIG];
        flit_o[d1_noc_pkg::F_CTR +: 5]     = request[d1_noc_pkg::F_CTR +: 5];
        flit_o[d1_noc_pkg::F_OFFSET +: 21] = request[d1_noc_pkg::F_OFFSET +: 21];
        flit_o[d1_noc_pkg::F_DATA +: 512]  = partial;
      end else if (is_atomic) begin
        flit_o[d1_noc_pkg::F_KIND +: 4]    = d1_noc_pkg::K_VALUE;
        flit_o[d1_noc_pkg::F_DATA +: 64]   = old_q;
      end
    end
  end

  // ---- Registers.
  always_ff @(posedge clk_i or negedge rst_ni) begin : control
    if (!rst_ni) begin
      done_q  <= '0;
      data_q  <= 1'b0;
      read_q  <= '0;
      state_q <= READ;
      partial_q <= '0;
    end else begin
      done_q  <= done_d;
      data_q  <= data_d;
      read_q  <= is_pull ? rd_gnt_i : '0;
      state_q <= state_d;
      if (read_q != '0) partial_q <= data_q ? '0 : partial;
    end
  end

  always_ff @(posedge clk_i) begin : data
    if (data_d) begin
      pull_q <= flit_i[127:0];
      // The response carries the requester's own block as its destination.
      pull_q[d1_noc_pkg::F_OFFSET +: 21] <= flit_i[d1_noc_pkg::F_DATA +: 21];
    end
    if (hold_o && state_q == COMPUTE) begin
      old_q   <= rd_data_i[63:0];
      new_q   <= kind == d1_noc_pkg::K_CAS ? flit_i[d1_noc_pkg::F_DATA +: 64] : rd_data_i[63:0] + flit_i[d1_noc_pkg::F_DATA +: 64];
      write_q <= kind != d1_noc_pkg::K_CAS || rd_data_i[63:0] == flit_i[d1_noc_pkg::F_DATA + 64 +: 64];
    end
  end

  assign quiet_o = !valid_i && !data_q;

  `D1_ASSERT(OnlyRequestsArrive, !valid_i || kind <= d1_noc_pkg::K_TELL)
  `D1_ASSERT(ResponsesHaveRoom, !push_o || free_i != '0)

endmodule
