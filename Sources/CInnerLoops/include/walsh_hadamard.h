// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The Walsh-Hadamard transform of rows, in place or of rows with other signs.
#ifndef SKETCHING_WALSH_HADAMARD_H
#define SKETCHING_WALSH_HADAMARD_H

#include <stddef.h>
#include <stdint.h>

#include "vectors.h"

// Each row of n numbers (a power of two) becomes H times itself, H the Sylvester matrix of entries ±1.
// `vectors` must not exceed sketching_widest_vectors(); the bits of the result do not depend on it.
void sketching_walsh_hadamard_float(
    float *x, size_t row_count, size_t n, sketching_vectors vectors);
void sketching_walsh_hadamard_double(
    double *x, size_t row_count, size_t n, sketching_vectors vectors);

// output = H Σ factor · x, n numbers, for a diagonal Σ of −1, 0 and +1 and x padded with zeros from
// its first `count` entries on. Only that many signs are read. The bits are those of the above.
void sketching_signed_hadamard_float(
    const int8_t *signs, const float *x, float factor, size_t count, float *output, size_t n,
    sketching_vectors vectors);
void sketching_signed_hadamard_double(
    const int8_t *signs, const double *x, double factor, size_t count, double *output, size_t n,
    sketching_vectors vectors);

// Which of the n numbers of a transform are kept: of those whose index modulo n / 8 lies in the c-th
// stretch of SKETCHING_STRETCH, the k-th for starts[c] <= k < starts[c + 1], of index i n / 8 +
// c SKETCHING_STRETCH + j with places[k] = i SKETCHING_STRETCH + j, goes to targets[k], or to k where
// `targets` is null.
#define SKETCHING_STRETCH 64
typedef struct {
  const uint32_t *starts;
  const uint16_t *places;
  const int32_t *targets;
} sketching_kept;

// The same transforms for n of 1024 or more, of which only what is kept is written, times `scale`.
// `scratch` is for n numbers.
void sketching_kept_hadamard_float(
    const int8_t *signs, const float *x, float factor, size_t count, float *scratch, size_t n,
    sketching_kept kept, float scale, float *output, sketching_vectors vectors);
void sketching_kept_hadamard_double(
    const int8_t *signs, const double *x, double factor, size_t count, double *scratch, size_t n,
    sketching_kept kept, double scale, double *output, sketching_vectors vectors);

#endif
