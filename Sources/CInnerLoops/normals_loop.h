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
    PHILOX_BLOCKS(key, first + (uint64_t)start, size, w)
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
