// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Outputs that survive an interruption and are finished by the next run.

import Foundation
import Sketching

/// The place OUTPUT.partial of an array being written, beside OUTPUT.partial.json, which tells what it
/// is of.
struct PartialOutput {
  let path: String
  private let statePath: String

  /// What must be the same for the numbers of two runs to be the same.
  private struct State: Codable, Equatable {
    var format = "swift-sketching partial output"
    var version = 1
    /// A hash of what is computed, the precision and what the input files look like.
    var arguments: String
  }

  /// Finds what an earlier run left, or writes down what this one computes.
  ///
  /// - Parameter work: what is computed of the points in the files.
  /// - Throws: `FileError` if what is there comes from other arguments.
  init(
    _ output: String, of work: String, _ inputs: [DataFile], _ shape: [Int], _ precision: Precision
  ) throws {
    path = output + ".partial"
    statePath = path + ".json"
    let files = try inputs.map(Self.identity)
    let state = State(arguments: digest([work] + files + ["\(shape)", precision.rawValue]))
    if FileManager.default.fileExists(atPath: path) {
      let earlier = try? decodeJSON(State.self, path: statePath, "state of a partial output")
      guard earlier == state else {
        throw FileError(
          path, found: "numbers of other arguments or of other points",
          expected: "the same arguments, or that you delete this file")
      }
    } else {
      try OutputFile.write(Console.json(state), to: statePath)
    }
  }

  /// Deletes the state, once the output is finished.
  func forget() { unlink(statePath) }

  /// Deletes all, where the data turned out to be bad: of other data these numbers are no part.
  func discard() {
    unlink(path)
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

extension NumPyWriter {
  /// Begins a file, or goes on with a partial one of rows in tiles of 1024.
  convenience init(
    path: String, shape: [Int], precision: Precision, partial: PartialOutput?
  ) throws {
    if let partial {
      try self.init(
        path: path, shape: shape, precision: precision, continuing: partial.path,
        tileRowCount: 1024)
    } else {
      try self.init(path: path, shape: shape, precision: precision)
    }
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
