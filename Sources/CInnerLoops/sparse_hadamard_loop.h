// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The loop of sparse_hadamard.c, included by variants.h.

// How many entries are computed side by side.
#define LANES 16

static void NAME(entries)(
    ptrdiff_t nonzeros, const int32_t *columns, const NUMBER *values, const uint8_t *merges,
    ptrdiff_t count, const int32_t *rows, NUMBER scale, NUMBER *output) {
  NUMBER open[64][LANES];
  for (ptrdiff_t start = 0; start < count; start += LANES) {
    uint32_t row[LANES];
    const ptrdiff_t rest = count - start < LANES ? count - start : LANES;
    for (int i = 0; i < LANES; i++) row[i] = (uint32_t)rows[start + (i < rest ? i : 0)];
    int top = 0;
    for (ptrdiff_t j = 0; j < nonzeros; j++) {
      for (int i = 0; i < LANES; i++) {
        // The parity of the bits in common is the sign of H.
        uint32_t bits = row[i] & (uint32_t)columns[j];
        bits ^= bits >> 16;
        bits ^= bits >> 8;
        bits ^= bits >> 4;
        bits ^= bits >> 2;
        bits ^= bits >> 1;
        open[top][i] = (NUMBER)(1 - 2 * (int32_t)(bits & 1)) * values[j];
      }
      for (int merge = 0; merge < merges[j]; merge++) {
        top--;
        for (int i = 0; i < LANES; i++) open[top][i] += open[top + 1][i];
      }
      top++;
    }
    for (ptrdiff_t i = 0; i < rest; i++) output[start + i] = nonzeros ? scale * open[0][i] : 0;
  }
}

#undef LANES
