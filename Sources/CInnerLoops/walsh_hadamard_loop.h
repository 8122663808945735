// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The Walsh-Hadamard butterflies, once for all: included per number type and vector width.
//
// The includer defines NUMBER, WIDTH (numbers in a vector: 2, 4, 8 or 16) and NAME(base), which makes
// the function names of this inclusion. Stages run with rising distance whatever the width, so every
// inclusion for a type adds the same numbers in the same order and gives the same bits.

#define LANES_2(h) 0 ^ (h), 1 ^ (h)
#define LANES_4(h) LANES_2(h), 2 ^ (h), 3 ^ (h)
#define LANES_8(h) LANES_4(h), 4 ^ (h), 5 ^ (h), 6 ^ (h), 7 ^ (h)
#define LANES_16(h) \
  LANES_8(h), 8 ^ (h), 9 ^ (h), 10 ^ (h), 11 ^ (h), 12 ^ (h), 13 ^ (h), 14 ^ (h), 15 ^ (h)
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define SIGN(i, h) ((i) & (h) ? -1 : 1)
#define SIGNS_2(h) SIGN(0, h), SIGN(1, h)
#define SIGNS_4(h) SIGNS_2(h), SIGN(2, h), SIGN(3, h)
#define SIGNS_8(h) SIGNS_4(h), SIGN(4, h), SIGN(5, h), SIGN(6, h), SIGN(7, h)
#define SIGNS_16(h) \
  SIGNS_8(h), SIGN(8, h), SIGN(9, h), SIGN(10, h), SIGN(11, h), SIGN(12, h), SIGN(13, h), \
      SIGN(14, h), SIGN(15, h)
#define VECTOR NAME(vector)

typedef NUMBER VECTOR __attribute__((vector_size(WIDTH * sizeof(NUMBER)), aligned(sizeof(NUMBER))));

// One stage of distance h inside a vector: a + b below, a − b above. The product by ±1 is exact.
#define WITHIN(v, h) \
  (__builtin_shufflevector(v, v, JOIN(LANES_, WIDTH)(h)) + (v) * (VECTOR){JOIN(SIGNS_, WIDTH)(h)})

#define BUTTERFLY(a, b) \
  do { \
    VECTOR sum = a + b; \
    b = a - b; \
    a = sum; \
  } while (0)

// Three stages across eight vectors.
#define EIGHT(v) \
  do { \
    BUTTERFLY(v[0], v[1]); BUTTERFLY(v[2], v[3]); BUTTERFLY(v[4], v[5]); BUTTERFLY(v[6], v[7]); \
    BUTTERFLY(v[0], v[2]); BUTTERFLY(v[1], v[3]); BUTTERFLY(v[4], v[6]); BUTTERFLY(v[5], v[7]); \
    BUTTERFLY(v[0], v[4]); BUTTERFLY(v[1], v[5]); BUTTERFLY(v[2], v[6]); BUTTERFLY(v[3], v[7]); \
  } while (0)

// All stages of 8 · WIDTH numbers, in registers.
static inline void NAME(base)(NUMBER *x) {
  VECTOR v[8];
  for (int i = 0; i < 8; ++i) {
    VECTOR u = *(VECTOR *)(x + i * WIDTH);
    u = WITHIN(u, 1);
#if WIDTH > 2
    u = WITHIN(u, 2);
#endif
#if WIDTH > 4
    u = WITHIN(u, 4);
#endif
#if WIDTH > 8
    u = WITHIN(u, 8);
#endif
    v[i] = u;
  }
  EIGHT(v);
  for (int i = 0; i < 8; ++i) *(VECTOR *)(x + i * WIDTH) = v[i];
}

