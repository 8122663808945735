// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The loop from bits to signs for both number types.
#include "include/signs.h"

#define LOOP "signs_loop.h"
#include "variants.h"

void sketching_signs_float(
    const uint32_t *words, ptrdiff_t count, float *output, sketching_vectors vectors) {
  CHOOSE(expand_float, words, count, output);
}

void sketching_signs_double(
    const uint32_t *words, ptrdiff_t count, double *output, sketching_vectors vectors) {
  CHOOSE(expand_double, words, count, output);
}
