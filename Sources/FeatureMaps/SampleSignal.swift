// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Features of the pixels of a sample, on which the layers of a map are fitted.

import LinearAlgebra

/// Features of a sample that own their memory.
struct SampleSignal: @unchecked Sendable {
  let shape: SignalShape
  let imageCount: Int
  /// The point that layers take their directions from; none where that is the sample.
  var centres: [SampleSignal] = []
  private var storage: Matrix<Double>

  init(shape: SignalShape, imageCount: Int) {
    self.shape = shape
    self.imageCount = imageCount
    storage = Matrix(rowCount: imageCount * shape.grid.count, columnCount: shape.size)
  }

  /// Points as they are.
  init(_ points: Rows<Double>, shape: SignalShape) {
    self.init(shape: shape, imageCount: points.rowCount)
    withSignal { signal in points.withUnsafeBlock { signal.fill(from: $0) } }
  }

  /// Reads and writes the features in place.
  mutating func withSignal<Result>(
    _ body: (LayeredSignal<Double>) throws -> Result
  ) rethrows -> Result {
    let (shape, imageCount) = (shape, imageCount)
    return try storage.withUnsafeMutablePointer {
      try body(LayeredSignal(shape: shape, imageCount: imageCount, base: $0))
    }
  }

  /// Lends the features, which must not be written: others may own them, too. `withSignal` would copy them
  /// all then.
  func withReadOnlySignal<Result>(
    _ body: (LayeredSignal<Double>) throws -> Result
  ) rethrows -> Result {
    try storage.withUnsafePointer {
      try body(
        LayeredSignal(
          shape: shape, imageCount: imageCount, base: UnsafeMutablePointer(mutating: $0)))
    }
  }

  /// Those of some images, without centres.
  func images(at indices: [Int]) -> SampleSignal {
    var part = SampleSignal(shape: shape, imageCount: indices.count)
    withReadOnlySignal { from in
      part.withSignal { to in
        for (i, index) in indices.enumerated() {
          to.images(i..<i + 1).copyColumns(
            of: from.images(index..<index + 1), nngpColumn: 0, ntkColumn: 0)
        }
      }
    }
    return part
  }

  /// Copies of φ and ψ of all pixels.
  func features() -> (nngp: Matrix<Double>, ntk: Matrix<Double>) {
    withReadOnlySignal { signal in
      func copy(_ features: UnsafePointer<Double>, _ width: Int) -> Matrix<Double> {
        Matrix(rowCount: signal.pixelCount, columnCount: width) {
          $0.update(from: features, count: signal.pixelCount * width)
        }
      }
      return (copy(signal.nngp, signal.shape.nngp), copy(signal.ntk, signal.shape.ntk))
    }
  }
}

/// A sample before stages that it has still to go through: what is never looked at is never computed.
struct StagedSample {
  let signal: SampleSignal
  private(set) var stages: [LayeredStage] = []
  /// What comes out of the stages.
  private(set) var shape: SignalShape

  init(_ signal: SampleSignal) {
    self.signal = signal
    shape = signal.shape
  }

  mutating func append(_ stage: LayeredStage) {
    shape = stage.output(after: shape)
    stages.append(stage)
  }
}
