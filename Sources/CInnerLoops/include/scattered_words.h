// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Random words of a stream: at any places, or in a row.
#ifndef SKETCHING_SCATTERED_WORDS_H
#define SKETCHING_SCATTERED_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "vectors.h"

// Writes the 32-bit words number `indices[i] >> shift` of the Philox4x32-10 stream of a key, `count` of
// them, with equal bits on every processor.
void sketching_scattered_words(
    uint64_t key, const int32_t *indices, int shift, ptrdiff_t count, uint32_t *output,
    sketching_vectors vectors);

// Writes the four words of each of `count` blocks from number `first` on, likewise.
void sketching_consecutive_words(
    uint64_t key, uint64_t first, ptrdiff_t count, uint32_t *output, sketching_vectors vectors);

#endif
