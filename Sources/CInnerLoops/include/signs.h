// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Random signs, stored as bits, as numbers.
#ifndef SKETCHING_SIGNS_H
#define SKETCHING_SIGNS_H

#include <stddef.h>
#include <stdint.h>

#include "vectors.h"

// Writes +1 where a bit of `words` is 0 and −1 where it is 1, lowest bits first; `count` of them.
void sketching_signs_float(
    const uint32_t *words, ptrdiff_t count, float *output, sketching_vectors vectors);
void sketching_signs_double(
    const uint32_t *words, ptrdiff_t count, double *output, sketching_vectors vectors);

#endif
