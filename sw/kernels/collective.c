// One collective operation over a group of nodes, with the cycles it took: arguments in tatami/collective_args.h,
// operations in tatami/collectives.h.
#include "tatami/collectives.h"

typedef struct tatami_collective_args CollectiveArgs;

/// Push with counter, wake-up of the thread that waits for it, its push back: `rounds` times, a multiple of 4. Each
/// sends its `data` to the other's `out`, always from the same register, so that nothing else is counted.
static void play(const struct tatami_group* group, uint64_t data, uint64_t out, uint64_t rounds) {
  if (group->rank > 1) return;
  const uint64_t* const nodes = (const uint64_t*)group->nodes;
  const uint64_t to = nodes[1 - group->rank] | out;
  const uint64_t control = TATAMI_PUSH_COUNTED(64, TATAMI_CTR_DATA), one = 1;
  dv_begin();
  dv_ld(0, data, 0, 0);
  if (group->rank == 0) {
    dn_push(0, to, control);
    for (; rounds != 4; rounds -= 4) {
      dn_ctr_take(one, TATAMI_CTR_DATA);
      dn_push(0, to, control);
      dn_ctr_take(one, TATAMI_CTR_DATA);
      dn_push(0, to, control);
      dn_ctr_take(one, TATAMI_CTR_DATA);
      dn_push(0, to, control);
      dn_ctr_take(one, TATAMI_CTR_DATA);
      dn_push(0, to, control);
    }
    for (; rounds != 1; --rounds) {
      dn_ctr_take(one, TATAMI_CTR_DATA);
      dn_push(0, to, control);
    }
    dn_ctr_take(one, TATAMI_CTR_DATA);
  } else {
    for (; rounds != 0; rounds -= 4) {
      dn_ctr_take(one, TATAMI_CTR_DATA);
      dn_push(0, to, control);
      dn_ctr_take(one, TATAMI_CTR_DATA);
      dn_push(0, to, control);
      dn_ctr_take(one, TATAMI_CTR_DATA);
      dn_push(0, to, control);
      dn_ctr_take(one, TATAMI_CTR_DATA);
      dn_push(0, to, control);
    }
  }
  dv_end();
}

/// 0, or 2 if there is no such operation.
static int perform(CollectiveArgs* args, uint64_t thread) {
  struct tatami_group* const group = &args->group;
  const uint64_t blocks = args->bytes / 64;
  switch (args->operation) {
    case TATAMI_COLLECTIVE_LATENCY:
      if (thread == 0) play(group, args->data, args->out, args->rounds);
      return 0;
    case TATAMI_COLLECTIVE_BARRIER:
      for (uint32_t i = 0; i < args->rounds; ++i) tatami_group_barrier(group, thread);
      return 0;
    case TATAMI_COLLECTIVE_BROADCAST: tatami_broadcast(group, thread, (void*)args->data, blocks, args->root); return 0;
    case TATAMI_COLLECTIVE_ALL_REDUCE:
      return tatami_all_reduce(group, thread, (float*)args->data, blocks, (void*)args->work, args->work_bytes,
                               (enum tatami_all_reduce_algorithm)args->algorithm);
    case TATAMI_COLLECTIVE_REDUCE_SCATTER:
      tatami_reduce_scatter(group, thread, (const float*)args->data, (float*)args->out, blocks, (void*)args->work);
      return 0;
    case TATAMI_COLLECTIVE_ALL_GATHER: tatami_all_gather(group, thread, (void*)args->data, blocks); return 0;
    case TATAMI_COLLECTIVE_TRANSPOSE:
      tatami_transpose(group, thread, (const void*)args->data, (void*)args->out, args->rows, args->columns);
      return 0;
    case TATAMI_COLLECTIVE_HALO:
      tatami_halo_exchange(group, thread, (void*)(args->data + args->halo * args->pitch + 64), args->rows,
                           args->columns, args->pitch, args->halo);
      return 0;
    default: return 2;
  }
}

int main(int thread_, int nthreads) {
  CollectiveArgs* const args = TATAMI_ARGS(CollectiveArgs);
  const uint64_t thread = (uint64_t)thread_;
  if (args->member == 0) return 0;
  if (nthreads != 4) return 3;
  struct tatami_collective_times* const times = (struct tatami_collective_times*)args->times;
  for (uint32_t i = 0; i < args->repeats; ++i) {
    // Together, so that what is counted is the operation and not the waiting for a late node.
    tatami_group_barrier(&args->group, thread);
    const uint64_t begin = tatami_cycles();
    const int error = perform(args, thread);
    const uint64_t end = tatami_cycles();
    if (error != 0) return error;
    if (thread == 0) times[i] = (struct tatami_collective_times){begin, end};
  }
  return 0;
}
