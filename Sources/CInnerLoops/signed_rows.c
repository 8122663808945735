// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The sums of signed rows for both number types.
#include "include/signed_rows.h"

#define LOOP "signed_rows_loop.h"
#include "variants.h"

void sketching_add_signed_rows_float(
    const float *rows, ptrdiff_t stride, ptrdiff_t count, ptrdiff_t width, const int32_t *entries,
    ptrdiff_t entry_stride, ptrdiff_t nonzeros, float *sums, ptrdiff_t sum_stride,
    sketching_vectors vectors) {
  CHOOSE(
      add_rows_float, rows, stride, count, width, entries, entry_stride, nonzeros, sums, sum_stride);
}

void sketching_add_signed_rows_double(
    const double *rows, ptrdiff_t stride, ptrdiff_t count, ptrdiff_t width, const int32_t *entries,
    ptrdiff_t entry_stride, ptrdiff_t nonzeros, double *sums, ptrdiff_t sum_stride,
    sketching_vectors vectors) {
  CHOOSE(
      add_rows_double, rows, stride, count, width, entries, entry_stride, nonzeros, sums, sum_stride);
}

void sketching_add_own_rows_float(
    const float *rows, ptrdiff_t stride, ptrdiff_t count, ptrdiff_t width, const int32_t *entries,
    int32_t first, int32_t end, float *sums, ptrdiff_t sum_stride, sketching_vectors vectors) {
  CHOOSE(add_own_rows_float, rows, stride, count, width, entries, first, end, sums, sum_stride);
}

void sketching_add_own_rows_double(
    const double *rows, ptrdiff_t stride, ptrdiff_t count, ptrdiff_t width, const int32_t *entries,
    int32_t first, int32_t end, double *sums, ptrdiff_t sum_stride, sketching_vectors vectors) {
  CHOOSE(add_own_rows_double, rows, stride, count, width, entries, first, end, sums, sum_stride);
}

void sketching_add_signed_numbers_float(
    const float *x, ptrdiff_t count, const int32_t *entries, float scale, float *sums,
    sketching_vectors vectors) {
  CHOOSE(add_numbers_float, x, count, entries, scale, sums);
}

void sketching_add_signed_numbers_double(
    const double *x, ptrdiff_t count, const int32_t *entries, double scale, double *sums,
    sketching_vectors vectors) {
  CHOOSE(add_numbers_double, x, count, entries, scale, sums);
}
