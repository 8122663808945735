// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Outputs that survive an interruption and are finished by the next run.

import Foundation
import Sketching

/// An array being written at OUTPUT.partial, beside OUTPUT.partial.json, which tells what it is of.
struct PartialOutput {
  let writer: NumPyWriter
  private let partial: String
  private let statePath: String

  /// What must be the same for the rows of two runs to be the same.
  private struct State: Codable, Equatable {
    var format = "swift-sketching partial output"
    var version = 1
    /// A hash of the map, the precision and what the input file looks like.
    var arguments: String
  }

  /// Begins the output, or goes on with what an earlier run left of it.
  ///
  /// - Throws: `FileError` if what is there comes from other arguments.
  init(
    _ path: String, of map: String, _ input: DataFile, _ shape: [Int], _ precision: Precision
  ) throws {
    partial = path + ".partial"
    statePath = partial + ".json"
    let state = State(
      arguments: digest([map, try Self.identity(of: input), "\(shape)", precision.rawValue]))
    if FileManager.default.fileExists(atPath: partial) {
      let earlier = try? decodeJSON(State.self, path: statePath, "state of a partial output")
      guard earlier == state else {
        throw FileError(
          partial, found: "rows of other arguments or of another X",
          expected: "the same arguments, or that you delete this file")
      }
    } else {
      try OutputFile.write(Console.json(state), to: statePath)
    }
    writer = try NumPyWriter(
      path: path, shape: shape, precision: precision, continuing: partial, tileRowCount: 1024)
  }

  /// Deletes the state, once the output is finished.
  func forget() { unlink(statePath) }

  /// Deletes all, where the data turned out to be bad: of other data these rows are no part.
  func discard() {
    writer.cancel()
    unlink(partial)
    unlink(statePath)
  }

  /// Name, size and time of change of a file.
  private static func identity(of input: DataFile) throws -> String {
    var path = input.path
    if let archive = path.range(of: ".npz:", options: .caseInsensitive) {
      path = String(path[..<path.index(before: archive.upperBound)])
    }
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw FileError(path, found: String(cString: strerror(errno)), expected: "a readable file")
    }
    let time = status.st_mtim
    return "\(input.path) \(status.st_size) \(time.tv_sec) \(time.tv_nsec)"
  }
}

/// 64 bits of FNV-1a over texts, as hexadecimal digits.
private func digest(_ texts: [String]) -> String {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for byte in texts.joined(separator: "\n").utf8 {
    hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
  }
  return String(hash, radix: 16)
}
