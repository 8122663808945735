// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The one place that governs OpenBLAS's own threads.

import COpenBLAS

/// OpenBLAS runs on one thread, always.
///
/// Its number of threads is global to the process and changes the last bits of results, so the
/// library splits work itself, into fixed blocks, and never changes this setting again.
enum BLASThreads {
  private static let serial: Void = openblas_set_num_threads(1)

  /// Call before the first BLAS or LAPACK call of any operation. Cost: one load after the first.
  @inline(__always)
  static func keepSerial() { serial }
}
