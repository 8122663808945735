// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The loop of sine_cosine.c, included once per number type and instruction set.
//
// REAL is the type, SINE_COSINE the function's name, SINE_TAIL and COSINE_TAIL arrays of TAIL_COUNT
// polynomial coefficients.
//
// x = k π/2 + r with |r| ≤ π/4, always reduced in double precision; then the polynomials of r, swapped
// where k is odd, with the signs of the quadrant.

// Returns whether all angles were small enough.
static int SINE_COSINE(
    ptrdiff_t n, const REAL *restrict x, REAL scale, REAL *restrict cosines,
    REAL *restrict sines) {
  int small = 1;
  for (ptrdiff_t i = 0; i < n; i++) {
    const double angle = (double)x[i];
    const int within = angle < LARGEST_ANGLE && angle > -LARGEST_ANGLE;
    small &= within;
    // The sum's last bits are those of the nearest whole number.
    const double shifted = (within ? angle : 0) * 0.636619772367581343 + 0x1.8p52;
    const double k = shifted - 0x1.8p52;
    const int quadrant = (int)k;
    // π/2 in three parts; the products with the first two are exact.
    const double rest = ((within ? angle : 0) - k * 0x1.921fb544p+0) - k * 0x1.0b4611a6p-34
        - k * 0x1.3198a2e037073p-69;
    const REAL r = (REAL)rest, s = r * r;
    REAL p = SINE_TAIL[TAIL_COUNT - 1], q = COSINE_TAIL[TAIL_COUNT - 1];
    for (int j = TAIL_COUNT - 2; j >= 0; j--) {
      p = p * s + SINE_TAIL[j];
      q = q * s + COSINE_TAIL[j];
    }
    const REAL sine = r + r * (s * p);
    const REAL cosine = 1 - (REAL)0.5 * s + s * (s * q);
    const int odd = quadrant & 1;
    const REAL a = odd ? sine : cosine, b = odd ? cosine : sine;
    cosines[i] = (quadrant + 1) & 2 ? -scale * a : scale * a;
    sines[i] = quadrant & 2 ? -scale * b : scale * b;
  }
  return small;
}
