// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The loop of column_masses.c, included by variants.h.

// Lanes of 8 numbers, whatever the processor's vectors are, add in the same order everywhere.
typedef NUMBER NAME(lanes) __attribute__((vector_size(8 * sizeof(NUMBER)), aligned(sizeof(NUMBER))));
#define LANES NAME(lanes)
#define AT(offset) (*(const LANES *)(source + (offset)))

// Only double precision is called.
__attribute__((unused)) static void NAME(masses)(
    ptrdiff_t count, const ptrdiff_t *offsets, const int32_t *indices, const NUMBER *values,
    const int32_t *slots, ptrdiff_t width, const NUMBER *rows, NUMBER *masses) {
  for (ptrdiff_t i = 0; i < count; i++) {
    const ptrdiff_t start = offsets[i] - offsets[0], end = offsets[i + 1] - offsets[0];
    LANES squares = {0};
    ptrdiff_t r = 0;
    for (; r + 32 <= width; r += 32) {
      LANES a = {0}, b = {0}, c = {0}, d = {0};
      for (ptrdiff_t k = start; k < end; k++) {
        const ptrdiff_t slot = slots[indices[k]];
        if (slot < 0) continue;
        const NUMBER *source = rows + slot * width + r;
        a += values[k] * AT(0);
        b += values[k] * AT(8);
        c += values[k] * AT(16);
        d += values[k] * AT(24);
      }
      squares += (a * a + b * b) + (c * c + d * d);
    }
    NUMBER mass = 0;
    for (int lane = 0; lane < 8; lane++) mass += squares[lane];
    for (; r < width; r++) {
      NUMBER sum = 0;
      for (ptrdiff_t k = start; k < end; k++) {
        const ptrdiff_t slot = slots[indices[k]];
        if (slot >= 0) sum += values[k] * rows[slot * width + r];
      }
      mass += sum * sum;
    }
    masses[i] = mass;
  }
}

#undef LANES
#undef AT
