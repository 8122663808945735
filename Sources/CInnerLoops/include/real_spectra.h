// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Spectra of real vectors from complex transforms of half the length, and back.
#ifndef SKETCHING_REAL_SPECTRA_H
#define SKETCHING_REAL_SPECTRA_H

#include <stddef.h>

#include "vectors.h"

// Complex numbers are pairs, and cosines[k − 1] + i sines[k − 1] = exp(2πik/2n) for k = 1 … n/2.
// `vectors` must not exceed sketching_widest_vectors(); the bits do not depend on it.

// From the transform of x₀ + i x₁, x₂ + i x₃, …, n pairs, to the n + 1 of the spectrum of x, in place.
void sketching_split_spectrum_float(
    float *z, ptrdiff_t n, const float *cosines, const float *sines, sketching_vectors vectors);
void sketching_split_spectrum_double(
    double *z, ptrdiff_t n, const double *cosines, const double *sines,
    sketching_vectors vectors);

// Back, times 2. The imaginary parts of the first and last of the n + 1 pairs are taken as zero.
void sketching_merge_spectrum_float(
    float *z, ptrdiff_t n, const float *cosines, const float *sines, sketching_vectors vectors);
void sketching_merge_spectrum_double(
    double *z, ptrdiff_t n, const double *cosines, const double *sines,
    sketching_vectors vectors);

// y ← x y, pair by pair.
void sketching_multiply_spectra_float(
    const float *x, float *y, ptrdiff_t count, sketching_vectors vectors);
void sketching_multiply_spectra_double(
    const double *x, double *y, ptrdiff_t count, sketching_vectors vectors);

#endif
