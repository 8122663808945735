// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// The same task for scikit-learn's Nystroem, in a Python process.

import Foundation
import Sketching

/// The Python of `.ci/peers`, and the script realuse.py.
struct ScikitLearn {
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  private struct Line: Decodable {
    var seconds: Double
    var columns: Int
    var heldOutError: Double
    var relativeRidge: Double
  }

  private let python: String
  private let scripts: String

  /// Nil if the interpreter or the library is missing, as where `.ci/peers` cannot install it.
  init?(python: String, scripts: String) throws {
    (self.python, self.scripts) = (python, scripts)
    guard FileManager.default.isExecutableFile(atPath: python),
      try run(["-c", "import sklearn"]) != nil
    else { return nil }
  }

  /// What the interpreter prints; nil if it does not end well.
  private func run(_ arguments: [String]) throws -> Data? {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: python)
    process.arguments = arguments
    process.standardOutput = output
    try process.run()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? printed : nil
  }

  /// Learns with Nystroem features of the Gaussian kernel; the length scale and the ridge are chosen as ours
  /// are.
  func learn(_ problem: Problem, dimension: Int) throws -> Outcome {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "sketching-realuse-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func file(_ name: String) -> String { folder.appending(path: name + ".npy").path }
    try NumPyWriter.write(problem.training.dense, to: file("training"))
    try NumPyWriter.write(problem.targets.values, to: file("targets"))
    try NumPyWriter.write(problem.test.dense, to: file("test"))

    let sizes = [dimension, trialSize.points, trialSize.columns].map { "\($0)" }
    let scales = try lengthScales(for: problem).map { "\($0)" }
    guard let printed = try run([scripts + "/realuse.py", folder.path] + sizes + scales) else {
      throw Failure(description: "realuse.py did not end well")
    }
    let line = try JSONDecoder().decode(Line.self, from: printed)
    let outputs = try DataFile(path: file("outputs")).allRows(as: Double.self).dense
    return Outcome(
      score: problem.score(outputs), heldOutError: line.heldOutError, columns: line.columns,
      relativeRidge: line.relativeRidge, seconds: line.seconds)
  }
}
