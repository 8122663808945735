// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The loop of scattered_words.c for words in a row, included once per instruction set under the name FILL.
//
// Words of BLOCKS blocks lie side by side in arrays, so that the compiler uses vectors.

#define BLOCKS 32

static void FILL(uint64_t key, uint64_t first, ptrdiff_t count, uint32_t *output) {
  uint32_t w[4][BLOCKS];
  for (ptrdiff_t start = 0; start < count; start += BLOCKS) {
    const ptrdiff_t rest = count - start < BLOCKS ? count - start : BLOCKS;
    PHILOX_BLOCKS(key, first + (uint64_t)start, BLOCKS, w)
    uint32_t *out = output + 4 * start;
    for (ptrdiff_t i = 0; i < rest; i++) {
      for (int lane = 0; lane < 4; lane++) out[4 * i + lane] = w[lane][i];
    }
  }
}

#undef BLOCKS
#undef FILL
