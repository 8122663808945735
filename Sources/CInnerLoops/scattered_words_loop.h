// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The loop of scattered_words.c, included once per instruction set under the name FILL.
//
// Each lane of a vector of LANES numbers of 64 bits is a block, the words x, y, z, w of which lie in the
// lower halves; four such vectors go through the rounds together, as each round waits for the one before.

static void FILL(
    uint64_t key, const int32_t *indices, int shift, ptrdiff_t count, uint32_t *output) {
  typedef uint64_t vector __attribute__((vector_size(8 * LANES)));
  enum { GROUP = 4, SIZE = GROUP * LANES };
  for (ptrdiff_t start = 0; start < count; start += SIZE) {
    const ptrdiff_t rest = count - start < SIZE ? count - start : SIZE;
    uint64_t words[4][SIZE] = {{0}};
    for (ptrdiff_t i = 0; i < rest; i++) words[0][i] = (uint32_t)indices[start + i] >> shift >> 2;
    vector x[GROUP], y[GROUP], z[GROUP], w[GROUP];
    for (int g = 0; g < GROUP; g++) {
      memcpy(&x[g], words[0] + g * LANES, sizeof(vector));
      y[g] = z[g] = w[g] = (vector){0};
    }
    // Philox4x32-10.
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    for (int round = 0; round < 10; round++) {
#pragma clang loop unroll(full)
      for (int g = 0; g < GROUP; g++) {
        const vector a = (x[g] & 0xFFFFFFFFu) * 0xD2511F53u, b = (z[g] & 0xFFFFFFFFu) * 0xCD9E8D57u;
        x[g] = (b >> 32) ^ y[g] ^ k0;
        z[g] = (a >> 32) ^ w[g] ^ k1;
        y[g] = b & 0xFFFFFFFFu;
        w[g] = a & 0xFFFFFFFFu;
      }
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    for (int g = 0; g < GROUP; g++) {
      memcpy(words[0] + g * LANES, &x[g], sizeof(vector));
      memcpy(words[1] + g * LANES, &y[g], sizeof(vector));
      memcpy(words[2] + g * LANES, &z[g], sizeof(vector));
      memcpy(words[3] + g * LANES, &w[g], sizeof(vector));
    }
    for (ptrdiff_t i = 0; i < rest; i++) {
      output[start + i] = (uint32_t)words[(uint32_t)indices[start + i] >> shift & 3][i];
    }
  }
}

#undef FILL
#undef LANES
