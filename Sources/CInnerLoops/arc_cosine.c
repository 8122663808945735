// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The ReLU's dual activation for both number types, with the widest vectors the processor has.

#include "include/arc_cosine.h"

#include "arc_sine.h"

#define REAL double
#define TAIL tail_double
#define TAIL_COUNT 12
#define RELU_DUAL relu_dual_double
#include "arc_cosine_loop.h"
#undef RELU_DUAL
#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#pragma push_macro("PRODUCT_MINUS")
#undef PRODUCT_MINUS
#define PRODUCT_MINUS FUSED_PRODUCT_MINUS
#define RELU_DUAL relu_dual_double_avx2
#include "arc_cosine_loop.h"
#undef RELU_DUAL
#pragma pop_macro("PRODUCT_MINUS")
#pragma clang attribute pop
#endif
#undef REAL
#undef TAIL
#undef TAIL_COUNT

#define REAL float
#define TAIL tail_float
#define TAIL_COUNT 6
#define RELU_DUAL relu_dual_float
#include "arc_cosine_loop.h"
#undef RELU_DUAL
#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#pragma push_macro("PRODUCT_MINUS")
#undef PRODUCT_MINUS
#define PRODUCT_MINUS FUSED_PRODUCT_MINUS
#define RELU_DUAL relu_dual_float_avx2
#include "arc_cosine_loop.h"
#undef RELU_DUAL
#pragma pop_macro("PRODUCT_MINUS")
#pragma clang attribute pop
#endif

void sketching_relu_dual_double(
    ptrdiff_t n, const double *q, const double *inverse_q, ptrdiff_t q_step, const double *r,
    const double *inverse_r, double *nngp, double *ntk) {
  DISPATCH(relu_dual_double, n, q, inverse_q, q_step, r, inverse_r, nngp, ntk);
}

void sketching_relu_dual_float(
    ptrdiff_t n, const float *q, const float *inverse_q, ptrdiff_t q_step, const float *r,
    const float *inverse_r, float *nngp, float *ntk) {
  DISPATCH(relu_dual_float, n, q, inverse_q, q_step, r, inverse_r, nngp, ntk);
}
