// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Scratch memory that a worker keeps, so that inner loops allocate nothing.

/// Scratch memory of one worker, handed out and taken back like a stack.
///
/// The first blocks of work grow it; from then on `withScratch` costs a few instructions. Memory is
/// aligned to 64 bytes and not cleared. Not for use by two threads at once.
public final class Workspace {
  private var chunks: [(memory: UnsafeMutableRawPointer, size: Int)] = []
  private var current = 0
  private var used = 0

  public init() {}

  deinit {
    for chunk in chunks { chunk.memory.deallocate() }
  }

  /// Lends `count` uninitialised numbers to `body` and takes them back when it returns.
  public func withScratch<Element: BitwiseCopyable, Result>(
    _ type: Element.Type, _ count: Int,
    _ body: (UnsafeMutablePointer<Element>) throws -> Result
  ) rethrows -> Result {
    let mark = (current, used)
    defer { (current, used) = mark }
    let bytes = (max(1, count) * MemoryLayout<Element>.stride + 63) & ~63
    return try body(reserve(bytes).bindMemory(to: Element.self, capacity: max(1, count)))
  }

  private func reserve(_ bytes: Int) -> UnsafeMutableRawPointer {
    while current < chunks.count {
      if used + bytes <= chunks[current].size {
        defer { used += bytes }
        return chunks[current].memory + used
      }
      current += 1
      used = 0
    }
    let size = max(bytes, 1 << 16, 2 * (chunks.last?.size ?? 0))
    chunks.append((.allocate(byteCount: size, alignment: 64), size))
    used = bytes
    return chunks[current].memory
  }
}
