// One item, 16 x 32 outputs over a slice of K, of matmul_stream.c. Included with
//   NAME   name of the function to define
//   BLOCK  the function of matmul_block.inc.h for the operands' size

/// a, b: the item's first row of A and first column of B; row, column: its place in the piece; local: for the piece's
/// epilogue; sums: address of its accumulators.
static __attribute__((noinline)) void NAME(const StreamArgs* args, const Step* at, const uint8_t* a, const uint8_t* b,
                                           uint64_t row, uint64_t column, const Args* local, uint8_t* sums) {
  const uint64_t bytes = operand_bytes(args), pitch = (uint64_t)args->piece_n * 4;
  const uint64_t lda = args->slice_k * bytes, ldb = args->piece_n * bytes, first = at->slice == 0, depth = at->depth;
  const uint64_t last = last_slice(args, at);
  dv_begin();
  // The units serve the oldest block first, and a multiplication from zero is how a block begins
  // (docs/architecture.md): without one, all threads would stay in step and drain their tiles together.
  dv_xor(12, 12, 12);
  dm_mma(0, 12, 12, FMT_A, FMT_B, 1);
  if (first) {
    dm_zero(0xFF);
  } else {
    load_sums(sums, pitch);
  }
  BLOCK(a, lda, b, ldb, depth, 0);
  if (!last) {
    drain_fp32(sums, pitch);
    dv_end();
    return;
  }
  const uint64_t ldc = local->ldc, c_bytes = tatami_format_bytes(local->c_format), drain = local->plan.drain;
  uint8_t* const c = (uint8_t*)local->c + row * ldc + column * c_bytes;
  if (drain == TATAMI_MATMUL_DRAIN_FP32) {
    drain_fp32(c, ldc);
  } else if (drain == TATAMI_MATMUL_DRAIN_16) {
    drain_16(c, ldc);
  } else if (drain == TATAMI_MATMUL_DRAIN_8) {
    drain_8(c, ldc);
  } else {
    uint8_t* const scratch = scratch_of_thread();
    drain_fp32(scratch, BLOCK_N * 4);
    dv_end();
    epilogue(local, scratch, BLOCK_N * 4, row, column, min_u64(at->rows - row, BLOCK_M),
             min_u64(at->columns - column, BLOCK_N));
    return;
  }
  dv_end();
}

#undef NAME
#undef BLOCK
