// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The built command, run as a process in a folder of its own.

import Foundation
import Sketching
import TestSupport
import Testing

/// Runs the command `sketching` in a temporary folder, where all file names are.
final class Tool: Sendable {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// How a run ended, and what it said.
  struct Run {
    var status: Int32
    var output: String
    var errors: String
  }

  /// The folder of the built products: that of the tests.
  static let products: URL = {
    let executable = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    var folder = executable.deletingLastPathComponent()
    while folder.pathComponents.count > 1 {
      let candidate = folder.appendingPathComponent("sketching").path
      if FileManager.default.isExecutableFile(atPath: candidate) { break }
      folder.deleteLastPathComponent()
    }
    return folder
  }()

  /// Starts the command with arguments separated by blanks.
  func start(_ arguments: String) throws -> (process: Process, output: URL, errors: URL) {
    try start(
      Self.products.appendingPathComponent("sketching").path,
      arguments.split(separator: " ").map(String.init))
  }

  private func start(
    _ program: String, _ arguments: [String]
  ) throws -> (process: Process, output: URL, errors: URL) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    let files = [0, 1].map { _ in
      FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    }
    for file in files { try Data().write(to: file) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    return (process, files[0], files[1])
  }

  /// Waits for the end.
  func finish(_ started: (process: Process, output: URL, errors: URL)) throws -> Run {
    started.process.waitUntilExit()
    defer {
      try? FileManager.default.removeItem(at: started.output)
      try? FileManager.default.removeItem(at: started.errors)
    }
    return Run(
      status: started.process.terminationReason == .exit
        ? started.process.terminationStatus : -started.process.terminationStatus,
      output: String(decoding: try Data(contentsOf: started.output), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: started.errors), as: UTF8.self))
  }

  /// Runs the command with arguments separated by blanks.
  func run(_ arguments: String) throws -> Run { try finish(start(arguments)) }

  /// Runs lines of shell, with the command on the path.
  func shell(_ script: String) throws -> Run {
    let path = "PATH=\(Self.products.path):$PATH\n"
    return try finish(start("/bin/sh", ["-ec", path + script]))
  }

  /// Runs the command and records an issue unless it succeeds.
  @discardableResult
  func succeed(
    _ arguments: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Run {
    let run = try run(arguments)
    #expect(run.status == 0, "\(arguments): \(run.errors)", sourceLocation: sourceLocation)
    return run
  }

  /// Runs the command and records an issue unless it refuses its input, naming `culprit`.
  func refuse(
    _ arguments: String, naming culprit: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let run = try run(arguments)
    let problem = "\(arguments): \(run)"
    #expect(run.status == 2, "\(problem)", sourceLocation: sourceLocation)
    let line = run.errors.split(separator: "\n").last { $0.hasPrefix("error: ") }
    #expect(line?.contains(culprit) == true, "\(problem)", sourceLocation: sourceLocation)
    #expect(run.output.isEmpty, "\(problem)", sourceLocation: sourceLocation)
  }

  func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: folder.file(name)))
  }

  /// The bytes of a file; 0 if there is none.
  func size(_ name: String) -> Int {
    var status = stat()
    return stat(folder.file(name), &status) == 0 ? Int(status.st_size) : 0
  }

  /// An array, as `NumPyFile` shapes it.
  func matrix(_ name: String) throws -> Matrix<Double> {
    try NumPyFile(path: folder.file(name)).matrix(as: Double.self)
  }

  func shape(_ name: String) throws -> [Int] { try NumPyFile(path: folder.file(name)).shape }

  /// The one JSON object on standard output.
  func json(_ arguments: String) throws -> [String: Any] {
    let run = try succeed(arguments)
    return try #require(
      JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
  }

  func write(_ text: String, to name: String) throws {
    try folder.write(Array(text.utf8), to: name)
  }

  func write(_ matrix: Matrix<Double>, to name: String) throws {
    try NumPyWriter.write(matrix, to: folder.file(name))
  }

  /// The rows as LIBSVM text, zeros left out.
  func writeSparse(
    _ matrix: Matrix<Double>, labels: [Double]? = nil, to name: String
  ) throws {
    let lines = (0..<matrix.rowCount).map { i in
      let entries = matrix.row(i).enumerated().filter { $0.element != 0 }
        .map { " \($0.offset + 1):\($0.element)" }
      return "\(labels?[i] ?? 0)" + entries.joined() + "\n"
    }
    try write(lines.joined(), to: name)
  }
}

/// Normal numbers.
func normals(_ rowCount: Int, _ columnCount: Int, seed: UInt64 = 1) -> Matrix<Double> {
  var generator = CaseGenerator(seed: seed)
  return generator.matrix(rowCount, columnCount, as: Double.self)
}

/// The largest difference of entries, relative to the largest entry of `b`; infinite for other shapes.
func distance(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
  guard a.rowCount == b.rowCount, a.columnCount == b.columnCount else { return .infinity }
  let scale = b.elements.reduce(0) { max($0, abs($1)) }
  return zip(a.elements, b.elements).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
}

/// A sealed text that was changed, with the checksum of what it is now; as it is where it has none.
func resealed(_ text: String) -> String {
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  guard lines.count > 2, lines[0] == "{", lines[1].hasPrefix("  \"checksum\" : ") else {
    return text
  }
  let rest = lines.dropFirst(2).joined(separator: "\n")
  return "{\n  \"checksum\" : \"\("{\n\(rest)".checksum)\",\n\(rest)"
}
