// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The ReLU's dual activation on a row of kernel values: the arc-cosine maps of order 0 and 1.
#ifndef SKETCHING_ARC_COSINE_H
#define SKETCHING_ARC_COSINE_H

#include <stddef.h>

// For each of n entries, with p = q[i q_step], s = p r[i], ρ = nngp[i] / s clipped to [-1, 1] and
// θ = arccos ρ:
//   ntk[i]  *= κ₀(ρ) / 2,    κ₀(ρ) = (π − θ) / π
//   nngp[i]  = s κ₁(ρ) / 2,  κ₁(ρ) = (sin θ + (π − θ) ρ) / π
// q and r hold standard deviations, the inverses their reciprocals, or 0 where they vanish; q_step is
// 0 or 1. ntk may be null. Errors of κ₀ and κ₁: below 4e-16 in double, 3e-7 in float; on processors
// without fused multiplication, κ₀ near |ρ| = 1 has the error of a rounded ρ.
void sketching_relu_dual_double(
    ptrdiff_t n, const double *q, const double *inverse_q, ptrdiff_t q_step, const double *r,
    const double *inverse_r, double *nngp, double *ntk);
void sketching_relu_dual_float(
    ptrdiff_t n, const float *q, const float *inverse_q, ptrdiff_t q_step, const float *r,
    const float *inverse_r, float *nngp, float *ntk);

#endif
