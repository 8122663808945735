// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The error for files that cannot be read, written or understood.

import Foundation

/// A file that cannot be read, written or understood: which one, where in it, what was found there,
/// what would be right.
///
/// Its description reads `train.csv, line 7: found 3 fields; expected 4 fields`.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  public let path: String
  /// Where in the file, such as `line 7`, if that is known.
  public let place: String?
  public let found: String
  public let expected: String

  public init(_ path: String, at place: String? = nil, found: String, expected: String) {
    self.path = path
    self.place = place
    self.found = found
    self.expected = expected
  }

  public var description: String {
    "\(path)\(place.map { ", \($0)" } ?? ""): found \(found); expected \(expected)"
  }

  /// What the system said of its last failure, as `errno` holds it.
  static func system(_ path: String, expected: String, code: Int32 = errno) -> FileError {
    FileError(path, found: "\"\(String(cString: strerror(code)))\"", expected: expected)
  }

  /// Bytes of a file as a message can show them: quoted, escaped, shortened.
  static func quote(_ bytes: UnsafeRawBufferPointer) -> String {
    let shown = String(decoding: bytes.prefix(40), as: UTF8.self)
    return shown.debugDescription + (bytes.count > 40 ? "…" : "")
  }
}
