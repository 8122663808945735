// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The loops of pixel_rows.c, included once per number type and instruction set.
//
// REAL is the type, NAME(base) makes the function names. Loops are not unrolled, so that rows of whole
// vectors leave no rest.

#define EACH _Pragma("clang loop vectorize(enable) interleave(disable)")

static void NAME(product)(
    ptrdiff_t n, ptrdiff_t channels, REAL scale, const REAL *x, ptrdiff_t x_stride, const REAL *y,
    ptrdiff_t y_stride, REAL *restrict output) {
  EACH for (ptrdiff_t k = 0; k < n; k++) output[k] = scale * x[k] * y[k];
  for (ptrdiff_t c = 1; c < channels; c++) {
    const REAL *restrict left = x + c * x_stride, *restrict right = y + c * y_stride;
    EACH for (ptrdiff_t k = 0; k < n; k++) output[k] += scale * left[k] * right[k];
  }
}

// The sum of rows, with zeros before and after.
static inline void NAME(sum_rows)(
    ptrdiff_t count, const REAL *const *rows, ptrdiff_t n, ptrdiff_t before, ptrdiff_t after,
    REAL *restrict sums) {
  for (ptrdiff_t k = 0; k < before; k++) sums[k] = 0;
  for (ptrdiff_t k = 0; k < after; k++) sums[before + n + k] = 0;
  REAL *restrict output = sums + before;
  if (count == 3) {
    const REAL *restrict a = rows[0], *restrict b = rows[1], *restrict c = rows[2];
    EACH for (ptrdiff_t k = 0; k < n; k++) output[k] = a[k] + b[k] + c[k];
    return;
  }
  for (ptrdiff_t k = 0; k < n; k++) output[k] = count > 0 ? rows[0][k] : 0;
  for (ptrdiff_t i = 1; i < count; i++) {
    const REAL *restrict row = rows[i];
    EACH for (ptrdiff_t k = 0; k < n; k++) output[k] += row[k];
  }
}

// Sums of `taps` pixels, each `lanes` numbers.
static inline void NAME(sum_taps)(
    ptrdiff_t n, ptrdiff_t taps, ptrdiff_t lanes, ptrdiff_t stride, const REAL *restrict sums,
    REAL *restrict output) {
  for (ptrdiff_t tap = 0; tap < taps; tap++) {
    const REAL *restrict start = sums + tap * lanes;
    if (stride == 1) {
      EACH for (ptrdiff_t k = 0; k < n; k++) output[k] = start[k] + (tap ? output[k] : 0);
    } else {
      for (ptrdiff_t first = 0; first < n; first += lanes) {
        const REAL *restrict source = start + first * stride;
        REAL *restrict target = output + first;
        EACH for (ptrdiff_t l = 0; l < lanes; l++) target[l] = source[l] + (tap ? target[l] : 0);
      }
    }
  }
}

static void NAME(filter)(
    const sketching_filter_shape *shape, REAL weight, REAL bias, const REAL *const *nngp_rows,
    const REAL *const *ntk_rows, REAL *scratch, REAL *restrict nngp, REAL *restrict ntk) {
  const ptrdiff_t n = shape->output_count * shape->lanes, given = shape->input_count * shape->lanes;
  const ptrdiff_t before = shape->before * shape->lanes;
  const ptrdiff_t read =
      ((shape->output_count - 1) * shape->stride + shape->taps) * shape->lanes - before;
  const ptrdiff_t after = read > given ? read - given : 0;
  const int is_plain = shape->stride == 1 && shape->taps == 3;
  const REAL *next = scratch + shape->lanes, *last = next + shape->lanes;
  NAME(sum_rows)(shape->row_count, nngp_rows, given, before, after, scratch);
  if (is_plain) {
    EACH for (ptrdiff_t k = 0; k < n; k++) {
      nngp[k] = weight * (scratch[k] + next[k] + last[k]) + bias;
    }
  } else {
    NAME(sum_taps)(n, shape->taps, shape->lanes, shape->stride, scratch, nngp);
    EACH for (ptrdiff_t k = 0; k < n; k++) nngp[k] = weight * nngp[k] + bias;
  }
  if (!ntk) return;
  if (!ntk_rows) {
    EACH for (ptrdiff_t k = 0; k < n; k++) ntk[k] = nngp[k];
    return;
  }
  NAME(sum_rows)(shape->row_count, ntk_rows, given, before, after, scratch);
  if (is_plain) {
    EACH for (ptrdiff_t k = 0; k < n; k++) {
      ntk[k] = weight * (scratch[k] + next[k] + last[k]) + nngp[k];
    }
  } else {
    NAME(sum_taps)(n, shape->taps, shape->lanes, shape->stride, scratch, ntk);
    EACH for (ptrdiff_t k = 0; k < n; k++) ntk[k] = weight * ntk[k] + nngp[k];
  }
}

static void NAME(add_pixels)(
    const sketching_pixel_grid *grid, const REAL *restrict source, REAL *restrict target) {
  const ptrdiff_t lanes = grid->lanes, stride = grid->stride;
  for (ptrdiff_t row = 0; row < grid->row_count; row++) {
    const REAL *restrict from = source + row * grid->source_step;
    REAL *restrict to = target + row * grid->target_step;
    if (stride == 1) {
      EACH for (ptrdiff_t k = 0; k < grid->count * lanes; k++) to[k] += from[k];
    } else if (lanes == 16) {
      for (ptrdiff_t i = 0; i < grid->count; i++) {
        EACH for (ptrdiff_t l = 0; l < 16; l++) to[16 * i + l] += from[16 * i * stride + l];
      }
    } else {
      for (ptrdiff_t i = 0; i < grid->count; i++) {
        EACH for (ptrdiff_t l = 0; l < lanes; l++) to[i * lanes + l] += from[i * stride * lanes + l];
      }
    }
  }
}

#undef EACH
