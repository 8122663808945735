// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The loop of signs.c, included by variants.h.

static void NAME(expand)(const uint32_t *words, ptrdiff_t count, NUMBER *restrict output) {
  const ptrdiff_t whole = count & ~(ptrdiff_t)31;
  for (ptrdiff_t start = 0; start < whole; start += 32) {
    const uint32_t word = words[start / 32];
    for (int i = 0; i < 32; i++) output[start + i] = (NUMBER)(1 - 2 * (int32_t)(word >> i & 1));
  }
  for (ptrdiff_t i = whole; i < count; i++) {
    output[i] = (NUMBER)(1 - 2 * (int32_t)(words[i / 32] >> (i & 31) & 1));
  }
}
