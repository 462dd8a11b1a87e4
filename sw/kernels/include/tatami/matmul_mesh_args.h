// Arguments of the kernel `matmul_mesh.elf`: C = epilogue(A * B) on many nodes. Plain C, shared by the kernel and the
// host.
//
// The nodes form a logical grid of `grid_rows` x `grid_columns`. Node (p, q) owns the block of C whose rows belong to p
// and whose columns belong to q. It needs these rows of A and these columns of B, over all of K. At the start, it holds
// a share of each: of its rows of A the 64-byte chunks of K that belong to q, of its columns of B the rows of K that
// belong to p. It gets the rest from its neighbours in the logical row and column, which pass on what they get, while
// it computes. All nodes use the same local addresses.
#ifndef TATAMI_MATMUL_MESH_ARGS_H
#define TATAMI_MATMUL_MESH_ARGS_H

#include <tatami/matmul_args.h>
#include <tatami/share.h>

#define TATAMI_MESH_PANEL_BYTES 64u  // width of a panel of B: one pull a row

struct tatami_matmul_mesh_args {
  // The local product and its epilogue: a, lda (rows padded with zeros to 64 bytes), c, ldc, m (the own rows), n
  // (columns of the whole C, for the elements' indices), k, formats, alpha, beta, bias (the own columns), seed,
  // first_index (element (0, 0) of the own block), plan.drain. The rest is not used. What fills up a block repeats the
  // last row of A, up to a multiple of 16, and the last column of B, up to a panel, so that it raises no flags of its
  // own.
  struct tatami_matmul_args local;
  uint64_t b_share;        // the own rows of K of B
  uint64_t pitch;          // bytes from one of them to the next, a multiple of 64
  uint64_t ring;           // `slots` panels of B, k rounded up to whole groups x 64 bytes each; what is not pulled is 0
  uint64_t row_nodes;      // address of grid_columns global addresses of the nodes of the logical row
  uint64_t column_nodes;   // address of grid_rows global addresses
  uint32_t columns;        // of the own block
  uint32_t panels, slots;  // panels of B in the own columns; places for them: all, or an even number
  uint16_t grid_rows, grid_columns;
  uint16_t p, q;
};

#endif
