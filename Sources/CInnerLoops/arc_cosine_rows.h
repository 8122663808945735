// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Rows of entries of the ReLU's dual, included once per number type and instruction set.
//
// REAL is the type, RELU_DUAL the function's name, ENTRY_NAME(RELU_DUAL) that of one entry. What is left of
// a row after whole vectors goes through one with a mask: entry by entry it would take as long as all.

static inline __attribute__((always_inline)) void LOOP_NAME(RELU_DUAL)(
    ptrdiff_t n, const REAL *restrict q, const REAL *restrict inverse_q, const ptrdiff_t q_step,
    const REAL *restrict r, const REAL *restrict inverse_r, REAL *restrict nngp,
    REAL *restrict ntk, const int with_ntk) {
  const ptrdiff_t whole = n & ~(ptrdiff_t)15;
#pragma clang loop interleave(disable)
  for (ptrdiff_t i = 0; i < whole; i++) {
    ENTRY_NAME(RELU_DUAL)(i, q, inverse_q, q_step, r, inverse_r, nngp, ntk, with_ntk);
  }
#pragma clang loop interleave(disable) vectorize_predicate(enable)
  for (ptrdiff_t i = whole; i < n; i++) {
    ENTRY_NAME(RELU_DUAL)(i, q, inverse_q, q_step, r, inverse_r, nngp, ntk, with_ntk);
  }
}

static void RELU_DUAL(
    ptrdiff_t n, const REAL *q, const REAL *inverse_q, ptrdiff_t q_step, const REAL *r,
    const REAL *inverse_r, REAL *nngp, REAL *ntk) {
  if (ntk && q_step == 0) {
    LOOP_NAME(RELU_DUAL)(n, q, inverse_q, 0, r, inverse_r, nngp, ntk, 1);
  } else if (ntk) {
    LOOP_NAME(RELU_DUAL)(n, q, inverse_q, 1, r, inverse_r, nngp, ntk, 1);
  } else if (q_step == 0) {
    LOOP_NAME(RELU_DUAL)(n, q, inverse_q, 0, r, inverse_r, nngp, ntk, 0);
  } else {
    LOOP_NAME(RELU_DUAL)(n, q, inverse_q, 1, r, inverse_r, nngp, ntk, 0);
  }
}
