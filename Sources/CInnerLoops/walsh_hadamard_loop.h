// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The Walsh-Hadamard butterflies, included by variants.h.
//
// Stages run with rising distance whatever the width, so every inclusion for a type adds the same
// numbers in the same order and gives the same bits. Products are by ±1 and exact, fused or not.
#pragma STDC FP_CONTRACT ON

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

#define SIGN_VECTOR NAME(sign_vector)

typedef NUMBER VECTOR __attribute__((vector_size(WIDTH * sizeof(NUMBER)), aligned(sizeof(NUMBER))));
typedef int8_t SIGN_VECTOR __attribute__((vector_size(WIDTH), aligned(1)));

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

// How far ahead, in bytes, input is asked for: there is much to do until it is needed, but not
// enough for the processor to wait. Asking for memory that is not there does no harm.
#define AHEAD 16384

// All stages of 8 · WIDTH numbers, in registers: of Σ times factor · x where there are signs, else of
// the numbers that are there.
static inline __attribute__((always_inline)) void NAME(base)(
    NUMBER *output, const int8_t *signs, const NUMBER *x, NUMBER factor) {
  VECTOR v[8];
  for (int i = 0; i < 8; ++i) {
    VECTOR u;
    if (signs) {
      if (i * WIDTH % (64 / sizeof(NUMBER)) == 0) {
        __builtin_prefetch((const void *)((uintptr_t)(x + i * WIDTH) + AHEAD), 0, 2);
      }
      u = __builtin_convertvector(*(const SIGN_VECTOR *)(signs + i * WIDTH), VECTOR)
          * (factor * *(const VECTOR *)(x + i * WIDTH));
    } else {
      u = *(VECTOR *)(output + i * WIDTH);
    }
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
  for (int i = 0; i < 8; ++i) *(VECTOR *)(output + i * WIDTH) = v[i];
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

// Writes Σ times factor · x for the first `count` of n numbers, and zeros.
static inline void NAME(fetch)(
    NUMBER *output, size_t n, const int8_t *signs, const NUMBER *x, NUMBER factor, size_t count) {
  for (size_t i = 0; i < count; ++i) output[i] = (NUMBER)signs[i] * (factor * x[i]);
  for (size_t i = count; i < n; ++i) output[i] = 0;
}

// The transform of a part that is at most 32 · WIDTH long, from signs and x or in place.
static inline __attribute__((always_inline)) void NAME(leaf)(
    NUMBER *output, size_t n, const int8_t *signs, const NUMBER *x, NUMBER factor) {
  for (size_t i = 0; i < n; i += 8 * WIDTH) {
    NAME(base)(output + i, signs ? signs + i : signs, x + i, factor);
  }
  if (n == 16 * WIDTH) {
    NAME(halves)(output, n / 2);
  } else if (n == 32 * WIDTH) {
    NAME(quarters)(output, n / 4);
  }
}

static void NAME(parts)(
    NUMBER *output, size_t part, const int8_t *signs, const NUMBER *x, NUMBER factor,
    size_t count);

// Depth first, so that each part is finished while it is in the cache. The first `count` entries
// of the input come from x, with their signs, unless these are null.
static void NAME(transform)(
    NUMBER *output, size_t n, const int8_t *signs, const NUMBER *x, NUMBER factor, size_t count) {
  if (n > 32 * WIDTH) {
    NAME(parts)(output, n / 8, signs, x, factor, count);
    NAME(eighths)(output, n / 8);
    return;
  }
  const int whole = n >= 8 * WIDTH;
  if (whole && signs && count >= n) {
    NAME(leaf)(output, n, signs, x, factor);
    return;
  }
  if (signs) NAME(fetch)(output, n, signs, x, factor, count < n ? count : n);
  if (whole) {
    NAME(leaf)(output, n, NULL, x, factor);
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

// The transforms of eight parts.
static void NAME(parts)(
    NUMBER *output, size_t part, const int8_t *signs, const NUMBER *x, NUMBER factor,
    size_t count) {
  for (size_t i = 0; i < 8; ++i) {
    const size_t start = i * part, skipped = start < count ? start : count;
    NAME(transform)(
        output + start, part, signs ? signs + start : signs, x + skipped, factor, count - skipped);
  }
}

// The last three stages leave what they make in the fastest cache, from where the kept is picked.
static void NAME(kept)(
    NUMBER *scratch, size_t n, const int8_t *signs, const NUMBER *x, NUMBER factor, size_t count,
    sketching_kept kept, NUMBER scale, NUMBER *output) {
  const size_t part = n / 8;
  NUMBER made[8 * SKETCHING_STRETCH];
  NAME(parts)(scratch, part, signs, x, factor, count);
  for (size_t c = 0; c < part / SKETCHING_STRETCH; ++c) {
    const NUMBER *start = scratch + c * SKETCHING_STRETCH;
    for (size_t j = 0; j < SKETCHING_STRETCH; j += WIDTH) {
      VECTOR v[8];
      for (int i = 0; i < 8; ++i) v[i] = *(const VECTOR *)(start + i * part + j);
      EIGHT(v);
      for (int i = 0; i < 8; ++i) *(VECTOR *)(made + i * SKETCHING_STRETCH + j) = v[i];
    }
    const uint32_t end = kept.starts[c + 1];
    if (kept.targets) {
      for (uint32_t k = kept.starts[c]; k < end; ++k) {
        output[kept.targets[k]] = scale * made[kept.places[k]];
      }
    } else {
#pragma clang loop unroll_count(8)
      for (uint32_t k = kept.starts[c]; k < end; ++k) output[k] = scale * made[kept.places[k]];
    }
  }
}

static void NAME(rows)(NUMBER *x, size_t row_count, size_t n) {
  for (size_t row = 0; row < row_count; ++row) {
    NAME(transform)(x + row * n, n, NULL, x, 1, 0);
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
#undef SIGN_VECTOR
#undef AHEAD
#undef WITHIN
#undef BUTTERFLY
#undef EIGHT
