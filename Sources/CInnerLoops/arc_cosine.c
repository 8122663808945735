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
#pragma push_macro("PRODUCT_MINUS")
#undef PRODUCT_MINUS
#define PRODUCT_MINUS FUSED_PRODUCT_MINUS
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define RELU_DUAL relu_dual_double_avx2
#include "arc_cosine_loop.h"
#undef RELU_DUAL
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,fma"))), apply_to = function)
#define RELU_DUAL relu_dual_double_avx512
#include "arc_cosine_loop.h"
#undef RELU_DUAL
#pragma clang attribute pop
#pragma pop_macro("PRODUCT_MINUS")
#endif
#undef REAL
#undef TAIL
#undef TAIL_COUNT

// arccos(1 − y) / √y and √(2 − y), each over 2π, on [0, 1], interpolated in Chebyshev nodes: relative
// errors of 3e-8.
#define PART_COUNT 8
static const float arccos_part[PART_COUNT] = {
    0.22507907f,    0.018756958f,  0.0042128316f,   0.0013121045f,
    0.00022265814f, 0.0005502404f, -0.00033074766f, 0.00019687544f};
static const float sine_part[PART_COUNT] = {
    0.22507909f,     -0.056270175f,  -0.0070255753f, -0.001820189f,
    -0.00032389342f, -0.00062570174f, 0.00036070574f, -0.00021930701f};

#define REAL float
#define RELU_DUAL relu_dual_float
#include "arc_cosine_single_loop.h"
#undef RELU_DUAL
#ifdef __x86_64__
#pragma push_macro("PRODUCT_MINUS")
#undef PRODUCT_MINUS
#define PRODUCT_MINUS FUSED_PRODUCT_MINUS
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define RELU_DUAL relu_dual_float_avx2
#include "arc_cosine_single_loop.h"
#undef RELU_DUAL
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,fma"))), apply_to = function)
#define RELU_DUAL relu_dual_float_avx512
#include "arc_cosine_single_loop.h"
#undef RELU_DUAL
#pragma clang attribute pop
#pragma pop_macro("PRODUCT_MINUS")
#endif
#undef REAL

void sketching_relu_dual_double(
    ptrdiff_t n, const double *q, const double *inverse_q, ptrdiff_t q_step, const double *r,
    const double *inverse_r, double *nngp, double *ntk) {
  DISPATCH_WIDEST(relu_dual_double, n, q, inverse_q, q_step, r, inverse_r, nngp, ntk);
}

void sketching_relu_dual_float(
    ptrdiff_t n, const float *q, const float *inverse_q, ptrdiff_t q_step, const float *r,
    const float *inverse_r, float *nngp, float *ntk) {
  DISPATCH_WIDEST(relu_dual_float, n, q, inverse_q, q_step, r, inverse_r, nngp, ntk);
}
