// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The Walsh-Hadamard transforms for both number types.
#include "include/walsh_hadamard.h"

#define LOOP "walsh_hadamard_loop.h"
#include "variants.h"

void sketching_walsh_hadamard_float(
    float *x, size_t row_count, size_t n, sketching_vectors vectors) {
  CHOOSE(rows_float, x, row_count, n);
}

void sketching_walsh_hadamard_double(
    double *x, size_t row_count, size_t n, sketching_vectors vectors) {
  CHOOSE(rows_double, x, row_count, n);
}

void sketching_signed_hadamard_float(
    const int8_t *signs, const float *x, float factor, size_t count, float *output, size_t n,
    sketching_vectors vectors) {
  CHOOSE(transform_float, output, n, signs, x, factor, count);
}

void sketching_signed_hadamard_double(
    const int8_t *signs, const double *x, double factor, size_t count, double *output, size_t n,
    sketching_vectors vectors) {
  CHOOSE(transform_double, output, n, signs, x, factor, count);
}

void sketching_kept_hadamard_float(
    const int8_t *signs, const float *x, float factor, size_t count, float *scratch, size_t n,
    sketching_kept kept, float scale, float *output, sketching_vectors vectors) {
  CHOOSE(kept_float, scratch, n, signs, x, factor, count, kept, scale, output);
}

void sketching_kept_hadamard_double(
    const int8_t *signs, const double *x, double factor, size_t count, double *scratch, size_t n,
    sketching_kept kept, double scale, double *output, sketching_vectors vectors) {
  CHOOSE(kept_double, scratch, n, signs, x, factor, count, kept, scale, output);
}
