// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Exact kernel ridge regression with the NTK of a plain network on Fashion-MNIST by preconditioned
// conjugate gradients: steps with and without landmarks, and the whole training set. Writes a table to
// the file named, and fails if a step count is not what it should be.
//
// Usage: Learning [OUTPUT [POINTS [LANDMARKS]]], by default 60000 points and 2000 landmarks

import Foundation
import Sketching

/// A field of /proc/self/status in GB, such as the peak VmHWM.
func memory(_ field: String) -> Double? {
  guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
    let line = text.split(separator: "\n").first(where: { $0.hasPrefix(field) }),
    let kilobytes = line.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Double($0) })
  else { return nil }
  return kilobytes * 1024 / 1e9
}

struct Images {
  let points: Rows<Float>
  let labels: [Double]

  init(_ name: String, _ count: Int) throws {
    let path = "/usr/share/datasets/fashion-mnist/\(name)"
    let file = UnitRows(try DataFile(path: path + "-images-idx3-ubyte.gz"))
    let count = min(count, file.rowCount)
    points = try file.rows(0..<count, as: Float.self)
    labels = Array(try DataFile.labels(path: path + "-labels-idx1-ubyte.gz").prefix(count))
  }
}

func run() throws -> Bool {
  let numbers = CommandLine.arguments.dropFirst(2).compactMap { Int($0) }
  let (total, landmarks) = (numbers.first ?? 60_000, numbers.dropFirst().first ?? 2000)
  let kernel = NeuralKernel(network: try .fullyConnected(inputDimension: 784, depth: 2))
  let (ridge, clock) = (0.1, ContinuousClock())
  var lines = [
    "Kernel ridge regression with the NTK of two hidden layers on Fashion-MNIST, images of length one,",
    "ridge \(ridge), ten outputs: conjugate gradients to a relative residual of 1e-8 on",
    "\(ProcessInfo.processInfo.activeProcessorCount) cores, kernel in single precision, never stored.",
    "", "   points  landmarks  steps  residual    minutes  GB at peak  test accuracy",
  ]
  print(lines.joined(separator: "\n"))

  func fit(_ count: Int, landmarks: Int, limit: Int, test: Images?) throws -> IterationStatus {
    let data = try Images("train", count)
    let targets = try Targets.classification(data.labels)
    let solver = try IterativeKernelRidge(
      ridge: ridge, stopping: StoppingRule(tolerance: 1e-8, iterationLimit: limit))
    let start = clock.now
    let execution = Execution(progress: { step in
      if step.stage == "conjugate gradients" {
        FileHandle.standardError.write(
          "\(step.completed) \(clock.now - start)\n".data(using: .utf8)!)
      }
    })
    let fit =
      if landmarks > 0 {
        try solver.fit(
          kernel, points: data.points, targets: targets,
          preconditioner: NystromFeatureMap(kernel, dimension: landmarks, sample: data.points),
          on: execution)
      } else {
        try solver.fit(kernel, points: data.points, targets: targets, on: execution)
      }
    let minutes = (clock.now - start) / .seconds(60)
    var accuracy = ""
    if let test {
      let found = targets.task.predictions(
        from: try fit.model.outputs(for: test.points.converted(to: Double.self)))
      let right = zip(found.elements, test.labels).count { $0 == $1 }
      accuracy = String(format: "%.2f %%", 100 * Double(right) / Double(test.labels.count))
    }
    let peak = memory("VmHWM").map { String(format: "%.2f", $0) } ?? ""
    let row =
      String(
        format: "%9d  %9d  %5d  %8.1e  %9.1f  ", count, landmarks, fit.status.iterations,
        fit.status.residual, minutes)
      + peak.padding(toLength: 12, withPad: " ", startingAt: 0) + accuracy
    lines.append(row)
    print(row)
    return fit.status
  }

  let some = min(total, 20_000)
  let fast = try fit(some, landmarks: landmarks, limit: 100, test: nil)
  let plain = try fit(some, landmarks: 0, limit: 301, test: nil)
  var holds = fast.isConverged && fast.iterations < 40 && !plain.isConverged
  if total > some {
    let whole = try fit(total, landmarks: landmarks, limit: 100, test: Images("t10k", 10_000))
    holds = holds && whole.isConverged
  }
  if CommandLine.arguments.count > 1 {
    try (lines.joined(separator: "\n") + "\n").write(
      toFile: CommandLine.arguments[1], atomically: true, encoding: .utf8)
  }
  return holds
}

exit(try run() ? 0 : 1)
