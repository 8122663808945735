// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// How much memory a piece of work needs at its peak.

import Foundation
import Synchronization

/// Notes the growth of resident memory during pieces of work, for the measurement that is made next.
enum PeakMemory {
  private static let noted = Mutex<Int?>(nil)

  /// Runs `body`, and notes by how much resident memory grew at its peak; where the system does not
  /// tell, nothing is noted.
  static func note(_ body: () throws -> Void) rethrows {
    // Glibc's way to give free memory back, where there is one.
    if let trim = dlsym(nil, "malloc_trim") {
      _ = unsafeBitCast(trim, to: (@convention(c) (Int) -> Int32).self)(0)
    }
    // Sets the peak back to what is resident now.
    let reset = (try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))) != nil
    let before = resident("VmRSS")
    try body()
    guard reset, let before, let peak = resident("VmHWM") else { return }
    noted.withLock { $0 = max($0 ?? 0, peak - before) }
  }

  /// The most noted since the last call.
  static func take() -> Int? {
    noted.withLock { value in
      defer { value = nil }
      return value
    }
  }

  /// A field of /proc/self/status, in bytes.
  private static func resident(_ field: String) -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix(field) })
    else { return nil }
    return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }.map { $0 * 1024 }
  }
}
