// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Entries of sparse Walsh-Hadamard transforms for both number types, plainly and with AVX2.
#include "include/sparse_hadamard.h"

// How many entries are computed side by side.
#define LANES 16

#define NUMBER float
#define NAME(base) base##_float_plain
#include "sparse_hadamard_loop.h"
#define NUMBER double
#define NAME(base) base##_double_plain
#include "sparse_hadamard_loop.h"

#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define NUMBER float
#define NAME(base) base##_float_avx2
#include "sparse_hadamard_loop.h"
#define NUMBER double
#define NAME(base) base##_double_avx2
#include "sparse_hadamard_loop.h"
#pragma clang attribute pop

#define CHOOSE(type) \
  (vectors >= sketching_vectors_avx2 ? entries_##type##_avx2 : entries_##type##_plain)
#else
#define CHOOSE(type) entries_##type##_plain
#endif

void sketching_sparse_hadamard_float(
    ptrdiff_t nonzeros, const int32_t *columns, const float *values, const uint8_t *merges,
    ptrdiff_t count, const int32_t *rows, float scale, float *output, sketching_vectors vectors) {
  CHOOSE(float)(nonzeros, columns, values, merges, count, rows, scale, output);
}

void sketching_sparse_hadamard_double(
    ptrdiff_t nonzeros, const int32_t *columns, const double *values, const uint8_t *merges,
    ptrdiff_t count, const int32_t *rows, double scale, double *output,
    sketching_vectors vectors) {
  CHOOSE(double)(nonzeros, columns, values, merges, count, rows, scale, output);
}
