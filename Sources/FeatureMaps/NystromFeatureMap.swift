// SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
// Nyström features of any kernel.

import Kernels
import LinearAlgebra
import Validation

/// z(x) = K_xJ K_JJ^(−1/2) for landmarks J: the best that inner products of r ≤ |J| features can say
/// of the kernel by its values against the landmarks.
///
/// ZZᵀ = K_XJ K_JJ⁺ K_JX ⪯ K always: features of landmarks alone never exceed the kernel, and a point
/// far from all of them gets features near zero. Exact where points are landmarks (to the cut of the
/// factor, 10⁻⁹). Columns come by falling eigenvalue of the landmarks' matrix.
///
/// The landmarks' factor is computed in double precision. So are features of rows of single precision that are
/// so short or long that products of their entries leave it, and of all rows where on the landmarks themselves
/// single precision would move ZZᵀ by more than 10⁻⁴ of its norm: as where landmarks nearly equal each other, at
/// the cusp of a kernel. Equal bits for any number of threads; for other batches equal to rounding.
///
/// - Complexity: per row the kernel against m landmarks and 2 m r operations. Memory: 12 m (d + r)
///   bytes, and for each thread 256 m numbers.
/// - Source: Williams, Seeger, "Using the Nyström method to speed up kernel machines", NeurIPS 2000.
public struct NystromFeatureMap<ExactKernel: Kernel>: FeatureMap {
  public let kernel: ExactKernel
  /// J, in the order in which they were given.
  public let landmarks: Rows<Double>
  /// W of `NystromFactor`, m × r.
  let weights: Matrix<Double>
  /// Both again for rows of single precision.
  private let singleLandmarks: Rows<Float>
  private let singleWeights: Matrix<Float>
  /// Whether features of rows of single precision are computed in double precision.
  private(set) var needsDouble = false

  /// The map of given landmarks, however they were chosen; repeated ones do no harm.
  ///
  /// - Throws: `InvalidInput` if there are none or more than 46,000, they do not fit the kernel, hold
  ///   NaN or infinity, or the kernel is zero or overflows on all of them; `NoConvergence`;
  ///   `CancellationError`.
  /// - Complexity: the kernel of all pairs of landmarks and about 9m³ operations; memory of 5m²
  ///   numbers.
  public init<Scalar: RealScalar>(
    _ kernel: ExactKernel, landmarks: Rows<Scalar>, on execution: Execution = .allCores
  ) throws {
    try Check.dimension(
      landmarks.rowCount, "number of landmarks", upTo: SymmetricEigen<Double>.largestCount)
    let points = landmarks.converted(to: Double.self)
    let matrix = try kernel.matrix(points, on: execution.stage("kernel of the landmarks"))
    try self.init(
      kernel, points, weights: NystromFactor.weights(of: matrix, on: execution), on: execution)
  }

  /// The map of the landmarks with the given numbers among the rows of a sample, as samplers give
  /// them.
  ///
  /// - Throws: as the initialiser above; `InvalidInput` if a number is out of range.
  public init<Scalar: RealScalar>(
    _ kernel: ExactKernel, landmarkIndices indices: [Int], of sample: Rows<Scalar>,
    on execution: Execution = .allCores
  ) throws {
    for index in indices where !(0..<sample.rowCount).contains(index) {
      throw InvalidInput(
        "number of a landmark", found: "\(index)", expected: "0 to \(sample.rowCount - 1)")
    }
    try self.init(kernel, landmarks: sample.rows(at: indices), on: execution)
  }

  /// The map of up to `dimension` landmarks chosen from a sample.
  ///
  /// - Parameter ridge: λ of the leverage scores, where landmarks are chosen by these.
  /// - Throws: as the initialiser above and `Rows.landmarks`.
  public init<Scalar: RealScalar>(
    _ kernel: ExactKernel, dimension: Int, seed: UInt64 = 0, choice: LandmarkChoice = .uniform,
    ridge: Double? = nil, sample: Rows<Scalar>, on execution: Execution = .allCores
  ) throws {
    let landmarks = try sample.landmarks(
      choice, count: dimension, for: kernel, ridge: ridge, seed: seed, on: execution)
    try self.init(kernel, landmarks: landmarks, on: execution)
  }

  init(
    _ kernel: ExactKernel, _ landmarks: Rows<Double>, weights: Matrix<Double>,
    on execution: Execution
  ) throws {
    self.kernel = kernel
    self.landmarks = landmarks
    self.weights = weights
    singleLandmarks = landmarks.converted(to: Float.self)
    singleWeights = weights.converted(to: Float.self)
    let some = singleLandmarks.rows(at: spread(256, over: landmarks.rowCount))
    needsDouble = try losesPrecision(on: some, tolerance: 1e-4, execution)
  }

  public var inputDimension: Int { landmarks.columnCount }
  /// r, the numerical rank of the landmarks' kernel matrix.
  public var outputDimension: Int { weights.columnCount }
  public var blockRowCount: Int { 256 }
  /// |J|, and r where it is less.
  public var structure: String {
    counted(landmarks.rowCount, "landmark")
      + (outputDimension < landmarks.rowCount ? " of rank \(outputDimension)" : "")
  }

  public func map<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    rows.mapSafely(
      into: output, outputDimension, always: needsDouble, workspace: workspace
    ) {
      mapDirectly($0, into: $1, workspace: workspace)
    } _: {
      mapDirectly(rows, into: output, workspace: workspace)
    }
  }

  private func mapDirectly<Scalar: RealScalar>(
    _ rows: RowBlock<Scalar>, into output: RowOutput<Scalar>, workspace: Workspace
  ) {
    let (m, r) = (landmarks.rowCount, outputDimension)
    let points: Rows<Scalar> =
      switch Scalar.precision {
      case .single: singleLandmarks.converted(to: Scalar.self)
      case .double: landmarks.converted(to: Scalar.self)
      }
    let weights: Matrix<Scalar> =
      switch Scalar.precision {
      case .single: singleWeights.converted(to: Scalar.self)
      case .double: weights.converted(to: Scalar.self)
      }
    workspace.withScratch(Scalar.self, rows.rowCount * m) { values in
      do {
        let x = try rows.rows
        // So few landmarks at once that a tile of values stays in the cache.
        for start in stride(from: 0, to: m, by: 256) {
          try kernel.evaluate(
            x, points.rows(start..<min(m, start + 256)), diagonalOffset: nil,
            into: RowOutput(base: values + start, stride: m), workspace: workspace)
        }
      } catch {
        // An overflow of the kernel: the caller refuses rows that are not finite.
        values.update(repeating: .nan, count: rows.rowCount * m)
      }
      weights.withUnsafePointer { weights in
        BLAS.gemm(
          m: rows.rowCount, n: r, k: m, values, lda: m, weights, ldb: r, output.base,
          ldc: output.stride)
      }
    }
  }
}
