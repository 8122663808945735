// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Random words of a stream, many at once: at any places, or in a row.
#include "include/scattered_words.h"
#include "philox_blocks.h"

#include <string.h>

#define FILL fill_plain
#define LANES 2
#include "scattered_words_loop.h"
#define FILL fill_row_plain
#include "consecutive_words_loop.h"
#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define FILL fill_avx2
#define LANES 4
#include "scattered_words_loop.h"
#define FILL fill_row_avx2
#include "consecutive_words_loop.h"
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl"))), apply_to = function)
#define FILL fill_avx512
#define LANES 8
#include "scattered_words_loop.h"
#define FILL fill_row_avx512
#include "consecutive_words_loop.h"
#pragma clang attribute pop
#endif

void sketching_scattered_words(
    uint64_t key, const int32_t *indices, int shift, ptrdiff_t count, uint32_t *output,
    sketching_vectors vectors) {
#ifdef __x86_64__
  if (vectors == sketching_vectors_avx512) {
    fill_avx512(key, indices, shift, count, output);
    return;
  }
  if (vectors == sketching_vectors_avx2) {
    fill_avx2(key, indices, shift, count, output);
    return;
  }
#endif
  fill_plain(key, indices, shift, count, output);
}

void sketching_consecutive_words(
    uint64_t key, uint64_t first, ptrdiff_t count, uint32_t *output, sketching_vectors vectors) {
#ifdef __x86_64__
  if (vectors == sketching_vectors_avx512) {
    fill_row_avx512(key, first, count, output);
    return;
  }
  if (vectors == sketching_vectors_avx2) {
    fill_row_avx2(key, first, count, output);
    return;
  }
#endif
  fill_row_plain(key, first, count, output);
}
