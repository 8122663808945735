// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Large memory in large pages, of which fewer must be made and looked up.

#if canImport(Glibc)
  import Glibc
#endif

extension UnsafeMutableBufferPointer {
  /// Asks the system for pages of 2 MB, not 4 KB, if the memory is large; call it before the first
  /// use. Without effect where there are none.
  func preferLargePages() {
    #if canImport(Glibc)
      let (pageSize, least) = (4096, 4 << 20)
      let size = count * MemoryLayout<Element>.stride
      guard size >= least, let base = baseAddress else { return }
      let start = (UInt(bitPattern: base) + UInt(pageSize - 1)) & ~UInt(pageSize - 1)
      let end = (UInt(bitPattern: base) + UInt(size)) & ~UInt(pageSize - 1)
      madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), MADV_HUGEPAGE)
    #endif
  }
}
