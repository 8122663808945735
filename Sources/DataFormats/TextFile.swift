// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Files of text that are read whole, such as network descriptions and stored maps.

/// Files of text in UTF-8.
public enum TextFile {
  /// The whole text of the file at `path`.
  ///
  /// - Throws: `FileError` if it cannot be read, is empty or no regular file, has more than `limit`
  ///   bytes or is not UTF-8.
  public static func contents(of path: String, upTo limit: Int = 1 << 33) throws -> String {
    let file = try InputFile(path: path)
    guard file.count <= limit else {
      throw FileError(
        path, found: "\(file.count) bytes", expected: "at most \(limit) bytes of text")
    }
    let buffer = try file.contents()
    guard let text = String(validating: buffer.bytes, as: UTF8.self) else {
      throw FileError(path, found: "bytes that are no text", expected: "text in UTF-8")
    }
    return text
  }
}
