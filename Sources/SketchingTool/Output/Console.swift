// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What the command says: results on standard output, all else on standard error.

import Foundation
import Sketching

struct Console: Sendable {
  var json: Bool
  var quiet: Bool

  /// Says something in passing.
  func note(_ text: String) {
    if !quiet { Self.write(text) }
  }

  /// Prints the result: as one JSON object, or as text.
  func result(_ value: some Encodable, _ text: String) throws {
    print(json ? try Self.json(value) : text)
  }

  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// Writes a line to standard error.
  static func write(_ line: String) { put(line + "\n") }

  /// Writes to standard error; that it may be closed is nobody's concern.
  static func put(_ text: String) {
    var text = text
    text.withUTF8 { _ = Foundation.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}

/// A number of bytes in words.
func byteCount(_ bytes: Double) -> String {
  let units = ["bytes", "kB", "MB", "GB", "TB", "PB"]
  var (value, unit) = (bytes, 0)
  while value >= 1000, unit < units.count - 1 {
    value /= 1000
    unit += 1
  }
  return (unit == 0 ? String(format: "%.0f ", value) : String(format: "%.1f ", value)) + units[unit]
}
