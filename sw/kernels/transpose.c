// z = x transposed, for elements of 1, 2 or 4 bytes: arguments in tatami/vector_args.h. One transposing load reads 8 x
// 8 bytes, 4 x 8 halfwords or 4 x 4 words; a strided store writes them with rows and columns exchanged. The limits of
// padded accesses cut blocks at the edge.
#include "vector.h"

typedef struct tatami_transpose_args Args;

enum { S8 = 1, S16 = 2, T8B = 3, T16H = 5, T16W = 6 };

#define TRANSPOSE(LOAD_SHAPE, STORE_SHAPE)                        \
  do {                                                            \
    const uint64_t rows = min_u64(m - row, load_rows);            \
    const uint8_t* x = (const uint8_t*)args->x + row * ldx;       \
    uint8_t* z = (uint8_t*)args->z + row * bytes;                 \
    for (uint64_t column = 0; column < n; column += store_rows) { \
      const uint64_t columns = min_u64(n - column, store_rows);   \
      tatami_set_limits(rows, columns* bytes);                    \
      dv_lds(0, x, ldx, LOAD_SHAPE, 4, 1);                        \
      tatami_set_limits(columns, rows* bytes);                    \
      dv_sts(0, z, ldz, STORE_SHAPE, 5, 1);                       \
    }                                                             \
  } while (0)

int main(int thread, int nthreads) {
  Args* const args = TATAMI_ARGS(Args);
  const uint64_t m = args->m, n = args->n, bytes = args->element_bytes;
  const uint64_t ldx = args->ldx, ldz = args->ldz;
  if (bytes != 1 && bytes != 2 && bytes != 4) return TATAMI_KERNEL_BAD_FORMAT;
  const uint64_t load_rows = bytes == 1 ? 8 : 4;   // rows of x that a load takes
  const uint64_t store_rows = bytes == 4 ? 4 : 8;  // rows of z that a store writes
  const uint64_t blocks = (m + load_rows - 1) / load_rows;
  dv_begin();
  for (uint64_t block = (uint64_t)thread; block < blocks;
       block = (uint64_t)nthreads + atomic_add_u32(&args->next_block, 1)) {
    const uint64_t row = block * load_rows;
    if (bytes == 1) {
      TRANSPOSE(T8B, S8);
    } else if (bytes == 2) {
      TRANSPOSE(T16H, S8);
    } else {
      TRANSPOSE(T16W, S16);
    }
  }
  dv_end();
  return TATAMI_KERNEL_OK;
}
