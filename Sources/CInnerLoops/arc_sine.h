// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What loops with an arcsine share: its polynomial, the fused product, the choice of instructions.
#ifndef SKETCHING_ARC_SINE_H
#define SKETCHING_ARC_SINE_H

#include "include/vectors.h"

// (arcsin √z / √z − 1) / z on [0, 1/4], interpolated in Chebyshev nodes: it moves arcsin by less
// than 6e-17 relatively in double, 2e-9 in float.
static const double tail_double[] = {
    0.1666666666666665,    0.07500000000020764,  0.044642857103423646, 0.03038194736709848,
    0.02237204763174451,   0.017355259955786323, 0.013929652902326633, 0.011875494382636924,
    0.007802949477353317,  0.016035514349148825, -0.010749050339697811, 0.028169218060881414};
static const float tail_float[] = {
    0.16666666f, 0.07500094f, 0.044599403f, 0.031100662f, 0.017149238f, 0.033690847f};

#define JOIN(a, b) a##b
#define LOOP_NAME(name) JOIN(name, _loop)
#define ENTRY_NAME(name) JOIN(name, _entry)

// A processor with wide vectors rounds xy − z once; calls in place of the instruction would be slow.
#ifdef __x86_64__
#define PRODUCT_MINUS(x, y, z) ((x) * (y) - (z))
#else
#define PRODUCT_MINUS(x, y, z) __builtin_elementwise_fma(x, y, -(z))
#endif
#define FUSED_PRODUCT_MINUS(x, y, z) __builtin_elementwise_fma(x, y, -(z))

#ifdef __x86_64__
#define DISPATCH(name, ...) \
  (sketching_widest_vectors() == sketching_vectors_plain ? name : name##_avx2)(__VA_ARGS__)
// Of functions that have a form for 512-bit vectors too.
#define DISPATCH_WIDEST(name, ...) \
  (sketching_widest_vectors() == sketching_vectors_avx512 ? name##_avx512 \
   : sketching_widest_vectors() == sketching_vectors_avx2 ? name##_avx2 \
                                                          : name)(__VA_ARGS__)
#else
#define DISPATCH(name, ...) name(__VA_ARGS__)
#define DISPATCH_WIDEST(name, ...) name(__VA_ARGS__)
#endif

#endif
