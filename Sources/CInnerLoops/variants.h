// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Compiles the file named by LOOP once per number type and instruction set, and chooses among them.
//
// LOOP sees NUMBER, WIDTH (the numbers in a vector) and NAME(base), which makes the names of its
// functions. No product is fused with a sum, so that all variants give the same bits.
#pragma STDC FP_CONTRACT OFF

#define NUMBER float
#define WIDTH 4
#define NAME(base) base##_float_plain
#include LOOP
#undef NUMBER
#undef WIDTH
#undef NAME
#define NUMBER double
#define WIDTH 2
#define NAME(base) base##_double_plain
#include LOOP
#undef NUMBER
#undef WIDTH
#undef NAME

#ifdef __x86_64__

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define NUMBER float
#define WIDTH 8
#define NAME(base) base##_float_avx2
#include LOOP
#undef NUMBER
#undef WIDTH
#undef NAME
#define NUMBER double
#define WIDTH 4
#define NAME(base) base##_double_avx2
#include LOOP
#undef NUMBER
#undef WIDTH
#undef NAME
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl"))), apply_to = function)
#define NUMBER float
#define WIDTH 16
#define NAME(base) base##_float_avx512
#include LOOP
#undef NUMBER
#undef WIDTH
#undef NAME
#define NUMBER double
#define WIDTH 8
#define NAME(base) base##_double_avx512
#include LOOP
#undef NUMBER
#undef WIDTH
#undef NAME
#pragma clang attribute pop

#define CHOOSE(function, ...) \
  if (vectors == sketching_vectors_avx512) { \
    function##_avx512(__VA_ARGS__); \
  } else if (vectors == sketching_vectors_avx2) { \
    function##_avx2(__VA_ARGS__); \
  } else { \
    function##_plain(__VA_ARGS__); \
  }

#else
#define CHOOSE(function, ...) function##_plain(__VA_ARGS__)
#endif
