// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The loop of normals.c, included once per instruction set under the name FILL.
//
// Words, radii and turns of BATCH blocks lie side by side in arrays, so that the compiler uses
// vectors; each operation is the one of the scalar definition in Normals.swift, in its order.

WIDEST static void FILL(
    uint64_t key, uint64_t first, ptrdiff_t count, double scale, double *wide,
    float *narrow) {
  uint32_t w[4][BATCH];
  double n[4][BATCH];
  for (ptrdiff_t start = 0; start < count; start += BATCH) {
    const ptrdiff_t rest = count - start < BATCH ? count - start : BATCH;
    const ptrdiff_t size = (rest + 15) & ~15;  // whole vectors
    for (ptrdiff_t i = 0; i < size; i++) {
      const uint64_t block = first + (uint64_t)(start + i);
      w[0][i] = (uint32_t)block;
      w[1][i] = (uint32_t)(block >> 32);
      w[2][i] = w[3][i] = 0;
    }
    // Philox4x32-10.
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    for (int round = 0; round < 10; round++) {
      for (ptrdiff_t i = 0; i < size; i++) {
        const uint64_t a = (uint64_t)w[0][i] * 0xD2511F53u, b = (uint64_t)w[2][i] * 0xCD9E8D57u;
        w[0][i] = (uint32_t)(b >> 32) ^ w[1][i] ^ k0;
        w[2][i] = (uint32_t)(a >> 32) ^ w[3][i] ^ k1;
        w[1][i] = (uint32_t)b;
        w[3][i] = (uint32_t)a;
      }
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    for (int half = 0; half < 4; half += 2) {
      for (ptrdiff_t i = 0; i < size; i++) {
        double cosine, sine;
        const double radius = radius_of(w[half][i]);
        turn(w[half + 1][i], &cosine, &sine);
        n[half][i] = scale * (radius * cosine);
        n[half + 1][i] = scale * (radius * sine);
      }
    }
    if (wide) {
      double *out = wide + 4 * start;
      for (ptrdiff_t i = 0; i < rest; i++) {
        for (int lane = 0; lane < 4; lane++) out[4 * i + lane] = n[lane][i];
      }
    } else {
      float *out = narrow + 4 * start;
      for (ptrdiff_t i = 0; i < rest; i++) {
        for (int lane = 0; lane < 4; lane++) out[4 * i + lane] = (float)n[lane][i];
      }
    }
  }
}

#undef FILL
#undef WIDEST
