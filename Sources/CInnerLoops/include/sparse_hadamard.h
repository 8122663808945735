// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Some entries of the Walsh-Hadamard transform of a vector with few nonzeros.
#ifndef SKETCHING_SPARSE_HADAMARD_H
#define SKETCHING_SPARSE_HADAMARD_H

#include <stddef.h>
#include <stdint.h>

#include "vectors.h"

// output[k] = scale · Σⱼ H[rows[k], columns[j]] values[j] for `nonzeros` rising columns, with H of
// entries ±1. Additions pair up as in the full transform, in the same order, so the bits are the same.
// merges[j] says how many sums close after nonzero j (see SRHT+Transform.swift); at most 63 are open.
// `vectors` must not exceed sketching_widest_vectors(); the bits of the result do not depend on it.
void sketching_sparse_hadamard_float(
    ptrdiff_t nonzeros, const int32_t *columns, const float *values, const uint8_t *merges,
    ptrdiff_t count, const int32_t *rows, float scale, float *output, sketching_vectors vectors);
void sketching_sparse_hadamard_double(
    ptrdiff_t nonzeros, const int32_t *columns, const double *values, const uint8_t *merges,
    ptrdiff_t count, const int32_t *rows, double scale, double *output, sketching_vectors vectors);

#endif
