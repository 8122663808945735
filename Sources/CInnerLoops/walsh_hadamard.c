// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The Walsh-Hadamard loop compiled per type and vector width, and the choice among them.
#include "walsh_hadamard.h"

#define NUMBER float
#define WIDTH 4
#define NAME(base) base##_float_plain
#include "walsh_hadamard_loop.h"

#define NUMBER double
#define WIDTH 2
#define NAME(base) base##_double_plain
#include "walsh_hadamard_loop.h"

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define NUMBER float
#define WIDTH 8
#define NAME(base) base##_float_avx2
#include "walsh_hadamard_loop.h"

#define NUMBER double
#define WIDTH 4
#define NAME(base) base##_double_avx2
#include "walsh_hadamard_loop.h"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl"))), apply_to = function)
#define NUMBER float
#define WIDTH 16
#define NAME(base) base##_float_avx512
#include "walsh_hadamard_loop.h"

#define NUMBER double
#define WIDTH 8
#define NAME(base) base##_double_avx512
#include "walsh_hadamard_loop.h"
#pragma clang attribute pop

#define CHOOSE(function, ...) \
  if (vectors == sketching_vectors_avx512) { \
    function##_avx512(__VA_ARGS__); \
  } else if (vectors == sketching_vectors_avx2) { \
    function##_avx2(__VA_ARGS__); \
  } else { \
    function##_plain(__VA_ARGS__); \
  }

#else
#define CHOOSE(function, ...) function##_plain(__VA_ARGS__)
#endif

void sketching_walsh_hadamard_float(
    float *x, size_t row_count, size_t n, sketching_vectors vectors) {
  CHOOSE(rows_float, x, row_count, n);
}

void sketching_walsh_hadamard_double(
    double *x, size_t row_count, size_t n, sketching_vectors vectors) {
  CHOOSE(rows_double, x, row_count, n);
}

void sketching_signed_hadamard_float(
    const int8_t *signs, const float *x, size_t count, float *output, size_t n,
    sketching_vectors vectors) {
  CHOOSE(transform_float, output, n, signs, x, count);
}

void sketching_signed_hadamard_double(
    const int8_t *signs, const double *x, size_t count, double *output, size_t n,
    sketching_vectors vectors) {
  CHOOSE(transform_double, output, n, signs, x, count);
}
