// Numbers of bytes for dv.perm.b, of lanes for dv.perm.w, that make the last row or column inside the product all those
// that follow it in its panel.
#pragma once

#include <stdint.h>

// Elements of 16 bits: the two bytes of element e of a register; an element of a row or column that lies outside is the
// last inside.
#define ELEMENT(e) (uint16_t)(2 * (e) | (2 * (e) + 1) << 8)
#define INSIDE(at, count) ((at) < (count) ? (at) : (count)-1)

// A panel of A is 8 rows of 4 elements, a panel of B 4 rows of 8.
#define A_ROW(row, count)                                                                                    \
  ELEMENT(4 * INSIDE(row, count)), ELEMENT(4 * INSIDE(row, count) + 1), ELEMENT(4 * INSIDE(row, count) + 2), \
      ELEMENT(4 * INSIDE(row, count) + 3)
#define A_PANEL(count)                                                                                    \
  {                                                                                                       \
    A_ROW(0, count), A_ROW(1, count), A_ROW(2, count), A_ROW(3, count), A_ROW(4, count), A_ROW(5, count), \
        A_ROW(6, count), A_ROW(7, count)                                                                  \
  }
#define B_PAIR(row, column, count) \
  ELEMENT(8 * (row) + INSIDE(column, count)), ELEMENT(8 * (row) + INSIDE((column) + 1, count))
#define B_ROW(row, count) B_PAIR(row, 0, count), B_PAIR(row, 2, count), B_PAIR(row, 4, count), B_PAIR(row, 6, count)
#define B_PANEL(count) \
  { B_ROW(0, count), B_ROW(1, count), B_ROW(2, count), B_ROW(3, count) }

/// By the number of rows of A, or columns of B, that are inside, less 1: 1 to 7.
static const uint16_t repeat_last_row[7][32]
    __attribute__((aligned(64))) = {A_PANEL(1), A_PANEL(2), A_PANEL(3), A_PANEL(4), A_PANEL(5), A_PANEL(6), A_PANEL(7)};
static const uint16_t repeat_last_column[7][32]
    __attribute__((aligned(64))) = {B_PANEL(1), B_PANEL(2), B_PANEL(3), B_PANEL(4), B_PANEL(5), B_PANEL(6), B_PANEL(7)};

// FP32: the lanes of a register are 16 rows of A or columns of B.
#define LANE_PAIR(lane, count) INSIDE(lane, count), INSIDE((lane) + 1, count)
#define LANES(count)                                                                                         \
  {                                                                                                          \
    LANE_PAIR(0, count), LANE_PAIR(2, count), LANE_PAIR(4, count), LANE_PAIR(6, count), LANE_PAIR(8, count), \
        LANE_PAIR(10, count), LANE_PAIR(12, count), LANE_PAIR(14, count)                                     \
  }

/// By the number of lanes inside, less 1: 1 to 16.
static const uint32_t repeat_last_lane[16][16] __attribute__((aligned(64))) = {
    LANES(1), LANES(2),  LANES(3),  LANES(4),  LANES(5),  LANES(6),  LANES(7),  LANES(8),
    LANES(9), LANES(10), LANES(11), LANES(12), LANES(13), LANES(14), LANES(15), LANES(16)};

#undef LANE_PAIR
#undef LANES
#undef ELEMENT
#undef INSIDE
#undef A_ROW
#undef A_PANEL
#undef B_PAIR
#undef B_ROW
#undef B_PANEL
