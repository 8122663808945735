// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The loop of arc_cosine.c, included once per number type and instruction set.
//
// REAL is the type, RELU_DUAL the function's name, TAIL an array of polynomial coefficients, and
// PRODUCT_MINUS(x, y, z) is xy − z, rounded once where the processor can.
//
// With x = |ρ|: for x ≤ 1/2, arccos x = π/2 − arcsin x; above, arccos x = 2 arcsin √((1 − x)/2), where
// 1 − x comes from the deviations themselves, so that no digit is lost near 1. There is no branch, so
// that the compiler can use vectors.

static inline __attribute__((always_inline)) void ENTRY_NAME(RELU_DUAL)(
    const ptrdiff_t i, const REAL *restrict q, const REAL *restrict inverse_q,
    const ptrdiff_t q_step, const REAL *restrict r, const REAL *restrict inverse_r,
    REAL *restrict nngp, REAL *restrict ntk, const int with_ntk) {
  const REAL half_pi = (REAL)1.57079632679489661923, inverse_pi = (REAL)0.318309886183790671538;
  const REAL deviation = q[i * q_step], inverse = inverse_q[i * q_step];
  // In this order nothing overflows, however small one of the two deviations is.
  const REAL rho = nngp[i] * inverse * inverse_r[i];
  const REAL magnitude = rho < 0 ? -rho : rho;
  const REAL x = magnitude > 1 ? 1 : magnitude;  // NaN stays NaN
  const int near_one = x > (REAL)0.5;
  const REAL covariance = nngp[i] < 0 ? -nngp[i] : nngp[i];
  const REAL gap = PRODUCT_MINUS(deviation, r[i], covariance) * inverse * inverse_r[i];
  const REAL y = near_one ? (gap < 0 ? 0 : gap) : 1 - x;
  const REAL sine = __builtin_elementwise_sqrt(y * (1 + x));
  const REAL z = near_one ? (REAL)0.5 * y : x * x;
  const REAL root = near_one ? __builtin_elementwise_sqrt((REAL)0.5 * y) : x;
  REAL tail = TAIL[TAIL_COUNT - 1];
  for (int k = TAIL_COUNT - 2; k >= 0; k--) tail = tail * z + TAIL[k];
  const REAL arcsine = root + root * z * tail;
  const REAL angle = (near_one ? 2 * arcsine : half_pi - arcsine) * inverse_pi;
  const REAL kappa0 = rho < 0 ? angle : 1 - angle;
  const REAL kappa1 = sine * inverse_pi + (rho < 0 ? -x : x) * kappa0;
  if (with_ntk) ntk[i] *= (REAL)0.5 * kappa0;
  nngp[i] = deviation * r[i] * (REAL)0.5 * (kappa1 < 0 ? 0 : kappa1);
}

#include "arc_cosine_rows.h"
