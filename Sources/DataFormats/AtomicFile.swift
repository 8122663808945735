// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Files that appear whole or not at all.

import Foundation
import Synchronization

/// A file that is written beside its final place and appears there, whole, when it is finished.
///
/// The bytes go to a hidden file in the same folder, which `finish()` renames. It is deleted if
/// writing fails, on `cancel()` and when the object goes away unfinished. A program that ends on a
/// signal calls `removeUnfinished(then:)` from its handler. A device or pipe is written directly.
public final class AtomicFile {
  public let path: String
  /// The hidden file, and what it is renamed to; nil for a device.
  private let temporary: (path: String, target: String)?
  /// The file being written; −1 after its end.
  private(set) var descriptor: Int32
  private let unfinished: UnfinishedFiles

  /// Begins the file that is to appear at `path`, in place of any there now.
  ///
  /// - Throws: `FileError` if its folder cannot be written to, or if `path` is a folder.
  public convenience init(path: String) throws {
    try self.init(path: path, among: .all)
  }

  init(path: String, among unfinished: UnfinishedFiles) throws {
    self.path = path
    self.unfinished = unfinished
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists, status.st_mode & S_IFMT == S_IFDIR {
      throw FileError(path, found: "a folder", expected: "the name of a file to write")
    }
    if exists, status.st_mode & S_IFMT != S_IFREG {
      temporary = nil
      descriptor = open(path, O_WRONLY | O_CLOEXEC)
    } else {
      let target = Self.target(of: path, exists: exists)
      let name = ".\(String(UInt64.random(in: 0 ... .max), radix: 36)).unfinished"
      let hidden = Self.folder(of: target) + name
      temporary = (hidden, target)
      descriptor = unfinished.paths.withLock { paths in
        let descriptor = open(hidden, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        if descriptor >= 0 { paths.insert(hidden) }
        return descriptor
      }
    }
    guard descriptor >= 0 else {
      throw FileError.system(path, expected: "a place that can be written to")
    }
  }

  /// Begins or goes on with the file that is to appear at `path` and is kept at `partial`, in the same
  /// folder, until it is finished. Neither `cancel()` nor the end of the program deletes that.
  ///
  /// - Throws: `FileError` as above, or if another program has `partial` open so.
  init(path: String, keepingAt partial: String) throws {
    self.path = path
    unfinished = .all
    var status = stat()
    let exists = stat(path, &status) == 0
    guard !exists || status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(path, found: "a folder or device", expected: "the name of a file to write")
    }
    temporary = (partial, Self.target(of: path, exists: exists))
    descriptor = open(partial, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o666)
    guard descriptor >= 0 else {
      throw FileError.system(partial, expected: "a place that can be written to")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw FileError(
        partial, found: "a file that another program is writing", expected: "one run at a time")
    }
  }

  /// Where the finished file goes. A link stays a link: what it points to is replaced.
  private static func target(of path: String, exists: Bool) -> String {
    exists ? URL(fileURLWithPath: path).resolvingSymlinksInPath().path : path
  }

  /// The part of a path up to its last slash; empty without one.
  ///
  /// `NSString.deletingLastPathComponent` of Swift 6.3 on Linux traps on names of one character.
  public static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }

  deinit { cancel() }

  /// What is written so far, if it starts with `bytes`: their number in all, else 0.
  func byteCount(startingWith bytes: [UInt8]) -> Int {
    var start = [UInt8](repeating: 0, count: bytes.count)
    guard pread(descriptor, &start, start.count, 0) == start.count, start == bytes else { return 0 }
    return max(0, Int(lseek(descriptor, 0, SEEK_END)))
  }

  /// Drops all but the first `count` bytes.
  func truncate(to count: Int) throws {
    guard ftruncate(descriptor, off_t(count)) == 0, lseek(descriptor, 0, SEEK_END) == off_t(count)
    else { throw failure() }
  }

  /// Appends bytes.
  ///
  /// - Throws: `FileError` if that fails, as when the disk is full; the file is then cancelled.
  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    precondition(descriptor >= 0, "written after its end")
    var done = 0
    while done < bytes.count {
      // More than 2³¹ bytes at once are not written everywhere.
      let count = min(bytes.count - done, 1 << 30)
      let written = Foundation.write(descriptor, bytes.baseAddress! + done, count)
      if written < 0 && errno == EINTR { continue }
      guard written >= 0 else { throw failure() }
      done += written
    }
  }

  /// Writes bytes at a place, which devices do not have.
  ///
  /// - Throws: `FileError` if that fails; the file is then cancelled.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    precondition(descriptor >= 0, "written after its end")
    var done = 0
    while done < bytes.count {
      let count = min(bytes.count - done, 1 << 30)
      let written = pwrite(descriptor, bytes.baseAddress! + done, count, off_t(offset + done))
      if written < 0 && errno == EINTR { continue }
      guard written >= 0 else { throw failure() }
      done += written
    }
  }

  /// The `count` bytes at a place of a file that is kept.
  ///
  /// - Throws: `FileError` if they are not there.
  func read(_ count: Int, at offset: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard pread(descriptor, &bytes, count, off_t(offset)) == count else { throw failure() }
    return bytes
  }

  /// Returns once all that was written is on the disk.
  ///
  /// - Throws: `FileError` if that fails; the file is then cancelled.
  func synchronize() throws {
    guard fdatasync(descriptor) == 0 else { throw failure() }
  }

  /// Appends text in UTF-8.
  public func write(_ text: String) throws {
    var text = text
    try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
  }

  /// Makes the file appear at its path. Nothing can be written after.
  ///
  /// - Throws: `FileError` if that fails; the file is then cancelled.
  public func finish() throws {
    precondition(descriptor >= 0, "finished after its end")
    guard close(descriptor) == 0 else {
      descriptor = -1
      throw failure()
    }
    descriptor = -1
    guard let temporary else { return }
    let code = unfinished.paths.withLock { paths in
      guard rename(temporary.path, temporary.target) == 0 else { return errno }
      paths.remove(temporary.path)
      return 0
    }
    guard code == 0 else { throw failure(code) }
  }

  /// Gives the file up and leaves nothing behind. Does nothing once the file is finished.
  public func cancel() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
    guard let temporary else { return }
    unfinished.paths.withLock { paths in
      if paths.remove(temporary.path) != nil { unlink(temporary.path) }
    }
  }

  /// Deletes the hidden files of all unfinished outputs of this process, then calls `leave`.
  ///
  /// No file is begun or finished meanwhile, so a program that calls `exit` in `leave` leaves
  /// nothing half-written. It takes a lock: call it from a dispatch source for `SIGINT` and
  /// `SIGTERM`, not from a bare signal handler. `leave` must not use this type.
  public static func removeUnfinished(then leave: () -> Void = {}) {
    UnfinishedFiles.all.remove(then: leave)
  }

  private func failure(_ code: Int32 = errno) -> FileError {
    cancel()
    return .system(path, expected: "a disk that takes the whole file", code: code)
  }
}

/// The hidden files that exist now; they begin, finish and go under one lock.
final class UnfinishedFiles: Sendable {
  let paths = Mutex<Set<String>>([])

  /// Those of this process.
  static let all = UnfinishedFiles()

  func remove(then leave: () -> Void) {
    paths.withLock { paths in
      for path in paths { unlink(path) }
      paths.removeAll()
      leave()
    }
  }
}
