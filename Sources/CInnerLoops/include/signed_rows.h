// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Rows of a matrix added, with signs, to some rows of another.
#ifndef SKETCHING_SIGNED_ROWS_H
#define SKETCHING_SIGNED_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "vectors.h"

// Adds each of `count` rows of `width` numbers to `nonzeros` rows of the sums, in order. Its entries
// name them: r for + to row r, −1 − r for − to row r. Rows lie `stride`, the entries of rows
// `entry_stride` and sums `sum_stride` numbers apart. `vectors` must not exceed sketching_widest_vectors(); the bits do not depend on it.
void sketching_add_signed_rows_float(
    const float *rows, ptrdiff_t stride, ptrdiff_t count, ptrdiff_t width, const int32_t *entries,
    ptrdiff_t entry_stride, ptrdiff_t nonzeros, float *sums, ptrdiff_t sum_stride,
    sketching_vectors vectors);
void sketching_add_signed_rows_double(
    const double *rows, ptrdiff_t stride, ptrdiff_t count, ptrdiff_t width, const int32_t *entries,
    ptrdiff_t entry_stride, ptrdiff_t nonzeros, double *sums, ptrdiff_t sum_stride,
    sketching_vectors vectors);

// The same with one entry a row, for those rows alone whose sum is one of first..<end.
void sketching_add_own_rows_float(
    const float *rows, ptrdiff_t stride, ptrdiff_t count, ptrdiff_t width, const int32_t *entries,
    int32_t first, int32_t end, float *sums, ptrdiff_t sum_stride, sketching_vectors vectors);
void sketching_add_own_rows_double(
    const double *rows, ptrdiff_t stride, ptrdiff_t count, ptrdiff_t width, const int32_t *entries,
    int32_t first, int32_t end, double *sums, ptrdiff_t sum_stride, sketching_vectors vectors);

// Adds `scale` times each of `count` numbers to the sum that its entry names, in order.
void sketching_add_signed_numbers_float(
    const float *x, ptrdiff_t count, const int32_t *entries, float scale, float *sums,
    sketching_vectors vectors);
void sketching_add_signed_numbers_double(
    const double *x, ptrdiff_t count, const int32_t *entries, double scale, double *sums,
    sketching_vectors vectors);

#endif
