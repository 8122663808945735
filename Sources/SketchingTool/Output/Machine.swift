// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What figures depend on besides the program: processor and memory.

import Foundation

enum Machine {
  /// The processor's name.
  static var processor: String {
    field("model name", of: "/proc/cpuinfo") ?? "an unknown processor"
  }

  /// The most memory that this process has held, in megabytes; 0 if the system does not tell.
  static var peakMegabytes: Int {
    let kilobytes = field("VmHWM", of: "/proc/self/status")?.split(separator: " ").first
    return (kilobytes.flatMap { Int($0) } ?? 0) * 1024 / 1_000_000
  }

  /// What follows `name` and a colon in a file of the kernel's.
  private static func field(_ name: String, of path: String) -> String? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
    return line?.split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
  }
}
