// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The loop of gelu_dual.c, included once per number type and instruction set; names as in
// arc_cosine_loop.h.
//
// With w = 1 / √((1 + a)(1 + b)) and x = |k| w = |cos θ|: for x ≤ 1/2, θ = π/2 ± arcsin x; above,
// arccos x = 2 arcsin √((1 − x)/2), where 1 − x = sin² θ / (1 + x) and sin² θ is a sum of positive terms.

static inline __attribute__((always_inline)) void LOOP_NAME(GELU_DUAL)(
    ptrdiff_t n, const REAL *restrict q, const ptrdiff_t q_step, const REAL *restrict r,
    REAL *restrict nngp, REAL *restrict ntk, const int with_ntk) {
  const REAL pi = (REAL)3.14159265358979323846, half_pi = (REAL)1.57079632679489661923;
  const REAL inverse_turn = (REAL)0.159154943091895335769;
  for (ptrdiff_t i = 0; i < n; i++) {
    const REAL a = q[i * q_step] * q[i * q_step], b = r[i] * r[i];
    const REAL inverse_a = 1 / (1 + a), inverse_b = 1 / (1 + b);
    const REAL weight =
        __builtin_elementwise_sqrt(inverse_a) * __builtin_elementwise_sqrt(inverse_b);
    const REAL magnitude = nngp[i] < 0 ? -nngp[i] : nngp[i];
    const REAL difference = PRODUCT_MINUS(q[i * q_step], r[i], magnitude);
    const REAL gap = difference < 0 ? 0 : difference;
    const REAL product = q[i * q_step] * r[i];
    const REAL covariance = magnitude > product ? product : magnitude;  // NaN stays NaN
    // (1 + a + b) w² and (ab − k²) w².
    const REAL excess = inverse_a + inverse_b - inverse_a * inverse_b;
    const REAL sine_squared = excess + (gap * weight) * ((product + covariance) * weight);
    const REAL sine = __builtin_elementwise_sqrt(sine_squared);
    const REAL scaled = covariance * weight;
    const REAL x = scaled > 1 ? 1 : scaled;
    const int near_one = x > (REAL)0.5;
    const REAL z = near_one ? (REAL)0.5 * sine_squared / (1 + x) : x * x;
    const REAL root = near_one ? __builtin_elementwise_sqrt(z) : x;
    REAL tail = TAIL[TAIL_COUNT - 1];
    for (int k = TAIL_COUNT - 2; k >= 0; k--) tail = tail * z + TAIL[k];
    const REAL arcsine = root + root * z * tail;
    const REAL acute = near_one ? 2 * arcsine : half_pi - arcsine;
    const REAL angle = nngp[i] < 0 ? acute : pi - acute;
    const REAL signed_covariance = nngp[i] < 0 ? -covariance : covariance;
    const REAL inverse_root = weight / sine;
    const REAL square = scaled * scaled;
    if (with_ntk) {
      const REAL slope = (excess + 2 * inverse_a * inverse_b) + square * (inverse_root * inverse_root);
      ntk[i] *= inverse_turn * (angle + signed_covariance * inverse_root * slope);
    }
    nngp[i] = inverse_turn * (signed_covariance * angle + square * inverse_root +
                              (a * inverse_a) * (b * inverse_b) * (sine / weight));
  }
}

static void GELU_DUAL(
    ptrdiff_t n, const REAL *q, ptrdiff_t q_step, const REAL *r, REAL *nngp, REAL *ntk) {
  if (ntk && q_step == 0) {
    LOOP_NAME(GELU_DUAL)(n, q, 0, r, nngp, ntk, 1);
  } else if (ntk) {
    LOOP_NAME(GELU_DUAL)(n, q, 1, r, nngp, ntk, 1);
  } else if (q_step == 0) {
    LOOP_NAME(GELU_DUAL)(n, q, 0, r, nngp, ntk, 0);
  } else {
    LOOP_NAME(GELU_DUAL)(n, q, 1, r, nngp, ntk, 0);
  }
}
