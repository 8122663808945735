// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The loops that anyone would write first, as yardsticks.
#ifndef PLAIN_LOOPS_H
#define PLAIN_LOOPS_H

#include <stddef.h>
#include <stdint.h>

/// S A for a CountSketch S: row i of A, times its sign, is added to row bucket[i] of the output.
void plain_count_sketch(
    ptrdiff_t rows, ptrdiff_t columns, const float *a, const int32_t *bucket, const float *sign,
    ptrdiff_t buckets, float *output);

/// S A for a sparse S: row i of A, times sign[k], is added to row bucket[k] of the output, for the
/// `nonzeros` places k from i · nonzeros on.
void plain_sparse_signs(
    ptrdiff_t rows, ptrdiff_t columns, const float *a, ptrdiff_t nonzeros, const int32_t *bucket,
    const float *sign, ptrdiff_t buckets, float *output);

/// The Walsh-Hadamard transform of n floats in place, n a power of two, one radix-2 stage at a time.
void plain_walsh_hadamard(ptrdiff_t n, float *x);

/// The sum of n floats, n a multiple of 32: what reading them takes.
float plain_sum(ptrdiff_t n, const float *x);

/// Makes 160 · n multiplications and as many additions of floats, all in registers and with the widest
/// vectors: as fast as the processor can.
float plain_multiply_adds(ptrdiff_t n);

#endif
