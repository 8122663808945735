// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The loop of scattered_words.c for words in a row, included once per instruction set under the name FILL.
//
// Words of BLOCKS blocks lie side by side in arrays, so that the compiler uses vectors.

#define BLOCKS 32

static void FILL(uint64_t key, uint64_t first, ptrdiff_t count, uint32_t *output) {
  uint32_t w[4][BLOCKS];
  for (ptrdiff_t start = 0; start < count; start += BLOCKS) {
    const ptrdiff_t rest = count - start < BLOCKS ? count - start : BLOCKS;
    for (int i = 0; i < BLOCKS; i++) {
      const uint64_t block = first + (uint64_t)(start + i);
      w[0][i] = (uint32_t)block;
      w[1][i] = (uint32_t)(block >> 32);
      w[2][i] = w[3][i] = 0;
    }
    // Philox4x32-10.
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    for (int round = 0; round < 10; round++) {
      for (int i = 0; i < BLOCKS; i++) {
        const uint64_t a = (uint64_t)w[0][i] * 0xD2511F53u, b = (uint64_t)w[2][i] * 0xCD9E8D57u;
        w[0][i] = (uint32_t)(b >> 32) ^ w[1][i] ^ k0;
        w[2][i] = (uint32_t)(a >> 32) ^ w[3][i] ^ k1;
        w[1][i] = (uint32_t)b;
        w[3][i] = (uint32_t)a;
      }
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    uint32_t *out = output + 4 * start;
    for (ptrdiff_t i = 0; i < rest; i++) {
      for (int lane = 0; lane < 4; lane++) out[4 * i + lane] = w[lane][i];
    }
  }
}

#undef BLOCKS
#undef FILL
