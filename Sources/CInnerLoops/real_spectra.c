// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Spectra of real vectors for both number types.
#include "include/real_spectra.h"

#define LOOP "real_spectra_loop.h"
#include "variants.h"

void sketching_split_spectrum_float(
    float *z, ptrdiff_t n, const float *cosines, const float *sines, sketching_vectors vectors) {
  CHOOSE(split_float, z, n, cosines, sines);
}

void sketching_split_spectrum_double(
    double *z, ptrdiff_t n, const double *cosines, const double *sines,
    sketching_vectors vectors) {
  CHOOSE(split_double, z, n, cosines, sines);
}

void sketching_merge_spectrum_float(
    float *z, ptrdiff_t n, const float *cosines, const float *sines, sketching_vectors vectors) {
  CHOOSE(merge_float, z, n, cosines, sines);
}

void sketching_merge_spectrum_double(
    double *z, ptrdiff_t n, const double *cosines, const double *sines,
    sketching_vectors vectors) {
  CHOOSE(merge_double, z, n, cosines, sines);
}

void sketching_multiply_spectra_float(
    const float *x, float *y, ptrdiff_t count, sketching_vectors vectors) {
  CHOOSE(multiply_float, x, y, count);
}

void sketching_multiply_spectra_double(
    const double *x, double *y, ptrdiff_t count, sketching_vectors vectors) {
  CHOOSE(multiply_double, x, y, count);
}