// The stages of distance h, 2h and 4h on 8h numbers.
static inline void NAME(eighths)(NUMBER *x, size_t h) {
  for (size_t j = 0; j < h; j += WIDTH) {
    VECTOR v[8];
    for (int i = 0; i < 8; ++i) v[i] = *(VECTOR *)(x + i * h + j);
    EIGHT(v);
    for (int i = 0; i < 8; ++i) *(VECTOR *)(x + i * h + j) = v[i];
  }
}

// The stages of distance h and 2h on 4h numbers.
static inline void NAME(quarters)(NUMBER *x, size_t h) {
  for (size_t j = 0; j < h; j += WIDTH) {
    VECTOR v[4];
    for (int i = 0; i < 4; ++i) v[i] = *(VECTOR *)(x + i * h + j);
    BUTTERFLY(v[0], v[1]); BUTTERFLY(v[2], v[3]);
    BUTTERFLY(v[0], v[2]); BUTTERFLY(v[1], v[3]);
    for (int i = 0; i < 4; ++i) *(VECTOR *)(x + i * h + j) = v[i];
  }
}

// The stage of distance h on 2h numbers.
static inline void NAME(halves)(NUMBER *x, size_t h) {
  for (size_t j = 0; j < h; j += WIDTH) {
    VECTOR a = *(VECTOR *)(x + j), b = *(VECTOR *)(x + h + j);
    BUTTERFLY(a, b);
    *(VECTOR *)(x + j) = a;
    *(VECTOR *)(x + h + j) = b;
  }
}

// A part of n numbers of what is transformed: Σ x, padded with zeros, where there are signs; else the
// numbers that are there.
static inline void NAME(fetch)(
    NUMBER *output, size_t n, const int8_t *signs, const NUMBER *x, size_t count) {
  if (!signs) return;
  const size_t given = count < n ? count : n;
  for (size_t i = 0; i < given; ++i) output[i] = (NUMBER)signs[i] * x[i];
  for (size_t i = given; i < n; ++i) output[i] = 0;
}

// Depth first, so that each part is finished while it is in the cache. The first `count` entries
// of the input come from x, with their signs, unless these are null.
static void NAME(transform)(
    NUMBER *output, size_t n, const int8_t *signs, const NUMBER *x, size_t count) {
  if (n > 32 * WIDTH) {
    const size_t part = n / 8;
    for (size_t i = 0; i < 8; ++i) {
      const size_t start = i * part, skipped = start < count ? start : count;
      NAME(transform)(
          output + start, part, signs ? signs + start : signs, x + skipped, count - skipped);
    }
    NAME(eighths)(output, part);
    return;
  }
  NAME(fetch)(output, n, signs, x, count);
  if (n == 8 * WIDTH) {
    NAME(base)(output);
  } else if (n == 16 * WIDTH) {
    for (int i = 0; i < 2; ++i) NAME(base)(output + i * (n / 2));
    NAME(halves)(output, n / 2);
  } else if (n == 32 * WIDTH) {
    for (int i = 0; i < 4; ++i) NAME(base)(output + i * (n / 4));
    NAME(quarters)(output, n / 4);
  } else {
    for (size_t h = 1; h < n; h *= 2) {
      for (size_t i = 0; i < n; i += 2 * h) {
        for (size_t j = i; j < i + h; ++j) {
          NUMBER a = output[j], b = output[j + h];
          output[j] = a + b;
          output[j + h] = a - b;
        }
      }
    }
  }
}

static void NAME(rows)(NUMBER *x, size_t row_count, size_t n) {
  for (size_t row = 0; row < row_count; ++row) {
    NAME(transform)(x + row * n, n, NULL, x, 0);
  }
}

#undef LANES_2
#undef LANES_4
#undef LANES_8
#undef LANES_16
#undef JOIN_
#undef JOIN
#undef SIGN
#undef SIGNS_2
#undef SIGNS_4
#undef SIGNS_8
#undef SIGNS_16
#undef VECTOR
#undef WITHIN
#undef BUTTERFLY
#undef EIGHT
#undef NUMBER
#undef WIDTH
#undef NAME
