// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The directory of a zip archive, as NumPy's `.npz` files are.
//
// At the end of the file a record says where the central directory lies; each of its entries says
// where a member lies and how it is packed. Archives above 4 GB or 65535 members have a second
// record before the first and wide sizes in the extra fields of the entries (zip64).

/// The members of a zip archive.
struct ZipArchive {
  struct Member {
    let name: String
    let packing: UnpackingReader.Packing
    let isEncrypted: Bool
    let checksum: UInt
    let packedCount: Int
    let count: Int
    let headerOffset: Int
  }

  let file: InputFile
  let members: [Member]

  /// Reads the directory. Cost: O(its bytes).
  ///
  /// - Throws: `FileError` if the file is no whole zip archive or holds two members of one name.
  init(path: String) throws {
    file = try InputFile(path: path)
    guard let (start, size) = try Self.directory(of: file) else {
      throw Self.damage(file, "no directory at its end")
    }
    guard start <= file.count, size <= file.count - start else {
      throw Self.damage(file, "a directory beyond its end")
    }
    let buffer = try ByteBuffer(count: size, path: path)
    try file.read(into: buffer.pointer, count: size, at: start)
    var fields = ByteFields(bytes: buffer.bytes[...])
    var members: [Member] = []
    while !fields.bytes.isEmpty {
      guard let member = Self.member(&fields) else {
        throw Self.damage(file, "a damaged directory")
      }
      members.append(member)
    }
    guard Set(members.map(\.name)).count == members.count else {
      throw Self.damage(file, "two members of one name")
    }
    self.members = members
  }

  /// A reader of the member's bytes.
  ///
  /// - Throws: `FileError` if it is encrypted or lies beyond the file.
  func reader(of member: Member) throws -> UnpackingReader {
    guard !member.isEncrypted, member.packedCount <= file.count,
      member.packing == .stored
        ? member.count == member.packedCount
        : member.count <= UnpackingReader.largestSize(ofPacked: member.packedCount)
    else { throw Self.damage(file, "an encrypted member or one of impossible size") }
    let header = try Self.bytes(of: file, 30, at: member.headerOffset)
    let start: Int? = header.withUnsafeBytes { header in
      let fields = ByteFields(bytes: header[...])
      guard fields.number(4, at: 0) == 0x0403_4b50, let name = fields.number(2, at: 26),
        let extra = fields.number(2, at: 28)
      else { return nil }
      return member.headerOffset + 30 + name + extra
    }
    guard let start, start <= file.count, member.packedCount <= file.count - start else {
      throw Self.damage(file, "a member without header or beyond its end")
    }
    return try UnpackingReader(
      file, start..<start + member.packedCount, packing: member.packing)
  }

  private static func bytes(of file: InputFile, _ count: Int, at offset: Int) throws -> [UInt8] {
    guard offset >= 0, offset <= file.count, count <= file.count - offset else {
      throw damage(file, "a member without header or beyond its end")
    }
    return try file.bytes(count, at: offset)
  }

  /// Where the central directory starts, and its bytes.
  private static func directory(of file: InputFile) throws -> (start: Int, size: Int)? {
    // The record is followed by a comment of at most 65535 bytes.
    let tailStart = max(0, file.count - 22 - 65535)
    let tail = try bytes(of: file, file.count - tailStart, at: tailStart)
    guard tail.count >= 22 else { return nil }
    let found = tail.withUnsafeBytes { tail -> (position: Int, start: Int, size: Int)? in
      let fields = ByteFields(bytes: tail[...])
      for position in stride(from: tail.count - 22, through: 0, by: -1)
      where fields.number(4, at: position) == 0x0605_4b50
        && fields.number(2, at: position + 20) == tail.count - position - 22
      {
        guard let size = fields.number(4, at: position + 12),
          let start = fields.number(4, at: position + 16)
        else { return nil }
        return (tailStart + position, start, size)
      }
      return nil
    }
    guard let found, found.start == 0xffff_ffff || found.size == 0xffff_ffff else {
      return found.map { ($0.start, $0.size) }
    }
    let locator = try bytes(of: file, 20, at: found.position - 20)
    let wide: Int? = locator.withUnsafeBytes {
      let fields = ByteFields(bytes: $0[...])
      return fields.number(4, at: 0) == 0x0706_4b50 ? fields.number(8, at: 8) : nil
    }
    guard let wide else { return nil }
    return try bytes(of: file, 56, at: wide).withUnsafeBytes {
      let fields = ByteFields(bytes: $0[...])
      guard fields.number(4, at: 0) == 0x0606_4b50, let size = fields.number(8, at: 40),
        let start = fields.number(8, at: 48)
      else { return nil }
      return (start, size)
    }
  }

  /// Takes the next entry of the central directory; nil if it is damaged.
  private static func member(_ fields: inout ByteFields) -> Member? {
    guard fields.number(4, at: 0) == 0x0201_4b50, let flags = fields.number(2, at: 8),
      let method = fields.number(2, at: 10), let checksum = fields.number(4, at: 16),
      let packedCount = fields.number(4, at: 20), let count = fields.number(4, at: 24),
      let nameCount = fields.number(2, at: 28), let extraCount = fields.number(2, at: 30),
      let commentCount = fields.number(2, at: 32), let offset = fields.number(4, at: 42),
      method == 0 || method == 8,
      let name = fields.part(nameCount, at: 46),
      var extra = fields.part(extraCount, at: 46 + nameCount).map(ByteFields.init),
      fields.part(commentCount, at: 46 + nameCount + extraCount) != nil
    else { return nil }
    // In the order of the zip64 field, which holds those that do not fit 32 bits.
    var sizes = [count, packedCount, offset]
    while let kind = extra.number(2, at: 0), let size = extra.number(2, at: 2),
      let part = extra.part(size, at: 4)
    {
      if kind == 1 {
        var wide = ByteFields(bytes: part)
        for size in sizes.indices where sizes[size] == 0xffff_ffff {
          guard let number = wide.number(8, at: 0) else { return nil }
          wide.drop(8)
          sizes[size] = number
        }
      }
      extra.drop(4 + size)
    }
    fields.drop(46 + nameCount + extraCount + commentCount)
    return Member(
      name: String(decoding: name, as: UTF8.self), packing: method == 0 ? .stored : .deflated,
      isEncrypted: flags & 1 == 1, checksum: UInt(checksum), packedCount: sizes[1],
      count: sizes[0], headerOffset: sizes[2])
  }

  private static func damage(_ file: InputFile, _ found: String) -> FileError {
    FileError(file.path, found: found, expected: "a whole zip archive, as numpy.savez writes it")
  }
}

/// Little-endian numbers at positions in bytes, none read beyond their end.
private struct ByteFields {
  var bytes: Slice<UnsafeRawBufferPointer>

  func part(_ count: Int, at offset: Int) -> Slice<UnsafeRawBufferPointer>? {
    guard offset <= bytes.count, count <= bytes.count - offset else { return nil }
    return bytes.dropFirst(offset).prefix(count)
  }

  func number(_ size: Int, at offset: Int) -> Int? {
    guard let part = part(size, at: offset) else { return nil }
    return Int(exactly: part.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) })
  }

  mutating func drop(_ count: Int) { bytes = bytes.dropFirst(count) }
}
