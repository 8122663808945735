// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Squared norms of combinations of rows in double precision.
#include "include/column_masses.h"

#define LOOP "column_masses_loop.h"
#include "variants.h"

void sketching_column_masses_double(
    ptrdiff_t count, const ptrdiff_t *offsets, const int32_t *indices, const double *values,
    const int32_t *slots, ptrdiff_t width, const double *rows, double *masses,
    sketching_vectors vectors) {
  CHOOSE(masses_double, count, offsets, indices, values, slots, width, rows, masses);
}
