// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Outputs tried out before hours of work: a writable place with room enough.

import Foundation
import Sketching

enum OutputFile {
  /// Throws `FileError` unless a file of so many bytes can be written at `path`.
  static func check(_ path: String, bytes: Double = 0) throws {
    var file = stat()
    // Whoever reads a pipe would take the end of a trial for the end of the output.
    if stat(path, &file) == 0, file.st_mode & S_IFMT == S_IFIFO { return }
    try AtomicFile(path: path).cancel()
    let folder = AtomicFile.folder(of: path)
    var status = statvfs()
    guard statvfs(folder.isEmpty ? "." : folder, &status) == 0 else { return }
    let free = Double(status.f_bavail) * Double(status.f_frsize)
    guard bytes <= free else {
      throw FileError(
        path, found: "\(byteCount(bytes)) to write",
        expected: "at most the \(byteCount(free)) that are free there")
    }
  }

  /// Writes a whole text.
  static func write(_ text: String, to path: String) throws {
    let file = try AtomicFile(path: path)
    try file.write(text)
    try file.finish()
  }
}

/// What a tile or a matrix takes, held against the machine's memory.
enum MemoryBudget {
  /// Throws `InvalidInput` if so many bytes are more than the machine has.
  ///
  /// - Parameters:
  ///   - name: the argument at fault, and `found` its value.
  static func require(_ bytes: Double, _ name: String, found: String) throws {
    let memory = Double(ProcessInfo.processInfo.physicalMemory)
    guard bytes <= memory else {
      throw InvalidInput(
        name, found: "\(found), which needs \(byteCount(bytes)) of memory",
        expected: "what fits the \(byteCount(memory)) of this machine")
    }
  }
}
