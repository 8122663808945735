// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Rows of pixel covariances: products of images, box filters, pooling.
//
// A row is a run of pixels, each `lanes` numbers, one for each pair of images.
#ifndef SKETCHING_PIXEL_ROWS_H
#define SKETCHING_PIXEL_ROWS_H

#include <stddef.h>

// output[k] = scale · Σ x[k + c x_stride] y[k + c y_stride] over channels c.
void sketching_pixel_product_float(
    ptrdiff_t n, ptrdiff_t channels, float scale, const float *x, ptrdiff_t x_stride,
    const float *y, ptrdiff_t y_stride, float *output);
void sketching_pixel_product_double(
    ptrdiff_t n, ptrdiff_t channels, double scale, const double *x, ptrdiff_t x_stride,
    const double *y, ptrdiff_t y_stride, double *output);

// Output pixel i sums input pixels i · stride − before to i · stride − before + taps − 1 of `row_count`
// rows; those that are not there count as 0.
typedef struct {
  ptrdiff_t row_count, input_count, output_count, taps, stride, before, lanes;
} sketching_filter_shape;

// K ← weight · ΣK + bias and Θ ← K + weight · ΣΘ for one row of outputs. ntk may be null; if
// ntk_rows is, ΣΘ is 0. scratch: (before + input_count + output_count · stride + taps) · lanes numbers.
void sketching_pixel_filter_float(
    const sketching_filter_shape *shape, float weight, float bias, const float *const *nngp_rows,
    const float *const *ntk_rows, float *scratch, float *nngp, float *ntk);
void sketching_pixel_filter_double(
    const sketching_filter_shape *shape, double weight, double bias,
    const double *const *nngp_rows, const double *const *ntk_rows, double *scratch, double *nngp,
    double *ntk);

// Rows of pixels: how many, their distances in source and target, the pixels of each, and the distance
// of those in the source.
typedef struct {
  ptrdiff_t row_count, source_step, target_step, count, stride, lanes;
} sketching_pixel_grid;

// target[i] += source[i · stride] for the pixels of all rows.
void sketching_add_pixels_float(
    const sketching_pixel_grid *grid, const float *source, float *target);
void sketching_add_pixels_double(
    const sketching_pixel_grid *grid, const double *source, double *target);

#endif
