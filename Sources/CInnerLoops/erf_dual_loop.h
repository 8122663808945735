// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The loop of erf_dual.c, included once per number type and instruction set; names as in
// arc_cosine_loop.h.
//
// With x = |sin θ| = |2c| / √s: for x ≤ 1/2, θ = arcsin x; above, θ = π/2 − 2 arcsin √((1 − x)/2), where
// 1 − x = cos² θ / (1 + x) and cos² θ is a sum of positive terms.

static inline __attribute__((always_inline)) void LOOP_NAME(ERF_DUAL)(
    ptrdiff_t n, REAL scale, REAL rate, REAL shift, const REAL *restrict q, const ptrdiff_t q_step,
    const REAL *restrict r, REAL *restrict nngp, REAL *restrict ntk, const int with_ntk) {
  const REAL half_pi = (REAL)1.57079632679489661923;
  const REAL factor = scale * scale * (REAL)0.636619772367581343076, constant = shift * shift;
  const REAL square = rate * rate, slope = 2 * square * factor;
  for (ptrdiff_t i = 0; i < n; i++) {
    const REAL a = q[i * q_step] * q[i * q_step] * square, b = r[i] * r[i] * square;
    const REAL inverse_a = 1 / (1 + 2 * a), inverse_b = 1 / (1 + 2 * b);
    const REAL weight = __builtin_elementwise_sqrt(inverse_a * inverse_b);
    const REAL covariance = nngp[i] < 0 ? -nngp[i] : nngp[i];
    const REAL scaled = square * weight;
    const REAL gap = PRODUCT_MINUS(q[i * q_step], r[i], covariance);
    const REAL sum = q[i * q_step] * r[i] + covariance;
    const REAL cosine_squared =
        inverse_a * inverse_b * (1 + 2 * a + 2 * b) +
        4 * ((gap < 0 ? 0 : gap) * scaled) * (sum * scaled);
    const REAL cosine = __builtin_elementwise_sqrt(cosine_squared);
    const REAL magnitude = 2 * covariance * scaled;
    const REAL x = magnitude > 1 ? 1 : magnitude;  // NaN stays NaN
    const int near_one = x > (REAL)0.5;
    const REAL z = near_one ? (REAL)0.5 * cosine_squared / (1 + x) : x * x;
    const REAL root = near_one ? __builtin_elementwise_sqrt(z) : x;
    REAL tail = TAIL[TAIL_COUNT - 1];
    for (int k = TAIL_COUNT - 2; k >= 0; k--) tail = tail * z + TAIL[k];
    const REAL arcsine = root + root * z * tail;
    const REAL angle = near_one ? half_pi - 2 * arcsine : arcsine;
    if (with_ntk) ntk[i] *= slope * weight / cosine;
    nngp[i] = (nngp[i] < 0 ? -factor : factor) * angle + constant;
  }
}

static void ERF_DUAL(
    ptrdiff_t n, REAL scale, REAL rate, REAL shift, const REAL *q, ptrdiff_t q_step, const REAL *r,
    REAL *nngp, REAL *ntk) {
  if (ntk && q_step == 0) {
    LOOP_NAME(ERF_DUAL)(n, scale, rate, shift, q, 0, r, nngp, ntk, 1);
  } else if (ntk) {
    LOOP_NAME(ERF_DUAL)(n, scale, rate, shift, q, 1, r, nngp, ntk, 1);
  } else if (q_step == 0) {
    LOOP_NAME(ERF_DUAL)(n, scale, rate, shift, q, 0, r, nngp, ntk, 0);
  } else {
    LOOP_NAME(ERF_DUAL)(n, scale, rate, shift, q, 1, r, nngp, ntk, 0);
  }
}
