// Transpose and halo exchange. Included by tatami/collectives.h.
#ifndef TATAMI_EXCHANGES_H
#define TATAMI_EXCHANGES_H

/// to <- the transpose of a rows x columns matrix of 4-byte elements that is spread over the group by rows: rank r has
/// rows r*rows/count and up in `from`, without gaps, and gets rows r*columns/count and up of the transpose. rows is a
/// multiple of 16*count, columns of count. `to` must not overlap `from`.
TATAMI_FUNCTION void tatami_transpose(const struct tatami_group* group, uint64_t thread, const void* from, void* to,
                                      uint64_t rows, uint64_t columns) {
  const uint64_t* const nodes = (const uint64_t*)group->nodes;
  const uint32_t* const order = (const uint32_t*)group->order;
  const uint64_t count = group->count, own_rows = rows / count, part = columns / count;
  const uint64_t pitch = columns * 4, to_pitch = rows * 4, control = TATAMI_PUSH_COUNTED(64, TATAMI_CTR_DATA);
  tatami_group_barrier(group, thread);
  // Thread t sends to every fourth rank of the order, the last is the own node; 16 elements of a column are 64 bytes of
  // a row there.
  for (uint64_t i = thread; i < count; i += 4) {
    const uint64_t rank = i + 1 < count ? order[i] : group->rank;
    uint64_t source = (uint64_t)from + rank * part * 4;
    uint64_t target = nodes[rank] | ((uint64_t)to + group->rank * own_rows * 4);
    for (uint64_t column = 0; column < part; ++column, source += 4, target += to_pitch) {
      uint64_t at = source, there = target, row = own_rows;
      dv_begin();
      for (; row >= 64; row -= 64, there += 256) {
        dv_lds(0, at, pitch, 0, 5, 0);
        dv_lds(1, at, pitch, 0, 5, 0);
        dv_lds(2, at, pitch, 0, 5, 0);
        dv_lds(3, at, pitch, 0, 5, 0);
        TATAMI_PUSH4(0, there, control);
      }
      for (; row != 0; row -= 16, there += 64) {
        dv_lds(0, at, pitch, 0, 5, 0);
        dn_push(0, there, control);
      }
      dv_end();
    }
  }
  if (thread == 0) dn_ctr_take(part * rows / 16, TATAMI_CTR_DATA);
  dn_bar(15);
}

/// Pushes `count` pieces of `bytes` (4..64) bytes, each inside one block there.
TATAMI_INLINE void tatami_push_pieces(uint64_t to, uint64_t from, uint64_t step, uint64_t count, uint64_t control) {
  dv_begin();
  for (; count >= 4; count -= 4) {
    dv_ld(0, from, 0, 0);
    from += step;
    dv_ld(1, from, 0, 0);
    from += step;
    dv_ld(2, from, 0, 0);
    from += step;
    dv_ld(3, from, 0, 0);
    from += step;
    dn_push(0, to, control);
    to += step;
    dn_push(1, to, control);
    to += step;
    dn_push(2, to, control);
    to += step;
    dn_push(3, to, control);
    to += step;
  }
  for (; count != 0; --count, from += step, to += step) {
    dv_ld(0, from, 0, 0);
    dn_push(0, to, control);
  }
  dv_end();
}

/// Exchanges the borders of tiles of rows x columns 4-byte elements: a rectangle of nodes holds a larger array, one
/// tile each. Around its tile a node has room for `halo` elements (1..16, at most rows) on each side; they become
/// copies of the neighbours' nearest elements, diagonal neighbours' included. At the rectangle's edge they stay as they
/// are. `tile` points to the tile's element (0, 0), aligned to 64 bytes; a row begins `pitch` bytes (a multiple of 64,
/// at least 4*columns + 128) after the one before. columns is a multiple of 16. So tile - halo*pitch - 64 up to tile +
/// (rows + halo)*pitch belongs to the array.
TATAMI_FUNCTION void tatami_halo_exchange(const struct tatami_group* group, uint64_t thread, void* tile_, uint64_t rows,
                                          uint64_t columns, uint64_t pitch, uint64_t halo) {
  const uint64_t tile = (uint64_t)tile_, width = columns * 4, narrow = halo * 4;
  const uint64_t first_x = group->first >> 32 & 255, first_y = group->first >> 40;
  const uint64_t x = (group->here >> 32 & 255) - first_x, y = (group->here >> 40) - first_y;
  const int west = x > 0, east = x + 1 < group->width, north = y > 0, south = y + 1 < group->height;
  const uint64_t wide = TATAMI_PUSH_COUNTED(64, TATAMI_CTR_DATA), thin = TATAMI_PUSH_COUNTED(narrow, TATAMI_CTR_DATA);
  const uint64_t one_x = tatami_global(1, 0), one_y = tatami_global(0, 1);
  tatami_group_barrier(group, thread);
  if (thread == 0 && north) {
    // My first rows become the rows behind the northern neighbour's last; corners go to its neighbours.
    const uint64_t to = (group->here | (tile + rows * pitch)) - one_y;
    for (uint64_t row = 0; row < halo; ++row)
      tatami_push_blocks(to + row * pitch, tile + row * pitch, columns / 16, wide);
    if (west) tatami_push_pieces(to - one_x + width, tile, pitch, halo, thin);
    if (east) tatami_push_pieces(to + one_x - narrow, tile + width - narrow, pitch, halo, thin);
  }
  if (thread == 1 && south) {
    const uint64_t from = tile + (rows - halo) * pitch;
    const uint64_t to = (group->here | (tile - halo * pitch)) + one_y;
    for (uint64_t row = 0; row < halo; ++row)
      tatami_push_blocks(to + row * pitch, from + row * pitch, columns / 16, wide);
    if (west) tatami_push_pieces(to - one_x + width, from, pitch, halo, thin);
    if (east) tatami_push_pieces(to + one_x - narrow, from + width - narrow, pitch, halo, thin);
  }
  if (thread == 2 && west) tatami_push_pieces((group->here | (tile + width)) - one_x, tile, pitch, rows, thin);
  if (thread == 3 && east)
    tatami_push_pieces((group->here | (tile - narrow)) + one_x, tile + width - narrow, pitch, rows, thin);
  if (thread == 0) {
    const uint64_t vertical = (uint64_t)(north + south), horizontal = (uint64_t)(west + east);
    dn_ctr_take(vertical * halo * (columns / 16) + horizontal * rows + vertical * horizontal * halo, TATAMI_CTR_DATA);
  }
  dn_bar(15);
}

#endif
