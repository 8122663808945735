// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
#include "include/vectors.h"

sketching_vectors sketching_widest_vectors(void) {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    const int wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl");
    return wide ? sketching_vectors_avx512 : sketching_vectors_avx2;
  }
#endif
  return sketching_vectors_plain;
}
