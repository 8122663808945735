// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The loop from bits to signs for both number types, plainly and with AVX2.
#include "include/signs.h"

#define NUMBER float
#define NAME(base) base##_float_plain
#include "signs_loop.h"
#define NUMBER double
#define NAME(base) base##_double_plain
#include "signs_loop.h"

#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define NUMBER float
#define NAME(base) base##_float_avx2
#include "signs_loop.h"
#define NUMBER double
#define NAME(base) base##_double_avx2
#include "signs_loop.h"
#pragma clang attribute pop

#define CHOOSE(base, ...) \
  if (vectors >= sketching_vectors_avx2) { \
    base##_avx2(__VA_ARGS__); \
  } else { \
    base##_plain(__VA_ARGS__); \
  }
#else
#define CHOOSE(base, ...) base##_plain(__VA_ARGS__)
#endif

void sketching_signs_float(
    const uint32_t *words, ptrdiff_t count, float *output, sketching_vectors vectors) {
  CHOOSE(expand_float, words, count, output);
}

void sketching_signs_double(
    const uint32_t *words, ptrdiff_t count, double *output, sketching_vectors vectors) {
  CHOOSE(expand_double, words, count, output);
}
