// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The GELU's dual activation for both number types, with the widest vectors the processor has.

#include "include/gelu_dual.h"

#include "arc_sine.h"

#define REAL double
#define TAIL tail_double
#define TAIL_COUNT 12
#define GELU_DUAL gelu_dual_double
#include "gelu_dual_loop.h"
#undef GELU_DUAL
#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#pragma push_macro("PRODUCT_MINUS")
#undef PRODUCT_MINUS
#define PRODUCT_MINUS FUSED_PRODUCT_MINUS
#define GELU_DUAL gelu_dual_double_avx2
#include "gelu_dual_loop.h"
#undef GELU_DUAL
#pragma pop_macro("PRODUCT_MINUS")
#pragma clang attribute pop
#endif
#undef REAL
#undef TAIL
#undef TAIL_COUNT

#define REAL float
#define TAIL tail_float
#define TAIL_COUNT 6
#define GELU_DUAL gelu_dual_float
#include "gelu_dual_loop.h"
#undef GELU_DUAL
#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#pragma push_macro("PRODUCT_MINUS")
#undef PRODUCT_MINUS
#define PRODUCT_MINUS FUSED_PRODUCT_MINUS
#define GELU_DUAL gelu_dual_float_avx2
#include "gelu_dual_loop.h"
#undef GELU_DUAL
#pragma pop_macro("PRODUCT_MINUS")
#pragma clang attribute pop
#endif

void sketching_gelu_dual_double(
    ptrdiff_t n, const double *q, ptrdiff_t q_step, const double *r, double *nngp, double *ntk) {
  DISPATCH(gelu_dual_double, n, q, q_step, r, nngp, ntk);
}

void sketching_gelu_dual_float(
    ptrdiff_t n, const float *q, ptrdiff_t q_step, const float *r, float *nngp, float *ntk) {
  DISPATCH(gelu_dual_float, n, q, q_step, r, nngp, ntk);
}
