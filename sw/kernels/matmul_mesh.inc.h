// One block of 16 x 32 outputs of matmul_mesh.c. Included with
//   NAME   name of the function to define
//   BLOCK  the function of matmul_block.inc.h for the operands' size

static __attribute__((noinline)) void NAME(const MeshArgs* args, const uint8_t* a, const uint8_t* b, uint64_t row,
                                           uint64_t column) {
  const Args* const local = &args->local;
  const uint64_t ldc = local->ldc;
  const uint64_t rows = min_u64(local->m - row, BLOCK_M), columns = min_u64(args->columns - column, BLOCK_N);
  const uint64_t c_bytes = tatami_format_bytes(local->c_format);
  const uint64_t plain =
      (uint64_t)(local->plan.drain != TATAMI_MATMUL_DRAIN_GENERAL) & (rows == BLOCK_M) & (columns == BLOCK_N);
  uint8_t* const c = (uint8_t*)local->c + row * ldc + column * c_bytes;
  dv_begin();
  BLOCK(a, local->lda, b, TATAMI_MESH_PANEL_BYTES, local->k, 1);
  if (plain && c_bytes == 4) {
    drain_fp32(c, ldc);
  } else if (plain && c_bytes == 2) {
    drain_16(c, ldc);
  } else if (plain) {
    drain_8(c, ldc);
  } else {
    uint8_t* const scratch = scratch_of_thread();
    drain_fp32(scratch, BLOCK_N * 4);
    dv_end();
    epilogue(local, scratch, BLOCK_N * 4, row, column, rows, columns);
    return;
  }
  dv_end();
}

#undef NAME
#undef BLOCK
