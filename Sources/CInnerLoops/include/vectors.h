// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The vector instructions that a loop is compiled for, and which of them the processor has.
#ifndef SKETCHING_VECTORS_H
#define SKETCHING_VECTORS_H

// In rising order: a processor that has one has all before it.
typedef enum {
  sketching_vectors_plain,
  sketching_vectors_avx2,
  sketching_vectors_avx512,
} sketching_vectors;

// The widest vectors that this processor has.
sketching_vectors sketching_widest_vectors(void);

#endif
