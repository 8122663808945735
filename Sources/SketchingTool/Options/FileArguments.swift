// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The files that a command reads and writes: each named, and no output in the place of another.

import Foundation
import Sketching

/// An argument that names a file or folder.
struct FileArgument {
  let name: String
  let path: String

  init?(_ name: String, _ path: String?) {
    guard let path else { return nil }
    (self.name, self.path) = (name, path)
  }

  /// The places that an output of a run that can be resumed takes besides its own.
  static func partial(_ name: String, _ output: String) -> [FileArgument?] {
    [output + ".partial", output + ".partial.json"].map { FileArgument(name, $0) }
  }

  /// Throws `InvalidInput` if a path is empty, or an output is or lies in another of the files, by
  /// their names without links; devices may be shared.
  static func check(reading inputs: FileArgument?..., writing outputs: [FileArgument?]) throws {
    let (inputs, outputs) = (inputs.compactMap(\.self), outputs.compactMap(\.self))
    for argument in inputs + outputs where argument.path.isEmpty {
      throw InvalidInput(
        argument.name, found: "an empty name", expected: "the name of a file or folder")
    }
    for (index, output) in outputs.enumerated() where !output.isDevice {
      for other in inputs + outputs[..<index] where output.overlaps(other) {
        throw InvalidInput(
          "\(output.name) \(output.path)",
          found: "the place of \(other.name) \(other.path)",
          expected: "a place of its own, as nothing is written over another file of the command")
      }
    }
  }

  /// Whether it is there and neither a file nor a folder.
  var isDevice: Bool {
    var status = stat()
    return stat(path, &status) == 0 && ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
  }

  /// Whether one of two places is the other or lies in it.
  private func overlaps(_ other: FileArgument) -> Bool {
    let (mine, theirs) = (components, other.components)
    return mine.starts(with: theirs) || theirs.starts(with: mine)
  }

  /// The folders from the root and the name at last, without links.
  private var components: [String] {
    var path = path
    if let archive = path.range(of: ".npz:", options: .caseInsensitive) {
      path = String(path[..<path.index(before: archive.upperBound)])
    }
    // What is not there yet has no links but those of its folder.
    let url = URL(fileURLWithPath: path).standardizedFileURL
    let whole = url.resolvingSymlinksInPath()
    return FileManager.default.fileExists(atPath: url.path)
      ? whole.pathComponents
      : url.deletingLastPathComponent().resolvingSymlinksInPath().pathComponents
        + [url.lastPathComponent]
  }
}
