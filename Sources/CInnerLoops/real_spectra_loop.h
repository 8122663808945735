// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The loops of real_spectra.c, included by variants.h.
//
// With W = exp(−2πi/m), m = 2n, and the transforms E and O of the even and the odd entries:
// Z = E + iO, X_k = E_k + Wᵏ O_k, X_{n−k} = conj(E_k − Wᵏ O_k). Entries k and n − k change together.

// Lists of lanes: every second one from `o` on, the same downwards, and two vectors' in turn.
#define UP_2(o) (o), (o) + 2
#define UP_4(o) UP_2(o), UP_2((o) + 4)
#define UP_8(o) UP_4(o), UP_4((o) + 8)
#define UP_16(o) UP_8(o), UP_8((o) + 16)
#define DOWN_2(o) (o), (o) - 2
#define DOWN_4(o) DOWN_2(o), DOWN_2((o) - 4)
#define DOWN_8(o) DOWN_4(o), DOWN_4((o) - 8)
#define DOWN_16(o) DOWN_8(o), DOWN_8((o) - 16)
#define ZIP_2(o) (o), (o) + WIDTH
#define ZIP_4(o) ZIP_2(o), ZIP_2((o) + 1)
#define ZIP_8(o) ZIP_4(o), ZIP_4((o) + 2)
#define ZIP_16(o) ZIP_8(o), ZIP_8((o) + 4)
#define BACK_2(o) (o), (o) + WIDTH
#define BACK_4(o) BACK_2(o), BACK_2((o) - 1)
#define BACK_8(o) BACK_4(o), BACK_4((o) - 2)
#define BACK_16(o) BACK_8(o), BACK_8((o) - 4)
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define LANES(list, o) JOIN(list, WIDTH)(o)
#define VECTOR NAME(vector)

typedef NUMBER VECTOR __attribute__((vector_size(WIDTH * sizeof(NUMBER)), aligned(sizeof(NUMBER))));

// Runs PAIR for the entries k = 1, 2, … below n/2 and their partners n − k: it turns a + ib and c + id
// into p + iq and r + is, for W⁻ᵏ = cosine + i sine. Vectors first, then what is left.
#define FOR_EACH_PAIR(PAIR) \
  const ptrdiff_t pairs = (n - 1) / 2; \
  NUMBER *low = z + 2, *high = z + 2 * n - 2; \
  ptrdiff_t done = 0; \
  for (; done + WIDTH <= pairs; done += WIDTH) { \
    VECTOR *up = (VECTOR *)(low + 2 * done), *down = (VECTOR *)(high - 2 * (done + WIDTH - 1)); \
    const VECTOR a = __builtin_shufflevector(up[0], up[1], LANES(UP_, 0)); \
    const VECTOR b = __builtin_shufflevector(up[0], up[1], LANES(UP_, 1)); \
    const VECTOR c = __builtin_shufflevector(down[0], down[1], LANES(DOWN_, 2 * WIDTH - 2)); \
    const VECTOR d = __builtin_shufflevector(down[0], down[1], LANES(DOWN_, 2 * WIDTH - 1)); \
    const VECTOR cosine = *(const VECTOR *)(cosines + done); \
    const VECTOR sine = *(const VECTOR *)(sines + done); \
    VECTOR p, q, r, s; \
    PAIR(VECTOR); \
    up[0] = __builtin_shufflevector(p, q, LANES(ZIP_, 0)); \
    up[1] = __builtin_shufflevector(p, q, LANES(ZIP_, WIDTH / 2)); \
    down[0] = __builtin_shufflevector(r, s, LANES(BACK_, WIDTH - 1)); \
    down[1] = __builtin_shufflevector(r, s, LANES(BACK_, WIDTH / 2 - 1)); \
  } \
  for (; done < pairs; done++) { \
    const NUMBER a = low[2 * done], b = low[2 * done + 1]; \
    const NUMBER c = high[-2 * done], d = high[-2 * done + 1]; \
    const NUMBER cosine = cosines[done], sine = sines[done]; \
    NUMBER p, q, r, s; \
    PAIR(NUMBER); \
    low[2 * done] = p; \
    low[2 * done + 1] = q; \
    high[-2 * done] = r; \
    high[-2 * done + 1] = s; \
  }

#define SPLIT(TYPE) \
  const TYPE re = (a + c) * half, im = (b - d) * half, x = (b + d) * half, y = (c - a) * half; \
  const TYPE u = cosine * x + sine * y, v = cosine * y - sine * x; \
  p = re + u, q = im + v, r = re - u, s = v - im

static void NAME(split)(NUMBER *z, ptrdiff_t n, const NUMBER *cosines, const NUMBER *sines) {
  const NUMBER half = (NUMBER)0.5, even = z[0], odd = z[1];
  FOR_EACH_PAIR(SPLIT)
  if (n % 2 == 0) z[n + 1] = -z[n + 1];
  z[0] = even + odd;
  z[1] = 0;
  z[2 * n] = even - odd;
  z[2 * n + 1] = 0;
}

#define MERGE(TYPE) \
  const TYPE re = a + c, im = b - d, u = a - c, v = b + d; \
  const TYPE x = cosine * u - sine * v, y = cosine * v + sine * u; \
  p = re - y, q = im + x, r = re + y, s = x - im

static void NAME(merge)(NUMBER *z, ptrdiff_t n, const NUMBER *cosines, const NUMBER *sines) {
  const NUMBER first = z[0], last = z[2 * n];
  FOR_EACH_PAIR(MERGE)
  if (n % 2 == 0) {
    z[n] *= 2;
    z[n + 1] *= -2;
  }
  z[0] = first + last;
  z[1] = first - last;
}

static void NAME(multiply)(const NUMBER *restrict x, NUMBER *restrict y, ptrdiff_t count) {
  for (ptrdiff_t k = 0; k < count; k++) {
    const NUMBER a = x[2 * k], b = x[2 * k + 1], c = y[2 * k], d = y[2 * k + 1];
    y[2 * k] = a * c - b * d;
    y[2 * k + 1] = a * d + b * c;
  }
}

#undef UP_2
#undef UP_4
#undef UP_8
#undef UP_16
#undef DOWN_2
#undef DOWN_4
#undef DOWN_8
#undef DOWN_16
#undef ZIP_2
#undef ZIP_4
#undef ZIP_8
#undef ZIP_16
#undef BACK_2
#undef BACK_4
#undef BACK_8
#undef BACK_16
#undef JOIN_
#undef JOIN
#undef LANES
#undef VECTOR
#undef FOR_EACH_PAIR
#undef SPLIT
#undef MERGE
