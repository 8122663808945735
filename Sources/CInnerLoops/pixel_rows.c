// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Rows of pixel covariances, for both number types, with the widest vectors the processor has.

#include "include/pixel_rows.h"

#define REAL float
#define NAME(base) base##_float
#include "pixel_rows_loop.h"
#undef NAME
#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define NAME(base) base##_float_avx2
#include "pixel_rows_loop.h"
#undef NAME
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,fma"))), apply_to = function)
#define NAME(base) base##_float_avx512
#include "pixel_rows_loop.h"
#undef NAME
#pragma clang attribute pop
#endif
#undef REAL

#define REAL double
#define NAME(base) base##_double
#include "pixel_rows_loop.h"
#undef NAME
#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define NAME(base) base##_double_avx2
#include "pixel_rows_loop.h"
#undef NAME
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,fma"))), apply_to = function)
#define NAME(base) base##_double_avx512
#include "pixel_rows_loop.h"
#undef NAME
#pragma clang attribute pop
#endif
#undef REAL

#include "arc_sine.h"

#define FUNCTIONS(REAL) \
  void sketching_pixel_product_##REAL( \
      ptrdiff_t n, ptrdiff_t channels, REAL scale, const REAL *x, ptrdiff_t x_stride, \
      const REAL *y, ptrdiff_t y_stride, REAL *output) { \
    DISPATCH_WIDEST(product_##REAL, n, channels, scale, x, x_stride, y, y_stride, output); \
  } \
  void sketching_pixel_filter_##REAL( \
      const sketching_filter_shape *shape, REAL weight, REAL bias, const REAL *const *nngp_rows, \
      const REAL *const *ntk_rows, REAL *scratch, REAL *nngp, REAL *ntk) { \
    DISPATCH_WIDEST( \
        filter_##REAL, shape, weight, bias, nngp_rows, ntk_rows, scratch, nngp, ntk); \
  } \
  void sketching_add_pixels_##REAL( \
      const sketching_pixel_grid *grid, const REAL *source, REAL *target) { \
    DISPATCH_WIDEST(add_pixels_##REAL, grid, source, target); \
  }

FUNCTIONS(float)
FUNCTIONS(double)
