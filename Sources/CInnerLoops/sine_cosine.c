// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Cosines and sines for both number types, with the widest vectors the processor has.

#include "include/sine_cosine.h"

#include <math.h>

// Up to here the products of the reduction are exact.
#define LARGEST_ANGLE 1e6

// (sin r − r) / r³ and (cos r − 1 + r²/2) / r⁴ in powers of r², by Taylor's series: on |r| ≤ π/4 the
// next term is below 3e-17 in double, 4e-9 in float.
static const double sine_double[] = {
    -1.0 / 6,           1.0 / 120,           -1.0 / 5040,          1.0 / 362880,
    -1.0 / 39916800,    1.0 / 6227020800,    -1.0 / 1307674368000, 1.0 / 355687428096000};
static const double cosine_double[] = {
    1.0 / 24,           -1.0 / 720,          1.0 / 40320,          -1.0 / 3628800,
    1.0 / 479001600,    -1.0 / 87178291200,  1.0 / 20922789888000, -1.0 / 6402373705728000};
static const float sine_float[] = {-1.0f / 6, 1.0f / 120, -1.0f / 5040, 1.0f / 362880};
static const float cosine_float[] = {1.0f / 24, -1.0f / 720, 1.0f / 40320, -1.0f / 3628800};

#define REAL double
#define SINE_TAIL sine_double
#define COSINE_TAIL cosine_double
#define TAIL_COUNT 8
#define SINE_COSINE sine_cosine_double
#include "sine_cosine_loop.h"
#undef SINE_COSINE
#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define SINE_COSINE sine_cosine_double_avx2
#include "sine_cosine_loop.h"
#undef SINE_COSINE
#pragma clang attribute pop
#endif
#undef REAL
#undef SINE_TAIL
#undef COSINE_TAIL
#undef TAIL_COUNT

#define REAL float
#define SINE_TAIL sine_float
#define COSINE_TAIL cosine_float
#define TAIL_COUNT 4
#define SINE_COSINE sine_cosine_float
#include "sine_cosine_loop.h"
#undef SINE_COSINE
#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define SINE_COSINE sine_cosine_float_avx2
#include "sine_cosine_loop.h"
#undef SINE_COSINE
#pragma clang attribute pop
#endif

#ifdef __x86_64__
#define CALL(name, ...) \
  (vectors >= sketching_vectors_avx2 ? name##_avx2(__VA_ARGS__) : name(__VA_ARGS__))
#else
#define CALL(name, ...) name(__VA_ARGS__)
#endif

void sketching_sine_cosine_double(
    ptrdiff_t n, const double *x, double scale, double *cosines, double *sines,
    sketching_vectors vectors) {
  if (CALL(sine_cosine_double, n, x, scale, cosines, sines)) return;
  for (ptrdiff_t i = 0; i < n; i++) {
    if (fabs(x[i]) < LARGEST_ANGLE) continue;
    cosines[i] = scale * cos(x[i]);
    sines[i] = scale * sin(x[i]);
  }
}

void sketching_sine_cosine_float(
    ptrdiff_t n, const float *x, float scale, float *cosines, float *sines,
    sketching_vectors vectors) {
  if (CALL(sine_cosine_float, n, x, scale, cosines, sines)) return;
  for (ptrdiff_t i = 0; i < n; i++) {
    if (fabs((double)x[i]) < LARGEST_ANGLE) continue;
    cosines[i] = scale * (float)cos((double)x[i]);
    sines[i] = scale * (float)sin((double)x[i]);
  }
}
