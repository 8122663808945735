// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Cosines and sines of many angles.
#ifndef SKETCHING_SINE_COSINE_H
#define SKETCHING_SINE_COSINE_H

#include <stddef.h>

#include "vectors.h"

// cosines[i] = scale cos x[i] and sines[i] = scale sin x[i] for n angles; the arrays must not overlap.
// Errors below 1e-15 scale in double, 2e-7 scale in float, for angles of any size (of 10⁶ and more by
// the C library). NaN and infinity give NaN. `vectors` must not exceed sketching_widest_vectors().
void sketching_sine_cosine_double(
    ptrdiff_t n, const double *x, double scale, double *cosines, double *sines,
    sketching_vectors vectors);
void sketching_sine_cosine_float(
    ptrdiff_t n, const float *x, float scale, float *cosines, float *sines,
    sketching_vectors vectors);

#endif
