// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The GELU's dual activation on a row of kernel values.
#ifndef SKETCHING_GELU_DUAL_H
#define SKETCHING_GELU_DUAL_H

#include <stddef.h>

// The dual of x Φ(x). For each of n entries, with a = q[i q_step]², b = r[i]², k = nngp[i],
// p = (1 + a)(1 + b), d = p − k² and θ = arccos(−k / √p):
//   ntk[i] *= (θ + (k / √d) ((3 + a + b) / p + k² / (p d))) / 2π
//   nngp[i] = (k θ + (k² / p + (ab / p) d) / √d) / 2π
// q and r hold standard deviations whose squares do not overflow; q_step is 0 or 1. ntk may be null.
// d is computed without cancellation, but with the error of a rounded √(ab) − |k| on processors
// without fused multiplication.
void sketching_gelu_dual_double(
    ptrdiff_t n, const double *q, ptrdiff_t q_step, const double *r, double *nngp, double *ntk);
void sketching_gelu_dual_float(
    ptrdiff_t n, const float *q, ptrdiff_t q_step, const float *r, float *nngp, float *ntk);

#endif
