// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Folders that appear whole or not at all.

import Foundation
import Sketching
import Synchronization

/// A folder that is filled beside its final place and appears there, whole, when it is finished.
final class OutputFolder {
  let path: String
  /// Where to write the files.
  let temporary: String
  private static let unfinished = Mutex<Set<String>>([])

  /// Begins the folder that is to appear at `path`.
  ///
  /// - Parameter mayReplace: whether a folder that is there already, and not empty, may go.
  /// - Throws: `FileError` if it may not, or its parent cannot be written to.
  init(path: String, mayReplace: (String) -> Bool) throws {
    try Self.check(path, mayReplace: mayReplace)
    self.path = path
    temporary = Self.sibling(of: path)
    try Self.create(temporary, for: path)
    Self.unfinished.withLock { _ = $0.insert(temporary) }
  }

  deinit {
    if Self.unfinished.withLock({ $0.remove(temporary) }) != nil { Self.delete(temporary) }
  }

  /// Throws `FileError` unless the folder could be begun.
  static func check(_ path: String, mayReplace: (String) -> Bool) throws {
    var status = stat()
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFDIR else {
        throw FileError(path, found: "a file", expected: "the name of a folder to write")
      }
      let names = try? FileManager.default.contentsOfDirectory(atPath: path)
      guard names?.isEmpty == true || mayReplace(path) else {
        throw FileError(
          path, found: "a folder that holds something else",
          expected: "a new or empty folder, or an earlier output of this kind")
      }
    }
    let trial = sibling(of: path)
    try create(trial, for: path)
    delete(trial)
  }

  /// Makes the folder appear at its path, in place of any there.
  func finish() throws {
    let old = Self.sibling(of: path)
    // Under the lock no signal ends the program between the two names.
    try Self.unfinished.withLock { unfinished in
      let replaces = rename(path, old) == 0
      guard rename(temporary, path) == 0 else {
        let reason = String(cString: strerror(errno))
        if replaces { rename(old, path) }
        throw FileError(path, found: reason, expected: "a place that can be written to")
      }
      unfinished.remove(temporary)
      if replaces { Self.delete(old) }
    }
  }

  /// Makes a folder for outputs, where there is none yet.
  ///
  /// - Throws: `FileError` if that fails.
  static func create(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw FileError(
        path, found: error.localizedDescription, expected: "a folder that can be written to")
    }
  }

  /// Deletes the folders that this process has begun and not finished.
  static func removeUnfinished() {
    unfinished.withLock { $0.forEach(delete) }
  }

  private static func sibling(of path: String) -> String {
    let url = URL(fileURLWithPath: path).standardizedFileURL
    let name = ".\(String(UInt64.random(in: 0 ... .max), radix: 36)).unfinished"
    return url.deletingLastPathComponent().appendingPathComponent(name).path
  }

  private static func create(_ folder: String, for path: String) throws {
    guard mkdir(folder, 0o777) == 0 else {
      throw FileError(
        path, found: String(cString: strerror(errno)), expected: "a place that can be written to")
    }
  }

  private static func delete(_ folder: String) {
    try? FileManager.default.removeItem(atPath: folder)
  }
}
