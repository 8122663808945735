// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The loop of signed_rows.c, included by variants.h.

// How many rows ahead memory is asked for: at this width rows are too short for the processor to
// guess that the next will follow.
#define AHEAD 8

static void NAME(add_rows)(
    const NUMBER *rows, ptrdiff_t stride, ptrdiff_t count, ptrdiff_t width, const int32_t *entries,
    ptrdiff_t nonzeros, NUMBER *sums, ptrdiff_t sum_stride) {
  const ptrdiff_t line = 64 / sizeof(NUMBER);
  for (ptrdiff_t i = 0; i < count; i++) {
    const NUMBER *row = rows + i * stride;
    if (i + AHEAD < count) {
      for (ptrdiff_t k = 0; k < width; k += line) __builtin_prefetch(row + AHEAD * stride + k);
    }
    for (ptrdiff_t b = 0; b < nonzeros; b++) {
      const int32_t entry = entries[i * nonzeros + b];
      const NUMBER sign = (NUMBER)(entry >> 31 | 1);
      NUMBER *restrict sum = sums + (ptrdiff_t)(entry ^ entry >> 31) * sum_stride;
      for (ptrdiff_t k = 0; k < width; k++) sum[k] += sign * row[k];
    }
  }
}

#undef AHEAD
