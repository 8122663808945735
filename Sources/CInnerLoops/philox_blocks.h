// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Philox4x32-10 of blocks in a row, their words side by side in arrays, so that the compiler uses vectors.
//
// A macro, so that it is compiled for the instruction set of the loop around it.
#ifndef SKETCHING_PHILOX_BLOCKS_H
#define SKETCHING_PHILOX_BLOCKS_H

// Fills w[0] to w[3], each of at least `size` words, with the words of `size` blocks from number `from` on.
#define PHILOX_BLOCKS(key, from, size, w) \
  for (ptrdiff_t i = 0; i < (size); i++) { \
    const uint64_t block = (from) + (uint64_t)i; \
    w[0][i] = (uint32_t)block; \
    w[1][i] = (uint32_t)(block >> 32); \
    w[2][i] = w[3][i] = 0; \
  } \
  uint32_t k0 = (uint32_t)(key), k1 = (uint32_t)((key) >> 32); \
  for (int round = 0; round < 10; round++) { \
    for (ptrdiff_t i = 0; i < (size); i++) { \
      const uint64_t a = (uint64_t)w[0][i] * 0xD2511F53u, b = (uint64_t)w[2][i] * 0xCD9E8D57u; \
      w[0][i] = (uint32_t)(b >> 32) ^ w[1][i] ^ k0; \
      w[2][i] = (uint32_t)(a >> 32) ^ w[3][i] ^ k1; \
      w[1][i] = (uint32_t)b; \
      w[3][i] = (uint32_t)a; \
    } \
    k0 += 0x9E3779B9u; \
    k1 += 0xBB67AE85u; \
  }

#endif
