// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Fits and spectral errors with a kernel matrix that is never stored.

import Foundation
import Sketching

/// The first images of a part of Fashion-MNIST, of length one.
struct Images {
  let points: Rows<Float>
  let labels: [Double]

  init(_ part: String, _ count: Int) throws {
    let path = "/usr/share/datasets/fashion-mnist/\(part)"
    let file = UnitRows(try DataFile(path: path + "-images-idx3-ubyte.gz"))
    let count = min(count, file.rowCount)
    points = try file.rows(0..<count, as: Float.self)
    labels = Array(try DataFile.labels(path: path + "-labels-idx1-ubyte.gz").prefix(count))
  }

  var kernel: NeuralKernel {
    get throws {
      NeuralKernel(
        network: try .fullyConnected(inputDimension: points.columnCount, depth: 3), type: .ntk)
    }
  }
}

func fit(
  _ images: Images, landmarks: Int, ridge: Double, tolerance: Double, limit: Int,
  test: Images? = nil
) throws -> Figures.Fit {
  let kernel = try images.kernel
  let targets = try Targets.classification(images.labels)
  let solver = try IterativeKernelRidge(
    ridge: ridge, stopping: StoppingRule(tolerance: tolerance, iterationLimit: limit))
  let execution = Stages().execution
  let (model, time) = try timed {
    try solver.fit(
      kernel, points: images.points, targets: targets,
      preconditioner: NystromFeatureMap(
        kernel, dimension: landmarks, sample: images.points, on: execution),
      on: execution)
  }
  var result = Figures.Fit(
    trainingRows: images.points.rowCount, landmarks: landmarks, ridge: ridge, tolerance: tolerance,
    steps: model.status.iterations, residual: model.status.residual, fitSeconds: time)
  if let test {
    let (found, time) = try timed {
      targets.task.predictions(
        from: try model.model.outputs(for: test.points.converted(to: Double.self)))
    }
    let right = zip(found.elements, test.labels).count { $0 == $1 }
    result.score = Double(right) / Double(test.labels.count)
    result.predictSeconds = time
  }
  result.peakBytes = peakMemory
  return result
}

/// The same by plain conjugate gradients, with the matrix stored.
func plainFit(
  _ images: Images, ridge: Double, tolerance: Double, limit: Int
) throws -> Figures.Fit {
  let targets = try Targets.classification(images.labels)
  let (n, k) = (targets.values.rowCount, targets.values.columnCount)
  let means = (0..<k).map { j in (0..<n).reduce(0.0) { $0 + targets.values[$1, j] } / Double(n) }
  var centred = targets.values
  for i in 0..<n { for j in 0..<k { centred[i, j] -= means[j] } }
  let (status, time) = try timed {
    try ConjugateGradients(
      ShiftedOperator(StoredKernel(images.kernel, images.points), shift: ridge),
      rightHandSides: centred,
      stopping: StoppingRule(tolerance: tolerance, iterationLimit: limit),
      on: Stages().execution.stage("conjugate gradients")
    ).status
  }
  return Figures.Fit(
    trainingRows: n, landmarks: 0, ridge: ridge, tolerance: tolerance, steps: status.iterations,
    residual: status.residual, fitSeconds: time, peakBytes: peakMemory)
}

func spectralError(
  _ images: Images, landmarks: Int, ridge: Double, tolerance: Double
) throws -> Figures.SpectralError {
  let kernel = try images.kernel
  let execution = Stages().execution
  let (error, time) = try timed {
    let map = try NystromFeatureMap(
      kernel, dimension: landmarks, sample: images.points, on: execution)
    return try SpectralErrorEstimate(
      features: map.images(of: images.points, on: execution.stage("features")),
      exact: KernelOperator(kernel, points: images.points), ridge: ridge,
      stopping: StoppingRule(tolerance: tolerance, iterationLimit: 40),
      on: execution.stage("Lanczos"))
  }
  return Figures.SpectralError(
    rows: error.n, columns: error.dimension, ridge: ridge, epsilon: error.epsilon,
    epsilonBound: error.epsilonBound, failureProbability: error.failureProbability,
    steps: error.status.iterations, residual: error.status.residual, seconds: time,
    peakBytes: peakMemory)
}

/// Tells on standard error when stages and iterations end.
struct Stages {
  private let clock = ContinuousClock()

  var execution: Execution {
    let start = clock.now
    return Execution(progress: { step in
      guard ["conjugate gradients", "Lanczos"].contains(step.stage) || step.completed == step.total
      else { return }
      let text = "\(step.stage) \(step.completed) of \(step.total), \(clock.now - start)\n"
      FileHandle.standardError.write(Data(text.utf8))
    })
  }
}

private func timed<Value>(_ body: () throws -> Value) rethrows -> (Value, Double) {
  let clock = ContinuousClock()
  let start = clock.now
  let value = try body()
  return (value, (clock.now - start) / .seconds(1))
}

/// The most memory that the process ever held, in bytes.
private var peakMemory: Int? {
  guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
    let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM") })
  else { return nil }
  return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }.map { $0 * 1024 }
}
