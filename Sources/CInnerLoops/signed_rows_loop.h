// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The loop of signed_rows.c, included by variants.h.

// How many rows ahead memory is asked for where some numbers lie between them that are not read: the
// processor guesses what follows only where there are none, and then is slowed down by being asked.
#define AHEAD 8

static void NAME(add_rows)(
    const NUMBER *rows, ptrdiff_t stride, ptrdiff_t count, ptrdiff_t width, const int32_t *entries,
    ptrdiff_t entry_stride, ptrdiff_t nonzeros, NUMBER *sums, ptrdiff_t sum_stride) {
  const ptrdiff_t line = 64 / sizeof(NUMBER);
  for (ptrdiff_t i = 0; i < count; i++) {
    const NUMBER *row = rows + i * stride;
    if (width < stride && i + AHEAD < count) {
      for (ptrdiff_t k = 0; k < width; k += line) __builtin_prefetch(row + AHEAD * stride + k);
    }
    for (ptrdiff_t b = 0; b < nonzeros; b++) {
      const int32_t entry = entries[i * entry_stride + b];
      const NUMBER sign = (NUMBER)(entry >> 31 | 1);
      NUMBER *restrict sum = sums + (ptrdiff_t)(entry ^ entry >> 31) * sum_stride;
      for (ptrdiff_t k = 0; k < width; k++) sum[k] += sign * row[k];
    }
  }
}

// The rows that are looked through for own ones at a time.
#define LOOKED 1024

static void NAME(add_own_rows)(
    const NUMBER *rows, ptrdiff_t stride, ptrdiff_t count, ptrdiff_t width, const int32_t *entries,
    int32_t first, int32_t end, NUMBER *sums, ptrdiff_t sum_stride) {
  const ptrdiff_t line = 64 / sizeof(NUMBER);
  int32_t own[LOOKED];
  for (ptrdiff_t start = 0; start < count; start += LOOKED) {
    const ptrdiff_t stop = count - start < LOOKED ? count - start : LOOKED;
    ptrdiff_t found = 0;
    for (ptrdiff_t i = 0; i < stop; i++) {
      const int32_t entry = entries[start + i], sum = entry ^ entry >> 31;
      own[found] = (int32_t)i;
      found += (first <= sum) & (sum < end);
    }
    for (ptrdiff_t j = 0; j < found; j++) {
      if (found < stop && j + AHEAD < found) {
        const NUMBER *next = rows + (start + own[j + AHEAD]) * stride;
        for (ptrdiff_t k = 0; k < width; k += line) __builtin_prefetch(next + k);
      }
      const NUMBER *row = rows + (start + own[j]) * stride;
      const int32_t entry = entries[start + own[j]];
      const NUMBER sign = (NUMBER)(entry >> 31 | 1);
      NUMBER *restrict sum = sums + (ptrdiff_t)(entry ^ entry >> 31) * sum_stride;
      for (ptrdiff_t k = 0; k < width; k++) sum[k] += sign * row[k];
    }
  }
}

// The numbers whose signs and places are found together, before they are added one by one.
#define BATCH 64

static void NAME(add_numbers)(
    const NUMBER *x, ptrdiff_t count, const int32_t *entries, NUMBER scale, NUMBER *sums) {
  NUMBER terms[BATCH];
  int32_t places[BATCH];
  for (ptrdiff_t start = 0; start < count; start += BATCH) {
    const ptrdiff_t stop = count - start < BATCH ? count - start : BATCH;
    for (ptrdiff_t i = 0; i < stop; i++) {
      const int32_t entry = entries[start + i];
      places[i] = entry ^ entry >> 31;
      terms[i] = (NUMBER)(entry >> 31 | 1) * (scale * x[start + i]);
    }
    for (ptrdiff_t i = 0; i < stop; i++) sums[places[i]] += terms[i];
  }
}

#undef AHEAD
#undef BATCH
#undef LOOKED
