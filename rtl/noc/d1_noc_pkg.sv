// Fields of a flit, for the network interface, the router and the test bench's loopback. docs/network.md explains them.
package d1_noc_pkg;

  localparam int unsigned PAYLOAD_BITS = 512;
  localparam int unsigned HEADER_BITS  = 128;
  localparam int unsigned FLIT_BITS    = HEADER_BITS + PAYLOAD_BITS;   // header in the low bits
  localparam int unsigned LINK_DEPTH   = 8;    // flits that the network interface stores per class = the router's initial credits
  localparam int unsigned QUEUE_DEPTH  = 8;    // flits of one output queue of a router's input = the neighbour's initial credits

  // Ports of a router; the first four are links, in the order of the node's link vectors.
  localparam int unsigned PORTS  = 5;
  localparam int unsigned LINKS  = 4;
  localparam int unsigned PORT_N = 0;       // to y - 1
  localparam int unsigned PORT_E = 1;       // to x + 1
  localparam int unsigned PORT_S = 2;       // to y + 1
  localparam int unsigned PORT_W = 3;       // to x - 1
  localparam int unsigned PORT_L = 4;       // the node

  // Writing the tables of a fabric with dead nodes (docs/network.md, section 6.6): addresses, and a box of the multicast tree:
  // first column 4:0, first row 9:5, last column 14:10, last row 19:15, 20: there is one.
  localparam int unsigned CFG_ADDR_BITS = 12;
  localparam int unsigned CFG_DATA_BITS = 21;
  localparam int unsigned BOX_BITS      = 21;
  localparam logic [11:0] CFG_CONTROL   = 12'd1024;   // bit 0: use the tables
  localparam logic [11:0] CFG_BOXES     = 12'd1056;   // 4*view + link; 32 places
  localparam logic [11:0] CFG_LIVE      = 12'd2048;   // sums of live nodes, 1,024 places

  // Positions in the header.
  localparam int unsigned F_DST_X  = 0;     // 8
  localparam int unsigned F_DST_Y  = 8;     // 8
  localparam int unsigned F_SRC_X  = 16;    // 8
  localparam int unsigned F_SRC_Y  = 24;    // 8
  localparam int unsigned F_KIND   = 32;    // 4
  localparam int unsigned F_THREAD = 36;    // 2: requesting thread, returned by the response
  localparam int unsigned F_REG    = 38;    // 5: destination register of an atomic
  localparam int unsigned F_SIG    = 43;    // 1: increment a counter after the data
  localparam int unsigned F_CTR    = 44;    // 5
  localparam int unsigned F_NBYTES = 49;    // 7: 1..64 bytes written
  localparam int unsigned F_CHECK  = 56;    // 8: parity of the flit, see docs/network.md
  localparam int unsigned F_OFFSET = 64;    // 21: byte offset in the destination's SRAM
  localparam int unsigned F_NEXT   = 85;    // 5: outputs that the flit takes in the router it enters, bit = port
  localparam int unsigned F_MCAST  = 90;    // 1: to all nodes of the rectangle dst .. (x1, y1)
  localparam int unsigned F_EDGE   = 91;    // 1: leaves the fabric at node dst through port F_SIDE
  localparam int unsigned F_MOVER  = 92;    // 1: requested by the block mover, returned by the response
  localparam int unsigned F_SRC_EDGE = 93;  // 1: comes from outside the fabric, port F_SRC_SIDE of node src
  localparam int unsigned F_SRC_SIDE = 94;  // 2
  localparam int unsigned F_TIME   = 96;    // 16: time of injection, for the router's arbitration
  localparam int unsigned F_X1     = 112;   // 8: last column of a multicast
  localparam int unsigned F_Y1     = 120;   // 8: last row
  localparam int unsigned F_SIDE   = 112;   // 2: with F_EDGE
  localparam int unsigned F_HIGH   = 114;   // 11: with F_EDGE, bits 31:21 of the offset in the memory at the port
  localparam int unsigned F_DATA   = 128;   // payload

  // Kinds of the request class.
  localparam logic [3:0] K_WRITE  = 4'd0;   // push, put
  localparam logic [3:0] K_PULL   = 4'd1;
  localparam logic [3:0] K_AMOADD = 4'd2;
  localparam logic [3:0] K_CAS    = 4'd3;
  localparam logic [3:0] K_SIG    = 4'd4;
  localparam logic [3:0] K_TELL   = 4'd5;   // of a trigger; as K_SIG, without an answer
  // Kinds of the response class.
  localparam logic [3:0] K_ACK    = 4'd8;
  localparam logic [3:0] K_DATA   = 4'd9;   // answer of a pull
  localparam logic [3:0] K_VALUE  = 4'd10;  // answer of an atomic

endpackage
