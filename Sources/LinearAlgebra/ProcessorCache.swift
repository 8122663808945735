// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What the processor keeps close to each core.

#if canImport(Glibc)
  import Glibc
#endif

/// The caches of the processor at hand: they decide how loops go through memory, never what they compute.
package enum ProcessorCache {
  /// The bytes of one core's second cache; 1 MB where the system does not tell.
  package static let secondLevelSize: Int = {
    #if canImport(Glibc)
      let size = sysconf(Int32(_SC_LEVEL2_CACHE_SIZE))
      if size > 0 { return size }
    #endif
    return 1 << 20
  }()
}
