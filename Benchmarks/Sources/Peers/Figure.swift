// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// What is measured of a piece of work, by us or by a peer, each in a process of its own.

import Foundation

/// Median seconds of a unit of work and the peak of the process that did it.
struct Figure: Codable {
  var seconds: Double
  var peakBytes: Int
}

/// Work that a process does and tells of.
enum Work {
  /// A row of a Python script in Benchmarks/peers, which prints its median time as JSON.
  case script(String, [String])
  /// A row of ours, which does the same.
  case ours(String)
  /// A whole run of the command `sketching`.
  case command([String])
  /// A whole run of a Python script.
  case wholeScript(String, [String])

  private struct Line: Decodable {
    var seconds: Double
  }

  func figure(_ tools: Tools) throws(ChildProcess.Failure) -> Figure {
    switch self {
    case .script(let name, let row):
      return try Self.told(by: [tools.python, tools.script(name)] + row)
    case .ours(let row):
      return try Self.told(by: [tools.program, "--ours", row])
    case .command(let arguments):
      return try Self.whole([tools.command] + arguments)
    case .wholeScript(let name, let row):
      return try Self.whole([tools.python, tools.script(name)] + row)
    }
  }

  private static func told(by arguments: [String]) throws(ChildProcess.Failure) -> Figure {
    let child = try ChildProcess(arguments)
    guard let line = try? JSONDecoder().decode(Line.self, from: Data(child.output.utf8)) else {
      throw ChildProcess.Failure(reason: "printed no time")
    }
    return Figure(seconds: line.seconds, peakBytes: child.peakBytes)
  }

  /// The median of three runs after a first one that does not count; of long runs one.
  private static func whole(_ arguments: [String]) throws(ChildProcess.Failure) -> Figure {
    let first = try ChildProcess(arguments)
    if first.seconds > 5 { return Figure(seconds: first.seconds, peakBytes: first.peakBytes) }
    var runs: [ChildProcess] = []
    for _ in 0..<3 { runs.append(try ChildProcess(arguments)) }
    let seconds = runs.map(\.seconds).sorted()[1]
    return Figure(seconds: seconds, peakBytes: runs.map(\.peakBytes).max() ?? 0)
  }
}

/// Where the programs are.
struct Tools {
  /// This program.
  var program = CommandLine.arguments[0]
  /// The built command `sketching`.
  var command: String
  /// The interpreter of the virtual environment.
  var python: String
  /// The folder of the Python scripts.
  var scripts: String
  /// The folder of the command's inputs.
  var inputs: String

  func script(_ name: String) -> String { "\(scripts)/\(name).py" }
}
