// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The error function's dual activation on a row of kernel values.
#ifndef SKETCHING_ERF_DUAL_H
#define SKETCHING_ERF_DUAL_H

#include <stddef.h>

// The dual of scale · erf(rate · x) + shift. For each of n entries, with a = rate q[i q_step],
// b = rate r[i], c = rate² nngp[i] and s = (1 + 2a²)(1 + 2b²):
//   ntk[i] *= (scale rate)² (4/π) / √(s − 4c²)
//   nngp[i] = scale² (2/π) arcsin(2c / √s) + shift²
// q and r hold standard deviations whose squares do not overflow; q_step is 0 or 1. ntk may be null.
// s − 4c² is computed without cancellation, but with the error of a rounded ab − c on processors
// without fused multiplication.
void sketching_erf_dual_double(
    ptrdiff_t n, double scale, double rate, double shift, const double *q, ptrdiff_t q_step,
    const double *r, double *nngp, double *ntk);
void sketching_erf_dual_float(
    ptrdiff_t n, float scale, float rate, float shift, const float *q, ptrdiff_t q_step,
    const float *r, float *nngp, float *ntk);

#endif
