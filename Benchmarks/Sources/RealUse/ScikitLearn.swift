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

  let python: String
  let scripts: String

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

    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: python)
    process.arguments =
      [
        scripts + "/realuse.py", folder.path, "\(dimension)", "\(trialSize.points)",
        "\(trialSize.columns)",
      ]
      + (try lengthScales(for: problem).map { "\($0)" })
    process.standardOutput = output
    try process.run()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: "realuse.py ended with status \(process.terminationStatus)")
    }
    let line = try JSONDecoder().decode(Line.self, from: printed)
    let outputs = try DataFile(path: file("outputs")).allRows(as: Double.self).dense
    return Outcome(
      score: problem.score(outputs), heldOutError: line.heldOutError, columns: line.columns,
      relativeRidge: line.relativeRidge, seconds: line.seconds)
  }
}
