// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Blocks of normal numbers by Philox4x32-10 and Box-Muller, with the vectors the processor has.
//
// Every operation is that of the scalar definition, RandomStream.normals(block:), in its order and
// never fused, so all variants give its bits.
#include "include/normals.h"
#include "philox_blocks.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

// How many blocks are computed side by side.
#define BATCH 128
#define INLINE static inline __attribute__((always_inline))

// √(−2 ln u) for u = (word + ½)/2³².
INLINE double radius_of(uint32_t word) {
  const double u = ((double)word + 0.5) * 0x1p-32;
  uint64_t bits;
  memcpy(&bits, &u, sizeof bits);
  // The exponent as a double: exact in the low bits of 2⁵².
  const uint64_t shifted = (bits >> 52) | 0x4330000000000000u;
  double exponent, m;
  memcpy(&exponent, &shifted, sizeof exponent);
  exponent -= 0x1p52 + 1023;
  bits = (bits & 0x000FFFFFFFFFFFFFu) | 0x3FF0000000000000u;
  memcpy(&m, &bits, sizeof m);
  const int high = m > 1.4142135623730951;
  m = high ? m * 0.5 : m;
  exponent = high ? exponent + 1 : exponent;
  const double t = (m - 1) / (m + 1);
  const double s = t * t;
  double p = 1.0 / 21;
  p = p * s + 1.0 / 19;
  p = p * s + 1.0 / 17;
  p = p * s + 1.0 / 15;
  p = p * s + 1.0 / 13;
  p = p * s + 1.0 / 11;
  p = p * s + 1.0 / 9;
  p = p * s + 1.0 / 7;
  p = p * s + 1.0 / 5;
  p = p * s + 1.0 / 3;
  const double logarithm = exponent * 0.6931471805599453 + 2 * (t + t * (s * p));
  return __builtin_elementwise_sqrt(-2 * logarithm);
}

// (cos 2πv, sin 2πv) for v = word/2³².
INLINE void turn(uint32_t word, double *cosine_out, double *sine_out) {
  const uint32_t quarter = (word + 0x20000000u) >> 30;
  const double rest = (double)(int32_t)(word - (quarter << 30)) * 0x1p-32;
  const double x = rest * 6.283185307179586;
  const double s = x * x;
  double p = -1.0 / 1307674368000;
  p = p * s + 1.0 / 6227020800;
  p = p * s - 1.0 / 39916800;
  p = p * s + 1.0 / 362880;
  p = p * s - 1.0 / 5040;
  p = p * s + 1.0 / 120;
  p = p * s - 1.0 / 6;
  const double sine = x + x * (s * p);
  double q = 1.0 / 20922789888000;
  q = q * s - 1.0 / 87178291200;
  q = q * s + 1.0 / 479001600;
  q = q * s - 1.0 / 3628800;
  q = q * s + 1.0 / 40320;
  q = q * s - 1.0 / 720;
  q = q * s + 1.0 / 24;
  const double cosine = 1 - 0.5 * s + s * (s * q);
  const double c = quarter & 1 ? sine : cosine, d = quarter & 1 ? cosine : sine;
  *cosine_out = (quarter + 1) & 2 ? -c : c;
  *sine_out = quarter & 2 ? -d : d;
}

#define FILL fill_plain
#define WIDEST
#include "normals_loop.h"
#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define FILL fill_avx2
#define WIDEST
#include "normals_loop.h"
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl"))), apply_to = function)
#define FILL fill_avx512
// Without it the compiler stays with half of the width.
#define WIDEST __attribute__((min_vector_width(512)))
#include "normals_loop.h"
#pragma clang attribute pop
#endif

static void fill(
    uint64_t key, uint64_t first, ptrdiff_t count, double scale, double *wide,
    float *narrow, sketching_vectors vectors) {
#ifdef __x86_64__
  if (vectors == sketching_vectors_avx512) {
    fill_avx512(key, first, count, scale, wide, narrow);
    return;
  }
  if (vectors == sketching_vectors_avx2) {
    fill_avx2(key, first, count, scale, wide, narrow);
    return;
  }
#endif
  fill_plain(key, first, count, scale, wide, narrow);
}

void sketching_normals_double(
    uint64_t key, uint64_t first, ptrdiff_t count, double scale, double *output,
    sketching_vectors vectors) {
  fill(key, first, count, scale, output, NULL, vectors);
}

void sketching_normals_float(
    uint64_t key, uint64_t first, ptrdiff_t count, double scale, float *output,
    sketching_vectors vectors) {
  fill(key, first, count, scale, NULL, output, vectors);
}
