// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
#include "plain_loops.h"

#include <string.h>

void plain_count_sketch(
    ptrdiff_t rows, ptrdiff_t columns, const float *a, const int32_t *bucket, const float *sign,
    ptrdiff_t buckets, float *output) {
  memset(output, 0, (size_t)(buckets * columns) * sizeof(float));
  for (ptrdiff_t i = 0; i < rows; i++) {
    float *to = output + bucket[i] * columns;
    const float *from = a + i * columns;
    const float s = sign[i];
    for (ptrdiff_t j = 0; j < columns; j++) to[j] += s * from[j];
  }
}

void plain_walsh_hadamard(ptrdiff_t n, float *x) {
  for (ptrdiff_t half = 1; half < n; half *= 2) {
    for (ptrdiff_t start = 0; start < n; start += 2 * half) {
      for (ptrdiff_t i = start; i < start + half; i++) {
        const float a = x[i], b = x[i + half];
        x[i] = a + b;
        x[i + half] = a - b;
      }
    }
  }
}

void plain_sparse_signs(
    ptrdiff_t rows, ptrdiff_t columns, const float *a, ptrdiff_t nonzeros, const int32_t *bucket,
    const float *sign, ptrdiff_t buckets, float *output) {
  memset(output, 0, (size_t)(buckets * columns) * sizeof(float));
  for (ptrdiff_t i = 0; i < rows; i++) {
    const float *from = a + i * columns;
    for (ptrdiff_t k = i * nonzeros; k < (i + 1) * nonzeros; k++) {
      float *to = output + bucket[k] * columns;
      const float s = sign[k];
      for (ptrdiff_t j = 0; j < columns; j++) to[j] += s * from[j];
    }
  }
}

float plain_sum(ptrdiff_t n, const float *x) {
  float sums[32] = {0};
  for (ptrdiff_t i = 0; i + 32 <= n; i += 32) {
    for (int k = 0; k < 32; k++) sums[k] += x[i + k];
  }
  float total = 0;
  for (int k = 0; k < 32; k++) total += sums[k];
  return total;
}

// Ten vectors in registers: enough to hide how long each operation takes, and few enough for any
// instruction set. In lanes of 4, 8 or 16.
#define MULTIPLY_ADDS(name, width) \
  static float name(ptrdiff_t n) { \
    typedef float vector __attribute__((vector_size(4 * width))); \
    vector x[10] = {0}; \
    for (ptrdiff_t i = 0; i < n; i++) { \
      for (int repeat = 0; repeat < 16 / width; repeat++) { \
        for (int k = 0; k < 10; k++) x[k] = x[k] * 0.5f + 1.0f; \
      } \
    } \
    float total = 0; \
    for (int k = 0; k < 10; k++) total += x[k][0]; \
    return total; \
  }

MULTIPLY_ADDS(multiply_adds, 4)
#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
MULTIPLY_ADDS(multiply_adds_avx2, 8)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f,fma"))), apply_to = function)
MULTIPLY_ADDS(multiply_adds_avx512, 16)
#pragma clang attribute pop
#endif

float plain_multiply_adds(ptrdiff_t n) {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f")) return multiply_adds_avx512(n);
  if (__builtin_cpu_supports("avx2")) return multiply_adds_avx2(n);
#endif
  return multiply_adds(n);
}
