// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
#include "include/vectors.h"

#ifdef __x86_64__
static sketching_vectors widest = sketching_vectors_plain;

__attribute__((constructor)) static void ask_processor(void) {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    const int wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl");
    widest = wide ? sketching_vectors_avx512 : sketching_vectors_avx2;
  }
}

sketching_vectors sketching_widest_vectors(void) { return widest; }
#else
sketching_vectors sketching_widest_vectors(void) { return sketching_vectors_plain; }
#endif
