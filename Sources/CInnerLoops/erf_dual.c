// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The error function's dual activation for both number types, with the widest vectors the processor has.

#include "include/erf_dual.h"

#include "arc_sine.h"

#define REAL double
#define TAIL tail_double
#define TAIL_COUNT 12
#define ERF_DUAL erf_dual_double
#include "erf_dual_loop.h"
#undef ERF_DUAL
#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#pragma push_macro("PRODUCT_MINUS")
#undef PRODUCT_MINUS
#define PRODUCT_MINUS FUSED_PRODUCT_MINUS
#define ERF_DUAL erf_dual_double_avx2
#include "erf_dual_loop.h"
#undef ERF_DUAL
#pragma pop_macro("PRODUCT_MINUS")
#pragma clang attribute pop
#endif
#undef REAL
#undef TAIL
#undef TAIL_COUNT

#define REAL float
#define TAIL tail_float
#define TAIL_COUNT 6
#define ERF_DUAL erf_dual_float
#include "erf_dual_loop.h"
#undef ERF_DUAL
#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#pragma push_macro("PRODUCT_MINUS")
#undef PRODUCT_MINUS
#define PRODUCT_MINUS FUSED_PRODUCT_MINUS
#define ERF_DUAL erf_dual_float_avx2
#include "erf_dual_loop.h"
#undef ERF_DUAL
#pragma pop_macro("PRODUCT_MINUS")
#pragma clang attribute pop
#endif

void sketching_erf_dual_double(
    ptrdiff_t n, double scale, double rate, double shift, const double *q, ptrdiff_t q_step,
    const double *r, double *nngp, double *ntk) {
  DISPATCH(erf_dual_double, n, scale, rate, shift, q, q_step, r, nngp, ntk);
}

void sketching_erf_dual_float(
    ptrdiff_t n, float scale, float rate, float shift, const float *q, ptrdiff_t q_step,
    const float *r, float *nngp, float *ntk) {
  DISPATCH(erf_dual_float, n, scale, rate, shift, q, q_step, r, nngp, ntk);
}
