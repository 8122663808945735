// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What a packed stretch of a file unpacks to, read front to back.

import CZlib

/// Reads a stored, deflated or gzipped stretch of a file as the bytes that were packed.
final class UnpackingReader {
  enum Packing {
    case stored
    /// Bare deflate, as in zip archives.
    case deflated
    /// One or several gzip streams, one after the other.
    case gzip
  }

  private let file: InputFile
  private let packing: Packing
  /// What has not been read of the stretch.
  private var remaining: Range<Int>
  private let chunk: UnsafeMutablePointer<UInt8>
  private let chunkSize = 1 << 16
  /// On the heap, because zlib keeps its address.
  private let stream: UnsafeMutablePointer<z_stream>
  private var hasEnded = false
  /// The CRC-32 of all that was unpacked, but for gzip.
  private(set) var checksum: UInt

  init(_ file: InputFile, _ stretch: Range<Int>, packing: Packing) throws {
    self.file = file
    self.packing = packing
    remaining = stretch
    checksum = crc32(0, nil, 0)
    chunk = .allocate(capacity: chunkSize)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 is the largest window; 16 more means gzip and a minus sign bare deflate.
    let status = inflateInit2_(
      stream, packing == .gzip ? 15 + 16 : -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw corrupt("an unpacker that does not start") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    chunk.deallocate()
  }

  /// An upper bound on what so many packed bytes can unpack to: deflate never does better.
  static func largestSize(ofPacked count: Int) -> Int { count * 1032 + 65536 }

  /// Unpacks the next `count` bytes.
  ///
  /// - Throws: `FileError` if there are fewer, or the packed bytes are damaged.
  func read(into output: UnsafeMutableRawPointer, count: Int) throws {
    var done = 0
    while done < count {
      let read = try readSome(into: output + done, atMost: min(count - done, 1 << 30))
      guard read > 0 else {
        throw FileError(
          file.path, found: "an end of the data", expected: "\(count - done) bytes more")
      }
      done += read
    }
  }

  /// The next `count` bytes as an array; for a few bytes.
  func bytes(_ count: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      if count > 0 { try read(into: buffer.baseAddress!, count: count) }
      initialized = count
    }
  }

  /// Throws `FileError` unless everything was read and the packed data end where they should.
  func finish() throws {
    var spare: UInt8 = 0
    guard try readSome(into: &spare, atMost: 1) == 0, remaining.isEmpty,
      stream.pointee.avail_in == 0
    else {
      throw FileError(
        file.path, found: "more packed data than its header says", expected: "an end of the data")
    }
  }

  /// Unpacks up to `count` bytes and returns how many; 0 only at the end.
  private func readSome(into output: UnsafeMutableRawPointer, atMost count: Int) throws -> Int {
    let produced = packing == .stored ? try copy(output, count) : try inflate(output, count)
    // gzip has a checksum of its own, which zlib verifies.
    if packing != .gzip {
      checksum = crc32(checksum, output.assumingMemoryBound(to: UInt8.self), uInt(produced))
    }
    return produced
  }

  private func copy(_ output: UnsafeMutableRawPointer, _ count: Int) throws -> Int {
    let count = min(count, remaining.count)
    try file.read(into: output, count: count, at: remaining.lowerBound)
    remaining = remaining.lowerBound + count..<remaining.upperBound
    return count
  }

  private func inflate(_ output: UnsafeMutableRawPointer, _ count: Int) throws -> Int {
    stream.pointee.next_out = output.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = uInt(count)
    while Int(stream.pointee.avail_out) == count {
      if stream.pointee.avail_in == 0 { try refill() }
      if hasEnded {
        // After the end of one gzip stream another may follow.
        guard packing == .gzip, stream.pointee.avail_in > 0 else { return 0 }
        inflateReset(stream)
        hasEnded = false
      }
      switch CZlib.inflate(stream, Z_NO_FLUSH) {
      case Z_OK: break
      case Z_STREAM_END: hasEnded = true
      case Z_BUF_ERROR where stream.pointee.avail_in == 0: throw corrupt("packed data cut short")
      default:
        throw corrupt(stream.pointee.msg.map { String(cString: $0) } ?? "damaged packed data")
      }
    }
    return count - Int(stream.pointee.avail_out)
  }

  private func refill() throws {
    let count = min(chunkSize, remaining.count)
    try file.read(into: chunk, count: count, at: remaining.lowerBound)
    remaining = remaining.lowerBound + count..<remaining.upperBound
    stream.pointee.next_in = chunk
    stream.pointee.avail_in = uInt(count)
  }

  private func corrupt(_ found: String) -> FileError {
    FileError(file.path, found: found, expected: "undamaged packed data")
  }
}
