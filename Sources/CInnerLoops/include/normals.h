// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Standard normal numbers of a stream, many at once.
#ifndef SKETCHING_NORMALS_H
#define SKETCHING_NORMALS_H

#include <stddef.h>
#include <stdint.h>

#include "vectors.h"

// Writes the 4 · count normal numbers of the blocks first, first + 1, … under a Philox key, each times
// scale; the product is rounded to double and then to the type of the output.
// `vectors` must not exceed sketching_widest_vectors(); the bits of the result do not depend on it.
void sketching_normals_double(
    uint64_t key, uint64_t first, ptrdiff_t count, double scale, double *output,
    sketching_vectors vectors);
void sketching_normals_float(
    uint64_t key, uint64_t first, ptrdiff_t count, double scale, float *output,
    sketching_vectors vectors);

#endif
