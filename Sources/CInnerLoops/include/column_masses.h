// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Squared norms of combinations of rows, one for each sparse column.
#ifndef SKETCHING_COLUMN_MASSES_H
#define SKETCHING_COLUMN_MASSES_H

#include <stddef.h>
#include <stdint.h>

#include "vectors.h"

// masses[i] = |Σ_k values[k] · rows[slots[indices[k]]]|² over the entries k of column i, which are those
// from offsets[i] − offsets[0] to offsets[i + 1] − offsets[0]; `rows` has `width` numbers in a row, and
// entries whose slot is below 0 are left out.
// `vectors` must not exceed sketching_widest_vectors(); the bits of the result do not depend on it.
void sketching_column_masses_double(
    ptrdiff_t count, const ptrdiff_t *offsets, const int32_t *indices, const double *values,
    const int32_t *slots, ptrdiff_t width, const double *rows, double *masses,
    sketching_vectors vectors);

#endif
