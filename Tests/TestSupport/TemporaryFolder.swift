// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// A folder that a test may fill.

import Foundation

/// An empty folder, deleted with all that is in it when the value goes away.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of `name` in the folder.
  public func file(_ name: String) -> String { path + "/" + name }

  /// Writes a file and returns its path.
  @discardableResult
  public func write(_ bytes: [UInt8], to name: String) throws -> String {
    // Foundation flushes each file to disk, and some file systems do where one is cut and written
    // anew; waiting for that would take most of the time of some tests.
    unlink(file(name))
    guard let stream = fopen(file(name), "w") else { throw CocoaError(.fileWriteUnknown) }
    let written = fwrite(bytes, 1, bytes.count, stream)
    guard fclose(stream) == 0, written == bytes.count else {
      throw CocoaError(.fileWriteUnknown)
    }
    return file(name)
  }

  /// The names of all files in it, hidden ones too.
  public var contents: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}
