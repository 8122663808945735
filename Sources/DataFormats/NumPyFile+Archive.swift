// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Arrays inside `.npz` archives.

extension NumPyFile {
  /// Splits `FILE.npz:NAME`; nil for the path of anything else.
  static func archiveParts(of path: String) -> (archive: String, name: String?)? {
    if path.lowercased().hasSuffix(".npz") { return (path, nil) }
    guard let colon = path.lastIndex(of: ":"), path[..<colon].lowercased().hasSuffix(".npz") else {
      return nil
    }
    return (String(path[..<colon]), String(path[path.index(after: colon)...]))
  }

  /// The names of the arrays in an `.npz` archive, in its order.
  ///
  /// - Throws: `FileError` if it is no whole archive.
  public static func names(inArchive path: String) throws -> [String] {
    try ZipArchive(path: path).members.map { arrayName($0.name) }
  }

  /// Unpacks an array into memory; without a name the only one there is.
  ///
  /// The memory is bounded by the array's own header and by what deflate can pack.
  static func unpack(_ name: String?, of archivePath: String) throws -> StoredArray {
    let archive = try ZipArchive(path: archivePath)
    let names = archive.members.map { arrayName($0.name) }
    guard let index = name.map({ names.firstIndex(of: $0) }) ?? (names.count == 1 ? 0 : nil) else {
      throw FileError(
        archivePath, found: name.map { "no array named \($0)" } ?? "\(names.count) arrays",
        expected: "\(archivePath):NAME with NAME one of "
          + names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", …" : ""))
    }
    let path = "\(archivePath):\(names[index])"
    let member = archive.members[index]
    let reader = try archive.reader(of: member)
    var headerCount = 0
    let header = try NumPyHeader(path: path) { count in
      headerCount += count
      return try reader.bytes(count)
    }
    let expected = try StoredArray.byteCount(header.shape, header.element, path: path)
    guard member.count - headerCount == expected else {
      throw FileError(
        path, found: "\(member.count - headerCount) bytes after the header",
        expected: "\(expected) for the shape \(StoredArray.describe(header.shape))")
    }
    let buffer = try ByteBuffer(count: expected, path: path)
    try reader.read(into: buffer.pointer, count: expected)
    try reader.finish()
    guard reader.checksum == member.checksum else {
      throw FileError(
        path, found: "a wrong checksum, \(reader.checksum)", expected: "\(member.checksum)")
    }
    return StoredArray(
      path: path, source: buffer, offset: 0, element: header.element, shape: header.shape)
  }

  private static func arrayName(_ member: String) -> String {
    member.hasSuffix(".npy") ? String(member.dropLast(4)) : member
  }
}
