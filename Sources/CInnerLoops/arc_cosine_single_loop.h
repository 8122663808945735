// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The loop of arc_cosine.c for single precision, included once per instruction set.
//
// RELU_DUAL is the function's name, PRODUCT_MINUS(x, y, z) is xy − z, rounded once where the processor can.
//
// With y = 1 − |ρ|, arccos |ρ| = √y A(y) and √(1 − ρ²) = √y S(y): one root, and two polynomials that at
// this precision cost less than another root. y comes from the deviations themselves, so that no
// digit is lost near 1. There is no branch, so that the compiler can use vectors.

static inline __attribute__((always_inline)) void ENTRY_NAME(RELU_DUAL)(
    const ptrdiff_t i, const float *restrict q, const float *restrict inverse_q,
    const ptrdiff_t q_step, const float *restrict r, const float *restrict inverse_r,
    float *restrict nngp, float *restrict ntk, const int with_ntk) {
  const float deviation = q[i * q_step], product = deviation * r[i];
  const float covariance = nngp[i], magnitude = covariance < 0 ? -covariance : covariance;
  // In this order nothing overflows, however small one of the two deviations is.
  const float gap =
      PRODUCT_MINUS(deviation, r[i], magnitude) * inverse_q[i * q_step] * inverse_r[i];
  // A sum: chosen by one condition, what it needs would be read under a branch, and the loop has no vectors.
  const float y = (gap < 0 ? 0 : gap) + (product == 0 ? 1.0f : 0.0f);
  const float root = __builtin_elementwise_sqrt(y);
  float angle = arccos_part[PART_COUNT - 1], sine = sine_part[PART_COUNT - 1];
  for (int k = PART_COUNT - 2; k >= 0; k--) {
    angle = angle * y + arccos_part[k];
    sine = sine * y + sine_part[k];
  }
  angle *= root;
  const float kappa0 = covariance < 0 ? angle : 0.5f - angle;
  const float value = product * (root * sine) + covariance * kappa0;
  if (with_ntk) ntk[i] *= kappa0;
  nngp[i] = value < 0 ? 0 : value;
}

#include "arc_cosine_rows.h"
