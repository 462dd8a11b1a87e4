// Arguments of the kernel `matmul_stream.elf`: C = epilogue(A * B) with operands in edge memory, on one node or many.
// Plain C, shared by the kernel and the host; docs/streaming.md describes pieces, slices, steps and slots.
//
// Node (p, q) of the logical grid owns the rows p and the columns q of C. In edge memory lie, row-major:
//   A    the own rows, filled up to whole blocks of 16 in every piece: of each piece, the first piece_m/2 rows in the
//        memory of a[0], the others in that of a[1]; row r at a[] + r * a_pitch. Rows are filled up with zeros.
//   B    the own columns, filled up to 64 bytes: of each slice, the first slice_k/2 rows in the memory of b[0], the
//   rest
//        in that of b[1]; row k at b[] + k * b_pitch. Below the last row are zeros, to whole groups of K.
//   C    as A, at c[] + r * c_pitch
//   bias of the own columns, FP32, filled up to 64 bytes
// All nodes use the same local addresses.
#ifndef TATAMI_MATMUL_STREAM_ARGS_H
#define TATAMI_MATMUL_STREAM_ARGS_H

#include <tatami/matmul_args.h>
#include <tatami/share.h>

#define TATAMI_STREAM_SLOTS 2u
#define TATAMI_STREAM_MOST_ITEMS 1024u  // items of 16 x 32 in a piece

/// Descriptors of the lists: of each slot's operands, and of bias and C of each of two pieces.
#define TATAMI_STREAM_LIST(grid_rows, grid_columns) (4u + (grid_rows) + (grid_columns))
#define TATAMI_STREAM_C_LIST 3u

struct tatami_matmul_stream_args {
  // The product and its epilogue: m (own rows), n (columns of the whole C, for the elements' indices), k, formats,
  // alpha, beta, seed, first_index (element (0, 0) of the own block), plan.drain, bias (local address of two times
  // piece_n values, 0 for none). The rest is not used.
  struct tatami_matmul_args local;
  uint64_t a[2], b[2], c[2], bias;     // global addresses of edge memory
  uint32_t a_pitch, b_pitch, c_pitch;  // bytes, multiples of 64
  uint32_t columns;                    // own columns
  uint64_t slots;                      // per slot piece_m x slice_k elements of A, then slice_k x piece_n of B
  uint64_t out;                        // two times piece_m x piece_n outputs
  uint64_t sums;          // piece_m x piece_n FP32 accumulators; 0: in the place of the outputs, or there is one slice
  uint64_t lists;         // room for their descriptors
  uint64_t row_nodes;     // address of grid_columns global addresses of the nodes of the logical row
  uint64_t column_nodes;  // address of grid_rows global addresses
  uint32_t piece_m, piece_n, slice_k;  // multiples of 16, of 64, and of 64 bytes of A
  uint32_t pieces_m, pieces_n;         // of every node, though some may be empty
  uint16_t grid_rows, grid_columns;
  uint16_t p, q;
  uint32_t multicast;  // logical rows and columns are rows and columns of the fabric
};

#endif
