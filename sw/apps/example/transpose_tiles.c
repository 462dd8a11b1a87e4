// A list of transfers at work: the node's block mover brings tiles of a matrix together while the threads go on.
//
//   tatami cc transpose_tiles.c -o transpose_tiles.elf
//   tatami run transpose_tiles.elf
//
// A matrix of 64 x 64 words of 8 bytes lies row by row. Every thread takes a column of tiles of 8 x 8 words (a row of a
// tile is one block of 64 bytes) and lets the mover copy them one behind the other: one descriptor a tile, 8 rows that
// are 512 bytes apart, to 64 bytes apart. Pushing to the own node is how a list copies within a node. Then it
// transposes the tiles.
#include "tatami_list.h"

#define N 64
#define TILE 8

static uint64_t matrix[N][N] __attribute__((aligned(64)));
static uint64_t tiles[4][N / TILE][TILE][TILE] __attribute__((aligned(64)));
static struct tatami_transfer lists[4][N / TILE];

int main(int thread, int nthreads) {
  const uint64_t here = csr_read(TATAMI_CSR_DNODEY) << 40 | csr_read(TATAMI_CSR_DNODEX) << 32;
  for (int row = thread; row < N; row += nthreads) {
    for (int column = 0; column < N; ++column) matrix[row][column] = (uint64_t)(row * N + column);
  }
  tatami_barrier(nthreads);  // all rows are there, in memory

  for (int column = thread; column < N / TILE; column += nthreads) {
    for (int i = 0; i < N / TILE; ++i) {
      lists[thread][i] = tatami_push_rows(&matrix[TILE * i][TILE * column], here | (uint64_t)tiles[thread][i], 1, TILE,
                                          N * 8, TILE * 8);
    }
    // Thread t's lists add to counter t; taking 1 waits for the list and leaves the counter as it was.
    dn_list((uint64_t)lists[thread], (uint64_t)(N / TILE) | (uint64_t)thread << 16 | 1 << 23);
    switch (thread) {  // counters are constants of the instruction
      case 0: dn_ctr_take((uint64_t)1, 0); break;
      case 1: dn_ctr_take((uint64_t)1, 1); break;
      case 2: dn_ctr_take((uint64_t)1, 2); break;
      default: dn_ctr_take((uint64_t)1, 3); break;
    }
    for (int i = 0; i < N / TILE; ++i) {
      for (int r = 0; r < TILE; ++r) {
        for (int c = 0; c < r; ++c) {
          const uint64_t word = tiles[thread][i][r][c];
          tiles[thread][i][r][c] = tiles[thread][i][c][r];
          tiles[thread][i][c][r] = word;
        }
      }
      for (int r = 0; r < TILE; ++r) {
        for (int c = 0; c < TILE; ++c) {
          if (tiles[thread][i][r][c] != (uint64_t)((TILE * i + c) * N + TILE * column + r)) return 1;
        }
      }
    }
  }
  return 0;
}
