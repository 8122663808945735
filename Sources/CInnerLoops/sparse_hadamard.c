// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Entries of sparse Walsh-Hadamard transforms for both number types.
#include "include/sparse_hadamard.h"

#define LOOP "sparse_hadamard_loop.h"
#include "variants.h"

void sketching_sparse_hadamard_float(
    ptrdiff_t nonzeros, const int32_t *columns, const float *values, const uint8_t *merges,
    ptrdiff_t count, const int32_t *rows, float scale, float *output, sketching_vectors vectors) {
  CHOOSE(entries_float, nonzeros, columns, values, merges, count, rows, scale, output);
}

void sketching_sparse_hadamard_double(
    ptrdiff_t nonzeros, const int32_t *columns, const double *values, const uint8_t *merges,
    ptrdiff_t count, const int32_t *rows, double scale, double *output,
    sketching_vectors vectors) {
  CHOOSE(entries_double, nonzeros, columns, values, merges, count, rows, scale, output);
}
