// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Bytes at rest, in a file or in memory, read at any offset.

import Foundation

/// A fixed number of bytes that can be read at any offset, by several threads at once.
protocol ByteSource: Sendable {
  var count: Int { get }

  /// Copies the `count` bytes from `offset` on to `output`. They must lie within the source.
  ///
  /// - Throws: `FileError` if they cannot be read.
  func read(into output: UnsafeMutableRawPointer, count: Int, at offset: Int) throws
}

/// A regular file open for reading.
///
/// It is read with `pread` and never mapped: a file cut short meanwhile is then an error, where
/// touching its mapped pages would kill the process.
final class InputFile: ByteSource {
  let path: String
  /// The size when the file was opened; at least 1.
  let count: Int
  private let descriptor: Int32

  /// - Throws: `FileError` if the file is missing, unreadable, empty or not a regular file.
  init(path: String) throws {
    // Without O_NONBLOCK, opening a pipe would wait for its writer.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileError.system(path, expected: "a readable file") }
    var status = stat()
    let known = fstat(descriptor, &status) == 0
    let problem: FileError? =
      if !known {
        FileError.system(path, expected: "a readable file")
      } else if status.st_mode & S_IFMT == S_IFDIR {
        FileError(path, found: "a folder", expected: "a file")
      } else if status.st_mode & S_IFMT != S_IFREG {
        FileError(path, found: "a pipe or device", expected: "a regular file")
      } else if status.st_size == 0 {
        FileError(path, found: "an empty file", expected: "data")
      } else {
        nil
      }
    self.path = path
    count = Int(status.st_size)
    // From here on `deinit` closes the file.
    if let problem { throw problem }
  }

  deinit { close(descriptor) }

  func read(into output: UnsafeMutableRawPointer, count: Int, at offset: Int) throws {
    precondition(offset >= 0 && count >= 0 && offset + count <= self.count, "out of the file")
    var done = 0
    while done < count {
      let read = pread(descriptor, output + done, count - done, off_t(offset + done))
      if read < 0 && errno == EINTR { continue }
      guard read >= 0 else { throw FileError.system(path, expected: "a readable file") }
      guard read > 0 else {
        throw FileError(
          path, found: "an end at byte \(offset + done), cut short while being read",
          expected: "\(self.count) bytes")
      }
      done += read
    }
  }

  /// The `count` bytes from `offset` on, which must lie within the file; for a few bytes.
  func bytes(_ count: Int, at offset: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      if count > 0 { try read(into: buffer.baseAddress!, count: count, at: offset) }
      initialized = count
    }
  }

  /// The whole file in memory.
  func contents() throws -> ByteBuffer {
    let buffer = try ByteBuffer(count: count, path: path)
    try read(into: buffer.pointer, count: count, at: 0)
    return buffer
  }
}

/// Bytes in memory, written once by whoever made it and only read afterwards.
final class ByteBuffer: ByteSource, @unchecked Sendable {
  let count: Int
  let pointer: UnsafeMutableRawPointer

  /// - Throws: `FileError` for the file at `path` if there is not so much memory.
  init(count: Int, path: String) throws {
    guard let memory = malloc(max(1, count)) else {
      throw FileError(
        path, found: "\(count) bytes of data", expected: "less than the free memory")
    }
    self.count = count
    pointer = memory
  }

  deinit { free(pointer) }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: pointer, count: count) }

  func read(into output: UnsafeMutableRawPointer, count: Int, at offset: Int) throws {
    precondition(offset >= 0 && count >= 0 && offset + count <= self.count, "out of the buffer")
    output.copyMemory(from: pointer + offset, byteCount: count)
  }
}
