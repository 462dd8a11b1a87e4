// Constants that every block of a node relies on. Formats: docs/numerics.md; instructions: sw/isa (generated package
// d1_opcodes_pkg); blocks: docs/architecture.md.
package d1_pkg;

  // Format kinds (descriptor bits 3:0).
  localparam logic [3:0] FMT_FP32   = 4'd0;
  localparam logic [3:0] FMT_BF16   = 4'd1;
  localparam logic [3:0] FMT_CF8_143 = 4'd2;
  localparam logic [3:0] FMT_CF8_152 = 4'd3;
  localparam logic [3:0] FMT_SHP    = 4'd4;
  localparam logic [3:0] FMT_UHP    = 4'd5;

  // Bits of the sticky flags.
  localparam int unsigned FLAG_INVALID   = 0;
  localparam int unsigned FLAG_DENORMAL  = 1;
  localparam int unsigned FLAG_OVERFLOW  = 2;
  localparam int unsigned FLAG_UNDERFLOW = 3;

  // Node geometry. D1: four threads, 64-byte vectors, 1.25 MB of SRAM.
  localparam int unsigned THREADS    = 4;
  localparam int unsigned VLEN       = 512;
  localparam logic [63:0] SRAM_BASE  = 64'h0000_0000_8000_0000;
  localparam int unsigned SRAM_BYTES = 1310720;
  localparam int unsigned BANKS      = 64;     // of 8 bytes
  localparam int unsigned BANK_WORDS = 2560;   // SRAM_BYTES / 8 / BANKS
  localparam int unsigned WORD_BITS  = 18;     // index of an 8-byte word: 163,840 words

  // Exception causes.
  localparam logic [5:0] CAUSE_FETCH_MISALIGNED = 6'd0;
  localparam logic [5:0] CAUSE_FETCH_ACCESS     = 6'd1;
  localparam logic [5:0] CAUSE_ILLEGAL          = 6'd2;
  localparam logic [5:0] CAUSE_BREAKPOINT       = 6'd3;
  localparam logic [5:0] CAUSE_LOAD_MISALIGNED  = 6'd4;
  localparam logic [5:0] CAUSE_LOAD_ACCESS      = 6'd5;
  localparam logic [5:0] CAUSE_STORE_MISALIGNED = 6'd6;
  localparam logic [5:0] CAUSE_STORE_ACCESS     = 6'd7;
  localparam logic [5:0] CAUSE_ECALL_M          = 6'd11;
  localparam logic [5:0] CAUSE_BAD_DESCRIPTOR   = 6'd24;
  localparam logic [5:0] CAUSE_LINK_ERROR       = 6'h30;   // bit 5: an interrupt, number 16
  localparam logic [5:0] CAUSE_LIST_FAILED      = 6'd25;

  // Operations of the load/store unit, the network interface and the synchronisation block.
  localparam logic [3:0] LSU_LOAD   = 4'd0;
  localparam logic [3:0] LSU_STORE  = 4'd1;
  localparam logic [3:0] LSU_LR     = 4'd2;
  localparam logic [3:0] LSU_SC     = 4'd3;
  localparam logic [3:0] LSU_AMO    = 4'd4;
  localparam logic [3:0] LSU_VLOAD  = 4'd8;
  localparam logic [3:0] LSU_VSTORE = 4'd9;

  localparam logic [2:0] NET_PUSH   = 3'd0;
  localparam logic [2:0] NET_PUT    = 3'd1;
  localparam logic [2:0] NET_PULL   = 3'd2;
  localparam logic [2:0] NET_AMOADD = 3'd3;
  localparam logic [2:0] NET_CAS    = 3'd4;
  localparam logic [2:0] NET_SIG    = 3'd5;
  localparam logic [2:0] NET_LIST   = 3'd6;
  localparam logic [2:0] NET_ARM    = 3'd7;

  localparam logic [1:0] SYNC_ADD  = 2'd0;
  localparam logic [1:0] SYNC_WAIT = 2'd1;
  localparam logic [1:0] SYNC_TAKE = 2'd2;
  localparam logic [1:0] SYNC_BAR  = 2'd3;

endpackage
