// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Stored values that show when they were changed.

import Foundation
import Sketching

/// An object of JSON whose first entry is the checksum of the rest, so that a file that was damaged or edited
/// is refused, not read as another value.
enum SealedText {
  private static let start = "{\n"
  private static let head = "  \"checksum\" : \""
  private static let tail = "\",\n"

  /// The text of a value.
  static func text(of value: some Encodable) throws -> String { seal(try Console.json(value)) }

  /// A text of `Console.json` with its checksum.
  static func seal(_ json: String) -> String {
    precondition(json.hasPrefix(start), "objects are printed over several lines")
    return start + head + json.checksum + tail + json.dropFirst(start.count)
  }

  /// Throws `InvalidInput` unless the checksum of a sealed text is there and right.
  static func check(_ text: String) throws {
    let rest = text.dropFirst(start.count + head.count)
    let (found, after) = (String(rest.prefix(8)), rest.dropFirst(8))
    guard text.hasPrefix(start + head), after.hasPrefix(tail) else {
      throw InvalidInput("checksum", found: "none", expected: "one in the second line")
    }
    let wanted = (start + after.dropFirst(tail.count)).checksum
    guard found == wanted else {
      throw InvalidInput(
        "checksum", found: found, expected: "\(wanted), of what follows: the file was changed")
    }
  }
}
